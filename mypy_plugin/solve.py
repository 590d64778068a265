"""The fixpoint: which move-outs may reach each event, and the findings that follow.

A forward may-analysis over bit sets of move-outs, as rustc's `MaybeUninitializedPlaces` over move paths. Bit *i* of
a state says: on some path to here, move-out *i* happened and nothing reinitialised its place since.

Almost every event's transfer function is `state & ~kill | gen`, so a whole block's is too, and the fixpoint looks at
each block once per change. The exceptions are a borrower that expires with its owner, which it does only where it
borrows, what borrows through another borrower, and what happens through a value that captured, which does only where
the value is: those are bits of their own, so blocks with such an event are walked. Reporting lives outside of it: a
cursor replays the blocks afterwards, once, with the final entry states.

A use also kills: after a use of a moved place was reported the place counts as whole again, so that one mistake
gives one report, and the result cannot depend on the order of analysis (rules, section 5).

This module must never know Python's syntax or mypy, and does no input or output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from .dropped import dropped
from .events import Event, Into, Kind, Ownership
from .findings import Copied, Faulty, Finding, LentTwice, NotGivenBack, UseAfterMove, UsedUp
from .fixpoint import Transfer, fixpoint, reverse_post_order
from .graph import Graph
from .held import minted
from .loans import loan_findings
from .partition import WEIGHTY, Part, partition
from .paths import NEUTRAL, At, Paths

__all__ = ["Solution", "Solved", "findings", "solve"]

_MOST = 2_000
"""So many events with a bit of their own that one state has bits for all of them."""

_MOVE_OUTS = frozenset({Kind.MOVE, Kind.DELETE, Kind.EXPIRE})
_USES = frozenset({Kind.MOVE, Kind.LEND, Kind.LOAN, Kind.LOOK})
_NOTED = frozenset({Kind.LOAN, Kind.CLAIM, Kind.MINT, Kind.OWE})
"""The kinds of event that say which other analyses a body needs."""
_NO_MATTER = NEUTRAL - {Kind.FAULT}
"""The kinds of event that end no move-out."""
_ON_LOAN = frozenset({Ownership.BORROWED, Ownership.SELF, Ownership.NEW, Ownership.NOT_AFFINE, Ownership.RETRIED})


class Masks:
    """For each event, what it kills, as bit sets of move-outs. Built once for the places that are solved together."""

    def __init__(self, graph: Graph, places: Sequence[int], events: Sequence[Event], move_outs: list[At]) -> None:
        self.bit_of = {id(out.event): 1 << index for index, out in enumerate(move_outs)}
        at_place = dict.fromkeys(places, 0)
        for out in move_outs:
            at_place[out.event.place] |= self.bit_of[id(out.event)]
        first_loan = len(move_outs)
        self._loans = {
            loan: 1 << (first_loan + index)
            for index, loan in enumerate(
                sorted({event.loan for event in events if event.kind is Kind.BORROW and event.loan})
            )
        }
        """For each loan that begins somewhere: the bit that says it lasts."""
        self._loans_of = dict.fromkeys(places, 0)
        """The loans that end when a place gets a new value: those that it holds, and those of what it had before."""
        for (borrower, lender), bit in self._loans.items():
            self._loans_of[borrower] |= bit
            for above in (lender, *graph.ancestors(lender)):
                self._loans_of[above] |= bit
        first_tie = first_loan + len(self._loans)
        ties = {event.tie for event in events if event.kind is Kind.CAPTURE}
        self._ties = {tie: 1 << (first_tie + index) for index, tie in enumerate(sorted(filter(None, ties)))}
        """For each tie: the bit that says its value is in its place now."""
        self._ties_of = dict.fromkeys(places, 0)
        for tie, bit in self._ties.items():
            self._ties_of[tie[0]] |= bit
        self._captured = 0
        """Moves into functions that captured the place."""
        self._captured_at: dict[int, int] = {}
        """The same by the function that took it."""
        for out in move_outs:
            if out.event.captured:
                bit = self.bit_of[id(out.event)]
                self._captured |= bit
                for taker in (out.event.node, out.event.closure):
                    self._captured_at[id(taker)] = self._captured_at.get(id(taker), 0) | bit
        self.below = at_place.copy()
        """Move-outs of a place and of all below it: what reinitialising the place ends."""
        # A child's index is always greater than its parent's, so one backward sweep sums up every subtree.
        for place in reversed(places):
            parent = graph.places[place].parent
            if parent is not None:
                self.below[parent] |= self.below[place]
        self.touching = self.below.copy()
        """Move-outs that make a use of the place wrong: of itself, of a part of it, of what it is a part of."""
        self.drained = dict.fromkeys(places, 0)
        """Move-outs of the place that took its elements one by one, and left the container where it was."""
        for out in move_outs:
            if out.event.element or (out.event.to is not None and out.event.to.into is Into.LOOP):
                self.drained[out.event.place] |= self.bit_of[id(out.event)]
        self.above = dict.fromkeys(places, 0)
        """Move-outs of what the place is a part of."""
        for place in places:
            parent = graph.places[place].parent
            if parent is not None:
                self.above[place] = self.above[parent] | at_place[parent]
                self.touching[place] |= self.above[place]

    def wrong(self, event: Event) -> int:
        """The move-outs that make this event a use of something moved."""
        if event.kind in _USES and not event.behind:
            return self.touching[event.place] & ~self._its_own(event)
        if event.kind is Kind.EMPTY:
            return self.touching[event.place] & ~self.drained[event.place]
        return self.above[event.place] if event.kind is Kind.STORE else 0

    def kill(self, event: Event) -> int:
        """The move-outs that end with this event."""
        if event.kind is Kind.INIT:
            return self.below[event.place] | self._loans_of[event.place] | self._ties_of[event.place]
        if event.kind in _NO_MATTER or event.behind:
            return 0
        if event.kind is Kind.KEEP:
            return self.below[event.place]
        if event.kind is Kind.OWN:
            return self.below[event.place] | self.lasts(event)
        if event.kind is Kind.STORE:
            return self.above[event.place]
        if event.closure is None and event.tie is None:
            return self.touching[event.place]
        return self.touching[event.place] & ~self._its_own(event)

    def _its_own(self, event: Event) -> int:
        """For a function that is called: what it took when it was made, or takes by this call, is there for it."""
        if event.captured:
            return self._captured if event.tie is not None else 0
        if event.closure is None:
            return 0
        return self._captured_at.get(id(event.closure), 0) | self._captured_at.get(id(event.node), 0)

    def happens(self, event: Event, state: int) -> bool:
        """Whether there is such an event in this state: not without its loans, nor if its value is not in its place."""
        if event.kind is Kind.FAULT and event.loan is not None and not state & self.lasts(event):
            return False
        if event.via and not all(state & self._loans.get(loan, 0) for loan in event.via):
            return False
        return event.tie is None or event.kind is Kind.CAPTURE or bool(state & self._ties.get(event.tie, 0))

    def lasts(self, event: Event) -> int:
        """The bit that says that the event's loan lasts."""
        return self._loans.get(event.loan, 0) if event.loan is not None else 0

    def after(self, event: Event, state: int) -> int:
        """The transfer function of one event."""
        if event.kind is Kind.EXPIRE:
            if not state & self.lasts(event) or not self.happens(event, state):
                return state
            state |= self.bit_of[id(event)]
            # What a function took has no other name any more. If the function takes again, it is what came later.
            return state & ~self.lasts(event) if event.captured else state
        if event.kind is Kind.CAPTURE and event.tie is not None:
            return state | self._ties[event.tie]
        if (event.loan is not None or event.via or event.tie is not None) and not self.happens(event, state):
            return state
        killed = state & self.kill(event)
        return state ^ killed | self.given(event) if event.kind in WEIGHTY else state ^ killed

    def given(self, event: Event) -> int:
        """The bits that an event sets, if there is such an event."""
        return self.lasts(event) if event.kind is Kind.BORROW else self.bit_of.get(id(event), 0)


