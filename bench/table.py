"""What the plugin costs, as one table: each figure beside what plain mypy costs on the same input, and its goal.

    python bench/table.py [ROW ...] [--runs N] [--json FILE] [--update]

    a  a code base without an affine class: mypy's own source; and with a module beside it that has some budgets
    b  a code base in which every function handles budgets: 50,000 lines, made here
    c  both from a warm cache
    d  a daemon's check of both after one module was edited
    f  growth: the solver's time for longer functions and for deeper loops
    g  the solver alone, in statements per second, beside mypy's own pass for `possibly-undefined`

Memory (e) is measured in a to d. Without rows: all. `--update` writes the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import mypy.nodes
import solver
from inputs import Project, budgets_everywhere, mypys_own
from measure import Costs, cold, daemon, warm
from mypy.version import __version__ as mypy_version

import mypy_plugin.solve

P = ParamSpec("P")
T = TypeVar("T")

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- what `make {}` printed -->"
END: Final = "<!-- end of what it printed -->"
ROWS: Final = "abcdfg"


@dataclass(frozen=True)
class Size:
    """Of all that is measured."""

    runs: int
    short_runs: int
    """Of what takes a second and less, and varies more."""
    lines: int
    own: int | None
    """How many files of mypy's own; None: all."""
    sizes: Sequence[int]
    """Statements of the functions that show growth."""
    depths: Sequence[int]


FULL: Final = Size(5, 11, 50_000, None, solver.SIZES, solver.DEPTHS)
TINY: Final = Size(1, 1, 400, 3, (100, 200), (1, 2))
"""To see that everything runs. What it prints means nothing."""


@dataclass(frozen=True)
class Row:
    """One figure of the table, what it is made of, and its goal, which it is not to be above."""

    row: str
    what: str
    plain: str
    plugin: str
    figure: float
    spread: tuple[float, float] | None
    goal: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        return None if self.goal is None else self.figure <= self.goal


