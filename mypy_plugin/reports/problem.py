"""What a problem is: one line of mypy's `--output json`, read once, for every format and for the baseline.

Owns where a problem stands and when two are the same one. Never imports mypy, and never writes a report.
"""

from __future__ import annotations

import hashlib
import json
import ntpath
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PureWindowsPath
from typing import Final, Literal

__all__ = [
    "Key",
    "Problem",
    "Run",
    "beside_source",
    "fingerprints",
    "from_root",
    "read",
    "source_lines",
]

Key = tuple[str, str, str]
"""What stays the same of a problem while lines come and go above it: file, code, message."""

_LINE: Final = re.compile(r"\b(lines?) \d+(?:(?:, | and | to |-)\d+)*")
_PLAIN: Final = re.compile(
    r"(?P<file>.+?)(?::(?P<line>\d+))?: (?P<severity>error|note): (?P<message>.+?)(?:  \[(?P<code>[a-z-]+)\])?"
)
_ONE_BASED: Final = "syntax"
"""The code under which mypy passes on the column that Python gives; its own are counted from 0."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error or note. Lines and columns are counted from 1, in characters; `None` where mypy does not know."""

    file: str
    """As mypy names it, with `/` on every system."""
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    """The first one after it."""
    message: str
    hint: str
    code: str
    severity: Literal["error", "note"]
    source: str = ""
    """The line of the program that it is about."""
    written: str = field(default="", compare=False)
    """The line of output that stated it."""

    @property
    def text(self) -> str:
        """Message and hint."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    @property
    def key(self) -> Key:
        """What it is known by in another run."""
        return self.file, self.code, _LINE.sub(r"\1 N", self.message)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of mypy left behind."""

    code: int
    problems: tuple[Problem, ...]
    failure: str = ""
    """Why mypy ended early, where no problem says so."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that fail a run."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def read(line: str, *, flavour: type[PurePath] = PurePath) -> Problem | None:
    """The problem that a line of output states, or None when it states something else."""
    try:
        record = json.loads(line)
    except ValueError:
        # What ends a run is in plain text whatever was asked for, in some releases of mypy.
        plain = _PLAIN.fullmatch(line)
        record = {} if plain is None else plain.groupdict() | {"line": int(plain["line"] or -1)}
    try:
        file, message, severity = record["file"], record["message"], record["severity"]
    except (TypeError, KeyError):
        return None
    start = _position(record, "", record.get("code"))
    end = _position(record, "end_", record.get("code"))
    whole = (start, end)
    if None in (*start, *end) or sorted(whole) != list(whole):
        # Not every mypy says where something ends, and some errors have a line and no column.
        end = (start[0], None)
    return Problem(
        file=flavour(file).as_posix(),
        line=start[0],
        column=start[1],
        end_line=end[0],
        end_column=end[1],
        message=message,
        hint=record.get("hint") or "",
        code=record.get("code") or "",
        severity="note" if severity == "note" else "error",
        written=line,
    )


def _position(record: dict[str, int], prefix: str, code: object) -> tuple[int | None, int | None]:
    line, column = record.get(f"{prefix}line", -1), record.get(f"{prefix}column", -1)
    if line < 1:
        return None, None
    column += code != _ONE_BASED
    return line, column if column > 0 else None


def beside_source(problems: Iterable[Problem], source: Callable[[str], list[str]]) -> list[Problem]:
    """Add the line of the program to each; `source` gives those of a file.

    Where a line is not ASCII, the columns are left out: there mypy counts bytes, or less, as its parser has it.
    """
    lines: dict[str, list[str]] = {}

    def at(file: str, line: int | None) -> str:
        if file not in lines:
            lines[file] = source(file)
        return "" if line is None else "".join(lines[file][line - 1 : line])

    def known(problem: Problem) -> Problem:
        first, last = at(problem.file, problem.line), at(problem.file, problem.end_line)
        sure = first.isascii() and last.isascii()
        found = problem if sure else replace(problem, column=None, end_column=None)
        return replace(found, source=first.strip())

    return list(map(known, problems))


def source_lines(file: str) -> list[str]:
    """The lines of a file, as far as they can be read."""
    try:
        return Path(file).read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return []


def from_root(problems: Iterable[Problem], directory: PurePath, root: PurePath) -> list[Problem]:
    """Name files from the root of the repository, where mypy ran in `directory` and named them from there."""
    normal = ntpath.normpath if isinstance(directory, PureWindowsPath) else posixpath.normpath

    def named(file: str) -> str:
        whole = type(directory)(normal(directory / file))
        if file.startswith("<") or not whole.is_relative_to(root):
            return file
        return whole.relative_to(root).as_posix()

    return [replace(problem, file=named(problem.file)) for problem in problems]


def fingerprints(problems: Iterable[Problem]) -> list[str]:
    """One for each problem: none twice, and the same in another run, whatever lines it then stands on."""
    seen: Counter[Key] = Counter()
    made = []
    for problem in problems:
        seen[problem.key] += 1
        parts = json.dumps([*problem.key, seen[problem.key]])
        made.append(hashlib.sha256(parts.encode()).hexdigest())
    return made
