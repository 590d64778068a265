"""The solver on graphs written by hand: no syntax, no mypy."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mypy_plugin.events import Destination, Event, Fault, Into, Kind, Ownership
from mypy_plugin.findings import Copied, Faulty, Finding, Minted, NotGivenBack, UseAfterMove
from mypy_plugin.fixpoint import reverse_post_order
from mypy_plugin.graph import Branch, Graph, Loop
from mypy_plugin.solve import findings, solve


@dataclass(eq=False)
class At:
    """A position in a source that does not exist."""

    line: int
    column: int = 0


class Sketch:
    """A graph in a few words: `block(0, "move b 1", to=[1])`; a word is an event's kind, place, line, expression."""

    def __init__(self, *blocks: tuple[str, list[int]], exits: tuple[int, ...] = ()) -> None:
        self.graph = Graph("sketch")
        self.places: dict[str, int] = {}
        for events, successors in blocks:
            block = self.graph.add_block()
            block.successors = successors
            block.events = [self.event(words.split()) for words in events.split(";") if words.strip()]
        self.graph.exits = list(exits)

    def place(self, name: str) -> int:
        if name not in self.places:
            base, _, _ = name.rpartition(".")
            if base:
                self.places[name] = self.graph.add_place(name, parent=self.place(base))
            else:
                self.places[name] = self.graph.add_place(name)
        return self.places[name]

    def event(self, words: list[str]) -> Event:
        kind, name, line, *expression = words
        number = int(expression[0]) if expression else int(line)
        name, _, lender = name.partition("<")
        event = Event(Kind[kind.upper()], self.place(name), At(int(line)), number, Destination(Into.VARIABLE, "x"))
        event.loan = (event.place, self.place(lender)) if lender else None
        return event

    def found(self) -> list[tuple[str, str, int]]:
        return [(type(finding).__name__, finding.place, finding.event.node.line) for finding in findings(self.graph)]

    def only(self) -> Finding:
        (finding,) = findings(self.graph)
        return finding


STRAIGHT = [
    ("look after a move", "move b 1; look b 2", [("UseAfterMove", "b", 2)]),
    ("reinitialised", "move b 1; init b 2; look b 3", []),
    ("another place", "move b 1; look c 2", []),
    ("two moves in one expression", "move b 1 7; move b 1 7", [("Copied", "b", 1)]),
    ("two moves in two", "move b 1; move b 2", [("UseAfterMove", "b", 2)]),
    (
        "every further move is a mistake of its own",
        "move b 1; move b 2; move b 3",
        [("UseAfterMove", "b", 2), ("UseAfterMove", "b", 3)],
    ),
    ("one report, then whole again", "move b 1; look b 2; look b 3; move b 4", [("UseAfterMove", "b", 2)]),
    ("a look in the same expression is no copy", "move b 1 7; look b 1 7", [("UseAfterMove", "b", 1)]),
    ("a loan in the same expression is", "move b 1 7; lend b 1 7", [("Copied", "b", 1)]),
    ("deleting what was moved is no use", "move b 1; delete b 2", []),
    ("using what was deleted is", "delete b 1; look b 2", [("UseAfterMove", "b", 2)]),
    ("a sibling field stays", "move h.a 1; look h.b 2", []),
    ("the whole does not", "move h.a 1; look h 2", [("UseAfterMove", "h", 2)]),
    ("a field of what moved", "move h 1; look h.a.c 2", [("UseAfterMove", "h.a.c", 2)]),
    ("assigning the field makes it whole", "move h.a 1; init h.a 2; look h 3", []),
    ("assigning the whole resets the fields", "move h.a 1; init h 2; look h.a 3", []),
    ("assigning one field does not give back another", "move h.a 1; init h.b 2; look h 3", [("UseAfterMove", "h", 3)]),
    ("storing needs the object", "move h 1; store h.a 2", [("UseAfterMove", "h.a", 2)]),
    ("storing does not need the field", "move h.a 1; store h.a 2; init h.a 2; look h 3", []),
]


