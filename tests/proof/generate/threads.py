"""Threads, and executors that call functions in some."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Number, Statement
from ..language.functions import Named
from ..language.statements import Do
from ..language.threads import Answer, JoinThread, MakeThread, Mapped, Pool, StartThread, Submit, Threaded
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


def _numbers(m: Maker, _: int) -> Iterator[Offer[Number]]:
    if m.scope.answers:
        yield 8, lambda: _answer(m)
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
