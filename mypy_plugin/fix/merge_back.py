"""One value on loan to several at once, and its owner wants back what they leave: split it, and merge the parts again.

They may be merged when nobody has them on loan any more. Where that is does not show in the text: the places below the
calls are tried one after the other, and checking again finds the first one that is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import libcst as cst

from ..wording.message import Code
from .borrow import lend
from .edits import Edit, Proposal
from .fan_out import common_block, is_branch, part_names, parts_given, two_uses
from .rounds import Plan, plan_of, split_and_keep
from .site import Site
from .source import Source, Statement
from .usage import always_evaluated, exclusive, handed_over, is_lent_to, is_merged, looks, loops_between

__all__ = ["lend_and_merge_back", "split_and_merge_back"]

_FURTHEST = 4
"""How many places below the calls are tried in one block."""
_LIKELY = 2
"""How many declarations of what takes it are tried at each of these places."""
_WAYS_OUT = (cst.Return, cst.Break, cst.Continue, cst.Raise, cst.Yield)
_STATEMENTS = (cst.SimpleStatementLine, cst.BaseCompoundStatement)


def split_and_merge_back(site: Site) -> Iterator[Proposal]:
    """`gather(f(b), g(b))`: split it before, and `b.merge(first)`, `b.merge(second)` below."""
    plan = plan_of(site, again=True)
    if plan is not None:
        yield from _between_rounds(site, plan)
        return
    uses = two_uses(site)
    block = common_block(site.source, uses) if uses is not None else None
    if uses is not None and block is not None and not any(map(is_branch, block[1])):
        yield from _between_uses(site, block[0], uses)


def lend_and_merge_back(site: Site) -> Iterator[Proposal]:
    """The same where they take it by move, and its owner looks at what they leave all the same."""
    for merged in split_and_merge_back(site):
        for lent in islice(lend(site), _LIKELY):
            title, edits = f"{lent.title}, and {merged.title}", (*lent.edits, *merged.edits)
            yield replace(_merged_by_all(lent), title=title, edits=edits)
    if site.node is not None and looks(site.source, site.node):
        # What takes it gives it to several at once.
        yield from map(_merged_by_all, islice(lend(site), _LIKELY))


def _merged_by_all(lent: Proposal) -> Proposal:
    """The same, where all who give it to several at once split it and merge the parts back."""
    return replace(lent, follows=lent.follows | {Code.LOAN_CONFLICT.value})


def _between_uses(site: Site, statement: Statement, uses: Sequence[cst.BaseExpression]) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    scope = source.scope(uses[0])
    for first, last in _reaches(source, statement, uses):
        inside = _occurrences(source, place, scope, first, last)
        whole = source.parent(first)
        if whole is None or not _is_wanted_back(source, place, scope, first, last, inside):
            continue
        if any(source.stored(each) or not handed_over(source, each) for each in inside):
            return
        if any(
            loops_between(source, each, whole) or any(map(is_branch, _below(source, each, whole))) for each in inside
        ):
            return
        if not all(always_evaluated(source, each, *source.statements_around(each)) for each in inside):
            return
        names = part_names(source, place, scope, len(inside))
        given = list(zip(inside, names, strict=True))
        merges = _merges(source, scope, last, [f"{source.as_written(place)}.merge({name})" for name in names])
        title = f'split "{place}" evenly between the {len(inside)} calls, and merge the parts again'
        yield Proposal(title, (*parts_given(source, place, first, given, names), *merges))


def _between_rounds(site: Site, plan: Plan) -> Iterator[Proposal]:
    source, place = site.source, site.reading.place
    scope, inside = source.scope(plan.inside[0]), list(plan.inside)
    if any(is_merged(source, each) for each in inside):
        return
    for first, last in _reaches(source, plan.statement, inside):
        if _occurrences(source, place, scope, first, last) != inside:
            return
        if not _is_wanted_back(source, place, scope, first, last, inside):
            continue
        if first is not plan.statement and _is_bound_in(source, plan.loop.iter, first):
            return
        for proposal, part, parts in split_and_keep(site, plan, first):
            lines = [f"for {part} in {parts}:", f"{source.step}{source.as_written(place)}.merge({part})"]
            title = f"{proposal.title}, and merge the parts again"
            yield Proposal(title, (*proposal.edits, *_merges(source, scope, last, lines)))


def _reaches(
    source: Source, statement: Statement, uses: Sequence[cst.CSTNode]
) -> Iterator[tuple[Statement, Statement]]:
    """The first statements that hold all uses, and those below them that may be the last before the parts are merged.

    A `with` block may wait for what was started in it: then they are merged below the block.
    """
    while isinstance(block := source.parent(statement), (cst.IndentedBlock, cst.Module)):
        body: list[Statement] = [each for each in block.body if isinstance(each, _STATEMENTS)]
        begin = body.index(statement)
        holds = [index for index, each in enumerate(body) if any(each in source.around(use) for use in uses)]
        for index, last in enumerate(body[begin : max(holds) + 1 + _FURTHEST], begin):
            leaves = any(isinstance(node, _WAYS_OUT) for node in source.walk(last))
            is_last = leaves and _is_return(last)
            if index >= max(holds) and (is_last or not leaves):
                yield statement, last
            if leaves:
                break
        owner = source.parent(block)
        if not isinstance(owner, cst.With):
            return
        statement = owner


def _is_return(statement: Statement) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Return)
        and statement.body[0].value is not None
    )


def _occurrences(
    source: Source, place: str, scope: cst.CSTNode, first: Statement, last: Statement
) -> list[cst.BaseExpression]:
    """Where a value is named between two statements, these included."""
    return [
        node
        for node in source.occurrences(place, scope)
        if source.start(first) <= source.start(node) < source.end(last)
    ]


def _is_wanted_back(
    source: Source,
    place: str,
    scope: cst.CSTNode,
    first: Statement,
    last: Statement,
    inside: Sequence[cst.BaseExpression],
) -> bool:
    """Whether anybody can tell what became of the parts: its owner, what follows, or the next round."""
    if is_lent_to(source, place, scope) or loops_between(source, first, scope):
        return True
    others = [node for node in source.occurrences(place, scope) if node not in inside]
    return any(source.start(node) >= source.end(last) and not exclusive(source, node, first) for node in others)


def _is_bound_in(source: Source, iterable: cst.BaseExpression, statement: Statement) -> bool:
    """Whether a statement gives a value to what a loop goes over."""
    names = {node.value for node in source.walk(iterable) if isinstance(node, cst.Name)}
    return any(source.stored(node) for name in names for node in source.occurrences(name, statement))


def _below(source: Source, node: cst.CSTNode, whole: cst.CSTNode) -> list[Statement]:
    """The statements that a node is part of, in a block."""
    around = source.statements_around(node)
    return around[: next((index + 1 for index, each in enumerate(around) if source.parent(each) is whole), 0)]


def _merges(source: Source, scope: cst.CSTNode, last: Statement, lines: Sequence[str]) -> Iterator[Edit]:
    """The lines below a statement. What it returns is returned below them."""
    line, column = source.start(last)
    indent, newline = source.lines.line(line)[:column], source.lines.newline
    texts = list(lines)
    if isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[0], cst.Return):
        result = source.fresh(scope, "result", "outcome")
        yield Edit(source.path, (line, column), (line, column + len("return")), f"{result} =")
        texts.append(f"return {result}")
    after = source.end(last)[0] + 1
    if after > len(source.lines.starts):
        yield source.insert(source.end(last), "".join(f"{newline}{indent}{text}" for text in texts))
    else:
        yield source.insert((after, 0), "".join(f"{indent}{text}{newline}" for text in texts))
