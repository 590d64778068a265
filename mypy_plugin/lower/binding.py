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

from ..graph import Destination, Event, Into, Kind
from ..paths import reaching_initialisations
from .context import Use
from .places import shown

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
        self._moves_of_loans: list[Event] = []
        """Faults for moving out of a variable that is held by a loan."""
        self._moves_of_lent: list[Event] = []
        """Moves of variables that such a target has bound somewhere."""

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

    def finish(self) -> None:
        """The end of the body.

        A target that was bound by a loan, and whose value a later move gives away, takes its source after all. A
        parameter that only lends is owned where it was always given a new value before.
        """
        graph = self._body.graph
        for move in self._moves_of_lent:
            root, _ = self._body.places.root(move.place)
            for event in reaching_initialisations(graph, move, root)[0]:
                if event.node in self._lent_targets:
                    assert isinstance(event.node, NameExpr)
                    self._body.inferred.taken.add(event.node)
        for move in self._moves_of_loans:
            values, from_entry = reaching_initialisations(graph, move, move.place)
            if values and not from_entry and not any(value.node in self._lent_targets for value in values):
                move.kind, move.fault = Kind.MOVE, None

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
        lenders = dict(body.places.root(place) for place in self.lenders(source, displays=True))
        for name in names:
            if not (lenders or body.places.of(source) is not None) or not isinstance(name.node, Var):
                continue
            self.lent(name)
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
        elif isinstance(node, CallExpr) and body.facts.returns_loan(body.types.get(node.callee)):
            parts = [*([node.callee.expr] if isinstance(node.callee, MemberExpr) else []), *node.args]
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
        elif isinstance(target, IndexExpr):
            body.expression(target.base)
            body.expression(target.index)
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
