"""What the functions of the programs are called, and how they take their arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..language import Kind

__all__ = ["FUNCTIONS", "PRELUDE", "Function"]

Taking: TypeAlias = Literal["move", "lend", "share", "look"]
"""How a parameter takes its argument; `look` is for a number."""


@dataclass(frozen=True)
class Function:
    """How a function takes its arguments. `receiver`: it is a method, and takes this one by `receiver`."""

    takes: tuple[Taking, ...]
    kinds: tuple[Kind, ...]
    receiver: Literal["receiver", "move"] | None = None
    gives: bool = False
    is_async: bool = False
    is_variadic: bool = False
    """Whether it takes any number of arguments, each like the first."""


_COIN: Kind = "coin"
FUNCTIONS: dict[str, Function] = {
    "note": Function((), ()),
    "take": Function(("move",), (_COIN,)),
    "lend": Function(("lend",), (_COIN,)),
    "share": Function(("share",), (_COIN,)),
    "take_two": Function(("move", "move"), (_COIN, _COIN)),
    "lend_two": Function(("lend", "lend"), (_COIN, _COIN)),
    "share_two": Function(("share", "share"), (_COIN, _COIN)),
    "lend_and_take": Function(("lend", "move"), (_COIN, _COIN)),
    "take_and_lend": Function(("move", "lend"), (_COIN, _COIN)),
    "share_and_lend": Function(("share", "lend"), (_COIN, _COIN)),
    "take_purse": Function(("move",), ("purse",)),
    "lend_purse": Function(("lend",), ("purse",)),
    "take_team": Function(("move",), ("team",)),
    "lend_team": Function(("lend",), ("team",)),
    "take_coins": Function(("move",), ("coins",)),
    "share_coins": Function(("share",), ("coins",)),
    "take_shelf": Function(("move",), ("shelf",)),
    "share_shelf": Function(("share",), ("shelf",)),
    "take_all": Function(("move",), (_COIN,), is_variadic=True),
    "lend_all": Function(("lend",), (_COIN,), is_variadic=True),
    "share_all": Function(("share",), (_COIN,), is_variadic=True),
    "append": Function(("move",), (_COIN,), receiver="receiver"),
    "merge": Function(("move",), (_COIN,), receiver="receiver"),
    "read": Function((), (), receiver="receiver"),
    "finish": Function((), (), receiver="move"),
    "step": Function(("move",), (_COIN,), gives=True),
    "take_each": Function(("move",), (_COIN,)),
    "lend_each": Function(("lend",), (_COIN,)),
    "share_each": Function(("share",), (_COIN,)),
    "pour": Function(("move",), ("coins",)),
    "mint": Function(("lend",), (_COIN,)),
    "take_later": Function(("move",), (_COIN,), is_async=True),
    "lend_later": Function(("lend",), (_COIN,), is_async=True),
    "share_later": Function(("share",), (_COIN,), is_async=True),
    "step_later": Function(("move",), (_COIN,), gives=True, is_async=True),
}

PRELUDE = """\
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from threading import Thread
from types import TracebackType

from budget_types import Borrowed, Owned, Shared, affine, consumes


@affine
class Coin:
    n: int

    @property
    def size(self) -> int: raise NotImplementedError
    def __bool__(self) -> bool: raise NotImplementedError
    def __lt__(self, other: Borrowed[Coin]) -> bool: raise NotImplementedError
    def merge(self, other: Coin) -> int: raise NotImplementedError
    def read(self) -> int: raise NotImplementedError
    @consumes
    def finish(self) -> int: raise NotImplementedError


class Gold(Coin):
    @property
    def size(self) -> int: raise NotImplementedError
    def __bool__(self) -> bool: raise NotImplementedError
    def __lt__(self, other: Borrowed[Coin]) -> bool: raise NotImplementedError
    def merge(self, other: Coin) -> int: raise NotImplementedError
    def read(self) -> int: raise NotImplementedError
    @consumes
    def finish(self) -> int: raise NotImplementedError


