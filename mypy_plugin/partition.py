"""A large graph in parts that are solved one by one: which places belong together, and which blocks concern them.

A state has a bit for each move-out. With one state for all of them, a function twice as long has states twice as long
in twice as many blocks. But what becomes of one variable says nothing of another, and most are used in a few blocks
that follow each other. So variables that are used at about the same time make a part, with a window of blocks.

Owns that division. What bits mean is the business of `solve`. This module must never know Python's syntax or mypy.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .events import Kind
from .graph import Graph

__all__ = ["WEIGHTY", "Part", "partition"]

WEIGHTY = frozenset({Kind.MOVE, Kind.DELETE, Kind.EXPIRE, Kind.BORROW, Kind.CAPTURE})
"""The kinds of event that may have a bit of their own."""

_ENOUGH = 60
"""So many events with a bit each that a part may end where the next one has blocks of its own: states stay small."""


class Part(NamedTuple):
    """Places, and the blocks outside of which nothing has to be known of them, in reverse post-order."""

    places: Sequence[int]
    window: Sequence[int]


@dataclass(slots=True)
class _Family:
    """Variables that have to be solved together, with all that hangs on them: the blocks that they are used in."""

    first: int
    last: int = 0
    weight: int = 0


def partition(graph: Graph, order: Sequence[int], lasting: Collection[int], most: int) -> list[Part]:
    """Parts of some `most` events with a bit each, or fewer. `lasting`: places that matter up to the end of the body.

    A window is closed: no way leads out of it and back. So where it begins, all of its places are as at the start of
    the body, for nothing has happened to them yet; and where it ends, nothing will happen to them any more.
    """
    leaders = _leaders(graph, order)
    families: dict[int, _Family] = {}
    for rank, index in enumerate(order):
        for event in graph.blocks[index].events:
            leader = leaders[event.place]
            family = families.get(leader)
            if family is None:
                family = families[leader] = _Family(rank)
            family.last = rank
            family.weight += event.kind in WEIGHTY
    for place in lasting:
        if leaders[place] in families:
            families[leaders[place]].last = len(order) - 1
    begins, ends = _around_loops(graph, order)
    groups: list[tuple[int, int, list[int]]] = []
    weight, length = most, 0
    idle: list[int] = []

    def span(leader: int) -> tuple[int, int, int]:
        first, last = begins[families[leader].first], ends[families[leader].last]
        # Those that are used for long are not to be in one part with those that are not.
        return (last - first).bit_length(), first, last

    for size, first, last, leader in sorted((*span(leader), leader) for leader in families):
        if not families[leader].weight:
            idle.append(leader)
        elif weight >= most or size != length or (weight >= _ENOUGH and first > groups[-1][1]):
            groups.append((first, last, [leader]))
            weight, length = families[leader].weight, size
        else:
            begin, end, leading = groups[-1]
            groups[-1] = (min(begin, first), max(end, last), [*leading, leader])
            weight += families[leader].weight
    groups.append((0, -1, idle))
    members: dict[int, list[int]] = {}
    for place, leader in enumerate(leaders):
        members.setdefault(leader, []).append(place)
    return [
        Part(sorted(place for leader in leading for place in members[leader]), order[first : last + 1])
        for first, last, leading in groups
    ]


def _leaders(graph: Graph, order: Sequence[int]) -> list[int]:
    """For each place one that stands for all that it has to be solved with: a variable, with all that hangs on it.

    So have those that borrow from each other, and those that captured each other.
    """
    leaders = [place.index if place.parent is None else -1 for place in graph.places]
    for place in graph.places:
        if place.parent is not None:
            leaders[place.index] = leaders[place.parent]  # It comes first.

    def leader(place: int) -> int:
        while leaders[place] != place:
            leaders[place] = leaders[leaders[place]]
            place = leaders[place]
        return place

    for index in order:
        for event in graph.blocks[index].events:
            for pair in (event.loan, event.tie, *event.via):
                for other in pair or ():
                    leaders[leader(other)] = leader(event.place)
    return [leader(place.index) for place in graph.places]


def _around_loops(graph: Graph, order: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each rank in the order, where the loops around it begin, and where they end."""
    ranks = {index: rank for rank, index in enumerate(order)}
    change = [0] * (len(order) + 1)
    for rank, index in enumerate(order):
        for successor in graph.blocks[index].successors:
            if ranks[successor] < rank:
                change[ranks[successor]] += 1
                change[rank] -= 1
    begins, ends = list(range(len(order))), list(range(len(order)))
    depth = 0
    for rank in range(len(order) - 1):
        depth += change[rank]
        if depth:
            begins[rank + 1] = begins[rank]
    depth = 0
    for rank in range(len(order) - 1, 0, -1):
        depth -= change[rank]
        if depth:
            ends[rank - 1] = ends[rank]
    return begins, ends
