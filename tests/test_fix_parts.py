"""What the fixer splits: a part for each round, call, copy or attempt; and parts that are merged again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fixing import mended

pytestmark = pytest.mark.xdist_group("fix")


# Rounds

SEVERAL_AT_ONCE = """\
from typing import TypedDict
from budget_types import Budget

class State(TypedDict):
    topics: list[str]

KEPT: list[tuple[str, object, Budget]] = []

def keep(topic: str, how: object, budget: Budget) -> None:
    KEPT.append((topic, how, budget))

def both(topics: list[str], depths: list[int], budget: Budget) -> None:
    for topic, depth in zip(topics, depths):
        keep(topic, depth, budget)

def strictly(topics: list[str], depths: list[int], budget: Budget) -> None:
    for topic, depth in zip(topics, depths, strict=True):
        keep(topic, depth, budget)

def laid_out(state: State, budget: Budget) -> list[None]:
    return [
        keep(a, b, budget)
        for a, b in zip(
            # in this order
            ("tea", "milk", "rice"),
            (state["topics"]),  # as many as there are
        )
    ]

def known(budget: Budget) -> None:
    for pair in zip("ab", ("x", "y", "z")): keep("", pair, budget)
    for pair in zip((1, 2), ("x", "y", "z")): keep("", pair, budget)

def some(topics: list[str], count: int, state: State, budget: Budget, other: Budget) -> None:
    for topic in topics[:count]:
        keep(topic, 0, budget)
    for topic in state["topics"]:
        keep(topic, 0, other)
"""
SEVERAL_SPLIT = """\
def both(topics: list[str], depths: list[int], budget: Budget) -> None:
    parts = budget.split_evenly(min(len(topics), len(depths))) if topics and depths else []
    for topic, depth, part in zip(topics, depths, parts):
        keep(topic, depth, part)

def strictly(topics: list[str], depths: list[int], budget: Budget) -> None:
    parts = budget.split_evenly(len(topics)) if topics else []
    for (topic, depth), part in zip(zip(topics, depths, strict=True), parts):
        keep(topic, depth, part)

def laid_out(state: State, budget: Budget) -> list[None]:
    parts = budget.split_evenly(min(3, len(state["topics"]))) if state["topics"] else []
    return [
        keep(a, b, part)
        for a, b, part in zip(
            # in this order
            ("tea", "milk", "rice"),
            (state["topics"]),  # as many as there are
            parts,
        )
    ]
"""


def test_a_loop_over_several_at_once_goes_over_the_parts_too(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": SEVERAL_AT_ONCE})["main.py"].decode()
    assert SEVERAL_SPLIT in made
    assert "split_evenly(len(topics[:count])) if topics[:count] else []" in made


def test_each_round_that_gets_a_part_uses_it(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def in_all_branches(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        try:
            if count > 3:
                total += take(budget)
            elif count:
                total += take(budget) + 1
            else:
                total += 2 if take(budget) else 1
            for other in counts:
                continue
        finally:
            if count: continue
    return total
def filtered(pairs: dict[str, int], budget: Budget, other: Budget) -> list[int]:
    some = [take(budget) for name, count in pairs.items() if count > 3 if len(name) < 9]
    return some + [count for name, count in pairs.items() if name != "x" if take(other) if count]
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    for count, part in zip(counts, parts):\n" in after
    assert after.count("take(part)") == 4
    assert (
        "    chosen = [(name, count) for name, count in pairs.items() if count > 3 if len(name) < 9]\n"
        "    parts = budget.split_evenly(len(chosen)) if chosen else []\n"
        "    some = [take(part) for (name, count), part in zip(chosen, parts)]\n"
    ) in after
    assert '[(name, count) for name, count in pairs.items() if name != "x"]\n' in after
    assert " if take(other_part) if count]\n" in after


def test_a_loop_that_only_counts_goes_over_the_parts(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def counted(times: int, counts: list[int], a: Budget, b: Budget, c: Budget, d: Budget, e: Budget) -> int:
    total = 0
    for _ in range(10, 0, -3):
        total += take(a)
    for _ in range(times):
        total += take(b)
    for _ in range(len(counts)):
        total += take(c)
    for _ in range(times):
        total += take(d)
    total += take(d)
    for number in range(2, 5):
        total += take(e) + number
    return total
def read(budget: Budget) -> int:
    total = 0
    for _ in range(3):
        total += take(budget) + _
    return total
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    for part in a.split_evenly(4):\n        total += take(part)\n" in after
    assert (
        "    parts = b.split_evenly(times) if times > 0 else []\n    for _, b_part in zip(range(times), parts):\n"
        in after
    )
    assert "    c_parts = c.split_evenly(len(counts)) if counts else []\n" in after
    assert "    *d_parts, rest = d.split_evenly(max(times, 0) + 1)\n    for d_part in d_parts:\n" in after
    assert "    e_parts = e.split_evenly(3)\n    for number, e_part in zip(range(2, 5), e_parts):\n" in after
    assert "    for _, part in zip(range(3), parts):\n" in after


def test_what_follows_the_calls_of_a_lambda_gets_a_part(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def total(counts: list[int], budget: Budget) -> int:
    part = sum(map(lambda count: take(budget) + count, counts))
    return part + take(budget)
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert after.splitlines()[3:] == [
        "    *parts, rest = budget.split_evenly(len(counts) + 1)",
        "    part = sum(map(lambda count, budget_part: take(budget_part) + count, counts, parts))",
        "    return part + take(rest)",
    ]


def test_what_is_given_anew_in_each_round_is_split_there(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def keep(budget: Budget) -> None: KEPT.append(budget)
def attempt(parts: list[Budget]) -> None:
    for part in parts:
        try:
            keep(part)
        except ValueError:
            keep(part)
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "        first, second = part.split_evenly(2)\n        try:\n            keep(first)\n" in after


GROWS = """\
from budget_types import Budget, affine
KEPT: list[Budget] = []
def keep(topic: str, budget: Budget) -> None: KEPT.append(budget)
def more(topics: list[str]) -> None: topics.append("")
@affine
class Crawler:
    def __init__(self, topics: list[str]) -> None:
        self.topics = topics
        self.done: list[str] = []
    def visit(self, topic: str) -> None:
        self.topics.append(topic[1:])
    def by_a_method(self, budget: Budget) -> None:
        for topic in self.topics:
            keep(topic, budget)
            self.visit(topic)
    def of_another(self, budget: Budget) -> None:
        for topic in self.done:
            keep(topic, budget)
            self.visit(topic)
