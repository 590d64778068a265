"""How a move-out gets to a use: the walk back that is made only when there is an error.

Owns the answers that a message needs beyond "it reaches": does it reach on every path, only by going round a loop,
and which branch decides. The fast path never pays for any of it.

This module must never know Python's syntax or mypy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from .events import Event, Kind
from .findings import MoveFact
from .graph import Branch, Graph, Loop

__all__ = [
    "NEUTRAL",
    "At",
    "Paths",
    "is_always_renewed",
    "leaves_nested",
    "only_raises",
    "reachable",
    "reaches_end",
    "reaching_initialisations",
]


NEUTRAL = frozenset(
    {
        Kind.FAULT,
        Kind.BORROW,
        Kind.EXPIRE,
        Kind.CAPTURE,
        Kind.CHANGE,
        Kind.HOLD,
        Kind.LACK,
        Kind.MINT,
        Kind.OWE,
        Kind.CLAIM,
        Kind.HAND_ON,
        Kind.START,
        Kind.PICK,
        Kind.FINISH,
        Kind.JOIN,
        Kind.ITERATE,
        Kind.NEXT,
        Kind.EXHAUST,
    }
)
"""The kinds of event after which a place is no more and no less whole than before."""


class At(NamedTuple):
    """An event and where it stands: the block, and its index in the block."""

    block: int
    position: int
    event: Event


Kill = Callable[[Event], int]


class Paths:
    """Questions about paths through one graph. Dominators are computed when first asked for."""

    def __init__(self, graph: Graph, order: list[int]) -> None:
        self._graph = graph
        self.order = order
        self._rank = {block: rank for rank, block in enumerate(order)}

    def fact(self, use: At, out: At, kill: Kill, place: str) -> MoveFact:
        """What there is to say about one move-out that reaches `use`."""
        same_kill = kill(out.event)

        def ends(event: Event) -> bool:
            return event.place == out.event.place and bool(kill(event) & same_kill)

        again = not self.reaches_forward(out, use, ends)
        branch, taken = (None, True) if again else self._deciding(out.block, use.block)
        return MoveFact(out.event, place, again, branch, taken)

    def certain(self, use: At, outs: Sequence[At]) -> bool:
        """Whether every path to `use` goes through one of `outs`, with nothing that makes the place whole after it.

        Walks back from the use: a path that meets a move is settled; one that meets a reinitialisation, another
        use, or the entry of the body is a path on which the place was whole.
        """
        moves = {id(out.event) for out in outs}
        related: set[int] = set()
        for out in outs:
            related.update(self._graph.ancestors(out.event.place), self._graph.subtree(out.event.place))
        seen: set[int] = set()
        pending = [(use.block, use.position)]
        while pending:
            block, end = pending.pop()
            for event in reversed(self._graph.blocks[block].events[:end]):
                if id(event) in moves:
                    break
                if event.place in related and event.kind not in NEUTRAL:
                    return False
            else:
                if block == 0:
                    return False
                for before in self.predecessors[block]:
                    if before not in seen:
                        seen.add(before)
                        pending.append((before, len(self._graph.blocks[before].events)))
        return True

    @cached_property
    def predecessors(self) -> list[list[int]]:
        """For each block, the reachable blocks that jump to it."""
        found: list[list[int]] = [[] for _ in self._graph.blocks]
        for block in self.order:
            for successor in self._graph.blocks[block].successors:
                found[successor].append(block)
        return found

    def reaches_forward(self, out: At, use: At, ends: Callable[[Event], bool]) -> bool:
        """Whether what an event began reaches the use without going round a loop. `ends`: the events that end it."""

        def survives(block: int, start: int, end: int) -> bool:
            return not any(map(ends, self._graph.blocks[block].events[start:end]))

        blocks = self._graph.blocks
        around_use: list[Loop | None] = []
        loop = blocks[use.block].loop
        while loop is not None:
            around_use.append(loop)
            loop = loop.parent

        def is_next_iteration(block: int, successor: int) -> bool:
            """Whether an edge goes back to the head of a loop that the use is in."""
            back = self._rank[successor] <= self._rank[block]
            return back and any(blocks[successor].loop is loop for loop in around_use)

        if out.block == use.block and out.position < use.position:
            return survives(out.block, out.position + 1, use.position)
        pending = [(out.block, out.position + 1)]
        seen: set[int] = set()
        while pending:
            block, start = pending.pop()
            if not survives(block, start, len(blocks[block].events)):
                continue
            for successor in blocks[block].successors:
                if is_next_iteration(block, successor) or successor in seen:
                    continue
                if successor == use.block:
                    return survives(successor, 0, use.position)
                seen.add(successor)
                pending.append((successor, 0))
        return False

    def _deciding(self, move: int, use: int) -> tuple[Branch | None, bool]:
        """The innermost decision that leads to the move and that the use does not depend on."""
        block = move
        while block != 0:
            if self._dominates(block, use):
                return None, True
            above = self._dominator(block)
            branch = self._graph.blocks[above].branch
            if branch is not None and self.predecessors[block] == [above]:
                return branch, self._graph.blocks[above].successors[0] == block
            block = above
        return None, True

    def _dominates(self, above: int, below: int) -> bool:
        while self._rank[below] > self._rank[above]:
            below = self._dominator(below)
        return below == above

    def _dominator(self, block: int) -> int:
        return self._dominators[block]

    @cached_property
    def _dominators(self) -> dict[int, int]:
        """Each block's immediate dominator, by the algorithm of Cooper, Harvey and Kennedy (2001)."""
        found = {0: 0}
        changed = True
        while changed:
            changed = False
            for index in self.order[1:]:
                known = [before for before in self.predecessors[index] if before in found]
                best = known[0]
                for other in known[1:]:
                    best = self._meet(found, best, other)
                if found.get(index) != best:
                    found[index] = best
                    changed = True
        return found

    def _meet(self, dominators: dict[int, int], left: int, right: int) -> int:
        while left != right:
            while self._rank[left] > self._rank[right]:
                left = dominators[left]
            while self._rank[right] > self._rank[left]:
                right = dominators[right]
        return left


