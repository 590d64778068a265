"""A graph that is solved in parts has the findings that it has as a whole, whatever it looks like."""

from __future__ import annotations

from random import Random

import pytest
from test_solve import At

from mypy_plugin.events import Destination, Event, Fault, Into, Kind, Ownership
from mypy_plugin.findings import Finding
from mypy_plugin.fixpoint import reverse_post_order
from mypy_plugin.graph import Graph, Loop
from mypy_plugin.partition import partition
from mypy_plugin.solve import findings

KINDS = [
    *[Kind.INIT, Kind.MOVE, Kind.LOOK] * 4,
    *[Kind.LEND, Kind.STORE, Kind.EMPTY, Kind.DELETE, Kind.KEEP, Kind.BORROW, Kind.EXPIRE, Kind.CAPTURE, Kind.FAULT],
]
PLACES = 12
WHOLE = 1_000_000


def drawn(random: Random) -> Graph:
    """Any blocks with any jumps, between which any events happen to a few variables and their fields."""
    graph = Graph("drawn")
    for number in range(PLACES):
        parent = random.randrange(number) if number and random.random() < 0.3 else None
        graph.add_place(f"p{number}", random.choice([Ownership.OWNED, Ownership.OWNED, Ownership.BORROWED]), parent)
    size = random.randint(1, 14)
    pairs = [(random.randrange(PLACES), random.randrange(PLACES)) for _ in range(3)]
    line = 0
    for index in range(size):
        block = graph.add_block(random.choice([None, Loop("loop", index, None)]))
        for _ in range(random.randrange(4)):
            line += 1
            kind = random.choice(KINDS)
            place = random.randrange(PLACES)
            event = Event(kind, place, At(line), random.randint(1, line), Destination(Into.VARIABLE, "x"))
            pair = random.choice(pairs)
            if kind in (Kind.BORROW, Kind.EXPIRE):
                event.place, event.loan = pair[0], pair
            elif kind is Kind.CAPTURE:
                event.place, event.tie = pair[0], pair
            elif kind in (Kind.MOVE, Kind.LOOK) and random.random() < 0.2:
                event.place, event.tie, event.captured, event.through = pair[1], pair, random.random() < 0.5, "f"
            elif kind is Kind.FAULT:
                event.fault, event.loan = Fault.NOT_OWNED, random.choice([None, pair])
            elif kind is Kind.MOVE and random.random() < 0.2:
                event.to = Destination(Into.LOOP, "x")
            block.events.append(event)
    for block in graph.blocks:
        # A step, a step over some blocks, or a way back.
        near = [min(size - 1, block.index + random.randint(1, 3)), random.randrange(size)]
        block.successors = sorted(set(random.sample(near, random.randint(0, 2)))) or [min(size - 1, block.index + 1)]
        if random.random() < 0.15 or block.index == size - 1:
            graph.exits.append(block.index)
    graph.blocks[-1].successors = []
    return graph


def said(found: list[Finding]) -> list[str]:
    return [repr(finding) for finding in found]


@pytest.mark.parametrize("seed", range(20))
def test_parts_find_what_the_whole_does(seed: int) -> None:
    random = Random(seed)
    for _ in range(150):
        graph = drawn(random)
        expected = said(findings(graph, WHOLE))
        for most in (0, 3):
            assert said(findings(graph, most)) == expected, graph


def test_what_is_drawn_has_findings_of_most_kinds() -> None:
    random = Random(1)
    found = [type(finding).__name__ for _ in range(300) for finding in findings(drawn(random), WHOLE)]
    assert {"UseAfterMove", "Copied", "Faulty", "NotGivenBack"} <= set(found)
    assert len(found) > 200


def test_a_window_is_where_a_variable_is_used_with_the_loops_around_it() -> None:
    graph = Graph("f")
    early, looped, late = (graph.add_place(name) for name in ("early", "looped", "late"))
    used = [early, early, looped, None, late, late]
    for index, place in enumerate(used):
        block = graph.add_block()
        if place is not None:
            block.events = [Event(Kind.MOVE, place, At(index))]
        if index < 5:
            block.successors = [index + 1]
    graph.blocks[3].successors = [2, 4]
    order = reverse_post_order(graph)
    windows = {tuple(part.places): list(part.window) for part in partition(graph, order, (), 1)}
    assert windows == {(early,): [0, 1], (looped,): [2, 3], (late,): [4, 5], (): []}
    windows = {tuple(part.places): list(part.window) for part in partition(graph, order, {early}, 1)}
    assert windows[(early,)] == [0, 1, 2, 3, 4, 5]
