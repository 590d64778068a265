"""Accounts: the books behind budgets, pools and reservations. All arithmetic happens here, under one lock.

The law, in every unit, at every moment, for every account::

    cap = spent + left + held + away        away = the sum of the caps of its parts

so the caps of all roots add up to what was ever made with `Budget(...)`, and no part can have what its parent did not
give. `spent` is not stored: it is what is missing. Whatever interrupts an operation between two of its steps, a
signal included, can therefore lose an allowance, and never double one.

This module must never know handles: who may use an account is the business of `budget` and `reservation`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Protocol, TypeAlias, TypeVar

from .amount import GRAIN, Amounts, Unit, readable, shown
from .callsite import placed
from .errors import BudgetError, BudgetExceeded, BudgetExpired, BudgetMoved, NoSuchUnit
from .events import Event, EventKind, Observer
from .guard import guard
from .receipt import MergedParts, Receipt, Status

__all__ = ["Account", "Clock", "Pot", "SoftLimit", "hand_over"]

_Result = TypeVar("_Result")

Clock: TypeAlias = Callable[[], float]
"""Seconds from any moment on, never going back: `time.monotonic`, or a test's own, which must not use budgets."""

_USES: Final[frozenset[EventKind]] = frozenset({"spent", "reserved", "committed", "forfeited", "merged"})
"""After these, more may be spent or held than before."""


@dataclass(frozen=True, slots=True)
class SoftLimit:
    """Where to warn: at which fraction of the cap, and whom. Every part of a budget has the same one."""

    at: Fraction
    call: Observer

    def is_reached(self, pot: Pot) -> bool:
        """Whether so much is spent or held."""
        # Fractions are slow, and this is asked after every spending.
        return pot.cap > 0 and (pot.cap - pot.left - pot.away) * self.at.denominator >= pot.cap * self.at.numerator


class Pot:
    """What an account has of one unit. `keep` of what is left is for a last answer."""

    __slots__ = ("away", "cap", "held", "keep", "left")

    def __init__(self, cap: int, keep: int = 0) -> None:
        self.cap: int = cap
        self.left: int = cap
        self.held: int = 0
        self.away: int = 0
        self.keep: int = keep

    @property
    def spent(self) -> int:
        return self.cap - self.left - self.held - self.away


