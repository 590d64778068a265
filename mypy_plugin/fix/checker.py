"""mypy, kept in memory, that checks a program again after a change in a fraction of a second.

It is what mypy's daemon does, without the daemon: a fine-grained build, updated with the modules that changed. What
they would contain is written to a directory of its own and slipped in the way of `--shadow-file`, so that the program
itself stays as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from mypy.build import BuildResult, BuildSource, build
from mypy.errors import CompileError
from mypy.fscache import FileSystemCache
from mypy.main import process_options
from mypy.options import Options
from mypy.server.update import FineGrainedBuildManager
from mypy.typestate import reset_global_state

from ..check import switched_on
from .mypy_errors import MypyError, from_text, path_of_line

__all__ = ["CheckFailed", "Checker", "look", "named"]


class CheckFailed(Exception):
    """mypy did not get as far as checking: a syntax error, a wrong configuration. `messages` is what it said."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        super().__init__("\n".join(messages))


class Checker:
    """A program under check. Use it as a context manager.

    `arguments` are mypy's: files, directories and options. What they name may be changed, and what `may_change` allows.
    `modules` are part of the program even if nothing imports them yet: when one comes, mypy checks most of it again.
    Raises CheckFailed, or SystemExit for wrong usage.
    """

    def __init__(
        self,
        arguments: list[str],
        may_change: Callable[[str], bool] = lambda path: False,
        *,
        modules: Iterable[str] = (),
    ) -> None:
        self._cache = FileSystemCache()
        self._sources, self._options = _options(arguments, self._cache)
        self._sources += [BuildSource(None, name) for name in modules]
        _keep_in_memory(self._options)
        self._shadows = TemporaryDirectory(prefix="budget-types-")
        self._current: dict[str, bytes] = {}
        """What the files that were changed contain, as far as mypy knows."""
        try:
            self._lines = _by_file(self._begin())
        except CheckFailed:
            self.close()
            raise
        self._read: dict[str, tuple[list[str], list[MypyError]]] = {}
        """What the lines of a file were read as."""
        self.touched: frozenset[str] = frozenset()
        """The files that the last check looked into: those that changed, and those that depend on them."""
        simplify = self._build.manager.errors.simplify_path
        asked_for = {simplify(each.path) for each in self._sources if each.path}
        self.targets = frozenset(path for path in self.files if path in asked_for or may_change(path))
        """The files that may be changed: those that were asked for, first of all."""

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave nothing behind."""
        self._shadows.cleanup()

    def check(self, texts: Mapping[str, bytes]) -> list[MypyError]:
        """What is wrong if files contain what `texts` says, and all others what they do on disk.

        Files that are no part of the program are passed over.
        """
        wanted = {path: text for path, text in texts.items() if path in self.files}
        for path in self._current:
            if path not in wanted:
                wanted[path] = Path(path).read_bytes()
        changed = {path for path, text in wanted.items() if self._current.get(path) != text}
        for path in changed:
            self._shadow(path, wanted[path])
        try:
            self.touched = frozenset(self._update(changed) if changed else ())
        except Exception:
            # An update may fail within mypy where a whole build does not. With a daemon, people start it again then.
            self._lines = _by_file(self._begin())
            self.touched = frozenset(self.files)
        return _in_order(error for path in sorted(self._lines) for error in self._errors_of(path))

    def content(self, path: str) -> bytes | None:
        """What a file of the program contains on disk; None if it cannot be read."""
        try:
            return Path(self.files[path][1]).read_bytes()
        except OSError:
            return None

    def find(self, importer: str, module: str, level: int) -> str | None:
        """The file of the module that `from <level dots><module> import ...` in the file `importer` names."""
        if level:
            name, path = self.files.get(importer, ("", ""))
            package = name.split(".") if Path(path).stem == "__init__" else name.split(".")[:-1]
            module = ".".join([*package[: len(package) - level + 1], *filter(None, [module])])
        return self._path_of.get(module)

    @property
    def output(self) -> list[str]:
        """The lines of mypy for what was checked last, notes included."""
        return [line for path in sorted(self._lines) for line in self._lines[path]]

    def _begin(self) -> list[str]:
        """Build the whole program, with what was slipped in. Returns the lines of mypy. Raises CheckFailed."""
        result = _built(self._sources, self._options, self._cache)
        self._build = FineGrainedBuildManager(result)
        # Else the first update would take the trees that this build has used.
        self._build.flush_cache()
        simplify = self._build.manager.errors.simplify_path
        self.files = {simplify(state.path): (name, state.path) for name, state in result.graph.items() if state.path}
        """Each file of the program, as messages name it: its module, and its path as mypy has it."""
        self._path_of = {name: path for path, (name, _) in self.files.items()}
        return result.errors

    def _update(self, changed: set[str]) -> set[str]:
        """Have mypy check the files again, and those that depend on what changed in them. Returns all of these.

        mypy would also repeat the errors of all others, for which it checks them again: on a program with a thousand
        errors that takes minutes. We remember them instead, and ask for the whole of each file that was touched.
        """
        while True:
            said, touched = self._updated(changed)
            if touched <= changed:
                break
            changed |= touched
        if len(changed) > 1:
            # mypy forgets the unused comments of a file that it checks again for the sake of another one.
            for path in filter(self._has_ignores, sorted(changed)):
                said[path] = self._updated({path})[0].get(path, [])
        for path in changed | said.keys():
            self._lines[path] = said.get(path, [])
        return changed

    def _updated(self, changed: set[str]) -> tuple[dict[str, list[str]], set[str]]:
        """What mypy says of files that it checks again, by file, and which files it looked into."""
        self._build.previous_targets_with_errors = set()
        self._cache.flush()
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            messages = self._build.update([self.files[path] for path in sorted(changed)], [])
        self._build.flush_cache()
        touched = {self._path_of[name] for name in map(self._module_of, self._build.processed_targets) if name}
        return _by_file(messages), touched

    def _has_ignores(self, path: str) -> bool:
        """Whether a file has `# type: ignore` comments, which mypy may say are of no use."""
        tree = self._build.graph[self.files[path][0]].tree
        return tree is not None and bool(tree.ignored_lines)

    def _errors_of(self, path: str) -> list[MypyError]:
        lines = self._lines[path]
        if self._read.get(path, ((), ()))[0] is not lines:
            self._read[path] = lines, list(from_text(lines))
        return self._read[path][1]

    def _module_of(self, target: str) -> str:
        """The module that a function, class or module is in, by the target's name."""
        while target and target not in self._path_of:
            target = target.rpartition(".")[0]
        return target

    def _shadow(self, path: str, text: bytes) -> None:
        manager = self._build.manager
        _, real = self.files[path]
        if path not in self._current:
            manager.shadow_map[real] = str(Path(self._shadows.name, f"{len(manager.shadow_map)}.py"))
            manager.shadow_equivalence_map.clear()
            # Nobody is to take the file on disk for what is checked.
            assert manager.options.shadow_file is not None
            manager.options.shadow_file.append([real, manager.shadow_map[real]])
        Path(manager.shadow_map[real]).write_bytes(text)
        self._current[path] = text


