"""How a callee takes its arguments, as its signatures say (rules, sections 3 and 4).

With `knowledge.frameworks` for what signatures do not say. Knows nothing of the call but the types in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto

from mypy.argmap import map_actuals_to_formals
from mypy.erasetype import erase_typevars
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ARG_POS, ARG_STAR2, ArgKind, Decorator, SymbolNode
from mypy.subtypes import is_same_type, is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Overloaded,
    ParamSpecType,
    TupleType,
    Type,
    TypeAliasType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
    has_type_vars,
)

from .events import Ownership
from .knowledge.frameworks import LENT
from .type_shapes import (
    as_defined,
    classes_of,
    constraints_between,
    definition_of,
    mapped,
    narrows,
    overridden,
    signatures_of,
)
from .typing_facts import Facts

__all__ = ["Callees", "Calling", "Parameter", "Taking"]


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

    __slots__ = ("declared", "gets_loans", "holds_any", "lends", "manages", "mode", "name", "owns")

    def __init__(
        self,
        mode: Ownership,
        name: str,
        *,
        declared: bool,
        holds_any: bool = False,
        owns: bool = False,
        manages: bool = False,
        gets_loans: bool = True,
        lends: Ownership | None = None,
    ) -> None:
        self.mode = mode
        self.name = name
        self.holds_any = holds_any
        """Whether it is a container of Any: what a display is made of can be kept in it."""
        self.owns = owns
        """Whether the parameter's own type is affine, and no `Any` or type variable."""
        self.manages = manages
        """Whether it is a context manager that is wanted, to be entered and left: `stack.enter_context(x)`."""
        self.gets_loans = gets_loans
        """Whether the parameter's type says that what it is given may have something on loan."""
        self.lends = lends
        """How it has the elements of what it is given, if the parameter's type says that it has them on loan."""
        self.declared = declared
        """Whether the parameter says so itself. A loan that nothing declares is a mere look."""

    @property
    def wants_owner(self) -> bool:
        """Whether who is called has to be given what it owns, and no loans of that."""
        return self.owns and self.mode is Ownership.OWNED


_LENT_NAMES = frozenset(LENT.values())

_UNKNOWN = Taking(Ownership.OWNED, "", declared=False)


