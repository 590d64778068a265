"""Threads, and executors that call functions in some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import Block, Condition, Node, Number, Statement, Value
from .expressions import Over, Place
from .functions import Named

__all__ = [
    "Add",
    "Answer",
    "EachOf",
    "JoinThread",
    "MakeThread",
    "Mapped",
    "Pool",
    "Results",
    "Several",
    "SeveralOf",
    "StartThread",
    "Submit",
    "Threaded",
    "WaitAnswers",
]


@dataclass(frozen=True)
class Threaded(Node):
    """A function and an argument for it, to be called by a thread."""

    function: Literal["lend", "share", "take"]
    argument: Value


@dataclass(frozen=True)
class Answer(Number):
    """`name.result()`, where `name` is what `submit` gave; `limited`: `name.result(1)`."""

    name: str
    limited: bool = False


@dataclass(frozen=True)
class Mapped(Number):
    """`len(list(pool.map(function, source)))`."""

    pool: str
    function: Literal["lend", "share", "take"]
    source: Place


@dataclass(frozen=True)
class MakeThread(Statement):
    """`name = Thread(target=function, args=(argument,))`; a nested function has no argument."""

    name: str
    call: Threaded | Named


@dataclass(frozen=True)
class StartThread(Statement):
    """`name.start()`; `keyed`: `name["k"].start()`, where `name` is a dict of threads."""

    name: str
    keyed: bool = False


@dataclass(frozen=True)
class JoinThread(Statement):
    """`name.join()`; `limited`: `name.join(1)`; `keyed`: as in `StartThread`."""

    name: str
    limited: bool = False
    keyed: bool = False


@dataclass(frozen=True)
class Pool(Statement):
    """`with ThreadPoolExecutor() as name: body`."""

    name: str
    body: Block


@dataclass(frozen=True)
class Submit(Statement):
    """`name = pool.submit(function, argument)`."""

    name: str
    pool: str
    call: Threaded | Named


# Several of them


@dataclass(frozen=True)
class Several(Statement):
    """`name: list[Thread] = []`; for what `submit` gives, if the name begins with "u"; a dict, if with "y"."""

    name: str


@dataclass(frozen=True)
class SeveralOf(Statement):
    """`name = [pool.submit(function, argument) for target in source if condition]`; without a pool, of threads that
    have not been started. See `Comprehension`.
    """

    name: str
    call: Threaded | Named
    pool: str | None
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class Add(Statement):
    """`several.append(member)`, `several["k"] = member`, where that is a variable, or is made as in `SeveralOf`."""

    several: str
    member: str | Threaded | Named
    pool: str | None = None


@dataclass(frozen=True)
class EachOf(Statement):
    """`for target in several: body else: otherwise`; `completed`: `for target in as_completed(several): ...`.

    `over`: how it goes through a dict. By its keys, it is `several[target]`.
    """

    target: str
    several: str
    body: Block
    otherwise: Block
    completed: bool = False
    over: Literal["values", "keys", "items"] = "values"


@dataclass(frozen=True)
class Results(Number):
    """`len([target.result() for target in several])`."""

    target: str
    several: str


@dataclass(frozen=True)
class WaitAnswers(Number):
    """`len(wait(several)[0])`; `limited`: `wait(several, 1)`."""

    several: str
    limited: bool = False
