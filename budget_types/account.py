"""Accounts: the books behind budgets, pools and reservations. All arithmetic happens here, under one lock.

The law, in every unit, at every moment, for every account::

    cap = spent + left + held + away        away = the sum of the caps of its parts

so the caps of all roots add up to what was ever made with `Budget(...)`, and no part can have what its parent did not
give. `spent` is not stored: it is what is missing. Whatever interrupts an operation between two of its steps, a
signal included, can therefore lose an allowance, and never double one.

One lock guards all accounts, since splits and merges change a whole path of the tree. It is held for a microsecond
and never while foreign code (an observer, a destructor) runs.

This module must never know handles: who may use an account is the business of `budget`, `pool` and `reservation`.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from threading import Lock
from typing import TypeAlias

from .amount import GRAIN, Amount, Amounts, Unit, readable
from .errors import BudgetError, BudgetExceeded, BudgetExpired, BudgetMoved, BudgetOverrun, NoSuchUnit
from .events import Event, EventKind, Observer
from .receipt import Receipt, Status

__all__ = ["Account", "Clock", "Hold", "Pot", "SoftLimit"]

Clock: TypeAlias = Callable[[], float]
"""Seconds from any moment on, never going back: `time.monotonic`, or a test's own."""

_lock = Lock()
_process: object = object()
"""Stands for this process: an account that was made in another one belongs to that."""


def _after_fork_in_child() -> None:
    """The parent keeps its budgets. What a lock was doing in another thread of it is not known here."""
    global _lock, _process
    _lock, _process = Lock(), object()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


@dataclass(frozen=True, slots=True)
class SoftLimit:
    """Where to warn: at which fraction of the cap, and whom. Every part of a budget has the same one."""

    at: Fraction
    call: Observer


class Pot:
    """What an account has of one unit. `keep` of what is left is for a last answer."""

    __slots__ = ("away", "cap", "held", "keep", "left")

    def __init__(self, cap: int, keep: int = 0) -> None:
        self.cap = cap
        self.left = cap
        self.held = 0
        self.away = 0
        self.keep = keep

    @property
    def spent(self) -> int:
        return self.cap - self.left - self.held - self.away


@dataclass(slots=True)
class _Line:
    """What is remembered of parts that were merged: all those of one name in one line."""

    cap: Amounts
    spent: Amounts
    lines: dict[str, _Line]
    count: int = 1

    def add(self, other: _Line) -> None:
        for mine, theirs in ((self.cap, other.cap), (self.spent, other.spent)):
            for unit, amount in theirs.items():
                mine[unit] = mine.get(unit, 0) + amount
        self.count += other.count
        _add_lines(self.lines, other.lines)


def _add_lines(lines: dict[str, _Line], more: dict[str, _Line]) -> None:
    for name, line in more.items():
        if name in lines:
            lines[name].add(line)
        else:
            lines[name] = line


