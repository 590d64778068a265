"""Which row of the tasks' table belongs to a call. The table is data, in `knowledge.tasks`; here it meets mypy's types.

Asks questions; what follows from the answers is for `tasks` to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from mypy.nodes import CallExpr, Expression, MemberExpr, NameExpr, RefExpr, TypeInfo
from mypy.types import Type

from ..callees import Callees
from ..fullnames import NONE, SINGLE, TRUE
from ..knowledge.tasks import PATIENT, WAITS, Spawn
from ..type_shapes import classes_of
from ..typing_facts import Facts

__all__ = ["TaskTable"]


class TaskTable:
    """What is known of the functions that the calls of a body call. `rows`: those that have been found before."""

    def __init__(
        self,
        types: Mapping[Expression, Type],
        facts: Facts,
        callees: Callees,
        rows: dict[CallExpr, Spawn | None],
    ) -> None:
        self._types = types
        self._facts = facts
        self._callees = callees
        self._rows = rows

    def row(self, node: CallExpr) -> Spawn | None:
        """What is known of the function that is called."""
        if node not in self._rows:
            spawns = self._facts.handling.spawns
            known = next(filter(spawns.__contains__, self._names(node)), None)
            self._rows[node] = spawns[known] if known is not None else None
        return self._rows[node]

    def is_among(self, node: CallExpr, names: frozenset[str]) -> bool:
        """Whether the function that is called is one of these."""
        return not names.isdisjoint(self._names(node))

    def waits(self, node: CallExpr) -> bool:
        """Whether a method returns when all is finished that its object holds, and not before."""
        for name in self._names(node):
            if name in WAITS:
                hurried = WAITS[name]
                position = self.argument(node, hurried) if hurried is not None else None
                given = node.args[position] if position is not None else None
                return given is None or (isinstance(given, NameExpr) and given.fullname in (NONE, TRUE))
        return False

    def argument(self, node: CallExpr, parameter: str) -> int | None:
        """The position of the argument of a call that goes to a parameter of this name."""
        types = self._types
        return self._callees.argument_for(
            types.get(node.callee), node.arg_kinds, node.arg_names, lambda index: types.get(node.args[index]), parameter
        )

    def _names(self, node: CallExpr) -> list[str]:
        """The full names of what is called: of a method, in each class that it may be inherited from."""
        callee = node.callee
        names = []
        if isinstance(callee, RefExpr) and isinstance(callee.node, TypeInfo):
            names = [f"{base.fullname}.__init__" for base in callee.node.mro]
        elif isinstance(callee, RefExpr) and callee.fullname:
            names = [callee.fullname]
        if isinstance(callee, MemberExpr) and callee.name not in self._facts.handling.about_tasks:
            return names
        classes, name = classes_of(self._types.get(callee)), "__call__"
        if isinstance(callee, MemberExpr):
            classes, name = classes_of(self._types.get(callee.expr)), callee.name
        return names + [f"{base.fullname}.{name}" for info in classes for base in info.mro] if classes else names

    def leaves_others(self, node: Expression) -> bool:
        """Whether an exception out of what is awaited leaves something running."""
        row = self.row(node) if isinstance(node, CallExpr) else None
        if row is None or not isinstance(node, CallExpr):
            return False
        keeps_all = any(
            name == "return_exceptions" and isinstance(given, NameExpr) and given.fullname == TRUE
            for name, given in zip(node.arg_names, node.args, strict=True)
        )
        return row.shields or (row.leaves_others and not keeps_all and not self._is_given_one(node))

    def _is_given_one(self, node: CallExpr) -> bool:
        """Whether a call is given one coroutine or task, beside which is no other: if it raises, that has ended."""
        if len(node.args) != 1 or node.arg_kinds[0].is_star():
            return False
        its = classes_of(self._types.get(node.args[0]))
        return bool(its) and all(any(base.fullname in SINGLE for base in info.mro) for info in its)

    def leaves(self, node: Expression) -> int | None:
        """Where in what a call gives those are that have not finished: `wait` with a time limit, or for the first."""
        row = self.row(node) if isinstance(node, CallExpr) else None
        if row is None or not isinstance(node, CallExpr):
            return None
        hurried = [given for given in node.args[1:] if not isinstance(given, RefExpr) or given.fullname not in PATIENT]
        return row.leaves if hurried else None

    def is_group(self, node: Expression) -> bool:
        """Whether an expression gives a group of tasks, which is left when they have finished."""
        return any(map(self._facts.handling.is_group, classes_of(self._types.get(node))))
