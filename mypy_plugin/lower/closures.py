"""Nested functions and lambdas: bodies of their own that capture places of the body around them.

What the nested body moves is captured by move, where the function is made, unless it gives back a new value on every
way out. What it only looks at, it looks at when it is used: capture is of the variable (see `captures`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mypy.nodes import CallExpr, ClassDef, Context, Decorator, Expression, FuncDef, FuncItem, LambdaExpr, RefExpr, Var
from mypy.types import CallableType, Type

from ..events import Destination, Event, Fault, Into, Kind, Ownership
from ..fullnames import FINALIZER, LENT_RECEIVER_METHODS
from ..knowledge.frameworks import VALIDATORS
from ..knowledge.tasks import PASSING_ON
from ..loans import left_running
from ..paths import is_always_renewed, leaves_nested, only_raises, reachable, reaches_end, reaching_initialisations
from ..type_shapes import narrows, runs_when_awaited
from . import captures, dropping, minting, promised
from .body import Body
from .captives import learn, makes_generator, variable_of
from .context import LOOK, Captive, Hold, Use
from .inferred import Inferred, until_no_answer_was_wrong
from .places import Path
from .retries import is_retried
from .spelling import spell

__all__ = [
    "lambda_expression",
    "lower_function_body",
    "nested_class",
    "nested_function",
    "takes_parameter",
    "uses_parameter",
]


def lambda_expression(body: Body, node: LambdaExpr, use: Use) -> None:
    """`lambda: ...`: its defaults are evaluated here, its body later."""
    _defaults(body, node, "lambda")
    inner = _lower(body, node, "lambda", None)
    given = list(_given(inner, node))
    _have_defaults(body, node, given)
    captives = captures.take(body, node, "lambda", [*given, *_captives(inner, node)], None)
    if use.to is None or use.to.into is not Into.VARIABLE:
        # What a variable holds looks at what it captured when the variable is used.
        _look(body, node, captives)
    captures.keep(body, node, captives, use)
    learn(body, node, captives)


def nested_function(
    body: Body, node: FuncDef, name: str, symbol: FuncDef | Decorator, decorators: Sequence[Expression] = ()
) -> None:
    """Lower a nested body as a graph of its own; take here what it moves. `symbol`: what its name stands for."""
    _defaults(body, node, name)
    if node.is_dynamic() and not body.module.checks_untyped:
        return
    variable = variable_of(body, symbol)
    inner = _lower(body, node, name, variable)
    captives = [*_given(inner, node), *_captives(inner, node)]
    if body.in_class_body:
        learn(body, node, list(_of_method(body, inner, node, captives)))
        return
    _have_defaults(body, node, captives)
    captives = captures.take(body, node, name, captives, variable)
    captives = _decorated(body, node, decorators, captives)
    if variable is not None and (captives or body.inferred.captives.has(variable)):
        body.initialise_function(variable, node)
        captures.hold(body, variable, captives, node)


def nested_class(body: Body, node: ClassDef) -> None:
    """A class has what its methods captured; it may be used any number of times."""
    variable = variable_of(body, node.info)
    captives: list[Captive] = []
    for statement in node.defs.body:
        method = statement.func if isinstance(statement, Decorator) else statement
        if isinstance(method, FuncDef):
            captives.extend(body.inferred.captives.of(method))
    if variable is not None and captives and not body.is_module:
        body.initialise_function(variable, node)
        captures.hold(body, variable, captives, node)


def _inner(body: Body, node: FuncItem, name: str, variable: Var | None) -> Body:
    def once(inferred: Inferred) -> Body:
        inner = Body(body.module, node, name, inferred, body.tables, outer=body)
        inner.function = variable
        lower_function_body(inner, node)
        return inner

    return until_no_answer_was_wrong(once)


def _lower(body: Body, node: FuncItem, name: str, variable: Var | None) -> Body:
    inner = _inner(body, node, name, variable)
    body.nested.append(inner.graph)
    body.nested.extend(inner.nested)
    if body.minting is not None:
        minting.closure(body, inner)
    return inner


# What a nested body captures


def _captives(inner: Body, node: FuncItem) -> list[Captive]:
    """The variables of bodies around this one that it uses, or parts of them, and what it does with each."""
    events: dict[int, list[Event]] = {}
    happening = set(map(id, reachable(inner.graph)))
    for event in inner.log:
        _, variable = inner.places.root(event.place)
        if id(event) not in happening or event.kind not in _MATTERING or event.is_question:
            continue
        if variable is not None and not inner.places.is_own(variable):
            events.setdefault(event.place, []).append(event)
    taken = {place for place, its in events.items() if _take(inner, its)}
    changed = [*_changed_by_own_names(inner, happening)]
    left = _left_running(inner, events)
    found = []
    for place, its in sorted(events.items()):
        root, variable = inner.places.root(place)
        if variable is None or (inner.graph.places[root].ownership is Ownership.GLOBAL and not _is_of_module(inner)):
            continue
        above = set(inner.graph.ancestors(place))
        how = Hold.MOVE if place in taken else _how(inner, root, its)
        loses = how not in (Hold.MOVE, Hold.RENEW) and _loses(inner, place, its)
        if how is None and loses:
            how = Hold.ASSIGN
        if how is Hold.ASSIGN and makes_generator(node):
            # It does so when it runs, once and for all; and nobody knows when.
            how = None
        if how is None or (above & taken) or (how is Hold.LOOK and _is_used(inner, above, events)):
            continue
        renews = how is Hold.RENEW or (
            how in (Hold.LOOK, Hold.ASSIGN) and not makes_generator(node) and is_always_renewed(inner.graph, place)
        )
        name, path = inner.graph.places[place].name, inner.places.path_to(place)[1]
        exclusive = (
            how is not Hold.LOOK
            or any(map(captures.changes, its))
            or any(owner is variable and way == path[: len(way)] for owner, way in changed)
        )
        is_lent = any(event.kind in _LENDING for event in its)
        is_used = any(event.kind is not Kind.INIT for event in its)
        late = runs_when_awaited(node) or any(event.terms.late for event in its)
        is_given = any(inner.graph.overlap(place, one) for one in inner.given_back)
        found.append(
            Captive(
                name,
                how,
                node,
                variable,
                path,
                renews=renews,
                loses=loses,
                exclusive=exclusive,
                is_lent=is_lent,
                is_used=is_used,
                late=late,
                is_given_back=is_given,
                left_to=left.get(place),
            )
        )
    return [*found, *_changed_within(inner, node, found, changed)]


def _changed_within(
    inner: Body, node: FuncItem, found: Sequence[Captive], changed: Iterable[tuple[Var, Path]]
) -> Iterator[Captive]:
    """What it changes by names of its own in something that it only looks at: a field, by the name of a pattern."""
    for owner, way in dict.fromkeys(changed):
        its = [one for one in found if one.root is owner and one.path == way[: len(one.path)]]
        if its and all(one.how is Hold.LOOK and len(one.path) < len(way) for one in its):
            name = inner.graph.places[inner.places.below(inner.places.capture(owner), way)].name
            late = runs_when_awaited(node)
            yield Captive(name, Hold.LOOK, node, owner, way, exclusive=True, is_lent=True, late=late)


def _left_running(inner: Body, events: dict[int, list[Event]]) -> dict[int, tuple[tuple[Var, Path], ...]]:
    """What is lent for longer than a body runs, each with the variables of others that have what it is lent to."""
    if not any(event.kind is Kind.LOAN and event.exclusive for its in events.values() for event in its):
        return {}
    found: dict[int, dict[tuple[Var, Path], None]] = {}
    for loan, holders in left_running(inner.graph):
        if loan.place in events and loan.exclusive:
            its = found.setdefault(loan.place, {})
            groups = [group for group, its_places in inner.graph.groups.items() if not its_places.isdisjoint(holders)]
            for variable, path in map(inner.places.path_to, (*holders, *groups)):
                if variable is not None and not inner.places.is_own(variable):
                    its[variable, path] = None
    return {place: tuple(its) for place, its in found.items()}


def _loses(inner: Body, place: int, events: list[Event]) -> bool:
    """Whether a body that raises may leave a variable without a value that it gave it itself."""
    if place in inner.losing:
        return True
    return any(event.kind in _TAKING and leaves_nested(inner.graph, event) for event in events)


def _changed_by_own_names(inner: Body, happening: set[int]) -> Iterator[tuple[Var, Path]]:
    """What a body changes by names of its own, `view.spend(1)`: the places whose very value they are bound to."""
    changing = {
        inner.places.root(event.place)[1]: None
        for event in inner.log
        if id(event) in happening and captures.changes(event)
    }
    for variable in changing:
        if variable is not None and inner.places.is_own(variable):
            borrowings = inner.inferred.borrowings
            for one, is_same in borrowings.of_borrower(variable):
                if is_same or any(of.is_value for of in borrowings.collections(one)):
                    yield one.owner, one.path


_MATTERING = frozenset(
    {Kind.INIT, Kind.MOVE, Kind.DELETE, Kind.LOOK, Kind.LEND, Kind.LOAN, Kind.CHANGE, Kind.STORE, Kind.FAULT}
)
_TAKING = frozenset({Kind.MOVE, Kind.DELETE})
_LENDING = frozenset({Kind.LEND, Kind.LOAN, Kind.CHANGE})


def _is_of_module(inner: Body) -> bool:
    return inner.outer is not None and inner.outer.is_module


def _takes(inner: Body, event: Event) -> bool:
    return event.kind in _TAKING and reaches_end(inner.graph, event)


def _take(inner: Body, events: list[Event]) -> bool:
    """Whether some of what is done with a place takes it for good.

    A `finally` is there for each way out: what it takes on the way of an exception counts where it does so on others.
    """
    taking = [event for event in events if _takes(inner, event)]
    raising = [event for event in taking if only_raises(inner.graph, event)]
    if not raising or len(raising) < len(taking):
        return bool(taking)
    others = {event.node for event in events if event.kind in _TAKING and event not in raising}
    return any(event.node not in others for event in raising)


def _how(inner: Body, root: int, events: list[Event]) -> Hold | None:
    """What a body does with a place that it does not take for good."""
    uses = [event for event in events if event.kind is not Kind.INIT]
    # What it does with a value that it has assigned itself is its own business, unless it has paused since.
    uses = [event for event in uses if reaching_initialisations(inner.graph, event, root, shared=True)[1]]
    if any(event.kind in _TAKING for event in uses):
        return Hold.RENEW
    if uses:
        return Hold.LOOK
    return Hold.ASSIGN if is_always_renewed(inner.graph, events[0].place) else None


def _is_used(inner: Body, above: set[int], events: dict[int, list[Event]]) -> bool:
    """Whether the body uses what a place is a part of as a whole."""
    return any(event.kind is not Kind.INIT for place in above for event in events.get(place, ()))


def _given(inner: Body, node: FuncItem) -> Iterator[Captive]:
    """Defaults that the body gives away, or changes: calls that leave them out would share one value."""
    happening = set(map(id, reachable(inner.graph))) if any(each.initializer for each in node.arguments) else set()
    for argument in node.arguments:
        value, variable = argument.initializer, argument.variable
        if value is None or inner.outer is None or not inner.outer.is_affine(value):
            continue
        events = [
            event for event in inner.log if id(event) in happening and inner.places.root(event.place)[1] is variable
        ]
        if any(event.kind is Kind.MOVE for event in events):
            yield Captive(spell(value) or variable.name, Hold.MOVE, node)
            continue
        if any(map(captures.changes, events)) or any(
            owner is variable for owner, _ in _changed_by_own_names(inner, happening)
        ):
            yield Captive(variable.name, Hold.LOOK, node, variable, is_default=True)


def _have_defaults(body: Body, node: Context, captives: list[Captive]) -> None:
    """A function that is made has defaults of its own: each is a variable that nobody else can name."""
    for one in captives:
        if one.is_default and one.root is not None:
            body.emit(Kind.INIT, body.places.declare(one.root, Ownership.OWNED), node)


def _defaults(body: Body, node: FuncItem, name: str) -> None:
    for argument in node.arguments:
        if argument.initializer is not None:
            body.expression(argument.initializer, Use(Kind.MOVE, Destination(Into.CLOSURE, name)))


def _look(body: Body, node: FuncItem, captives: list[Captive]) -> None:
    """A function goes where nobody can follow it: it may look at what it captured from now on."""
    for one in captives:
        if one.how is Hold.LOOK and one.root is not None:
            place = body.captive_place(one)
            assert place is not None
            body.use_place(place, node, LOOK)


def _decorated(body: Body, node: FuncDef, decorators: Sequence[Expression], captives: list[Captive]) -> list[Captive]:
    """A decorator gets the function, and may call it more than once."""
    unknown = [one for one in decorators if not isinstance(one, RefExpr) or one.fullname not in PASSING_ON]
    if not unknown:
        return captives
    _look(body, node, captives)
    taken = [one for one in captives if one.how is Hold.MOVE]
    if taken:
        owner = spell(unknown[-1]) or "its decorator"
        captures.forget(body, node, Destination(Into.PARAMETER, "", owner), taken[0].name)
    return [one for one in captives if one.how is not Hold.MOVE]


def _of_method(body: Body, inner: Body, node: FuncDef, captives: list[Captive]) -> Iterator[Captive]:
    """What a method of a nested class captured: each call of it would take what it takes."""
    for one in captives:
        if one.how is not Hold.MOVE:
            yield one
            continue
        taken = next((event for event in inner.log if _takes(inner, event) and _is_of(inner, event, one)), None)
        if taken is not None:
            assert isinstance(taken.node, Context)
            body.fault(Fault.PER_CALL, one.name, taken.node, taken.to, Destination(Into.CLOSURE, node.name))


def _is_of(inner: Body, event: Event, captive: Captive) -> bool:
    return inner.places.path_to(event.place) == (captive.root, captive.path)


# Bodies


def takes_parameter(body: Body, node: LambdaExpr) -> bool:
    """Whether a lambda moves one of its parameters, or a part of one."""
    return any(event.kind is Kind.MOVE for event in _of_parameters(body, node))


def uses_parameter(body: Body, node: LambdaExpr) -> bool:
    """Whether a lambda does more with its parameters than to ask them, if they are tasks."""
    return any(not event.is_question for event in _of_parameters(body, node))


def _of_parameters(body: Body, node: LambdaExpr) -> Iterator[Event]:
    """What happens to the parameters of a lambda, and to parts of them."""
    inner = _inner(body, node, "lambda", None)
    own = {inner.places.declare(argument.variable) for argument in node.arguments}
    for block in inner.graph.blocks:
        yield from (event for event in block.events if inner.graph.root(event.place) in own)


def _is_validator(decorator: Expression) -> bool:
    """`@model_validator(mode="after")`: who makes the object goes on with what this returns."""
    maker = decorator.callee if isinstance(decorator, CallExpr) else decorator
    return isinstance(maker, RefExpr) and maker.fullname in VALIDATORS


def lower_function_body(body: Body, node: FuncItem) -> None:
    """Declare the parameters of a function, then lower its statements."""
    signature = node.type
    is_coroutine = isinstance(node, FuncDef) and node.is_coroutine
    is_generator = isinstance(node, FuncDef) and (node.is_generator or node.is_async_generator)
    body.returns_loan = not is_generator and (body.facts.awaits_loan if is_coroutine else body.facts.returns_loan)(
        signature
    )
    body.returns_owned = not is_generator and not is_coroutine and body.facts.returns_owned(signature)
    body.yields_loan = (is_generator or isinstance(node, LambdaExpr)) and body.facts.yields_loan(signature)
    body.returns_receiver = isinstance(node, FuncDef) and (
        node.name in LENT_RECEIVER_METHODS or any(map(_is_validator, body.module.decorators.get(node, ())))
    )
    formals = signature.arg_types if isinstance(signature, CallableType) else []
    for position, argument in enumerate(node.arguments):
        formal = formals[position] if position < len(formals) else argument.variable.type
        declared = body.facts.declared_mode(formal)
        body.places.declare(argument.variable, _ownership(body, node, position, formal, declared))
        if declared is Ownership.OWNED and body.facts.is_owned_function(formal):
            captures.capture_at_entry(body, argument)
    promised.defaults(body, node)
    if body.minting is not None:
        minting.begin(body, node)
    dropping.begin(body, node)
    body.block(node.body)
    body.finish()
    if body.minting is not None:
        minting.finish(body)


def _ownership(body: Body, node: FuncItem, position: int, formal: Type | None, declared: Ownership | None) -> Ownership:
    """By what right a parameter is held: as declared; `self` is borrowed unless the method consumes it (rule 4)."""
    if declared in (Ownership.BORROWED, Ownership.SHARED):
        return declared
    if is_retried(body.module, node):
        return Ownership.RETRIED
    if declared is not None:
        return declared
    if position == 0 and isinstance(node, FuncDef) and node.info and node.has_self_or_cls_argument:
        # Of a class that is not affine, others may have the object: that it ends here, nobody is told.
        if node.name == FINALIZER or (body.facts.is_affine(formal) and body.facts.is_consuming(node.info, node.name)):
            return Ownership.OWNED
        return Ownership.NEW if body.is_constructor else Ownership.SELF
    is_method = isinstance(node, FuncDef) and bool(node.info) and node.has_self_or_cls_argument
    if isinstance(node.type, CallableType) and narrows(node.type) and position == is_method:
        return Ownership.SHARED
    if formal is None or body.facts.taking_mode(formal) is Ownership.OWNED:
        return Ownership.OWNED
    return Ownership.NOT_AFFINE
