"""Comprehensions and generator expressions: loops in a scope of their own (rules, section 6).

The first iterable is evaluated outside of the loop. A generator expression is taken to run where it stands: that is
when what it captures is captured, and it runs at most once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from mypy.nodes import DictionaryComprehension, GeneratorExpr

from ..graph import Destination, Into, Kind
from .body import Body
from .conditions import branch_on
from .context import LOOK, Use
from .loops import iterate

__all__ = ["dictionary_comprehension", "generator"]


def generator(body: Body, node: GeneratorExpr, use: Use, container: str) -> None:
    """`[left for index in sequence if condition]`, or a set, or a generator."""
    element = _element(use, container)
    _loops(body, node, lambda: body.expression(node.left_expr, element))


def dictionary_comprehension(body: Body, node: DictionaryComprehension, use: Use) -> None:
    """`{key: value for index in sequence if condition}`."""
    element = _element(use, "dict")

    def pair() -> None:
        if node.key is not None:
            # `{**value for ...}` (PEP 798) has no key.
            body.expression(node.key, element)
        body.expression(node.value, element)

    _loops(body, node, pair)


def _element(use: Use, container: str) -> Use:
    return Use(Kind.MOVE, Destination(Into.ELEMENT, container)) if use.kind is Kind.MOVE else LOOK


def _loops(body: Body, node: GeneratorExpr | DictionaryComprehension, innermost: Callable[[], None]) -> None:
    """The nest of loops, one a `for` clause."""
    flow = body.flow
    with ExitStack() as nest:
        ends = []
        for index, sequence, conditions in zip(node.indices, node.sequences, node.condlists, strict=True):
            head, done, _ = nest.enter_context(iterate(body, index, sequence, "comprehension", node.line))
            ends.append((head, done))
            for condition in conditions:
                passes = flow.new_block()
                branch_on(body, condition, passes, head)
                flow.go_on_in(passes)
        innermost()
        for head, done in reversed(ends):
            flow.edge(head)
            flow.go_on_in(done)
