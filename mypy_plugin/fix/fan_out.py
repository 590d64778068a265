"""One value for several owners: split it, and give each a part.

Over a known number it is split before the statement; in a loop or comprehension it is split by as many parts as there
are rounds. Nothing else may look at the value from there on, since nothing is left in it: what does either gets a part
of its own, or there is no rewrite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from ..wording.message import Code
from .edits import Edit, Proposal
from .site import Site
from .sizes import rounds_of
from .source import Comprehension, Source, Statement, levels, path_of
from .usage import exclusive, handed_over, is_lent_to, later, loops_between

__all__ = ["split_between", "split_per_attempt", "split_per_round", "split_the_copies"]

_ORDINALS = ("first", "second", "third", "fourth")
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_BRANCHES = (cst.If, cst.Match, cst.For, cst.While, cst.Try, cst.TryStar)


# A known number


def split_between(site: Site) -> Iterator[Proposal]:
    """`f(b), g(b)`: `first, second = b.split_evenly(2)` before it."""
    uses = _uses(site)
    if uses is None:
        return
    source, place = site.source, site.reading.place
    block = _common_block(source, uses)
    if block is None:
        return
    statement, inner = block
    if any(_is_branch(each) for each in inner) or any(loops_between(source, use, statement) for use in uses):
        return
    rest = [
        node
        for node in later(source, place, source.scope(uses[0]), source.start(statement))
        if node not in uses and not any(exclusive(source, node, use) for use in uses)
    ]
    if any(source.stored(node) or not handed_over(source, node) for node in rest):
        return
    if any(
        loops_between(source, node, source.scope(node)) != loops_between(source, uses[0], source.scope(node))
        for node in rest
    ):
        return
    if any(not _is_in_block(source, node, statement) for node in rest):
        return
    every = sorted([*uses, *rest], key=source.start)
    names = _part_names(source, place, source.scope(uses[0]), len(every))
    what = _counted(source, every)
    title = f'split "{place}" evenly between the {len(every)} {what}'
    yield Proposal(
        title,
        _parts_given(source, place, statement, [(node, name) for node, name in zip(every, names, strict=True)], names),
    )


def split_per_attempt(site: Site) -> Iterator[Proposal]:
    """A call that is tried again in a handler: a part for the attempt, and one for the handlers."""
    uses = _uses(site)
    if uses is None:
        return
    source, place = site.source, site.reading.place
    attempt = _attempt(source, *uses)
    if attempt is None or any(loops_between(source, use, attempt) for use in uses):
        return
    statement = attempt
    occurrences = [
        node
        for node in later(source, place, source.scope(uses[0]), source.start(statement))
        if not exclusive(source, node, statement)
    ]
    given: list[tuple[cst.CSTNode, str]] = []
    names = _part_names(source, place, source.scope(uses[0]), 2)
    for node in occurrences:
        below = _child_of(source, attempt, node)
        if below is attempt.body:
            given.append((node, names[0]))
        elif below in attempt.handlers:
            given.append((node, names[1]))
        else:
            return
        if source.stored(node) or not handed_over(source, node):
            return
    if [name for _, name in given].count(names[0]) != 1 or _repeated(source, statement):
        return
    title = f'split "{place}" evenly between the two attempts'
    yield Proposal(title, _parts_given(source, place, statement, given, names))


def _uses(site: Site) -> list[cst.BaseExpression] | None:
    """The two uses that a message is about, if both hand the value over and nothing repeats them apart."""
    source, node, line = site.source, site.node, site.reading.line
    if node is None or line is None or not site.reading.splits or not handed_over(source, node):
        return None
    scope = source.scope(node)
    if _is_only_lent(site, scope):
        return None
    before = [
        each
        for each in source.occurrences(site.reading.place, scope)
        if source.start(each)[0] == line and source.start(each) < source.start(node) and handed_over(source, each)
    ]
    return [before[-1], node] if before and source.scope(before[-1]) is scope else None


def _is_only_lent(site: Site, scope: cst.CSTNode) -> bool:
    """Whether somebody else may want what is left: what moves is the function's own, what is lent may not be."""
    return site.problem.code == Code.LOAN_CONFLICT.value and is_lent_to(site.source, site.reading.place, scope)


def _common_block(source: Source, uses: Sequence[cst.CSTNode]) -> tuple[Statement, list[Statement]] | None:
    """The first statement of the innermost block that holds all uses, and the statements between it and them."""
    chains = [source.statements_around(use) for use in uses]
    for statement in chains[0]:
        block = source.parent(statement)
        tops = [next((each for each in chain if source.parent(each) is block), None) for chain in chains]
        if isinstance(block, (cst.IndentedBlock, cst.Module)) and all(tops):
            inner: list[Statement] = []
            for chain, top in zip(chains, tops, strict=True):
                assert top is not None
                inner += chain[: chain.index(top) + 1]
            first = min((top for top in tops if top is not None), key=source.start)
            return first, inner
    return None


