"""Functions that hand budgets about, of the kinds that programs have: what `inputs` makes a large code base of.

Each definition stands for many: its copies have a number in their names, and the order is drawn. So it may use the
definitions above it, and nothing of this module but those and the imports.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from budget_types import Borrowed, Budget, BudgetExceeded, Shared, affine


async def model(prompt: str) -> tuple[str, int]:
    """What a library would do: no budget in sight."""
    await asyncio.sleep(0)
    return prompt.upper(), len(prompt)


def estimate(texts: Iterable[str], budget: Shared[Budget]) -> int:
    """A look at what is left."""
    wanted = sum(len(text) // 4 + 1 for text in texts)
    return min(wanted, budget.remaining)


async def ask(question: str, budget: Borrowed[Budget]) -> str:
    """One call with a reservation."""
    with budget.reserve(len(question) + 200) as call:
        call.sent()
        answer, used = await model(question)
        call.commit(used)
    return answer


async def ask_patiently(question: str, budget: Borrowed[Budget], attempts: int = 3) -> str:
    """Retries, each paid from what is left."""
    problem: Exception | None = None
    for attempt in range(attempts):
        try:
            answer = await ask(question, budget)
        except BudgetExceeded:
            raise
        except (OSError, ValueError) as error:
            problem = error
            await asyncio.sleep(0.1 * attempt)
            continue
        else:
            return answer
        finally:
            if budget.remaining < 10:
                attempts = attempt
    raise RuntimeError(question) from problem


async def research(topic: str, budget: Budget) -> tuple[str, Budget]:
    """Takes a budget and gives back what is left."""
    notes: list[str] = []
    for part in ("history", "prices", "limits"):
        if budget.remaining < 100:
            notes.append(f"no {part}")
            break
        notes.append(await ask(f"{topic}: {part}", budget))
    else:
        notes.append("complete")
    return "\n".join(notes), budget


async def team(topics: list[str], budget: Budget) -> dict[str, str]:
    """A fan-out over as many parts as there are topics."""
    if not topics:
        budget.close()
        return {}
    parts = budget.split_evenly(len(topics))
    found = await asyncio.gather(*[research(topic, part) for topic, part in zip(topics, parts, strict=True)])
    answers: dict[str, str] = {}
    for topic, (text, unspent) in zip(topics, found, strict=True):
        answers[topic] = text
        budget.merge(unspent)
    budget.close()
    return answers


async def compare(left: str, right: str, budget: Borrowed[Budget]) -> str:
    """Two tasks, each with a part of its own."""
    first, second = await asyncio.gather(research(left, budget.split(400)), research(right, budget.split(400)))
    text, unspent = first
    budget.merge(unspent)
    other, unspent = second
    budget.merge(unspent)
    if len(text) > len(other):
        return await ask(f"shorten {text}", budget)
    return await ask(f"compare {text} and {other}", budget)


async def in_group(questions: Mapping[str, int], budget: Borrowed[Budget]) -> list[str]:
    """Tasks that are kept in a list until all are awaited."""
    tasks: list[asyncio.Task[tuple[str, Budget]]] = []
    for question, weight in questions.items():
        part = budget.split(weight)
        tasks.append(asyncio.create_task(research(question, part)))
    answers: list[str] = []
    for task in tasks:
        text, unspent = await task
        budget.merge(unspent)
        answers.append(text)
    return answers


def share_out(budget: Budget, weights: Mapping[str, int], floor: int = 10) -> dict[str, Budget]:
    """A dict of parts."""
    parts: dict[str, Budget] = {}
    total = sum(weights.values()) or 1
    whole = budget.remaining
    for name, weight in sorted(weights.items()):
        size = max(floor, whole * weight // total)
        if size > budget.remaining:
            continue
        parts[name] = budget.split(size, name=name)
    parts["rest"] = budget
    return parts


def collect(parts: dict[str, Budget], into: Borrowed[Budget]) -> int:
    """Takes a dict of parts to pieces."""
    count = 0
    while parts:
        name, part = parts.popitem()
        if name == "rest":
            part.close()
            continue
        into.merge(part)
        count += 1
    return count


def drain(budget: Borrowed[Budget], chunks: list[list[int]]) -> int:
    """Nested loops with a way out."""
    spent = 0
    for chunk in chunks:
        for size in chunk:
            if size <= 0:
                continue
            if size > budget.remaining:
                break
            while size > 100:
                budget.spend(100)
                size -= 100
                spent += 100
            budget.spend(size)
            spent += size
        else:
            spent += 1
    return spent


def choose(budget: Budget, size: str, detail: int | None) -> Budget | None:
    """A decision with several ends."""
    match (size, detail):
        case ("small", _):
            part = budget.split(10)
            budget.close()
            return part
        case ("large", int(amount)) if amount < budget.remaining:
            part = budget.split(amount)
            if part.remaining == 0:
                part.close()
                return budget
            budget.merge(part)
            return budget
        case ("none", None):
            budget.close()
            return None
        case _:
            return budget


def or_new(budget: Budget | None, spare: Budget) -> Budget:
    """One of two, and what becomes of the other."""
    if budget is None:
        return spare
    if budget.is_exhausted:
        budget.close()
        return spare
    budget.merge(spare)
    return budget


@contextmanager
def slice_of(budget: Borrowed[Budget], tokens: int) -> Iterator[Borrowed[Budget]]:
    """Lends a part for the time of a block."""
    part = budget.split(tokens)
    try:
        yield part
    finally:
        budget.merge(part)


def metered(budget: Borrowed[Budget], text: str) -> Callable[[int], int]:
    """A closure that looks at a budget."""
    length = len(text)

    def left(more: int) -> int:
        return budget.remaining - length - more

    return left if length > 10 else (lambda more: length + more)


async def stream(lines: AsyncIterator[str], budget: Borrowed[Budget], every: int = 20) -> AsyncIterator[str]:
    """An async generator that pays as it goes."""
    since = 0
    async for line in lines:
        since += len(line)
        if since >= every:
            if budget.remaining < since:
                yield f"[{budget.remaining} left]"
                return
            budget.spend(since)
            since = 0
        yield line
    if since:
        budget.spend(since)


@affine
@dataclass
class Agent:
    """An object that holds a budget."""

    name: str
    budget: Budget
    log: list[str] = field(default_factory=list)

    async def work(self, question: str) -> str:
        if self.budget.remaining < len(question):
            self.log.append(f"{self.name}: refused")
            return ""
        answer = await ask(question, self.budget)
        self.log.append(answer)
        return answer

    def top_up(self, more: Budget) -> None:
        if more.remaining:
            self.budget.merge(more)
        else:
            more.close()

    def hire(self, name: str, tokens: int) -> Agent:
        part = self.budget.split(tokens)
        return Agent(f"{self.name}/{name}", part)


async def manage(agent: Agent, names: list[str]) -> list[str]:
    """Objects with budgets, made and used up in a loop."""
    said: list[str] = []
    for number, name in enumerate(names):
        helper = agent.hire(name, 50 + number)
        try:
            said.append(await helper.work(f"what of {name}?"))
        except BudgetExceeded as error:
            said.append(str(error))
        if number % 2:
            retired = helper.budget
            agent.top_up(retired)
        else:
            agent.log.extend(helper.log)
    return said
