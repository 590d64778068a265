"""The engine that the analyses share: a forward may-analysis over bit sets, run to its fixpoint.

Knows blocks and edges; what a bit means and what an event does to it is the business of each analysis. A
precondition on them: transfer functions are monotone, so that joining more paths never takes a bit away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from .graph import Graph

__all__ = ["Transfer", "fixpoint", "fixpoint_within", "reverse_post_order"]

Transfer: TypeAlias = Callable[[int], int]
"""What a block does to a state."""


def fixpoint(
    graph: Graph, order: Sequence[int], transfer: Sequence[Transfer] | Mapping[int, Transfer]
) -> list[int | None]:
    """The state at the start of each block, None where control never arrives. `order`: reverse post-order.

    Sweeps in that order are a worklist whose queue is the order itself: on the reducible graphs that Python's
    statements make, nesting depth + 2 sweeps suffice (Kam and Ullman 1976).
    """
    entry: list[int | None] = [None] * len(graph.blocks)
    entry[0] = 0
    dirty = [True] * len(graph.blocks)
    pending = True
    while pending:
        pending = False
        for index in order:
            if not dirty[index]:
                continue
            dirty[index] = False
            state = entry[index]
            assert state is not None
            out = transfer[index](state)
            for successor in graph.blocks[index].successors:
                old = entry[successor]
                new = out if old is None else old | out
                if new != old:
                    entry[successor] = new
                    dirty[successor] = pending = True
    return entry


def fixpoint_within(graph: Graph, window: Sequence[int], transfer: Mapping[int, Transfer]) -> dict[int, int]:
    """The same in a window of that order, which no way leaves and comes back to: it begins as the body does.

    A block without a transfer function changes nothing.
    """
    entry = dict.fromkeys(window, 0)
    dirty = set(window)
    while dirty:
        for index in window:
            if index not in dirty:
                continue
            dirty.remove(index)
            state = entry[index]
            out = transfer[index](state) if index in transfer else state
            for successor in graph.blocks[index].successors:
                old = entry.get(successor)
                if old is not None and old | out != old:
                    entry[successor] = old | out
                    dirty.add(successor)
    return entry


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
