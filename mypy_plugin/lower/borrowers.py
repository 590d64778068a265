"""Who borrows from what in one body: the loans of its names, and what goes when a lender does (rules, section 4).

A loan is recorded for its names, once and for the whole body, and begins where a name is bound. Owns what is recorded;
which names borrow, and from what, is decided by `binding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from mypy.nodes import Context, Expression, NameExpr, Var

from ..events import Destination, Event, Kind, Loan, Tie, Times
from .inferred import Borrowing, Collected
from .loan_fields import is_in_field
from .places import Path, shown
from .spelling import spell_source

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Borrowers", "Via"]

Via: TypeAlias = tuple[Loan, ...]
"""The loans that have to last for another one to begin."""

_FOLLOWED = 4
"""How many steps a name's way to what it borrows from is followed through other names.

A loop that walks along a list or a tree goes a step further in each round, so that there is no last one. Where the
way ends, the name may be what is there, or any part of it.
"""


class Borrowers:
    """What borrows in one body: variables, and what Python itself goes on with, such as a loop with its iterator."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._takers: set[object] = set()
        """The variables that what moves just now goes to."""

    # Beginning

    def lenders_of(self, sources: Iterable[int], *, whole: bool) -> list[tuple[int, bool, Via]]:
        """These places and those that they borrow from in their turn, on some path; `whole`: the value is theirs.

        Each with whether it is the value, and the loan by which a source borrows from it just now, if one has to. What
        a source borrows from was found in this way when it was bound itself, so one step is enough.
        """
        body = self._body
        direct = list(dict.fromkeys(sources))
        if not direct:
            return []
        found: dict[tuple[int, Via], bool] = {(place, ()): whole for place in direct}
        for place in direct:
            root, variable = body.places.root(place)
            path = body.places.path_to(place)[1]
            if variable is None:
                continue
            known = body.inferred.borrowings.of_borrower(variable)
            in_field = bool(known and path) and is_in_field(body, variable.type, path)
            for one, same in known:
                # Of what is in a field it is known what that borrows.
                if one.owner in body.places and _may_be_in(path, one.field) and (one.field or not in_field):
                    lent, borrower = body.places.at(one.owner, one.path), body.places.below(root, one.field)
                    # What was bound in a body around this one is bound somehow.
                    via = () if body.places.is_from_outside(place) else ((borrower, lent),)
                    way = (*one.path, *path[len(one.field) :]) if same else one.path
                    longest = max(len(one.path), _FOLLOWED)
                    if len(way) > longest:
                        way = way[:longest]
                        body.inferred.ends.add((one.owner, way))
                    found.setdefault((body.places.at(one.owner, way), via), whole and same)
        return [(lender, is_whole, via) for (lender, via), is_whole in found.items()]

    def record(
        self,
        borrower: Var | Expression,
        lender: int,
        *,
        whole: bool,
        field: Path = (),
        among: Collected | None = None,
    ) -> bool:
        """Note a loan for when the lender goes; nothing borrows from itself. `field`: where in the borrower.

        `among`: the collection that borrows, or by which a name does.
        """
        owner, path = self._body.places.path_to(lender)
        if owner is None or owner is borrower:
            return False
        one = Borrowing(borrower, owner, path, field)
        self._body.inferred.borrowings.add(one, whole=whole, among=among)
        return True

    def collects(self, place: int) -> bool:
        """Whether a place has a collection of which it is known what it was given."""
        collection, path = self._body.places.path_to(place)
        if collection is None or path:
            return False
        borrowings = self._body.inferred.borrowings
        known = [of for one, _ in borrowings.of_borrower(collection) for of in borrowings.collections(one)]
        return any(of.collection is collection for of in known)

    def collections_of(self, name: NameExpr) -> list[Var | Expression]:
        """What a name may stand for an element of."""
        if not isinstance(name.node, Var):
            return []
        borrowings = self._body.inferred.borrowings
        known = (borrowings.collections(one) for one, _ in borrowings.of_borrower(name.node))
        return [of.collection for its in known for of in its if of.collection is not name.node]

    def collected(self, collections: Iterable[Var | Expression], lender: int) -> Collected | None:
        """The first of these that has something of a place by its elements."""
        owner, path = self._body.places.path_to(lender)
        if owner is None:
            return None
        for collection in collections:
            for one in self._body.inferred.borrowings.collections(Borrowing(collection, owner, path)):
                if one.collection is collection:
                    return one
        return None

    def among(self, places: Iterable[int], lender: int) -> list[tuple[int, Loan, bool]]:
        """By which borrows collections have something of `lender` by their elements, which may be its very value.

        Each with which of these places that is about: it has the collection, or is a name for an element of it.
        """
        found: list[tuple[int, Loan, bool]] = []
        owner, path = self._body.places.path_to(lender)
        for place in places:
            holder, field = self._body.places.path_to(place)
            if owner is not None and holder is not None:
                collections = self._body.inferred.borrowings.collections(Borrowing(holder, owner, path, field))
                found += ((place, (self.place_of(one.collection), lender), one.is_value) for one in collections)
        return found

    def name_too(self, name: int, place: int, node: Context) -> None:
        """A place without a variable is another name for what a place holds: perhaps for an element of a collection."""
        for lender, _, _ in self.lenders_of([place], whole=True):
            for named, by, is_value in self.among([place], lender):
                if is_value and named != by[0]:
                    self.begin((name, by[0]), node, ((named, by[0]),))
                    self.begin((name, lender), node, ((named, lender),)).among = by

    def begin(
        self, loan: Loan, node: Context, via: Via = (), *, whole: bool = False, times: Times | None = None
    ) -> Event:
        """From here on, one of the two places borrows from the other; `times`: see `Event.times`."""
        self._body.tasks.loans.about_to_borrow(loan)
        event = self._body.emit(Kind.BORROW, loan[0], node)
        event.loan, event.via, event.whole, event.times = loan, via, whole, times
        return event

    def beside(self, variable: Var, place: int, lender: int) -> Iterator[tuple[Loan, Via]]:
        """Loans between a variable that is bound to the very value of a place, and others that may be so just now.

        There are such loans only between names that are given to one call.
        """
        body = self._body
        owner, path = body.places.path_to(lender)
        if owner is None or not body.inferred.meeting.has_any():
            return
        for one, same in body.inferred.borrowings.from_owner(owner):
            other = one.borrower
            if not same or one.field or not isinstance(other, Var) or not body.inferred.meeting.has((variable, other)):
                continue
            others = body.places.declare(other)
            via = ((place, lender), (others, body.places.at(owner, one.path)))
            shorter = min(len(path), len(one.path))
            if path[:shorter] != one.path[:shorter]:
                continue
            if len(path) >= len(one.path):
                loan = (place, body.places.below(others, path[shorter:]))
            else:
                loan = (others, body.places.below(place, one.path[shorter:]))
            if self.record(variable if loan[0] == place else other, loan[1], whole=True):
                yield loan, via

    def stands_for(self, borrower: Var | Expression, places: Iterable[int], *, parts: bool) -> None:
        """What borrows has what these places hold, which may be an element of a container and be taken out of it.

        `parts`: or something out of them, so that it may go where they lose an element.
        """
        for place in places:
            name = self._body.graph.places[place].name
            self._body.inferred.looked_up.add(_hung_on(name), (name, borrower, parts))

    # Ending

    @contextmanager
    def taking(self, names: Iterable[NameExpr]) -> Iterator[None]:
        """Inside, what moves goes to these names. If they borrowed it until then, they have it now."""
        self._takers = {name.node for name in names}
        yield
        self._takers = set()

    def expire(self, place: int, node: Context, to: Destination | None, *, tie: Tie | None = None) -> None:
        """What borrows from a place that goes, or from a part of it or what it is a part of, goes with it.

        `tie`: it goes only if there is a function that takes it.
        """
        body = self._body
        # What an object has in a field, it borrows itself.
        loans = self._loans_of(place, in_fields=False)
        _, path = body.places.path_to(place) if loans else (None, ())
        for loan, whole in loans:
            if body.places.root(loan[0])[1] in self._takers:
                body.emit(Kind.OWN, loan[0], node).loan = loan
                continue
            owner, lent = body.places.path_to(loan[1])
            # Of another name for the same value, only the part that goes. What was not followed may be any part.
            is_same = whole and owner is not None and not body.inferred.ends.has((owner, lent))
            gone = body.places.below(loan[0], path[len(lent) :]) if is_same else loan[0]
            event = body.emit(Kind.EXPIRE, gone, node, to, tie=tie)
            event.lender = body.graph.places[place].name
            event.loan = loan

    def expire_looked_up(self, place: int, node: Context, to: Destination, *, is_entry: bool) -> None:
        """As `expire`, where the place only lost an element: what stood for one may have stood for that.

        `is_entry`: the place is that of the element.
        """
        body = self._body
        name = body.graph.places[place].name
        places = set(map(self.place_of, self.standing_for(place, is_entry=is_entry))) - {body.places.root(place)[0]}
        for loan, _ in self._loans_of(place):
            if body.places.root(loan[0])[0] in places:
                event = body.emit(Kind.EXPIRE, loan[0], node, to)
                event.lender, event.loan = name, loan

    def standing_for(self, place: int, *, is_entry: bool = False) -> set[Var | Expression]:
        """What somewhere stands for something out of a place, or for what something that stands for that does.

        `is_entry`: or for the place itself.
        """
        found, pending = set[Var | Expression](), [(self._body.graph.places[place].name, not is_entry)]
        seen = set(pending)
        while pending:
            name, is_all = pending.pop()
            for borrower, parts in self._looked_up_in(name):
                # What has all that the place does is not gone with an element of it.
                has_all = is_all and not parts
                if not has_all:
                    found.add(borrower)
                following = (shown(borrower.name), has_all) if isinstance(borrower, Var) else None
                if following is not None and following not in seen:
                    seen.add(following)
                    pending.append(following)
        return found

    def _looked_up_in(self, place: str) -> Iterator[tuple[Var | Expression, bool]]:
        """What somewhere stands for what a place, or a part of it, holds: variables, and what Python itself keeps.

        Each with whether it may be for something out of that.
        """
        for held, borrower, parts in self._body.inferred.looked_up.of(_hung_on(place)):
            if _is_within(held, place) or _is_within(place, held):
                yield borrower, parts or held != place

    # Meeting

    def conflicts(self, lent: int, used: int, *, moves: bool) -> Iterator[tuple[Loan, Via]]:
        """The loans by which a use of one place touches another that is lent to a call, each with those it depends on.

        What is reached through a container may be another element of it: only giving the container away is wrong.
        """
        self._meet(lent, used)
        for loan, whole in self._loans_of(used):
            if self._is_of(loan[0], lent) and (moves or whole or self._is_element(loan)):
                yield loan, ()
        for loan, whole in self._loans_of(lent):
            if self._is_of(loan[0], used) and (whole or self._is_element(loan)):
                yield loan, ()
        # A view of what the other one may be.
        for view, element in ((lent, used), (used, lent)):
            for lender, is_whole, via in self.lenders_of([view], whole=True):
                if is_whole and via and self._is_element((element, lender)):
                    yield (element, lender), via

    def _is_element(self, loan: Loan) -> bool:
        """Whether what borrows is a name for an element of a collection that has the very value."""
        return any(is_value and loan[0] != has[0] for _, has, is_value in self.among([loan[0]], loan[1]))

    def _is_of(self, borrower: int, place: int) -> bool:
        """Whether a place is of what borrows, or that of a field which does is."""
        return borrower == self._body.places.root(place)[0] or self._body.graph.overlap(borrower, place)

    def _meet(self, lent: int, used: int) -> None:
        """Two places are given to one call. If both borrow, they may do so from one place, and be the same."""
        inferred = self._body.inferred
        one, other = self._body.places.root(lent)[1], self._body.places.root(used)[1]
        if one is None or other is None or one is other:
            return
        if inferred.borrowings.of_borrower(one) and inferred.borrowings.of_borrower(other):
            inferred.meeting.add((one, other), (other, one))

    def _loans_of(self, place: int, *, in_fields: bool = True) -> list[tuple[Loan, bool]]:
        """The loans of a place, of its parts and of what it is a part of; each with whether it is of the very value.

        `in_fields`: also those that are known to be in a field of the borrower.
        """
        body = self._body
        owner, path = body.places.path_to(place)
        found = []
        for one, whole in body.inferred.borrowings.from_owner(owner) if owner is not None else ():
            if _may_be_in(path, one.path) and ((in_fields and whole) or not one.field):
                borrower = body.places.below(self.place_of(one.borrower), one.field)
                found.append(((borrower, body.places.at(one.owner, one.path)), whole))
        return found

    def place_of(self, borrower: Var | Expression) -> int:
        """The place of what borrows."""
        if isinstance(borrower, Var):
            return self._body.places.declare(borrower)
        return self._body.places.unnamed(borrower, spell_source(borrower))


def _is_within(place: str, whole: str) -> bool:
    """Whether a place is another one or a part of it, by their names."""
    return place == whole or place.startswith((f"{whole}.", f"{whole}["))


def _may_be_in(path: Path, other: Path) -> bool:
    """Whether of two ways from one place the one goes on where the other ends."""
    return all(mine == its for mine, its in zip(path, other, strict=False))


def _hung_on(place: str) -> str:
    """The name of the variable that a place hangs on, from that of the place."""
    return re.split(r"[.\[]", place, maxsplit=1)[0]
