"""`Budget` and `BudgetPool`: units, splits, deadlines, soft limits, what is said, and what is told to observers."""

from __future__ import annotations

import json
import logging
import re
from decimal import Decimal
from typing import Any

import pytest

from budget_types import (
    Budget,
    BudgetError,
    BudgetExceeded,
    BudgetExpired,
    BudgetMoved,
    BudgetPool,
    BudgetWarning,
    Event,
    NoSuchUnit,
)


class Watch:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# Units


def test_either_unit_or_both() -> None:
    both = Budget(1_000, usd=Decimal("0.50"))
    both.spend(100)
    both.spend(usd="0.20")
    both.spend(100, usd=Decimal("0.05"))
    assert (both.remaining, both.spent, both.cap) == (800, 200, 1_000)
    assert (both.remaining_usd, both.spent_usd, both.cap_usd) == (Decimal("0.25"), Decimal("0.25"), Decimal("0.5"))
    assert Budget(tokens=5).remaining == 5


@pytest.mark.parametrize("name", ["remaining", "spent", "cap"])
def test_reading_a_unit_that_is_not_held(name: str) -> None:
    with pytest.raises(NoSuchUnit, match="root holds no usd, only tokens"):
        getattr(Budget(1), f"{name}_usd")
    with pytest.raises(NoSuchUnit, match="root holds no tokens, only usd"):
        getattr(Budget(usd=1), name)


def test_asking_for_a_unit_that_is_not_held() -> None:
    money: Any = Budget(usd=1)
    for ask in (money.spend, money.split, money.reserve):
        with pytest.raises(NoSuchUnit, match="root holds no tokens, only usd"):
            ask(5)
    with pytest.raises(NoSuchUnit):
        money.merge(Budget(5))
    assert money.remaining_usd == 1


WRONG_AMOUNTS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({}, TypeError, "say how much: tokens, usd= or both"),
    ({"tokens": 1.0}, TypeError, "tokens must be an int, not float"),
    ({"tokens": True}, TypeError, "tokens must be an int, not bool"),
    ({"tokens": "5"}, TypeError, "tokens must be an int, not str"),
    ({"tokens": -1}, ValueError, "tokens must not be negative: -1"),
    ({"usd": 0.5}, TypeError, 'usd must be exact, and a float is not: write Decimal("0.5") or "0.5"'),
    ({"usd": True}, TypeError, "usd must be a Decimal, an int or text, not bool"),
    ({"usd": [1]}, TypeError, "usd must be a Decimal, an int or text, not list"),
    ({"usd": "much"}, ValueError, "usd must be a number: 'much'"),
    ({"usd": "NaN"}, ValueError, "usd must be a finite number: NaN"),
    ({"usd": Decimal("-Infinity")}, ValueError, "usd must be a finite number: -Infinity"),
    ({"usd": "-0.01"}, ValueError, "usd must not be negative: -0.01"),
    ({"usd": 10**15}, ValueError, "usd must be less than 10**15: 1000000000000000"),
    ({"usd": "1e-41"}, ValueError, "usd must not be finer than 10**-40: 1e-41; round it up first"),
    ({"usd": "1e999999"}, ValueError, "usd must be less than"),
    ({"usd": "1e-999999"}, ValueError, "usd must not be finer"),
]


@pytest.mark.parametrize(("amounts", "error", "text"), WRONG_AMOUNTS)
def test_wrong_amounts_are_refused_by_name(amounts: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=re.escape(text)):
        Budget(**amounts)
    budget: Any = Budget(10, usd=10)
    for ask in (budget.spend, budget.split, budget.split_off, budget.reserve):
        with pytest.raises(error, match=re.escape(text)):
            ask(**amounts)
    assert (budget.remaining, budget.remaining_usd) == (10, 10)


def test_a_number_that_compares_as_it_likes() -> None:
    class Small(int):
        def __gt__(self, other: object) -> bool:
            return False

        __lt__ = __ge__ = __le__ = __gt__

    budget: Any = Budget(10)
    with pytest.raises(BudgetExceeded):
        budget.spend(Small(11))
    budget.spend(Small(4))
    assert type(budget.remaining) is int


