"""What mypy's types are made of: the classes of a value, the signatures of a callable, the definitions behind them.

Reads mypy's types and nodes for the modules that know ownership. It must never know ownership itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mypy.argmap import map_actuals_to_formals
from mypy.constraints import SUPERTYPE_OF, Constraint, infer_constraints
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    CONTRAVARIANT,
    ArgKind,
    CallExpr,
    Decorator,
    FuncDef,
    OverloadedFuncDef,
    RefExpr,
    SymbolNode,
    TypeInfo,
)
from mypy.typeops import bind_self
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Overloaded,
    ParamSpecType,
    TupleType,
    Type,
    TypedDictType,
    TypeOfAny,
    TypeVarLikeType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

from .fullnames import OBJECT, PARTIAL, TRUTH_METHODS

__all__ = [
    "as_defined",
    "classes_of",
    "constraints_between",
    "decides_truth",
    "definition_of",
    "function_of",
    "held_by",
    "is_callback",
    "is_descriptor",
    "is_partial",
    "is_remembered",
    "mapped",
    "method_of",
    "names_param_spec",
    "narrows",
    "overridden",
    "runs_when_awaited",
    "signatures_of",
    "solutions",
    "solve_by_arguments",
    "variable_name",
]

_PARTIAL = "__mypy_partial"
"""Where mypy's own plugin keeps what is left to give to a `functools.partial`."""


# Classes


def classes_of(type_: Type | None) -> Sequence[TypeInfo]:
    """The classes that a value of this type may be an instance of."""
    if type(type_) is Instance:
        return (type_.type,)
    proper = get_proper_type(type_) if type_ is not None else None
    if isinstance(proper, Instance):
        return (proper.type,)
    if isinstance(proper, UnionType):
        return [info for item in proper.items for info in classes_of(item)]
    if isinstance(proper, TypeVarType):
        return classes_of(proper.upper_bound)
    if isinstance(proper, TupleType):
        return (proper.partial_fallback.type,)
    if isinstance(proper, TypedDictType):
        return (proper.fallback.type,)
    return ()


def runs_when_awaited(function: object) -> bool:
    """Whether a function is an `async def` that makes a coroutine, and no generator."""
    return isinstance(function, FuncDef) and function.is_coroutine and not function.is_async_generator


def method_of(info: TypeInfo, name: str) -> FuncDef | None:
    """The function that a class defines under this name, with its decorators taken off."""
    symbol = info.get(name)
    method = symbol.node if symbol is not None else None
    if isinstance(method, Decorator):
        method = method.func
    return method if isinstance(method, FuncDef) else None


def decides_truth(info: TypeInfo) -> bool:
    """Whether a class says itself when an object of it is false."""
    return any(name in base.names for base in info.mro if base.fullname != OBJECT for name in TRUTH_METHODS)


def is_descriptor(type_: Type | None) -> bool:
    """Whether reading an attribute of this type calls something."""
    return any(info.get("__get__") is not None for info in classes_of(type_))


def is_remembered(info: TypeInfo, name: str) -> bool:
    """Whether reading this attribute calls something the first time, and the object keeps what that gives."""
    symbol = info.get(name)
    # mypy has one descriptor of the kind, whose value it lets be assigned. A property with a setter is an overload.
    node = symbol.node if symbol is not None else None
    return isinstance(node, Decorator) and node.func.is_property and node.var.is_settable_property


def is_callback(info: TypeInfo) -> bool:
    """Whether a class is a protocol of functions: its type arguments are what they take and give (PEP 544)."""
    return info.is_protocol and info.protocol_members == ["__call__"]


def held_by(type_: Instance) -> Iterable[Type]:
    """The type arguments that say what an instance may hold: not those that it only takes, as a function does."""
    variables = type_.type.defn.type_vars
    if len(variables) != len(type_.args):
        return type_.args
    return [
        argument
        for variable, argument in zip(variables, type_.args, strict=True)
        if not (isinstance(variable, TypeVarType) and variable.variance == CONTRAVARIANT)
    ]


# Signatures


def signatures_of(function: Type | None) -> Sequence[CallableType]:
    """Every signature that a value of this type can be called with."""
    if type(function) is CallableType:
        return (function,)
    callee = get_proper_type(function) if function is not None else None
    if isinstance(callee, CallableType):
        return (callee,)
    if isinstance(callee, Overloaded):
        return callee.items
    if isinstance(callee, UnionType):
        return [one for item in callee.items for one in signatures_of(item)]
    if isinstance(callee, Instance) and callee.extra_attrs is not None and _PARTIAL in callee.extra_attrs.attrs:
        return signatures_of(callee.extra_attrs.attrs[_PARTIAL])
    if isinstance(callee, Instance):
        call = callee.type.get("__call__")
        return [bind_self(one, callee) for one in signatures_of(call.type if call is not None else None)]
    if isinstance(callee, TypeVarType):
        return signatures_of(callee.upper_bound)
    return ()


def is_partial(call: CallExpr) -> bool:
    """Whether it is `functools.partial` that is called: of what it gives, mypy's type says no more than the result."""
    return isinstance(call.callee, RefExpr) and call.callee.fullname == PARTIAL


def definition_of(signature: CallableType) -> FuncDef | None:
    """The function that a signature is of, with its decorators taken off; None for one that is only a type."""
    definition = signature.definition
    if isinstance(definition, Decorator):
        definition = definition.func
    return definition if isinstance(definition, FuncDef) else None


