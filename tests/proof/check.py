"""Holds what mypy reports of programs against what their twins show.

A mistake that a run shows on a line of which mypy says nothing is *unsound*. A line that mypy reports and on which no
run shows a mistake, though all paths were run, is *imprecise*.
"""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from expectations import MypyError, run_mypy

from .language import Program
from .spelling.library import PRELUDE
from .spelling.program import Spelled, spell
from .twin.decisions import TURNS, Known, Oops
from .twin.observe import Twin, observe
from .twin.owner import Owner
from .twin.run import Run

__all__ = ["Codes", "Mismatch", "Outcome", "check", "compare", "module", "reported"]

RUNS = 2_000
"""How many runs of a program are made in order of its decisions; as many again at random where those are not all."""
OURS = frozenset({"use-after-move", "budget-copied", "move-of-borrowed", "loan-conflict"})

_WENT = re.compile(r'"[^"]*" already .* on line (\d+) and cannot ').match

Codes = Mapping[int, set[str]]
"""Line number → codes of the errors that mypy reports there."""


@dataclass(frozen=True)
class Mismatch:
    """A program on which mypy and CPython do not agree; lines are those of `text`."""

    program: Program
    text: str
    unsound: frozenset[int]
    imprecise: frozenset[int]
    agreed: Mapping[int, str] = field(default_factory=dict)
    """The lines on which they agree that there is a mistake, and the code that mypy gives it."""

    def __str__(self) -> str:
        lines = self.text.splitlines()
        for line in self.unsound:
            lines[line - 1] += "  # unsound: nothing is reported here"
        for line in self.imprecise:
            lines[line - 1] += "  # imprecise: reported, and no path goes wrong here"
        return "\n".join(lines)

    def fixture(self) -> str:
        """The program as it would stand under `fixtures/`, marked with what CPython shows."""
        lines = self.text.splitlines()
        marks = {**self.agreed, **dict.fromkeys(self.unsound, "use-after-move")}
        for line, code in marks.items():
            lines[line - 1] += f"  # E: {code}"
        return PRELUDE + "\n\n" + "\n".join(lines) + "\n"


@dataclass
class Outcome:
    """What became of some programs."""

    mismatches: list[Mismatch] = field(default_factory=list)
    programs: int = 0
    wrong: int = 0
    """How many go wrong on some path."""
    partial: int = 0
    """How many have too many paths to run them all."""
    foreign: int = 0
    """How many mypy does not take for programs at all, for reasons that are not ours."""

    @property
    def unsound(self) -> int:
        """How many go wrong in a way of which nothing is reported."""
        return sum(bool(mismatch.unsound) for mismatch in self.mismatches)

    @property
    def imprecise(self) -> int:
        """How many are reported to go wrong in a way in which they do not."""
        return sum(bool(mismatch.imprecise) for mismatch in self.mismatches)

    def add(self, other: Outcome) -> None:
        self.mismatches += other.mismatches
        self.programs += other.programs
        self.wrong += other.wrong
        self.partial += other.partial
        self.foreign += other.foreign

    def __str__(self) -> str:
        exact = self.programs - self.partial - self.foreign
        return (
            f"{self.programs} programs, {self.wrong} of them wrong on some path; {exact} run on all paths, "
            f"{self.partial} in part, {self.foreign} left out; unsound {self.unsound}, imprecise {self.imprecise}"
        )


def check(programs: Sequence[Program]) -> Outcome:
    """Check and run all programs."""
    text, spelled = module(programs)
    found, told = reported(text)
    outcome = Outcome()
    for program, one in zip(programs, spelled, strict=True):
        its = {line: found[line] for line in found if one.first <= line <= one.last}
        outcome.add(compare(program, one, its, told))
    return outcome