def test_money_is_exact() -> None:
    budget = Budget(usd="999999999999999")
    third = Decimal(1) / 3
    budget.spend(usd=third)
    budget.spend(usd="1e-40")
    spent = budget.spent_usd
    # What comes out is what went in, digit by digit, though the default context could not hold the sum.
    assert str(spent) == "0.3333333333333333333333333333000000000001"
    assert str(budget.remaining_usd) == "999999999999998.6666666666666666666666666666999999999999"
    assert [str(Budget(usd=usd).cap_usd) for usd in ("0.50", 10, "1e3", "0", 120)] == ["0.5", "10", "1000", "0", "120"]


# Splitting


def test_split_takes_the_units_that_are_named() -> None:
    budget = Budget(100, usd=1)
    part = budget.split(40)
    with pytest.raises(NoSuchUnit):
        _ = part.remaining_usd
    other = budget.split(usd="0.25")
    assert (other.remaining_usd, budget.remaining, budget.remaining_usd) == (Decimal("0.25"), 60, Decimal("0.75"))


def test_split_evenly_loses_nothing() -> None:
    budget = Budget(10, usd="0.10")
    parts = budget.split_evenly(3, name="researcher")
    assert [part.remaining for part in parts] == [4, 3, 3]
    assert [str(part.remaining_usd) for part in parts] == ["0.03333334", "0.03333333", "0.03333333"]
    assert [part.path for part in parts] == ["root/researcher-1", "root/researcher-2", "root/researcher-3"]
    assert budget.remaining == budget.remaining_usd == 0


@pytest.mark.parametrize("parts", [0, -1])
def test_split_evenly_into_nothing(parts: int) -> None:
    with pytest.raises(ValueError, match="root: cannot be split into no parts"):
        Budget(10).split_evenly(parts)


def test_no_part_is_empty() -> None:
    """`max(1, total // n)` would overspend, `total // n` would make budgets of nothing."""
    budget: Any = Budget(2, usd=1)
    with pytest.raises(BudgetExceeded, match="root: 2 tokens cannot be divided into 3 parts, none of them empty") as e:
        budget.split_evenly(3)
    assert (e.value.asked, e.value.left, e.value.unit) == (3, 2, "tokens")
    with pytest.raises(BudgetExceeded):
        budget.split_by([1_000, 1])
    assert budget.remaining == 2
    cents: Any = Budget(usd="0.00000002")
    with pytest.raises(BudgetExceeded, match=r"root: 2E-8 usd cannot be divided into 3 parts"):
        cents.split_evenly(3)


def test_split_by_weights() -> None:
    assert [part.remaining for part in Budget(100).split_by([1, 1, 1])] == [34, 33, 33]
    assert [part.remaining for part in Budget(100).split_by([0.5, 0.3, 0.2])] == [50, 30, 20]
    assert [part.remaining for part in Budget(10).split_by([Decimal("0.1"), 1])] == [1, 9]
    named = Budget(100).split_by({"plan": 1, "write": 3})
    assert {name: (part.remaining, part.path) for name, part in named.items()} == {
        "plan": (25, "root/plan"),
        "write": (75, "root/write"),
    }


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")])
def test_weights_are_above_zero(weight: Any) -> None:
    with pytest.raises(ValueError, match="a weight must be above zero"):
        Budget(100).split_by([1, weight])


def test_no_weights() -> None:
    with pytest.raises(ValueError, match="root: cannot be split into no parts"):
        Budget(100).split_by([])


@pytest.mark.parametrize("name", ["", "a/b"])
def test_names_make_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="a name must not be empty"):
        Budget(10, name=name)
    with pytest.raises(ValueError, match="a name must not be empty"):
        Budget(10).split(1, name=name)


def test_paths() -> None:
    budget = Budget(100, name="team")
    researcher = budget.split(50, name="researcher-2")
    assert researcher.split(10).path == "team/researcher-2/1"
    assert researcher.split(10).path == "team/researcher-2/2"


# Refusals


def test_exceeding_says_what_where_and_changes_nothing() -> None:
    budget = Budget(500, usd="0.50")
    part = budget.split(120, usd="0.10", name="researcher-2")
    with pytest.raises(BudgetExceeded) as error:
        part.spend(100, usd="0.25")
    assert str(error.value) == "root/researcher-2: asked for 0.25 usd, 0.1 left"
    assert (error.value.asked, error.value.left) == (Decimal("0.25"), Decimal("0.1"))
    assert (error.value.unit, error.value.path) == ("usd", "root/researcher-2")
    assert (part.remaining, part.remaining_usd) == (120, Decimal("0.1")), "not even the tokens, which there were"


