"""The comparison that every fixture stands on: it must fail in both directions, and say what differs."""

from __future__ import annotations

from collections import defaultdict

import pytest
from expectations import Line, difference, expected


def found(**errors: str) -> dict[int, Line]:
    """What mypy said of line 1: messages by code, with `_` for `-`."""
    by_code: dict[str, set[str | None]] = {code.replace("_", "-"): {text} for code, text in errors.items()}
    return {1: Line(defaultdict(set, by_code), {"hint: a hint"})}


@pytest.mark.parametrize(
    "source",
    [
        "run(b)  # E: use-after-move",
        "run(b)  # E: use-after-move: gone",
        "run(b)  # E: use-after-move: gone  # N: hint: a hint",
        "run(b)  # type: ignore[affine]  # E: use-after-move",
        "run(b)  # E: use-after-move\n# ^ gone\n# ^ hint: a hint",
    ],
)
def test_agreement(source: str) -> None:
    assert difference(source, expected(source), found(use_after_move="gone")) == ""


@pytest.mark.parametrize(
    "source",
    [
        "run(b)",
        "run(b)  # E: budget-copied",
        "run(b)  # E: use-after-move  # E: budget-copied",
        "run(b)  # E: use-after-move: still there",
        "run(b)  # E: use-after-move\n# ^ still there",
        "run(b)  # E: use-after-move  # N: another hint",
        "run(b, '# E: use-after-move')",
        "\nrun(b)  # E: use-after-move",
    ],
)
def test_difference(source: str) -> None:
    assert difference(source, expected(source), found(use_after_move="gone"))


def test_difference_is_readable() -> None:
    source = "run(b)  # E: use-after-move: still there"
    assert difference(source, expected(source), found(use_after_move="gone")).splitlines() == [
        "--- expected",
        "+++ found",
        " 1: run(b)",
        "-    E: use-after-move: still there",
        "+    E: use-after-move: gone",
    ]


def test_a_mark_that_is_none() -> None:
    with pytest.raises(ValueError, match="line 1"):
        expected("run(b)  # E: Use After Move")
