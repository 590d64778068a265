"""Which row of the containers' table belongs to a method or function: the table, and what the project adds to it.

A class that has no row for a method has that of the next one in its MRO, unless it is code of the project that
defines the method itself: that has a signature, and a body that is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mypy.nodes import TypeInfo

from .knowledge.containers import CONDUITS, FUNCTIONS, METHODS, REFERENCES, Does, Row
from .knowledge.frameworks import CONTEXTS, WORKERS

__all__ = ["Handling"]


class Handling:
    """The table for one run. `added`: words for full names of methods and functions; the others: full names of classes.

    `conduits` hand values from one owner to another, `contexts` are given to all that one run calls.
    """

    def __init__(
        self, added: Mapping[str, Does] | None = None, conduits: Iterable[str] = (), contexts: Iterable[str] = ()
    ) -> None:
        self._added = dict(added or {})
        self._contexts = CONTEXTS | frozenset(contexts)
        self._shared_freely = CONDUITS | REFERENCES | WORKERS | self._contexts | frozenset(conduits)

    def is_shared_freely(self, info: TypeInfo) -> bool:
        """Whether instances of a class own nothing of what they hold: conduits, and what only refers to a value."""
        return any(base.fullname in self._shared_freely for base in info.mro)

    def is_context(self, info: TypeInfo) -> bool:
        """Whether an instance of a class is given to many at a time, so that what hangs off it is only lent to each."""
        return any(base.fullname in self._contexts for base in info.mro)

    def method(self, info: TypeInfo, name: str, is_ours: Callable[[str], bool]) -> Row | None:
        """What a method does with its receiver and its arguments; None if its signature says it all."""
        for base in info.mro:
            added = self._added.get(f"{base.fullname}.{name}")
            if added is not None:
                return (added, Does.TAKE)
            row = METHODS.get(base.fullname, {}).get(name)
            if row is not None:
                return row if len(row) > 1 else (*row, Does.TAKE)
            if name in base.names and is_ours(base.fullname):
                return None
        return None

    def function(self, fullname: str) -> Row | None:
        """What a function, or a class that is called, does with its arguments; None if its signature says it all."""
        added = self._added.get(fullname)
        return (added,) if added is not None else FUNCTIONS.get(fullname)
