"""The table of `docs/crash-safety.md`: a row for each corpus, renewed in place.

Owns how an outcome looks on the page, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .corpora import CORPORA
from .runs import Outcome

__all__ = ["PAGE", "renewed", "rows_of"]

PAGE: Final = Path(__file__).parents[2] / "docs" / "crash-safety.md"
HEAD: Final = ("corpus", "lines", "classes made affine", "our reports", "mypy's own messages", "changed", "crashes")
TABLE: Final = re.compile(r"(?<=<!-- survey -->\n).*?(?=<!-- end of survey -->)", re.DOTALL)
TOTAL: Final = "all"


def _row(outcome: Outcome) -> list[str]:
    changed = [line for line in outcome.differences if not line.startswith(("---", "+++", "@@"))]
    numbers = (
        outcome.lines,
        len(outcome.classes),
        len(outcome.plugged.ours),
        len(outcome.without.mypys),
        len(changed),
        len(outcome.plugged.crashes),
    )
    return [f"{outcome.name} {outcome.version}", *(f"{number:,}" for number in numbers)]


def rows_of(page: str) -> dict[str, list[str]]:
    """The rows of the table on a page, by corpus, without the last one, which adds them up."""
    found = TABLE.search(page)
    assert found is not None, "the page has no table"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].split("\n") if line][2:]
    return {row[0].partition(" ")[0]: row for row in rows if row[0] != TOTAL}


def renewed(page: str, outcomes: Iterable[Outcome]) -> str:
    """The page with these outcomes in its table, in the order of `CORPORA`."""
    rows = {**rows_of(page), **{outcome.name: _row(outcome) for outcome in outcomes}}
    ordered = [rows[corpus.name] for corpus in CORPORA if corpus.name in rows]
    sums = [sum(int(row[column].replace(",", "")) for row in ordered) for column in range(1, len(HEAD))]
    lines = [HEAD, ("---", *["---:"] * (len(HEAD) - 1)), *ordered, (TOTAL, *(f"{number:,}" for number in sums))]
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return TABLE.sub(lambda _: f"\n{text}\n", page)
