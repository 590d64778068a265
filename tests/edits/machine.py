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
WARM, REVERSED, PARALLEL, UNCACHED = 3, 10, 16, 50


@dataclass
class Asked:
    """How many edits there were of each kind, and how often each way was compared with a fresh run."""

    edits: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        listed = (
            ", ".join(f"{what} {number}" for what, number in sorted(one.items())) for one in (self.edits, self.ways)
        )
        return f"{self.edits.total()} edits ({next(listed)}), compared: {next(listed)}"


class _Edits:
    """Edits that nobody is asked about: which kinds there are."""

    def __init__(self) -> None:
        self.asked = Asked()

    def begin(self, state: State) -> None:
        """Start again from this state."""

    def edited(self, edit: Edit, state: State, number: int) -> None:
        """See the edit that led to this state, the `number`th since the start."""
        self.asked.edits[edit.kind] += 1

    def close(self) -> None:
        """End what was started."""


class _Bench(_Edits):
    """A directory with the project in it, and what fresh runs said so far: that depends on the files alone."""

    def __init__(self) -> None:
        super().__init__()
        self._directory = Path(tempfile.mkdtemp())
        self._root, elsewhere = self._directory / "project", self._directory / "elsewhere"
        self._root.mkdir()
        elsewhere.mkdir()
        self._files: dict[str, str] = {}
        self._known: dict[tuple[tuple[str, str], ...], Answer] = {}
        self._ways = Ways(self._root, elsewhere)

    def begin(self, state: State) -> None:
        self._ways.forget()
        self._show(state)
        self._compare("daemon", self._ways.daemon())
        self._compare("warm", self._ways.warm())

    def edited(self, edit: Edit, state: State, number: int) -> None:
        super().edited(edit, state, number)
        self._show(state)
        self._compare("daemon", self._ways.daemon())
        if number % WARM == 0:
            self._compare("warm", self._ways.warm())
        if number % REVERSED == 0:
            paths = sorted((path for path in self._files if path.endswith(".py")), reverse=True)
            self._compare("files in another order", self._ways.fresh(paths))
        if number % PARALLEL == 0 and HAS_PARALLEL:
            self._compare("-n 4", self._ways.parallel())
        if number % UNCACHED == 0:
            self._compare("no cache", self._ways.uncached())

    def close(self) -> None:
        self._ways.close()
        shutil.rmtree(self._directory)

    def _show(self, state: State) -> None:
        new = files(state)
        write(self._root, new, self._files)
        self._files = new

    def _compare(self, way: str, answer: Answer) -> None:
        key = tuple(sorted(self._files.items()))
        if key not in self._known:
            self._known[key] = self._ways.fresh()
        fresh = self._known[key]
        self.asked.ways[way] += 1
        if answer != fresh:
            lines = difflib.unified_diff(fresh, answer, "a fresh run", way, lineterm="", n=0)
            raise AssertionError("\n".join(lines))


_WEIGHTS = {"body": 3, "without calls": 6, "signature": 4, "affine": 6, "hierarchy": 4, "file": 4, "broken": 2}
"""How often a slot is edited, by its kind, beside one of the settings: mypy begins again after each of those."""

_SLOT = st.sampled_from([name for name, slot in SLOTS.items() for _ in range(_WEIGHTS.get(slot.kind, 1))])
_TURN = st.integers(1, 10)
"""How far a slot is turned, from the variant that it has."""


class _Editing(RuleBasedStateMachine):
    """One sequence of edits, with a daemon and caches of its own."""

    bench: _Edits

    def __init__(self) -> None:
        super().__init__()
        self.state = dict(START)
        self.edits = 0
        self.file = ""

    @initialize(any_number=st.integers(0, 2**16))
    def start(self, any_number: int) -> None:
        # What hypothesis tries first is the simplest: one edit over and over again.
        assume(any_number > 0)
        self.bench.begin(self.state)

    @rule(name=_SLOT, by=_TURN, stays=st.sampled_from([False, False, True]))
    def edit(self, name: str, by: int, stays: bool) -> None:
        """Turn a slot, or mend what is broken; at once if it cannot be parsed (`MYPYS_OWN`).

        People often stay in a file for some time, and in the bodies of its functions.
        """
        near = [name for name, slot in SLOTS.items() if slot.kind == "body" and name.startswith(f"{self.file} ")]
        if stays and near:
            name = near[by % len(near)]
        broken = [name for name, slot in SLOTS.items() if slot.kind == "broken" and self.state[name]]
        if broken and (is_blocked(self.state) or by == 1):
            name = broken[0]
        slot, old = SLOTS[name], self.state[name]
        new = 0 if name in broken else (old + 1 + by % (len(slot.variants) - 1)) % len(slot.variants)
        edit = Edit(slot, old, new)
        note(str(edit))
        self.state[name] = new
        self.file = name.partition(" ")[0]
        self.edits += 1
        self.bench.edited(edit, self.state, self.edits)


def edit_at_random(number: int, *, edits: int, ask: bool = True) -> Asked:
    """Make a sequence of edits, which `number` determines, and raise AssertionError if two ways disagree.

    Without `ask`, nobody is asked.
    """
    bench = _Bench() if ask else _Edits()
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
