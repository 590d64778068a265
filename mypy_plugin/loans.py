"""Loans that outlive their call: what a coroutine, task or thread still has when its lender is lent or moved again.

A forward may-analysis of its own on the graph that `solve` looks at, run only where the graph has such a loan. A loan
is always *somewhere*: at the place that holds its borrower, cold (a coroutine that nobody has started) or hot (a task
that runs), or lost (running, and nobody can wait for it any more). One bit for each loan and each whereabouts says
that on some path it is there. Handing a borrower on moves bits, so blocks are walked event by event. Two more bits
for each loop over borrowers say whether a round may have left out to finish its own. A loan is of a value, and a value
may have several names: such bits are there for each name that it may have, and `aliases` knows which it has.

A cold loan counts only for as long as its holder is live, which is Rust's rule (non-lexical lifetimes, RFC 2094): a
coroutine that nobody will await never runs. A hot one counts until it is finished (rules, section 7).

This module must never know Python's syntax or mypy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, partial
from typing import NamedTuple

from .aliases import Aliases
from .events import Event, Kind, Loan, Ownership
from .findings import LentForLonger, LentTwice, TakenLate
from .fixpoint import fixpoint, reverse_post_order
from .graph import Graph
from .paths import At, Paths

__all__ = ["left_running", "loan_findings"]

_ALONE = frozenset({Kind.LOAN, Kind.LEND, Kind.MOVE, Kind.CHANGE})
"""The kinds of event that may need the place for themselves."""
_NOT_OURS = frozenset(
    {Ownership.BORROWED, Ownership.SELF, Ownership.NEW, Ownership.GLOBAL, Ownership.CLASS, Ownership.NOT_AFFINE}
)
"""By what right a function has something that others can use when it has returned."""
_ROUNDS = frozenset({Kind.ITERATE, Kind.NEXT, Kind.EXHAUST})
_BEGINNING = frozenset({Kind.LOAN, Kind.CLAIM, Kind.BORROW, *_ROUNDS})
"""What may do something where nothing is on loan, and no name is one for what another has."""
_LOST = 0


class _Name(NamedTuple):
    """A place that has, on some path, what was lent by a loan: the place that was lent, or another name for it."""

    at: At
    place: int
    same: int = 0
    """For another name: the bit that says it is one."""
    is_more: bool = False
    """For another name: whether what was lent is only a part of that, which has no place by this name."""


class _Loans:
    """Where each loan may be, as bits, and what each event does to them. Built once per graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        found: list[At] = []
        holders: set[int] = set()
        self._gone_over: dict[int, set[int]] = {}
        """For each target of a loop over borrowers: the places that have what the loop goes over."""
        self._one_of: dict[int, set[int]] = {}
        """For each place that gets one of several borrowers, and each such target: the places that have these."""
        self._elements: dict[int, set[tuple[Loan, Loan]]] = {}
        """For each name of an element of a collection: its borrows, each with that by which the collection has it."""
        for block in graph.blocks:
            for position, event in enumerate(block.events):
                if event.kind in (Kind.LOAN, Kind.CLAIM):
                    found.append(At(block.index, position, event))
                if event.holder is not None:
                    holders.add(event.holder)
                    if event.kind is Kind.ITERATE:
                        self._gone_over.setdefault(event.holder, set()).add(event.place)
                    if event.kind in (Kind.ITERATE, Kind.PICK):
                        self._one_of.setdefault(event.holder, set()).add(event.place)
                if event.loan is not None and event.among is not None and not event.element:
                    self._elements.setdefault(event.place, set()).add((event.loan, event.among))
        self._cold = {holder: 1 + 2 * index for index, holder in enumerate(sorted(holders))}
        """For each holder, its first whereabouts; the hot one is the next."""
        self._width = 1 + 2 * len(holders)
        targets = sorted(self._gone_over)
        self._unfinished = {target: 1 << (2 * index) for index, target in enumerate(targets)}
        """For each such target: what it has in this round is unfinished. The next bit: so is that of an earlier one."""
        self._ends: dict[int, int] = {}
        """For each group that is left: the bits that this takes away."""
        self._aliases = Aliases(graph, {at.event.place for at in found}, 2 * len(targets))
        self._base = 2 * len(targets) + self._aliases.width
        self._anywhere = (1 << self._width) - 1
        self._open = {at.event.among for at in found if at.event.element and at.event.among is not None}
        """The borrows by which loops go through containers whose elements they lend to tasks."""
        self.all: list[_Name] = []
        """Each loan by each of its names, the place that was lent first."""
        self._names_of: dict[int, dict[int, int]] = {}
        """For each event that lends: the places that are names of what it lends, each with its index in `all`."""
        for at in found:
            names = self._names_of[id(at.event)] = {at.event.place: len(self.all)}
            self.all.append(_Name(at, at.event.place))
            if at.event.kind is Kind.CLAIM:
                continue
            for place, same, is_more in self._aliases.names(at.event.place):
                if place not in names:
                    names[place] = len(self.all)
                    self.all.append(_Name(at, place, same, is_more))
        self._late = _late_loans(graph, [at.event for at in found])

    def after(self, event: Event, state: int) -> int:
        """The transfer function of one event. A rival ends the loans that it is reported for."""
        if not state and event.kind not in _BEGINNING:
            return state
        if event.kind is Kind.INIT:
            state = self._reinitialise(event.place, state)
        elif event.kind is Kind.BORROW:
            state = self._named(event, state)
        elif event.kind is Kind.OWN and event.loan is not None:
            state = self._aliases.parted(event.loan[0], state)
        elif event.kind is Kind.FINISH:
            if event.place in self._one_of and self._open:
                state = self._in_step(event.place, state)
            state &= ~(self._held_by(event.place) | self._unfinished.get(event.place, 0))
        elif event.kind is Kind.JOIN:
            state &= ~self._joined(event.place)
        elif event.kind in (Kind.HAND_ON, Kind.START) and event.place in self._cold:
            state = self._hand_on(event, state)
        elif event.kind is Kind.PICK and event.place in self._cold:
            state = self._pick(event, state)
        elif event.kind in _ROUNDS:
            state = self._round(event, state)
        elif event.kind in _ALONE or event.kind is Kind.LOOK:
            for index in self.disputed(event, state):
                if not state >> self._first(index) & self._rival(index, event):
                    continue
                for name in self._names_of[id(self.all[index].at.event)].values():
                    state &= ~(self._rival(index, event) << self._first(name))
            if event.kind is Kind.LOAN and self._aliases.happens(event, state):
                state = self._lend(event, state)
        elif event.kind is Kind.CLAIM:
            state = self._lend(event, state)
        return state

    def _first(self, index: int) -> int:
        """The first of the bits for a loan by one of its names."""
        return self._base + index * self._width

    def _lend(self, event: Event, state: int) -> int:
        assert event.holder is not None
        return self._give(event, 1 << self._cold[event.holder], state)

    def _give(self, loan: Event, whereabouts: int, state: int) -> int:
        """A loan is out from here on, by all names that what is lent has just now."""
        for index in self._names_of[id(loan)].values():
            if not self.all[index].same or state & self.all[index].same:
                state |= whereabouts << self._first(index)
        return state

    def _named(self, event: Event, state: int) -> int:
        """A name is given to what another one has, with whatever has that on loan."""
        if event.whole and event.loan is not None and self._aliases.happens(event, state):
            borrower, lender = event.loan
            for index, name in enumerate(self.all):
                bits = state >> self._first(index) & self._anywhere
                if bits and self.graph.overlap(name.place, lender):
                    image, _ = self._aliases.image(name.place, lender, borrower)
                    its = self._names_of[id(name.at.event)].get(image)
                    if its is not None:
                        state |= bits << self._first(its)
        if event.times is not None and event.loan is not None:
            # It is made anew, or gone through: a task may have an element from before, and nobody knows which.
            for among in self._out_of(event.loan, state):
                state |= self._aliases.again(among)
        if event.among is not None and not event.behind and state & self._aliases.often(event.among):
            # The next element may be of the same value as the one before.
            state |= self._aliases.again(event.among) if event.among in self._out_of(event.among, state) else 0
        state = self._aliases.after(event, state)
        for late, loan in self._late.get(event.loan, ()) if event.loan is not None else ():
            if self._aliases.happens(loan, state):
                lender = self._names_of[id(late)][late.place]
                state = self._give(loan, state >> self._first(lender) & self._anywhere, state)
        return state

    def disputed(self, event: Event, state: int) -> list[int]:
        """The loans that may be out and do not go together with an event, each by one of its names."""
        if (
            not state
            or (event.kind not in _ALONE and not event.changes_receiver)
            or not self._aliases.happens(event, state)
        ):
            return []
        if event.kind is Kind.LOAN and event.terms.deferred:
            # It is in nobody's way yet: see `begun`.
            return []
        moves = event.kind is Kind.MOVE
        alone = moves or (event.kind in _ALONE and event.exclusive)
        return [
            index
            for index, name in enumerate(self.all)
            if (moves or not name.at.event.terms.deferred)
            and not self._are_apart(name, event, state)
            and (
                self._are_rivals(name, event.place, alone=alone)
                or self._are_one_entry(name, event)
                or self._are_of_one_value(name, event, alone=alone)
                or self._is_by_element(name, event, state, alone=alone)
            )
        ]

    def begun(self, event: Event, state: int) -> list[int]:
        """The loans whose borrower is called now, since a group is left."""
        if event.kind is not Kind.JOIN:
            return []
        joined = state & self._joined(event.place)
        return [
            index
            for index, name in enumerate(self.all)
            if name.at.event.terms.deferred and not name.same and joined & (self._anywhere << self._first(index))
        ]

    def beside(self, begins: int) -> list[int]:
        """The loans that do not go together with one that begins late."""
        name = self.all[begins]
        return [
            index
            for index, other in enumerate(self.all)
            if not other.at.event.terms.deferred and self._are_rivals(other, name.place, alone=name.at.event.exclusive)
        ]

    def _are_rivals(self, name: _Name, place: int, *, alone: bool) -> bool:
        """Whether what has a value on loan and somebody who wants a place do not go together."""
        loan = name.at.event
        return (alone or loan.exclusive) and loan.kind is Kind.LOAN and self._meet(name, place)

    def _are_apart(self, name: _Name, event: Event, state: int) -> bool:
        """Whether both are of elements of one collection, and so of different ones; or may be, for all one knows."""
        loan = name.at.event
        if event.among is not None and loan.among is not None and _are_of_one_collection(event, loan):
            # Each by the name that it is lent by.
            again = self._aliases.again(event.among) | self._aliases.again(loan.among)
            return not state & (again | self._aliases.often(event.among) if event.element else again)
        return (event.among is not None and loan.element) or (loan.among is not None and event.element)

    def _are_of_one_value(self, name: _Name, event: Event, *, alone: bool) -> bool:
        """Whether both are of elements of one collection, which are not apart, and one wants it for itself."""
        loan = name.at.event
        wants = alone or loan.exclusive or event.element or loan.element
        return wants and _are_of_one_collection(event, loan) and self._meet(name, event.place)

    def _is_by_element(self, name: _Name, event: Event, state: int, *, alone: bool) -> bool:
        """Whether a place is the name of an element that may be what is lent, and that is no other one of the same."""
        loan = name.at.event
        # What goes on is lent what the name stands for, too: see `_are_of_one_value`.
        again = 0 if event.kind is Kind.LOAN else state
        return any(
            state & self._aliases.lasts(borrow)
            and state & self._aliases.lasts((event.place, among[0]))
            and (loan.among is None or loan.among[0] != among[0] or again & self._aliases.again(among))
            and self._are_rivals(name, borrow[1], alone=alone)
            for borrow, among in self._elements.get(event.place, ())
        )

    def _out_of(self, borrow: Loan, state: int) -> list[Loan]:
        """The borrows by which a collection has what tasks have of it: this one, or those of what it borrows from."""
        found: list[Loan] = []
        for index, name in enumerate(self.all):
            among = name.at.event.among
            is_of_it = among is not None and (
                among == borrow or among[0] == borrow[1] or (among[1] == borrow[1] and {among, borrow} <= self._open)
            )
            if among is not None and is_of_it and state >> self._first(index) & self._anywhere:
                found.append(among)
        return found

    def _in_step(self, task: int, state: int) -> int:
        """One of several tasks has finished: what a loop goes through beside them is taken to be what that had."""
        held = 0
        for place in self._one_of[task]:
            held |= self._held_by(place)
        for index, name in enumerate(self.all):
            among = name.at.event.among
            if among in self._open and state & held & (self._anywhere << self._first(index)):
                assert among is not None
                state &= ~self._aliases.again(among)
        return state

    def _are_one_entry(self, name: _Name, event: Event) -> bool:
        """Whether both are of the same element of a container, and one wants it for itself."""
        loan = name.at.event
        return (
            bool(event.entry)
            and loan.entry == event.entry
            and (loan.element or event.element)
            and self._meet(name, event.place)
        )

    def _meet(self, name: _Name, place: int) -> bool:
        """Whether what is lent by a name may be in a place, or the other way round."""
        return self._is_in(name, place) if name.is_more else self.graph.overlap(name.place, place)

    def _is_in(self, name: _Name, place: int) -> bool:
        """Whether a name is that of a place, or of a part of it."""
        return place == name.place or place in self.graph.ancestors(name.place)

    def claimed(self, event: Event) -> list[int]:
        """The claims to a place that gets a new value."""
        if event.kind is not Kind.INIT:
            return []
        return [
            index
            for index, name in enumerate(self.all)
            if name.at.event.kind is Kind.CLAIM and self._is_in(name, event.place)
        ]

    def _rival(self, index: int, event: Event) -> int:
        """Where a loan is in the way of an event, as bits: anywhere, but for what one call has twice.

        `self.ask(self.parts[0])`, or a nested function that captured both: one of the two is reached through the other,
        and what has them is one. Nor is what is finished before the borrower begins: a task, for its callbacks.
        """
        loan = self.all[index].at.event
        out_of_the_way = 0
        if event.kind is Kind.LOAN and event.holder is not None and loan.holder == event.holder:
            is_part = event.element or event.behind or loan.element or loan.behind or self.all[index].same
            is_part |= event.closure is not None and event.closure is loan.closure
            out_of_the_way = 1 << self._cold[event.holder] if is_part else 0
        for place in event.terms.after:
            out_of_the_way |= 0b11 << self._cold[place] if place in self._cold else 0
        return self._anywhere & ~out_of_the_way

    def whereabouts(self, index: int, state: int, rival: Event | None = None) -> tuple[bool, list[int]]:
        """Whether a loan may be held by something that runs, and the holders of what has not been started."""
        bits = state >> self._first(index) & (self._anywhere if rival is None else self._rival(index, rival))
        cold = [holder for holder, first in self._cold.items() if bits >> first & 1]
        hot = bits & ~sum(1 << self._cold[holder] for holder in cold)
        return bool(hot), cold

    def running_in(self, index: int, state: int) -> tuple[int, ...]:
        """The places that hold something that runs and may have a loan."""
        bits = state >> self._first(index) & self._anywhere
        return tuple(holder for holder, first in self._cold.items() if bits >> first + 1 & 1)

    def block(self, index: int, state: int) -> int:
        """The transfer function of a block."""
        for event in self.graph.blocks[index].events:
            state = self.after(event, state)
        return state

    def _reinitialise(self, place: int, state: int) -> int:
        """A lender gets a new value, which nobody has on loan but who has the variable; a holder lets go."""
        below = set(self.graph.subtree(place))
        for index, name in enumerate(self.all):
            if name.place in below and (name.same or not name.at.event.terms.late):
                state &= ~(self._anywhere << self._first(index))
        if self._aliases.width:
            state = self._aliases.ended(place, state)
        if place in self._cold:
            state = self._shift(state, self._cold[place] + 1, _LOST)
            state &= ~self._held_by(place)
        return state

    def _hand_on(self, event: Event, state: int) -> int:
        assert event.holder is not None
        source, target = self._cold[event.place], self._cold[event.holder]
        state = self._shift(state, source + 1, target + 1)
        return self._shift(state, source, target + 1 if event.kind is Kind.START else target)

    def _pick(self, event: Event, state: int) -> int:
        assert event.holder is not None
        target, sources = self._cold[event.holder], [event.place]
        if event.place in self._unfinished:
            sources = sorted(self._gone_over[event.place]) if state & self._unfinished[event.place] else []
        for source in (self._cold[place] for place in sources if place in self._cold):
            for offset in (0, 1):
                picked = state & self._at(source + offset)
                state |= picked << target - source if target > source else picked >> source - target
        return state

    def _round(self, event: Event, state: int) -> int:
        """Not distributive: what is finished at the end of a loop depends on what no round has left out."""
        assert event.holder is not None
        unfinished = self._unfinished[event.holder]
        left_out = unfinished << 1
        if event.kind is Kind.ITERATE:
            return state & ~(unfinished | left_out)
        if state & unfinished:
            state |= left_out
        if event.kind is Kind.NEXT:
            return state | unfinished
        return state if state & left_out else state & ~self._held_by(event.place)

    def _shift(self, state: int, source: int, target: int) -> int:
        mask = self._at(source)
        moved = state & mask
        return state & ~mask | (moved << target - source if target > source else moved >> source - target)

    @cached_property
    def _every_loan(self) -> int:
        return sum(1 << self._first(index) for index in range(len(self.all)))

    def _at(self, whereabouts: int) -> int:
        """The bits of all loans that are there."""
        return self._every_loan << whereabouts

    def _joined(self, group: int) -> int:
        """The bits of all loans whose borrower has run to its end when a group is left."""
        if group not in self._ends:
            ends = 0
            for each in self.graph.left_with(group):
                ends |= self._held_by(each)
            for place in self.graph.members(group):
                ends |= self._unfinished.get(place, 0)
                ends |= self._at(self._cold[place] + 1) if place in self._cold else 0
            self._ends[group] = ends
        return self._ends[group]

    def _held_by(self, place: int) -> int:
        """The bits of all loans whose borrower a place holds, cold or hot."""
        cold = self._cold.get(place)
        return self._at(cold) | self._at(cold + 1) if cold is not None else 0


