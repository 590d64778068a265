"""What a budget raises. Unless an error says otherwise, it is raised before anything has changed."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["BudgetError", "BudgetExceeded", "BudgetExpired", "BudgetMoved", "BudgetOverrun", "NoSuchUnit"]


class BudgetError(Exception):
    """The root of every error that a budget raises.

    >>> issubclass(BudgetExceeded, BudgetError)
    True
    """


class BudgetExceeded(BudgetError):
    """More was asked for than is left. Nothing was taken.

    Attributes:
        asked: what was asked for, in `unit`.
        left: what was there to be had, in `unit`; room kept for a last answer is not.
        unit: `"tokens"` or `"usd"`, or `"deadline"` when time ran out.
        path: the splits that led to the budget, such as `root/researcher-2`.

    >>> str(BudgetExceeded(300, 120, path="root/researcher-2"))
    'root/researcher-2: asked for 300 tokens, 120 left'
    """

    def __init__(
        self, asked: int | Decimal, left: int | Decimal, unit: str = "tokens", path: str = "", text: str = ""
    ) -> None:
        super().__init__((f"{path}: " if path else "") + (text or f"asked for {asked} {unit}, {left} left"))
        self.asked = asked
        self.left = left
        self.unit = unit
        self.path = path


class BudgetExpired(BudgetExceeded):
    """The deadline has passed. Nothing was taken; what was reserved before can still be committed.

    >>> str(BudgetExpired(1.5, path="root"))
    'root: the deadline passed 1.5 seconds ago'
    """

    def __init__(self, late: float, path: str = "") -> None:
        super().__init__(0, 0, "deadline", path, f"the deadline passed {late:.1f} seconds ago")


class BudgetMoved(BudgetError):
    """A budget was used that is no longer there: it was moved, merged, closed or exported, or forked away.

    With the environment variable `BUDGET_TYPES_DEBUG=1` the message says on which line that happened.

    >>> from budget_types import Budget, move
    >>> given = move(budget := Budget(1))
    >>> budget.remaining
    Traceback (most recent call last):
        ...
    budget_types.errors.BudgetMoved: this budget is gone: "root" was moved
    """


class BudgetOverrun(BudgetError):
    """A call cost more than was reserved for it. All of it *was* recorded, before this was raised.

    Attributes:
        actual: what the call cost, in `unit`.
        reserved: what was reserved for it, in `unit`.
        left: what is left afterwards, in `unit`; below zero where the cap is overdrawn.
        unit: `"tokens"` or `"usd"`.
        path: the splits that led to the budget.

    >>> str(BudgetOverrun(130, 100, left=-10, path="root"))
    'root: 130 tokens were used where 100 were reserved; all are recorded, -10 left'
    """

    def __init__(
        self,
        actual: int | Decimal,
        reserved: int | Decimal,
        *,
        left: int | Decimal,
        unit: str = "tokens",
        path: str = "",
    ) -> None:
        super().__init__(
            (f"{path}: " if path else "")
            + f"{actual} {unit} were used where {reserved} were reserved; all are recorded, {left} left"
        )
        self.actual = actual
        self.reserved = reserved
        self.left = left
        self.unit = unit
        self.path = path


class NoSuchUnit(BudgetError):
    """A unit was read or asked for that the budget does not hold.

    >>> from budget_types import Budget
    >>> Budget(10).remaining_usd
    Traceback (most recent call last):
        ...
    budget_types.errors.NoSuchUnit: root holds no usd, only tokens
    """
