"""mypy's own `--output json`, for runs in which some of its lines are left out."""

from __future__ import annotations

from .problem import Run

__all__ = ["write"]


def write(run: Run) -> str:
    """An object a line, as mypy wrote it."""
    return "".join(f"{problem.written}\n" for problem in run.problems)
