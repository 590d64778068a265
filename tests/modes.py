"""A project that mypy is run on in every way it has, and what it has to say each time.

Cold and warm, with workers, and as a daemon after edits. The fixture `project` hands it to tests.

This module must never know what they edit: a text stands here only if several modules of tests begin with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from command import ATTEMPTS, workers_came

__all__ = ["ENDS", "EXPECTED", "LEFT", "LIB", "RIGHT", "USER", "Project", "errors", "position"]

LIB = """
    from budget_types import Borrowed, Budget

    COMPANY = Budget(1_000)


    def take(budget: Budget) -> None: ...


    def give() -> Budget:
        return Budget(10)
"""

# Never names an affine class; one function has no call, no operator and no attribute in it.
USER = """
    from lib import COMPANY, give, take


    def twice() -> None:
        budget = give()
        take(budget)
        take(budget)


    def without_a_call() -> None:
        mine = COMPANY
"""

# Two modules that import each other: mypy checks them together, and defers what it cannot infer yet.
LEFT = """
    from budget_types import Budget

    import right


    class Left:
        def __init__(self, budget: Budget) -> None:
            self.budget = right.make(budget)

        def run(self) -> int:
            return self.budget.remaining
"""

RIGHT = """
    from budget_types import Budget

    import left


    def make(budget: Budget) -> Budget:
        return budget


    def use(budget: Budget) -> int:
        made = left.Left(budget)
        return made.budget.remaining + budget.remaining
"""

ENDS = """
    import sys

    from budget_types import Budget


    def main(budget: Budget) -> int:
        mine = budget
        yours = budget
        return 0


    budget = Budget(1)
    twice = budget
    sys.exit(main(budget))
"""

EXPECTED = [
    'ends.py:9: error: "budget" is used after it was moved on line 8 into "mine"  [use-after-move]',
    'ends.py:15: error: "budget" is used after it was moved on line 14 into "twice"  [use-after-move]',
    'right.py:13: error: "budget" is used after it was moved on line 12 into parameter "budget" of "Left"'
    "  [use-after-move]",
    'user.py:8: error: "budget" is used after it was moved on line 7 into parameter "budget" of "take"'
    "  [use-after-move]",
    'user.py:12: error: "COMPANY" cannot be moved into "mine": it is a global variable, which every function can'
    " reach  [move-of-borrowed]",
]


class Project:
    """A directory of modules with a configuration, and mypy on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nstrict = True\nwarn_unreachable = True\n")

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(dedent(text), encoding="utf-8")

    def empty(self) -> None:
        """Leave nothing in the modules that every project begins with."""
        for name in ("lib", "user", "left", "right", "ends"):
            self.write(f"{name}.py", "")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        before = path.stat().st_mtime
        path.write_text(text.replace(old, new), encoding="utf-8")
        # The daemon compares size and time, and the time in seconds: on a fast machine, an edit is in the same one.
        os.utime(path, (before + 1, before + 1))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "MYPYPATH": "", "PYTHONPATH": ""}
        for _ in range(ATTEMPTS):
            done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
            if workers_came(done.stdout + done.stderr):
                break
        return done

    def mypy(self, *options: str) -> list[str]:
        """The lines that mypy prints, without notes and the summary."""
        return errors(self.run(sys.executable, "-m", "mypy", *options, "."))

    def fresh(self) -> list[str]:
        return self.mypy("--cache-dir", os.devnull)

    def daemon(self) -> list[str]:
        return errors(self.run(*self.dmypy, "run", "--timeout", "60", "--", "--cache-dir=.daemon", "."))

    @property
    def dmypy(self) -> list[str]:
        return [sys.executable, "-m", "mypy.dmypy", "--status-file", str(self.root / "dmypy.json")]


def errors(result: subprocess.CompletedProcess[str]) -> list[str]:
    assert result.returncode in (0, 1), result.stdout + result.stderr
    assert not result.stderr, result.stderr
    return sorted((line for line in result.stdout.splitlines() if ": error: " in line), key=position)


def position(line: str) -> tuple[str, int]:
    file, number, _ = line.split(":", 2)
    return file, int(number)
