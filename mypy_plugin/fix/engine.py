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

    What hands out all that is left in a value comes last: where the value is lent for the sake of another error, there
    may be no need to split it.
    """
    made: list[Applied] = []
    hopeless: dict[MypyError, frozenset[str]] = {}
    for may_empty in (False, True):
        put_off: dict[MypyError, frozenset[str]] = {}
        index = 0
        while not all(error in hopeless or error in put_off for error in program.errors):
            index %= len(program.errors)
            error = program.errors[index]
            if error in hopeless or error in put_off:
                index += 1
                continue
            program.looked_into = {error.path}
            fix: Fix | None = next(iter(program.fixes(error)), None)
            if fix is None or (fix.empties and not may_empty):
                (hopeless if fix is None else put_off)[error] = frozenset(program.looked_into)
                continue
            program.accept(fix)
            hopeless, put_off = _untouched(hopeless, fix), _untouched(put_off, fix)
            made.append(Applied(error, fix.title))
            say(made[-1])
    return made


def _untouched(tried: dict[MypyError, frozenset[str]], fix: Fix) -> dict[MypyError, frozenset[str]]:
    """The errors for which nothing has changed in the files that were looked into."""
    return {error: files for error, files in tried.items() if files.isdisjoint(fix.changes)}
