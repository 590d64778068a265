"""Look-ups: what a call or subscript gives that its source goes on holding, and how it takes each operand for that.

The table of what library containers do is data, in `knowledge.containers`; here it meets the call that is lowered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mypy.nodes import (
    ArgKind,
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    Decorator,
    Expression,
    FuncBase,
    FuncDef,
    GeneratorExpr,
    IndexExpr,
    LambdaExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    RefExpr,
    SliceExpr,
    TypeApplication,
    TypeInfo,
)

from ..graph import Into, Ownership
from ..knowledge.containers import KEYED, SOME, Does, Row
from ..typing_facts import classes_of, signatures_of
from .context import DISPLAYS, Use

if TYPE_CHECKING:
    from .body import Body

__all__ = [
    "Operand",
    "dies_here",
    "emptied",
    "is_element",
    "is_kept",
    "is_lookup",
    "is_made_of",
    "is_reached_through_loan",
    "may_stay",
    "method_row",
    "names_a_namespace",
    "operands",
    "sources",
    "takes_what_stays",
]

_ON = frozenset({Does.LEND, Does.VIEW, Does.COLLECT, Does.SHARE})
"""What a call does with an operand that its result still belongs to, or is made of."""

_STRICTEST = (
    *(Does.TAKE, Does.LOOK, Does.APPLY, Does.EMPTY, Does.RELEASE, Does.HAND_OUT),
    *(Does.VIEW, Does.COLLECT, Does.LEND, Does.SHARE, Does.DUPLICATE),
)
"""What a receiver of several classes may do, the last first: to lend rules out to hand out."""


@dataclass(frozen=True, slots=True)
class Operand:
    """The receiver or an argument of a call, and what the call does with it."""

    node: Expression
    does: Does
    is_receiver: bool = False


def operands(body: Body, node: CallExpr) -> list[Operand] | None:
    """What a call does with each of its operands, in the order of evaluation; None if its signature says it all."""
    callee = node.callee.expr if isinstance(node.callee, TypeApplication) else node.callee
    receiver: list[Operand] = []
    row: Row | None = None
    if isinstance(callee, MemberExpr) and not names_a_namespace(callee.expr):
        row = method_row(body, callee.expr, callee.name)
        if row is not None:
            receiver, row = [Operand(callee.expr, row[0], is_receiver=True)], row[1:]
    elif isinstance(callee, MemberExpr) and isinstance(callee.expr, RefExpr) and isinstance(callee.expr.node, TypeInfo):
        info = callee.expr.node
        row = body.facts.handling.method(info, callee.name, body.module.is_ours)
        if row is not None and _has_no_receiver(info, callee.name):
            row = row[1:]
    elif isinstance(callee, RefExpr):
        row = body.facts.handling.function(callee.fullname)
        if row is None and not isinstance(callee.node, (FuncDef, TypeInfo)):
            # An object that can be called: a weak reference, a cached function.
            row = method_row(body, callee, "__call__")
            if row is not None:
                receiver, row = [Operand(callee, row[0], is_receiver=True)], row[1:]
    if row is None:
        return None
    found = [Operand(argument, row[min(index, len(row) - 1)]) for index, argument in enumerate(node.args)]
    if isinstance(callee, RefExpr) and callee.fullname in KEYED:
        found = [
            Operand(operand.node, Does.TAKE) if kind is ArgKind.ARG_NAMED else operand
            for operand, kind in zip(found, node.arg_kinds, strict=True)
        ]
    if isinstance(callee, RefExpr) and callee.fullname in SOME:
        # Of an iterator they take some elements, and leave the rest.
        found = [
            Operand(operand.node, Does.HAND_OUT)
            if operand.does is Does.VIEW and method_row(body, operand.node, "__next__") is not None
            else operand
            for operand in found
        ]
    return [*receiver, *_applied(body, found)]


def method_row(body: Body, receiver: Expression, name: str) -> Row | None:
    """What a method does with its operands: of the classes that the receiver may have, the strictest."""
    rows = [
        row
        for info in classes_of(body.types.get(receiver))
        if (row := body.facts.handling.method(info, name, body.module.is_ours)) is not None
    ]
    return max(rows, key=lambda row: _STRICTEST.index(row[0]), default=None)


def names_a_namespace(node: Expression) -> bool:
    """Whether an expression names a module or class, which has no ownership of its own."""
    return isinstance(node, RefExpr) and isinstance(node.node, (MypyFile, TypeInfo))


def _has_no_receiver(info: TypeInfo, name: str) -> bool:
    symbol = info.get(name)
    method: object = symbol.node if symbol is not None else None
    if isinstance(method, Decorator):
        method = method.func
    return isinstance(method, FuncBase) and (method.is_static or method.is_class)


def _applied(body: Body, found: list[Operand]) -> list[Operand]:
    """The operands after a function that gets their elements: it takes them, or it only looks at them."""
    for index, operand in enumerate(found):
        if operand.does is Does.APPLY:
            takes = _takes_elements(body, operand.node)
            does = Does.TAKE if takes else Does.LOOK
            return [*found[: index + 1], *(Operand(o.node, does) for o in found[index + 1 :])]
    return found


def _takes_elements(body: Body, function: Expression) -> bool:
    """Whether a function takes one of its arguments by move. A lambda does not say so: its body does."""
    if isinstance(function, LambdaExpr):
        # Closures are lowered with all of this: here it comes round again.
        from .closures import takes_parameter

        return takes_parameter(body, function)
    return any(
        body.facts.taking_mode(formal) is Ownership.OWNED
        for one in signatures_of(body.types.get(function))
        for formal in one.arg_types
    )


def takes_what_stays(body: Body, known: list[Operand]) -> Expression | None:
    """A function among the operands that takes by move what another goes on holding: the `key` of `max`."""
    if not any(body.is_affine(operand.node) and operand.does is not Does.TAKE for operand in known):
        return None
    for operand in known:
        function = operand.node
        if operand.is_receiver or operand.does is Does.APPLY or body.is_affine(function):
            continue
        takes = [
            formal
            for one in signatures_of(body.types.get(function))
            for formal in one.arg_types
            if body.facts.is_affine(formal) and body.facts.taking_mode(formal) is Ownership.OWNED
        ]
        if takes and (not isinstance(function, LambdaExpr) or _takes_elements(body, function)):
            return function
    return None


# What the value of an expression belongs to


def sources(body: Body, node: CallExpr) -> list[Expression]:
    """The operands that the result of a call is reached through, or is made of."""
    known = operands(body, node)
    if known is not None:
        return [
            operand.node
            for operand in known
            if operand.does in _ON or (operand.does is Does.HAND_OUT and _is_passed_through(body, operand.node))
        ]
    if body.facts.returns_loan(body.types.get(node.callee)):
        return [*([node.callee.expr] if isinstance(node.callee, MemberExpr) else []), *node.args]
    return []


def _is_passed_through(body: Body, node: Expression) -> bool:
    """Whether what an expression hands out belongs to something else, unless that is taken with it."""
    return is_made_of(body, node) or (isinstance(node, NameExpr) and body.bindings.lends_container(node))


def is_made_of(body: Body, node: Expression) -> bool:
    """Whether an expression makes a container or iterator of elements that were somewhere before."""
    if isinstance(node, (*DISPLAYS, GeneratorExpr)):
        return True
    return isinstance(node, CallExpr) and bool(operands(body, node)) and bool(sources(body, node))


def is_reached_through_loan(body: Body, node: Expression) -> bool:
    """Whether what an expression gives still belongs to something else."""
    if isinstance(node, IndexExpr):
        return is_element(body, node)
    if isinstance(node, MemberExpr):
        if body.facts.is_data(body.types.get(node.expr), node.name):
            return is_kept(body, node.expr)
        return body.facts.declared_mode(body.types.get(node)) is not None
    if isinstance(node, CallExpr):
        return is_element(body, node)
    return False


def is_kept(body: Body, node: Expression) -> bool:
    """Whether the object that an expression gives lives on after it."""
    return any(True for _ in body.bindings.lenders(node)) or is_reached_through_loan(body, node)


def is_element(body: Body, node: Expression) -> bool:
    """Whether an expression gives an element that a container goes on holding."""
    if isinstance(node, IndexExpr):
        return not isinstance(node.index, SliceExpr) and is_kept_by(body, node.base, "__getitem__")
    if isinstance(node, CallExpr):
        return any(operand.does is Does.LEND and _keeps(body, operand) for operand in operands(body, node) or ())
    return False


def is_kept_by(body: Body, container: Expression, method: str) -> bool:
    """Whether a container that lends its elements lives on after the expression it is in."""
    if is_kept(body, container):
        return True
    row = method_row(body, container, method)
    return row is not None and row[0] is Does.LEND and not body.is_affine(container)


def _keeps(body: Body, operand: Operand) -> bool:
    """Whether an operand that lends goes on holding what it lends. What is no owner itself leads to one."""
    if not body.is_affine(operand.node):
        return operand.is_receiver
    return is_kept(body, operand.node)


def emptied(body: Body, node: Expression) -> int | None:
    """The container of which `node` is the whole: `xs[:]`, which `del` and assignments empty."""
    if not isinstance(node, IndexExpr) or not isinstance(node.index, SliceExpr) or not body.is_affine(node.base):
        return None
    whole = node.index
    if (whole.begin_index, whole.end_index, whole.stride) != (None, None, None):
        return None
    return body.places.of(node.base)


def dies_here(body: Body, container: Expression, use: Use) -> bool:
    """Whether nobody can use a container after this: `xs = xs[1:]`, and `return xs[1:]` of a variable."""
    place = body.places.of(container)
    if place is None or use.to is None or body.places.is_from_outside(place):
        return False
    held = body.graph.places[place]
    if use.to.into is Into.RETURN:
        return held.parent is None and held.ownership is Ownership.OWNED
    return use.to.into in (Into.VARIABLE, Into.ATTRIBUTE) and use.to.name == held.name


# What a name may be bound to without taking it


def is_lookup(body: Body, node: Expression) -> bool:
    """Whether an expression, or a branch of it, gives an element that its container goes on holding."""
    if isinstance(node, ConditionalExpr):
        return is_lookup(body, node.if_expr) or is_lookup(body, node.else_expr)
    if isinstance(node, OpExpr) and node.op in ("and", "or"):
        return is_lookup(body, node.left) or is_lookup(body, node.right)
    if isinstance(node, AssignmentExpr):
        return False
    return body.is_affine(node) and is_element(body, node)


def may_stay(body: Body, node: Expression) -> bool:
    """Whether what a call or slice gives is made of elements that can stay where they are while it is only looked at.

    Not so where they stand in a display that the result is made of: a display owns what it is made of.
    """
    if isinstance(node, IndexExpr):
        return isinstance(node.index, SliceExpr) and is_kept(body, node.base)
    if not isinstance(node, CallExpr) or not body.is_affine(node):
        return False
    known = operands(body, node) or ()
    picks = any(operand.does in (Does.LEND, Does.HAND_OUT) for operand in known)
    return bool(known) and any(True for _ in body.bindings.lenders(node, displays=picks))
