"""Calls: the callee and its receiver, then the arguments, then the call itself, which may raise (rules, 3 and 4).

Owns that order. How an argument is taken is for `arguments` to say, what library functions do beyond their signatures
for `containers`, and what is run that goes on for `running`.
"""

from __future__ import annotations

from typing import TypeAlias

from mypy.nodes import CallExpr, Expression, ListExpr, MemberExpr, StrExpr, SuperExpr
from mypy.types import AnyType, TypeOfAny, UninhabitedType, get_proper_type

from ..events import Destination, Fault, Into, Kind, Ownership
from ..fullnames import PARTIAL
from ..knowledge import CLOSERS
from ..knowledge.containers import Does
from ..type_shapes import is_partial
from . import bases, captures, dropping, escapes, function_lists, generics, minting, promised, updates
from .arguments import arguments, reach_into, reach_into_fields
from .asking import asks
from .body import Body
from .captives import captives_of, learn, lent
from .containers import call_functions, collected_by, dies_with_call, is_collected_later, listed_operand
from .context import LOOK, Captive, Hold, Use
from .loan_fields import its_own_fields
from .loans import dies_here, is_element, is_lent, keepers
from .lookups import UPDATING_NAMES, Operand, names_a_namespace, operands
from .raising import may_raise
from .running import functions_run, lend_captives
from .spelling import callee_name, spell, spell_lookup
from .syntax import DISPLAYS

__all__ = ["call"]

_Taken: TypeAlias = tuple[int, Expression, Use, frozenset[str]]
"""A place that a call takes itself, where that stands, how it does, and the parts that are given anew instead."""


def call(body: Body, node: CallExpr, use: Use) -> None:
    """Receiver, then arguments from left to right, then the call itself, which may raise or never return."""
    if node.analyzed is not None:
        body.expression(node.analyzed, use)
        return
    place = body.places.of(node)
    if place is not None:
        _contents(body, node, place, use)
        return
    if node.args and is_partial(node):
        _partial(body, node)
        return
    if isinstance(node.callee, MemberExpr) and _is_about_text(body, node, node.callee):
        _about_text(body, node, node.callee)
        return
    onward = use if use.kind is Kind.MOVE and body.is_affine(node) else LOOK
    known = operands(body, node)
    waited = node.callee.expr if isinstance(node.callee, MemberExpr) else None
    if isinstance(waited, CallExpr) and not node.args and body.tasks.table.waits(node):
        body.awaited = waited
    collected = frozenset(collected_by(body, known)) if known and onward is not LOOK else frozenset()
    if known and onward.to is not None and onward.to.into is Into.RETURN:
        collected |= {operand.node for operand in known if dies_with_call(body, operand, onward)}
    if collected:
        # `list(parts)`: if that raises, there is no list, and nothing has left the other one.
        with body.flow.called_off(collected):
            _call(body, node, use, onward, known)
    else:
        _call(body, node, use, onward, known)


