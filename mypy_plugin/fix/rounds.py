"""One value for as many owners as a loop or comprehension has rounds: split it, and give each round a part.

Each round has to use its part: what is in the part of one that is skipped would be lost. Where a comprehension has
conditions, it is split by as many rounds as meet them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from .edits import Edit, Proposal
from .site import Site
from .sizes import Rounds, live, rounds_of
from .source import (
    COMPREHENSIONS,
    Comprehension,
    Position,
    Source,
    Statement,
    levels,
    names_in,
    path_of,
    root_of,
    stem_of,
)
from .usage import (
    LOOKS,
    always_evaluated,
    exclusive,
    in_every_round,
    is_merged,
    later,
    looks,
    loops_between,
    may_grow,
)

__all__ = [
    "Plan",
    "can_come_before",
    "is_evaluated_first",
    "on_one_line",
    "plan_of",
    "repeating",
    "split_and_keep",
    "split_per_round",
    "uses_after",
]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a value is split between the rounds of a loop, whatever becomes of what follows it.

    Attributes:
        loop: what has a part for each of its rounds.
        statement: where it stands.
        inside: the uses of the value in it.
        can_hoist: whether a statement before `statement` runs exactly when the loop would begin.
        conditions: how many of its conditions are asked before it, so that only rounds that meet them get a part.
    """

    loop: cst.For | cst.CompFor
    statement: Statement
    inside: Sequence[cst.BaseExpression]
    can_hoist: bool
    conditions: int = 0


def split_per_round(site: Site) -> Iterator[Proposal]:
    """A loop or comprehension: `for topic, part in zip(topics, b.split_evenly(len(topics)))`."""
    plan = plan_of(site)
    if site.node is None or plan is None:
        yield from _per_pair(site)
        return
    scope = site.source.scope(site.node)
    after = uses_after(site.source, site.reading.place, scope, plan.statement, plan.inside)
    if after is not None:
        yield from _per_round(site, plan, after)


def split_and_keep(site: Site, plan: Plan, statement: Statement) -> Iterator[tuple[Proposal, str, str]]:
    """The same, split before `statement`, with the names of a part and of all: something is to be done with them."""
    if plan.can_hoist:
        part, parts, _ = _names(site.source, site.reading.place, site.source.scope(plan.inside[0]))
        for each in _per_round(site, replace(plan, statement=statement), (), has_name=True):
            yield each, part, parts


def plan_of(site: Site, *, again: bool = False) -> Plan | None:
    """How the value that a message is about can be split between the rounds that would all use it.

    `again`: whether it is whole again when the loop is over, so that a loop around this one may come back to it.
    """
    source, node, place = site.source, site.node, site.reading.place
    if node is None or site.reading.round is None or not site.reading.splits:
        return None
    found = [each for each in repeating(source, node, place) if each is not source.scope(node)]
    if not found or (len(found) > 1 and not again):
        return None
    loop = found[0]
    if isinstance(loop, cst.For):
        return _of_loop(source, place, loop)
    return _of_comprehension(source, place, loop) if isinstance(loop, cst.CompFor) else None


def repeating(source: Source, node: cst.CSTNode, place: str) -> list[cst.CSTNode]:
    """What repeats a node in its function, from the inside out, up to what gives the place its value each time."""
    root = root_of(place)
    scope, found, below = source.scope(node), list[cst.CSTNode](), node
    for each in source.around(node):
        if each is scope:
            break
        if isinstance(each, (cst.For, cst.While)) and below is not getattr(each, "iter", None):
            if any(source.stored(name) for name in source.occurrences(root, each)):
                break
            if below is each.body or isinstance(each, cst.While):
                found.append(each)
        elif isinstance(each, COMPREHENSIONS):
            for level in reversed(levels(each)):
                if any(source.stored(name) for name in source.occurrences(root, level.target)):
                    return found
                if _repeats(source, level, node):
                    found.append(level)
        below = each
    return found


def _repeats(source: Source, level: cst.CompFor, node: cst.CSTNode) -> bool:
    """Whether a loop of a comprehension evaluates a node once per round: all but its own and outer iterables."""
    around = list(source.around(node))
    if any(each is level.iter for each in around):
        return False
    outer = source.parent(level)
    while isinstance(outer, cst.CompFor):
        if any(each is outer.iter or each in outer.ifs for each in around):
            return False
        outer = source.parent(outer)
    return True


