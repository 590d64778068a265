"""Binding names to parts of one value: unpacking and patterns (rules, section 4).

A name that the body moves takes its own part and leaves the others; a name that is only looked at borrows its part.
A part that the value's type fixes (an item of a tuple, a field) has a place of its own. What stands in a list or a dict
can only be taken with all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mypy.nodes import (
    AwaitExpr,
    CallExpr,
    Expression,
    ListExpr,
    Lvalue,
    NameExpr,
    StarExpr,
    SymbolNode,
    TupleExpr,
    Var,
)
from mypy.types import Type

from ..events import Destination, Fault, Into, Kind, Ownership
from . import records
from .body import Body
from .context import Use
from .loans import carries_loans, is_kept, is_lent, lenders
from .places import shown
from .records import Step
from .spelling import spell
from .syntax import elements_of

__all__ = [
    "Part",
    "Source",
    "await_guard",
    "borrow",
    "collecting",
    "hold",
    "leaves",
    "resolved",
    "take",
    "unpacked",
    "without_rebound",
]


class Source(NamedTuple):
    """Where a part lies: at the end of `path` from what `value` gives. `exact`: it is all of that, not an element."""

    value: Expression
    path: tuple[Step, ...] = ()
    exact: bool = True

    def step(self, step: Step) -> Source:
        """The part one step further down."""
        return Source(self.value, (*self.path, step))

    def element(self) -> Source:
        """Something in it that has no place of its own."""
        return Source(self.value, self.path, exact=False)

    def holds(self, other: Source) -> bool:
        """Whether the other part lies in this one."""
        return self.value is other.value and self.exact and other.path[: len(self.path)] == self.path


class Part(NamedTuple):
    """A name, and all that its value may come from or is made of."""

    name: NameExpr
    sources: tuple[Source, ...]
    collects: bool = False
    """Whether the name has a list or dict of its own that is made of them: `*rest`."""


def resolved(source: Source) -> Source:
    """The same part, but reached from the element of a display that it lies in: of `(a, b)`, `[1]` is `b`."""
    value, path = source.value, source.path
    while (
        path
        and isinstance(value, (TupleExpr, ListExpr))
        and not any(isinstance(item, StarExpr) for item in value.items)
        and path[0].name in (names := [f"[{index}]" for index in range(len(value.items))])
    ):
        value, path = value.items[names.index(path[0].name)], path[1:]
    return Source(value, path, source.exact)


def hold(body: Body, value: Expression) -> None:
    """Give a value that has just been made, and that nothing else has, a place, for its parts to be moved out of."""
    if isinstance(value, (TupleExpr, ListExpr)):
        for item in value.items:
            hold(body, item)
    elif isinstance(value, (CallExpr, AwaitExpr)) and body.is_affine(value) and not is_kept(body, value):
        variable = body.module.unnamed.get(value)
        if variable is None:
            variable = body.module.unnamed[value] = Var(_spelled(value), body.types.get(value))
            variable.is_inferred = True
        body.emit(Kind.INIT, body.places.hold(value, variable), value)


def _spelled(value: CallExpr | AwaitExpr) -> str:
    name = spell(value.expr if isinstance(value, AwaitExpr) else value)
    if name is None:
        return "the subject"
    return f"(await {name})" if isinstance(value, AwaitExpr) else name


def borrow(body: Body, parts: list[Part]) -> None:
    """From when they are next bound, names that the body does not move borrow their parts.

    A name whose part lies in what another name takes borrows from that name.
    """
    taken = [part for part in parts if body.inferred.taken.has(part.name)]
    for part in parts:
        if body.inferred.taken.has(part.name):
            continue
        if part.collects:
            body.bindings.collects(part.name)
        for source in part.sources:
            holders = [other for other in taken if any(one.holds(source) for one in other.sources)]
            if holders:
                for other in holders:
                    body.bindings.borrow_from_taker(part.name, other.name, whole=source in other.sources)
                continue
            if not source.exact and source in (one for other in taken for one in other.sources):
                # Elements of one container, which was taken with all that is in it: each is its own.
                continue
            places = list(_places(body, source))
            if places or body.places.of_value(source.value) is not None:
                whole = source.exact and body.places.of_value(source.value) is not None
                body.bindings.borrow(part.name, places, whole=whole, carries=carries_loans(body, source.value))


def take(body: Body, parts: list[Part], into: Into) -> None:
    """Names that the body gives away take their parts, each part once."""
    gone: set[Source] = set()
    taken = [part for part in parts if body.inferred.taken.has(part.name)]
    with body.borrowers.taking([part.name for part in taken]):
        for part in taken:
            _take(body, part.name, part.sources, Destination(into, part.name.name), gone)


def await_guard(body: Body, parts: list[Part]) -> None:
    """Names that will take their parts once the guard has passed only look at them until then."""
    for part in parts:
        if body.inferred.taken.has(part.name):
            for source in part.sources:
                whole = source.exact and body.places.of_value(source.value) is not None
                body.bindings.borrow_until_taken(part.name, list(_places(body, source)), whole=whole)


def _take(body: Body, target: Expression, sources: tuple[Source, ...], to: Destination, gone: set[Source]) -> None:
    """`gone`: the parts that other names have taken. What stands in a display twice is two parts."""
    own: set[int] = set()
    for source in sources:
        if source in gone:
            continue
        gone.add(source)
        if is_lent(body, source.value):
            body.fault(Fault.NOT_OWNED, spell(source.value) or "an element", target, to)
            continue
        taken = [place for each in _each(source) for place in dict.fromkeys(_places(body, each)) if place not in own]
        own.update(taken)
        for place in taken:
            body.use_place(place, target, Use(Kind.MOVE, to))


def _each(source: Source) -> list[Source]:
    """Of a display, all that is in it, if it is not known which of that it is."""
    return [Source(item) for item in elements_of(source.value)] or [source]


def without_rebound(body: Body, parts: list[Part]) -> list[Part]:
    """The same names; each is its own where one of them replaces the variable that the parts were reached through.

    After `case Team(planner=team)` of `team`, nobody else has what it was made of. After `case Team() as team` the
    variable has the value that it had.
    """
    replaced = {part.name.node for part in parts}
    replaced -= {part.name.node for part in parts if any(_is_itself(part.name, source) for source in part.sources)}
    return [
        part._replace(sources=tuple(one for one in part.sources if not _is_gone(body, part.name, one, replaced)))
        for part in parts
    ]


def _is_gone(body: Body, name: NameExpr, source: Source, replaced: set[SymbolNode | None]) -> bool:
    """Whether the variable that a name's value was reached through has another value now."""
    place = body.places.of(source.value)
    if place is None:
        return False
    root, variable = body.places.root(place)
    is_owned = body.graph.places[root].ownership is Ownership.OWNED
    return is_owned and (variable in replaced or _is_itself(name, source))


