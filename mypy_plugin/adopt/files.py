"""The files of a code base. Those that cannot have to do with a cap are read, and not taken apart: that takes long."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from ..fix.source import Source, parsed, path_of
from ..fix.texts import Text
from .caps import Finder
from .names import Names

__all__ = ["Found", "read"]

_LEFT_OUT = frozenset({"site-packages", "node_modules", "__pycache__", "build", "dist"})
_WORD = re.compile(r"\w+")
_DEFINED = re.compile(r"\b(?:def|class)\s+(\w+)")


@dataclass(frozen=True)
class Found:
    """What paths name: all files, those that may have to do with a cap, and what is wrong with others."""

    paths: list[str]
    sources: list[Source]
    failures: list[str]


def read(paths: Sequence[str], finder: Finder) -> Found:
    """Read all Python files that paths name."""
    texts: dict[str, str] = {}
    failures = []
    for path in dict.fromkeys(path for given in paths for path in _files(Path(given))):
        try:
            text = Text.of(path.read_bytes())
        except OSError as error:
            failures.append(f"cannot read {path}: {error.strerror or error}")
            continue
        if text is not None and _is_python(text.text):
            texts[str(path)] = text.text
        else:
            failures.append(f"{path} is not Python that can be read; it is left out")
    return Found(list(texts), _relevant(texts, finder), failures)


def _is_python(text: str) -> bool:
    with warnings.catch_warnings():
        # What it warns of is no business of ours.
        warnings.simplefilter("ignore")
        try:
            ast.parse(text.removeprefix("\ufeff"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _relevant(texts: dict[str, str], finder: Finder) -> list[Source]:
    """The files that name a cap, or what has one, and those that define what is called with one."""
    words = {path: set(_WORD.findall(text)) for path, text in texts.items()}
    caps = {word for word in set().union(*words.values()) if finder.names.find(word) is not None}
    naming = [path for path in texts if not caps.isdisjoint(words[path])]
    sources = {path: source for path in naming if (source := parsed(path, texts[path])) is not None}
    owners = _owners([*sources.values()], finder)
    callees = _callees([*sources.values()], finder.names)
    for path, text in texts.items():
        concerned = not owners.isdisjoint(words[path]) or not callees.isdisjoint(_DEFINED.findall(text))
        if path not in sources and concerned and (source := parsed(path, text)) is not None:
            sources[path] = source
    return [sources[path] for path in texts if path in sources]


def _owners(sources: Sequence[Source], finder: Finder) -> set[str]:
    """The names of the functions and classes that have a cap."""
    found = set()
    for cap in finder.find(sources):
        owner = cap.owner
        if isinstance(owner, cst.FunctionDef) and owner.name.value == "__init__":
            owner = cap.source.class_around(owner) or owner
        if cap.kind != "variable" and not isinstance(owner, cst.Module):
            found.add(owner.name.value)
    return found


def _callees(sources: Sequence[Source], names: Names) -> set[str]:
    """The names of what is called with a cap."""
    return {
        (path_of(call.func) or "").rpartition(".")[2]
        for source in sources
        for call in source.all(cst.Call)
        if any(_is_cap(each, names) for each in call.args)
    }


def _is_cap(argument: cst.Arg, names: Names) -> bool:
    """Whether an argument is a cap, by its name."""
    name = (path_of(argument.value) or "").rpartition(".")[2]
    return bool(name) and names.find(name) is not None


def _files(given: Path) -> Iterator[Path]:
    """The Python files that a path names; those of environments and caches only if they are named themselves."""
    if not given.is_dir():
        yield given
        return
    for path in sorted(given.rglob("*.py")):
        below = path.relative_to(given).parts
        if not any(part in _LEFT_OUT or part.startswith(".") for part in below):
            yield path
