"""Two texts that grow line by line, and the tables in which what is to be written is looked up.

Must never know a construct of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..language import Block, Condition, Number, Program, Statement, Value, nodes
from ..language.expressions import Place
from .places import arguments_of

__all__ = ["Rows", "Two", "Writer"]

Two: TypeAlias = tuple[str, str]
"""A piece of the program, and the same piece of its twin."""


@dataclass(frozen=True)
class Rows:
    """Which function writes which class of nodes. A value is told what it is used for."""

    statements: Mapping[type[Statement], Callable[[Writer, Any], None]] = field(default_factory=dict)
    values: Mapping[type[Value], Callable[[Writer, Any, str], Two]] = field(default_factory=dict)
    numbers: Mapping[type[Number], Callable[[Writer, Any], Two]] = field(default_factory=dict)
    conditions: Mapping[type[Condition], Callable[[Writer, Any], Two]] = field(default_factory=dict)


class Writer:
    """What has been written of a program, and where in it the next line stands."""

    def __init__(self, program: Program, first: int, tables: Iterable[Rows]) -> None:
        self.program = program
        self.first = first
        self.depth = 0
        self.deeper = 0
        """How much deeper the twin is indented."""
        self.bindings = 0
        self.raises = False
        """Whether a handler or a `finally` would see an exception that is raised here."""
        self.inside = False
        """Whether the body of a nested function is being written."""
        self.yields = False
        """Whether that is a generator."""
        self.called: dict[str, str] = {}
        """What tasks are called that are reached by a key."""
        self.gives_back = any(isinstance(node, Place) and node.path[0] == "q" for node in nodes(program))
        """Whether a field of something borrowed is touched. Then every way out of the function matters; that of an
        exception of reading a field does not."""
        self.typed: list[str] = []
        self.twin: list[str] = []
        self.bodies: dict[str, range] = {}
        self._statements: dict[type, Callable[[Writer, Any], None]] = {}
        self._values: dict[type, Callable[[Writer, Any, str], Two]] = {}
        self._numbers: dict[type, Callable[[Writer, Any], Two]] = {}
        self._conditions: dict[type, Callable[[Writer, Any], Two]] = {}
        for rows in tables:
            self._statements.update(rows.statements)
            self._values.update(rows.values)
            self._numbers.update(rows.numbers)
            self._conditions.update(rows.conditions)

    # What is looked up

    def statement(self, node: Statement) -> None:
        self._statements[type(node)](self, node)

    def value(self, node: Value, use: str) -> Two:
        return self._values[type(node)](self, node, use)

    def number(self, node: Number) -> Two:
        return self._numbers[type(node)](self, node)

    def condition(self, node: Condition) -> Two:
        return self._conditions[type(node)](self, node)

    # Lines

    @property
    def line(self) -> int:
        """The line of the program that is written next."""
        return self.first + len(self.typed)

    def put(self, typed: str, twin: str) -> None:
        self.typed.append("    " * self.depth + typed)
        self.put_twin(twin)

    def put_twin(self, text: str) -> None:
        self.twin.append("    " * (self.depth + self.deeper) + text)

    @contextmanager
    def _indented(self, *, raises: bool | None = None) -> Iterator[None]:
        """What is written inside stands in a block. `raises`: whether somebody sees exceptions in there."""
        outer = self.raises
        self.depth += 1
        if raises is not None:
            self.raises = raises
            self.put_twin("t.changed = True")
        yield
        self.depth -= 1
        self.raises = outer

    def block(self, block: Block, *, raises: bool | None = None, first: Sequence[str] = ()) -> None:
        with self._indented(raises=raises):
            for text in first:
                self.put_twin(text)
            for statement in block:
                self.statement(statement)
            if not block:
                self.put("pass", "pass")

    @contextmanager
    def nested(self, *, yields: bool = False) -> Iterator[None]:
        """What is written inside is a body of its own."""
        kept = self.raises, self.inside, self.yields
        self.raises, self.inside, self.yields = False, True, yields
        self.depth += 1
        yield
        self.depth -= 1
        self.raises, self.inside, self.yields = kept

    # What the twin is told

    def binding(self) -> int:
        self.bindings += 1
        return self.bindings

    @property
    def r(self) -> str:
        return str(int(self.raises or (self.gives_back and not self.inside)))

    @property
    def r_of_field(self) -> str:
        return str(int(self.raises))

    def use(self, use: str, place: Place, *, calls: bool = False) -> str:
        """A place is used: moved, looked at, lent. `calls`: a method of it is called."""
        # Only the access to an attribute may raise.
        raises = self.r_of_field if len(place.path) > 1 or calls else "0"
        return f"t.{use}({self.line}, {raises}, {arguments_of(place)})"
