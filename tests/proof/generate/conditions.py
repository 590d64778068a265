"""Conditions."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Condition
from ..language.expressions import Both, Chain, Decide, Either, Not, Positive, Truth, Walrus
from .maker import Maker, Offer, Offers
from .places import place, tested

__all__ = ["OFFERS"]


def _conditions(m: Maker, depth: int) -> Iterator[Offer[Condition]]:
    yield 6, Decide
    yield 1.5, lambda: Positive(m.number(depth))
    yield 0.7, lambda: Truth(tested(m))
    yield 0.2, lambda: Chain(place(m), place(m), place(m))
    if m.has("walruses") and not m.scope.inside and not m.has_gold:
        # Of a narrower type, mypy takes the one that was false for false in all that follows.
        yield 0.4, lambda: Truth(Walrus(m.walrus_target(), m.coin(0)))
    if depth:
        yield 0.6, lambda: Not(m.condition(depth - 1))
        yield 0.6, lambda: Both(m.condition(depth - 1), m.condition(depth - 1))
        yield 0.6, lambda: Either(m.condition(depth - 1), m.condition(depth - 1))


OFFERS = Offers(conditions=_conditions)
