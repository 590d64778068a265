"""`match`: which names a pattern binds to which part of the subject (rules, sections 4 and 6).

A capture takes its part of the subject by move only if the name is moved somewhere in the body, and only once the
guard has passed; otherwise it borrows. Of a subject with a place, parts move one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mypy import patterns
from mypy.nodes import Expression, MatchStmt, RefExpr, StrExpr, TypeAlias, TypeInfo
from mypy.types import Instance, NoneType, TupleType, Type, UnionType, get_proper_type

from ..events import Destination, Into, Kind
from ..graph import Block
from ..type_shapes import classes_of, is_remembered
from . import narrowing, records
from .body import Body
from .conditions import branch_on
from .context import Use
from .parts import Part, Source, await_guard, borrow, hold, resolved, take, without_rebound
from .targets import assign

__all__ = ["PATTERNS", "match"]


def match(body: Body, node: MatchStmt) -> None:
    """Cases are tried in order; a guard that fails goes on to the next case."""
    flow = body.flow
    body.expression(node.subject, Use(Kind.LOOK, Destination(Into.CAPTURE)))
    hold(body, node.subject)
    after = flow.new_block()
    left = _alternatives(body.types.get(node.subject))
    for pattern, guard, case in zip(node.patterns, node.guards, node.bodies, strict=True):
        matched, next_case = flow.new_block(), flow.new_block()
        for test in _tests(pattern):
            body.expression(test)
        matches = _is_irrefutable(pattern, body.types.get(node.subject))
        if not _is_capture(pattern):
            # Of an object of that class, it only reads attributes.
            flow.may_raise(stored=matches)
        if guard is None:
            left = [one for one in left if not _is_irrefutable(pattern, one)]
        then: Block = matched
        otherwise: Block | None = next_case
        if matches:
            otherwise = None
        elif body.concerns and guard is None:
            then, otherwise = narrowing.match(body, node.subject, pattern, matched, next_case)
        if otherwise is None or not left:
            # Whatever has not matched before does so here.
            flow.edge(then)
        else:
            flow.branch(None, then, otherwise)
        flow.go_on_in(matched)
        parts = without_rebound(body, list(_captures(body, pattern, node.subject)))
        borrow(body, parts)
        for part in parts:
            assign(body, part.name, node)
        early = body.inferred.taken_by_guard
        take(body, [part for part in parts if early.has(part.name)], Into.CAPTURE)
        if guard is not None:
            await_guard(body, [part for part in parts if not early.has(part.name)])
            passed = flow.new_block()
            body.guarded = [part.name for part in parts]
            branch_on(body, guard, passed, next_case)
            body.guarded = []
            flow.go_on_in(passed)
        take(body, [part for part in parts if not early.has(part.name)], Into.CAPTURE)
        body.block(case)
        flow.edge(after)
        flow.go_on_in(next_case)
    flow.fall_into(after)


def _is_capture(pattern: patterns.Pattern) -> bool:
    """Whether a pattern asks nothing of the subject: `case part`, `case _`."""
    return isinstance(pattern, patterns.AsPattern) and pattern.pattern is None


def _alternatives(subject: Type | None) -> list[Type | None]:
    """What a subject may be, one by one."""
    proper = get_proper_type(subject) if subject is not None else None
    return [*proper.items] if isinstance(proper, UnionType) else [subject]


def _is_irrefutable(pattern: patterns.Pattern, subject: Type | None = None) -> bool:
    """Whether a pattern matches whatever the subject's type says; its parts, whatever they are."""
    if isinstance(pattern, patterns.AsPattern):
        return pattern.pattern is None or _is_irrefutable(pattern.pattern, subject)
    if isinstance(pattern, patterns.OrPattern):
        return any(_is_irrefutable(one, subject) for one in pattern.patterns)
    if isinstance(pattern, patterns.SingletonPattern):
        return pattern.value is None and isinstance(get_proper_type(subject), NoneType)
    if not isinstance(pattern, patterns.ClassPattern) or not all(
        map(_is_irrefutable, (*pattern.positionals, *pattern.keyword_values))
    ):
        return False
    proper = get_proper_type(subject) if subject is not None else None
    if isinstance(proper, TupleType):
        # A named tuple.
        proper = proper.partial_fallback
    return isinstance(proper, Instance) and pattern.class_ref.node in proper.type.mro


# What a pattern captures


class _At:
    """The part of the subject that a pattern is matched against, and what is known of its type."""

    __slots__ = ("body", "source", "type")

    def __init__(self, body: Body, source: Source, type_: Type | None) -> None:
        self.body = body
        self.source = source
        self.type = type_

    def step(self, step: records.Step) -> _At:
        return _At(self.body, self.source.step(step), step.type) if self.source.exact else self.element()

    def element(self) -> _At:
        return _At(self.body, self.source.element(), None)


