"""What a budget raises. Every error is raised before anything has changed."""

from __future__ import annotations

__all__ = ["BudgetError", "BudgetExceeded", "BudgetMoved"]


class BudgetError(Exception):
    """The root of every error that a budget raises."""


class BudgetExceeded(BudgetError):
    """More was asked for than is left. Nothing was taken.

    Attributes:
        asked: tokens asked for.
        left: tokens that were left.
    """

    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"asked for {asked} tokens, {left} left")
        self.asked = asked
        self.left = left


class BudgetMoved(BudgetError):
    """A budget was used after it was merged into another one."""