class Solution(NamedTuple):
    """The fixpoint for some places: `entry[b]` is the state at the start of block `b`.

    It is not there where control never arrives, nor where nothing is known of these places yet, or any more.
    """

    move_outs: list[At]
    masks: Masks
    entry: Mapping[int, int]

    def reaching(self, bits: int) -> list[At]:
        """The move-outs that a bit set names, in source order of their blocks."""
        found = []
        while bits:
            low = bits & -bits
            found.append(self.move_outs[low.bit_length() - 1])
            bits ^= low
        return found


class Solved(NamedTuple):
    """A graph with the solutions for its parts, and which one has each place (None: there is but one)."""

    graph: Graph
    order: list[int]
    parts: list[Solution]
    part_of: list[int] | None

    def events(self, block: int, solution: Solution) -> list[Event]:
        """What happens in a block to the places that a solution is for."""
        events = self.graph.blocks[block].events
        if self.part_of is None:
            return events
        return [event for event in events if self.parts[self.part_of[event.place]] is solution]

    def replay(self, block: int) -> Iterator[tuple[int, Event, Solution, int]]:
        """Each event of a block and where it stands, with the solution for its place and the state just before it.

        Without those that can be no mistake where nothing has moved, and that no other analysis is asked for.
        """
        events = self.graph.blocks[block].events
        if self.part_of is None:
            (solution,) = self.parts
            state = solution.entry[block]
            for position, event in enumerate(events):
                if state or event.fault is not None or event.kind in _NOTED:
                    yield position, event, solution, state
                if state or event.kind in WEIGHTY:
                    state = solution.masks.after(event, state)
            return
        states: dict[int, int] = {}
        for position, event in enumerate(events):
            number = self.part_of[event.place]
            solution = self.parts[number]
            state = states[number] if number in states else solution.entry.get(block, 0)
            yield position, event, solution, state
            states[number] = solution.masks.after(event, state)


