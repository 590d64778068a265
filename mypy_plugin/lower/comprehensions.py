"""Comprehensions and generator expressions: loops in a scope of their own (rules, section 6).

The first iterable is evaluated outside of the loop. A generator expression runs at most once: what it moves, it moves
where it stands. But it runs when it is asked for its elements, and looks at what it captured until then.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from mypy.nodes import (
    CallExpr,
    DictionaryComprehension,
    Expression,
    GeneratorExpr,
    IntExpr,
    MemberExpr,
    NameExpr,
    StrExpr,
    TupleExpr,
)

from ..events import Destination, Fault, Into, Kind
from . import captures
from .body import Body
from .captives import learn, lent
from .conditions import branch_on
from .context import LOOK, Captive, Hold, Use
from .loops import iterate
from .syntax import names_in

__all__ = ["dictionary_comprehension", "generator", "lazy_generator"]


def generator(body: Body, node: GeneratorExpr, use: Use, container: str) -> int:
    """`[left for index in sequence if condition]`, or a set, or a generator. Gives where the body's log had been
    when the first iterable was evaluated.
    """
    element = _element(use, container)

    def one() -> None:
        body.expression(node.left_expr, element)
        body.tasks.collected(node.left_expr, node)

    body.tasks.collecting(node.left_expr, node)
    only_collects = use.kind is Kind.MOVE and container != "generator" and _only_collects(node.left_expr)
    with body.flow.called_off(_sources(node) if only_collects else ()):
        return _loops(body, node, one)


def _only_collects(element: Expression) -> bool:
    """Whether elements go into what is made and nowhere else: if that is never finished, they are where they were."""
    if isinstance(element, TupleExpr):
        return all(map(_only_collects, element.items))
    return isinstance(element, (NameExpr, StrExpr, IntExpr))


def _sources(node: GeneratorExpr | DictionaryComprehension) -> frozenset[Expression]:
    """What the loops of a comprehension may take elements out of, be it by way of `.items()` or `sorted`."""
    found: set[Expression] = set()
    pending = [*node.sequences]
    while pending:
        source = pending.pop()
        found.add(source)
        if isinstance(source, CallExpr):
            pending += source.args
            if isinstance(source.callee, MemberExpr):
                pending.append(source.callee.expr)
    return frozenset(found)


def lazy_generator(body: Body, node: GeneratorExpr, use: Use) -> None:
    """`(left for index in sequence)`: its value captured what is looked at inside, but for the first iterable."""
    start = generator(body, node, use, "generator")
    bound = {name.node for index in node.indices for name in names_in(index)}
    events = body.log[start:]
    captives = list(lent(body, node.sequences[0], node))
    # What it takes it has taken where it stands, and no look at that later is a mistake of its own.
    taken = {event.place for event in events if event.kind is Kind.MOVE}
    for event in events:
        _, variable = body.places.root(event.place)
        if not (event.kind in _LOOKS or event.fault is Fault.LENT) or variable is None or variable in bound:
            continue
        if event.place in taken or not taken.isdisjoint(body.graph.ancestors(event.place)):
            continue
        name, (_, path) = body.graph.places[event.place].name, body.places.path_to(event.place)
        captives.append(Captive(name, Hold.LOOK, node, variable, path, exclusive=captures.changes(event)))
    learn(body, node, captives)


_LOOKS = frozenset({Kind.LOOK, Kind.LEND, Kind.CHANGE})


def dictionary_comprehension(body: Body, node: DictionaryComprehension, use: Use) -> None:
    """`{key: value for index in sequence if condition}`."""
    element = _element(use, "dict")

    def pair() -> None:
        if node.key is not None:
            # `{**value for ...}` (PEP 798) has no key.
            body.expression(node.key, element)
            body.tasks.collected(node.key, node)
        body.expression(node.value, element)
        body.tasks.collected(node.value, node)

    body.tasks.collecting(node.value, node)
    only_collects = use.kind is Kind.MOVE and _only_collects(node.value)
    with body.flow.called_off(_sources(node) if only_collects else ()):
        _loops(body, node, pair)


def _element(use: Use, container: str) -> Use:
    if use.kind is Kind.MOVE:
        return Use(Kind.MOVE, Destination(Into.ELEMENT, container))
    return use if use.kind is Kind.LOOK else LOOK


def _loops(body: Body, node: GeneratorExpr | DictionaryComprehension, innermost: Callable[[], None]) -> int:
    """The nest of loops, one a `for` clause."""
    flow = body.flow
    evaluated = None
    with ExitStack() as nest:
        ends = []
        for index, sequence, conditions in zip(node.indices, node.sequences, node.condlists, strict=True):
            head, done, _ = nest.enter_context(iterate(body, index, sequence, "comprehension", node.line))
            ends.append((head, done))
            evaluated = len(body.log) if evaluated is None else evaluated
            for condition in conditions:
                passes = flow.new_block()
                branch_on(body, condition, passes, head)
                flow.go_on_in(passes)
        innermost()
        for head, done in reversed(ends):
            flow.edge(head)
            flow.go_on_in(done)
    return evaluated or 0
