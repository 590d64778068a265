"""What a module's source is to the reader of a report: his own, a test, a user of our package.

Owns what follows from where a file lies and what it imports; looks into no body.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from functools import lru_cache
from itertools import chain
from pathlib import Path

from mypy.checker import TypeChecker
from mypy.modulefinder import get_search_dirs
from mypy.nodes import Import, ImportAll, ImportFrom, MypyFile, Statement
from mypy.options import Options

from .fullnames import PACKAGE
from .knowledge import TEST_DIRECTORIES, TEST_FILES

__all__ = ["imports_of_package", "imports_package", "is_ours", "is_test"]


def is_ours(fullname: str, checker: TypeChecker) -> bool:
    """Whether a name is defined in source that is checked here: a reader can change what stands there."""
    module = fullname
    while module and module not in checker.modules:
        module = module.rpartition(".")[0]
    tree = checker.modules.get(module)
    return tree is not None and not tree.is_stub and not _is_silenced(tree.path, tree.fullname, checker.options)


@lru_cache(maxsize=1_000)
def _is_silenced(path: str, module: str, options: Options) -> bool:
    """Whether nobody is shown the errors of a module: it is installed, or the configuration says so.

    mypy's own list of such files has those that this process has read itself, and not those from the cache. It is asked
    at every call in a body, about the same few modules.
    """
    if not options.no_silence_site_packages:
        for directory in chain.from_iterable(get_search_dirs(options.python_executable)):
            if path.startswith(directory + os.sep):
                return True
    return options.clone_for_module(module).ignore_errors


def is_test(path: str) -> bool:
    """Whether a file is a test, by where it lies as seen from the directory that mypy runs in."""
    with suppress(ValueError):  # On another drive.
        path = os.path.relpath(path)
    *directories, name = Path(path).parts
    return any(fnmatch(name, pattern) for pattern in TEST_FILES) or not TEST_DIRECTORIES.isdisjoint(directories)


def imports_package(tree: MypyFile) -> bool:
    """Whether a module imports our run-time package."""
    return any(True for _ in imports_of_package(tree))


def imports_of_package(tree: MypyFile) -> Iterator[tuple[Statement, str]]:
    """The statements that do, and which module of it."""
    for node in tree.imports:
        if isinstance(node, Import):
            names = [name for name, _ in node.ids]
        else:
            assert isinstance(node, (ImportFrom, ImportAll))
            names = [node.id]
        for name in names:
            if name.split(".")[0] == PACKAGE and not node.is_unreachable:
                yield node, name