def solve(graph: Graph, most: int = _MOST) -> Solved:
    """Run the analysis to its fixpoint with a worklist in reverse post-order; in parts, if more than `most` weigh."""
    order = reverse_post_order(graph)
    weight = sum([event.kind in WEIGHTY for block in graph.blocks for event in block.events])
    if weight <= most:
        return Solved(graph, order, [_whole(graph, order, weight)], None)

    lasting = {
        event.place
        for block in graph.blocks
        for event in block.events
        if event.kind in _MOVE_OUTS and graph.places[event.place].ownership in _ON_LOAN
    }
    parts = partition(graph, order, lasting, most)
    part_of = [0] * len(graph.places)
    for number, part in enumerate(parts):
        for place in part.places:
            part_of[place] = number
    events: list[dict[int, list[Event]]] = [{} for _ in parts]
    move_outs: list[list[At]] = [[] for _ in parts]
    for index in sorted(order):
        for position, event in enumerate(graph.blocks[index].events):
            number = part_of[event.place]
            events[number].setdefault(index, []).append(event)
            if event.kind in _MOVE_OUTS:
                move_outs[number].append(At(index, position, event))
    return Solved(graph, order, list(map(partial(_part, graph), parts, events, move_outs)), part_of)


def _whole(graph: Graph, order: list[int], weight: int) -> Solution:
    # What cannot be reached has no part in anything, not even in how a finding is worded.
    blocks = [graph.blocks[index] for index in sorted(order)] if weight else []
    events = [event for block in blocks for event in block.events]
    move_outs = [
        At(block.index, position, event)
        for block in blocks
        for position, event in enumerate(block.events)
        if event.kind in _MOVE_OUTS
    ]
    masks = Masks(graph, range(len(graph.places)) if weight else (), events, move_outs)
    if not move_outs and not any(event.kind is Kind.BORROW for event in events):
        return Solution(move_outs, masks, dict.fromkeys(order, 0))
    transfer = {block.index: _transfer(masks, block.events) for block in blocks if block.events}
    return Solution(move_outs, masks, fixpoint(graph, order, transfer))


