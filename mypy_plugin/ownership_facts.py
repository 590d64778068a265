"""What mypy's types say about ownership: is a value affine, how is it taken, what holds a loan (rules, sections 1, 4).

Reads types by way of `type_shapes`. Knows nothing of statements, graphs or messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from mypy.nodes import Expression, TypeInfo, Var
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
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
from .fullnames import BORROWED, COLLECTIONS, FUNCTIONS, METADATA, OWNED, SHARED, TEXT
from .handling import Handling
from .named_types import Met, Search, expanded
from .type_shapes import classes_of, held_by, is_callback, signatures_of, variable_name

__all__ = ["HOLD_NOTHING", "LoanField", "OwnershipFacts", "Premises", "affine_info"]

HOLD_NOTHING = frozenset({CallableType, Overloaded, NoneType, AnyType})
"""Types of which no value owns, holds or waits for anything. To ask is less than to look up what was answered."""


class LoanField(NamedTuple):
    """A field that is declared to be borrowed."""

    path: tuple[str, ...]
    """The way to it from the object."""
    type: Type
    exclusive: bool
    """Whether what it has may be used, and not only read, `Shared[T]`."""


class Premises(NamedTuple):
    """What is known before any type is looked at."""

    listed: frozenset[str] = frozenset()
    """Classes that are affine by configuration."""
    handling: Handling = Handling()
    """What containers do with their elements."""
    assumed: frozenset[str] = frozenset()
    """Type variables, by name, that are taken to stand for something affine. Then no class counts as affine."""
    has_loans: bool = True
    """Whether a type may say that its values are lent. Only who imports our package can write that."""


_DeclaredFields: TypeAlias = tuple[Sequence[LoanField], Sequence[tuple[str, Sequence[TypeInfo]]]]

_DEEPEST: Final = 3
"""How many attributes deep a field for a loan is found: `app.job.deps.budget`."""

_MODES = {BORROWED: Ownership.BORROWED, SHARED: Ownership.SHARED, OWNED: Ownership.OWNED}
_LENT = frozenset({Ownership.BORROWED, Ownership.SHARED})


def affine_info(info: TypeInfo, listed: frozenset[str]) -> bool:
    """Whether a class is affine: marked, listed in the configuration, or derived from one that is."""
    for base in info.mro:
        if base.fullname in listed or (METADATA in base.metadata and base.metadata[METADATA].get("affine")):
            return True
    return False


class OwnershipFacts:
    """Answers about types for one run of mypy, remembered per class."""

    def __init__(self, premises: Premises = Premises()) -> None:  # noqa: B008 (it can't be changed)
        self.listed, self.handling, self._assumed, self.has_loans = premises
        self._classes: dict[TypeInfo, bool] = {}
        self._owning: dict[Type, bool] = {}
        self._holding: dict[Type, bool] = {}
        self._keeping: dict[TypeInfo, Sequence[Type] | None] = {}
        self._loan_fields: dict[TypeInfo, Sequence[LoanField]] = {}
        self._declared: dict[TypeInfo, _DeclaredFields] = {}
        self._vain: dict[TypeInfo, int] = {}
        """For classes without a field for a loan: in how many steps from an object there is none."""
        self._texts: dict[TypeInfo, bool] = {}
        self._owners = Search()
        self._loans = Search()

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
        if type_ is None or type(type_) in HOLD_NOTHING:
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
                found[node] = type(type_) not in HOLD_NOTHING and self.is_affine(type_)
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
        if type_ is None or type(type_) is Instance or not self.has_loans:
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

    def is_lent(self, type_: Type | None) -> bool:
        """Whether a type says that its values are borrowed: `Borrowed[T]` or `Shared[T]`."""
        if type_ is None or type(type_) is Instance:
            return False
        return self.declared_mode(type_) in (Ownership.BORROWED, Ownership.SHARED)

    def holds_loans(self, type_: Type | None) -> bool:
        """Whether a value of this type holds what others own: `list[Borrowed[T]]`. It has no owner itself."""
        if type_ is None or type(type_) in HOLD_NOTHING or (type(type_) is Instance and not type_.args):
            return False
        if not self.has_loans:
            return False
        known = self._holding.get(type_)
        if known is None:
            known = self._holding[type_] = not self.is_affine(type_) and self._loans.through(
                lambda met: self._holds_loans(type_, met)
            )
        return known

    def fields_that_may_hold(self, info: TypeInfo) -> Sequence[Type] | None:
        """The types of the fields of a class, of those that may hold something; None if one is a loan."""
        if info not in self._keeping:
            fields = [
                symbol.node.type
                for base in info.mro
                for symbol in base.names.values()
                if isinstance(symbol.node, Var) and not symbol.node.is_classvar
            ]
            types = [type_ for type_ in fields if type_ is not None and not self.is_text(type_)]
            known = None if any(map(self.is_lent, types)) else types
            if known is not None and None in fields:
                # A field without a type is one that mypy has still to infer.
                return known
            self._keeping[info] = known
        return self._keeping[info]

    def loan_fields(self, info: TypeInfo) -> Sequence[LoanField]:
        """The fields of instances of a class that are declared to borrow something affine. Most classes have none.

        Also those of the objects that it is declared to have in fields, which have no owners of their own.
        """
        known = self._loan_fields.get(info)
        if known is None:
            fields = [] if not self.has_loans or self._has_none_within(info) else self._fields_within(info, _DEEPEST)
            known = self._loan_fields[info] = tuple(fields)
        return known

    def fields_for_loans(self, type_: Type | None) -> Sequence[LoanField]:
        """Those of a value of this type that has no owner itself. Most have none."""
        if type(type_) is Instance:
            found = self.loan_fields(type_.type)
        elif type_ is None or type(type_) in HOLD_NOTHING:
            return ()
        else:
            found = [field for info in classes_of(type_) for field in self.loan_fields(info)]
        return found if found and not self.is_affine(type_) else ()

    def collects_borrowers(self, type_: Type | None) -> bool:
        """Whether a value of this type is a collection of objects with such fields: `list[Deps]`."""
        if type_ is None or type(type_) in HOLD_NOTHING or (type(type_) is Instance and not type_.args):
            return False
        proper = get_proper_type(type_)
        items: Iterable[Type] = ()
        if isinstance(proper, TupleType):
            items = proper.items
        elif isinstance(proper, TypedDictType):
            items = proper.items.values()
        elif isinstance(proper, Instance) and any(base.fullname in COLLECTIONS for base in proper.type.mro):
            items = proper.args
        return any(map(self.fields_for_loans, items))

    def collects_loans(self, type_: Type | None) -> bool:
        """Whether a value of this type is a collection of loans, or of objects that have some."""
        return self.has_loans and (self.holds_loans(type_) or self.collects_borrowers(type_))

    def gives_loans(self, type_: Type) -> bool:
        """Whether who is given a value of this type gets loans with it, and knows that."""
        return bool(self.fields_for_loans(type_)) or self.collects_loans(type_)

    def gives_loans_to_use(self, type_: Type) -> bool:
        """Whether he may do more with them than to read what is lent."""
        if any(field.exclusive for field in self.fields_for_loans(type_)) or self.collects_borrowers(type_):
            return True
        return self.lends_elements(type_) is Ownership.BORROWED

    def lends_elements(self, type_: Type) -> Ownership | None:
        """How a collection of this type has what it has on loan, if it does."""
        if not self.holds_loans(type_):
            return None
        return Ownership.BORROWED if self.holds_loans_to_use(type_) else Ownership.SHARED

    def _has_none_within(self, info: TypeInfo) -> bool:
        """Whether there is no such field in any number of steps from an object that counts. So it is, for most."""
        met: dict[TypeInfo, int] = {}
        classes: Sequence[TypeInfo] = (info,)
        for steps in range(_DEEPEST, 0, -1):
            behind: list[TypeInfo] = []
            for each in classes:
                if each in met or self._vain.get(each, 0) >= steps:
                    continue
                met[each] = steps
                borrowed, inner = self._declared_fields(each)
                if borrowed:
                    return False
                for _, its in inner:
                    behind += its
            classes = behind
        self._vain.update(met)
        return True

    def _fields_within(self, info: TypeInfo, steps: int) -> list[LoanField]:
        borrowed, inner = self._declared_fields(info)
        found = {field.path: field for field in borrowed}
        for name, classes in inner if steps > 1 else ():
            for each in classes:
                for field in self._fields_within(each, steps - 1):
                    path = name, *field.path
                    found.setdefault(path, field._replace(path=path))
        return list(found.values())

    def _declared_fields(self, info: TypeInfo) -> _DeclaredFields:
        """The fields that a class and its bases declare to borrow, and the classes of objects in others of them."""
        known = self._declared.get(info)
        if known is None:
            names: set[str] = set()
            borrowed, inner = list[LoanField](), list[tuple[str, Sequence[TypeInfo]]]()
            for base in info.mro:
                for name, symbol in base.names.items():
                    field = symbol.node
                    if not isinstance(field, Var) or field.type is None or field.is_classvar or name in names:
                        continue
                    names.add(name)
                    # Of `self.view = view` mypy infers the type, and no promise.
                    is_declared = field.explicit_self_type or not field.is_inferred
                    mode = self.declared_mode(field.type) if is_declared else None
                    if mode in _LENT:
                        if self.is_affine(field.type):
                            borrowed.append(LoanField((name,), field.type, mode is Ownership.BORROWED))
                    elif not self.is_affine(field.type):
                        classes = [each for each in classes_of(field.type) if each.fullname not in TEXT]
                        if classes:
                            inner.append((name, classes))
            known = self._declared[info] = borrowed, inner
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

    # What a function gives

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
