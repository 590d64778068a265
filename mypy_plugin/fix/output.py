"""What becomes of changed files: a diff to read, or the files themselves."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from .texts import ChangedMeanwhile, Text, write

__all__ = ["show", "write_all"]


def show(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    """Print what would change. Returns what went wrong: nothing."""
    for path in _changed(before, after):
        name = Path(path).as_posix()
        old, new = (each.text.splitlines(keepends=True) for each in (before[path], after[path]))
        for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
            print(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", end="")
    return []


def write_all(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    """Write the files that changed, each at once. Returns what went wrong, in words."""
    failures = []
    for path in _changed(before, after):
        try:
            write(path, before[path].encoded(), after[path].encoded())
        except ChangedMeanwhile as error:
            failures.append(f"{error}; it stays as it is")
        except OSError as error:
            failures.append(f"cannot write {path}: {error.strerror or error}")
    return failures


def _changed(before: Mapping[str, Text], after: Mapping[str, Text]) -> list[str]:
    return [path for path in sorted(before) if after[path].text != before[path].text]
