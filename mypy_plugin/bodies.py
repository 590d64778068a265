"""The bodies of a module, as mypy checks them: one by one, each with the errors that it files under it.

Owns which there are, which of them mypy checks, and which lines are in which. Knows nothing of ownership.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from mypy.nodes import (
    AssignmentStmt,
    Block,
    ClassDef,
    Decorator,
    Expression,
    ExpressionStmt,
    ForStmt,
    FuncDef,
    IfStmt,
    MatchStmt,
    MypyFile,
    OperatorAssignmentStmt,
    OverloadedFuncDef,
    ReturnStmt,
    Statement,
    TryStmt,
    TypeInfo,
    WhileStmt,
    WithStmt,
)
from mypy.options import Options

__all__ = ["Target", "blocks_of", "bodies_with", "functions_in", "functions_of", "is_checked"]


_SIMPLE: Final = frozenset({AssignmentStmt, ExpressionStmt, OperatorAssignmentStmt, ReturnStmt})
"""Most statements: there is no other one in them."""


class Target(NamedTuple):
    """What mypy files errors under: a function of a module or class, or (no function) the module's own body."""

    function: FuncDef | None
    info: TypeInfo | None
    decorators: tuple[Expression, ...] = ()


def functions_of(tree: MypyFile) -> list[Target]:
    """What mypy checks and files errors under in a module: its own body, then its functions and methods."""
    return [Target(None, None), *functions_in(tree.defs, None)]


def functions_in(statements: list[Statement], info: TypeInfo | None) -> list[Target]:
    """The functions that mypy checks on their own: of a module and of its classes, also behind an `if`."""
    found: list[Target] = []
    _collect(statements, info, (), found)
    return found


def _collect(
    statements: Sequence[Statement], info: TypeInfo | None, decorators: tuple[Expression, ...], found: list[Target]
) -> None:
    for node in statements:
        if type(node) in _SIMPLE:
            continue
        if isinstance(node, FuncDef):
            if not _is_generated(node, info):
                found.append(Target(node, info, decorators))
        elif isinstance(node, Decorator):
            _collect([node.func], info, tuple(node.original_decorators), found)
        elif isinstance(node, OverloadedFuncDef):
            _collect([*node.items, *([node.impl] if node.impl else [])], info, (), found)
        elif isinstance(node, ClassDef):
            _collect(node.defs.body, node.info, (), found)
        else:
            for block in blocks_of(node):
                if not block.is_unreachable:
                    _collect(block.body, info, (), found)


def _is_generated(node: FuncDef, info: TypeInfo | None) -> bool:
    """Whether a plugin made the function up (a dataclass's `__init__`): it has no source lines of its own."""
    symbol = info.names.get(node.name) if info is not None else None
    return node.end_line is None or (symbol is not None and symbol.plugin_generated)


def blocks_of(node: Statement) -> list[Block]:
    """The blocks that a statement is made of; of a function or class, none."""
    if isinstance(node, Block):
        return [node]
    if isinstance(node, IfStmt):
        return [*node.body, *([node.else_body] if node.else_body else [])]
    if isinstance(node, (ForStmt, WhileStmt)):
        return [node.body, *([node.else_body] if node.else_body else [])]
    if isinstance(node, WithStmt):
        return [node.body]
    if isinstance(node, MatchStmt):
        return node.bodies
    if isinstance(node, TryStmt):
        optional = (node.else_body, node.finally_body)
        return [node.body, *node.handlers, *(block for block in optional if block is not None)]
    return []


def is_checked(function: FuncDef | None, options: Options) -> bool:
    """mypy skips bodies without annotations unless told to check them; so do we."""
    return function is None or options.check_untyped_defs or not function.is_dynamic()


def bodies_with(lines: set[int], bodies: list[FuncDef | None]) -> set[FuncDef | None]:
    """The bodies that one of `lines` is in; None is the module's own, which has the lines of no other."""
    ordered = sorted(lines)
    inside = 0
    found: set[FuncDef | None] = set()
    for body in bodies:
        if body is not None:
            first = bisect_left(ordered, body.line)
            last = bisect_right(ordered, body.end_line) if body.end_line is not None else len(ordered)
            inside += last - first
            if last > first:
                found.add(body)
    if inside < len(ordered):
        found.add(None)
    return found