def _call(body: Body, node: CallExpr, use: Use, onward: Use, known: list[Operand] | None) -> None:
    tasks, name = body.tasks, callee_name(node)
    row = tasks.table.row(node)
    loans, start = body.begin_call(), len(body.log)
    around = tasks.begin_call(node, row) if row is not None else None
    # What it starts, or what it gives back, goes on after it has returned.
    goes_on = (row is not None and row.calls is not None) or body.facts.goes_on(body.types.get(node))
    taken = _callee(body, node, name, known, onward, goes_on=goes_on)
    arguments(body, node, name, known, onward, row, goes_on=goes_on)
    if taken is not None:
        # If an argument raises, nothing has been called, and the object is still there.
        place, receiver, how, given = taken
        if not given or not updates.use_others(body, receiver, given, how):
            body.use_place(place, receiver, how)
    if isinstance(node.callee, SuperExpr):
        bases.ended(body, node.callee)
    running = functions_run(body, node, row, known) if goes_on else []
    if running:
        lend_captives(body, node, running, renewed=False)
    if goes_on:
        if row is not None:
            tasks.loans.put_off(node, row, start)
    elif body.has_captives:
        captures.change(body, (node.callee, *node.args), node)
    promised.arguments(body, node, name, row)
    if body.minting is not None:
        minting.made(body, node)
    if not known:
        generics.call(body, node, use, name)
    if body.module.watches_escapes:
        escapes.by_name(body, node)
    if around is not None:
        tasks.end_call(around)
    body.end_call(loans)
    if known:
        call_functions(body, node, known)
    if name in UPDATING_NAMES:
        updates.called(body, node)
    renewed = captures.renewed(body, node) if body.has_captives else ()
    if body.shared:
        function_lists.appended(body, node)
    holds = tasks.are_any()
    if holds:
        tasks.put(node)
        tasks.waited(node)
    if not body.facts.makes_coroutine(body.types.get(node.callee)):
        if renewed:
            captures.lose(body, node, renewed)
        may_raise(body, node, name, takes=taken is not None)
    elif renewed:
        # An `async def` runs when it is awaited: it may raise before the new value is there, and after that.
        body.flow.may_raise(node.line)
        body.awaited_later += renewed
    for tie, place, one in renewed:
        if one.renews:
            body.emit(Kind.INIT, place, node, tie=tie)
    if running:
        lend_captives(body, node, running, renewed=True)
    captures.leave_running(body, node)
    # A call that raises has started nothing.
    if row is not None or holds or running:
        tasks.called(node)
    dropping.unkept(body, node, use)
    result = get_proper_type(body.types.get(node))
    if isinstance(result, UninhabitedType) and not result.ambiguous:
        body.flow.stop()
    elif onward is LOOK:
        return
    elif known and is_element(body, node):
        if not all(dies_here(body, keeper, onward) for keeper in keepers(body, node)):
            body.fault(Fault.ELEMENT, spell_lookup(node), node, use.to)
    elif is_lent(body, node):
        body.fault(Fault.NOT_OWNED, f'the result of "{name}"', node, use.to)


def _contents(body: Body, node: CallExpr, place: int, use: Use) -> None:
    """`task.result()`: if that raises, there is nothing that could have been taken."""
    for argument in node.args:
        body.expression(argument)
    body.tasks.waited(node)
    body.flow.may_raise(node.line)
    body.tasks.called(node)
    body.use_place(place, node, use)


def _is_about_text(body: Body, node: CallExpr, callee: MemberExpr) -> bool:
    """Whether a call is a method of a text or number that is given nothing else, as those that f-strings are made of.

    There are many, and of none of them is anything to be asked: nobody owns a text, and it holds on to nothing.
    """
    types, is_text = body.types, body.facts.is_text
    return is_text(types.get(callee.expr)) and all(
        is_text(types.get(part)) for argument in node.args for part in _joined(argument)
    )


def _joined(argument: Expression) -> list[Expression]:
    """`"".join([...])`: the parts of an f-string."""
    return argument.items if isinstance(argument, ListExpr) else [argument]


def _about_text(body: Body, node: CallExpr, callee: MemberExpr) -> None:
    if not isinstance(callee.expr, StrExpr):
        body.expression(callee.expr)
        body.flow.may_raise(stored=True)
    for argument in node.args:
        for part in _joined(argument):
            body.expression(part)
    body.flow.may_raise(node.line)


def _partial(body: Body, node: CallExpr) -> None:
    """`partial(run, budget)`: it takes what `run` takes by move, and is lent what `run` borrows."""
    function, *arguments = node.args
    unknown = AnyType(TypeOfAny.special_form)
    body.expression(node.callee)
    body.expression(function, Use(Kind.MOVE, Destination(Into.CLOSURE, PARTIAL)))
    captives = list(captives_of(body, function))
    takings = body.callees.takings(
        body.types.get(function),
        node.arg_kinds[1:],
        node.arg_names[1:],
        lambda index: body.types.get(arguments[index], unknown),
        partial=True,
    )
    with body.call():
        if body.minting is not None:
            for position in range(len(node.args)):
                minting.passed(body, node, position, callee_name(node))
        for argument, taking in zip(arguments, takings, strict=True):
            captives.extend(captives_of(body, argument))
            if not body.is_affine(argument):
                body.expression(argument, Use(Kind.MOVE, Destination(Into.CLOSURE, PARTIAL)))
                if body.facts.fields_for_loans(body.types.get(argument)):
                    captives.extend(lent(body, argument, node))
            elif taking.mode is Ownership.OWNED:
                body.expression(argument, Use(Kind.MOVE, Destination(Into.CLOSURE, PARTIAL)))
                captives.append(Captive(spell(argument) or "what it was given", Hold.MOVE, node))
            else:
                body.expression(argument)
                captives.extend(lent(body, argument, node))
    learn(body, node, captives)
    body.flow.may_raise()


