"""Edits at random, and after each the same question to the ways of running mypy.

Owns which edits are made, and how often each way is asked. A sequence that fails is made shorter by hypothesis, and
printed, edit by edit.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from .project import SLOTS, START, Edit, State, files, is_blocked, write
from .ways import HAS_PARALLEL, Answer, Ways

__all__ = ["Asked", "edit_at_random"]

# How many edits there are from one question to the next.
WARM, REVERSED, PARALLEL, UNCACHED = 2, 5, 10, 25
PATIENCE = 2
"""How many edits are made while mypy says no more than that a file is broken."""


@dataclass
class Asked:
    """How many edits there were of each kind, and how often each way was compared with a fresh run."""

    edits: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        listed = (", ".join(f"{what} {number}" for what, number in sorted(one.items())) for one in (self.edits, self.ways))
        return f"{self.edits.total()} edits ({next(listed)}), compared: {next(listed)}"


class _Bench:
    """A directory with the project in it, and what fresh runs said so far: that depends on the files alone."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp())
        self._root, elsewhere = self._directory / "project", self._directory / "elsewhere"
        self._root.mkdir()
        elsewhere.mkdir()
        self._files: dict[str, str] = {}
        self._known: dict[tuple[tuple[str, str], ...], Answer] = {}
        self.ways = Ways(self._root, elsewhere)
        self.asked = Asked()

    def show(self, state: State) -> None:
        """Write the project down in this state."""
        new = files(state)
        write(self._root, new, self._files)
        self._files = new

    def compare(self, way: str, answer: Answer) -> None:
        """Fail if a way says something else than a fresh run."""
        fresh = self._fresh()
        self.asked.ways[way] += 1
        if answer != fresh:
            lines = difflib.unified_diff(fresh, answer, "a fresh run", way, lineterm="", n=0)
            raise AssertionError("\n".join(lines))

    def _fresh(self) -> Answer:
        key = tuple(sorted(self._files.items()))
        if key not in self._known:
            self._known[key] = self.ways.fresh()
        return self._known[key]

    def reversed(self) -> Answer:
        """What a fresh run says that is given the files one by one, the last first."""
        return self.ways.fresh(sorted((path for path in self._files if path.endswith(".py")), reverse=True))

    def close(self) -> None:
        """End what was started, and remove it."""
        self.ways.close()
        shutil.rmtree(self._directory)


_WEIGHTS = {"body": 3, "without calls": 6, "signature": 4, "affine": 6, "hierarchy": 4, "file": 4, "broken": 2}
"""How often a slot is edited, by its kind, beside one of the settings: mypy begins again after each of those."""

_SLOT = st.sampled_from([name for name, slot in SLOTS.items() for _ in range(_WEIGHTS.get(slot.kind, 1))])
_TURN = st.integers(1, 10)
"""How far a slot is turned, from the variant that it has."""


class _Editing(RuleBasedStateMachine):
    """One sequence of edits, with a daemon and caches of its own."""

    bench: _Bench

    def __init__(self) -> None:
        super().__init__()
        self.state = dict(START)
        self.edits = 0
        self.blocked = 0
        """For how many edits mypy has said no more than that a file is broken."""

    @initialize(any_number=st.integers(0, 2**16))
    def start(self, any_number: int) -> None:
        # What hypothesis tries first is the simplest: one edit over and over again.
        assume(any_number > 0)
        self.bench.ways.forget()
        self.bench.show(self.state)
        self.bench.compare("daemon", self.bench.ways.daemon())
        self.bench.compare("warm", self.bench.ways.warm())

    @rule(name=_SLOT, by=_TURN)
    def edit(self, name: str, by: int) -> None:
        """Turn a slot, unless something has been broken for long enough."""
        broken = [name for name, slot in SLOTS.items() if slot.kind == "broken" and self.state[name]]
        if broken and (self.blocked > PATIENCE or by == 1):
            self.make(Edit(SLOTS[broken[0]], self.state[broken[0]], 0))
        else:
            slot, old = SLOTS[name], self.state[name]
            self.make(Edit(slot, old, (old + 1 + by % (len(slot.variants) - 1)) % len(slot.variants)))

    def make(self, edit: Edit) -> None:
        """Make an edit, and ask."""
        note(str(edit))
        bench, ways = self.bench, self.bench.ways
        self.state[edit.slot.name] = edit.new
        bench.show(self.state)
        bench.asked.edits[edit.kind] += 1
        self.edits += 1
        self.blocked = self.blocked + 1 if is_blocked(self.state) else 0
        bench.compare("daemon", ways.daemon())
        if self.edits % WARM == 0:
            bench.compare("warm", ways.warm())
        if self.edits % REVERSED == 0:
            bench.compare("files in another order", bench.reversed())
        if self.edits % PARALLEL == 0 and HAS_PARALLEL:
            bench.compare("-n 4", ways.parallel())
        if self.edits % UNCACHED == 0:
            bench.compare("no cache", ways.uncached())


def edit_at_random(number: int, *, edits: int) -> Asked:
    """Make a sequence of edits, which `number` determines, and raise AssertionError if two ways disagree."""
    bench = _Bench()
    machine = seed(number)(type("Editing", (_Editing,), {"bench": bench}))
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=1,
                stateful_step_count=edits + 1,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
                deadline=None,
                database=None,
                report_multiple_bugs=False,
            ),
        )
        return bench.asked
    finally:
        bench.close()
