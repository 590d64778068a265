"""Places that are one value: a view and what it looks at, and two views of one thing.

Kept as bits, for the analysis of loans that outlive their call: what has a value on loan has it under each of its
names. One bit for each borrow says that it lasts, and one for each two names of one value that they are that just now.
Two names stay so when what they were bound to gets a new value.

This module must never know Python's syntax or mypy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from .events import Event, Kind, Loan, Times
from .graph import Graph

__all__ = ["Aliases"]


class Aliases:
    """The names of what the places in `lent` hold, as bits from `first` on. Built once per graph."""

    def __init__(self, graph: Graph, lent: Collection[int], first: int) -> None:
        self._graph = graph
        borrows = [event for block in graph.blocks for event in block.events if event.kind is Kind.BORROW]
        loans = sorted({event.loan for event in borrows if event.loan is not None})
        self._lasts = {loan: 1 << (first + index) for index, loan in enumerate(loans)}
        """For each borrow: the bit that says that it lasts."""
        self._family = self._families({event.loan for event in borrows if event.whole and event.loan is not None}, lent)
        """For each name that matters, all of the same value; on some path, at least."""
        pairs = sorted({pair for family in self._family.values() for pair in combinations(family, 2)})
        first += len(loans)
        self._same = {pair: 1 << (first + index) for index, pair in enumerate(pairs)}
        first += len(pairs)
        put = sorted({event.loan for event in borrows if event.times is not None and event.loan is not None})
        self._often = {loan: 1 << (first + 2 * index) for index, loan in enumerate(put)}
        """For each borrow by which a collection has a value: the bit that says that it has it more than once. The next
        bit: what is lent of the collection from here on may be what has been lent of it before."""
        self.width = len(self._lasts) + len(self._same) + 2 * len(put)

    def _families(self, pairs: Collection[Loan], lent: Collection[int]) -> dict[int, list[int]]:
        family_of: dict[int, list[int]] = {}
        for one, other in sorted(pairs):
            joined = [*family_of.get(one, [one])]
            joined += [name for name in family_of.get(other, [other]) if name not in joined]
            for name in joined:
                family_of[name] = joined
        matter = {
            id(family) for name, family in family_of.items() if any(self._graph.overlap(name, place) for place in lent)
        }
        return {name: sorted(family) for name, family in family_of.items() if id(family) in matter}

    def same(self, one: int, other: int) -> int:
        """The bit that says that two names are of one value."""
        return self._same.get((one, other) if one < other else (other, one), 0)

    def lasts(self, borrow: Loan) -> int:
        """The bit that says that a borrow lasts."""
        return self._lasts.get(borrow, 0)

    def often(self, collection: Loan) -> int:
        """The bit that says that a collection has a value more than once."""
        return self._often.get(collection, 0)

    def again(self, collection: Loan) -> int:
        """The bit that says that what is lent of a collection may have been lent before."""
        return self._often.get(collection, 0) << 1

    def happens(self, event: Event, state: int) -> bool:
        """Whether the borrows last that an event depends on."""
        return all(state & self._lasts.get(loan, 0) for loan in event.via)

    def names(self, place: int) -> Iterator[tuple[int, int, bool]]:
        """The places that may hold what a place holds; each with the bit that says so, and whether it holds more."""
        for name, family in self._family.items():
            if self._graph.overlap(name, place):
                for other in family:
                    if other != name:
                        image, is_more = self.image(place, name, other)
                        yield image, self.same(name, other), is_more

    def image(self, place: int, name: int, other: int) -> tuple[int, bool]:
        """What a place is under another name, `other`, of what `name` holds; where that is none, what it is in."""
        graph, names = self._graph, []
        while place != name:
            parent = graph.places[place].parent
            if parent is None:
                # What is lent contains what `name` holds.
                return other, False
            names.append(graph.places[place].name[len(graph.places[parent].name) :])
            place = parent
        for step in reversed(names):
            called = graph.places[other].name + step
            found = next((each for each in graph.places[other].children if graph.places[each].name == called), None)
            if found is None:
                return other, True
            other = found
        return other, False

    def after(self, event: Event, state: int) -> int:
        """A name borrows: it is a name of what its lender has, and of whatever else is one of that."""
        if event.loan is None or not self.happens(event, state):
            return state
        name, lender = event.loan
        if event.whole:
            for other in self._family.get(lender, ()):
                if other != name and (other == lender or state & self.same(lender, other)):
                    state |= self.same(name, other)
        if event.times is not None:
            often = self._often[event.loan]
            if event.times > Times.ONCE or state & self._lasts[event.loan]:
                state |= often
            if event.times is Times.IN_ONE:
                state |= often << 1
        return state | self._lasts[event.loan]

    def ended(self, place: int, state: int) -> int:
        """A place gets a new value: what it borrowed, and what borrowed from it, is over, and it has another name."""
        below = set(self._graph.subtree(place))
        for ends, bit in (*self._lasts.items(), *self._same.items()):
            if not below.isdisjoint(ends):
                state &= ~bit
        for ends, bit in self._often.items():
            if not below.isdisjoint(ends):
                state &= ~(bit | bit << 1)
        return state

    def parted(self, name: int, state: int) -> int:
        """A name has been given what it borrowed: nothing else is a name of that any more."""
        for pair, bit in (*self._lasts.items(), *self._same.items()):
            if name in pair:
                state &= ~bit
        return state
