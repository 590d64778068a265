"""Debts on graphs written by hand: which ways out leave a value that was not used up. No syntax, no mypy."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mypy_plugin.events import Debt, Destination, Event, Into, Kind
from mypy_plugin.findings import Dropped
from mypy_plugin.graph import Branch, Graph, Jump, Why
from mypy_plugin.solve import findings

STRICT = Debt("Reservation", must_use=True, ends=("commit", "release"))
LENIENT = Debt("Budget", must_use=False, is_excused=True)
INTO = {"with": Into.WITH, "lambda": Into.CLOSURE, "method": Into.RECEIVER, "argument": Into.PARAMETER}


@dataclass(eq=False)
class At:
    """A position in a source that does not exist."""

    line: int
    column: int = 0


class Sketch:
    """A graph in a few words, as in `test_solve`; a fourth word says what a look or a loan leads to.

    Block 1 is where the body returns, block 2 where exceptions leave it.
    """

    def __init__(self, *blocks: tuple[str, list[int]], debt: Debt = STRICT) -> None:
        self.graph = Graph("body")
        self.debt = debt
        self.places: dict[str, int] = {}
        first, *others = blocks
        for events, successors in [first, ("", []), ("", []), *others]:
            block = self.graph.add_block()
            block.successors = successors
            block.events = [self.event(*words.split()) for words in events.split(";") if words.strip()]
        self.graph.exits = [1, 2]
        self.graph.thrown = 2

    def event(self, kind: str, name: str, line: str, into: str = "") -> Event:
        if name not in self.places:
            base, _, _ = name.rpartition(".")
            self.places[name] = self.graph.add_place(name, parent=self.places[base] if base else None)
        to = Destination(INTO.get(into, Into.VARIABLE))
        debt = self.debt if kind == "owe" else None
        return Event(Kind[kind.upper()], self.places[name], At(int(line)), int(line), to, about=debt)

    def jump(self, block: int, successor: int, why: Why, line: int) -> Sketch:
        self.graph.blocks[block].jumps[successor] = Jump(why, line)
        return self

    def found(self) -> list[Dropped]:
        found = findings(self.graph)
        return [finding for finding in found if isinstance(finding, Dropped)]

    def only(self) -> Dropped:
        (finding,) = self.found()
        return finding


STRAIGHT = [
    ("never used", "init r 1; owe r 1", 1, 1),
    ("moved", "init r 1; owe r 1; move r 2", 0, 0),
    ("moved by a mistake that is reported", "init r 1; owe r 1; fault r 2", 0, 0),
    ("known to be nothing", "init r 1; owe r 1; lack r 2", 0, 0),
    ("looked at", "init r 1; owe r 1; look r 2", 1, 1),
    ("managed", "init r 1; owe r 1; look r 2 with", 0, 0),
    ("captured", "init r 1; owe r 1; look r 2 lambda", 0, 0),
    ("a method of it is called", "init r 1; owe r 1; look r 2 method", 1, 0),
    ("lent", "init r 1; owe r 1; lend r 2 argument", 1, 0),
    ("deleted", "init r 1; owe r 1; delete r 2", 1, 0),
    ("a part of it moved", "init r 1; owe r 1; move r.part 2", 0, 0),
    ("another one moved", "init r 1; owe r 1; move s 2", 1, 1),
    ("replaced", "init r 1; owe r 1; init r 2; owe r 2; move r 3", 1, 1),
    ("replaced when it had moved", "init r 1; owe r 1; move r 2; init r 2; owe r 2; move r 3", 0, 0),
    ("a part of it is assigned", "init r 1; owe r 1; init r.part 2; move r 3", 0, 0),
]


@pytest.mark.parametrize(
    ("events", "strict", "lenient"), [case[1:] for case in STRAIGHT], ids=[case[0] for case in STRAIGHT]
)
def test_straight_line(events: str, strict: int, lenient: int) -> None:
    assert len(Sketch((events, [1])).found()) == strict
    assert len(Sketch((events, [1]), debt=LENIENT).found()) == lenient


def test_what_ends_it_is_named() -> None:
    at_the_end = Sketch(("owe r 1", [1])).only()
    assert (at_the_end.jump, at_the_end.end, at_the_end.certain) == (None, None, True)
    deleted = Sketch(("owe r 1; delete r 2", [1])).only()
    assert deleted.end is not None and deleted.end.kind is Kind.DELETE
    replaced = Sketch(("owe r 1; init r 2", [1])).only()
    assert replaced.end is not None and replaced.end.node.line == 2
    assert not replaced.next_iteration
    returned = Sketch(("owe r 1", [1])).jump(0, 1, Why.RETURN, 3).only()
    assert returned.jump == Jump(Why.RETURN, 3)


def test_one_branch_and_the_decision_that_leads_there() -> None:
    sketch = Sketch(("owe r 1", [3, 1]), ("move r 2", [1]))
    sketch.graph.blocks[0].branch = Branch(2, lambda: "ok")
    finding = sketch.only()
    assert not finding.certain
    assert finding.branch is not None
    assert (finding.branch.text(), finding.taken) == ("ok", False)


def test_a_decision_after_which_nothing_changes_is_not_named() -> None:
    sketch = Sketch(("owe r 1", [3, 4]), ("look r 2", [4]), ("", [1]))
    sketch.graph.blocks[0].branch = Branch(2, lambda: "ok")
    assert sketch.only().branch is None


def test_an_exception_is_a_way_out() -> None:
    sketch = Sketch(("owe r 1", [2, 3]), ("move r 3", [1]))
    finding = sketch.jump(0, 2, Why.EXCEPTION, 2).only()
    assert (finding.jump, finding.certain) == (Jump(Why.EXCEPTION, 2), False)


def test_an_unlikely_exception_is_none() -> None:
    assert not Sketch(("owe r 1", [2, 3]), ("move r 3", [1])).jump(0, 2, Why.UNLIKELY, 2).found()


def test_an_exception_that_leaves_excuses_what_need_not_be_used() -> None:
    for debt, count in ((STRICT, 1), (LENIENT, 0)):
        leaving = Sketch(("owe r 1", [2, 3]), ("move r 3", [1]), debt=debt)
        assert len(leaving.jump(0, 2, Why.EXCEPTION, 2).found()) == count
        caught = Sketch(("owe r 1", [3, 4]), ("move r 3", [1]), ("", [1]), debt=debt)
        assert len(caught.jump(0, 4, Why.EXCEPTION, 2).found()) == 1


def test_a_way_without_an_exception_is_told_first() -> None:
    sketch = Sketch(("owe r 1", [2, 3]), ("", [1]))
    assert sketch.jump(0, 2, Why.EXCEPTION, 2).only().jump is None


def test_the_last_jump_is_the_one_that_counts() -> None:
    """An exception into a handler that returns: it is the return that drops the value."""
    sketch = Sketch(("owe r 1", [3, 4]), ("move r 3", [1]), ("", [1]))
    finding = sketch.jump(0, 4, Why.EXCEPTION, 2).jump(4, 1, Why.RETURN, 5).only()
    assert finding.jump == Jump(Why.RETURN, 5)


def test_the_next_iteration() -> None:
    sketch = Sketch(("", [3]), ("", [4, 1]), ("init r 2; owe r 2", [3]))
    sketch.graph.blocks[4].events[1].node = sketch.graph.blocks[4].events[0].node
    finding = sketch.only()
    assert finding.end is sketch.graph.blocks[4].events[0]
    assert finding.next_iteration


def test_one_report_for_a_place_with_another_mistake() -> None:
    assert not Sketch(("owe r 1; move r 2; look r 3; init r 4; owe r 4", [1])).found()


def test_unreachable_debts_are_none() -> None:
    assert not Sketch(("", [1]), ("owe r 1", [1])).found()
