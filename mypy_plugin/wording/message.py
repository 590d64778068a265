"""What a report is made of: its rule, its sentence, and its way out."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

__all__ = ["Code", "Message", "Traits"]


class Code(Enum):
    """The rule that a finding breaks; the value is mypy's error code."""

    AFFINE = "affine"
    USE_AFTER_MOVE = "use-after-move"
    BUDGET_COPIED = "budget-copied"
    MOVE_OF_BORROWED = "move-of-borrowed"
    OWNERSHIP_MISMATCH = "ownership-mismatch"
    BUDGET_MINTED = "budget-minted"
    BUDGET_DROPPED = "budget-dropped"
    BUDGET_ESCAPE = "budget-escape"
    LOAN_CONFLICT = "loan-conflict"


class Traits(NamedTuple):
    """What a hint may say about the value: the name of its class, and whether it has `split_evenly`."""

    class_name: str
    splits: bool


class Message(NamedTuple):
    """One report: the rule, the sentence, and the way out if there is one that fits."""

    code: Code
    text: str
    hint: str | None
