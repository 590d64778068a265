"""Statements: where control goes, and which places are given a value (rules, section 6).

One function a node class, in a table.
"""

from __future__ import annotations

from itertools import islice

from mypy import nodes
from mypy.nodes import Expression, Statement
from mypy.operators import op_methods

from ..events import Destination, Fault, Into, Kind, Ownership
from ..fullnames import EXCEPTION, FIELD_SPECIFIERS
from ..graph import Block, Jump, Why
from ..knowledge.containers import Does
from . import captures, escapes, minting, promised
from .binding import names_in
from .body import Body, StatementTable
from .closures import nested_class, nested_function
from .conditions import branch_on
from .context import DROP, LOOK, Use
from .dropping import managed
from .loans import carries_loans, emptied, enters_loan, is_lent, lenders, passed_through
from .lookups import method_row
from .loops import iterate
from .operators import binary
from .parts import collecting, leaves, unpacked
from .patterns import match
from .spelling import spell

__all__ = ["STATEMENTS"]


# Assignment


def assignment(body: Body, node: nodes.AssignmentStmt) -> None:
    """Evaluate the right side, then reinitialise the targets from left to right."""
    if isinstance(node.rvalue, nodes.TempNode) and node.rvalue.no_rhs:
        return
    promised.assigned(body, node)
    first = node.lvalues[0]
    declared = body.facts.declared_mode(node.type)
    if declared is None and isinstance(first, nodes.NameExpr) and isinstance(first.node, nodes.Var):
        # Not the declaring statement: `best = p`, where `best: Borrowed[Budget] | None`.
        declared = body.facts.declared_mode(first.node.type)
    is_name = isinstance(first, nodes.NameExpr)
    if is_name and declared in (Ownership.BORROWED, Ownership.SHARED):
        # An attribute or entry lives on after the loan: what is stored there moves, whatever it is declared.
        _borrow(body, first, node.rvalue, declared)
    elif isinstance(first, (nodes.TupleExpr, nodes.ListExpr)):
        _unpack(body, first, node.rvalue)
    elif _may_look_up(body, node) and isinstance(first, nodes.NameExpr) and body.bindings.look_up(first, node.rvalue):
        pass
    elif len(node.lvalues) == 1 and _is_undeclared(first) and is_lent(body, node.rvalue) and _is_result(node.rvalue):
        # `best = widest(parts)`: the name borrows as the result does, unless it is given away.
        body.bindings.take_source(list(names_in(first)), node.rvalue, Into.VARIABLE)
    elif is_name and (carries_loans(body, node.rvalue) or body.facts.holds_loans(body.declared_type(first))):
        body.expression(node.rvalue)
        body.bindings.borrow_from(names_in(first), node.rvalue, carries=True)
    elif isinstance(first, nodes.IndexExpr) and _is_local_of_loans(body, first.base):
        # `views["planner"] = budget`: the dict borrows from what it is given.
        body.expression(node.rvalue)
        assert isinstance(first.base, nodes.NameExpr)
        body.bindings.borrow_now(first.base, lenders(body, node.rvalue), node.rvalue)
    elif not is_name and carries_loans(body, node.rvalue):
        # An attribute lives longer than a loan: what is lent to the value would have to be the attribute's.
        body.expression(node.rvalue)
        for lender in dict.fromkeys(lenders(body, node.rvalue, displays=True)):
            body.use_place(lender, node.rvalue, Use(Kind.MOVE, _destination(first)))
    else:
        _class_default(body, first, node.rvalue)
        body.expression(node.rvalue, LOOK if _only_refers(body, first) else Use(Kind.MOVE, _destination(first)))
        if body.minting is not None:
            minting.offered(body, node.rvalue, body.declared_type(first), spell(first) or "the target")
    value = body.types.get(node.rvalue)
    if body.facts.holds_loans(value) and body.facts.is_affine(body.declared_type(first)):
        body.holds_loans(node.rvalue, _destination(first))
    body.tasks.binding(first, node.rvalue)
    body.bindings.assign(first, node, value)
    captures.bound(body, first, node.rvalue)
    body.tasks.bound(first, node.rvalue)
    for other in node.lvalues[1:]:
        if body.is_affine(node.rvalue):
            to, known = _destination(other), _destination(first)
            place = body.places.of(node.rvalue)
            body.fault(
                Fault.ASSIGNED_TWICE, spell(node.rvalue) or "the value" if place is None else place, other, to, known
            )
        body.bindings.assign(other, node, value)
        captures.bound(body, other, node.rvalue)
    if body.minting is not None:
        minting.assigned(body, node.lvalues, node.rvalue)
    if body.module.watches_escapes:
        for target in node.lvalues:
            escapes.assigned(body, target, node.rvalue)