_Captures = Iterator[Part]


def _captures(body: Body, pattern: patterns.Pattern, subject: Expression) -> _Captures:
    """The names that a pattern binds, each once, with the parts of the subject."""
    for part in _parts(pattern, _At(body, Source(subject), body.types.get(subject))):
        yield part._replace(sources=tuple(resolved(source) for source in part.sources))


def _parts(pattern: patterns.Pattern, at: _At) -> _Captures:
    yield from PATTERNS[type(pattern)](pattern, at)


def _as(pattern: patterns.AsPattern, at: _At) -> _Captures:
    if pattern.name is not None:
        yield Part(pattern.name, (at.source,))
    if pattern.pattern is not None:
        yield from _parts(pattern.pattern, at)


def _or(pattern: patterns.OrPattern, at: _At) -> _Captures:
    """Every alternative binds the same names, maybe to other parts."""
    first, *others = [list(_parts(alternative, at)) for alternative in pattern.patterns]
    for part in first:
        same = [one for parts in others for one in parts if one.name.node is part.name.node]
        sources = (source for one in (part, *same) for source in one.sources)
        yield part._replace(sources=tuple(dict.fromkeys(sources)))


def _sequence(pattern: patterns.SequencePattern, at: _At) -> _Captures:
    """Of a tuple of known length each item has a place; a star takes all that are left."""
    starred = [isinstance(item, patterns.StarredPattern) for item in pattern.patterns]
    steps = records.items(at.type, None if any(starred) else len(starred)) if at.source.exact else None
    if steps is None or len(steps) < len(starred) - any(starred):
        for item in pattern.patterns:
            yield from _parts(item, at.element())
        return
    more = len(steps) - len(starred)
    position = 0
    for item in pattern.patterns:
        if not isinstance(item, patterns.StarredPattern):
            yield from _parts(item, at.step(steps[position]))
            position += 1
            continue
        rest = steps[position : position + more + 1]
        if item.capture is not None:
            yield Part(item.capture, _affine(at, rest), collects=True)
        position += len(rest)


def _affine(at: _At, steps: list[records.Step]) -> tuple[Source, ...]:
    return tuple(at.source.step(step) for step in steps if at.body.facts.is_affine(step.type))


def _starred(pattern: patterns.StarredPattern, at: _At) -> _Captures:
    if pattern.capture is not None:
        yield Part(pattern.capture, (at.source,), collects=True)


def _mapping(pattern: patterns.MappingPattern, at: _At) -> _Captures:
    """Of a TypedDict each entry has a place; `**rest` takes all that are left."""
    left = records.entries(at.type) if at.source.exact else {}
    is_record = bool(left)
    for key, value in zip(pattern.keys, pattern.values, strict=True):
        step = left.pop(key.value, None) if isinstance(key, StrExpr) else None
        yield from _parts(value, at.step(step) if step is not None else at.element())
    if pattern.rest is not None:
        sources = _affine(at, list(left.values())) if is_record else (at.element().source,)
        yield Part(pattern.rest, sources, collects=True)


def _class(pattern: patterns.ClassPattern, at: _At) -> _Captures:
    """Positional parts stand for the attributes in `__match_args__`."""
    node = pattern.class_ref.node if isinstance(pattern.class_ref, RefExpr) else None
    info = node if isinstance(node, TypeInfo) else None
    if isinstance(node, TypeAlias):
        info = next(iter(classes_of(node.target)), None)
    names = records.match_arguments(info) if info is not None else []
    for position, item in enumerate(pattern.positionals):
        if info is not None and position < len(names):
            yield from _attribute(item, at, info, names[position])
        else:
            # `int(n)`, `list(parts)`: what stands there is the subject itself.
            yield from _parts(item, at)
    for key, item in zip(pattern.keyword_keys, pattern.keyword_values, strict=True):
        yield from _attribute(item, at, info, key)


def _attribute(pattern: patterns.Pattern, at: _At, info: TypeInfo | None, name: str) -> _Captures:
    symbol = info.get(name) if info is not None else None
    if info is not None and symbol is not None and not at.body.facts.is_data_of(info, name):
        if is_remembered(info, name):
            yield from _parts(pattern, at.element())
            return
        # A property: what it gives belongs to whoever asks.
        for part in _parts(pattern, at):
            yield Part(part.name, ())
        return
    yield from _parts(pattern, at.step(records.attribute(info, name)) if info is not None else at.element())


def _none(pattern: patterns.Pattern, at: _At) -> _Captures:
    return iter(())


PATTERNS: dict[type[patterns.Pattern], Callable[[Any, _At], _Captures]] = {
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
