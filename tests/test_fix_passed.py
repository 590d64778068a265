"""What the fixer makes of nested functions that captured a budget and are called more than once."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixing import mended, program

from mypy_plugin.fix.engine import mend

pytestmark = pytest.mark.xdist_group("fix")

HEAD = """\
import asyncio
from collections.abc import Callable
from functools import cache
from budget_types import Budget

KEPT: list[Budget] = []

async def call(prompt: str, budget: Budget) -> str:
    KEPT.append(budget)
    return prompt

"""
BEFORE = """\
async def each(urls: list[str]) -> list[str]:
    budget = Budget(100)

    async def one(
        url: str,
        depth: int,  # not too deep
    ) -> str:
        return await call(url * depth, budget)

    return await asyncio.gather(
        *(
            one(
                url,
                depth=2,  # deep enough
            )
            for url in urls
        )
    )

def started(urls: list[str], budget: Budget) -> list[asyncio.Task[str]]:
    async def one(url: str, *, loud: bool) -> str:
        return await call(url.upper() if loud else url, budget)

    return [asyncio.create_task(one(url, loud=True)) for url in urls]

async def twice(budget: "Budget") -> str:
    async def one() -> str:
        return await call("tea", budget)

    return await one() + await one()
"""
AFTER = """\
async def each(urls: list[str]) -> list[str]:
    budget = Budget(100)

    async def one(
        url: str,
        depth: int,  # not too deep
        budget: Budget,
    ) -> str:
        return await call(url * depth, budget)

    parts = budget.split_evenly(len(urls)) if urls else []
    return await asyncio.gather(
        *(
            one(
                url,
                depth=2,  # deep enough
                budget=part,
            )
            for url, part in zip(urls, parts)
        )
    )

def started(urls: list[str], budget: Budget) -> list[asyncio.Task[str]]:
    async def one(url: str, *, loud: bool, budget: Budget) -> str:
        return await call(url.upper() if loud else url, budget)

    parts = budget.split_evenly(len(urls)) if urls else []
    return [asyncio.create_task(one(url, loud=True, budget=part)) for url, part in zip(urls, parts)]

async def twice(budget: "Budget") -> str:
    async def one(budget: "Budget") -> str:
        return await call("tea", budget)

    first, second = budget.split_evenly(2)
    return await one(first) + await one(second)
"""


def test_it_is_passed_what_it_captured(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": HEAD + BEFORE})["main.py"].decode()
    assert made == HEAD + AFTER


def test_the_parts_are_merged_again_for_an_owner_who_looks(tmp_path: Path) -> None:
    source = """\
import asyncio
from budget_types import Budget
async def call(prompt: str, budget: Budget) -> str:
    budget.spend(len(prompt))
    return prompt
async def each(urls: list[str], budget: Budget) -> int:
    async def one(url: str) -> str:
        return await call(url, budget)
    await asyncio.gather(*[one(url) for url in urls])
    return budget.remaining
"""
    made = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "async def call(prompt: str, budget: Borrowed[Budget])" in made
    assert "    async def one(url: str, budget: Borrowed[Budget]) -> str:\n" in made
    assert "    for part in parts:\n        budget.merge(part)\n    return budget.remaining\n" in made


ONE = """\
async def fan_out(urls: list[str], budget: Budget, wide: bool) -> list[str]:
{}
"""
INNER = "    async def one(url: str) -> str:\n        return await call(url, budget)\n"
GATHER = "    return await asyncio.gather(*[one(url) for url in urls])"
LEFT = {
    "others have it": INNER + "    print(run(one))\n" + GATHER,
    "its last parameter has a default": INNER.replace("url: str)", 'url: str = "")') + GATHER,
    "it takes any number": INNER.replace("url: str)", "url: str, *more: str)") + GATHER,
    "it is decorated": "    @cache\n"
    + INNER.replace("async def", "def").replace("await call(url", "str(call(url").replace("budget)", "budget))")
    + "    return [one(url) for url in urls]",
    "nobody says what it is": "    mine = made(budget)\n" + INNER.replace("budget)", "mine)") + GATHER,
    "it is called with what is in a list": INNER + "    return await asyncio.gather(*[one(*urls) for _ in urls])",
    "a round may not call it": INNER
    + "    tasks = []\n    for url in urls:\n        if wide:\n            tasks.append(one(url))\n"
    + "    return await asyncio.gather(*tasks)",
}
MORE = """\
def run(function: Callable[..., object]) -> int:
    return 1

def made(budget: Budget) -> Budget:
    return budget

"""


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_a_function_stays_where(body: str, tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": HEAD + MORE + ONE.format(body)}) as found:
        assert "budget-copied" in {error.code for error in found.errors}
        assert mend(found) == []