def _are_of_one_collection(one: Event, other: Event) -> bool:
    """Whether two loans are of elements of the same collection, by whichever names."""
    if one.among is None or other.among is None:
        return False
    # Two loops over a container have an iterator each.
    return one.among[0] == other.among[0] or (one.element and other.element and one.among[1] == other.among[1])


def _late_loans(graph: Graph, lending: Collection[Event]) -> dict[Loan, list[tuple[Event, Event]]]:
    """What has a variable on loan has whatever it holds by now: so when the variable borrows, it has that on loan.

    For each borrow: the events that lend a variable so, each with the one by which the same call has the lender.
    """
    late_ones = [event for event in lending if event.terms.late]
    found: dict[Loan, list[tuple[Event, Event]]] = {}
    for late in late_ones:
        for loan in lending:
            if loan.holder == late.holder and any(graph.overlap(late.place, borrower) for borrower, _ in loan.via):
                for borrow in loan.via:
                    found.setdefault(borrow, []).append((late, loan))
    return found


def loan_findings(
    graph: Graph, paths: Paths, functions: Collection[int]
) -> Iterator[LentTwice | TakenLate | LentForLonger]:
    """All that is wrong with the loans of a graph that outlive their calls.

    `functions`: uses of functions that are reported, so that what those captured is no second mistake.
    """
    loans, entry = _solved(graph, paths.order)
    twice = [one for one in _lent_twice(loans, entry, paths) if not _is_through(one.event, functions)]
    yield from twice
    # What is wrong already where it is lent is not reported there again.
    reported = {_where(finding.event) for finding in twice}
    yield from (finding for finding in _lent_for_longer(loans, entry) if _where(finding.event) not in reported)


