"""`super()`: what a method of a base has of the object, and what of it goes when that method ends the object.

A base knows no more of the object than its own fields. Those are used, or taken, one by one, and with them one part
that stands for all else that makes an object of the base: `self.super()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mypy.nodes import FuncDef, NameExpr, SuperExpr, TypeInfo, Var

from ..events import Destination, Into, Kind, Ownership
from ..fullnames import BUILDERS
from ..members import instance_of, member
from ..type_shapes import is_remembered
from . import records
from .context import Use

if TYPE_CHECKING:
    from .body import Body

__all__ = ["ended", "is_remembered_by", "lent_to"]

_ITSELF = "super()"


def lent_to(body: Body, node: SuperExpr) -> None:
    """`super().run()`: the base looks at the object, as far as it knows that."""
    place, base = _receiver(body, node), _base(node)
    if place is None or base is None or node.name in BUILDERS:
        # A constructor makes what the base has.
        return
    to = Destination(Into.RECEIVER, owner=node.name)
    for part in _parts(body, place, base, node):
        body.use_place(part, node, Use(Kind.LOOK, to))


def is_remembered_by(node: SuperExpr) -> bool:
    """`super().slice`, if that is a cached property."""
    base = _base(node)
    return base is not None and is_remembered(base, node.name)


def ended(body: Body, node: SuperExpr) -> None:
    """`super().close()`: if that is `@consumes`, the base takes what it has, if the method owns its object."""
    place, base = _receiver(body, node), _base(node)
    if place is None or base is None or not body.facts.is_consuming(base, node.name):
        return
    use = Use(Kind.MOVE, Destination(Into.RECEIVER, owner=node.name))
    if body.graph.places[place].ownership is not Ownership.OWNED:
        body.use_place(place, node, use)
        return
    for part in _parts(body, place, base, node):
        body.use_place(part, node, use)


def _receiver(body: Body, node: SuperExpr) -> int | None:
    """The place of the object: that of the second argument, or of the method's own first parameter."""
    variable: object = None
    if len(node.call.args) > 1:
        given = node.call.args[1]
        variable = given.node if isinstance(given, NameExpr) else None
    elif isinstance(body.owner, FuncDef) and body.owner.info and body.owner.arguments:
        variable = body.owner.arguments[0].variable
    if not isinstance(variable, Var) or variable not in body.places:
        return None
    return body.places.declare(variable)


def _base(node: SuperExpr) -> TypeInfo | None:
    """The class whose method that is."""
    mro = node.info.mro if node.info is not None else []
    return next((one for one in mro[1:] if node.name in one.names), None)


def _parts(body: Body, place: int, base: TypeInfo, node: SuperExpr) -> Iterator[int]:
    assert node.info is not None
    itself = instance_of(node.info)
    owned = [
        name
        for name in dict.fromkeys(name for one in base.mro for name in one.names)
        if body.facts.is_data_of(base, name)
        and body.facts.is_affine(type_ := member(itself, name))
        and not body.facts.is_lent(type_)
    ]
    for name in owned:
        yield body.places.path(place, name, fixed=records.attribute(base, name).fixed)
    if owned or body.facts.is_affine(itself):
        yield body.places.path(place, _ITSELF, fixed=True)
