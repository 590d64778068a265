"""Nothing is made and nothing is lost: cap = spent + left + held + away, in every unit, in any order of events.

The machine keeps books of its own, as plain sums over a tree, and compares after every step. Caps are not among them:
what a budget must answer for follows from the tree. The handles are `Any` here: what the checker refuses is tried.
"""

from __future__ import annotations

import asyncio
import linecache
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from budget_types import Budget, BudgetError, BudgetExceeded, BudgetMoved, BudgetOverrun, BudgetPool, Receipt, move

STEPS = 10_000
"""At least as many are done in one run of the suite."""

Amounts = dict[str, Decimal]
SMALL = st.integers(0, 60)
MONEY = st.decimals(0, 2, places=6)


@dataclass(eq=False)
class Node:
    """What is known of one budget. `handle` is None when it is gone."""

    handle: Any
    left: Amounts
    parent: Node | None = None
    spent: Amounts = field(default_factory=dict)
    sent_away: Amounts = field(default_factory=dict)
    """What was exported."""
    holds: list[Hold] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)

    @property
    def units(self) -> list[str]:
        return list(self.left)

    def held(self, unit: str) -> Decimal:
        return sum((hold.amounts.get(unit, Decimal(0)) for hold in self.holds), Decimal(0))

    def cap(self, unit: str) -> Decimal:
        """What it answers for: its own, and what its parts answer for."""
        if unit not in self.left:
            return Decimal(0)
        own = self.left[unit] + self.held(unit) + self.spent.get(unit, Decimal(0))
        return own + self.sent_away.get(unit, Decimal(0)) + sum((part.cap(unit) for part in self.parts), Decimal(0))

    def add(self, what: Amounts, amounts: Amounts, sign: int = 1) -> None:
        for unit, amount in amounts.items():
            what[unit] = what.get(unit, Decimal(0)) + sign * amount

    def is_below(self, other: Node) -> bool:
        return self.parent is other or (self.parent is not None and self.parent.is_below(other))


@dataclass(eq=False)
class Hold:
    """A reservation that is not settled."""

    handle: Any
    amounts: Amounts
    sent: bool = False


def asked(tokens: int | None, usd: Decimal | None) -> Amounts:
    both = {"tokens": None if tokens is None else Decimal(tokens), "usd": usd}
    return {unit: amount for unit, amount in both.items() if amount is not None}


def read(handle: Any, what: str, unit: str) -> Decimal:
    return Decimal(getattr(handle, what if unit == "tokens" else f"{what}_usd"))


