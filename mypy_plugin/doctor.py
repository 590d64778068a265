"""`budget-types doctor`: does the plugin really run here, and if not, what mends it.

Owns the questions and the way each is mended. Each is one function in `_QUESTIONS` that looks and answers; nothing
is changed, and mypy itself is asked wherever it knows. This module must never know how ownership is checked: that it
works is shown by a program with one known error.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import mypy.build
from mypy.dmypy_os import alive
from mypy.dmypy_util import DEFAULT_STATUS_FILE
from mypy.main import process_options
from mypy.options import Options
from mypy.version import __version__ as mypy_version

import budget_types

from . import versions
from .check import is_plugin
from .config import ConfigError, load
from .listed import missing_names
from .names import module_finder

__all__ = ["Answer", "run"]

Status = Literal["ok", "warn", "FAIL"]

_PROBE: Final = """\
from budget_types import Budget

def take(budget: Budget) -> None: ...

def probe(budget: Budget) -> None:
    take(budget)
    take(budget)
"""
_PROBE_LINE: Final = 7
_PROBE_CODE: Final = "use-after-move"

_LIST_IT: Final = 'plugins = ["mypy_plugin"] under [tool.mypy] in pyproject.toml, or plugins = mypy_plugin under [mypy]'


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found about one thing; `mend` says how to put it right, and is empty when all is well."""

    about: str
    status: Status
    found: str
    mend: str = ""

    def lines(self) -> list[str]:
        """It in words."""
        return [
            f"{self.status:4}  {self.about:14} {self.found}",
            *([f"{'':21}-> {self.mend}"] if self.mend else []),
        ]


@dataclass(frozen=True, slots=True)
class _Here:
    """What every question may look at."""

    options: Options
    config_file: str | None
    """As given on the command line."""


def run(*, as_json: bool, config_file: str | None) -> int:
    """Print an answer to each question. Returns 0 when nothing is wrong, else 1; a warning is not wrong."""
    answers = list(_answers(config_file))
    healthy = all(answer.status != "FAIL" for answer in answers)
    if as_json:
        print(json.dumps({"ok": healthy, "answers": [asdict(answer) for answer in answers]}, indent=2))
    else:
        for answer in answers:
            print(*answer.lines(), sep="\n")
        print("The plugin runs here." if healthy else "The plugin does not do its work here; see FAIL above.")
    return 0 if healthy else 1


def _answers(config_file: str | None) -> Iterator[Answer]:
    yield _python()
    yield _mypy()
    said = io.StringIO()
    try:
        # A module on the command line keeps mypy from looking for the files that the configuration names.
        arguments = ["-m", "builtins", *(() if config_file is None else ("--config-file", config_file))]
        _, options = process_options(arguments, stdout=said, stderr=said)
    except SystemExit:
        complaint = said.getvalue().strip().splitlines()[-1:]
        yield Answer("configuration", "FAIL", f"mypy refuses it: {' '.join(complaint)}", "put that right first")
        return
    except UnicodeDecodeError as error:
        yield Answer("configuration", "FAIL", f"mypy cannot read it: {error}", "save the file as UTF-8")
        return
    here = _Here(options, config_file)
    yield _configuration(here, said.getvalue())
    for question in _QUESTIONS:
        yield question(here)


def _python() -> Answer:
    return Answer("python", "ok", f"{'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})")


def _mypy() -> Answer:
    compiled = "compiled" if not str(mypy.build.__file__).endswith(".py") else "not compiled"
    found = f"{mypy_version}, {compiled} ({Path(mypy.build.__file__).parent})"
    if versions.is_too_old(mypy_version):
        mend = f'pip install "mypy>={versions.spelled(versions.OLDEST)}"'
        if str(Path(mypy.build.__file__).parents[1]) in os.environ.get("PYTHONPATH", "").split(os.pathsep):
            # As an extension does that starts this interpreter with what it brought itself.
            mend = "PYTHONPATH puts it before this environment's: take it out, or set the editor not to use its own"
        return Answer("mypy", "FAIL", f"{found} is too old", mend)
    if versions.is_too_new(mypy_version):
        return Answer(
            "mypy",
            "warn",
            found,
            f"newer than {versions.spelled(versions.NEWEST)}, the newest that was tried; `probe` below says",
        )
    return Answer("mypy", "ok", found)


def _configuration(here: _Here, complaints: str) -> Answer:
    file = here.options.config_file
    if complaints.strip():
        lines = "; ".join(complaints.strip().splitlines())
        return Answer("configuration", "warn", file or "none", f"mypy complains: {lines}")
    if file is None:
        mend = f"write one with {_LIST_IT} in mypy.ini, or use `budget-types check`, which needs none"
        return Answer("configuration", "FAIL", f"mypy finds none from {Path.cwd()} upwards", mend)
    return Answer("configuration", "ok", file)


def _plugins(here: _Here) -> Answer:
    entries = here.options.plugins
    listed = ", ".join(entries) or "none"
    ours = [entry for entry in entries if is_plugin(entry)]
    if not ours:
        mend = f"add {_LIST_IT}; or use `budget-types check`, which switches it on"
        return Answer("plugins", "FAIL", f"{listed}: this one is not listed", mend)
    if len(ours) > 1:
        return Answer("plugins", "warn", f"{listed}: this one is listed twice", f"remove {ours[1]}")
    return Answer("plugins", "ok", f"{listed} (asked in this order)")