@pytest.mark.parametrize(("events", "expected"), [case[1:] for case in STRAIGHT], ids=[case[0] for case in STRAIGHT])
def test_straight_line(events: str, expected: list[tuple[str, str, int]]) -> None:
    assert Sketch((events, [])).found() == expected


def test_one_branch_moves() -> None:
    finding = Sketch(("", [1, 2]), ("move b 2", [2]), ("look b 3", [])).only()
    assert isinstance(finding, UseAfterMove)
    assert not finding.certain


def test_both_branches_move() -> None:
    finding = Sketch(("", [1, 2]), ("move b 2", [3]), ("move b 3", [3]), ("look b 4", [])).only()
    assert isinstance(finding, UseAfterMove)
    assert finding.certain
    assert [fact.event.node.line for fact in finding.moves] == [2, 3]


def test_the_deciding_branch_is_named() -> None:
    sketch = Sketch(("", [1, 2]), ("", [3, 2]), ("look b 9", []), ("move b 3", [2]))
    sketch.graph.blocks[0].branch = Branch(1, lambda: "outer")
    sketch.graph.blocks[1].branch = Branch(2, lambda: "inner")
    finding = sketch.only()
    assert isinstance(finding, UseAfterMove)
    (fact,) = finding.moves
    assert fact.branch is not None
    assert (fact.branch.text(), fact.taken) == ("inner", True)


def test_a_branch_that_both_depend_on_decides_nothing() -> None:
    sketch = Sketch(("", [1, 2]), ("move b 3; look b 4", [2]), ("", []))
    sketch.graph.blocks[0].branch = Branch(1, lambda: "outer")
    finding = sketch.only()
    assert isinstance(finding, UseAfterMove)
    assert finding.certain
    assert finding.moves[0].branch is None


def looping(events: str, after: str = "") -> Sketch:
    sketch = Sketch(("", [1]), ("", [2, 3]), (events, [1]), (after, []))
    loop = Loop("loop", 1, None)
    sketch.graph.blocks[1].loop = sketch.graph.blocks[2].loop = loop
    return sketch


def test_a_move_that_reaches_itself() -> None:
    finding = looping("move b 2").only()
    assert isinstance(finding, Copied)
    assert finding.loop is not None
    assert finding.first is None


def test_a_move_that_is_reinitialised_in_the_loop() -> None:
    assert looping("move b 2; init b 3").found() == []
    assert looping("init b 2; move b 3").found() == []


def test_a_look_at_what_moved_in_the_previous_iteration() -> None:
    finding = looping("look b 2; move b 3").only()
    assert isinstance(finding, UseAfterMove)
    assert finding.moves[0].previous_iteration


def test_after_the_loop_nothing_is_a_previous_iteration() -> None:
    found = findings(looping("move b 2", after="look b 5").graph)
    after = [finding for finding in found if isinstance(finding, UseAfterMove)]
    assert [(finding.event.node.line, finding.moves[0].previous_iteration) for finding in after] == [(5, False)]
    assert not after[0].certain


def test_unreachable_blocks_say_nothing() -> None:
    assert Sketch(("", []), ("move b 1; move b 2", [])).found() == []


def test_a_fault_is_reported_where_it_is_reached() -> None:
    sketch = Sketch(("", [1]), ("look b 1", []), ("look b 2", []))
    for block in sketch.graph.blocks[1:]:
        block.events[0].kind, block.events[0].fault = Kind.FAULT, Fault.NOT_OWNED
    finding = sketch.only()
    assert isinstance(finding, Faulty)
    assert finding.event.node.line == 1


@pytest.mark.parametrize(("events", "expected"), [("move self.a 1", 1), ("move self.a 1; init self.a 2", 0)])
def test_a_field_of_a_loan_is_given_back(events: str, expected: int) -> None:
    sketch = Sketch(("", [1]), (events, [2]), ("", []), exits=(2,))
    for place in sketch.graph.places:
        place.ownership = Ownership.SELF
    found = findings(sketch.graph)
    assert [type(finding) for finding in found] == [NotGivenBack] * expected


