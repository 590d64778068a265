"""Budgets in OpenTelemetry: each event on the current span, and counters of what was used.

Needs `opentelemetry-api` (`pip install "budget-types[otel]"`); without an SDK it costs next to nothing. The names
below are ours, in version 1: the conventions for generative AI have none for budgets. This module must never be
imported by another one of this package.
"""

from __future__ import annotations

from typing import Final

try:
    from opentelemetry import metrics, trace
except ImportError as _error:
    raise ImportError('budget_types.otel needs opentelemetry-api: pip install "budget-types[otel]"') from _error

from .events import Event, EventKind, Observer

__all__ = ["NAMES_VERSION", "observer"]

NAMES_VERSION: Final = "1"
"""Counts up when a name or the meaning of one changes: `budget.names_version` on each span event."""

_USES: Final[frozenset[EventKind]] = frozenset({"spent", "committed", "forfeited"})


def observer(meter: metrics.Meter | None = None) -> Observer:
    """What `Budget(on_event=...)` takes: tells OpenTelemetry what happens to a budget and all its parts.

    On the current span: an event `budget.<kind>` with `budget.path`, and `budget.amount.*` and `budget.remaining.*`
    for the units that are held: tokens as a number, money exactly, as text. In `meter` (default: the global one):
    counters `budget.used.tokens` and `budget.used.usd` by `budget.root`, the name of the budget it was split from;
    paths would make too many series.

    >>> from budget_types import Budget
    >>> budget = Budget(1_000, on_event=observer())
    >>> budget.spend(300)
    """
    own = metrics.get_meter("budget_types") if meter is None else meter
    tokens = own.create_counter("budget.used.tokens", "{token}", "Tokens spent, committed or forfeited")
    usd = own.create_counter("budget.used.usd", "USD", "Money spent, committed or forfeited")

    def observe(event: Event) -> None:
        trace.get_current_span().add_event(f"budget.{event.kind}", _attributes(event))
        if event.kind in _USES:
            root = {"budget.root": event.path.partition("/")[0]}
            if event.amount.tokens is not None:
                tokens.add(event.amount.tokens, root)
            if event.amount.usd is not None:
                usd.add(float(event.amount.usd), root)

    return observe


def _attributes(event: Event) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {"budget.path": event.path, "budget.names_version": NAMES_VERSION}
    for name, amount in (("amount", event.amount), ("remaining", event.remaining)):
        for unit, value in amount.items():
            attributes[f"budget.{name}.{unit}"] = value if isinstance(value, int) else str(value)
    return attributes
