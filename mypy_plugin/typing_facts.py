"""What mypy's types say about ownership: is a value affine, and how does a parameter take it (rules, sections 1, 4).

With `budget_facts` and `promises` the only module besides `lower` that looks into `mypy.types`. Knows nothing of
statements, graphs or messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto

from mypy.argmap import map_actuals_to_formals
from mypy.constraints import SUPERTYPE_OF, Constraint, infer_constraints
from mypy.erasetype import erase_typevars
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    CONTRAVARIANT,
    ArgKind,
    Decorator,
    FuncDef,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.subtypes import is_same_type, is_subtype
from mypy.typeops import bind_self
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    LiteralType,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    TypedDictType,
    TypeOfAny,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
    has_type_vars,
)

from .fullnames import (
    BOOL,
    BORROWED,
    COLLECTIONS,
    FUNCTIONS,
    ITERABLE,
    METADATA,
    OBJECT,
    OWNED,
    RUNNING,
    SHARED,
    SUSPENDED,
    TEXT,
    TRUTH_METHODS,
)
from .graph import Ownership
from .handling import Handling
from .knowledge.frameworks import LENT
from .knowledge.tasks import ATTEMPTS
from .named_types import Met, Search, expanded

__all__ = [
    "Calling",
    "Facts",
    "Parameter",
    "Taking",
    "affine_info",
    "decides_truth",
    "definition_of",
    "narrows",
    "signatures_of",
    "solutions",
    "solve_by_arguments",
]

_MODES = {BORROWED: Ownership.BORROWED, SHARED: Ownership.SHARED, OWNED: Ownership.OWNED}


_PARTIAL = "__mypy_partial"
"""Where mypy's own plugin keeps what is left to give to a `functools.partial`."""


class Calling(Enum):
    """How often what takes a function calls it: once, any number of times, or it never does."""

    ONCE = auto()
    MANY = auto()
    NEVER = auto()


class Parameter:
    """Where a function goes that is an argument of a call."""

    __slots__ = ("calling", "name")

    def __init__(self, calling: Calling, name: str) -> None:
        self.calling = calling
        self.name = name


class Taking:
    """How one formal parameter takes its argument."""

    __slots__ = ("declared", "holds_any", "manages", "mode", "name", "owns")

    def __init__(
        self,
        mode: Ownership,
        name: str,
        *,
        declared: bool,
        holds_any: bool = False,
        owns: bool = False,
        manages: bool = False,
    ) -> None:
        self.mode = mode
        self.name = name
        self.holds_any = holds_any
        """Whether it is a container of Any: what a display is made of can be kept in it."""
        self.owns = owns
        """Whether the parameter's own type is affine, and no `Any` or type variable."""
        self.manages = manages
        """Whether it is a context manager that is wanted, to be entered and left: `stack.enter_context(x)`."""
        self.declared = declared
        """Whether the parameter says so itself. A loan that nothing declares is a mere look."""


_LENT_NAMES = frozenset(LENT.values())

_UNKNOWN = Taking(Ownership.OWNED, "", declared=False)


