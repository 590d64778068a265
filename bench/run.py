"""What the plugin costs: mypy with and without it, on programs made here.

    python bench/run.py [--modules N] [--runs N] [--json FILE]

Two code bases of the same size and shape, one that never heard of budgets and one that hands them about, are checked
by plain mypy and by mypy with the plugin; cold cache, in turns, so that a machine that slows down slows both. A third
table grows one function: its cost must grow as its length does, not as the square.

Times are seconds of user and system time of the process: the wall clock of a shared machine says little.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PLUGIN: Final = {"plain": "", "plugin": "plugins = mypy_plugin\n"}

PLAIN_MODULE: Final = """\
from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
{imports}

@dataclass
class Account{number}:
    owner: str
    tokens: int
    history: list[int] = field(default_factory=list)

    def spend(self, tokens: int) -> int:
        if tokens > self.tokens:
            raise ValueError(f"{{self.owner}} asked for {{tokens}}, {{self.tokens}} left")
        self.tokens -= tokens
        self.history.append(tokens)
        return self.tokens


async def ask{number}(account: Account{number}, question: str, retries: int = 3) -> str:
    for attempt in range(retries):
        try:
            account.spend(len(question))
            await asyncio.sleep(0)
        except ValueError as error:
            if attempt + 1 == retries:
                raise RuntimeError(question) from error
        else:
            return question.upper()
    return ""


async def fan_out{number}(accounts: Mapping[str, Account{number}], questions: Iterable[str]) -> dict[str, list[str]]:
    answers: dict[str, list[str]] = {{name: [] for name in accounts}}
    for question in questions:
        given = await asyncio.gather(*(ask{number}(account, question) for account in accounts.values()))
        for name, answer in zip(accounts, given):
            answers[name].append(answer)
    return answers


def summary{number}(accounts: Mapping[str, Account{number}], floor: int | None = None) -> list[tuple[str, int]]:
    rows = sorted(((name, account.tokens) for name, account in accounts.items()), key=lambda row: row[1])
    while rows and floor is not None and rows[0][1] < floor:
        rows.pop(0)
    match rows:
        case []:
            return [("nobody", 0)]
        case [(name, tokens)] if tokens == 0:
            return [(name.title(), 0)]
        case _:
            return rows
"""

BUDGET_MODULE: Final = (
    PLAIN_MODULE
    + """

async def researcher{number}(budget: Budget, topics: list[str]) -> int:
    spent = 0
    for topic in topics:
        part = budget.split(len(topic))
        if part.remaining > 10:
            spent += part.remaining
            part.spend(part.remaining)
        else:
            budget.merge(part)
    return spent


async def planner{number}(budget: Budget, topics: list[str]) -> int:
    parts = budget.split_evenly(len(topics))
    results = await asyncio.gather(*(researcher{number}(part, topics) for part in parts))
    try:
        writer = budget.split(5)
        results.append(await researcher{number}(writer, topics))
    finally:
        budget.spend(0)
    return sum(results)
"""
)


@dataclass(frozen=True)
class Row:
    """Median times of one program, and what the plugin makes of them."""

    program: str
    plain: float
    plugin: float

    @property
    def ratio(self) -> float:
        """Time with the plugin by time without."""
        return self.plugin / self.plain


def code_base(module: str, imports: str, modules: int) -> dict[str, str]:
    """`modules` files of the same text, each of which imports the one before it."""
    files = {}
    for number in range(modules):
        before = f"import module{number - 1}\n" if number else ""
        files[f"module{number}.py"] = module.format(number=number, imports=imports + before)
    return files


def long_function(statements: int) -> dict[str, str]:
    """One function in which every name depends on the one before, with a branch and a loop here and there."""
    lines = [
        "from budget_types import Budget",
        "def take(b: Budget) -> None: ...",
        "def f(b: Budget) -> None:",
    ]
    for number in range(statements // 4):
        head = "for _ in range(3)" if number % 10 == 0 else f"if b.remaining > {number}"
        lines += [f"    p{number} = b.split({number})", f"    {head}:", f"        b.spend({number})"]
        lines.append(f"    take(p{number})")
    return {"long.py": "\n".join(lines) + "\n"}


def measure(program: str, files: Mapping[str, str], runs: int) -> Row:
    """Check `files` with each configuration in turn, `runs` times, from a cold cache."""
    times: dict[str, list[float]] = {name: [] for name in PLUGIN}
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        for name, text in files.items():
            (directory / name).write_text(text, "utf-8")
        for name, line in PLUGIN.items():
            (directory / f"{name}.ini").write_text(f"[mypy]\ncache_dir = /dev/null\n{line}", "utf-8")
        for _ in range(runs):
            for name in PLUGIN:
                times[name].append(_check(directory, f"{name}.ini", list(files)))
    return Row(program, statistics.median(times["plain"]), statistics.median(times["plugin"]))


def _check(directory: Path, config: str, files: list[str]) -> float:
    before = children()
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", config, *files]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"mypy found something in {directory}, where nothing is:\n{done.stdout}{done.stderr}")
    return children() - before


def children() -> float:
    """Seconds of processor time of the processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure, print a table, and write JSON where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--modules", type=int, default=150)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()

    programs = {
        f"{arguments.modules} modules without budgets": code_base(PLAIN_MODULE, "", arguments.modules),
        f"{arguments.modules} modules with budgets": code_base(
            BUDGET_MODULE, "from budget_types import Budget\n", arguments.modules
        ),
        **{f"one function of {size} statements": long_function(size) for size in (1_000, 2_000, 4_000)},
    }
    print(f"{'program':38}{'plain':>9}{'plugin':>9}{'ratio':>8}")
    rows = []
    for program, files in programs.items():
        row = measure(program, files, arguments.runs)
        rows.append(row)
        print(f"{program:38}{row.plain:8.2f}s{row.plugin:8.2f}s{row.ratio:8.3f}", flush=True)
    report = [{"program": row.program, "plain": row.plain, "plugin": row.plugin, "ratio": row.ratio} for row in rows]
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
