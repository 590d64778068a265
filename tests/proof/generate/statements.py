"""Statements: what is assigned to what, and where control goes; but for loops."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Block, Statement, Value
from ..language.expressions import Call, Display, Entries, Fields, Fresh, Item, Place, Row, Star
from ..language.statements import (
    Assert,
    Assign,
    Case,
    Collect,
    CollectMore,
    Delete,
    Do,
    Halve,
    Handler,
    If,
    Match,
    Put,
    Raise,
    Return,
    Swap,
    Try,
    Unpack,
    View,
    With,
    Yield,
)
from .maker import DICT, Maker, Offer, Offers
from .places import fresh_list, item, list_or_dict, place, purse, target

__all__ = ["OFFERS"]


def _statements(m: Maker, depth: int) -> Iterator[Offer[Statement]]:
    yield 7, lambda: _do(m)
    if not m.scope.inside:
        yield from _assigning(m)
    if m.has("tuples") and m.has("lists"):
        yield 0.6, lambda: _unpack(m)
    if m.has("views"):
        yield 0.5, lambda: _view(m)
    if m.has("collections") and not m.scope.inside:
        yield 0.9, lambda: _collect(m)
        if m.scope.collections:
            yield 1.5, lambda: CollectMore(m.choice(m.scope.collections), place(m))
    if m.has("items"):
        yield 0.4, lambda: Put(item(m), m.coin(1))
    if m.form == "generator":
        yield 1, lambda: Yield(m.coin(1))
    if depth and not m.scope.gives_back:
        yield 0.5, lambda: Return(m.coin(1) if m.form != "generator" and m.chance(0.6) else None)
        yield 0.4, Raise
        yield 0.2, lambda: Assert(m.condition(1))
    if m.may_nest(depth):
        yield 1.6, lambda: If(m.condition(2), m.block(depth + 1), m.maybe_block(depth + 1, 0.5))
        yield 1.6, lambda: _try(m, depth + 1)
        yield 0.7, lambda: _with(m, depth + 1)
        if m.has("match"):
            yield 0.8, lambda: _match(m, depth + 1)


def _assigning(m: Maker) -> Iterator[Offer[Statement]]:
    yield 1.7, lambda: _assign(m)
    yield 0.5, lambda: Swap(target(m), target(m), m.coin(1), m.coin(1))
    if m.has("tuples"):
        yield 0.5, lambda: Halve(target(m), target(m), m.coin(1))
    deleted = [place for place in m.coins if len(place.path) > 1 or not m.closes]
    if deleted:
        yield 0.4, lambda: Delete(m.deletes(m.choice(deleted)))


def _do(m: Maker) -> Statement:
    if m.chance(0.15):
        return Do(m.coin(1))
    if m.has("fields") and m.chance(0.12):
        if m.has_team and m.chance(0.3):
            return Do(Call(m.choice(("take_team", "lend_team")), (Place(("w",)),)))
        name = m.choice(("take_purse", "lend_purse"))
        return Do(Call(name, (_given_purse(m) if name == "take_purse" else purse(m),)))
    return Do(m.number(1))


def _given_purse(m: Maker) -> Value:
    return Fields(m.coin(2), m.coin(2)) if m.chance(0.2) else purse(m)


def _assign(m: Maker) -> Statement:
    if m.has("fields") and m.chance(0.08):
        if m.has_team and m.chance(0.3):
            team = Fields(_given_purse(m), m.coin(1), team=True)
            return Assign(Place(("w",)), team if m.chance(0.5) else Fresh("team"))
        made = Fields(m.coin(1), m.coin(1)) if m.chance(0.5) else Fresh("purse")
        return Assign(purse(m), made)
    if m.has("lists") and m.chance(0.1):
        return _assign_list(m)
    other = target(m) if m.has("chained") and m.chance(0.03) else None
    return Assign(target(m), m.coin(2), other)


def _assign_list(m: Maker) -> Statement:
    to = m.choice(m.lists)
    keyed = to == DICT
    if m.chance(0.7):
        return Assign(to, Fresh("shelf" if keyed else "coins"))
    entries: tuple[Value, ...] = m.coin(1), m.coin(1)
    if m.has("stars") and not keyed and m.chance(0.4):
        entries = (Star(list_or_dict(m)), entries[0])
    return Assign(to, Entries(entries, keyed))


def _unpack(m: Maker) -> Statement:
    first, starred = m.new_name("p"), m.chance(0.6)
    second = m.new_name("r" if starred else "p")
    source = list_or_dict(m) if m.chance(0.9) else fresh_list(m)
    m.adds(bound=first)
    m.adds(**{"lists" if starred else "bound": second})
    return Unpack(first, second, starred, source)


def _collect(m: Maker) -> Statement:
    rows = tuple(Row((place(m),)) for _ in range(m.choice((0, 1, 1, 2, 2))))
    name = m.new_name("vs")
    m.adds(collections=name)
    return Collect(name, Display(rows))


def _view(m: Maker) -> Statement:
    name = m.new_name("v")
    source: Place | Item
    source = m.choice([*m.coins, *(Place((bound,)) for bound in m.scope.bound)])
    declared = True
    if m.has("items") and m.chance(0.4):
        source, declared = item(m), m.chance(0.5)
    m.adds(views=name)
    return View(name, source, declared)


def _try(m: Maker, depth: int) -> Statement:
    body = m.block(depth)
    handlers: tuple[Handler, ...] = ()
    final: Block = ()
    if m.chance(0.75):
        handlers = (Handler(m.chance(0.4), m.block(depth)),)
        if not handlers[0].catches_all and m.chance(0.15):
            handlers += (Handler(m.chance(0.5), m.block(depth)),)
    otherwise = m.maybe_block(depth, 0.25) if handlers else ()
    if not handlers or m.chance(0.3):
        final = m.block(depth)
    return Try(body, handlers, otherwise, final)


def _with(m: Maker, depth: int) -> Statement:
    is_async = m.form == "coroutine" and m.has("async-syntax") and m.chance(0.5)
    return With(m.chance(0.7), m.block(depth), is_async)


def _match(m: Maker, depth: int) -> Statement:
    if m.chance(0.4) or not m.has("captures"):
        return _match_number(m, depth)
    if m.has("fields") and m.chance(0.3):
        subject = purse(m)
        names: tuple[str, ...] = (m.new_name("p"), m.new_name("p"))
    else:
        subject = m.choice(m.coins)
        names = (m.new_name("p"),)
    guarded = m.chance(0.6)
    with m.scoped(bound=(*m.scope.bound, *names)):
        guard = m.condition(1) if guarded else None
        cases = [Case(names, guard, m.block(depth))]
    default = guarded and m.chance(0.5)
    if default:
        cases.append(Case((), None, m.block(depth)))
    return Match(subject, tuple(cases), default)


def _match_number(m: Maker, depth: int) -> Statement:
    cases = [Case((), m.condition(1) if m.chance(0.4) else None, m.block(depth)) for _ in range(m.choice((1, 2)))]
    default = m.chance(0.5)
    if default:
        cases.append(Case((), None, m.block(depth)))
    return Match(None, tuple(cases), default)


OFFERS = Offers(statements=_statements)