def compare(program: Program, spelled: Spelled, found: Codes, told: Collection[int] = ()) -> Outcome:
    """Run one program's twin, and hold it against what was `found` in the program.

    `told`: the lines that a report elsewhere says one of two things of, which together are the mistake.
    """
    ours = {line for line, codes in found.items() if codes <= OURS}
    if len(ours) < len(found):
        # Where mypy itself has something to say, such as that a variable was deleted, no type can be relied on.
        return Outcome(programs=1, foreign=1)
    try:
        truth = observe(_load(spelled, program.name), RUNS)
    except NameError:
        # A variable that is not always bound: `shrink` has left too much out.
        return Outcome(programs=1, foreign=1)
    for line, *moves in truth.echoes:
        # One of the two is reported: that the field moved, or that it was touched then.
        (truth.lines if ours.isdisjoint(moves) else truth.allowed).add(line)
        # The move may always be: the touch itself raises, for there is nothing, and so the field is not given back.
        truth.allowed.update(moves)
    reported = truth.lines & ours
    for line, *others in truth.shadows:
        if not reported.isdisjoint(others):
            truth.lines.discard(line)
            truth.allowed.add(line)
    for line in [line for line in truth.lines - ours if truth.is_said_elsewhere(line, reported)]:
        truth.lines.discard(line)
        truth.allowed.add(line)
    unsound = (
        truth.lines.difference(told) - ours - {move for line, *moves in truth.echoes if line in ours for move in moves}
    )
    for name in spelled.bodies.keys() - truth.made:
        # Where control never comes, CPython makes no function to look into.
        truth.allowed.update(spelled.bodies[name])
    imprecise = ours - truth.lines - truth.allowed if truth.complete else set()
    if imprecise:
        # A list is given something, that goes, and the list is given it again: that takes one turn more.
        longer = observe(_load(spelled, program.name), RUNS, TURNS + 1)
        imprecise -= longer.lines | longer.allowed
    outcome = Outcome(programs=1, wrong=int(bool(truth.lines)), partial=int(not truth.complete))
    if unsound or imprecise:
        agreed = {line - spelled.first + 1: min(found[line]) for line in ours & (truth.lines | truth.allowed)}
        outcome.mismatches.append(
            Mismatch(program, spelled.typed, _within(spelled, unsound), _within(spelled, imprecise), agreed)
        )
    return outcome


def _within(spelled: Spelled, lines: set[int]) -> frozenset[int]:
    return frozenset(line - spelled.first + 1 for line in lines)


def module(programs: Iterable[Program]) -> tuple[str, list[Spelled]]:
    """One module of all the programs, after the functions that they use."""
    texts = [PRELUDE]
    line = PRELUDE.count("\n") + 1
    spelled = []
    for program in programs:
        one = spell(program, line + 2)
        texts += "\n\n", one.typed
        spelled.append(one)
        line = one.last + 1
    return "".join(texts), spelled


def reported(text: str) -> tuple[Codes, set[int]]:
    """What mypy reports of the programs of a module, and the lines on which it says that the value went before.

    What it says before the programs is not about them: it could not check.
    """
    with TemporaryDirectory() as scratch:
        directory = Path(scratch)
        (directory / "programs.py").write_text(text, encoding="utf-8")
        remarks = run_mypy(directory, [Path("programs.py")], directory).get("programs.py", {})
    first = text.count("\n", 0, len(PRELUDE)) + 1
    if before := {number: line for number, line in remarks.items() if number < first and line.errors}:
        raise MypyError(f"mypy, or the plugin, failed: {before}")
    found: defaultdict[int, set[str]] = defaultdict(set)
    told = set[int]()
    for number, line in remarks.items():
        found[number].update(line.errors)
        told.update(int(went[1]) for text in line.errors.get("budget-copied", ()) if text and (went := _WENT(text)))
    return found, told


def _load(spelled: Spelled, name: str) -> Twin:
    """The twin of a program, as something that runs."""
    names: dict[str, Any] = {"Known": Known, "Oops": Oops, "Owner": Owner}
    with warnings.catch_warnings():
        # Newer versions of Python warn of a `return` in `finally`.
        warnings.simplefilter("ignore", SyntaxWarning)
        exec(compile(spelled.twin, f"<twin of {name}>", "exec"), names)
    function = names[name]

    def twin(run: Run) -> object:
        borrowed = Owner()
        borrowed.lent = True
        return function(run, *(Owner() for _ in range(8)), borrowed)

    return twin
