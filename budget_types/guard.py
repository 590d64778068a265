"""One lock for all accounts, and whether this is still the process that they were made in.

Splits and merges change a whole path of the tree of accounts, so the lock is one for all. It is held for a microsecond
and never while foreign code (an observer, a destructor) runs. This module must never know what it guards.
"""

from __future__ import annotations

import os
from threading import Lock

__all__ = ["guard"]


class _Guard:
    """`lock` guards the books; `process` is another object in each process."""

    __slots__ = ("lock", "process")

    def __init__(self) -> None:
        self.lock: Lock = Lock()
        self.process: object = object()


guard: _Guard = _Guard()

if hasattr(os, "register_at_fork"):
    # The child has neither its parent's budgets nor, perhaps, the thread that holds the lock.
    os.register_at_fork(after_in_child=guard.__init__)  # type: ignore[misc]
