"""A type may name another twice, which names another twice: each is looked through once, however often it is named."""

from __future__ import annotations

from pathlib import Path

import mypy.version
import pytest
from expectations import difference, expected, run_mypy

MYPY = tuple(map(int, mypy.version.__version__.split(".")[:2]))
DEPTH = 25

SEND = """\
def send(request: Part25, budget: Budget) -> None:
    print(request, budget.remaining)


def wrong(request: Part25, budget: Budget) -> None:
    send(request, budget)
    send(request, budget)  # E: use-after-move


def right(request: Part25, budget: Budget) -> None:
    send(request, budget.split(10))
    send(request, budget)


async def answer(budget: Budget) -> Part25:
    return [] if budget.remaining else {}


def passed_on(request: Part25) -> Part25:
    return request


async def answered(budget: Budget) -> None:
    request = await answer(budget)
    print(passed_on(request), [passed_on(one) for one in (request, request)])
    await answer(budget)  # E: use-after-move
"""


@pytest.mark.skipif(MYPY < (2, 4), reason="mypy itself looks through each as often as it is named")
def test_types_that_name_each_other_twice(tmp_path: Path) -> None:
    aliases = [f"Part{n}: TypeAlias = list[Part{n - 1}] | dict[str, Part{n - 1}]\n" for n in range(1, DEPTH + 1)]
    imports = "from typing import TypeAlias\n\nfrom budget_types import Budget\n\n"
    source = "".join([imports, "Part0: TypeAlias = int | str\n", *aliases, "\n\n", SEND])
    (tmp_path / "parts.py").write_text(source, encoding="utf-8")
    found = run_mypy(tmp_path, [Path("parts.py")], tmp_path)
    assert difference(source, expected(source), found["parts.py"]) == ""