def _is_branch(statement: Statement) -> bool:
    return isinstance(statement, _BRANCHES)


def _is_in_block(source: Source, node: cst.CSTNode, statement: Statement) -> bool:
    """Whether a node is part of a statement beside `statement`, with no branch in between."""
    chain = source.statements_around(node)
    block = source.parent(statement)
    for index, each in enumerate(chain):
        if source.parent(each) is block:
            return not any(map(_is_branch, chain[: index + 1]))
    return False


def _attempt(source: Source, first: cst.CSTNode, second: cst.CSTNode) -> cst.Try | None:
    """The `try` whose body has the first use, and one of whose handlers has the second."""
    for each in source.statements_around(first):
        if isinstance(each, cst.Try) and _child_of(source, each, first) is each.body:
            return each if _child_of(source, each, second) in each.handlers else None
    return None


def _child_of(source: Source, outer: cst.CSTNode, node: cst.CSTNode) -> cst.CSTNode | None:
    """The child of `outer` that a node is part of."""
    here: cst.CSTNode | None = node
    while here is not None:
        above = source.parent(here)
        if above is outer:
            return here
        here = above
    return None


def _repeated(source: Source, statement: cst.CSTNode) -> bool:
    return any(isinstance(each, (cst.For, cst.While)) for each in source.statements_around(statement)[1:])


def _parts_given(
    source: Source, place: str, statement: Statement, given: Sequence[tuple[cst.CSTNode, str]], names: Sequence[str]
) -> tuple[Edit, ...]:
    split = source.line_before(statement, f"{', '.join(names)} = {place}.split_evenly({len(names)})")
    return (split, *(source.replace(node, name) for node, name in given))


def _part_names(source: Source, place: str, scope: cst.CSTNode, count: int) -> list[str]:
    """`first, second`, or `budget_1, budget_2` where these mean something already, or there are many."""
    if count <= len(_ORDINALS) and all(source.is_free(name, scope) for name in _ORDINALS[:count]):
        return list(_ORDINALS[:count])
    stem = place.rpartition(".")[2]
    for infix in ("_", "_part_", "_part_of_it_"):
        names = [f"{stem}{infix}{number}" for number in range(1, count + 1)]
        if all(source.is_free(name, scope) for name in names):
            return names
    return [f"part_of_{stem}_{number}_" for number in range(1, count + 1)]


def _counted(source: Source, nodes: Sequence[cst.CSTNode]) -> str:
    return "calls" if all(isinstance(source.parent(node), cst.Arg) for node in nodes) else "owners"


# As many as there are rounds


def split_per_round(site: Site) -> Iterator[Proposal]:
    """A loop or comprehension: `for topic, part in zip(topics, b.split_evenly(len(topics)))`."""
    source, node, place = site.source, site.node, site.reading.place
    if node is None or site.reading.round is None or not site.reading.splits:
        return
    scope = source.scope(node)
    if _is_only_lent(site, scope):
        return
    repeating = [each for each in _repeating(source, node, place) if each is not scope]
    if len(repeating) != 1:
        return
    (loop,) = repeating
    if isinstance(loop, cst.For):
        yield from _in_loop(site, loop, scope)
    elif isinstance(loop, cst.CompFor):
        yield from _in_comprehension(site, loop, scope)


def _repeating(source: Source, node: cst.CSTNode, place: str) -> list[cst.CSTNode]:
    """What repeats a node, from the inside out, up to what gives the place its value each time."""
    root = place.partition(".")[0]
    scope, found, below = source.scope(node), list[cst.CSTNode](), node
    for each in source.around(node):
        if each is scope:
            break
        if isinstance(each, (cst.For, cst.While)) and below is not getattr(each, "iter", None):
            if any(source.stored(name) for name in source.occurrences(root, each)):
                break
            if below is each.body or isinstance(each, cst.While):
                found.append(each)
        elif isinstance(each, _COMPREHENSIONS):
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


def _in_loop(site: Site, loop: cst.For, scope: cst.CSTNode) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    if loop.asynchronous is not None or not isinstance(source.parent(loop), (cst.IndentedBlock, cst.Module)):
        return
    inside = source.occurrences(place, loop.body)
    in_else = source.occurrences(place, loop.orelse) if loop.orelse is not None else []
    after = _after(source, place, scope, loop, inside)
    if any(map(source.stored, inside)) or after is None or in_else or source.occurrences(place, loop.iter):
        return
    yield from _per_round(site, loop, loop, inside, after, can_hoist=True)


