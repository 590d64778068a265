"""Which places owe: what they were given has to be used up on every way out (rules, section 5, `budget-dropped`).

Only a body whose module asks for it comes here, and it comes back for the exceptions that leave the body and for what
conditions say of None only if something in it owes. Which values do is said by `debt_facts`; whether they are used
up on every way is found by `dropped`.

Variables and parameters owe. A field or an element does not: whoever holds the object has the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mypy.nodes import (
    AssignmentExpr,
    AssignmentStmt,
    AwaitExpr,
    Block,
    CallExpr,
    Context,
    EllipsisExpr,
    Expression,
    ExpressionStmt,
    FuncDef,
    FuncItem,
    IndexExpr,
    MemberExpr,
    NameExpr,
    PassStmt,
    RaiseStmt,
    RefExpr,
    StrExpr,
    Var,
)
from mypy.types import AnyType, CallableType, Type, get_proper_type

from ..events import Debt, Event, Fault, Into, Kind, Ownership
from ..fullnames import NOT_IMPLEMENTED
from ..knowledge import EXPECT_ERRORS
from ..type_shapes import classes_of
from .context import Use
from .inferred import WaysOut
from .loans import is_lent, may_stay
from .spelling import spell

if TYPE_CHECKING:
    from .body import Body

__all__ = ["begin", "gained", "managed", "unkept"]


def begin(body: Body, node: FuncItem) -> None:
    """What a function takes by move, it owes; but for its receiver, and not where the body is only a promise.

    A lambda declares no parameter to be taken: it takes what its body moves, and owes nothing for the rest.
    """
    debts = body.module.debts
    if debts is None or not isinstance(node, FuncDef) or _is_promise(node.body):
        return
    signature = node.type
    formals = signature.arg_types if isinstance(signature, CallableType) else []
    for position, argument in enumerate(node.arguments):
        is_receiver = position == 0 and bool(node.info) and node.has_self_or_cls_argument
        if is_receiver or argument.kind.is_star() or argument.variable.name.startswith("_"):
            continue
        formal = formals[position] if position < len(formals) else argument.variable.type
        owed = debts.debt(formal)
        if owed is not None:
            _owe(body, body.places.declare(argument.variable), argument, owed)


def gained(body: Body, target: NameExpr, by: Context, value: Type | None) -> None:
    """A variable has been given a value by a statement, a loop or a pattern."""
    debts = body.module.debts
    if debts is None:
        return
    known = get_proper_type(value) if value is not None else None
    if known is None or isinstance(known, AnyType):
        value = body.types.get(target) or body.declared_type(target)
    owed = debts.debt(value)
    if owed is None or body.is_module or body.in_class_body or body.managed.is_error_expected:
        return
    if target in body.managed.targets or target.name.startswith("_") or body.bindings.is_lent(target):
        return
    if isinstance(by, (AssignmentStmt, AssignmentExpr)) and _belongs_to_others(body, by):
        return
    place = body.places.of_variable(target)
    if body.graph.places[place].ownership is not Ownership.OWNED or body.places.is_from_outside(place):
        return
    variable = target.node
    assert isinstance(variable, Var)
    # Not one that is declared Any or Borrowed, whatever it is given.
    if debts.concerns(variable.type):
        _owe(body, place, target, owed)


def unkept(body: Body, node: Expression, use: Use) -> None:
    """The value of a call or an await: if it owes, somebody has to take it."""
    debts = body.module.debts
    if debts is None or use.kind is Kind.MOVE:
        return
    owed = debts.debt(body.types.get(node))
    if owed is None or body.managed.is_error_expected or _is_seen_to(body, node):
        return
    if is_lent(body, node) or may_stay(body, node):
        return
    debt = owed[0]
    into = use.to.into if use.to is not None else None
    if into in (Into.WITH, Into.RETURN, Into.YIELD, Into.LOOP, Into.VARIABLE, Into.CAPTURE, Into.CLOSURE):
        return
    if into is not None and not debt.must_use:
        return
    place = body.graph.add_place(spell(node) or "", Ownership.BORROWED)
    body.flow.emit(Event(Kind.FAULT, place, node, fault=Fault.UNKEPT, about=debt))


@contextmanager
def managed(body: Body, manager: Expression) -> Iterator[None]:
    """What is lowered inside is the body of this manager."""
    kept = body.managed.is_error_expected
    body.managed.is_error_expected |= any(
        base.fullname in EXPECT_ERRORS for info in classes_of(body.types.get(manager)) for base in info.mro
    )
    yield
    body.managed.is_error_expected = kept


def _owe(body: Body, place: int, node: Context, owed: tuple[Debt, bool]) -> None:
    debt, optional = owed
    body.inferred.ways_out.add(WaysOut.OWES)
    body.flow.emit(Event(Kind.OWE, place, node, about=debt, optional=optional))


def _belongs_to_others(body: Body, node: AssignmentStmt | AssignmentExpr) -> bool:
    """Whether an assigned value is in the care of something else: a container (another mistake), an exit stack."""
    value = node.rvalue if isinstance(node, AssignmentStmt) else node.value
    if isinstance(value, MemberExpr):
        return body.places.of(value) is None
    return isinstance(value, IndexExpr) or _is_seen_to(body, value)


def _is_seen_to(body: Body, node: Expression) -> bool:
    """Whether a call gives back what it sees to: `stack.enter_context(x)`."""
    return (node.expr if isinstance(node, AwaitExpr) else node) in body.managed.calls


def _is_promise(block: Block) -> bool:
    """Whether a function only says what others do: `...`, `pass`, `raise NotImplementedError`."""
    statements = block.body
    if statements and isinstance(statements[0], ExpressionStmt) and isinstance(statements[0].expr, StrExpr):
        statements = statements[1:]
    return all(
        isinstance(one, PassStmt)
        or (isinstance(one, ExpressionStmt) and isinstance(one.expr, EllipsisExpr))
        or (isinstance(one, RaiseStmt) and _is_not_implemented(one.expr))
        for one in statements
    )


def _is_not_implemented(node: Expression | None) -> bool:
    raised = node.callee if isinstance(node, CallExpr) else node
    return isinstance(raised, RefExpr) and raised.fullname == NOT_IMPLEMENTED
