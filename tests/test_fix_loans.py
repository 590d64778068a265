"""What the fixer lends, or gives one owner: parameters, second names, defaults, fields, and reservations in blocks."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixing import mended, program

from mypy_plugin.fix.engine import mend

pytestmark = pytest.mark.xdist_group("fix")


# Parameters


def test_a_function_that_does_nothing_yet_is_not_taken_to_only_look(tmp_path: Path) -> None:
    source = """\
from asyncio import gather
from budget_types import Budget
async def planned(topic: str, budget: Budget) -> str:
    raise NotImplementedError
async def shown(topic: str, budget: Budget) -> str:
    return f"{topic}, {budget.remaining} left"
async def fan_out(topics: list[str], budget: Budget, other: Budget) -> None:
    await gather(*[planned(topic, budget) for topic in topics])
    await gather(*[shown(topic, other) for topic in topics])
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "def planned(topic: str, budget: Budget)" in after
    assert "    parts = budget.split_evenly(len(topics)) if topics else []\n" in after
    assert "def shown(topic: str, budget: Shared[Budget])" in after


def test_who_calls_a_method_of_a_part_does_more_than_look(tmp_path: Path) -> None:
    source = """\
from asyncio import gather
from typing import NamedTuple
from budget_types import Borrowed, Budget
class Job(NamedTuple):
    topic: str
    budget: Budget
async def work(job: Borrowed[Job]) -> None:
    job.budget.spend(len(job.topic))
async def shown(job: Borrowed[Job]) -> str:
    return f"{job.topic}, {job.budget.remaining} left"
async def twice(job: Job) -> None:
    await gather(work(job), work(job))
    await gather(shown(job), shown(job))
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "def work(job: Borrowed[Job])" in after
    assert "def shown(job: Shared[Job])" in after


def test_what_is_lent_in_the_end_is_not_split(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def ask(prompt: str, budget: Budget) -> str:
    budget.spend(len(prompt))
    return prompt
def answer(prompt: str, budget: Budget) -> str:
    for _ in range(3):
        try:
            return ask(prompt, budget)
        except TimeoutError:
            print("again")
    return ""
def patiently(prompt: str, budget: Budget) -> str:
    while True:
        try:
            return ask(prompt, budget)
        except TimeoutError:
            print("again")
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert after == source.replace("import Budget", "import Borrowed, Budget").replace(
        "ask(prompt: str, budget: Budget)", "ask(prompt: str, budget: Borrowed[Budget])"
    )


def test_who_hands_out_all_of_it_is_lent_nothing(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def give(budgets: list[Budget]) -> None:
    KEPT.extend(budgets)
def shared(budget: Budget) -> None:
    give(budget.split_evenly(2))
def shown(budget: Budget) -> int:
    shared(budget)
    return budget.remaining
"""
    with program(tmp_path, {"main.py": source}) as found:
        assert [error.code for error in found.errors] == ["use-after-move"]
        assert mend(found) == []


def test_a_loan_is_declared_only_where_it_says_something(tmp_path: Path) -> None:
    source = """\
from typing import TypeVar, overload
from budget_types import Borrowed, Budget, Owned
T = TypeVar("T")
Gift = Owned[Budget]
def accept(budget: Gift) -> int: return budget.remaining
def twice(budget: Budget) -> int:
    return accept(budget) + accept(budget)
class Tool:
    def use(self, budget: Borrowed[Budget]) -> object: ...
class Same(Tool):
    def use(self, budget: T) -> T: return budget
class Many:
    @overload
    def use(self, budget: Budget) -> int: ...
    @overload
    def use(self, budget: int) -> str: ...
    def use(self, budget: Budget | int) -> int | str: return 1
def use(many: Many, budget: Budget) -> int:
    return many.use(budget) + budget.remaining
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "def accept(budget: Gift)" in after
    assert "accept(first) + accept(second)" in after
    assert "def use(self, budget: T) -> T: return budget" in after
    assert "def use(self, budget: Borrowed[Budget]) -> int: ..." in after
    assert "def use(self, budget: int) -> str: ..." in after
    assert "def use(self, budget: Borrowed[Budget | int])" in after


# Second names

TWO_NAMES = """\
from budget_types import Budget, affine

