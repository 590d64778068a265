"""Coroutines, tasks, groups of them, and containers of tasks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from ..language import Number, Statement, Value
from ..language.expressions import Place
from ..language.statements import Do
from ..language.tasks import (
    Begun,
    Coroutine,
    CoroutineOf,
    Each,
    Gather,
    GatherAll,
    GatherEach,
    Gathered,
    Group,
    Jobs,
    JobsOf,
    Join,
    Keep,
    Kept,
    Limit,
    Pick,
    Picked,
    Result,
    Start,
    Wait,
    WaitAll,
    WaitGathered,
)
from ..spelling.library import FUNCTIONS
from .loops import goes_over, over
from .maker import Maker, Offer, Offers
from .places import item, place

__all__ = ["GROUPS", "OFFERS"]

GROUPS = sys.version_info >= (3, 11)
"""Whether there are groups of tasks."""


def _statements(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    if not m.starts:
        return
    yield 5 if m.scope.workers else 2.5, lambda: _start(m)
    yield 1.5, lambda: _keep(m)
    yield 1, lambda: _gathered(m)
    if m.scope.gathered:
        yield 5, lambda: Do(_wait_gathered(m))
    if m.has("jobs"):
        yield 0.5 if m.scope.jobs else 2.5, lambda: _jobs(m)
        if m.has("fan-out"):
            yield 4 if m.scope.collections else 1, lambda: _jobs_of(m)
    if m.scope.jobs:
        yield 4, lambda: _join(m)
        yield 2, lambda: _pick(m)
        yield 3, lambda: Do(_all_of_them(m))
        if m.may_nest(depth):
            yield 3, lambda: _each(m, depth + 1)
    if m.may_nest(depth) and GROUPS:
        yield 0.6, lambda: _group(m, depth + 1)
        if m.has("limits"):
            yield 0.4, lambda: Limit(m.block(depth + 1))


def _coins(m: Maker, depth: int) -> Iterator[Offer[Value]]:
    if depth and m.starts and m.scope.makers:
        yield 6, lambda: Result(m.choice(m.scope.makers))


def _numbers(m: Maker, _: int) -> Iterator[Offer[Number]]:
    if not m.starts:
        return
    weight = 3 if m.scope.workers else 0.8
    yield weight, lambda: Gather(_side_by_side(m), m.chance(0.2))
    if m.scope.gathered:
        yield 5, lambda: _wait_gathered(m)
    if m.has("fan-out"):
        yield weight + 3 * bool(m.scope.collections), lambda: _gather_each(m)
    if m.scope.workers:
        yield 3, lambda: _wait(m, _worked(m))
    if m.has("limits"):
        yield 0.8, lambda: Wait(_begun(m), m.choice(("wait_for", "shield")))
    if m.scope.kept:
        yield 5, lambda: _wait(m, _use_kept(m))
    if m.scope.jobs:
        yield 3, lambda: _all_of_them(m)
        yield 1.5, lambda: _wait(m, _picked(m))
    if m.scope.tasks:
        yield 3, lambda: _wait(m, m.choice(m.scope.tasks))


# Coroutines


def _begun(m: Maker) -> Begun:
    """A call to run: a new one, or one that was kept."""
    return _use_kept(m) if m.scope.kept and m.chance(0.4) else _new(m)


def _new(m: Maker) -> Coroutine | CoroutineOf:
    return _worked(m) if m.scope.workers and m.chance(0.6) else _coroutine(m)


def _worked(m: Maker) -> CoroutineOf:
    return CoroutineOf(m.choice(m.scope.workers))


def _coroutine(m: Maker, *, gives: bool = False) -> Coroutine:
    if not gives and m.has("items") and m.chance(0.1):
        return Coroutine("lend_later", item(m))
    if not gives and m.chance(0.65):
        named = m.has("views") and m.chance(0.3)
        function: Literal["lend_later", "share_later"] = "share_later" if m.chance(0.2) else "lend_later"
        return Coroutine(function, place(m) if named else m.choice(m.coins))
    return Coroutine("step_later" if gives else "take_later", m.coin(1))


def _keep(m: Maker) -> Statement:
    name = m.new_name("w")
    call = _new(m)
    m.adds(kept=name)
    return Keep(name, call)


def _use_kept(m: Maker) -> Kept:
    name = m.choice(m.scope.kept)
    m.drops("kept", name)
    return Kept(name)


def _wait(m: Maker, task: str | Begun | Picked) -> Wait:
    hows: tuple[Literal["await", "wait_for", "shield"], ...] = ("await",)
    if m.has("limits"):
        hows = ("await", "await", "wait_for", "shield")
    return Wait(task, m.choice(hows))


def _side_by_side(m: Maker) -> tuple[Begun, ...]:
    return tuple(_begun(m) for _ in range(m.choice((1, 2, 2, 2, 2, 3))))


def _gathered(m: Maker) -> Statement:
    calls, patient = _side_by_side(m), m.chance(0.3)
    name = m.new_name("bw" if patient or len(calls) == 1 else "b")
    m.adds(gathered=name)
    return Gathered(name, calls, patient)


def _wait_gathered(m: Maker) -> Number:
    how: Literal["await", "wait_for"] = "wait_for" if m.has("limits") and m.chance(0.3) else "await"
    return WaitGathered(m.choice(m.scope.gathered), how)


# Tasks


def _start(m: Maker) -> Statement:
    name = m.new_name("t")
    call = _coroutine(m, gives=True) if m.chance(0.4) else _begun(m)
    group = _maybe_group(m)
    gives = isinstance(call, Coroutine) and FUNCTIONS[call.function].gives
    m.adds(**{"makers" if gives else "tasks": name})
    return Start(name, call, group)


def _maybe_group(m: Maker) -> str | None:
    return m.scope.group if m.chance(0.6) else None


def _group(m: Maker, depth: int) -> Statement:
    name = m.new_name("g")
    with m.scoped(group=name):
        body = m.block(depth)
    return Group(name, body)


# Containers of tasks


def _jobs(m: Maker) -> Statement:
    name = m.new_name(m.choice("j" + "mm" * m.has("dicts") + "s" * m.has("sets")))
    m.adds(jobs=name)
    return Jobs(name, m.chance(0.3))


def _jobs_of(m: Maker) -> Statement:
    name = m.new_name("j")
    group = _maybe_group(m)
    each = _gather_each(m)
    m.adds(jobs=name)
    return JobsOf(name, each.call, group, each.target, each.source, each.condition, each.over)


def _gather_each(m: Maker) -> GatherEach:
    target, source, bound = goes_over(m)
    with m.scoped(bound=bound):
        call = _new(m)
        if source is not None and isinstance(call, Coroutine) and m.chance(0.6):
            call = replace(call, argument=Place((m.choice(target.split(", ")),)))
        condition = m.condition(0) if m.chance(0.2) else None
    return GatherEach(call, target, source, condition, over(m, source))


def _join(m: Maker) -> Statement:
    jobs = m.choice(m.scope.jobs)
    if m.scope.tasks and m.chance(0.3):
        return Join(jobs, m.choice(m.scope.tasks), None)
    return Join(jobs, _begun(m), _maybe_group(m))


def _pick(m: Maker) -> Statement:
    name = m.new_name("t")
    picked = _picked(m)
    m.adds(tasks=name)
    return Pick(name, picked)


def _picked(m: Maker) -> Picked:
    jobs = m.choice(m.scope.jobs)
    return Picked(jobs, jobs.startswith("s") or m.chance(0.7))


def _each(m: Maker, depth: int) -> Statement:
    jobs = m.choice(m.scope.jobs)
    task = m.new_name("t")
    # Into the list itself nothing goes: such a loop might have no end.
    others = tuple(one for one in m.scope.jobs if one != jobs)
    with m.scoped(in_loop=True, tasks=(*m.scope.tasks, task), jobs=others):
        body = m.block(depth)
        if m.chance(0.6):
            body = (Do(Wait(task)), *body)
    way: Literal["values", "keys", "items"] = "values"
    if jobs.startswith("m"):
        way = m.choice(("values", "items", "keys", "keys"))
    return Each(task, jobs, body, m.maybe_block(depth, 0.2), way)


def _all_of_them(m: Maker) -> Number:
    """Waiting for the tasks of a list, or some of them."""
    jobs = m.choice(m.scope.jobs)
    return WaitAll(jobs, m.chance(0.5)) if m.has("limits") and m.chance(0.5) else GatherAll(jobs)


OFFERS = Offers(statements=_statements, coins=_coins, numbers=_numbers)