def _callee(
    body: Body, node: CallExpr, called: str, known: list[Operand] | None, onward: Use, *, goes_on: bool
) -> _Taken | None:
    """Evaluate the callee; a method lends or takes its receiver. Gives what the call itself is to take."""
    callee = node.callee
    if isinstance(callee, SuperExpr):
        bases.lent_to(body, callee)
        return None
    if body.is_affine(callee):
        receiver, name = callee, "__call__"
    elif isinstance(callee, MemberExpr) and not names_a_namespace(callee.expr):
        receiver, name = callee.expr, callee.name
    else:
        body.expression(callee, captures.calling(body, callee))
        return None
    taken: _Taken | None = None
    if not body.is_affine(receiver):
        body.expression(receiver)
        fields = its_own_fields(body, body.types.get(receiver)) if not goes_on else []
        if fields:
            method = body.receiver(receiver, name)
            if method.binds and not method.shares:
                reach_into_fields(body, receiver, Destination(Into.RECEIVER, owner=called), fields=fields)
        _looked_up(body, node, receiver)
        return None
    to = Destination(Into.RECEIVER, owner=called)
    if known and is_collected_later(body, known[0], onward):
        # `step._replace(text=step.text + more)`: what is in it is taken by the call itself.
        given = updates.given_by_call(body, node)
        if not updates.use_others(body, receiver, given, LOOK):
            body.expression(receiver)
        place = body.places.of(receiver)
        taken = (place, receiver, onward.of_elements, given) if place is not None else None
    elif name in UPDATING_NAMES and updates.is_update(body, receiver, name):
        # Nothing of the record is looked at: the call assigns what it is given.
        pass
    elif known and known[0].is_receiver and listed_operand(body, node, known[0], onward, to):
        gone = known[0].does in (Does.VIEW, Does.COLLECT) or dies_with_call(body, known[0], onward)
        if onward is LOOK or not gone:
            body.lend_until_return(receiver, to, exclusive=True)
    elif (method := body.receiver(receiver, name)).consumes:
        place = body.places.of(receiver)
        if place is None:
            body.expression(receiver, Use(Kind.MOVE, to))
        else:
            taken = place, receiver, Use(Kind.MOVE, to), frozenset()
    elif not method.binds:
        # A static method sees nothing of what it is called on.
        place = body.places.of(receiver)
        if place is not None:
            body.use_place(body.places.path(place, name), callee, LOOK)
        else:
            body.expression(receiver)
    elif isinstance(receiver, DISPLAYS):
        # What a method gives out of a temporary container was put into it first.
        body.expression(receiver, Use(Kind.MOVE, to))
    else:
        looks = Destination(Into.WITH if name in CLOSERS else Into.RECEIVER, owner=to.owner)
        exclusive = not method.shares
        asking = isinstance(callee, MemberExpr) and asks(body, callee, node)
        body.expression(receiver, Use(Kind.LOOK, looks, exclusive, asks=asking))
        if exclusive:
            reach_into(body, receiver, to, exclusive=True)
        body.lend_until_return(receiver, to, exclusive=True)
    _looked_up(body, node, receiver)
    return taken


def _looked_up(body: Body, node: CallExpr, receiver: Expression) -> None:
    """The method that is called has been looked up."""
    # That a string has its methods is certain, and an f-string is made of them; so has a thread its `join`.
    if not isinstance(receiver, StrExpr) and not body.tasks.waits(node):
        body.flow.may_raise(stored=True)
