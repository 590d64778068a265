"""mypy over one corpus, with and without the plugin.

Owns the configuration of both runs, and what is a difference and what a crash. mypy's own messages have to be the same
in the same order; what the plugin says beside them is only counted.
"""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from command import program, run
from mypy.errorcodes import error_codes

from mypy_plugin import codes

from .classes import most_used
from .corpora import Corpus, lay_out, lines_of, version_of

__all__ = ["OPTIONS", "WITH", "WITHOUT", "Outcome", "Said", "arguments", "ask", "differences", "survey"]

OURS: Final = frozenset(code for code, one in error_codes.items() if codes.AFFINE in (one, one.sub_code_of))
CRASHED: Final = ("budget-types failed on this module", "INTERNAL ERROR", "Traceback (most recent call last)")

# As much as mypy has to say. Not of comments that it does not need: some are there for a line that we report, too.
OPTIONS: Final = """\
[mypy]
strict = True
warn_unreachable = True
warn_unused_ignores = False
local_partial_types = True
ignore_missing_imports = True
show_traceback = True
"""
# The daemon knows codes of plugins only where they are named for modules.
PLUGIN: Final = """\
plugins = mypy_plugin

[mypy-{name}.*]
enable_error_code = budget-minted, budget-dropped, budget-escape

[budget-types]
affine = {classes}
"""
WITHOUT: Final = "without.ini"
WITH: Final = "with.ini"


@dataclass(frozen=True, slots=True)
class Said:
    """What a run printed, and how long it took."""

    mypys: list[str]
    ours: list[str]
    crashes: list[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one corpus."""

    name: str
    version: str
    lines: int
    classes: Sequence[str]
    without: Said
    plugged: Said

    @property
    def differences(self) -> list[str]:
        """How mypy's own messages differ with the plugin: nothing, if all is well."""
        return differences(self.without.mypys, self.plugged.mypys)

    @property
    def is_well(self) -> bool:
        """Whether the plugin left everything as it was."""
        return not (self.differences or self.without.crashes or self.plugged.crashes)


def differences(without: list[str], plugged: list[str]) -> list[str]:
    """How messages differ, with the order of those at one place left out."""
    both = difflib.unified_diff(_settled(without), _settled(plugged), "without", "with", lineterm="", n=0)
    return [*both]


def _settled(messages: list[str]) -> list[str]:
    """The messages, with those of one place in a fixed order: mypy has them in another one in each run of its own."""
    return [message for _, group in groupby(messages, _place) for message in sorted(group)]


def _place(message: str) -> object:
    if not message.startswith("{"):
        return message
    read = json.loads(message)
    return read["file"], read["line"], read["column"]


def survey(corpus: Corpus, directory: Path, classes: Sequence[str] = ()) -> Outcome:
    """Check `corpus` twice in `directory`, which is empty. `classes`: those to make affine instead of the most used."""
    lay_out(corpus, directory)
    (directory / WITHOUT).write_text(OPTIONS, "utf-8")
    classes = classes or most_used(["--config-file", str(directory / WITHOUT), str(directory / corpus.name)])
    (directory / WITH).write_text(OPTIONS + PLUGIN.format(name=corpus.name, classes=", ".join(classes)), "utf-8")
    without, plugged = (
        ask(corpus, directory, [program("mypy"), *arguments(config, f".{config}.cache")]) for config in (WITHOUT, WITH)
    )
    return Outcome(corpus.name, version_of(corpus), lines_of(directory), classes, without, plugged)


def arguments(config: str, cache: str) -> list[str]:
    """What mypy is called with, whichever way it is called."""
    return ["--config-file", config, "--cache-dir", cache, "--output=json"]


def ask(corpus: Corpus, directory: Path, command: list[str]) -> Said:
    """What mypy says of `corpus`, which lies in `directory`."""
    began = time.monotonic()
    # mypy takes what is on this path for installed, and the path may be a relative one. And it starts its workers as
    # modules: not those of the copy of it that lies there.
    done = run([*command, "-p", corpus.name], cwd=directory, env={"PYTHONPATH": "", "PYTHONSAFEPATH": "1"})
    seconds = time.monotonic() - began
    mypys, ours, crashes = [], [], []
    for line in done.out.splitlines():
        code = json.loads(line)["code"] if line.startswith("{") else None
        if any(word in line for word in CRASHED):
            crashes.append(line)
        elif code in OURS:
            ours.append(line)
        else:
            mypys.append(line)
    if done.code not in (0, 1) or done.err:
        crashes.append(f"exit code {done.code}\n{done.err}")
    return Said(mypys, ours, crashes, seconds)
