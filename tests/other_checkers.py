"""Type checkers that know nothing of ownership: how each is started, told where to look, and read.

Each is what its users start, from the environment that the tests run in. This module must never know which programs
it is shown, nor what is expected of them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from command import program, run

__all__ = ["CHECKERS", "Checker", "Remark"]

PYTHON_VERSION = "3.13"
"""Of the syntax. No program runs here, so this Python may be an older one; 3.14 refuses a `return` in `finally`."""


@dataclass(frozen=True, order=True)
class Remark:
    """What a checker says of a line; `severity` is `error` or `warning`."""

    file: str
    line: int
    rule: str
    severity: str
    message: str


@dataclass(frozen=True)
class Checker:
    """How one of them is used.

    Attributes:
        name: of the command, and of the package it comes in.
        configuration: the name of its file, and the text of it, given the directories that programs import from and
            whether it is to be as strict as it can.
        arguments: what to start it with; it is given no files, and looks at all there are.
        read: what it said, line by line.
    """

    name: str
    configuration: Callable[[Sequence[str], bool], tuple[str, str]]
    arguments: Sequence[str]
    read: Callable[[str, Path], Iterator[Remark]]

    def why_not(self, directory: Path) -> str | None:
        """Why it cannot be started here; None if it can."""
        if not Path(program(self.name)).is_file():
            return f"{self.name} is not installed"
        # pyright fetches its own code when it is first used.
        done = run([program(self.name), "--version"], cwd=directory)
        return None if done.code == 0 else f"{self.name} does not start: {done.out}{done.err}"

    def check(self, directory: Path, roots: Sequence[str], *, strict: bool) -> list[Remark]:
        """What it says of all programs below `directory`, which import each other from `roots` in it."""
        file, text = self.configuration(roots, strict)
        (directory / file).write_text(text, encoding="utf-8")
        done = run([program(self.name), *self.arguments], cwd=directory)
        if done.code not in (0, 1):
            raise RuntimeError(f"{self.name} exited with {done.code}:\n{done.out}{done.err}")
        return sorted(self.read(done.out, directory))


# pyright, and basedpyright, which is a fork of it


def _of_pyright(rules: dict[str, object]) -> Callable[[Sequence[str], bool], tuple[str, str]]:
    def configuration(roots: Sequence[str], strict: bool) -> tuple[str, str]:
        settings: dict[str, object] = {
            "pythonVersion": PYTHON_VERSION,
            "executionEnvironments": [{"root": root} for root in roots],
            **(rules if strict else {"typeCheckingMode": "standard"}),
        }
        return "pyrightconfig.json", json.dumps(settings)

    return configuration


def _read_pyright(output: str, directory: Path) -> Iterator[Remark]:
    for each in json.loads(output)["generalDiagnostics"]:
        file = Path(each["file"]).relative_to(directory.resolve()).as_posix()
        line = each["range"]["start"]["line"] + 1
        yield Remark(file, line, each.get("rule", "syntax"), each["severity"], each["message"])


# ty


def _of_ty(roots: Sequence[str], strict: bool) -> tuple[str, str]:
    rules = '[rules]\nall = "error"\n' if strict else ""
    return "ty.toml", f'[environment]\npython-version = "{PYTHON_VERSION}"\nroot = {json.dumps(list(roots))}\n{rules}'


_TY = re.compile(r"(?P<file>[^:\n]+):(?P<line>\d+):\d+: (?P<severity>\w+)\[(?P<rule>[\w-]+)\] (?P<message>.*)")


def _read_ty(output: str, directory: Path) -> Iterator[Remark]:
    for line in filter(None, output.splitlines()):
        if found := _TY.fullmatch(line):
            yield Remark(found["file"], int(found["line"]), found["rule"], found["severity"], found["message"])
        elif not re.fullmatch(r"All checks passed!|Found \d+ diagnostics?", line):
            raise RuntimeError(f"ty says what the tests do not understand: {line}")


# pyrefly


def _of_pyrefly(roots: Sequence[str], strict: bool) -> tuple[str, str]:
    # All there is but one matter of taste: that nobody writes `Any`.
    rules = 'preset = "all"\n[errors]\nexplicit-any = false\n' if strict else 'preset = "default"\n'
    return (
        "pyrefly.toml",
        f'python-version = "{PYTHON_VERSION}"\nsearch-path = {json.dumps(list(roots))}\n{rules}',
    )


def _read_pyrefly(output: str, directory: Path) -> Iterator[Remark]:
    for each in json.loads(output)["errors"]:
        file = Path(directory, each["path"]).resolve().relative_to(directory.resolve()).as_posix()
        yield Remark(file, each["line"], each["name"], each["severity"], each["concise_description"])


CHECKERS = {
    checker.name: checker
    for checker in (
        Checker(
            "pyright",
            _of_pyright({"typeCheckingMode": "strict"}),
            ["--outputjson", "--pythonpath", sys.executable],
            _read_pyright,
        ),
        Checker(
            "basedpyright",
            # What it recommends, which is what it does by itself, but for two matters of taste: that each result is
            # used, `assert_type`'s included, and that nobody writes `Any`.
            _of_pyright(
                {"typeCheckingMode": "recommended", "reportUnusedCallResult": False, "reportExplicitAny": False}
            ),
            ["--outputjson", "--pythonpath", sys.executable],
            _read_pyright,
        ),
        Checker("ty", _of_ty, ["check", "--output-format=concise", "--python", sys.prefix], _read_ty),
        Checker(
            "pyrefly",
            _of_pyrefly,
            ["check", "--output-format=json", "--python-interpreter-path", sys.executable],
            _read_pyrefly,
        ),
    )
}
