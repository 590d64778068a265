"""What the solver found wrong, as facts. No sentence is made here, and nothing here knows mypy.

A finding holds the event at which it is reported and what a reader needs to understand it: which moves reach the
event, on which kind of path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .graph import Branch, Event, Loop

__all__ = ["Copied", "Faulty", "Finding", "MoveFact", "NotGivenBack", "UseAfterMove"]


@dataclass(frozen=True, slots=True)
class MoveFact:
    """A move-out that reaches a use.

    `previous_iteration`: every path from the move to the use goes round a loop.
    `branch`, `taken`: the decision that the move depends on and the use does not.
    """

    event: Event
    place: str
    previous_iteration: bool
    branch: Branch | None = None
    taken: bool = True


@dataclass(frozen=True, slots=True)
class UseAfterMove:
    """A use that a move-out reaches. `certain`: on every path."""

    event: Event
    place: str
    moves: tuple[MoveFact, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Copied:
    """One value given to two owners: by `first` in the same expression, or once per iteration of `loop`."""

    event: Event
    place: str
    first: Event | None
    loop: Loop | None


@dataclass(frozen=True, slots=True)
class NotGivenBack:
    """A field moved out of something borrowed that is left empty on some way out of the body."""

    event: Event
    place: str
    body: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """An event that is wrong wherever it is reached; `event.fault` says why."""

    event: Event
    place: str


Finding: TypeAlias = UseAfterMove | Copied | NotGivenBack | Faulty