def _in_comprehension(site: Site, level: cst.CompFor, scope: cst.CSTNode) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    comprehension = next(each for each in source.around(level) if isinstance(each, _COMPREHENSIONS))
    if level.asynchronous is not None:
        return
    inside = [node for node in source.occurrences(place, comprehension) if _repeats(source, level, node)]
    outside = [node for node in source.occurrences(place, comprehension) if node not in inside]
    statement = source.statement(comprehension)
    if statement is None or outside:
        return
    after = _after(source, place, scope, statement, inside)
    if after is None:
        return
    yield from _per_round(site, level, statement, inside, after, can_hoist=_is_hoistable(source, comprehension, level))


def _after(
    source: Source, place: str, scope: cst.CSTNode, statement: cst.CSTNode, inside: Sequence[cst.CSTNode]
) -> list[cst.BaseExpression] | None:
    """The uses that follow a loop; None if one of them is no simple one."""
    rest = [
        node
        for node in later(source, place, scope, source.start(statement))
        if node not in inside and not exclusive(source, node, statement)
    ]
    for node in rest:
        if source.stored(node) or source.start(node) < source.end(statement) or loops_between(source, node, scope):
            return None
    return rest


def _per_round(
    site: Site,
    loop: cst.For | cst.CompFor,
    statement: Statement,
    inside: Sequence[cst.CSTNode],
    after: Sequence[cst.CSTNode],
    *,
    can_hoist: bool,
) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    rounds = rounds_of(source, loop.iter)
    if rounds is None:
        return
    stem = place.rpartition(".")[2]
    scope = source.scope(inside[0])
    part, parts, rest = (source.fresh(scope, word, f"{stem}_{word}") for word in ("part", "parts", "rest"))
    word = "loop" if isinstance(loop, cst.For) else "comprehension"
    edits = [source.replace(node, part) for node in inside]
    if after:
        if not can_hoist:
            return
        edits.append(source.line_before(statement, f"*{parts}, {rest} = {place}.split_evenly({rounds.plus_one})"))
        edits += [source.replace(node, rest) for node in after]
        title = f'split "{place}" evenly between the rounds of the {word} and what follows it'
    else:
        title = f'split "{place}" evenly between the rounds of the {word}'
        split = f"{place}.split_evenly({rounds.at_least_one})"
        if can_hoist:
            edits.append(source.line_before(statement, f"{parts} = {split}"))
        else:
            parts = split
    target, iterable = source.code(loop.target), _whole(source, loop.iter)
    if isinstance(loop.target, cst.Tuple):
        target = f"({target.removeprefix('(').removesuffix(')')})"
    edits.append(Edit(source.path, *_span(source, loop.target), f"{target}, {part}"))
    edits.append(Edit(source.path, *_span(source, loop.iter), f"zip({iterable}, {parts})"))
    yield Proposal(title, tuple(edits))


def _is_hoistable(source: Source, comprehension: Comprehension, level: cst.CompFor) -> bool:
    """Whether a statement before the comprehension's one runs exactly when its first loop would begin."""
    if source.parent(level) is not comprehension:
        return False
    for each in source.around(comprehension):
        if each is not comprehension and isinstance(
            each, (cst.Lambda, cst.IfExp, cst.BooleanOperation, *_COMPREHENSIONS)
        ):
            return False
        if isinstance(each, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            return isinstance(each, cst.SimpleStatementLine) and len(each.body) == 1
    return False


def _span(source: Source, node: cst.BaseExpression) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a node is, its own parentheses included."""
    if not node.lpar:
        return source.start(node), source.end(node)
    return source.start(node.lpar[0]), source.end(node.rpar[-1])


def _whole(source: Source, node: cst.BaseExpression) -> str:
    start, end = _span(source, node)
    return source.text[source.lines.offset(start) : source.lines.offset(end)]


# Copies in a container


def split_the_copies(site: Site) -> Iterator[Proposal]:
    """`[b] * n`: `b.split_evenly(n)`."""
    source = site.source
    if not site.reading.repeated:
        return
    for times in source.walk(source.module):
        if not isinstance(times, cst.BinaryOperation) or not isinstance(times.operator, cst.Multiply):
            continue
        display, count = times.left, times.right
        if not isinstance(display, cst.List):
            display, count = count, display
        if not isinstance(display, cst.List) or len(display.elements) != 1:
            continue
        place = path_of(display.elements[0].value)
        if place is not None and source.start(times)[0] == site.problem.line:
            title = f'split "{place}" evenly between the elements of the list'
            yield Proposal(title, (source.replace(times, f"{place}.split_evenly({source.code(count)})"),))
