"""Threads, and executors that call functions in some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from ..language import Number, Statement
from ..language.expressions import Place
from ..language.functions import Named
from ..language.statements import Do
from ..language.threads import (
    Add,
    Answer,
    EachOf,
    JoinThread,
    MakeThread,
    Mapped,
    Pool,
    Results,
    Several,
    SeveralOf,
    StartThread,
    Submit,
    Threaded,
    WaitAnswers,
)
from .loops import goes_over, over
from .maker import Maker, Offer, Offers
from .places import lent, list_or_dict

__all__ = ["OFFERS"]


def _statements(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    if not m.has_threads or m.scope.inside:
        return
    yield 3, lambda: _make(m)
    if m.scope.threads:
        yield 6, lambda: _start(m)
    if m.scope.running:
        yield 5, lambda: JoinThread(m.choice(m.scope.running), _limited(m))
    if m.scope.answers:
        yield 5, lambda: Do(_answer(m))
    if m.scope.pool is not None:
        pool = m.scope.pool
        yield 6, lambda: _submit(m, pool)
    elif m.may_nest(depth):
        yield 2.5, lambda: _pool(m, depth + 1)
    if m.has("crews"):
        yield from _of_several(m, depth)


def _of_several(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    yield 1.5, lambda: _several(m)
    yield 2.5, lambda: _several_of(m, None)
    if m.scope.pool is not None:
        pool = m.scope.pool
        yield 2.5, lambda: _several_of(m, pool)
    by_key = [crew for crew in m.scope.crews if crew.startswith("y")]
    if by_key:
        yield 3, lambda: StartThread(m.choice(by_key), keyed=True)
        yield 3, lambda: JoinThread(m.choice(by_key), _limited(m), keyed=True)
    if m.scope.crews:
        yield 3 + 2 * bool(by_key), lambda: _add(m, m.choice(m.scope.crews), None, (*m.scope.threads, *m.scope.running))
    if m.scope.batches:
        yield 3, lambda: Do(_of_batch(m))
        if m.scope.pool is not None or m.scope.answers:
            yield 3, lambda: _add(m, m.choice(m.scope.batches), m.scope.pool, m.scope.answers)
    if m.may_nest(depth):
        if m.scope.crews:
            yield 6, lambda: _each_thread(m, depth + 1)
        if m.scope.batches:
            yield 4, lambda: _each_answer(m, depth + 1)


def _numbers(m: Maker, _: int) -> Iterator[Offer[Number]]:
    if m.scope.answers:
        yield 8, lambda: _answer(m)
    if m.scope.batches:
        yield 4, lambda: _of_batch(m)
    if m.scope.pool is not None and m.has("maps") and m.has("lists") and not m.scope.inside:
        pool = m.scope.pool
        yield 3, lambda: Mapped(pool, m.choice(("lend", "lend", "share", "take")), list_or_dict(m))


def _make(m: Maker) -> Statement:
    name = m.new_name("t")
    call = _call(m)
    m.adds(threads=name)
    return MakeThread(name, call)


def _start(m: Maker) -> Statement:
    name = m.choice(m.scope.threads)
    m.drops("threads", name)
    m.adds(running=name)
    return StartThread(name)


def _pool(m: Maker, depth: int) -> Statement:
    name = m.new_name("e")
    with m.scoped(pool=name):
        body = m.block(depth)
    return Pool(name, body)


def _submit(m: Maker, pool: str) -> Statement:
    name = m.new_name("t")
    submit = Submit(name, pool, _call(m))
    m.adds(answers=name)
    return submit


def _several(m: Maker) -> Statement:
    is_batch = m.chance(0.4)
    name = m.new_name("u" if is_batch else m.choice("zyy" if m.has("crews-by-key") else "z"))
    m.adds(**{"batches" if is_batch else "crews": name})
    return Several(name)


def _several_of(m: Maker, pool: str | None) -> Statement:
    name = m.new_name("u" if pool else "z")
    target, source, bound = goes_over(m)
    with m.scoped(bound=bound):
        call = _call(m)
        if source is not None and isinstance(call, Threaded) and m.chance(0.6):
            call = replace(call, argument=Place((m.choice(target.split(", ")),)))
        condition = m.condition(0) if m.chance(0.2) else None
    m.adds(**{"batches" if pool else "crews": name})
    return SeveralOf(name, call, pool, target, source, condition, over(m, source))


def _add(m: Maker, several: str, pool: str | None, names: Sequence[str]) -> Statement:
    """One more in a list: what is in a variable, or a new one."""
    if names and (m.chance(0.5) or (pool is None and several.startswith("u"))):
        return Add(several, m.choice(names))
    return Add(several, _call(m), pool)


def _each_thread(m: Maker, depth: int) -> Statement:
    crew, name = m.choice(m.scope.crews), m.new_name("t")
    others = tuple(one for one in m.scope.crews if one != crew)
    first: Statement = StartThread(name) if m.chance(0.5) else JoinThread(name, _limited(m))
    with m.scoped(in_loop=True, crews=others):
        # That it is started or waited for is all that most loops over threads are for.
        body = m.block(depth) if m.chance(0.3) else ()
    way: Literal["values", "keys", "items"] = "values"
    if crew.startswith("y"):
        way = m.choice(("values", "values", "items", "keys"))
    return EachOf(name, crew, (first, *body), m.maybe_block(depth, 0.1), over=way)


def _each_answer(m: Maker, depth: int) -> Statement:
    batch, name = m.choice(m.scope.batches), m.new_name("t")
    others = tuple(one for one in m.scope.batches if one != batch)
    with m.scoped(in_loop=True, batches=others, answers=(*m.scope.answers, name)):
        body = m.block(depth)
        if m.chance(0.6):
            body = (Do(Answer(name)), *body)
    return EachOf(name, batch, body, m.maybe_block(depth, 0.2), m.chance(0.4))


def _of_batch(m: Maker) -> Number:
    """Waiting for what is in a list."""
    batch = m.choice(m.scope.batches)
    return Results(m.new_name("t"), batch) if m.chance(0.5) else WaitAnswers(batch, _limited(m))


def _call(m: Maker) -> Threaded | Named:
    """What a thread is to call."""
    if m.scope.functions and m.chance(0.5):
        return Named(m.choice(m.scope.functions))
    if m.chance(0.3):
        return Threaded("take", m.coin(1))
    argument = lent(m, 0.1)
    return Threaded("share" if m.chance(0.2) else "lend", argument)


def _answer(m: Maker) -> Answer:
    return Answer(m.choice(m.scope.answers), _limited(m))


def _limited(m: Maker) -> bool:
    """Whether there is a time limit."""
    return m.has("limits") and m.chance(0.3)


OFFERS = Offers(statements=_statements, numbers=_numbers)
