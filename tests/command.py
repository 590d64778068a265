"""The command as a person runs it: the installed `budget-types`, in a project of its own, with a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ATTEMPTS",
    "DOUBLE_MOVE",
    "REPORT",
    "Done",
    "budget_types",
    "program",
    "python",
    "run",
    "workers_came",
    "write",
]

DOUBLE_MOVE = """\
from budget_types import Budget

def take(budget: Budget) -> None: ...

def twice(budget: Budget) -> None:
    take(budget)
    take(budget)
"""
REPORT = "main.py:7: error:"

ATTEMPTS = 20
"""How often mypy is started if its workers do not come."""


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


def program(name: str) -> str:
    """A script of the environment that the tests run in, by path."""
    return str(Path(sysconfig.get_path("scripts"), name))


def budget_types(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run the command in `cwd`."""
    return run([program("budget-types"), *arguments], cwd=cwd, env=env)


def run(command: list[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run any command in `cwd`; mypy's own environment variables do not reach it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYPY")}
    for _ in range(ATTEMPTS):
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**inherited, "NO_COLOR": "1", "COLUMNS": "200", **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if workers_came(done.stdout + done.stderr):
            break
    return Done(done.returncode, done.stdout, done.stderr)


def workers_came(said: str) -> bool:
    """Whether the workers of `mypy -n` came up. mypy gives them three seconds, and the machine may be busy."""
    return "connection with worker" not in said and "Cannot connect to build worker" not in said


def python(*arguments: str) -> list[str]:
    """A command line for this interpreter."""
    return [sys.executable, *arguments]


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """Write a project, by path in `directory`, which is returned. It ends mypy's search for a configuration."""
    for name, text in {".git/HEAD": "", **files}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory
