"""Nested functions and lambdas: bodies of their own that capture places of the body around them.

What the nested body moves is captured by move, where the function is made; what it only looks at is borrowed there.
"""

from __future__ import annotations

from mypy.nodes import FuncDef, FuncItem, LambdaExpr, Var
from mypy.types import CallableType, Type

from ..fullnames import FINALIZER, LENT_RECEIVER_METHODS
from ..graph import Destination, Event, Into, Kind, Ownership
from ..typing_facts import narrows
from . import minting, promised
from .body import Body, until_nothing_is_learnt
from .context import Inferred, Use

__all__ = ["lambda_expression", "lower_function_body", "nested_function", "takes_parameter"]


def lambda_expression(body: Body, node: LambdaExpr, use: Use) -> None:
    """`lambda: ...`: its defaults are evaluated here, its body later."""
    nested_function(body, node, "lambda")


def nested_function(body: Body, node: FuncItem, name: str) -> None:
    """Lower a nested body as a graph of its own, then capture here what it uses."""
    for argument in node.arguments:
        if argument.initializer is not None:
            body.expression(argument.initializer, Use(Kind.MOVE, Destination(Into.CLOSURE, name)))
    if isinstance(node, FuncDef) and node.is_dynamic() and not body.module.checks_untyped:
        return
    inner = _lower(body, node, name)
    body.nested.append(inner.graph)
    body.nested.extend(inner.nested)
    if body.minting is not None:
        minting.closure(body, inner)
    for variable, event in inner.captured.items():
        _capture(body, node, name, variable, event)


def _lower(body: Body, node: FuncItem, name: str) -> Body:
    def once(inferred: Inferred) -> Body:
        inner = Body(body.module, node, name, inferred, body.tables, outer=body)
        lower_function_body(inner, node)
        return inner

    return until_nothing_is_learnt(once)


def takes_parameter(body: Body, node: LambdaExpr) -> bool:
    """Whether a lambda moves one of its parameters, or a part of one."""
    inner = _lower(body, node, "lambda")
    own = {inner.places.declare(argument.variable) for argument in node.arguments}
    return any(
        event.kind is Kind.MOVE and inner.graph.root(event.place) in own
        for block in inner.graph.blocks
        for event in block.events
    )


def lower_function_body(body: Body, node: FuncItem) -> None:
    """Declare the parameters of a function, then lower its statements."""
    signature = node.type
    is_coroutine = isinstance(node, FuncDef) and node.is_coroutine
    is_generator = isinstance(node, FuncDef) and (node.is_generator or node.is_async_generator)
    body.returns_loan = not is_generator and (body.facts.awaits_loan if is_coroutine else body.facts.returns_loan)(
        signature
    )
    body.returns_owned = not is_generator and not is_coroutine and body.facts.returns_owned(signature)
    body.yields_loan = body.facts.yields_loan(signature)
    body.returns_receiver = isinstance(node, FuncDef) and node.name in LENT_RECEIVER_METHODS
    formals = signature.arg_types if isinstance(signature, CallableType) else []
    for position, argument in enumerate(node.arguments):
        formal = formals[position] if position < len(formals) else argument.variable.type
        body.places.declare(argument.variable, _ownership(body, node, position, formal))
    promised.defaults(body, node)
    if body.minting is not None:
        minting.begin(body, node)
    body.block(node.body)
    body.finish()
    if body.minting is not None:
        minting.finish(body)


def _ownership(body: Body, node: FuncItem, position: int, formal: Type | None) -> Ownership:
    """By what right a parameter is held: as declared; `self` is borrowed unless the method consumes it (rule 4)."""
    declared = body.facts.declared_mode(formal)
    if declared is not None:
        return declared
    if position == 0 and isinstance(node, FuncDef) and node.info and node.has_self_or_cls_argument:
        if node.name == FINALIZER or body.facts.is_consuming(node.info, node.name):
            return Ownership.OWNED
        return Ownership.NEW if body.is_constructor else Ownership.SELF
    is_method = isinstance(node, FuncDef) and bool(node.info) and node.has_self_or_cls_argument
    if isinstance(node.type, CallableType) and narrows(node.type) and position == is_method:
        return Ownership.SHARED
    if formal is None or body.facts.taking_mode(formal) is Ownership.OWNED:
        return Ownership.OWNED
    return Ownership.NOT_AFFINE


def _capture(body: Body, node: FuncItem, name: str, variable: Var, event: Event) -> None:
    place = body.places.capture(variable)
    to = Destination(Into.CLOSURE, name)
    body.use_place(place, node, Use(Kind.MOVE if event.kind is Kind.MOVE else Kind.LOOK, to))
