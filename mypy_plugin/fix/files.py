"""The other files of a program, for rewrites that reach across modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import libcst as cst

from .source import Source, parsed, path_of

__all__ = ["DiskFiles", "Files", "imported"]


class Files(Protocol):
    """Where the text of modules comes from."""

    def read(self, path: str) -> str | None:
        """The text of a file that may be changed; None for any other."""

    def find(self, importer: str, module: str, level: int) -> str | None:
        """The file that `from <level dots><module> import ...` in the file `importer` names."""


class DiskFiles:
    """Files as they are on disk, or as `unsaved` has them, found from where the importing file is."""

    def __init__(self, unsaved: Mapping[str, str] | None = None) -> None:
        self._unsaved = dict(unsaved or {})

    def read(self, path: str) -> str | None:
        """The text of a file; None if it cannot be read, or is installed and not the project's."""
        if path in self._unsaved:
            return self._unsaved[path]
        if "site-packages" in Path(path).parts:
            return None
        try:
            return Path(path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def find(self, importer: str, module: str, level: int) -> str | None:
        """Look beside the file, and in the directories above it."""
        here = Path(importer).absolute().parent
        bases = [here, *here.parents] if level == 0 else [[here, *here.parents][level - 1]]
        for base in bases:
            whole = base.joinpath(*filter(None, module.split(".")))
            for candidate in (whole.with_suffix(".py"), whole / "__init__.py"):
                if candidate.is_file():
                    return _as_named(candidate, importer)
        return None


def _as_named(found: Path, importer: str) -> str:
    """A path, relative if the one that it was found from is."""
    if Path(importer).is_absolute() or not found.is_relative_to(Path.cwd()):
        return str(found)
    return str(found.relative_to(Path.cwd()))


def imported(source: Source, name: str, files: Files, *, depth: int = 4) -> Iterator[tuple[Source, str]]:
    """The modules that may define what is called `name` in a file, each with the name that it has there.

    First those that the name is imported from, re-exports followed; then those that the file imports as a whole or
    takes other names from, where a method of that name may be.
    """
    later: list[Source] = []
    for statement in _imports(source):
        for module, level, original, local in statement:
            path = files.find(source.path, module, level)
            text = files.read(path) if path is not None else None
            other = parsed(path, text) if path is not None and text is not None else None
            if other is None or other.path == source.path:
                continue
            if local == name:
                yield other, original
                if depth and not other.functions(original):
                    yield from imported(other, original, files, depth=depth - 1)
            else:
                later.append(other)
    for other in dict.fromkeys(later):
        yield other, name


def _imports(source: Source) -> Iterator[list[tuple[str, int, str, str]]]:
    """Each import of a file: the module, the dots before it, what is taken from it, and what that is called here."""
    for node in source.imports:
        if isinstance(node, cst.ImportFrom):
            module = path_of(node.module) or "" if node.module is not None else ""
            if not isinstance(node.names, cst.ImportStar):
                yield [(module, len(node.relative), *_alias(each)) for each in node.names]
                # `from package import module`
                below = [f"{module}.{_alias(each)[0]}".lstrip(".") for each in node.names]
                yield [(name, len(node.relative), "", "") for name in below]
        else:
            yield [(path_of(each.name) or "", 0, "", "") for each in node.names]


def _alias(each: cst.ImportAlias) -> tuple[str, str]:
    name = path_of(each.name) or ""
    local = path_of(each.asname.name) if each.asname is not None else None
    return name, local or name
