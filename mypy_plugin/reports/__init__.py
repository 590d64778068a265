"""The reports of `budget-types check`: mypy runs as ever, and what it found is written in another form.

mypy can be given formatters, one line for each error; what CI systems read are whole documents, which must be valid
also when mypy finds nothing, stops early or crashes. So mypy runs in a process of its own with `--output json`, and
this package owns the way from its lines to a document: `problem` reads them, `baseline` knows the old ones, and
there is a module for each format in `FORMATS`. Exit codes are mypy's; only a run whose errors are all known is 0.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

from .baseline import Baseline, BaselineError
from .problem import Problem, Run, beside_source, from_root, read, source_lines
from .request import HELP, Request, UsageError, looked_at, split

__all__ = ["FORMATS", "HELP", "UsageError", "requested", "run"]

FORMATS: Final = ("sarif", "github", "gitlab", "junit")
"""The documents, each written by the module of its name."""

_LINES: Final[Mapping[str | None, str]] = {None: "text", "json": "json_lines"}
"""What mypy writes itself, written by us where some of it is left out."""

_ROOTS: Final = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where a CI system says that the repository is. Its paths start there, wherever mypy is started."""

_COMMAND: Final = (
    "import os, sys; sys.path[:] = [entry or os.path.dirname(sys.executable) for entry in sys.path]; "
    f"from {__name__.partition('.')[0]}.cli import main; sys.exit(main())"
)
"""The command itself, wherever its script is: like that, it imports nothing from the current directory."""


def requested(arguments: list[str]) -> Request | None:
    """What is asked of this package, if anything."""
    return split(arguments, FORMATS)


def run(request: Request) -> int:
    """Run mypy and write the report. Returns the exit code."""
    if request.output not in (*FORMATS, *_LINES):
        print(f'budget-types: no output is called "{request.output}": {", ".join((*FORMATS, "json"))}', file=sys.stderr)
        return 2
    try:
        shown, said = _shown(request)
    except BaselineError as error:
        print(f"budget-types: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        return 2
    try:
        _print(shown, request.output)
    except BrokenPipeError:
        # As mypy does: what is left in the buffer goes nowhere when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    # Where mypy's own stands in text; a document has standard output for itself.
    print(_summary(shown, said), file=sys.stdout if request.output is None else sys.stderr)
    return shown.code


def _shown(request: Request) -> tuple[Run, str]:
    """What the report is about, and what is said of the baseline."""
    path = request.baseline
    if path is None:
        return _run_mypy(request.arguments), ""
    if request.update:
        # Read first, like the one to compare with: what is wrong with it is no reason to wait for mypy.
        known = Baseline.load(path) if path.exists() else Baseline.of(())
        return _updated(_run_mypy(request.arguments), known, path, looked_at(request.arguments))
    known = Baseline.load(path)
    return _filtered(_run_mypy(request.arguments), known, path, looked_at(request.arguments))


def _filtered(found: Run, known: Baseline, path: Path, is_looked_at: Callable[[str], bool]) -> tuple[Run, str]:
    left = replace(found, problems=tuple(known.new(found.problems)))
    if found.code == 1 and found.errors and not left.errors:
        left = replace(left, code=0)
    said = f"{_count(len(found.errors) - len(left.errors), 'old one')} in {path}"
    stale = known.of_files(is_looked_at).without(Baseline.of(found.problems))
    if stale and found.code != 2:
        are, them = ("is", "it") if stale == 1 else ("are", "them")
        said += f"; {stale} more {are} gone: --update-baseline takes {them} out"
    return left, said


def _updated(found: Run, known: Baseline, path: Path, is_looked_at: Callable[[str], bool]) -> tuple[Run, str]:
    if found.code == 2:
        return found, f"{path} is left as it was"
    now = Baseline.of(found.problems).together(known.of_files(lambda file: not is_looked_at(file)))
    now.save(path)
    came, went = now.without(known), known.without(now)
    return Run(0, ()), f"{path} has {_count(len(now), 'finding')}: {came} came, {went} went"


def _run_mypy(arguments: tuple[str, ...]) -> Run:
    """Run `check` with JSON for its output. What it says besides goes to standard error."""
    options = ["--output=json", "--no-pretty", "--no-color-output"]
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, "check", *options, *arguments],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        # Nobody sees a question.
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
    )
    problems: list[Problem] = []
    besides = done.stderr
    for line in done.stdout.splitlines():
        problem = read(line)
        if problem is not None:
            problems.append(problem)
        elif line:
            besides += f"{line}\n"
    sys.stderr.write(besides)
    found = Run(
        code=done.returncode if done.returncode in (0, 1) else 2,
        problems=tuple(from_root(beside_source(problems, source_lines), Path.cwd(), Path.cwd())),
    )
    if found.code == 2 and not found.errors:
        return replace(found, failure=_failure(done.stderr.strip() or besides, done.returncode))
    return found


def _failure(said: str, code: int) -> str:
    """Why mypy ended, in one line: the first error, or the last thing that it said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line]
    return (errors[:1] or lines[-1:] or [f"mypy ended with code {code} and said nothing"])[0]


def _print(run: Run, output: str | None) -> None:
    if output in FORMATS:
        run = replace(run, problems=tuple(from_root(run.problems, Path.cwd(), _root(Path.cwd()))))
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = "utf-8" if output in FORMATS else sys.stdout.encoding
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
    name = output if output in FORMATS else _LINES[output]
    sys.stdout.write(import_module(f".{name}", __name__).write(run))
    sys.stdout.flush()


def _root(directory: Path) -> Path:
    roots = [Path(os.environ[name]) for name in _ROOTS if os.environ.get(name)]
    return next((root for root in roots if directory.is_relative_to(root)), directory)


def _summary(run: Run, said: str) -> str:
    besides = f" ({said})" if said else ""
    if run.failure:
        return f"mypy did not finish{besides}"
    if not run.errors:
        return f"Success: no issues found{besides}"
    files = len({problem.file for problem in run.errors})
    return f"Found {_count(len(run.errors), 'error')} in {_count(files, 'file')}{besides}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