class Callees:
    """What callees do with what they are given, as far as types tell."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._takings: dict[tuple[SymbolNode, int, int, str | None], tuple[Type, Taking]] = {}
        """For the parameters of functions whose types say all: the type, and how it takes its argument."""

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
        if len(takings) == 1:
            return takings[0]
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
                taking, known = self._taking(callee, formal, given, kinds[actual]), takings[actual]
                if known is None or _strictness(taking) < _strictness(known):
                    takings[actual] = taking
        fitting = [taking for taking in takings if taking is not None]
        return (fitting, fits) if len(fitting) == len(kinds) else None

    def _taking(self, callee: CallableType, formal: int, given: Type, kind: ArgKind) -> Taking:
        """How a parameter takes its argument: found once, where it is all the same what is given."""
        type_ = callee.arg_types[formal]
        if isinstance(given, ParamSpecType) and not isinstance(type_, ParamSpecType):
            # `signature.bind(*args, **kwargs)`: only who calls the function with them takes what it takes.
            return Taking(Ownership.SHARED, callee.arg_names[formal] or "", declared=False)
        if callee.definition is None or has_type_vars(type_):
            return self._found(callee, formal, given, kind)
        # A bound method has one parameter less, and one of a generic class has other types for each object.
        key = callee.definition, formal, len(callee.arg_types), callee.arg_names[formal]
        known = self._takings.get(key)
        if known is None or known[0] is not type_:
            known = self._takings[key] = type_, self._found(callee, formal, given, kind)
        return known[1]

    def _found(self, callee: CallableType, formal: int, given: Type, kind: ArgKind) -> Taking:
        type_ = callee.arg_types[formal]
        declared_mode = self._facts.declared_mode(type_) or self._declared_before_decoration(callee, formal)
        if declared_mode is None and (
            _is_known_to_lend(callee, formal) or (formal == 0 and self._facts.lends_receiver(callee))
        ):
            declared_mode = Ownership.BORROWED
        declared = declared_mode is not None
        mode = declared_mode or self._facts.taking_mode(type_)
        if not declared and narrows(callee) and formal == 0:
            mode = Ownership.SHARED
        is_open = has_type_vars(type_) and not isinstance(get_proper_type(type_), UnpackType)
        if mode is Ownership.OWNED and is_open and not declared and not self._facts.is_affine(type_):
            # mypy leaves type variables unsolved in an overload: what does this argument solve them with?
            if kind.is_star():
                # It is given what is in that: of a dict, the values.
                iterates = kind is ARG_STAR2 or self._facts.iterates_affine(given)
                solves = iterates and self._facts.is_affine(given)
            else:
                solves = any(self._facts.is_affine(one.target) for one in constraints_between(type_, given))
            if not solves:
                mode = Ownership.SHARED
        manages = any(map(self._facts.is_other_manager, classes_of(type_)))
        return Taking(
            mode,
            callee.arg_names[formal] or "",
            declared=declared,
            holds_any=_holds_any(type_),
            owns=self._facts.is_affine(type_),
            manages=manages,
            gets_loans=mode is Ownership.OWNED or self._facts.gives_loans(type_),
            lends=self._facts.lends_elements(type_),
        )

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
        if name is None and own.arg_names[position] is not None and own.arg_kinds[position] is ARG_POS:
            # The decorator wrote it anew, by `Concatenate` or a list of types: what that says is all that is known.
            return None
        type_ = own.arg_types[position]
        mode = self._facts.declared_mode(type_)
        if mode is None or not is_same_type(
            get_proper_type(erase_typevars(type_)), get_proper_type(erase_typevars(callee.arg_types[formal]))
        ):
            return None
        return mode

    def takes_operand(self, receiver: Type | None, methods: Iterable[str]) -> bool:
        """Whether the first of these special methods that the receiver has takes its operand, or what is in that."""
        proper = get_proper_type(receiver) if receiver is not None else None
        for name in methods:
            if not isinstance(proper, Instance):
                break
            info = next((base for base in proper.type.mro if name in base.names), None)
            if info is None:
                continue
            base = map_instance_to_supertype(proper, info)
            for one in signatures_of(info.names[name].type):
                if len(one.arg_types) > 1:
                    operand = expand_type_by_instance(one.arg_types[1], base)
                    return self._facts.taking_mode(operand) is Ownership.OWNED or _holds_any(operand)
        return False

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
        for one, mapping in mapped(callee, kinds, names, argument_type):
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
        for one, mapping in mapped(callee, kinds, names, argument_type):
            for formal, actuals in enumerate(mapping):
                name, type_, _ = as_defined(one, formal)
                if actuals and (name == parameter if parameter else self._facts.is_callable(type_)):
                    return actuals[0]
                # A parameter that can only be given by position may have no name. What stands before the function is
                # about when it is called.
                if actuals and not name and self._facts.is_callable(type_):
                    found = actuals[0]
        return found

    def _parameter(self, callee: CallableType, formal: int) -> Parameter:
        name, type_, function = as_defined(callee, formal)
        for known in overridden(function) if function is not None else ():
            # A parameter that can only be given by position has no name.
            if (parameter := self._facts.handling.called_once.get(known)) is not None and (
                not name or parameter in ("", name)
            ):
                return Parameter(Calling.ONCE, name)
        if self._facts.declared_mode(type_) is Ownership.OWNED:
            return Parameter(Calling.ONCE, name)
        if self._facts.is_callable(type_) or self._holds_callables(type_):
            return Parameter(Calling.MANY, name)
        holds = isinstance(get_proper_type(type_), (AnyType, TypeVarType, UnpackType)) or has_type_vars(type_)
        return Parameter(Calling.ONCE if holds else Calling.NEVER, name)

    def _holds_callables(self, type_: Type) -> bool:
        """Whether a place of this type is there for a container of what something calls: `tools: list[Callable]`."""
        proper = get_proper_type(type_)
        if isinstance(proper, UnionType):
            return any(map(self._holds_callables, proper.items))
        parts = proper.items if isinstance(proper, TupleType) else proper.args if isinstance(proper, Instance) else ()
        return any(self._facts.is_callable(part) or self._holds_callables(part) for part in parts)


def _is_known_to_lend(callee: CallableType, formal: int) -> bool:
    """Whether a parameter of a library only lends what it is given, for as long as the call goes on."""
    name = callee.arg_names[formal]
    function = definition_of(callee) if name in _LENT_NAMES else None
    return function is not None and any(LENT.get(known) == name for known in overridden(function))


def _holds_any(type_: Type) -> bool:
    """Whether it is a container of Any, or one of such containers."""
    if isinstance(type_, TypeAliasType) and type_.is_recursive:
        return False
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        return any(_holds_any(item) for item in proper.items)
    held = proper.args if isinstance(proper, Instance) else proper.items if isinstance(proper, TupleType) else ()
    return any(isinstance(get_proper_type(item), AnyType) or _holds_any(item) for item in held)


def _strictness(taking: Taking) -> int:
    order = (Ownership.OWNED, Ownership.BORROWED, Ownership.SHARED)
    return order.index(taking.mode)
