"""Mend what can be mended: one problem after the other, until a whole round over them changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .problems import Problem
from .verify import Fix, Program

__all__ = ["Applied", "mend"]


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was made, at the line that the problem had at that time."""

    problem: Problem
    title: str


def mend(program: Program, say: Callable[[Applied], None] = lambda applied: None) -> list[Applied]:
    """Apply the first fix that helps to each problem of a program. Nothing is written.

    Each fix takes an error away and brings none, so there is an end; and at the end no proposal helps any more, so
    that mending the result once more changes nothing.
    """
    made: list[Applied] = []
    index = unchanged_since = 0
    while program.problems and unchanged_since < len(program.problems):
        index %= len(program.problems)
        fix: Fix | None = next(iter(program.fixes(program.problems[index])), None)
        if fix is None:
            index += 1
            unchanged_since += 1
            continue
        program.accept(fix)
        made.append(Applied(fix.problem, fix.title))
        say(made[-1])
        unchanged_since = 0
    return made