def _of_loop(source: Source, place: str, loop: cst.For) -> Plan | None:
    if loop.asynchronous is not None or not isinstance(source.parent(loop), (cst.IndentedBlock, cst.Module)):
        return None
    inside = source.occurrences(place, loop.body)
    in_else = source.occurrences(place, loop.orelse) if loop.orelse is not None else []
    if any(map(source.stored, inside)) or in_else or source.occurrences(place, loop.iter):
        return None
    if any(may_grow(source, path, loop.body) for path in live(source, loop.iter)):
        return None
    return Plan(loop, loop, inside, can_hoist=True) if in_every_round(source, inside, loop.body) else None


def _of_comprehension(source: Source, place: str, level: cst.CompFor) -> Plan | None:
    comprehension = next(each for each in source.around(level) if isinstance(each, COMPREHENSIONS))
    if level.asynchronous is not None:
        return None
    inside = [node for node in source.occurrences(place, comprehension) if _repeats(source, level, node)]
    outside = [node for node in source.occurrences(place, comprehension) if node not in inside]
    statement = source.statement(comprehension)
    surely = [node for node in inside if always_evaluated(source, node, comprehension, *levels(comprehension))]
    if statement is None or outside or not surely:
        return None
    if any(may_grow(source, path, _evaluated(comprehension)) for path in live(source, level.iter)):
        return None
    first = min(_conditions_before(source, level, node) for node in surely)
    can_hoist = _is_hoistable(source, comprehension, level)
    if not first:
        return Plan(level, statement, inside, can_hoist)
    if can_hoist and _may_come_first(source, level, first):
        return Plan(level, statement, inside, can_hoist, conditions=first)
    return None


def _evaluated(comprehension: Comprehension) -> cst.BaseExpression:
    """What a comprehension evaluates in each round."""
    return comprehension.value if isinstance(comprehension, cst.DictComp) else comprehension.elt


def _conditions_before(source: Source, level: cst.CompFor, node: cst.CSTNode) -> int:
    """How many conditions of a comprehension's loop a round has met when it evaluates a node."""
    around = list(source.around(node))
    for number, condition in enumerate(level.ifs):
        if any(each is condition for each in around):
            return number
    return len(level.ifs)


def _may_come_first(source: Source, level: cst.CompFor, conditions: int) -> bool:
    """Whether conditions can all be asked before the first round: they look at its variables, and at nothing else."""
    if on_one_line(_with_conditions(source, level, conditions)) is None:
        return False
    own = names_in(level.target)
    for node in (node for condition in level.ifs[:conditions] for node in source.walk(condition.test)):
        if isinstance(node, (cst.Await, cst.Yield, cst.NamedExpr, cst.Subscript, cst.Lambda, *COMPREHENSIONS)):
            return False
        if isinstance(node, cst.Call) and path_of(node.func) not in LOOKS - {"print"}:
            return False
        if isinstance(node, cst.Attribute) and (path_of(node) or "").partition(".")[0] not in own:
            return False
    return True


def _with_conditions(source: Source, level: cst.CompFor, conditions: int) -> str:
    """A loop of a comprehension with the first of its conditions, as it is written."""
    return _written(source, level, source.end(level.ifs[conditions - 1]))


def _written(source: Source, level: cst.CompFor, end: Position) -> str:
    """A loop of a comprehension as it is written up to a place; a comment above it is not of it."""
    code = source.text[source.lines.offset(source.start(level)) : source.lines.offset(end)].strip()
    while code.startswith("#"):
        code = code.partition(source.lines.newline)[2].lstrip()
    return code


def on_one_line(code: str) -> str | None:
    """The same without its line ends; None where that might lose a comment, or change a string."""
    if len(code.splitlines()) == 1:
        return code
    return None if any(mark in code for mark in "#'\"\\") else " ".join(code.split())


def uses_after(
    source: Source, place: str, scope: cst.CSTNode, statement: cst.CSTNode, inside: Sequence[cst.CSTNode]
) -> list[cst.BaseExpression] | None:
    """The uses that follow a loop; None if one of them is no simple one."""
    rest = [
        node
        for node in later(source, place, scope, source.start(statement))
        if node not in inside and not exclusive(source, node, statement)
    ]
    if rest and all(looks(source, node) for node in rest):
        # There is nothing to be done with another part.
        return None
    for node in rest:
        if source.stored(node) or source.start(node) < source.end(statement) or loops_between(source, node, scope):
            return None
    return None if any(is_merged(source, node) for node in (*inside, *rest)) else rest


