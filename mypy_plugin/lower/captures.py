"""What it means to hold a value that captured something, to use it, and to pass it on.

Which values did, and what, is known by `captives`; who calls what how often is data, in `knowledge`.

A value that captured something *by move* may be used once: to call it, store it or pass it on moves it out of the
variable that holds it. One that captured a *variable* uses that variable whenever it is used itself, whatever value
the variable has by then. One that was *lent* a value borrows from where the value was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mypy import nodes
from mypy.nodes import CallExpr, Context, Expression, MemberExpr, NameExpr, Var

from ..callees import Calling
from ..events import Destination, Event, Fault, Into, Kind, Ownership, Tie
from ..type_shapes import is_partial
from .body import Body
from .captives import are_once, captives_of, is_given, keeps_elements, known, learn, makes_generator, variable_of
from .context import LOOK, Captive, Hold, Renewed, Use
from .places import shown
from .spelling import spell, spell_source

__all__ = [
    "begun",
    "bound",
    "called",
    "calling",
    "capture_at_entry",
    "change",
    "changes",
    "hold",
    "keep",
    "leave_running",
    "lose",
    "passing",
    "renewed",
    "resumed",
    "take",
    "use_name",
]


# Holding one


def _holder(body: Body, variable: Var, captives: Sequence[Captive]) -> tuple[int, Tie | None]:
    """The place of a variable that holds a value which captured; with the tie to what is used up with it, if any is.

    What is held by a variable of a body around this one, it holds from the beginning.
    """
    own = body.inferred.captives.has(variable)
    holder = body.places.declare(variable) if own else body.places.capture(variable)
    first = next((one for one in captives if one.how is Hold.MOVE), None)
    if first is None:
        return holder, None
    once = body.used_up.get(holder)
    if once is None:
        once = body.used_up[holder] = (holder, body.graph.add_place(first.name))
        if not own:
            body.graph.blocks[0].events.insert(0, Event(Kind.CAPTURE, holder, body.owner, tie=once))
    return holder, once


def hold(
    body: Body, variable: Var, captives: Sequence[Captive], node: Context, value: Expression | None = None
) -> None:
    """A variable has just been given a value that captured these. `value`: what gave it, if that is an expression."""
    if not captives:
        return
    learn(body, variable, captives)
    holder, once = _holder(body, variable, captives)
    before = body.places.of(value) if isinstance(value, NameExpr) else None
    if once is not None:
        body.emit(Kind.CAPTURE, holder, node, tie=once)
    for one in captives:
        place = body.captive_place(one)
        if one.how is Hold.LENT and one.root is not None:
            body.bindings.holds_loan(variable, holder, one, node, has_parts=keeps_elements(one.closure), before=before)
        elif place is not None and one.how is not Hold.CLAIM:
            body.emit(Kind.CAPTURE, holder, node, tie=(holder, place))
    _lend(body, captives, holder, node, before)
    _claim(body, captives, holder, value if value is not None else node)


def bound(body: Body, target: Expression, value: Expression) -> None:
    """An assignment has given `target` its value."""
    if isinstance(target, (nodes.TupleExpr, nodes.ListExpr)):
        if isinstance(value, (nodes.TupleExpr, nodes.ListExpr)) and len(target.items) == len(value.items):
            for one, its in zip(target.items, value.items, strict=True):
                bound(body, one, its)
    elif isinstance(target, NameExpr) and isinstance(target.node, Var):
        hold(body, target.node, captives_of(body, value), target, value)


def capture_at_entry(body: Body, argument: nodes.Argument) -> None:
    """A parameter that takes a callable by move: it may be called once."""
    captive = Captive("", Hold.MOVE, argument)
    hold(body, argument.variable, [captive], argument)


# Using one


def use_name(body: Body, node: NameExpr, use: Use) -> None:
    """A variable that may hold a value which captured something is used."""
    if not body.has_captives:
        return
    variable = variable_of(body, node.node)
    captives = known(body, variable) if variable is not None else ()
    if variable is None or not captives:
        return
    if _is_being_lowered(body, variable):
        _recurse(body, node, variable, captives, use)
        return
    holder, once = _holder(body, variable, captives)
    own = body.inferred.captives.has(variable)
    if use.kind is Kind.MOVE and once is not None:
        _use_up(body, holder, once, node, use.to)
    elif not body.is_affine(node):
        body.emit(Kind.LOOK, holder, node)
    keep(body, node, captives, use)
    for one in captives:
        place = body.captive_place(one)
        if place is None:
            continue
        tie = (holder, place) if own else None
        if one.how is Hold.LOOK or (one.how is Hold.RENEW and _is_running(body, node)):
            look = body.emit(Kind.LOOK, place, node, tie=tie)
            look.through, look.closure = _called(variable), one.closure
        elif one.how is Hold.MOVE and use.kind is Kind.MOVE and own and _is_taken_again(body, place, one):
            # What the variable holds by now goes, be it what it held when it was captured or not.
            to = Destination(Into.CLOSURE, _called(variable))
            moved = body.emit(Kind.MOVE, place, node, to, tie=tie, captured=True)
            moved.through, moved.closure = _called(variable), one.closure
            body.bindings.moved(moved, node, body.places.root(place)[1])


def _is_running(body: Body, node: Expression) -> bool:
    """Whether a value is a generator, or the like, and not a function that would be called."""
    type_ = body.types.get(node)
    return body.facts.runs_later(type_) and not body.facts.is_function(type_)


def change(body: Body, functions: Iterable[Expression], call: CallExpr | None = None) -> None:
    """Functions are called, or may be, that change what they captured. Nobody may have that on loan meanwhile."""
    if not body.has_captives:
        return
    for function in functions:
        captives = captives_of(body, function)
        for one in captives:
            if one.is_default and call is not None and is_given(call, function, one):
                continue
            if _lends_later(one) and _may_be_lent(body):
                _change(body, function, captives, one)


def _lends_later(one: Captive) -> bool:
    """Whether whoever captured something may lend it when he is used, if only to be read, or change it himself."""
    return _changes_later(one) or (one.how is Hold.LOOK and one.is_lent)


def _changes_later(one: Captive) -> bool:
    """Whether whoever captured something may change it when he is used: a function, or who was lent it.

    What hands a generator expression its elements only goes through them.
    """
    if not one.exclusive or one.how not in (Hold.LOOK, Hold.LENT):
        return False
    return one.how is Hold.LOOK or not isinstance(one.closure, nodes.GeneratorExpr)


def changes(event: Event) -> bool:
    """Whether an event that takes nothing may change what is in the place."""
    if event.changes_receiver or event.fault is Fault.LENT:
        # Of two that have it at once, one is alone with it.
        return True
    return event.kind in (Kind.CHANGE, Kind.LEND, Kind.LOAN) and event.exclusive


def _may_be_lent(body: Body) -> bool:
    """Whether something that goes on may have anything on loan. Of the body around this one, nobody knows it here."""
    return body.outer is not None or body.inferred.lending.has_any()


def _change(body: Body, function: Expression, captives: Sequence[Captive], one: Captive) -> None:
    # What a generator expression does, and what a call lends, is done where they stand. Later, a variable has them.
    if one.closure is function and not isinstance(function, nodes.LambdaExpr):
        return
    variable = variable_of(body, function.node) if isinstance(function, NameExpr) else None
    own = variable is not None and body.inferred.captives.has(variable)
    _emit_change(body, function, one, _holder(body, variable, captives)[0] if own and variable is not None else None)


def _emit_change(body: Body, function: Expression, one: Captive, holder: int | None) -> None:
    """`holder`: the place of what has captured it."""
    place = body.captive_place(one)
    if place is None:
        return
    if one.how is Hold.LOOK:
        tie = (holder, place) if holder is not None else None
        body.emit(Kind.CHANGE, place, function, named(function), tie=tie).exclusive = one.exclusive
    elif holder is not None:
        # What it was lent, and not what the lender has been given since.
        body.emit(Kind.CHANGE, body.name_of_lent(holder, place), function, named(function))


def _lend(body: Body, captives: Iterable[Captive], holder: int, node: Context, before: int | None = None) -> None:
    """`holder` has been given a generator, which has names of its own for what it was lent; by what had it `before`."""
    lent = [one for one in captives if one.how is Hold.LENT and _changes_later(one)]
    # Asked only where it matters: what a body has not learnt yet when it is asked has the body lowered again.
    for one in lent if lent and _may_be_lent(body) else ():
        place = body.captive_place(one)
        if place is not None:
            name = body.name_of_lent(holder, place)
            body.emit(Kind.INIT, name, node)
            borrow = body.emit(Kind.BORROW, name, node)
            borrow.loan, borrow.whole = (name, place), True
            if before is not None:
                borrow.via = ((body.name_of_lent(before, place), place),)
            body.borrowers.name_too(name, place, node)


def _claim(body: Body, captives: Iterable[Captive], holder: int, node: Context) -> None:
    """`holder` has been given a generator that takes what the variables hold by the time that it runs."""
    for one in captives:
        place = body.captive_place(one)
        if one.how is Hold.CLAIM and place is not None:
            assert isinstance(one.closure, nodes.FuncDef)
            to = Destination(Into.RECEIVER, owner=one.closure.name)
            made = node.callee if isinstance(node, CallExpr) else node
            body.emit(Kind.CLAIM, place, made, to).holder = holder


def begun(body: Body, source: Expression) -> None:
    """A loop begins to go over something. What a call has just made for it, nobody else has."""
    captives = captives_of(body, source)
    generator = _made_for_loop(body, source) if captives else None
    if generator is not None:
        body.emit(Kind.INIT, generator, source)
        _lend(body, captives, generator, source)
        _claim(body, captives, generator, source)


def resumed(body: Body, source: Expression) -> None:
    """A loop asks a generator for its next element: until it has that, what the generator captured is used."""
    if not body.facts.runs_later(body.types.get(source)):
        return
    if isinstance(source, NameExpr):
        use_name(body, source, LOOK)
        change(body, (source,))
        _renew(body, source)
        return
    captives = captives_of(body, source)
    generator = _made_for_loop(body, source) if captives else None
    for one in captives:
        place = body.captive_place(one)
        if one.how is Hold.LOOK and place is not None:
            body.emit(Kind.LOOK, place, source, Destination(Into.NEXT_ROUND))
        elif one.how is Hold.CLAIM and generator is not None:
            body.emit(Kind.LOOK, generator, source)
        if _lends_later(one) and _may_be_lent(body):
            _emit_change(body, source, one, generator)
    _renew(body, source)


def _renew(body: Body, source: Expression) -> None:
    """A generator runs that moves what it captured, and gives it a new value before it pauses."""
    found = [one for one in _renewed_by(body, source) if one[2].how is Hold.RENEW]
    for tie, place, one in found:
        if not isinstance(source, NameExpr):
            body.emit(Kind.LOOK, place, source, Destination(Into.NEXT_ROUND))
        _move_out(body, source, tie, place, Destination(Into.CLOSURE, _name_of(one, source)))
    if found:
        body.flow.may_raise(source.line)
    for tie, place, _ in found:
        body.emit(Kind.INIT, place, source, tie=tie)


def _made_for_loop(body: Body, source: Expression) -> int | None:
    """The place of a generator that a call makes for a loop to go over: no variable has it."""
    if not isinstance(source, CallExpr):
        return None
    return body.places.unnamed(source.callee, spell_source(source.callee))


def named(function: Expression) -> Destination:
    """A function that is called with what it captured, as a message names it."""
    if isinstance(function, nodes.LambdaExpr):
        return Destination(Into.CLOSURE, "lambda")
    while isinstance(function, CallExpr) and is_partial(function) and function.args:
        function = function.args[0]
    name = function.name if isinstance(function, (NameExpr, MemberExpr)) else spell(function) or "the function"
    return Destination(Into.RECEIVER, owner=name)


_KEEPING = frozenset({Into.ELEMENT, Into.ATTRIBUTE, Into.SUBSCRIPT, Into.PARAMETER, Into.YIELD})
"""Where a function goes that is called when nobody knows. What is returned can't see an assignment any more."""


