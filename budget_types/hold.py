"""Holds: what a reservation keeps out of an account, until it is settled, once.

Whoever settles first has settled, in whichever thread. A hold that nobody has any more is forfeited. This module must
never know handles: when a block releases and when it forfeits is the business of `reservation`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from .account import Account
from .amount import Amounts, readable
from .callsite import placed, warn
from .errors import BudgetMoved, BudgetOverrun
from .guard import guard

__all__ = ["Hold"]


@dataclass(slots=True, eq=False)
class Hold:
    """What one reservation holds out of an account, until it is settled, once."""

    account: Account
    amounts: Amounts
    is_sent: bool = False
    settled: str | None = None
    """How it was settled, in words."""

    @classmethod
    def take(cls, account: Account, amounts: Amounts, *, last: bool) -> Hold:
        """Hold amounts out of an account. If somebody who is told of it raises, nothing is held."""
        made: list[Hold] = []
        try:
            account.reserve(amounts, last=last, then=lambda: made.append(cls(account, amounts)))
        except BaseException:
            for hold in made:
                hold.release()
            raise
        return made[0]

    @classmethod
    def dead(cls, account: Account, settled: str) -> Hold:
        """What a handle has when its hold went elsewhere."""
        return cls(account, {}, settled=placed(settled))

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
        with guard.lock:
            self.check_open()
            account = self._current()
            account._check_units(actual)
            actual = {**self.amounts, **actual}
            self._settle(account, actual, "was committed")
            overrun = self._overrun(account, actual, raises)
        account.tell("committed", actual)
        if overrun is not None:
            raise overrun

    def release(self) -> None:
        """Give everything back."""
        with guard.lock:
            self.check_open()
            account = self._current()
            self._settle(account, {}, "was released")
        account.tell("released", self.amounts)

    def forfeit(self) -> None:
        """Count everything as spent."""
        with guard.lock:
            self.check_open()
            account = self._current()
            self._settle(account, self.amounts, "was forfeited")
        account.tell("forfeited", self.amounts)

    def __del__(self) -> None:
        """Nobody can settle it any more."""
        if self.settled is None and self.account.process is guard.process and not sys.is_finalizing():
            self._current().abandoned.append(self.amounts)
            lost = f"a reservation of {self.account.path} was dropped without commit, release or forfeit"
            warn(f"{lost}: it is forfeited", ResourceWarning)

    def _current(self) -> Account:
        """The account, or what it was merged into."""
        account = self.account
        while account.into is not None:
            account = account.into
        return account

    def _settle(self, account: Account, actual: Amounts, how: str) -> None:
        self.settled = placed(how)
        account.settle(self.amounts, actual)

    def _overrun(self, account: Account, actual: Amounts, raises: bool) -> BudgetOverrun | None:
        for unit, used in actual.items():
            held, left = self.amounts.get(unit, 0), account.pots[unit].left
            if used > held and (raises or left < 0):
                return BudgetOverrun(
                    readable(unit, used),
                    readable(unit, held),
                    left=readable(unit, left),
                    unit=unit,
                    path=account.path,
                )
        return None
