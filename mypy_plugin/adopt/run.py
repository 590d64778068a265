"""`budget-types adopt`: list the caps of a code base, or make budgets of those that can be. A listing needs no mypy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..fix.output import show, write_all
from ..fix.source import Source, parsed
from ..fix.texts import Text
from .groups import CodeBase
from .listing import lines
from .names import Names, UnknownUnit

__all__ = ["adopt", "adopt_and_write"]

_LEFT_OUT = frozenset({"site-packages", "node_modules", "__pycache__", "build", "dist"})


def adopt(paths: Sequence[str], *, caps: Sequence[str] = ()) -> int:
    """List the caps in files and directories. `caps`: names that are caps, too, as `NAME=tokens` or `NAME=usd`.

    Returns 0, or 2 if a file could not be read or something was said wrongly.
    """
    try:
        names = Names(caps)
    except UnknownUnit as error:
        return _failed(error)
    sources, failures = _read(paths)
    for line in lines(CodeBase(sources, names)):
        print(line)
    return _failed(*failures)


def adopt_and_write(paths: Sequence[str], *, caps: Sequence[str] = (), diff: bool = False) -> int:
    """Make budgets of the caps in files and directories, and say what mypy finds then.

    `diff`: print what would change, and write nothing. Returns 0, 1 if errors about ownership came to light, or 2 if
    something could not be read, checked or written; then nothing is written.
    """
    try:
        names = Names(caps)
    except UnknownUnit as error:
        return _failed(error)
    files, failures = _read(paths)
    if failures:
        return _failed(*failures, "nothing was written")
    if not files:
        return _failed("there is no Python in these paths")
    from ..fix.checker import Checker, CheckFailed
    from .adoption import Adoption

    try:
        checker = Checker(["--check-untyped-defs", *(source.path for source in files)])
    except CheckFailed as failed:
        print("\n".join(failed.messages))
        return 2
    with checker:
        adoption = Adoption(checker, names)
        adoption.run()
        if diff:
            return _failed(*show(adoption.before, adoption.texts))
        failures = write_all(adoption.before, adoption.texts)
        adoption.report()
        return _failed(*failures) or (1 if adoption.revealed else 0)


def _failed(*messages: object) -> int:
    for each in messages:
        print(f"budget-types: {each}", file=sys.stderr)
    return 2 if messages else 0


def _read(paths: Sequence[str]) -> tuple[list[Source], list[str]]:
    sources, failures = [], []
    for path in dict.fromkeys(path for given in paths for path in _files(Path(given))):
        try:
            text = Text.of(path.read_bytes())
        except OSError as error:
            failures.append(f"cannot read {path}: {error.strerror or error}")
            continue
        source = parsed(str(path), text.text) if text is not None else None
        if source is not None:
            sources.append(source)
        else:
            failures.append(f"{path} is not Python that can be read; it is left out")
    return sources, failures


def _files(given: Path) -> Iterator[Path]:
    """The Python files that a path names; those of environments and caches only if they are named themselves."""
    if not given.is_dir():
        yield given
        return
    for path in sorted(given.rglob("*.py")):
        below = path.relative_to(given).parts
        if not any(part in _LEFT_OUT or part.startswith(".") for part in below):
            yield path
