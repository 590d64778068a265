"""Statements: where control goes (rules, section 6).

One function a node class, in a table.
"""

from __future__ import annotations

from mypy import nodes
from mypy.nodes import Expression, Statement

from ..events import Destination, Into, Kind, Ownership
from ..fullnames import BASE_EXCEPTION, EXCEPTION
from ..graph import Block, Jump, Why
from . import escapes, minting, promised
from .arguments import reach_into_fields
from .assignments import assignment, borrow, delete, operator_assignment
from .body import Body, StatementTable
from .closures import nested_class, nested_function
from .conditions import branch_on
from .context import DROP, LOOK, RETURNED, Use
from .dropping import managed
from .loan_fields import has_on_loan, held_in_fields
from .loans import carries_loans, enters_loan, lenders, yields_what_it_borrows
from .loops import iterate
from .patterns import match
from .raising import raised
from .syntax import names_in
from .targets import assign

__all__ = ["STATEMENTS"]


def expression(body: Body, node: nodes.ExpressionStmt) -> None:
    """A bare `b` only looks; a display keeps what it is given even if nobody keeps the display."""
    is_display = isinstance(node.expr, (nodes.ListExpr, nodes.TupleExpr, nodes.SetExpr, nodes.DictExpr))
    dropped = DROP if isinstance(node.expr, nodes.AwaitExpr) else LOOK
    body.expression(node.expr, Use(Kind.MOVE, Destination(Into.VARIABLE, "_")) if is_display else dropped)
    if isinstance(node.expr, nodes.CallExpr) and node.expr not in body.types:
        # mypy gives no type to what it finds unreachable, such as `assert_never(x)` after an exhaustive test.
        body.flow.stop()


# Jumps


def return_(body: Body, node: nodes.ReturnStmt) -> None:
    if node.expr is not None:
        promised.returned(body, node.expr)
        lends = body.returns_loan or (body.returns_receiver and body.is_receiver(node.expr))
        body.expression(node.expr, Use(Kind.LOOK, Destination(Into.RETURN)) if lends else RETURNED)
        if body.outer is not None:
            _give_back(body, node.expr, lends=lends)
        if isinstance(node.expr, nodes.NameExpr) and not lends:
            body.bindings.returned(node.expr)
        if body.entered and body.facts.goes_on(body.types.get(node.expr)):
            _leave_before(body)
        body.tasks.returned(node.expr)
        if body.returns_owned and body.facts.holds_loans(body.types.get(node.expr)):
            body.holds_loans(node.expr, Destination(Into.RETURN))
        if body.minting is not None:
            minting.returned(body, node.expr)
        if body.module.watches_escapes and not lends:
            escapes.returned(body, node.expr)
    body.flow.leave(node.line)


def _give_back(body: Body, node: Expression, *, lends: bool) -> None:
    """A nested function gives what may borrow from something that it captured."""
    if lends or carries_loans(body, node):
        behind = body.borrowers.lenders_of(lenders(body, node, displays=True), whole=False)
        body.given_back.update(place for place, _, _ in behind)
    if has_on_loan(body, node):
        reach_into_fields(body, node, Destination(Into.RETURN), shares=True)
        body.given_back.update(one.place for one in held_in_fields(body, node))


def raise_(body: Body, node: nodes.RaiseStmt) -> None:
    if node.expr is not None:
        body.expression(node.expr, Use(Kind.MOVE, Destination(Into.RAISE)))
    if node.from_expr is not None:
        body.expression(node.from_expr)
    body.flow.raise_here(Jump(Why.RAISE, node.line), raised(node))


def break_(body: Body, node: nodes.BreakStmt) -> None:
    body.flow.jump_out_of_loop()


def continue_(body: Body, node: nodes.ContinueStmt) -> None:
    body.flow.jump_to_next_iteration()


# Decisions


def if_(body: Body, node: nodes.IfStmt) -> None:
    """`elif` is an `if` in the `else`, as mypy's tree has it."""
    flow = body.flow
    after = flow.new_block()
    for condition, then_body in zip(node.expr, node.body, strict=True):
        then, otherwise = flow.new_block(), flow.new_block()
        if then_body.is_unreachable:
            flow.edge(otherwise)
        elif node.else_body is not None and node.else_body.is_unreachable and len(node.expr) == 1:
            flow.edge(then)
        else:
            branch_on(body, condition, then, otherwise)
        flow.go_on_in(then)
        body.block(then_body)
        flow.edge(after)
        flow.go_on_in(otherwise)
    if node.else_body is not None:
        body.block(node.else_body)
    flow.fall_into(after)


def assert_(body: Body, node: nodes.AssertStmt) -> None:
    """A failed assertion raises, after its message was evaluated."""
    flow = body.flow
    holds, fails = flow.new_block(), flow.new_block()
    branch_on(body, node.expr, holds, fails)
    flow.go_on_in(fails)
    if node.msg is not None:
        body.expression(node.msg)
    flow.raise_here(Jump(Why.UNLIKELY, node.line))
    flow.go_on_in(holds)


# Loops


