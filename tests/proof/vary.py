"""Says a program in other words: no finding may come or go.

Each variant gives the lines of the new text, and for each the line of the old one that it came from.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

__all__ = ["VARIANTS", "Lines"]

Lines = list[tuple[int, str]]
"""The number of the line that a line came from, 0 for one that is new, and its text."""

_NAME = re.compile(r"(?<![.\w])(a|b|c|d|h|w|xs|ys|q|[a-z]\d+)(?![\w=])")
_JUMP = re.compile(r"( *)(return|raise|break|continue)\b")


def renamed(lines: Lines, source: random.Random) -> Lines:
    """Every variable has another name."""
    del source
    head, *body = lines
    parameters = _NAME.sub(r"some_\1", head[1].partition("(")[2])
    return [
        (head[0], head[1].partition("(")[0] + "(" + parameters),
        *((at, _NAME.sub(r"some_\1", text)) for at, text in body),
    ]


def wrapped(lines: Lines, source: random.Random) -> Lines:
    """The body stands in `if True:`."""
    del source
    return [lines[0], (0, "    if True:"), *((at, f"    {text}") for at, text in lines[1:])]


def commented(lines: Lines, source: random.Random) -> Lines:
    """Comments and empty lines stand between the lines."""

    def more() -> Iterator[tuple[int, str]]:
        yield lines[0]
        for line in lines[1:]:
            if source.random() < 0.4:
                yield 0, source.choice(("", "# take(a)", "        # lend(b)"))
            yield line

    return list(more())


def with_dead_code(lines: Lines, source: random.Random) -> Lines:
    """Things are done where control never comes."""

    def more() -> Iterator[tuple[int, str]]:
        yield lines[0]
        yield 0, "    if False:"
        yield 0, "        take(a)"
        for at, text in lines[1:]:
            yield at, text
            if jump := _JUMP.match(text):
                yield 0, f"{jump[1]}take({source.choice('abc')})"

    return list(more())


VARIANTS: dict[str, Callable[[Lines, random.Random], Lines]] = {
    "renamed": renamed,
    "wrapped": wrapped,
    "commented": commented,
    "with_dead_code": with_dead_code,
}
