"""Values that are not used up on some way out: which debts reach an end of the place that owes.

A forward may-analysis of its own on the graph that `solve` looks at, run only where a place owes. Bit *i* of a state
says: on some path to here, the value that `OWE` event *i* is about is still where it was put, and nothing has used
it up. Three things end it there and then: another value in its place, `del`, and a way out of the body.

What may raise is a matter of degree. An edge that is `UNLIKELY` counts for no debt, and an exception that leaves the
body by itself only for a debt that it does not excuse.

This module must never know Python's syntax or mypy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from .events import Debt, Event, Into, Kind
from .findings import Dropped
from .fixpoint import fixpoint, reverse_post_order
from .graph import Block, Branch, Graph, Jump, Why
from .paths import At

__all__ = ["dropped"]

_USED_UP = frozenset({Into.WITH, Into.CLOSURE, Into.RETURN})
"""Where a mere look leads when something else takes care of the value from there on."""
_USED = frozenset({Into.RECEIVER, Into.PARAMETER})
"""Where it leads when the value is at least used."""
_BY_ITSELF = frozenset({Why.EXCEPTION, Why.NO_EXCEPTION})


class _End(NamedTuple):
    """Where a value ends that was not used up: at an event, or (None) by leaving the body. `way`: the blocks there."""

    event: Event | None
    way: tuple[int, ...]
    jump: Jump | None

    @property
    def rank(self) -> tuple[bool, int]:
        """Which one a reader believes at once: one that needs no exception, the first in the source."""
        if self.event is not None:
            return False, self.event.node.line
        if self.jump is None:
            return False, 1 << 30
        return self.jump.why in _BY_ITSELF, self.jump.line


class _Debts:
    """What each event does to the bits. Built once per graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.events: list[At] = [
            At(block.index, position, event)
            for block in graph.blocks
            for position, event in enumerate(block.events)
            if event.kind is Kind.OWE
        ]
        self._bit_of = {id(at.event): 1 << index for index, at in enumerate(self.events)}
        self._of: dict[int, int] = {}
        self.lenient = 0
        """Debts that any use pays."""
        self.excused = 0
        """Debts that do not matter to an exception that leaves the body."""
        for at in self.events:
            bit = self._bit_of[id(at.event)]
            self._of[at.event.place] = self._of.get(at.event.place, 0) | bit
            debt = at.event.about
            assert isinstance(debt, Debt)
            if not debt.must_use:
                self.lenient |= bit
            if debt.is_excused:
                self.excused |= bit

    def after(self, event: Event, state: int) -> int:
        """The transfer function of one event."""
        if event.kind is Kind.OWE:
            return state | self._bit_of[id(event)]
        return state & ~(self.paid(event) | self.ended(event))

    def paid(self, event: Event) -> int:
        """The debts that are no more after this event, as they should be."""
        kind = event.kind
        if kind is Kind.MOVE or kind is Kind.FAULT:
            # What is wrong with a move that is a fault is said already.
            return self._of.get(self.graph.root(event.place), 0)
        of = self._of.get(event.place, 0)
        if not of:
            return 0
        if kind is Kind.LACK:
            return of
        if kind is Kind.DELETE:
            return of & self.lenient
        into = event.to.into if event.to is not None else None
        if kind is Kind.LOOK and into in _USED_UP:
            return of
        if kind is Kind.LEND or (kind is Kind.LOOK and into in _USED):
            return of & self.lenient
        return 0

    def ended(self, event: Event) -> int:
        """The debts that this event makes impossible to pay."""
        if event.kind is Kind.INIT:
            return self._of.get(event.place, 0)
        return self._of.get(event.place, 0) & ~self.lenient if event.kind is Kind.DELETE else 0

    def bit(self, event: Event) -> int:
        """The bit of an `OWE` event."""
        return self._bit_of[id(event)]

    def block(self, index: int, state: int) -> int:
        """The transfer function of a block."""
        for event in self.graph.blocks[index].events:
            state = self.after(event, state)
        return state


def dropped(graph: Graph) -> Iterator[Dropped]:
    """A finding for each value that some way does not use up, about the plainest such way."""
    graph = _likely(graph)
    debts = _Debts(graph)
    order = reverse_post_order(graph)
    entry = fixpoint(graph, order, {index: partial(debts.block, index) for index in order})
    unpaid = 0
    for index in order:
        state = entry[index]
        for event in graph.blocks[index].events:
            unpaid |= state & debts.ended(event)
            state = debts.after(event, state)
        if index in graph.exits:
            unpaid |= state if index != graph.thrown else state & ~debts.excused
    for at in debts.events:
        if unpaid & debts.bit(at.event):
            yield _judge(graph, debts, at)


