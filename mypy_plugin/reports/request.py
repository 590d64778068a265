"""What of a command line is ours and what is mypy's: the formats that mypy does not have, and the baseline.

This module must never know a format, nor mypy: everything that is not ours stays as it came.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["HELP", "Request", "UsageError", "split"]

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
