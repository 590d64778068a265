"""What the members of a class are: as they are declared, and as they are reached through an object.

Over mypy's types and symbols alone; knows nothing of ownership.
"""

from __future__ import annotations

from typing import Final

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, SymbolNode, TypeInfo, Var
from mypy.typeops import bind_self
from mypy.types import FunctionLike, Instance, Type, TypeType, get_proper_type
from mypy.typevars import fill_typevars

__all__ = ["CALL", "declared", "inherited", "instance_of", "member"]

CALL: Final = "__call__"


def instance_of(info: TypeInfo) -> Instance:
    """An object of a class, as the class sees itself."""
    filled = fill_typevars(info)
    return filled if isinstance(filled, Instance) else filled.partial_fallback


def inherited(info: TypeInfo, name: str) -> Type | None:
    """What the next base that has an attribute declares it to hold."""
    base = next((base for base in info.mro[1:] if name in base.names), None)
    itself = instance_of(info)
    return member(map_instance_to_supertype(itself, base), name, itself) if base is not None else None


def member(instance: Instance, name: str, receiver: Instance | None = None) -> Type | None:
    """The type of a member, as it is reached through an object: without `self`, with type arguments filled in.

    `receiver`: the object, where `instance` is what one of its bases sees.
    """
    receiver = receiver or instance
    for base in instance.type.mro:
        symbol = base.names.get(name)
        if symbol is not None:
            break
    else:
        return None
    type_ = declared(symbol.node)
    if type_ is None:
        return None
    type_ = expand_type_by_instance(type_, map_instance_to_supertype(instance, base))
    function = get_proper_type(type_)
    if not isinstance(function, FunctionLike) or not _is_bound(symbol.node):
        return type_
    is_class = getattr(_function(symbol.node), "is_class", False)
    bound = bind_self(function, TypeType.make_normalized(receiver) if is_class else receiver, is_class)
    return bound.items[0].ret_type if _is_property(symbol.node) else bound


def _function(node: SymbolNode | None) -> SymbolNode | None:
    if isinstance(node, OverloadedFuncDef):
        node = node.items[0] if node.items else node.impl
    return node.func if isinstance(node, Decorator) else node


def declared(node: SymbolNode | None) -> Type | None:
    """The type that a symbol is declared with."""
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        # Of a property with a setter, the getter.
        node = node.items[0]
    return getattr(node, "type", None)


def _is_bound(node: SymbolNode | None) -> bool:
    """Whether what a class has under a name gets the object as its first argument."""
    if isinstance(node, Var):
        # A function kept in the class is a method; one declared as a field is data.
        return node.is_initialized_in_class and (node.is_classvar or node.is_inferred) and not node.is_staticmethod
    return not getattr(_function(node), "is_static", False)


def _is_property(node: SymbolNode | None) -> bool:
    function = _function(node)
    return isinstance(function, FuncDef) and function.is_property