def keep(body: Body, node: Context, captives: Sequence[Captive], use: Use) -> None:
    """A function that took variables goes where it is kept: if one gets a new value, it would use up that one."""
    if use.until_return or use.kind is not Kind.MOVE or use.to is None or use.to.into not in _KEEPING:
        return
    for one in captives:
        place = body.captive_place(one)
        if one.how is Hold.MOVE and place is not None:
            body.inferred.kept.add((node, one))
            tie = body.tie_of_kept(node, place)
            body.emit(Kind.CAPTURE, tie[0], node, tie=tie)


def _is_taken_again(body: Body, place: int, captive: Captive) -> bool:
    """Whether what was captured may have a new value by now: then that one goes, too."""
    is_function = captive.root is not None and not captive.path and known(body, captive.root)
    return not is_function and body.graph.places[place].ownership is Ownership.OWNED


def _use_up(body: Body, holder: int, once: Tie, node: Context, to: Destination | None) -> None:
    body.emit(Kind.MOVE, holder, node, to, tie=once)


def _called(variable: Var) -> str:
    return shown(variable.name)


def _is_being_lowered(body: Body, variable: Var) -> bool:
    scope: Body | None = body
    while scope is not None:
        if scope.function is variable:
            return True
        scope = scope.outer
    return False