def _package(here: _Here) -> Answer:
    try:
        found = module_finder(here.options).find_module("budget_types")
    except SystemExit:
        return Answer("budget_types", "FAIL", "mypy refuses its search path", "take site-packages out of MYPYPATH")
    if isinstance(found, str):
        return Answer("budget_types", "ok", f"{budget_types.__version__}, as mypy sees it in {Path(found).parent}")
    where = here.options.python_executable or "no interpreter (no_site_packages)"
    mend = (
        f"install budget-types where mypy looks: in the environment of {where}; "
        "under pre-commit, in additional_dependencies"
    )
    return Answer("budget_types", "FAIL", f"mypy does not find it ({where}): every budget would be Any", mend)


def _settings(here: _Here) -> Answer:
    try:
        config = load(here.options.config_file)
        problems = missing_names(config, here.options)
    except ConfigError as error:
        problems = list(error.problems)
    if problems:
        return Answer("settings", "FAIL", "; ".join(problems), "mypy stops at this until it is put right")
    if not config.source:
        return Answer("settings", "ok", "none; only classes marked @affine have one owner")
    settings = "; ".join(f"{name}: {', '.join(names) or 'none'}" for name, names in config.results_data().items())
    return Answer("settings", "ok", f"{config.source} {settings}")


def _daemon(here: _Here) -> Answer:
    status = Path(DEFAULT_STATUS_FILE)
    try:
        pid = json.loads(status.read_text("utf-8"))["pid"]
        runs = isinstance(pid, int) and alive(pid)
    except FileNotFoundError:
        return Answer("daemon", "ok", f"none runs here (no {status})")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Answer("daemon", "warn", f"{status} cannot be read: {error!r}", "dmypy kill, then remove the file")
    if not runs:
        return Answer("daemon", "ok", f"none runs here ({status} was left behind by one that ended)")
    changed, path = max((_changed(path), path) for path in _loaded_files(here))
    if changed > status.stat().st_mtime:
        mend = "dmypy restart (dmypy check and recheck never load a plugin anew)"
        return Answer("daemon", "FAIL", f"stale: process {pid} started before {path} changed", mend)
    return Answer("daemon", "ok", f"process {pid} started after the last change of the plugin")


def _loaded_files(here: _Here) -> Iterator[Path]:
    """What a daemon reads once, when it starts."""
    for package in (Path(__file__).parent, Path(budget_types.__file__).parent):
        yield from package.rglob("*.py")
    if here.options.config_file is not None:
        yield Path(here.options.config_file)


def _changed(path: Path) -> float:
    # Installers that link files from a cache keep the time of the content; the link itself is new.
    stat = path.stat()
    return max(stat.st_mtime, stat.st_ctime)


def _probe(here: _Here) -> Answer:
    if not any(is_plugin(entry) for entry in here.options.plugins):
        return Answer("probe", "warn", "not run, since the plugin is not listed", "see `plugins` above")
    said = _check_probe(here, [sys.executable, "-m", "mypy"])
    if said is None:
        return Answer("probe", "ok", f"a budget that is given away twice is reported ({_PROBE_CODE})")
    if {_PROBE_CODE, "affine"} & set(here.options.disable_error_code):
        return Answer("probe", "warn", "not reported, since the code is disabled", "see disable_error_code")
    mend = "if all above is ok, please report this as a bug, with what mypy says"
    return Answer("probe", "FAIL", f"a budget that is given away twice is not reported: {said}", mend)


def _path(here: _Here) -> Answer:
    """Editors and hooks start `mypy` or `dmypy` by name, and get what is first on the PATH."""
    found = {name: Path(path) for name in ("mypy", "dmypy") if (path := shutil.which(name)) is not None}
    here_too = Path(sys.executable).parent.resolve()
    others = [path for path in found.values() if path.parent.resolve() != here_too]
    if not found:
        return Answer("path", "ok", "has neither mypy nor dmypy")
    if not others:
        return Answer("path", "ok", f"has this environment's {' and '.join(found)}")
    # Both are scripts of one environment: there is no need to start a daemon.
    other = others[0].with_name("mypy" + others[0].suffix)
    listed = any(is_plugin(entry) for entry in here.options.plugins)
    said = _check_probe(here, [str(other)]) if listed and other.exists() else "not tried"
    if said is None:
        return Answer("path", "ok", f"{others[0]} is another one, and the plugin runs there, too")
    mend = (
        f"what starts it by name gets that one: name {sys.executable} -m mypy in its settings, "
        'or install "budget-types[check]" there'
    )
    return Answer("path", "warn", f"{others[0]} is another one, where the plugin does not run: {said}", mend)


def _check_probe(here: _Here, mypy_command: list[str]) -> str | None:
    """Run a mypy, as configured here, on a program with one known error. None if it is found, else what mypy said."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory, "probe.py")
        program.write_text(_PROBE, "utf-8")
        command = [*mypy_command, "--output=json", f"--cache-dir={Path(directory, 'cache')}"]
        if here.config_file is not None:
            command.append(f"--config-file={here.config_file}")
        # As the command `mypy` does, and unlike `python -m mypy`: no imports from the current directory.
        environment = {**os.environ, "PYTHONSAFEPATH": "1"}
        try:
            done = subprocess.run([*command, str(program)], capture_output=True, text=True, env=environment)
        except OSError as error:
            return str(error)
    output = (done.stdout + done.stderr).strip().splitlines()
    records = list(_records(output))
    if (_PROBE_LINE, _PROBE_CODE) in {(record.get("line"), record.get("code")) for record in records}:
        return None
    messages = [str(record["message"]) for record in records] or output[-3:]
    return "; ".join(messages) or f"mypy exits with {done.returncode} and says nothing"


def _records(output: list[str]) -> Iterator[dict[str, object]]:
    for line in output:
        if line.startswith("{"):
            yield json.loads(line)


_QUESTIONS: Final[tuple[Callable[[_Here], Answer], ...]] = (_plugins, _package, _settings, _daemon, _probe, _path)