def _may_look_up(body: Body, node: nodes.AssignmentStmt) -> bool:
    """Whether this binds one name, which nobody has declared to own its value."""
    owned = body.facts.declared_mode(node.type) is Ownership.OWNED
    return len(node.lvalues) == 1 and not owned and not body.in_class_body


def _borrow(body: Body, target: Expression, source: Expression, mode: Ownership, into: Into = Into.VARIABLE) -> None:
    """`y: Borrowed[T] = x`: `y` may be looked at while what it was reached through is whole (rule 4)."""
    names = list(names_in(target))
    for name in names:
        if isinstance(name.node, nodes.Var):
            body.places.declare(name.node, mode)
    body.bindings.take_source(names, source, into, whole=True)


def _is_local_of_loans(body: Body, node: Expression) -> bool:
    return isinstance(node, nodes.NameExpr) and body.facts.holds_loans(body.types.get(node))


def _is_undeclared(target: Expression) -> bool:
    return isinstance(target, nodes.NameExpr) and isinstance(target.node, nodes.Var) and target.node.is_inferred


def _is_result(node: Expression) -> bool:
    """Whether a value comes out of a call, and not out of a container: `parts[0]` moves (rule 4)."""
    return isinstance(node, (nodes.CallExpr, nodes.AwaitExpr, nodes.MemberExpr))


def _unpack(body: Body, target: nodes.TupleExpr | nodes.ListExpr, source: Expression) -> None:
    """`a, b = b, a` moves element by element; unpacking anything else has an inferred binding mode (rule 4)."""
    elementwise = (
        isinstance(source, (nodes.TupleExpr, nodes.ListExpr))
        and len(source.items) == len(target.items)
        and not any(isinstance(item, nodes.StarExpr) for item in (*source.items, *target.items))
    )
    if elementwise:
        assert isinstance(source, (nodes.TupleExpr, nodes.ListExpr))
        with body.flow.unfinished() as moves, body.call(), body.swap(target.items, source.items):
            change_places = _change_places(target.items, source.items)
            for item, to in zip(source.items, target.items, strict=True):
                if isinstance(to, (nodes.TupleExpr, nodes.ListExpr)):
                    _unpack(body, to, item)
                elif change_places:
                    body.expression(item)
                elif not (isinstance(to, nodes.NameExpr) and body.bindings.look_up(to, item)):
                    body.expression(item, Use(Kind.MOVE, _destination(to)))
                    place = body.places.of(item)
                    done = reversed(body.flow.current.events)
                    its = (event for event in done if event.kind is Kind.MOVE and event.place == place)
                    moves.extend(islice(its, 1))
        return
    if any(True for _ in passed_through(body, source)):
        body.expression(source)
        # If there are too few or too many, nothing has moved yet.
        body.flow.may_raise()
        unpacked(body, target, source)
        return
    if isinstance(source, (nodes.TupleExpr, nodes.ListExpr)):
        body.expression(source, Use(Kind.MOVE, Destination(Into.ELEMENT, "tuple")))
    elif any(not isinstance(leaf, nodes.NameExpr) and body.is_affine(leaf) for leaf in leaves(target)):
        body.expression(source, Use(Kind.MOVE, _destination(target)))
    else:
        body.bindings.take_source(list(names_in(target)), source, Into.VARIABLE, elements=True)
        for name in collecting(target):
            if isinstance(name, nodes.NameExpr) and not body.inferred.taken.has(name):
                body.bindings.collects(name)
    body.flow.may_raise()


def _change_places(targets: list[Expression], sources: list[Expression]) -> bool:
    """`xs[i], xs[j] = xs[j], xs[i]`: every element is in one place, before and after."""
    places = [spell(each) if isinstance(each, nodes.IndexExpr) else None for each in (*targets, *sources)]
    before, after = places[len(targets) :], places[: len(targets)]
    return None not in places and len(set(before)) == len(before) and set(before) == set(after)


def _destination(target: Expression) -> Destination:
    if isinstance(target, nodes.NameExpr):
        return Destination(Into.VARIABLE, spell(target) or target.name)
    if isinstance(target, nodes.MemberExpr):
        return Destination(Into.ATTRIBUTE, spell(target) or target.name)
    if isinstance(target, nodes.IndexExpr):
        return Destination(Into.SUBSCRIPT, spell(target.base) or "the container")
    return Destination(Into.ELEMENT, "tuple")


def _only_refers(body: Body, target: Expression) -> bool:
    """Whether what is assigned to a subscript stays with its owner: in a container of weak references."""
    row = method_row(body, target.base, "__setitem__") if isinstance(target, nodes.IndexExpr) else None
    return row is not None and row[-1] is Does.LOOK


