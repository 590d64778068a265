"""What happens to budgets, as one value per thing that happened: for logs, metrics and traces.

Owns what an observer is told. This module must never know who listens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .amount import Amount

__all__ = ["Event", "EventKind", "Observer"]

EventKind: TypeAlias = Literal[
    "spent",
    "split",
    "merged",
    "reserved",
    "committed",
    "released",
    "forfeited",
    "refused",
    "warned",
    "closed",
    "exported",
    "redeemed",
]
"""What can happen to a budget. `merged` is told of the one that takes, `split` of the one that gives."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        kind: what it was.
        path: the budget it happened to, as the splits that led to it: `root/researcher-2`.
        amount: how much it was about. For `committed`, what the call cost; for `refused`, what was asked for.
        remaining: what the budget had left afterwards.

    >>> events = []
    >>> from budget_types import Budget
    >>> Budget(10, on_event=events.append).spend(4)
    >>> print(events[0].kind, events[0].path, events[0].amount, events[0].remaining)
    spent root 4 tokens 6 tokens
    """

    kind: EventKind
    path: str
    amount: Amount
    remaining: Amount


Observer: TypeAlias = Callable[[Event], object]
"""Called after each event, outside of every lock, in the thread it happened in."""
