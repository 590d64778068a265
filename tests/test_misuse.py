"""What the checker refuses is refused at run time, too, for code that nobody checks. Hence `Any` everywhere."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from command import python, run

from budget_types import Budget, BudgetError, BudgetMoved, BudgetPool, move

COPIES: dict[str, Callable[[Any], object]] = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "deepcopy of a container": lambda value: copy.deepcopy([value]),
    "copy.replace": lambda value: value.__replace__(),
    "dataclasses.replace": lambda value: dataclasses.replace(value),
    "__reduce__": lambda value: value.__reduce__(),
    "__reduce_ex__": lambda value: value.__reduce_ex__(4),
    **{f"pickle {protocol}": partial(pickle.dumps, protocol=protocol) for protocol in range(6)},
}


@pytest.mark.parametrize("how", COPIES)
def test_a_budget_is_never_copied(how: str) -> None:
    budget: Any = Budget(10)
    with pytest.raises(TypeError):
        COPIES[how](budget)
    assert budget.remaining == 10


@pytest.mark.parametrize("how", COPIES)
def test_a_reservation_is_never_copied(how: str) -> None:
    with Budget(10).reserve(5) as call, pytest.raises(TypeError):
        COPIES[how](call)


@pytest.mark.parametrize("how", COPIES)
def test_a_pool_is_never_copied(how: str) -> None:
    """All who share it have the same one, until it is taken back."""
    with pytest.raises(TypeError):
        COPIES[how](BudgetPool(Budget(10)))


USES: dict[str, Callable[[Any], object]] = {
    **{
        name: attrgetter(name)
        for name in ("remaining", "spent", "cap", "fraction_left", "is_exhausted", "stop_reason", "seconds_left")
    },
    "receipt": lambda budget: budget.receipt(),
    "spend": lambda budget: budget.spend(0),
    "spend usd": lambda budget: budget.spend(usd=0),
    "spend last": lambda budget: budget.spend(0, last=True),
    "split": lambda budget: budget.split(0),
    "split_off": lambda budget: budget.split_off(0),
    "split_evenly": lambda budget: budget.split_evenly(1),
    "split_by": lambda budget: budget.split_by([1]),
    "reserve": lambda budget: budget.reserve(0),
    "merge": lambda budget: budget.merge(Budget(1)),
    "be merged": lambda budget: Budget(1).merge(budget),
    "pool": BudgetPool,
    "close": lambda budget: budget.close(),
    "export": lambda budget: budget.export(),
    "move": move,
}
"""Every use of a budget but its path and its repr, which only say what became of it."""

ENDS: dict[str, Callable[[Any], object]] = {
    'was merged into "root"': Budget(1).merge,
    "was closed": lambda budget: budget.close(),
    "was moved": move,
    "was exported": lambda budget: Budget.redeem(budget.export()),
    "was made a pool": BudgetPool,
}


def test_every_use_is_listed() -> None:
    public = {name for name in dir(Budget) if not name.startswith("_")}
    usd = {"remaining_usd", "spent_usd", "cap_usd"}
    assert public - usd - {"path", "redeem"} <= set(USES)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("how", ENDS)
def test_gone_is_gone(how: str, use: str) -> None:
    budget: Any = Budget(100, name="team")
    ENDS[how](budget)
    with pytest.raises(BudgetMoved) as error:
        USES[use](budget)
    assert str(error.value) == f'this budget is gone: "team" {how}'
    assert repr(budget) == f"<Budget team: {how}>"


def test_where_it_was_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDGET_TYPES_DEBUG", "1")
    for how, end in ENDS.items():
        budget: Any = Budget(100)
        line = end.__code__.co_firstlineno if getattr(end, "__name__", "") == "<lambda>" else None
        end(budget)
        here = sys._getframe().f_lineno - 1
        with pytest.raises(BudgetMoved) as error:
            budget.spend(1)
        assert str(error.value).endswith(f"{how} at {__file__}:{line or here}")
    call: Any = Budget(10).reserve(5)
    call.release()
    here = sys._getframe().f_lineno - 1
    with pytest.raises(BudgetMoved, match=f"it was released at .*test_misuse.py:{here}$"):
        call.commit(1)


def test_a_budget_is_made_once() -> None:
    budget: Any = Budget(1)
    with pytest.raises(BudgetError, match="root: a budget is made once"):
        budget.__init__(1_000_000)
    for name in ("remaining", "cap", "spent", "new_attribute"):
        with pytest.raises(AttributeError):
            setattr(budget, name, 1_000_000)
    assert budget.remaining == 1
    with pytest.raises(AttributeError):
        _ = Budget.__new__(Budget).remaining


def test_a_moved_budget_cannot_be_revived() -> None:
    budget: Any = Budget(1)
    move(budget)
    with pytest.raises(BudgetError, match="a budget is made once"):
        budget.__init__(1)


def test_move_gives_the_value() -> None:
    class Ticket: ...

    ticket = Ticket()
    assert move(ticket) is ticket
    budget: Any = Budget(10)
    assert move(budget).remaining == 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_no_budget(tmp_path: Path) -> None:
    """Two processes with one counter each would be a copy. The child may make its own, and redeem a slice."""
    program = tmp_path / "forking.py"
    program.write_text(
        """