MINTS = [
    ("nothing is held", "mint Budget 1", []),
    ("held", "hold b 1; mint Budget 2", [("b", 1, True)]),
    ("moved", "hold b 1; move b 2; mint Budget 3", []),
    ("deleted", "hold b 1; delete b 2; mint Budget 3", []),
    ("known to be empty", "hold b 1; lack b 2; mint Budget 3", []),
    ("given something else", "hold b 1; init b 2; mint Budget 3", []),
    ("given a new one", "hold b 1; move b 2; init b 3; hold b 3; mint Budget 4", [("b", 3, True)]),
    ("looking changes nothing", "hold b 1; look b 2; lend b 3; mint Budget 4", [("b", 1, True)]),
    ("a field", "hold h.a 1; mint Budget 2", [("h.a", 1, True)]),
    ("a field of what moved", "hold h.a 1; move h 2; mint Budget 3", []),
    ("another field moved", "hold h.a 1; move h.b 2; mint Budget 3", [("h.a", 1, True)]),
    ("one report, for the one held longest", "hold b 1; hold c 2; mint Budget 3", [("b", 1, True)]),
    ("each mint is a mistake", "hold b 1; mint Budget 2; mint Budget 3", [("b", 1, True), ("b", 1, True)]),
    ("a borrower goes with its owner", "init v 1; borrow v<o 1; hold v 1; expire v<o 2; mint Budget 3", []),
    ("what does not borrow stays", "hold v 1; expire v 2; mint Budget 3", [("v", 1, True)]),
    ("what no longer borrows stays", "borrow v 1; init v 2; hold v 2; expire v 3; mint Budget 4", [("v", 2, True)]),
]


def held(sketch: Sketch) -> list[tuple[str, int, bool]]:
    found = findings(sketch.graph)
    assert all(isinstance(finding, Minted) for finding in found)
    return [(f.held.place, f.held.since, f.held.certain) for f in found if isinstance(f, Minted)]


@pytest.mark.parametrize(("events", "expected"), [case[1:] for case in MINTS], ids=[case[0] for case in MINTS])
def test_what_is_held_where_a_budget_is_made(events: str, expected: list[tuple[str, int, bool]]) -> None:
    assert held(Sketch((events, []))) == expected


def test_held_on_some_path() -> None:
    assert held(Sketch(("hold b 1", [1, 2]), ("move b 2", [2]), ("mint Budget 3", []))) == [("b", 1, False)]
    assert held(Sketch(("", [1, 2]), ("hold b 2", [2]), ("mint Budget 3", []))) == [("b", 2, True)]
    assert held(Sketch(("hold b 1", [1, 2]), ("move b 2", [3]), ("lack b 3", [3]), ("mint Budget 4", []))) == []


def test_held_since_before_the_loop_or_by_an_earlier_iteration() -> None:
    assert held(looping("mint Budget 2; init b 2; hold b 2")) == []
    assert held(looping("mint Budget 2; init b 2; hold b 2", after="mint Budget 5")) == [("b", 2, True)]
    before = looping("mint Budget 2; init b 2; hold b 2")
    before.graph.blocks[0].events.append(before.event(["hold", "b", "1"]))
    assert held(before) == [("b", 1, True)]


def test_a_mint_that_is_not_allowed_is_one_finding() -> None:
    for events, expected in (("mint Budget 2", Faulty), ("hold b 1; mint Budget 2", Minted)):
        sketch = Sketch((events, []))
        sketch.graph.blocks[0].events[-1].fault = Fault.MINTED
        assert type(sketch.only()) is expected


