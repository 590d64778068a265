"""Coins and numbers, as far as they are of no other topic."""

from __future__ import annotations

from collections.abc import Iterator

from ..language import Number, Value
from ..language.expressions import And, Attribute, Call, Choice, Element, Format, Fresh, Or, Place, Star, Walrus
from ..spelling.library import FUNCTIONS
from .maker import DICT, Maker, Offer, Offers
from .places import coins_list, element, item, lendable, lent, list_or_dict, owned, place

__all__ = ["OFFERS"]


def _coins(m: Maker, depth: int) -> Iterator[Offer[Value]]:
    yield 7, lambda: owned(m)
    yield 1.5, lambda: Fresh("gold" if m.has_gold and m.chance(0.4) else "coin")
    if m.has("lists"):
        yield 0.5, lambda: element(m)
    if depth:
        yield 1, lambda: Call("step", (m.coin(depth - 1),))
        yield 0.5, lambda: Choice(m.condition(0), m.coin(depth - 1), m.coin(depth - 1))
        yield 0.5, lambda: Or(owned(m), m.coin(depth - 1))
        yield 0.3, lambda: And(owned(m), m.coin(depth - 1))
        if not m.scope.inside:
            yield 0.4, lambda: Walrus(m.walrus_target(), m.coin(depth - 1))
        if m.form == "coroutine":
            yield 1, lambda: Call("step_later", (m.coin(depth - 1),))


def _numbers(m: Maker, depth: int) -> Iterator[Offer[Number]]:
    yield 6, lambda: _call(m, depth)
    yield 3, lambda: Attribute(lent(m, 0.1), m.chance(0.2))
    yield 0.4, lambda: Format(place(m))


def _call(m: Maker, depth: int) -> Call:
    name = m.choice(_callable(m))
    function = FUNCTIONS[name]
    arguments: list[Value | Number] = []
    if name == "append":
        arguments.append(coins_list(m))
    elif function.receiver is not None:
        arguments.append(owned(m) if function.receiver == "move" else place(m))
    if function.is_variadic:
        return Call(name, _variadic(m, function.takes[0], depth))
    for takes, kind in zip(function.takes, function.kinds, strict=True):
        if kind == "coins":
            arguments.append(coins_list(m))
        elif kind == "shelf":
            arguments.append(DICT)
        elif takes == "move" and m.has("items") and m.chance(0.02):
            # Only here: a name that is given an entry is another name for it, and takes nothing.
            arguments.append(item(m))
        elif takes == "move" and m.scope.lists and m.chance(0.15):
            # Only here: a variable that is given it has only another name for it until it gives that away.
            arguments.append(Element(Place((m.choice(m.scope.lists),))))
        elif takes == "move":
            arguments.append(m.coin(depth - 1 if depth else 0))
        else:
            arguments.append(lendable(m, alone=len(function.takes) == 1))
    by_name = m.has("stars") and len(function.takes) == 2 and m.chance(0.2)
    return Call(name, tuple(arguments), by_name)


def _callable(m: Maker) -> list[str]:
    """The names of functions and methods, some of them more than once."""
    names = ["note", "take", "take", "take", "lend", "lend", "share", "merge", "read", "finish"]
    names += ["take_two", "lend_two", "share_two", "lend_and_take", "take_and_lend", "share_and_lend"]
    if m.has("lists"):
        if m.lists[-1] != DICT or m.scope.lists:
            names += ["take_coins", "share_coins", "append"]
        if m.has("stars"):
            names += ["take_all", "lend_all", "share_all"]
        if m.lists[0] == DICT:
            names += ["take_shelf", "share_shelf"]
    if m.form == "coroutine":
        names += ["take_later", "take_later", "lend_later", "share_later"]
    return names


def _variadic(m: Maker, takes: str, depth: int) -> tuple[Value, ...]:
    """Arguments of which there may be any number, a list of them among them."""

    def one() -> Value:
        if m.chance(0.6):
            return Star(list_or_dict(m))
        return m.coin(depth - 1 if depth else 0) if takes == "move" else place(m)

    return tuple(one() for _ in range(m.choice((1, 2, 2))))


OFFERS = Offers(coins=_coins, numbers=_numbers)
