"""What the fixer splits for `while` loops and loops in each other: a part for each turn, if their number shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixing import mended, program

from mypy_plugin.fix.engine import mend

pytestmark = pytest.mark.xdist_group("fix")

HEAD = """\
from contextlib import suppress
from budget_types import Budget

KEPT: list[Budget] = []

def call(prompt: str, budget: Budget) -> str:
    KEPT.append(budget)
    return prompt

"""
BEFORE = """\
class Client:
    def __init__(self, retries: int) -> None:
        self.retries = retries

    def ask(self, prompt: str, budget: Budget) -> str:
        attempt = 0
        while attempt < self.retries:  # patiently
            attempt += 1
            try:
                return call(prompt, budget)
            except TimeoutError:
                print("again")
                continue
        raise RuntimeError

def counted_down(prompt: str, budget: Budget, retries: int = 3) -> str:
    result = ""
    while retries > 0:
        try:
            result = call(prompt, budget)
            break
        except TimeoutError as error:
            retries -= 1
            print(error)
    return result

def begun(prompt: str, budget: Budget, attempt: int = 0) -> str:
    while attempt < 3:
        try:
            return call(prompt, budget)
        except TimeoutError:
            attempt += 1
        except OSError:
            if attempt:
                raise
            attempt += 1
    return ""

def given_up(prompt: str, budget: Budget, retries: int) -> str:
    attempt = 0
    while True:
        try:
            return call(prompt, budget)
        except TimeoutError:
            attempt += 1
            if attempt >= retries:
                raise
            print("again")

def given_up_in_the_end(prompt: str, budget: Budget) -> str:
    attempt = 0
    while True:
        attempt += 1
        try:
            return call(prompt, budget)
        except TimeoutError:
            if attempt >= 3:
                break
    return ""

def and_a_summary(prompt: str, budget: Budget) -> str:
    attempt = 0
    result = ""
    while attempt < 3:
        attempt += 1
        try:
            result = call(prompt, budget)
        except TimeoutError:
            continue
        if result:
            break
    return result + call("summary", budget)
"""
AFTER = """\
class Client:
    def __init__(self, retries: int) -> None:
        self.retries = retries

    def ask(self, prompt: str, budget: Budget) -> str:
        attempt = 0
        parts = budget.split_evenly(self.retries) if self.retries > 0 else []
        while attempt < self.retries:  # patiently
            attempt += 1
            try:
                return call(prompt, parts.pop())
            except TimeoutError:
                print("again")
                continue
        raise RuntimeError

def counted_down(prompt: str, budget: Budget, retries: int = 3) -> str:
    result = ""
    parts = budget.split_evenly(retries) if retries > 0 else []
    while retries > 0:
        try:
            result = call(prompt, parts.pop())
            break
        except TimeoutError as error:
            retries -= 1
            print(error)
    return result

def begun(prompt: str, budget: Budget, attempt: int = 0) -> str:
    parts = budget.split_evenly(3 - attempt) if 3 > attempt else []
    while attempt < 3:
        try:
            return call(prompt, parts.pop())
        except TimeoutError:
            attempt += 1
        except OSError:
            if attempt:
                raise
            attempt += 1
    return ""

def given_up(prompt: str, budget: Budget, retries: int) -> str:
    attempt = 0
    parts = budget.split_evenly(max(retries, 1))
    while True:
        try:
            return call(prompt, parts.pop())
        except TimeoutError:
            attempt += 1
            if attempt >= retries:
                raise
            print("again")

def given_up_in_the_end(prompt: str, budget: Budget) -> str:
    attempt = 0
    parts = budget.split_evenly(3)
    while True:
        attempt += 1
        try:
            return call(prompt, parts.pop())
        except TimeoutError:
            if attempt >= 3:
                break
    return ""

def and_a_summary(prompt: str, budget: Budget) -> str:
    attempt = 0
    result = ""
    *parts, rest = budget.split_evenly(4)
    while attempt < 3:
        attempt += 1
        try:
            result = call(prompt, parts.pop())
        except TimeoutError:
            continue
        if result:
            break
    return result + call("summary", rest)
"""


def test_each_attempt_takes_a_part(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": HEAD + BEFORE})["main.py"].decode()
    assert made == HEAD + AFTER


ATTEMPT = """\
def ask(prompt: str, budget: Budget, more: int, limit: int = 3) -> str:
    attempt = 0
    while attempt < limit:
{}
    return ""
