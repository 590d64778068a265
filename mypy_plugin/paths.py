"""How a move-out gets to a use: the walk back that is made only when there is an error.

Owns the answers that a message needs beyond "it reaches": does it reach on every path, only by going round a loop,
and which branch decides. The fast path never pays for any of it.

This module must never know Python's syntax or mypy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .findings import MoveFact
from .graph import Branch, Event, Graph, Kind

__all__ = ["Paths", "Position"]


class Position(Protocol):
    """An event and where it stands: the block, and its index in the block."""

    @property
    def block(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def event(self) -> Event: ...


Kill = Callable[[Event], int]


class Paths:
    """Questions about paths through one graph. Dominators are computed when first asked for."""

    def __init__(self, graph: Graph, order: list[int]) -> None:
        self._graph = graph
        self._order = order
        self._rank = {block: rank for rank, block in enumerate(order)}
        self._predecessors: list[list[int]] | None = None
        self._dominators: dict[int, int] | None = None

    def fact(self, use: Position, out: Position, kill: Kill, place: str) -> MoveFact:
        """What there is to say about one move-out that reaches `use`."""
        again = not self._reaches_forward(out, use, kill)
        branch, taken = (None, True) if again else self._deciding(out.block, use.block)
        return MoveFact(out.event, place, again, branch, taken)

    def certain(self, use: Position, outs: list[Position], kill: Kill) -> bool:
        """Whether every path to `use` goes through one of `outs`, with nothing that makes the place whole after it.

        Walks back from the use: a path that meets a move is settled; one that meets a reinitialisation, another
        use, or the entry of the body is a path on which the place was whole.
        """
        moves = {id(out.event) for out in outs}
        place = use.event.place
        related = {place, *self._graph.ancestors(place), *self._graph.subtree(place)}
        seen: set[int] = set()
        pending = [(use.block, use.position)]
        while pending:
            block, end = pending.pop()
            for event in reversed(self._graph.blocks[block].events[:end]):
                if id(event) in moves:
                    break
                if event.place in related and event.kind is not Kind.FAULT:
                    return False
            else:
                if block == 0:
                    return False
                for before in self.predecessors[block]:
                    if before not in seen:
                        seen.add(before)
                        pending.append((before, len(self._graph.blocks[before].events)))
        return True

    @property
    def predecessors(self) -> list[list[int]]:
        """For each block, the reachable blocks that jump to it."""
        if self._predecessors is None:
            self._predecessors = [[] for _ in self._graph.blocks]
            for block in self._order:
                for successor in self._graph.blocks[block].successors:
                    self._predecessors[successor].append(block)
        return self._predecessors

    def _reaches_forward(self, out: Position, use: Position, kill: Kill) -> bool:
        """Whether the move-out reaches the use without going round a loop."""
        same_kill = kill(out.event)

        def survives(block: int, start: int, end: int) -> bool:
            events = self._graph.blocks[block].events[start:end]
            return not any(event.place == out.event.place and kill(event) & same_kill for event in events)

        if out.block == use.block and out.position < use.position:
            return survives(out.block, out.position + 1, use.position)
        pending = [(out.block, out.position + 1)]
        seen: set[int] = set()
        while pending:
            block, start = pending.pop()
            if not survives(block, start, len(self._graph.blocks[block].events)):
                continue
            for successor in self._graph.blocks[block].successors:
                if self._rank[successor] <= self._rank[block] or successor in seen:
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
        """The immediate dominator, by the algorithm of Cooper, Harvey and Kennedy (2001)."""
        if self._dominators is None:
            found = {0: 0}
            changed = True
            while changed:
                changed = False
                for index in self._order[1:]:
                    known = [before for before in self.predecessors[index] if before in found]
                    best = known[0]
                    for other in known[1:]:
                        best = self._meet(found, best, other)
                    if found.get(index) != best:
                        found[index] = best
                        changed = True
            self._dominators = found
        return self._dominators[block]

    def _meet(self, dominators: dict[int, int], left: int, right: int) -> int:
        while left != right:
            while self._rank[left] > self._rank[right]:
                left = dominators[left]
            while self._rank[right] > self._rank[left]:
                right = dominators[right]
        return left
