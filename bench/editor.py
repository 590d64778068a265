"""How long an editor shows an error that is mended: from the edit to the diagnostics without it.

    PYTHONPATH=tests python bench/editor.py [--modules N] [--edits N] [--json FILE]

A project of ten modules that hand budgets about, one of them open. It is edited and saved, so that an error of mypy
and one of the plugin come and go; each time is the median over the edits that take them away. The same project is
open beside it with mypy alone, and is edited in turns with it.

`pylsp` waits for a pause in typing before it looks at anything (`LINT_DEBOUNCE_S`, 500 ms, with or without the plugin):
that is "waits", and is not in "plain" and "plugin", which are what comes after. Beside it stands what the extensions
of VS Code do, which wait for nothing: `dmypy run` after each save.

Times are of the wall clock: on a shared machine, they are what a user would have there.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from inputs import BUDGET_MODULE, PLUGIN, code_base
from language_server import editing
from pylsp.python_lsp import LINT_DEBOUNCE_S

RIGHT: Final = "            spent += part.remaining\n"
WRONG: Final = RIGHT + '            spent += "1"\n            budget.merge(part)\n'
SETTINGS: Final = {"pylsp": {"plugins": {"pylsp_mypy": {"dmypy": True, "live_mode": False}}}}

Edit = Callable[[bool], None]
"""Puts the errors in, or takes them out, and waits until that shows."""


@dataclass(frozen=True)
class Row:
    """Median seconds of one way to run mypy in an editor."""

    way: str
    waits: float
    plain: float
    plugin: float

    @property
    def ratio(self) -> float:
        """Time with the plugin by time without, of what comes after the wait."""
        return self.plugin / self.plain


@dataclass(frozen=True)
class Size:
    """Of the measurement."""

    modules: int
    edits: int


@contextmanager
def server(project: Path, file: str, path: Path) -> Iterator[Edit]:
    """`pylsp` with `pylsp-mypy`; it takes `dmypy` from `path` if there is one, else runs it in its own process."""
    right = (project / file).read_text("utf-8")
    with editing(project, SETTINGS, env={"PATH": str(path)}) as editor:
        editor.open(file)
        editor.no_problems(file)

        def edit(wrong: bool) -> None:
            editor.edit(file, right.replace(RIGHT, WRONG) if wrong else right)
            editor.problems(file, until=lambda found: bool(found) is wrong)

        yield edit


@contextmanager
def command(project: Path, file: str) -> Iterator[Edit]:
    """`dmypy run` after each save."""
    right = (project / file).read_text("utf-8")
    dmypy = [sys.executable, "-m", "mypy.dmypy"]

    def edit(wrong: bool) -> None:
        (project / file).write_text(right.replace(RIGHT, WRONG) if wrong else right, "utf-8")
        run = [*dmypy, "run", "--", "--show-error-end", "--no-error-summary", file]
        done = subprocess.run(run, cwd=project, capture_output=True, text=True)
        if done.returncode != wrong:
            raise SystemExit(f"not what was expected of {project / file}:\n{done.stdout}{done.stderr}")

    try:
        edit(False)
        yield edit
    finally:
        subprocess.run([*dmypy, "stop"], cwd=project, capture_output=True)


def measure(scratch: Path, way: str, open_: Callable[[Path, str], AbstractContextManager[Edit]], size: Size) -> Row:
    """Edit the project with and without the plugin in turns."""
    times: dict[str, list[float]] = {name: [] for name in PLUGIN}
    file = f"module{size.modules // 2}.py"
    waits = LINT_DEBOUNCE_S if way.startswith("pylsp") else 0.0
    with ExitStack() as windows:
        edits = {}
        for name, line in PLUGIN.items():
            project = scratch / way.replace(" ", "_") / name
            project.mkdir(parents=True)
            (project / "mypy.ini").write_text(f"[mypy]\nstrict = True\n{line}", "utf-8")
            for module, text in code_base(BUDGET_MODULE, "from budget_types import Budget\n", size.modules).items():
                (project / module).write_text(text, "utf-8")
            edits[name] = windows.enter_context(open_(project, file))
        for _ in range(size.edits):
            for name, edit in edits.items():
                edit(True)
                start = time.perf_counter()
                edit(False)
                times[name].append(time.perf_counter() - start - waits)
    return Row(way, waits, statistics.median(times["plain"]), statistics.median(times["plugin"]))


def main() -> None:
    """Measure, print a table, and write JSON where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--modules", type=int, default=10)
    parser.add_argument("--edits", type=int, default=9)
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    size = Size(arguments.modules, arguments.edits)
    if find_spec("pylsp_mypy") is None:
        raise SystemExit("pylsp-mypy is not installed here: it needs Python 3.11")

    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        nothing, scripts = scratch / "nothing", scratch / "scripts"
        nothing.mkdir()
        scripts.mkdir()
        script = scripts / "dmypy"
        script.write_text(
            f"#!{sys.executable}\nfrom mypy.dmypy.client import console_entry\nconsole_entry()\n", "utf-8"
        )
        script.chmod(0o755)
        ways: dict[str, Callable[[Path, str], AbstractContextManager[Edit]]] = {
            "pylsp": lambda project, file: server(project, file, nothing),
            "pylsp, with dmypy on its PATH": lambda project, file: server(project, file, scripts),
            "dmypy run, as in VS Code": command,
        }
        title = f"milliseconds after an edit, {size.modules} modules"
        print(f"{title:44}{'waits':>7}{'plain':>8}{'plugin':>8}{'ratio':>7}")
        report = []
        for way, open_ in ways.items():
            row = measure(scratch, way, open_, size)
            report.append({**asdict(row), "ratio": row.ratio})
            numbers = f"{row.waits * 1e3:7.0f}{row.plain * 1e3:8.0f}{row.plugin * 1e3:8.0f}{row.ratio:7.2f}"
            print(f"{way:44}{numbers}", flush=True)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
