"""`match`: which names a pattern binds to which part of the subject (rules, sections 4 and 6).

A capture takes its part of the subject by move only if the name is moved somewhere in the body, and only once the
guard has passed; otherwise it borrows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mypy import patterns
from mypy.nodes import Expression, IndexExpr, MatchStmt, MemberExpr, NameExpr

from ..graph import Destination, Fault, Into, Kind
from . import minting
from .body import Body
from .conditions import branch_on
from .context import Use
from .spelling import spell

__all__ = ["PATTERNS", "match"]


def match(body: Body, node: MatchStmt) -> None:
    """Cases are tried in order; a guard that fails goes on to the next case."""
    flow = body.flow
    body.expression(node.subject)
    after = flow.new_block()
    for pattern, guard, case in zip(node.patterns, node.guards, node.bodies, strict=True):
        matched, next_case = flow.new_block(), flow.new_block()
        for test in _tests(pattern):
            body.expression(test)
        flow.may_raise()
        if _is_irrefutable(pattern):
            flow.edge(matched)
        elif body.minting is not None and guard is None:
            flow.branch(None, *minting.match(body, node.subject, pattern, matched, next_case))
        else:
            flow.branch(None, matched, next_case)
        flow.go_on_in(matched)
        names = list(_captures(pattern, ()))
        if not any(name in body.inferred.taken for name, _ in names):
            # The captures of one case are parts of the subject: where one is taken, the others are their own.
            body.bindings.borrow_from([name for name, _ in names], node.subject)
        for name, _ in names:
            body.bindings.assign(name, node)
        early = body.inferred.taken_by_guard
        _take(body, node.subject, [(name, path) for name, path in names if name in early])
        if guard is not None:
            passed = flow.new_block()
            body.guarded = [name for name, _ in names]
            branch_on(body, guard, passed, next_case)
            body.guarded = []
            flow.go_on_in(passed)
        _take(body, node.subject, [(name, path) for name, path in names if name not in early])
        body.block(case)
        flow.edge(after)
        flow.go_on_in(next_case)
    flow.fall_into(after)


def _take(body: Body, subject: Expression, names: list[tuple[NameExpr, tuple[str, ...]]]) -> None:
    """Captured names that the body gives away take their parts of the subject, each part once."""
    gone: set[int] = set()
    for name, path in names:
        if name not in body.inferred.taken:
            continue
        use = Use(Kind.MOVE, Destination(Into.CAPTURE, name.name))
        root = body.places.of(subject)
        if root is None and isinstance(subject, (IndexExpr, MemberExpr)):
            body.fault(Fault.NOT_OWNED, spell(subject) or "an element", name, use.to)
            continue
        for place in [root] if root is not None else body.bindings.lenders(subject, displays=True):
            for attribute in path if root is not None else ():
                place = body.places.path(place, attribute)
            if place not in gone:
                gone.add(place)
                body.use_place(place, name, use)


def _is_irrefutable(pattern: patterns.Pattern) -> bool:
    return isinstance(pattern, patterns.AsPattern) and (pattern.pattern is None or _is_irrefutable(pattern.pattern))


_Captures = Iterator[tuple[NameExpr, tuple[str, ...]]]


def _captures(pattern: patterns.Pattern, path: tuple[str, ...]) -> _Captures:
    """The names that a pattern binds, each with the attribute path from the subject as far as it is known."""
    yield from PATTERNS[type(pattern)](pattern, path)


def _as(pattern: patterns.AsPattern, path: tuple[str, ...]) -> _Captures:
    if pattern.name is not None:
        yield pattern.name, path
    if pattern.pattern is not None:
        yield from _captures(pattern.pattern, path)


def _or(pattern: patterns.OrPattern, path: tuple[str, ...]) -> _Captures:
    # Every alternative binds the same names.
    yield from _captures(pattern.patterns[0], path)


def _sequence(pattern: patterns.SequencePattern, path: tuple[str, ...]) -> _Captures:
    for item in pattern.patterns:
        yield from _captures(item, path)


def _starred(pattern: patterns.StarredPattern, path: tuple[str, ...]) -> _Captures:
    if pattern.capture is not None:
        yield pattern.capture, path


def _mapping(pattern: patterns.MappingPattern, path: tuple[str, ...]) -> _Captures:
    for value in pattern.values:
        yield from _captures(value, path)
    if pattern.rest is not None:
        yield pattern.rest, path


def _class(pattern: patterns.ClassPattern, path: tuple[str, ...]) -> _Captures:
    for item in pattern.positionals:
        yield from _captures(item, path)
    for key, item in zip(pattern.keyword_keys, pattern.keyword_values, strict=True):
        yield from _captures(item, (*path, key))


def _none(pattern: patterns.Pattern, path: tuple[str, ...]) -> _Captures:
    return iter(())


PATTERNS: dict[type[patterns.Pattern], Callable[[Any, tuple[str, ...]], _Captures]] = {
    patterns.AsPattern: _as,
    patterns.OrPattern: _or,
    patterns.SequencePattern: _sequence,
    patterns.StarredPattern: _starred,
    patterns.MappingPattern: _mapping,
    patterns.ClassPattern: _class,
    patterns.ValuePattern: _none,
    patterns.SingletonPattern: _none,
}


def _tests(pattern: patterns.Pattern) -> Iterator[Expression]:
    """The expressions that a pattern evaluates: its values and mapping keys."""
    if isinstance(pattern, patterns.ValuePattern):
        yield pattern.expr
    elif isinstance(pattern, patterns.AsPattern) and pattern.pattern is not None:
        yield from _tests(pattern.pattern)
    elif isinstance(pattern, (patterns.OrPattern, patterns.SequencePattern)):
        for item in pattern.patterns:
            yield from _tests(item)
    elif isinstance(pattern, patterns.MappingPattern):
        yield from pattern.keys
        for item in pattern.values:
            yield from _tests(item)
    elif isinstance(pattern, patterns.ClassPattern):
        for item in (*pattern.positionals, *pattern.keyword_values):
            yield from _tests(item)
