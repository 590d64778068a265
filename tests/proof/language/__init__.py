"""What the random programs are made of: statements and expressions over a few affine variables. Plain data.

A program is one function. Every decision in it is `decide()`, which nobody can foresee, so that every path is one
that can be taken. This package must never know how a program is spelled or what is right.

A topic of the language is a module, as it is in `generate` and in `spelling`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

__all__ = [
    "Block",
    "Condition",
    "Kind",
    "Node",
    "Number",
    "Program",
    "Statement",
    "Value",
    "children",
    "nodes",
]

Kind: TypeAlias = Literal["coin", "gold", "purse", "team", "coins", "shelf"]
"""The types of values: `Coin`, `Gold` (a coin that overrides all methods), `Purse` (which has two coins, `a` and `b`),
`Team` (which has a purse `p` and a coin `c`), `list[Coin]`, `dict[str, Coin]`."""


class Node:
    """A piece of a program."""


class Statement(Node):
    """Something that is done."""


class Value(Node):
    """An expression for something affine."""


class Number(Node):
    """An expression for an int."""


class Condition(Node):
    """An expression for a bool."""


Block: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True)
class Program(Node):
    """A function with the parameters `a, b, c: Coin`, `h: Purse`, `w: Team`, `xs, ys: list[Coin]`,
    `d: dict[str, Coin]` and `q: Borrowed[Purse]`.

    `form`: what kind of function it is.
    """

    name: str
    body: Block
    form: Literal["function", "generator", "coroutine"]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below one."""
    for field in fields(node):  # type: ignore[arg-type]  # every class of nodes is a dataclass
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Node):
                yield item


def nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in children(node):
        yield from nodes(child)
