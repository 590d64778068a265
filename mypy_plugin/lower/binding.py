"""How names are bound: by move or by a loan, and to what (rules, section 4).

Owns the inferred binding modes and the names that borrow. What a target is a target of (a loop, a pattern, a `with`)
is the business of those modules; what an expression gives that belongs to something else is that of `loans`, and what
becomes of loans that of `borrowers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import Context, Expression, NameExpr, Var

from ..events import Destination, Event, Into, Kind, Loan, Ownership, Times
from ..paths import reaching_initialisations
from .among import containers, element_values, in_fields, named_in
from .borrowers import Via
from .context import RETURNED, Captive, Use
from .inferred import Collected
from .loan_fields import Held, held_in_fields, held_somewhere
from .loans import carries_loans, collects_lent, comes_out_lent, ending, is_lent, is_lookup, lenders, may_stay, why_kept
from .lookups import method_row
from .places import shown
from .removed import Release, released_after
from .spelling import spell_lookup, spell_source

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Bindings"]


_NONE: Mapping[Var | Expression, bool] = {}


class _Begins(NamedTuple):
    """A borrow that begins where a name is bound, as `Borrowers.begin` is told."""

    loan: Loan
    via: Via = ()
    whole: bool = False
    times: Times | None = None
    of: Collected | None = None
    """The collection that the name is bound to an element of."""
    is_next: bool = True
    """Whether that is the next one of it, and not what another name was bound to before."""


class Bindings:
    """The bindings of one body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._borrowers = body.borrowers
        self._borrowing: dict[Expression, list[_Begins]] = {}
        """The loans that begin when their target is next bound, each with those that it depends on, and whether it is
        of the very value."""
        self._lent_targets: set[NameExpr] = set()
        """Targets bound to something that its source goes on owning."""
        self._bound_to_loans: set[NameExpr] = set()
        """Of those, the ones whose source does not own it either: `for view in views`."""
        self._containers: set[NameExpr] = set()
        """Of those, the ones bound to a second container or an iterator of what its source goes on holding."""
        self._lookups: dict[NameExpr, Expression] = {}
        """Names bound to an element that its container goes on holding, each with what was looked up."""
        self._moves_of_loans: list[Event] = []
        """Faults for moving out of a variable that is held by a loan."""
        self._moves_of_parts: list[Event] = []
        """Moves out of parts of such variables."""
        self._releases: list[Release] = []
        """Where what a name stands for leaves its container."""
        self._moves: list[tuple[Event, Var]] = []
        """Moves of variables. A loop may bind one further down, and come back to its move."""
        self._asked: set[object] = set()
        """Variables that loops over tasks bind to these."""
        self._registers: set[object] = set()
        """Dicts that may only be asked for something by its task."""
        self._returned: set[NameExpr] = set()
        """Names of elements that a function gives back when their containers end."""
        self._given_inside: set[Var] = set()
        """Variables of this body out of which a nested one gives what is in them."""
        self._given_away: list[Event] = []
        """Uses of containers and iterators that give away what is in them, or may."""

    def initialised(self, node: Expression) -> None:
        """A target has been given its value: if it is one that borrows, it does from here on."""
        for begins in self._borrowing.get(node, ()):
            event = self._borrowers.begin(begins.loan, node, begins.via, whole=begins.whole, times=begins.times)
            if begins.of is not None:
                event.among = self._borrowers.place_of(begins.of.collection), begins.loan[1]
                event.element, event.behind = not begins.of.is_value, not begins.is_next

    def moved(self, move: Event, node: Context, variable: Var | None) -> None:
        """The value of a place of `variable` goes; a target that was bound to it has to take its source."""
        if variable is not None:
            self._moves.append((move, variable))
        self._borrowers.expire(move.place, node, move.to, tie=move.tie)

    def moved_on_loan(self, fault: Event) -> None:
        """A variable that only borrows is moved, which is a mistake unless it was always given a new value before."""
        self._moves_of_loans.append(fault)

    def moved_out_of_loan(self, move: Event) -> None:
        """A part of a variable that only borrows is moved: as `moved_on_loan`, or else it has to be given back."""
        self._moves_of_parts.append(move)

    def handed_out(self, container: int, node: Expression, method: str, *, is_entry: bool) -> None:
        """An element goes out of a container to an owner of its own. `is_entry`: the place is that of the element."""
        body = self._body
        variable, outer = body.places.root(container)[1], body.outer
        while variable is not None and outer is not None:
            outer.bindings.given_inside(variable)
            outer = outer.outer
        self.given_away(body.emit(Kind.LOOK, container, node))
        self._borrowers.expire_looked_up(container, node, Destination(Into.HANDED_OUT, owner=method), is_entry=is_entry)

    def given_inside(self, variable: Var) -> None:
        """As `given_away`, by a nested body."""
        self._given_inside.add(variable)

    def collects(self, name: NameExpr) -> None:
        """A target has a container of its own for elements that its source goes on holding: `first, *rest = xs`."""
        self._containers.add(name)

    def given_away(self, event: Event) -> None:
        """What is in a container may go. If that is a second container, or an iterator, it has to take its source."""
        self._given_away.append(event)

    def lends_container(self, node: NameExpr) -> bool:
        """Whether a name has been bound to a second container or an iterator, whose elements are those of another."""
        return any(target.node is node.node for target in self._containers)

    def finish(self) -> None:
        """The end of the body.

        A target that was bound by a loan, and whose value a later move gives away, takes its source after all. A name
        that was bound to an element in its container cannot be moved. A parameter that only lends is owned where it
        was always given a new value before.
        """
        taken = self._body.inferred.taken
        lent = {target.node for target in self._lent_targets}
        released = self._released_later(lent)
        for move, variable in self._moves:
            if move in released:
                continue
            for target, bound in self._bound_before(move) if variable in lent else ():
                if target in self._lookups:
                    looked_up = self._lookups[target]
                    if move.node in self._returned and ending(self._body, looked_up, RETURNED):
                        continue
                    move.kind, (move.fault, held) = Kind.FAULT, why_kept(self._body, looked_up)
                    move.lender, move.bound = spell_lookup(held), bound.node
                elif target in self._lent_targets and target not in self._bound_to_loans:
                    taken.add(target)
        if self._asked or self._registers:
            self._reach()
        for event in self._given_away:
            taken.update(target for target, _ in self._bound_before(event) if target in self._containers)
        taken.update(target for target in self._containers if target.node in self._given_inside)
        for move in self._moves_of_loans:
            if self._is_given_a_value(move):
                move.kind, move.fault = Kind.MOVE, None
        for move in self._moves_of_parts:
            move.owned = self._is_given_a_value(move)

    def _reach(self) -> None:
        """Tell of tasks, and of dicts by tasks, that are not only asked."""
        graph = self._body.graph
        for event in chain.from_iterable(block.events for block in graph.blocks):
            if event.kind not in _REACHING or event.is_question:
                continue
            root, variable = self._body.places.root(_reached_by(event))
            if variable in self._asked:
                values, _ = reaching_initialisations(graph, event, root)
                self._body.inferred.reached.update(one.node for one in values if isinstance(one.node, NameExpr))
            if variable is not None and variable in self._registers:
                self._body.inferred.keyed.add(variable)

    def _released_later(self, lent: Collection[object]) -> set[Event]:
        """Moves of what stands for elements that leave their container only then: `take(task)`, `pending.remove(task)`.

        What is gone by then is not there again when they leave.
        """
        body, found, gone = self._body, set[Event](), set[Event]()
        of_loans = {target.node for target in self._bound_to_loans}
        for move, variable in self._moves if self._releases else ():
            if variable not in lent or variable in of_loans or move.kind is not Kind.MOVE:
                continue
            owners = [one.owner for one, _ in body.inferred.borrowings.of_borrower(variable)]
            names = [owner for owner in owners if owner in lent]
            containers = [owner for owner in dict.fromkeys(owners) if owner not in lent]
            if len(containers) != 1:
                continue
            place = body.places.declare(containers[0])
            if body.places.is_from_outside(place) or body.graph.places[place].ownership is not Ownership.OWNED:
                # Somebody else may look at it if something raises meanwhile.
                continue
            beside = {
                one.borrower
                for owner in (*containers, *names)
                for one, _ in body.inferred.borrowings.from_owner(owner)
                if isinstance(one.borrower, Var) and one.borrower is not variable
            }
            holders = [body.places.declare(name) for name in names]
            aliases = [body.places.declare(name) for name in beside if isinstance(name, Var)]
            name = body.places.declare(variable)
            leaves = released_after(body.graph, move, name, place, holders, aliases, self._releases)
            if leaves:
                found.add(move)
                gone.update(release.event for release in leaves)
        if gone:
            for block in body.graph.blocks:
                block.events[:] = [event for event in block.events if event not in gone]
        return found

    def _is_given_a_value(self, move: Event) -> bool:
        """Whether a variable that is held by a loan always has a value of its own where it, or a part of it, moves."""
        values, from_entry = reaching_initialisations(self._body.graph, move, self._body.places.root(move.place)[0])
        return bool(values) and not from_entry and not any(value.node in self._lent_targets for value in values)

    def _bound_before(self, event: Event) -> Iterator[tuple[NameExpr, Event]]:
        """The targets that may have bound the variable of an event, each with where they did."""
        root, _ = self._body.places.root(event.place)
        for bound in reaching_initialisations(self._body.graph, event, root)[0]:
            if isinstance(bound.node, NameExpr):
                yield bound.node, bound

    def look_up(self, name: NameExpr, source: Expression) -> bool:
        """Bind a name to what is looked up in a container, if `source` is that: a loan if the name is only looked at.

        Where an element is moved by that name, it is the move that is wrong; a container or iterator takes its source.
        """
        if not isinstance(name.node, Var) or not self._body.places.may_own(name):
            return False
        if is_lookup(self._body, source):
            self._body.expression(source)
            self.borrow_from([name], source)
            self.lent(name)
            self._lookups[name] = source
            return True
        if may_stay(self._body, source):
            self.take_source([name], source, Into.VARIABLE)
            return True
        return False

    def keep_lent(self, target: NameExpr, source: Expression) -> bool:
        """Bind a name to what comes out of a call and is borrowed, `best = widest(parts)`, if `source` is that.

        The name borrows as the result does, unless it is given away. Out of a container comes what is looked up. So a
        name does that is bound to a display of such values: if that gives one away, it had to own them.
        """
        if not isinstance(target.node, Var) or not target.node.is_inferred:
            return False
        comes_out = comes_out_lent(self._body, source)
        collects = not comes_out and collects_lent(self._body, source)
        if not comes_out and not collects:
            return False
        self.take_source([target], source, Into.VARIABLE)
        if collects:
            self.lent(target)
            self.collects(target)
        return True

    def returned(self, name: NameExpr) -> None:
        """`return best`, where `best = max(parts)`: the element goes, and with it what ends with the function."""
        body = self._body
        holders = [
            holder
            for target, source in self._lookups.items()
            if target.node is name.node
            for holder in ending(body, source, RETURNED)
        ]
        if holders:
            self._returned.add(name)
        for place in dict.fromkeys(map(body.places.of, holders)):
            if place is not None:
                body.use_place(place, name, RETURNED)

    # Borrowing

    def take_source(
        self, names: list[NameExpr], source: Expression, into: Into, *, whole: bool = False, elements: bool = False
    ) -> None:
        """Use the source of a binding: by move if a name is taken, else by a loan that the names depend on.

        `whole`: a name is bound to the very value. `elements`: the names are bound to what is in it.
        """
        body = self._body
        taken = [name for name in names if body.inferred.taken.has(name)]
        if taken:
            body.expression(source, Use(Kind.MOVE, Destination(into, shown(taken[0].name))))
            return
        body.expression(source, Use(Kind.LOOK, Destination(into)))
        self.borrow_from(names, source, whole=whole, elements=elements)

    def take_elements(
        self,
        names: list[NameExpr],
        source: Expression,
        lent: Mapping[int, bool],
        columns: Mapping[NameExpr, Sequence[Expression]],
    ) -> Event | None:
        """As `take_source`, for a loop. If it borrows, its iterator does so first, and the names by way of that.

        `lent`: what else the iterator has on loan, and nothing that it gives (see `lent_to`). `columns`: what some of
        the names are bound to, where that is less than all that is in the source. The event that is given back is a
        use of the iterator, for the caller to emit where it is used again.
        """
        iterator = self._body.places.unnamed(source, spell_source(source))
        if any(map(self._body.inferred.taken.has, names)):
            self.take_source(names, source, Into.LOOP)
            return self._keep_using(source, iterator, [], lent)
        if not self._are_only_asked(names, source):
            self._body.expression(source, Use(Kind.LOOK, Destination(Into.LOOP)))
        # What a variable has borrows from them already.
        own = {} if isinstance(source, NameExpr) else lent
        use = self._keep_using(source, iterator, lenders(self._body, source, displays=True), own)
        carries = carries_loans(self._body, source)
        self.borrow_from(
            names, source, carries=carries, elements=True, iterator=iterator, apart=list(lent), columns=columns
        )
        return use

    def _are_only_asked(self, names: list[NameExpr], source: Expression) -> bool:
        """Whether a loop goes over a place that holds tasks, and never comes to what they give."""
        body = self._body
        if not body.facts.holds_handles(body.types.get(source)) or body.places.of(source) is None:
            return False
        tasks = [name for name in names if isinstance(name.node, Var) and body.facts.is_affine(name.node.type)]
        self._asked.update(name.node for name in tasks)
        return all(map(body.facts.holds_handles, (body.types.get(name) for name in tasks))) and not any(
            map(body.inferred.reached.has, tasks)
        )

    def is_register(self, target: Expression) -> bool:
        """Whether a variable holds something for each of some tasks, which is only looked up by these: `names[task]`.

        Nobody can take out of it what its keys give, so those stay with their owners.
        """
        body = self._body
        if not isinstance(target, NameExpr) or not isinstance(target.node, Var) or body.is_module or body.in_class_body:
            return False
        if not body.facts.is_keyed_by_handles(target.node.type) or not body.places.may_own(target):
            return False
        if method_row(body, target, "__getitem__") is None:
            # A class of the program may look at its keys.
            return False
        self._registers.add(target.node)
        return not body.inferred.keyed.has(target.node)

    def borrow_from(
        self,
        names: Iterable[NameExpr],
        source: Expression,
        *,
        whole: bool = False,
        carries: bool = False,
        elements: bool = False,
        iterator: int | None = None,
        apart: Sequence[int] = (),
        columns: Mapping[NameExpr, Sequence[Expression]] | None = None,
    ) -> None:
        """Each name borrows from the places that `source` is reached through. `whole`: it is the very value.

        `elements`: it is what is in that. `iterator`: what borrows from them until the names are bound. `apart`: places
        that the source has on loan, and the names do not. `columns`: see `take_elements`.
        """
        body = self._body
        spelled = element_values(body, source)
        values = None if elements else spelled
        everywhere = [*lenders(body, source, displays=True), *in_fields(body, spelled)]
        has_place = body.places.of(source) is not None
        gives_out = not elements and may_stay(body, source)
        fields = None if elements else held_in_fields(body, source)
        collections = dict.fromkeys([one for one in (_variable(source), source) if one is not None and elements], True)
        # Another name for an element is one, too, and so is what a collection of such names has.
        for one in named_in(source) if not whole or isinstance(source, NameExpr) else ():
            for collection in self._borrowers.collections_of(one):
                collections.setdefault(collection, False)
        for name in names:
            if body.facts.is_text(body.types.get(name)):
                # `for topic, view in pairs`: it holds nothing.
                continue
            if body.facts.holds_loans(body.types.get(source)) and isinstance(name.node, Var):
                # mypy's type of the name may have forgotten it: `for view in views.values()`.
                body.places.declare(name.node, Ownership.BORROWED)
                self._bound_to_loans.add(name)
            if isinstance(name.node, Var) and (body.facts.is_lent(name.node.type) or is_lent(body, source)):
                self.lent(name)
            column = columns.get(name) if columns else None
            found = everywhere
            if column is not None:
                found = [lender for item in column for lender in lenders(body, item, displays=True)]
            if found or has_place or fields:
                self.borrow(
                    name,
                    found,
                    whole=whole and has_place,
                    carries=carries,
                    iterator=iterator,
                    fields=fields,
                    apart=apart,
                    values=values,
                    collections=collections,
                )
                if gives_out or method_row(body, name, "__next__") is not None:
                    self._containers.add(name)

    def borrow(
        self,
        name: NameExpr,
        sources: Iterable[int],
        *,
        whole: bool,
        carries: bool = False,
        iterator: int | None = None,
        fields: Sequence[Held] | None = None,
        apart: Sequence[int] = (),
        values: Mapping[int, Times] | None = None,
        collections: Mapping[Var | Expression, bool] = _NONE,
    ) -> None:
        """A name borrows from these places from when it is next bound. `carries`: it is bound to what holds a loan.

        `fields`: what it has in its fields, if that is known. `apart`: see `borrow_from`. `values`: what is known to be
        among its elements. `collections`: what it is bound to an element of, each with whether that is the next one.
        """
        body = self._body
        if not isinstance(name.node, Var):
            return
        self.lent(name)
        sources = list(sources)
        self._borrowers.stands_for(name.node, sources, parts=not whole)
        place = body.places.bind(name.node)
        if carries or body.facts.holds_loans(body.types.get(name) or name.node.type):
            body.inferred.tracked.add(name.node)
        loans = self._borrowing.setdefault(name, [])
        values = values or {}
        others = {lender for lender, _, _ in self._borrowers.lenders_of(apart, whole=False)} if apart else ()
        for lender, is_whole, its_via in self._borrowers.lenders_of(sources, whole=whole):
            of = self._borrowers.collected(collections, lender)
            among = of if of is not None else Collected(name.node) if lender in values else None
            if lender in others or not self._borrowers.record(name.node, lender, whole=is_whole, among=among):
                continue
            via = its_via if iterator is None else ((iterator, lender),)
            if any(borrower == place for borrower, _ in via):
                # It is bound to something that it was a way to itself, and what it borrowed before is over then.
                via = ()
            is_next = of is None or collections[of.collection]
            loans.append(_Begins((place, lender), via, is_whole, values.get(lender), of, is_next))
            if is_whole:
                beside = self._borrowers.beside(name.node, place, lender)
                loans += (_Begins(loan, its_via, whole=True) for loan, its_via in beside)
        if body.inferred.lending.has_any():
            # A loop over a display has what it gives by its iterator; and so has another name for that.
            by_name = collections if whole or iterator is not None else ()
            unnamed = (self._borrowers.place_of(one) for one in by_name if not isinstance(one, Var))
            loans += [_Begins((place, one)) for one in dict.fromkeys([iterator, *unnamed]) if one is not None]
        its_fields = body.facts.fields_for_loans(name.node.type)
        if its_fields:
            its = [*held_somewhere(its_fields, sources)] if fields is None else fields
            self._borrow_in_fields(name, name.node, its, collections, iterator)

    def _borrow_in_fields(
        self,
        name: NameExpr,
        variable: Var,
        fields: Iterable[Held],
        collections: Mapping[Var | Expression, bool],
        iterator: int | None,
    ) -> None:
        """A name is bound to an object that has these in its fields. `collections`, `iterator`: see `borrow`."""
        places = self._body.places
        place, loans = places.declare(variable), self._borrowing.setdefault(name, [])
        for one in fields:
            field = places.field(place, one.field.path)
            for lender, whole, via in self._borrowers.lenders_of([one.place], whole=one.same):
                of = self._borrowers.collected(collections, lender)
                if self._borrowers.record(variable, lender, whole=whole, field=one.field.path, among=of):
                    if any(places.root(borrower)[0] == place for borrower, _ in via):
                        via = ()
                    is_next = of is None or collections[of.collection]
                    loans.append(_Begins((field, lender), via, whole, of=of, is_next=is_next))
            if iterator is not None and self._body.inferred.lending.has_any():
                loans.append(_Begins((field, iterator)))

    def borrow_from_taker(self, name: NameExpr, taker: NameExpr, *, whole: bool) -> None:
        """A name borrows from another one that has just taken, and so owns, what it is a part of."""
        if isinstance(name.node, Var) and isinstance(taker.node, Var) and name.node is not taker.node:
            self.lent(name)
            place, lender = self._body.places.declare(name.node), self._body.places.declare(taker.node)
            self._borrowers.record(name.node, lender, whole=whole)
            self._borrowing.setdefault(name, []).append(_Begins((place, lender), (), whole))

    def borrow_until_taken(self, name: NameExpr, sources: Iterable[int], *, whole: bool) -> None:
        """A name that was bound to these places is them, until it takes them."""
        if not isinstance(name.node, Var):
            return
        place, sources = self._body.places.declare(name.node), list(sources)
        self._borrowers.stands_for(name.node, sources, parts=not whole)
        for lender, is_whole, via in self._borrowers.lenders_of(sources, whole=whole):
            if self._borrowers.record(name.node, lender, whole=is_whole):
                self._borrowers.begin((place, lender), name, via, whole=is_whole)
                for loan, its_via in self._borrowers.beside(name.node, place, lender) if is_whole else ():
                    self._borrowers.begin(loan, name, its_via, whole=True)

    def borrow_now(self, name: NameExpr, sources: Iterable[int], node: Expression, values: Mapping[int, Times]) -> None:
        """What a name holds has been given something that others own, besides what it held before: these values."""
        variable = name.node
        if isinstance(variable, Var):
            place = self._body.places.declare(variable)
            self._body.inferred.tracked.add(variable)
            for lender, _, via in self._borrowers.lenders_of([*sources, *in_fields(self._body, values)], whole=False):
                among = Collected(variable) if lender in values else None
                if self._borrowers.record(variable, lender, whole=False, among=among):
                    self._borrowers.begin((place, lender), node, via, times=values.get(lender))

    def holds_loan(
        self, variable: Var, place: int, lent: Captive, node: Context, *, has_parts: bool, before: int | None
    ) -> None:
        """A variable, whose place this is, has been given a function that goes on with what it was lent.

        `has_parts`: if that is a container, perhaps with an element of it. `before`: what had the function until then.
        """
        assert lent.root is not None
        owner, path = lent.root, lent.path
        lender = self._body.places.at(owner, path)
        if has_parts:
            self._borrowers.stands_for(variable, [lender], parts=True)
        for source, _, via in self._borrowers.lenders_of([lender], whole=False):
            if self._borrowers.record(variable, source, whole=False):
                # What it was lent may have a new value by now, which it does not have.
                self._borrowers.begin((place, source), node, via if before is None else (*via, (before, source)))

    def _keep_using(
        self, source: Expression, iterator: int, holders: Iterable[int], lent: Mapping[int, bool]
    ) -> Event | None:
        """Python itself goes on with what `source` gives, such as a loop with its iterator: begin its loans.

        `lent`: see `lent_to`.
        """
        body = self._body
        values = element_values(body, source)
        sources = self._borrowers.lenders_of([*holders, *lent, *in_fields(body, values)], whole=False)
        if not sources:
            return None
        body.emit(Kind.INIT, iterator, source)
        # What a display has may stand for an element of something, too, which may be gone by the next round.
        self._borrowers.stands_for(source, values, parts=False)
        for place, has_parts in lent.items():
            self._borrowers.stands_for(source, [place], parts=has_parts)
        gone_through = containers(body, source) if body.inferred.lending.has_any() else {}
        for lender, _, via in sources:
            times = values.get(lender, gone_through.get(lender))
            # Of a collection that was given its elements here it is known which these are.
            is_open = lender in gone_through and not self._borrowers.collects(lender)
            among = Collected(source, lender in values) if lender in values or is_open else None
            self._borrowers.record(source, lender, whole=False, among=among)
            self._borrowers.begin((iterator, lender), source, via, times=times)
        return Event(Kind.LOOK, iterator, source, to=Destination(Into.NEXT_ROUND))

    def is_lent(self, target: NameExpr) -> bool:
        """Whether what `target` is bound to goes on belonging to something else."""
        return target in self._lent_targets

    def lent(self, target: NameExpr) -> None:
        """What `target` is bound to goes on belonging to something else."""
        self._lent_targets.add(target)

    def released(self, node: NameExpr, container: Expression) -> None:
        """What a name stands for leaves a container. If it was looked up there, the name owns it from here on."""
        body = self._body
        variable, place = node.node, body.places.of(container)
        if place is None or not any(target.node is variable for target in self._lent_targets):
            return
        alike = self._borrowers.standing_for(place)
        if isinstance(variable, Var) and variable in alike:
            owner = body.places.of_variable(node)
            self._releases.append(Release(body.emit(Kind.INIT, owner, node), owner, body.places.root(place)[0]))
            # Other names may stand for the same element, or for containers that have it: they go when it does.
            containers = {target.node for target in self._containers}
            others = [one for one in alike if isinstance(one, Var) and one is not variable]
            for other in sorted(others, key=lambda one: (one.line, one.column, one.name)):
                whole = other not in containers
                if self._borrowers.record(other, owner, whole=whole):
                    self._borrowers.begin((body.places.declare(other), owner), node, whole=whole)


def _variable(node: Expression) -> Var | None:
    return node.node if isinstance(node, NameExpr) and isinstance(node.node, Var) else None


_REACHING = frozenset({Kind.MOVE, Kind.LEND, Kind.LOAN, Kind.LOOK, Kind.CHANGE, Kind.FAULT, Kind.BORROW, Kind.CAPTURE})


def _reached_by(event: Event) -> int:
    """The place that an event comes to: of what borrows or captures, what that has from there on."""
    if event.kind is Kind.BORROW and event.loan is not None:
        return event.loan[1]
    return event.tie[1] if event.kind is Kind.CAPTURE and event.tie is not None else event.place