"""
TRY = """\
        try:
            return call(prompt, budget)
        except TimeoutError:
"""
UNCOUNTED = {
    "one handler does not count": TRY + "            attempt += 1\n        except OSError:\n            print('again')",
    "a round may go on before it counts": TRY
    + "            if prompt:\n                continue\n            attempt += 1",
    "it begins anew": TRY + "            attempt += 1\n        if more:\n            attempt = 0",
    "the limit is not the same in each round": TRY + "            attempt += 1\n            limit += 1",
    "it is counted by more than one": TRY + "            attempt += more",
    "an exception is lost before it counts": "        with suppress(OSError):\n"
    "            return call(prompt, budget)\n            attempt += 1",
    "another function counts": "        def step() -> None:\n            nonlocal attempt\n            attempt -= 1\n"
    + TRY
    + "            attempt += 1\n            step()",
    "a round may leave its part": "        attempt += 1\n        if attempt == more:\n            continue\n"
    + TRY
    + "            pass",
    "it is asked before it counts": "        pass\n    attempt = 0\n    while True:\n"
    + TRY
    + "            if attempt >= limit:\n                raise\n            attempt += 1",
    "one handler does not give up": "        pass\n    attempt = 0\n    while True:\n"
    + TRY
    + "            attempt += 1\n            if attempt >= limit:\n                raise\n"
    + "        except OSError:\n            attempt += 1",
    "a round takes two": "        attempt += 1\n" + TRY + "            call(prompt, budget)",
}


@pytest.mark.parametrize("body", UNCOUNTED.values(), ids=UNCOUNTED)
def test_attempts_without_an_end_are_left_alone(body: str, tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": HEAD + ATTEMPT.format(body)}) as found:
        assert {error.code for error in found.errors} <= {"budget-copied", "use-after-move"}
        made = mend(found)
        assert [each.title for each in made if "attempts" in each.title and "two" not in each.title] == []
        assert any(error.code == "budget-copied" for error in found.errors)


NESTED = """\
from budget_types import Budget

KEPT: list[Budget] = []

class Team:
    def __init__(self, roles: list[str]) -> None:
        self.roles = roles

def call(prompt: str, budget: Budget) -> str:
    KEPT.append(budget)
    return prompt

def of_all(teams: list[Team], times: int, budget: Budget) -> str:
    for team in teams:
        for number, role in enumerate(team.roles):
            for _ in range(times - 1):
                call(role * number, budget)
    return call("summary", budget)

def of_a_comprehension(names: list[str], budget: Budget) -> None:
    for _ in range(3):
        # in the same order
        print([call(name, budget) for name in names])
"""


def test_each_turn_of_loops_in_each_other_takes_a_part(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": NESTED})["main.py"].decode()
    assert made == NESTED.replace(
        "    for team in teams:\n",
        "    count = sum(max(times - 1, 0) for team in teams for number, role in enumerate(team.roles))\n"
        "    *parts, rest = budget.split_evenly(count + 1)\n"
        "    for team in teams:\n",
    ).replace("number, budget", "number, parts.pop()").replace('summary", budget', 'summary", rest').replace(
        "    for _ in range(3):\n",
        "    parts = budget.split_evenly(len(names) * 3) if names else []\n    for _ in range(3):\n",
    ).replace("name, budget", "name, parts.pop()")


LOOPS = """\
def ask(rows: list[list[str]], more: list[str], budget: Budget) -> None:
    for row in rows:
{}
"""
UNKNOWN = {
    "it goes over something new": "        row += more\n        for name in row:\n            call(name, budget)",
    "what it goes over may grow": "        more.append('')\n        for name in more:\n            call(name, budget)",
    "a round leaves its part": "        for name in row:\n            if name:\n                call(name, budget)",
    "a round of the outer leaves its parts": "        if not more:\n            continue\n"
    "        for name in row:\n            call(name, budget)",
    "it takes two": "        for name in row:\n            call(name, budget)\n            call(name, budget)",
    "what comes after the inner one takes one": "        for name in row:\n            call(name, budget)\n"
    "        call('', budget)",
    "it has no length": "        for name in map(str, row):\n            call(name, budget)",
    "a comprehension leaves some out": "        print([call(name, budget) for name in row if name])",
}


@pytest.mark.parametrize("body", UNKNOWN.values(), ids=UNKNOWN)
def test_loops_in_each_other_are_left_alone_where(body: str, tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": HEAD + LOOPS.format(body)}) as found:
        assert found.errors
        assert mend(found) == []
