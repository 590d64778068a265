"""Nested functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

from ..language import Number, Statement, Value
from ..language.expressions import Call, Element, Fresh, Place
from ..language.functions import CallOf, Closure, Define, Giver, Lambda, Let, Named, PassTo
from ..language.statements import Assign, Do, If, Swap
from .maker import Maker, Offer, Offers
from .places import target

__all__ = ["OFFERS", "define"]


def _statements(m: Maker, _: int) -> Iterator[Offer[Statement]]:
    if m.closes and not m.scope.inside:
        yield 1, lambda: define(m)
        yield 0.6, lambda: _let(m)
        if m.has("numbers-by-default"):
            yield 0.25, lambda: _with_default(m)
        if m.has("nonlocal"):
            yield 2 if m.starts else 0.8, lambda: _giver(m)
    if m.scope.later_givers and m.starts:
        yield 6, lambda: Do(_awaited(m))
    if m.scope.gives:
        yield 3, lambda: Assign(target(m), m.coin(1))
        yield 0.5, lambda: Swap(target(m), target(m), m.coin(1), m.coin(1))


def _numbers(m: Maker, _: int) -> Iterator[Offer[Number]]:
    if m.scope.functions:
        yield 5, lambda: CallOf(m.choice(m.scope.functions))
    if m.closes and not m.scope.inside:
        yield 0.4, lambda: PassTo(m.choice(("once", "many")), _function(m))
    if m.scope.givers:
        giver = m.choice(m.scope.givers)
        yield 5, lambda: CallOf(giver)
        yield 1, lambda: PassTo(m.choice(("once", "many")), Named(giver))
    if m.scope.later_givers and m.starts:
        yield 3, lambda: _awaited(m)


def define(m: Maker) -> Statement:
    """A nested function, which may run later, or yield."""
    name = m.new_name("k")
    runs_later = m.starts and m.chance(0.8)
    pours = not runs_later and m.pours and m.chance(0.6)
    yields = pours or (not runs_later and m.runs_later and m.chance(0.6))
    parameter, default, number = "", None, None
    if m.has("defaults") and m.chance(0.35):
        parameter, default = m.new_name("x"), m.coin(1)
    elif m.has("numbers-by-default") and m.chance(0.2):
        number = m.number(1)
    bound = (*m.scope.bound, parameter) if parameter else m.scope.bound
    form = "coroutine" if runs_later else "generator" if pours else "yielding" if yields else "function"
    with _nested(m, form), m.scoped(bound=bound):
        body = m.block(1, m.choice((1, 1, 2)))
        if parameter and m.chance(0.6):
            names = ("take", "lend", "share", "step") + ("take_later", "lend_later") * runs_later
            body = (Do(Call(m.choice(names), (Place((parameter,)),))), *body)
    m.adds(**{"pouring" if pours else "yielding" if yields else "workers" if runs_later else "functions": name})
    parameter = parameter or (m.new_name("x") if number is not None else "")
    return Define(name, body, runs_later, yields, parameter, default, pours, number)


def _giver(m: Maker) -> Statement:
    name = m.new_name("n")
    runs_later = m.starts and m.chance(0.6)
    names = sorted({place.path[0] for place in m.coins if len(place.path) == 1})
    gives = tuple(sorted(m.sample(names, 2 if len(names) > 1 and m.chance(0.3) else 1)))
    with _nested(m, "function"), m.scoped(gives=gives, gives_back=m.chance(0.5)):
        body = m.block(1, m.choice((0, 1, 1, 2))) if m.chance(0.6) else ()
        ends = [statement for given in gives for statement in _ends(m, Place((given,)))]
    m.adds(**{"later_givers" if runs_later else "givers": name})
    return Giver(name, gives, (*body, *ends), runs_later)


def _ends(m: Maker, given: Place) -> Iterator[Statement]:
    """What such a function does in the end with one of its variables: one that gives back gives it a new value."""
    if not m.scope.gives_back and m.chance(0.4):
        yield Do(Call(m.choice(("take", "lend", "share")), (given,)))
    new = Assign(given, _given(m, given.path[0]))
    if m.scope.gives_back or m.chance(0.4):
        yield new
    elif m.chance(0.6):
        yield If(m.condition(0), (new,), ())
    if not m.scope.gives_back and m.chance(0.5):
        yield Do(Call("take", (given,)))


def _awaited(m: Maker) -> CallOf:
    return CallOf(m.choice(m.scope.later_givers), awaited=True)


def _given(m: Maker, name: str) -> Value:
    """The new value of a variable."""
    others = (Place(("xs",)),) if m.has("lists") else ()
    if m.chance(0.5):
        return m.choice((Fresh("coin"), Fresh("coin"), *map(Element, others)))
    return Call("step", (Place((name,)),))


def _let(m: Maker) -> Statement:
    """Another name for a function."""
    if m.scope.givers and m.chance(0.5):
        name = m.new_name("n")
        giver = Named(m.choice(m.scope.givers))
        m.adds(givers=name)
        return Let(name, giver)
    name = m.new_name("k")
    if m.scope.workers and m.chance(0.5):
        worker = m.choice(m.scope.workers)
        m.adds(workers=name)
        return Let(name, Named(worker))
    function = _function(m)
    m.adds(functions=name)
    return Let(name, function)


def _with_default(m: Maker) -> Statement:
    """A lambda with a default, which is never called."""
    default, number = (m.coin(1), None) if m.chance(0.5) else (None, m.number(1))
    name = m.new_name("k")
    with _nested(m, "function"):
        body = m.number(0)
    return Let(name, Lambda(name, body, m.new_name("x"), default, number))


def _function(m: Maker) -> Closure:
    if m.scope.functions and m.chance(0.5):
        return Named(m.choice(m.scope.functions))
    name = m.new_name("k")
    with _nested(m, "function"):
        return Lambda(name, m.number(1))


def _nested(m: Maker, form: str) -> AbstractContextManager[None]:
    """What is made inside is the body of a nested function."""
    return m.scoped(
        form=form,
        inside=True,
        in_loop=False,
        functions=(),
        givers=(),
        later_givers=(),
        workers=(),
        yielding=(),
        generators=(),
        pouring=(),
        flows=(),
        answers=(),
        batches=(),
        collections=(),
    )


OFFERS = Offers(statements=_statements, numbers=_numbers)
