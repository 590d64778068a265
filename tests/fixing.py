"""A program that the fixer is tested on: checked in a directory of its own, and what becomes of it.

This module must never know what a rewrite makes of a program: that stands in the tests of its topic.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from expectations import CONFIG

from mypy_plugin.fix.checker import Checker
from mypy_plugin.fix.engine import mend
from mypy_plugin.fix.verify import Program

__all__ = ["TWICE", "checked", "mended", "program"]

TWICE = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def twice(budget: Budget) -> int:
    return take(budget) + take(budget)
"""


@contextlib.contextmanager
def checked(directory: Path, files: Mapping[str, str | bytes]) -> Iterator[Checker]:
    """A program of its own, checked in its directory."""
    (directory / "mypy.ini").write_text(CONFIG, encoding="utf-8")
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = Path.cwd()
    os.chdir(directory)
    try:
        with Checker(["--config-file=mypy.ini", *files]) as checker:
            yield checker
    finally:
        os.chdir(before)


@contextlib.contextmanager
def program(directory: Path, files: Mapping[str, str | bytes]) -> Iterator[Program]:
    """The same, to be mended."""
    with checked(directory, files) as checker:
        yield Program(checker)


def mended(directory: Path, files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """What the fixer makes of files, by name."""
    with program(directory, files) as found:
        mend(found)
        return {name: text.encoded() for name, text in found.texts.items()}
