"""Values, numbers and conditions. Those of functions, tasks and threads stand with these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from . import Condition, Kind, Node, Number, Value

__all__ = [
    "And",
    "Attribute",
    "Both",
    "Call",
    "Chain",
    "Choice",
    "Comprehension",
    "Decide",
    "Display",
    "Either",
    "Element",
    "Entries",
    "Fields",
    "Format",
    "Fresh",
    "Item",
    "Not",
    "Or",
    "Over",
    "Place",
    "Positive",
    "Row",
    "Star",
    "Truth",
    "Walrus",
]


Over: TypeAlias = Literal["plain", "enumerate", "reversed", "zip", "items", "list", "sorted", "async"]
"""What is between a loop and the list that it goes over. A dict is asked for its values, or for its items; what an
`async for` goes over is new."""


@dataclass(frozen=True)
class Place(Value):
    """A variable, or a field of one: `h.a`."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Fresh(Value):
    """A new value, made by a call."""

    kind: Kind


@dataclass(frozen=True)
class Fields(Value):
    """`Purse(left, right)`; `team`: `Team(left, right)`, where `left` is a purse."""

    left: Value
    right: Value
    team: bool = False


@dataclass(frozen=True)
class Entries(Value):
    """`[item, ...]`; `keyed`: `{key: item, ...}`."""

    items: tuple[Value, ...]
    keyed: bool = False


@dataclass(frozen=True)
class Row(Node):
    """An element of a display that is gone through: a place, or a pair of two."""

    places: tuple[Place, ...]


@dataclass(frozen=True)
class Display(Value):
    """`(row, ...)`, that a loop goes over. The target is a pair of names where the rows are pairs."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Element(Value):
    """`xs.pop()`, `d.pop("k")`."""

    source: Place


@dataclass(frozen=True)
class Star(Value):
    """`*xs`, `*d.values()`, in a display or a call."""

    source: Place


@dataclass(frozen=True)
class Item(Value):
    """`xs[0]`, `d["k"]`."""

    source: Place


@dataclass(frozen=True)
class Choice(Value):
    """`then if condition else otherwise`."""

    condition: Condition
    then: Value
    otherwise: Value


@dataclass(frozen=True)
class Or(Value):
    """`left or right`."""

    left: Place
    right: Value


@dataclass(frozen=True)
class And(Value):
    """`left and right`."""

    left: Place
    right: Value


@dataclass(frozen=True)
class Walrus(Value):
    """`name := value`."""

    name: str
    value: Value


@dataclass(frozen=True)
class Call(Number, Value):
    """A call of one of the functions that `spelling` knows; those that give a coin back are values, too."""

    function: str
    arguments: tuple[Value | Number, ...]
    by_name: bool = False
    """Whether they are given by their names, the last one first."""


@dataclass(frozen=True)
class Attribute(Number):
    """`place.n`; `computed`: `place.size`, a property."""

    place: Place | Item
    computed: bool = False


@dataclass(frozen=True)
class Format(Number):
    """`len(f"{place}")`."""

    place: Place


@dataclass(frozen=True)
class Comprehension(Number):
    """`len([element for target in source if condition])`; `lazy`: `sum(... for ...)`.

    `source` is a list, or None for numbers; `target` is then nothing that is used.
    """

    element: Number
    target: str
    source: Value | None
    condition: Condition | None
    lazy: bool
    over: Over = "plain"


@dataclass(frozen=True)
class Decide(Condition):
    """`decide()`."""


@dataclass(frozen=True)
class Not(Condition):
    """`not operand`."""

    operand: Condition


@dataclass(frozen=True)
class Both(Condition):
    """`left and right`."""

    left: Condition
    right: Condition


@dataclass(frozen=True)
class Either(Condition):
    """`left or right`."""

    left: Condition
    right: Condition


@dataclass(frozen=True)
class Positive(Condition):
    """`number > 0`."""

    number: Number


@dataclass(frozen=True)
class Truth(Condition):
    """The value itself as a condition."""

    value: Place | Walrus


@dataclass(frozen=True)
class Chain(Condition):
    """`first < second < third`."""

    first: Place
    second: Place
    third: Place
