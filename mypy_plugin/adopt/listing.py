"""The list of caps, as people read it, and as programs do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .caps import Cap
from .groups import CodeBase, Group
from .uses import Kind

__all__ = ["json_lines", "lines", "place"]

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


def json_lines(code: CodeBase) -> Iterator[str]:
    """One JSON object for each cap; lines count from 1 and columns from 0, as in mypy's `--output json`."""
    for cap in code.caps:
        group = code.group_of[cap]
        record = {
            **_json_place(cap),
            "type": cap.source.code(cap.annotation) if cap.annotation is not None else None,
            "unit": cap.unit,
            "uses": _words(code, cap),
            "becomes": _alone(cap, group) if group.obstacle is None else None,
            "obstacle": group.obstacle,
            "together": [_json_place(other) for other in group.caps if other is not cap],
        }
        yield json.dumps(record, ensure_ascii=False)


def _json_place(cap: Cap) -> dict[str, str | int | None]:
    line, column = cap.source.start(cap.at)
    return {
        "file": Path(cap.source.path).as_posix(),
        "line": line,
        "column": column,
        "kind": cap.kind,
        "name": cap.name,
        "of": cap.of or None,
    }


def place(cap: Cap) -> str:
    """Where a cap is declared: the file, the line and the column, from 1."""
    line, column = cap.source.start(cap.at)
    return f"{cap.source.path}:{line}:{column + 1}"


def _uses(code: CodeBase, cap: Cap) -> str:
    return ", ".join(_words(code, cap))


def _words(code: CodeBase, cap: Cap) -> list[str]:
    found = [str(use) for use in code.uses[cap] if use.kind not in (Kind.DECLARED, Kind.OTHER)]
    other = [use for use in code.uses[cap] if use.kind is Kind.OTHER]
    words = list(dict.fromkeys(found)) or ([] if other else ["not used"])
    return [*words, *(["used otherwise"] if other else [])]


def _alone(cap: Cap, group: Group) -> str:
    return f"{group.modes[cap]}{' | None' if cap.optional else ''}"


def _becomes(cap: Cap, group: Group) -> str:
    alone = _alone(cap, group)
    others = [other for other in group.caps if other is not cap]
    if not others:
        return alone
    shown = ", ".join(map(str, others[:3])) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    return f"{alone}, together with {shown}"
