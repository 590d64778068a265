"""`budget-types adopt`: list the caps of a code base, or make budgets of those that can be. A listing needs no mypy."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..fix.output import show, write_all
from .files import read
from .groups import CodeBase
from .listing import lines
from .names import Names, UnknownUnit

__all__ = ["adopt", "adopt_and_write"]


def adopt(paths: Sequence[str], *, caps: Sequence[str] = ()) -> int:
    """List the caps in files and directories. `caps`: names that are caps, too, as `NAME=tokens` or `NAME=usd`.

    Returns 0, or 2 if a file could not be read or something was said wrongly.
    """
    try:
        names = Names(caps)
    except UnknownUnit as error:
        return _failed(error)
    found = read(paths, names)
    for line in lines(CodeBase(found.sources, names)):
        print(line)
    return _failed(*found.failures)


def adopt_and_write(paths: Sequence[str], *, caps: Sequence[str] = (), diff: bool = False) -> int:
    """Make budgets of the caps in files and directories, and say what mypy finds then.

    `diff`: print what would change, and write nothing. Returns 0, 1 if errors about ownership came to light, or 2 if
    something could not be read, checked or written; then nothing is written.
    """
    try:
        names = Names(caps)
    except UnknownUnit as error:
        return _failed(error)
    found = read(paths, names)
    if found.failures:
        return _failed(*found.failures, "nothing was written")
    if not found.paths:
        return _failed("there is no Python in these paths")
    from ..fix.checker import Checker, CheckFailed
    from .adoption import Adoption

    try:
        checker = Checker(["--check-untyped-defs", *found.paths])
    except CheckFailed as failed:
        print("\n".join(failed.messages))
        return 2
    with checker:
        adoption = Adoption(checker, names, [source.path for source in found.sources])
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