import os, sys, threading
from budget_types import Budget, BudgetMoved, BudgetPool
from budget_types.guard import guard

budget, pool, money = Budget(100), BudgetPool(Budget(100)), Budget(usd=1)
call = budget.reserve(10)
token = budget.split(5).export()
uses = [lambda: budget.spend(1), lambda: budget.remaining, lambda: budget.split(1), lambda: money.spend(usd=1),
        lambda: pool.reserve(1), lambda: pool.remaining, lambda: call.commit(1), lambda: call.sent(),
        lambda: Budget(1).merge(budget), lambda: budget.export(), lambda: budget.close()]
# Another thread holds the lock while this one forks.
guard.lock.acquire()
threading.Timer(0.2, guard.lock.release).start()
if (child := os.fork()) == 0:
    for use in uses:
        try:
            use()
        except BudgetMoved as error:
            assert "stayed in the process that this one was forked from" in str(error), error
            assert "export()" in str(error), error
        else:
            os._exit(1)
    if Budget.redeem(token).remaining != 5 or Budget(3).split(1).remaining != 1:
        os._exit(2)
    del call
    print("refused", len(uses), "times", flush=True)
    os._exit(0)
_, status = os.waitpid(child, 0)
call.commit(7)
print(os.waitstatus_to_exitcode(status), budget.spent, budget.remaining)
"""
    )
    # Python 3.12 and later say that to fork with threads is a bad idea.
    done = run(python("-W", "error::ResourceWarning", "-W", "ignore::DeprecationWarning", str(program)), cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == ["refused 11 times", "0 7 88"]


# Other processes


REDEEM = """
import sys
from budget_types import Budget, BudgetMoved
for token in sys.argv[1:]:
    try:
        print(Budget.redeem(token).remaining)
    except BudgetMoved:
        print(0)
"""


def test_a_token_is_good_for_one(tmp_path: Path) -> None:
    budget = Budget(100, usd=1)
    part = budget.split(40, usd="0.25", name="worker")
    part.spend(10)
    tokens = [part.export(), *(budget.split(7).export() for _ in range(5))]
    assert (budget.remaining, budget.receipt().away.tokens) == (25, 75), "gone from the parent before anybody redeems"
    assert all(isinstance(token, str) for token in tokens)
    with ThreadPoolExecutor(3) as threads:
        processes = threads.map(lambda _: run(python("-c", REDEEM, *tokens), cwd=tmp_path), range(3))
        got = [int(line) for process in processes for line in process.out.splitlines()]
    assert sorted(got, reverse=True) == [30, 7, 7, 7, 7, 7] + [0] * 12
    assert [part.status for part in budget.receipt().parts] == ["exported"] * 6


def test_a_redeemed_slice() -> None:
    clock = iter([0.0, 0.0, 1.0])
    budget = Budget(100, usd=1, timeout=60, clock=lambda: next(clock, 1.0))
    part: Any = budget.split(40, usd="0.25", name="worker")
    token = part.export()
    redeemed = Budget.redeem(token)
    assert (redeemed.remaining, str(redeemed.remaining_usd), redeemed.path) == (40, "0.25", "root/worker")
    assert redeemed.seconds_left is not None
    assert 58 < redeemed.seconds_left <= 60
    with pytest.raises(BudgetMoved, match="this token was redeemed before, or does not come from this machine"):
        Budget.redeem(token)


@pytest.mark.parametrize("token", ["", "budget", "/tmp/x", None, 5])
def test_no_token(token: Any) -> None:
    with pytest.raises(ValueError, match=r"not a token of Budget\.export\(\)"):
        Budget.redeem(token)


def test_an_export_that_fails_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str, amounts: object, seconds_left: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr("budget_types.transfer.write", full)
    budget: Any = Budget(10)
    part = budget.split(4)
    with pytest.raises(OSError, match="No space"):
        part.export()
    part.spend(1)
    budget.merge(part)
    assert (budget.remaining, budget.spent) == (9, 1)


def test_only_its_user_can_read_a_token() -> None:
    directory = Path(Budget(10).export().removeprefix("budget-slice:"))
    assert os.name != "posix" or directory.stat().st_mode & 0o077 == 0
    Budget.redeem(f"budget-slice:{directory}")
    assert not directory.exists()