class Bench:
    """The inputs, made when they are first needed, and the rows that come of them."""

    def __init__(self, scratch: Path, size: Size) -> None:
        self._scratch = scratch
        self._size = size
        self._projects: dict[str, Project] = {}

    def rows(self, row: str) -> Iterator[Row]:
        """What the table says of one letter."""
        size = self._size
        if row == "a":
            yield from self._costs("a", "mypy's own source", cold, size.runs, 1.02)
            yield from self._costs("a", "mypy's own source and one module with budgets", cold, size.runs, 1.02)
        elif row == "b":
            yield from self._costs("b", "budgets everywhere", cold, size.runs, 1.10)
        elif row == "c":
            yield from self._costs("c", "mypy's own source, warm cache", warm, size.short_runs, 1.02)
            yield from self._costs("c", "budgets everywhere, warm cache", warm, size.short_runs, 1.02)
        elif row == "d":
            yield from self._costs("d", "mypy's own source, one module edited", daemon, size.short_runs, 1.05)
            yield from self._costs("d", "budgets everywhere, one module edited", daemon, size.short_runs, 1.05)
        elif row == "f":
            yield from self._growth()
        else:
            yield from self._rate()

    def _project(self, what: str) -> Project:
        kind = what.partition(",")[0]
        if kind not in self._projects:
            directory = self._scratch / kind.replace(" ", "-").replace("'", "")
            if kind == "budgets everywhere":
                self._projects[kind] = budgets_everywhere(directory, self._size.lines)
            else:
                self._projects[kind] = mypys_own(directory, self._size.own, with_budgets=kind != "mypy's own source")
        return self._projects[kind]

    def _costs(
        self, row: str, what: str, measure: Callable[[Project, int], Costs], runs: int, goal: float
    ) -> Iterator[Row]:
        project = self._project(what)
        costs = measure(project, runs)
        name = f"{what}, {project.lines:,} lines" if measure is cold else what
        plain, ours = costs.seconds("plain"), costs.seconds("plugin")
        yield Row(row, name, _seconds(plain), _seconds(ours), ours / plain, costs.spread(), goal)
        plain, ours = costs.memory("plain"), costs.memory("plugin")
        yield Row("e", f"memory of {row}: {what}", f"{plain:.0f} MiB", f"{ours:.0f} MiB", ours / plain, None, 1.03)

    def _growth(self) -> Iterator[Row]:
        size = self._size
        both = _in_a_process(solver.growth, size.runs, size.sizes, size.depths)
        for what, growth in zip(("longer functions", "deeper loops"), both, strict=True):
            sizes, seconds = growth.statements, growth.seconds
            first, last = (f"{number:,} statements: {_seconds(time)}" for number, time in _ends(sizes, seconds))
            yield Row("f", f"the solver's exponent, {what}", first, last, growth.exponent, None, 1.1)

    def _rate(self) -> Iterator[Row]:
        project = self._project("budgets everywhere")
        rate = _in_a_process(solver.rate, project.directory, project.arguments, self._size.runs)
        for what, seconds in (("solver", rate.solve), ("lowering and solver", rate.lower + rate.solve)):
            plain, ours = (f"{rate.statements / one:,.0f}/s" for one in (rate.possibly_undefined, seconds))
            name = f"{what}, statements beside `possibly-undefined`, {rate.statements:,} statements"
            yield Row("g", name, plain, ours, seconds / rate.possibly_undefined, None, None)


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown; each letter with its goal."""
    lines = ["| | what | plain mypy | with the plugin | ratio | pairs of runs | goal | met |", "|---" * 8 + "|"]
    for row in sorted(rows, key=lambda row: row.row):
        spread = "" if row.spread is None else f"{row.spread[0]:.3f} to {row.spread[1]:.3f}"
        goal = "" if row.goal is None else f"≤ {row.goal:.2f}"
        met = {None: "", True: "yes", False: "no"}[row.is_met]
        lines.append(
            f"| {row.row} | {row.what} | {row.plain} | {row.plugin} | {row.figure:.3f} | {spread} | {goal} | {met} |"
        )
    return "\n".join(lines) + "\n"


def heading(size: Size) -> str:
    """When and on what the table was made."""
    compiled = "compiled" if mypy.nodes.__file__.endswith((".so", ".pyd")) else "not compiled"
    ours = "compiled" if is_compiled() else "not compiled"
    return (
        f"{date.today().isoformat()}, {platform.python_implementation()} {platform.python_version()}, mypy "
        f"{mypy_version} ({compiled}), the plugin {ours}, {os.cpu_count()} cores; medians of {size.runs} runs each, of "
        f"{size.short_runs} for c and d. Seconds are of processor time.\n"
    )


def is_compiled() -> bool:
    """Whether it is the plugin of `make compiled` that is measured."""
    return mypy_plugin.solve.__file__.endswith((".so", ".pyd"))


def update(text: str) -> None:
    """Put the text where the page has that of an earlier run of the same plugin."""
    page = PAGE.read_text("utf-8")
    before, begin, rest = page.partition(BEGIN.format("bench-compiled" if is_compiled() else "bench"))
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE} has no place for the table")
    PAGE.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", "utf-8")


def _seconds(seconds: float) -> str:
    """Three figures, and the unit with which they are read at once."""
    # What would round up to 1000 ms is a second.
    return f"{seconds:.3g} s" if seconds >= 0.9995 else f"{seconds * 1e3:.3g} ms"


def _in_a_process(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run something that loads mypy's modules and much else in a process of its own: this one stays small."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(call, *arguments, **named).result()


def _ends(sizes: Sequence[int], seconds: Sequence[float]) -> list[tuple[int, float]]:
    return [(sizes[0], seconds[0]), (sizes[-1], seconds[-1])]


def main() -> None:
    """Measure, print the table, and write it where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "rows", nargs="*", choices=[*ROWS, []], metavar="ROW", help=f"of {', '.join(ROWS)}; all if none"
    )
    parser.add_argument(
        "--runs", type=int, help="of each configuration, where one takes seconds; c and d have twice as many"
    )
    parser.add_argument("--tiny", action="store_true", help="see that everything runs; the figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--update", action="store_true", help=f"write the table into {PAGE.name}")
    arguments = parser.parse_args()
    size = TINY if arguments.tiny else FULL
    if arguments.runs is not None:
        size = replace(size, runs=arguments.runs, short_runs=2 * arguments.runs + 1)

    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), size)
        for letter in dict.fromkeys(arguments.rows or ROWS):
            for row in bench.rows(letter):
                print(f"{row.row}  {row.what}: {row.figure:.3f}", file=sys.stderr, flush=True)
                rows.append(row)
    text = f"{heading(size)}\n{table(rows)}"
    print(text, end="")
    if arguments.json is not None:
        report = {"made": heading(size).strip(), "rows": [{**asdict(row), "is_met": row.is_met} for row in rows]}
        arguments.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if arguments.update:
        update(text)


if __name__ == "__main__":
    main()