def _part(graph: Graph, part: Part, events: Mapping[int, list[Event]], move_outs: list[At]) -> Solution:
    masks = Masks(graph, part.places, list(chain.from_iterable(events.values())), move_outs)
    transfer = {index: _transfer(masks, events[index]) for index in part.window if index in events}
    return Solution(move_outs, masks, fixpoint(graph, part.window, transfer))


def _transfer(masks: Masks, events: Sequence[Event]) -> Transfer:
    """The transfer function of these events of a block, one after the other."""
    keep, gen = -1, 0
    for event in events:
        if (event.loan is not None or event.tie is not None) and _depends(event):
            return partial(_walk, masks, events)
        kept, given = ~masks.kill(event), masks.given(event) if event.kind in WEIGHTY else 0
        keep &= kept
        gen = gen & kept | given
    return lambda state: state & keep | gen


def _walk(masks: Masks, events: Sequence[Event], state: int) -> int:
    for event in events:
        state = masks.after(event, state)
    return state


def _depends(event: Event) -> bool:
    """Whether what an event does depends on the state."""
    if event.loan is not None:
        return event.kind is not Kind.BORROW or bool(event.via)
    return event.tie is not None


def findings(graph: Graph, most: int = _MOST) -> list[Finding]:
    """Solve the graph and say what is wrong in it, in the order of the blocks."""
    solved = solve(graph, most)
    paths = Paths(graph, solved.order)
    found: list[Finding] = []
    causes: dict[int, set[int]] = {}
    """For each finding that is one because of moves: these."""
    has_mint = has_debt = has_loan = False
    functions: set[int] = set()
    """Uses of functions that are reported: what they captured is no second mistake."""
    for index in solved.order:
        for position, event, solution, state in solved.replay(index):
            masks = solution.masks
            has_loan |= event.kind in (Kind.LOAN, Kind.CLAIM)
            if event.kind is Kind.MINT:
                has_mint = True
            elif event.kind is Kind.OWE:
                has_debt = True
            elif event.through is not None and id(event.node) in functions:
                continue
            elif event.fault is not None:
                if not masks.happens(event, state):
                    continue
                found.append(Faulty(event, graph.places[event.place].name))
            elif state and (bits := state & masks.wrong(event)) and masks.happens(event, state):
                functions.add(id(event.node))
                reaching = solution.reaching(bits)
                found.append(_judge(graph, masks, paths, At(index, position, event), reaching))
                causes[id(found[-1])] = {id(out.event) for out in reaching}
    found = _with_what_is_left_empty(found, causes, list(_left_empty(solved)))
    found = [finding for finding in found if not _is_echo(finding, found, graph)]
    if has_loan:
        lent = list(loan_findings(graph, paths, functions))
        # What is moved while a task is about to give the variable a new value is reported where it is moved.
        there_again = {id(one.event) for one in lent if isinstance(one, LentTwice) and one.loan.terms.renews}
        found = [one for one in found if id(one) not in causes or not causes[id(one)] <= there_again]
        found.extend(lent)
    if has_mint:
        found.extend(minted(graph, paths))
    if has_debt:
        # A place with another mistake about it is not judged by what becomes of it.
        mistaken = {graph.root(finding.event.place) for finding in found}
        found.extend(finding for finding in dropped(graph) if finding.event.place not in mistaken)
    return found


def _with_what_is_left_empty(
    found: list[Finding], causes: Mapping[int, set[int]], left_empty: list[NotGivenBack]
) -> list[Finding]:
    """These findings without those that only follow from a move which is reported where it stands, and that one."""
    firsts = {id(finding): finding.first for finding in found if isinstance(finding, Copied)}
    said = set(map(id, firsts.values()))
    blamed = {id(finding.event) for finding in left_empty} - said
    kept = [
        finding
        for finding in found
        if id(finding) not in causes or firsts.get(id(finding)) is not None or not causes[id(finding)] <= blamed
    ]
    said |= {id(finding.event) for finding in kept if id(finding) in causes}
    return [*kept, *(finding for finding in left_empty if id(finding.event) not in said)]


