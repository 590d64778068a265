"""What the runs of a twin have shown. Plain data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

__all__ = ["Truth"]


@dataclass
class Truth:
    """What the runs of a twin have shown: on which lines mistakes are made, and whether every path was taken."""

    lines: set[int] = field(default_factory=set)
    allowed: set[int] = field(default_factory=set)
    """The lines on which a mistake need not be reported, but may."""
    echoes: set[tuple[int, ...]] = field(default_factory=set)
    """Lines on which a mistake need not be reported if one is on one of the other lines, but may."""
    shadows: set[tuple[int, ...]] = field(default_factory=set)
    """Lines on which a mistake need not be reported if one is made, and reported, on one of the other lines."""
    disputes: set[tuple[int, int]] = field(default_factory=set)
    """Lines on which a task has on loan what is used, each with the line on which it was lent that."""
    undisputed: set[int] = field(default_factory=set)
    """Lines on which another mistake is made."""
    made: set[str] = field(default_factory=set)
    """The nested functions that were made."""
    moved: set[tuple[str, ...]] = field(default_factory=set)
    touched: set[tuple[str, ...]] = field(default_factory=set)
    alone: set[tuple[str, ...]] = field(default_factory=set)
    shared: set[tuple[str, ...]] = field(default_factory=set)
    drained: set[tuple[str, ...]] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    """The variables that a nested function's body leaves without a value on some way out."""
    lost: set[str] = field(default_factory=set)
    """Those that it leaves so where it raises."""
    returns: bool = False
    """Whether the body may end without an exception."""
    complete: bool = True
    runs: int = 0

    def is_said_elsewhere(self, line: int, reported: Collection[int]) -> bool:
        """Whether all that is wrong on a line is that tasks have what is used, of which each is reported elsewhere.

        mypy says it of a task once, on whichever paths.
        """
        lent = {on for where, on in self.disputes if where == line}
        said = {on for where, on in self.disputes if where != line and where in reported}
        return line not in self.undisputed and bool(lent) and lent <= said

    def add(self, other: Truth) -> None:
        """Mistakes in another body count as well."""
        self.lines |= other.lines
        self.allowed |= other.allowed
        self.echoes |= other.echoes
        self.shadows |= other.shadows
        self.disputes |= other.disputes
        self.undisputed |= other.undisputed
        self.complete &= other.complete
