"""Targets of assignment: which names they bind, and what it takes to give them a value (rules, sections 2 and 3)."""

from __future__ import annotations

from mypy.nodes import (
    Context,
    Expression,
    IndexExpr,
    ListExpr,
    Lvalue,
    MemberExpr,
    NameExpr,
    StarExpr,
    TupleExpr,
    Var,
)
from mypy.types import Type

from ..events import Destination, Into, Kind
from ..knowledge.containers import Does
from . import dropping
from .body import Body
from .context import ASK, LOOK, Use
from .loans import emptied
from .lookups import is_calm_method, method_row
from .spelling import spell

__all__ = ["assign"]


def assign(
    body: Body,
    target: Lvalue,
    node: Context,
    value: Type | None = None,
    *,
    stored: tuple[Expression, Use] | None = None,
) -> None:
    """Reinitialise what an assignment target names; its sub-expressions are evaluated now.

    `value`: the type of what is assigned, where it says more than the target's own. `stored`: a place whose value
    goes there, and how; nobody has that value before it is stored, `by_name[task.name] = task`.
    """
    if isinstance(target, NameExpr):
        body.bound(target.name.rstrip("'*"))
        variable = target.node
        if isinstance(variable, Var) and (
            variable in body.places
            or body.facts.is_affine(variable.type)
            # Nothing of the following is known of most variables, and to ask is to be told when it is learnt.
            or body.inferred.watched.has(variable)
            or body.inferred.captives.has(variable)
            or body.inferred.holding.has(variable)
        ):
            body.initialise(body.places.of_variable(target), target, value)
            dropping.gained(body, target, node, value)
    elif isinstance(target, MemberExpr):
        body.bound(f".{target.name}")
        place = body.places.of(target)
        parent = body.places.of(target.expr)
        if parent is None:
            body.expression(target.expr)
        if stored is not None:
            body.expression(*stored)
        if parent is not None and body.is_affine(target.expr):
            below = place if place is not None else body.places.path(parent, target.name)
            body.emit(Kind.STORE, below, target)
        if place is not None:
            body.initialise(place, target, value)
        body.flow.may_raise(stored=place is not None)
    elif (whole := emptied(body, target)) is not None:
        if stored is not None:
            body.expression(*stored)
        body.emit(Kind.EMPTY, whole, target)
    elif isinstance(target, IndexExpr):
        place = body.places.of(target)
        if place is not None:
            if stored is not None:
                body.expression(*stored)
            body.emit(Kind.STORE, place, target)
            body.initialise(place, target, value)
            body.flow.may_raise(stored=True)
            return
        is_register = body.bindings.is_register(target.base)
        body.expression(target.base, ASK if is_register else LOOK)
        row = method_row(body, target.base, "__setitem__")
        is_key = body.is_affine(target.index) and (row is None or row[1] is Does.TAKE)
        to = Destination(Into.SUBSCRIPT, spell(target.base) or "the container")
        asks = ASK if is_register else LOOK
        body.expression(target.index, Use(Kind.MOVE, to) if is_key and not is_register else asks)
        if stored is not None:
            body.expression(*stored)
        is_hashed = body.facts.is_text(body.types.get(target.index))
        if not (is_hashed and is_calm_method(body, target.base, "__setitem__")):
            body.flow.may_raise()
    elif isinstance(target, (TupleExpr, ListExpr)):
        for item in target.items:
            assign(body, item, node)
    elif isinstance(target, StarExpr):
        assign(body, target.expr, node)
