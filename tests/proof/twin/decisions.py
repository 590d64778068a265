"""The decisions of one run: which way it goes, where an exception is raised, how often a loop turns.

Must never know what a value is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .truth import Truth

__all__ = ["TURNS", "Decisions", "Given", "Known", "Oops"]

TURNS = 2
"""How often a loop turns at most. A fact about one place gets from a move to a use without passing any point of the
program more than twice, so nothing is lost by it; but see `check` for facts about two."""


class Oops(Exception):
    """Anything that a call may raise."""


class Known(Oops):
    """What `raise ValueError` raises: `except ValueError` catches that."""


@dataclass(frozen=True)
class Given:
    """What a run is told when it begins."""

    prefix: list[bool]
    """The first decisions; after them, they come from `source`, or are all no."""
    source: random.Random | None
    turns: int
    taken: dict[int, bool]
    """The bindings that take their value by move; whether because a guard moved it."""
    bodies: dict[str, Truth]
    """What has been found out of the bodies of nested functions."""
    study: Callable[[Callable[..., object], list[str]], Truth]
    """Finds out what a body does with the variables of these names that it captured."""


class Decisions:
    """Where the twin says `raises`, an exception would be seen by somebody; elsewhere it just ends the run."""

    def __init__(self, given: Given) -> None:
        self._prefix = given.prefix
        self._source = given.source
        self._turns = given.turns
        self._turned: dict[int, int] = {}
        self.made: list[bool] = []
        """The decisions."""
        self.off = False
        """Whether the run went where nothing is to be learnt: a loop turned too often."""
        self.changed = True
        """Whether anything happened since an exception was last possible."""
        self._told = 0
        """Whether an exception of the function that is being called would be seen by somebody."""

    def choose(self) -> bool:
        if self.off:
            return False
        position = len(self.made)
        if position < len(self._prefix):
            chosen = self._prefix[position]
        else:
            chosen = self._source.random() < 0.5 if self._source is not None else False
        self.made.append(chosen)
        return chosen

    def maybe_raise(self, raises: int) -> None:
        if (raises or self._told) and self.changed:
            self.changed = False
            if self.choose():
                self.boom()

    def boom(self, what: type[Oops] = Oops) -> None:
        self._undo()
        raise what

    def _undo(self) -> None:
        """An exception is raised: what was begun is not finished."""

    def caught(self) -> tuple[type[Oops], ...]:
        """What `except ValueError` stands for this time."""
        return (Oops,) if self.choose() else (Known,)

    def compare(self, raises: int, *_: object) -> bool:
        self.maybe_raise(raises)
        return self.choose()

    # Loops

    def enter(self, loop: int) -> None:
        self._turned[loop] = 0

    def turn(self, loop: int, condition: object) -> bool:
        """Whether a `while` loop goes round once more."""
        if self.off or not condition:
            return False
        self._turned[loop] += 1
        self.off |= self._turned[loop] > self._turns
        return not self.off

    def count(self, raises: int) -> Iterator[int]:
        """A loop over numbers."""
        for number in range(self._turns):
            self.maybe_raise(raises)
            if not self.choose():
                return
            self.changed = True
            yield number

    @contextmanager
    def manager(self, raises: int, swallows: int) -> Iterator[None]:
        """The manager of a `with`: to leave it may raise, or swallow what was raised inside."""
        self.maybe_raise(raises)
        try:
            yield
        except Oops:
            self.changed = True
            self.maybe_raise(raises)
            if not (swallows and self.choose()):
                raise
        else:
            self.changed = True
            self.maybe_raise(raises)
