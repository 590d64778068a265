"""Statements: what is assigned to what, and where control goes."""

from __future__ import annotations

from dataclasses import dataclass

from . import Block, Condition, Node, Number, Statement, Value
from .expressions import Display, Item, Over, Place

__all__ = [
    "Assert",
    "Assign",
    "Break",
    "Case",
    "Collect",
    "CollectMore",
    "Continue",
    "Delete",
    "Do",
    "For",
    "Halve",
    "Handler",
    "If",
    "Match",
    "Put",
    "Raise",
    "Return",
    "Swap",
    "Try",
    "Unpack",
    "View",
    "While",
    "With",
    "Yield",
]


@dataclass(frozen=True)
class Assign(Statement):
    """`target = value`, or `target = other = value`."""

    target: Place
    value: Value
    other: Place | None = None


@dataclass(frozen=True)
class Swap(Statement):
    """`first, second = left, right`."""

    first: Place
    second: Place
    left: Value
    right: Value


@dataclass(frozen=True)
class Halve(Statement):
    """`first, second = halve(value)`."""

    first: Place
    second: Place
    value: Value


@dataclass(frozen=True)
class Unpack(Statement):
    """`first, second = source`; `starred`: `first, *second = source`, where `second` is a list."""

    first: str
    second: str
    starred: bool
    source: Value


@dataclass(frozen=True)
class View(Statement):
    """`name: Borrowed[Coin] = source`; of an element also `name = source`, if it is not `declared`."""

    name: str
    source: Place | Item
    declared: bool = True


@dataclass(frozen=True)
class Collect(Statement):
    """`name: list[Borrowed[Coin]] = [place, ...]`."""

    name: str
    display: Display


@dataclass(frozen=True)
class CollectMore(Statement):
    """`name.append(place)`."""

    name: str
    place: Place


@dataclass(frozen=True)
class Put(Statement):
    """`xs[0] = value`, `d["k"] = value`."""

    target: Item
    value: Value


@dataclass(frozen=True)
class Do(Statement):
    """An expression on a line of its own."""

    what: Value | Number


@dataclass(frozen=True)
class Delete(Statement):
    """`del place`."""

    place: Place


@dataclass(frozen=True)
class Return(Statement):
    """`return value`."""

    value: Value | None


@dataclass(frozen=True)
class Yield(Statement):
    """`yield value`."""

    value: Value


@dataclass(frozen=True)
class Raise(Statement):
    """`raise ValueError`."""


@dataclass(frozen=True)
class Assert(Statement):
    """`assert condition`."""

    condition: Condition


@dataclass(frozen=True)
class If(Statement):
    """`if condition: then else: otherwise`."""

    condition: Condition
    then: Block
    otherwise: Block


@dataclass(frozen=True)
class While(Statement):
    """`while condition: body else: otherwise`; without a condition, `while True`."""

    condition: Condition | None
    body: Block
    otherwise: Block


@dataclass(frozen=True)
class For(Statement):
    """`for target in source: body else: otherwise`; without a source, over numbers."""

    target: str
    source: Value | None
    body: Block
    otherwise: Block
    over: Over = "plain"


@dataclass(frozen=True)
class Break(Statement):
    """`break`."""


@dataclass(frozen=True)
class Continue(Statement):
    """`continue`."""


@dataclass(frozen=True)
class Handler(Node):
    """`except ValueError: body`, or `except BaseException: body`."""

    catches_all: bool
    body: Block


@dataclass(frozen=True)
class Try(Statement):
    """`try: body`, with any of the other clauses."""

    body: Block
    handlers: tuple[Handler, ...]
    otherwise: Block
    final: Block


@dataclass(frozen=True)
class With(Statement):
    """`with Swallow(): body`, which may swallow what is raised inside, or `with Plain(): body`, which does not."""

    swallows: bool
    body: Block
    is_async: bool = False


@dataclass(frozen=True)
class Case(Node):
    """A case of a `match`: `names` are the captures (of the subject, or of its two fields)."""

    names: tuple[str, ...]
    guard: Condition | None
    body: Block


@dataclass(frozen=True)
class Match(Statement):
    """`match subject: ...`; without a subject, a number. A case without names is a literal, or `_` at the end."""

    subject: Place | None
    cases: tuple[Case, ...]
    has_default: bool
