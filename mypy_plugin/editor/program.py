"""Which program a file belongs to, kept in memory and up to date with the disk.

If mypy's configuration says what the project is, in `files` or `packages`, and the file is part of that, it is the
whole project. Otherwise it is what the editor has open and what that imports: whoever else calls what a fix changes is
not seen then, just as pylsp-mypy does not see them.
"""

from __future__ import annotations

import ast
import os
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Final

from ..fix.checker import Checker, CheckFailed, named
from ..fix.texts import Text
from .protocol import Question

__all__ = ["Programs"]

_SETTINGS: Final = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg", "tox.ini")
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})

_Stamp = tuple[int, int] | None
"""When a file was written and how long it is; None if it has to be looked at."""


class Programs:
    """The program that was asked about last. Use it as a context manager."""

    def __init__(self) -> None:
        self._loaded: _Loaded | None = None

    def __enter__(self) -> Programs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave nothing behind."""
        if self._loaded is not None:
            self._loaded.checker.close()
            self._loaded = None

    def of(self, question: Question) -> tuple[Checker, str]:
        """The program that a question is about, as it is on disk, and what it calls the question's file.

        Raises CheckFailed if mypy cannot check it.
        """
        project = frozenset(map(_real, named([*question.options])))
        loaded = self._loaded
        if loaded is None or not loaded.serves(question, project) or not loaded.refresh():
            self.close()
            loaded = self._loaded = _Loaded(question, project)
        path = loaded.name(question.path)
        if path is None:
            raise CheckFailed([f"{question.path} is not part of the program"])
        return loaded.checker, path

    def unsaved(self, question: Question) -> dict[str, str]:
        """The texts of a question that are not on disk. Raises CheckFailed if the question's own is no Python."""
        assert self._loaded is not None
        texts = {}
        for full, text in question.texts:
            path = self._loaded.name(full)
            if path is None or text == _on_disk(self._loaded.checker, path):
                continue
            if _parses(text):
                texts[path] = text
            elif full == question.path:
                raise CheckFailed([f"{path} is no Python at the moment"])
        return texts


class _Loaded:
    """One program in memory."""

    def __init__(self, question: Question, project: frozenset[str]) -> None:
        self._options = question.options
        self._root = _real(question.root)
        self._project = project if _real(question.path) in project else None
        arguments = [*question.options]
        if self._project is None:
            of_editor = {path for path, _ in question.texts if _may_change(_real(path), self._root)}
            arguments += ["--", *sorted({question.path, *(path for path in of_editor if Path(path).is_file())})]
        # The clock of a file system may be a little behind.
        begun = time.time_ns() - 10**9
        self._settings = self._stamps_of_settings()
        self.checker = Checker(arguments, may_change=lambda path: _may_change(_real(path), self._root))
        self._names = {_real(path): path for path in self.checker.targets}
        stamps = {path: _stamp(path) for path in self.checker.targets}
        self._stamps: dict[str, _Stamp] = {
            path: stamp if stamp is not None and stamp[0] < begun else None for path, stamp in stamps.items()
        }

    def serves(self, question: Question, project: frozenset[str]) -> bool:
        """Whether this is what a question is about."""
        return (
            (self._options, self._root) == (question.options, _real(question.root))
            and self._project == (project if _real(question.path) in project else None)
            and self._settings == self._stamps_of_settings()
            and self.name(question.path) is not None
        )

    def name(self, path: str) -> str | None:
        """What the program calls a file that may be changed."""
        return self._names.get(_real(path))

    def refresh(self) -> bool:
        """Look at the files that changed on disk. Returns False if that is not enough, as one is gone."""
        now = {path: _stamp(path) for path in self._stamps}
        if None in now.values():
            return False
        changed = {path: Path(path).read_bytes() for path, stamp in now.items() if stamp != self._stamps[path]}
        for path, content in changed.items():
            if not _parses(content):
                raise CheckFailed([f"{path} is no Python at the moment"])
        if changed:
            self.checker.check(changed)
        self._stamps.update(now)
        return True

    def _stamps_of_settings(self) -> list[_Stamp]:
        files = [Path(each, name) for each in (os.curdir, self._root) for name in _SETTINGS]
        return [_stamp(each) for each in [*files, *map(Path, self._options)]]


def _on_disk(checker: Checker, path: str) -> str | None:
    """A file's text as an editor would show it."""
    text = Text.of(checker.content(path) or b"")
    return text.text.removeprefix("\ufeff") if text is not None else None


def _parses(text: str | bytes) -> bool:
    """Whether mypy would get past the syntax. What it cannot parse would end a check for all files."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _may_change(path: str, root: str) -> bool:
    """Whether a file is the project's: below what is open, and not in an environment there."""
    if not Path(path).is_relative_to(root):
        return False
    directories = Path(path).relative_to(root).parent.parts
    return not any(each in _INSTALLED or each.startswith(".") for each in directories)


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def _stamp(path: str | Path) -> _Stamp:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