def _class_default(body: Body, target: Expression, value: Expression) -> None:
    """A class-level default that every instance would share (rules, section 5, `budget-copied`)."""
    if not body.in_class_body or not isinstance(target, nodes.NameExpr) or not body.is_affine(value):
        return
    variable = target.node
    if isinstance(variable, nodes.Var) and variable.is_classvar:
        return
    shared = _default_of(value)
    if shared is not None and body.is_affine(shared):
        body.fault(Fault.CLASS_DEFAULT, target.name, shared, Destination(Into.VARIABLE, body.class_name))


def _default_of(value: Expression) -> Expression | None:
    """What the instances share of a value in a class body: all of it, or the default in `field(default=...)`."""
    if not (
        isinstance(value, nodes.CallExpr)
        and isinstance(value.callee, nodes.RefExpr)
        and value.callee.fullname in FIELD_SPECIFIERS
    ):
        return value
    for position, (argument, name) in enumerate(zip(value.args, value.arg_names, strict=True)):
        if name == "default" or (name is None and position == 0):
            return _default_of(argument)
    return None


def operator_assignment(body: Body, node: nodes.OperatorAssignmentStmt) -> None:
    """`x += y`: as the operator's special method says, then `x` is reinitialised with the result."""
    method = op_methods[node.op]
    use = Use(Kind.MOVE, _destination(node.lvalue))
    binary(body, node, f"{node.op}=", (f"__i{method[2:]}", method), use)
    if isinstance(node.lvalue, nodes.NameExpr) and _is_local_of_loans(body, node.lvalue):
        # `views += [budget]`: what it held before it goes on holding.
        body.bindings.borrow_now(node.lvalue, lenders(body, node.rvalue, displays=True), node.rvalue)
        return
    body.tasks.binding(node.lvalue, node.rvalue, adds=True)
    body.bindings.assign(node.lvalue, node)
    body.tasks.bound(node.lvalue, node.rvalue)


def delete(body: Body, node: nodes.DelStmt) -> None:
    """`del x` ends the value; `del x.y` needs the object; `del xs[i]` changes the container."""
    targets = node.expr.items if isinstance(node.expr, nodes.TupleExpr) else [node.expr]
    for target in targets:
        place = body.places.of(target)
        whole = emptied(body, target)
        if whole is not None:
            body.emit(Kind.EMPTY, whole, target)
        elif place is not None and isinstance(target, nodes.IndexExpr):
            # The entry is gone from the dict, which is whole without it.
            body.emit(Kind.STORE, place, target)
            body.bindings.expire_borrowers(place, target, Destination(Into.DELETE))
            body.initialise(place, target)
        elif place is None:
            body.expression(target)
            if isinstance(target, nodes.IndexExpr) and isinstance(target.index, nodes.NameExpr):
                # `del names[task]`
                body.bindings.released(target.index, target.base)
        else:
            body.delete(place, target)


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
        body.expression(node.expr, Use(Kind.LOOK if lends else Kind.MOVE, Destination(Into.RETURN)))
        body.tasks.returned(node.expr)
        if body.returns_owned and body.facts.holds_loans(body.types.get(node.expr)):
            body.holds_loans(node.expr, Destination(Into.RETURN))
        if body.minting is not None:
            minting.returned(body, node.expr)
        if body.module.watches_escapes and not lends:
            escapes.returned(body, node.expr)
    body.flow.leave(node.line)


def raise_(body: Body, node: nodes.RaiseStmt) -> None:
    if node.expr is not None:
        body.expression(node.expr, Use(Kind.MOVE, Destination(Into.RAISE)))
    if node.from_expr is not None:
        body.expression(node.from_expr)
    body.flow.raise_here(Jump(Why.RAISE, node.line))


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
            body.bindings.assign(variable, node)
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
    return isinstance(node, nodes.RefExpr) and node.fullname == "builtins.BaseException"


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
        _borrow(body, target, manager, Ownership.BORROWED, Into.WITH)
        for name in names_in(target):
            body.bindings.lent(name)
    elif target is not None:
        body.bindings.take_source(list(names_in(target)), manager, Into.WITH)
    else:
        body.expression(manager, managing)
    # An `async with` awaits.
    line = node.line if node.is_async else None
    flow.may_raise(line)
    if target is not None:
        body.managed.targets.update(names_in(target))
        body.bindings.assign(target, node)

    # However the body is left, leaving the manager may raise.

    def leave() -> None:
        # It waits even if it is going to raise what one of them did.
        body.tasks.left_group(manager, target, node)
        flow.may_raise(line)

    with flow.finally_(leave, sees=False), managed(body, manager):
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