@dataclass(slots=True, eq=False)
class Account:
    """The books of one budget. What needs the lock held says so by where it stands; the rest takes it."""

    path: str
    pots: dict[Unit, Pot]
    is_named: bool = False
    """Whether somebody chose the name: only then is the account remembered when it is merged."""
    parent: Account | None = None
    deadline: float | None = None
    clock: Clock = time.monotonic
    observer: Observer | None = None
    soft_limit: SoftLimit | None = None
    parts: dict[Account, None] = field(default_factory=dict)
    """Split off and not merged, in order of splitting."""
    merged: MergedParts = field(default_factory=MergedParts)
    reservations: int = 0
    """How many hold something that is not settled."""
    abandoned: deque[Amounts] = field(default_factory=deque)
    """What reservations held that nobody has any more. A destructor may run anywhere, so it only leaves a note here."""
    numbered: int = 0
    refused: str | None = None
    """The unit, or the deadline, that something was last refused for."""
    has_warned: bool = False
    ended: str | None = None
    """How the account ended, in words; None while it may be used."""
    status: Status = "open"
    into: Account | None = None
    """What it was merged into."""
    process: object = field(default_factory=lambda: guard.process)
    plain: dict[Unit, Pot] = field(init=False)
    """The pots, if they are all that a spending concerns; else none."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def __post_init__(self) -> None:
        self._watch()

    def _watch(self) -> None:
        """Say whether `spend_plainly` has more to think of than an amount."""
        is_plain = self.ended is None and (self.observer, self.soft_limit, self.deadline) == (None, None, None)
        self.plain = self.pots if is_plain else {}

    # Operations

    def spend_plainly(self, unit: Unit, amount: object) -> bool:
        """The common case of `spend`, and nothing else, since it is on every caller's hot path.

        False, and nothing has happened, for whatever is not a whole amount of one unit, of an open account of this
        process that has it to spare, and no deadline, soft limit or observer.
        """
        with guard.lock:
            pot = self.plain.get(unit)
            if (
                pot is not None
                and type(amount) is int
                and 0 <= amount <= pot.left - pot.keep
                and self.process is guard.process
            ):
                pot.left -= amount
                return True
        return False

    def spend(self, amounts: Amounts, *, last: bool) -> None:
        self._taking("spent", amounts, last, lambda: None)

    def split(self, amounts: Amounts, name: str | None = None, timeout: float | None = None) -> Account:
        return self._taking("split", amounts, False, lambda: self._add_part(amounts, name, timeout))

    def divide(self, share: Callable[[Unit, int], list[int]], names: list[str | None]) -> list[Account]:
        """Split off all there is to be had, in a part for each name; `share` divides one unit among them."""
        with guard.lock:
            self._check_usable()
            whole = self._each(lambda pot: max(pot.left - pot.keep, 0))
        shares: dict[Unit, list[int]] = {unit: share(unit, amount) for unit, amount in whole.items()}
        for unit, amount in whole.items():
            if not all(shares[unit]):
                self.refused = unit
                asked, left = readable(unit, len(names) * GRAIN[unit]), readable(unit, amount)
                empty = f"{left} {unit} cannot be divided into {len(names)} parts, none of them empty"
                self.tell("refused", whole)
                raise BudgetExceeded(asked, left, unit, self.path, empty)

        def add_parts() -> list[Account]:
            each: list[Amounts] = [{unit: shares[unit][index] for unit in shares} for index in range(len(names))]
            return [self._add_part(amounts, name, None) for amounts, name in zip(each, names, strict=True)]

        return self._taking("split", whole, False, add_parts)

    def reserve(self, amounts: Amounts, *, last: bool, then: Callable[[], None]) -> None:
        """Hold amounts until they are settled; `then` happens in the same step."""

        def hold() -> None:
            for unit, amount in amounts.items():
                self.pots[unit].held += amount
            self.reservations += 1
            then()

        self._taking("reserved", amounts, last, hold)

    def _taking(self, kind: EventKind, amounts: Amounts, last: bool, then: Callable[[], _Result]) -> _Result:
        """Take amounts and do the rest of an operation in one step, and tell how it went."""
        try:
            with guard.lock:
                self._take(amounts, last)
                result = then()
        except BudgetExceeded:
            self.tell("refused", amounts)
            raise
        self.tell(kind, amounts)
        return result

    def merge(self, other: Account) -> None:
        """Take all that `other` has, its reservations and its parts included."""
        with guard.lock:
            self._check_usable()
            other._check_usable()
            self._check_units(other.pots)
            other._end(f'was merged into "{self.path}"', "merged")
            other._forfeit_abandoned()
            left = other._each(lambda pot: pot.left)
            if other in self._ancestors():
                parent = other.parent
                self._detach()
                self._attach(parent)
            other._detach()
            self._absorb(other)
        self.tell("merged", left)

    def close(self) -> Receipt:
        with guard.lock:
            self._check_usable()
            self._check_settled("close")
            receipt = self._receipt("closed")
            self._end("was closed", "closed")
        self.tell("closed", self._each(lambda pot: pot.left))
        return receipt

    def export(self, write: Callable[[Amounts, float | None], str]) -> str:
        """Give all that is left to another process, by what `write` returns. What was spent stays in these books."""
        with guard.lock:
            self._check_usable()
            self._check_settled("export")
            self._end("was exported", "exported")
            # A debt stays here.
            left = self._each(lambda pot: max(pot.left, 0))
            for unit, amount in left.items():
                self.pots[unit].left -= amount
                self.pots[unit].away += amount
        try:
            token = write(left, None if self.deadline is None else self.deadline - self.clock())
        except BaseException:
            with guard.lock:
                self.ended, self.status = None, "open"
                self._watch()
                for unit, amount in left.items():
                    self.pots[unit].away -= amount
                    self.pots[unit].left += amount
            raise
        self.tell("exported", left)
        return token

    # Readings

    def pot(self, unit: Unit) -> Pot:
        self._check_usable()
        self._check_units((unit,))
        return self.pots[unit]

    def consistent(self, unit: Unit, read: Callable[[Pot], int]) -> int:
        """A reading of several numbers that belong to one moment."""
        with guard.lock:
            return read(self.pot(unit))

    def receipt(self) -> Receipt:
        with guard.lock:
            self._check_usable()
            return self._receipt("open")

    def fraction_left(self) -> float:
        with guard.lock:
            self._check_usable()
            return min(max(pot.left, 0) / pot.cap if pot.cap else 0.0 for pot in self.pots.values())

    def stop_reason(self) -> str | None:
        """What is used up, else what something was last refused for."""
        with guard.lock:
            self._check_usable()
            return self._used_up() or self.refused

    def is_exhausted(self) -> bool:
        with guard.lock:
            self._check_usable()
            return self._used_up() is not None

    def seconds_left(self) -> float | None:
        self._check_usable()
        return None if self.deadline is None else self.deadline - self.clock()

    # Observers

    def tell(self, kind: EventKind, amounts: Amounts) -> None:
        """Tell the observer, and whoever wants to be warned. Never called with the lock held."""
        if self.observer is not None:
            self._observe(self.observer, kind, amounts)
        if self.soft_limit is not None and not self.has_warned and kind in _USES:
            self._warn(self.soft_limit)

    def _observe(self, observer: Observer, kind: EventKind, amounts: Amounts) -> None:
        try:
            observer(self._event(kind, amounts))
        except Exception:
            # Who only watches must not change what happens: the money is spent by now.
            import logging

            logging.getLogger("budget_types").exception("an observer of %s failed at %r", self.path, kind)

    def _warn(self, limit: SoftLimit) -> None:
        with guard.lock:
            if self.has_warned or not any(map(limit.is_reached, self.pots.values())):
                return
            self.has_warned = True
            used = self._each(lambda pot: pot.spent + pot.held)
        if self.observer is not None:
            self._observe(self.observer, "warned", used)
        limit.call(self._event("warned", used))

    def _event(self, kind: EventKind, amounts: Amounts) -> Event:
        return Event(kind, self.path, shown(amounts), shown(self._each(lambda pot: pot.left)))

    # With the lock held

    def _take(self, amounts: Amounts, last: bool) -> None:
        """Take amounts out of what is left, all of them or none."""
        self._check_usable()
        self._check_units(amounts)
        if self.deadline is not None and (now := self.clock()) >= self.deadline:
            self.refused = "deadline"
            raise BudgetExpired(now - self.deadline, self.path)
        for unit, amount in amounts.items():
            pot = self.pots[unit]
            left = pot.left if last else pot.left - pot.keep
            if amount > left:
                self.refused = unit
                raise BudgetExceeded(readable(unit, amount), readable(unit, max(left, 0)), unit, self.path)
        for unit, amount in amounts.items():
            self.pots[unit].left -= amount

    def settle(self, held: Amounts, actual: Amounts) -> None:
        """End a reservation: what it held, and what was used. The hold changes in the same step, so it has the lock."""
        for unit in {**held, **actual}:
            pot, was = self.pots[unit], held.get(unit, 0)
            pot.held -= was
            pot.left += was - actual.get(unit, 0)
        self.reservations -= 1

    def _add_part(self, amounts: Amounts, name: str | None, timeout: float | None) -> Account:
        """Open an account for what has just been taken out of this one."""
        self.numbered += 1
        deadlines = [] if self.deadline is None else [self.deadline]
        if timeout is not None:
            deadlines.append(self.clock() + timeout)
        part = Account(
            f"{self.path}/{name or self.numbered}",
            {unit: Pot(amount) for unit, amount in amounts.items()},
            is_named=name is not None,
            parent=self,
            deadline=min(deadlines, default=None),
            clock=self.clock,
            observer=self.observer,
            soft_limit=self.soft_limit,
        )
        for unit, amount in amounts.items():
            self.pots[unit].away += amount
        self.parts[part] = None
        return part

    def _each(self, read: Callable[[Pot], int]) -> Amounts:
        return {unit: read(pot) for unit, pot in self.pots.items()}

    def _ancestors(self) -> Iterator[Account]:
        account = self.parent
        while account is not None:
            yield account
            account = account.parent

    def _detach(self) -> None:
        """Leave the parent: it and those above it do not answer for this account any more."""
        for account in self._ancestors():
            for unit, pot in self.pots.items():
                account.pots[unit].away -= pot.cap
                account.pots[unit].cap -= pot.cap
        if self.parent is not None:
            del self.parent.parts[self]
        self.parent = None

    def _attach(self, parent: Account | None) -> None:
        self.parent = parent
        if parent is not None:
            parent.parts[self] = None
            self._grow_above(self)

    def _absorb(self, other: Account) -> None:
        """Take over the books of another account, which has no parent."""
        for unit, pot in other.pots.items():
            mine = self.pots[unit]
            mine.cap += pot.cap
            mine.away += pot.away
            mine.held += pot.held
            mine.left += pot.left
        self._grow_above(other)
        for part in other.parts:
            part.parent = self
        self.parts.update(other.parts)
        self.reservations += other.reservations
        other.into = self
        other.abandoned = self.abandoned
        if other.is_named:
            spent = other._each(lambda pot: pot.spent)
            for_itself = other._each(lambda pot: pot.spent + pot.left)
            self.merged.add(other.name, for_itself, spent, other.merged)
        else:
            self.merged.add_all(other.merged)

    def _grow_above(self, other: Account) -> None:
        """The accounts above this one answer for what `other` brings, too."""
        for account in self._ancestors():
            for unit, pot in other.pots.items():
                account.pots[unit].cap += pot.cap
                account.pots[unit].away += pot.cap

    def _end(self, how: str, status: Status) -> None:
        self.ended = placed(how)
        self.status = status
        self._watch()

    def _forfeit_abandoned(self) -> None:
        while self.abandoned:
            for unit, amount in self.abandoned.popleft().items():
                self.pots[unit].held -= amount
            self.reservations -= 1

    def _used_up(self) -> str | None:
        for unit, pot in self.pots.items():
            if pot.left <= pot.keep:
                return unit
        if self.deadline is not None and self.clock() >= self.deadline:
            return "deadline"
        return None

    def _receipt(self, status: Status) -> Receipt:
        return Receipt(
            self.name,
            status,
            cap=shown(self._each(lambda pot: pot.cap)),
            spent=shown(self._each(lambda pot: pot.spent)),
            held=shown(self._each(lambda pot: pot.held)),
            away=shown(self._each(lambda pot: pot.away)),
            left=shown(self._each(lambda pot: pot.left)),
            parts=(*self.merged.receipts(), *(part._receipt(part.status) for part in self.parts)),
        )

    # Refusals

    def _check_usable(self) -> None:
        if self.ended is not None:
            raise BudgetMoved(f'this budget is gone: "{self.path}" {self.ended}')
        self._check_process()

    def _check_process(self) -> None:
        if self.process is not guard.process:
            raise BudgetMoved(
                f'this budget is gone: "{self.path}" stayed in the process that this one was forked from; '
                "hand a slice over with export() and Budget.redeem()"
            )

    def _check_units(self, units: Iterable[Unit]) -> None:
        for unit in units:
            if unit not in self.pots:
                raise NoSuchUnit(f"{self.path} holds no {unit}, only {' and '.join(self.pots)}")

    def _check_settled(self, what: str) -> None:
        self._forfeit_abandoned()
        if self.reservations:
            open_ones = "a reservation is" if self.reservations == 1 else f"{self.reservations} reservations are"
            raise BudgetError(f"{self.path}: cannot {what} it while {open_ones} not settled")


class Handle(Protocol):
    """Whoever uses an account. There is one at a time."""

    _account: Account


def hand_over(handle: Handle, how: str) -> Account:
    """Take the account out of a handle, for another one: from here on every use of this one is refused.

    Of several threads that try, one gets it.
    """
    with guard.lock:
        account = handle._account
        account._check_usable()
        handle._account = Account(account.path, {}, ended=placed(how))
    return account