def function_of(node: SymbolNode | None) -> FuncDef | None:
    """The function that a name stands for, with its decorators taken off; of overloads, the one that has a body."""
    if isinstance(node, OverloadedFuncDef):
        return function_of(node.impl if node.impl is not None else node.items[0])
    if isinstance(node, Decorator):
        return node.func
    return node if isinstance(node, FuncDef) else None


def overridden(function: FuncDef) -> Iterable[str]:
    """The full names of a function and, for a method, of those that it may override."""
    yield function.fullname
    if function.info:
        for base in function.info.mro:
            yield f"{base.fullname}.{function.name}"


def as_defined(callee: CallableType, formal: int) -> tuple[str, Type, FuncDef | None]:
    """The name and type of a parameter as they stand in the definition, where its type variables are not solved yet."""
    name, type_ = callee.arg_names[formal] or "", callee.arg_types[formal]
    function = definition_of(callee)
    if function is not None:
        # From mypy's cache, it has no arguments.
        is_bound = bool(function.info) and (not function.is_static or function.name == "__new__")
        index = formal + is_bound
        if index < len(function.arg_names):
            name = function.arg_names[index] or ""
        if isinstance(function.type, CallableType) and index < len(function.type.arg_types):
            type_ = function.type.arg_types[index]
    return name, type_, function


def mapped(
    callee: Type | None,
    kinds: list[ArgKind],
    names: list[str | None],
    argument_type: Callable[[int], Type | None],
) -> Iterable[tuple[CallableType, list[list[int]]]]:
    """Each signature of a callee, with the positions of the arguments that go to each of its parameters."""
    unknown = AnyType(TypeOfAny.special_form)
    for one in signatures_of(callee):
        yield (
            one,
            map_actuals_to_formals(
                kinds, names, one.arg_kinds, one.arg_names, lambda index: argument_type(index) or unknown
            ),
        )


def narrows(signature: CallableType) -> bool:
    """Whether a function says of what type its argument is (`TypeGuard`, `TypeIs`): its caller goes on with it."""
    return signature.type_guard is not None or signature.type_is is not None


# Type variables


_ALL = "**"


def variable_name(variable: TypeVarLikeType) -> str:
    """What a type variable is called where summaries speak of it: `T`, and `**P` of a `ParamSpec`."""
    return f"{_ALL}{variable.name}" if isinstance(variable, ParamSpecType) else variable.name


def names_param_spec(variable: str) -> bool:
    """Whether a variable of this name stands for all that a function is called with."""
    return variable.startswith(_ALL)


def solutions(definition: FuncDef, signature: CallableType | None, receiver: Type | None) -> dict[str, list[Type]]:
    """What the type variables of a function and its class stand for where it is called with this signature.

    `signature` is the function's own, with what mypy solved its variables with in their stead, and without the
    parameter that is bound to `receiver`.
    """
    found: dict[str, list[Type]] = {}

    def class_arguments(type_: Type | None) -> None:
        for instance in _instances(type_):
            if definition.info in instance.type.mro:
                base = map_instance_to_supertype(instance, definition.info)
                for variable, argument in zip(definition.info.defn.type_vars, base.args, strict=False):
                    found.setdefault(variable_name(variable), []).append(argument)

    generic = definition.type
    if definition.info:
        class_arguments(receiver)
    if not isinstance(generic, CallableType) or signature is None:
        return found
    if definition.name in ("__init__", "__new__"):
        class_arguments(signature.ret_type)
    own = generic.arg_types
    if generic.param_spec() is not None:
        # In place of `*args` and `**kwargs` stands all that they were solved with.
        own = own[:-2]
        bound = int(bool(definition.info) and receiver is not None and not definition.is_static)
    else:
        bound = max(0, len(own) - len(signature.arg_types))
    pairs = [*zip(own[bound:], signature.arg_types, strict=False), (generic.ret_type, signature.ret_type)]
    for template, actual in pairs:
        for constraint in constraints_between(template, actual):
            found.setdefault(variable_name(constraint.origin_type_var), []).append(constraint.target)
    return found


def solve_by_arguments(
    solved: dict[str, list[Type]],
    signature: CallableType,
    kinds: list[ArgKind],
    names: Sequence[str | None] | None,
    given: list[Type],
) -> None:
    """Add what the arguments of a call solve the type variables of a signature with."""
    mapping = map_actuals_to_formals(kinds, names, signature.arg_kinds, signature.arg_names, lambda index: given[index])
    for formal, actuals in enumerate(mapping):
        for actual in actuals:
            for constraint in constraints_between(signature.arg_types[formal], given[actual]):
                solved.setdefault(variable_name(constraint.origin_type_var), []).append(constraint.target)


def constraints_between(template: Type, actual: Type) -> list[Constraint]:
    """What a value of type `actual` says about the type variables of `template`; nothing for `*args: *Ts`.

    mypy's own function refuses what is unpacked, and leaves it to its callers.
    """
    if isinstance(template, UnpackType) or isinstance(actual, UnpackType):
        return []
    return infer_constraints(template, actual, SUPERTYPE_OF)


def _instances(type_: Type | None) -> Iterable[Instance]:
    """The instances of classes that a value of this type may be."""
    proper = get_proper_type(type_) if type_ is not None else None
    if isinstance(proper, Instance):
        yield proper
    elif isinstance(proper, UnionType):
        for item in proper.items:
            yield from _instances(item)
    elif isinstance(proper, TypeVarType):
        yield from _instances(proper.upper_bound)
    elif isinstance(proper, TupleType):
        yield proper.partial_fallback
