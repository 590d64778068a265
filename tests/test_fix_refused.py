"""What the fixer does not make: what mypy does not bear out, and what would change the meaning of a program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fixing import TWICE, checked, mended, program

from mypy_plugin.fix import Edit, Proposal
from mypy_plugin.fix.engine import mend
from mypy_plugin.fix.site import Site
from mypy_plugin.fix.table import PROPOSERS
from mypy_plugin.fix.verify import Program

pytestmark = pytest.mark.xdist_group("fix")


# What mypy does not bear out


def _nothing(site: Site) -> Iterator[Proposal]:
    yield Proposal("do nothing", (Edit(site.error.path, (1, 0), (1, 0), ""),))


def _comment(site: Site) -> Iterator[Proposal]:
    yield Proposal("move the error down", (Edit(site.error.path, (1, 0), (1, 0), "#\n#\n"),))


def _syntax(site: Site) -> Iterator[Proposal]:
    yield Proposal("break the syntax", (Edit(site.error.path, (1, 0), (1, 0), "("),))


def _another(site: Site) -> Iterator[Proposal]:
    line = site.error.line
    yield Proposal("put a type error there", (Edit(site.error.path, (line, 11), (line + 1, 0), "''\n"),))


def _elsewhere(site: Site) -> Iterator[Proposal]:
    """Mends it, and takes from another module what that needs."""
    line = site.error.line
    call = Edit(site.error.path, (line, 11), (line + 1, 0), "grab(budget)\n")
    yield Proposal("break another module", (call, Edit(site.error.path, (2, 4), (2, 8), "grab")))


def _outside(site: Site) -> Iterator[Proposal]:
    yield Proposal("change a library", (Edit("/nowhere.py", (1, 0), (1, 0), "#"),))


def _overlapping(site: Site) -> Iterator[Proposal]:
    line = site.error.line
    edit = Edit(site.error.path, (line, 4), (line, 20), "x")
    yield Proposal("overlap", (edit, Edit(site.error.path, (line, 6), (line, 9), "y")))


BAD = (_nothing, _comment, _syntax, _another, _elsewhere, _outside, _overlapping)
OTHER = {"main.py": TWICE, "other.py": "from main import take\n"}


def test_a_bad_proposal_is_not_made(tmp_path: Path) -> None:
    with checked(tmp_path, OTHER) as checker:
        for propose in BAD:
            found = Program(checker, proposers={code: [propose] for code in PROPOSERS})
            before = found.errors
            assert [each.code for each in before] == ["budget-copied"]
            assert mend(found) == [], propose.__name__
            assert found.errors == before
            assert found.texts["main.py"].text == TWICE
        found = Program(checker, proposers={code: [*BAD, *row] for code, row in PROPOSERS.items()})
        assert [each.title for each in mend(found)] == ['split "budget" evenly between the 2 calls']
        assert found.errors == []


def test_a_comment_that_a_rewrite_makes_useless_is_an_error_that_it_brings(tmp_path: Path) -> None:
    """Without the error in `other`, its comment is one too many: mypy would say so, and the rewrite is not made."""
    files = {
        "main.py": """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.remaining
def twice(budget: Budget) -> int:
    kept = take(budget)
    return kept + budget.remaining
""",
        "other.py": """\
from budget_types import Budget
from main import take
def twice(budget: Budget) -> int:
    kept = take(budget)
    return kept + budget.remaining  # type: ignore[use-after-move]
x: int = ""  # type: ignore[assignment]
""",
    }
    with program(tmp_path, files) as found:
        assert [each.code for each in found.errors] == ["use-after-move"]
        assert mend(found) == []
        (error,) = found.errors
        assert error.path == "main.py"


# What would change the meaning

LEFT_ALONE = """\
import asyncio
from collections.abc import Iterator
from typing import Any
from budget_types import Borrowed, Budget

def take(budget: Budget) -> int:
    return budget.close().left.tokens or 0

def looked_at_afterwards(budget: Budget) -> int:
    # What is left would be nothing.
    both = take(budget) + take(budget)
    return both + budget.remaining

