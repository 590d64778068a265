"""Where a value meets a declared type that promises something of what is called through it (rules, section 5).

Arguments, assignments, results, defaults and decorators: each hands the value and the type of the place to one
comparison, which is the business of `promises`. Only the values are taken apart here: the branches of a conditional,
the items of a display, what a lambda gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from mypy.argmap import map_actuals_to_formals
from mypy.erasetype import erase_typevars
from mypy.nodes import (
    AssignmentExpr,
    AssignmentStmt,
    CallExpr,
    ConditionalExpr,
    Decorator,
    DictExpr,
    DictionaryComprehension,
    Expression,
    FuncDef,
    FuncItem,
    GeneratorExpr,
    IndexExpr,
    LambdaExpr,
    ListComprehension,
    ListExpr,
    MemberExpr,
    OpExpr,
    RefExpr,
    SetComprehension,
    SetExpr,
    StarExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypedDictType,
    TypeOfAny,
    UnionType,
    get_proper_type,
)

from ..events import Destination, Into
from ..knowledge.tasks import Spawn
from ..members import inherited, member
from ..type_shapes import signatures_of
from .body import Body
from .spelling import spell
from .syntax import DISPLAYS

__all__ = ["arguments", "assigned", "decorated", "defaults", "returned", "yielded"]

_UNKNOWN = AnyType(TypeOfAny.special_form)

_Going: TypeAlias = Callable[[], Destination]
"""Says where a value goes: only for what breaks a promise, which little does."""


def arguments(body: Body, node: CallExpr, callee: str, row: Spawn | None) -> None:
    """The arguments of a call, where the parameters of the callee are declared.

    `row`: what is known of the callee by the table of tasks.
    """
    type_ = body.types.get(node.callee)
    concerns = body.module.promises.concerns.by_call
    if not concerns(type_) and not any(map(concerns, map(body.types.get, node.args))):
        return
    if row is not None and row.enters:
        # What it gives is lent if what the manager gives is: nothing is promised but that it can be entered.
        return
    is_overloaded = isinstance(get_proper_type(type_), Overloaded)
    for signature in signatures_of(type_):
        formals = _formals(body, node, signature)
        if is_overloaded and not _fit(body, node, formals):
            continue
        for position, formal, name in formals:
            argument = node.args[position]
            to = partial(Destination, Into.PARAMETER, name, callee)
            if node.arg_kinds[position].is_star():
                _offered_items(body, argument, formal, to)
            else:
                _offered(body, argument, formal, to)
        if is_overloaded:
            # mypy takes the first item of an overload that fits.
            break


_Formals = list[tuple[int, Type, str]]
"""For a call by one signature: the position of an argument, and the type and name of the parameter that gets it."""


def _formals(body: Body, node: CallExpr, callee: CallableType) -> _Formals:
    mapping = map_actuals_to_formals(
        node.arg_kinds,
        node.arg_names,
        callee.arg_kinds,
        callee.arg_names,
        lambda index: body.types.get(node.args[index], _UNKNOWN),
    )
    return [
        (actual, callee.arg_types[formal], callee.arg_names[formal] or "")
        for formal, actuals in enumerate(mapping)
        for actual in actuals
    ]


def _fit(body: Body, node: CallExpr, formals: _Formals) -> bool:
    given = {position for position, _, _ in formals}
    if len(given) != len(node.args):
        return False
    for position, formal, _ in formals:
        argument = body.types.get(node.args[position], _UNKNOWN)
        if not node.arg_kinds[position].is_star() and not is_subtype(argument, erase_typevars(formal)):
            return False
    return True


def assigned(body: Body, node: AssignmentStmt) -> None:
    """The right side of an assignment, where its targets are declared."""
    for target in node.lvalues:
        _assigned(body, target, node.rvalue)


def _assigned(body: Body, target: Expression, value: Expression) -> None:
    if isinstance(target, (TupleExpr, ListExpr)):
        if isinstance(value, (TupleExpr, ListExpr)) and len(value.items) == len(target.items):
            for one, given in zip(target.items, value.items, strict=True):
                _assigned(body, one, given)
        return
    wanted = _declared(body, target)
    if wanted is not None:
        _offered(body, value, wanted, partial(_of_target, target))


def _of_target(target: Expression) -> Destination:
    into = Into.ATTRIBUTE if isinstance(target, MemberExpr) else Into.VARIABLE
    return Destination(into, spell(target) or "the target")


def _declared(body: Body, target: Expression) -> Type | None:
    """What a target is declared to hold."""
    if isinstance(target, IndexExpr):
        # mypy notes with which method the item is set.
        setter = get_proper_type(target.method_type)
        return setter.arg_types[-1] if isinstance(setter, CallableType) and setter.arg_types else None
    if isinstance(target, RefExpr) and isinstance(target.node, Var):
        variable = target.node
        if variable.is_inferred and variable.info:
            return inherited(variable.info, variable.name) or variable.type
        # What mypy infers is what it believes of the variable from then on.
        return variable.type
    if isinstance(target, MemberExpr):
        receiver = get_proper_type(body.types.get(target.expr))
        if isinstance(receiver, Instance):
            return member(receiver, target.name)
        return body.declared_type(target)
    return None


def returned(body: Body, value: Expression) -> None:
    """What a function returns, where its result is declared."""
    signature = _signature(body)
    if signature is None:
        return
    wanted: Type | None = signature.ret_type
    if isinstance(body.owner, FuncDef) and (body.owner.is_coroutine or body.owner.is_generator):
        # The last of the three in `Coroutine[Any, Any, T]` and `Generator[Y, S, T]`.
        wanted = _argument(wanted, 2)
    if wanted is not None:
        _offered(body, value, wanted, partial(Destination, Into.RETURN, owner=body.graph.name))


def yielded(body: Body, value: Expression) -> None:
    """What a generator yields, where that is declared."""
    signature = _signature(body)
    wanted = _argument(signature.ret_type, 0) if signature is not None else None
    if wanted is not None:
        _offered(body, value, wanted, partial(Destination, Into.YIELD, owner=body.graph.name))


def _signature(body: Body) -> CallableType | None:
    signature = body.owner.type if isinstance(body.owner, FuncDef) else None
    return signature if isinstance(signature, CallableType) else None


def _argument(type_: Type | None, position: int) -> Type | None:
    proper = get_proper_type(type_)
    if not isinstance(proper, Instance) or not -len(proper.args) <= position < len(proper.args):
        return None
    return proper.args[position]


def defaults(body: Body, node: FuncItem) -> None:
    """Default arguments, where their parameters are declared."""
    signature = node.type
    for position, argument in enumerate(node.arguments):
        if argument.initializer is not None and isinstance(signature, CallableType):
            to = partial(Destination, Into.PARAMETER, argument.variable.name, body.graph.name)
            _offered(body, argument.initializer, signature.arg_types[position], to)


def decorated(body: Body, node: Decorator) -> None:
    """A decorated function is an argument of its decorators, from the last one on."""
    given: Type | None = node.func.type
    for decorator in reversed(node.decorators):
        callee = get_proper_type(body.types.get(decorator))
        signatures = [one for one in signatures_of(callee) if one.arg_types]
        if given is None or isinstance(callee, Overloaded) or len(signatures) != 1:
            return
        (one,) = signatures
        name = callee.name if isinstance(callee, CallableType) and callee.name else spell(decorator) or ""
        to = partial(Destination, Into.PARAMETER, one.arg_names[0] or "", name.split(" ")[0])
        _compared(body, decorator, one.arg_types[0], given, to, name=node.func.name)
        if one.ret_type != one.arg_types[0]:
            given = one.ret_type if not one.variables else None


# Taking values apart


def _offered(body: Body, node: Expression, wanted: Type, to: _Going) -> None:
    """A value goes to a place that is declared as `wanted`."""
    if type(node) not in _TAKEN_APART:
        given = body.types.get(node)
        if given is not None and not (isinstance(node, RefExpr) and node.fullname in body.facts.handling.functions):
            _compared(body, node, wanted, given, to)
    elif isinstance(node, ConditionalExpr):
        _offered(body, node.if_expr, wanted, to)
        _offered(body, node.else_expr, wanted, to)
    elif isinstance(node, OpExpr):
        if node.op in ("and", "or"):
            _offered(body, node.left, wanted, to)
            _offered(body, node.right, wanted, to)
        elif node in body.types:
            _compared(body, node, wanted, body.types[node], to)
    elif isinstance(node, AssignmentExpr):
        _offered(body, node.value, wanted, to)
    elif isinstance(node, LambdaExpr):
        # Its parameters are what the context says. What it does with them is seen in its body.
        for item in _items(wanted):
            if isinstance(item, CallableType):
                _offered(body, node.expr(), item.ret_type, to)
    elif isinstance(node, (*DISPLAYS, GeneratorExpr)):
        for part, promise, is_whole in _parts(body, node, wanted):
            if is_whole:
                _offered_items(body, part.expr if isinstance(part, StarExpr) else part, promise, to)
            else:
                _offered(body, part, promise, to)


_TAKEN_APART = frozenset({ConditionalExpr, OpExpr, AssignmentExpr, LambdaExpr, *DISPLAYS, GeneratorExpr})
"""Expressions of which it is the parts that are offered."""


def _offered_items(body: Body, node: Expression, wanted: Type, to: _Going) -> None:
    """`*xs`: each item goes to a place that is declared as `wanted`."""
    given = get_proper_type(body.types.get(node))
    items = given.items if isinstance(given, TupleType) else [_argument(given, -1)]
    for item in items:
        if item is not None:
            _compared(body, node, wanted, item, to, is_item=True)


def _compared(
    body: Body,
    node: Expression,
    wanted: Type,
    given: Type,
    to: _Going,
    *,
    name: str | None = None,
    is_item: bool = False,
) -> None:
    """`name`: what the program calls what stands there, if that is not the expression itself."""
    breach = body.module.promises.broken(wanted, given)
    if breach is not None:
        if is_item and not breach.member:
            breach = breach._replace(path=("item", *breach.path))
        body.mismatch(name or spell(node) or "", breach, node, to())


def _parts(body: Body, node: Expression, wanted: Type) -> Iterator[tuple[Expression, Type, bool]]:
    """What a display or comprehension is made of, each with what the declared type of the display says of it.

    And whether it is not a part but all the items of it: `*xs`, `**by_name`.
    """
    made = get_proper_type(body.types.get(node))
    info = made.partial_fallback.type if isinstance(made, TupleType) else getattr(made, "type", None)
    keys: list[Expression | None] = []
    if isinstance(node, DictExpr):
        keys, parts = [key for key, _ in node.items], [value for _, value in node.items]
    elif isinstance(node, DictionaryComprehension):
        keys, parts = [node.key], [node.value]
    elif isinstance(node, (ListExpr, SetExpr, TupleExpr)):
        parts = node.items
    elif isinstance(node, (ListComprehension, SetComprehension)):
        parts = [node.generator.left_expr]
    else:
        assert isinstance(node, GeneratorExpr)
        parts = [node.left_expr]
    for item in _items(wanted):
        if isinstance(item, TypedDictType):
            for key, part in zip(keys, parts, strict=False):
                if isinstance(key, StrExpr) and key.value in item.items:
                    yield part, item.items[key.value], False
        elif isinstance(item, TupleType):
            if len(item.items) == len(parts):
                yield from ((part, promise, False) for part, promise in zip(parts, item.items, strict=True))
        elif isinstance(item, Instance) and _is_made_as(info, item.type) and len(item.args) == (2 if keys else 1):
            for position, part in enumerate(parts):
                is_whole = isinstance(part, StarExpr) if not keys else keys[position] is None
                # The value of a mapping comes last.
                yield part, item.args[-1], is_whole


def _is_made_as(made: TypeInfo | None, wanted: TypeInfo) -> bool:
    """Whether the type arguments of `wanted` say what a display is to be made of: `Sequence[T]`, `Mapping[K, V]`."""
    return made is not None and (wanted in made.mro or wanted.is_protocol)


def _items(type_: Type) -> list[ProperType]:
    proper = get_proper_type(type_)
    return [get_proper_type(item) for item in proper.items] if isinstance(proper, UnionType) else [proper]
