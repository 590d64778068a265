"""What becomes of changed files: a diff to read, or the files themselves."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from .texts import ChangedMeanwhile, Text, may_write, write

__all__ = ["show", "write_all"]


_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""A line as what applies diffs knows it: whatever else ends one to Python stands in it."""


def show(before: Mapping[str, Text], after: Mapping[str, Text]) -> None:
    """Print what would change."""
    for path in _changed(before, after):
        name = Path(path).as_posix()
        old, new = (_LINE.findall(each.text) for each in (before[path], after[path]))
        for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
            print(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", end="")


def write_all(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    """Write all files that changed, or none: a change may need the others. Returns why not."""
    changes = {path: (before[path].encoded(), after[path].encoded()) for path in _changed(before, after)}
    failures = list(filter(None, (_failure(path, may_write, old) for path, (old, _) in changes.items())))
    if failures:
        return [*failures, "nothing was written"]
    # Two names may be one file.
    targets = {Path(path).resolve(): path for path in changes}
    return list(filter(None, (_failure(path, write, *changes[path]) for path in targets.values())))


def _failure(path: str, do: Callable[..., object], *content: bytes) -> str:
    """Why something cannot be done to a file; empty if it was done."""
    try:
        do(path, *content)
    except ChangedMeanwhile as error:
        return str(error)
    except OSError as error:
        return f"cannot write {path}: {error.strerror or error}"
    return ""


def _changed(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    return [path for path in sorted(before) if after[path].text != before[path].text]