def test_stop_reason() -> None:
    budget = Budget(10, usd=1)
    assert (budget.stop_reason, budget.is_exhausted) == (None, False)
    with pytest.raises(BudgetExceeded):
        budget.spend(11)
    assert (budget.stop_reason, budget.is_exhausted) == ("tokens", False), "what it was last refused for"
    budget.spend(usd=1)
    assert (budget.stop_reason, budget.is_exhausted) == ("usd", True), "what is used up"


def test_fraction_left() -> None:
    budget = Budget(100, usd=1)
    assert budget.fraction_left == 1
    budget.spend(usd="0.75")
    assert budget.fraction_left == 0.25
    assert Budget(0).fraction_left == 0
    overdrawn = Budget(10)
    with pytest.raises(BudgetError):
        overdrawn.reserve(10).commit(11)
    assert overdrawn.fraction_left == 0


# Deadlines


def test_deadline() -> None:
    watch = Watch()
    budget: Any = Budget(100, timeout=60, clock=watch)
    part: Any = budget.split(40, timeout=10)
    late: Any = budget.split(40, timeout=1_000)
    call = part.reserve(20)
    assert (budget.seconds_left, part.seconds_left, late.seconds_left) == (60, 10, 60), "never later than the parent's"
    watch.now += 10
    assert (part.is_exhausted, part.stop_reason) == (True, "deadline")
    assert budget.stop_reason is None
    watch.now += 1.5
    for ask in (part.spend, part.split, part.reserve, part.split_evenly):
        with pytest.raises(BudgetExpired, match=r"root/1: the deadline passed 1\.5 seconds ago") as error:
            ask(1)
        assert isinstance(error.value, BudgetExceeded)
        assert error.value.unit == "deadline"
    call.commit(15)
    assert part.spent == 15, "what was reserved in time can be committed"
    budget.merge(part)
    assert budget.seconds_left == 48.5
    assert Budget(1).seconds_left is None


def test_wrong_timeout() -> None:
    for timeout in (-1, float("nan")):
        with pytest.raises(ValueError, match="timeout must not be negative"):
            Budget(1, timeout=timeout)


# Room for a last answer


def test_keep() -> None:
    budget: Any = Budget(100, usd=1, keep=20, keep_usd="0.10")
    with pytest.raises(BudgetExceeded, match="asked for 81 tokens, 80 left"):
        budget.spend(81)
    with pytest.raises(BudgetExceeded, match=r"asked for 0\.95 usd, 0\.9 left"):
        budget.reserve(usd="0.95")
    budget.spend(80)
    assert (budget.remaining, budget.is_exhausted, budget.stop_reason) == (20, True, "tokens")
    with pytest.raises(BudgetExceeded):
        budget.split(1)
    with budget.reserve(15, last=True) as call:
        call.commit(10)
    budget.spend(10, last=True)
    with pytest.raises(BudgetExceeded):
        budget.spend(1, last=True)


def test_keep_is_not_split() -> None:
    budget = Budget(100, keep=10)
    assert [part.remaining for part in budget.split_evenly(2)] == [45, 45]
    assert budget.remaining == 10


def test_wrong_room_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="keep must be an int, not float"):
        Budget(100, keep=0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="keep_usd must be exact"):
        Budget(usd=1, keep_usd=0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"keep": 101}, {"keep_usd": "0.01"}])
