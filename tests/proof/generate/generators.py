"""Generators that run later than where they are made."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Number, Statement, Value
from ..language.expressions import Comprehension, Over, Place
from ..language.generators import (
    Consume,
    Flow,
    FlowCall,
    Generate,
    Generated,
    GeneratorCall,
    GeneratorOf,
    GiveFlow,
    Later,
    LaterCoins,
    LetFlow,
    Next,
    Pause,
    Through,
    YieldFrom,
)
from ..language.statements import Do, For
from .loops import comprehension, goes_over, over
from .maker import DICT, Maker, Offer, Offers
from .places import coins_list, lent, place

__all__ = ["OFFERS"]


def _statements(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    if m.runs_later and not m.scope.inside:
        yield 3, lambda: _generate(m)
        if m.may_nest(depth):
            yield 1.5, lambda: _through(m, depth + 1)
    if m.pours and not m.scope.inside:
        yield 3, lambda: _flow(m)
        if m.scope.flows:
            yield 4, lambda: Do(Next(m.choice(m.scope.flows)))
            yield 0.5, lambda: _let_flow(m)
            if m.may_nest(depth):
                yield 4, lambda: _for_each(m, depth + 1)
    if m.form == "yielding":
        yield 2, Pause
        if m.has("yield-from"):
            yield 2, lambda: YieldFrom(_call(m, 0.3))


def _coins(m: Maker, _: int) -> Iterator[Offer[Value]]:
    if m.scope.flows:
        yield 4, lambda: Next(m.choice(m.scope.flows))


def _numbers(m: Maker, _: int) -> Iterator[Offer[Number]]:
    if m.scope.flows:
        yield 1.5, lambda: GiveFlow(m.choice(m.scope.flows))
        yield 1, lambda: _of_each(m)
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
    made = comprehension(m, functions=(), givers=(), generators=(), flows=(), answers=(), batches=(), inside=True)
    return Later(m.new_name("l"), made.element, made.target, made.source, made.condition, made.over)


def _through(m: Maker, depth: int) -> Statement:
    names = m.scope.generators
    over = m.choice(names) if names and m.chance(0.8) else _made(m)
    target = m.new_name("i")
    with m.scoped(in_loop=True):
        body = m.block(depth)
    return Through(target, over, body, m.maybe_block(depth, 0.2))


# Of coins


def _flow(m: Maker) -> Statement:
    name = m.new_name("o")
    generator = _pouring(m)
    m.adds(flows=name)
    return Flow(name, generator)


def _pouring(m: Maker) -> FlowCall | GeneratorOf | LaterCoins:
    if m.scope.pouring and m.chance(0.6):
        return GeneratorOf(m.choice(m.scope.pouring))
    if m.chance(0.4):
        return FlowCall("mint", place(m))
    if m.chance(0.4) and (m.lists[-1] != DICT or m.scope.lists):
        return FlowCall("pour", coins_list(m))
    target, source, bound = goes_over(m, later=True)
    with m.scoped(
        form="function",
        bound=bound,
        functions=(),
        givers=(),
        generators=(),
        flows=(),
        answers=(),
        batches=(),
        inside=True,
    ):
        element = m.coin(1)
        condition = m.condition(0) if m.chance(0.4) else None
    return LaterCoins(m.new_name("l"), element, target, source, condition, over(m, source))


def _let_flow(m: Maker) -> Statement:
    name, other = m.new_name("o"), m.choice(m.scope.flows)
    m.adds(flows=name)
    return LetFlow(name, other)


def _for_each(m: Maker, depth: int) -> Statement:
    target, source = m.new_name("p"), Place((m.choice(m.scope.flows),))
    with m.scoped(in_loop=True, bound=(*m.scope.bound, target)):
        body = m.block(depth)
    return For(target, source, body, m.maybe_block(depth, 0.2), _through_flow(m))


def _of_each(m: Maker) -> Number:
    target, source = m.new_name("p"), Place((m.choice(m.scope.flows),))
    with m.scoped(form="function", bound=(*m.scope.bound, target)):
        element = m.number(0)
        condition = m.condition(0) if m.chance(0.4) else None
    return Comprehension(element, target, source, condition, m.chance(0.3), _through_flow(m))


def _through_flow(m: Maker) -> Over:
    ways: tuple[Over, ...] = ("enumerate", "zip")
    return m.choice(ways) if m.has("overs") and m.chance(0.3) else "plain"


OFFERS = Offers(statements=_statements, coins=_coins, numbers=_numbers)
