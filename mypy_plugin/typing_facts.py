"""What mypy's types say: all about ownership and members, and what functions and the calls that go on are as values.

Reads types by way of `type_shapes`. Knows nothing of statements, graphs or messages.
"""

from __future__ import annotations

from collections.abc import Iterable

from mypy.nodes import TypeInfo
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    TupleType,
    Type,
    TypeAliasType,
    TypeVarType,
    UnionType,
    get_proper_type,
    has_type_vars,
)

from .events import Ownership
from .fullnames import COLLECTIONS, RUNNING, SUSPENDED
from .knowledge.containers import CONTENTS
from .member_facts import MemberFacts
from .named_types import Met, Search, expanded
from .ownership_facts import HOLD_NOTHING, Premises
from .type_shapes import classes_of, definition_of, runs_when_awaited, signatures_of

__all__ = ["Facts"]


class Facts(MemberFacts):
    """Answers about types for one run of mypy."""

    def __init__(self, premises: Premises = Premises()) -> None:  # noqa: B008 (it can't be changed)
        super().__init__(premises)
        self._going: dict[Type, bool] = {}
        self._awaitable: dict[TypeInfo, bool] = {}
        self._running_later: dict[TypeInfo, bool] = {}
        self._handing: dict[TypeInfo, bool] = {}
        self._managing: dict[TypeInfo, bool] = {}
        self._calls = Search()

    # Functions as values

    def is_function(self, type_: Type | None) -> bool:
        """Whether a value of this type is a function, or a bound method."""
        return isinstance(get_proper_type(type_), (CallableType, Overloaded))

    def is_context(self, type_: Type | None) -> bool:
        """Whether a value of this type is given to many at a time: what hangs off it is only lent to each of them."""
        return any(self.handling.is_context(info) and not self.is_affine_class(info) for info in classes_of(type_))

    def is_other_manager(self, info: TypeInfo) -> bool:
        """Whether a class is that of a context manager, and not affine itself."""
        known = self._managing.get(info)
        if known is None:
            known = self._managing[info] = self.is_manager(info) and not self.is_affine_class(info)
        return known

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

    # Calls that go on

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
        if type_ is None or type(type_) in HOLD_NOTHING:
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

    def is_keyed_by_handles(self, type_: Type | None) -> bool:
        """Whether a container has tasks, or the like, as keys for what has no owner: `dict[Task[Budget], str]`."""
        proper = get_proper_type(type_)
        if not isinstance(proper, Instance) or len(proper.args) != 2 or self.is_affine_class(proper.type):
            return False
        return self.is_handle(proper.args[0]) and self.is_affine(proper.args[0]) and not self.is_affine(proper.args[1])

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

    def can_split_evenly(self, type_: Type | None) -> bool:
        """Whether a value of this type has a method `split_evenly`, which a hint may then name."""
        return any(info.get("split_evenly") is not None for info in classes_of(type_))