def _names(source: Source, place: str, scope: cst.CSTNode) -> tuple[str, str, str]:
    """What a part is called, and all of them, and what is left for what follows."""
    stem = stem_of(place)
    part, parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("part", "parts", "rest"))
    return part, parts, rest


def _per_round(site: Site, plan: Plan, after: Sequence[cst.CSTNode], *, has_name: bool = False) -> Iterator[Proposal]:
    """`has_name`: whether the parts are to have one, though the loop alone would not need it."""
    source, place = site.source, site.reading.place
    loop, inside, conditions = plan.loop, plan.inside, plan.conditions
    stem, written = stem_of(place), source.as_written(place)
    scope = source.scope(inside[0])
    part, parts, rest = _names(source, place, scope)
    target, iterable, end = source.code(loop.target), source.whole(loop.iter), source.span(loop.iter)[1]
    if isinstance(loop.target, cst.Tuple):
        target = f"({target.removeprefix('(').removesuffix(')')})"
    lines: list[str] = []
    rounds = rounds_of(source, loop.iter)
    if rounds is None:
        evaluated = _evaluated_once(source, plan)
        if evaluated is None:
            return
        items, code = source.fresh(scope, "items", f"{stem}_items"), source.whole(evaluated)
        lines.append(f"{items} = {code}")
        rounds, iterable = Rounds(f"len({items})", items), items.join(iterable.rsplit(code, 1))
    if conditions and isinstance(loop, cst.CompFor):
        chosen = source.fresh(scope, "chosen", f"{stem}_chosen")
        end = source.end(loop.ifs[conditions - 1])
        asked = on_one_line(_with_conditions(source, loop, conditions))
        lines.append(f"{chosen} = [{target} {asked}]")
        rounds, iterable = Rounds(f"len({chosen})", chosen), chosen
    word = "loop" if isinstance(loop, cst.For) else "comprehension"
    edits = [source.replace(node, part) for node in inside]
    title = f'split "{place}" evenly between the rounds of the {word}'
    is_counted = not conditions and _only_counts(source, loop) and (rounds.known is not None or bool(after))
    if after:
        if not plan.can_hoist:
            return
        lines.append(rounds.split(written, parts, rest))
        edits += [source.replace(node, rest) for node in after]
        title += " and what follows it"
    elif plan.can_hoist and (has_name or not is_counted):
        lines.append(rounds.split(written, parts, None))
    else:
        parts = rounds.parts(written)
    if lines:
        edits.append(source.lines_before(plan.statement, *lines))
    if is_counted:
        # There is one part for each round, and nothing else to go over.
        edits.append(Edit(source.path, *source.span(loop.target), part))
        edits.append(Edit(source.path, *source.span(loop.iter), parts))
    elif not conditions and (last := _last_of_zip(source, loop)) is not None:
        edits.append(source.insert(source.end(loop.target), f", {part}"))
        edits.append(source.one_more(source.span(last.value)[1], parts))
    else:
        edits.append(Edit(source.path, *source.span(loop.target), f"{target}, {part}"))
        edits.append(Edit(source.path, source.span(loop.iter)[0], end, f"zip({iterable}, {parts})"))
    yield Proposal(title, tuple(edits), empties=written)


def _per_pair(site: Site) -> Iterator[Proposal]:
    """A comprehension of several loops: what they go over together is counted before it."""
    source, node, place = site.source, site.node, site.reading.place
    if node is None or site.reading.round is None or not site.reading.splits:
        return
    whole = next((each for each in source.around(node) if isinstance(each, COMPREHENSIONS)), None)
    statement = source.statement(node)
    if whole is None or statement is None or repeating(source, node, place) != levels(whole)[::-1]:
        return
    loops, inside, evaluated = levels(whole), source.occurrences(place, whole), _evaluated(whole)
    code = on_one_line(_written(source, loops[0], source.end(loops[-1])))
    if (
        code is None
        or not can_come_before(source, whole)
        or not all(_can_be_counted(source, each, evaluated) for each in loops)
    ):
        return
    if any(all(each is not evaluated for each in source.around(use)) for use in inside):
        return
    after = uses_after(source, place, source.scope(node), statement, inside)
    if after is None or not any(always_evaluated(source, use, evaluated) for use in inside):
        return
    scope, stem, written = source.scope(node), stem_of(place), source.as_written(place)
    part, parts, rest = _names(source, place, scope)
    chosen, targets = (
        source.fresh(scope, "chosen", f"{stem}_chosen"),
        ", ".join(source.whole(each.target) for each in loops),
    )
    rounds = Rounds(f"len({chosen})", chosen)
    title = f'split "{place}" evenly between the rounds of the comprehension'
    yield Proposal(
        f"{title} and what follows it" if after else title,
        (
            source.lines_before(
                statement, f"{chosen} = [({targets}) {code}]", rounds.split(written, parts, rest if after else None)
            ),
            Edit(
                source.path,
                source.span(loops[0].target)[0],
                source.end(loops[-1]),
                f"({targets}), {part} in zip({chosen}, {parts})",
            ),
            *(source.replace(each, part) for each in inside),
            *(source.replace(each, rest) for each in after),
        ),
        empties=written,
    )