def affine_info(info: TypeInfo, listed: frozenset[str]) -> bool:
    """Whether a class is affine: marked, listed in the configuration, or derived from one that is."""
    return any(METADATA in base.metadata and base.metadata[METADATA].get("affine") for base in info.mro) or (
        bool(listed) and any(base.fullname in listed for base in info.mro)
    )


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
            return self.is_affine_class(type_.type)
        if type_ is None:
            return False
        known = self._owning.get(type_)
        if known is None:
            known = self._owning[type_] = self._owners.through(lambda met: self._owns(type_, met, inside=False))
        return known

    def is_text(self, type_: Type | None) -> bool:
        """Whether a value of this type is a text or a number, and nothing that it could hold on to."""
        return type(type_) is Instance and type_.type.fullname in TEXT and not self.is_affine_class(type_.type)

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
            if any(base.fullname in FUNCTIONS for base in type_.type.mro):
                return False
            return any(self._owns(arg, met, inside=True) for arg in _held(type_))
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
            if type_.name in self._assumed:
                return True
            limits = [type_.upper_bound, *type_.values]
            return any(self._owns(limit, met, inside=inside) for limit in limits)
        if isinstance(type_, UnpackType):
            return self._owns(type_.type, met, inside=inside)
        return False

    def declared_mode(self, type_: Type | None) -> Ownership | None:
        """The mode that an annotation spells: `Borrowed[T]`, `Shared[T]`, `Owned[T]`, or an alias or union of it."""
        while isinstance(type_, TypeAliasType) and type_.alias is not None:
            mode = _MODES.get(type_.alias.fullname)
            if mode is not None:
                return mode
            if type_.is_recursive:
                return None
            type_ = expanded(type_)
        if isinstance(type_, UnionType):
            modes = [self.declared_mode(item) for item in type_.items]
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

    def takings(
        self,
        callee: Type | None,
        kinds: list[ArgKind],
        names: list[str | None],
        argument_type: Callable[[int], Type],
        *,
        partial: bool = False,
    ) -> list[Taking]:
        """How a call takes each of its arguments; for an overload or a union the strictest of the possible ways.

        `partial`: more arguments are to come.
        """
        signatures = signatures_of(callee)
        is_overloaded = isinstance(get_proper_type(callee), Overloaded)
        takings = []
        for one in signatures:
            found = self._of_signature(one, kinds, names, argument_type, partial=partial, has_to_fit=is_overloaded)
            if found is not None:
                takings.append(found[0])
                if is_overloaded and found[1]:
                    # mypy takes the first item of an overload that fits.
                    return found[0]
        if not takings:
            return [_UNKNOWN] * len(kinds)
        return [min(options, key=_strictness) for options in zip(*takings, strict=True)]

    def _of_signature(
        self,
        callee: CallableType,
        kinds: list[ArgKind],
        names: list[str | None],
        argument_type: Callable[[int], Type],
        *,
        partial: bool,
        has_to_fit: bool,
    ) -> tuple[list[Taking], bool] | None:
        """How one signature takes the arguments, and whether their types fit; None if their number does not.

        `has_to_fit`: somebody wants to know whether they fit.
        """
        takings: list[Taking | None] = [None] * len(kinds)
        fits = True
        mapping = map_actuals_to_formals(kinds, names, callee.arg_kinds, callee.arg_names, argument_type)
        for formal, actuals in enumerate(mapping):
            if not actuals and not partial and callee.arg_kinds[formal].is_required():
                return None
            for actual in actuals:
                given = argument_type(actual)
                if has_to_fit and not kinds[actual].is_star():
                    fits = fits and is_subtype(given, erase_typevars(callee.arg_types[formal]))
                taking, known = self._taking(callee, formal, given), takings[actual]
                if known is None or _strictness(taking) < _strictness(known):
                    takings[actual] = taking
        fitting = [taking for taking in takings if taking is not None]
        return (fitting, fits) if len(fitting) == len(kinds) else None

    def _taking(self, callee: CallableType, formal: int, given: Type) -> Taking:
        type_ = callee.arg_types[formal]
        declared_mode = self.declared_mode(type_) or self._declared_before_decoration(callee, formal)
        if declared_mode is None and _is_known_to_lend(callee, formal):
            declared_mode = Ownership.BORROWED
        declared = declared_mode is not None
        mode = declared_mode or self.taking_mode(type_)
        if not declared and narrows(callee) and formal == 0:
            mode = Ownership.SHARED
        is_open = has_type_vars(type_) and not isinstance(get_proper_type(type_), UnpackType)
        if mode is Ownership.OWNED and is_open and not declared and not self.is_affine(type_):
            # mypy leaves type variables unsolved in an overload: what does this argument solve them with?
            constraints = _constraints(type_, given)
            if not any(self.is_affine(constraint.target) for constraint in constraints):
                mode = Ownership.SHARED
        manages = any(
            info.get(name) and not self.is_affine_class(info)
            for info in classes_of(type_)
            for name in ("__exit__", "__aexit__")
        )
        return Taking(
            mode,
            callee.arg_names[formal] or "",
            declared=declared,
            holds_any=_holds_any(type_),
            owns=self.is_affine(type_),
            manages=manages,
        )

    def is_lent(self, type_: Type | None) -> bool:
        """Whether a type says that its values are borrowed: `Borrowed[T]` or `Shared[T]`."""
        return self.declared_mode(type_) in (Ownership.BORROWED, Ownership.SHARED)

    def holds_loans(self, type_: Type | None) -> bool:
        """Whether a value of this type holds what others own: `list[Borrowed[T]]`. It has no owner itself."""
        if type_ is None or (type(type_) is Instance and not type_.args):
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

    def _declared_before_decoration(self, callee: CallableType, formal: int) -> Ownership | None:
        """The mode that a decorated function's own definition spells, where its decorator kept the parameter.

        Inference through a generic decorator loses aliases: always for `Borrowed` in a method that returns `Self`.
        """
        if not isinstance(callee.definition, Decorator) or not isinstance(callee.definition.func.type, CallableType):
            return None
        own = callee.definition.func.type
        name = callee.arg_names[formal]
        # From the end: a decorator takes parameters away, and `self` is bound, at the front.
        position = formal + len(own.arg_types) - len(callee.arg_types)
        if name is not None:
            position = own.arg_names.index(name) if name in own.arg_names else -1
        if not 0 <= position < len(own.arg_types):
            return None
        type_ = own.arg_types[position]
        mode = self.declared_mode(type_)
        if mode is None or not is_same_type(
            get_proper_type(erase_typevars(type_)), get_proper_type(erase_typevars(callee.arg_types[formal]))
        ):
            return None
        return mode

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
        return self.is_function(type_) or any(
            info.get(name) is not None for info in classes_of(type_) for name in ("__next__", "__anext__", "__await__")
        )

    def is_suspended(self, type_: Type | None) -> bool:
        """Whether a value of this type, which a call gave, is the call itself: it has not run yet."""
        return any(info.fullname in SUSPENDED for info in classes_of(type_))

    def parameter_for(
        self,
        callee: Type | None,
        kinds: list[ArgKind],
        names: list[str | None],
        argument_type: Callable[[int], Type | None],
        position: int,
    ) -> Parameter:
        """Where an argument goes that is a function."""
        found: list[Parameter] = []
        for one, mapping in _mapped(callee, kinds, names, argument_type):
            found.extend(self._parameter(one, formal) for formal, actuals in enumerate(mapping) if position in actuals)
        for calling in (Calling.MANY, Calling.ONCE, Calling.NEVER):
            for parameter in found:
                if parameter.calling is calling:
                    return parameter
        # Nothing is known of the callee: what flows into Any is gone.
        return Parameter(Calling.ONCE, "")

    def argument_for(
        self,
        callee: Type | None,
        kinds: list[ArgKind],
        names: list[str | None],
        argument_type: Callable[[int], Type | None],
        parameter: str,
    ) -> int | None:
        """The position of the argument that goes to a parameter, by the name that it is defined with.

        Without a name: to the first that takes a function.
        """
        found: int | None = None
        for one, mapping in _mapped(callee, kinds, names, argument_type):
            for formal, actuals in enumerate(mapping):
                name, type_, _ = _as_defined(one, formal)
                if actuals and (name == parameter if parameter else self.is_callable(type_)):
                    return actuals[0]
                # A parameter that can only be given by position may have no name. What stands before the function is
                # about when it is called.
                if actuals and not name and self.is_callable(type_):
                    found = actuals[0]
        return found

    def _parameter(self, callee: CallableType, formal: int) -> Parameter:
        name, type_, function = _as_defined(callee, formal)
        for known in _overridden(function) if function is not None else ():
            # A parameter that can only be given by position has no name.
            if (parameter := self.handling.called_once.get(known)) is not None and (
                not name or parameter in ("", name)
            ):
                return Parameter(Calling.ONCE, name)
        if self.declared_mode(type_) is Ownership.OWNED:
            return Parameter(Calling.ONCE, name)
        if self.is_callable(type_) or self._holds_callables(type_):
            return Parameter(Calling.MANY, name)
        holds = isinstance(get_proper_type(type_), (AnyType, TypeVarType, UnpackType)) or has_type_vars(type_)
        return Parameter(Calling.ONCE if holds else Calling.NEVER, name)

    def _holds_callables(self, type_: Type) -> bool:
        """Whether a place of this type is there for a container of what something calls: `tools: list[Callable]`."""
        proper = get_proper_type(type_)
        if isinstance(proper, UnionType):
            return any(map(self._holds_callables, proper.items))
        parts = proper.items if isinstance(proper, TupleType) else proper.args if isinstance(proper, Instance) else ()
        return any(self.is_callable(part) or self._holds_callables(part) for part in parts)

    # Loans

    def returns_loan(self, callee: Type | None) -> bool:
        """Whether every way to call this gives something borrowed back (`-> Borrowed[T]`, `-> list[Borrowed[T]]`)."""
        signatures = signatures_of(callee)
        return bool(signatures) and all(self._lends(one.ret_type) for one in signatures)

    def returns_owned(self, function: Type | None) -> bool:
        """Whether a function's declared result is affine, and not borrowed."""
        return any(self.is_affine(one.ret_type) and not self.is_lent(one.ret_type) for one in signatures_of(function))

    def _lends(self, type_: Type) -> bool:
        return self.is_lent(type_) or self.holds_loans(type_)

    def yields_loan(self, function: Type | None) -> bool:
        """Whether a generator's declared type says that what it yields is lent: `Iterator[Borrowed[T]]`."""
        return any(self._first_argument_lent(one.ret_type, 0) for one in signatures_of(function))

    def awaits_loan(self, function: Type | None) -> bool:
        """Whether awaiting what this returns gives something borrowed: `async def ... -> Borrowed[T]`."""
        return any(self._first_argument_lent(one.ret_type, -1) for one in signatures_of(function))

    def _first_argument_lent(self, type_: Type, position: int) -> bool:
        proper = get_proper_type(type_)
        return isinstance(proper, Instance) and bool(proper.args) and self._lends(proper.args[position])

    def enters_loan(self, manager: Type | None, *, is_async: bool) -> bool:
        """Whether entering a context manager gives something borrowed."""
        for info in classes_of(manager):
            symbol = info.get("__aenter__" if is_async else "__enter__")
            signature = symbol.type if symbol is not None else None
            if (self.awaits_loan if is_async else self.returns_loan)(signature):
                return True
        return False

    def consumes_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether calling this method of a value of this type takes the value by move (rule 4)."""
        return any(self.is_consuming(info, name) for info in classes_of(receiver))

    def is_consuming(self, info: TypeInfo, name: str) -> bool:
        """Whether a method takes `self` by move: `@consumes`, or `self: Owned[...]`."""
        for base in info.mro:
            symbol = base.names.get(name)
            if symbol is None:
                continue
            if name in base.metadata.get(METADATA, {}).get("consumes", ()):
                return True
            return any(
                bool(one.arg_types) and self.declared_mode(one.arg_types[0]) is Ownership.OWNED
                for one in _signatures(get_proper_type(symbol.type))
            )
        return False

    def shares_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether a method only reads the object it is called on: `self: Shared[...]`."""
        found = [symbol for info in classes_of(receiver) if (symbol := info.get(name)) is not None]
        return bool(found) and all(
            bool(one.arg_types) and self.declared_mode(one.arg_types[0]) is Ownership.SHARED
            for symbol in found
            for one in _signatures(get_proper_type(symbol.type))
        )

    def binds_receiver(self, receiver: Type | None, name: str) -> bool:
        """Whether a method has the object it is called on as `self`; static and class methods do not."""
        methods = [method_of(info, name) for info in classes_of(receiver)]
        return not any(method is not None and (method.is_static or method.is_class) for method in methods)

    def operand_mode(self, receiver: Type | None, methods: Iterable[str]) -> Ownership:
        """How the first of these special methods that the receiver has takes its operand."""
        proper = get_proper_type(receiver) if receiver is not None else None
        for name in methods:
            if not isinstance(proper, Instance):
                break
            info = next((base for base in proper.type.mro if name in base.names), None)
            if info is None:
                continue
            base = map_instance_to_supertype(proper, info)
            for one in _signatures(get_proper_type(info.names[name].type)):
                if len(one.arg_types) > 1:
                    return self.taking_mode(expand_type_by_instance(one.arg_types[1], base))
        return Ownership.SHARED

    def is_data(self, receiver: Type | None, name: str) -> bool:
        """Whether an attribute is stored data, so that its path is a place.

        Properties, other descriptors and methods are calls.
        """
        infos = classes_of(receiver)
        return bool(infos) and all(self.is_data_of(info, name) for info in infos)

    def is_data_of(self, info: TypeInfo, name: str) -> bool:
        """As `is_data`, for instances of one class."""
        symbol = info.get(name)
        node: SymbolNode | None = symbol.node if symbol is not None else None
        # mypy calls the fields of named tuples and frozen classes properties; but a real one is no variable.
        if not isinstance(node, Var):
            return False
        return not (node.is_initialized_in_class and _is_descriptor(node.type))

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
        return any(info.get("__await__") is not None for info in classes_of(type_))

    def makes_coroutine(self, callee: Type | None) -> bool:
        """Whether a function is an `async def`: a call of it makes a coroutine, and runs nothing."""
        definitions = [one.definition for one in signatures_of(callee)]
        return bool(definitions) and all(
            isinstance(one, FuncDef) and one.is_coroutine and not one.is_async_generator for one in definitions
        )

    def goes_on(self, type_: Type | None) -> bool:
        """Whether a value of this type is a call that goes on after it has returned, or a container of some."""
        if type_ is None:
            return False
        known = self._going.get(type_)
        if known is None:
            known = self._going[type_] = self._calls.through(lambda met: any(True for _ in self._calls_in(type_, met)))
        return known

    def gives_result(self, callee: Type | None) -> bool:
        """Whether a function is generic in what it returns: it can only have got that from what it was given."""
        definitions = [_definition_of(one) for one in signatures_of(callee)]
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
            if type_.type.get("__await__") is not None or type_.type.fullname in RUNNING:
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
            for one in _signatures(get_proper_type(signature)) if signature is not None else ():
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


