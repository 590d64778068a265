"""Look-ups: what a call or subscript gives that its source goes on holding, and how it takes each operand for that.

The table of what library containers do is data, in `knowledge.containers`; here it meets the call that is lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import (
    ArgKind,
    CallExpr,
    Decorator,
    DictionaryComprehension,
    Expression,
    FuncBase,
    FuncDef,
    IndexExpr,
    LambdaExpr,
    MemberExpr,
    MypyFile,
    OpExpr,
    RefExpr,
    TypeApplication,
    TypeInfo,
)
from mypy.operators import op_methods
from mypy.types import AnyType, Instance, Type, TypeOfAny, get_proper_type

from ..callees import Taking
from ..events import Ownership
from ..knowledge import CALM_METHODS
from ..knowledge.containers import ABSORBING, KEYED, SOME, UPDATING, Does, Row
from ..type_shapes import classes_of, signatures_of
from .syntax import COMPREHENSIONS, elements_of

if TYPE_CHECKING:
    from .body import Body

__all__ = [
    "CALM_NAMES",
    "UPDATING_NAMES",
    "Operand",
    "has_affine_element",
    "is_absorbing_method",
    "is_calm_method",
    "is_updating_method",
    "joined",
    "method_row",
    "names_a_namespace",
    "operands",
    "reaches_owned",
    "takes_elements",
    "takes_what_stays",
]

_STRICTEST = (
    *(Does.TAKE, Does.LOOK, Does.APPLY, Does.EMPTY, Does.RELEASE, Does.HAND_OUT),
    *(Does.VIEW, Does.COLLECT, Does.LEND, Does.SHARE, Does.DUPLICATE),
)
"""What a receiver of several classes may do, the last first: to lend rules out to hand out."""


class Operand(NamedTuple):
    """The receiver or an argument of a call, and what the call does with it."""

    node: Expression
    does: Does
    is_receiver: bool = False


def operands(body: Body, node: CallExpr) -> list[Operand] | None:
    """What a call does with each of its operands, in the order of evaluation; None if its signature says it all."""
    if node in body.module.by_signature:
        return None
    found = _operands(body, node)
    if found is None:
        body.module.by_signature.add(node)
    return found


def _operands(body: Body, node: CallExpr) -> list[Operand] | None:
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
        row = body.facts.handling.functions.get(callee.fullname)
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
    handling = body.facts.handling
    if name not in handling.about_elements:
        return None
    type_ = body.types.get(receiver)
    if type(type_) is Instance:
        method, known = (type_.type, name), body.module.methods
        if method not in known:
            known[method] = handling.method(*method, body.module.is_ours)
        return known[method]
    rows = [row for info in classes_of(type_) if (row := handling.method(info, name, body.module.is_ours)) is not None]
    return max(rows, key=lambda row: _STRICTEST.index(row[0]), default=None)


def joined(body: Body, node: OpExpr) -> list[Expression]:
    """`xs + ys`, `d | e`: the operands whose elements are in the new container that an operator makes of them."""
    row = method_row(body, node.left, op_methods[node.op]) if node.op in op_methods else None
    given = zip((node.left, node.right), row or (), strict=False)
    return [operand for operand, does in given if does is Does.COLLECT and body.is_affine(operand)]


def is_calm_method(body: Body, receiver: Expression, name: str) -> bool:
    """Whether a method is known not to raise in a program whose types are right."""
    return name in CALM_NAMES and _is_listed(body, receiver, name, CALM_METHODS)


def is_absorbing_method(body: Body, receiver: Expression, name: str) -> bool:
    """`xs.extend(ys)`: whether a method of a container takes what is in another one."""
    return name in _ABSORBING_NAMES and _is_listed(body, receiver, name, ABSORBING)


def is_updating_method(body: Body, receiver: Expression, name: str) -> bool:
    """`state.update(entries)`: whether a method of a record puts entries in the place of old ones."""
    return name in UPDATING_NAMES and _is_listed(body, receiver, name, UPDATING)


def has_affine_element(body: Body, node: Expression) -> bool:
    """Whether a display spells out something affine to be in its container, or in one of those in there."""
    if isinstance(node, COMPREHENSIONS):
        return body.is_affine(node.generator.left_expr)
    if isinstance(node, DictionaryComprehension):
        return body.is_affine(node.value)
    return any(body.is_affine(item) or has_affine_element(body, item) for item in elements_of(node))


CALM_NAMES = frozenset().union(*CALM_METHODS.values())
_ABSORBING_NAMES = frozenset().union(*ABSORBING.values())
UPDATING_NAMES = frozenset().union(*UPDATING.values())
"""Most methods have no such name: then nothing is asked of the object."""


def _is_listed(body: Body, receiver: Expression, name: str, table: Mapping[str, frozenset[str]]) -> bool:
    """Whether a table lists a method, by a class that the object may be of."""
    return any(
        name in table.get(base.fullname, ()) for info in classes_of(body.types.get(receiver)) for base in info.mro
    )


def reaches_owned(body: Body, node: CallExpr | IndexExpr) -> bool:
    """Whether what a look-up gives may be owned, or of something that is.

    Not so for `topics[task]` in a dict of texts whose keys are tasks: it reaches nothing of what the dict holds for
    somebody, so that it matters to nobody whether that is there still.
    """
    if body.is_affine(node):
        return True
    # The result may be narrowed to None.
    given = signatures_of(node.method_type if isinstance(node, IndexExpr) else body.types.get(node.callee))
    return not given or any(body.facts.is_affine(one.ret_type) for one in given)


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
            takes = takes_elements(body, operand.node)
            does = Does.TAKE if takes else Does.LOOK
            return [*found[: index + 1], *(Operand(o.node, does) for o in found[index + 1 :])]
    return found


def takes_elements(body: Body, function: Expression) -> bool:
    """Whether a function takes one of its arguments by move. A lambda does not say so: its body does."""
    if isinstance(function, LambdaExpr):
        # Closures are lowered with all of this: here it comes round again.
        from .closures import takes_parameter

        return takes_parameter(body, function) or any(
            isinstance(get_proper_type(formal), AnyType)
            for one in signatures_of(body.types.get(function))
            for formal in one.arg_types
        )
    return any(
        body.facts.taking_mode(formal) is Ownership.OWNED
        for one in signatures_of(body.types.get(function))
        for formal in one.arg_types[body.facts.lends_receiver(one) :]
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
            for formal in one.arg_types[body.facts.lends_receiver(one) :]
            if body.facts.is_affine(formal) and body.facts.taking_mode(formal) is Ownership.OWNED
        ]
        if takes and (not isinstance(function, LambdaExpr) or takes_elements(body, function)):
            return function
    return None


def called_type(body: Body, function: Expression) -> Type | None:
    """The type of what is called, in which a table of functions lends what all its functions borrow."""
    type_, tables = body.types.get(function), body.module.joined
    return tables.restored(function, type_) if tables is not None else type_


def takings_of(body: Body, node: CallExpr) -> list[Taking]:
    """How a call takes each of its arguments, by its signature."""
    known = body.module.takings.get(node)
    if known is None:
        unknown = AnyType(TypeOfAny.special_form)
        known = body.module.takings[node] = body.callees.takings(
            called_type(body, node.callee),
            node.arg_kinds,
            node.arg_names,
            lambda index: body.types.get(node.args[index], unknown),
        )
    return known
