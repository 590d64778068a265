"""Calls that go on after they have returned, and what they have on loan. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .owner import Owner

__all__ = ["Loan", "Task"]


@dataclass(eq=False)
class Loan:
    """What a call has on loan that goes on after it has returned."""

    has: Callable[[], Owner]
    """What that is by now: a function has captured the variable, whatever it holds."""
    is_shared: bool = False
    of_element: bool = False
    """Whether it is one element of a list: which one, nobody knows, so only the list has to stay."""
    is_entry: bool = False
    """Whether it is the element that a program names by a key, and always the same one."""
    run: Owner | None = None
    """For an element that a loop goes through: that run of the loop."""
    is_disputed: bool = False
    """Whether somebody else used it, so that it is nobody's concern any more."""
    disputed_on: int = 0
    """The line on which he did."""
    doubted_on: int = 0
    """The first line of which it may be said that somebody used it there. What comes after that need not be said."""
    _had: list[Owner] = field(default_factory=list)

    def is_earlier(self, run: Owner) -> bool:
        """Whether it was given out by an earlier run of a loop, over what that one goes over as well."""
        return self._is_over(run) and self.run is not None and self.run.looped == run.looped

    def is_of_another(self, run: Owner) -> bool:
        """Whether it was given out by another loop, over what that one goes over as well."""
        return self._is_over(run) and self.run is not None and self.run.looped != run.looped

    def _is_over(self, run: Owner) -> bool:
        mine = self.run
        if mine is None or mine is run or mine.source is None or run.source is None:
            return False
        return mine.source.overlaps(run.source)

    def owners(self) -> list[Owner]:
        """What it is, and what it has been: who had that on loan may have kept it."""
        now = self.has()
        if now not in self._had:
            self._had.append(now)
        return self._had


@dataclass(eq=False)
class Task:
    """A call that goes on after it has returned."""

    line: int
    loans: list[Loan] = field(default_factory=list)
    takes: list[tuple[Callable[[], Owner], Owner]] = field(default_factory=list)
    """What the variables hold by now that the function took which it runs, and what they held when it was called."""
    is_started: bool = False
    """Whether it runs. A coroutine that nobody has started never will, if nobody has it any more."""
    owner: Owner = field(default_factory=Owner)
    """Who holds the task itself."""
    is_kept: bool = False
    """Whether a variable has had it before it ran."""
    is_listed: bool = False
    """Whether a list has it: who reads what that is used for does not know whether it ever runs."""
    is_over: bool = False
    is_others: bool = False
    """Whether somebody else has made it, of which nothing is known."""
    in_its_way: list[tuple[int, bool]] = field(default_factory=list)
    """The lines on which somebody else used what it was lent before it ran; is it a mistake, if it ever runs?"""
