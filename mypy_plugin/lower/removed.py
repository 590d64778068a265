"""Elements that are given away first and leave their container afterwards: `home.merge(task.result())`, and then
`pending.discard(task)`.

Until they have left it nobody may look at the container, nor at another name for what is in it. Owns the walk over the
graph that asks for that; which names stand for elements of what is for `binding`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from ..events import Event, Kind
from ..graph import Graph

__all__ = ["Release", "released_after"]


class Release(NamedTuple):
    """That what a name stands for leaves a container: all of it, if the name is one for a container of some."""

    event: Event
    """By which the name owns it from there on."""
    name: int
    container: int


_BESIDE = frozenset(
    {Kind.HAND_ON, Kind.START, Kind.PICK, Kind.FINISH, Kind.JOIN, Kind.ITERATE, Kind.NEXT, Kind.EXHAUST}
    | {Kind.HOLD, Kind.LACK, Kind.EXPIRE, Kind.CAPTURE}
)
"""What happens to places without a look at what is in them."""


def released_after(
    graph: Graph,
    move: Event,
    name: int,
    container: int,
    holders: Collection[int],
    aliases: Collection[int],
    releases: Sequence[Release],
) -> list[Release]:
    """How an element that a move gives away leaves its container on each path before that is looked at; else nothing.

    `name`: what stands for the element. `holders`: names for containers that have it as well; `aliases`: other names
    that may stand for it. Those are not used any more, either.
    """
    by_event = {id(one.event): one for one in releases if one.container == container}
    found: dict[int, Release] = {}
    pending = [
        (block.index, position + 1, True, False, frozenset({*holders, *aliases}))
        for block in graph.blocks
        for position, event in enumerate(block.events)
        if event is move
    ]
    seen: set[tuple[int, bool, bool, frozenset[int]]] = set()
    while pending:
        index, start, is_bound, has_left, others = pending.pop()
        for event in graph.blocks[index].events[start:]:
            release = by_event.get(id(event)) if not has_left else None
            if release is not None and (
                (release.name == name and is_bound) or (release.name in holders and release.name in others)
            ):
                found[id(event)], has_left = release, True
            elif event.kind is Kind.INIT and event.place in others:
                others -= {event.place}
            elif event.kind is Kind.INIT and event.place == name:
                is_bound = False
            elif _looks_at(graph, event, name, others if has_left else {*others, container}):
                return []
        for successor in graph.blocks[index].successors:
            state = successor, is_bound, has_left, others
            if state not in seen:
                seen.add(state)
                pending.append((successor, 0, is_bound, has_left, others))
    return list(found.values())


def _looks_at(graph: Graph, event: Event, name: int, places: Collection[int]) -> bool:
    """Whether an event uses one of these places, or lets something else than the name borrow from one."""
    if event.kind in _BESIDE or event.is_question:
        return False
    if event.kind is Kind.BORROW and event.loan is not None:
        return event.loan[0] != name and any(graph.overlap(event.loan[1], place) for place in places)
    return any(graph.overlap(event.place, place) for place in places)
