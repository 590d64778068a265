"""A whole program: its parameters, its body and its way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..language import Program
from . import expressions, functions, generators, loops, statements, tasks, threads
from .writer import Writer

__all__ = ["Spelled", "spell"]

_PARAMETERS = (
    "a: Coin, b: Coin, c: Coin, h: Purse, w: Team, xs: list[Coin], ys: list[Coin], d: dict[str, Coin], "
    "q: Borrowed[Purse]"
)
_NAMES = ("a", "b", "c", "h", "w", "xs", "ys", "d", "q")

_TABLES = tuple(topic.ROWS for topic in (expressions, statements, loops, functions, generators, tasks, threads))


@dataclass(frozen=True)
class Spelled:
    """The two texts of a program. `first`: the line of the typed text on which it begins."""

    typed: str
    twin: str
    first: int
    last: int
    bodies: Mapping[str, range] = field(default_factory=dict)
    """The lines of the bodies of nested functions."""


def spell(program: Program, first: int = 1) -> Spelled:
    """Write a program down, as if on line `first` of a file."""
    w = Writer(program, first, _TABLES)
    start, result = "def", "Coin | None"
    if program.form == "coroutine":
        start = "async def"
    elif program.form == "generator":
        result = "Iterator[Coin]"
    w.put(f"{start} {program.name}({_PARAMETERS}) -> {result}:", f"def {program.name}(t, {', '.join(_NAMES)}):")
    w.deeper = 1
    w.put_twin("borrowed = q")
    w.put_twin("try:")
    w.depth = 1
    for statement in program.body:
        w.statement(statement)
    w.put("return None" if program.form != "generator" else "yield coin()", "return None")
    w.depth = 0
    w.put_twin("except Oops: t.has_raised = True")
    w.put_twin("finally: t.leave(borrowed)")
    return Spelled("\n".join(w.typed) + "\n", "\n".join(w.twin) + "\n", first, first + len(w.typed) - 1, w.bodies)
