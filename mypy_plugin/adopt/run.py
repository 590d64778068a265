"""`budget-types adopt`: list the caps of a code base."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..fix.source import Source, parsed
from ..fix.texts import Text
from .groups import CodeBase
from .listing import lines
from .names import Names, UnknownUnit

__all__ = ["adopt"]

_LEFT_OUT = frozenset({"site-packages", "node_modules", "__pycache__", "build", "dist"})


def adopt(paths: Sequence[str], *, caps: Sequence[str] = ()) -> int:
    """List the caps in files and directories. `caps`: names that are caps, too, as `NAME=tokens` or `NAME=usd`.

    Returns 0, or 2 if a file could not be read or something was said wrongly.
    """
    try:
        names = Names(caps)
    except UnknownUnit as error:
        print(f"budget-types: {error}", file=sys.stderr)
        return 2
    sources, failures = _read(paths)
    for line in lines(CodeBase(sources, names)):
        print(line)
    for failure in failures:
        print(f"budget-types: {failure}", file=sys.stderr)
    return 2 if failures else 0


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