def while_(body: Body, node: nodes.WhileStmt) -> None:
    flow = body.flow
    with flow.loop("loop", node.line) as (head, done, after):
        first = flow.new_block()
        branch_on(body, node.expr, first, done)
        flow.go_on_in(first)
        body.block(node.body)
        flow.edge(head)
    _end_of_loop(body, node.else_body, done, after)


def for_(body: Body, node: nodes.ForStmt) -> None:
    with iterate(body, node.index, node.expr, "loop", node.line) as (head, done, after):
        body.block(node.body)
        body.flow.edge(head)
    _end_of_loop(body, node.else_body, done, after)


def _end_of_loop(body: Body, else_body: nodes.Block | None, done: Block, after: Block) -> None:
    """`else` runs when the loop ended by itself, not by `break`."""
    body.flow.go_on_in(done)
    if else_body is not None:
        body.block(else_body)
    body.flow.fall_into(after)


# Exceptions


def try_(body: Body, node: nodes.TryStmt) -> None:
    finally_body = node.finally_body
    if finally_body is None:
        _handlers(body, node)
        return

    def lower_finally() -> None:
        # A copy may be made in the middle of a call that may raise: what is lent to the call is not lent any more.
        with body.no_loans():
            body.block(finally_body)

    with body.flow.finally_(lower_finally):
        _handlers(body, node)


def _handlers(body: Body, node: nodes.TryStmt) -> None:
    """The body, then `else` or the handlers. What no handler catches goes on outwards."""
    flow = body.flow
    if not node.handlers:
        body.block(node.body)
        return
    arrived, after = flow.new_block(), flow.new_block()
    catches = [] if node.is_star else list(map(_named_by, node.types))
    with flow.handler(arrived, catches) as land:
        body.block(node.body)
    if node.else_body is not None:
        body.block(node.else_body)
    flow.edge(after)
    flow.go_on_in(arrived)
    catches_all = False
    clauses = zip(node.types, node.vars, node.handlers, strict=True)
    for number, (caught, variable, handler) in enumerate(clauses):
        land(number, False)
        entry, next_handler = flow.new_block(), flow.new_block()
        if caught is not None:
            body.expression(caught)
        catches_all |= caught is None or _is_base_exception(caught)
        flow.branch(None, entry, next_handler)
        flow.go_on_in(entry)
        land(number, True)
        if variable is not None:
            assign(body, variable, node)
        body.block(handler)
        # Of `except*` clauses several may run, one after the other.
        flow.edge(next_handler if node.is_star else after)
        flow.go_on_in(next_handler)
    if node.is_star:
        flow.edge(after)
    if not catches_all:
        flow.propagate(_let_through(body, node))
    flow.go_on_in(after)


def _named_by(caught: Expression | None) -> frozenset[str] | None:
    """The classes that a handler names; None if it may catch others."""
    named = caught.items if isinstance(caught, nodes.TupleExpr) else [caught]
    symbols = [one.node if isinstance(one, nodes.RefExpr) else None for one in named]
    classes = [symbol.fullname for symbol in symbols if isinstance(symbol, nodes.TypeInfo)]
    return frozenset(classes) if len(classes) == len(named) else None


def _is_base_exception(node: Expression) -> bool:
    return isinstance(node, nodes.RefExpr) and node.fullname == BASE_EXCEPTION


def _let_through(body: Body, node: nodes.TryStmt) -> Jump | None:
    """What gets past the handlers: past `except Exception` only what nobody counts with, but for a cancelled task."""
    if not any(isinstance(caught, nodes.RefExpr) and caught.fullname == EXCEPTION for caught in node.types):
        return None
    is_coroutine = isinstance(body.owner, nodes.FuncDef) and body.owner.is_coroutine
    return Jump(Why.NO_EXCEPTION if is_coroutine else Why.UNLIKELY, node.line)


def with_(body: Body, node: nodes.WithStmt) -> None:
    """Enter each manager in order; leaving one may swallow the exception that left its body."""
    _managers(body, node, 0)


def _managers(body: Body, node: nodes.WithStmt, position: int) -> None:
    flow = body.flow
    if position == len(node.expr):
        body.block(node.body)
        return
    manager, target = node.expr[position], node.target[position]
    managing = Use(Kind.LOOK, Destination(Into.WITH))
    if target is not None and enters_loan(body, manager, is_async=node.is_async):
        borrow(body, target, manager, Ownership.BORROWED, Into.WITH)
        for name in names_in(target):
            body.bindings.lent(name)
    elif target is not None:
        body.bindings.take_source(names_in(target), manager, Into.WITH)
    else:
        body.expression(manager, managing)
    # An `async with` awaits.
    line = node.line if node.is_async else None
    flow.may_raise(line)
    if target is not None:
        body.managed.targets.update(names_in(target))
        assign(body, target, node)

    # However the body is left, leaving the manager may raise.

    def leave() -> None:
        # It waits even if it is going to raise what one of them did.
        body.tasks.left_group(manager, target, node)
        place, exit_ = body.places.of(manager), _exit_of(node)
        if (
            place is not None
            and body.facts.consumes_receiver(body.types.get(manager), exit_)
            and body.is_affine(manager)
        ):
            body.use_place(place, manager, Use(Kind.MOVE, Destination(Into.RECEIVER, owner=exit_)))
        else:
            _leave(body, node, position)
            if yields_what_it_borrows(body, manager):
                _give_back_targets(body, node, position)
        flow.may_raise(line)

    with flow.finally_(leave, sees=False), managed(body, manager), body.inside(node, position):
        if not body.facts.swallows(body.types.get(manager), is_async=node.is_async):
            _managers(body, node, position + 1)
            return
        after, swallowed = flow.new_block(), flow.new_block()
        with flow.handler(swallowed):
            _managers(body, node, position + 1)
        flow.edge(after)
        flow.go_on_in(swallowed)
        flow.propagate()
        flow.fall_into(after)


