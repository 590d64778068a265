"""A change of text: what is replaced, where, and what becomes of the lines around it.

Positions are as libcst's and mypy's: lines from 1, columns from 0, in characters. What no edit names is kept to the
character, line ends included. This module must never know Python.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate

__all__ = ["Edit", "Lines", "Proposal", "apply", "between", "line_before"]

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace what stands from `start` to `end` in the file `path`; an insertion where both are the same."""

    path: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to mend an error, in the words of an editor's menu."""

    title: str
    edits: tuple[Edit, ...]
    follows: frozenset[str] = frozenset()
    """The rules that a program may break with it at first: then what takes the value has to borrow it, too."""
    empties: str = ""
    """The place of which it hands out all that is left, for good: then nobody may come upon it again."""

    def paths(self) -> list[str]:
        """The files it changes."""
        return sorted({edit.path for edit in self.edits})

    def edits_of(self, path: str) -> list[Edit]:
        """The changes to one file, from top to bottom."""
        return sorted(edit for edit in self.edits if edit.path == path)


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each line, by line number less 1."""
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    def offset(self, position: tuple[int, int]) -> int:
        """Where a position is in the text."""
        line, column = position
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[line - 1] + column, len(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1]

    def line(self, number: int) -> str:
        """One line, without its end; empty past the last one."""
        if number > len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return _LINE_END.sub("", self.text[self.starts[number - 1] : end])

    @cached_property
    def newline(self) -> str:
        """How this text ends its lines."""
        found = _LINE_END.search(self.text)
        return found[0] if found else "\n"


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all `edits` made. Raises ValueError for two that overlap."""
    lines, parts, at = Lines(text), [], 0
    for edit in sorted(edits):
        start, end = lines.offset(edit.start), lines.offset(edit.end)
        if start < at or end < start:
            raise ValueError(f"edits overlap at line {edit.start[0]}")
        parts += [text[at:start], edit.text]
        at = end
    return "".join([*parts, text[at:]])


def between(path: str, before: str, after: str) -> list[Edit]:
    """The edits that make one text of another, each of whole lines."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    lines = Lines(before)
    starts = [0, *accumulate(map(len, old))]
    return [
        Edit(path, lines.position(starts[i1]), lines.position(starts[i2]), "".join(new[j1:j2]))
        for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]


def line_before(edits: Sequence[Edit], line: int) -> tuple[int, int]:
    """The lines of the old text that a line of the new one may have come from: the first and the last."""
    shift = 0
    for edit in sorted(edits):
        added = len(_LINE_END.findall(edit.text))
        first = edit.start[0] + shift
        if line < first:
            break
        if line <= first + added:
            return edit.start[0], edit.end[0]
        shift += added - (edit.end[0] - edit.start[0])
    return line - shift, line - shift
