"""Which places there are to be looked at, lent and moved."""

from __future__ import annotations

from ..language import Value
from ..language.expressions import Choice, Element, Fresh, Item, Place
from .maker import DICT, Maker

__all__ = [
    "coins_list",
    "element",
    "fresh_list",
    "item",
    "lendable",
    "lent",
    "list_or_dict",
    "owned",
    "place",
    "purse",
    "target",
    "tested",
]


def place(m: Maker) -> Place:
    """A coin that can be looked at."""
    names = (*m.scope.bound, *m.scope.views)
    if names and m.chance(0.45):
        return Place((m.choice(names),))
    return m.choice(m.coins)


def owned(m: Maker) -> Place:
    """One that can be moved."""
    if m.scope.bound and m.chance(0.4):
        return Place((m.choice(m.scope.bound),))
    if m.scope.views and m.chance(0.05):
        return Place((m.choice(m.scope.views),))
    return m.choice(m.coins)


def target(m: Maker) -> Place:
    """One that can be given a new value."""
    return Place((m.choice(m.scope.gives),)) if m.scope.gives else m.choice(m.coins)


def purse(m: Maker) -> Place:
    return Place(m.choice((("h",), ("w", "p")) if m.has_team else (("h",),)))


def list_or_dict(m: Maker) -> Place:
    names = m.scope.lists
    return Place((m.choice(names),)) if names and m.chance(0.5) else m.choice(m.lists)


def coins_list(m: Maker) -> Place:
    return m.choice([one for one in m.lists if one != DICT] + [Place((name,)) for name in m.scope.lists])


def fresh_list(m: Maker) -> Fresh:
    return Fresh("shelf" if m.choice(m.lists) == DICT else "coins")


def element(m: Maker) -> Element:
    return Element(m.choice(m.lists))


def item(m: Maker) -> Item:
    return Item(list_or_dict(m))


def lent(m: Maker, element: float) -> Place | Item:
    """A place, or with this chance an element of a list."""
    return item(m) if m.has("items") and m.chance(element) else place(m)


def lendable(m: Maker, *, alone: bool) -> Value:
    """Something to lend; `alone`: it is all that the call is given, so that nothing can be in its way."""
    if m.has("items") and m.chance(0.1):
        return item(m)
    if alone and m.chance(0.1):
        return Choice(m.condition(0), place(m), place(m))
    return place(m)


def tested(m: Maker) -> Place:
    """What may be there, or be empty."""
    return list_or_dict(m) if m.has("lists") and m.chance(0.3) else place(m)
