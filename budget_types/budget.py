"""`Budget`: an amount of tokens with one owner, and its arithmetic.

The law it keeps, always: what is spent, what remains and what was split away add up to what it was made with.
This module must never know how ownership is checked; it only says, in types, who takes what.
"""

from __future__ import annotations

from typing import NoReturn

from typing_extensions import Self, SupportsIndex

from .errors import BudgetExceeded, BudgetMoved
from .ownership import Owned, affine

__all__ = ["Budget"]


@affine
class Budget:
    """A cap in tokens that one owner holds: it can be spent, split and merged, but never held twice.

    Raises ValueError when `tokens` is negative, TypeError when it is not a whole number.

    >>> budget = Budget(1_000)
    >>> research = budget.split(400)
    >>> research.spend(150)
    >>> budget.merge(research)
    >>> budget.remaining
    850
    """

    __slots__ = ("_alive", "_remaining")

    def __init__(self, tokens: int) -> None:
        self._remaining = _whole("tokens", tokens)
        self._alive = True

    @property
    def remaining(self) -> int:
        """Tokens left to spend.

        >>> Budget(10).remaining
        10
        """
        self._check_alive()
        return self._remaining

    def spend(self, tokens: int) -> None:
        """Take `tokens` out for good. Raises BudgetExceeded, and takes nothing, when fewer are left.

        >>> Budget(1).spend(2)
        Traceback (most recent call last):
            ...
        budget_types.errors.BudgetExceeded: asked for 2 tokens, 1 left
        """
        self._remaining -= self._affordable(tokens)

    def split(self, tokens: int) -> Budget:
        """Take `tokens` out into a budget of their own; this one keeps the rest. Raises BudgetExceeded.

        >>> budget = Budget(10)
        >>> budget.split(4).remaining, budget.remaining
        (4, 6)
        """
        self._remaining -= self._affordable(tokens)
        return Budget(tokens)

    def split_evenly(self, parts: int) -> list[Budget]:
        """Hand all that is left out in `parts` budgets; the first gets the remainder, this one keeps nothing.

        Raises ValueError for less than one part, BudgetExceeded when a part would be empty.

        >>> [part.remaining for part in Budget(10).split_evenly(3)]
        [4, 3, 3]
        """
        if parts < 1:
            raise ValueError(f"cannot split a budget into {parts} parts")
        if parts > self.remaining:
            raise BudgetExceeded(parts, self._remaining)
        share, rest = divmod(self._remaining, parts)
        return [self.split(share + rest if index == 0 else share) for index in range(parts)]

    def merge(self, other: Owned[Budget]) -> None:
        """Take what `other` has left; `other` is used up and raises BudgetMoved from then on.

        >>> budget = Budget(1)
        >>> budget.merge(Budget(2))
        >>> budget.remaining
        3
        """
        if other is self:
            raise ValueError("cannot merge a budget into itself")
        self._check_alive()
        self._remaining += other.remaining
        other._remaining, other._alive = 0, False

    def _affordable(self, tokens: int) -> int:
        if _whole("tokens", tokens) > self.remaining:
            raise BudgetExceeded(tokens, self._remaining)
        return tokens

    def _check_alive(self) -> None:
        if not self._alive:
            raise BudgetMoved("this budget was merged into another one")

    def __repr__(self) -> str:
        return f"<Budget {self._remaining} tokens left>" if self._alive else "<Budget moved>"

    def __copy__(self) -> Self:
        self._refuse("copied")

    def __deepcopy__(self, memo: object) -> Self:
        self._refuse("copied")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self._refuse("pickled")

    def _refuse(self, how: str) -> NoReturn:
        raise TypeError(f"a Budget cannot be {how}: split it instead")


def _whole(name: str, value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 0:
        raise ValueError(f"{name} must not be negative: {value}")
    return value
