"""Loops and comprehensions, and what they go over."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Number, Statement, Value
from ..language.expressions import Comprehension, Display, Fresh, Over, Place, Row
from ..language.statements import Break, Continue, For, While
from ..spelling.places import is_collection
from .maker import DICT, Maker, Offer, Offers
from .places import fresh_list, list_or_dict, place

__all__ = ["OFFERS", "comprehension", "goes_over", "over"]


def _statements(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    if m.scope.in_loop and depth:
        yield 0.6, Break
        yield 0.6, Continue
    if m.may_nest(depth):
        yield 0.8, lambda: _while(m, depth + 1)
        yield 4 if m.scope.collections else 1, lambda: _for(m, depth + 1)


def _numbers(m: Maker, depth: int) -> Iterator[Offer[Number]]:
    if m.has("comprehensions") and depth:
        yield 0.7, lambda: comprehension(m)


def _while(m: Maker, depth: int) -> Statement:
    # A function that never returns gives nothing back.
    condition = None if m.chance(0.15) and not m.scope.gives else m.condition(1)
    with m.scoped(in_loop=True):
        body = m.block(depth)
    return While(condition, body, m.maybe_block(depth, 0.2))


def _for(m: Maker, depth: int) -> Statement:
    source: Value | None = None
    if m.has("lists") and m.chance(0.6):
        source = list_or_dict(m) if m.chance(0.85) else fresh_list(m)
    if m.scope.collections and m.chance(0.7):
        target, source, bound = _collection(m)
    elif m.has("displays") and m.chance(0.3):
        target, source, bound = _display(m)
    elif source is None:
        target, bound = m.new_name("i"), m.scope.bound
    elif not m.scope.inside and m.chance(0.2):
        target, bound = m.choice("abc"), m.scope.bound
    else:
        target = m.new_name("p")
        bound = (*m.scope.bound, target)
    # Into the list itself nothing goes: such a loop might have no end.
    others = tuple(name for name in m.scope.collections if source != Place((name,)))
    with m.scoped(in_loop=True, bound=bound, collections=others):
        body = m.block(depth)
    by = over(m, source)
    awaits = m.form == "coroutine" and m.has("async-syntax") and source in (None, Fresh("coins"))
    return For(target, source, body, m.maybe_block(depth, 0.2), "async" if awaits and m.chance(0.5) else by)


def over(m: Maker, source: Value | None) -> Over:
    """What a loop goes over that list by."""
    if (
        source is None
        or isinstance(source, Display)
        or (isinstance(source, Place) and is_collection(source))
        or not m.has("overs")
        or not m.chance(0.4)
    ):
        return "plain"
    others: tuple[Over, ...] = ("enumerate", "reversed", "zip", "list", "sorted")
    return m.choice((*others, "items", "items") if source in (DICT, Fresh("shelf")) else others)


def goes_over(m: Maker, *, later: bool = False) -> tuple[str, Value | None, tuple[str, ...]]:
    """What a comprehension goes over, by which name, and all that is bound in it then. `later`: it runs later."""
    if not later and m.scope.collections and m.chance(0.7):
        return _collection(m)
    if m.has("displays") and not later and m.chance(0.3):
        return _display(m)
    if not m.has("lists") or not m.chance(0.6):
        return m.new_name("i"), None, m.scope.bound
    source = list_or_dict(m) if m.chance(0.85) else fresh_list(m)
    target = m.new_name("p")
    return target, source, (*m.scope.bound, target)


def _display(m: Maker) -> tuple[str, Value, tuple[str, ...]]:
    """The same for a display of places, or of pairs of them."""
    names = [m.new_name("p") for _ in range(m.choice((1, 1, 1, 2)))]
    rows = [Row(tuple(place(m) for _ in names)) for _ in range(m.choice((1, 2, 2, 2, 3)))]
    return ", ".join(names), Display(tuple(rows)), (*m.scope.bound, *names)


def _collection(m: Maker) -> tuple[str, Value, tuple[str, ...]]:
    """The same for a list of what others own."""
    name = m.new_name("p")
    return name, Place((m.choice(m.scope.collections),)), (*m.scope.bound, name)


def comprehension(m: Maker, **changes: object) -> Comprehension:
    """`changes`: what else can be named in it, if it runs later."""
    target, source, bound = goes_over(m, later=bool(changes))
    # An `await` would make another kind of comprehension of it.
    with m.scoped(form="function", bound=bound, **changes):
        element = m.number(0)
        condition = m.condition(0) if m.chance(0.4) else None
    return Comprehension(element, target, source, condition, m.chance(0.3), over(m, source))


OFFERS = Offers(statements=_statements, numbers=_numbers)
