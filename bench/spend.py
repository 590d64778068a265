"""What `spend` costs, beside what it replaces: an int behind a lock, and nothing else.

    python bench/spend.py [--json FILE]

Each row is the best of several rounds, all rows in turn in every round, since a shared machine slows down as it likes.
"""

from __future__ import annotations

import argparse
import json
import threading
import timeit
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

from budget_types import Budget, BudgetPool, Event

CALLS: Final = 100_000
ROUNDS: Final = 7
PRICE: Final = Decimal("0.000123")


class Counter:
    """What people write first."""

    def __init__(self, left: int) -> None:
        self.lock = threading.Lock()
        self.left = left

    def spend(self, tokens: int) -> None:
        """Subtract."""
        with self.lock:
            self.left -= tokens


def nothing(event: Event) -> None:
    """An observer that looks away."""


def rows() -> dict[str, Callable[[], object]]:
    """What is measured, by name; the first is the measure of the others."""
    counter, budget = Counter(10**12), Budget(10**12)
    observed, limited = Budget(10**12, on_event=nothing), Budget(10**12, timeout=10**6, warn_at=1)
    money, pool = Budget(10**12, usd=10**9), BudgetPool(Budget(10**12))

    def reserve_and_commit() -> None:
        with pool.reserve(3) as call:
            call.sent()
            call.commit(2)

    return {
        "int behind a lock": lambda: counter.spend(3),
        "spend(tokens)": lambda: budget.spend(3),
        "spend(tokens), deadline and soft limit": lambda: limited.spend(3),
        "spend(tokens), observed": lambda: observed.spend(3),
        "spend(usd=Decimal)": lambda: money.spend(usd=PRICE),
        "reserve, sent, commit": reserve_and_commit,
        "split and merge": lambda: budget.merge(budget.split(3)),
    }


def main() -> None:
    """Measure, print a table, and write JSON where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    measured = rows()
    best = dict.fromkeys(measured, float("inf"))
    for _ in range(ROUNDS):
        for name, call in measured.items():
            best[name] = min(best[name], timeit.timeit(call, number=CALLS) / CALLS * 1e6)
    first, *_ = best.values()
    print(f"{'microseconds a call':40}{'all':>8}{'more':>8}")
    for name, cost in best.items():
        print(f"{name:40}{cost:8.3f}{cost - first:8.3f}")
    report = [{"row": name, "microseconds": cost, "more": cost - first} for name, cost in best.items()]
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