class Books(RuleBasedStateMachine):
    """Any sequence of operations on any number of budgets."""

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.minted: Amounts = {"tokens": Decimal(0), "usd": Decimal(0)}

    def live(self, index: int) -> Node:
        nodes = [node for node in self.nodes if node.handle is not None]
        return nodes[index % len(nodes)]

    def holding(self, index: int) -> tuple[Node, Hold]:
        holds = [(node, hold) for node in self.nodes for hold in node.holds]
        return holds[index % len(holds)]

    def has_live(self) -> bool:
        return any(node.handle is not None for node in self.nodes)

    def has_holds(self) -> bool:
        return any(node.holds for node in self.nodes)

    def part(self, parent: Node, handle: Any, amounts: Amounts) -> None:
        part = Node(handle, dict(amounts), parent)
        parent.add(parent.left, amounts, -1)
        parent.parts.append(part)
        self.nodes.append(part)

    @contextmanager
    def refusing(self, node: Node, amounts: Amounts) -> Iterator[None]:
        """A refusal is right exactly when there is not enough, or no such unit."""
        right = any(amount > node.left.get(unit, Decimal(-1)) for unit, amount in amounts.items())
        try:
            yield
        except BudgetError as error:
            assert right, error
            if isinstance(error, BudgetExceeded):
                assert error.left == max(node.left[error.unit], 0)
        else:
            assert not right

    @initialize(tokens=st.integers(0, 300), usd=st.none() | MONEY)
    def first(self, tokens: int, usd: Decimal | None) -> None:
        self.mint(tokens, usd)

    @rule(tokens=st.none() | st.integers(0, 300), usd=st.none() | MONEY)
    def mint(self, tokens: int | None, usd: Decimal | None) -> None:
        amounts = asked(tokens, usd)
        if not amounts or len([node for node in self.nodes if node.handle is not None]) > 8:
            return
        self.nodes.append(Node(Budget(tokens, usd=usd), dict(amounts)))
        self.nodes[-1].add(self.minted, amounts)

    @precondition(has_live)
    @rule(index=SMALL, tokens=st.none() | SMALL, usd=st.none() | MONEY)
    def spend(self, index: int, tokens: int | None, usd: Decimal | None) -> None:
        node, amounts = self.live(index), asked(tokens, usd)
        if not amounts:
            return
        with self.refusing(node, amounts):
            node.handle.spend(tokens, usd=usd)
            node.add(node.left, amounts, -1)
            node.add(node.spent, amounts)

    @precondition(has_live)
    @rule(index=SMALL, tokens=st.none() | SMALL, usd=st.none() | MONEY, name=st.sampled_from([None, "a", "b"]))
    def split(self, index: int, tokens: int | None, usd: Decimal | None, name: str | None) -> None:
        node, amounts = self.live(index), asked(tokens, usd)
        if not amounts:
            return
        with self.refusing(node, amounts):
            self.part(node, node.handle.split(tokens, usd=usd, name=name), amounts)

    @precondition(has_live)
    @rule(index=SMALL, tokens=SMALL)
    def split_off(self, index: int, tokens: int) -> None:
        node, amounts = self.live(index), asked(tokens, None)
        with self.refusing(node, amounts):
            part, node.handle = node.handle.split_off(tokens)
            self.part(node, part, amounts)

    @precondition(has_live)
    @rule(index=SMALL, weights=st.lists(st.integers(1, 9), min_size=1, max_size=4), evenly=st.booleans())
    def divide(self, index: int, weights: list[int], evenly: bool) -> None:
        node = self.live(index)
        try:
            parts = node.handle.split_evenly(len(weights)) if evenly else node.handle.split_by(weights)
        except BudgetExceeded as error:
            assert node.left[error.unit] < sum(weights), "only a small amount has an empty part"
            return
        for part in parts:
            self.part(node, part, {unit: read(part, "remaining", unit) for unit in node.units})
            assert all(amount > 0 for amount in node.parts[-1].left.values())
        assert not any(node.left.values()), "all of it was handed out"

    @precondition(has_live)
    @rule(index=SMALL, other=SMALL)
    def merge(self, index: int, other: int) -> None:
        into, gone = self.live(index), self.live(other)
        if into is gone:
            with pytest.raises(BudgetError):
                into.handle.merge(gone.handle)
            return
        if not set(gone.units) <= set(into.units):
            with pytest.raises(BudgetError):
                into.handle.merge(gone.handle)
            return
        into.handle.merge(gone.handle)
        gone.handle = None
        if into.is_below(gone):
            assert into.parent is not None
            into.parent.parts.remove(into)
            into.parent = gone.parent
            if gone.parent is not None:
                gone.parent.parts.append(into)
        if gone.parent is not None:
            gone.parent.parts.remove(gone)
        self.nodes.remove(gone)
        into.add(into.left, gone.left)
        into.add(into.spent, gone.spent)
        into.holds += gone.holds
        into.parts += gone.parts
        for part in gone.parts:
            part.parent = into

    @precondition(has_live)
    @rule(index=SMALL)
    def hand_over(self, index: int) -> None:
        node = self.live(index)
        before, node.handle = node.handle, move(node.handle)
        with pytest.raises(BudgetMoved):
            before.spend(0)

    @precondition(has_live)
    @rule(index=SMALL)
    def share(self, index: int) -> None:
        node = self.live(index)
        pool = BudgetPool(node.handle)
        with pytest.raises(BudgetMoved):
            node.handle.spend(0)
        node.handle = pool.into_budget()

    @precondition(has_live)
    @rule(index=SMALL)
    def close(self, index: int) -> None:
        node = self.live(index)
        if node.holds:
            with pytest.raises(BudgetError):
                node.handle.close()
            return
        receipt, node.handle = node.handle.close(), None
        self.check_receipt(node, receipt)

    @precondition(has_live)
    @rule(index=SMALL)
    def export(self, index: int) -> None:
        node = self.live(index)
        if node.holds:
            return
        token = node.handle.export()
        sent = {unit: max(amount, Decimal(0)) for unit, amount in node.left.items()}
        node.add(node.left, sent, -1)
        node.add(node.sent_away, sent)
        node.handle = None
        redeemed = Node(Budget.redeem(token), sent)
        redeemed.add(self.minted, sent)
        self.nodes.append(redeemed)

    @precondition(has_live)
    @rule(index=SMALL, tokens=st.none() | SMALL, usd=st.none() | MONEY, overrun=st.sampled_from(["take", "raise"]))
    def reserve(self, index: int, tokens: int | None, usd: Decimal | None, overrun: Any) -> None:
        node, amounts = self.live(index), asked(tokens, usd)
        if not amounts:
            return
        with self.refusing(node, amounts):
            node.holds.append(Hold(node.handle.reserve(tokens, usd=usd, overrun=overrun), amounts))
            node.add(node.left, amounts, -1)

    @precondition(has_holds)
    @rule(index=SMALL, actual=st.integers(0, 80))
    def commit(self, index: int, actual: int) -> None:
        node, hold = self.holding(index)
        if "tokens" not in node.units:
            return
        used = {**hold.amounts, "tokens": Decimal(actual)}
        node.holds.remove(hold)
        node.add(node.left, hold.amounts)
        node.add(node.left, used, -1)
        node.add(node.spent, used)
        try:
            hold.handle.commit(actual)
        except BudgetOverrun as error:
            assert actual > hold.amounts.get("tokens", 0) or node.left[error.unit] < 0
            assert error.left == node.left[error.unit]
        else:
            assert actual <= hold.amounts.get("tokens", 0) or node.left["tokens"] >= 0
        with pytest.raises(BudgetMoved):
            hold.handle.release()

    @precondition(has_holds)
    @rule(index=SMALL, sent=st.booleans(), error=st.sampled_from([None, KeyError, asyncio.CancelledError]))
    def leave_block(self, index: int, sent: bool, error: type[BaseException] | None) -> None:
        node, hold = self.holding(index)
        node.holds.remove(hold)
        node.add(node.spent if sent else node.left, hold.amounts)
        try:
            with hold.handle as call:
                if sent:
                    call.sent()
                if error is not None:
                    raise error
        except (KeyError, asyncio.CancelledError):
            pass

    @precondition(has_holds)
    @rule(index=SMALL)
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    def drop(self, index: int) -> None:
        """Nobody has the reservation any more: it is forfeited, and shows as held until somebody asks for the end."""
        node, hold = self.holding(index)
        if node.handle is None:
            return
        node.holds.remove(hold)
        with pytest.warns(ResourceWarning):
            hold.handle = None
        node.handle._account._forfeit_abandoned()
        node.add(node.spent, hold.amounts)

    @invariant()
    def books_agree(self) -> None:
        type(self).steps += 1
        with localcontext() as context:
            context.prec = 60
            for node in self.nodes:
                if node.handle is not None:
                    self.check(node)
            for unit, minted in self.minted.items():
                assert sum(node.cap(unit) for node in self.nodes if node.parent is None) == minted

    def check(self, node: Node) -> None:
        # The program's decimal context is its own business.
        with localcontext() as context:
            context.prec = 2
            receipt = node.handle.receipt()
        self.check_receipt(node, receipt)

    def check_receipt(self, node: Node, receipt: Receipt) -> None:
        with localcontext() as context:
            context.prec = 60
            for unit in node.units:
                column = {name: Decimal(getattr(getattr(receipt, name), unit)) for name in FOUR}
                assert column["cap"] == column["spent"] + column["left"] + column["held"] + column["away"]
                assert column["cap"] == node.cap(unit)
                assert column["left"] == node.left[unit]
                assert column["held"] == node.held(unit)
                assert column["spent"] == node.spent.get(unit, 0)
            if node.handle is not None:
                for unit in node.units:
                    assert read(node.handle, "remaining", unit) == node.left[unit]
                    assert read(node.handle, "spent", unit) == node.spent.get(unit, 0)
                    assert read(node.handle, "cap", unit) == node.cap(unit)


