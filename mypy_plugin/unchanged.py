"""What an edit has left as it was, in mypy's daemon: the body of which one function alone has changed.

mypy checks the whole of a module again when its file has changed, and most edits are in the body of one function. What
is wrong with a body follows from its own statements, and from what is declared outside of bodies: so what was found in
the others stands. Owns the comparison, of the text and of the interface that the daemon compares, too. Knows nothing of
budgets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from operator import eq
from typing import Final, NamedTuple

from mypy.checker import TypeChecker
from mypy.nodes import Context
from mypy.server.astdiff import snapshot_symbol_table

from .bodies import Target

__all__ = ["Reading", "edited", "read"]

_REACHES_OUT: Final = re.compile(r"\b(?:global|nonlocal)\b|# *mypy:")
"""What stands in a body and concerns more than the body."""


class _Function(NamedTuple):
    name: str | None
    line: int
    body: range
    """The lines that only its body is on; none where the body has to do with more, as in a method that makes fields."""
    is_generator: bool
    """As its callers see it, and by its body."""


class Reading(NamedTuple):
    """A module as it was when its file was read, and checked."""

    lines: Sequence[str]
    interface: Mapping[str, object]
    functions: Sequence[_Function]
    modules: int
    """How many the program had."""


def read(checker: TypeChecker, bodies: Sequence[Target]) -> Reading | None:
    """The module that `checker` has checked, with these bodies."""
    if checker.options.shadow_file:
        # The tree may be that of another file's text.
        return None
    tree = checker.tree
    source = checker.errors.read_source
    lines = source(checker.path) if source is not None else None
    if lines is None:
        return None
    try:
        interface = snapshot_symbol_table(tree.fullname, tree.names)
    except RuntimeError:
        # mypy has yet to find the type of a variable.
        return None
    return Reading(lines, interface, [_function(each, lines) for each in bodies], len(checker.modules))


def _function(target: Target, lines: Sequence[str]) -> _Function:
    function = target.function
    if function is None:
        return _Function(None, 0, range(0), is_generator=False)
    body = range(0)
    if target.info is None and not target.decorators and function.body.body:
        first = function.body.body[0]
        if _begins_a_body(first, lines):
            body = range(first.line, (function.end_line or 0) + 1)
    return _Function(function.fullname, function.line, body, function.is_generator or function.is_async_generator)


def _begins_a_body(first: Context, lines: Sequence[str]) -> bool:
    """Whether nothing of the signature is on the lines from here on. What was planted has no lines at all."""
    if first.line > len(lines):
        return False
    before, line = lines[first.line - 2], lines[first.line - 1]
    return before.partition("#")[0].rstrip().endswith(":") and not line[: first.column].strip()


def edited(before: Reading, now: Reading) -> int | None:
    """Which function's body is the one thing that differs, if it is so."""
    if before.modules != now.modules or len(before.functions) != len(now.functions):
        return None
    start = sum(1 for _ in takewhile(bool, map(eq, before.lines, now.lines)))
    most = min(len(before.lines), len(now.lines)) - start
    same = min(most, sum(1 for _ in takewhile(bool, map(eq, reversed(before.lines), reversed(now.lines)))))
    was, is_ = range(start + 1, len(before.lines) - same + 1), range(start + 1, len(now.lines) - same + 1)
    found = None
    for number, (old, new) in enumerate(zip(before.functions, now.functions, strict=True)):
        moved = len(now.lines) - len(before.lines) if old.line > start else 0
        if (old.name, old.line + moved, old.is_generator) != (new.name, new.line, new.is_generator):
            return None
        if _holds(old.body, was) and _holds(new.body, is_):
            found = number
    if found is None or before.interface != now.interface:
        return None
    texts = (
        line
        for reading in (before, now)
        for number in reading.functions[found].body
        for line in (reading.lines[number - 1],)
    )
    return None if any(map(_REACHES_OUT.search, texts)) else found


def _holds(body: range, lines: range) -> bool:
    return len(body) > 0 and body.start <= lines.start and lines.stop <= body.stop
