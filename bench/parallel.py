"""What `mypy -n` brings with the plugin on: one code base, checked by one process and by 1, 2 and 4 workers.

    python bench/parallel.py [--modules N] [--runs N] [--json FILE]

The modules are those of `inputs.py`, with budgets; each imports the one with half its number, so that there is
something to do at once, and every tenth uses a budget twice. Cold cache, in turns. Whatever the number of workers,
the messages have to be the same ones; this is checked.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inputs import BUDGET_MODULE, PLUGIN
from measure import children

WAYS: Final = {"one process": [], "-n 1": ["-n", "1"], "-n 2": ["-n", "2"], "-n 4": ["-n", "4"]}

TRIES: Final = 10
"""mypy gives up where a worker needs more than three seconds to start, as it may on a busy machine."""

TWICE: Final = """

def twice{number}(budget: Budget) -> None:
    BudgetPool(budget)
    BudgetPool(budget)
"""


@dataclass(frozen=True)
class Row:
    """Median seconds of one way of running mypy: by the wall clock, and of processor time."""

    configuration: str
    way: str
    wall: float
    processor: float


def code_base(modules: int) -> dict[str, str]:
    """`modules` files, as a tree of imports."""
    files = {}
    for number in range(modules):
        imports = "from budget_types import Budget, BudgetPool\n" + (f"import module{number // 2}\n" if number else "")
        text = BUDGET_MODULE + (TWICE if number % 10 == 0 else "")
        files[f"module{number}.py"] = text.format(number=number, imports=imports)
    return files


def measure(directory: Path, files: list[str], runs: int) -> list[Row]:
    """Check the files in each way in turn, `runs` times."""
    seconds: dict[tuple[str, str], list[tuple[float, float]]] = {}
    said: dict[str, set[tuple[str, ...]]] = {name: set() for name in PLUGIN}
    for _ in range(runs):
        for name in PLUGIN:
            for way, options in WAYS.items():
                output, *took = _check(directory, ["--config-file", f"{name}.ini", *options, *files])
                seconds.setdefault((name, way), []).append((took[0], took[1]))
                # Which module is done first is chance; within one, the order is mypy's.
                said[name].add(tuple(sorted(output.splitlines())))
    for name, texts in said.items():
        if len(texts) != 1:
            raise SystemExit(f"{name}: the messages depend on how many workers there are")
    (lines,) = said["plugin"]
    print(f"The same {len(lines) - 1} messages with the plugin, whatever the number of workers.\n")
    return [Row(name, way, *map(statistics.median, zip(*times, strict=True))) for (name, way), times in seconds.items()]


def _check(directory: Path, arguments: list[str]) -> tuple[str, float, float]:
    """What mypy says, from a cold cache, and the seconds it took: by the wall clock, and of processor time."""
    for _ in range(TRIES):
        shutil.rmtree(directory / "cache", ignore_errors=True)
        before, began = children(), time.perf_counter()
        command = [sys.executable, "-m", "mypy", *arguments]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        took = time.perf_counter() - began, children() - before
        if done.returncode in (0, 1) and not done.stderr:
            return done.stdout, *took
    raise SystemExit(f"mypy failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Measure, print a table, and write JSON where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--modules", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        files = code_base(arguments.modules)
        for name, text in files.items():
            (directory / name).write_text(text, "utf-8")
        for name, line in PLUGIN.items():
            config = f"[mypy]\nstrict = True\ncache_dir = cache\n{line}"
            (directory / f"{name}.ini").write_text(config, "utf-8")
        rows = measure(directory, list(files), arguments.runs)
    print(f"{arguments.modules} modules with budgets, {os.cpu_count()} cores, median of {arguments.runs}\n")
    print(f"{'':14}" + "".join(f"{name:>22}" for name in PLUGIN))
    print(f"{'':14}" + f"{'wall':>12}{'processor':>10}" * len(PLUGIN))
    for way in WAYS:
        cells = [row for row in rows if row.way == way]
        print(f"{way:14}" + "".join(f"{row.wall:11.2f}s{row.processor:9.2f}s" for row in cells))
    report = [vars(row) for row in rows]
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
