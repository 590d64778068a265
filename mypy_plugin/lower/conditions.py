"""Conditions: which of two blocks an expression's truth leads to (rules, section 6).

`and`, `or` and `not` become edges, so that each path knows which tests it passed; constants leave one edge only.
"""

from __future__ import annotations

from functools import partial

from mypy import nodes
from mypy.nodes import Expression

from ..graph import Block, Branch
from .body import Body
from .context import ASK
from .narrowing import narrow
from .spelling import spell

__all__ = ["branch_on"]


def branch_on(body: Body, node: Expression, then: Block, otherwise: Block) -> None:
    """Evaluate a condition and go to one of two blocks; constants and short circuits branch for themselves."""
    flow = body.flow
    if isinstance(node, nodes.UnaryExpr) and node.op == "not":
        branch_on(body, node.expr, otherwise, then)
    elif isinstance(node, nodes.OpExpr) and node.op in ("and", "or"):
        middle = flow.new_block()
        if node.op == "and":
            branch_on(body, node.left, middle, otherwise)
        else:
            branch_on(body, node.left, then, middle)
        flow.go_on_in(middle)
        branch_on(body, node.right, then, otherwise)
    elif isinstance(node, nodes.ComparisonExpr) and len(node.operands) > 2:
        # `a < b < c` has evaluated `c` wherever it holds.
        *operands, last = node.operands
        for position, operand in enumerate(operands):
            body.expression(operand)
            if position:
                flow.may_raise()
                goes_on = flow.new_block()
                flow.branch(None, goes_on, otherwise)
                flow.go_on_in(goes_on)
        body.expression(last)
        flow.may_raise()
        flow.branch(Branch(node.line, partial(spell, node)), then, otherwise)
    else:
        known = _constant(node)
        body.expression(node, ASK)
        if known is None and body.concerns:
            then, otherwise = narrow(body, node, then, otherwise)
        if known is None:
            then, otherwise = body.tasks.none_left(node, then, otherwise)
            flow.branch(Branch(node.line, partial(spell, node)), then, otherwise)
        else:
            flow.edge(then if known else otherwise)
        # Whoever asked for the branch goes on in one of the two blocks.


def _constant(node: Expression) -> bool | None:
    """The truth of a condition that is spelled as a constant, and of those that mypy decides from its options."""
    if isinstance(node, nodes.NameExpr) and node.fullname in ("builtins.True", "builtins.False"):
        return node.fullname == "builtins.True"
    if isinstance(node, nodes.IntExpr):
        return node.value != 0
    if isinstance(node, nodes.RefExpr) and node.fullname in ("typing.TYPE_CHECKING", "builtins.__debug__"):
        return True if node.fullname == "builtins.__debug__" else None
    return None
