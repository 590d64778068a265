"""One value for a known number of owners: split it, and give each a part.

Nothing else may look at the value from there on, since nothing is left in it: what does either gets a part of its own,
or there is no rewrite. Nor is there one for a part that may not be used, for what is in it would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from .edits import Edit, Proposal
from .site import Site
from .sizes import many
from .source import Source, Statement, path_of, place_of, stem_of
from .usage import always_evaluated, exclusive, handed_over, later, loops_between

__all__ = [
    "common_block",
    "is_branch",
    "part_names",
    "parts_given",
    "split_between",
    "split_between_names",
    "split_per_attempt",
    "split_the_copies",
    "two_uses",
]

_ORDINALS = ("first", "second", "third", "fourth")
_TAKES_ANY = (cst.AnnAssign, cst.Arg, cst.Assign, cst.AugAssign, cst.DictElement, cst.Element, cst.Return)
"""Where a conditional expression needs no parentheses."""
_BRANCHES = (cst.If, cst.Match, cst.For, cst.While, cst.Try, cst.TryStar)


# A known number


def split_between(site: Site) -> Iterator[Proposal]:
    """`f(b), g(b)`: `first, second = b.split_evenly(2)` before it."""
    uses = two_uses(site)
    if uses is None:
        return
    source, place = site.source, site.reading.place
    block = common_block(source, uses)
    if block is None:
        return
    rest = _uses_after(source, place, uses, block[0])
    if any(not _is_in_block(source, node, block[0]) for node in rest):
        # What follows stands outside of a `with` that holds them.
        block = common_block(source, [*uses, *rest])
        if block is None:
            return
        rest = _uses_after(source, place, uses, block[0])
    statement, inner = block
    whole = source.parent(statement)
    if whole is None or any(map(is_branch, inner)) or any(loops_between(source, use, whole) for use in uses):
        return
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
    if not all(always_evaluated(source, node, *source.statements_around(node)) for node in every):
        return
    names = part_names(source, place, source.scope(uses[0]), len(every))
    what = _counted(source, every)
    title = f'split "{place}" evenly between the {len(every)} {what}'
    yield Proposal(
        title,
        parts_given(source, place, statement, list(zip(every, names, strict=True)), names),
        empties=source.as_written(place),
    )


def _uses_after(
    source: Source, place: str, uses: Sequence[cst.BaseExpression], statement: Statement
) -> list[cst.BaseExpression]:
    """The other occurrences from a statement on, in what runs together with the uses."""
    return [
        node
        for node in later(source, place, source.scope(uses[0]), source.start(statement))
        if node not in uses and not any(exclusive(source, node, use) for use in uses)
    ]


def split_between_names(site: Site) -> Iterator[Proposal]:
    """`x = y = b`, `x, y = b, b`: `x, y = b.split_evenly(2)`."""
    source, place = site.source, site.reading.place
    if not site.reading.splits:
        return
    for assign in source.all(cst.Assign):
        if source.start(assign)[0] != site.error.line:
            continue
        value, targets = assign.value, [each.target for each in assign.targets]
        names = [source.code(target) for target in targets]
        begin = source.start(assign.targets[0])
        if len(targets) == 1 and isinstance(targets[0], cst.Tuple) and isinstance(value, cst.Tuple):
            names = [source.code(each.value) for each in targets[0].elements]
            values = [place_of(each.value) for each in value.elements]
            if len(names) != len(values) or len(values) < 2 or set(values) != {place}:
                continue
            if any(isinstance(each, cst.StarredElement) for each in (*targets[0].elements, *value.elements)):
                continue
            edit = source.replace(value, f"{source.as_written(place)}.split_evenly({len(names)})")
        elif len(targets) > 1 and all(map(path_of, targets)) and not value.lpar:
            # A message spells a call in its own way.
            if place_of(value) != place and not (isinstance(value, cst.Call) and place.endswith(")")):
                continue
            text = f"{', '.join(names)} = {source.code(value)}.split_evenly({len(names)})"
            edit = Edit(source.path, begin, source.end(value), text)
        else:
            continue
        yield Proposal(
            f'split "{place}" evenly between the {len(names)} names', (edit,), empties=source.as_written(place)
        )


def split_per_attempt(site: Site) -> Iterator[Proposal]:
    """A call that is tried again in a handler: a part for the attempt, and one for the handlers."""
    uses = two_uses(site)
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
    names = part_names(source, place, source.scope(uses[0]), 2)
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
    if [name for _, name in given].count(names[0]) != 1:
        return
    title = f'split "{place}" evenly between the two attempts'
    yield Proposal(title, parts_given(source, place, statement, given, names), empties=source.as_written(place))


def two_uses(site: Site) -> list[cst.BaseExpression] | None:
    """The two uses that a message is about, if both hand the value over and nothing repeats them apart."""
    source, node, line = site.source, site.node, site.reading.line
    if node is None or line is None or not site.reading.splits or not handed_over(source, node):
        return None
    scope = source.scope(node)
    before = [
        each
        for each in source.occurrences(site.reading.place, scope)
        if source.start(each)[0] == line and source.start(each) < source.start(node) and handed_over(source, each)
    ]
    return [before[-1], node] if before and source.scope(before[-1]) is scope else None


def common_block(source: Source, uses: Sequence[cst.CSTNode]) -> tuple[Statement, list[Statement]] | None:
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


def is_branch(statement: Statement) -> bool:
    return isinstance(statement, _BRANCHES)


def _is_in_block(source: Source, node: cst.CSTNode, statement: Statement) -> bool:
    """Whether a node is part of a statement beside `statement`, with no branch in between."""
    chain = source.statements_around(node)
    block = source.parent(statement)
    for index, each in enumerate(chain):
        if source.parent(each) is block:
            return not any(map(is_branch, chain[: index + 1]))
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


def parts_given(
    source: Source, place: str, statement: Statement, given: Sequence[tuple[cst.CSTNode, str]], names: Sequence[str]
) -> tuple[Edit, ...]:
    split = source.lines_before(
        statement, f"{', '.join(names)} = {source.as_written(place)}.split_evenly({len(names)})"
    )
    return (split, *(source.replace(node, name) for node, name in given))


def part_names(source: Source, place: str, scope: cst.CSTNode, count: int) -> list[str]:
    """`first, second`, or `budget_1, budget_2` where these mean something already, or there are many."""
    if count <= len(_ORDINALS) and all(source.is_free(name, scope) for name in _ORDINALS[:count]):
        return list(_ORDINALS[:count])
    stem = stem_of(place)
    for infix in ("_", "_part_", "_part_of_it_"):
        names = [f"{stem}{infix}{number}" for number in range(1, count + 1)]
        if all(source.is_free(name, scope) for name in names):
            return names
    return [f"part_of_{stem}_{number}_" for number in range(1, count + 1)]


def _counted(source: Source, nodes: Sequence[cst.CSTNode]) -> str:
    return "calls" if all(isinstance(source.parent(node), cst.Arg) for node in nodes) else "owners"


# Copies in a container


def split_the_copies(site: Site) -> Iterator[Proposal]:
    """`[b] * n`: `b.split_evenly(n)`, and `itertools.repeat(b, n)` too; none if `n` is not above zero."""
    source = site.source
    if not site.reading.repeated:
        return
    yield from _split_what_repeats(site)
    for times in source.all(cst.BinaryOperation):
        if not isinstance(times.operator, cst.Multiply):
            continue
        display, count = times.left, times.right
        if not isinstance(display, cst.List):
            display, count = count, display
        if not isinstance(display, cst.List) or len(display.elements) != 1:
            continue
        one = display.elements[0].value
        if (place_of(one) is not None or isinstance(one, cst.Call)) and source.start(one)[0] == site.error.line:
            title = f'split "{source.code(one)}" evenly between the elements of the list'
            yield from _parts_instead(source, title, times, one, count)


def _split_what_repeats(site: Site) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    for node in source.mentions(place):
        argument = source.parent(node)
        call = source.parent(argument) if isinstance(argument, cst.Arg) else None
        if not isinstance(call, cst.Call) or source.start(call)[0] != site.error.line:
            continue
        if path_of(call.func) in {"repeat", "itertools.repeat"} and len(call.args) == 2 and call.args[0] is argument:
            title = f'split "{place}" evenly instead of repeating it'
            yield from _parts_instead(source, title, call, node, call.args[1].value)


def _parts_instead(
    source: Source, title: str, whole: cst.BaseExpression, one: cst.BaseExpression, count: cst.BaseExpression
) -> Iterator[Proposal]:
    """`count` parts of `one` in the place of what has as many copies of it."""
    rounds = many(source, count)
    if rounds is None:
        return
    parts = rounds.parts(source.code(one))
    if rounds.known is None and not whole.lpar and not isinstance(source.parent(whole), _TAKES_ANY):
        parts = f"({parts})"
    empties = source.code(one) if place_of(one) is not None else ""
    yield Proposal(title, (source.replace(whole, parts),), empties=empties)
