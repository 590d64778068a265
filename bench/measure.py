"""What a run of mypy costs, with the plugin and without: processor time and the most memory that it had at once.

Owns how processes are started and measured: in turns, so that a machine that slows down slows both. Times are seconds
of user and system time of the process: the wall clock of a machine that does other things says little.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from inputs import PLUGIN, Project, edit

_KIB_PER_UNIT = 1 / 1024 if sys.platform == "darwin" else 1
"""What `ru_maxrss` counts."""


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds of processor time, and the most memory in MiB."""

    seconds: float
    memory: float


@dataclass
class Costs:
    """Of all runs on one input, by configuration. The first of one belongs to the first of the other."""

    of: dict[str, list[Cost]] = field(default_factory=lambda: {name: [] for name in PLUGIN})

    def seconds(self, name: str) -> float:
        """The median."""
        return statistics.median(cost.seconds for cost in self.of[name])

    def memory(self, name: str) -> float:
        """The median."""
        return statistics.median(cost.memory for cost in self.of[name])

    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio of times of two runs that followed each other."""
        ratios = [ours.seconds / plain.seconds for plain, ours in zip(self.of["plain"], self.of["plugin"], strict=True)]
        return min(ratios), max(ratios)


def in_turns(runs: int, once: Callable[[str], Cost]) -> Costs:
    """Run each configuration `runs` times, the one and the other, and the other way round."""
    costs = Costs()
    if runs > 1:
        for name in PLUGIN:  # What is not in the disk's cache yet is read now.
            once(name)
    for number in range(runs):
        for name in list(PLUGIN) if number % 2 == 0 else reversed(PLUGIN):
            costs.of[name].append(once(name))
    return costs


def cold(project: Project, runs: int) -> Costs:
    """With nothing in mypy's cache, which is written."""

    def once(name: str) -> Cost:
        shutil.rmtree(project.directory / f"cache-{name}", ignore_errors=True)
        output, cost = _mypy(project, name)
        said[name] = output
        return cost

    said: dict[str, str] = {}
    costs = in_turns(runs, once)
    _same(said, project)
    return costs


def warm(project: Project, runs: int) -> Costs:
    """With everything in mypy's cache."""
    said = {name: _mypy(project, name)[0] for name in PLUGIN}
    _same(said, project)
    return in_turns(runs, lambda name: _mypy(project, name)[1])


def daemon(project: Project, runs: int) -> Costs:
    """A daemon's check after one module was edited."""
    edits = iter(range(1, 1_000_000))
    with ExitStack() as running:
        ask = {name: running.enter_context(_daemon(project, name)) for name in PLUGIN}

        def once(name: str) -> Cost:
            edit(project, next(edits))
            return ask[name]()

        return in_turns(runs, once)


@contextmanager
def _daemon(project: Project, name: str) -> Iterator[Callable[[], Cost]]:
    """mypy's daemon in a process that answers one line with what a check has cost it."""
    edit(project, 0)
    command = [sys.executable, "-I", str(Path(__file__).with_name("daemon.py")), f"{name}.ini", *project.arguments]
    with subprocess.Popen(
        command, cwd=project.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        write, read = process.stdin, process.stdout

        def check() -> Cost:
            write.write("check\n")
            write.flush()
            line = read.readline()
            if not line:
                raise SystemExit(f"mypy's daemon ended in {project.directory}")
            seconds, units = json.loads(line)
            return Cost(seconds, units * _KIB_PER_UNIT / 1024)

        check()
        yield check
        write.close()


def _mypy(project: Project, name: str) -> tuple[str, Cost]:
    # -I: mypy's own source lies in the directory that it is checked in, and is not to run there.
    command = [sys.executable, "-I", "-m", "mypy", "--config-file", f"{name}.ini", *project.arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(command, cwd=project.directory, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode not in (0, 1):
        raise SystemExit(f"mypy failed in {project.directory}:\n{text}")
    return text, Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB_PER_UNIT / 1024)


def _same(said: dict[str, str], project: Project) -> None:
    """Where the plugin has something to say, it has more to do than is measured here."""
    if said["plain"] != said["plugin"]:
        raise SystemExit(f"the plugin changes what mypy says in {project.directory}:\n{said['plugin']}")


def children() -> float:
    """Seconds of processor time of the processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
