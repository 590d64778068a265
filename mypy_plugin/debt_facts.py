"""What mypy's types say about debts: which values have to be used up, and what does it.

Asked only where `budget-dropped` is on (rules, section 5). Knows nothing of statements, graphs or messages; what
library functions do with such a value is data, in `knowledge`.
"""

from __future__ import annotations

from mypy.nodes import TypeInfo
from mypy.types import Instance, ProperType, Type, TypeAliasType, TypeVarType, UnionType, get_proper_type

from .events import Debt, Ownership
from .fullnames import METADATA
from .knowledge import CLOSERS
from .type_shapes import classes_of, decides_truth
from .typing_facts import Facts

__all__ = ["DebtFacts"]


class DebtFacts:
    """Answers about types for one run over a module, remembered per class.

    `all_affine`: a value of any affine class has to be used; without it, only of those that say `must_use=True`.
    `is_test`: an exception that leaves a function has no consequences there but that a test fails.
    """

    def __init__(self, facts: Facts, *, all_affine: bool, is_test: bool) -> None:
        self._facts = facts
        self._all_affine = all_affine
        self._is_test = is_test
        self._classes: dict[TypeInfo, Debt | None] = {}

    def debt(self, type_: Type | None) -> tuple[Debt, bool] | None:
        """What a value of this type owes, and whether it may be none that owes. What is borrowed owes nothing.

        A container does not owe for what is in it: who put it there has given it away.
        """
        if type(type_) is Instance:
            info = type_.type
            debt = self._classes[info] if info in self._classes else self._of(type_)
            return (debt, False) if debt is not None else None
        if not isinstance(type_, (UnionType, TypeVarType, TypeAliasType)):
            return None
        if self._facts.declared_mode(type_) in (Ownership.BORROWED, Ownership.SHARED):
            return None
        items = _items(type_)
        found = [debt for debt in map(self._of, items) if debt is not None]
        if not found:
            return None
        return min(found, key=lambda debt: not debt.must_use), len(found) < len(items)

    def concerns(self, type_: Type | None) -> bool:
        """Whether a value of this type may owe anything."""
        return self.debt(type_) is not None

    def is_empty_if_false(self, type_: Type | None) -> bool:
        """Whether a value of this type that is false owes nothing: its class says nothing about truth."""
        return not any(map(decides_truth, self._concerned(type_)))

    def are_all(self, type_: Type | None, classes: list[TypeInfo]) -> bool:
        """Whether whatever owes, of what a value can be by this type, is an instance of one of `classes`."""
        return all(any(info in concerned.mro for info in classes) for concerned in self._concerned(type_))

    def ends(self, receiver: Type | None, method: str) -> bool:
        """Whether a method of a value that owes ends it, looked up or called."""
        return self.concerns(receiver) and self._facts.consumes_receiver(receiver, method)

    def _concerned(self, type_: Type | None) -> list[TypeInfo]:
        items = _items(type_) if type_ is not None else []
        return [info for item in items if self._of(item) is not None for info in classes_of(item)]

    def _of(self, item: ProperType) -> Debt | None:
        if not isinstance(item, Instance):
            return None
        if item.type not in self._classes:
            self._classes[item.type] = self._of_class(item.type)
        return self._classes[item.type]

    def _of_class(self, info: TypeInfo) -> Debt | None:
        must_use = any(METADATA in base.metadata and base.metadata[METADATA].get("must_use") for base in info.mro)
        if not must_use and not (self._all_affine and self._facts.is_affine_class(info)):
            return None
        ends = {name: None for base in info.mro for name in self._facts.consuming(base) if not name.startswith("_")}
        ends.update((name, None) for name in CLOSERS if info.get(name) is not None)
        manager = "with" if info.get("__exit__") else "async with" if info.get("__aexit__") else ""
        return Debt(info.name, must_use, self._is_test or not must_use, tuple(ends), manager)


def _items(type_: Type) -> list[ProperType]:
    """What a value of this type may be: the items of a union, the bound of a type variable."""
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        return [item for each in proper.items for item in _items(each)]
    if isinstance(proper, TypeVarType):
        return [item for limit in [*proper.values] or [proper.upper_bound] for item in _items(limit)]
    return [proper]