def _is_through(event: Event, functions: Collection[int]) -> bool:
    """Whether an event is what one of these uses of functions does to what the function captured."""
    return event.through is not None and id(event.node) in functions


def _where(event: Event) -> tuple[int, int]:
    return event.node.line, event.node.column


def _lent_for_longer(loans: _Loans, entry: Mapping[int, int]) -> Iterator[LentForLonger]:
    """A finding for each loan of what a function only borrows that something may have when it has returned."""
    graph = loans.graph
    for index in sorted(_running_at_the_end(loans, entry)):
        event = loans.all[index].at.event
        if (event.exclusive or event.element) and graph.places[graph.root(event.place)].ownership in _NOT_OURS:
            yield LentForLonger(event, graph.places[event.place].name, graph.name)


def left_running(graph: Graph) -> list[tuple[Event, tuple[int, ...]]]:
    """The loans that something may have when a body has returned, each with the places that hold what has it."""
    loans, entry = _solved(graph, reverse_post_order(graph))
    return [(loans.all[index].at.event, holders) for index, holders in _running_at_the_end(loans, entry).items()]


def _solved(graph: Graph, order: list[int]) -> tuple[_Loans, Mapping[int, int]]:
    """The loans of a graph, and the fixpoint: what is on loan at the start of each block."""
    loans = _Loans(graph)
    eventful = [index for index in order if graph.blocks[index].events]
    return loans, fixpoint(graph, order, {index: partial(loans.block, index) for index in eventful})