def test_cannot_keep_what_is_not_there(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot keep"):
        Budget(100, **options)


# Soft limit


def test_warns_once_at_the_fraction() -> None:
    seen: list[Event] = []
    budget = Budget(1_000, warn_at=0.8, on_warn=seen.append)
    budget.spend(799)
    assert seen == []
    budget.spend(1)
    budget.spend(1)
    assert [(event.kind, str(event.amount), str(event.remaining)) for event in seen] == [
        ("warned", "800 tokens", "200 tokens")
    ]


def test_splitting_is_no_use_but_holding_is() -> None:
    seen: list[Event] = []
    budget = Budget(100, warn_at=0.5, on_warn=seen.append)
    part = budget.split(60)
    assert seen == []
    with part.reserve(30):
        assert [event.path for event in seen] == ["root/1"], "each part has the same limit of its own"
    part.spend(50)
    budget.merge(part)
    assert [event.path for event in seen] == ["root/1", "root"], "what a part spent is spent by its parent"


def test_warning_without_a_callback() -> None:
    budget = Budget(10, usd=1, warn_at=1)
    with pytest.warns(BudgetWarning, match="root: 0 tokens, 1 usd used, 10 tokens, 0 usd left") as caught:
        budget.spend(usd=1)
    assert caught[0].filename == __file__


def test_warning_may_stop_the_program() -> None:
    class Stop(Exception): ...

    def stop(event: Event) -> None:
        raise Stop

    budget: Any = Budget(10, warn_at=0.5, on_warn=stop)
    with pytest.raises(Stop):
        budget.spend(7)
    assert budget.remaining == 3, "it was spent all the same"
    budget.spend(1)
    budget = Budget(10, warn_at=0.5, on_warn=stop)
    with pytest.raises(Stop):
        budget.reserve(7)
    assert budget.remaining == 10, "nobody got the reservation"
    assert budget.close().held.tokens == 0


@pytest.mark.parametrize("at", [0, 1.1, -0.5])
def test_wrong_soft_limit(at: float) -> None:
    with pytest.raises(ValueError, match="warn_at must be above 0 and not above 1"):
        Budget(10, warn_at=at)
    with pytest.raises(TypeError, match="on_warn needs warn_at"):
        Budget(10, on_warn=print)


# Merging


def test_merge_between_branches_keeps_caps_true() -> None:
    budget = Budget(100)
    left = budget.split(40, name="left")
    right = budget.split(40, name="right")
    below = left.split(30, name="below")
    right.merge(below)
    assert (left.cap, right.cap, budget.cap) == (10, 70, 100)
    budget.merge(right)
    assert (budget.remaining, budget.receipt().away.tokens) == (90, 10)


def test_merge_of_what_it_was_split_from() -> None:
    budget = Budget(100)
    part = budget.split(40)
    part.merge(budget)
    assert (part.remaining, part.cap) == (100, 100)


def test_merge_into_itself() -> None:
    budget: Any = Budget(1)
    with pytest.raises(BudgetError, match="root: cannot merge a budget into itself"):
        budget.merge(budget)
    assert budget.remaining == 1


def test_reservations_go_along() -> None:
    budget = Budget(100)
    part = budget.split(40)
    call = part.reserve(30)
    budget.merge(part)
    assert (budget.remaining, str(budget.receipt().held)) == (70, "30 tokens")
    call.commit(10)
    assert (budget.remaining, budget.spent) == (90, 10)


# Pools


def test_pool_takes_its_budget() -> None:
    budget: Any = Budget(100, usd=1)
    pool = BudgetPool(budget)
    with pytest.raises(BudgetMoved, match='"root" was made a pool'):
        budget.spend(1)
    with pool.reserve(30, usd="0.10") as call:
        call.sent()
        call.commit(20, usd="0.05")
    part = pool.split(10)
    part.spend(4)
    pool.merge(part)
    assert (pool.remaining, pool.spent, pool.cap, pool.remaining_usd) == (76, 24, 100, Decimal("0.95"))
    back = pool.into_budget()
    assert back.remaining == 76
    for use in (lambda: pool.remaining, lambda: pool.reserve(1), pool.into_budget):
        with pytest.raises(BudgetMoved, match='"root" was taken back from its pool'):
            use()


# What is shown


def test_repr() -> None:
    watch = Watch()
    budget = Budget(100, usd="0.5", timeout=2, clock=watch)
    part: Any = budget.split(40, name="a")
    assert repr(budget) == "<Budget root: 60 of 100 tokens left, 0.5 of 0.5 usd left, 2.0 seconds left>"
    budget.merge(part)
    assert repr(part) == '<Budget root/a: was merged into "root">'
    assert repr(BudgetPool(Budget(5))) == "<BudgetPool root: 5 of 5 tokens left>"


def test_receipt_is_a_tree() -> None:
    budget = Budget(1_000, usd=1)
    for spent in (100, 150):
        researcher = budget.split(200, name="researcher")
        scratch = researcher.split(100, name="scratch")
        scratch.spend(30)
        researcher.merge(scratch)
        unnamed = researcher.split(50)
        researcher.merge(unnamed)
        researcher.spend(spent - 30)
        budget.merge(researcher)
    writer = budget.split(300, usd="0.5", name="writer")
    writer.spend(50)
    assert str(budget.receipt()) == (
        "tokens               cap  spent  held  away  left\n"
        "root               1,000    250     0   300   450  open\n"
        "  researcher (x2)    400    250     0     0   150  merged\n"
        "    scratch (x2)     200     60     0     0   140  merged\n"
        "  writer             300     50     0     0   250  open\n"
        "\n"
        "usd       cap  spent  held  away  left\n"
        "root        1      0     0   0.5   0.5  open\n"
        "  writer  0.5      0     0     0   0.5  open"
    )
    assert str(budget.receipt().total_spent) == "300 tokens, 0 usd"
    writer_receipt = writer.close()
    receipt = budget.close()
    assert (writer_receipt.left.tokens, receipt.status, receipt.parts[1].status) == (250, "closed", "closed")
    document = json.loads(receipt.to_json(indent=2))
    assert document["cap"] == {"tokens": 1_000, "usd": "1"}
    assert document["parts"][0]["count"] == 2
    assert document["parts"][0]["parts"][0]["name"] == "scratch"


def test_merged_parts_leave_no_memory_behind() -> None:
    budget = Budget(100)
    for _ in range(1_000):
        budget.merge(budget.split(10))
        budget.merge(budget.split(10, name="step"))
    receipt = budget.receipt()
    assert [(part.name, part.count) for part in receipt.parts] == [("step", 1_000)]
    assert not budget._account.parts


# Observers


def test_every_event_is_told() -> None:
    told: list[str] = []

    def observe(event: Event) -> None:
        told.append(f"{event.kind} {event.path} {event.amount}; {event.remaining}")

    budget = Budget(100, on_event=observe, warn_at=0.5, on_warn=lambda event: None)
    part = budget.split(40, name="a")
    part.spend(5)
    with pytest.raises(BudgetExceeded):
        part.spend(50)
    budget.merge(part)
    with budget.reserve(10) as call:
        call.commit(8)
    budget.reserve(10).release()
    budget.reserve(10).forfeit()
    budget.spend(40)
    for each in budget.split_evenly(2):
        Budget.redeem(each.export(), on_event=observe)
    budget.close()
    assert told == [
        "split root 40 tokens; 60 tokens",
        "spent root/a 5 tokens; 35 tokens",
        "refused root/a 50 tokens; 35 tokens",
        "merged root 35 tokens; 95 tokens",
        "reserved root 10 tokens; 85 tokens",
        "committed root 8 tokens; 87 tokens",
        "reserved root 10 tokens; 77 tokens",
        "released root 10 tokens; 87 tokens",
        "reserved root 10 tokens; 77 tokens",
        "forfeited root 10 tokens; 77 tokens",
        "spent root 40 tokens; 37 tokens",
        "warned root 63 tokens; 37 tokens",
        "split root 37 tokens; 0 tokens",
        "exported root/2 19 tokens; 0 tokens",
        "redeemed root/2 19 tokens; 19 tokens",
        "exported root/3 18 tokens; 0 tokens",
        "redeemed root/3 18 tokens; 18 tokens",
        "closed root 0 tokens; 0 tokens",
    ]


def test_an_observer_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: Event) -> None:
        raise KeyError("exporter")

    budget = Budget(10, on_event=broken)
    with caplog.at_level(logging.ERROR, "budget_types"):
        budget.spend(4)
    assert budget.remaining == 6
    assert "an observer of root failed at 'spent'" in caplog.text


def test_an_observer_may_use_budgets() -> None:
    """It is called outside of the lock."""
    audit = Budget(100)
    seen: list[int] = []

    def observe(event: Event) -> None:
        audit.spend(1)
        seen.append(audit.spent)

    Budget(10, on_event=observe).spend(1)
    assert seen == [1]