def _exit_of(node: nodes.WithStmt) -> str:
    return "__aexit__" if node.is_async else "__exit__"


def _leave(body: Body, node: nodes.WithStmt, position: int) -> None:
    """The method that leaves a manager may do anything to what that has, so no task may have this still.

    What entering it gave is a part of it, if that is a loan. Either may have been given away in the block.
    """
    manager, target = node.expr[position], node.target[position]
    if body.receiver(manager, _exit_of(node)).shares:
        return
    had = [manager] if body.is_affine(manager) else []
    if target is not None and (
        enters_loan(body, manager, is_async=node.is_async)
        or body.facts.enters_itself(body.types.get(manager), is_async=node.is_async)
    ):
        had += [name for name in names_in(target) if body.is_affine(name)]
    for place, named in {body.places.of(one): one for one in reversed(had)}.items():
        if place is not None:
            body.emit(Kind.CHANGE, place, named, Destination(Into.WITH, owner=_exit_of(node)))


def _give_back_targets(body: Body, node: nodes.WithStmt, position: int) -> None:
    """A generator goes on after its `yield`, and may give away what it has lent to the block."""
    target, to = node.target[position], Destination(Into.WITH, owner=_exit_of(node))
    for place in map(body.places.of, names_in(target) if target is not None else ()):
        if place is not None:
            body.emit(Kind.DELETE, place, node.expr[position], to)
            body.borrowers.expire(place, node.expr[position], to)


def _leave_before(body: Body) -> None:
    """Something that goes on is returned: whoever gets it has it when the blocks around have been left."""
    for node, position in reversed(body.entered):
        manager, target = node.expr[position], node.target[position]
        body.tasks.left_group(manager, target, node)
        _leave(body, node, position)


# Definitions


def function(body: Body, node: nodes.FuncDef) -> None:
    """A function nested in this body. Those of a module or class are bodies that mypy checks on their own."""
    if not body.is_module:
        nested_function(body, node, node.name, node)


def decorator(body: Body, node: nodes.Decorator) -> None:
    for one in node.original_decorators:
        body.expression(one)
    promised.decorated(body, node)
    body.module.decorators[node.func] = node.original_decorators
    if not body.is_module:
        nested_function(body, node.func, node.name, node, node.original_decorators)


def overload(body: Body, node: nodes.OverloadedFuncDef) -> None:
    """Only the implementation of an overload, and the parts of a property, have bodies."""
    for part in (*node.items, *([node.impl] if node.impl is not None else [])):
        body.statement(part)


def class_(body: Body, node: nodes.ClassDef) -> None:
    """A class body runs where it stands."""
    for one in node.decorators:
        body.expression(one)
    for base in node.base_type_exprs:
        body.expression(base)
    for keyword in node.keywords.values():
        body.expression(keyword)
    with body.class_body(node.name):
        body.block(node.defs)
    nested_class(body, node)


# The rest


def block(body: Body, node: nodes.Block) -> None:
    body.block(node)


def nothing(body: Body, node: Statement) -> None:
    """Touches no place."""


STATEMENTS: StatementTable = {
    nodes.AssignmentStmt: assignment,
    nodes.OperatorAssignmentStmt: operator_assignment,
    nodes.DelStmt: delete,
    nodes.ExpressionStmt: expression,
    nodes.ReturnStmt: return_,
    nodes.RaiseStmt: raise_,
    nodes.BreakStmt: break_,
    nodes.ContinueStmt: continue_,
    nodes.IfStmt: if_,
    nodes.AssertStmt: assert_,
    nodes.WhileStmt: while_,
    nodes.ForStmt: for_,
    nodes.TryStmt: try_,
    nodes.WithStmt: with_,
    nodes.MatchStmt: match,
    nodes.FuncDef: function,
    nodes.Decorator: decorator,
    nodes.OverloadedFuncDef: overload,
    nodes.ClassDef: class_,
    nodes.Block: block,
    nodes.PassStmt: nothing,
    nodes.Import: nothing,
    nodes.ImportFrom: nothing,
    nodes.ImportAll: nothing,
    nodes.GlobalDecl: nothing,
    nodes.NonlocalDecl: nothing,
    nodes.TypeAliasStmt: nothing,
}