def asked_in_the_end(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        total += take(budget)
    else:
        total += budget.remaining
    return total

def nobody_knows_how_often(counts: Iterator[int], budget: Budget) -> int:
    return sum([take(budget) + count for count in counts])

def evaluated_once(budget: Budget) -> int:
    return sum([take(budget) for _ in open("counts")])

def as_long_as_it_takes(budget: Budget) -> None:
    while take(budget) > 3:
        print("again")

def skipped(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        if count < 3:
            continue
        total += take(budget)
    return total

def in_one_branch(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        if count < 3:
            total += 1
        elif count > 5:
            total += take(budget)
    return total

def in_a_part_of_an_expression(counts: list[int], budget: Budget, other: Budget) -> list[int]:
    some = [take(budget) if count else 0 for count in counts]
    return some + [count or take(other) for count in counts]

def filtered_by_who_knows_what(counts: list[int], budget: Budget, other: Budget) -> list[int]:
    some = [take(budget) for count in counts if odd(count)]
    return some + [count for count in counts if odd(count) and take(other)]

def odd(count: int) -> bool:
    return count % 2 == 1

def perhaps_twice(fast: bool, budget: Budget) -> int:
    return take(budget) + (0 if fast else take(budget))

def in_both_branches(fast: bool, budget: Budget) -> int:
    total = 0
    if fast:
        total += take(budget)
    if not fast:
        total += take(budget)
    return total

def given_again(budget: Budget, other: Budget) -> int:
    total = take(budget) + take(budget)
    budget = other
    return total + take(budget)

def anything(value: Any) -> None: ...

def to_anything(budget: Budget) -> int:
    anything(budget)
    return budget.remaining

async def use(budget: Borrowed[Budget]) -> None:
    budget.spend(1)

async def nobody_waits(budget: Borrowed[Budget]) -> None:
    first = asyncio.create_task(use(budget))
    second = asyncio.create_task(use(budget))
    print(first, second)

async def waits_perhaps(budget: Borrowed[Budget]) -> None:
    both = asyncio.gather(use(budget), use(budget))
    if budget.remaining:
        return
    await both

async def looked_at_meanwhile(budget: Borrowed[Budget]) -> int:
    both = asyncio.gather(use(budget), use(budget))
    print(budget.remaining)
    await both
    return budget.remaining

class Team:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    async def others_go_on(self) -> None:
        self.task = asyncio.create_task(use(self.budget))
        await use(self.budget)

def stored(team: Team, budget: Budget) -> int:
    team.budget = budget
    return budget.remaining

KEPT = Budget(1)

def kept_for_all(budget: Budget) -> int:
    global KEPT
    KEPT = budget
    return budget.remaining + KEPT.remaining

def mapped(counts: list[int], more: Iterator[int], budget: Budget, other: Budget, third: Budget) -> list[int]:
    some = list(map(lambda count: take(budget) + count, more))
    some += map(lambda count, much: take(other) + count + much, counts, more)
    return [*some, *map(lambda count: take(third) if count else 0, counts)]

def none_has_a_meaning(budget: Budget | None = Budget(3)) -> bool:
    return budget is None

def merged_twice(total: Budget, budget: Budget) -> None:
    total.merge(budget)
    total.merge(budget)

def merged_in_each_round(counts: list[int], total: Budget, budget: Budget) -> None:
    for _ in counts:
        total.merge(budget)

class Base:
    def __init__(self, name: str) -> None:
        self.name = name

class MadeByItsBase(Base):
    budget: Budget = Budget(4)

class ReadFromTheClass:
    budget: Budget = Budget(5)

print(ReadFromTheClass.budget.remaining)

class ReadInTheClass:
    budget: Budget = Budget(5)
    limit = budget.remaining

class WithAnHeir:
    budget: Budget = Budget(6)

class Heir(WithAnHeir):
    def __init__(self, name: str) -> None:
        self.name = name
"""


def test_what_would_change_the_meaning_is_left_alone(tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": LEFT_ALONE}) as found:
        assert len({error.line for error in found.errors}) >= 25
        assert mend(found) == []


COMES_UPON_IT = """\
from collections.abc import Callable
from budget_types import Borrowed, Budget, affine

KEPT: list[Budget] = []
COMPANY = Budget(100)

def keep(budget: Budget) -> None:
    KEPT.append(budget)

def is_on() -> bool:
    return len(KEPT) < 9

@affine
class Agent:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def twice(self) -> list[Budget]:
        return [self.budget, self.budget]

def a_field(agent: Borrowed[Agent]) -> list[Budget]:
    return [agent.budget, agent.budget]

def all_rounds(budget: Budget) -> None:
    while is_on():
        keep(budget)
        keep(budget)

def some_rounds(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        if topic:
            keep(budget)
            keep(budget)

def captured(budget: Budget) -> None:
    def show() -> None:
        print(budget.remaining)
    keep(budget)
    keep(budget)
    show()

def everybody() -> list[Budget]:
    return [COMPANY, COMPANY]
"""


def test_nobody_comes_upon_what_was_split(tmp_path: Path) -> None:
    """It only lends what it empties, so mypy would say nothing of a next round or an owner that finds nothing left."""
    assert mended(tmp_path, {"main.py": COMES_UPON_IT}) == {"main.py": COMES_UPON_IT.encode()}
