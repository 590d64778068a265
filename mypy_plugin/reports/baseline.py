"""The baseline: the findings that a project has when it begins, which do not fail its runs.

A file of our own, since mypy-baseline knows a finding by its whole message but for "defined on line N": ours name
lines, and would be new each time one moves. It holds whatever mypy reports, each finding by its `key`, and how often,
one a line, so that a review shows what came and went.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from .problem import Key, Problem

__all__ = ["Baseline", "BaselineError"]

_VERSION: Final = 1
_NAMES: Final = ("file", "code", "message")


class BaselineError(Exception):
    """The file cannot be used; says which one, and why."""


class Baseline:
    """Known findings, each with how often it is known."""

    def __init__(self, known: Counter[Key]) -> None:
        self._known: Final = known

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Baseline:
        """All that was found."""
        return cls(Counter(problem.key for problem in problems))

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """What the file holds."""
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            raise BaselineError(f"{path}: there is no such baseline; --update-baseline writes it") from None
        except (OSError, UnicodeDecodeError) as error:
            raise BaselineError(f"{path}: the baseline cannot be read: {error}") from error
        try:
            data = json.loads(text)
        except ValueError as error:
            raise BaselineError(f"{path}: the baseline is not JSON: {error}") from error
        version = data.get("version") if isinstance(data, dict) else None
        if version != _VERSION:
            was = f"is of version {version}" if version is not None else "has no version"
            raise BaselineError(f"{path}: the baseline {was}, and this budget-types reads version {_VERSION}")
        known: Counter[Key] = Counter()
        findings = data.get("findings")
        for number, finding in enumerate(findings if isinstance(findings, list) else [findings], 1):
            key, count = _finding(finding)
            if key is None or count < 1:
                raise BaselineError(f"{path}: finding {number} of the baseline is none: {json.dumps(finding)}")
            known[key] += count
        return cls(known)

    def save(self, path: Path) -> None:
        """Write the file, sorted."""
        findings = []
        for key, count in sorted(self._known.items()):
            finding = dict(zip(_NAMES, key, strict=True))
            findings.append(json.dumps(finding | ({"count": count} if count > 1 else {}), ensure_ascii=False))
        body = ",\n    ".join(findings)
        listed = f"[\n    {body}\n  ]" if findings else "[]"
        text = f'{{\n  "version": {_VERSION},\n  "findings": {listed}\n}}\n'
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            raise BaselineError(f"{path}: the baseline cannot be written: {error}") from error

    def __len__(self) -> int:
        """How many findings are known."""
        return self._known.total()

    def new(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems that are not known. The first of several like ones are the known ones."""
        left = Counter(self._known)
        unknown = []
        for problem in problems:
            if left[problem.key] > 0:
                left[problem.key] -= 1
            else:
                unknown.append(problem)
        return unknown

    def without(self, other: Baseline) -> Baseline:
        """What is known here and not there."""
        return Baseline(self._known - other._known)

    def outside(self, looked_at: Callable[[str], bool]) -> Baseline:
        """What is known of files that were not looked at."""
        return Baseline(Counter({key: count for key, count in self._known.items() if not looked_at(key[0])}))

    def together(self, other: Baseline) -> Baseline:
        """What is known here or there."""
        return Baseline(self._known | other._known)


def _finding(data: object) -> tuple[Key | None, int]:
    """What one entry of the file says, if it says anything."""
    match data:
        case {"file": str(file), "code": str(code), "message": str(message), "count": int(count)}:
            return (file, code, message), count
        case {"count": _}:
            return None, 0
        case {"file": str(file), "code": str(code), "message": str(message)}:
            return (file, code, message), 1
    return None, 0