def _is_itself(name: NameExpr, source: Source) -> bool:
    """Whether a name is bound to the value that it has."""
    return isinstance(source.value, NameExpr) and source.value.node is name.node and source.exact and not source.path


def _places(body: Body, source: Source) -> Iterator[int]:
    place = body.places.of_value(source.value)
    if place is not None:
        for step in source.path:
            lent = body.facts.is_lent(step.type)
            place = body.places.path(place, step.name, fixed=step.fixed or lent, lent=lent)
        yield place
    else:
        yield from lenders(body, source.value, displays=True)


def unpacked(body: Body, target: Lvalue, source: Expression) -> None:
    """`a, b = pair`, where `pair` has a place, or what it passes on has, and has been evaluated."""
    named: list[Part] = []
    starred = set(collecting(target))
    gone: set[Source] = set()
    for leaf, sources in _unpacked(body, target, Source(source), body.types.get(source)):
        if isinstance(leaf, NameExpr):
            named.append(Part(leaf, sources, collects=leaf in starred))
            if body.inferred.taken.has(leaf):
                _take(body, leaf, sources, Destination(Into.VARIABLE, shown(leaf.name)), gone)
        elif body.is_affine(leaf):
            _take(body, leaf, sources, Destination(Into.ATTRIBUTE, spell(leaf) or "an attribute"), gone)
    borrow(body, without_rebound(body, named))


def _unpacked(
    body: Body, target: Lvalue, source: Source, type_: Type | None
) -> Iterator[tuple[Lvalue, tuple[Source, ...]]]:
    """What an assignment target assigns, each with its part of the source."""
    if not isinstance(target, (TupleExpr, ListExpr)):
        yield target, (source,)
        return
    starred = any(isinstance(item, StarExpr) for item in target.items)
    steps = records.items(type_, None if starred else len(target.items)) if source.exact else None
    if steps is None or len(steps) < len(target.items) - starred:
        for leaf in leaves(target):
            yield leaf, (source.element(),)
        return
    position = 0
    for item in target.items:
        if isinstance(item, StarExpr):
            rest = steps[position : position + len(steps) - len(target.items) + 1]
            parts = tuple(source.step(step) for step in rest if body.facts.is_affine(step.type))
            for leaf in leaves(item.expr):
                yield leaf, parts
            position += len(rest)
        else:
            step = steps[position]
            yield from _unpacked(body, item, source.step(step), step.type)
            position += 1


def collecting(target: Lvalue) -> Iterator[Lvalue]:
    """Of the leaves, those behind a star."""
    for item in target.items if isinstance(target, (TupleExpr, ListExpr)) else ():
        if isinstance(item, StarExpr):
            yield item.expr
        else:
            yield from collecting(item)


def leaves(target: Lvalue) -> Iterator[Lvalue]:
    """The names, attributes and subscripts that an assignment target assigns."""
    if isinstance(target, (TupleExpr, ListExpr)):
        for item in target.items:
            yield from leaves(item)
    elif isinstance(target, StarExpr):
        yield from leaves(target.expr)
    else:
        yield target
