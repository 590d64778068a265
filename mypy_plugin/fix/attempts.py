"""One value for as many attempts as a `while` loop makes at most: split it, and let each attempt take a part.

That there is an end to the attempts has to show in the text: a variable is counted up to a limit, or down to none, on
every way back to the beginning of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

import libcst as cst

from .edits import Proposal
from .rounds import repeating, uses_after
from .site import Site
from .sizes import Rounds, many, number_of
from .source import Source, path_of, stem_of
from .usage import always_evaluated, handed_over, in_every_round, loops_between

__all__ = ["split_per_turn"]

_LEAVES = (cst.Return, cst.Raise, cst.Break)


def split_per_turn(site: Site) -> Iterator[Proposal]:
    """`while attempt < 3: ask(b)`: `parts = b.split_evenly(3)` before it, and `ask(parts.pop())`."""
    source, node, place = site.source, site.node, site.reading.place
    if node is None or site.reading.round is None or not site.reading.splits or not handed_over(source, node):
        return
    loops = repeating(source, node, place)
    if len(loops) != 1 or not isinstance(loop := loops[0], cst.While) or loop.orelse is not None:
        return
    inside = source.occurrences(place, loop)
    if inside != [node] or loops_between(source, node, loop) or source.statement(loop) is not loop:
        return
    if not in_every_round(source, inside, loop.body) or not always_evaluated(source, node, loop.body):
        return
    rounds = _attempts(source, loop)
    after = uses_after(source, place, source.scope(node), loop, inside)
    if rounds is None or after is None:
        return
    stem, scope = stem_of(place), source.scope(node)
    parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("parts", "rest"))
    title = f'split "{place}" evenly between the attempts'
    if after:
        title += " and what follows them"
    written = source.as_written(place)
    yield Proposal(
        title,
        (
            source.lines_before(loop, rounds.split(written, parts, rest if after else None)),
            source.replace(node, f"{parts}.pop()"),
            *(source.replace(each, rest) for each in after),
        ),
        empties=written,
    )


def _attempts(source: Source, loop: cst.While) -> Rounds | None:
    """How many rounds `while done < limit` has at most, or `while left > 0`."""
    test = loop.test
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
