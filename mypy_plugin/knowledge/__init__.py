"""What library functions do with their arguments beyond what their signatures say. Tables, no logic."""

from __future__ import annotations

from typing import Final

__all__ = ["DUPLICATORS", "FORMATTED", "LOOKERS"]

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
