"""Whether a class or module that the settings name can exist, and where: asked of mypy's finder and of source text.

Owns the answer "certainly not", with the reason, and where a re-exported name comes from. Whatever cannot be known
without running code (`import *`, a module `__getattr__`, a base class, syntax newer than this Python) is no reason.
This module must never import what it looks at, and never know why the name is wanted.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from mypy.build import default_data_dir
from mypy.modulefinder import FindModuleCache, ModuleNotFoundReason, SearchPaths, compute_search_paths
from mypy.options import Options

from .suggest import did_you_mean

__all__ = ["NameFinder", "module_finder"]

_DIRECTORIES_WALKED: Final = 2_000
_NOT_SOURCE: Final = frozenset({"node_modules", "site-packages", "__pycache__"})

_Names = dict[str, ast.stmt]
"""What a module or class body binds, and the statement that does."""


def module_finder(options: Options, extra: Iterable[str] = ()) -> FindModuleCache:
    """mypy's finder for a run with `options` that was given no files; `extra` directories are looked at last."""
    paths = compute_search_paths([], options, default_data_dir())
    known = {*paths.python_path, *paths.mypy_path}
    python_path = (*paths.python_path, *(path for path in dict.fromkeys(extra) if path not in known))
    return FindModuleCache(
        SearchPaths(python_path, paths.mypy_path, paths.package_path, paths.typeshed_path), None, options
    )


class NameFinder:
    """Looks names up as mypy would, given `options`."""

    def __init__(self, options: Options) -> None:
        self._options: Final = options
        self._bases: Final = _bases(options)
        self._roots: Final = [str(path) for base in self._bases for path in (base, base / "src")]
        self._finder = module_finder(options, self._roots)

    def no_class(self, fullname: str) -> str | None:
        """Why there is certainly no class `fullname`; None when there is, or may be."""
        return self._no_member(fullname, callables=False)

    def no_callable(self, fullname: str) -> str | None:
        """Why there is certainly no function, class or method `fullname`; None when there is, or may be."""
        return self._no_member(fullname, callables=True)

    def no_module(self, fullname: str) -> str | None:
        """Why there is certainly no module `fullname`; None when there is, or may be."""
        parts = fullname.split(".")
        located = self._locate(parts, len(parts))
        if located is None:
            return None
        depth, found = located
        if not isinstance(found, str):
            return f'"{fullname}": {_absent(".".join(parts[:depth]), found)}'
        if depth == len(parts):
            return None
        path = Path(found)
        above, name = ".".join(parts[:depth]), parts[depth]
        hint = did_you_mean(name, _modules_beside(path) if _is_package(path) else ())
        return f'"{fullname}": "{above}" ({_shown(path)}) has no module "{name}"{hint}'

    def may_be_in_a_missing_module(self, fullname: str) -> bool:
        """Whether a module could be missing in which `fullname` is, or which it is itself."""
        parts = fullname.split(".")
        depth, path = self._locate(parts, len(parts)) or (0, None)
        return not isinstance(path, str) or (depth < len(parts) and _is_package(Path(path)))

    def definitions(self, fullname: str) -> set[str]:
        """The full names that `fullname` may be defined under, itself among them: imports and aliases are followed.

        From source text, since mypy's own tables know a re-export only once the module that makes it is analysed, and
        that may be long after a module that uses the class under its first name is checked.
        """
        found: set[str] = set()
        pending = [fullname]
        while pending:
            name = pending.pop()
            if name in found:
                continue
            found.add(name)
            parts = name.split(".")
            located = self._locate(parts, len(parts) - 1)
            if located is not None and isinstance(located[1], str):
                depth, path = located[0], Path(located[1])
                rest = parts[depth + 1 :]
                pending += (".".join([source, *rest]) for source in _sources(parts[:depth], path, parts[depth]))
        return found

    def _no_member(self, fullname: str, *, callables: bool) -> str | None:
        parts = fullname.split(".")
        located = self._locate(parts, len(parts) - 1)
        if located is None:
            return None
        depth, found = located
        if not isinstance(found, str):
            return f'"{fullname}": {_absent(".".join(parts[:depth]), found)}'
        return _missing_in(".".join(parts[:depth]), Path(found), parts[depth:], callables=callables)

    def _locate(self, parts: list[str], longest: int) -> tuple[int, str | ModuleNotFoundReason] | None:
        """As `_deepest`, having looked everywhere that a module can come from; None if there is too much to look at."""
        depth, found = self._deepest(parts, longest)
        if found is ModuleNotFoundReason.NOT_FOUND:
            elsewhere = _elsewhere(parts[0], self._bases)
            if elsewhere is None:
                return None
            if elsewhere:
                # Files to check bring the directory they lie in onto mypy's path; a plugin is not told which.
                self._finder = module_finder(self._options, [*self._roots, *elsewhere])
                depth, found = self._deepest(parts, longest)
        return depth, found

    def _deepest(self, parts: list[str], longest: int) -> tuple[int, str | ModuleNotFoundReason]:
        """How many of `parts` name the deepest module there is, and its path; else why not even the first does.

        A module that is there but has no type hints ends the search: what lies in it is unknown to mypy.
        """
        found: str | ModuleNotFoundReason = ModuleNotFoundReason.NOT_FOUND
        for depth in range(longest, 0, -1):
            found = self._finder.find_module(".".join(parts[:depth]))
            if found is not ModuleNotFoundReason.NOT_FOUND:
                return depth, found
        return 1, found