@affine
class Agent:
    def __init__(self, budget: Budget, strict: bool) -> None:
        self._budget: Budget = budget
        if strict:
            assert budget.remaining > 0  # enough
        self.strict = strict
        self.cap = budget.remaining

    def ask(self, strict: bool) -> int:
        budget = self._budget  # type: ignore[misc]  # what is left
        for _ in range(3):
            budget.spend(1)
        return self._budget.remaining

    def typed(self):
        # type: () -> int
        budget = self._budget  # type: Budget
        return budget.remaining
"""
FIELDS_THAT_CHANGE = """\
from collections.abc import Awaitable
from budget_types import Borrowed, Budget, affine

@affine
class Agent:
    def __init__(self, budget: Budget, strict: bool) -> None:
        self.budget = budget
        self.refill()
        print(budget.remaining)

    def refill(self) -> None:
        self.budget = Budget(3)

class Waits:
    budget: Budget

    async def start(self, budget: Budget, others: Awaitable[None]) -> int:
        self.budget = budget
        await others
        return budget.remaining

def refill(agent: Borrowed[Agent]) -> None:
    agent.refill()

class GivenAway(Agent):
    def start(self, budget: Budget) -> int:
        self.budget = budget
        refill(self)
        return budget.remaining

class Perhaps(Agent):
    def start(self, budget: Budget, strict: bool) -> int:
        if strict:
            self.budget = budget
        return budget.remaining

class Property:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        print(budget.remaining)

    @property
    def budget(self) -> Budget:
        return Budget(1)

    @budget.setter
    def budget(self, value: Budget) -> None:
        self.kept = value
"""


def test_a_second_name_goes_with_what_is_said_of_it_to_tools(tmp_path: Path) -> None:
    wanted = TWO_NAMES.replace("        budget = self._budget  # type: ignore[misc]  # what", "        # what")
    wanted = wanted.replace("        budget = self._budget  # type: Budget\n", "")
    for used in ("budget.remaining", "budget.spend"):
        wanted = wanted.replace(f" {used}", f" self._{used}")
    files = {"main.py": TWO_NAMES, "windows.py": TWO_NAMES.replace("\n", "\r\n")}
    assert mended(tmp_path, files) == {"main.py": wanted.encode(), "windows.py": wanted.replace("\n", "\r\n").encode()}


def test_a_field_that_may_change_is_not_taken_for_what_it_was_given(tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": FIELDS_THAT_CHANGE}) as found:
        assert [error.line for error in found.errors] == [9, 20, 29, 35, 40]
        assert mend(found) == []


def test_a_second_name_of_a_field_that_may_change_borrows(tmp_path: Path) -> None:
    """Of the value that it had: another one may be there by then."""
    source = """\
import budget_types as bt

@bt.affine
class Agent:
    def __init__(self, budget: bt.Budget) -> None:
        self.budget = budget

    def refill(self) -> None:
        self.budget = bt.Budget(3)

    def ask(self) -> int:
        before = self.budget
        self.refill()
        return before.remaining
"""
    wanted = source.replace("before = ", "before: bt.Borrowed[bt.Budget] = ")
    assert mended(tmp_path, {"main.py": source}) == {"main.py": wanted.encode()}


def test_a_round_that_reads_what_the_last_one_left_keeps_its_name(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def last_of(counts: list[int], view: Budget) -> int:
    total = 0
    for count in counts:
        budget = Budget(count)
        if total:
            total += earlier.remaining
        earlier = budget
        total += budget.remaining
    return total
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "total += earlier.remaining" in after


# Defaults


def test_a_default_is_made_above_what_the_function_says_of_its_first_statement(tmp_path: Path) -> None:
    source = """\
import budget_types as bt

def ask(prompt: str, budget: bt.Budget = bt.Budget(10)) -> int:
    # Each word costs one.
    # Or so.
    return budget.remaining - len(prompt.split())

def shorter(prompt: str, budget: bt.Budget = bt.Budget(10)) -> int:
    '''Ask.
    # No comment.'''
    # Each word costs one.
    return budget.remaining - len(prompt.split())

