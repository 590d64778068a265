"""`budget-types check`: mypy itself, with the plugin on whatever the configuration says.

mypy has no option for plugins, so one has to be slipped in between mypy's reading of its configuration and its use.
What was tried and dropped: a configuration file derived from the user's (relative paths, `$MYPY_CONFIG_FILE_DIR`
and messages all speak of the wrong file), and calling `mypy.build` in place of `mypy.main` (its reports, exit codes
and `--install-types` would have to be written again). What is left is `SplitNamespace`, through which mypy's
command line writes into its options: made once, right after the configuration was read, and never compiled.

This module must never interpret mypy's options; it hands them over as they came.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import mypy.__main__
from mypy.main import process_options
from mypy.options import Options
from mypy.split_namespace import SplitNamespace
from mypy.version import __version__ as mypy_version

# Registers the error codes: mypy 1.18 looks at --disable-error-code and the like before it loads any plugin.
from . import codes as codes
from . import versions
from .config import find_pyproject
from .fullnames import ENTRY_MODULES

__all__ = ["is_plugin", "run", "switched_on"]

_PLUGIN: Final = "mypy_plugin"
_NO_CONFIG: Final = "--config-file="


def is_plugin(entry: str) -> bool:
    """Whether an entry of mypy's `plugins` is this one, under either of its names."""
    return entry.partition(":")[0] in ENTRY_MODULES


def run(arguments: list[str]) -> int:
    """Run mypy with its own `arguments`. Returns, or exits with, the exit code of mypy."""
    if versions.is_too_new(mypy_version):
        print(f"budget-types: note: {versions.untried(mypy_version)}", file=sys.stderr)
    with switched_on(reads_config=_NO_CONFIG not in arguments):
        _, options = process_options([_NO_CONFIG, "-m", "builtins"])
        if _PLUGIN not in options.plugins:
            # Better no run than one that says "Success" of what nobody looked at.
            print(
                f"budget-types: cannot switch the plugin on in mypy {mypy_version}: "
                f'add plugins = ["{_PLUGIN}"] to the configuration of mypy, and run mypy',
                file=sys.stderr,
            )
            return 2
        # `mypy.__main__` reads the command line from there, also to report a crash or an interrupt.
        sys.argv = ["mypy", *arguments]
        mypy.__main__.main = _with_readable_configuration(mypy.__main__.main)  # type: ignore[assignment, attr-defined]
        mypy.__main__.console_entry()
    return 0


def _with_readable_configuration(main: Callable[[], None]) -> Callable[[], None]:
    """mypy reads its configuration as UTF-8, and shows a traceback, which names no file, where it is not."""

    def run_main() -> None:
        try:
            main()
        except UnicodeDecodeError as error:
            if not any(frame.name == "parse_config_file" for frame in traceback.extract_tb(error.__traceback__)):
                raise
            print(f"budget-types: mypy cannot read its configuration, save it as UTF-8: {error}", file=sys.stderr)
            sys.exit(2)

    return run_main


@contextmanager
def switched_on(*, reads_config: bool) -> Iterator[None]:
    """While this is entered, mypy reads its options with the plugin on."""
    original = SplitNamespace.__init__

    def switch_on(self: SplitNamespace, standard_namespace: object, alt_namespace: object, alt_prefix: str) -> None:
        original(self, standard_namespace, alt_namespace, alt_prefix)
        if isinstance(standard_namespace, Options):
            _add_plugin(standard_namespace, reads_config)

    SplitNamespace.__init__ = switch_on  # type: ignore[method-assign]
    try:
        yield
    finally:
        SplitNamespace.__init__ = original  # type: ignore[method-assign]


def _add_plugin(options: Options, reads_config: bool) -> None:
    if not any(is_plugin(entry) for entry in options.plugins):
        options.plugins = [*options.plugins, _PLUGIN]
    if not options.config_file:
        # mypy loads no plugin without a configuration file. One with a table of ours is the right one to name
        # even if it says nothing to mypy.
        options.config_file = (_own_config() if reads_config else None) or os.devnull


def _own_config() -> str | None:
    found = find_pyproject(Path.cwd())
    return os.path.relpath(found) if found is not None else None