def _bases(options: Options) -> list[Path]:
    """The directories that a project hangs on: the one mypy runs in, and the one its configuration lies in."""
    here = Path.cwd()
    beside = Path(options.config_file).absolute().parent if options.config_file else here
    return list(dict.fromkeys([here, beside]))


def _elsewhere(package: str, bases: list[Path]) -> list[str] | None:
    """The directories anywhere under `bases` that hold `package`; None when there is too much to look through."""
    found: list[str] = []
    walked = 0
    for base in bases:
        for directory, subdirectories, files in os.walk(base):
            walked += 1
            if walked > _DIRECTORIES_WALKED:
                return found or None
            if package in subdirectories or not {f"{package}.py", f"{package}.pyi"}.isdisjoint(files):
                found.append(directory)
            subdirectories[:] = [
                name for name in subdirectories if not name.startswith(".") and name not in _NOT_SOURCE
            ]
    return found


def _absent(package: str, reason: ModuleNotFoundReason) -> str:
    if reason is ModuleNotFoundReason.NOT_FOUND:
        return (
            f'mypy finds no package "{package}": install it where mypy looks '
            "(--python-executable), or add the directory it lies in to mypy_path; "
            'if not every run sees it, list it under "optional", too'
        )
    return (
        f'mypy does not read "{package}", which has no type hints, so all of it is Any: install stubs for it, '
        "or set follow_untyped_imports for it"
    )


def _missing_in(module: str, path: Path, names: list[str], *, callables: bool = False) -> str | None:
    """Why `names`, each nested in the one before, are certainly not in the module at `path`.

    The last is to be a class or, with `callables`, a function or method.
    """
    fullname = ".".join([module, *names])
    what = f'module "{module}" ({_shown(path)})'
    bound = _module_names(path)
    for index, name in enumerate(names):
        if bound is None:
            return None
        if name not in bound:
            hint = did_you_mean(name, [*bound, *_modules_beside(path)] if path.stem == "__init__" else bound)
            wanted = ("method" if index else "function or class") if callables else "class"
            kind = wanted if index == len(names) - 1 else "class or module"
            return f'"{fullname}": {what} has no {kind} "{name}"{hint}'
        statement = bound[name]
        if index == len(names) - 1 and callables:
            return None
        if index == len(names) - 1 and isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            return f'"{fullname}" is a function, not a class'
        if not isinstance(statement, ast.ClassDef) or statement.bases:
            return None
        what = f'class "{module}.{".".join(names[: index + 1])}"'
        bound = _names(statement.body)
    return None


def _is_package(path: Path) -> bool:
    return path.is_dir() or path.stem == "__init__"


def _modules_beside(path: Path) -> list[str]:
    """The names of what lies in a package, given its directory or its `__init__` file."""
    directory = path if path.is_dir() else path.parent
    return [other.stem for other in directory.iterdir()]


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _module_names(path: Path) -> _Names | None:
    """What the module at `path` binds at its top level; None when that cannot be known from its text."""
    if path.is_dir():
        return {}  # A namespace package: it holds modules and nothing else.
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    names = _names(tree.body)
    return None if names is None or "__getattr__" in names else names


def _sources(module: list[str], path: Path, name: str) -> list[str]:
    """The full names of what the module at `path` binds to `name`, where it is defined elsewhere."""
    if path.is_dir():
        return []
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    package = module if _is_package(path) else module[:-1]
    found, starred = [], []
    for statement in _statements(tree.body):
        if isinstance(statement, ast.ImportFrom):
            above = package[: len(package) - statement.level + 1] if statement.level else []
            base = ".".join([*above, *([statement.module] if statement.module else [])])
            for alias in statement.names:
                if (alias.asname or alias.name) == name:
                    found.append(f"{base}.{alias.name}")
                elif alias.name == "*":
                    starred.append(f"{base}.{name}")
        elif isinstance(statement, ast.Import):
            found += (alias.name for alias in statement.names if alias.asname == name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                found += (".".join([*module, dotted]) for dotted in _dotted(statement.value))
    return found or starred


def _dotted(value: ast.expr | None) -> list[str]:
    """`a.b.C` as it is spelled, if that is all there is."""
    if isinstance(value, ast.Attribute):
        return [f"{base}.{value.attr}" for base in _dotted(value.value)]
    return [value.id] if isinstance(value, ast.Name) else []


def _names(body: list[ast.stmt]) -> _Names | None:
    names: _Names = {}
    for statement in _statements(body):
        for name in _bound(statement):
            if name == "*":
                return None
            if not isinstance(names.get(name), ast.ClassDef):
                names[name] = statement
    return names


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of one scope, those in `if`, `try`, `with` and the like included."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from _statements([child])
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from _statements(child.body)


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield statement.name
    elif isinstance(statement, ast.Import):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in statement.names)
    else:
        # Every name that is stored to, wherever it stands: too many is harmless, too few would be a false alarm.
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name is not None:
                yield node.name
            elif isinstance(node, ast.MatchMapping) and node.rest is not None:
                yield node.rest