def _can_be_counted(source: Source, level: cst.CompFor, evaluated: cst.BaseExpression) -> bool:
    """Whether a loop of a comprehension goes over the same if nothing is evaluated in its rounds."""
    if (
        level.asynchronous is not None
        or rounds_of(source, level.iter) is None
        or not isinstance(level.target, cst.Name)
    ):
        return False
    if level.ifs and not _may_come_first(source, level, len(level.ifs)):
        return False
    return not any(may_grow(source, path, evaluated) for path in live(source, level.iter))


def _evaluated_once(source: Source, plan: Plan) -> cst.BaseExpression | None:
    """What a loop goes over that can be given a name before it, for it has to be evaluated to be counted."""
    if not plan.can_hoist or plan.conditions or source.statement(plan.loop) is not plan.statement:
        return None
    above = source.parent(plan.loop)
    if isinstance(above, COMPREHENSIONS) and not is_evaluated_first(source, above):
        return None
    found = plan.loop.iter
    while isinstance(found, cst.Call) and path_of(found.func) in {"enumerate", "reversed"} and found.args:
        found = found.args[0].value
    return found if isinstance(found, (cst.Await, cst.BinaryOperation, cst.Call, cst.IfExp)) else None


def is_evaluated_first(source: Source, node: cst.BaseExpression) -> bool:
    """Whether a statement calls nothing, and waits for nothing, before it evaluates an expression."""
    statement, begin = source.statement(node), source.start(node)
    return statement is not None and not any(
        isinstance(each, (cst.Await, cst.Call, cst.NamedExpr, cst.Yield)) and source.end(each) <= begin
        for each in source.walk(statement)
    )


def _last_of_zip(source: Source, loop: cst.For | cst.CompFor) -> cst.Arg | None:
    """The last of what `for a, b in zip(x, y)` goes over, if it may go over one more thing."""
    target, call = loop.target, loop.iter
    if not isinstance(target, cst.Tuple) or not isinstance(call, cst.Call) or path_of(call.func) != "zip":
        return None
    if target.lpar or call.lpar or source.code(target).endswith(","):
        return None
    if any(isinstance(each, cst.StarredElement) for each in target.elements) or len(call.args) != len(target.elements):
        return None
    return None if any(each.keyword or each.star for each in call.args) else call.args[-1]


def _only_counts(source: Source, loop: cst.For | cst.CompFor) -> bool:
    """Whether a loop is `for _ in range(...)`, and nobody reads the `_`."""
    if not isinstance(loop.target, cst.Name) or loop.target.value != "_" or not isinstance(loop.iter, cst.Call):
        return False
    reach = next((each for each in source.around(loop) if isinstance(each, COMPREHENSIONS)), source.scope(loop))
    return path_of(loop.iter.func) == "range" and all(map(source.stored, source.occurrences("_", reach)))


def _is_hoistable(source: Source, comprehension: Comprehension, level: cst.CompFor) -> bool:
    """Whether a statement before the comprehension's one runs exactly when its first loop would begin."""
    return source.parent(level) is comprehension and can_come_before(source, comprehension)


def can_come_before(source: Source, node: cst.CSTNode) -> bool:
    """Whether a statement before the one of an expression runs exactly when the expression is evaluated."""
    for each in source.around(node):
        if each is not node and isinstance(each, (cst.Lambda, cst.IfExp, cst.BooleanOperation, *COMPREHENSIONS)):
            return False
        if isinstance(each, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            return isinstance(each, cst.SimpleStatementLine) and len(each.body) == 1
    return False