def reaching_initialisations(graph: Graph, use: Event, place: int, *, shared: bool = False) -> tuple[list[Event], bool]:
    """The `INIT` events of `place` whose value `use` sees on some path, and whether it may see none of them.

    Through a `DELETE` it sees nothing at all. `shared`: a variable of a body around this one, which others may give a
    value where a generator pauses.
    """
    predecessors: list[list[int]] = [[] for _ in graph.blocks]
    pending: list[tuple[int, int]] = []
    for block in graph.blocks:
        for successor in block.successors:
            predecessors[successor].append(block.index)
        if use in block.events:
            pending.append((block.index, block.events.index(use)))
    found: list[Event] = []
    from_entry = False
    seen: set[int] = set()
    while pending:
        index, end = pending.pop()
        for event in reversed(graph.blocks[index].events[:end]):
            if event.place == place and event.kind is Kind.INIT:
                found.append(event)
                break
            if event.place == place and event.kind is Kind.DELETE:
                break
        else:
            from_entry |= index == 0 or (shared and not graph.pauses.isdisjoint(predecessors[index]))
            for before in predecessors[index]:
                if before not in seen:
                    seen.add(before)
                    pending.append((before, len(graph.blocks[before].events)))
    return found, from_entry


def reaches_end(graph: Graph, event: Event) -> bool:
    """Whether what an event does to its place may still hold where the body ends, with no new value given to it.

    A body that only ends by an exception ends as well. Where a generator pauses it may end.
    """
    start = _just_after(graph, event)
    if start is None:
        return False
    reached, after = _reached_without(graph, *start, event.place), _after(graph, start[0])
    if not after.isdisjoint(_ends(graph)):
        return not reached.isdisjoint(_ends(graph))
    return reached == after or not all(graph.blocks[index].successors for index in reached)


def only_raises(graph: Graph, event: Event) -> bool:
    """Whether a body is left by an exception, if at all, once an event has happened."""
    start = _just_after(graph, event)
    return start is not None and _after(graph, start[0]).isdisjoint(_ends(graph))


def leaves_nested(graph: Graph, event: Event) -> bool:
    """Whether an exception may leave a nested body while what an event does to its place still holds."""
    leaving = [one for one in graph.leaves if event not in one.called_off]
    start = _just_after(graph, event) if leaving else None
    return start is not None and any(
        one.block == index and first <= one.position <= last
        for index, first, last in _stretches_without(graph, *start, event.place)
        for one in leaving
    )


def _just_after(graph: Graph, event: Event) -> tuple[int, int] | None:
    """The block of an event, and the position after it; None if nothing of the kind is in the graph."""
    for block in graph.blocks:
        if event in block.events:
            return block.index, block.events.index(event) + 1
    return None


def _ends(graph: Graph) -> set[int]:
    """The blocks at whose end the body is left, for a while at least."""
    return graph.pauses.union(graph.exits)


def reachable(graph: Graph) -> Iterator[Event]:
    """The events of a body to which control may come."""
    for index in _after(graph, 0):
        yield from graph.blocks[index].events


def _after(graph: Graph, block: int) -> set[int]:
    """A block, and all to which control may come from it."""
    seen = {block}
    pending = [block]
    while pending:
        for successor in graph.blocks[pending.pop()].successors:
            if successor not in seen:
                seen.add(successor)
                pending.append(successor)
    return seen


def is_always_renewed(graph: Graph, place: int) -> bool:
    """Whether a place is given a new value on every way through the body; a body that never ends gives it one, too."""
    renewing = {place, *graph.ancestors(place)}
    renews = any(one.kind is Kind.INIT and one.place in renewing for block in graph.blocks for one in block.events)
    return renews and _reached_without(graph, 0, 0, place, _RENEWING).isdisjoint(_ends(graph))


_RENEWING = frozenset({Kind.INIT})
_RESTORING = frozenset({Kind.INIT, Kind.KEEP})
"""The kinds of event after which a place is whole that something was taken out of."""


def _reached_without(
    graph: Graph, block: int, position: int, place: int, kinds: frozenset[Kind] = _RESTORING
) -> set[int]:
    """The blocks to whose end a way leads from here without any of these of a place, or of what it is a part of."""
    stretches = _stretches_without(graph, block, position, place, kinds)
    return {index for index, _, last in stretches if last == len(graph.blocks[index].events)}


def _stretches_without(
    graph: Graph, block: int, position: int, place: int, kinds: frozenset[Kind] = _RESTORING
) -> Iterator[tuple[int, int, int]]:
    """Where ways lead from here without any event of these kinds of a place, or of what it is a part of.

    Each time a block, the first event there, and that which is one: after the last one, if none is.
    """
    places = {place, *graph.ancestors(place)}
    pending = [(block, position)]
    seen: set[int] = set()
    while pending:
        index, first = pending.pop()
        events = graph.blocks[index].events
        last = first
        while last < len(events) and not (events[last].kind in kinds and events[last].place in places):
            last += 1
        yield index, first, last
        for successor in graph.blocks[index].successors if last == len(events) else ():
            if successor not in seen:
                seen.add(successor)
                pending.append((successor, 0))
