"""What calls have on loan that go on after they have returned: their arguments, and what their functions captured.

An argument that is lent stays lent until somebody has waited for the call (rules, section 7). A nested function has the
variables that it captured, so the call that runs it has whatever they hold, or are a name for, by then. When calls have
finished is for `task_ends`; whether two loans are in each other's way, for the analysis of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mypy.nodes import CallExpr, Context, Expression, MemberExpr

from ..events import Called, Destination, Event, Kind, Loan, Share
from ..knowledge.tasks import Spawn
from ..type_shapes import is_partial
from .among import renewed, values
from .borrowers import Via
from .context import Captive, Hold, Use
from .groups import Groups
from .holders import Holders
from .loan_fields import Held, held_in_fields
from .loans import lenders
from .spelling import spell
from .task_table import TaskTable

if TYPE_CHECKING:
    from .body import Body

__all__ = ["TaskLoans"]


@dataclass
class _Captured:
    """What a call that goes on has by the function that it runs."""

    node: CallExpr
    place: int
    function: Expression
    to: Destination
    captive: Captive
    holder: int
    lenders: set[tuple[int, Via]] = field(default_factory=set)
    """What it has on loan with that, each by the borrow that has to last for it."""


class _Given(NamedTuple):
    """What a call that goes on is given: an expression, which has a place, or is reached through some."""

    node: CallExpr
    expression: Expression
    to: Destination
    own: int | None
    reached_through: Collection[int] = ()


class TaskLoans:
    """The loans that the calls of one body have."""

    def __init__(self, body: Body, table: TaskTable, held: Holders, groups: Groups) -> None:
        self._body = body
        self._table = table
        self._held = held
        self._groups = groups
        self._late: list[_Captured] = []
        """What calls have on loan, whatever it holds by then."""

    def lend(self, node: CallExpr, lent: Expression, to: Destination, *, exclusive: bool) -> None:
        """A call that goes on is lent what an expression gives. What that is reached through is lent with it."""
        body = self._body
        own = body.places.of(lent)
        holder = self._borrower(node)
        before = len(body.log)
        body.expression(lent, Use(Kind.LOAN, to, exclusive, holder=holder))
        # `a if c else b` has lent one of the two, on the path where it is the value.
        own_loans = [event for event in body.log[before:] if event.kind is Kind.LOAN and event.holder == holder]
        for event in own_loans:
            self._describe(event, node)
        done = {event.place for event in own_loans}
        made_of = renewed(body, lent)
        direct = [place for place in lenders(body, lent, displays=True) if place not in made_of]
        given = values(body, lent) if own is None else {}
        # What its name stands for is the same entry as long as the name stands for that.
        entry = body.entry(lent) if own is None else ""
        for place, is_same, via in body.borrowers.lenders_of([*direct, *given], whole=True):
            whole = is_same if own is not None else place in given
            if place != own and place not in done:
                its_entry = entry if place in direct else ""
                what = _Given(node, lent, to, own, direct)
                self._lend_behind(what, place, via, exclusive=exclusive, whole=whole, entry=its_entry)

    def _lend_behind(
        self, given: _Given, place: int, via: Via, *, exclusive: bool, whole: bool, entry: str = ""
    ) -> None:
        """A call that goes on has on loan what something borrows from, by `via`, that it is given."""
        own, holder = given.own, self._borrower(given.node)
        known = self._body.borrowers.among(given.reached_through if own is None else [own], place)
        if not known:
            loan = self._lend(place, given.expression, given.to, holder, exclusive=exclusive, whole=whole)
            loan.behind, loan.via, loan.entry = True, via, entry
            self._describe(loan, given.node)
        for name, by, is_one in known:
            is_all, is_named = own == by[0], name != by[0]
            # Of a name for an element, it is that of the value; of what is looked up, perhaps that of another.
            is_value = whole or (is_one and (own is not None or is_named))
            loan = self._lend(place, given.expression, given.to, holder, exclusive=exclusive, whole=is_value)
            loan.behind, loan.entry = True, entry
            loan.via = (*via, (name, by[0])) if is_named else via
            loan.among = by if not is_all else None
            spelled = spell(given.expression)
            if spelled is not None:
                loan.called = Called(spelled, Share.ALL if is_all else Share.VALUE if is_one else Share.ELEMENT)
            self._describe(loan, given.node)

    def lend_held(self, node: CallExpr, holding: Expression, to: Destination, *, uses: bool) -> None:
        """A call that goes on is given something that holds loans, `Deps(budget=view)`: it has these.

        `uses`: it does more than to read what it is given.
        """
        body = self._body
        if body.facts.fields_for_loans(body.types.get(holding)):
            self._lend_fields(node, holding, to, held_in_fields(body, holding), shares=not uses)
            return
        holder, own = self._borrower(node), body.places.of(holding)
        exclusive = body.facts.holds_loans_to_use(body.types.get(holding)) and uses
        if own is not None:
            self._describe(self._lend(own, holding, to, holder, exclusive=exclusive, whole=True), node)
        direct = set(lenders(body, holding, displays=True, given=False))
        for place, _, via in body.borrowers.lenders_of(sorted(direct), whole=True):
            if place != own:
                given = _Given(node, holding, to, own, direct)
                self._lend_behind(given, place, via, exclusive=exclusive, whole=place in direct)

    def lend_each(self, node: CallExpr, holding: Expression, to: Destination) -> None:
        """As `lend_held`, to several calls that each have one of the elements."""
        body, own, holder = self._body, self._body.places.of(holding), self._borrower(node)
        collections = [own] if own is not None else []
        for place, _, via in body.borrowers.lenders_of(collections, whole=True):
            for _, by, _ in body.borrowers.among(collections, place):
                one = self._lend(place, holding, to, holder, exclusive=True, whole=False)
                another = body.emit(Kind.LEND, place, holding, to)
                one.behind, another.element, another.exclusive = True, True, False
                one.among, one.via = another.among, another.via = by, via
                another.called = Called(f"{spell(holding)}[...]", Share.VALUE)
        self.lend_held(node, holding, to, uses=True)

    def _lend_fields(
        self, node: CallExpr, holding: Expression, to: Destination, fields: Sequence[Held], *, shares: bool
    ) -> None:
        """It is given an object with fields for loans: it has what is in these, and what that borrows from."""
        for one in fields:
            exclusive = one.field.exclusive and not shares
            for place, whole, via in self._body.borrowers.lenders_of([one.place], whole=one.whole):
                entry = one.entry if place == one.place else ""
                given = _Given(node, holding, to, one.place)
                self._lend_behind(given, place, via, exclusive=exclusive, whole=whole, entry=entry)

    def lend_captive(self, node: CallExpr, place: int, function: Expression, to: Destination, captive: Captive) -> None:
        """A call that goes on has what the function captured that it runs."""
        # What a function looks at it has by then. A bound method has what its variable had when it was named.
        late = captive.late or (captive.how is Hold.LOOK and function is not node.callee and not captive.is_default)
        lent = _Captured(node, place, function, to, captive, self._borrower(node))
        for lender, whole, via in self._body.borrowers.lenders_of([place], whole=True):
            self._lend_captured(lent, lender, via, whole=whole, late=late and lender == place)
        if late:
            self._late.append(lent)

    def about_to_borrow(self, borrow: Loan) -> None:
        """A variable is about to borrow: a call that has it on loan, whatever it holds, has its lender on loan then."""
        for lent in self._late:
            if self._body.graph.overlap(lent.place, borrow[0]):
                for lender, whole, via in self._body.borrowers.lenders_of([lent.place], whole=True):
                    if borrow in via and (lender, via) not in lent.lenders:
                        self._lend_captured(lent, lender, via, whole=whole)

    def _lend_captured(self, lent: _Captured, lender: int, via: Via, *, whole: bool, late: bool = False) -> None:
        """`via`: the borrow that has to last for it."""
        captive, behind = lent.captive, lender != lent.place
        lent.lenders.add((lender, via))
        # `agents[name].ask()`, `agent.ask()`: a method of one of the objects that a collection has.
        is_object = behind and captive.how is Hold.LENT
        for collection in (is_object and self._body.borrowers.among([lent.place], lender)) or (None,):
            is_value, its_via = whole and not captive.element, via
            if collection is not None and collection[0] != collection[1][0]:
                name, by, is_one = collection
                is_value, its_via = is_value or is_one, (*via, (name, by[0]))
            exclusive = captive.exclusive or captive.element
            loan = self._lend(lender, lent.function, lent.to, lent.holder, exclusive=exclusive, whole=is_value)
            loan.via, loan.closure, loan.behind = its_via, captive.closure, behind
            loan.entry = "" if behind else captive.entry
            self._describe(loan, lent.node)
            loan.terms = loan.terms._replace(late=late, renews=captive.renews and not behind)
            if collection is not None:
                _, loan.among, is_one = collection
                called = spell(lent.function.expr if isinstance(lent.function, MemberExpr) else lent.function)
                if called is not None:
                    loan.called = Called(called, Share.VALUE if is_one else Share.ELEMENT)

    def claim(self, node: CallExpr, place: int, to: Destination) -> None:
        """A call that goes on will take what its function takes when it runs."""
        self._body.emit(Kind.CLAIM, place, node.callee, to).holder = self._borrower(node)

    def left_running(self, node: CallExpr, place: int, to: Destination, captive: Captive) -> None:
        """A call has lent what its function captured to something that runs on when it has returned."""
        body = self._body
        body.inferred.lending.add(node)
        holder = body.places.unnamed(node, "what it has started")
        loan = self._lend(place, node.callee, to, holder, exclusive=True, whole=True)
        loan.closure = captive.closure
        body.emit(Kind.START, holder, node).holder = holder
        for variable, path in captive.left_to or ():
            body.inferred.holding.add(variable)
            body.emit(Kind.PICK, holder, node).holder = body.places.below(body.places.capture(variable), path)
        body.emit(Kind.FINISH if captive.left_to else Kind.INIT, holder, node)

    def put_off(self, node: CallExpr, row: Spawn, start: int) -> None:
        """What a call's function is lent and takes, by events from `start` on, it has when it is called.

        So what the call waits for, before it calls that, is not in the way.
        """
        if row.calls is None or not row.follows:
            return
        receiver, position = self._held.receiver(node), self._table.argument(node, row.calls)
        if receiver is None or position is None:
            return
        made, function = self._held.by_expression.get(node), node.args[position]
        taking = function.args if isinstance(function, CallExpr) and is_partial(function) else [function]
        for event in self._body.log[start:]:
            takes = event.kind is Kind.MOVE and event.node in taking
            if takes or (event.kind is Kind.LOAN and event.holder == made):
                event.terms = event.terms._replace(after=tuple(self._groups.all_of(receiver)))

    def _lend(self, place: int, node: Context, to: Destination, holder: int, *, exclusive: bool, whole: bool) -> Event:
        loan = self._body.emit(Kind.LOAN, place, node, to)
        loan.exclusive, loan.element, loan.holder = exclusive and whole, exclusive and not whole, holder
        return loan

    def _describe(self, loan: Event, node: CallExpr) -> None:
        """Say when what a call makes begins, and how one waits for it."""
        row = self._table.row(node)
        if row is not None:
            loan.terms = loan.terms._replace(deferred=row.deferred, waited=row.waited)

    def _borrower(self, node: CallExpr) -> int:
        """The place that holds what a call makes, from its first loan on."""
        self._body.inferred.lending.add(node)
        return self._held.making(node)
