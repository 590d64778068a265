"""What is known beyond what signatures say: of library functions, of our own classes, of files. Tables, no logic."""

from __future__ import annotations

from typing import Final

from ..fullnames import BUDGET, RESERVATION

__all__ = ["DUPLICATORS", "FORMATTED", "GIVEN", "LOOKERS", "MINTED", "TEST_DIRECTORIES", "TEST_FILES"]

DUPLICATORS: Final = frozenset(
    {
        "copy.copy",
        "copy.deepcopy",
        "copy.replace",
        "dataclasses.replace",
        "attr.evolve",
        "attrs.evolve",
        "pickle.dump",
        "pickle.dumps",
        "_pickle.dump",
        "_pickle.dumps",
        "itertools.repeat",
        "itertools.cycle",
        "itertools.tee",
    }
)
"""Calls that put the value they are given into the world a second time (rules, section 5, `budget-copied`)."""

LOOKERS: Final = frozenset({"builtins.next", "builtins.anext", "builtins.vars", "weakref.ref"})
"""Calls that leave the object they are given where it is, though their types suggest that they keep it."""

FORMATTED: Final = frozenset({"builtins.str", "builtins.bytes", "builtins.bytearray"})
"""What `%` formats with: its right operand is only looked at (rules, section 4)."""

MINTED: Final = frozenset({BUDGET})
"""Classes whose constructor makes a cap from nothing (rules, section 5, `budget-minted`); subclasses too."""

GIVEN: Final = frozenset({RESERVATION})
"""The other affine classes of ours: an object of theirs comes out of a budget or pool that is there already."""

TEST_FILES: Final = ("test_*.py", "*_test.py", "conftest.py")
TEST_DIRECTORIES: Final = frozenset({"tests"})
"""Which files are tests, which may make budgets: by their own name, or by that of a directory they lie under."""
