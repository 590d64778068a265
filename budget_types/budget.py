"""`Budget`: a cap with one owner at a time, and `BudgetPool`: the one type for programs that share a cap on purpose.

Both are handles on an account, which has the books and the arithmetic. What a handle adds is who may use it, said in
types: what it takes by move, what it lends, what ends it. This module must never know how ownership is checked.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast, overload

from .account import Account, Clock, Pot, SoftLimit, hand_over
from .amount import GRAIN, Unit, Usd, ask, dollars, readable
from .callsite import warn
from .errors import BudgetError
from .events import Event, Observer
from .hold import Hold
from .ownership import Owned, affine, consumes
from .receipt import Receipt
from .reservation import Overrun, Reservation
from .unique import Unique

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Budget", "BudgetPool", "BudgetWarning", "StopReason", "Weight"]

StopReason: TypeAlias = Literal["tokens", "usd", "deadline"]
"""What ended a budget: the unit that is used up, or time."""

Weight: TypeAlias = int | float | Decimal | Fraction
"""How much of a whole a part gets, relative to the other parts."""

_Key = TypeVar("_Key", bound=str)


class BudgetWarning(UserWarning):
    """A budget has passed its `warn_at`, and no `on_warn` was given.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     Budget(10, warn_at=0.8).spend(9)
    >>> print(caught[0].message)
    root: 9 tokens used, 1 tokens left
    """


class _Handle(Unique):
    """What a budget and a pool have in common: reading, splitting, reserving."""

    __slots__ = ("__weakref__", "_account")

    _account: Account
    _instead = "split it, or export() a slice for another process"

    @property
    def remaining(self) -> int:
        """Tokens left, room kept for a last answer included; below zero if a call cost more than there was.

        Raises NoSuchUnit for a budget without tokens.

        >>> Budget(10).remaining
        10
        """
        return self._account.pot("tokens").left

    @property
    def spent(self) -> int:
        """Tokens gone for good, by itself and by all that was merged into it. Raises NoSuchUnit.

        >>> budget = Budget(10)
        >>> budget.spend(4)
        >>> budget.spent
        4
        """
        return self._account.consistent("tokens", _spent)

    @property
    def cap(self) -> int:
        """Tokens it was made with, and those merged into it: spent, left, held or split away. Raises NoSuchUnit.

        >>> Budget(10).cap
        10
        """
        return self._account.pot("tokens").cap

    @property
    def remaining_usd(self) -> Decimal:
        """As `remaining`, in US dollars.

        >>> Budget(usd="0.50").remaining_usd
        Decimal('0.5')
        """
        return dollars(self._account.pot("usd").left)

    @property
    def spent_usd(self) -> Decimal:
        """As `spent`, in US dollars.

        >>> Budget(usd="0.50").spent_usd
        Decimal('0')
        """
        return dollars(self._account.consistent("usd", _spent))

    @property
    def cap_usd(self) -> Decimal:
        """As `cap`, in US dollars.

        >>> Budget(usd=2).cap_usd
        Decimal('2')
        """
        return dollars(self._account.pot("usd").cap)

    @property
    def fraction_left(self) -> float:
        """What is left of the cap, from 0 to 1; of the unit that has least.

        >>> budget = Budget(100, usd=1)
        >>> budget.spend(75)
        >>> budget.fraction_left
        0.25
        """
        return self._account.fraction_left()

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing more can be spent: a unit is used up but for what is kept, or the deadline has passed.

        >>> Budget(0).is_exhausted
        True
        """
        return self._account.is_exhausted()

    @property
    def stop_reason(self) -> StopReason | None:
        """What is used up, else what something was last refused for; None while nothing has stopped it.

        >>> Budget(0, usd=1).stop_reason
        'tokens'
        """
        return cast("StopReason | None", self._account.stop_reason())

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the deadline, below zero after it; None without one. What `asyncio.timeout` takes.

        >>> Budget(10, timeout=60, clock=lambda: 0.0).seconds_left
        60.0
        """
        return self._account.seconds_left()

    @property
    def path(self) -> str:
        """The splits that led to it, from the root.

        >>> Budget(10).split(4, name="researcher-2").path
        'root/researcher-2'
        """
        return self._account.path

    def split(
        self,
        tokens: int | None = None,
        *,
        usd: Usd | None = None,
        name: str | None = None,
        timeout: float | None = None,
    ) -> Budget:
        """Take tokens, `usd` or both out into a budget of their own; this one keeps the rest.

        The part holds the units that are named, has this one's deadline or an earlier one after `timeout` seconds,
        and its soft limit and observer. Until it is merged, its parent remembers it for the receipt. Raises
        BudgetExceeded, BudgetExpired or NoSuchUnit.

        >>> budget = Budget(10)
        >>> budget.split(4).remaining, budget.remaining
        (4, 6)
        """
        return _budget(self._account.split(ask(tokens, usd), _checked_name(name), _checked_seconds(timeout)))

    def reserve(
        self, tokens: int | None = None, *, usd: Usd | None = None, last: bool = False, overrun: Overrun = "take"
    ) -> Reservation:
        """Hold an estimate out of the budget before a call; settle it with what the call really cost.

        `last`: the call may use the room kept for a last answer. `overrun`: what `commit` does with a cost above the
        estimate: it always records all of it, and with `"raise"` it says so by BudgetOverrun even where enough is
        left. Raises BudgetExceeded, BudgetExpired or NoSuchUnit.

        >>> budget = Budget(100)
        >>> with budget.reserve(60) as call:
        ...     call.sent()
        ...     call.commit(45)
        >>> budget.remaining
        55
        """
        return Reservation._of(Hold.take(self._account, ask(tokens, usd), last=last), overrun)

    def merge(self, other: Owned[Budget]) -> None:
        """Take all that `other` has: what is left, its open reservations and its parts. `other` is used up.

        Raises NoSuchUnit if it holds a unit that this one does not.

        >>> budget = Budget(1)
        >>> budget.merge(Budget(2))
        >>> budget.remaining
        3
        """
        if other._account is self._account:
            raise BudgetError(f"{self.path}: cannot merge a budget into itself")
        self._account.merge(other._account)

    def receipt(self) -> Receipt:
        """Where everything went so far, as a tree.

        >>> print(Budget(10).receipt())
        tokens  cap  spent  held  away  left
        root     10      0     0     0    10  open
        """
        return self._account.receipt()

    def __repr__(self) -> str:
        account = self._account
        if account.ended is not None:
            return f"<{type(self).__name__} {account.path}: {account.ended}>"
        left = [
            f"{readable(unit, pot.left)} of {readable(unit, pot.cap)} {unit} left" for unit, pot in account.pots.items()
        ]
        time_left = [] if account.deadline is None else [f"{account.deadline - account.clock():.1f} seconds left"]
        return f"<{type(self).__name__} {account.path}: {', '.join(left + time_left)}>"


@affine
class Budget(_Handle):
    """A cap in tokens, US dollars or both that one owner holds: it is spent, split and merged, but never held twice.

    `tokens` are whole; `usd` is exact: a Decimal, an int or text, never a float. `timeout`: seconds until nothing
    more may be taken, by `clock` (monotonic). `keep`, `keep_usd`: room for one last answer, which only `last=True`
    may use. `warn_at`: at which fraction of its cap the budget, and each of its parts, calls `on_warn` once, with the
    event (without it, BudgetWarning is given). `on_event` observes it and its parts.

    Raises TypeError or ValueError for amounts that are none.

    >>> budget = Budget(1_000)
    >>> research = budget.split(400)
    >>> research.spend(150)
    >>> budget.merge(research)
    >>> budget.remaining
    850
    """

    __slots__ = ()

    def __init__(
        self,
        tokens: int | None = None,
        *,
        usd: Usd | None = None,
        name: str | None = None,
        timeout: float | None = None,
        clock: Clock = time.monotonic,
        keep: int = 0,
        keep_usd: Usd = 0,
        warn_at: float | None = None,
        on_warn: Observer | None = None,
        on_event: Observer | None = None,
    ) -> None:
        if hasattr(self, "_account"):
            raise BudgetError(f"{self.path}: a budget is made once")
        caps, kept = ask(tokens, usd), ask(keep, keep_usd, ("keep", "keep_usd"))
        for unit, amount in kept.items():
            if amount > caps.get(unit, 0):
                raise ValueError(f"cannot keep {readable(unit, amount)} {unit} of {readable(unit, caps.get(unit, 0))}")
        seconds = _checked_seconds(timeout)
        self._account = Account(
            _checked_name(name) or "root",
            {unit: Pot(amount, kept[unit]) for unit, amount in caps.items()},
            is_named=name is not None,
            deadline=None if seconds is None else clock() + seconds,
            clock=clock,
            observer=on_event,
            soft_limit=_soft_limit(warn_at, on_warn),
        )

    def spend(self, tokens: int | None = None, *, usd: Usd | None = None, last: bool = False) -> None:
        """Take tokens, `usd` or both out for good. `last`: the room kept for a last answer may be used.

        Raises BudgetExceeded, and takes nothing, when less is left; BudgetExpired; NoSuchUnit.

        >>> Budget(1).spend(2)
        Traceback (most recent call last):
            ...
        budget_types.errors.BudgetExceeded: root: asked for 2 tokens, 1 left
        """
        account = self._account
        if usd is None and not last and account.spend_plainly("tokens", tokens):
            return
        amounts = ask(tokens, usd)
        if tokens is None and not last and account.spend_plainly("usd", amounts["usd"]):
            return
        account.spend(amounts, last=last)

    @consumes
    def split_off(
        self, tokens: int | None = None, *, usd: Usd | None = None, name: str | None = None
    ) -> tuple[Budget, Budget]:
        """As `split`, in the Rust crate's form: this budget is used up, the part and the rest are given back.

        >>> part, rest = Budget(10).split_off(4)
        >>> part.remaining, rest.remaining
        (4, 6)
        """
        part = self.split(tokens, usd=usd, name=name)
        return part, self.__move__()

    def split_evenly(self, parts: int, *, name: str | None = None) -> list[Budget]:
        """Hand all that is left out in `parts` budgets; the first gets the remainder, this one has only what is kept.

        Money comes out in whole micro-cents. `name`: the parts are called `name-1`, `name-2`, and so on. Raises
        ValueError for less than one part, BudgetExceeded when a part would be empty, BudgetExpired.

        >>> [part.remaining for part in Budget(10).split_evenly(3)]
        [4, 3, 3]
        """
        return self._divide([1] * parts, [name and f"{name}-{index + 1}" for index in range(parts)])

    @overload
    def split_by(self, weights: Mapping[_Key, Weight]) -> dict[_Key, Budget]: ...
    @overload
    def split_by(self, weights: Sequence[Weight]) -> list[Budget]: ...
    def split_by(self, weights: Mapping[_Key, Weight] | Sequence[Weight]) -> dict[_Key, Budget] | list[Budget]:
        """Hand all that is left out in proportion to `weights`; the first gets the remainder.

        A mapping gives its keys as names to the parts, and a mapping back. Raises ValueError for a weight that is not
        above zero, BudgetExceeded when a part would be empty, BudgetExpired.

        >>> budget = Budget(100)
        >>> {role: part.remaining for role, part in budget.split_by({"research": 3, "writing": 1}).items()}
        {'research': 75, 'writing': 25}
        """
        if isinstance(weights, Mapping):
            return dict(zip(weights, self._divide([*weights.values()], [*weights]), strict=True))
        return self._divide(weights, [None] * len(weights))

    @consumes
    def close(self) -> Receipt:
        """End the budget and say where everything went. Raises BudgetError while a reservation of it is open.

        >>> Budget(10).close().left.tokens
        10
        """
        return self._account.close()

    @consumes
    def export(self) -> str:
        """End the budget here and give a token for what is left to another process on this machine.

        `Budget.redeem(token)` there makes it a budget again, once. The amount is gone from the parent whether the
        token is redeemed or not. Raises BudgetError while a reservation of it is open.

        >>> token = Budget(10).split(4).export()
        >>> Budget.redeem(token).remaining
        4
        """
        from . import transfer  # Few programs have several processes, and it imports a lot.

        account = self._account
        return account.export(lambda left, seconds_left: transfer.write(account.path, left, seconds_left))

    @classmethod
    def redeem(cls, token: str, *, on_event: Observer | None = None) -> Budget:
        """The budget that another process exported; each token is good for one. Raises BudgetMoved after that.

        >>> Budget.redeem("what is this?")
        Traceback (most recent call last):
            ...
        ValueError: not a token of Budget.export(): 'what is this?'
        """
        from . import transfer

        slice_ = transfer.read(token)
        budget = _budget(
            Account(
                slice_.path,
                {unit: Pot(amount) for unit, amount in slice_.amounts.items()},
                is_named=True,
                deadline=None if slice_.seconds_left is None else time.monotonic() + slice_.seconds_left,
                observer=on_event,
            )
        )
        budget._account.tell("redeemed", slice_.amounts)
        return budget

    @consumes
    def __move__(self) -> Self:
        """What `move(budget)` gives back: a new handle; the old one raises BudgetMoved from then on."""
        moved = object.__new__(type(self))
        for name, value in getattr(self, "__dict__", {}).items():
            setattr(moved, name, value)
        moved._account = hand_over(self, "was moved")
        return moved

    def _divide(self, weights: Sequence[Weight], names: Sequence[str | None]) -> list[Budget]:
        if not weights:
            raise ValueError(f"{self.path}: cannot be split into no parts")
        fractions = [_checked_weight(weight) for weight in weights]
        total = sum(fractions)

        def shares(unit: Unit, amount: int) -> list[int]:
            grain = GRAIN[unit]
            parts = [math.floor(amount * weight / total / grain) * grain for weight in fractions]
            rest = amount - sum(parts)
            return [parts[0] + rest, *parts[1:]]

        checked = [_checked_name(name) for name in names]
        return [_budget(part) for part in self._account.divide(shares, checked)]


class BudgetPool(_Handle):
    """One counter that several tasks or threads draw on, on purpose. Not affine: hand it to as many as you like.

    It takes a budget by move, so that the choice to share is visible where it is made. What is taken out of it is
    reserved or split off first, under a lock: two tasks cannot both pass one check.

    >>> pool = BudgetPool(Budget(100))
    >>> with pool.reserve(60) as call:
    ...     call.commit(45)
    >>> pool.remaining
    55
    """

    __slots__ = ()

    def __init__(self, budget: Owned[Budget]) -> None:
        self._account = hand_over(budget, "was made a pool")

    def into_budget(self) -> Budget:
        """End the sharing and give the budget back; every later use of the pool raises BudgetMoved.

        >>> pool = BudgetPool(Budget(100))
        >>> pool.into_budget().remaining
        100
        """
        return _budget(hand_over(self, "was taken back from its pool"))


def _budget(account: Account) -> Budget:
    """A handle on an account that nobody else has one on."""
    budget = object.__new__(Budget)
    budget._account = account
    return budget


def _spent(pot: Pot) -> int:
    return pot.spent


def _soft_limit(at: float | None, call: Observer | None) -> SoftLimit | None:
    if at is None:
        if call is not None:
            raise TypeError("on_warn needs warn_at, the fraction of the cap at which to warn")
        return None
    # As it is written: 0.8 is four fifths.
    fraction = Fraction(str(at))
    if not 0 < fraction <= 1:
        raise ValueError(f"warn_at must be above 0 and not above 1: {at}")
    return SoftLimit(fraction, call or _warn)


def _warn(event: Event) -> None:
    warn(f"{event.path}: {event.amount} used, {event.remaining} left", BudgetWarning)


def _checked_weight(weight: Weight) -> Fraction:
    try:
        fraction = Fraction(str(weight)) if isinstance(weight, float) else Fraction(weight)
    except (ValueError, OverflowError):
        fraction = Fraction(0)
    if fraction <= 0:
        raise ValueError(f"a weight must be above zero: {weight}")
    return fraction


def _checked_name(name: str | None) -> str | None:
    if name is not None and (not name or "/" in name):
        raise ValueError(f'a name must not be empty or have a "/" in it: {name!r}')
    return name


def _checked_seconds(timeout: float | None) -> float | None:
    if timeout is not None and not timeout >= 0:
        raise ValueError(f"timeout must not be negative: {timeout}")
    return timeout
