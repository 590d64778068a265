"""What an object has on loan by which of its fields: `Deps(budget)` has all of `budget` in its field `budget`.

Owns which fields these are and what is in each. Asks questions of a body, and changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import (
    AssignmentExpr,
    AwaitExpr,
    CallExpr,
    Expression,
    MemberExpr,
    RefExpr,
    TypeInfo,
    Var,
)
from mypy.types import Type

from ..events import Times
from ..knowledge.containers import Does
from ..ownership_facts import LoanField
from ..type_shapes import classes_of
from .factory_bodies import Made, target
from .loans import captured_sources, carries_loans, context_part, lenders, sources
from .lookups import operands, takings_of
from .places import Path
from .syntax import branches

if TYPE_CHECKING:
    from .body import Body

__all__ = [
    "Held",
    "has_on_loan",
    "held_in_fields",
    "held_somewhere",
    "is_in_field",
    "its_own_fields",
    "made_elements",
]


class Held(NamedTuple):
    """What an object may have on loan in one of its fields."""

    field: LoanField
    place: int
    whole: bool = False
    """Whether it has all that the place holds, and not an element of it."""
    same: bool = False
    """Whether the field is another name for the place."""
    entry: str = ""
    """For an element: which one it is, if the program says so."""


def has_on_loan(body: Body, node: Expression) -> bool:
    """Whether a value that has no owner itself has something on loan, be it in a field, or in what it holds."""
    type_, facts = body.types.get(node), body.facts
    return carries_loans(body, node) or bool(facts.fields_for_loans(type_)) or facts.collects_borrowers(type_)


def is_in_field(body: Body, type_: Type | None, path: Path) -> bool:
    """Whether a way from an object of this type leads to a field for a loan, or further."""
    return any(path[: len(field.path)] == field.path for field in body.facts.fields_for_loans(type_))


def its_own_fields(body: Body, type_: Type | None) -> list[LoanField]:
    """The fields for loans that the class of a value of this type has, and not that of something in another field."""
    return [field for field in body.facts.fields_for_loans(type_) if len(field.path) == 1]


def held_in_fields(body: Body, node: Expression, fields: Sequence[LoanField] | None = None) -> list[Held]:
    """What the object that an expression gives has on loan by its fields, or by some of them."""
    if fields is None:
        fields = body.facts.fields_for_loans(body.types.get(node))
    return list(_held(body, node, fields)) if fields else []


def _held(body: Body, node: Expression, fields: Sequence[LoanField]) -> Iterator[Held]:
    parts = _branches(node)
    if parts:
        for part in parts:
            yield from held_in_fields(body, part)
        return
    place = body.places.of(node)
    call = node.expr if isinstance(node, AwaitExpr) else node
    if place is not None:
        for field in fields:
            yield Held(field, body.places.field(place, field.path), whole=True, same=True)
    elif isinstance(call, CallExpr):
        yield from _given_to(body, call, fields)
        yield from _made_by(body, call, fields)
    elif (hung := context_part(body, node)) is not None:
        # `ctx.deps`: nobody owns it, and two loans of it are in each other's way all the same.
        context = body.places.of(hung.expr)
        for one in held_somewhere(fields, [context] if context is not None else []):
            yield one._replace(entry=body.entry(node))
    elif isinstance(node, MemberExpr):
        yield from _made_by(body, node, fields)
    else:
        yield from held_somewhere(fields, lenders(body, node, displays=True))


def held_somewhere(fields: Sequence[LoanField], places: Iterable[int]) -> Iterator[Held]:
    """What an object may have in its fields that is somewhere in these places."""
    for place in places:
        for field in fields:
            yield Held(field, place)


def _branches(node: Expression) -> list[Expression]:
    """The expressions of which one gives the value."""
    return [node.target] if isinstance(node, AssignmentExpr) else branches(node)


def _made_by(body: Body, node: CallExpr | MemberExpr, fields: Sequence[LoanField]) -> Iterator[Held]:
    """What an object has that a function or property of the program makes: `deps_of(budget)`, `crew.deps`."""
    for argument, one in _made(body, node):
        if one.times is None:
            yield from _in_fields(body, argument, one, fields)


def made_elements(body: Body, call: CallExpr) -> Iterator[tuple[int, Times]]:
    """The places that a collection has among its elements which a function of the program makes."""
    for argument, one in _made(body, call):
        if one.times is None:
            continue
        held = [each for each in held_in_fields(body, argument) if each.field.path == one.path]
        own = body.places.of(argument)
        if held:
            yield from ((each.place, one.times) for each in held)
        elif own is not None:
            yield _part(body, own, body.types.get(argument), one.path)[0], one.times


def _made(body: Body, node: CallExpr | MemberExpr) -> Iterator[tuple[Expression, Made]]:
    """What a function or property of the program makes, by what it is given."""
    factories = body.module.factories
    called = target(node, lambda receiver: classes_of(body.types.get(receiver)))
    for one in factories.of(called.function) if factories is not None and called is not None else ():
        argument = called.given.get(one.parameter) if called is not None else None
        if argument is not None:
            yield argument, one


def _given_to(body: Body, call: CallExpr, fields: Sequence[LoanField]) -> Iterator[Held]:
    """What an object has that a call makes: a constructor by the names of its parameters, or else by their types.

    Of another function it is known here if that is nested, or makes a copy.
    """
    callee = call.callee
    info = callee.node if isinstance(callee, RefExpr) and isinstance(callee.node, TypeInfo) else None
    names = dict(zip(call.args, takings_of(body, call), strict=True)) if info is not None else {}
    factories = body.module.factories
    filled = factories.by_constructor(info) if info is not None and factories is not None else ()
    copied = [operand.node for operand in operands(body, call) or () if operand.does is Does.SHARE]
    for argument in sources(body, call):
        name = names[argument].name if argument in names else ""
        named = info.get(name) if info is not None and name else None
        is_field = named is not None and isinstance(named.node, Var)
        its = [one for one in filled if one.parameter == name and not is_field]
        for one in its:
            yield from _in_fields(body, argument, one, fields)
        for field in fields if not its else ():
            first = field.path[0]
            if is_field:
                if first == name:
                    yield from _in_field(body, argument, field, below=field.path[1:])
            elif argument in copied:
                # `replace(deps, topic="limits")`: what it names has a new value.
                if first not in call.arg_names:
                    yield from _in_field(body, argument, field, below=field.path)
            elif info is not None:
                yield from _in_field(body, argument, field, below=None)
    for place in captured_sources(body, call, surely=True) if body.has_captives else ():
        variable, path = body.places.path_to(place)
        for field in fields:
            is_same = not path and variable is not None and _are_alike(variable.type, field.type)
            yield Held(field, place, whole=True, same=is_same)


def _in_fields(body: Body, argument: Expression, made: Made, fields: Sequence[LoanField]) -> Iterator[Held]:
    """What fields may have of an argument, by what a function makes of that."""
    for field in fields:
        if made.into is None:
            yield from _in_field(body, argument, field, below=None)
        elif field.path[: len(made.into)] == made.into:
            yield from _in_field(body, argument, field, below=(*made.path, *field.path[len(made.into) :]))


def _in_field(body: Body, argument: Expression, field: LoanField, *, below: Path | None) -> Iterator[Held]:
    """What a field may have of an argument: what that has at the end of the way `below`; None: by its type."""
    parts = _branches(argument)
    if parts:
        for part in parts:
            yield from _in_field(body, part, field, below=below)
        return
    inner = held_in_fields(body, argument)
    for one in inner:
        is_same = _are_alike(one.field.type, field.type) if below is None else one.field.path == below
        if is_same or below is None:
            yield one._replace(field=field, same=one.same and is_same)
    if inner:
        return
    own = body.places.of(argument)
    is_same = own is not None and (below == () or (below is None and _are_alike(body.types.get(argument), field.type)))
    entry = "" if own is not None else body.entry(argument)
    for lender in lenders(body, argument, displays=True):
        if lender == own and below:
            lender, is_same = _part(body, own, body.types.get(argument), below)
        yield Held(field, lender, own is not None, is_same, entry)


def _part(body: Body, place: int, type_: Type | None, path: Path) -> tuple[int, bool]:
    """The place at the end of a way from an object, as far as that is known; and whether it is all of the way."""
    for name in path:
        if not body.facts.is_data(type_, name):
            return place, False
        place = body.places.path(place, name)
        type_ = next((symbol.type for info in classes_of(type_) if (symbol := info.get(name)) is not None), None)
    return place, True


def _are_alike(one: Type | None, other: Type) -> bool:
    """Whether values of two types are of the same classes."""
    return set(classes_of(one)) == set(classes_of(other))
