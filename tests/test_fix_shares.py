"""What the fixer splits between a known number of owners: in branches, around a `try`, and in what keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixing import mended, program

from mypy_plugin.fix.engine import mend

pytestmark = pytest.mark.xdist_group("fix")

HEAD = """\
from budget_types import Budget, affine

KEPT: list[Budget] = []

def keep(name: str, budget: Budget) -> str:
    KEPT.append(budget)
    return name

def show(budget: Budget) -> None:
    print(budget.remaining)

@affine
class Child:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget

"""

BEFORE = """\
def in_either_branch(budget: Budget, deep: int) -> str:
    if deep > 1:
        # Both of them.
        notes = keep("more", budget)
    elif deep:
        notes = keep("deep", budget)
    else:
        notes = keep("quick", budget)
    return notes + keep("summary", budget)

def at_the_end(budget: Budget) -> str:
    try:
        return keep("work", budget)
    finally:
        keep("report", budget)

def then_more(budget: Budget) -> str:
    try:
        notes = keep("tea", budget)
    except (OSError, ValueError):
        notes = keep("tea, in short", budget)
    return notes + keep("summary", budget)

def either_way(budget: Budget) -> str:
    try:
        keep("first", budget)
    except ValueError:
        return keep("again", budget)
    else:
        return keep("done", budget)

def kept(budget: Budget) -> dict[str, Budget]:
    budgets: dict[str, Budget] = {"planner": budget, "writer": budget}
    budgets["critic"] = budget
    return budgets

def or_an_apology(budget: Budget) -> str:
    plan = keep("plan", budget)
    if not plan:
        # It is over.
        return keep("apology", budget)
    return keep("notes", budget)

def each_case(budget: Budget, mode: str) -> str:
    match mode:
        case "deep":
            notes = keep("deep", budget)
        case _:
            notes = keep("quick", budget)
    if not notes:
        return keep("apology", budget)
    return keep("summary", budget)

@affine
class Parent:
    def __init__(self, name: str, budget: Budget) -> None:
        self.name = name
        self.budget = budget
        self.planner = Child(budget)
        self.writer = Child(budget)

    def again(self, budget: Budget) -> None:
        self.planner.budget = budget
        self.writer.budget = budget
"""

AFTER = """\
def in_either_branch(budget: Budget, deep: int) -> str:
    first, second = budget.split_evenly(2)
    if deep > 1:
        # Both of them.
        notes = keep("more", first)
    elif deep:
        notes = keep("deep", first)
    else:
        notes = keep("quick", first)
    return notes + keep("summary", second)

def at_the_end(budget: Budget) -> str:
    first, second = budget.split_evenly(2)
    try:
        return keep("work", first)
    finally:
        keep("report", second)

def then_more(budget: Budget) -> str:
    first, second, third = budget.split_evenly(3)
    try:
        notes = keep("tea", first)
    except (OSError, ValueError):
        notes = keep("tea, in short", second)
    return notes + keep("summary", third)

def either_way(budget: Budget) -> str:
    first, second = budget.split_evenly(2)
    try:
        keep("first", first)
    except ValueError:
        return keep("again", second)
    else:
        return keep("done", second)

def kept(budget: Budget) -> dict[str, Budget]:
    first, second, third = budget.split_evenly(3)
    budgets: dict[str, Budget] = {"planner": first, "writer": second}
    budgets["critic"] = third
    return budgets

def or_an_apology(budget: Budget) -> str:
    first, second = budget.split_evenly(2)
    plan = keep("plan", first)
    if not plan:
        # It is over.
        return keep("apology", second)
    return keep("notes", second)

def each_case(budget: Budget, mode: str) -> str:
    first, second = budget.split_evenly(2)
    match mode:
        case "deep":
            notes = keep("deep", first)
        case _:
            notes = keep("quick", first)
    if not notes:
        return keep("apology", second)
    return keep("summary", second)

@affine
class Parent:
    def __init__(self, name: str, budget: Budget) -> None:
        self.name = name
        first, second, third = budget.split_evenly(3)
        self.budget = first
        self.planner = Child(second)
        self.writer = Child(third)

    def again(self, budget: Budget) -> None:
        first, second = budget.split_evenly(2)
        self.planner.budget = first
        self.writer.budget = second
"""


def test_each_owner_has_a_part(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": HEAD + BEFORE})["main.py"].decode()
    assert made == HEAD + AFTER


LEFT_ALONE = """\
def in_one_branch_only(budget: Budget, deep: bool) -> None:
    if deep:
        keep("deep", budget)
    keep("summary", budget)

def more_in_one_branch(budget: Budget, deep: bool) -> None:
    if deep:
        keep("deep", budget)
        keep("deeper", budget)
    else:
        keep("quick", budget)
    keep("summary", budget)

def in_the_last_one_only(budget: Budget, deep: int) -> None:
    if deep > 1:
        keep("more", budget)
    elif deep:
        keep("deep", budget)
    keep("summary", budget)

def if_nothing_is_raised(budget: Budget) -> None:
    try:
        keep("first", budget)
    except ValueError:
        print("no")
    else:
        keep("done", budget)

def twice_in_the_attempt(budget: Budget) -> None:
    try:
        keep("first", budget) + keep("second", budget)
    except ValueError:
        keep("again", budget)

def what_is_left_is_shown(budget: Budget) -> None:
    keep("all", budget)
    show(budget)

def in_some_cases(budget: Budget, mode: str) -> None:
    match mode:
        case "deep":
            keep("deep", budget)
        case "quick":
            keep("quick", budget)
    keep("summary", budget)

def nothing_for_one_way(budget: Budget) -> str:
    plan = keep("plan", budget)
    if not plan:
        return keep("apology", budget)
    return plan

def asked_in_a_pattern(budget: Budget) -> str:
    keep("plan", budget)
    match keep("mode", budget):
        case "deep":
            return "deep"
        case _:
            return "quick"

@affine
class Grown(Child):
    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.budget = budget

def a_second_name(budget: Budget) -> tuple[Budget, int]:
    other = budget
    return other, budget.remaining
"""


def test_a_part_that_may_stay_unused_is_not_split_off(tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": HEAD + LEFT_ALONE}) as found:
        functions = LEFT_ALONE.count("def ")
        assert len(found.errors) >= functions
        made = mend(found)
        assert [each.error.line for each in made] == []
