"""What mypy reported, as a fixer needs it, read from mypy's output.

Lines count from 1 and columns from 0, as in mypy's own trees. This module must never know what a message means: that is
`wording.reading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

__all__ = ["MypyError", "from_text", "path_of_line"]

_TEXT = re.compile(
    r"(?P<path>.+?):(?P<line>\d+)(:(?P<column>\d+)(:(?P<end_line>\d+):(?P<end_column>\d+))?)?: "
    r"(?P<severity>error|note|warning): (?P<message>.*?)(  \[(?P<code>[a-z0-9-]+)\])?"
)


@dataclass(frozen=True, slots=True)
class MypyError:
    """One error. `hint`: the notes that came with it, a line each."""

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: error: {self.message}  [{self.code}]"


def from_text(lines: Iterable[str]) -> Iterator[MypyError]:
    """Read mypy's plain output, with `--show-error-end`. What is no error, nor the note of one, is passed over."""
    latest: MypyError | None = None
    for line in lines:
        found = _TEXT.fullmatch(line)
        if found is None:
            continue
        here = found["path"], int(found["line"]), int(found["column"] or 1) - 1
        if found["severity"] == "error":
            if latest is not None:
                yield latest
            end = int(found["end_line"] or 0), int(found["end_column"] or 0)
            latest = MypyError(*here, found["code"] or "", found["message"], "", *end)
        elif latest is not None and here == (latest.path, latest.line, latest.column):
            latest = _with_note(latest, found["message"])
    if latest is not None:
        yield latest


def path_of_line(line: str) -> str:
    """The file that a line of mypy's plain output is about; empty for one that is about none."""
    found = _TEXT.fullmatch(line)
    return found["path"] if found else ""


def _with_note(error: MypyError, note: str) -> MypyError:
    return replace(error, hint="\n".join(filter(None, [error.hint, note])))