def _running_at_the_end(loans: _Loans, entry: Mapping[int, int]) -> dict[int, tuple[int, ...]]:
    """The loans that something may have when the body has returned, each with what holds that."""
    graph = loans.graph
    found: dict[int, tuple[int, ...]] = {}
    for block in graph.exits:
        if block not in entry or block in (graph.raised, graph.thrown):
            continue
        state = loans.block(block, entry[block])
        for index, name in enumerate(loans.all):
            if not name.same and loans.whereabouts(index, state)[0]:
                found[index] = (*found.get(index, ()), *loans.running_in(index, state))
    return found


def _lent_twice(loans: _Loans, entry: Mapping[int, int], paths: Paths) -> Iterator[LentTwice | TakenLate]:
    """A finding for each use that does not go together with a loan that is still out, or a claim that is."""
    graph = loans.graph
    liveness = _Liveness(graph, paths)
    # Of claims, and of loans that begin late, there is one report, however many ways lead to where they are in the way.
    reported: set[int] = set()
    for block in paths.order:
        state = entry[block]
        for position, event in enumerate(graph.blocks[block].events):
            if not state:
                # Nothing is out.
                state = loans.after(event, state)
                continue
            here = At(block, position, event)
            for index in loans.claimed(event):
                claim = loans.all[index].at.event
                if id(claim) not in reported and _is_out(loans, liveness, index, state, here):
                    reported.add(id(claim))
                    yield TakenLate(claim, graph.places[claim.place].name, event)
            for begins in loans.begun(event, state):
                late = loans.all[begins].at
                for index in loans.beside(begins):
                    if id(late.event) not in reported and _is_out(loans, liveness, index, state, here):
                        reported.add(id(late.event))
                        yield _judge(graph, paths, loans.all[index], late, running=loans.whereabouts(index, state)[0])
            for index in loans.disputed(event, state):
                if _is_out(loans, liveness, index, state, here, event):
                    running = loans.whereabouts(index, state, event)[0]
                    yield _judge(graph, paths, loans.all[index], here, running=running)
                    break
            state = loans.after(event, state)


