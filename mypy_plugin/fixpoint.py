"""The engine that the analyses share: a forward may-analysis over bit sets, run to its fixpoint.

Knows blocks and edges; what a bit means and what an event does to it is the business of each analysis. A
precondition on them: transfer functions are monotone, so that joining more paths never takes a bit away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import chain
from typing import TypeAlias

from .graph import Graph

__all__ = ["Transfer", "fixpoint", "reverse_post_order"]

Transfer: TypeAlias = Callable[[int], int]
"""What a block does to a state."""


def fixpoint(graph: Graph, window: Sequence[int], transfer: Mapping[int, Transfer]) -> dict[int, int]:
    """The state at the start of each block of `window`; a block without a transfer function changes nothing.

    `window`: blocks that follow each other in reverse post-order, all that control can reach or some of them. No way
    leaves it and comes back, so it begins as the body does.

    A worklist in that order: on the reducible graphs that Python's statements make, few blocks are looked at more than
    nesting depth + 2 times (Kam and Ullman 1976).
    """
    entry = dict.fromkeys(window, 0)
    ranks = {index: rank for rank, index in enumerate(window)}
    again: list[int] = []
    """A heap."""
    is_pending = [True] * len(window)
    for rank in chain(range(len(window)), _popped(again)):
        is_pending[rank] = False
        index = window[rank]
        state = entry[index]
        if index in transfer:
            state = transfer[index](state)
        for successor in graph.blocks[index].successors:
            old = entry.get(successor)
            if old is not None and old | state != old:
                entry[successor] = old | state
                if not is_pending[ranks[successor]]:
                    is_pending[ranks[successor]] = True
                    heappush(again, ranks[successor])
    return entry


def _popped(heap: list[int]) -> Iterator[int]:
    while heap:
        yield heappop(heap)


def reverse_post_order(graph: Graph) -> list[int]:
    """The blocks that control can reach, each before its successors but for back edges.

    The first successor comes first, as in the source: so the blocks of a loop follow each other.
    """
    order: list[int] = []
    seen = {0}
    stack = [(0, reversed(graph.blocks[0].successors))]
    while stack:
        block, successors = stack[-1]
        for successor in successors:
            if successor not in seen:
                seen.add(successor)
                stack.append((successor, reversed(graph.blocks[successor].successors)))
                break
        else:
            stack.pop()
            order.append(block)
    order.reverse()
    return order
