"""`Reservation`: an estimate held out of a budget for one call, and settled once.

Reserve before the call, say `sent()` when the request is on its way, commit what it really cost. However the block is
left, nothing leaks: what was never sent is released, what was sent and not committed is forfeited, because somebody
will bill it. This module must never know budgets.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from .amount import Usd, ask, dollars, readable
from .hold import Hold
from .ownership import affine, consumes
from .unique import Unique

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Overrun", "Reservation"]

Overrun: TypeAlias = Literal["take", "raise"]
"""What `commit` does with a cost above the estimate, besides recording all of it.

`"take"`: the excess comes out of what is left, and BudgetOverrun is raised only if that is not enough.
`"raise"`: it comes out of what is left, and BudgetOverrun is raised in any case.
"""


@affine(must_use=True)
class Reservation(Unique):
    """What `reserve` gives: use it in a `with` or `async with` block, and commit in it.

    >>> from budget_types import Budget
    >>> budget = Budget(100)
    >>> with budget.reserve(60) as call:
    ...     call.sent()
    ...     call.commit(45)
    >>> budget.spent, budget.remaining
    (45, 55)
    """

    __slots__ = ("__weakref__", "_hold", "_overrun")

    _hold: Hold
    _overrun: Overrun
    _instead = "it is settled once, by who made it"

    def __init__(self) -> None:
        raise TypeError("a reservation is made by reserve() of a budget or a pool")

    @classmethod
    def _of(cls, hold: Hold, overrun: Overrun) -> Self:
        reservation = object.__new__(cls)
        reservation._hold = hold
        reservation._overrun = overrun
        return reservation

    @property
    def tokens(self) -> int:
        """Tokens that are held; 0 if none were reserved.

        >>> from budget_types import Budget
        >>> with Budget(100).reserve(60) as call:
        ...     call.tokens
        60
        """
        return self._hold.amounts.get("tokens", 0)

    @property
    def usd(self) -> Decimal:
        """US dollars that are held; 0 if none were reserved.

        >>> from budget_types import Budget
        >>> with Budget(usd=1).reserve(usd="0.25") as call:
        ...     call.usd
        Decimal('0.25')
        """
        return dollars(self._hold.amounts.get("usd", 0))

    @property
    def is_sent(self) -> bool:
        """Whether `sent()` was called.

        >>> from budget_types import Budget
        >>> with Budget(100).reserve(60) as call:
        ...     call.is_sent
        False
        """
        return self._hold.is_sent

    def sent(self) -> None:
        """The request is on its way: from here on an exit without `commit` forfeits the estimate.

        Raises BudgetMoved if it was settled before.

        >>> from budget_types import Budget
        >>> budget = Budget(100)
        >>> with budget.reserve(60) as call:
        ...     call.sent()
        >>> budget.remaining
        40
        """
        self._hold.send()

    @consumes
    def commit(self, tokens: int | None = None, *, usd: Usd | None = None) -> None:
        """Record what the call cost and give the rest back. What was reserved and is not mentioned is spent whole.

        A cost above the estimate is recorded, too, and comes out of what is left, below zero if it must: BudgetOverrun
        is raised afterwards, as `overrun` of `reserve` says. Raises BudgetMoved if it was settled before.

        >>> from budget_types import Budget
        >>> budget = Budget(100)
        >>> budget.reserve(60).commit(70)
        >>> budget.remaining
        30
        """
        self._hold.commit(ask(tokens, usd), raises=self._overrun == "raise")

    @consumes
    def release(self) -> None:
        """Give everything back: the call was not made. Raises BudgetMoved if it was settled before.

        >>> from budget_types import Budget
        >>> budget = Budget(100)
        >>> budget.reserve(60).release()
        >>> budget.remaining
        100
        """
        self._hold.release()

    @consumes
    def forfeit(self) -> None:
        """Count all of the estimate as spent: what the call cost is not known. Raises BudgetMoved if settled.

        >>> from budget_types import Budget
        >>> budget = Budget(100)
        >>> budget.reserve(60).forfeit()
        >>> budget.spent
        60
        """
        self._hold.forfeit()

    def __enter__(self) -> Self:
        self._hold.check_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._hold.settled is None:
            if self._hold.is_sent:
                self._hold.forfeit()
            else:
                self._hold.release()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing is awaited here, so nothing can cancel it half-way.
        self.__exit__(kind, error, trace)

    @consumes
    def __move__(self) -> Self:
        """What `move(reservation)` gives back: a new handle; the old one raises BudgetMoved from then on."""
        self._hold.check_open()
        hold, self._hold = self._hold, Hold.dead(self._hold.account, "was moved")
        return self._of(hold, self._overrun)

    def __repr__(self) -> str:
        hold = self._hold
        held = ", ".join(f"{readable(unit, amount)} {unit}" for unit, amount in hold.amounts.items())
        state = hold.settled or ("sent" if hold.is_sent else "not sent")
        return f"<Reservation of {hold.account.path}: {', '.join(filter(None, [held, state]))}>"
