"""What displays and assignment targets spell out, and which expressions make a container, or nothing.

Knows syntax only: no types, and no body.
"""

from __future__ import annotations

from mypy.nodes import (
    BytesExpr,
    ComplexExpr,
    ConditionalExpr,
    DictExpr,
    DictionaryComprehension,
    EllipsisExpr,
    Expression,
    FloatExpr,
    IntExpr,
    ListComprehension,
    ListExpr,
    Lvalue,
    NameExpr,
    OpExpr,
    SetComprehension,
    SetExpr,
    StarExpr,
    StrExpr,
    TupleExpr,
)

__all__ = ["COMPREHENSIONS", "DISPLAYS", "LITERALS", "branches", "elements_of", "names_in"]

COMPREHENSIONS = (ListComprehension, SetComprehension)
DISPLAYS = (ListExpr, TupleExpr, SetExpr, DictExpr, *COMPREHENSIONS, DictionaryComprehension)
"""Expressions that make a container."""

LITERALS = frozenset({IntExpr, StrExpr, BytesExpr, FloatExpr, ComplexExpr, EllipsisExpr})
"""Expressions that evaluate nothing, and whose values hold nothing."""


def branches(node: Expression) -> list[Expression]:
    """The expressions of which one gives the value: of a conditional, `and` and `or`. Nothing for other expressions."""
    if isinstance(node, ConditionalExpr):
        return [node.if_expr, node.else_expr]
    return [node.left, node.right] if isinstance(node, OpExpr) and node.op in ("and", "or") else []


def elements_of(node: Expression) -> list[Expression]:
    """What a display spells out to be in its container: the values, of a dict. Nothing for other expressions."""
    if isinstance(node, DictExpr):
        return [value for _, value in node.items]
    return node.items if isinstance(node, (ListExpr, TupleExpr, SetExpr)) else []


def names_in(target: Lvalue) -> list[NameExpr]:
    """The names that an assignment target binds."""
    if isinstance(target, NameExpr):
        return [target]
    if isinstance(target, (TupleExpr, ListExpr)):
        return [name for item in target.items for name in names_in(item)]
    return names_in(target.expr) if isinstance(target, StarExpr) else []
