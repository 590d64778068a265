"""What is known beyond what signatures say: of our own classes, of files. Tables, no logic.

What containers and library functions do with values is in `containers`.
"""

from __future__ import annotations

from typing import Final

from ..fullnames import BUDGET, RESERVATION

__all__ = ["CONSTRUCTORS", "GIVEN", "LOOKING_OBJECTS", "MINTED", "TEST_DIRECTORIES", "TEST_FILES"]

CONSTRUCTORS: Final = ("__init__", "__new__")
"""The methods that an object is made with: no promise to those who have the object, but to those who have the class."""

LOOKING_OBJECTS: Final = frozenset({"operator.attrgetter", "_operator.attrgetter"})
"""Classes whose objects are called with what they only look at, though its parameter is Any."""

MINTED: Final = frozenset({BUDGET})
"""Classes whose constructor makes a cap from nothing (rules, section 5, `budget-minted`); subclasses too."""

GIVEN: Final = frozenset({RESERVATION})
"""The other affine classes of ours: an object of theirs comes out of a budget or pool that is there already."""

TEST_FILES: Final = ("test_*.py", "*_test.py", "conftest.py")
TEST_DIRECTORIES: Final = frozenset({"tests"})
"""Which files are tests, which may make budgets: by their own name, or by that of a directory they lie under."""
