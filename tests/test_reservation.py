"""`Reservation`: settled once, however its block is left; what a call cost is never lost."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from budget_types import Budget, BudgetError, BudgetExceeded, BudgetMoved, BudgetOverrun, BudgetPool, Reservation, move


def test_holds_until_it_is_committed() -> None:
    budget = Budget(100, usd=1)
    with budget.reserve(60, usd="0.30") as call:
        assert (budget.remaining, budget.spent, str(budget.receipt().held)) == (40, 0, "60 tokens, 0.3 usd")
        assert (call.tokens, call.usd, call.is_sent) == (60, Decimal("0.3"), False)
        call.sent()
        call.commit(45, usd="0.20")
    assert (budget.remaining, budget.spent, budget.spent_usd) == (55, 45, Decimal("0.2"))


def test_a_unit_that_is_not_mentioned_is_spent_whole() -> None:
    budget = Budget(100, usd=1)
    budget.reserve(60, usd="0.30").commit(45)
    assert (budget.spent, budget.spent_usd) == (45, Decimal("0.3"))
    budget.reserve(10).commit(10, usd="0.05")
    assert budget.spent_usd == Decimal("0.35"), "and one that was not reserved is taken all the same"


def test_a_unit_that_is_not_held_leaves_it_open() -> None:
    budget = Budget(100)
    call: Any = budget.reserve(60)
    with pytest.raises(BudgetError, match="root holds no usd"):
        call.commit(10, usd=1)
    call.commit(10)
    assert budget.spent == 10


@pytest.mark.parametrize(
    ("reserved", "actual", "overrun", "raises"),
    [
        (50, 50, "take", False),
        (50, 90, "take", False),
        (50, 120, "take", True),
        (50, 50, "raise", False),
        (50, 51, "raise", True),
        (50, 120, "raise", True),
        (0, 100, "take", False),
        (0, 101, "take", True),
    ],
)
def test_more_than_was_reserved_is_recorded(reserved: int, actual: int, overrun: Any, raises: bool) -> None:
    budget = Budget(100)
    call: Any = budget.reserve(reserved, overrun=overrun)
    if raises:
        with pytest.raises(BudgetOverrun) as error:
            call.commit(actual)
        found = (error.value.actual, error.value.reserved, error.value.left, error.value.unit, error.value.path)
        assert found == (actual, reserved, 100 - actual, "tokens", "root")
    else:
        call.commit(actual)
    assert (budget.spent, budget.remaining) == (actual, 100 - actual)
    with pytest.raises(BudgetMoved):
        call.release()


def test_a_debt_stops_everything_and_is_merged() -> None:
    budget = Budget(200)
    part = budget.split(100)
    with pytest.raises(
        BudgetOverrun, match="root/1: 130 tokens were used where 100 were reserved; all are recorded, -30"
    ):
        part.reserve(100).commit(130)
    assert (part.remaining, part.is_exhausted, part.stop_reason, part.fraction_left) == (-30, True, "tokens", 0)
    with pytest.raises(BudgetExceeded, match="asked for 1 tokens, 0 left"):
        part.spend(1)
    budget.merge(part)
    assert (budget.remaining, budget.spent) == (70, 130)


# Ways out of the block

WAYS_OUT: list[type[BaseException] | None] = [
    None,
    ValueError,
    asyncio.CancelledError,
    GeneratorExit,
    KeyboardInterrupt,
    SystemExit,
]


@pytest.mark.parametrize("error", WAYS_OUT)
@pytest.mark.parametrize("sent", [False, True])
def test_leaving_the_block(error: type[BaseException] | None, sent: bool) -> None:
    """Released if nobody can bill it, forfeited if somebody may."""
    budget = Budget(100)
    try:
        with budget.reserve(60) as call:
            if sent:
                call.sent()
            if error is not None:
                raise error
    except BaseException as raised:
        assert type(raised) is error
    assert (budget.spent, budget.remaining) == ((60, 40) if sent else (0, 100))
    budget.close()


@pytest.mark.parametrize("error", WAYS_OUT[:3])
@pytest.mark.parametrize("sent", [False, True])
def test_leaving_the_async_block(error: type[BaseException] | None, sent: bool) -> None:
    budget = Budget(100)

    async def ask() -> None:
        async with budget.reserve(60) as call:
            if sent:
                call.sent()
            if error is not None:
                raise error

    try:
        asyncio.run(ask())
    except BaseException as raised:
        assert type(raised) is error
    assert (budget.spent, budget.remaining) == ((60, 40) if sent else (0, 100))


def test_cancelled_while_it_waits() -> None:
    pool = BudgetPool(Budget(100))

    async def ask(sent: bool) -> None:
        async with pool.reserve(30) as call:
            if sent:
                call.sent()
            await asyncio.sleep(10)
            call.commit(1)

    async def team() -> None:
        tasks = [asyncio.create_task(ask(sent)) for sent in (False, True, True)]
        await asyncio.sleep(0)
        assert pool.remaining == 10
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(team())
    assert (pool.spent, pool.remaining, str(pool.receipt().held)) == (60, 40, "0 tokens")


def test_generators_that_are_closed() -> None:
    budget = Budget(100)

    def stream() -> Iterator[int]:
        with budget.reserve(60) as call:
            call.sent()
            yield 1
            call.commit(5)

    chunks: Any = stream()
    next(chunks)
    chunks.close()
    assert budget.spent == 60

    async def async_stream() -> AsyncIterator[int]:
        async with budget.reserve(40) as call:
            yield 1
            call.commit(5)

    async def read() -> None:
        chunks: Any = async_stream()
        await anext(chunks)
        await chunks.aclose()

    asyncio.run(read())
    assert budget.remaining == 40


def test_an_overrun_leaves_the_block_settled() -> None:
    budget = Budget(100)
    with pytest.raises(BudgetOverrun), budget.reserve(60) as call:
        call.sent()
        call.commit(101)
    assert budget.spent == 101


SETTLEMENTS: dict[str, Callable[[Any], object]] = {
    "committed": lambda call: call.commit(1),
    "released": lambda call: call.release(),
    "forfeited": lambda call: call.forfeit(),
    "moved": move,
}


@pytest.mark.parametrize("how", SETTLEMENTS)
def test_settled_once(how: str) -> None:
    call: Any = Budget(100).reserve(60)
    kept = SETTLEMENTS[how](call)
    others: list[Callable[[Any], object]] = [lambda call: call.sent(), lambda call: call.__enter__()]
    for again in (*SETTLEMENTS.values(), *others):
        with pytest.raises(BudgetMoved, match=f'this reservation of "root" is gone: it was {how}'):
            again(call)
    assert f"was {how}" in repr(call)
    if how == "moved":
        assert isinstance(kept, Reservation)
        kept.release()


def test_moved_while_it_is_open() -> None:
    budget = Budget(100)
    call: Any = budget.reserve(60)
    call.sent()
    with move(call) as mine:
        assert mine.is_sent
        mine.commit(10)
    assert budget.spent == 10


def test_a_budget_does_not_end_under_its_reservations() -> None:
    budget: Any = Budget(100)
    first, second = budget.reserve(10), budget.reserve(10)
    with pytest.raises(BudgetError, match="root: cannot close it while 2 reservations are not settled"):
        budget.close()
    first.release()
    with pytest.raises(BudgetError, match="root: cannot export it while a reservation is not settled"):
        budget.export()
    second.release()
    assert budget.close().left.tokens == 100


def test_dropped_without_a_word() -> None:
    """A reservation that nobody can settle any more is forfeited, and said aloud: a known bug in production."""
    budget = Budget(100)
    call: Any = budget.reserve(60)
    with pytest.warns(ResourceWarning, match="a reservation of root was dropped without commit, release or forfeit"):
        del call
        gc.collect()
    receipt = budget.close()
    assert (receipt.spent.tokens, receipt.held.tokens) == (60, 0)


def test_dropped_after_its_budget_was_merged() -> None:
    budget = Budget(100)
    part = budget.split(80)
    call: Any = part.reserve(60)
    budget.merge(part)
    with pytest.warns(ResourceWarning):
        del call
        gc.collect()
    assert budget.close().spent.tokens == 60


def test_only_a_budget_makes_one() -> None:
    with pytest.raises(TypeError, match=r"a reservation is made by reserve\(\) of a budget or a pool"):
        Reservation()


def test_repr() -> None:
    call: Any = Budget(100, usd=1, name="team").reserve(60, usd="0.50")
    assert repr(call) == "<Reservation of team: 60 tokens, 0.5 usd, not sent>"
    call.sent()
    assert repr(call) == "<Reservation of team: 60 tokens, 0.5 usd, sent>"
    call.commit(1)
    assert repr(call) == "<Reservation of team: 60 tokens, 0.5 usd, was committed>"
