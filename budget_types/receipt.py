"""`Receipt`: where a budget went, as a tree that prints as a table and becomes JSON.

A receipt is a picture: it does not change when the budgets that it shows do. This module must never know accounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, Literal, TypeAlias

from .amount import Amount, Amounts, Unit, shown

__all__ = ["MergedParts", "Receipt", "Status"]

Status: TypeAlias = Literal["open", "closed", "merged", "exported"]
"""What became of a budget: it is in use, or was closed, merged into another one, or handed to another process."""

_COLUMNS: Final = ("cap", "spent", "held", "away", "left")


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


@dataclass(slots=True)
class _Line:
    cap: Amounts
    spent: Amounts
    parts: MergedParts
    count: int = 1

    def add(self, other: _Line) -> None:
        for mine, theirs in ((self.cap, other.cap), (self.spent, other.spent)):
            for unit, amount in theirs.items():
                mine[unit] = mine.get(unit, 0) + amount
        self.parts.add_all(other.parts)
        self.count += other.count


class MergedParts:
    """What is remembered of the parts that were merged into an account: those of one name in one line.

    So a budget that is split and merged a million times has as many lines as it gave names.
    """

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def add(self, name: str, cap: Amounts, spent: Amounts, parts: MergedParts) -> None:
        """Remember one part: what it had for itself, and what of that was spent."""
        self._add(name, _Line(cap, spent, parts))

    def add_all(self, parts: MergedParts) -> None:
        """Remember the parts of a part that has no line of its own."""
        for name, line in parts._lines.items():
            self._add(name, line)

    def receipts(self) -> list[Receipt]:
        """A line each."""
        return [
            Receipt(
                name,
                "merged",
                cap=shown(line.cap),
                spent=shown(line.spent),
                held=shown(dict.fromkeys(line.cap, 0)),
                away=shown(dict.fromkeys(line.cap, 0)),
                left=shown({unit: cap - line.spent[unit] for unit, cap in line.cap.items()}),
                parts=tuple(line.parts.receipts()),
                count=line.count,
            )
            for name, line in self._lines.items()
        ]

    def _add(self, name: str, line: _Line) -> None:
        if name in self._lines:
            self._lines[name].add(line)
        else:
            self._lines[name] = line


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