def _likely(graph: Graph) -> Graph:
    """The graph without the edges that no debt asks about."""
    blocks = []
    for block in graph.blocks:
        likely = Block(block.index, block.loop)
        likely.events, likely.branch, likely.jumps = block.events, block.branch, block.jumps
        likely.successors = [
            successor
            for successor in block.successors
            if successor not in block.jumps or block.jumps[successor].why is not Why.UNLIKELY
        ]
        blocks.append(likely)
    return replace(graph, blocks=blocks)


def _judge(graph: Graph, debts: _Debts, debt: At) -> Dropped:
    """What there is to say of a debt that is not paid on some way."""
    ends, is_paid_somewhere = _ends(graph, debts, debt)
    end = min(ends, key=lambda each: each.rank)
    by_itself = end.jump is not None and end.jump.why in _BY_ITSELF
    branch, taken = (None, True) if by_itself else _deciding(graph, debts, debt, end)
    return Dropped(
        debt.event,
        graph.places[debt.event.place].name,
        graph.name,
        end.jump if end.event is None else None,
        end.event,
        end.event is not None and end.event.node is debt.event.node,
        not (is_paid_somewhere or by_itself or debt.event.optional),
        branch,
        taken,
    )


def _ends(graph: Graph, debts: _Debts, debt: At) -> tuple[list[_End], bool]:
    """All ends of a value that was not used up, each by a shortest way; and whether some way does use it up."""
    bit = debts.bit(debt.event)
    found: list[_End] = []
    is_paid_somewhere = False
    ways: dict[int, tuple[int, ...]] = {}
    pending: list[tuple[int, int, tuple[int, ...]]] = [(debt.block, debt.position + 1, (debt.block,))]
    while pending:
        index, start, way = pending.pop(0)
        block = graph.blocks[index]
        for event in block.events[start:]:
            if debts.ended(event) & bit:
                found.append(_End(event, way, _last_jump(graph, way)))
                break
            if debts.paid(event) & bit:
                is_paid_somewhere |= event.kind is not Kind.LACK
                break
        else:
            for successor in block.successors:
                there = (*way, successor)
                if successor in graph.exits:
                    if successor != graph.thrown or not bit & debts.excused:
                        found.append(_End(None, there, _last_jump(graph, there)))
                elif successor not in ways:
                    ways[successor] = there
                    pending.append((successor, 0, there))
    return found, is_paid_somewhere


def _last_jump(graph: Graph, way: tuple[int, ...]) -> Jump | None:
    for block, successor in zip(reversed(way[:-1]), reversed(way[1:]), strict=True):
        jump = graph.blocks[block].jumps.get(successor)
        if jump is not None:
            return jump
    return None


def _deciding(graph: Graph, debts: _Debts, debt: At, end: _End) -> tuple[Branch | None, bool]:
    """The first decision on a way out that could have led to where the value is used up."""
    leads = _leading(graph, debts, debts.bit(debt.event))
    for block, successor in zip(end.way, end.way[1:], strict=False):
        branch = graph.blocks[block].branch
        if branch is not None and any(other not in leads for other in _plain(graph.blocks[block])):
            return branch, graph.blocks[block].successors[0] == successor
    return None, True


def _leading(graph: Graph, debts: _Debts, bit: int) -> set[int]:
    """The blocks from whose beginning some plain way ends a value before it is used up."""
    leads = set(graph.exits)
    carries = set()
    for block in graph.blocks:
        for event in block.events:
            if debts.ended(event) & bit:
                leads.add(block.index)
                break
            if debts.paid(event) & bit:
                break
        else:
            carries.add(block.index)
    changed = True
    while changed:
        changed = False
        for block in graph.blocks:
            if block.index in carries and block.index not in leads and not leads.isdisjoint(_plain(block)):
                leads.add(block.index)
                changed = True
    return leads


def _plain(block: Block) -> list[int]:
    """The successors that control reaches without an exception that nobody has written."""
    return [each for each in block.successors if each not in block.jumps or block.jumps[each].why not in _BY_ITSELF]
