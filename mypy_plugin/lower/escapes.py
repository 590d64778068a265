"""Where a value goes out of sight: `Any`, untyped calls, fields of classes that are not affine (rules, section 5).

Only a body whose module watches for escapes (`budget-escape`, off by default) comes here. Each function looks at one
piece of syntax and says at most one thing about the value that it is given. A loan is no escape: what looks at a
value through `object` or a protocol does not keep it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy.argmap import map_actuals_to_formals
from mypy.nodes import (
    CallExpr,
    Expression,
    FuncDef,
    IndexExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    RefExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Overloaded,
    ProperType,
    Type,
    TypeOfAny,
    UnionType,
    get_proper_type,
)

from ..events import Escape, Event, Fault, Kind, Out, Ownership
from ..fullnames import GETATTR
from ..knowledge import FOLLOWED
from ..type_shapes import classes_of, signatures_of
from .body import Body
from .spelling import spell

__all__ = ["argument", "assigned", "by_name", "cast", "element", "is_attribute_by_name", "returned", "yielded"]


# Calls


def argument(body: Body, node: CallExpr, position: int, *, is_ours: bool) -> None:
    """An affine argument goes where its parameter does not say what it is, or into an object that may be shared."""
    value, callee = node.args[position], get_proper_type(body.types.get(node.callee))
    name = spell(node.callee) or "the callee"
    if isinstance(node.callee, RefExpr) and node.callee.fullname in FOLLOWED:
        return
    if isinstance(callee, AnyType):
        _escape(body, value, Escape(Out.CALLEE, owner=name))
        return
    owner = _made_class(callee)
    found = list(_formals(body, node, position))
    if owner is not None and _is_generated(owner) and found:
        if not body.facts.is_affine(body.types.get(node)):
            _escape(body, value, Escape(Out.FIELD, found[0][0], owner.name, is_ours=is_ours))
        return
    kinds = {_any_in(formal) for _, formal in found}
    if not found or "" in kinds:
        return
    parameter, short = found[0][0], _short(node.callee) or name
    if all(_is_unannotated(formal) for _, formal in found):
        _escape(body, value, Escape(Out.UNTYPED, parameter, short, is_ours=is_ours))
    else:
        _escape(body, value, Escape(Out.PARAMETER, parameter, short, min(kinds), is_ours=is_ours))


def by_name(body: Body, node: CallExpr) -> None:
    """`getattr(team, "budget")`: the attribute is affine, what comes back is Any."""
    if not is_attribute_by_name(node):
        return
    holder, name = node.args[0], node.args[1]
    if not isinstance(name, StrExpr):
        return
    for info in classes_of(body.types.get(holder)):
        symbol = info.get(name.value)
        if symbol is not None and body.facts.is_affine(symbol.type):
            text = f"{spell(holder) or info.name}.{name.value}"
            _report(body, node, text, Escape(Out.GETATTR, name.value))
            return


def is_attribute_by_name(node: CallExpr) -> bool:
    """Whether a call is `getattr(x, name)`."""
    return isinstance(node.callee, RefExpr) and node.callee.fullname == GETATTR and len(node.args) >= 2


def _formals(body: Body, node: CallExpr, position: int) -> Iterator[tuple[str, Type]]:
    """The parameters that an argument may go to, by name and type, over all signatures that take so many."""
    unknown = AnyType(TypeOfAny.special_form)
    for one in signatures_of(body.types.get(node.callee)):
        mapping = map_actuals_to_formals(
            node.arg_kinds,
            node.arg_names,
            one.arg_kinds,
            one.arg_names,
            lambda index: body.types.get(node.args[index], unknown),
        )
        if all(actuals or not one.arg_kinds[formal].is_required() for formal, actuals in enumerate(mapping)):
            for formal, actuals in enumerate(mapping):
                if position in actuals:
                    yield one.arg_names[formal] or "", one.arg_types[formal]


def _made_class(callee: ProperType | None) -> TypeInfo | None:
    if isinstance(callee, (CallableType, Overloaded)) and callee.is_type_obj():
        return callee.type_object()
    return None


def _is_generated(info: TypeInfo) -> bool:
    """Whether a class keeps what its constructor is given, because that was made from its fields."""
    symbol = info.get("__init__")
    return symbol is not None and symbol.plugin_generated


# Places


def assigned(body: Body, target: Expression, value: Expression) -> None:
    """A value is assigned: to what is declared as another type, or to a field of what others may hold as well."""
    if isinstance(target, (TupleExpr, ListExpr)):
        if isinstance(value, (TupleExpr, ListExpr)) and len(value.items) == len(target.items):
            for one, part in zip(target.items, value.items, strict=True):
                assigned(body, one, part)
    elif isinstance(target, IndexExpr):
        kept = body.types.get(target.base)
        if kept is not None and (spelled := _any_in(kept)):
            _escape(body, value, Escape(Out.ELEMENT, type=spelled))
    elif isinstance(target, MemberExpr) and not _is_of_a_module(target):
        _into_field(body, target, value)
    elif isinstance(target, NameExpr):
        variable = target.node
        if isinstance(variable, Var) and not variable.is_inferred and variable.type is not None:
            _into_declared(body, value, target.name, variable.type)


def _into_field(body: Body, target: MemberExpr, value: Expression) -> None:
    holder = get_proper_type(body.types.get(target.expr))
    text = spell(target) or target.name
    if isinstance(holder, AnyType):
        _escape(body, value, Escape(Out.VARIABLE, text, type="Any"))
        return
    info = target.expr.node if isinstance(target.expr, RefExpr) else None
    owners = [info] if isinstance(info, TypeInfo) else list(classes_of(holder))
    if owners and not any(body.facts.is_affine_class(each) for each in owners):
        _escape(
            body, value, Escape(Out.FIELD, target.name, owners[0].name, is_ours=body.module.is_ours(owners[0].fullname))
        )
        return
    declared = body.declared_type(target)
    if declared is not None:
        _into_declared(body, value, text, declared)


def _into_declared(body: Body, value: Expression, name: str, declared: Type) -> None:
    if not body.facts.is_affine(declared):
        _escape(body, value, Escape(Out.VARIABLE, name, type=_spelled(declared)))


def _is_of_a_module(target: MemberExpr) -> bool:
    return isinstance(target.expr, RefExpr) and isinstance(target.expr.node, MypyFile)


# Values


def element(body: Body, container: Expression, value: Expression) -> None:
    """An element of a container that is wanted as a container of something else: `data: dict[str, Any] = {"b": b}`."""
    whole = body.types.get(container)
    if whole is not None and not body.facts.is_affine(whole):
        _escape(body, value, Escape(Out.ELEMENT, type=_spelled(whole)))


def cast(body: Body, node: Expression, value: Expression) -> None:
    """`cast(Any, b)`."""
    type_ = body.types.get(node)
    if type_ is not None and not body.facts.is_affine(type_):
        _escape(body, value, Escape(Out.CAST, type=_spelled(type_)))


def returned(body: Body, value: Expression) -> None:
    """`return b` from a function that does not say what it returns."""
    function = body.owner
    if isinstance(function, FuncDef) and not function.is_generator and isinstance(function.type, CallableType):
        result = function.type.ret_type
        awaited = get_proper_type(result)
        if function.is_coroutine and isinstance(awaited, Instance) and awaited.args:
            result = awaited.args[-1]
        if not body.facts.is_affine(result):
            _escape(body, value, Escape(Out.RETURN, owner=function.name, type=_spelled(result)))


def yielded(body: Body, value: Expression) -> None:
    """As `returned`, of a generator."""
    function = body.owner
    if isinstance(function, FuncDef) and isinstance(function.type, CallableType):
        result = get_proper_type(function.type.ret_type)
        item = result.args[0] if isinstance(result, Instance) and result.args else result
        if not body.facts.is_affine(item) and body.facts.declared_mode(item) is None:
            _escape(body, value, Escape(Out.YIELD, owner=function.name, type=_spelled(item)))


def _escape(body: Body, value: Expression, escape: Escape) -> None:
    if body.is_affine(value):
        _report(body, value, spell(value) or "", escape)


def _report(body: Body, node: Expression, text: str, escape: Escape) -> None:
    # A place of its own: what becomes of the value itself is no business of this rule.
    place = body.graph.add_place(text, Ownership.BORROWED)
    body.flow.emit(Event(Kind.FAULT, place, node, fault=Fault.ESCAPES, about=escape))


# Types


def _any_in(type_: Type) -> str:
    """How a type is called that is Any or holds something that is; nothing for one that holds none."""
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        return min(filter(None, map(_any_in, proper.items)), default="")
    if isinstance(proper, AnyType):
        return "Any"
    holds = isinstance(proper, Instance) and any(isinstance(get_proper_type(arg), AnyType) for arg in proper.args)
    return _spelled(proper) if holds else ""


def _is_unannotated(type_: Type) -> bool:
    proper = get_proper_type(type_)
    return isinstance(proper, AnyType) and proper.type_of_any == TypeOfAny.unannotated


def _spelled(type_: Type) -> str:
    proper = get_proper_type(type_)
    if isinstance(proper, AnyType):
        return "Any"
    if isinstance(proper, Instance):
        arguments = ", ".join(map(_spelled, proper.args))
        return f"{proper.type.name}[{arguments}]" if arguments else proper.type.name
    return "something that is not affine"


def _short(callee: Expression) -> str:
    return callee.name if isinstance(callee, (NameExpr, MemberExpr)) else ""