def _is_echo(finding: Finding, others: list[Finding], graph: Graph) -> bool:
    """Whether a use is wrong only because of moves that are reported themselves.

    So it is when a name borrows from something that cannot be moved at all, when a loop goes on with what was moved in
    it, and when something borrowed is used as a whole although a field of it is not given back.
    """
    if not isinstance(finding, UseAfterMove):
        return False
    faulty = {other.event.node for other in others if isinstance(other, Faulty)}
    if all(fact.event.kind is Kind.EXPIRE and fact.event.node in faulty for fact in finding.moves):
        return True
    if finding.event.kind is not Kind.LOOK:
        return False
    if finding.event.to is not None and finding.event.to.into is Into.NEXT_ROUND:
        reported = {other.event.node for other in others if other is not finding}
        return all(fact.event.node in reported for fact in finding.moves)
    not_given_back = [other.event for other in others if isinstance(other, NotGivenBack)]
    return all(
        fact.event in not_given_back and finding.event.place in graph.ancestors(fact.event.place)
        for fact in finding.moves
    )


def _judge(graph: Graph, masks: Masks, paths: Paths, use: At, reaching: list[At]) -> Finding:
    """Tell a copy (one expression, or one move that repeats) from a use after a move."""
    name = graph.places[use.event.place].name
    kill = masks.kill
    facts = [paths.fact(use, out, kill, graph.places[out.event.place].name) for out in reaching]
    tie = use.event.tie
    if use.event.kind is Kind.MOVE and tie is not None and use.event.place == tie[0]:
        facts.sort(key=lambda fact: (fact.previous_iteration, fact.event.node.line, fact.event.node.column))
        captive, loop = graph.places[tie[1]].name, graph.blocks[use.block].loop
        return UsedUp(use.event, name, captive, facts[0], loop, paths.certain(use, reaching))
    if use.event.kind in (Kind.MOVE, Kind.LEND, Kind.LOAN) and tie is None:
        for out, fact in zip(reaching, facts, strict=True):
            same = out.event.kind is not Kind.EXPIRE and out.event.expression == use.event.expression
            if (same or (_goes_on(out.event) and _goes_on(use.event))) and not fact.previous_iteration:
                return Copied(use.event, name, first=out.event, loop=None)
        if use.event.kind is Kind.MOVE and all(fact.previous_iteration for fact in facts):
            return Copied(use.event, name, first=None, loop=graph.blocks[use.block].loop)
    facts.sort(key=lambda fact: (fact.previous_iteration, fact.event.node.line, fact.event.node.column))
    return UseAfterMove(use.event, name, tuple(facts), paths.certain(use, reaching))


def _goes_on(event: Event) -> bool:
    """Whether what the place goes to may run beside what follows."""
    return event.to is not None and event.to.task is not None


def _left_empty(solved: Solved) -> Iterator[NotGivenBack]:
    """Fields moved out of something borrowed that are still empty on some way out of the body."""
    graph = solved.graph
    left: list[At] = []
    for solution in solved.parts:
        lent = _moved_out_of(_ON_LOAN, graph, solution)
        if not lent:
            continue
        bits = 0
        for index in graph.exits:
            state = solution.entry.get(index)
            if state is not None:
                # A constructor that raises leaves nothing behind that anybody could find empty.
                raises = index in (graph.raised, graph.thrown)
                matters = _moved_out_of(_ON_LOAN - {Ownership.NEW}, graph, solution) if raises else lent
                bits |= _transfer(solution.masks, solved.events(index, solution))(state) & matters
        left += solution.reaching(bits)
    for out in sorted(left, key=lambda out: (out.block, out.position)):
        yield NotGivenBack(out.event, graph.places[out.event.place].name, graph.name)


def _moved_out_of(rights: frozenset[Ownership], graph: Graph, solution: Solution) -> int:
    """The moves out of something that is held by one of these rights."""
    return sum(
        solution.masks.bit_of[id(out.event)]
        for out in solution.move_outs
        if out.event.kind in (Kind.MOVE, Kind.DELETE)
        and not out.event.owned
        and graph.places[out.event.place].parent is not None
        and graph.places[out.event.place].ownership in rights
    )