def method_of(info: TypeInfo, name: str) -> FuncDef | None:
    """The function that a class defines under this name, with its decorators taken off."""
    symbol = info.get(name)
    method = symbol.node if symbol is not None else None
    if isinstance(method, Decorator):
        method = method.func
    return method if isinstance(method, FuncDef) else None


def _mapped(
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


def _as_defined(callee: CallableType, formal: int) -> tuple[str, Type, FuncDef | None]:
    """The name and type of a parameter as they stand in the definition, where its type variables are not solved yet."""
    name, type_ = callee.arg_names[formal] or "", callee.arg_types[formal]
    function = _definition_of(callee)
    if function is not None:
        # From mypy's cache, it has no arguments.
        is_bound = bool(function.info) and (not function.is_static or function.name == "__new__")
        index = formal + is_bound
        if index < len(function.arg_names):
            name = function.arg_names[index] or ""
        if isinstance(function.type, CallableType) and index < len(function.type.arg_types):
            type_ = function.type.arg_types[index]
    return name, type_, function


def _definition_of(callee: CallableType) -> FuncDef | None:
    node = callee.definition
    if isinstance(node, Decorator):
        node = node.func
    return node if isinstance(node, FuncDef) else None


def _overridden(function: FuncDef) -> Iterable[str]:
    """The full names of a function and, for a method, of those that it may override."""
    yield function.fullname
    if function.info:
        for base in function.info.mro:
            yield f"{base.fullname}.{function.name}"


def _is_known_to_lend(callee: CallableType, formal: int) -> bool:
    """Whether a parameter of a library only lends what it is given, for as long as the call goes on."""
    name = callee.arg_names[formal]
    function = _definition_of(callee) if name in _LENT_NAMES else None
    return function is not None and any(LENT.get(known) == name for known in _overridden(function))


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


def decides_truth(info: TypeInfo) -> bool:
    """Whether a class says itself when an object of it is false."""
    return any(name in base.names for base in info.mro if base.fullname != OBJECT for name in TRUTH_METHODS)


def narrows(signature: CallableType) -> bool:
    """Whether a function says of what type its argument is (`TypeGuard`, `TypeIs`): its caller goes on with it."""
    return signature.type_guard is not None or signature.type_is is not None


def definition_of(signature: CallableType) -> FuncDef | None:
    """The function that a signature is of, with its decorators taken off; None for one that is only a type."""
    definition = signature.definition
    if isinstance(definition, Decorator):
        definition = definition.func
    return definition if isinstance(definition, FuncDef) else None


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
                    found.setdefault(variable.name, []).append(argument)

    generic = definition.type
    if definition.info:
        class_arguments(receiver)
    if not isinstance(generic, CallableType) or signature is None:
        return found
    if definition.name in ("__init__", "__new__"):
        class_arguments(signature.ret_type)
    bound = max(0, len(generic.arg_types) - len(signature.arg_types))
    pairs = [*zip(generic.arg_types[bound:], signature.arg_types, strict=False), (generic.ret_type, signature.ret_type)]
    for template, actual in pairs:
        for constraint in _constraints(template, actual):
            found.setdefault(constraint.origin_type_var.name, []).append(constraint.target)
    return found


def _constraints(template: Type, actual: Type) -> list[Constraint]:
    """What a value of type `actual` says about the type variables of `template`; nothing for `*args: *Ts`.

    mypy's own function refuses what is unpacked, and leaves it to its callers.
    """
    if isinstance(template, UnpackType) or isinstance(actual, UnpackType):
        return []
    return infer_constraints(template, actual, SUPERTYPE_OF)


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
            for constraint in _constraints(signature.arg_types[formal], given[actual]):
                solved.setdefault(constraint.origin_type_var.name, []).append(constraint.target)


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


def signatures_of(function: Type | None) -> Sequence[CallableType]:
    """Every signature that a value of this type can be called with."""
    return _signatures(get_proper_type(function)) if function is not None else ()


def _signatures(callee: ProperType | None) -> Sequence[CallableType]:
    if isinstance(callee, CallableType):
        return (callee,)
    if isinstance(callee, Overloaded):
        return callee.items
    if isinstance(callee, UnionType):
        return [one for item in callee.items for one in _signatures(get_proper_type(item))]
    if isinstance(callee, Instance) and callee.extra_attrs is not None and _PARTIAL in callee.extra_attrs.attrs:
        return _signatures(get_proper_type(callee.extra_attrs.attrs[_PARTIAL]))
    if isinstance(callee, Instance):
        call = callee.type.get("__call__")
        unbound = _signatures(get_proper_type(call.type)) if call is not None else ()
        return [bind_self(one, callee) for one in unbound]
    if isinstance(callee, TypeVarType):
        return _signatures(get_proper_type(callee.upper_bound))
    return ()


def _held(type_: Instance) -> Iterable[Type]:
    """The type arguments that say what an instance may hold: not those that it only takes, as a function does."""
    variables = type_.type.defn.type_vars
    if len(variables) != len(type_.args):
        return type_.args
    return [
        argument
        for variable, argument in zip(variables, type_.args, strict=True)
        if not (isinstance(variable, TypeVarType) and variable.variance == CONTRAVARIANT)
    ]


def _is_descriptor(type_: Type | None) -> bool:
    return any(info.get("__get__") is not None for info in classes_of(type_))


def _holds_any(type_: Type) -> bool:
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        return any(_holds_any(item) for item in proper.items)
    return isinstance(proper, Instance) and any(isinstance(get_proper_type(a), AnyType) for a in proper.args)


def _strictness(taking: Taking) -> int:
    order = (Ownership.OWNED, Ownership.BORROWED, Ownership.SHARED)
    return order.index(taking.mode)