def _recurse(body: Body, node: NameExpr, variable: Var, captives: Sequence[Captive], use: Use) -> None:
    """A function uses itself: what its body does with what it captured, it does here as well."""
    for one in captives:
        place = body.captive_place(one)
        if place is not None and one.how is Hold.MOVE and use.kind is Kind.MOVE:
            body.use_place(place, node, Use(Kind.MOVE, Destination(Into.CLOSURE, _called(variable))))


def take(body: Body, node: Context, name: str, captives: Sequence[Captive], variable: Var | None) -> list[Captive]:
    """Where a function is made, it takes what its body moves. Gives what it then has captured."""
    to = Destination(Into.CLOSURE, name)
    found = []
    for one in captives:
        place = body.captive_place(one)
        if one.how is not Hold.MOVE or place is None or one.root is None:
            found.append(one)
            continue
        if variable is not None and _depends_on(body, one.root, variable):
            # Functions that call each other: the one that is made first has it.
            continue
        others = known(body, one.root) if not one.path else ()
        if others:
            holder, once = _holder(body, one.root, others)
            if once is not None:
                _use_up(body, holder, once, node, to)
            found.append(one)
            continue
        start = len(body.log)
        body.use_place(place, node, Use(Kind.MOVE, to))
        faulty = False
        for event in body.log[start:]:
            if (event.place == place and event.kind is Kind.MOVE) or event.kind is Kind.EXPIRE:
                event.captured = True
            faulty |= event.kind is Kind.FAULT
        found.append(Captive(one.name, Hold.LOOK, one.closure, one.root, one.path) if faulty else one)
    return found


