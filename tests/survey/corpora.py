"""The code that is surveyed: the standard library's source, mypy's own, and ten typed packages.

Owns what belongs to each corpus and how it is laid out for mypy; knows nothing of the plugin.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CORPORA", "STANDARD_LIBRARY", "Corpus", "lay_out", "lines_of", "standard_library", "version_of"]

STANDARD_LIBRARY: Final = "stdlib"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A package as it is installed, or a part of the standard library."""

    name: str
    """What it is imported by; the standard library is checked as a package of this name, beside typeshed's stubs."""
    left_out: tuple[str, ...] = ()
    """Names of files and directories that are not its own code, or no code for this Python."""
    parts: tuple[str, ...] = ()
    """If given, only these of what the standard library has at its top."""


CORPORA: Final = (
    # Tests are full of what no program does, some of it not even Python.
    Corpus(STANDARD_LIBRARY, ("site-packages", "test", "tests", "idle_test", "lib2to3", "turtledemo", "config-*")),
    Corpus("mypy", ("typeshed", "test", "xml")),
    Corpus("aiohttp"),
    Corpus("anyio"),
    Corpus("httpx"),
    Corpus("hypothesis", ("vendor",)),
    Corpus("openai"),
    Corpus("pydantic", ("v1",)),
    Corpus("rich"),
    Corpus("sqlalchemy"),
    Corpus("textual"),
    Corpus("trio", ("_tests",)),
)
"""All of the survey. The packages' versions are in pyproject.toml, in the group `survey`."""


def standard_library(*parts: str) -> Corpus:
    """A part of the standard library, by the names that it has at its top."""
    return Corpus(STANDARD_LIBRARY, CORPORA[0].left_out, parts)


def version_of(corpus: Corpus) -> str:
    """The version that is checked here."""
    if corpus.name == STANDARD_LIBRARY:
        return platform.python_version()
    return importlib.metadata.version(corpus.name)


def lay_out(corpus: Corpus, directory: Path) -> None:
    """Copy the corpus into `directory`. Not from where it is installed: mypy reports nothing there."""
    target = directory / corpus.name
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd", *corpus.left_out)
    for source in _sources(corpus):
        if source.is_dir():
            shutil.copytree(source, target / source.name if corpus.parts else target, ignore=ignored)
        else:
            target.mkdir(exist_ok=True)
            shutil.copy(source, target)
    (target / "__init__.py").touch()


def _sources(corpus: Corpus) -> Iterator[Path]:
    if corpus.name == STANDARD_LIBRARY:
        top = Path(sysconfig.get_path("stdlib"))
        yield from [top / part for part in corpus.parts] or [top]
    else:
        spec = importlib.util.find_spec(corpus.name)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{corpus.name} is not installed: make survey does that")
        yield Path(spec.origin).parent


def lines_of(directory: Path) -> int:
    """How many lines of Python there are."""
    return sum(len(path.read_bytes().splitlines()) for path in directory.rglob("*.py"))
