"""Loans that outlive their call, on graphs written by hand: no syntax, no mypy."""

from __future__ import annotations

import pytest
from test_solve import Sketch

from mypy_plugin.events import Event, Terms
from mypy_plugin.findings import LentTwice, TakenLate
from mypy_plugin.graph import Loop
from mypy_plugin.solve import findings

# `loan b 1 t`: b is lent to what t holds; `start t 2 g`: what t holds runs in g from here on.


class Loans(Sketch):
    """A sketch in which the fourth word of an event is a holder."""

    def event(self, words: list[str]) -> Event:
        event = super().event(words[:3])
        if len(words) > 3:
            event.exclusive, event.terms = words[3] != "shared", Terms(late=words[3] == "late")
            event.holder = self.place(words[-1]) if words[-1] != "shared" else None
        return event


STRAIGHT = [
    ("one loan", "loan b 1 t; finish t 2", []),
    ("one after the other", "loan b 1 t; finish t 2; loan b 3 t; finish t 4", []),
    ("two that are awaited together", "loan b 1 t; loan b 2 u; finish t 3; finish u 3", [(2, False)]),
    ("the first is never awaited", "loan b 1 t; loan b 2 u; finish u 3", []),
    ("a task runs whether it is awaited or not", "loan b 1 t; start t 1 x; loan b 2 u; finish u 3", [(2, True)]),
    ("a task that was awaited", "loan b 1 t; start t 1 x; finish x 2; loan b 3 u; finish u 3", []),
    ("a task handed on", "loan b 1 t; start t 1 x; hand_on x 2 y; finish y 3; move b 4", []),
    (
        "a task handed on, the first name awaited",
        "loan b 1 t; start t 1 x; hand_on x 2 y; finish x 3; move b 4",
        [(4, True)],
    ),
    ("a task that nobody can await", "loan b 1 t; start t 1 x; init x 2; finish x 3; move b 4", [(4, True)]),
    ("a move while lent", "loan b 1 t; start t 1 x; move b 2", [(2, True)]),
    ("a look while lent", "loan b 1 t; start t 1 x; look b 2", []),
    ("a call while lent", "loan b 1 t; start t 1 x; lend b 2", [(2, True)]),
    ("a part is moved while the whole is lent", "loan h 1 t; start t 1 x; move h.a 2", [(2, True)]),
    ("a sibling of what is lent", "loan h.a 1 t; start t 1 x; move h.b 2", []),
    ("the lender gets a new value", "loan b 1 t; start t 1 x; init b 2; move b 3", []),
    ("the variable is lent, and gets a new value", "loan b 1 late t; start t 1 x; init b 2; move b 3", [(3, True)]),
    ("the variable is back", "loan b 1 late t; start t 1 x; init b 2; finish x 3; move b 4", []),
    ("two readers", "loan b 1 shared t; loan b 2 shared u; finish t 3; finish u 3", []),
    ("a reader and a writer", "loan b 1 shared t; loan b 2 u; finish t 3; finish u 3", [(2, False)]),
    ("a reader, and a move", "loan b 1 shared t; start t 1 x; move b 2", [(2, True)]),
    ("one report", "loan b 1 t; start t 1 x; move b 2; init b 3; move b 4", [(2, True)]),
    ("a list of tasks", "loan b 1 t; start t 1 ts; loan c 2 u; start u 2 ts; finish ts 3; move b 4; move c 4", []),
]


@pytest.mark.parametrize(("events", "expected"), [case[1:] for case in STRAIGHT], ids=[case[0] for case in STRAIGHT])
def test_straight_line(events: str, expected: list[tuple[int, bool]]) -> None:
    assert found(Loans((events, []))) == expected


def found(sketch: Loans) -> list[tuple[int, bool]]:
    return [
        (finding.event.node.line, finding.running)
        for finding in findings(sketch.graph)
        if isinstance(finding, LentTwice)
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("move b 1; claim b 2 t; start t 2 x; init b 3; init b 4", [(2, 3)]),
        ("move b 1; claim b 2 t; start t 2 x; finish x 3; init b 4", []),
        ("move b 1; claim b 2 t; init b 3; finish t 4", [(2, 3)]),
        ("move b 1; claim b 2 t; init b 3", []),
        ("move h.a 1; claim h.a 2 t; start t 2 x; init h 3", [(2, 3)]),
        ("move h.a 1; claim h.a 2 t; start t 2 x; init h.b 3", []),
    ],
)
def test_what_a_task_would_take_as_well(events: str, expected: list[tuple[int, int]]) -> None:
    taken = [one for one in findings(Loans((events, [])).graph) if isinstance(one, TakenLate)]
    assert [(one.event.node.line, one.assigned.node.line) for one in taken] == expected


def test_a_task_a_round() -> None:
    sketch = Loans(("", [1]), ("", [2, 3]), ("loan b 2 t; start t 2 ts", [1]), ("finish ts 4; move b 5", []))
    loop = Loop("loop", 1, None)
    for index in (1, 2):
        sketch.graph.blocks[index].loop = loop
    (finding,) = findings(sketch.graph)
    assert isinstance(finding, LentTwice)
    assert finding.loop is loop
    assert finding.loan is finding.event


def test_awaited_in_each_round() -> None:
    sketch = Loans(("", [1]), ("", [2, 3]), ("loan b 2 t; start t 2 x; finish x 3", [1]), ("move b 5", []))
    assert found(sketch) == []


def test_on_one_path_it_is_still_running() -> None:
    sketch = Loans(("loan b 1 t; start t 1 x", [1, 2]), ("finish x 2", [2]), ("move b 3", []))
    assert found(sketch) == [(3, True)]


def test_one_of_two_tasks_by_one_name() -> None:
    """What is awaited is whichever was started: the path on which another one is lost is not mended by it."""
    sketch = Loans(
        ("", [1, 2]),
        ("loan b 1 t; start t 1 x; init x 2", [3]),
        ("loan b 3 u; start u 3 x", [3]),
        ("finish x 4; move b 5", []),
    )
    assert found(sketch) == [(5, True)]