def _depends_on(body: Body, root: Var, variable: Var) -> bool:
    """Whether what `root` holds captured `variable`, by way of others perhaps."""
    seen = {root}
    pending = [root]
    while pending:
        for one in known(body, pending.pop()):
            if one.root is variable:
                return True
            if one.root is not None and one.root not in seen:
                seen.add(one.root)
                pending.append(one.root)
    return False


# Calls


def calling(body: Body, callee: Expression) -> Use:
    """How a call uses its callee."""
    captives = captives_of(body, callee)
    return Use(Kind.MOVE, Destination(Into.CALL)) if captives and are_once(captives) else LOOK


def called(body: Body, node: CallExpr) -> list[Renewed]:
    """What is moved and given a new value by the functions that a call calls, or by the generators that it runs."""
    if not body.has_captives:
        return []
    callee = node.callee
    # A generator function does nothing yet. `it.send(1)` runs one.
    found = [one for one in _renewed_by(body, callee) if not makes_generator(one[2].closure)]
    if isinstance(callee, MemberExpr) and body.facts.runs_later(body.types.get(callee.expr)):
        found += _renewed_by(body, callee.expr)
    goes_on = None
    for argument in node.args:
        for tie, place, one in _renewed_by(body, argument):
            if one.how is Hold.ASSIGN and goes_on is None:
                goes_on = body.tasks.table.row(node) is not None
            # Whoever is given a function need not call it. Who waits for a task knows that it was called.
            is_called = one.how is not Hold.ASSIGN or goes_on
            if is_called or one.loses:
                found.append((tie, place, one if is_called else one._replace(renews=False)))
    # Of two that are called one after the other, each gives back what it takes.
    return list({one[1]: one for one in reversed(found)}.values())


def _renewed_by(body: Body, function: Expression) -> list[Renewed]:
    """What is moved and given a new value where a function is called, or a generator runs."""
    captives = [one for one in captives_of(body, function) if one.renews or one.loses]
    if not captives:
        return []
    variable = variable_of(body, function.node) if isinstance(function, NameExpr) else None
    if variable is not None and _is_being_lowered(body, variable):
        return []
    found = []
    for one in captives:
        place = body.captive_place(one)
        if place is not None:
            own = variable is not None and body.inferred.captives.has(variable)
            holder = _holder(body, variable, captives_of(body, function))[0] if own and variable is not None else None
            found.append(((holder, place) if holder is not None else None, place, one))
    return found