def _is_out(loans: _Loans, liveness: _Liveness, index: int, state: int, at: At, rival: Event | None = None) -> bool:
    """Whether a borrower has something at an event: one that runs, or that may still be started."""
    running, held_by = loans.whereabouts(index, state, rival)
    return running or any(liveness.is_live(holder, at.block, at.position) for holder in held_by)


def _judge(graph: Graph, paths: Paths, lent_as: _Name, rival: At, *, running: bool) -> LentTwice:
    name, loan = graph.places[rival.event.place].name, lent_as.at
    same = graph.overlap(loan.event.place, rival.event.place)
    lent = graph.places[loan.event.place].name
    # A generator's own name for what it was lent has that of the place that was.
    other = None if same or lent == name else lent
    # What begins late meets what began before that, wherever it stands.
    again = not rival.event.terms.deferred and (
        loan.event is rival.event or not paths.reaches_forward(loan, rival, lambda _: False)
    )
    loop = graph.blocks[rival.block].loop if again else None
    if rival.event.entry and rival.event.entry == loan.event.entry:
        name, other = rival.event.entry, None
    return LentTwice(rival.event, name, loan.event, running, loop, other, not same and lent_as.is_more)


class _Liveness:
    """Whether the value that a place has somewhere may be used later. Asked only where there may be an error."""

    def __init__(self, graph: Graph, paths: Paths) -> None:
        self._graph = graph
        self._paths = paths

    def is_live(self, place: int, block: int, position: int) -> bool:
        """Whether some path from after this event uses the place before it gets a new value."""
        pending = [(block, position + 1)]
        seen: set[int] = set()
        while pending:
            index, start = pending.pop()
            for event in self._graph.blocks[index].events[start:]:
                if event.kind is Kind.INIT and event.place == place:
                    break
                if event.place == place or (event.kind is Kind.JOIN and place in self._graph.left_with(event.place)):
                    return True
            else:
                for successor in self._graph.blocks[index].successors:
                    if successor not in seen:
                        seen.add(successor)
                        pending.append((successor, 0))
        return False