def appended(topics: list[str], budget: Budget) -> None:
    for number, topic in enumerate(topics):
        keep(topic, budget)
        if number < 9: topics.append(topic)
def extended(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        keep(topic, budget)
        topics += [topic[1:]]
def cut(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        keep(topic, budget)
        del topics[-1]
def given(topics: list[str], budget: Budget) -> list[None]:
    return [keep(topic, budget) or more(topics) for topic in topics]
def of_a_copy(topics: list[str], budget: Budget) -> None:
    for topic in list(topics):
        keep(topic, budget)
        topics.append(topic)
def only_read(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        keep(topic + topics[0], budget)
        topics[topics.index(topic)] = f"{len(topics)}"
"""


def test_a_loop_over_what_may_grow_is_left_alone(tmp_path: Path) -> None:
    """There would be a part for each of the rounds that were to come at first, and no other round."""
    after = mended(tmp_path, {"main.py": GROWS})["main.py"].decode()
    names = ("of_another", "of_a_copy", "only_read")
    split = [name for name in re.findall(r"def (\w+)\(", GROWS) if f"def {name}(" in after and _is_split(after, name)]
    assert split == list(names)


def _is_split(text: str, name: str) -> bool:
    return "split_evenly" in text.partition(f"def {name}(")[2].partition("def ")[0]


def test_conditions_on_lines_of_their_own(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def keep(topic: str, budget: Budget) -> None: KEPT.append(budget)
def some(topics: list[str], budget: Budget) -> list[None]:
    return [
        keep(topic, budget)  # those
        for topic in topics
        if len(topic) > 3{}
        if topic
    ]
"""
    made = mended(tmp_path, {"main.py": source.format("")})["main.py"].decode()
    assert "    chosen = [topic for topic in topics if len(topic) > 3 if topic]\n" in made
    assert "        keep(topic, part)  # those\n        for topic, part in zip(chosen, parts)\n    ]\n" in made
    noted = source.format("  # the long ones")
    assert mended(tmp_path, {"main.py": noted}) == {"main.py": noted.encode()}


def test_a_loop_over_what_may_be_none(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def keep(budget: Budget) -> None: KEPT.append(budget)
def all_of(topics: list[str] | None, budget: Budget) -> None:
    for topic in topics or []:
        keep(budget)
def and_more(topics: list[str] | None, budget: Budget) -> None:
    for topic in topics or ():
        keep(budget)
    keep(budget)
"""
    made = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    parts = budget.split_evenly(len(topics)) if topics else []\n" in made
    assert "    for topic, part in zip(topics or [], parts):\n" in made
    assert "    *parts, rest = budget.split_evenly(len(topics or ()) + 1)\n" in made


EVALUATED = """\
from collections.abc import Iterator
from budget_types import Budget

KEPT: list[Budget] = []

def keep(topic: str, budget: Budget) -> str:
    KEPT.append(budget)
    return topic

async def topics_of(goal: str) -> list[str]: return goal.split()

def one_by_one() -> Iterator[str]: yield "tea"

async def asked(goal: str, budget: Budget) -> None:
    for topic in await topics_of(goal):  # each of them
        keep(topic, budget)

def numbered(text: str, budget: Budget) -> list[str]:
    notes = [keep(f"{number}: {line}", budget) for number, line in enumerate(text.splitlines(), 1)]
    return [*notes, keep("summary", budget)]

def laid_out(words: list[str], budget: Budget) -> None:
    for word in sorted(
        set(words)  # each of them once
        | {"tea"},
    ):
        keep(word, budget)

def attempts(times: int, budget: Budget, other: Budget) -> str:
    for number in range(1, times + 1):
        try:
            return keep(str(number), budget)
        except OSError:
            print(number)
    for number in range(times - 1):
        try:
            return keep(str(number), other)
        except OSError:
            print(number)
    return ""

"""
NOT_EVALUATED = """\
def has_no_length(budget: Budget, other: Budget, third: Budget) -> None:
    for topic in one_by_one():
        keep(topic, budget)
    for topic in map(str, [1, 2]):
        keep(topic, other)
    for topic in (word for word in ("tea", "milk")):
        keep(topic, third)

def after_something_else(text: str, budget: Budget, other: Budget) -> list[str]:
    return [keep("tea", budget), *[keep(line, other) for line in text.splitlines()]]

async def asked_in_a_condition(goal: str, budget: Budget) -> list[str]:
    return [keep(topic, budget) for topic in await topics_of(goal) if topic]
"""
EVALUATED_ONCE = """\
async def asked(goal: str, budget: Budget) -> None:
    items = await topics_of(goal)
    parts = budget.split_evenly(len(items)) if items else []
    for topic, part in zip(items, parts):  # each of them
        keep(topic, part)

def numbered(text: str, budget: Budget) -> list[str]:
    items = text.splitlines()
    *parts, rest = budget.split_evenly(len(items) + 1)
    notes = [keep(f"{number}: {line}", part) for (number, line), part in zip(enumerate(items, 1), parts)]
    return [*notes, keep("summary", rest)]

def laid_out(words: list[str], budget: Budget) -> None:
    items = sorted(
        set(words)  # each of them once
        | {"tea"},
    )
    parts = budget.split_evenly(len(items)) if items else []
    for word, part in zip(items, parts):
        keep(word, part)

def attempts(times: int, budget: Budget, other: Budget) -> str:
    parts = budget.split_evenly(times) if times > 0 else []
    for number, part in zip(range(1, times + 1), parts):
        try:
            return keep(str(number), part)
        except OSError:
            print(number)
    other_parts = other.split_evenly(times - 1) if times - 1 > 0 else []
    for number, other_part in zip(range(times - 1), other_parts):
        try:
            return keep(str(number), other_part)
        except OSError:
            print(number)
    return ""

"""


def test_what_has_to_be_evaluated_to_be_counted_is_so_once(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": EVALUATED + NOT_EVALUATED})["main.py"].decode()
    head = EVALUATED.partition("async def asked")[0]
    assert made == head + EVALUATED_ONCE + NOT_EVALUATED


KEYS = """\
from budget_types import Budget

KEPT: list[Budget] = []

def once(names: list[str], budget: Budget) -> dict[str, Budget]:
    return {name: budget for name in names}

def some(names: list[str], budget: Budget) -> dict[str, Budget]:
    budgets = {
        name.lower(): budget
        for name in names
        if name
    }
    KEPT.append(budget)
    return budgets

def from_keys(names: list[str], budget: Budget) -> dict[str, Budget]:
    return dict.fromkeys(names, budget)

def with_comments(names: list[str], budget: Budget) -> dict[str, Budget]:
    return {  # by name
        name: budget  # each has one
        for name in names
    }

def pairs(names: list[str], budget: Budget) -> dict[tuple[str, int], Budget]:
    return {(name, number): budget for name in names for number in range(3)}

def distinct(counts: dict[str, int], budget: Budget, other: Budget) -> list[dict[str, Budget]]:
    return [{name: budget for name, _ in counts.items()}, {name: other for name in ("tea", "milk")}]

"""
KEYS_SPLIT = """\
def once(names: list[str], budget: Budget) -> dict[str, Budget]:
    keys = dict.fromkeys(names)
    parts = budget.split_evenly(len(keys)) if keys else []
    return dict(zip(keys, parts))

def some(names: list[str], budget: Budget) -> dict[str, Budget]:
    keys = dict.fromkeys(name.lower() for name in names if name)
    *parts, rest = budget.split_evenly(len(keys) + 1)
    budgets = dict(zip(keys, parts))
    KEPT.append(rest)
    return budgets

def from_keys(names: list[str], budget: Budget) -> dict[str, Budget]:
    keys = dict.fromkeys(names)
    parts = budget.split_evenly(len(keys)) if keys else []
    return dict(zip(keys, parts))

def with_comments(names: list[str], budget: Budget) -> dict[str, Budget]:
    keys = dict.fromkeys(  # by name
        name  # each has one
        for name in names
    )
    parts = budget.split_evenly(len(keys)) if keys else []
    return dict(zip(keys, parts))

def pairs(names: list[str], budget: Budget) -> dict[tuple[str, int], Budget]:
    keys = dict.fromkeys((name, number) for name in names for number in range(3))
    parts = budget.split_evenly(len(keys)) if keys else []
    return dict(zip(keys, parts))

def distinct(counts: dict[str, int], budget: Budget, other: Budget) -> list[dict[str, Budget]]:
    parts = budget.split_evenly(len(counts)) if counts else []
    other_parts = other.split_evenly(2)
    return [{name: part for (name, _), part in zip(counts.items(), parts)}, \
{name: other_part for name, other_part in zip(("tea", "milk"), other_parts)}]

"""


def test_a_key_that_comes_twice_has_one_part(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": KEYS})["main.py"].decode()
    assert made == KEYS.partition("def once")[0] + KEYS_SPLIT


PAIRS = """\
from budget_types import Budget

class Group:
    topics: list[str]

def keep(topic: str, budget: Budget) -> tuple[str, Budget]: return topic, budget

def each(topics: list[str], depths: list[int], budget: Budget) -> list[tuple[str, Budget]]:
    return [keep(topic * depth, budget) for topic in topics for depth in depths]

def some(groups: list[Group], budget: Budget) -> list[tuple[str, Budget]]:
    notes = [
        keep(topic, budget)
        for group in groups
        for topic in group.topics
        if len(topic) > 3
    ]
    return [*notes, keep("summary", budget)]

def evaluated_in_each_round(topics: list[str], budget: Budget) -> list[tuple[str, Budget]]:
    return [keep(word, budget) for topic in topics for word in topic.split()]

def grows(groups: list[Group], budget: Budget) -> list[tuple[str, Budget]]:
    return [keep(group.topics.pop(), budget) for group in groups for _ in group.topics]
"""
PAIRS_COUNTED = """\
def each(topics: list[str], depths: list[int], budget: Budget) -> list[tuple[str, Budget]]:
    chosen = [(topic, depth) for topic in topics for depth in depths]
    parts = budget.split_evenly(len(chosen)) if chosen else []
    return [keep(topic * depth, part) for (topic, depth), part in zip(chosen, parts)]

def some(groups: list[Group], budget: Budget) -> list[tuple[str, Budget]]:
    chosen = [(group, topic) for group in groups for topic in group.topics if len(topic) > 3]
    *parts, rest = budget.split_evenly(len(chosen) + 1)
    notes = [
        keep(topic, part)
        for (group, topic), part in zip(chosen, parts)
    ]
    return [*notes, keep("summary", rest)]
"""


def test_the_rounds_of_several_loops_are_counted_together(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": PAIRS})["main.py"].decode()
    rest = PAIRS[PAIRS.index("\ndef evaluated_in_each_round") :]
    assert made == PAIRS[: PAIRS.index("def each")] + PAIRS_COUNTED + rest


# Others that get a part


def test_parts_of_a_loan_are_merged_when_all_are_done(tmp_path: Path) -> None:
    source = """\
import asyncio
from budget_types import Borrowed, Budget
async def use(budget: Borrowed[Budget]) -> int:
    budget.spend(1)
    return 1
class Team:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget
    async def tasks(self) -> None:
        one = asyncio.create_task(use(self.budget))
        two = asyncio.create_task(use(self.budget))
        print("started")
        await asyncio.gather(one, two)
        print("done")
async def in_rounds(budget: Budget) -> None:
    for _ in range(3):
        await asyncio.gather(use(budget), use(budget))
async def all_at_once(budget: Borrowed[Budget]) -> None:
    await asyncio.gather(*[use(budget) for _ in range(3)])
async def last(budget: Borrowed[Budget]) -> int:
    return sum(await asyncio.gather(use(budget), use(budget)))"""
    assert mended(tmp_path, {"main.py": source})["main.py"].decode().splitlines()[8:] == [
        "    async def tasks(self) -> None:",
        "        first, second = self.budget.split_evenly(2)",
        "        one = asyncio.create_task(use(first))",
        "        two = asyncio.create_task(use(second))",
        '        print("started")',
        "        await asyncio.gather(one, two)",
        "        self.budget.merge(first)",
        "        self.budget.merge(second)",
        '        print("done")',
        "async def in_rounds(budget: Budget) -> None:",
        "    for _ in range(3):",
        "        first, second = budget.split_evenly(2)",
        "        await asyncio.gather(use(first), use(second))",
        "        budget.merge(first)",
        "        budget.merge(second)",
        "async def all_at_once(budget: Borrowed[Budget]) -> None:",
        "    parts = budget.split_evenly(3)",
        "    await asyncio.gather(*[use(part) for part in parts])",
        "    for part in parts:",
        "        budget.merge(part)",
        "async def last(budget: Borrowed[Budget]) -> int:",
        "    first, second = budget.split_evenly(2)",
        "    result = sum(await asyncio.gather(use(first), use(second)))",
        "    budget.merge(first)",
        "    budget.merge(second)",
        "    return result",
    ]


def test_copies_of_nothing_stay_nothing(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def copied(budget: Budget, other: Budget, third: Budget, fourth: Budget, n: int, topics: list[str]) -> list[Budget]:
    some = [budget] * n + [third] * 3
    some += [other] * len(topics)
    return some + (n + 1) * [fourth]
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "some = (budget.split_evenly(n) if n > 0 else []) + third.split_evenly(3)\n" in after
    assert "some += other.split_evenly(len(topics)) if topics else []\n" in after
    assert "(fourth.split_evenly(n + 1) if n + 1 > 0 else [])\n" in after


ENTRIES = """\
from typing import TypedDict
from budget_types import Budget, Owned

class State(TypedDict):
    topics: 'list[str]'
    budget: Budget

KEPT: 'list[tuple[str, Budget]]' = []

def keep(topic: str, budget: Budget) -> None:
    KEPT.append((topic, budget))

def for_two(state: State) -> None:
    keep('tea', state['budget'])
    keep('milk', state['budget'])

def in_its_step(steps: 'list[State]') -> None:
    for step in steps:
        keep('tea', step['budget'])
        keep('milk', step['budget'])

def handed_on(state: State) -> State:
    keep('tea', state['budget'])
    keep('milk', state['budget'])
    return state

def element(parts: 'list[Budget]') -> int:
    first: Owned[Budget] = parts[0]
    return first.remaining

def changed(parts: 'list[Budget]', other: Budget) -> int:
    first: Owned[Budget] = parts[0]
    parts[-1] = other
    return first.remaining

def moved_up(parts: 'list[Budget]') -> int:
    second: Owned[Budget] = parts[1]
    del parts[0]
    return second.remaining
"""


def test_an_entry_is_a_place(tmp_path: Path) -> None:
    after = mended(tmp_path, {"main.py": ENTRIES})["main.py"].decode()
    split = "    first, second = {}['budget'].split_evenly(2)\n    {}keep('tea', first)\n    {}keep('milk', second)\n"
    assert split.format("state", "", "") + "\ndef in_its_step" in after
    assert "        first, second = step['budget'].split_evenly(2)\n        keep('tea', first)\n" in after
    rest = ENTRIES.partition("def handed_on")[2]
    named = "    first: Owned[Budget] = parts[0]\n    return first.remaining"
    rest = rest.replace(named, "    return parts[0].remaining")
    assert after.partition("def handed_on")[2] == rest


def test_an_attempt_that_is_waited_for_has_a_part_of_its_own(tmp_path: Path) -> None:
    source = """\
import asyncio
from budget_types import Budget
async def ask(prompt: str, budget: Budget) -> str: return f"{prompt} {budget.close()}"
async def patiently(budget: Budget) -> str:
    try:
        return await asyncio.wait_for(ask("tea", budget), timeout=3)
    except TimeoutError:
        return await asyncio.wait_for(ask("tea, in short", budget), timeout=3)
"""
    made = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert made.count("    first, second = budget.split_evenly(2)\n    try:\n") == 1
    assert 'ask("tea", first)' in made and 'ask("tea, in short", second)' in made
