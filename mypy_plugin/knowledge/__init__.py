"""What library functions do with their arguments beyond what their signatures say. Tables, no logic."""

from __future__ import annotations

from typing import Final

__all__ = ["DUPLICATORS"]

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
