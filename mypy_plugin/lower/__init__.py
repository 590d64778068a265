"""Lowering: one body of mypy's typed tree becomes a graph of ownership events.

Everything that knows Python's syntax lives in this package and nothing after it does. Dispatch is by node class
through tables: a subclass of mypy's compiled visitors written in Python fails at run time, and a table is faster.

- `context`: what every body shares, and how a value can be used
- `body`: events, and what is lent while a call is evaluated; `places`: which expression denotes which place, with
  `records` for what a type says is stored in its values; `binding`: how names are bound, and what borrows from what;
  `loans`: what an expression gives that belongs to something else; `parts`: names that are bound to parts of a value
- `captures`: values that captured something, which variables hold one, and what using one does
- `flow`: blocks, loops, jumps through `finally`, exceptions
- `statements`, `expressions`, `calls`, `operators`, `comprehensions`, `loops`, `conditions`, `patterns`, `closures`:
  one piece of syntax each
- `promised`: where a value meets a declared type that promises something of what is called through it
- `minting`: what is made from nothing, and what is held there
- `spelling`: how the program spells an expression, for messages
"""

from __future__ import annotations

from mypy.nodes import FuncItem, MypyFile

from ..events import Destination, Fault, Into, Kind
from ..graph import Graph
from . import minting
from .body import Body
from .closures import lower_function_body
from .context import Minting, Module
from .escapes import is_attribute_by_name
from .expressions import EXPRESSIONS
from .inferred import Inferred, until_no_answer_was_wrong
from .patterns import PATTERNS
from .statements import STATEMENTS

__all__ = [
    "EXPRESSIONS",
    "PATTERNS",
    "STATEMENTS",
    "Minting",
    "Module",
    "is_attribute_by_name",
    "lower_function",
    "lower_module",
]

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

    body = until_no_answer_was_wrong(once)
    graphs = [body.graph, *body.nested]
    return graphs if module.minting is None else [*_defaults(module, node, name), *graphs]


def _defaults(module: Module, node: FuncItem, name: str) -> list[Graph]:
    """The graphs of what a function of a module makes while it is defined: its defaults.

    They run where the module or class does. But mypy checks them with the function, so that is where they are known.
    """
    given = [argument for argument in node.arguments if argument.initializer is not None]

    def once(inferred: Inferred) -> Body:
        body = Body(module, node, name, inferred, _TABLES)
        for argument in given:
            assert argument.initializer is not None
            body.expression(argument.initializer)
            minting.offered(body, argument.initializer, argument.variable.type, argument.variable.name)
        return body

    if not given:
        return []
    body = until_no_answer_was_wrong(once)
    graphs = [body.graph, *body.nested]
    for graph in graphs:
        for block in graph.blocks:
            # What else they do, they do to places of the module, of which nothing is known here.
            block.events = [event for event in block.events if event.kind is Kind.MINT]
    return graphs


def lower_module(module: Module, tree: MypyFile) -> list[Graph]:
    """The graphs of what a module runs when it is imported, class bodies included."""

    def once(inferred: Inferred) -> Body:
        body = Body(module, tree, module.fullname, inferred, _TABLES)
        for statement in tree.defs:
            body.statement(statement)
        body.finish()
        if module.minting is not None:
            minting.finish(body)
        return body

    body = until_no_answer_was_wrong(once)
    return [body.graph, *body.nested]
