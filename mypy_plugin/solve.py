"""The fixpoint: which move-outs may reach each event, and the findings that follow.

A forward may-analysis over bit sets of move-outs, as rustc's `MaybeUninitializedPlaces` over move paths. Bit *i* of
a state says: on some path to here, move-out *i* happened and nothing reinitialised its place since.

Almost every event's transfer function is `state & ~kill | gen`, so a whole block's is too, and the fixpoint looks at
each block once per change. The exceptions are a borrower that expires with its owner, which it does only where it
borrows, and what happens through a value that captured, which does only where the value is: those are bits of their
own, so blocks with such an event are walked. Reporting lives outside of it: a cursor replays
the blocks afterwards, once, with the final entry states.

A use also kills: after a use of a moved place was reported the place counts as whole again, so that one mistake
gives one report, and the result cannot depend on the order of analysis (rules, section 5).

This module must never know Python's syntax or mypy, and does no input or output.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .dropped import dropped
from .findings import Copied, Faulty, Finding, NotGivenBack, UseAfterMove, UsedUp
from .fixpoint import Transfer, fixpoint, reverse_post_order
from .graph import Event, Graph, Into, Kind, Ownership
from .held import minted
from .loans import loan_findings
from .paths import NEUTRAL, At, Paths

__all__ = ["Solution", "findings", "solve"]

_MOVE_OUTS = frozenset({Kind.MOVE, Kind.DELETE, Kind.EXPIRE})
_USES = frozenset({Kind.MOVE, Kind.LEND, Kind.LOAN, Kind.LOOK})
_NO_MATTER = NEUTRAL - {Kind.FAULT}
"""The kinds of event that end no move-out."""
_ON_LOAN = frozenset({Ownership.BORROWED, Ownership.SELF, Ownership.NEW, Ownership.NOT_AFFINE, Ownership.RETRIED})


class Masks:
    """For each event, what it kills, as bit sets of move-outs. Built once per graph."""

    def __init__(self, graph: Graph, move_outs: list[At]) -> None:
        self.bit_of = {id(out.event): 1 << index for index, out in enumerate(move_outs)}
        at_place = [0] * len(graph.places)
        for out in move_outs:
            at_place[out.event.place] |= self.bit_of[id(out.event)]
        first_loan = len(move_outs)
        self._loans = {
            loan: 1 << (first_loan + index)
            for index, loan in enumerate(
                sorted({e.loan for block in graph.blocks for e in block.events if e.kind is Kind.BORROW and e.loan})
            )
        }
        """For each loan that begins somewhere: the bit that says it lasts."""
        self._loans_of = [0] * len(graph.places)
        """The loans that end when a place gets a new value: those that it holds, and those of what it had before."""
        for (borrower, lender), bit in self._loans.items():
            self._loans_of[borrower] |= bit
            for above in (lender, *graph.ancestors(lender)):
                self._loans_of[above] |= bit
        first_tie = first_loan + len(self._loans)
        ties = {event.tie for block in graph.blocks for event in block.events if event.kind is Kind.CAPTURE}
        self._ties = {tie: 1 << (first_tie + index) for index, tie in enumerate(sorted(filter(None, ties)))}
        """For each tie: the bit that says its value is in its place now."""
        self._ties_of = [0] * len(graph.places)
        for tie, bit in self._ties.items():
            self._ties_of[tie[0]] |= bit
        self._captured = 0
        """Moves into functions that captured the place."""
        for out in move_outs:
            if out.event.captured:
                self._captured |= self.bit_of[id(out.event)]
        self.below = at_place[:]
        """Move-outs of a place and of all below it: what reinitialising the place ends."""
        # A child's index is always greater than its parent's, so one backward sweep sums up every subtree.
        for place in reversed(graph.places):
            if place.parent is not None:
                self.below[place.parent] |= self.below[place.index]
        self.touching = self.below[:]
        """Move-outs that make a use of the place wrong: of itself, of a part of it, of what it is a part of."""
        self.drained = [0] * len(graph.places)
        """Move-outs of the place that took its elements one by one, and left the container where it was."""
        for out in move_outs:
            if out.event.to is not None and out.event.to.into is Into.LOOP:
                self.drained[out.event.place] |= self.bit_of[id(out.event)]
        self.above = [0] * len(graph.places)
        """Move-outs of what the place is a part of."""
        for place in graph.places:
            if place.parent is not None:
                self.above[place.index] = self.above[place.parent] | at_place[place.parent]
                self.touching[place.index] |= self.above[place.index]

    def wrong(self, event: Event) -> int:
        """The move-outs that make this event a use of something moved."""
        if event.kind in _USES:
            return self.touching[event.place] & ~self._its_own(event)
        if event.kind is Kind.EMPTY:
            return self.touching[event.place] & ~self.drained[event.place]
        return self.above[event.place] if event.kind is Kind.STORE else 0

    def kill(self, event: Event) -> int:
        """The move-outs that end with this event."""
        if event.kind is Kind.INIT:
            return self.below[event.place] | self._loans_of[event.place] | self._ties_of[event.place]
        if event.kind in _NO_MATTER:
            return 0
        if event.kind is Kind.KEEP:
            return self.below[event.place]
        if event.kind is Kind.STORE:
            return self.above[event.place]
        return self.touching[event.place] & ~self._its_own(event)

    def _its_own(self, event: Event) -> int:
        """For a function that is called: what it took when it was made is there for it."""
        return self._captured if event.tie is not None and event.captured else 0

    def happens(self, event: Event, state: int) -> bool:
        """Whether there is such an event in this state: not if it is one through a value that is not in its place."""
        return event.tie is None or event.kind is Kind.CAPTURE or bool(state & self._ties.get(event.tie, 0))

    def lasts(self, event: Event) -> int:
        """The bit that says that the event's loan lasts."""
        return self._loans.get(event.loan, 0) if event.loan is not None else 0

    def after(self, event: Event, state: int) -> int:
        """The transfer function of one event."""
        if event.kind is Kind.BORROW:
            return state | self.lasts(event)
        if event.kind is Kind.EXPIRE:
            return state | self.bit_of[id(event)] if state & self.lasts(event) else state
        if event.kind is Kind.CAPTURE and event.tie is not None:
            return state | self._ties[event.tie]
        if not self.happens(event, state):
            return state
        return state & ~self.kill(event) | self.bit_of.get(id(event), 0)


