"""The right programs of `fixtures/rules/budget_api.py` run, and the wrong ones raise at run time, too."""

from __future__ import annotations

import asyncio
import inspect
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from budget_types import Budget, BudgetMoved

PROGRAMS: dict[str, Callable[..., object]] = {
    name: function
    for name, function in runpy.run_path(str(Path(__file__).parents[1] / "fixtures/rules/budget_api.py")).items()
    if name.startswith(("right_", "wrong_"))
}
ARGUMENTS: dict[str, Callable[[], object]] = {
    "budget": lambda: Budget(1_000, usd=1),
    "other": lambda: Budget(10),
    "used": lambda: 5,
    "token": lambda: Budget(5).export(),
}


def run(name: str) -> Any:
    program = PROGRAMS[name]
    result = program(*(ARGUMENTS[parameter]() for parameter in inspect.signature(program).parameters))
    return asyncio.run(result) if inspect.iscoroutine(result) else result


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.startswith("right_")])
def test_right(name: str) -> None:
    run(name)


NOT_SEEN_AT_RUN_TIME = {
    "wrong_close_of_a_loan",  # The caller's budget is gone, and the caller does not use it again.
    "wrong_two_tasks_one_reservation",  # Both enter before one of them settles it.
}


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.startswith("wrong_")])
def test_wrong(name: str) -> None:
    if name in NOT_SEEN_AT_RUN_TIME:
        run(name)
        return
    with pytest.raises(BudgetMoved):
        run(name)
