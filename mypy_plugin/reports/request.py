"""What of a command line is ours and what is mypy's: the formats that mypy does not have, and the baseline.

This module must never know a format, nor mypy: everything that is not ours stays as it came. Only which files a run is
about has to be read off what mypy is given; where that is not sure, a file counts as not looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

__all__ = ["HELP", "Request", "UsageError", "looked_at", "split"]

_SOURCES: Final = (".py", ".pyi", ".ipynb")

HELP: Final = """
Options of budget-types:
  --output {sarif,github,gitlab,junit}
                            One document for the whole run, on standard output
  --baseline FILE           Leave out the findings that FILE knows
  --update-baseline         Write all findings to the FILE of --baseline
  --fix                     First mend what can be mended, as `budget-types fix` does
"""


class UsageError(Exception):
    """The options do not go together."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of us, and the `arguments` that are left for mypy."""

    arguments: tuple[str, ...]
    output: str | None = None
    """The last format given, whoever's it is."""
    baseline: Path | None = None
    update: bool = False


def split(arguments: list[str], formats: Collection[str]) -> Request | None:
    """What `arguments` ask of us, or None if nothing: then they are mypy's from the first to the last."""
    ours, end = arguments, []
    if "--" in arguments:
        # What follows are files.
        ours, end = arguments[: arguments.index("--")], arguments[arguments.index("--") :]
    left: list[str] = []
    output: str | None = None
    baseline: Path | None = None
    update = False
    waiting = list(ours)
    while waiting:
        argument = waiting.pop(0)
        name, is_joined, value = _parted(argument)
        if name == "--update-baseline" and not is_joined:
            update = True
        elif name in ("--output", "--baseline"):
            if not is_joined:
                if not waiting and name == "--baseline":
                    raise UsageError("--baseline needs the name of a file")
                value = waiting.pop(0) if waiting else ""
            if name == "--baseline":
                baseline = Path(value)
            else:
                output = value
        else:
            left.append(argument)
    if update and baseline is None:
        raise UsageError("--update-baseline needs --baseline FILE")
    if baseline is None and output not in formats:
        return None
    return Request((*left, *end), output, baseline, update)


def _parted(argument: str) -> tuple[str, bool, str]:
    """The option's long name, whether its value is joined to it, and the value."""
    if argument.startswith("-O"):
        return "--output", len(argument) > 2, argument[2:]
    name, joined, value = argument.partition("=")
    return name, bool(joined), value


def looked_at(arguments: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a run of mypy with these arguments is about a file: one that is named, or gone; any, if none is named."""
    paths: list[Path] = []
    modules: list[tuple[str, ...]] = []
    packages: list[tuple[str, ...]] = []
    for before, argument in zip(("", *arguments), arguments, strict=False):
        path = Path(os.path.abspath(argument))  # noqa: PTH100 (pathlib leaves `..`)
        if before in ("-m", "--module"):
            modules.append(tuple(argument.split(".")))
        elif before in ("-p", "--package"):
            packages.append(tuple(argument.split(".")))
        elif not argument.startswith("-") and (path.is_dir() or (path.is_file() and path.suffix in _SOURCES)):
            paths.append(path)

    def is_looked_at(file: str) -> bool:
        path = Path(os.path.abspath(file))  # noqa: PTH100
        if not path.exists() or not (paths or modules or packages):
            return True
        parts = PurePath(file).with_suffix("").parts
        module = parts[:-1] if parts[-1] == "__init__" else parts
        return (
            any(path.is_relative_to(one) for one in paths)
            or any(module[-len(name) :] == name for name in modules)
            or any(name == parts[start : start + len(name)] for name in packages for start in range(len(parts)))
        )

    return is_looked_at
