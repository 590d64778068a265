"""On which paths a place is known to be empty: it is None, or of a type that concerns nobody here.

What concerns a body is for its analyses to say (`Body.concerns`): budgets where they are made from nothing, values
that have to be used up. A body that none of them asks about pays a truth test.
"""

from __future__ import annotations

from mypy.nodes import (
    AssignmentExpr,
    CallExpr,
    ComparisonExpr,
    Expression,
    MemberExpr,
    NameExpr,
    RefExpr,
    TupleExpr,
    TypeInfo,
)
from mypy.patterns import ClassPattern, Pattern, SingletonPattern
from mypy.types import Type, UnionType, get_proper_type

from ..fullnames import ISINSTANCE, NONE
from ..graph import Block
from .body import Body

__all__ = ["empty", "match", "narrow", "seen"]


def seen(body: Body, node: NameExpr | MemberExpr) -> None:
    """A place is named by a type that is narrower than its own: mypy may know that there is nothing in it."""
    narrowed, declared = body.types.get(node), get_proper_type(body.declared_type(node))
    if narrowed is None or not isinstance(declared, UnionType):
        return
    if _concerns(body, declared) and not _concerns(body, narrowed):
        empty(body, node)


def empty(body: Body, node: Expression) -> None:
    """There is nothing of concern in what `node` denotes, on this path."""
    place = body.places.of(node)
    if place is not None:
        body.lack(place, node)


def narrow(body: Body, condition: Expression, then: Block, otherwise: Block) -> tuple[Block, Block]:
    """The blocks to branch to in place of these two: on the way to one of them, a place is known to be empty."""
    test = _test(body, condition)
    if test is None:
        return then, otherwise
    node, holds_when = test
    if holds_when:
        return then, _emptied(body, node, otherwise)
    return _emptied(body, node, then), otherwise


def match(body: Body, subject: Expression, pattern: Pattern, matched: Block, unmatched: Block) -> tuple[Block, Block]:
    """As `narrow`, for a pattern without a guard."""
    if _asked(body, subject, True) is not None:
        if isinstance(pattern, SingletonPattern) and pattern.value is None:
            return _emptied(body, subject, matched), unmatched
        if (
            isinstance(pattern, ClassPattern)
            and not (pattern.positionals or pattern.keyword_values)
            and _are_all(body, subject, _classes(pattern.class_ref))
        ):
            return matched, _emptied(body, subject, unmatched)
    return matched, unmatched


def _emptied(body: Body, node: Expression, target: Block) -> Block:
    """A block on the way to `target` in which a place is known to be empty."""
    here, between = body.flow.current, body.flow.new_block()
    body.flow.go_on_in(between)
    empty(body, node)
    body.flow.edge(target)
    body.flow.go_on_in(here)
    return between


def _test(body: Body, node: Expression) -> tuple[Expression, bool] | None:
    """The place that a condition asks about, and the outcome on which it may hold something; on the other not."""
    if isinstance(node, ComparisonExpr) and len(node.operands) == 2:
        left, right = node.operands
        asked = left if _is_none(right) else right if _is_none(left) else None
        if asked is not None and node.operators[0] in ("is", "is not", "==", "!="):
            return _asked(body, asked, node.operators[0] in ("is not", "!="))
    elif isinstance(node, CallExpr) and isinstance(node.callee, RefExpr) and node.callee.fullname == ISINSTANCE:
        if len(node.args) == 2 and _are_all(body, node.args[0], _classes(node.args[1])):
            return _asked(body, node.args[0], True)
    elif all(each.is_empty_if_false(body.types.get(node)) for each in body.concerns):
        return _asked(body, node, True)
    return None


def _asked(body: Body, node: Expression, holds_when: bool) -> tuple[Expression, bool] | None:
    if isinstance(node, AssignmentExpr):
        node = node.target
    type_ = body.types.get(node) or body.declared_type(node)
    return (node, holds_when) if _concerns(body, type_) else None


def _concerns(body: Body, type_: Type | None) -> bool:
    return any(each.concerns(type_) for each in body.concerns)


def _are_all(body: Body, node: Expression, classes: list[TypeInfo]) -> bool:
    return all(each.are_all(body.types.get(node), classes) for each in body.concerns)


def _is_none(node: Expression) -> bool:
    return isinstance(node, NameExpr) and node.fullname == NONE


def _classes(node: Expression) -> list[TypeInfo]:
    items = node.items if isinstance(node, TupleExpr) else [node]
    return [item.node for item in items if isinstance(item, RefExpr) and isinstance(item.node, TypeInfo)]
