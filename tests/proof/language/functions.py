"""Nested functions: where they are made, called and given away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import Block, Node, Number, Statement, Value

__all__ = [
    "CallOf",
    "Closure",
    "Define",
    "Giver",
    "Lambda",
    "Let",
    "Named",
    "PassTo",
]


class Closure(Node):
    """An expression for a function without parameters, which gives an int."""


@dataclass(frozen=True)
class Named(Closure):
    """A function that a variable holds."""

    name: str


@dataclass(frozen=True)
class Lambda(Closure):
    """`lambda: body`; `name` is for its twin. `default`, `number`: `lambda parameter=default: body`.

    mypy has no type for such a one, so it is never called.
    """

    name: str
    body: Number
    parameter: str = ""
    default: Value | None = None
    number: Number | None = None


@dataclass(frozen=True)
class CallOf(Number):
    """`name()`; `awaited`: `await name()`."""

    name: str
    awaited: bool = False


@dataclass(frozen=True)
class PassTo(Number):
    """`helper(function)`; the helper is known to call it once, or it may call it more often."""

    helper: Literal["once", "many"]
    function: Closure


@dataclass(frozen=True)
class Define(Statement):
    """`def name() -> int: body`; `runs_later`: `async def`; `yields`: it is a generator; `pours`: of coins.

    `default`: `def name(parameter: Coin = default)`; `number`: `def name(parameter: int = number)`.
    """

    name: str
    body: Block
    runs_later: bool = False
    yields: bool = False
    parameter: str = ""
    default: Value | None = None
    pours: bool = False
    number: Number | None = None


@dataclass(frozen=True)
class Giver(Statement):
    """`def name() -> int: nonlocal gives; body`, which gives the coins `gives` new values; or `async def`."""

    name: str
    gives: tuple[str, ...]
    body: Block
    runs_later: bool = False


@dataclass(frozen=True)
class Let(Statement):
    """`name = function`."""

    name: str
    function: Closure
