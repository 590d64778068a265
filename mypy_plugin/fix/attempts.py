"""One value for as many turns as a `while` loop, or loops in each other, make at most: split it, and each takes a part.

That a `while` loop has an end has to show in the text: a variable is counted up to a limit, or down to none, on every
way back to the beginning of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

import libcst as cst

from .edits import Proposal
from .rounds import repeating, uses_after
from .site import Site
from .sizes import Rounds, live, many, number_of, product, rounds_of
from .source import COMPREHENSIONS, Source, names_in, path_of, stem_of
from .usage import always_evaluated, handed_over, in_every_round, loops_between, may_grow

__all__ = ["split_per_turn"]

_LEAVES = (cst.Return, cst.Raise, cst.Break)


def split_per_turn(site: Site) -> Iterator[Proposal]:
    """`while attempt < 3: ask(b)`: `parts = b.split_evenly(3)` before it, and `ask(parts.pop())`."""
    source, node, place = site.source, site.node, site.reading.place
    if node is None or site.reading.round is None or not site.reading.splits or not handed_over(source, node):
        return
    loops = repeating(source, node, place)
    if not loops or not isinstance(outermost := loops[-1], (cst.For, cst.While)):
        return
    inside = source.occurrences(place, outermost)
    if inside != [node] or source.statement(outermost) is not outermost or not _in_every_turn(source, node, loops):
        return
    stem, scope = stem_of(place), source.scope(node)
    count, parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("count", "parts", "rest"))
    lines: list[str] = []
    if isinstance(outermost, cst.While):
        rounds, what = _attempts(source, outermost) if len(loops) == 1 else None, "attempts"
    else:
        rounds, what = _of_all(source, loops[::-1]), "rounds of the loops"
        if rounds is not None and rounds.code.startswith("sum("):
            lines.append(f"{count} = {rounds.code}")
            rounds = Rounds(count, count)
    after = uses_after(source, place, scope, outermost, inside)
    if rounds is None or after is None:
        return
    title = f'split "{place}" evenly between the {what}'
    if after:
        title += " and what follows them"
    written = source.as_written(place)
    yield Proposal(
        title,
        (
            source.lines_before(outermost, *lines, rounds.split(written, parts, rest if after else None)),
            source.replace(node, f"{parts}.pop()"),
            *(source.replace(each, rest) for each in after),
        ),
        empties=written,
    )


def _in_every_turn(source: Source, node: cst.BaseExpression, loops: Sequence[cst.CSTNode]) -> bool:
    """Whether each turn of the loops around an expression, from the inside out, evaluates it once."""
    for loop in loops:
        if isinstance(loop, (cst.For, cst.While)):
            if loop.orelse is not None or loops_between(source, node, loop):
                return False
            if not in_every_round(source, [node], loop.body) or not always_evaluated(source, node, loop.body):
                return False
            node = loop.iter if isinstance(loop, cst.For) else loop.test
        elif isinstance(loop, cst.CompFor):
            whole = source.parent(loop)
            if not isinstance(whole, COMPREHENSIONS) or loop.ifs or loop.inner_for_in is not None:
                return False
            if not always_evaluated(source, node, whole):
                return False
            node = whole
    return True


def _of_all(source: Source, loops: Sequence[cst.CSTNode]) -> Rounds | None:
    """How many rounds loops in each other have together, from the outside in."""
    counted: list[Rounds | None] = []
    bound: set[str] = set()
    levels: list[str] = []
    depends = False
    for loop in loops:
        if not isinstance(loop, (cst.For, cst.CompFor)) or loop.asynchronous is not None:
            return None
        given = _given_in(source, loop.iter, loops[0])
        if not given <= bound or any(may_grow(source, path, loops[0]) for path in live(source, loop.iter)):
            return None
        depends |= bool(given)
        counted.append(rounds_of(source, loop.iter))
        # What gets another value below may not have the one that it had.
        bound |= {name for name in names_in(loop.target) if len(_stores(source, name, loops[0])) == 1}
        levels.append(f"for {source.whole(loop.target)} in {source.whole(loop.iter)}")
    rounds, last = product(counted), counted[-1]
    if rounds is None or last is None or not depends:
        return rounds
    code = f"sum({last.known or last.least or last.code} {' '.join(levels[:-1])})"
    return Rounds(code, code) if "\n" not in code else None


def _given_in(source: Source, expression: cst.BaseExpression, whole: cst.CSTNode) -> set[str]:
    """The variables of an expression that are given a value in the statement around it."""
    names = {each.value for each in source.walk(expression) if isinstance(each, cst.Name)}
    return {name for name in names if _stores(source, name, whole)}


def _stores(source: Source, name: str, whole: cst.CSTNode) -> list[cst.BaseExpression]:
    return [each for each in source.occurrences(name, whole) if source.stored(each)]


def _attempts(source: Source, loop: cst.While) -> Rounds | None:
    """How many rounds `while done < limit` has at most, or `while left > 0`, or `while True` with a way out."""
    test = loop.test
    if path_of(test) == "True":
        return _until_given_up(source, loop)
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not isinstance(test.left, cst.Name):
        return None
    name, operator, limit = test.left.value, test.comparisons[0].operator, test.comparisons[0].comparator
    scope = source.scope(loop)
    stores = [each for each in source.occurrences(name, scope) if source.stored(each)]
    if not source.binds(scope, name) or any(source.scope(each) is not scope for each in stores):
        return None
    steps = [step for each in stores if loop in source.around(each) and (step := source.parent(each)) is not None]
    kinds = {type(step.operator) if _is_by_one(step) else None for step in steps}
    if not steps or _uncounted(steps, loop.body.body) != (False, False):
        return None
    if kinds == {cst.SubtractAssign} and isinstance(operator, cst.GreaterThan) and number_of(limit) == 0:
        return Rounds(name, f"{name} > 0", least=f"max({name}, 0)")
    if kinds != {cst.AddAssign} or not isinstance(operator, cst.LessThan) or not _stays(source, limit, loop):
        return None
    code = source.code(limit)
    if _begins_at_zero(source, loop, name):
        return many(source, limit)
    return Rounds(f"{code} - {name}", f"{code} > {name}", least=f"max({code} - {name}, 0)")


def _until_given_up(source: Source, loop: cst.While) -> Rounds | None:
    """How many rounds a loop has in which `done += 1`, and then `if done >= limit: raise`, is on every way back."""
    steps = [each for each in source.walk(loop.body) if _is_by_one(each) and isinstance(each.operator, cst.AddAssign)]
    name = path_of(steps[0].target) if steps else None
    scope = source.scope(loop)
    if name is None or not source.binds(scope, name) or not _begins_at_zero(source, loop, name):
        return None
    if len(_stores(source, name, scope)) != len(steps) + 1 or any(path_of(each.target) != name for each in steps):
        return None
    ifs = [each for each in source.walk(loop.body) if isinstance(each, cst.If)]
    guards = {each: limit for each in ifs if (limit := _limit_of(each, name)) is not None}
    limits = {source.code(limit): limit for limit in guards.values()}
    if len(limits) != 1 or not all(_comes_after_one(source, each, steps, loop) for each in guards):
        return None
    limit = next(iter(limits.values()))
    if _uncounted([*guards], loop.body.body) != (False, False) or not _stays(source, limit, loop):
        return None
    known = number_of(limit)
    # It goes round once before anybody asks.
    return Rounds(f"max({source.code(limit)}, 1)") if known is None else Rounds("", known=max(known, 1))


def _limit_of(guard: cst.If, name: str) -> cst.BaseExpression | None:
    """The limit of `if name >= limit:`, where that leaves the loop."""
    test, last = guard.test, guard.body.body[-1]
    last = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not isinstance(last, _LEAVES):
        return None
    is_asked = path_of(test.left) == name and isinstance(test.comparisons[0].operator, cst.GreaterThanEqual)
    return test.comparisons[0].comparator if is_asked and guard.orelse is None else None


def _comes_after_one(source: Source, guard: cst.If, steps: Sequence[cst.CSTNode], loop: cst.While) -> bool:
    """Whether a round surely counts before it comes to a statement: further up in a block around that."""
    for each in source.statements_around(guard):
        if each is loop:
            break
        block = source.parent(each)
        before = block.body[: block.body.index(each)] if isinstance(block, cst.IndentedBlock) else ()
        if any(source.parent(step) in before for step in steps):
            return True
    return False


def _is_by_one(step: cst.CSTNode) -> TypeGuard[cst.AugAssign]:
    """Whether a statement is `name += 1`, or `-= 1`."""
    return isinstance(step, cst.AugAssign) and number_of(step.value) == 1


def _stays(source: Source, limit: cst.BaseExpression, loop: cst.While) -> bool:
    """Whether a limit is a number, a variable that gets no other value in a loop, or a field that is given one once."""
    if isinstance(limit, cst.Attribute) and path_of(limit) is not None:
        scopes = [source.scope(each) for each in source.attributes(limit.attr.value) if source.stored(each)]
        return all(isinstance(each, cst.FunctionDef) and each.name.value == "__init__" for each in scopes)
    return number_of(limit) is not None or (
        isinstance(limit, cst.Name) and not any(map(source.stored, source.occurrences(limit.value, loop)))
    )


def _begins_at_zero(source: Source, loop: cst.While, name: str) -> bool:
    """Whether the statements right before a loop begin with `name = 0`."""
    block = source.parent(loop)
    body = list(block.body) if isinstance(block, (cst.IndentedBlock, cst.Module)) else []
    for before in reversed(body[: body.index(loop)]):
        assign = before.body[0] if isinstance(before, cst.SimpleStatementLine) and len(before.body) == 1 else None
        if not isinstance(assign, (cst.Assign, cst.AnnAssign)):
            return False
        if any(map(source.stored, source.occurrences(name, assign))):
            return isinstance(assign, cst.Assign) and source.code(assign) == f"{name} = 0"
    return False


def _uncounted(steps: Sequence[cst.CSTNode], body: Sequence[cst.CSTNode]) -> tuple[bool, bool]:
    """Whether statements may come to their end, or to a `continue`, without one of the steps."""
    falls, continues = True, False
    for each in body:
        if not falls:
            break
        falls, again = _uncounted_in(steps, each)
        continues |= again
    return falls, continues


def _uncounted_in(steps: Sequence[cst.CSTNode], statement: cst.CSTNode) -> tuple[bool, bool]:
    if isinstance(statement, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        return _uncounted(steps, statement.body)
    if isinstance(statement, cst.Continue):
        return False, True
    if isinstance(statement, _LEAVES) or any(statement is step for step in steps):
        return False, False
    if isinstance(statement, cst.Else):
        return _uncounted(steps, statement.body.body)
    if isinstance(statement, cst.If):
        other = _uncounted(steps, [statement.orelse] if statement.orelse is not None else [])
        return _either(_uncounted(steps, statement.body.body), other)
    if isinstance(statement, cst.Try):
        begun = [*statement.body.body, *(statement.orelse.body.body if statement.orelse is not None else ())]
        last = statement.finalbody
        ways = [_uncounted(steps, each.body.body) for each in statement.handlers]
        found = _either(_uncounted(steps, begun), *ways)
        ended = _uncounted(steps, last.body.body) if last is not None else (True, False)
        return found[0] and ended[0], (found[1] and ended[0]) or ended[1]
    # What is in another block may not run to its end.
    return True, _has_continue(statement)


def _has_continue(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Continue) or any(map(_has_continue, node.children))


def _either(*ways: tuple[bool, bool]) -> tuple[bool, bool]:
    return any(falls for falls, _ in ways), any(continues for _, continues in ways)
