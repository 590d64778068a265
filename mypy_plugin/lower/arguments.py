"""The arguments of a call: how each is taken, by its signature, and what is lent until it returns (rules, 3 and 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mypy.nodes import CallExpr, Expression, GeneratorExpr, IndexExpr, MemberExpr, NameExpr, RefExpr, TypeInfo

from ..callees import Taking
from ..events import Destination, Fault, Into, Keeps, Kind, Ownership, Times
from ..knowledge.containers import Does
from ..knowledge.tasks import Spawn
from ..ownership_facts import LoanField
from ..type_shapes import classes_of, method_of, signatures_of
from . import captures, escapes, minting
from .among import element_values, values
from .asking import is_passed_on
from .body import Body
from .containers import listed_operand
from .context import ASK, LOOK, Use
from .loan_fields import has_on_loan, held_in_fields
from .loans import carries_loans, is_lent, lenders, passed_through
from .lookups import Operand, called_type, has_affine_element, method_row, operands, takes_elements, takings_of
from .raising import absorbs, is_calm
from .spawning import Passed, called_function, parts, passed_on
from .spelling import callee_name, spell
from .syntax import DISPLAYS, LITERALS

__all__ = ["arguments", "reach_into", "reach_into_fields"]


def arguments(
    body: Body,
    node: CallExpr,
    owner: str,
    known: list[Operand] | None,
    onward: Use,
    row: Spawn | None,
    *,
    goes_on: bool,
) -> None:
    """Evaluate them. `owner`: what a reader calls the callee; `row`: what is known of it by the table of tasks."""
    does = [operand for operand in known if not operand.is_receiver] if known else []
    takings: list[Taking] | None = None
    passed = passed_on(body, node, row) if row is not None else {}
    each = _called_for_each(body, node, row, does)
    for position, argument in enumerate(node.args):
        if type(argument) in LITERALS:
            # Nobody owns one, and it evaluates nothing.
            continue
        inside = parts(argument, passed) if passed else ()
        if inside or (argument in passed and body.is_affine(argument)):
            for part in inside or [argument]:
                _passed_argument(body, node, part, passed.get(part))
            continue
        says = does[position].does if does else Does.TAKE
        makes_calls = goes_on and (row is None or row.many)
        if each is not None and makes_calls and argument is not each and _lent_to_each(body, node, argument, each):
            # `map(research, topics, parts)` makes coroutines, `pool.map(work, parts)` threads.
            continue
        if not body.is_affine(argument) and (
            body.facts.holds_loans(body.types.get(argument))
            or says is not Does.TAKE
            or not _is_given_elements(body, node, position)
        ):
            body.expression(argument, captures.passing(body, node, position, owner))
            if has_on_loan(body, argument):
                taking = takings_of(body, node)[position]
                _lent_with(body, node, argument, taking, owner, goes_on=goes_on, puts=says is Does.TAKE)
            if body.minting is not None:
                minting.passed(body, node, position, owner)
            continue
        if takings is None:
            takings = takings_of(body, node)
        taking = takings[position]
        if taking.manages:
            body.managed.calls.add(node)
        task = body.tasks.goes_on_as(node) if goes_on else None
        keeps = _keeps(node, taking.name)
        to = Destination(Into.PARAMETER, taking.name, owner, goes_on, task, _is_ours(body, node), keeps)
        if does and listed_operand(body, node, does[position], onward, to):
            continue
        if position == 0 and _is_receiver_of_unbound_call(body, node):
            body.expression(argument)
            continue
        if body.module.watches_escapes:
            escapes.argument(body, node, position, is_ours=to.is_ours)
        if row is not None and onward is LOOK and is_passed_on(body, node, argument):
            # `await asyncio.gather(*tasks)`: nobody takes what they give, which they have still.
            body.expression(argument, ASK)
            continue
        _argument(body, node, argument, taking, to, goes_on=goes_on, starred=node.arg_kinds[position].is_star())


def _lent_with(
    body: Body, node: CallExpr, argument: Expression, taking: Taking, owner: str, *, goes_on: bool, puts: bool
) -> None:
    """An argument that has no owner itself: what it has on loan goes with it. `puts`: perhaps into a container."""
    to = Destination(Into.PARAMETER, taking.name, owner, goes_on)
    holds_loans = body.facts.holds_loans(body.types.get(argument))
    if goes_on:
        body.tasks.loans.lend_held(node, argument, to, uses=not _only_reads(taking))
    else:
        if taking.gets_loans:
            # Else it is only looked at: `print(deps)`.
            reach_into_fields(body, argument, to, shares=_only_reads(taking))
        if carries_loans(body, argument) and (puts or not holds_loans):
            _put_loans(body, node, argument, Destination(Into.RECEIVER, owner=owner))
    if holds_loans and taking.wants_owner:
        body.holds_loans(argument, Destination(Into.PARAMETER, taking.name, owner))


def _argument(
    body: Body,
    node: CallExpr,
    argument: Expression,
    taking: Taking,
    to: Destination,
    *,
    goes_on: bool,
    starred: bool = False,
) -> None:
    """One affine argument. `goes_on`: whatever has it goes on after the call has returned. `starred`: it is many."""
    if taking.manages and is_lent(body, argument):
        # `stack.enter_context(share(budget))`: the manager owns nothing of what it gives.
        body.expression(argument, Use(Kind.LOOK, Destination(Into.WITH)))
    elif taking.mode is Ownership.OWNED or (
        taking.holds_any and (isinstance(argument, DISPLAYS) or _calls_with_elements(body, node) or absorbs(body, node))
    ):
        body.expression(argument, Use(Kind.MOVE, to, drains=absorbs(body, node)))
    elif goes_on and taking.lends is not None:
        body.expression(argument)
        uses = taking.lends is Ownership.BORROWED and not (taking.declared and taking.mode is Ownership.SHARED)
        body.tasks.loans.lend_held(node, argument, to, uses=uses)
    elif not taking.declared:
        if goes_on and not taking.manages:
            body.tasks.loans.lend(node, argument, to, exclusive=False)
        elif taking.manages:
            body.expression(argument, Use(Kind.LOOK, Destination(Into.WITH)))
        else:
            body.expression(argument, ASK if is_calm(body, node) else LOOK)
            if taking.gets_loans:
                # `jobs.append((topic, budget))`, of which mypy says that it is a tuple with a budget.
                _keep_loan(body, node, argument)
    elif _outlives_loan(body, node):
        body.expression(argument, Use(Kind.MOVE, to))
    else:
        exclusive = taking.mode is Ownership.BORROWED
        if goes_on:
            body.tasks.loans.lend(node, argument, to, exclusive=exclusive)
        else:
            body.expression(argument, Use(Kind.LEND, to, exclusive, elements=starred))
            reach_into(body, argument, to, exclusive=exclusive)
            if body.places.of(argument) is None:
                for place in passed_through(body, argument):
                    body.use_place(place, argument, Use(Kind.LEND, to, exclusive, elements=True))
        body.lend_until_return(argument, to, exclusive=exclusive)
        _keep_loan(body, node, argument)


def _lent_to_each(body: Body, node: CallExpr, argument: Expression, function: Expression) -> bool:
    """A call makes calls of a function that go on, each of which is lent an element; False if that is taken."""
    if takes_elements(body, function) or not signatures_of(called_type(body, function)):
        return False
    if not (body.is_affine(argument) or has_affine_element(body, argument) or has_on_loan(body, argument)):
        if isinstance(argument, GeneratorExpr) and _uses_elements(body, function):
            # `pool.map(work, topics, (budget for _ in topics))`
            _lent_again(body, node, argument, function)
        return False
    to = _to_each(body, node, function)
    body.expression(argument)
    if _uses_elements(body, function):
        body.tasks.loans.lend_each(node, argument, to)
        _lent_again(body, node, argument, function)
    else:
        body.tasks.loans.lend_held(node, argument, to, uses=False)
    return True


def _to_each(body: Body, node: CallExpr, function: Expression) -> Destination:
    called = spell(function) or callee_name(node)
    return Destination(Into.PARAMETER, "", called, True, body.tasks.goes_on_as(node))


def _uses_elements(body: Body, function: Expression) -> bool:
    """Whether a function does more with what it is lent than to read it."""
    signatures = signatures_of(called_type(body, function))
    formals = [formal for one in signatures for formal in one.arg_types[body.facts.lends_receiver(one) :]]
    modes = {body.facts.declared_mode(formal) or body.facts.taking_mode(formal) for formal in formals}
    return Ownership.BORROWED in modes or any(map(body.facts.gives_loans_to_use, formals))


def _lent_again(body: Body, node: CallExpr, argument: Expression, function: Expression) -> None:
    """Calls of a function that go on at once are lent the elements of an argument: does it have one more than once?"""
    for place, times in element_values(body, argument).items():
        if times > Times.ONCE:
            by = Destination(Into.CALL, callee_name(node))
            body.fault(Fault.LENT_TO_EACH, place, argument, _to_each(body, node, function), by)


def reach_into(body: Body, node: Expression, to: Destination, *, exclusive: bool) -> None:
    """`use(parts[0])`: meanwhile nobody may have `parts` on loan for himself, nor just that element."""
    if (
        isinstance(node, (CallExpr, IndexExpr, MemberExpr))
        and body.places.of(node) is None
        and body.inferred.lending.has_any()
    ):
        for place in dict.fromkeys(lenders(body, node)):
            lent = body.emit(Kind.LEND, place, node, to)
            lent.exclusive, lent.element, lent.entry = False, exclusive, body.entry(node)


def reach_into_fields(
    body: Body, node: Expression, to: Destination, *, shares: bool = False, fields: Sequence[LoanField] | None = None
) -> None:
    """`use(deps)`: meanwhile nobody may have on loan for himself what an object borrows that has a name.

    `fields`: by which, if not by all. What is in a nested function matters to whoever runs that. Of `use(views)`, a
    collection, it is the whole of it.
    """
    own = body.places.of(node) if body.outer is not None or body.inferred.lending.has_any() else None
    if own is None:
        return
    type_ = body.types.get(node)
    if not body.facts.fields_for_loans(type_):
        body.emit(Kind.LEND, own, node, to).exclusive = body.facts.holds_loans_to_use(type_) and not shares
    else:
        for one in held_in_fields(body, node, fields):
            lent = body.emit(Kind.LEND, one.place, node, to)
            lent.exclusive, lent.behind = one.field.exclusive and not shares, True


def _only_reads(taking: Taking) -> bool:
    """`deps: Shared[Deps]`, or an `object`."""
    return taking.mode is Ownership.SHARED and (taking.declared or not taking.gets_loans)


def _calls_with_elements(body: Body, node: CallExpr) -> bool:
    """`pool.map(run, parts)`, `starmap(run, pairs)`: a function takes each element, though the signature says `Any`."""
    called = _called_for_each(body, node, body.tasks.table.row(node), operands(body, node) or ())
    return called is not None and takes_elements(body, called)


def _called_for_each(body: Body, node: CallExpr, row: Spawn | None, known: Iterable[Operand]) -> Expression | None:
    """The function that a call calls for each of a number of things, be it by the table of tasks or of containers."""
    if row is not None and row.many:
        return called_function(body, node, row)
    return next((operand.node for operand in known if operand.does is Does.APPLY), None)


def _passed_argument(body: Body, node: CallExpr, argument: Expression, passed: Passed | None) -> None:
    """An argument for the function that the call will call in its turn."""
    if passed is None:
        body.expression(argument)
        return
    to = Destination(Into.PARAMETER, passed.taking.name, passed.owner, True, body.tasks.goes_on_as(node))
    if not body.is_affine(argument):
        body.expression(argument)
        if has_on_loan(body, argument):
            body.tasks.loans.lend_held(node, argument, to, uses=not _only_reads(passed.taking))
        return
    row = body.tasks.table.row(node)
    if row is not None and row.again and passed.taking.mode is Ownership.OWNED:
        body.expression(argument)
        body.fault(Fault.PER_ATTEMPT, spell(argument) or "the argument", argument, to)
        return
    _argument(body, node, argument, passed.taking, to, goes_on=True)


def _is_given_elements(body: Body, node: CallExpr, position: int) -> bool:
    """`keep({"question": text, "budget": b})`: of the display mypy knows no more than that it goes where Any is."""
    argument = node.args[position]
    if type(argument) not in DISPLAYS or not has_affine_element(body, argument):
        return False
    taking = takings_of(body, node)[position]
    return taking.mode is Ownership.OWNED or taking.holds_any


def _keep_loan(body: Body, node: CallExpr, argument: Expression) -> None:
    """`views.append(budget)`, where `views` is a list of borrows: it borrows from what the budget belongs to."""
    callee = node.callee
    if (
        isinstance(callee, MemberExpr)
        and isinstance(callee.expr, NameExpr)
        and body.facts.holds_loans(body.types.get(callee.expr))
    ):
        body.bindings.borrow_now(callee.expr, lenders(body, argument, displays=True), node, values(body, argument))


def _put_loans(body: Body, node: CallExpr, argument: Expression, to: Destination) -> None:
    """`jobs.append(Job(budget=view))`: from then on a variable borrows what it holds; other things live longer."""
    container = node.callee.expr if isinstance(node.callee, MemberExpr) else None
    if container is None or method_row(body, container, "__iter__") is None:
        # It only gets to see it.
        return
    lent = lenders(body, argument, displays=True, given=False)
    if isinstance(container, NameExpr) and not body.places.is_from_outside(body.places.of_variable(container)):
        body.bindings.borrow_now(container, lent, node, values(body, argument))
        return
    for lender in dict.fromkeys(lent):
        body.use_place(lender, argument, Use(Kind.MOVE, to))


def _outlives_loan(body: Body, node: CallExpr) -> bool:
    """`self.views.append(budget)`: a list of borrows in an attribute lives longer than any loan that it is given."""
    callee = node.callee
    return (
        isinstance(callee, MemberExpr)
        and isinstance(callee.expr, MemberExpr)
        and body.facts.holds_loans(body.types.get(callee.expr))
    )


def _is_receiver_of_unbound_call(body: Body, node: CallExpr) -> bool:
    """Whether the first argument is a method's `self`: `Budget.spend(b, 10)` borrows `b` as `b.spend(10)` does."""
    callee = node.callee
    if not isinstance(callee, MemberExpr) or not isinstance(callee.expr, RefExpr):
        return False
    info = callee.expr.node
    method = method_of(info, callee.name) if isinstance(info, TypeInfo) else None
    return (
        isinstance(info, TypeInfo)
        and method is not None
        and not (method.is_static or method.is_class)
        and not body.facts.is_consuming(info, callee.name)
    )


def _is_ours(body: Body, node: CallExpr) -> bool:
    """Whether the callee is defined in code that is checked here, and not in a library."""
    if isinstance(node.callee, RefExpr) and node.callee.fullname:
        return body.module.is_ours(node.callee.fullname)
    if isinstance(node.callee, MemberExpr):
        return any(body.module.is_ours(info.fullname) for info in classes_of(body.types.get(node.callee.expr)))
    return False


def _keeps(node: CallExpr, parameter: str) -> Keeps | None:
    """How an object that a call makes has the argument for a parameter: a dataclass, in the field of that name."""
    info = node.callee.node if isinstance(node.callee, RefExpr) else None
    if not isinstance(info, TypeInfo):
        return None
    maker = info.get("__init__")
    is_generated = info.is_named_tuple or (maker is not None and maker.plugin_generated)
    return Keeps.FIELD if is_generated and info.get(parameter) is not None else Keeps.SOMEWHERE
