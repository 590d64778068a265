"""Calls: how each argument and the receiver are taken, and what is lent until the call returns (rules, 3 and 4).

What a callee does with an argument is read off its signature by `typing_facts`; what a few library functions do
beyond their signatures is data, in `knowledge`.
"""

from __future__ import annotations

from mypy.nodes import CallExpr, Expression, MemberExpr, MypyFile, NameExpr, RefExpr, TypeInfo
from mypy.types import AnyType, TypeOfAny, UninhabitedType, get_proper_type

from ..graph import Destination, Fault, Into, Kind, Ownership
from ..knowledge import DUPLICATORS, FORMATTED, LOOKERS
from ..typing_facts import Taking, classes_of, method_of
from . import minting
from .body import Body
from .context import DISPLAYS, LOOK, Use
from .spelling import spell

__all__ = ["binary", "call", "callee_name", "operand"]


def call(body: Body, node: CallExpr, use: Use) -> None:
    """Receiver, then arguments from left to right, then the call itself, which may raise or never return."""
    if node.analyzed is not None:
        body.expression(node.analyzed, use)
        return
    with body.call():
        _callee(body, node)
        _arguments(body, node)
        if body.minting is not None:
            minting.made(body, node)
    body.flow.may_raise()
    result = get_proper_type(body.types.get(node))
    if isinstance(result, UninhabitedType) and not result.ambiguous:
        body.flow.stop()
    elif use.kind is Kind.MOVE and body.is_affine(node) and body.facts.returns_loan(body.types.get(node.callee)):
        body.fault(Fault.NOT_OWNED, f'the result of "{callee_name(node)}"', node, use.to)


def binary(body: Body, left: Expression, right: Expression, op: str, methods: tuple[str, ...]) -> None:
    """`left op right`: the left operand is the receiver, the right one is taken as the special method says (rule 3)."""
    with body.call():
        taken = operand(body, left, methods[0], op)
        if isinstance(left, DISPLAYS):
            # `[b] + xs`: the result holds what the display was made of.
            taken = Use(Kind.MOVE, Destination(Into.OPERATOR, op))
        body.expression(left, taken)
        if taken is LOOK and body.is_affine(left):
            body.lend_until_return(left, Destination(Into.OPERATOR, op), exclusive=True)
        formats = op == "%" and any(info.fullname in FORMATTED for info in classes_of(body.types.get(left)))
        takes = (
            not formats
            and body.is_affine(right)
            and body.facts.operand_mode(body.types.get(left), methods) is Ownership.OWNED
        )
        body.expression(right, Use(Kind.MOVE, Destination(Into.OPERATOR, op)) if takes else LOOK)
    body.flow.may_raise()


def operand(body: Body, node: Expression, method: str, op: str) -> Use:
    """How an operator takes the operand whose method it calls."""
    if body.is_affine(node) and body.facts.consumes_receiver(body.types.get(node), method):
        return Use(Kind.MOVE, Destination(Into.OPERATOR, op))
    return LOOK


def callee_name(node: CallExpr) -> str:
    """What a reader calls the function: its own name, without the path to it."""
    if isinstance(node.callee, (NameExpr, MemberExpr)):
        return node.callee.name
    return spell(node.callee) or ""


def _callee(body: Body, node: CallExpr) -> None:
    """Evaluate the callee; a method lends or takes its receiver."""
    callee = node.callee
    if not isinstance(callee, MemberExpr) or _names_a_namespace(callee.expr):
        body.expression(callee)
        return
    receiver = callee.expr
    if not body.is_affine(receiver):
        body.expression(receiver)
    elif body.facts.consumes_receiver(body.types.get(receiver), callee.name):
        body.expression(receiver, Use(Kind.MOVE, Destination(Into.RECEIVER, owner=callee.name)))
    elif not body.facts.binds_receiver(body.types.get(receiver), callee.name):
        body.expression(receiver)
    elif isinstance(receiver, DISPLAYS):
        # What a method gives out of a temporary container (`[a, b].pop()`) was put into it first.
        body.expression(receiver, Use(Kind.MOVE, Destination(Into.RECEIVER, owner=callee.name)))
    else:
        body.expression(receiver)
        body.lend_until_return(receiver, Destination(Into.RECEIVER, owner=callee.name), exclusive=True)
    body.flow.may_raise()


def _names_a_namespace(node: Expression) -> bool:
    return isinstance(node, RefExpr) and isinstance(node.node, (MypyFile, TypeInfo))


def _arguments(body: Body, node: CallExpr) -> None:
    takings: list[Taking] | None = None
    owner, outlives_call = "", False
    for position, argument in enumerate(node.args):
        if not body.is_affine(argument):
            body.expression(argument)
            if body.minting is not None:
                minting.passed(body, node, position, callee_name(node))
            continue
        if takings is None:
            takings = _takings(body, node)
            owner = callee_name(node)
            outlives_call = body.facts.is_awaitable(body.types.get(node))
        taking = takings[position]
        to = Destination(Into.PARAMETER, taking.name, owner, outlives_call, _is_ours(body, node))
        if _duplicates(body, node):
            body.expression(argument)
            body.fault(Fault.REPEATED, spell(argument) or "the argument", argument, to)
        elif _only_looks(node) or (position == 0 and _is_receiver_of_unbound_call(body, node)):
            body.expression(argument)
        elif taking.mode is Ownership.OWNED or (taking.holds_any and isinstance(argument, DISPLAYS)):
            body.expression(argument, Use(Kind.MOVE, to))
        elif not taking.declared:
            body.expression(argument)
        else:
            exclusive = taking.mode is Ownership.BORROWED
            body.expression(argument, Use(Kind.LEND, to, exclusive))
            body.lend_until_return(argument, to, exclusive=exclusive)


def _only_looks(node: CallExpr) -> bool:
    """Whether the call is known to leave its arguments as they are, whatever its signature says."""
    return isinstance(node.callee, RefExpr) and node.callee.fullname in LOOKERS


def _is_receiver_of_unbound_call(body: Body, node: CallExpr) -> bool:
    """Whether the first argument is a method's `self`: `Budget.spend(b, 10)` borrows `b` as `b.spend(10)` does."""
    callee = node.callee
    if not isinstance(callee, MemberExpr) or not isinstance(callee.expr, RefExpr):
        return False
    info = callee.expr.node
    method = method_of(info, callee.name) if isinstance(info, TypeInfo) else None
    return (
        isinstance(info, TypeInfo)
        and method is not None
        and not (method.is_static or method.is_class)
        and not body.facts.is_consuming(info, callee.name)
    )


def _is_ours(body: Body, node: CallExpr) -> bool:
    """Whether the callee is defined in code that is checked here, and not in a library."""
    if isinstance(node.callee, RefExpr) and node.callee.fullname:
        return body.module.is_ours(node.callee.fullname)
    if isinstance(node.callee, MemberExpr):
        return any(body.module.is_ours(info.fullname) for info in classes_of(body.types.get(node.callee.expr)))
    return False


def _takings(body: Body, node: CallExpr) -> list[Taking]:
    unknown = AnyType(TypeOfAny.special_form)
    return body.facts.takings(
        body.types.get(node.callee),
        node.arg_kinds,
        node.arg_names,
        lambda index: body.types.get(node.args[index], unknown),
    )


def _duplicates(body: Body, node: CallExpr) -> bool:
    """Whether the call is known to give back a second value for the one it is given."""
    return isinstance(node.callee, RefExpr) and node.callee.fullname in DUPLICATORS
