"""Lines as mypy writes them by default, for runs in which some of its own are left out."""

from __future__ import annotations

from .problem import Problem, Run

__all__ = ["write"]


def write(run: Run) -> str:
    """A line for each problem, and one for each line of its hint."""
    return "".join(f"{line}\n" for problem in run.problems for line in _lines(problem))


def _lines(problem: Problem) -> list[str]:
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    code = f"  [{problem.code}]" if problem.code and problem.severity == "error" else ""
    notes = [f"{place}: note: {line}" for line in problem.hint.splitlines()]
    return [f"{place}: {problem.severity}: {problem.message}{code}", *notes]
