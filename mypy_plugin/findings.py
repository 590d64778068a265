"""What the solver found wrong, as facts. No sentence is made here, and nothing here knows mypy.

A finding holds the event at which it is reported and what a reader needs to understand it: which moves reach the
event, on which kind of path.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from .events import Event, Ownership
from .graph import Branch, Jump, Loop

__all__ = [
    "Copied",
    "Dropped",
    "Faulty",
    "Finding",
    "Held",
    "LentForLonger",
    "LentTwice",
    "Minted",
    "MoveFact",
    "NotGivenBack",
    "UseAfterMove",
    "UsedUp",
]


class MoveFact(NamedTuple):
    """A move-out that reaches a use.

    `previous_iteration`: every path from the move to the use goes round a loop.
    `branch`, `taken`: the decision that the move depends on and the use does not.
    """

    event: Event
    place: str
    previous_iteration: bool
    branch: Branch | None = None
    taken: bool = True


class UseAfterMove(NamedTuple):
    """A use that a move-out reaches. `certain`: on every path."""

    event: Event
    place: str
    moves: tuple[MoveFact, ...]
    certain: bool


class UsedUp(NamedTuple):
    """A value that captured `captive` by move is used once more. `loop`: the one that the use is in."""

    event: Event
    place: str
    captive: str
    first: MoveFact
    loop: Loop | None
    certain: bool


class Copied(NamedTuple):
    """One value given to two owners: by `first` in the same expression, or once per iteration of `loop`."""

    event: Event
    place: str
    first: Event | None
    loop: Loop | None


class NotGivenBack(NamedTuple):
    """A field moved out of something borrowed that is left empty on some way out of the body."""

    event: Event
    place: str
    body: str


class Faulty(NamedTuple):
    """An event that is wrong wherever it is reached; `event.fault` says why."""

    event: Event
    place: str


class Held(NamedTuple):
    """A place that holds a budget where another one is made.

    `since`: the line on which it was given it, 0 for what the body began with. `certain`: it holds one on every path.
    """

    place: str
    ownership: Ownership
    since: int
    certain: bool


class Minted(NamedTuple):
    """A budget made from nothing beside one that is there: `held` is the one that a reader would take a part of."""

    event: Event
    place: str
    held: Held


class Dropped(NamedTuple):
    """A value that is not used up on some way out of where it is held; `event` is what gave it to its place.

    `end`: what ends it there, when that is not a way out of `body`: another value, or `del`. `next_iteration`: the
    other value is given by `event` itself. `jump`: how the way leaves, None where it runs to the end. `certain`: on
    every way. `branch`, `taken`: the decision that leads there.
    """

    event: Event
    place: str
    body: str
    jump: Jump | None
    end: Event | None
    next_iteration: bool
    certain: bool
    branch: Branch | None = None
    taken: bool = True


class LentTwice(NamedTuple):
    """A place that is lent again, or moved, while a call that has not finished has it on loan.

    `running`: that call runs by itself already. `loop`: the loop that repeats the loan, if it is its own rival.
    `lent`: what was lent, if the place is another name for that, or for what that `is_part` of.
    """

    event: Event
    place: str
    loan: Event
    running: bool
    loop: Loop | None
    lent: str | None = None
    is_part: bool = False


class TakenLate(NamedTuple):
    """A place that gets a new value while a call goes on that will take it, as it took the old one."""

    event: Event
    place: str
    assigned: Event


class LentForLonger(NamedTuple):
    """A place that is not the function's own is lent to what may go on when the function has returned."""

    event: Event
    place: str
    body: str


Finding: TypeAlias = (
    UseAfterMove | UsedUp | Copied | NotGivenBack | LentTwice | TakenLate | LentForLonger | Minted | Dropped | Faulty
)
