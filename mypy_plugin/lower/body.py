"""One body being lowered: its places, how an expression uses them, and what is lent while a call is evaluated.

Owns the state that the tables in `statements`, `expressions`, `calls`, `patterns` and `closures` work on. Those know
one piece of syntax each; this knows places and uses. Nothing here knows how states flow or what a message says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mypy.nodes import (
    GDEF,
    MDEF,
    AssignmentExpr,
    Block,
    CallExpr,
    ConditionalExpr,
    Context,
    DictExpr,
    DictionaryComprehension,
    Expression,
    FuncItem,
    IndexExpr,
    ListComprehension,
    ListExpr,
    Lvalue,
    MemberExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    RefExpr,
    SetComprehension,
    SetExpr,
    StarExpr,
    Statement,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.types import AnyType, Type, get_proper_type

from ..budget_facts import BudgetFacts
from ..graph import Destination, Event, Fault, Graph, Into, Kind, Ownership
from ..paths import reaching_initialisations
from ..typing_facts import Facts, classes_of
from .flow import Flow

__all__ = ["LOOK", "Body", "Inferred", "Mint", "Minting", "Module", "Use"]


@dataclass(frozen=True, slots=True)
class Module:
    """What every body of one module shares."""

    fullname: str
    types: dict[Expression, Type]
    facts: Facts
    checks_untyped: bool
    """Whether mypy checks functions without annotations here; so do we, then."""
    is_ours: Callable[[str], bool]
    """Whether a full name is defined in code that is checked, and not in a library or a stub."""
    minting: Minting | None = None
    """How budgets may be made here; None where nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Minting:
    """What lowering needs where `budget-minted` is on. `allowed`: this module may make budgets from nothing."""

    allowed: bool
    budgets: BudgetFacts


@dataclass(frozen=True, slots=True)
class Mint:
    """A class whose budgets are made from nothing at `node`; not by a call there but by `maker`, if that has a name."""

    class_name: str
    node: Context
    maker: str


@dataclass(frozen=True, slots=True)
class Use:
    """What the surrounding expression does with the value of an operand."""

    kind: Kind
    to: Destination | None = None
    exclusive: bool = True
    """For a loan: no other use may overlap it."""


LOOK = Use(Kind.LOOK)

DISPLAYS = (ListExpr, TupleExpr, SetExpr, DictExpr, ListComprehension, SetComprehension, DictionaryComprehension)
"""Expressions that make a container."""


@dataclass(slots=True)
class Inferred:
    """What lowering a body once has taught about it. Lowering repeats until nothing new is learnt.

    `taken`: targets of a loop, pattern, `with` or unpacking whose value the body moves, so that binding them takes
    the source by move (rule 4); `taken_by_guard`: of those, captures that a guard moves already. `borrowers`: pairs of
    an owner and a variable that somewhere borrows from it. `watched`: variables that hold something affine by a
    narrowed type only. `gives_back`: a field of something borrowed is moved out,
    so every way out of the body matters, exceptions included.
    """

    taken: set[NameExpr] = field(default_factory=set)
    taken_by_guard: set[NameExpr] = field(default_factory=set)
    borrowers: set[tuple[Var, Var]] = field(default_factory=set)
    watched: set[Var] = field(default_factory=set)
    gives_back: bool = False

    def size(self) -> int:
        return len(self.watched) + len(self.taken) + len(self.taken_by_guard) + len(self.borrowers) + self.gives_back


@dataclass(frozen=True, slots=True)
class _Loan:
    place: int
    exclusive: bool
    to: Destination


ExpressionTable: TypeAlias = dict[type[Expression], Callable[["Body", Any, Use], None]]
StatementTable: TypeAlias = dict[type[Statement], Callable[["Body", Any], None]]


