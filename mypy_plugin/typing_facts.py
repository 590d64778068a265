"""What mypy's types say about ownership: is a value affine, what holds a loan, what goes on (rules, sections 1, 4).

Reads types by way of `type_shapes`. Knows nothing of statements, graphs or messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    Expression,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    NoneType,
    Overloaded,
    ParamSpecFlavor,
    ParamSpecType,
    TupleType,
    Type,
    TypeAliasType,
    TypedDictType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
    has_type_vars,
)

from .events import Ownership
from .fullnames import (
    BOOL,
    BORROWED,
    COLLECTIONS,
    FUNCTIONS,
    ITERABLE,
    METADATA,
    OWNED,
    RUNNING,
    SHARED,
    SUSPENDED,
    TEXT,
)
from .handling import Handling
from .knowledge.containers import CONTENTS
from .knowledge.tasks import ATTEMPTS
from .named_types import Met, Search, expanded
from .type_shapes import (
    classes_of,
    definition_of,
    held_by,
    is_callback,
    is_descriptor,
    is_remembered,
    method_of,
    runs_when_awaited,
    signatures_of,
    variable_name,
)

__all__ = ["Facts", "Receiver", "affine_info"]

_HOLD_NOTHING = frozenset({CallableType, Overloaded, NoneType, AnyType})
"""Types of which no value owns, holds or waits for anything. To ask is less than to look up what was answered."""


class Receiver:
    """How a method has the object that it is called on."""

    __slots__ = ("binds", "consumes", "shares")

    def __init__(self, *, consumes: bool, binds: bool, shares: bool) -> None:
        self.consumes = consumes
        """Whether it takes it by move (rule 4)."""
        self.binds = binds
        """Whether it has it as `self`."""
        self.shares = shares
        """Whether it only reads it."""


_MODES = {BORROWED: Ownership.BORROWED, SHARED: Ownership.SHARED, OWNED: Ownership.OWNED}


def affine_info(info: TypeInfo, listed: frozenset[str]) -> bool:
    """Whether a class is affine: marked, listed in the configuration, or derived from one that is."""
    for base in info.mro:
        if base.fullname in listed or (METADATA in base.metadata and base.metadata[METADATA].get("affine")):
            return True
    return False


class Facts:
    """Answers about types for one run of mypy, remembered per class. `listed`: affine by configuration."""

    def __init__(
        self,
        listed: frozenset[str] = frozenset(),
        handling: Handling | None = None,
        assumed: frozenset[str] = frozenset(),
    ) -> None:
        self.listed = listed
        self.handling = handling or Handling()
        """What containers do with their elements."""
        self._assumed = assumed
        """Type variables, by name, that are taken to stand for something affine. Then no class counts as affine."""
        self._classes: dict[TypeInfo, bool] = {}
        self._owning: dict[Type, bool] = {}
        self._holding: dict[Type, bool] = {}
        self._going: dict[Type, bool] = {}
        self._keeping: dict[TypeInfo, bool] = {}
        self._managing: dict[TypeInfo, bool] = {}
        self._awaitable: dict[TypeInfo, bool] = {}
        self._running_later: dict[TypeInfo, bool] = {}
        self._handing: dict[TypeInfo, bool] = {}
        self._texts: dict[TypeInfo, bool] = {}
        self._owners = Search()
        self._loans = Search()
        self._calls = Search()

    def is_affine_class(self, info: TypeInfo) -> bool:
        """Whether instances of `info` are affine, type arguments aside."""
        if self._assumed:
            return False
        known = self._classes.get(info)
        if known is None:
            known = self._classes[info] = affine_info(info, self.listed)
        return known

    def is_affine(self, type_: Type | None) -> bool:
        """Whether a value of this type has one owner at a time, itself or by what it contains (rule 1)."""
        if type(type_) is Instance and not type_.args:
            known = self._classes.get(type_.type)
            return known if known is not None else self.is_affine_class(type_.type)
        if type_ is None or type(type_) in _HOLD_NOTHING:
            return False
        known = self._owning.get(type_)
        if known is None:
            known = self._owning[type_] = self._owners.through(lambda met: self._owns(type_, met, inside=False))
        return known

    def are_affine(self, types: Mapping[Expression, Type]) -> dict[Expression, bool]:
        """Whether the value of each of these expressions is affine. Most types are of few classes, or of functions."""
        known: dict[TypeInfo, bool] = {}
        found: dict[Expression, bool] = {}
        for node, type_ in types.items():
            if type(type_) is Instance and not type_.args:
                is_affine = known.get(type_.type)
                if is_affine is None:
                    is_affine = known[type_.type] = self.is_affine_class(type_.type)
                found[node] = is_affine
            else:
                found[node] = type(type_) not in _HOLD_NOTHING and self.is_affine(type_)
        return found

    def is_text(self, type_: Type | None) -> bool:
        """Whether a value of this type is a text or a number, and nothing that it could hold on to."""
        if type(type_) is not Instance:
            return False
        info = type_.type
        known = self._texts.get(info)
        if known is None:
            known = self._texts[info] = info.fullname in TEXT and not self.is_affine_class(info)
        return known

    def _owns(self, type_: Type, met: Met, *, inside: bool) -> bool:
        """As `is_affine`; `inside` a container, what is only borrowed is not owned."""
        if isinstance(type_, TypeAliasType):
            if inside and self.declared_mode(type_) in (Ownership.BORROWED, Ownership.SHARED):
                return False
            return self._owners.is_new(type_, met, inside=inside) and self._owns(expanded(type_), met, inside=inside)
        if isinstance(type_, Instance):
            if self.is_affine_class(type_.type):
                return True
            if not type_.args or self.handling.is_shared_freely(type_.type):
                return False
            if any(base.fullname in FUNCTIONS for base in type_.type.mro) or is_callback(type_.type):
                return False
            return any(self._owns(arg, met, inside=True) for arg in held_by(type_))
        if isinstance(type_, UnionType):
            return any(self._owns(item, met, inside=inside) for item in type_.items)
        if isinstance(type_, TupleType):
            parts = [*type_.items, type_.partial_fallback]
            return any(self._owns(part, met, inside=True) for part in parts)
        if isinstance(type_, TypedDictType):
            return self._owners.is_new(type_, met, inside=True) and any(
                self._owns(item, met, inside=True) for item in type_.items.values()
            )
        if isinstance(type_, TypeVarType):
            if variable_name(type_) in self._assumed:
                return True
            limits = [type_.upper_bound, *type_.values]
            return any(self._owns(limit, met, inside=inside) for limit in limits)
        if isinstance(type_, ParamSpecType):
            # Of all that a function is called with, `*args` stands for the whole.
            return type_.flavor == ParamSpecFlavor.ARGS and variable_name(type_) in self._assumed
        if isinstance(type_, UnpackType):
            return self._owns(type_.type, met, inside=inside)
        return False

    def declared_mode(self, type_: Type | None) -> Ownership | None:
        """The mode that an annotation spells: `Borrowed[T]`, `Shared[T]`, `Owned[T]`, or an alias or union of it."""
        if type_ is None or type(type_) is Instance:
            return None
        while isinstance(type_, TypeAliasType) and type_.alias is not None:
            mode = _MODES.get(type_.alias.fullname)
            if mode is not None:
                return mode
            if type_.is_recursive:
                return None
            type_ = expanded(type_)
        if isinstance(type_, UnionType):
            modes = [self.declared_mode(item) for item in type_.items if isinstance(item, (TypeAliasType, UnionType))]
            for mode in (Ownership.BORROWED, Ownership.SHARED, Ownership.OWNED):
                if mode in modes:
                    return mode
        return None

    def taking_mode(self, formal: Type) -> Ownership:
        """How a parameter of this type takes an affine argument (rules, sections 3 and 4).

        Owned for an affine type, for Any, and for a type variable that mypy left unsolved in the signature (it does
        for overloads) and that the argument therefore solves; SHARED for any other type, which cannot know what it
        holds.
        """
        declared = self.declared_mode(formal)
        if declared is not None:
            return declared
        proper = get_proper_type(formal)
        if isinstance(proper, (AnyType, UnpackType)) or self.is_affine(formal) or has_type_vars(formal):
            return Ownership.OWNED
        return Ownership.SHARED

    def lends_receiver(self, signature: CallableType) -> bool:
        """Whether a function is a method that is reached through its class, and lends its object: `Agent.left`."""
        function = definition_of(signature)
        if function is None or not function.info or function.is_static or function.is_class:
            return False
        own = function.type
        is_bound = not isinstance(own, CallableType) or len(own.arg_types) != len(signature.arg_types)
        if is_bound or not signature.arg_types or signature.is_type_obj():
            return False
        type_ = signature.arg_types[0]
        if self.declared_mode(type_) is not None or self.is_consuming(function.info, function.name):
            return False
        return any(function.info in info.mro for info in classes_of(type_))

    def is_lent(self, type_: Type | None) -> bool:
        """Whether a type says that its values are borrowed: `Borrowed[T]` or `Shared[T]`."""
        if type_ is None or type(type_) is Instance:
            return False
        return self.declared_mode(type_) in (Ownership.BORROWED, Ownership.SHARED)

    def holds_loans(self, type_: Type | None) -> bool:
        """Whether a value of this type holds what others own: `list[Borrowed[T]]`. It has no owner itself."""
        if type_ is None or type(type_) in _HOLD_NOTHING or (type(type_) is Instance and not type_.args):
            return False
        known = self._holding.get(type_)
        if known is None:
            known = self._holding[type_] = not self.is_affine(type_) and self._loans.through(
                lambda met: self._holds_loans(type_, met)
            )
        return known

    def has_field_for_loan(self, info: TypeInfo) -> bool:
        """Whether instances of a class have a field that is declared to be borrowed."""
        known = self._keeping.get(info)
        if known is None:
            fields = [
                symbol.node
                for base in info.mro
                for symbol in base.names.values()
                if isinstance(symbol.node, Var) and not symbol.node.is_classvar
            ]
            known = any(self.is_lent(field.type) for field in fields)
            if known or all(field.type is not None for field in fields):
                # A field without a type is one that mypy has still to infer.
                self._keeping[info] = known
        return known

    def holds_loans_to_use(self, type_: Type | None) -> bool:
        """Of a type that holds loans: whether what it holds may be used, and not only read, `Shared[T]`."""
        parts = list(_parts_of(type_))
        modes = {self.declared_mode(part) for outer in parts for part in (outer, *_parts_of(outer))}
        return Ownership.BORROWED in modes or Ownership.SHARED not in modes

    def _holds_loans(self, type_: Type, met: Met) -> bool:
        if isinstance(type_, TypeAliasType):
            return self._loans.is_new(type_, met) and self._holds_loans(expanded(type_), met)
        if isinstance(type_, UnionType):
            return any(self._holds_loans(item, met) for item in type_.items)
        parts: Iterable[Type] = ()
        if isinstance(type_, TypedDictType):
            parts = type_.items.values() if self._loans.is_new(type_, met) else ()
        elif isinstance(type_, TupleType):
            parts = type_.items
        elif isinstance(type_, Instance):
            parts = type_.args
        return any(self.is_lent(part) or self._holds_loans(part, met) for part in parts)

    # Functions as values

    def is_function(self, type_: Type | None) -> bool:
        """Whether a value of this type is a function, or a bound method."""
        return isinstance(get_proper_type(type_), (CallableType, Overloaded))

    def is_context(self, type_: Type | None) -> bool:
        """Whether a value of this type is given to many at a time: what hangs off it is only lent to each of them."""
        return any(self.handling.is_context(info) and not self.is_affine_class(info) for info in classes_of(type_))

    def is_callable(self, type_: Type | None) -> bool:
        """Whether a place of this type is there for something to call."""
        proper = get_proper_type(type_) if type_ is not None else None
        if isinstance(proper, UnionType):
            return any(self.is_callable(item) for item in proper.items)
        if isinstance(proper, (CallableType, Overloaded)):
            return True
        if isinstance(proper, TypeVarType):
            return self.is_callable(proper.upper_bound)
        return isinstance(proper, Instance) and proper.type.get("__call__") is not None

    def takes_function(self, function: Type | None) -> bool:
        """Whether a function takes another one by move, as a parameter declared `Owned[Callable[...]]`."""
        return isinstance(function, CallableType) and any(map(self.is_owned_function, function.arg_types))

    def is_owned_function(self, formal: Type | None) -> bool:
        """Whether a parameter takes a function by move: it may be called once."""
        return self.declared_mode(formal) is Ownership.OWNED and self.is_callable(formal)

    def runs_later(self, type_: Type | None) -> bool:
        """Whether a value of this type, which a call gave, may use what the call was given: when it runs, later."""
        if type(type_) is Instance:
            return self._runs_later_class(type_.type)
        return self.is_function(type_) or any(map(self._runs_later_class, classes_of(type_)))

    def _runs_later_class(self, info: TypeInfo) -> bool:
        known = self._running_later.get(info)
        if known is None:
            known = any(info.get(name) is not None for name in ("__next__", "__anext__", "__await__"))
            self._running_later[info] = known
        return known

    def is_suspended(self, type_: Type | None) -> bool:
        """Whether a value of this type, which a call gave, is the call itself: it has not run yet."""
        if type(type_) is Instance:
            return type_.type.fullname in SUSPENDED
        return any(info.fullname in SUSPENDED for info in classes_of(type_))

    # Loans

    def returns_loan(self, callee: Type | None) -> bool:
        """Whether every way to call this gives something borrowed back (`-> Borrowed[T]`, `-> list[Borrowed[T]]`)."""
        signatures = signatures_of(callee)
        return bool(signatures) and all(self._lends(one.ret_type) for one in signatures)

    def returns_owned(self, function: Type | None) -> bool:
        """Whether a function's declared result is affine, and not borrowed."""
        return any(self.is_affine(one.ret_type) and not self.is_lent(one.ret_type) for one in signatures_of(function))

    def _lends(self, type_: Type) -> bool:
        if type(type_) is Instance and not type_.args:
            return False
        return self.is_lent(type_) or self.holds_loans(type_)

    def yields_loan(self, function: Type | None) -> bool:
        """Whether a generator's declared type says that what it yields is lent: `Iterator[Borrowed[T]]`."""
        return self._returns_holder_of_loan(function, 0)

    def awaits_loan(self, function: Type | None) -> bool:
        """Whether awaiting what this returns gives something borrowed: `async def ... -> Borrowed[T]`."""
        return self._returns_holder_of_loan(function, -1)

    def _returns_holder_of_loan(self, function: Type | None, position: int) -> bool:
        """Whether the type argument at this position, of what a function returns, is a loan."""
        for one in signatures_of(function):
            returned = get_proper_type(one.ret_type)
            if isinstance(returned, Instance) and returned.args and self._lends(returned.args[position]):
                return True
        return False

    def is_other_manager(self, info: TypeInfo) -> bool:
        """Whether a class is that of a context manager, and not affine itself."""
        known = self._managing.get(info)
        if known is None:
            known = self._managing[info] = self.is_manager(info) and not self.is_affine_class(info)
        return known

    def is_manager(self, info: TypeInfo) -> bool:
        """Whether a class is that of a context manager."""
        return info.get("__exit__") is not None or info.get("__aexit__") is not None

    def enters_loan(self, manager: Type | None, *, is_async: bool) -> bool:
        """Whether entering a context manager gives something borrowed."""
        for info in classes_of(manager):
            symbol = info.get("__aenter__" if is_async else "__enter__")
            signature = symbol.type if symbol is not None else None
            if (self.awaits_loan if is_async else self.returns_loan)(signature):
                return True
        return False

    def receiver(self, type_: Type | None, name: str) -> Receiver:
        """How a method of this name has a value of this type. For one class, it is the same for all types of it."""
        return Receiver(
            consumes=self.consumes_receiver(type_, name),
            binds=self.binds_receiver(type_, name),
            shares=self.shares_receiver(type_, name),
        )

    def consumes_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether calling this method of a value of this type takes the value by move (rule 4)."""
        if type(receiver) is Instance:
            return self.is_consuming(receiver.type, name)
        return any(self.is_consuming(info, name) for info in classes_of(receiver))

    def is_consuming(self, info: TypeInfo, name: str) -> bool:
        """Whether a method takes `self` by move: `@consumes`, or `self: Owned[...]`."""
        for base in info.mro:
            symbol = base.names.get(name)
            if symbol is None:
                continue
            if name in self.consuming(base):
                return True
            for one in signatures_of(symbol.type):
                if one.arg_types and self.declared_mode(one.arg_types[0]) is Ownership.OWNED:
                    return True
            return False
        return False

    def consuming(self, info: TypeInfo) -> Sequence[str]:
        """The methods of a class itself that are marked `@consumes`."""
        marked: Sequence[str] = info.metadata.get(METADATA, {}).get("consumes", ())
        return marked

    def shares_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether a method only reads the object it is called on: `self: Shared[...]`."""
        found = [symbol for info in classes_of(receiver) if (symbol := info.get(name)) is not None]
        return bool(found) and all(
            bool(one.arg_types) and self.declared_mode(one.arg_types[0]) is Ownership.SHARED
            for symbol in found
            for one in signatures_of(symbol.type)
        )

    def binds_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether a method has the object it is called on as `self`.

        Static and class methods do not, nor does a function that the object only has in a field.
        """
        infos = classes_of(receiver)
        methods = [method_of(info, name) for info in infos]
        if any(method is not None and (method.is_static or method.is_class) for method in methods):
            return False
        return not infos or not all(self._is_field(info, name) for info in infos)

    def _is_field(self, info: TypeInfo, name: str) -> bool:
        """Whether each object of a class has a value of its own by this name, and not what the class has (PEP 526)."""
        symbol = info.get(name)
        node: SymbolNode | None = symbol.node if symbol is not None else None
        of_class = isinstance(node, Var) and node.is_initialized_in_class and (node.is_classvar or node.is_inferred)
        return isinstance(node, Var) and not of_class

    def is_data(self, receiver: Type | None, name: str) -> bool:
        """Whether an attribute is stored data, so that its path is a place.

        Properties, other descriptors and methods are calls.
        """
        if type(receiver) is Instance:
            return self.is_data_of(receiver.type, name)
        infos = classes_of(receiver)
        return bool(infos) and all(self.is_data_of(info, name) for info in infos)

    def is_data_of(self, info: TypeInfo, name: str) -> bool:
        """As `is_data`, for instances of one class."""
        symbol = info.get(name)
        node: SymbolNode | None = symbol.node if symbol is not None else None
        # mypy calls the fields of named tuples and frozen classes properties; but a real one is no variable.
        if not isinstance(node, Var):
            return False
        return not (node.is_initialized_in_class and is_descriptor(node.type))

    def getter_takes(self, receiver: Type | None, name: str) -> bool:
        """Whether reading an attribute gives the object away: to a descriptor whose `__get__` takes it by move."""
        for info in classes_of(receiver):
            symbol = info.get(name)
            node = symbol.node if symbol is not None else None
            for descriptor in classes_of(node.type) if isinstance(node, Var) and node.is_initialized_in_class else ():
                getter = descriptor.get("__get__")
                for one in signatures_of(getter.type) if getter is not None else ():
                    # One that says `Any`, or `object`, gives the object back.
                    if len(one.arg_types) > 1 and self.is_affine(one.arg_types[1]):
                        return self.taking_mode(one.arg_types[1]) is Ownership.OWNED
        return False

    def remembers(self, receiver: Type | None, name: str) -> bool:
        """Whether an attribute gives each time what it gave the first time: `functools.cached_property`."""
        return any(is_remembered(info, name) for info in classes_of(receiver))

    def iterates_affine(self, type_: Type | None) -> bool:
        """Whether iterating over a value of this type gives something affine: not so over a dict with plain keys."""
        for info in classes_of(type_):
            iterable = next((base for base in info.mro if base.fullname == ITERABLE), None)
            proper = get_proper_type(type_)
            if iterable is None or not isinstance(proper, Instance):
                return True
            if any(map(self.is_affine, map_instance_to_supertype(proper, iterable).args)):
                return True
        return False

    def is_awaitable(self, type_: Type | None) -> bool:
        """Whether a value of this type goes on when it is awaited: a coroutine, a task, a future."""
        if type(type_) is Instance:
            return self._is_awaitable_class(type_.type)
        return any(map(self._is_awaitable_class, classes_of(type_)))

    def _is_awaitable_class(self, info: TypeInfo) -> bool:
        known = self._awaitable.get(info)
        if known is None:
            known = self._awaitable[info] = info.get("__await__") is not None
        return known

    def makes_coroutine(self, callee: Type | None) -> bool:
        """Whether a function is an `async def`: a call of it makes a coroutine, and runs nothing."""
        if type(callee) is CallableType:
            return runs_when_awaited(callee.definition)
        signatures = signatures_of(callee)
        return bool(signatures) and all(runs_when_awaited(one.definition) for one in signatures)

    def goes_on(self, type_: Type | None) -> bool:
        """Whether a value of this type is a call that goes on after it has returned, or a container of some."""
        if type_ is None or type(type_) in _HOLD_NOTHING:
            return False
        known = self._going.get(type_)
        if known is None:
            known = self._going[type_] = self._calls.through(lambda met: any(True for _ in self._calls_in(type_, met)))
        return known

    def is_handle(self, type_: Type | None) -> bool:
        """Whether what a value of this type has is the result of a call, and nothing else: a task, a future."""
        classes = classes_of(type_)
        return bool(classes) and all(map(self._is_handle_class, classes))

    def _is_handle_class(self, info: TypeInfo) -> bool:
        known = self._handing.get(info)
        if known is None:
            holds = any(base.fullname in CONTENTS for base in info.mro)
            known = self._handing[info] = holds and not self.is_affine_class(info)
        return known

    def holds_handles(self, type_: Type | None) -> bool:
        """Whether a value of this type owns nothing but by what tasks give: it is one, or a container of some."""
        if type_ is None or (type(type_) is Instance and not type_.args) or not self.is_affine(type_):
            return False
        if isinstance(type_, TypeAliasType) and type_.is_recursive:
            return False
        proper = get_proper_type(type_)
        parts: Iterable[Type] = ()
        if isinstance(proper, Instance) and not self.is_affine_class(proper.type):
            if self.is_handle(proper):
                return True
            parts = proper.args
        elif isinstance(proper, (TupleType, UnionType)):
            parts = proper.items
        return bool(parts) and all(self.holds_handles(part) for part in parts if self.is_affine(part))

    def gives_result(self, callee: Type | None) -> bool:
        """Whether a function is generic in what it returns: it can only have got that from what it was given."""
        definitions = [definition_of(one) for one in signatures_of(callee)]
        return any(
            isinstance(one.type, CallableType) and has_type_vars(one.type.ret_type)
            for one in definitions
            if one is not None
        )

    def is_running(self, type_: Type | None) -> bool:
        """Whether such a call runs by itself: a task, a future, a list of tasks."""
        return any(not RUNNING.isdisjoint(base.fullname for base in info.mro) for info in self._calls_in(type_, set()))

    def _calls_in(self, type_: Type | None, met: Met) -> Iterable[TypeInfo]:
        """The classes of the calls that a value of this type is, or holds."""
        if isinstance(type_, TypeAliasType):
            if self._calls.is_new(type_, met):
                yield from self._calls_in(expanded(type_), met)
        elif isinstance(type_, (UnionType, TupleType)):
            for item in type_.items:
                yield from self._calls_in(item, met)
        elif isinstance(type_, Instance):
            if self._is_awaitable_class(type_.type) or type_.type.fullname in RUNNING:
                yield type_.type
            elif any(base.fullname in COLLECTIONS for base in type_.type.mro):
                for item in type_.args:
                    yield from self._calls_in(item, met)

    def swallows(self, manager: Type | None, *, is_async: bool) -> bool:
        """Whether a context manager may swallow exceptions: known to, or by mypy's own rule its exit returns `bool`."""
        for info in classes_of(manager):
            if info.fullname in ATTEMPTS:
                return True
            method = info.get("__aexit__" if is_async else "__exit__")
            signature = getattr(method.node, "type", None) if method is not None else None
            for one in signatures_of(signature):
                returned = get_proper_type(one.ret_type)
                if is_async and isinstance(returned, Instance) and returned.args:
                    returned = get_proper_type(returned.args[-1])
                if isinstance(returned, LiteralType):
                    if returned.value is True:
                        return True
                elif isinstance(returned, Instance) and returned.type.fullname == BOOL:
                    return True
        return False

    def can_split_evenly(self, type_: Type | None) -> bool:
        """Whether a value of this type has a method `split_evenly`, which a hint may then name."""
        return any(info.get("split_evenly") is not None for info in classes_of(type_))


def _parts_of(type_: Type | None) -> Iterable[Type]:
    """The types of what a value of this type is made of: items, elements, fields."""
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        for item in proper.items:
            yield from _parts_of(item)
    elif isinstance(proper, TypedDictType):
        yield from proper.items.values()
    elif isinstance(proper, TupleType):
        yield from proper.items
    elif isinstance(proper, Instance):
        yield from proper.args
        fields = (symbol.node for base in proper.type.mro for symbol in base.names.values())
        yield from (one.type for one in fields if isinstance(one, Var) and one.type is not None)