def test_what_the_expression_around_has_in_hand() -> None:
    sketch = Sketch(("hold b 1; move b 2; mint Budget 2", []))
    sketch.graph.blocks[0].events[2].beside = (sketch.graph.blocks[0].events[1],)
    assert held(sketch) == [("b", 0, True)]
    other = Sketch(("hold b 1", [1, 2]), ("move b 2", [3]), ("lack b 2; mint Budget 2", [3]), ("", []))
    other.graph.blocks[2].events[1].beside = (other.graph.blocks[1].events[0],)
    assert held(other) == []


def test_the_order_is_reverse_post_order() -> None:
    sketch = Sketch(("", [2, 1]), ("", [3]), ("", [3]), ("", [0]))
    order = reverse_post_order(sketch.graph)
    assert order[0] == 0
    assert order[-1] == 3
    assert sorted(order) == [0, 1, 2, 3]


def test_the_fixpoint_does_not_depend_on_the_numbering_of_blocks() -> None:
    plain = Sketch(("move b 1", [1]), ("", [2, 3]), ("init b 2", [1]), ("look b 3", []))
    shuffled = Sketch(("move b 1", [3]), ("look b 3", []), ("init b 2", [3]), ("", [2, 1]))
    assert plain.found() == shuffled.found() == [("UseAfterMove", "b", 3)]


def test_a_state_is_what_may_have_moved() -> None:
    solved = solve(Sketch(("", [1, 2]), ("move b 1", [2]), ("", [])).graph)
    (solution,) = solved.parts
    assert solution.entry == {0: 0, 1: 0, 2: 1}


def test_a_graph_prints_itself() -> None:
    graph = Sketch(("move h.a 1", [1]), ("look h 2", [])).graph
    assert str(graph).splitlines() == [
        "graph sketch",
        "  0: -> 1",
        "    MOVE h.a -> VARIABLE x  (line 1)",
        "  1: -> exit",
        "    LOOK h -> VARIABLE x  (line 2)",
    ]
    assert "0 -> 1;" in graph.dot()


def tied(*steps: tuple[str, str, int, tuple[str, str] | None, bool]) -> Sketch:
    """One block of events with their ties: kind, place, line, tie, whether it is a move into a function."""
    sketch = Sketch(("", []))
    for kind, name, line, tie, captured in steps:
        event = sketch.event([kind, name, str(line)])
        event.tie = (sketch.place(tie[0]), sketch.place(tie[1])) if tie else None
        event.captured = captured
        sketch.graph.blocks[0].events.append(event)
    return sketch


WORK = ("work", "b")
CAPTURED = [
    ("capture", "work", 1, WORK, False),
    ("move", "work", 2, WORK, False),
]


def test_a_value_that_captured_is_used_up_once() -> None:
    assert tied(*CAPTURED).found() == []
    assert tied(*CAPTURED, ("move", "work", 3, WORK, False)).found() == [("UsedUp", "work", 3)]


def test_nothing_happens_through_a_value_that_is_not_in_its_place() -> None:
    assert tied(*CAPTURED[1:], ("move", "work", 3, WORK, False)).found() == []
    assert tied(CAPTURED[0], ("init", "work", 2, None, False), *CAPTURED[1:], *CAPTURED[1:]).found() == []
    moved = ("move", "b", 1, None, False)
    assert tied(moved, ("look", "b", 2, WORK, False)).found() == []
    assert tied(CAPTURED[0], moved, ("look", "b", 2, WORK, False)).found() == [("UseAfterMove", "b", 2)]


def test_a_function_has_what_it_took_when_it_was_made() -> None:
    taken = ("move", "b", 1, None, True)
    assert tied(taken, CAPTURED[0], ("move", "b", 2, WORK, True)).found() == []
    given_away = tied(taken, CAPTURED[0], ("init", "b", 2, None, False), ("move", "b", 3, None, False))
    given_away.graph.blocks[0].events.append(tied_call := given_away.event(["move", "b", "4"]))
    tied_call.tie, tied_call.captured = (given_away.place("work"), given_away.place("b")), True
    assert given_away.found() == [("UseAfterMove", "b", 4)]