def leave_running(body: Body, node: CallExpr, *, is_awaited: bool = False) -> None:
    """A function was called that has lent what it captured to something which may still run; or a call was awaited."""
    callee = node.callee
    if not body.has_captives or body.facts.makes_coroutine(body.types.get(callee)) is not is_awaited:
        return
    if not isinstance(callee, NameExpr):
        return
    variable = variable_of(body, callee.node)
    if variable is None or _is_being_lowered(body, variable):
        return
    left: dict[int, Captive] = {}
    for one in captives_of(body, callee):
        place = body.captive_place(one) if one.left_to is not None else None
        if place is not None:
            # Who has what runs on is learnt bit by bit: the last says most.
            left[place] = one
    for place, one in left.items():
        body.tasks.loans.left_running(node, place, named(callee), one)


def renewed(body: Body, node: CallExpr) -> list[Renewed]:
    """What the functions that a call calls move, and give a new value: between the two, the call may raise.

    Gives it for the caller to say that it is there again.
    """
    found = called(body, node)
    for tie, place, one in found:
        if one.how is Hold.RENEW:
            _move_out(body, node, tie, place, Destination(Into.CLOSURE, _name_of(one, node)))
    return found


def lose(body: Body, node: Expression, functions: Iterable[Renewed]) -> None:
    """Functions are called here, or awaited, that may raise when they have given away what they gave a variable."""
    gone = [
        (tie, place, Destination(Into.CLOSURE, _name_of(one, node)))
        for tie, place, one in functions
        if one.loses
        if body.graph.places[place].ownership is Ownership.OWNED
    ]
    if gone:
        body.lose_where_it_raises(gone, node)


def _move_out(body: Body, node: Expression, tie: Tie | None, place: int, to: Destination) -> None:
    if body.graph.places[place].ownership is Ownership.OWNED:
        moved = body.emit(Kind.MOVE, place, node, to, tie=tie)
        body.bindings.moved(moved, node, body.places.root(place)[1])
    else:
        body.use_place(place, node, Use(Kind.MOVE, to))


def _name_of(one: Captive, node: Expression) -> str:
    """What a reader calls the function that captured something."""
    if isinstance(one.closure, nodes.FuncDef):
        return one.closure.name
    if isinstance(one.closure, nodes.LambdaExpr):
        return "lambda"
    return callee_or(node) if isinstance(node, CallExpr) else "the function"


def callee_or(node: CallExpr) -> str:
    """What a reader calls the function that is called."""
    return node.callee.name if isinstance(node.callee, (NameExpr, MemberExpr)) else "the function"


def passing(body: Body, node: CallExpr, position: int, owner: str) -> Use:
    """How a call takes an argument that is not affine by its type: it may be a value that captured by move."""
    argument = node.args[position]
    captives = captives_of(body, argument)
    if not captives or not are_once(captives):
        return LOOK
    parameter = body.callees.parameter_for(
        body.types.get(node.callee), node.arg_kinds, node.arg_names, lambda index: body.types.get(node.args[index]),
        position,
    )  # fmt: skip
    to = Destination(Into.PARAMETER, parameter.name, owner)
    if parameter.calling is Calling.MANY:
        captive = next(one.name for one in captives if one.how is Hold.MOVE)
        forget(body, _function_in(body, argument), to, captive)
        return LOOK
    once = Use(Kind.MOVE, to, until_return=node is body.awaited)
    return once if parameter.calling is Calling.ONCE else LOOK


def _function_in(body: Body, node: Expression) -> Expression:
    """Of a display, what is in it that may be called once; else the expression itself."""
    for item in node.items if isinstance(node, (nodes.ListExpr, nodes.TupleExpr, nodes.SetExpr)) else ():
        if are_once(captives_of(body, item)):
            return _function_in(body, item)
    return node


def forget(body: Body, node: Context, to: Destination, captive: str) -> None:
    """A value that captured by move goes where it may be called again."""
    name = "the lambda" if isinstance(node, nodes.LambdaExpr) else "the function"
    if isinstance(node, NameExpr):
        name = spell(node) or name
    elif isinstance(node, nodes.FuncDef):
        name = node.name
    body.fault(Fault.CALLED_AGAIN, name, node, to, Destination(Into.CLOSURE, captive))
