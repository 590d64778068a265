"""A digest of our own source: a checkout that changes must not find its old results in mypy's cache.

Every run of mypy waits for it, and a daemon before each check. So nothing is read that need not be: what an installer
wrote down of the files that it put there is enough. And there is no `pathlib` here, which takes ten times as long.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from . import __version__

__all__ = ["digest"]

_PACKAGE: Final = os.path.dirname(__file__)  # noqa: PTH120 (as above)
_RECORD: Final = os.path.join(os.pardir, f"budget_types-{__version__}.dist-info", "RECORD")  # noqa: PTH118 (as above)
"""Where the installer lists the files of the package, as seen from it: digest and size of each (PEP 376, PEP 627)."""

_NOT_LOADED: Final = frozenset({"__pycache__", "adopt", "editor", "fix", "reports"})
"""What only our commands need changes no result."""

_Source = tuple[str, int, int]
"""A source file: its path in the package, its size, and when it was written."""


def digest(package: str = _PACKAGE) -> str:
    """The same for the same source, wherever and whenever it was installed. `package`: the directory it is in."""
    sources = tuple(sorted(_sources(package)))
    return _recorded(package, sources) or _read(package, sources)


def _sources(directory: str, inside: str = "") -> Iterator[_Source]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                yield inside + entry.name, status.st_size, status.st_mtime_ns
            elif entry.name not in _NOT_LOADED and entry.is_dir(follow_symlinks=False):
                yield from _sources(entry.path, f"{inside}{entry.name}/")


def _recorded(package: str, sources: tuple[_Source, ...]) -> str | None:
    """By what the installer wrote down; None if it did not, or if these are not the files that it put here."""
    try:
        with open(os.path.join(package, _RECORD), encoding="utf-8") as file:  # noqa: PTH118, PTH123 (as above)
            written = os.fstat(file.fileno()).st_mtime_ns
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    recorded = {}
    for line in lines:
        if line.startswith("mypy_plugin/"):
            name, its_digest, its_size = line.rsplit(",", 2)
            recorded[name.removeprefix("mypy_plugin/")] = its_digest, its_size
    whole = hashlib.sha256()
    for path, size, changed in sources:
        its_digest, its_size = recorded.get(path, ("", ""))
        # An installer writes its list last.
        if not its_digest or its_size != str(size) or changed > written:
            return None
        whole.update(f"{path}={its_digest}\n".encode())
    return whole.hexdigest()


@lru_cache(maxsize=1)
def _read(package: str, sources: tuple[_Source, ...]) -> str:
    """By what is in them."""
    whole = hashlib.sha256()
    for path, _, _ in sources:
        with open(os.path.join(package, path), "rb", buffering=0) as file:  # noqa: PTH118, PTH123 (as above)
            content = file.read()
        whole.update(f"{path}={len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()
