"""Generators that run later than where they are made."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Number, Statement
from ..language.generators import (
    Consume,
    Generate,
    Generated,
    GeneratorCall,
    GeneratorOf,
    Later,
    Pause,
    Through,
    YieldFrom,
)
from .loops import comprehension
from .maker import Maker, Offer, Offers
from .places import lent

__all__ = ["OFFERS"]


def _statements(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    if m.runs_later and not m.scope.inside:
        yield 3, lambda: _generate(m)
        if m.may_nest(depth):
            yield 1.5, lambda: _through(m, depth + 1)
    if m.form == "yielding":
        yield 2, Pause
        if m.has("yield-from"):
            yield 2, lambda: YieldFrom(_call(m, 0.3))


def _numbers(m: Maker, _: int) -> Iterator[Offer[Number]]:
    if m.scope.generators:
        yield 6, lambda: Consume(m.choice(m.scope.generators), m.choice(("next", "sum", "star")))


def _generate(m: Maker) -> Statement:
    name = m.new_name("l")
    generator: Generated = _made(m) if m.chance(0.5) else _expression(m)
    m.adds(generators=name)
    return Generate(name, generator)


def _made(m: Maker) -> GeneratorCall | GeneratorOf:
    if m.scope.yielding and m.chance(0.7):
        return GeneratorOf(m.choice(m.scope.yielding))
    return _call(m, 0.25)


def _call(m: Maker, takes: float) -> GeneratorCall:
    """A call that with this chance takes what it is given."""
    if m.chance(takes):
        return GeneratorCall("take_each", m.coin(1))
    argument = lent(m, 0.15)
    return GeneratorCall("share_each" if m.chance(0.2) else "lend_each", argument)


def _expression(m: Maker) -> Later:
    made = comprehension(m, functions=(), givers=(), generators=(), answers=(), batches=(), inside=True)
    return Later(m.new_name("l"), made.element, made.target, made.source, made.condition, made.over)


def _through(m: Maker, depth: int) -> Statement:
    names = m.scope.generators
    over = m.choice(names) if names and m.chance(0.8) else _made(m)
    target = m.new_name("i")
    with m.scoped(in_loop=True):
        body = m.block(depth)
    return Through(target, over, body, m.maybe_block(depth, 0.2))


OFFERS = Offers(statements=_statements, numbers=_numbers)
