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
from typing import Final, NamedTuple, TypeVar

from .problem import Key, Problem

__all__ = ["Baseline", "BaselineError"]

_VERSION: Final = 1

T = TypeVar("T")


class Finding(NamedTuple):
    """One that is known. Where two are alike, the line of the program tells which is which."""

    file: str
    code: str
    message: str
    source: str

    @classmethod
    def of(cls, problem: Problem) -> Finding:
        """The problem as it is known."""
        return cls(*problem.key, problem.source)

    @property
    def key(self) -> Key:
        """What has to be the same: the line of the program may be changed."""
        return self[:3]


class BaselineError(Exception):
    """The file cannot be used; says which one, and why."""


class Baseline:
    """Known findings, each with how often it is known."""

    def __init__(self, known: Counter[Finding]) -> None:
        self._known: Final = known

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Baseline:
        """All that was found."""
        return cls(Counter(map(Finding.of, problems)))

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
        known: Counter[Finding] = Counter()
        findings = data.get("findings")
        for number, finding in enumerate(findings if isinstance(findings, list) else [findings], 1):
            one, count = _finding(finding)
            if one is None or count < 1:
                raise BaselineError(f"{path}: finding {number} of the baseline is none: {json.dumps(finding)}")
            known[one] += count
        return cls(known)

    def save(self, path: Path) -> None:
        """Write the file, sorted."""
        findings = []
        for finding, count in sorted(self._known.items()):
            entry = finding._asdict() | ({"count": count} if count > 1 else {})
            findings.append(json.dumps(entry, ensure_ascii=False))
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
        """The problems that are not known. Of several like ones, those are known whose line is the same."""
        left = Counter(self._known)
        unlike = _take(list(problems), left, Finding.of)
        keys: Counter[Key] = Counter()
        for finding, count in left.items():
            keys[finding.key] += count
        return _take(unlike, keys, lambda problem: problem.key)

    def without(self, other: Baseline) -> int:
        """How many are known here and not there."""
        here, there = (Counter(finding.key for finding in one._known.elements()) for one in (self, other))
        return (here - there).total()

    def of_files(self, these: Callable[[str], bool]) -> Baseline:
        """What is known of some files."""
        return Baseline(Counter({one: count for one, count in self._known.items() if these(one.file)}))

    def together(self, other: Baseline) -> Baseline:
        """What is known here or there."""
        return Baseline(self._known | other._known)


def _take(problems: list[Problem], known: Counter[T], name: Callable[[Problem], T]) -> list[Problem]:
    """Take off `known` what is there of the problems, and return the others."""
    others = []
    for problem in problems:
        if known[name(problem)] > 0:
            known[name(problem)] -= 1
        else:
            others.append(problem)
    return others


def _finding(data: object) -> tuple[Finding | None, int]:
    """What one entry of the file says, if it says anything, and how often."""
    match data:
        case {"file": str(file), "code": str(code), "message": str(message), "source": str(source)}:
            finding = Finding(file, code, message, source)
            match data:
                case {"count": int(count)}:
                    return finding, count
                case {"count": _}:
                    return None, 0
            return finding, 1
    return None, 0
