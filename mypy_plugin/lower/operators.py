"""Operators: whose special method is called, and how each operand is taken (rules, 3).

What special methods of library containers do is data, in `knowledge.containers`.
"""

from __future__ import annotations

from mypy.nodes import Expression, ListExpr, NameExpr, OperatorAssignmentStmt, OpExpr
from mypy.operators import reverse_op_method_set, reverse_op_methods
from mypy.types import Type

from ..events import Destination, Fault, Into, Kind
from ..knowledge.containers import FORMATTED, Does, Row
from ..type_shapes import classes_of, definition_of, signatures_of
from . import updates
from .body import Body
from .captives import captives_of
from .context import ASK, LOOK, Use
from .lookups import has_affine_element, method_row
from .spelling import spell
from .syntax import DISPLAYS

__all__ = ["binary", "operand"]


def binary(body: Body, node: OpExpr | OperatorAssignmentStmt, op: str, methods: tuple[str, ...], use: Use) -> None:
    """`left op right`: the left operand is the receiver, the right one is taken as the special method says (rule 3)."""
    left, right = (node.left, node.right) if isinstance(node, OpExpr) else (node.lvalue, node.rvalue)
    if body.facts.is_text(body.types.get(left)) and body.facts.is_text(body.types.get(right)):
        # As of methods of texts and numbers: nobody owns one, and it holds on to nothing.
        body.expression(left)
        body.expression(right)
        body.flow.may_raise()
        return
    is_affine = _gives(body, left) or _gives(body, right)
    onward = use if use.kind is Kind.MOVE and is_affine else LOOK
    row = _operator_row(body, left, right, methods) or ()
    method = node.method_type if isinstance(node, OpExpr) else None
    loans = body.begin_call()
    if not row and _is_reflected(body, left, methods, method):
        _reflected(body, left, right, op, reverse_op_methods[methods[-1]])
    else:
        _plain(body, left, right, methods, row, onward, op)
    body.end_call(loans)
    body.flow.may_raise()
    if row and row[1] is Does.RELEASE and isinstance(right, NameExpr):
        body.bindings.released(right, left)
    if row and row[0] is Does.DUPLICATE and is_affine:
        container = left if body.is_affine(left) else right
        if isinstance(container, ListExpr) and len(container.items) == 1:
            repeated, at, into = container.items[0], container.items[0], Into.CALL
        else:
            repeated, at, into = container, node if isinstance(node, OpExpr) else left, Into.OPERATOR
        body.fault(Fault.REPEATED, spell(repeated) or "", at, about=Destination(into, owner=op))


def _operator_row(body: Body, left: Expression, right: Expression, methods: tuple[str, ...]) -> Row | None:
    """What an operator does with its operands; `2 * xs` does what `xs * 2` does."""
    for method in methods:
        row = method_row(body, left, method)
        if row is not None:
            return row
    return None if body.is_affine(left) else method_row(body, right, f"__r{methods[-1][2:]}")


def _right(
    body: Body, left: Expression, right: Expression, methods: tuple[str, ...], row: Row, onward: Use, op: str
) -> Use:
    """How an operator takes its right operand."""
    does = row[1] if row else Does.TAKE
    formats = op == "%" and any(info.fullname in FORMATTED for info in classes_of(body.types.get(left)))
    if formats or does in (Does.LOOK, Does.RELEASE) or not _gives(body, right):
        return _asking(body, right) if does is Does.RELEASE else LOOK
    if does is Does.COLLECT:
        return _into_operator(onward, op)
    if not (_has_captives(body, right) or body.callees.takes_operand(body.types.get(left), methods)):
        return LOOK
    # `xs += ys`: a container takes what is in the other one.
    return Use(Kind.MOVE, Destination(Into.OPERATOR, op), drains=bool(row))


def _gives(body: Body, node: Expression) -> bool:
    """Whether an operand is affine, or a display of what is (to mypy, Any) or of functions that captured something."""
    if body.is_affine(node) or _has_captives(body, node):
        return True
    return isinstance(node, DISPLAYS) and has_affine_element(body, node)


def _has_captives(body: Body, node: Expression) -> bool:
    return isinstance(node, DISPLAYS) and body.has_captives and bool(captives_of(body, node))


def _asking(body: Body, node: Expression) -> Use:
    return ASK if body.facts.holds_handles(body.types.get(node)) else LOOK


def _into_operator(onward: Use, op: str) -> Use:
    return LOOK if onward is LOOK else Use(Kind.MOVE, Destination(Into.OPERATOR, op), drains=True)


def _plain(
    body: Body, left: Expression, right: Expression, methods: tuple[str, ...], row: Row, onward: Use, op: str
) -> None:
    collects = bool(row) and row[0] is Does.COLLECT
    # To let go of tasks is no look at what they give.
    releases = bool(row) and row[1] is Does.RELEASE
    taken = _asking(body, left) if releases else operand(body, left, methods[0], op)
    if collects:
        taken = _into_operator(onward, op)
    elif isinstance(left, DISPLAYS):
        # `[b] * 2`: the result holds what the display was made of.
        taken = Use(Kind.MOVE, Destination(Into.OPERATOR, op))
    if not (collects and updates.use_others(body, left, updates.given_by_display(body, right), taken)):
        body.expression(left, taken)
    if taken.kind is Kind.LOOK and body.is_affine(left):
        body.lend_until_return(left, Destination(Into.OPERATOR, op), exclusive=not collects)
    body.expression(right, _right(body, left, right, methods, row, onward, op))


def _reflected(body: Body, left: Expression, right: Expression, op: str, method: str) -> None:
    """The right operand's method is called, and takes the left one. They are evaluated in their order all the same."""
    takes = isinstance(left, DISPLAYS) or (
        body.is_affine(left) and body.callees.takes_operand(body.types.get(right), (method,))
    )
    body.expression(left, Use(Kind.MOVE, Destination(Into.OPERATOR, op)) if takes else LOOK)
    if body.is_affine(left) and not takes:
        body.lend_until_return(left, Destination(Into.OPERATOR, op), exclusive=True)
    body.expression(right, operand(body, right, method, op))


def _is_reflected(body: Body, left: Expression, methods: tuple[str, ...], method: Type | None) -> bool:
    if methods[-1] not in reverse_op_methods:
        return False
    chosen = [definition_of(one) for one in signatures_of(method)]
    if any(chosen):
        return all(one is None or one.name in reverse_op_method_set for one in chosen)
    classes = classes_of(body.types.get(left))
    return bool(classes) and not any(info.get(name) for info in classes for name in methods)


def operand(body: Body, node: Expression, method: str, op: str) -> Use:
    """How an operator takes the operand whose method it calls."""
    if body.is_affine(node) and body.receiver(node, method).consumes:
        return Use(Kind.MOVE, Destination(Into.OPERATOR, op))
    return LOOK
