"""Expected errors in comments, what mypy really says, and the difference between the two.

A program states what it expects of the checker at the end of the line where mypy reports it:

    run(b)  # E: use-after-move                       the code only
    run(b)  # E: use-after-move: the whole message    the code and the whole message
    run(b, b)  # E: call-arg  # E: budget-copied      several errors on one line
    run(b)  # E: use-after-move  # N: the whole note  a hint: a note on the same line

What is too long for the end of a line may stand below it, in comments of their own:

    run(b)  # E: use-after-move
    # ^ the whole message
    # ^ hint: the whole note

Lines and codes are compared in both directions: what is marked must be found, and what is found must be
marked, mypy's own errors included. Messages are compared where one is given. Notes are compared on the lines
that have a `# N:`; elsewhere they are free.

What a program wants of the settings stands in a comment of its own, and holds for all that are checked with it:

    # [budget-types.containers] contexts = app.Run

This module must never know about fixtures, Markdown or pytest: it turns text and mypy's output into remarks,
and compares them.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import subprocess
import sys
import tokenize
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

__all__ = [
    "MYPY",
    "Line",
    "MypyError",
    "Remarks",
    "configuration",
    "difference",
    "expected",
    "needed",
    "run_mypy",
    "supported",
]

CONFIG = """\
[mypy]
strict = True
plugins = mypy_plugin
"""
MAY_MINT = re.compile(r"(.*_)?main")
"""Programs that may make budgets from nothing, by what they are called; for `budget-minted`, where it is on."""

MARK = re.compile(r"#\s*(?=[EN]:)")
ERROR = re.compile(r"E:\s*(?P<code>[a-z0-9-]+)(?::\s*(?P<message>.+))?")
BELOW = "# ^ "
NOTE = re.compile(r"N:\s*(?P<text>.+)")
SETTING = re.compile(r"^# \[(?P<table>budget-types[.a-z]*)\] (?P<name>\w+) = (?P<value>\S+)$", re.MULTILINE)
MYPY = tuple(int(part) for part in version("mypy").split(".")[:2])
"""The release of mypy that runs, as far as its features depend on it."""
VERSION_SUFFIX = re.compile(r"_py3(\d+)$")


class MypyError(Exception):
    """mypy did not get as far as checking: a usage error, a broken configuration, a crash."""


@dataclass
class Line:
    """What is said of one line: messages by code (a `None` stands for any message), and notes."""

    errors: defaultdict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    notes: set[str] = field(default_factory=set)


Remarks = Mapping[int, Line]
"""Line number → what is said of it."""


def expected(source: str) -> Remarks:
    """Read the marks out of the comments of a program. Raises ValueError for a mark that is none."""
    lines: defaultdict[int, Line] = defaultdict(Line)
    latest = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        number = token.start[0]
        if token.string.startswith(BELOW):
            _complete(lines[latest], latest, token.string.removeprefix(BELOW))
            continue
        for mark in MARK.split(token.string)[1:]:
            latest = number
            if error := ERROR.fullmatch(mark.rstrip()):
                lines[number].errors[error["code"]].add(error["message"])
            elif note := NOTE.fullmatch(mark.rstrip()):
                lines[number].notes.add(note["text"])
            else:
                raise ValueError(f"line {number}: not an expectation: {mark!r}")
    return lines


def _complete(line: Line, number: int, text: str) -> None:
    """Add a message or a note that stands below the marks of its line."""
    if text.startswith("hint: "):
        line.notes.add(text)
        return
    if len(line.errors) != 1:
        raise ValueError(f"line {number}: a message below it needs one error to belong to: {text!r}")
    (messages,) = line.errors.values()
    messages.discard(None)
    messages.add(text)


def supported(path: Path) -> bool:
    """Whether this Python can parse the file: `*_py312.py` needs 3.12."""
    return sys.version_info >= needed(path)


def needed(path: Path) -> tuple[int, int]:
    """The Python that a file is written for."""
    suffix = VERSION_SUFFIX.search(path.stem)
    return 3, int(suffix[1]) if suffix is not None else 0


def run_mypy(
    directory: Path, files: Collection[Path], scratch: Path, arguments: Sequence[str] = ()
) -> dict[str, Remarks]:
    """Check `files` of `directory`, once and together, with the plugin on and a cache of their own.

    mypy runs *in* `directory`, so that the plugin and `budget_types` come from where they are installed, and
    not from the checkout around the tests. Returns what was found, by file as given.
    """
    config = scratch / "mypy.ini"
    config.write_text(configuration(directory, files), encoding="utf-8")
    options = ["--output=json", f"--config-file={config}", f"--cache-dir={scratch / 'cache'}", *arguments]
    names = sorted(file.as_posix() for file in files)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *names],
        cwd=directory,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode not in (0, 1) or done.stderr:
        raise MypyError(f"mypy exited with {done.returncode}\n{done.stdout}{done.stderr}")
    return _found(done.stdout.splitlines())


def configuration(directory: Path, files: Collection[Path]) -> str:
    """The configuration that `files` of `directory` are checked with."""
    return CONFIG + _settings(directory, sorted(files))


def _settings(directory: Path, files: Iterable[Path]) -> str:
    """Our own sections of the configuration: who may mint, and what the programs say that they want."""
    tables: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    tables["budget-types"]["mint"] = []
    for file in files:
        if MAY_MINT.fullmatch(file.stem):
            tables["budget-types"]["mint"].append(file.stem)
        for setting in SETTING.finditer((directory / file).read_text(encoding="utf-8")):
            tables[setting["table"]][setting["name"]].append(setting["value"])
    return "".join(
        "".join([f"[{table}]\n", *(f"{name} = {', '.join(values)}\n" for name, values in settings.items())])
        for table, settings in tables.items()
    )


def _found(output: Iterable[str]) -> dict[str, Remarks]:
    files: defaultdict[str, defaultdict[int, Line]] = defaultdict(lambda: defaultdict(Line))
    for text in filter(None, output):
        record = json.loads(text)
        line = files[Path(record["file"]).as_posix()][record["line"]]
        if record["severity"] == "error":
            line.errors[record["code"]].add(record["message"])
            line.notes.update((record["hint"] or "").splitlines())
        else:
            line.notes.add(record["message"])
    return dict(files)


def difference(source: str, wanted: Remarks, found: Remarks) -> str:
    """A diff from what is marked to what mypy says, each under its line of source; empty when they agree."""
    lines = source.splitlines()
    before: list[str] = []
    after: list[str] = []
    for number in sorted({*wanted, *found}):
        marked, said = _told_apart(wanted.get(number, Line()), found.get(number, Line()))
        code = MARK.split(lines[number - 1])[0].strip() if number <= len(lines) else ""
        before += [f"{number}: {code}", *marked]
        after += [f"{number}: {code}", *said]
    if before == after:
        return ""
    diff = difflib.unified_diff(before, after, "expected", "found", lineterm="", n=len(before))
    return "\n".join(line for line in diff if not line.startswith("@@"))


def _told_apart(wanted: Line, found: Line) -> tuple[list[str], list[str]]:
    """What is marked and what was said of a line, as text that is equal where the mark is met."""
    marked: list[str] = []
    said: list[str] = []
    for code in sorted({*wanted.errors, *found.errors}):
        ours, theirs = wanted.errors.get(code, set()), found.errors.get(code, set())
        marked += _spelled(code, ours)
        met = None in ours and theirs and ours - {None} <= theirs
        said += _spelled(code, ours if met else theirs)
    if wanted.notes:
        marked += [f"    N: {note}" for note in sorted(wanted.notes)]
        said += [f"    N: {note}" for note in sorted(found.notes)]
    return marked, said


def _spelled(code: str, messages: set[str | None]) -> list[str]:
    return sorted(f"    E: {code}" + (f": {message}" if message else "") for message in messages)