class Body:
    """The lowering of one function, lambda, or module.

    `owner` is the node whose body it is; `outer` the body around it, for nested functions.
    """

    def __init__(
        self,
        module: Module,
        owner: FuncItem | MypyFile,
        name: str,
        inferred: Inferred,
        tables: tuple[ExpressionTable, StatementTable],
        outer: Body | None = None,
    ) -> None:
        self.module = module
        self.types = module.types
        self.facts = module.facts
        self.owner = owner
        self.outer = outer
        self.inferred = inferred
        self.graph = Graph(name)
        self.flow = Flow(self.graph, raises_leave=inferred.gives_back)
        self.tables = tables
        self.nested: list[Graph] = []
        self.returns_loan = False
        self.yields_loan = False
        self.returns_receiver = False
        """Whether `return self` only lends: in `__enter__`, and in operators that rebind their receiver."""
        self.class_name = ""
        """The class whose body is being lowered where it stands, or nothing."""
        self.captured: dict[Var, Event] = {}
        """Variables of an outer body that this one uses, each with its first move or, failing that, first use."""
        self._expressions, self._statements = tables
        self._places: dict[Var, int] = {}
        self._variables: dict[int, Var] = {}
        self._paths: dict[tuple[int, str], int] = {}
        self._own: set[Var] = set()
        self._borrowing: list[tuple[int, NameExpr]] = []
        """Places that begin to borrow when their target is next bound."""
        self._lent_targets: set[NameExpr] = set()
        """Targets bound to something that its source goes on owning."""
        self._moves_of_loans: list[Event] = []
        """Faults for moving out of a variable that is held by a loan."""
        self._moves_of_lent: list[Event] = []
        """Moves of variables that such a target has bound somewhere."""
        self.guarded: list[NameExpr] = []
        """The captures of the pattern whose guard is being lowered."""
        self._loans: list[_Loan] = []
        self._given: list[list[Event]] = []
        """For each call and display that is being evaluated: the moves of budgets into it."""
        self.minting = module.minting
        self.mints: list[Mint] = []
        """What is made from nothing in this body, and in those nested in it."""
        self._expression = 0

    # Walking

    def statement(self, node: Statement) -> None:
        """Lower one statement."""
        self._expression += 1
        self._statements[type(node)](self, node)

    def block(self, node: Block) -> None:
        """Lower the statements of a block that mypy has not found unreachable."""
        if node.is_unreachable:
            self.flow.stop()
            return
        for statement in node.body:
            self.statement(statement)

    def expression(self, node: Expression, use: Use = LOOK) -> None:
        """Lower one expression whose value is used in this way."""
        self._expressions[type(node)](self, node, use)

    @contextmanager
    def class_body(self, name: str) -> Iterator[None]:
        """What is lowered inside runs in the body of a class."""
        outer, self.class_name = self.class_name, name
        yield
        self.class_name = outer

    @property
    def in_class_body(self) -> bool:
        return bool(self.class_name)

    @property
    def is_module(self) -> bool:
        """Whether this is a module's body: mypy checks the functions of a module and its classes on their own."""
        return isinstance(self.owner, MypyFile)

    def is_receiver(self, node: Expression) -> bool:
        """Whether an expression is the `self` of this method."""
        return (
            isinstance(node, NameExpr)
            and isinstance(self.owner, FuncItem)
            and bool(self.owner.arguments)
            and node.node is self.owner.arguments[0].variable
        )

    def finish(self) -> None:
        """The end of the body: control leaves it, and what it taught is kept.

        A target that was bound by a loan, and whose value a later move gives away, takes its source after all. A
        parameter that only lends is owned where it was always given a new value before.
        """
        self.flow.edge(self.graph.blocks[self.flow.exit.index])
        for move in self._moves_of_lent:
            root, _ = self._root(move.place)
            for event in reaching_initialisations(self.graph, move, root)[0]:
                if event.node in self._lent_targets:
                    assert isinstance(event.node, NameExpr)
                    self.inferred.taken.add(event.node)
        for move in self._moves_of_loans:
            values, from_entry = reaching_initialisations(self.graph, move, move.place)
            if values and not from_entry and not any(value.node in self._lent_targets for value in values):
                move.kind, move.fault = Kind.MOVE, None

    # Types

    def is_affine(self, node: Expression) -> bool:
        """Whether the narrowed type of this expression is affine; False in code that mypy finds unreachable."""
        type_ = self.types.get(node)
        return type_ is not None and self.facts.is_affine(type_)

    def declared_type(self, node: Expression) -> Type | None:
        """The type of a variable or attribute before any narrowing."""
        if isinstance(node, RefExpr) and isinstance(node.node, Var):
            return node.node.type
        if isinstance(node, MemberExpr):
            for info in classes_of(self.types.get(node.expr)):
                symbol = info.get(node.name)
                return symbol.type if symbol is not None else None
        return None

    # Places

    def declare(self, variable: Var, ownership: Ownership = Ownership.OWNED) -> int:
        """The place of a variable of this body, made with this ownership if it is new."""
        self._own.add(variable)
        return self._root_place(variable, ownership)

    def capture(self, variable: Var) -> int:
        """The place of a variable that a body around this one may own."""
        if variable in self._places or not self._is_captured(variable):
            return self.declare(variable) if variable not in self._places else self._places[variable]
        return self._root_place(variable, Ownership.OWNED)

    def _root_place(self, variable: Var, ownership: Ownership) -> int:
        place = self._places.get(variable)
        if place is None:
            place = self._places[variable] = self.graph.add_place(_shown(variable.name), ownership)
            self._variables[place] = variable
        return place

    def place_of(self, node: Expression) -> int | None:
        """The place that an expression denotes, or None: a subscript, call or operator denotes none."""
        if isinstance(node, NameExpr):
            return self._variable(node) if isinstance(node.node, Var) else None
        if not isinstance(node, MemberExpr):
            return None
        if isinstance(node.node, Var) and node.kind == GDEF:
            return self._global(node.node)
        if isinstance(node.expr, RefExpr) and isinstance(node.expr.node, TypeInfo):
            symbol = node.expr.node.get(node.name)
            return self._global(symbol.node) if symbol and isinstance(symbol.node, Var) else None
        base = self.place_of(node.expr)
        if base is None or not self.facts.is_data(self.types.get(node.expr), node.name):
            return None
        return self.path(base, node.name)

    def path(self, base: int, name: str) -> int:
        """The place one attribute below `base`."""
        place = self._paths.get((base, name))
        if place is None:
            place = self._paths[base, name] = self.graph.add_place(
                f"{self.graph.places[base].name}.{name}", parent=base
            )
        return place

    def _variable(self, node: NameExpr) -> int:
        variable = node.node
        assert isinstance(variable, Var)
        place = self._places.get(variable)
        if place is not None:
            return place
        if node.kind == GDEF:
            return self._global(variable)
        if node.kind != MDEF and self._is_captured(variable):
            return self._root_place(variable, Ownership.OWNED)
        if variable not in self._own:
            # Its type did not say that it may hold something affine, but a narrowed one does: watch its assignments.
            self.inferred.watched.add(variable)
        return self.declare(variable, self._by_declaration(variable))

    def _global(self, variable: Var) -> int:
        mine = self.is_module and variable.fullname == (f"{self.module.fullname}.{variable.name}")
        return self._root_place(variable, self._by_declaration(variable) if mine else Ownership.GLOBAL)

    def _by_declaration(self, variable: Var) -> Ownership:
        """The ownership of a variable that nothing else is known of: its declared type must be affine."""
        if variable.type is None or variable.is_inferred:
            return Ownership.OWNED
        declared = self.facts.declared_mode(variable.type)
        if declared is not None:
            return declared
        owns = self.facts.taking_mode(variable.type) is Ownership.OWNED
        return Ownership.OWNED if owns else Ownership.NOT_AFFINE

    def _is_captured(self, variable: Var) -> bool:
        outer = self.outer
        while outer is not None:
            if variable in outer._places:
                return True
            outer = outer.outer
        return False

    # Events

    def use_place(self, place: int, node: Context, use: Use) -> None:
        """A place is used where `node` stands."""
        if use.kind is Kind.MOVE:
            self._move(place, node, use.to)
        elif use.kind is Kind.LEND:
            self._lend(place, node, use)
        else:
            self._emit(Kind.LOOK, place, node, use.to)

    def initialise(self, place: int, node: Expression, value: Type | None = None) -> None:
        """A place gets a new value."""
        self._loans = [loan for loan in self._loans if not self._overlap(loan.place, place)]
        self._emit(Kind.INIT, place, node)
        for borrower, target in self._borrowing:
            if target is node:
                self._emit(Kind.BORROW, borrower, node)
        if self.minting is not None and not self.in_class_body:
            known = get_proper_type(value) if value is not None else None
            if known is None or isinstance(known, AnyType):
                known = get_proper_type(self.types.get(node) or self.declared_type(node))
            optional = self.minting.budgets.holding(known)
            if optional is not None:
                self.hold(place, node, Destination(Into.VARIABLE), optional=optional)

    def delete(self, place: int, node: Expression) -> None:
        """`del`: gone, whether it was moved before or not; what it is an attribute of must be there."""
        if self.graph.places[place].parent is not None:
            self._emit(Kind.STORE, place, node)
        # mypy gives no type to the operand of `del`; what the variable may hold is what counts.
        self._emit(Kind.DELETE, place, node, Destination(Into.DELETE))
        self._expire_borrowers(place, node, Destination(Into.DELETE))

    def fault(
        self,
        fault: Fault,
        place: int | str,
        node: Context,
        to: Destination | None = None,
        other: Destination | None = None,
    ) -> None:
        """Something wrong wherever it is reached; `place` may be words for what has no place."""
        if isinstance(place, str):
            place = self.graph.add_place(place, Ownership.BORROWED)
        self._emit(Kind.FAULT, place, node, to, fault, other)

    def _move(self, place: int, node: Context, to: Destination | None) -> None:
        held = self.graph.places[place]
        _, variable = self._root(place)
        if held.ownership is not Ownership.OWNED:
            if held.parent is None or held.ownership is Ownership.SHARED:
                self._moves_of_loans.append(self._emit(Kind.FAULT, place, node, to, Fault.NOT_OWNED))
                return
            self.inferred.gives_back = True
        if self._conflicts(place, node, to, exclusive=True):
            return
        moved = self._emit(Kind.MOVE, place, node, to)
        if self.minting is not None and self._given and self._is_budget(node):
            self._given[-1].append(moved)
        self.inferred.taken_by_guard.update(name for name in self.guarded if name.node is variable)
        if any(target.node is variable for target in self._lent_targets):
            self._moves_of_lent.append(moved)
        self._expire_borrowers(place, node, to)

    def _lend(self, place: int, node: Context, use: Use) -> None:
        if not self._conflicts(place, node, use.to, exclusive=use.exclusive):
            self._emit(Kind.LEND, place, node, use.to)

    def _conflicts(self, place: int, node: Context, to: Destination | None, *, exclusive: bool) -> bool:
        for loan in self._loans:
            if (exclusive or loan.exclusive) and self._overlap(loan.place, place):
                self.fault(Fault.LENT, place, node, to, loan.to)
                return True
        return False

    def mint(self, made: Mint, fault: Fault | None) -> None:
        """Budgets are made from nothing."""
        self.mints.append(made)
        place = self.graph.add_place(made.class_name)
        to = Destination(Into.VARIABLE, made.maker, self.module.fullname)
        given = tuple(event for events in self._given for event in events)
        self.flow.emit(Event(Kind.MINT, place, made.node, self._expression, to, fault, beside=given))

    def hold(self, place: int, node: Context, to: Destination | None = None, *, optional: bool) -> None:
        """From here on a place has a budget, or may have one."""
        self.flow.emit(Event(Kind.HOLD, place, node, self._expression, to, optional=optional))

    def hold_from_beginning(self, places: Mapping[int, bool]) -> None:
        """These places had one before the body began; each with whether it may have none."""
        self.graph.blocks[0].events[:0] = [
            Event(Kind.HOLD, place, self.owner, optional=optional) for place, optional in sorted(places.items())
        ]

    def _is_budget(self, node: Context) -> bool:
        assert self.minting is not None
        return isinstance(node, Expression) and self.minting.budgets.holding(self.types.get(node)) is not None

    def lack(self, place: int, node: Context) -> None:
        """On this path a place is known to hold no budget."""
        self.flow.emit(Event(Kind.LACK, place, node, self._expression))

    def is_from_outside(self, place: int) -> bool:
        """Whether a place hangs on a global, or on a variable of a body around this one."""
        root, variable = self._root(place)
        if variable is None:
            return False
        captured = self.outer is not None and variable not in self._own
        return captured or self.graph.places[root].ownership is Ownership.GLOBAL

    def _emit(
        self,
        kind: Kind,
        place: int,
        node: Context,
        to: Destination | None = None,
        fault: Fault | None = None,
        other: Destination | None = None,
    ) -> Event:
        event = Event(kind, place, node, self._expression, to, fault, other)
        self.flow.emit(event)
        if self.outer is not None and kind is not Kind.INIT:
            _, variable = self._root(place)
            if variable is not None and variable not in self._own:
                known = self.captured.get(variable)
                if known is None or (kind is Kind.MOVE and known.kind is not Kind.MOVE):
                    self.captured[variable] = event
        return event

    def _root(self, place: int) -> tuple[int, Var | None]:
        root = self.graph.root(place)
        return root, self._variables.get(root)

    def _overlap(self, left: int, right: int) -> bool:
        return left == right or left in self.graph.ancestors(right) or right in self.graph.ancestors(left)

    # Loans to calls

    @contextmanager
    def call(self) -> Iterator[None]:
        """Evaluate a call, or a display: until it is done, loans made inside last and what moved into it is in hand."""
        count = len(self._loans)
        self._given.append([])
        yield
        self._given.pop()
        del self._loans[count:]

    @contextmanager
    def no_loans(self) -> Iterator[None]:
        """What is lowered inside runs when no call is being evaluated."""
        kept, self._loans = self._loans, []
        given, self._given = self._given, []
        yield
        self._loans, self._given = kept, given

    def lend_until_return(self, node: Expression, to: Destination, *, exclusive: bool) -> None:
        """What `node` denotes stays lent while the rest of the call is evaluated."""
        for place in self.lenders(node):
            self._loans.append(_Loan(place, exclusive, to))

    # Binding

    def take_source(self, names: list[NameExpr], source: Expression, into: Into) -> None:
        """Use the source of a binding: by move if a name is taken, else by a loan that the names depend on."""
        taken = [name for name in names if name in self.inferred.taken]
        if taken:
            self.expression(source, Use(Kind.MOVE, Destination(into, _shown(taken[0].name))))
            return
        self.expression(source)
        self.borrow_from(names, source)

    def borrow_from(self, names: Iterable[NameExpr], source: Expression) -> None:
        """Each name borrows from the places that `source` is reached through."""
        lenders = {self._root(place)[0] for place in self.lenders(source, displays=True)}
        for name in names:
            if not (lenders or self.place_of(source) is not None) or not isinstance(name.node, Var):
                continue
            self.lent(name)
            place = self.declare(name.node)
            self._borrowing.append((place, name))
            for lender in lenders - {place}:
                owner = self._variables.get(lender)
                if owner is not None:
                    self.inferred.borrowers.add((owner, name.node))

    def lent(self, target: NameExpr) -> None:
        """What `target` is bound to goes on belonging to something else."""
        self._lent_targets.add(target)

    def _expire_borrowers(self, place: int, node: Context, to: Destination | None) -> None:
        """What borrows from a place that goes, directly or through another borrower, goes with it."""
        owner = self._variables.get(self._root(place)[0])
        found = {owner}
        pending = [owner]
        while pending:
            lender = pending.pop()
            for pair in self.inferred.borrowers:
                if pair[0] is lender and pair[1] not in found:
                    found.add(pair[1])
                    pending.append(pair[1])
        borrowers = sorted(self.declare(variable) for variable in found - {owner} if variable is not None)
        for borrower in borrowers:
            event = Event(Kind.EXPIRE, borrower, node, self._expression, to)
            event.lender = self.graph.places[place].name
            self.flow.emit(event)

    def lenders(self, node: Expression, *, displays: bool = False) -> Iterator[int]:
        """The places that a borrowed value may come from: its own, its container's, those lent to the call it is of.

        With `displays`, also what a display is made of.
        """
        parts: list[Expression] = []
        if isinstance(node, (NameExpr, MemberExpr)):
            place = self.place_of(node)
            if place is not None and self.is_affine(node):
                yield place
            elif place is None and isinstance(node, MemberExpr) and self.is_affine(node):
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
        elif isinstance(node, CallExpr) and self.facts.returns_loan(self.types.get(node.callee)):
            parts = [*([node.callee.expr] if isinstance(node.callee, MemberExpr) else []), *node.args]
        for part in parts:
            yield from self.lenders(part, displays=displays)

    def assign(self, target: Lvalue, node: Context, value: Type | None = None) -> None:
        """Reinitialise what an assignment target names; its sub-expressions are evaluated now.

        `value`: the type of what is assigned, where it says more than the target's own.
        """
        if isinstance(target, NameExpr):
            variable = target.node
            if isinstance(variable, Var) and (
                variable in self._places
                or variable in self.inferred.watched
                or (variable.type is not None and self.facts.is_affine(variable.type))
            ):
                self.initialise(self._variable(target), target, value)
        elif isinstance(target, MemberExpr):
            if self.is_affine(target.expr):
                parent = self.place_of(target.expr)
                if parent is None:
                    self.expression(target.expr)
                else:
                    self._emit(Kind.STORE, self.path(parent, target.name), target)
            elif self.place_of(target.expr) is None:
                self.expression(target.expr)
            place = self.place_of(target)
            if place is not None:
                self.initialise(place, target, value)
            self.flow.may_raise()
        elif isinstance(target, IndexExpr):
            self.expression(target.base)
            self.expression(target.index)
            self.flow.may_raise()
        elif isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self.assign(item, node)
        elif isinstance(target, StarExpr):
            self.assign(target.expr, node)


def until_nothing_is_learnt(lower: Callable[[Inferred], Body]) -> Body:
    """Lower a body again and again, with what the time before has taught, until a time teaches nothing."""
    inferred = Inferred()
    while True:
        known = inferred.size()
        body = lower(inferred)
        if inferred.size() == known:
            return body


def names_in(target: Lvalue) -> Iterator[NameExpr]:
    """The names that an assignment target binds."""
    if isinstance(target, NameExpr):
        yield target
    elif isinstance(target, (TupleExpr, ListExpr)):
        for item in target.items:
            yield from names_in(item)
    elif isinstance(target, StarExpr):
        yield from names_in(target.expr)


def _shown(name: str) -> str:
    # mypy's renaming pass marks redefinitions with quotes or stars after the name.
    return name.rstrip("'*")
