"""One body being lowered: its places, how an expression uses them, and what is lent while a call is evaluated.

Owns the state that the tables in `statements`, `expressions`, `calls`, `patterns` and `closures` work on. Those know
one piece of syntax each; this knows places and uses. Nothing here knows how states flow or what a message says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from mypy.nodes import (
    Block,
    Context,
    Expression,
    FuncDef,
    FuncItem,
    IntExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    RefExpr,
    Statement,
    StrExpr,
    TypeInfo,
    Var,
    WithStmt,
)
from mypy.types import AnyType, Instance, Type, get_proper_type

from ..events import About, Breach, Destination, Event, Fault, Into, Kind, Ownership, Tie
from ..fullnames import BUILDERS
from ..graph import Graph
from ..member_facts import Receiver
from ..type_shapes import classes_of
from .binding import Bindings
from .borrowers import Borrowers
from .context import LOOK, Captive, Concern, Managed, Mint, Module, Renewed, Use
from .flow import Flow
from .inferred import Inferred, WaysOut
from .loans import lenders
from .places import Places
from .spelling import spell, spell_entry
from .tasks import Tasks

__all__ = ["Body", "ExpressionTable", "StatementTable"]


class _Loan:
    __slots__ = ("exclusive", "place", "to")

    def __init__(self, place: int, exclusive: bool, to: Destination) -> None:
        self.place = place
        self.exclusive = exclusive
        self.to = to


_REACHED_BY_ALL = frozenset({Ownership.GLOBAL, Ownership.CLASS})
_NEVER_MOVED = _REACHED_BY_ALL | {Ownership.SHARED}
"""By these rights nothing moves out, not even a part that is given back: others may look in the meantime."""


ExpressionTable: TypeAlias = dict[type[Expression], Callable[["Body", Any, Use], None]]
StatementTable: TypeAlias = dict[type[Statement], Callable[["Body", Any], None]]


class Body:
    """The lowering of one function, lambda, or module.

    `owner` is the node whose body it is; `outer` the body around it, for nested functions.
    """

    __deletable__ = ("bindings", "borrowers", "tasks")

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
        self.callees = module.callees
        self.owner = owner
        self.outer = outer
        self.inferred = inferred
        self.has_captives: bool = inferred.captives.has_any() or (outer is not None and outer.has_captives)
        """Whether any variable or expression is known to give a value that captured something. In most bodies none
        does: so this is asked when the body begins, and before each question of what one captured."""
        owes = inferred.ways_out.has(WaysOut.OWES)
        self.graph = Graph(name)
        self.flow = Flow(
            self.graph,
            raises_leave=inferred.ways_out.has(WaysOut.GIVES_BACK),
            says_why=owes,
            is_nested=outer is not None,
        )
        self.swapped: set[int] = set()
        """Places out of which a value may move although others reach them: the same statement assigns them again."""
        self.tables = tables
        self.nested: list[Graph] = []
        self.returns_loan = False
        self.returns_owned = False
        """Whether the function is declared to return something affine."""
        self.yields_loan = False
        self.given_back: set[int] = set()
        """The places from which what the function gives borrows."""
        self.returns_receiver = False
        """Whether `return self` only lends: in `__enter__` or `__iter__`, and where the caller goes on with it."""
        self.class_name = ""
        """The class whose body is being lowered where it stands, or nothing."""
        self.log: list[Event] = []
        """What happens, in the order in which it is lowered."""
        self.function: Var | None = None
        """The variable that holds the function whose body this is, if it is a nested one."""
        self.kept: dict[tuple[Context, int], Tie] = {}
        """For functions that are kept where a node stands, and a place that they took: the tie between them."""
        self.awaited: Expression | None = None
        """What is awaited where it stands, or waited for: `pool.submit(work).result()`."""
        self.losing: set[int] = set()
        """Places that functions which are called here may leave without a value when they raise: so may this body."""
        self.awaited_later: list[Renewed] = []
        """As for `captures.lose`: of calls of an `async def` in what is being awaited."""
        self._affine = module.affine
        self.used_up: dict[int, Tie] = {}
        """For places that hold a value which captured something by move: the tie to that."""
        self._names_of_lent: dict[tuple[int, int], int] = {}
        """For the place of a generator, and one that it was lent: the place of its name for that."""
        self._expressions, self._statements = tables
        self.places: Places = Places(
            self.graph,
            module.fullname,
            module.types,
            module.facts,
            inferred.watched,
            inferred.variables,
            outer.places if outer is not None else None,
            module.factories,
            outermost=isinstance(owner, MypyFile),
        )
        self.borrowers = Borrowers(self)
        self.bindings = Bindings(self)
        self.tasks = Tasks(self)
        self.guarded: list[NameExpr] = []
        """The captures of the pattern whose guard is being lowered."""
        self._loans: list[_Loan] = []
        self._given: list[list[Event]] = []
        """For each call and display that is being evaluated: the moves of budgets into it."""
        self.minting = module.minting
        self.mints: list[Mint] = []
        """What is made from nothing in this body, and in those nested in it."""
        self.managed = Managed()
        self.shared: dict[Var, Sequence[Captive] | None] = {}
        """For each variable that holds functions: what all of them captured. None while there are none."""
        self.entered: list[tuple[WithStmt, int]] = []
        """The managers of the `with` blocks around what is being lowered, each with its position in the statement."""
        self.concerns: list[Concern] = []
        """What the analyses of this body ask about a place: whether it may hold what they look for."""
        if module.minting is not None:
            self.concerns.append(module.minting.budgets)
        if module.debts is not None and owes:
            self.concerns.append(module.debts)
        self._expression = 0
        self._bound = {argument.variable.name for argument in owner.arguments} if isinstance(owner, FuncItem) else set()
        """The names that have been bound so far, as far as an index may be spelled with them."""

    # Walking

    def statement(self, node: Statement) -> None:
        """Lower one statement."""
        self._expression += 1
        tasks = self.tasks
        # In most statements no call is made that goes on: there is nothing to begin, and nothing to end.
        around = tasks.begin_statement() if tasks.made else ([], 0)
        self._statements[type(node)](self, node)
        if tasks.made:
            tasks.end_statement(node, around)

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
    def inside(self, node: WithStmt, position: int) -> Iterator[None]:
        """What is lowered inside is in the block of this manager."""
        self.entered.append((node, position))
        yield
        self.entered.pop()

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
    def is_constructor(self) -> bool:
        """Whether nobody else has the `self` of this body yet."""
        return isinstance(self.owner, FuncDef) and bool(self.owner.info) and self.owner.name in BUILDERS

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
        """The end of the body: control leaves it, what it taught is kept, and nothing is lowered here any more."""
        self.flow.edge(self.graph.blocks[self.flow.exit.index])
        if self.nested:
            self.inferred.variables.update(self.places.own())
        self.bindings.finish()
        # They refer to the body, as it does to them. Without that circle, all of it is freed as soon as it is solved,
        # and not when Python looks for circles the next time, which in a run of mypy is seldom.
        del self.bindings, self.borrowers, self.tasks

    # Types

    def is_affine(self, node: Expression) -> bool:
        """Whether the narrowed type of this expression is affine; False in code that mypy finds unreachable."""
        known = self._affine.get(node)
        if known is None:
            known = self._affine[node] = self.facts.is_affine(self.types.get(node))
        if known:
            return True
        if not self.flow.is_abrupt or not isinstance(node, (NameExpr, MemberExpr)):
            return False
        # What mypy keeps of a `finally` is how names are narrowed where control falls through.
        declared = self.declared_type(node)
        return declared is not None and self.facts.is_affine(declared)

    def is_tracked(self, node: Expression) -> bool:
        """Whether an expression is a variable that has to be whole, whether or not it is affine."""
        return isinstance(node, NameExpr) and isinstance(node.node, Var) and self.inferred.tracked.has(node.node)

    def receiver(self, node: Expression, name: str) -> Receiver:
        """How a method of this name has what an expression gives, if it is called on that."""
        type_ = self.types.get(node)
        if type(type_) is not Instance:
            return self.facts.receiver(type_, name)
        method, receivers = (type_.type, name), self.module.receivers
        known = receivers.get(method)
        if known is None:
            known = receivers[method] = self.facts.receiver(type_, name)
        return known

    def declared_type(self, node: Expression) -> Type | None:
        """The type of a variable or attribute before any narrowing."""
        if isinstance(node, RefExpr) and isinstance(node.node, Var):
            return node.node.type
        if isinstance(node, MemberExpr):
            for info in classes_of(self.types.get(node.expr)):
                symbol = info.get(node.name)
                return symbol.type if symbol is not None else None
        return None

    # Entries

    def entry(self, node: Expression) -> str:
        """How an expression is spelled, if it gives the same value wherever that stands in this body. Else nothing.

        Or comes back to the same: `parts[i % 3]`, whatever `i` is.
        """
        return spell_entry(node, self._is_fixed)

    def bound(self, name: str) -> None:
        """A name is about to be bound, or an attribute, `.id`."""
        if name in self._bound or name.startswith(".") or self.flow.is_in_loop or self.outer is not None:
            scope: Body | None = self
            while scope is not None:
                scope.inferred.rebound.add(name)
                scope = scope.outer
        self._bound.add(name)

    def _is_fixed(self, node: Expression) -> bool:
        if isinstance(node, (IntExpr, StrExpr)) or (isinstance(node, OpExpr) and node.op == "%"):
            return True
        if isinstance(node, MemberExpr):
            is_of_class = isinstance(node.expr, RefExpr) and isinstance(node.expr.node, TypeInfo)
            return (is_of_class or self._is_fixed(node.expr)) and not self.inferred.rebound.has(f".{node.name}")
        return isinstance(node, NameExpr) and node.name in self._bound and not self.inferred.rebound.has(node.name)

    # Events

    def use_place(self, place: int, node: Context, use: Use) -> None:
        """A place is used where `node` stands."""
        if use.kind is Kind.MOVE:
            self._move(place, node, use.to, drains=use.drains)
        elif use.kind in (Kind.LEND, Kind.LOAN):
            self._lend(place, node, use)
        else:
            look = self.emit(Kind.LOOK, place, node, use.to)
            look.exclusive = use.exclusive
            look.behind = use.asks and isinstance(node, Expression) and self.facts.holds_handles(self.types.get(node))

    def initialise(self, place: int, node: Expression, value: Type | None = None) -> None:
        """A place gets a new value."""
        if self._loans:
            self._loans = [loan for loan in self._loans if not self.graph.overlap(loan.place, place)]
        if self.tasks.in_variables:
            self.tasks.replaced(place, node)
        assigned = self.emit(Kind.INIT, place, node)
        self.bindings.initialised(node)
        if self.inferred.kept.has_any():
            self._renewed(place, assigned)
        if self.minting is not None and not self.in_class_body:
            known = get_proper_type(value) if value is not None else None
            if known is None or isinstance(known, AnyType):
                known = get_proper_type(self.types.get(node) or self.declared_type(node))
            optional = self.minting.budgets.holding(known)
            if optional is not None:
                self.hold(place, node, Destination(Into.VARIABLE), optional=optional)

    def initialise_function(self, variable: Var, node: Context) -> None:
        """A nested function or class is defined: the variable that holds it has a new value."""
        self.emit(Kind.INIT, self.places.declare(variable), node)

    def captive_place(self, captive: Captive) -> int | None:
        """The place of the variable, or of a part of it, that was captured."""
        if captive.root is None:
            return None
        return self.places.below(self.places.capture(captive.root), captive.path)

    def tie_of_kept(self, node: Context, place: int) -> Tie:
        """The tie between a function that is kept where `node` stands and a place that it took."""
        known = self.kept.get((node, place))
        if known is None:
            known = self.kept[node, place] = (self.graph.add_place("what is kept"), place)
        return known

    def name_of_lent(self, holder: int, place: int) -> int:
        """The place of the name that the generator in `holder` has for what it was lent."""
        known = self._names_of_lent.get((holder, place))
        if known is None:
            known = self._names_of_lent[holder, place] = self.graph.add_place(self.graph.places[place].name)
        return known

    def _renewed(self, place: int, assigned: Event) -> None:
        """A place has a new value: functions that are kept and took the old one would use up this one."""
        for node, captive in self.inferred.kept.all():
            taken = self.captive_place(captive)
            if taken is not None and (place == taken or place in self.graph.ancestors(taken)):
                to = Destination(Into.CLOSURE, captive.name)
                fault = self.emit(Kind.FAULT, taken, node, to, Fault.LATE, tie=self.tie_of_kept(node, taken))
                fault.beside = (assigned,)

    def delete(self, place: int, node: Expression) -> None:
        """`del`: gone, whether it was moved before or not; what it is an attribute of must be there."""
        held = self.graph.places[place]
        if held.parent is not None:
            self.emit(Kind.STORE, place, node)
            if not self.facts.is_affine(self.declared_type(node)):
                # Nothing goes with it that anybody could want back.
                return
            if held.ownership is Ownership.SHARED:
                self.fault(Fault.NOT_OWNED, place, node, Destination(Into.DELETE))
                return
            if held.ownership is not Ownership.OWNED:
                self.inferred.ways_out.add(WaysOut.GIVES_BACK)
        # mypy gives no type to the operand of `del`; what the variable may hold is what counts.
        self.emit(Kind.DELETE, place, node, Destination(Into.DELETE))
        self.borrowers.expire(place, node, Destination(Into.DELETE))

    def fault(
        self,
        fault: Fault,
        place: int | str,
        node: Context,
        to: Destination | None = None,
        about: About | None = None,
        *,
        lender: str | None = None,
    ) -> None:
        """Something wrong wherever it is reached; `place` may be words for what has no place."""
        if isinstance(place, str):
            place = self.graph.add_place(place, Ownership.BORROWED)
        self.emit(Kind.FAULT, place, node, to, fault, about).lender = lender

    def mismatch(self, name: str, breach: Breach, node: Context, to: Destination) -> None:
        """What stands here, which the program calls `name`, breaks a promise that goes with `to`."""
        self.emit(Kind.FAULT, self.graph.add_place(name), node, to, Fault.MISMATCH, breach)

    def holds_loans(self, node: Expression, to: Destination) -> None:
        """A collection of loans goes where the owner of what is in it is expected."""
        self.fault(Fault.HOLDS_LOANS, spell(node) or "the collection", node, to)

    def _move(self, place: int, node: Context, to: Destination | None, *, drains: bool) -> None:
        held = self.graph.places[place]
        _, variable = self.places.root(place)
        if held.ownership is not Ownership.OWNED and place not in self.swapped:
            if held.parent is None or held.ownership in _NEVER_MOVED or self.places.is_fixed(place):
                fault = self.emit(Kind.FAULT, place, node, to, Fault.NOT_OWNED)
                if held.ownership not in _NEVER_MOVED:
                    self.bindings.moved_on_loan(fault)
                return
            self.inferred.ways_out.add(WaysOut.GIVES_BACK)
        if held.parent is not None and variable is not None:
            self.inferred.tracked.add(variable)
        if self._conflicts(place, node, to, exclusive=True, moves=True):
            return
        moved = self.emit(Kind.MOVE, place, node, to)
        moved.element = drains
        if held.ownership is not Ownership.OWNED:
            self.bindings.moved_out_of_loan(moved)
        if self.minting is not None and self._given and self._is_budget(node):
            self._given[-1].append(moved)
        if self.guarded:
            self.inferred.taken_by_guard.update(name for name in self.guarded if name.node is variable)
        self.bindings.moved(moved, node, variable)

    def _lend(self, place: int, node: Context, use: Use) -> None:
        if not self._conflicts(place, node, use.to, exclusive=use.exclusive, moves=False):
            lent = self.emit(use.kind, place, node, use.to)
            lent.exclusive, lent.holder = use.exclusive, use.holder
            if use.exclusive and not use.elements:
                self.bindings.given_away(lent)

    def _conflicts(self, place: int, node: Context, to: Destination | None, *, exclusive: bool, moves: bool) -> bool:
        calls = not moves and to is not None and to.into is Into.RECEIVER
        for loan in self._loans:
            if calls and loan.to.into is Into.RECEIVER:
                # `xs.append(xs.pop())`: the one method is done before the other begins.
                continue
            if (exclusive or loan.exclusive) and self.graph.overlap(loan.place, place):
                self.fault(Fault.LENT, place, node, to, loan.to)
                return True
        for loan in self._loans:
            if exclusive or loan.exclusive:
                for borrowed, via in self.borrowers.conflicts(loan.place, place, moves=moves):
                    # Wrong only on paths on which the one does borrow from the other.
                    fault = self.emit(Kind.FAULT, place, node, to, Fault.LENT, loan.to)
                    fault.loan, fault.via = borrowed, via
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

    def emit(
        self,
        kind: Kind,
        place: int,
        node: Context,
        to: Destination | None = None,
        fault: Fault | None = None,
        about: About | None = None,
        *,
        tie: Tie | None = None,
        captured: bool = False,
    ) -> Event:
        """Append an event."""
        event = Event(kind, place, node, self._expression, to, fault, about, tie=tie, captured=captured)
        self.flow.emit(event)
        self.log.append(event)
        return event

    def lose_where_it_raises(self, gone: Sequence[tuple[Tie | None, int, Destination]], node: Context) -> None:
        """An exception may leave from here, and these places have lost what they had; they have not if none does."""
        events = [Event(Kind.DELETE, place, node, self._expression, to, tie=tie) for tie, place, to in gone]
        self.losing.update(event.place for event in events)
        self.log += events
        self.flow.may_raise_after(events, node.line)

    @contextmanager
    def swap(self, targets: list[Expression], values: list[Expression]) -> Iterator[None]:
        """`old, COMPANY = COMPANY, new`: nobody can look between the move and the assignment, if nothing is called."""
        kept = self.swapped
        assigned = {self.places.of(target) for target in targets}
        quiet: set[int] = set()
        for value in reversed(values):
            place = self.places.of(value)
            if place in assigned and place is not None:
                quiet.add(place)
            if place is None and not isinstance(value, (IntExpr, StrExpr)):
                break
        self.swapped = {place for place in quiet if self.graph.places[place].ownership in _REACHED_BY_ALL}
        yield
        self.swapped = kept

    # Loans to calls

    @contextmanager
    def call(self) -> Iterator[None]:
        """Evaluate a call, or a display: until it is done, loans made inside last and what moved into it is in hand."""
        loans = self.begin_call()
        yield
        self.end_call(loans)

    def begin_call(self) -> int:
        """As `call`, for what is evaluated so often that a context manager would show. Gives what `end_call` wants."""
        self._given.append([])
        return len(self._loans)

    def end_call(self, loans: int) -> None:
        """What `begin_call` has begun is done."""
        self._given.pop()
        del self._loans[loans:]

    @contextmanager
    def no_loans(self) -> Iterator[None]:
        """What is lowered inside runs when no call is being evaluated."""
        kept, self._loans = self._loans, []
        given, self._given = self._given, []
        yield
        self._loans, self._given = kept, given

    def lend_until_return(self, node: Expression, to: Destination, *, exclusive: bool) -> None:
        """What `node` denotes stays lent while the rest of the call is evaluated."""
        self.lend_places_until_return(lenders(self, node), to, exclusive=exclusive)

    def lend_places_until_return(self, places: Iterable[int], to: Destination, *, exclusive: bool) -> None:
        """These stay lent while the rest of the call is evaluated."""
        for place in places:
            self._loans.append(_Loan(place, exclusive, to))
