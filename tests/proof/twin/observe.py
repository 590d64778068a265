"""Runs a twin under all streams of decisions, and says what the runs have shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

from .decisions import TURNS, Given, Oops
from .owner import Owner
from .run import Run
from .truth import Truth

__all__ = ["Twin", "observe"]

RUNS_OF_BODY = 500
"""How many runs of a nested function's body are made in order of its decisions."""

Twin = Callable[[Run], object]


def observe(twin: Twin, limit: int, turns: int = TURNS) -> Truth:
    """Run a twin under all streams of decisions, or under `limit` of them and as many at random."""
    bodies: dict[str, Truth] = {}
    truth = _learning(twin, limit, turns, bodies)
    for name, body in bodies.items():
        truth.add(body)
        truth.made.add(name)
    return truth


def _observe_body(body: Callable[..., object], names: list[str], bodies: dict[str, Truth], turns: int) -> Truth:
    """What the body of a nested function does, whatever became of what it captured."""

    def twin(run: Run) -> None:
        captured = []
        for name in names:
            captured.append(Owner())
            captured[-1].origin = (name,)
        with suppress(Oops):
            body(run, *captured)

    return _learning(twin, RUNS_OF_BODY, turns, bodies)


def _learning(twin: Twin, limit: int, turns: int, bodies: dict[str, Truth]) -> Truth:
    """Run a twin until it is known which bindings are taken by move."""
    taken: dict[int, bool] = {}
    while True:
        truth, learnt = _observe(twin, limit, turns, taken, bodies)
        if not learnt:
            return truth
        for binding, guarded in learnt.items():
            taken[binding] = guarded or taken.get(binding, False)


def _observe(
    twin: Twin, limit: int, turns: int, taken: dict[int, bool], bodies: dict[str, Truth]
) -> tuple[Truth, dict[int, bool]]:
    truth = Truth()
    learnt: dict[int, bool] = {}

    def study(body: Callable[..., object], names: list[str]) -> Truth:
        return _observe_body(body, names, bodies, turns)

    def run(prefix: list[bool], source: random.Random | None) -> Run:
        one = Run(Given(prefix, source, turns, taken, bodies, study))
        twin(one)
        truth.lines.update(one.seen)
        truth.allowed.update(one.allowed)
        truth.echoes.update(one.echoes)
        truth.shadows.update(one.shadows)
        truth.disputes.update(one.disputes)
        truth.undisputed.update(one.undisputed)
        truth.moved.update(one.moved)
        truth.touched.update(one.touched)
        truth.alone.update(one.alone)
        truth.shared.update(one.shared)
        truth.drained.update(one.drained)
        truth.left.update(one.left)
        truth.lost.update(one.lost)
        truth.returns |= one.returns
        for binding, guarded in one.learnt.items():
            if taken.get(binding) is not (guarded or taken.get(binding, False)):
                learnt[binding] = guarded or learnt.get(binding, False)
        truth.runs += 1
        return one

    pending: list[list[bool]] = [[]]
    while pending and truth.runs < limit:
        prefix = pending.pop()
        made = run(prefix, None).made
        pending.extend([*made[:end], True] for end in range(len(prefix), len(made)))
    truth.complete = not pending
    if not pending:
        return truth, learnt
    source = random.Random(0)
    for _ in range(limit):
        run([], source)
    return truth, learnt
