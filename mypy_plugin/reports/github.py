"""GitHub's workflow commands: each problem is an annotation on its line of the pull request.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .problem import Problem, Run

__all__ = ["write"]

_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def write(run: Run) -> str:
    """One command a line."""
    commands = [_command(problem) for problem in run.problems]
    if run.failure:
        commands.append(f"::error title=mypy::{_escape(run.failure, _DATA)}")
    return "".join(f"{command}\n" for command in commands)


def _command(problem: Problem) -> str:
    properties = {
        "file": problem.file,
        "line": problem.line,
        "endLine": problem.end_line,
        "title": problem.code or None,
    }
    if problem.column and problem.line == problem.end_line:
        # GitHub has no columns for what goes over several lines. Its end is the last one that belongs to it.
        properties["col"] = problem.column
        properties["endColumn"] = problem.end_column and max(problem.column, problem.end_column - 1)
    given = ",".join(f"{name}={_escape(str(value), _PROPERTY)}" for name, value in properties.items() if value)
    command = "error" if problem.severity == "error" else "notice"
    return f"::{command} {given}::{_escape(problem.text, _DATA)}"


def _escape(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
