"""What `for` statements and comprehensions share: evaluate the iterable once, then bind the target per iteration.

The binding mode is inferred (rules, section 4): if the body moves the target, the iterable is taken by move, once,
before the loop; if it only looks at it, the iterable is only borrowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mypy.nodes import CallExpr, Expression, ListExpr, Lvalue, MemberExpr, NameExpr, RefExpr, TupleExpr

from ..fullnames import LOOKED_THROUGH, LOOKED_THROUGH_METHODS, ZIP
from ..graph import Block, Into
from .binding import names_in
from .body import Body

__all__ = ["iterate"]


@contextmanager
def iterate(
    body: Body, target: Lvalue, iterable: Expression, word: str, line: int
) -> Iterator[tuple[Block, Block, Block]]:
    """Lower the head of a loop; what is lowered inside is its body.

    Gives the head, the block reached when the iterable is exhausted, and the one that `break` goes to. The caller
    closes the loop with an edge to the head.
    """
    for names, source in _sources(list(names_in(target)), target, iterable):
        body.bindings.take_source(names, source, Into.LOOP)
    body.flow.may_raise()
    with body.flow.loop(word, line) as (head, done, after):
        # Asking for the next element may raise, and may end the loop.
        body.flow.may_raise()
        first = body.flow.new_block()
        body.flow.branch(None, first, done)
        body.flow.go_on_in(first)
        body.bindings.assign(target, target)
        yield head, done, after


def _sources(
    names: list[NameExpr], target: Lvalue, iterable: Expression
) -> Iterator[tuple[list[NameExpr], Expression]]:
    """What a loop really takes its elements from, each with the names that they may be bound to.

    `enumerate`, `zip`, `.values()` and the like are looked through (rules, section 4).
    """
    if isinstance(iterable, CallExpr):
        callee, args = iterable.callee, iterable.args
        if isinstance(callee, RefExpr) and callee.fullname in LOOKED_THROUGH:
            items = target.items if isinstance(target, (TupleExpr, ListExpr)) else []
            paired = callee.fullname == ZIP and len(items) == len(args)
            for position, arg in enumerate(args):
                bound = list(names_in(items[position])) if paired else names
                yield from _sources(bound, items[position] if paired else target, arg)
            return
        if isinstance(callee, MemberExpr) and callee.name in LOOKED_THROUGH_METHODS and not args:
            yield names, callee.expr
            return
    yield names, iterable
