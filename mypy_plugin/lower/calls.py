"""Calls: how each argument and the receiver are taken, and what is lent until the call returns (rules, 3 and 4).

What a callee does with an argument is read off its signature by `typing_facts`; what a few library functions do
beyond their signatures is data, in `knowledge.containers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from mypy.nodes import (
    CallExpr,
    Expression,
    FuncDef,
    IndexExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
    StrExpr,
    TypeInfo,
)
from mypy.types import AnyType, TypeOfAny, UninhabitedType, get_proper_type

from ..callees import Taking
from ..events import Destination, Fault, Into, Kind, Ownership
from ..fullnames import PARTIAL
from ..knowledge import CALM, CAUGHT_BY, CLOSERS
from ..knowledge.containers import Does
from ..type_shapes import classes_of, is_partial, method_of
from . import captures, dropping, escapes, generics, minting, promised
from .asking import asks, is_passed_on
from .body import Body
from .captives import captives_of, handed, is_given, learn, lent
from .context import ASK, DISPLAYS, LOOK, Captive, Hold, Use, elements_of
from .loans import (
    dies_here,
    is_element,
    is_kept,
    is_lent,
    is_made_of,
    is_replaced,
    keepers,
    lenders,
    passed_through,
)
from .lookups import (
    Operand,
    is_absorbing_method,
    is_calm_method,
    names_a_namespace,
    operands,
    reaches_owned,
    takes_elements,
    takes_what_stays,
)
from .spawning import Passed, called_function, parts, passed_on
from .spelling import callee_name, spell, spell_entry, spell_lookup

__all__ = ["call", "call_functions"]


_COLLECTING = frozenset({Does.COLLECT})


def call(body: Body, node: CallExpr, use: Use) -> None:
    """Receiver, then arguments from left to right, then the call itself, which may raise or never return."""
    if node.analyzed is not None:
        body.expression(node.analyzed, use)
        return
    place = body.places.of(node)
    if place is not None:
        _contents(body, node, place, use)
        return
    if is_partial(node) and node.args:
        _partial(body, node)
        return
    if _is_about_text(body, node):
        _about_text(body, node)
        return
    onward = use if use.kind is Kind.MOVE and body.is_affine(node) else LOOK
    known = operands(body, node)
    waited = node.callee.expr if isinstance(node.callee, MemberExpr) else None
    if isinstance(waited, CallExpr) and not node.args and body.tasks.table.waits(node):
        body.awaited = waited
    collected = frozenset(_collected(body, known)) if known and onward is not LOOK else frozenset()
    if known and onward.to is not None and onward.to.into is Into.RETURN:
        collected |= {operand.node for operand in known if _dies_with_call(body, operand, onward)}
    if collected:
        # `list(parts)`: if that raises, there is no list, and nothing has left the other one.
        with body.flow.called_off(collected):
            _call(body, node, use, onward, known)
    else:
        _call(body, node, use, onward, known)


def _collected(body: Body, known: list[Operand], through: frozenset[Does] = _COLLECTING) -> Iterator[Expression]:
    """What a call makes a container of, and what that is reached through: `list(d.values())`."""
    for operand in known:
        if operand.does in through:
            yield operand.node
            if isinstance(operand.node, CallExpr):
                yield from _collected(body, operands(body, operand.node) or [], _COLLECTING | {Does.VIEW})


def _dies_with_call(body: Body, operand: Operand, onward: Use) -> bool:
    """`return max(parts)`: whether an operand that lends an element ends here itself, so that it can be taken out."""
    return operand.does is Does.LEND and dies_here(body, operand.node, onward)


def _call(body: Body, node: CallExpr, use: Use, onward: Use, known: list[Operand] | None) -> None:
    loans, around, start = body.begin_call(), body.tasks.begin_call(node), len(body.log)
    goes_on = body.tasks.goes_on(node)
    taken = _callee(body, node, known, onward)
    _arguments(body, node, known, onward, goes_on=goes_on)
    if taken is not None:
        # If an argument raises, nothing has been called, and the object is still there.
        body.use_place(*taken)
    running = _running(body, node, known) if goes_on else []
    if running:
        _lend_captives(body, node, running, renewed=False)
    if goes_on:
        body.tasks.put_off(node, start)
    else:
        captures.change(body, (node.callee, *node.args), node)
    promised.arguments(body, node, callee_name(node))
    if body.minting is not None:
        minting.made(body, node)
    if not known:
        generics.call(body, node, use, callee_name(node))
    if body.module.watches_escapes:
        escapes.by_name(body, node)
    body.tasks.end_call(around)
    body.end_call(loans)
    if known:
        call_functions(body, node, known)
    renewed = captures.renewed(body, node)
    body.tasks.put(node)
    body.tasks.waited(node)
    # An `async def` runs, and may raise, when it is awaited.
    if not body.facts.makes_coroutine(body.types.get(node.callee)):
        is_calm = _is_calm(body, node)
        caught_by = _caught_by(body, node, takes=taken is not None)
        if caught_by is None or caught_by:
            stored = is_calm and _stores(body, node)
            body.flow.may_raise(None if is_calm else node.line, stored=stored, caught_by=caught_by)
    for tie, place, _ in renewed:
        body.emit(Kind.INIT, place, node, tie=tie)
    if running:
        _lend_captives(body, node, running, renewed=True)
    # A call that raises has started nothing.
    body.tasks.called(node)
    dropping.unkept(body, node, use)
    result = get_proper_type(body.types.get(node))
    if isinstance(result, UninhabitedType) and not result.ambiguous:
        body.flow.stop()
    elif onward is LOOK:
        return
    elif is_element(body, node):
        if not all(dies_here(body, keeper, onward) for keeper in keepers(body, node)):
            body.fault(Fault.ELEMENT, spell_lookup(node), node, use.to)
    elif is_lent(body, node):
        body.fault(Fault.NOT_OWNED, f'the result of "{callee_name(node)}"', node, use.to)


def _contents(body: Body, node: CallExpr, place: int, use: Use) -> None:
    """`task.result()`: if that raises, there is nothing that could have been taken."""
    for argument in node.args:
        body.expression(argument)
    body.tasks.waited(node)
    body.flow.may_raise(node.line)
    body.tasks.called(node)
    body.use_place(place, node, use)


def _is_about_text(body: Body, node: CallExpr) -> bool:
    """Whether a call is a method of a text or number that is given nothing else, as those that f-strings are made of.

    There are many, and of none of them is anything to be asked: nobody owns a text, and it holds on to nothing.
    """
    types, is_text = body.types, body.facts.is_text
    return (
        isinstance(node.callee, MemberExpr)
        and is_text(types.get(node.callee.expr))
        and all(is_text(types.get(part)) for argument in node.args for part in _joined(argument))
    )


def _joined(argument: Expression) -> list[Expression]:
    """`"".join([...])`: the parts of an f-string."""
    return argument.items if isinstance(argument, ListExpr) else [argument]


def _about_text(body: Body, node: CallExpr) -> None:
    assert isinstance(node.callee, MemberExpr)
    if not isinstance(node.callee.expr, StrExpr):
        body.expression(node.callee.expr)
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
            elif taking.mode is Ownership.OWNED:
                body.expression(argument, Use(Kind.MOVE, Destination(Into.CLOSURE, PARTIAL)))
                captives.append(Captive(spell(argument) or "what it was given", Hold.MOVE, node))
            else:
                body.expression(argument)
                captives.extend(lent(body, argument, node))
    learn(body, node, captives)
    body.flow.may_raise()


def call_functions(body: Body, node: CallExpr, known: list[Operand]) -> None:
    """A call gives its functions (the `key` of `max`) elements that stay where they are."""
    function = takes_what_stays(body, known)
    if function is not None:
        to = Destination(Into.RECEIVER, owner=callee_name(node))
        body.fault(Fault.TAKES_ELEMENTS, spell(function) or "the lambda", function, to)


def _known(body: Body, node: CallExpr, operand: Operand, onward: Use, to: Destination) -> bool:
    """Evaluate an affine operand as the table says; False where it says nothing but the signature.

    `onward`: how the result is used; `to`: the operand's own place in the call.
    """
    does, argument = operand.does, operand.node
    if does is Does.TAKE:
        return False
    if operand.is_receiver and does in (Does.LEND, Does.HAND_OUT) and not reaches_owned(body, node):
        if body.places.of(argument) is None:
            body.expression(argument)
    elif does in (Does.VIEW, Does.COLLECT):
        body.expression(argument, onward.of_elements if does is Does.COLLECT else onward)
    elif does in (Does.LEND, Does.SHARE) and not is_kept(body, argument):
        # What is left of a temporary container was put into it first.
        body.expression(argument, onward)
    elif _dies_with_call(body, operand, onward):
        body.expression(argument, onward)
    elif does is Does.SHARE and onward is not LOOK and _makes_room(body, argument, onward):
        # Nobody is left who could take the elements from the whole, as well.
        body.expression(argument, Use(Kind.LEND, onward.to, exclusive=True))
    elif does is Does.HAND_OUT and is_made_of(body, argument):
        body.expression(argument, onward)
    elif does is Does.EMPTY and (emptied := body.places.of(argument)) is not None:
        body.emit(Kind.EMPTY, emptied, argument)
    else:
        # What leaves a container for another owner must not be with a task, nor must the container.
        leaves = does is Does.RELEASE or (does is Does.HAND_OUT and onward is not LOOK)
        changes = does is Does.HAND_OUT and operand.is_receiver
        # `node.parent.children.remove(node)`: it is the method that lets it go, and has the container by then.
        taker = Destination(Into.RECEIVER, owner=callee_name(node)) if does is Does.RELEASE else to
        use = ASK if does in (Does.LOOK, Does.RELEASE) and body.facts.holds_handles(body.types.get(argument)) else LOOK
        if use is LOOK and (leaves or changes):
            use = Use(Kind.LEND, taker, exclusive=True) if leaves else Use(Kind.LOOK, to)
        body.expression(argument, use)
        name = spell(argument) or "the container"
        if does is Does.RELEASE and isinstance(argument, NameExpr) and isinstance(node.callee, MemberExpr):
            body.bindings.released(argument, node.callee.expr)
        elif does is Does.DUPLICATE:
            copier = Destination(Into.CALL, owner=callee_name(node))
            body.fault(Fault.REPEATED, spell(argument) or "", argument, to, copier)
        elif does is Does.SHARE and onward is not LOOK:
            is_object = any(map(body.facts.is_affine_class, classes_of(body.types.get(argument))))
            copier = Destination(Into.CALL if is_object else Into.RECEIVER, owner=callee_name(node))
            body.fault(Fault.SHARED, name, node, onward.to, copier)
        elif does is Does.HAND_OUT and onward is not LOOK:
            # `team.pop("writer")`: the other entries of a TypedDict stay.
            place = body.places.of_element(argument, node.args[0]) if operand.is_receiver and node.args else None
            place = body.places.of(argument) if place is None else place
            if place is not None:
                body.bindings.handed_out(place, argument, callee_name(node))
    return True


def _is_collected_later(body: Body, operand: Operand, onward: Use) -> bool:
    """Whether a method puts what its object holds into what it gives, and the object is in a place until then."""
    collects = operand.is_receiver and operand.does is Does.COLLECT and onward is not LOOK
    return collects and body.places.of(operand.node) is not None


def _makes_room(body: Body, node: Expression, onward: Use) -> bool:
    """Whether nobody uses a value again once something has been made of what is in it."""
    return is_replaced(body, node, onward) or (dies_here(body, node, onward) and not body.flow.goes_on_in_finally())


def _callee(body: Body, node: CallExpr, known: list[Operand] | None, onward: Use) -> tuple[int, Expression, Use] | None:
    """Evaluate the callee; a method lends or takes its receiver. Gives the place that the call itself is to take."""
    callee = node.callee
    if body.is_affine(callee):
        receiver, name = callee, "__call__"
    elif isinstance(callee, MemberExpr) and not names_a_namespace(callee.expr):
        receiver, name = callee.expr, callee.name
    else:
        body.expression(callee, captures.calling(body, callee))
        return None
    taken = None
    to = Destination(Into.RECEIVER, owner=callee_name(node))
    if not body.is_affine(receiver):
        body.expression(receiver)
    elif known and _is_collected_later(body, known[0], onward):
        # `step._replace(text=step.text + more)`: what is in it is taken by the call itself.
        body.expression(receiver)
        place = body.places.of(receiver)
        taken = (place, receiver, onward.of_elements) if place is not None else None
    elif known and known[0].is_receiver and _known(body, node, known[0], onward, to):
        gone = known[0].does in (Does.VIEW, Does.COLLECT) or _dies_with_call(body, known[0], onward)
        if onward is LOOK or not gone:
            body.lend_until_return(receiver, to, exclusive=True)
    elif body.facts.consumes_receiver(body.types.get(receiver), name):
        place = body.places.of(receiver)
        if place is None:
            body.expression(receiver, Use(Kind.MOVE, to))
        else:
            taken = place, receiver, Use(Kind.MOVE, to)
    elif not body.facts.binds_receiver(body.types.get(receiver), name):
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
        exclusive = not body.facts.shares_receiver(body.types.get(receiver), name)
        asking = isinstance(callee, MemberExpr) and asks(body, callee, node)
        body.expression(receiver, Use(Kind.LOOK, looks, exclusive, asks=asking))
        if exclusive:
            _reach_into(body, receiver, to, exclusive=True)
        body.lend_until_return(receiver, to, exclusive=True)
    if not isinstance(receiver, StrExpr) and not body.tasks.waits(node):
        # That a string has its methods is certain, and an f-string is made of them; so has a thread its `join`.
        body.flow.may_raise(stored=True)
    return taken


def _arguments(body: Body, node: CallExpr, known: list[Operand] | None, onward: Use, *, goes_on: bool) -> None:
    does = [operand for operand in known if not operand.is_receiver] if known else []
    takings: list[Taking] | None = None
    owner, task = "", body.tasks.goes_on_as(node)
    passed = passed_on(body, node)
    for position, argument in enumerate(node.args):
        inside = parts(argument, passed) if passed else ()
        if inside or (argument in passed and body.is_affine(argument)):
            for part in inside or [argument]:
                _passed_argument(body, node, part, passed.get(part))
            continue
        holds_loans = body.facts.holds_loans(body.types.get(argument))
        if not body.is_affine(argument) and (holds_loans or does or not _is_given_elements(body, node, position)):
            body.expression(argument, captures.passing(body, node, position, callee_name(node)))
            if holds_loans:
                taking = _takings(body, node)[position]
                if taking.owns and taking.mode is Ownership.OWNED:
                    body.holds_loans(argument, Destination(Into.PARAMETER, taking.name, callee_name(node)))
            if body.minting is not None:
                minting.passed(body, node, position, callee_name(node))
            continue
        if takings is None:
            takings = _takings(body, node)
            owner = callee_name(node)
        taking = takings[position]
        if taking.manages:
            body.managed.calls.add(node)
        to = Destination(Into.PARAMETER, taking.name, owner, goes_on, task if goes_on else None, _is_ours(body, node))
        if does and _known(body, node, does[position], onward, to):
            continue
        if position == 0 and _is_receiver_of_unbound_call(body, node):
            body.expression(argument)
            continue
        if body.module.watches_escapes:
            escapes.argument(body, node, position, is_ours=to.is_ours)
        if onward is LOOK and is_passed_on(body, node, argument):
            # `await asyncio.gather(*tasks)`: nobody takes what they give, which they have still.
            body.expression(argument, ASK)
            continue
        _argument(body, node, argument, taking, to, goes_on=goes_on, starred=node.arg_kinds[position].is_star())


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
        taking.holds_any and (isinstance(argument, DISPLAYS) or _calls_with_elements(body, node))
    ):
        body.expression(argument, Use(Kind.MOVE, to, drains=_absorbs(body, node)))
    elif not taking.declared:
        if goes_on and not taking.manages:
            body.tasks.lend(node, argument, to, exclusive=False)
        elif taking.manages:
            body.expression(argument, Use(Kind.LOOK, Destination(Into.WITH)))
        else:
            body.expression(argument, ASK if _is_calm(body, node) else LOOK)
    elif _outlives_loan(body, node):
        body.expression(argument, Use(Kind.MOVE, to))
    else:
        exclusive = taking.mode is Ownership.BORROWED
        if goes_on:
            body.tasks.lend(node, argument, to, exclusive=exclusive)
        else:
            body.expression(argument, Use(Kind.LEND, to, exclusive, elements=starred))
            _reach_into(body, argument, to, exclusive=exclusive)
            if body.places.of(argument) is None:
                for place in passed_through(body, argument):
                    body.use_place(place, argument, Use(Kind.LEND, to, exclusive, elements=True))
        body.lend_until_return(argument, to, exclusive=exclusive)
        _keep_loan(body, node, argument)


def _reach_into(body: Body, node: Expression, to: Destination, *, exclusive: bool) -> None:
    """`use(parts[0])`: meanwhile nobody may have `parts` on loan for himself, nor just that element."""
    if isinstance(node, (IndexExpr, MemberExpr)) and body.places.of(node) is None and body.inferred.lending.has_any():
        for place in dict.fromkeys(lenders(body, node)):
            lent = body.emit(Kind.LEND, place, node, to)
            lent.exclusive, lent.element, lent.entry = False, exclusive, spell_entry(node)


def _stores(body: Body, node: CallExpr) -> bool:
    """Whether a method only puts what it is given into its object: `xs.extend(ys)`, `stack.callback(log, budget)`."""
    row = body.tasks.table.row(node)
    return bool(row.deferred) if row is not None else _absorbs(body, node)


def _absorbs(body: Body, node: CallExpr) -> bool:
    callee = node.callee
    return isinstance(callee, MemberExpr) and is_absorbing_method(body, callee.expr, callee.name)


def _calls_with_elements(body: Body, node: CallExpr) -> bool:
    """`pool.map(run, parts)`: each element goes to a function that takes it, though the signature says `Any`."""
    row = body.tasks.table.row(node)
    called = called_function(body, node) if row is not None and row.many else None
    return called is not None and takes_elements(body, called)


def _passed_argument(body: Body, node: CallExpr, argument: Expression, passed: Passed | None) -> None:
    """An argument for the function that the call will call in its turn."""
    if passed is None or not body.is_affine(argument):
        body.expression(argument)
        return
    to = Destination(Into.PARAMETER, passed.taking.name, passed.owner, True, body.tasks.goes_on_as(node))
    row = body.tasks.table.row(node)
    if row is not None and row.again and passed.taking.mode is Ownership.OWNED:
        body.expression(argument)
        body.fault(Fault.PER_ATTEMPT, spell(argument) or "the argument", argument, to)
        return
    _argument(body, node, argument, passed.taking, to, goes_on=True)


_RENEWING = frozenset({Hold.RENEW, Hold.ASSIGN})


_Running: TypeAlias = list[tuple[Expression, Sequence[Captive]]]
"""The functions that a call runs which goes on, each with what it captured."""


def _running(body: Body, node: CallExpr, known: list[Operand] | None) -> _Running:
    row = body.tasks.table.row(node)
    if row is None:
        # Of a container nothing goes on but the tasks that it holds.
        functions = [*([] if known else [node.callee]), *handed(body, node)]
    else:
        called = called_function(body, node)
        functions = [called] if called is not None else []
    found = [(function, captives) for function in functions if (captives := captives_of(body, function))]
    if row is None and body.is_affine(node.callee):
        # An object that is called is lent to the call, as the one that a method is called on.
        found.append((node.callee, lent(body, node.callee, node.callee)))
    return found


def _lend_captives(body: Body, node: CallExpr, running: _Running, *, renewed: bool) -> None:
    """What goes on after the call has returned has what the functions captured that it runs.

    `renewed`: what they give a new value, by the time that they have done so.
    """
    row = body.tasks.table.row(node)
    at_once = row.many if row is not None else not body.facts.is_awaitable(body.types.get(node))
    in_turn: dict[int, tuple[Expression, Destination, Captive]] = {}
    for function, captives in running:
        to = captures.named(function)
        for captive in captives:
            place = body.captive_place(captive)
            if place is None or captive.how is Hold.CLAIM or (captive.how in _RENEWING) is not renewed:
                continue
            if captive.is_default and is_given(node, function, captive):
                continue
            if captive.how is Hold.MOVE:
                # A function that is given to somebody is kept, see `captures`.
                if captive.late and function is node.callee:
                    body.tasks.claim(node, place, to)
                continue
            if isinstance(function, DISPLAYS):
                name = captive.closure.name if isinstance(captive.closure, FuncDef) else ""
                to = Destination(Into.RECEIVER, owner=name) if name else Destination(Into.CLOSURE, "lambda")
            if at_once and captive.exclusive and function is not node.callee:
                body.fault(Fault.LENT_TO_EACH, place, function, to, Destination(Into.CALL, callee_name(node)))
            elif isinstance(function, DISPLAYS):
                body.tasks.lend_captive(node, place, function, to, captive)
            elif place not in in_turn or (captive.exclusive and not in_turn[place][2].exclusive):
                # Who is given several functions, as `ask(work, or_else)`, calls one after the other.
                in_turn[place] = function, to, captive
    for place, (function, to, captive) in in_turn.items():
        body.tasks.lend_captive(node, place, function, to, captive)


def _is_given_elements(body: Body, node: CallExpr, position: int) -> bool:
    """`keep({"question": text, "budget": b})`: of the display mypy knows no more than that it goes where Any is."""
    if not _has_affine_element(body, node.args[position]):
        return False
    taking = _takings(body, node)[position]
    return taking.mode is Ownership.OWNED or taking.holds_any


def _has_affine_element(body: Body, node: Expression) -> bool:
    return any(body.is_affine(item) or _has_affine_element(body, item) for item in elements_of(node))


def _keep_loan(body: Body, node: CallExpr, argument: Expression) -> None:
    """`views.append(budget)`, where `views` is a list of borrows: it borrows from what the budget belongs to."""
    callee = node.callee
    if (
        isinstance(callee, MemberExpr)
        and isinstance(callee.expr, NameExpr)
        and body.facts.holds_loans(body.types.get(callee.expr))
    ):
        body.bindings.borrow_now(callee.expr, lenders(body, argument), node)


def _outlives_loan(body: Body, node: CallExpr) -> bool:
    """`self.views.append(budget)`: a list of borrows in an attribute lives longer than any loan that it is given."""
    callee = node.callee
    return (
        isinstance(callee, MemberExpr)
        and isinstance(callee.expr, MemberExpr)
        and body.facts.holds_loans(body.types.get(callee.expr))
    )


def _is_calm(body: Body, node: CallExpr) -> bool:
    """Whether a call is known not to raise in a program whose types are right."""
    callee = node.callee
    if isinstance(callee, RefExpr) and callee.fullname:
        return callee.fullname in CALM
    return isinstance(callee, MemberExpr) and is_calm_method(body, callee.expr, callee.name)


_RAISING = frozenset().union(*CAUGHT_BY.values())


def _caught_by(body: Body, node: CallExpr, *, takes: bool) -> frozenset[str] | None:
    """The classes that catch what a call raises, if known: of a method, after it `takes` what it is called on."""
    callee = node.callee
    if not isinstance(callee, (NameExpr, MemberExpr)) or callee.name not in _RAISING:
        return None
    owners = [callee.fullname.rpartition(".")[0]] if callee.fullname else []
    if takes and isinstance(callee, MemberExpr):
        owners = [
            next((base.fullname for base in info.mro if callee.name in base.names), "")
            for info in classes_of(body.types.get(callee.expr))
        ]
    found = [CAUGHT_BY.get(owner, {}).get(callee.name) for owner in owners]
    known = [one for one in found if one is not None]
    return frozenset().union(*known) if known and len(known) == len(found) else None


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


def _takings(body: Body, node: CallExpr) -> list[Taking]:
    known = body.module.takings.get(node)
    if known is None:
        unknown = AnyType(TypeOfAny.special_form)
        known = body.module.takings[node] = body.callees.takings(
            body.types.get(node.callee),
            node.arg_kinds,
            node.arg_names,
            lambda index: body.types.get(node.args[index], unknown),
        )
    return known
