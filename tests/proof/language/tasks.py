"""Coroutines, tasks, groups of them, and containers of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from . import Block, Condition, Node, Number, Statement, Value
from .expressions import Over

__all__ = [
    "Begun",
    "Coroutine",
    "CoroutineOf",
    "Each",
    "Gather",
    "GatherAll",
    "GatherEach",
    "Gathered",
    "Group",
    "Jobs",
    "JobsOf",
    "Join",
    "Keep",
    "Kept",
    "Limit",
    "Pick",
    "Picked",
    "Result",
    "Start",
    "Wait",
    "WaitAll",
    "WaitGathered",
]


@dataclass(frozen=True)
class Coroutine(Node):
    """`function(argument)`, not awaited where it stands."""

    function: Literal["lend_later", "share_later", "take_later", "step_later"]
    argument: Value


@dataclass(frozen=True)
class CoroutineOf(Node):
    """`name()`, where `name` is a nested function that runs later; not awaited where it stands."""

    name: str


@dataclass(frozen=True)
class Kept(Node):
    """A coroutine that a variable holds, and that has not run."""

    name: str


Begun: TypeAlias = Coroutine | CoroutineOf | Kept


@dataclass(frozen=True)
class Picked(Node):
    """`jobs[0]`; `leaves`: `jobs.pop()`; of a dict, by a key."""

    jobs: str
    leaves: bool


@dataclass(frozen=True)
class Result(Value):
    """`await task`, where the task gives a coin."""

    task: str


@dataclass(frozen=True)
class Wait(Number):
    """`await task`, where the task gives a number, or the coroutine; `how`: `await wait_for(task, 1)` and so on."""

    task: str | Begun | Picked
    how: Literal["await", "wait_for", "shield"] = "await"


@dataclass(frozen=True)
class Gather(Number):
    """`len(await gather(...))`; `patient`: with `return_exceptions=True`."""

    calls: tuple[Begun, ...]
    patient: bool = False


@dataclass(frozen=True)
class WaitGathered(Number):
    """`len(await name)`, where that is of `gather`; `how`: `len(await wait_for(name, 1))`."""

    name: str
    how: Literal["await", "wait_for"] = "await"


@dataclass(frozen=True)
class GatherAll(Number):
    """`len(await gather(*jobs))`; for a dict, of its values."""

    jobs: str


@dataclass(frozen=True)
class GatherEach(Number):
    """`len(await gather(*[call for target in source if condition]))`. See `Comprehension`."""

    call: Coroutine | CoroutineOf
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class WaitAll(Number):
    """`len((await wait(jobs))[0])`; `limited`: `wait(jobs, timeout=1)`."""

    jobs: str
    limited: bool


@dataclass(frozen=True)
class Keep(Statement):
    """`name = call`."""

    name: str
    call: Coroutine | CoroutineOf


@dataclass(frozen=True)
class Gathered(Statement):
    """`name = gather(...)`. The name begins with "bw" if an exception leaves nobody behind, and else with "b"."""

    name: str
    calls: tuple[Begun, ...]
    patient: bool = False


@dataclass(frozen=True)
class Start(Statement):
    """`task = create_task(call)`, or `task = group.create_task(call)`."""

    task: str
    call: Begun
    group: str | None


@dataclass(frozen=True)
class Jobs(Statement):
    """`name = jobs()`: a list or dict of tasks, in which there are others' tasks already, or none.

    One whose name begins with "m" is a dict, with "s" a set. `empty`: `name = {}`.
    """

    name: str
    empty: bool = False


@dataclass(frozen=True)
class JobsOf(Statement):
    """`name = [create_task(call) for target in source if condition]`. See `Comprehension`."""

    name: str
    call: Coroutine | CoroutineOf
    group: str | None
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class Join(Statement):
    """`jobs.append(task)`, `jobs["k"] = task`; for a call: `jobs.append(create_task(call))`."""

    jobs: str
    task: str | Begun
    group: str | None


@dataclass(frozen=True)
class Pick(Statement):
    """`task = picked`."""

    task: str
    picked: Picked


@dataclass(frozen=True)
class Each(Statement):
    """`for task in jobs: body else: otherwise`; `over`: how it goes through a dict. By its keys, it is `jobs[task]`."""

    task: str
    jobs: str
    body: Block
    otherwise: Block
    over: Literal["values", "keys", "items"] = "values"


@dataclass(frozen=True)
class Group(Statement):
    """`async with TaskGroup() as name: body`."""

    name: str
    body: Block


@dataclass(frozen=True)
class Limit(Statement):
    """`async with timeout(1): body`."""

    body: Block
