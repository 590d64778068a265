"""A second name for a value that is only read: the first name can be used instead."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .edits import Proposal
from .site import Site
from .source import path_of

__all__ = ["use_the_original"]


def use_the_original(site: Site) -> Iterator[Proposal]:
    """`view = b`, and `view` is only read: use `b`, and leave the assignment out."""
    source, alias, place, line = site.source, site.reading.variable, site.reading.place, site.reading.line
    if alias is None or site.node is None or not alias.isidentifier():
        return
    scope = source.scope(site.node)
    if not isinstance(scope, cst.FunctionDef) or not source.binds(scope, alias):
        # Others may read it.
        return
    names = source.occurrences(alias, scope)
    given = [node for node in names if source.stored(node)]
    if len(given) != 1 or source.start(given[0])[0] != line:
        return
    target = source.parent(given[0])
    assign = source.parent(target) if isinstance(target, cst.AssignTarget) else target
    statement = source.parent(assign) if assign is not None else None
    if not isinstance(assign, (cst.Assign, cst.AnnAssign)) or not isinstance(statement, cst.SimpleStatementLine):
        return
    if assign.value is None or path_of(assign.value) != place or len(statement.body) != 1:
        return
    if isinstance(assign, cst.Assign) and len(assign.targets) != 1:
        return
    block = source.parent(statement)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or len(block.body) < 2:
        return
    reads = [node for node in names if node is not given[0]]
    if not reads:
        return
    again = [node for node in source.occurrences(place, scope) if source.stored(node)]
    if any(source.start(node) > source.start(given[0]) for node in again):
        # The two names may stand for two values from then on.
        return
    edits = [source.replace(node, place) for node in reads]
    yield Proposal(f'use "{place}" instead of the alias "{alias}"', (source.without(statement), *edits))
