"""Calls that are given a function and what to call it with: `submit(f, b)`, `Thread(target=f, args=(b,))` (rules, 7).

What becomes of such an argument is for the function to say that is called in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    ArgKind,
    CallExpr,
    DictExpr,
    Expression,
    ListExpr,
    RefExpr,
    StrExpr,
    TupleExpr,
)
from mypy.types import AnyType, TypeOfAny

from ..callees import Taking
from ..knowledge.tasks import Spawn
from .body import Body
from .lookups import called_type
from .spelling import spell
from .syntax import elements_of

__all__ = ["Passed", "called_function", "parts", "passed_on"]


class Passed(NamedTuple):
    """How the function that will be called takes an argument that is passed on to it."""

    taking: Taking
    owner: str


def called_function(body: Body, node: CallExpr, row: Spawn) -> Expression | None:
    """The argument that a call is known to call, if it calls one."""
    if row.calls is None:
        return None
    position = body.tasks.table.argument(node, row.calls)
    return node.args[position] if position is not None else None


def passed_on(body: Body, node: CallExpr, row: Spawn) -> Mapping[Expression, Passed]:
    """The arguments of a call, and what they are displays of, that go to the function that it will call."""
    function = called_function(body, node, row)
    if function is None or row.alone:
        return {}
    found = list(_passed(node, row, function))
    arguments = [argument for _, _, argument in found]
    unknown = AnyType(TypeOfAny.special_form)
    takings = body.callees.takings(
        called_type(body, function),
        [kind for kind, _, _ in found],
        [name for _, name, _ in found],
        lambda index: body.types.get(arguments[index], unknown),
    )
    owner = function.node.name if isinstance(function, RefExpr) and function.node else spell(function) or ""
    return {argument: Passed(taking, owner) for argument, taking in zip(arguments, takings, strict=True)}


def parts(argument: Expression, passed: Mapping[Expression, Passed]) -> list[Expression]:
    """What an argument is a display of, if the function is given that, and not the argument."""
    items = elements_of(argument)
    return items if any(item in passed for item in items) else []


def _passed(node: CallExpr, row: Spawn, function: Expression) -> Iterator[tuple[ArgKind, str | None, Expression]]:
    """What the function is called with."""
    positional, named = row.packed or ("", "")
    behind = False
    for argument, kind, name in zip(node.args, node.arg_kinds, node.arg_names, strict=True):
        if row.packed is not None:
            if isinstance(argument, (TupleExpr, ListExpr)) and (name == positional or (behind and name is None)):
                yield from ((ARG_POS, None, item) for item in argument.items)
            elif isinstance(argument, DictExpr) and (name == named or (behind and name is None)):
                for key, value in argument.items:
                    if isinstance(key, StrExpr):
                        yield ARG_NAMED, key.value, value
        elif behind and (row.keywords or not kind.is_named()):
            yield kind, name, argument
        behind |= argument is function
