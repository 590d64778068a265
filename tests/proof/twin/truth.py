"""What the runs of a twin have shown. Plain data."""

from __future__ import annotations

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

    def add(self, other: Truth) -> None:
        """Mistakes in another body count as well."""
        self.lines |= other.lines
        self.allowed |= other.allowed
        self.echoes |= other.echoes
        self.shadows |= other.shadows
        self.complete &= other.complete
