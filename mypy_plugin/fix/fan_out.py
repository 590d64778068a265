"""One value for a known number of owners: split it, and give each a part.

Nothing else may look at the value from there on, since nothing is left in it: what takes it gets a part of its own, or
there is no rewrite. Nor is there one for a part that may not be used, for what is in it would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import libcst as cst

from ..wording.message import Code
from .borrow import is_only_looked_at
from .edits import Edit, Proposal
from .site import Site
from .sizes import many
from .source import Source, Statement, path_of, place_of, stem_of
from .usage import always_evaluated, exclusive, handed_over, later

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

Share: TypeAlias = tuple[cst.BaseExpression, ...]
"""The uses that have one part: one of them, or one for each of the branches of which one is taken."""

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
    held = list(uses)
    while True:
        block = common_block(source, held)
        if block is None:
            return
        outside = _not_in_block(source, _from(source, place, block[0]), block[0])
        if not outside:
            break
        # What follows stands outside of a `with` that holds them.
        held += outside
    shares = _shares(source, _from(source, place, block[0]), block[0])
    if shares is not None:
        what = _counted(source, [node for share in shares for node in share])
        yield from _given_shares(site, block[0], shares, f"the {len(shares)} {what}")


def _given_shares(site: Site, statement: Statement, shares: Sequence[Share], to: str) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    if len(shares) < 2 or _only_look_later(site, shares) or _is_kept_twice(source, shares):
        return
    names = part_names(source, place, source.scope(statement), len(shares))
    given = [(node, name) for share, name in zip(shares, names, strict=True) for node in share]
    edits = parts_given(source, place, statement, given, names)
    yield Proposal(f'split "{place}" evenly between {to}', edits, empties=source.as_written(place))


def _is_kept_twice(source: Source, shares: Sequence[Share]) -> bool:
    """Whether a base of the object may keep the value, too: perhaps in the same field."""
    uses = [node for share in shares for node in share]
    calls = [source.parent(around) for node in uses if isinstance(around := source.parent(node), cst.Arg)]
    by_base = any(isinstance(call, cst.Call) and source.code(call.func).startswith("super()") for call in calls)
    return by_base and len(calls) < len(uses)


def _only_look_later(site: Site, shares: Sequence[Share]) -> bool:
    """Whether the first may keep the value, and the last only looks at it: that says nothing of a part."""
    if site.error.code != Code.USE_AFTER_MOVE.value:
        return False
    first, *_, last = shares
    return all(is_only_looked_at(site, node) for node in last) and not any(
        is_only_looked_at(site, node) for node in first
    )


def _from(source: Source, place: str, statement: Statement) -> list[cst.BaseExpression]:
    """The occurrences from a statement on, in what runs together with it."""
    found = later(source, place, source.scope(statement), source.start(statement))
    return [node for node in found if not exclusive(source, node, statement)]


def _not_in_block(
    source: Source, nodes: Sequence[cst.BaseExpression], statement: Statement
) -> list[cst.BaseExpression]:
    block = source.parent(statement)
    return [node for node in nodes if all(each is not block for each in source.around(node))]


def _shares(
    source: Source, nodes: Sequence[cst.BaseExpression], first: Statement, *, again: bool = False
) -> list[Share] | None:
    """Who has a part of its own, from a statement on; None if somebody may not take his, or is given none.

    `again`: whether a handler may take what the body of its `try` has lost.
    """
    block = source.parent(first)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or _not_in_block(source, nodes, first):
        return None
    if any(source.stored(node) or not handed_over(source, node) for node in nodes):
        return None
    shares = _shares_in(source, nodes, block.body, again=again)
    # What stands where no share is looked for, such as a pattern, has none.
    return shares if shares is not None and len(nodes) == sum(map(len, shares)) else None


def _shares_in(
    source: Source, nodes: Sequence[cst.BaseExpression], body: Sequence[cst.CSTNode], *, again: bool
) -> list[Share] | None:
    found: list[Share] = []
    for number, each in enumerate(body):
        inside = _inside(source, nodes, each)
        if inside and isinstance(each, cst.If) and each.orelse is None and _leaves(each.body):
            # What comes after it is its other branch.
            rest = _shares_of_if(source, nodes, each, body[number + 1 :], again=again)
            return found + rest if rest is not None else None
        shares = _shares_of(source, inside, each, again=again) if inside else []
        if shares is None:
            return None
        found += shares
    return found


def _leaves(body: cst.BaseSuite) -> bool:
    """Whether a branch ends with a way out of its function."""
    last: cst.CSTNode = body.body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, (cst.Return, cst.Raise))


def _shares_of(
    source: Source, nodes: Sequence[cst.BaseExpression], statement: cst.CSTNode, *, again: bool
) -> list[Share] | None:
    """The same for one statement: of two branches, each has to take as many."""
    if isinstance(statement, cst.Else):
        return _shares_in(source, nodes, statement.body.body, again=again)
    if isinstance(statement, cst.If):
        other = [statement.orelse] if statement.orelse is not None else []
        return _shares_of_if(source, nodes, statement, other, again=again)
    if isinstance(statement, cst.Match):
        last = statement.cases[-1]
        is_whole = isinstance(last.pattern, cst.MatchAs) and last.pattern.pattern is None and last.guard is None
        found = [_shares_in(source, nodes, case.body.body, again=again) for case in statement.cases]
        cases = [shares for shares in found if shares is not None and len(shares) == len(found[0] or ())]
        return _of_either(cases) if is_whole and len(cases) == len(found) else None
    if isinstance(statement, cst.With):
        return _shares_in(source, nodes, [*statement.items, *statement.body.body], again=again)
    if isinstance(statement, (cst.Try, cst.TryStar)):
        return _shares_of_try(source, nodes, statement, again=again)
    if isinstance(statement, (cst.BaseCompoundStatement, cst.FunctionDef, cst.ClassDef)):
        return None
    return [(node,) for node in nodes] if all(always_evaluated(source, node, statement) for node in nodes) else None


def _shares_of_if(
    source: Source, nodes: Sequence[cst.BaseExpression], statement: cst.If, other: Sequence[cst.CSTNode], *, again: bool
) -> list[Share] | None:
    """The same for a condition and both of its branches. A branch that leaves the function need not take any."""
    tested = _shares_in(source, nodes, [statement.test], again=again)
    then = _shares_in(source, nodes, statement.body.body, again=again)
    otherwise = _shares_in(source, nodes, other, again=again)
    if tested is None or then is None or otherwise is None:
        return None
    if not then and statement.orelse is None:
        return tested + otherwise
    return tested + _of_either([then, otherwise]) if len(then) == len(otherwise) else None


def _shares_of_try(
    source: Source, nodes: Sequence[cst.BaseExpression], statement: cst.Try | cst.TryStar, *, again: bool
) -> list[Share] | None:
    last = statement.finalbody
    after = [each.body.body for each in (*statement.handlers, statement.orelse) if each is not None]
    begun = _shares_in(source, nodes, statement.body.body, again=again)
    ended = _shares_in(source, nodes, last.body.body if last is not None else [], again=again)
    found = [_shares_in(source, nodes, body, again=again) for body in after]
    then = [each for each in found if each]
    if begun is None or ended is None or None in found or len({len(each) for each in then}) > 1:
        return None
    if then and not (again and len(begun) == 1):
        return None
    return begun + _of_either(then) + ended


def _of_either(branches: Sequence[Sequence[Share]]) -> list[Share]:
    """What is handed out in branches of which one is taken, and which all hand out as many."""
    return [tuple(node for share in shares for node in share) for shares in zip(*branches, strict=True)]


def _inside(source: Source, nodes: Sequence[cst.BaseExpression], part: cst.CSTNode) -> list[cst.BaseExpression]:
    return [node for node in nodes if any(each is part for each in source.around(node))]


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
    """A call that is tried again in a handler: a part for the attempt, one for the handlers, and for what follows."""
    uses = two_uses(site)
    attempt = _attempt(site.source, *uses) if uses is not None else None
    if attempt is None:
        return
    nodes = _from(site.source, site.reading.place, attempt)
    shares = _shares(site.source, nodes, attempt, again=True)
    if shares is not None:
        more = " and what follows them" if len(shares) > 2 else ""
        yield from _given_shares(site, attempt, shares, f"the two attempts{more}")


def two_uses(site: Site) -> list[cst.BaseExpression] | None:
    """The two uses that a message is about, if both hand the value over and nothing repeats them apart."""
    source, node, line = site.source, site.node, site.reading.line
    if node is None or line is None or not handed_over(source, node):
        return None
    scope = source.scope(node)
    before = [
        each
        for each in source.occurrences(site.reading.place, scope)
        if source.start(each)[0] == line and source.start(each) < source.start(node) and handed_over(source, each)
    ]
    if not before or source.scope(before[-1]) is not scope:
        return None
    # Of what was put somewhere to be kept, no message says that it can be split.
    is_kept = not isinstance(source.parent(before[-1]), cst.Arg)
    return [before[-1], node] if site.reading.splits or is_kept else None


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
