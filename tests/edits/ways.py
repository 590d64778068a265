"""The ways to run mypy on one directory, and what each of them says of it.

Owns caches, processes and the daemon's connection. What is in the directory is none of its business.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from command import ATTEMPTS, workers_came
from mypy.dmypy.client import request
from mypy.version import __version__ as mypy_version

__all__ = ["HAS_PARALLEL", "Answer", "Ways"]

HAS_PARALLEL: Final = int(version("mypy").split(".")[0]) >= 2
"""mypy 1 has no parallel run."""

Answer = tuple[str, ...]
"""What was printed, without the summary: files in the order of their names, each file's lines in the order printed."""

_ONCE: Final = "#missing-imports"
"""mypy adds this note to the first of all such errors, and which is the first depends on what it checked again."""
_TARGET: Final = "."
_IMPORTS: Final = "import budget_types, budget_types.ownership, collections.abc, dataclasses, typing\n"
"""What a template of a cache is made of."""


class Ways:
    """mypy on one directory, in every way. `elsewhere` is a directory for caches, and must be another one."""

    def __init__(self, root: Path, elsewhere: Path) -> None:
        self._root = root
        self._caches = elsewhere
        self._status = elsewhere / "dmypy.json"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MYPY", "PYTHON"))},
            "NO_COLOR": "1",
        }
        self._starter = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("starter.py")],
            cwd=root,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    # A fresh run

    def fresh(self, paths: Iterable[str] = (_TARGET,)) -> Answer:
        """What a run says that knows the standard library and `budget_types` from its cache, and nothing else."""
        cache = self._caches / "fresh"
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copytree(self._template(), cache)
        return self._mypy(f"--cache-dir={cache}", *paths)

    def uncached(self) -> Answer:
        """What a run says that reads and writes no cache."""
        return self._mypy(f"--cache-dir={os.devnull}", _TARGET)

    def _template(self) -> Path:
        """A cache of the libraries, made with the settings of now: mypy's cache depends on them."""
        settings = (self._root / "mypy.ini").read_bytes()
        template = self._caches / f"template-{hashlib.sha256(settings).hexdigest()[:16]}"
        if not template.exists():
            template.mkdir()
            # A name that no file has.
            self._mypy(f"--cache-dir={template}", "-c", _IMPORTS)
        return template

    # With a cache that lives on

    def warm(self) -> Answer:
        """What a run says that finds its cache as it left it."""
        return self._mypy(f"--cache-dir={self._caches / 'warm'}", _TARGET)

    def parallel(self) -> Answer:
        """What a run with four workers says that finds its cache as it left it."""
        return self._mypy(f"--cache-dir={self._caches / 'parallel'}", "-n", "4", _TARGET)

    def _mypy(self, *arguments: str) -> Answer:
        assert self._starter.stdin is not None and self._starter.stdout is not None
        for _ in range(ATTEMPTS):
            self._starter.stdin.write(json.dumps(["--no-error-summary", *arguments]) + "\n")
            self._starter.stdin.flush()
            status, out, err = json.loads(self._starter.stdout.readline())
            if workers_came(out + err):
                break
        assert status in (0, 1, 2), f"mypy ended with {status}\n{out}{err}"
        return _answer(out + err)

    # The daemon

    def daemon(self) -> Answer:
        """What `dmypy run` says."""
        arguments = ["--no-error-summary", _TARGET]
        if self._status.exists():
            response = request(str(self._status), "run", version=mypy_version, args=arguments, export_types=False)
            if "restart" not in response:
                return _answer(_output(response))
        # The command itself starts a server, or another one.
        done = self._dmypy("run", "--timeout", "600", "--", *arguments)
        lines = (done.stdout + done.stderr).splitlines(keepends=True)
        talk = (
            "Daemon started\n",
            "Daemon stopped\n",
            "Restarting: configuration changed\n",
            "Restarting: plugins changed\n",
        )
        return _answer("".join(line for line in lines if line not in talk))

    def _dmypy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mypy.dmypy", "--status-file", str(self._status), *arguments],
            cwd=self._root,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def forget(self) -> None:
        """Stop the daemon and throw away the caches that live on."""
        if self._status.exists():
            self._dmypy("stop")
            self._status.unlink(missing_ok=True)
        for name in ("warm", "parallel"):
            shutil.rmtree(self._caches / name, ignore_errors=True)

    def close(self) -> None:
        """End every process."""
        self.forget()
        if self._starter.stdin is not None:
            self._starter.stdin.close()
        self._starter.wait()


def _output(response: Mapping[str, Any]) -> str:
    return str(response["error"]) if "error" in response else response["out"] + response["err"]


def _answer(printed: str) -> Answer:
    lines = (line for line in printed.splitlines() if not line.endswith(_ONCE))
    return tuple(sorted(lines, key=lambda line: line.partition(":")[0]))
