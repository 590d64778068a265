"""What mypy's types say about budgets: is a value one, what makes one, and which fields of an object are some.

Asked only where minting is watched (rules, section 5, `budget-minted`). Knows nothing of statements, graphs or
messages; which classes count is data, in `knowledge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from mypy.argmap import map_actuals_to_formals
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import ArgKind, TypeInfo, Var
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    ProperType,
    TupleType,
    Type,
    TypeType,
    TypeVarType,
    UnionType,
    get_proper_type,
    has_type_vars,
)

from .fullnames import TYPE
from .knowledge import MINTED
from .type_shapes import classes_of, decides_truth, signatures_of

__all__ = ["BudgetFacts", "Field"]

_DEEPEST: Final = 2
"""How many attributes deep a budget counts as had by whoever has the object: `agent.budget`, `context.deps.budget`."""

Field: TypeAlias = tuple[str, TypeInfo, Type]
"""A field by its name, with the class that declares it and its type there."""


class BudgetFacts:
    """Answers about types for one run over a module, remembered per class."""

    def __init__(self) -> None:
        self._fields: dict[TypeInfo, list[Field]] = {}
        self._leading: dict[tuple[TypeInfo, int], tuple[list[Field], set[TypeInfo]]] = {}
        """For a class and the depth at which it is met: the fields that may lead to budgets, and what was opened."""
        self.opened: set[TypeInfo] = set()
        """Classes whose fields were looked at: when one of them gets a field, answers change."""
        self.answers: dict[tuple[TypeInfo, int], list[Field]] = {}
        """What `leading` gave."""

    def is_minted(self, info: TypeInfo) -> bool:
        """Whether instances of a class are budgets."""
        return any(base.fullname in MINTED for base in info.mro)

    # Values

    def holding(self, type_: Type | None) -> bool | None:
        """Whether a value of this type is no budget (None), is one (False), or is one or something else (True)."""
        if type_ is None:
            return None
        items = list(_items(type_))
        budgets = sum(self._is_budget(item) for item in items)
        return budgets < len(items) if budgets else None

    def concerns(self, type_: Type | None) -> bool:
        """Whether a value of this type may be a budget, or have one as a field."""
        return self.holding(type_) is not None or any(True for _ in self.budgets_in(type_))

    def is_empty_if_false(self, type_: Type | None) -> bool:
        """Whether a value of this type that is false has no budget: its class says nothing about truth."""
        return not any(map(decides_truth, self._concerned(type_)))

    def are_all(self, type_: Type | None, classes: list[TypeInfo]) -> bool:
        """Whether whatever has a budget, of what a value can be by this type, is an instance of one of `classes`."""
        return all(any(info in concerned.mro for info in classes) for concerned in self._concerned(type_))

    def budgets_in(
        self, type_: Type | None, above: tuple[str, ...] = (), *, optional: bool = False
    ) -> Iterator[tuple[tuple[str, ...], bool]]:
        """The attribute paths from an object to what is or may be a budget, each with whether it may be none."""
        items = list(_items(type_)) if type_ is not None else []
        optional |= len(items) > 1
        for item in items:
            if isinstance(item, TupleType):
                item = item.partial_fallback
            if not isinstance(item, Instance):
                continue
            for name, base, declared in self.leading(item.type, len(above)):
                field = expand_type_by_instance(declared, map_instance_to_supertype(item, base))
                path = (*above, name)
                may_be_none = self.holding(field)
                if may_be_none is not None:
                    yield path, optional or may_be_none
                elif len(path) < _DEEPEST:
                    yield from self.budgets_in(field, path, optional=optional)

    def _concerned(self, type_: Type | None) -> Iterator[TypeInfo]:
        """The classes of those values of this type that may be a budget or have one."""
        for item in _items(type_) if type_ is not None else ():
            if self.concerns(item):
                yield from classes_of(item)

    def leading(self, info: TypeInfo, depth: int) -> list[Field]:
        """The fields of a class that are or have budgets, or may for some type argument. Most classes have none."""
        known = self._leading.get((info, depth))
        if known is None:
            before, self.opened = self.opened, set()
            leading = [
                field
                for field in self._fields_of(info)
                if has_type_vars(field[2])
                or self.holding(field[2]) is not None
                or (depth + 1 < _DEEPEST and any(True for _ in self.budgets_in(field[2], ("",) * (depth + 1))))
            ]
            known = self._leading[info, depth] = leading, self.opened
            self.opened = before
        self.opened.update(known[1])
        self.answers[info, depth] = known[0]
        return known[0]

    def _fields_of(self, info: TypeInfo) -> list[Field]:
        self.opened.add(info)
        known = self._fields.get(info)
        if known is None:
            found: dict[str, Field] = {}
            for base in info.mro:
                for name, symbol in base.names.items():
                    node = symbol.node
                    if not isinstance(node, Var) or node.type is None or not name.isidentifier():
                        continue
                    # mypy takes the fields of a named tuple for properties.
                    if not node.is_property or base.is_named_tuple:
                        found.setdefault(name, (name, base, node.type))
            known = self._fields[info] = list(found.values())
        return known

    def _is_budget(self, item: ProperType) -> bool:
        return isinstance(item, Instance) and self.is_minted(item.type)

    # What makes them

    def minted_class(self, type_: Type | None) -> TypeInfo | None:
        """The class whose budgets come of calling a value of this type: it is that class, or a `type[...]` of it.

        A `NewType` of a budget is called with one, and makes none.
        """
        for item in _items(type_) if type_ is not None else ():
            info = None
            if isinstance(item, (CallableType, Overloaded)) and item.is_type_obj():
                info = item.type_object()
            elif isinstance(item, TypeType):
                made = next(_items(item.item))
                info = made.type if isinstance(made, Instance) else None
            if info is not None and self.is_minted(info) and not info.is_newtype:
                return info
        return None

    def is_to_be_called(self, type_: Type) -> bool:
        """Whether a place of this type is there for something to call: a `Callable`, a protocol with `__call__`.

        A place of type `type[Budget]` is not, nor is the one of `isinstance`.
        """
        for item in _items(type_):
            if isinstance(item, (CallableType, Overloaded)) and not item.is_type_obj():
                return True
            if (
                isinstance(item, Instance)
                and item.type.get("__call__") is not None
                and all(base.fullname != TYPE for base in item.type.mro)
            ):
                return True
        return False

    def formals(
        self,
        callee: Type | None,
        kinds: list[ArgKind],
        names: list[str | None],
        argument_type: Callable[[int], Type],
        position: int,
    ) -> Iterator[Type]:
        """The types of the parameters that an argument of a call may go to, over all signatures that take it."""
        for one in signatures_of(callee):
            mapping = map_actuals_to_formals(kinds, names, one.arg_kinds, one.arg_names, argument_type)
            if all(actuals or not one.arg_kinds[formal].is_required() for formal, actuals in enumerate(mapping)):
                yield from (one.arg_types[formal] for formal, actuals in enumerate(mapping) if position in actuals)


def _items(type_: Type) -> Iterator[ProperType]:
    """What a value of this type may be: the items of a union, the limits of a type variable."""
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        for item in proper.items:
            yield from _items(item)
    elif isinstance(proper, TypeVarType):
        for limit in [*proper.values] or [proper.upper_bound]:
            yield from _items(limit)
    else:
        yield proper
