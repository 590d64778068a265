"""Generators that run later than where they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from . import Block, Condition, Node, Number, Statement, Value
from .expressions import Over

__all__ = [
    "Consume",
    "Flow",
    "FlowCall",
    "Generate",
    "Generated",
    "GeneratorCall",
    "GeneratorOf",
    "GiveFlow",
    "Later",
    "LaterCoins",
    "LetFlow",
    "Next",
    "Pause",
    "Through",
    "YieldFrom",
]


@dataclass(frozen=True)
class Later(Node):
    """`(element for target in source if condition)`; `name` is for its twin. See `Comprehension`."""

    name: str
    element: Number
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class GeneratorCall(Node):
    """`function(argument)`."""

    function: Literal["lend_each", "share_each", "take_each"]
    argument: Value


@dataclass(frozen=True)
class GeneratorOf(Node):
    """`name()`, where `name` is a nested function that yields."""

    name: str


Generated: TypeAlias = Later | GeneratorCall | GeneratorOf


@dataclass(frozen=True)
class Consume(Number):
    """`next(name, 0)`, `sum(name)`, `len([*name])`."""

    name: str
    how: Literal["next", "sum", "star"]


@dataclass(frozen=True)
class Generate(Statement):
    """`name = generator`."""

    name: str
    generator: Generated


# Of coins


@dataclass(frozen=True)
class FlowCall(Node):
    """`function(argument)`: what gives the coins of a list, or new ones beside a coin that it has on loan."""

    function: Literal["pour", "mint"]
    argument: Value


@dataclass(frozen=True)
class LaterCoins(Node):
    """As `Later`, of coins."""

    name: str
    element: Value
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class Next(Value):
    """`next(name)`."""

    name: str


@dataclass(frozen=True)
class Flow(Statement):
    """`name = generator`, of coins. A loop over it is a `For`."""

    name: str
    generator: FlowCall | GeneratorOf | LaterCoins


@dataclass(frozen=True)
class LetFlow(Statement):
    """`name = other`."""

    name: str
    other: str


@dataclass(frozen=True)
class GiveFlow(Number):
    """`take_flow(name)`."""

    name: str


@dataclass(frozen=True)
class Through(Statement):
    """`for target in generator: body else: otherwise`."""

    target: str
    generator: str | GeneratorCall | GeneratorOf
    body: Block
    otherwise: Block


@dataclass(frozen=True)
class Pause(Statement):
    """`yield 0`, in a nested function."""


@dataclass(frozen=True)
class YieldFrom(Statement):
    """`yield from generator`, in a nested function."""

    generator: GeneratorCall