@dataclass(slots=True, eq=False)
class Account:
    """The books of one budget. Methods without an underscore take the lock; those with one need it held."""

    path: str
    pots: dict[Unit, Pot]
    is_named: bool = False
    """Whether somebody chose the name: only then is the account remembered when it is merged."""
    parent: Account | None = None
    deadline: float | None = None
    clock: Clock = time.monotonic
    observer: Observer | None = None
    soft_limit: SoftLimit | None = None
    parts: list[Account] = field(default_factory=list)
    lines: dict[str, _Line] = field(default_factory=dict)
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
    process: object = field(default_factory=lambda: _process)
    plain_tokens: Pot | None = field(init=False)
    """The tokens, if they are all that a spending of tokens concerns."""

    @classmethod
    def dead(cls, path: str, ended: str) -> Account:
        """What a handle has when its account went elsewhere: every use of it is refused, with this reason."""
        return cls(path, {}, ended=_placed(ended))

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def __post_init__(self) -> None:
        self._watch()

    def _watch(self) -> None:
        """Say whether `spend_tokens` has more to think of than tokens."""
        is_plain = self.ended is None and (self.observer, self.soft_limit, self.deadline) == (None, None, None)
        self.plain_tokens = self.pots.get("tokens") if is_plain else None

    # Operations

    def spend_tokens(self, tokens: object) -> bool:
        """The common case of `spend`, and nothing else, since it is on every caller's hot path.

        False, and nothing has happened, for whatever is not whole tokens of an open account of this process that has
        them to spare, and no deadline, soft limit or observer.
        """
        with _lock:
            pot = self.plain_tokens
            if (
                pot is not None
                and type(tokens) is int
                and 0 <= tokens <= pot.left - pot.keep
                and self.process is _process
            ):
                pot.left -= tokens
                return True
        return False

    def spend(self, amounts: Amounts, *, last: bool) -> None:
        try:
            with _lock:
                self._take(amounts, last)
        except BudgetExceeded:
            self.tell("refused", amounts)
            raise
        self.tell("spent", amounts)

    def split(self, amounts: Amounts, name: str | None = None, timeout: float | None = None) -> Account:
        try:
            with _lock:
                self._take(amounts, last=False)
                part = self._add_part(amounts, name, timeout)
        except BudgetExceeded:
            self.tell("refused", amounts)
            raise
        self.tell("split", amounts)
        return part

    def divide(self, count: int, share: Callable[[Unit, int], list[int]], names: list[str | None]) -> list[Account]:
        """Split off all there is to be had in `count` parts; `share` divides one unit among them."""
        with _lock:
            self._check_usable()
            whole: Amounts = {unit: max(pot.left - pot.keep, 0) for unit, pot in self.pots.items()}
            shares: dict[Unit, list[int]] = {unit: share(unit, amount) for unit, amount in whole.items()}
            for unit, amount in whole.items():
                if not all(shares[unit]):
                    self.refused = unit
                    asked, left = readable(unit, count * GRAIN[unit]), readable(unit, amount)
                    empty = f"{left} {unit} cannot be divided into {count} parts, none of them empty"
                    raise BudgetExceeded(asked, left, unit, self.path, empty)
            self._take(whole, last=False)
            parts = [
                self._add_part({unit: shares[unit][index] for unit in shares}, names[index], None)
                for index in range(count)
            ]
        self.tell("split", whole)
        return parts

    def reserve(self, amounts: Amounts, *, last: bool) -> Hold:
        try:
            with _lock:
                self._take(amounts, last)
                for unit, amount in amounts.items():
                    self.pots[unit].held += amount
                self.reservations += 1
        except BudgetExceeded:
            self.tell("refused", amounts)
            raise
        self.tell("reserved", amounts)
        return Hold(self, amounts)

    def merge(self, other: Account) -> None:
        """Take all that `other` has, its reservations and its parts included."""
        with _lock:
            self._check_usable()
            other._check_usable()
            self._check_units(other.pots)
            other._end(f'was merged into "{self.path}"', "merged")
            other._forfeit_abandoned()
            left: Amounts = {unit: pot.left for unit, pot in other.pots.items()}
            if other in self._ancestors():
                parent = other.parent
                self._detach()
                self._attach(parent)
            other._detach()
            self._absorb(other)
        self.tell("merged", left)

    def close(self) -> Receipt:
        with _lock:
            self._check_usable()
            self._check_settled("close")
            receipt = self._receipt("closed")
            self._end("was closed", "closed")
        self.tell("closed", {unit: pot.left for unit, pot in self.pots.items()})
        return receipt

    def export(self, write: Callable[[Amounts, float | None], str]) -> str:
        """Give all that is left to another process, by what `write` returns. What was spent stays in these books."""
        with _lock:
            self._check_usable()
            self._check_settled("export")
            self._end("was exported", "exported")
            left: Amounts = {unit: pot.left for unit, pot in self.pots.items()}
            for unit, amount in left.items():
                self.pots[unit].left -= amount
                self.pots[unit].away += amount
        try:
            token = write(left, None if self.deadline is None else self.deadline - self.clock())
        except BaseException:
            with _lock:
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
        with _lock:
            return read(self.pot(unit))

    def receipt(self) -> Receipt:
        with _lock:
            self._check_usable()
            return self._receipt("open")

    def fraction_left(self) -> float:
        with _lock:
            self._check_usable()
            return min(max(pot.left, 0) / pot.cap if pot.cap else 0.0 for pot in self.pots.values())

    def stop_reason(self) -> str | None:
        """What is used up, else what something was last refused for."""
        with _lock:
            self._check_usable()
            return self._used_up() or self.refused

    def is_exhausted(self) -> bool:
        with _lock:
            self._check_usable()
            return self._used_up() is not None

    def seconds_left(self) -> float | None:
        self._check_usable()
        return None if self.deadline is None else self.deadline - self.clock()

    def check_usable(self) -> None:
        with _lock:
            self._check_usable()

    # Observers

    def tell(self, kind: EventKind, amounts: Amounts) -> None:
        """Tell the observer, and whoever wants to be warned. Never called with the lock held."""
        if self.observer is not None:
            self._observe(self.observer, kind, amounts)
        if self.soft_limit is not None and not self.has_warned:
            self._warn(self.soft_limit)

    def _observe(self, observer: Observer, kind: EventKind, amounts: Amounts) -> None:
        try:
            observer(self._event(kind, amounts))
        except Exception:
            # Who only watches must not change what happens: the money is spent by now.
            import logging

            logging.getLogger("budget_types").exception("an observer of %s failed at %r", self.path, kind)

    def _warn(self, limit: SoftLimit) -> None:
        with _lock:
            used: Amounts = {unit: pot.spent + pot.held for unit, pot in self.pots.items()}
            if self.has_warned or not any(used[unit] >= limit.at * pot.cap > 0 for unit, pot in self.pots.items()):
                return
            self.has_warned = True
        if self.observer is not None:
            self._observe(self.observer, "warned", used)
        limit.call(self._event("warned", used))

    def _event(self, kind: EventKind, amounts: Amounts) -> Event:
        remaining: Amounts = {unit: pot.left for unit, pot in self.pots.items()}
        return Event(kind, self.path, Amount.of(amounts), Amount.of(remaining))

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
        self.parts.append(part)
        return part

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
            self.parent.parts.remove(self)
        self.parent = None

    def _attach(self, parent: Account | None) -> None:
        self.parent = parent
        if parent is not None:
            parent.parts.append(self)
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
        self.parts += other.parts
        self.reservations += other.reservations
        other.into = self
        other.abandoned = self.abandoned
        if other.is_named:
            spent: Amounts = {unit: pot.spent for unit, pot in other.pots.items()}
            for_itself: Amounts = {unit: pot.spent + pot.left for unit, pot in other.pots.items()}
            _add_lines(self.lines, {other.name: _Line(for_itself, spent, other.lines)})
        else:
            _add_lines(self.lines, other.lines)

    def _grow_above(self, other: Account) -> None:
        """The accounts above this one answer for what `other` brings, too."""
        for account in self._ancestors():
            for unit, pot in other.pots.items():
                account.pots[unit].cap += pot.cap
                account.pots[unit].away += pot.cap

    def _end(self, how: str, status: Status) -> None:
        self.ended = _placed(how)
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
        pots = self.pots
        merged = [_receipt_of_line(name, line) for name, line in self.lines.items()]
        return Receipt(
            self.name,
            status,
            cap=Amount.of({unit: pot.cap for unit, pot in pots.items()}),
            spent=Amount.of({unit: pot.spent for unit, pot in pots.items()}),
            held=Amount.of({unit: pot.held for unit, pot in pots.items()}),
            away=Amount.of({unit: pot.away for unit, pot in pots.items()}),
            left=Amount.of({unit: pot.left for unit, pot in pots.items()}),
            parts=(*merged, *(part._receipt(part.status) for part in self.parts)),
        )

    # Refusals

    def _check_usable(self) -> None:
        if self.ended is not None:
            raise BudgetMoved(f'this budget is gone: "{self.path}" {self.ended}')
        self._check_process()

    def _check_process(self) -> None:
        if self.process is not _process:
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
            open_ones = "a reservation" if self.reservations == 1 else f"{self.reservations} reservations"
            raise BudgetError(f"{self.path}: cannot {what} it while {open_ones} of it is not settled")