@dataclass(frozen=True, slots=True)
class Solution:
    """The fixpoint: `entry[b]` is the state at the start of block `b`, None where control never arrives."""

    graph: Graph
    move_outs: list[At]
    masks: Masks
    order: list[int]
    entry: list[int | None]

    def replay(self, block: int) -> Iterator[tuple[Event, int]]:
        """Each event of a block with the state just before it."""
        state = self.entry[block]
        if state is None:
            return
        for event in self.graph.blocks[block].events:
            yield event, state
            state = self.masks.after(event, state)

    def reaching(self, bits: int) -> list[At]:
        """The move-outs that a bit set names, in source order of their blocks."""
        found = []
        while bits:
            low = bits & -bits
            found.append(self.move_outs[low.bit_length() - 1])
            bits ^= low
        return found


def solve(graph: Graph) -> Solution:
    """Run the analysis to its fixpoint with a worklist in reverse post-order."""
    move_outs = [
        At(block.index, position, event)
        for block in graph.blocks
        for position, event in enumerate(block.events)
        if event.kind in _MOVE_OUTS
    ]
    masks = Masks(graph, move_outs)
    order = reverse_post_order(graph)
    if not move_outs and not any(e.kind is Kind.BORROW for block in graph.blocks for e in block.events):
        reached = set(order)
        nothing = [0 if index in reached else None for index in range(len(graph.blocks))]
        return Solution(graph, move_outs, masks, order, nothing)

    transfer = [_block_transfer(graph, masks, index) for index in range(len(graph.blocks))]
    return Solution(graph, move_outs, masks, order, fixpoint(graph, order, transfer))


def _block_transfer(graph: Graph, masks: Masks, index: int) -> Transfer:
    """The transfer function of a block."""
    events = graph.blocks[index].events
    if any(event.kind is Kind.EXPIRE or event.tie is not None for event in events):

        def walk(state: int) -> int:
            for event in events:
                state = masks.after(event, state)
            return state

        return walk
    keep, gen = -1, 0
    for event in events:
        kept = ~masks.kill(event)
        keep &= kept
        gen = masks.after(event, gen)
    return lambda state: state & keep | gen


