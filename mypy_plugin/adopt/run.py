"""`budget-types adopt`: list the caps of a code base, or make budgets of those that can be. A listing needs no mypy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from ..config import Config, ConfigError, find, load
from ..fix.output import show, write_all
from .caps import Finder
from .files import Found, read
from .groups import CodeBase
from .listing import json_lines, lines
from .names import Names, UnknownUnit

__all__ = ["How", "adopt"]

How: TypeAlias = Literal["list", "json", "diff", "write"]
"""What is made of the caps: a list for people or for programs, what would change, or the change itself."""


def adopt(paths: Sequence[str], *, caps: Sequence[str] = (), how: How = "list") -> int:
    """Find the caps in files and directories. `caps`: names that are caps, too, as `NAME=tokens` or `NAME=usd`.

    A list returns 0, or 2 if a file could not be read or something was said wrongly. A rewrite returns 0, 1 if errors
    about ownership came to light, or 2 if something could not be read, checked or written; then nothing is written.
    """
    try:
        finder = Finder(Names([*caps, *_settings().adopt.caps]))
    except UnknownUnit as error:
        return _failed(error)
    except ConfigError as error:
        return _failed(*error.problems)
    found = read(paths, finder)
    if how in ("list", "json"):
        for line in (json_lines if how == "json" else lines)(CodeBase(found.sources, finder)):
            print(line)
        return _failed(*found.failures)
    if found.failures:
        return _failed(*found.failures, "nothing was written")
    if not found.paths:
        return _failed("there is no Python in these paths")
    return _rewrite(found, finder, diff=how == "diff")


def _settings() -> Config:
    path = find(Path.cwd())
    return load(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path) if path else None)


def _rewrite(found: Found, finder: Finder, *, diff: bool) -> int:
    from ..fix.checker import Checker, CheckFailed
    from .adoption import Adoption

    try:
        checker = Checker(["--check-untyped-defs", *found.paths], modules=["budget_types"])
    except CheckFailed as failed:
        print("\n".join(failed.messages))
        return 2
    with checker:
        adoption = Adoption(checker, finder, [source.path for source in found.sources])
        adoption.run()
        if diff:
            show(adoption.before, adoption.texts)
            return 0
        if failures := write_all(adoption.before, adoption.texts):
            return _failed(*failures)
        adoption.report()
        return 1 if adoption.revealed else 0


def _failed(*messages: object) -> int:
    for each in messages:
        print(f"budget-types: {each}", file=sys.stderr)
    return 2 if messages else 0
