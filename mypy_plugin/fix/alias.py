"""Two names for one value, of which the program needs only one: the first, or the field that it was kept in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from .edits import Proposal
from .site import Site
from .source import Source, Statement, parameters, path_of, place_of, root_of
from .usage import handed_over, later

__all__ = ["use_the_field", "use_the_original"]

_STEP = re.compile(r"[.\[]")
"""Where what is in another thing begins, in how a place is spelled."""
_WIDER = ("None", "Optional", "Union", "|")
"""Words of the type of a name that may hold something else than what it is given."""


def use_the_original(site: Site) -> Iterator[Proposal]:
    """`view = b`, and `view` is only read: use `b`, and leave the assignment out."""
    source, alias, place, line = site.source, site.reading.variable, site.reading.place, site.moved_on
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
    if assign.value is None or place_of(assign.value) != place or len(statement.body) != 1:
        return
    if isinstance(assign, cst.Assign) and len(assign.targets) != 1:
        return
    if isinstance(assign, cst.AnnAssign) and any(word in source.code(assign.annotation) for word in _WIDER):
        # It is asked which of these it is.
        return
    block = source.parent(statement)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or len(block.body) < 2:
        return
    reads = [node for node in names if node is not given[0]]
    if not reads or not _stays(source, place, scope, statement, reads):
        # The two names may stand for two values from then on.
        return
    edits = [source.replace(node, source.as_written(place)) for node in reads]
    yield Proposal(f'use "{place}" instead of the alias "{alias}"', (source.without(statement), *edits))


def use_the_field(site: Site) -> Iterator[Proposal]:
    """`self.b = b`, and `b` is looked at further down: `self.b` is what holds it."""
    source, field, place, line = site.source, site.reading.variable, site.reading.place, site.reading.line
    if field is None or site.node is None or not place.isidentifier():
        return
    scope = source.scope(site.node)
    assigns: list[cst.Assign | cst.AnnAssign] = source.all(cst.Assign, cst.AnnAssign)
    assign = next((each for each in assigns if source.start(each)[0] == line), None)
    statement = source.statement(assign) if assign is not None else None
    if assign is None or assign.value is None or statement is None or source.scope(assign) is not scope:
        return
    targets = [assign.target] if isinstance(assign, cst.AnnAssign) else [each.target for each in assign.targets]
    if [path_of(each) for each in targets] != [field] or place_of(assign.value) != place:
        return
    uses = later(source, place, scope, source.end(statement))
    if any(source.stored(node) or source.scope(node) is not scope for node in uses):
        return
    if [handed_over(source, node) for node in uses].count(True) > 1:
        # It goes to several who may keep it, and each of them needs a part.
        return
    block = source.parent(statement)
    if any(all(each is not block for each in source.around(node)) for node in uses):
        # What stands outside of a branch may be reached without it.
        return
    if not _is_field_of_self(source, field, scope):
        return
    if _stays(source, field, scope, statement, uses):
        edits = tuple(source.replace(node, field) for node in uses)
        yield Proposal(f'use "{field}", which holds it, instead of "{place}"', edits)


def _is_field_of_self(source: Source, path: str, scope: cst.CSTNode) -> bool:
    """Whether a path is a field of the object that a method is called on, and no method that looks like one."""
    owner, _, name = path.partition(".")
    if not isinstance(scope, cst.FunctionDef) or not name.isidentifier():
        return False
    around, taken = source.class_around(scope), parameters(scope.params)
    if around is None or scope.decorators or not taken or taken[0].name.value != owner:
        return False
    return not any(isinstance(each, cst.FunctionDef) and each.name.value == name for each in around.body.body)


def _stays(source: Source, place: str, scope: cst.CSTNode, begin: Statement, uses: Sequence[cst.CSTNode]) -> bool:
    """Whether a place surely holds the same value from a statement on, until the last of the uses of its other name.

    A field may be given another value by whoever has the object: by what is called with it, or while this waits.
    """
    ends = [found.start() for found in _STEP.finditer(place)]
    for end in (*ends, len(place)):
        names = later(source, place[:end], scope, source.end(begin))
        if any(map(source.stored, names)):
            return False
    if any(source.start(node) < source.end(begin) for node in uses):
        # The next round of a loop reads there what this one has left.
        return False
    if not ends:
        return True
    if any(source.scope(node) is not scope for node in uses):
        return False
    last = max(map(source.end, uses))
    between = [node for node in source.walk(scope) if source.end(begin) <= source.start(node) < last]
    return not any(_may_change_fields(source, node, root_of(place), place) for node in between)


def _may_change_fields(source: Source, node: cst.CSTNode, root: str, place: str) -> bool:
    """Whether others get hold of an object here, or it is called, other than by the place itself."""
    if isinstance(node, (cst.Await, cst.Yield)) or getattr(node, "asynchronous", None) is not None:
        return True
    if not isinstance(node, cst.Name) or node.value != root:
        return False
    whole: cst.CSTNode = node
    while isinstance(around := source.parent(whole), (cst.Attribute, cst.Subscript)) and around.value is whole:
        if place_of(whole) == place:
            return False
        whole = around
        if isinstance(whole, cst.Subscript) and source.stored(whole):
            # Another key may be the same element, or what stands behind it moves up.
            return True
    call = source.parent(whole)
    return place_of(whole) != place and (whole is node or (isinstance(call, cst.Call) and call.func is whole))