def findings(graph: Graph) -> list[Finding]:
    """Solve the graph and say what is wrong in it, in the order of the blocks."""
    solution = solve(graph)
    paths = Paths(solution.graph, solution.order)
    found: list[Finding] = []
    left_empty = list(_left_empty(solution))
    blamed = {id(finding.event) for finding in left_empty}
    """Moves that are reported where they stand, so that what follows from them is the same mistake."""
    reported: set[int] = set()
    has_mint = has_debt = has_loan = False
    functions: set[int] = set()
    """Uses of functions that are reported: what they captured is no second mistake."""
    for index in solution.order:
        for position, (event, state) in enumerate(solution.replay(index)):
            has_loan |= event.kind is Kind.LOAN
            if event.kind is Kind.MINT:
                has_mint = True
            elif event.kind is Kind.OWE:
                has_debt = True
            elif event.through is not None and id(event.node) in functions:
                continue
            elif event.fault is not None:
                if event.loan is not None and not state & solution.masks.lasts(event):
                    continue
                if not solution.masks.happens(event, state):
                    continue
                found.append(Faulty(event, graph.places[event.place].name))
            elif (bits := state & solution.masks.wrong(event)) and solution.masks.happens(event, state):
                functions.add(id(event.node))
                reaching = solution.reaching(bits)
                finding = _judge(solution, paths, At(index, position, event), reaching)
                first = finding.first if isinstance(finding, Copied) else None
                if first is not None or not blamed.issuperset(id(out.event) for out in reaching):
                    reported |= {id(event), id(first)}
                    found.append(finding)
    found.extend(finding for finding in left_empty if id(finding.event) not in reported)
    found = [finding for finding in found if not _is_echo(finding, found, graph)]
    if has_loan:
        found.extend(loan_findings(graph, paths))
    if has_mint:
        found.extend(minted(graph, paths))
    if has_debt:
        # A place with another mistake about it is not judged by what becomes of it.
        mistaken = {graph.root(finding.event.place) for finding in found}
        found.extend(finding for finding in dropped(graph) if finding.event.place not in mistaken)
    return found


def _is_echo(finding: Finding, others: list[Finding], graph: Graph) -> bool:
    """Whether a use is wrong only because of moves that are reported themselves.

    So it is when a loop goes on with what was moved in it, and when something borrowed is used as a whole although a
    field of it is not given back.
    """
    if not isinstance(finding, UseAfterMove) or finding.event.kind is not Kind.LOOK:
        return False
    if finding.event.to is not None and finding.event.to.into is Into.NEXT_ROUND:
        reported = {other.event.node for other in others if other is not finding}
        return all(fact.event.node in reported for fact in finding.moves)
    not_given_back = [other.event for other in others if isinstance(other, NotGivenBack)]
    return all(
        fact.event in not_given_back and finding.event.place in graph.ancestors(fact.event.place)
        for fact in finding.moves
    )


def _judge(solution: Solution, paths: Paths, use: At, reaching: list[At]) -> Finding:
    """Tell a copy (one expression, or one move that repeats) from a use after a move."""
    name = solution.graph.places[use.event.place].name
    kill = solution.masks.kill
    facts = [paths.fact(use, out, kill, solution.graph.places[out.event.place].name) for out in reaching]
    tie = use.event.tie
    if use.event.kind is Kind.MOVE and tie is not None and use.event.place == tie[0]:
        facts.sort(key=lambda fact: (fact.previous_iteration, fact.event.node.line, fact.event.node.column))
        captive, loop = solution.graph.places[tie[1]].name, solution.graph.blocks[use.block].loop
        return UsedUp(use.event, name, captive, facts[0], loop, paths.certain(use, reaching))
    if use.event.kind in (Kind.MOVE, Kind.LEND, Kind.LOAN) and tie is None:
        for out, fact in zip(reaching, facts, strict=True):
            same = out.event.kind is not Kind.EXPIRE and out.event.expression == use.event.expression
            if (same or (_goes_on(out.event) and _goes_on(use.event))) and not fact.previous_iteration:
                return Copied(use.event, name, first=out.event, loop=None)
        if all(fact.previous_iteration for fact in facts):
            return Copied(use.event, name, first=None, loop=solution.graph.blocks[use.block].loop)
    facts.sort(key=lambda fact: (fact.previous_iteration, fact.event.node.line, fact.event.node.column))
    return UseAfterMove(use.event, name, tuple(facts), paths.certain(use, reaching))


def _goes_on(event: Event) -> bool:
    """Whether what the place goes to may run beside what follows."""
    return event.to is not None and event.to.task is not None


def _left_empty(solution: Solution) -> Iterator[NotGivenBack]:
    """Fields moved out of something borrowed that are still empty on some way out of the body."""
    graph = solution.graph

    def moved_out_of(rights: frozenset[Ownership]) -> int:
        return sum(
            solution.masks.bit_of[id(out.event)]
            for out in solution.move_outs
            if out.event.kind in (Kind.MOVE, Kind.DELETE)
            and graph.places[out.event.place].parent is not None
            and graph.places[out.event.place].ownership in rights
        )

    lent = moved_out_of(_ON_LOAN)
    if not lent:
        return
    left = 0
    for index in graph.exits:
        state = solution.entry[index]
        if state is not None:
            # A constructor that raises leaves nothing behind that anybody could find empty.
            matters = moved_out_of(_ON_LOAN - {Ownership.NEW}) if index in (graph.raised, graph.thrown) else lent
            left |= _block_transfer(graph, solution.masks, index)(state) & matters
    for out in solution.reaching(left):
        yield NotGivenBack(out.event, graph.places[out.event.place].name, graph.name)
