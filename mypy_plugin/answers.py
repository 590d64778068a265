"""What judging a body asked of classes that the body need not name, and what it was answered, in mypy's daemon.

A body is judged with the types that mypy gives its expressions, and with what is said of the members of their classes.
When a class changes, mypy checks again what names the member, and not what has an object of the class. To have it check
that, too, would change what mypy itself says: where it analyses a function or a module's own body anew, it finds errors
that it does not find the first time. So the types of such a body are kept, and it is judged again with those, if what
was asked is answered in another way now. Owns that comparison; knows nothing of what is found in bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from mypy.nodes import Expression, FuncDef, TypeInfo
from mypy.types import Type

from .budget_facts import BudgetFacts, Field
from .events import Breach
from .lower.joined import Joined, Lends
from .promises import Promises

__all__ = ["Answers", "KeptTypes"]


class Answers(NamedTuple):
    """For one body."""

    fields: Mapping[tuple[TypeInfo, int], list[Field]]
    """Which fields of a class may lead to budgets, at the depth at which it was met."""
    breaches: Mapping[tuple[Type, Type], Breach | None]
    """What a value of one type breaks where another one is promised."""
    lends: Mapping[tuple[Expression, int], Lends]
    """How functions out of tables declare their parameters."""

    @classmethod
    def given(cls, promises: Promises, budgets: BudgetFacts | None, joined: Joined) -> Answers | None:
        """Those that were given since the last time that they were taken, if any."""
        fields, breaches = budgets.answers if budgets is not None else {}, promises.answers
        lends = joined.answers
        if not fields and not breaches and not lends:
            return None
        if budgets is not None:
            budgets.answers = {}
        promises.answers, joined.answers = {}, {}
        return cls(fields, breaches, lends)

    def still_hold(self, promises: Promises, budgets: BudgetFacts | None, joined: Joined) -> bool:
        """Whether the same would be answered now."""
        if any(joined.lends(*asked) != answer for asked, answer in self.lends.items()):
            return False
        if budgets is None:
            is_same = not self.fields
        else:
            is_same = all(budgets.leading(*asked) == answer for asked, answer in self.fields.items())
        return is_same and all(promises.broken(*asked) == answer for asked, answer in self.breaches.items())


class KeptTypes:
    """Those of the expressions in the bodies of one module that asked anything; None is the module's own body."""

    def __init__(self) -> None:
        self._on_lines: dict[FuncDef | None, dict[Expression, Type]] = {}
        self._elsewhere: dict[Expression, Type] = {}
        """What mypy makes of f-strings is on no line: it may belong to any body."""

    def keep(
        self, kept: Set[FuncDef | None], types: Mapping[Expression, Type], bodies: Iterable[FuncDef | None]
    ) -> None:
        """Note the types in `kept`, of all `bodies` of the module."""
        mine: dict[FuncDef | None, dict[Expression, Type]] = {function: {} for function in kept}
        self._on_lines.update(mine)
        if not mine:
            return
        on_line = {
            line: mine.get(body)
            for body in bodies
            if body is not None
            for line in range(body.line, (body.end_line or body.line) + 1)
        }
        its_own = mine.get(None)
        for node, type_ in types.items():
            there = on_line.get(node.line, its_own) if node.line > 0 else self._elsewhere
            if there is not None:
                there[node] = type_

    def drop(self, function: FuncDef | None) -> None:
        """The body is judged again."""
        self._on_lines.pop(function, None)

    def of(self, functions: Iterable[FuncDef | None]) -> dict[Expression, Type]:
        """The types in these bodies."""
        types = {**self._elsewhere}
        for function in functions:
            types.update(self._on_lines.get(function, {}))
        return types
