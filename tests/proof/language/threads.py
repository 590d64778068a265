"""Threads, and executors that call functions in some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import Block, Node, Number, Statement, Value
from .expressions import Place
from .functions import Named

__all__ = [
    "Answer",
    "JoinThread",
    "MakeThread",
    "Mapped",
    "Pool",
    "StartThread",
    "Submit",
    "Threaded",
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
    """`name.start()`."""

    name: str


@dataclass(frozen=True)
class JoinThread(Statement):
    """`name.join()`; `limited`: `name.join(1)`."""

    name: str
    limited: bool = False


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
