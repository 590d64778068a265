"""How names are bound: by move or by a loan, to what, and what goes when its lender does (rules, section 4).

Owns the inferred binding modes and the names that borrow. What a target is a target of (a loop, a pattern, a `with`)
is the business of those modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mypy.nodes import (
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    Context,
    DictExpr,
    Expression,
    GeneratorExpr,
    IndexExpr,
    ListExpr,
    Lvalue,
    MemberExpr,
    NameExpr,
    OpExpr,
    SetExpr,
    StarExpr,
    TupleExpr,
    Var,
)
from mypy.types import Type

from ..graph import Destination, Event, Fault, Into, Kind
from ..knowledge.containers import Does
from ..paths import reaching_initialisations
from .context import COMPREHENSIONS, LOOK, Use
from .lookups import emptied, is_lookup, may_stay, method_row, sources
from .places import shown
from .spelling import spell, spell_lookup

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Bindings", "names_in"]


class Bindings:
    """The bindings of one body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._borrowing: list[tuple[int, NameExpr]] = []
        """Places that begin to borrow when their target is next bound."""
        self._lent_targets: set[NameExpr] = set()
        """Targets bound to something that its source goes on owning."""
        self._containers: set[NameExpr] = set()
        """Of those, the ones bound to a second container or an iterator of what its source goes on holding."""
        self._lookups: dict[NameExpr, Expression] = {}
        """Names bound to an element that its container goes on holding, each with what was looked up."""
        self._moves_of_loans: list[Event] = []
        """Faults for moving out of a variable that is held by a loan."""
        self._moves_of_lent: list[Event] = []
        """Moves of variables that such a target has bound somewhere."""
        self._given_away: list[Event] = []
        """Uses of containers and iterators that give away what is in them, or may."""

    def initialised(self, node: Expression) -> None:
        """A target has been given its value: if it is one that borrows, it does from here on."""
        for borrower, target in self._borrowing:
            if target is node:
                self._body.emit(Kind.BORROW, borrower, node)

    def moved(self, move: Event, node: Context, variable: Var | None) -> None:
        """The value of a place of `variable` goes; if a target was bound to it, the target has to take its source."""
        if any(target.node is variable for target in self._lent_targets):
            self._moves_of_lent.append(move)
        self.expire_borrowers(move.place, node, move.to)

    def moved_on_loan(self, fault: Event) -> None:
        """A variable that only borrows is moved, which is a mistake unless it was always given a new value before."""
        self._moves_of_loans.append(fault)

    def handed_out(self, container: int, node: Expression, method: str) -> None:
        """An element goes out of a container to an owner of its own."""
        body = self._body
        self.given_away(body.emit(Kind.LOOK, container, node))
        self._expire_looked_up(container, node, Destination(Into.HANDED_OUT, owner=method))

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
        graph = self._body.graph
        taken = self._body.inferred.taken
        for move in self._moves_of_lent:
            for target, bound in self._bound_before(move):
                if target in self._lookups:
                    move.kind, move.fault = Kind.FAULT, Fault.ELEMENT
                    move.lender, move.bound = spell_lookup(self._lookups[target]), bound.node
                elif target in self._lent_targets:
                    taken.add(target)
        for event in self._given_away:
            taken.update(target for target, _ in self._bound_before(event) if target in self._containers)
        for move in self._moves_of_loans:
            values, from_entry = reaching_initialisations(graph, move, move.place)
            if values and not from_entry and not any(value.node in self._lent_targets for value in values):
                move.kind, move.fault = Kind.MOVE, None

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

    def take_source(self, names: list[NameExpr], source: Expression, into: Into) -> None:
        """Use the source of a binding: by move if a name is taken, else by a loan that the names depend on."""
        body = self._body
        taken = [name for name in names if name in body.inferred.taken]
        if taken:
            body.expression(source, Use(Kind.MOVE, Destination(into, shown(taken[0].name))))
            return
        body.expression(source)
        self.borrow_from(names, source)

    def borrow_from(self, names: Iterable[NameExpr], source: Expression) -> None:
        """Each name borrows from the places that `source` is reached through."""
        body = self._body
        places = list(self.lenders(source, displays=True))
        lenders = dict(body.places.root(place) for place in places)
        gives_out = may_stay(body, source)
        for name in names:
            if not (lenders or body.places.of(source) is not None) or not isinstance(name.node, Var):
                continue
            self.lent(name)
            if gives_out or method_row(body, name, "__next__") is not None:
                self._containers.add(name)
            body.inferred.looked_up.update((body.graph.places[place].name, name.node) for place in places)
            place = body.places.declare(name.node)
            self._borrowing.append((place, name))
            for lender, owner in lenders.items():
                if owner is not None and lender != place:
                    body.inferred.borrowers.add((owner, name.node))

    def lent(self, target: NameExpr) -> None:
        """What `target` is bound to goes on belonging to something else."""
        self._lent_targets.add(target)

    def expire_borrowers(self, place: int, node: Context, to: Destination | None) -> None:
        """What borrows from a place that goes, directly or through another borrower, goes with it."""
        body = self._body
        owner = body.places.root(place)[1]
        found = {owner}
        pending = [owner]
        while pending:
            lender = pending.pop()
            for pair in body.inferred.borrowers:
                if pair[0] is lender and pair[1] not in found:
                    found.add(pair[1])
                    pending.append(pair[1])
        borrowers = sorted(body.places.declare(variable) for variable in found - {owner} if variable is not None)
        for borrower in borrowers:
            event = body.emit(Kind.EXPIRE, borrower, node, to)
            event.lender = body.graph.places[place].name

    def _expire_looked_up(self, place: int, node: Context, to: Destination) -> None:
        """As `expire_borrowers`, where the place only lost an element: what stood for one may have stood for that."""
        body = self._body
        name = body.graph.places[place].name
        found, pending = set[Var](), [name]
        while pending:
            variables = self._looked_up_in(pending.pop()) - found
            found |= variables
            pending += [shown(variable.name) for variable in variables]
        found.discard(body.places.root(place)[1])
        in_order = sorted(found, key=lambda variable: (variable.line, variable.column, variable.name))
        for borrower in sorted(map(body.places.declare, in_order)):
            event = body.emit(Kind.EXPIRE, borrower, node, to)
            event.lender = name

    def _looked_up_in(self, place: str) -> set[Var]:
        """The variables that somewhere stand for what a place, or a part of it, holds."""
        return {
            variable
            for held, variable in self._body.inferred.looked_up
            if held == place or held.startswith(f"{place}.") or place.startswith(f"{held}.")
        }

    def released(self, node: NameExpr, container: Expression) -> None:
        """What a name stands for leaves a container. If it was looked up there, the name owns it from here on."""
        body = self._body
        variable, place = node.node, body.places.of(container)
        if place is None or not any(target.node is variable for target in self._lent_targets):
            return
        alike = self._looked_up_in(body.graph.places[place].name)
        if isinstance(variable, Var) and variable in alike:
            body.emit(Kind.INIT, body.places.of_variable(node), node)
            # Other names may stand for the same element: they go when it does.
            body.inferred.borrowers.update((variable, other) for other in alike if other is not variable)

    def lenders(self, node: Expression, *, displays: bool = False) -> Iterator[int]:
        """The places that a borrowed value may come from: its own, its container's, those lent to the call it is of.

        With `displays`, also what a display is made of.
        """
        body = self._body
        parts: list[Expression] = []
        if isinstance(node, (NameExpr, MemberExpr)):
            place = body.places.of(node)
            if place is not None and body.is_affine(node):
                yield place
            elif place is None and isinstance(node, MemberExpr) and body.is_affine(node):
                parts = [node.expr]
        elif isinstance(node, IndexExpr):
            parts = [node.base]
        elif isinstance(node, ConditionalExpr):
            parts = [node.if_expr, node.else_expr]
        elif isinstance(node, OpExpr) and node.op in ("and", "or"):
            parts = [node.left, node.right]
        elif isinstance(node, AssignmentExpr):
            parts = [node.target]
        elif isinstance(node, StarExpr):
            parts = [node.expr]
        elif displays and isinstance(node, (ListExpr, TupleExpr, SetExpr)):
            parts = node.items
        elif displays and isinstance(node, DictExpr):
            parts = [value for _, value in node.items]
        elif isinstance(node, GeneratorExpr):
            parts = [*node.sequences, node.left_expr]
        elif displays and isinstance(node, COMPREHENSIONS):
            parts = [node.generator]
        elif isinstance(node, CallExpr):
            parts = sources(body, node)
        for part in parts:
            yield from self.lenders(part, displays=displays)

    def assign(self, target: Lvalue, node: Context, value: Type | None = None) -> None:
        """Reinitialise what an assignment target names; its sub-expressions are evaluated now.

        `value`: the type of what is assigned, where it says more than the target's own.
        """
        body = self._body
        if isinstance(target, NameExpr):
            variable = target.node
            if isinstance(variable, Var) and (
                variable in body.places
                or variable in body.inferred.watched
                or (variable.type is not None and body.facts.is_affine(variable.type))
            ):
                body.initialise(body.places.of_variable(target), target, value)
        elif isinstance(target, MemberExpr):
            if body.is_affine(target.expr):
                parent = body.places.of(target.expr)
                if parent is None:
                    body.expression(target.expr)
                else:
                    body.emit(Kind.STORE, body.places.path(parent, target.name), target)
            elif body.places.of(target.expr) is None:
                body.expression(target.expr)
            place = body.places.of(target)
            if place is not None:
                body.initialise(place, target, value)
            body.flow.may_raise()
        elif (whole := emptied(body, target)) is not None:
            body.emit(Kind.EMPTY, whole, target)
        elif isinstance(target, IndexExpr):
            body.expression(target.base)
            row = method_row(body, target.base, "__setitem__")
            is_key = body.is_affine(target.index) and (row is None or row[1] is Does.TAKE)
            to = Destination(Into.SUBSCRIPT, spell(target.base) or "the container")
            body.expression(target.index, Use(Kind.MOVE, to) if is_key else LOOK)
            body.flow.may_raise()
        elif isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self.assign(item, node)
        elif isinstance(target, StarExpr):
            self.assign(target.expr, node)


def names_in(target: Lvalue) -> Iterator[NameExpr]:
    """The names that an assignment target binds."""
    if isinstance(target, NameExpr):
        yield target
    elif isinstance(target, (TupleExpr, ListExpr)):
        for item in target.items:
            yield from names_in(item)
    elif isinstance(target, StarExpr):
        yield from names_in(target.expr)
