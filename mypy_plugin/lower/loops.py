"""What `for` statements and comprehensions share: evaluate the iterable once, then bind the target per iteration.

The binding mode is inferred (rules, section 4): if the body moves the target, the iterable is taken by move, once,
before the loop; if it only looks at it, the iterable is only borrowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mypy.nodes import ArgKind, CallExpr, Expression, ListExpr, Lvalue, NameExpr, RefExpr, StarExpr, TupleExpr

from ..events import Kind
from ..graph import Block
from ..knowledge.containers import COUNTED, PAIRED, Does
from . import captures, function_lists
from .body import Body
from .captives import lent_to
from .containers import call_functions
from .lookups import operands
from .syntax import DISPLAYS, elements_of, names_in
from .targets import assign

__all__ = ["iterate"]

_THROUGH = frozenset({Does.VIEW, Does.COLLECT, Does.LOOK})


@contextmanager
def iterate(
    body: Body, target: Lvalue, iterable: Expression, word: str, line: int
) -> Iterator[tuple[Block, Block, Block]]:
    """Lower the head of a loop; what is lowered inside is its body.

    Gives the head, the block reached when the iterable is exhausted, and the one that `break` goes to. The caller
    closes the loop with an edge to the head.
    """
    kept, sources, bound = [], [], names_in(target)
    if body.module.joined is not None:
        body.module.joined.bound(bound, iterable)
    for names, its, source in _sources(body, bound, target, iterable):
        kept.append(body.bindings.take_elements(names, source, lent_to(body, source), _columns(its, source)))
        captures.begun(body, source)
        sources.append(source)
    flow = body.flow
    is_calm = isinstance(iterable, DISPLAYS)
    if not is_calm:
        flow.may_raise()
    before = flow.current
    is_over_tasks = body.tasks.iterate(Kind.ITERATE, bound, iterable)
    with flow.loop(word, line, enters_head=not is_over_tasks) as (head, done, after):
        for use in kept:
            if use is not None:
                flow.emit(use)
        for source in sources:
            captures.resumed(body, source)
        # Asking for the next element may raise, but of what is spelled out, and may end the loop.
        if not is_calm:
            flow.may_raise()
        first = flow.new_block()
        flow.branch(None, first, done)
        if is_over_tasks:
            # The first time it is asked apart: if there is no element, nothing that goes on is in there.
            empty = flow.new_block()
            flow.go_on_in(before)
            flow.branch(None, first, empty)
            flow.go_on_in(empty)
            body.tasks.iterate(Kind.EXHAUST, bound, iterable)
            flow.edge(done)
        flow.go_on_in(done)
        body.tasks.iterate(Kind.EXHAUST, bound, iterable)
        flow.go_on_in(first)
        assign(body, target, target)
        function_lists.bound_to_each(body, target, iterable)
        body.tasks.iterate(Kind.NEXT, bound, iterable)
        yield head, done, after


def _sources(
    body: Body, names: list[NameExpr], target: Lvalue, iterable: Expression
) -> Iterator[tuple[list[NameExpr], Lvalue, Expression]]:
    """What a loop really takes its elements from, each with the names that they may be bound to, and where these stand.

    What only passes elements on (`enumerate`, `zip`, `sorted`, `.values()`) is looked through (rules, section 4).
    """
    known = operands(body, iterable) if isinstance(iterable, CallExpr) else None
    if not known or not all(operand.does in _THROUGH for operand in known):
        yield names, target, iterable
        return
    assert isinstance(iterable, CallExpr)
    call_functions(body, iterable, known)
    callee = iterable.callee.fullname if isinstance(iterable.callee, RefExpr) else ""
    items = target.items if isinstance(target, (TupleExpr, ListExpr)) else []
    positional = iterable.arg_kinds.count(ArgKind.ARG_POS)
    for position, operand in enumerate(known):
        part: Lvalue | None = None
        if callee in PAIRED and len(items) == positional and position < positional:
            part = items[position]
        elif callee in COUNTED and len(items) == 2 and position == 0:
            part = items[1]
        if operand.does is Does.LOOK:
            body.expression(operand.node)
        elif part is not None:
            yield from _sources(body, names_in(part), part, operand.node)
        else:
            yield from _sources(body, names, target, operand.node)
    body.tasks.selected(iterable)


def _columns(target: Lvalue, source: Expression) -> dict[NameExpr, list[Expression]]:
    """`for one, other in ((a, b), (b, c))`: what each name may be bound to, if that is spelled out."""
    spelled = elements_of(source)
    rows = [elements_of(row) for row in spelled if isinstance(row, (TupleExpr, ListExpr))]
    if not spelled or len(rows) < len(spelled) or not isinstance(target, (TupleExpr, ListExpr)):
        return {}
    if any(len(row) != len(target.items) or any(isinstance(item, StarExpr) for item in row) for row in rows):
        return {}
    return {item: [row[at] for row in rows] for at, item in enumerate(target.items) if isinstance(item, NameExpr)}
