"""Whether there is anything to compare: which types are affine, or may take or give something affine when called.

Owns the search through types and classes, which name each other in circles, and what it has found. Knows nothing of
what would be wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterable

from mypy.nodes import TypeAlias, TypeInfo
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    TupleType,
    Type,
    TypeAliasType,
    TypedDictType,
    TypeType,
    UnionType,
    get_proper_type,
)

from .knowledge import CONSTRUCTORS
from .members import CALL, declared
from .named_types import expanded
from .type_shapes import classes_of
from .typing_facts import Facts

__all__ = ["Concerns"]

_Name = TypeAlias | TypeInfo | tuple[TypeInfo, bool]
"""An alias, a typed dictionary, or a class and whether it is itself the value."""


class Concerns:
    """Those of one module, or of all if they speak of the same classes."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._names: dict[_Name, bool] = {}
        self._asked: set[_Name] = set()
        """The classes whose members are being looked at."""
        self._vain: set[_Name] = set()
        """In what nothing was found meanwhile."""
        self._types: dict[Type, bool] = {}
        self._mattering: dict[Type, bool] = {}
        self._plain: dict[TypeInfo, bool] = {}
        """The classes without type arguments that matter, or do not: most expressions are of one of few."""

    def mattering(self, types: Iterable[Type]) -> set[int]:
        """The identities of those whose values are affine, or concern us by what is called through them.

        The types have to live as long as the answer. They are those of all expressions of a module, so none is looked
        up by what it is made of, for which mypy hashes all of that, but where it has to be: most are objects of few
        classes, or signatures of the same parts.
        """
        parts: dict[int, bool] = {}
        found = set()
        for type_ in types:
            if type(type_) is Instance and not type_.args:
                matters = self._plain.get(type_.type)
                if matters is None:
                    matters = self._class_matters(type_.type)
            elif type(type_) is CallableType:
                matters = self._any_matters((*type_.arg_types, type_.ret_type), parts)
            elif type(type_) is UnionType:
                matters = self._any_matters(type_.items, parts)
            elif type(type_) is Overloaded:
                matters = any(self._any_matters((*item.arg_types, item.ret_type), parts) for item in type_.items)
            else:
                matters = self._matters_whole(type_)
            if matters:
                found.add(id(type_))
        return found

    def _matters_whole(self, type_: Type) -> bool:
        known = self._mattering.get(type_)
        if known is None:
            known = self.facts.is_affine(type_) or self.by_call(type_) or self._borrows_in_fields(type_)
            self._mattering[type_] = known
        return known

    def _any_matters(self, types: Iterable[Type], known: dict[int, bool]) -> bool:
        """Whether any of them does. `known`: what was found of others, by their identities."""
        for type_ in types:
            matters = known.get(id(type_))
            if matters is None:
                matters = known[id(type_)] = self._matters(type_)
            if matters:
                return True
        return False

    def by_call(self, type_: Type | None) -> bool:
        """Whether what is called through a value of this type may take or give something affine."""
        if type_ is None:
            return False
        if type(type_) is Instance and not type_.args:
            return self._class_concerns(type_.type)
        return self._called(type_, ())

    def _called(self, type_: Type, inside: tuple[object, ...]) -> bool:
        if type(type_) is CallableType:
            # To look one up, mypy hashes all that it is made of: to ask that is less.
            return self._look_inside(type_, inside)
        known = self._types.get(type_) if not inside else None
        if known is None:
            known = self._look_inside(type_, inside)
            if known or not (inside or self._asked):
                # On the way round a circle, "no" is not the last word: see `_learn`.
                self._types[type_] = known
        return known

    def _look_inside(self, type_: Type, inside: tuple[object, ...]) -> bool:
        if isinstance(type_, TypeAliasType):
            if type_.alias is None or (type_.is_recursive and type_.alias in inside):
                return False
            if type_.args or type_.is_recursive:
                return self._called(expanded(type_), (*inside, type_.alias))
            known = self._known(type_.alias)
            return known if known is not None else self._learn(type_.alias, self._called(expanded(type_), inside))
        if isinstance(type_, CallableType):
            for part in type_.arg_types:
                if self._matters(part, inside):
                    return True
            return self._matters(type_.ret_type, inside)
        if isinstance(type_, Overloaded):
            return any(self._called(item, inside) for item in type_.items)
        if isinstance(type_, Instance):
            return any(self._called(arg, inside) for arg in type_.args) or self._class_concerns(type_.type)
        if isinstance(type_, (UnionType, TupleType)):
            return any(self._called(item, inside) for item in type_.items)
        if isinstance(type_, TypedDictType):
            info = type_.fallback.type
            known = self._known(info)
            if known is None:
                known = any(self._called(item, inside) for item in type_.items.values())
                if not (inside or info.defn.type_vars):
                    self._learn(info, known)
            return known
        if isinstance(type_, TypeType):
            item = get_proper_type(type_.item)
            return isinstance(item, Instance) and self._class_concerns(item.type, is_itself=True)
        return False

    def _matters(self, type_: Type, inside: tuple[object, ...] = ()) -> bool:
        """Whether a parameter or result of this type is affine, lent, or something that concerns us itself."""
        if type(type_) is Instance and not type_.args:
            return self._class_matters(type_.type)
        return (
            self.facts.declared_mode(type_) is not None
            or self.facts.is_affine(type_)
            or self._called(type_, inside)
            or self._borrows_in_fields(type_)
        )

    def _borrows_in_fields(self, type_: Type) -> bool:
        """Whether a value of this type may be an object with a field for a loan, or hold some: `list[Deps]`."""
        inside = type_.args if type(type_) is Instance else type_.items if type(type_) is TupleType else ()
        return any(self.facts.loan_fields(info) for each in (type_, *inside) for info in classes_of(each))

    def _class_matters(self, info: TypeInfo) -> bool:
        known = self._plain.get(info)
        if known is None:
            known = self.facts.is_affine_class(info) or self._class_concerns(info) or bool(self.facts.loan_fields(info))
            if known or not self._asked:
                self._plain[info] = known
        return known

    def _class_concerns(self, info: TypeInfo, *, is_itself: bool = False) -> bool:
        """Whether objects of a class matter by what they are called with, or by methods that end them.

        Of a protocol, all its members count: it promises them. `is_itself`: of the class, its constructor counts.
        """
        asked = (info, is_itself)
        known = self._known(asked)
        if known is None:
            if asked in self._asked:
                return False
            self._asked.add(asked)
            if is_itself:
                names = [*CONSTRUCTORS]
            else:
                names = info.protocol_members if info.is_protocol else [] if info.get(CALL) is None else [CALL]
            known = any(self.symbol_matters(info, name) for name in names)
            known |= not is_itself and self._can_be_consumed(info)
            self._asked.remove(asked)
            self._learn(asked, known)
        return known

    def _known(self, name: _Name) -> bool | None:
        return False if name in self._vain else self._names.get(name)

    def _learn(self, name: _Name, concerns: bool) -> bool:
        """Remember what was found in something that has a name."""
        if concerns or not self._asked:
            self._names[name] = concerns
            self._vain.clear()
        else:
            # What is said of it on the way round a circle of classes is not the last word: it holds until one of them
            # is found to concern us, or the way is at its end.
            self._vain.add(name)
        return concerns

    def _can_be_consumed(self, info: TypeInfo) -> bool:
        return self.facts.is_affine_class(info) and any(
            self.facts.is_consuming(info, name) for name in {name for base in info.mro for name in base.names}
        )

    def symbol_matters(self, info: TypeInfo, name: str) -> bool:
        """Whether a member of a class does."""
        symbol = info.get(name)
        type_ = declared(symbol.node) if symbol is not None else None
        return (type_ is not None and self._matters(type_)) or self.facts.is_consuming(info, name)