def look(arguments: list[str]) -> list[MypyError]:
    """What mypy reports once, with its cache. Raises as Checker does."""
    cache = FileSystemCache()
    sources, options = _options(arguments, cache)
    return _in_order(from_text(_built(sources, options, cache).errors))


def named(arguments: list[str]) -> list[str]:
    """The files that mypy's arguments name, or its configuration does. None is no mistake. Raises SystemExit."""
    sources, _ = _options(arguments, FileSystemCache(), needs_sources=False)
    return [source.path for source in sources if source.path]


def _options(
    arguments: list[str], cache: FileSystemCache, *, needs_sources: bool = True
) -> tuple[list[BuildSource], Options]:
    """What mypy reads out of a command line, with the plugin on and output that can be read back."""
    with switched_on(reads_config="--config-file=" not in arguments):
        sources, options = process_options(
            arguments, require_targets=needs_sources, fscache=cache, program="budget-types fix"
        )
    if hasattr(options, "num_workers"):
        options.num_workers = 0
    options.output = None
    options.pretty = False
    options.show_column_numbers = True
    options.show_error_end = True
    options.show_absolute_path = False
    options.show_error_context = False
    options.hide_error_codes = False
    options.many_errors_threshold = -1
    return sources, options


def _keep_in_memory(options: Options) -> None:
    """What mypy's daemon sets."""
    options.raise_exceptions = True
    options.incremental = True
    options.fine_grained_incremental = True
    options.cache_dir = os.devnull
    options.local_partial_types = True
    options.shadow_file = list(options.shadow_file or [])


def _built(sources: list[BuildSource], options: Options, cache: FileSystemCache) -> BuildResult:
    # As mypy's own main module.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 2**14))
    reset_global_state()
    try:
        return build(sources, options, fscache=cache)
    except CompileError as error:
        raise CheckFailed(error.messages) from None


def _in_order(errors: Iterable[MypyError]) -> list[MypyError]:
    return sorted(errors, key=lambda each: (each.path, each.line, each.column))


def _by_file(messages: list[str]) -> dict[str, list[str]]:
    """The lines of mypy by the file that they are about."""
    found: dict[str, list[str]] = {}
    for line in messages:
        found.setdefault(path_of_line(line), []).append(line)
    return found
