"""Which row of a table belongs to a class, method or function: the tables, and what the project adds to them.

A class that has no row for a method has that of the next one in its MRO, unless it is code of the project that
defines the method itself: that has a signature, and a body that is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mypy.nodes import TypeInfo

from .fullnames import REPLACE
from .knowledge.containers import CONDUITS, FUNCTIONS, METHODS, REFERENCES, Does, Row
from .knowledge.frameworks import CONTEXTS, WORKERS
from .knowledge.tasks import CALLED_ONCE, CONFIGURED, ENDED, GROUPS, RETRIERS, SPAWNS, STARTERS, WAITS

__all__ = ["Added", "Handling"]


@dataclass(frozen=True)
class Added:
    """What the project's settings add to the tables, by full names.

    `conduits`, `contexts` and `groups` are classes: which hand values from one owner to another, are given to all that
    one run calls, and wait for what was started through them.
    """

    calls: Mapping[str, Does] = field(default_factory=dict)
    conduits: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    tasks: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()


class Handling:
    """The tables for one run."""

    def __init__(self, added: Added | None = None) -> None:
        self.added = added = added or Added()
        rows = {name: CONFIGURED[word] for name, word in added.tasks.items()}
        self.spawns = {**SPAWNS, **rows}
        """By full name of a function, method or constructor: what it does with the calls that it is given, or makes."""
        self.about_tasks = {name.rpartition(".")[2] for name in (*self.spawns, *STARTERS, *WAITS, *ENDED)}
        """The names that any table of tasks may be about. Most functions and methods have none of them."""
        self._groups = GROUPS | added.groups
        self._retriers = RETRIERS | {name for name, row in rows.items() if row.again}
        self.called_once = {**CALLED_ONCE, **{name: "" for name, row in rows.items() if not row.again}}
        """By full name of a function: the parameter whose argument is called once; empty for any that is a function."""
        self._contexts = CONTEXTS | added.contexts
        self.about_elements = {name for rows in METHODS.values() for name in rows}
        self.about_elements.update(name.rpartition(".")[2] for name in added.calls)
        """The names of methods that a row may be about. Most have none of them."""
        self.functions: dict[str, Row] = {**FUNCTIONS, **{name: (does,) for name, does in added.calls.items()}}
        """By full name of a function, or of a class that is called: what it does with its arguments, if its signature
        does not say it all."""
        self._shared_freely = CONDUITS | REFERENCES | WORKERS | self._contexts | added.conduits

    def is_shared_freely(self, info: TypeInfo) -> bool:
        """Whether instances of a class own nothing of what they hold: conduits, and what only refers to a value."""
        return not self._shared_freely.isdisjoint([base.fullname for base in info.mro])

    def is_context(self, info: TypeInfo) -> bool:
        """Whether an instance of a class is given to many at a time, so that what hangs off it is only lent to each."""
        return any(base.fullname in self._contexts for base in info.mro)

    def is_group(self, info: TypeInfo) -> bool:
        """Whether a context manager of this class is left when what was started through it has finished."""
        return any(base.fullname in self._groups for base in info.mro)

    def is_retrier(self, fullname: str) -> bool:
        """Whether a decorator calls its function again, with the same arguments."""
        return fullname in self._retriers

    def method(self, info: TypeInfo, name: str, is_ours: Callable[[str], bool]) -> Row | None:
        """What a method does with its receiver and its arguments; None if its signature says it all."""
        for base in info.mro if name in self.about_elements else ():
            added = self.added.calls.get(f"{base.fullname}.{name}") if self.added.calls else None
            if added is not None:
                return (added, Does.TAKE)
            row = METHODS.get(base.fullname, {}).get(name)
            if row is not None:
                return row if len(row) > 1 else (*row, Does.TAKE)
            # What mypy writes into each named tuple, nobody may write there.
            if name in base.names and is_ours(base.fullname) and not (base.is_named_tuple and name == REPLACE):
                return None
        return None