@affine
@dataclass
class Purse:
    a: Coin
    b: Coin


@affine
@dataclass
class Team:
    p: Purse
    c: Coin


class Plain:
    def __enter__(self) -> None: ...
    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...


class Swallow:
    def __enter__(self) -> None: ...
    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> bool:
        raise NotImplementedError
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> bool:
        raise NotImplementedError


def decide() -> bool: raise NotImplementedError
def note() -> int: raise NotImplementedError
def numbers() -> list[int]: raise NotImplementedError
def numbers_later() -> AsyncIterator[int]: raise NotImplementedError
def coins_later() -> AsyncIterator[Coin]: raise NotImplementedError
def coin() -> Coin: raise NotImplementedError
def gold() -> Gold: raise NotImplementedError
def purse() -> Purse: raise NotImplementedError
def team() -> Team: raise NotImplementedError
def coins() -> list[Coin]: raise NotImplementedError
def shelf() -> dict[str, Coin]: raise NotImplementedError
def jobs() -> list[asyncio.Task[int]]: raise NotImplementedError
def jobs_by_key() -> dict[str, asyncio.Task[int]]: raise NotImplementedError
def jobs_in_set() -> set[asyncio.Task[int]]: raise NotImplementedError
def take(x: Coin) -> int: raise NotImplementedError
def lend(x: Borrowed[Coin]) -> int: raise NotImplementedError
def share(x: Shared[Coin]) -> int: raise NotImplementedError
def take_two(x: Coin, y: Coin) -> int: raise NotImplementedError
def lend_two(x: Borrowed[Coin], y: Borrowed[Coin]) -> int: raise NotImplementedError
def share_two(x: Shared[Coin], y: Shared[Coin]) -> int: raise NotImplementedError
def lend_and_take(x: Borrowed[Coin], y: Coin) -> int: raise NotImplementedError
def take_and_lend(x: Coin, y: Borrowed[Coin]) -> int: raise NotImplementedError
def share_and_lend(x: Shared[Coin], y: Borrowed[Coin]) -> int: raise NotImplementedError
def take_purse(x: Purse) -> int: raise NotImplementedError
def lend_purse(x: Borrowed[Purse]) -> int: raise NotImplementedError
def take_team(x: Team) -> int: raise NotImplementedError
def lend_team(x: Borrowed[Team]) -> int: raise NotImplementedError
def take_coins(x: list[Coin]) -> int: raise NotImplementedError
def share_coins(x: Shared[list[Coin]]) -> int: raise NotImplementedError
def take_shelf(x: dict[str, Coin]) -> int: raise NotImplementedError
def share_shelf(x: Shared[dict[str, Coin]]) -> int: raise NotImplementedError
def take_all(*x: Coin) -> int: raise NotImplementedError
def lend_all(*x: Borrowed[Coin]) -> int: raise NotImplementedError
def share_all(*x: Shared[Coin]) -> int: raise NotImplementedError
def step(x: Coin) -> Coin: raise NotImplementedError
def halve(x: Coin) -> tuple[Coin, Coin]: raise NotImplementedError
def once(x: Owned[Callable[[], int]]) -> int: raise NotImplementedError
def many(x: Callable[[], int]) -> int: raise NotImplementedError
def take_each(x: Coin) -> Iterator[int]: raise NotImplementedError
def lend_each(x: Borrowed[Coin]) -> Iterator[int]: raise NotImplementedError
def share_each(x: Shared[Coin]) -> Iterator[int]: raise NotImplementedError
def pour(x: list[Coin]) -> Iterator[Coin]: raise NotImplementedError
def mint(x: Borrowed[Coin]) -> Iterator[Coin]: raise NotImplementedError
def take_flow(x: Iterator[Coin]) -> int: raise NotImplementedError
async def take_later(x: Coin) -> int: raise NotImplementedError
async def lend_later(x: Borrowed[Coin]) -> int: raise NotImplementedError
async def share_later(x: Shared[Coin]) -> int: raise NotImplementedError
async def step_later(x: Coin) -> Coin: raise NotImplementedError
"""
