"""The list of caps, as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from .caps import Cap
from .groups import CodeBase, Group
from .uses import Kind

__all__ = ["lines", "place"]

_UNITS = {"tokens": "tokens", "usd": "dollars"}


def lines(code: CodeBase) -> Iterator[str]:
    """Two lines for each cap: what it is, and what can become of it."""
    rewritable = 0
    for cap in code.caps:
        group = code.group_of[cap]
        declared = f": {cap.source.code(cap.annotation)}" if cap.annotation is not None else ""
        yield f"{place(cap)}: {cap}{declared}, {_UNITS[cap.unit]}; {_uses(code, cap)}"
        why = group.obstacle
        yield f"    stays a number: {why}" if why else f"    becomes {_becomes(cap, group)}"
        rewritable += why is None
    total = len(code.caps)
    yield f"Found {total} cap{'' if total == 1 else 's'}; {rewritable} can become a budget."


def place(cap: Cap) -> str:
    """Where a cap is declared: the file, the line and the column, from 1."""
    line, column = cap.source.start(cap.at)
    return f"{cap.source.path}:{line}:{column + 1}"


def _uses(code: CodeBase, cap: Cap) -> str:
    found = [str(use) for use in code.uses[cap] if use.kind not in (Kind.DECLARED, Kind.OTHER)]
    other = [use for use in code.uses[cap] if use.kind is Kind.OTHER]
    words = list(dict.fromkeys(found)) or ([] if other else ["not used"])
    return ", ".join([*words, *(["used otherwise"] if other else [])])


def _becomes(cap: Cap, group: Group) -> str:
    mode = group.modes[cap]
    alone = f"{mode}{' | None' if cap.optional else ''}"
    others = [other for other in group.caps if other is not cap]
    if not others:
        return alone
    shown = ", ".join(map(str, others[:3])) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    return f"{alone}, together with {shown}"