@dataclass(slots=True, eq=False)
class Hold:
    """What one reservation holds out of an account, until it is settled, once."""

    account: Account
    amounts: Amounts
    is_sent: bool = False
    settled: str | None = None
    """How it was settled, in words."""

    @classmethod
    def dead(cls, account: Account, settled: str) -> Hold:
        """What a handle has when its hold went elsewhere."""
        return cls(account, {}, settled=_placed(settled))

    def check_open(self) -> None:
        if self.settled is not None:
            raise BudgetMoved(f'this reservation of "{self.account.path}" is gone: it {self.settled}')
        self.account._check_process()

    def send(self) -> None:
        self.check_open()
        self.is_sent = True

    def commit(self, actual: Amounts, *, raises: bool) -> None:
        """Record what the call cost: all of it, be it more than there is.

        A unit that is not mentioned cost what was held. What was used beyond the hold comes out of what is left, which
        may go below zero. Raises BudgetOverrun afterwards if it did, or if anything was used beyond the hold and
        `raises` is set.
        """
        with _lock:
            self.check_open()
            account = self._current()
            account._check_units(actual)
            actual = {**self.amounts, **actual}
            self._settle(account, actual, "was committed")
            overrun = [
                (unit, used)
                for unit, used in actual.items()
                if used > self.amounts.get(unit, 0) and (raises or account.pots[unit].left < 0)
            ]
            left = {unit: account.pots[unit].left for unit, _ in overrun}
        account.tell("committed", actual)
        for unit, used in overrun:
            reserved = readable(unit, self.amounts.get(unit, 0))
            raise BudgetOverrun(
                readable(unit, used), reserved, left=readable(unit, left[unit]), unit=unit, path=account.path
            )

    def release(self) -> None:
        """Give everything back."""
        with _lock:
            self.check_open()
            account = self._current()
            self._settle(account, {}, "was released")
        account.tell("released", self.amounts)

    def forfeit(self) -> None:
        """Count everything as spent."""
        with _lock:
            self.check_open()
            account = self._current()
            self._settle(account, self.amounts, "was forfeited")
        account.tell("forfeited", self.amounts)

    def __del__(self) -> None:
        """Nobody can settle it any more."""
        if self.settled is None and self.account.process is _process and not sys.is_finalizing():
            self._current().abandoned.append(self.amounts)
            warnings.warn(
                f"a reservation of {self.account.path} was dropped without commit, release or forfeit: it is forfeited",
                ResourceWarning,
                stacklevel=2,
            )

    def _current(self) -> Account:
        """The account, or what it was merged into."""
        account = self.account
        while account.into is not None:
            account = account.into
        return account

    def _settle(self, account: Account, actual: Amounts, how: str) -> None:
        self.settled = _placed(how)
        for unit in {**self.amounts, **actual}:
            held = self.amounts.get(unit, 0)
            account.pots[unit].held -= held
            account.pots[unit].left += held - actual.get(unit, 0)
        account.reservations -= 1


def _receipt_of_line(name: str, line: _Line) -> Receipt:
    nothing: Amounts = dict.fromkeys(line.cap, 0)
    return Receipt(
        name,
        "merged",
        cap=Amount.of(line.cap),
        spent=Amount.of(line.spent),
        held=Amount.of(nothing),
        away=Amount.of(nothing),
        left=Amount.of({unit: cap - line.spent[unit] for unit, cap in line.cap.items()}),
        parts=tuple(_receipt_of_line(name, part) for name, part in line.lines.items()),
        count=line.count,
    )


def _placed(how: str) -> str:
    """With `BUDGET_TYPES_DEBUG=1`: where in the program this happens, too."""
    if os.environ.get("BUDGET_TYPES_DEBUG") != "1":
        return how
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return f"{how} at {frame.f_code.co_filename}:{frame.f_lineno}"
