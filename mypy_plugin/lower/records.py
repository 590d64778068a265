"""What a value is made of, as far as its type fixes it: items of tuples, fields of named tuples, entries of TypedDicts.

A part that the type names has a place of its own. What stands in a list or a dict is reached only through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from mypy.nodes import Expression, IntExpr, StrExpr, TypeInfo, UnaryExpr, Var
from mypy.types import (
    CallableType,
    Instance,
    LiteralType,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypedDictType,
    TypeType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from ..type_shapes import classes_of

__all__ = [
    "Step",
    "attribute",
    "classes_denoted_by",
    "entries",
    "is_fixed",
    "items",
    "literal",
    "match_arguments",
    "required",
    "step",
]

_Record = TypeVar("_Record", TupleType, TypedDictType)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a value: the name of its place (see `places`), its type, and whether it can't be assigned."""

    name: str
    type: Type | None = field(compare=False)
    fixed: bool


def step(base: Type | None, index: Expression, index_type: Type | None) -> Step | None:
    """The part that a literal index or key picks."""
    value = literal(index, index_type)
    if isinstance(value, str):
        return entries(base).get(value)
    if isinstance(value, int):
        parts = items(base, None)
        if parts is not None and -len(parts) <= value < len(parts):
            return parts[value]
    return None


def literal(index: Expression, type_: Type | None) -> object:
    """The value of an index that is written out, or that its type fixes (a Final name)."""
    if isinstance(index, (IntExpr, StrExpr)):
        return index.value
    if isinstance(index, UnaryExpr) and index.op == "-" and isinstance(index.expr, IntExpr):
        return -index.expr.value
    proper = get_proper_type(type_) if type_ is not None else None
    if isinstance(proper, Instance) and proper.last_known_value is not None:
        proper = proper.last_known_value
    return proper.value if isinstance(proper, LiteralType) else None


def items(type_: Type | None, length: int | None) -> list[Step] | None:
    """The items of a tuple type of fixed length, or None. `length`: of a union, the tuple that has so many."""
    fixed = [each for each in _members(type_, TupleType) if not any(isinstance(i, UnpackType) for i in each.items)]
    fitting = [each for each in fixed if length is None or len(each.items) == length]
    if len(fitting) != 1 or (length is None and len(fixed) != 1):
        return None
    names = list(_fields_of_named_tuple(fitting[0].partial_fallback.type))
    if len(names) != len(fitting[0].items):
        names = [f"[{index}]" for index in range(len(fitting[0].items))]
    return [Step(name, type_, fixed=True) for name, type_ in zip(names, fitting[0].items, strict=True)]


def entries(type_: Type | None) -> dict[str, Step]:
    """The entries of a TypedDict, by key; none of another type."""
    found = list(_members(type_, TypedDictType))
    if len(found) != 1:
        return {}
    readonly = found[0].readonly_keys
    return {key: Step(f"[{key!r}]", item, fixed=key in readonly) for key, item in found[0].items.items()}


def required(type_: Type | None) -> frozenset[str]:
    """The keys that a TypedDict has for certain."""
    found = list(_members(type_, TypedDictType))
    return frozenset(found[0].required_keys) if len(found) == 1 else frozenset()


def attribute(info: TypeInfo, name: str) -> Step:
    """The part of an instance that an attribute is."""
    symbol = info.get(name)
    # mypy calls what can't be assigned a property: the fields of named tuples and frozen classes.
    fixed = symbol is not None and isinstance(symbol.node, Var) and (symbol.node.is_final or symbol.node.is_property)
    return Step(name, symbol.type if symbol is not None else None, fixed)


def is_fixed(owner: Type | None, name: str) -> bool:
    """Whether an attribute can't be assigned: of a named tuple, of a frozen class, or a Final one."""
    return any(attribute(info, name).fixed for info in classes_of(owner))


def match_arguments(info: TypeInfo) -> list[str]:
    """The attributes that a class pattern's positional parts stand for."""
    symbol = info.get("__match_args__")
    proper = get_proper_type(symbol.type) if symbol is not None and symbol.type is not None else None
    names: list[str] = []
    if isinstance(proper, TupleType):
        for item in proper.items:
            value = get_proper_type(item)
            if isinstance(value, Instance) and value.last_known_value is not None:
                value = value.last_known_value
            if not isinstance(value, LiteralType) or not isinstance(value.value, str):
                break
            names.append(value.value)
    return names


def classes_denoted_by(type_: Type | None) -> Iterator[TypeInfo]:
    """The classes that an expression of this type may itself be: `cls`, `type(self)`."""
    proper = get_proper_type(type_) if type_ is not None else None
    if isinstance(proper, TypeType):
        yield from classes_of(proper.item)
    elif isinstance(proper, (CallableType, Overloaded)) and proper.is_type_obj():
        yield proper.type_object()
    elif isinstance(proper, UnionType):
        for item in proper.items:
            yield from classes_denoted_by(item)


def _members(type_: Type | None, kind: type[_Record]) -> Iterable[_Record]:
    proper: ProperType | None = get_proper_type(type_) if type_ is not None else None
    if isinstance(proper, kind):
        yield proper
    elif isinstance(proper, UnionType):
        for item in proper.items:
            yield from _members(item, kind)


def _fields_of_named_tuple(info: TypeInfo) -> Iterator[str]:
    for base in info.mro:
        if "namedtuple" in base.metadata:
            yield from base.metadata["namedtuple"]["fields"]
            return
