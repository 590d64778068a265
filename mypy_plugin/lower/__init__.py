"""Lowering: one body of mypy's typed tree becomes a graph of ownership events.

Everything that knows Python's syntax lives in this package and nothing after it does. Dispatch is by node class
through tables: a subclass of mypy's compiled visitors written in Python fails at run time, and a table is faster.

- `body`: places, uses, what is lent while a call is evaluated
- `flow`: blocks, loops, jumps through `finally`, exceptions
- `statements`, `expressions`, `calls`, `comprehensions`, `loops`, `conditions`, `patterns`, `closures`: one piece of
  syntax each
- `spelling`: how the program spells an expression, for messages
"""

from __future__ import annotations

from mypy.nodes import FuncItem, MypyFile

from ..graph import Destination, Fault, Graph, Into
from .body import Body, Inferred, Module, until_nothing_is_learnt
from .closures import lower_function_body
from .expressions import EXPRESSIONS
from .patterns import PATTERNS
from .statements import STATEMENTS

__all__ = ["EXPRESSIONS", "PATTERNS", "STATEMENTS", "Module", "lower_function", "lower_module"]

_TABLES = (EXPRESSIONS, STATEMENTS)


def lower_function(module: Module, node: FuncItem, name: str) -> list[Graph]:
    """The graphs of a function of a module or class, and of the functions nested in it."""

    def once(inferred: Inferred) -> Body:
        body = Body(module, node, name, inferred, _TABLES)
        for argument in node.arguments:
            if argument.initializer is not None and body.is_affine(argument.initializer):
                to = Destination(Into.PARAMETER, argument.variable.name, name)
                body.fault(Fault.DEFAULT, argument.variable.name, argument.initializer, to)
        lower_function_body(body, node)
        return body

    body = until_nothing_is_learnt(once)
    return [body.graph, *body.nested]


def lower_module(module: Module, tree: MypyFile) -> list[Graph]:
    """The graphs of what a module runs when it is imported, class bodies included."""

    def once(inferred: Inferred) -> Body:
        body = Body(module, tree, module.fullname, inferred, _TABLES)
        for statement in tree.defs:
            body.statement(statement)
        body.finish()
        return body

    body = until_nothing_is_learnt(once)
    return [body.graph, *body.nested]