class Agent:
    budget = bt.Budget(3)"""
    made = "    if budget is None:\n        budget = bt.Budget(10)\n"
    wanted = source.replace("bt.Budget = bt.Budget(10)", "bt.Budget | None = None")
    wanted = wanted.replace("    # Each", f"{made}    # Each").replace(
        "    budget = bt.Budget(3)", "    budget: bt.Budget"
    )
    wanted += "\n\n    def __init__(self) -> None:\n        self.budget = bt.Budget(3)"
    assert mended(tmp_path, {"main.py": source}) == {"main.py": wanted.encode()}


def test_defaults_are_made_in_their_order(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def ask(first: Budget = Budget(1), *, second: Budget = Budget(2), third: "Budget" = Budget(3)) -> int:
    # What is left.
    return first.remaining + second.remaining + third.remaining
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    made = [
        f"    if {name} is None:\n        {name} = Budget({n})\n"
        for n, name in enumerate(("first", "second", "third"), 1)
    ]
    assert "".join(made) + "    # What is left.\n    return" in after


def test_a_default_that_reads_otherwise_in_the_function_stays(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
CAP = 10
def given(CAP: int, budget: Budget = Budget(CAP)) -> int:
    return budget.remaining + CAP
def bound(budget: Budget = Budget(CAP)) -> int:
    CAP = budget.remaining
    return CAP
def read(budget: Budget = Budget(CAP)) -> int:
    return budget.remaining + CAP
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert after.count("if budget is None:") == 1
    assert "def read(budget: Budget | None = None) -> int:\n    if budget is None:" in after


def test_an_heir_that_does_not_call_init_keeps_its_field(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget, affine
@affine
class Base:
    budget = Budget(10)
    def __init__(self) -> None:
        self.calls = 0
class Between(Base): ...
class Heir(Between):
    def __init__(self) -> None:
        {}
"""
    for call, made in (("self.calls = 1", 0), ("super().__init__()", 1), ("Base.__init__(self)", 1)):
        text = source.format(call)
        after = mended(tmp_path, {"main.py": text})["main.py"].decode()
        assert after.count("self.budget = Budget(10)") == made


def test_a_field_that_is_read_from_the_class_stays(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget, affine
@affine
class Agent:
    budget = Budget(10)
    @classmethod
    def left(cls) -> int:
        return cls.budget.remaining
@affine
class Other:
    budget = Budget(10)
class Heir(Other): ...
print(Heir.budget.remaining)
"""
    assert mended(tmp_path, {"main.py": source}) == {"main.py": source.encode()}


# A reservation in a block

HELD = """\
from collections.abc import Callable, Iterator
from budget_types import Borrowed, Budget, Reservation
def ask() -> int: return 1
"""


def test_a_block_keeps_its_text(tmp_path: Path) -> None:
    """Comments further to the left, the lines of strings, lines that go on, and what comes after the last use."""
    source = (
        HELD
        + """\
def f(b: Borrowed[Budget], log: list[str]) -> None:
\ttry:
\t\tcall = b.reserve( 5 ) # five

# a thought
\t\tlog.append('''one
two''')
\t\tused = (ask() +
ask())
\t\tcall.commit(used)

\t\tlog.append("done")
\tfinally:
\t\tlog.append("end")
"""
    )
    wanted = (
        source.replace("call = b.reserve( 5 ) # five\n", "with b.reserve( 5 ) as call: # five\n\t\t\tcall.sent()\n")
        .replace("# a thought", "\t# a thought")
        .replace("\t\tlog.append('", "\t\t\tlog.append('")
        .replace("\t\tused", "\t\t\tused")
        .replace("\nask())", "\n\task())")
        .replace("\t\tcall.commit", "\t\t\tcall.commit")
    )
    assert mended(tmp_path, {"main.py": source}) == {"main.py": wanted.encode()}


@pytest.mark.parametrize(
    "body",
    [
        "def f(b: Borrowed[Budget]) -> None:\n    call = b.reserve(1)\n    print(call.tokens)\n",
        "def f(b: Borrowed[Budget]) -> Iterator[int]:\n    call = b.reserve(1)\n    yield 1\n    call.commit(1)\n",
        "def f(b: Borrowed[Budget]) -> None:\n    try:\n        call = b.reserve(1)\n    finally:\n        ask()\n"
        "    call.commit(1)\n",
        "def f(b: Borrowed[Budget]) -> None:\n    call = b.reserve(1)\n    if ask():\n        call.commit(1)\n"
        "        call = b.reserve(2)\n    call.release()\n    ask()\n    call = b.reserve(3)\n",
        "def f(b: Borrowed[Budget]) -> None:\n    call = b.reserve(1); used = ask(); call.commit(used)\n",
        "def f(make: Callable[[], Reservation | None]) -> None:\n    call = make()\n    if ask() and call:\n"
        "        call.commit(1)\n",
    ],
)
def test_what_no_block_can_hold(body: str, tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": HELD + body}) as found:
        assert "budget-dropped" in {each.code for each in found.errors}
        assert mend(found) == []
