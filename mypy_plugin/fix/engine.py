"""Mend what can be mended: one error after the other, until nothing helps any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .mypy_errors import MypyError
from .verify import Fix, Program

__all__ = ["Applied", "mend"]


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was made, at the line that the error had at that time."""

    error: MypyError
    title: str


def mend(program: Program, say: Callable[[Applied], None] = lambda applied: None) -> list[Applied]:
    """Apply the first fix that helps to each error of a program. Nothing is written.

    Each fix takes an error away and brings none, so there is an end; and at the end no proposal helps any more, so
    that mending the result once more changes nothing. What did not help is tried again only when a fix has changed
    something in one of the files that were looked into.
    """
    made: list[Applied] = []
    hopeless: dict[MypyError, frozenset[str]] = {}
    index = 0
    while not all(error in hopeless for error in program.errors):
        index %= len(program.errors)
        error = program.errors[index]
        if error in hopeless:
            index += 1
            continue
        program.looked_into = {error.path}
        fix: Fix | None = next(iter(program.fixes(error)), None)
        if fix is None:
            hopeless[error] = frozenset(program.looked_into)
            continue
        program.accept(fix)
        hopeless = {each: files for each, files in hopeless.items() if files.isdisjoint(fix.changes)}
        made.append(Applied(error, fix.title))
        say(made[-1])
    return made