FOUR = ("cap", "spent", "left", "held", "away")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_conservation() -> None:
    Books.steps = 0
    run = Books.TestCase
    run.settings = settings(
        max_examples=180,
        stateful_step_count=80,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run("runTest").runTest()
    assert Books.steps >= STEPS


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns as often as the interpreter can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def misuse(budgets: list[Any], rounds: int, seed: int, billed: list[int]) -> None:
    """One thread that does anything to budgets that others use too, and knows what was billed to it."""
    chance = random.Random(seed)
    bill = 0
    for _ in range(rounds):
        index = chance.randrange(len(budgets))
        budget = budgets[index]
        try:
            match chance.randrange(6):
                case 0 | 1:
                    amount = chance.randrange(4)
                    budget.spend(amount)
                    bill += amount
                case 2:
                    part = budget.split(chance.randrange(30))
                    part.spend(1)
                    bill += 1
                    chance.choice(budgets).merge(part)
                case 3:
                    call = budget.reserve(5)
                    call.sent()
                    call.commit(3)
                    bill += 3
                case 4 if index:
                    budgets[index] = move(budget)
                case _:
                    with budget.reserve(chance.randrange(10)):
                        pass
        except BudgetExceeded:
            pass
        except BudgetMoved:
            # Somebody else was faster. The first one is nobody's to move.
            budgets[index] = budgets[0].split(20)
    billed.append(bill)


def test_conservation_between_threads(eager_threads: None) -> None:
    root: Any = Budget(50_000)
    books = root._account
    budgets = [root, *(root.split(2_000) for _ in range(6))]
    billed: list[int] = []
    threads = [threading.Thread(target=misuse, args=(budgets, 1_500, seed, billed)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(billed) == len(threads)
    receipt: Receipt = books.receipt()
    check_tree(receipt)
    assert (receipt.cap.tokens, receipt.held.tokens) == (50_000, 0)
    assert receipt.total_spent.tokens == sum(billed) > 1_000


def check_tree(receipt: Receipt) -> None:
    """Every line keeps the law, and what is away is what the parts that are out answer for."""
    line = {name: getattr(receipt, name).tokens for name in FOUR}
    assert line["cap"] == line["spent"] + line["left"] + line["held"] + line["away"]
    assert line["left"] >= 0
    assert line["away"] == sum(part.cap.tokens or 0 for part in receipt.parts if part.status != "merged")
    for part in receipt.parts:
        check_tree(part)


def test_pool_is_never_overdrawn_by_tasks() -> None:
    """Check, await, record: with a pool the check and the record are one step."""

    async def child(pool: BudgetPool, chance: random.Random) -> int:
        try:
            async with pool.reserve(30) as call:
                call.sent()
                for _ in range(chance.randrange(5)):
                    await asyncio.sleep(0)
                used = chance.randrange(20, 31)
                call.commit(used)
                return used
        except BudgetExceeded:
            return 0

    async def team(pool: BudgetPool, seed: int) -> list[int]:
        return await asyncio.gather(*(child(pool, random.Random(seed * 100 + index)) for index in range(8)))

    for seed in range(50):
        pool = BudgetPool(Budget(100))
        used = asyncio.run(team(pool, seed))
        assert sum(used) == pool.spent <= 100
        assert pool.remaining == 100 - sum(used)


def test_pool_is_never_overdrawn_by_threads(eager_threads: None) -> None:
    pool = BudgetPool(Budget(1_000))
    used: list[int] = []

    def child(seed: int) -> None:
        chance = random.Random(seed)
        while True:
            try:
                with pool.reserve(10) as call:
                    call.sent()
                    amount = chance.randrange(1, 11)
                    call.commit(amount)
                    used.append(amount)
            except BudgetExceeded:
                return

    threads = [threading.Thread(target=child, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(used) == pool.spent <= 1_000
    assert pool.remaining < 10, "each went on until nothing could be reserved"


def interrupted(operation: Callable[[], object], after: int) -> bool:
    """Run an operation with KeyboardInterrupt raised before its n-th line; whether it was interrupted.

    Lines with a `with` are left out: on the way out of the block Python delivers no signal before the lock is released,
    while a tracer gets there.
    """
    count = 0

    def tracer(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith(("account.py", "budget.py", "hold.py", "reservation.py")):
            return None
        if event == "line" and "with " not in linecache.getline(frame.f_code.co_filename, frame.f_lineno):
            count += 1
            if count == after:
                raise KeyboardInterrupt
        return tracer

    sys.settrace(tracer)
    try:
        operation()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


OPERATIONS: dict[str, Callable[[Any, Any, Any], object]] = {
    "spend": lambda budget, part, call: budget.spend(10),
    "spend both": lambda budget, part, call: budget.spend(10, usd="0.10"),
    "split": lambda budget, part, call: budget.split(10),
    "split_evenly": lambda budget, part, call: budget.split_evenly(3),
    "reserve": lambda budget, part, call: budget.reserve(10),
    "commit": lambda budget, part, call: call.commit(5),
    "release": lambda budget, part, call: call.release(),
    "merge": lambda budget, part, call: budget.merge(part),
    "merge upwards": lambda budget, part, call: part.merge(budget),
    "export": lambda budget, part, call: part.export(),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_interrupt_between_two_lines_never_doubles(name: str) -> None:
    """Ctrl-C may lose an allowance; what can still be spent is never more than before."""
    lines = 0
    while True:
        budget: Any = Budget(100, usd=1)
        part: Any = budget.split(40, usd="0.40")
        call: Any = budget.reserve(20)
        accounts = budget._account, part._account
        lines += 1
        was_interrupted = interrupted(lambda: OPERATIONS[name](budget, part, call), lines)  # noqa: B023
        live = [account for account in accounts if account.ended is None]
        tokens = sum(account.pots["tokens"].left + account.pots["tokens"].held for account in live)
        assert tokens <= 100
        assert all(account.pots["tokens"].spent >= 0 for account in accounts)
        if not was_interrupted:
            break
    assert lines > 3, "it was interrupted at each of its lines"
