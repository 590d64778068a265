"""Who holds the calls that go on: which expressions give some, and which variables and fields have them.

Owns what an expression may have its calls from. What becomes of them is the business of `tasks`; what two places have,
that of `groups`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mypy.nodes import (
    AssignmentExpr,
    AwaitExpr,
    CallExpr,
    CastExpr,
    ConditionalExpr,
    DictExpr,
    Expression,
    IndexExpr,
    ListComprehension,
    ListExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    SetComprehension,
    SetExpr,
    StarExpr,
    TupleExpr,
    Var,
)

from ..events import Kind
from ..knowledge.tasks import KEEPERS
from ..type_shapes import classes_of
from .groups import Groups
from .task_table import TaskTable

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Holders"]


def _parts_of_call(node: CallExpr) -> list[Expression]:
    """`tasks.values()`, `tasks.pop()`, `enumerate(tasks)`: what a container of tasks gives."""
    return [node.callee.expr, *node.args] if isinstance(node.callee, MemberExpr) else node.args


_PARTS: dict[type[Expression], Callable[[Any], Sequence[Expression | None]]] = {
    ListExpr: lambda node: node.items,
    TupleExpr: lambda node: node.items,
    SetExpr: lambda node: node.items,
    DictExpr: lambda node: [part for item in node.items for part in item],
    ListComprehension: lambda node: [node.generator],
    SetComprehension: lambda node: [node.generator],
    ConditionalExpr: lambda node: [node.if_expr, node.else_expr],
    OpExpr: lambda node: [node.left, node.right],
    StarExpr: lambda node: [node.expr],
    AssignmentExpr: lambda node: [node.target],
    IndexExpr: lambda node: [node.base],
    CastExpr: lambda node: [node.expr],
    CallExpr: _parts_of_call,
}
"""What an expression may have the calls from that it gives."""


class Holders:
    """The places of one body that hold such calls."""

    def __init__(self, body: Body, table: TaskTable, groups: Groups) -> None:
        self._body = body
        self._table = table
        self._groups = groups
        self.in_variables: bool = body.inferred.holding.has_any()
        """Whether any variable holds such calls. In most bodies none does: so this is asked once, when it begins."""
        self.by_expression: dict[Expression, int] = {}
        """For each expression that makes or passes on such calls: a place that holds them until it is used."""
        self.of_expressions: set[int] = set()
        """The places that there are for expressions alone."""
        self.referred: dict[int, list[int]] = {}
        """For each such place of an expression: the variables that have what it was given as well."""
        self.loose: list[int] = []
        """Those that nothing has been done with in this statement."""

    def made_by(self, node: Expression) -> int:
        """The place that holds what an expression makes."""
        holder = self.by_expression.get(node)
        if holder is None:
            holder = self.by_expression[node] = self._body.graph.add_place("a call that goes on")
            self.of_expressions.add(holder)
            self.loose.append(holder)
        return holder

    def making(self, node: Expression) -> int:
        """The place that holds what a call, or a comprehension, makes, which it is about to do.

        In a loop it has nothing of what an earlier round has made: that round may have ended in the middle, because
        something in it raised.
        """
        is_first = node not in self.by_expression
        holder = self.made_by(node)
        if is_first:
            self._body.emit(Kind.INIT, holder, node)
        return holder

    def is_variable(self, holder: int) -> bool:
        """Whether a place is that of a variable or field, and not one for what an expression gives."""
        return holder not in self.of_expressions

    def begin_statement(self) -> tuple[list[int], int]:
        """A statement begins. Gives what `end_statement` wants."""
        around = self.loose, len(self.by_expression)
        self.loose = []
        return around

    def made_since(self, around: tuple[list[int], int]) -> list[int]:
        """The places that hold what the expressions of a statement have made."""
        return list(self.by_expression.values())[around[1] :] if len(self.by_expression) > around[1] else []

    def end_statement(self, around: tuple[list[int], int]) -> None:
        """It ends: what it has made is not what it makes elsewhere. In a `finally`, it is lowered for each way out."""
        self.loose, known = around
        while len(self.by_expression) > known:
            self.by_expression.popitem()

    def of(self, node: Expression) -> Sequence[int]:
        """The places that hold the calls that an expression gives, if it gives any."""
        if not (self.by_expression or self.in_variables):
            return ()
        made = self.by_expression.get(node)
        if made is not None:
            return (made, *self.referred.get(made, ()))
        if isinstance(node, (NameExpr, MemberExpr)):
            variable = self._variable(node)
            if variable is not None and self._body.inferred.holding.has(variable):
                place = self._body.places.of(node)
                return self._groups.all_of(place) if place is not None else ()
            return self.of(node.expr) if isinstance(node, MemberExpr) and self._is_only_field(node) else ()
        parts = _PARTS.get(type(node))
        if isinstance(node, CallExpr) and self._is_of_group(node):
            return [holder for argument in node.args for holder in self.of(argument)]
        if parts is not None:
            return [holder for part in parts(node) if part is not None for holder in self.of(part)]
        if isinstance(node, AwaitExpr) and self._table.leaves(node.expr) is not None:
            return self.of(node.expr)
        return ()

    def may_give(self, node: Expression) -> bool:
        """Whether an expression that has not been evaluated yet may give such calls."""
        if self._body.facts.goes_on(self._body.types.get(node)) or self.of(node):
            return True
        if isinstance(node, CallExpr):
            row = self._table.row(node)
            return row is not None and row.calls is not None
        parts = _PARTS.get(type(node))
        return parts is not None and any(self.may_give(part) for part in parts(node) if part is not None)

    def _is_of_group(self, node: CallExpr) -> bool:
        """`group.create_task(call)` gives a new task, and none that the group has already."""
        row = self._table.row(node)
        return row is not None and row.grouped

    def _is_only_field(self, node: MemberExpr) -> bool:
        """Whether a field has all the calls that its object holds: `job.task`, and no other field has a task."""
        facts = self._body.facts
        if not self.in_variables or not facts.goes_on(self._body.types.get(node)):
            return False
        if self._body.places.of(node.expr) is None:
            # `jobs[name].task`: one of several objects.
            return False
        fields = {
            name
            for info in classes_of(self._body.types.get(node.expr))
            for base in info.mro
            for name, symbol in base.names.items()
            if isinstance(symbol.node, Var) and name.isidentifier() and facts.goes_on(symbol.node.type)
        }
        return fields == {node.name}

    def kept_in(self, target: Expression) -> int | None:
        """The place that keeps what a target is given: an entry is kept by its container."""
        while isinstance(target, IndexExpr):
            target = target.base
        variable = self._variable(target)
        scope = self._body if variable is not None else None
        while scope is not None and variable is not None:
            # It may be a variable of a body around this one, which then has a place there.
            scope.inferred.holding.add(variable)
            scope = scope.outer
        return self._body.places.of(target)

    def _variable(self, node: Expression) -> Var | None:
        """The variable or attribute that an expression names."""
        if isinstance(node, RefExpr) and isinstance(node.node, Var):
            return node.node
        if isinstance(node, MemberExpr):
            for info in classes_of(self._body.types.get(node.expr)):
                symbol = info.get(node.name)
                if symbol is not None and isinstance(symbol.node, Var):
                    return symbol.node
        return None

    def receiver(self, node: CallExpr, *, is_given: bool = True) -> int | None:
        """The place of what a method is called on, if it holds calls: from now on, where it `is_given` some."""
        callee = node.callee
        if not isinstance(callee, MemberExpr):
            return None
        for holder in self.of(callee.expr):
            return holder
        if (is_given and callee.name in KEEPERS) or self._table.row(node) is not None:
            return self.kept_in(callee.expr)
        return None
