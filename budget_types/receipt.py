"""`Receipt`: where a budget went, as a tree that prints as a table and becomes JSON.

A receipt is a picture: it does not change when the budgets that it shows do. This module must never know accounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeAlias

from .amount import Amount, Unit

__all__ = ["Receipt", "Status"]

Status: TypeAlias = Literal["open", "closed", "merged", "exported"]
"""What became of a budget: it is in use, or was closed, merged into another one, or handed to another process."""

_COLUMNS = ("cap", "spent", "held", "away", "left")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line: `cap = spent + left + held + away`, in every unit; and the parts that were split off.

    Attributes:
        name: what the budget is called among the parts of its parent.
        status: what became of it.
        cap: what it answers for: what it was made with, and what was merged into it.
        spent: what is gone for good, by itself and by all that was merged into it.
        held: what reservations hold that are not settled yet.
        away: what was split off and has not come back: the caps of those parts.
        left: what was left. Of a merged part: what it gave back.
        parts: the budgets split off from it, and those merged into it.
        count: how many merged parts of the same name this line sums up.

    >>> from budget_types import Budget
    >>> budget = Budget(1_000)
    >>> research = budget.split(400, name="research")
    >>> research.spend(150)
    >>> budget.merge(research)
    >>> print(budget.close())
    tokens        cap  spent  held  away  left
    root        1,000    150     0     0   850  closed
      research    400    150     0     0   250  merged
    """

    name: str
    status: Status
    cap: Amount
    spent: Amount
    held: Amount
    away: Amount
    left: Amount
    parts: tuple[Receipt, ...] = ()
    count: int = 1

    @property
    def total_spent(self) -> Amount:
        """What was spent here and in every part that has not come back.

        >>> from budget_types import Budget
        >>> budget = Budget(10)
        >>> part = budget.split(4)
        >>> part.spend(3)
        >>> print(budget.receipt().spent, "/", budget.receipt().total_spent)
        0 tokens / 3 tokens
        """
        return reduce(Amount.__add__, (line.spent for line in self._not_summed_up()))

    def as_dict(self) -> dict[str, Any]:
        """The tree as JSON can hold it: tokens as numbers, money as text.

        >>> from budget_types import Budget
        >>> Budget(usd="0.50").close().as_dict()["cap"]
        {'usd': '0.5'}
        """
        document: dict[str, Any] = {"name": self.name, "status": self.status}
        if self.count > 1:
            document["count"] = self.count
        for column in _COLUMNS:
            held = getattr(self, column).items()
            document[column] = {unit: amount if unit == "tokens" else str(amount) for unit, amount in held}
        document["parts"] = [part.as_dict() for part in self.parts]
        return document

    def to_json(self, indent: int | None = None) -> str:
        """`as_dict` as text.

        >>> from budget_types import Budget
        >>> Budget(1).close().to_json()[:35]
        '{"name": "root", "status": "closed"'
        """
        return json.dumps(self.as_dict(), indent=indent)

    def __str__(self) -> str:
        return "\n\n".join(_table(self, unit) for unit, _ in self.cap.items())

    def _not_summed_up(self) -> Iterator[Receipt]:
        yield self
        for part in self.parts:
            if part.status != "merged":
                yield from part._not_summed_up()

    def _lines(self, depth: int) -> Iterator[tuple[int, Receipt]]:
        yield depth, self
        for part in self.parts:
            yield from part._lines(depth + 1)


def _table(receipt: Receipt, unit: Unit) -> str:
    rows: list[list[str]] = [[unit, *_COLUMNS, ""]]
    for depth, line in receipt._lines(0):
        amounts = [getattr(getattr(line, column), unit) for column in _COLUMNS]
        if None not in amounts:
            name = "  " * depth + line.name + (f" (x{line.count})" if line.count > 1 else "")
            rows.append([name, *(f"{amount:,}" for amount in amounts), line.status])
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        "  ".join([row[0].ljust(first), *map(str.rjust, row[1:-1], others), row[-1]]).rstrip() for row in rows
    )
