"""Settings and versions in every mode: ours and mypy's, those that change, and those that are wrong for a while."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from expectations import MYPY
from modes import EXPECTED, Project, position

import mypy_plugin


@pytest.mark.skipif(MYPY < (1, 19), reason="mypy 1.18 knows no codes of plugins in its options")
def test_codes_obey_mypys_switches(project: Project) -> None:
    assert project.mypy("--disable-error-code", "use-after-move") == EXPECTED[-1:]
    assert project.mypy("--disable-error-code", "affine") == []
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[mypy-user]\ndisable_error_code = move-of-borrowed\n")
    assert project.mypy() == EXPECTED[:-1]


def test_functions_that_mypy_does_not_check(project: Project) -> None:
    source = "from lib import give, take\n\n\ndef f():\n    b = give()\n    take(b)\n    take(b)\n"
    project.write("mypy.ini", "[mypy]\nplugins = budget_types.mypy\n")
    project.write("untyped.py", source)
    assert project.fresh() == EXPECTED
    assert len(project.mypy("--check-untyped-defs", "--cache-dir", os.devnull)) == len(EXPECTED) + 1


def test_a_class_is_affine_by_any_name_it_has(project: Project) -> None:
    """mypy checks a module of a package before it has read the package that gives its names away."""
    (project.root / "pkg").mkdir()
    project.write("pkg/__init__.py", "from .api import twice as twice\nfrom .models import Token as Token\n")
    project.write("pkg/models.py", "class Token: ...\n")
    project.write(
        "pkg/api.py",
        """
        from .models import Token

        def twice(token: Token) -> list[Token]:
            return [token, token]
        """,
    )
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine = pkg.Token\n")
    project.write("ends.py", "")
    (report,) = [line for line in project.fresh() if line.startswith("pkg")]
    assert position(report) == ("pkg/api.py", 5)
    assert project.mypy() == project.mypy() == project.fresh() == project.daemon()


def test_the_daemon_sees_that_settings_change(project: Project) -> None:
    """It compares versions of plugins, not what they report as their configuration."""
    project.write("other.py", "class Token: ...\n\n\ndef f(token: Token) -> None:\n    a = token\n    b = token\n")
    project.write("mypy.ini", "[mypy]\nplugins = budget_types.mypy\n[budget-types]\naffine =\n")
    assert project.daemon() == project.fresh() == EXPECTED
    project.edit("mypy.ini", "affine =", "affine = other.Token")
    assert project.daemon() == project.fresh()
    assert len(project.fresh()) == len(EXPECTED) + 1


def test_settings_that_are_wrong_for_a_while(project: Project) -> None:
    """They are one error in every way of running mypy. The daemon begins again, and goes on once they are right."""
    wrong = 'mypy.ini: [budget-types] affine: "nonsense" must be a full name, with its module, such as'
    right = "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine =\n"
    project.write("mypy.ini", right)
    assert project.daemon() == EXPECTED
    for _ in range(2):
        project.edit("mypy.ini", "affine =", "affine = nonsense")
        for command in (["-m", "mypy", "."], [*project.dmypy[1:], "run", "--", "--cache-dir=.daemon", "."]) * 2:
            result = project.run(sys.executable, *command)
            assert result.returncode == 2
            assert result.stderr.startswith(wrong) and result.stderr.count("\n") == 1
        project.write("mypy.ini", right)
        project.edit("ends.py", "def main", "# a comment\ndef main")
        assert project.daemon() == project.fresh() == project.mypy()


def test_a_daemon_that_begins_with_wrong_settings(project: Project) -> None:
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine = nonsense\n")
    for _ in range(2):
        result = project.run(*project.dmypy, "run", "--timeout", "60", "--", "--cache-dir=.daemon", ".")
        assert result.returncode == 2
        assert result.stderr.startswith("mypy.ini: [budget-types] affine: ") and result.stderr.count("\n") == 1
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n")
    assert project.daemon() == EXPECTED


SETTLED = """
    from collections.abc import Callable
    from typing import Any

    from budget_types import Borrowed, Budget


    class Token: ...


    class Store:
        def peek(self) -> Budget:
            raise NotImplementedError


    class Run:
        budget: Budget


    def look(one: Budget, two: Budget) -> None: ...


    def start(function: Callable[..., Any], *args: object) -> None: ...


    async def work(budget: Borrowed[Budget]) -> None: ...
"""

# Each function has an error, or has none, by one of the settings.
UNSETTLED = """
    from lib import Budget, Run, Store, Token, look, start, work


    def token(token: Token) -> list[Token]:
        return [token, token]


    def minted() -> Budget:
        return Budget(1)


    def looked_at(budget: Budget) -> None:
        look(budget, budget)


    def lent(store: Store) -> Budget:
        part = store.peek()
        return part


    def started(budget: Budget) -> None:
        start(work, budget)
        start(work, budget)


    async def context(run: Run) -> None:
        mine = run.budget
"""

_LINES = {"token": 6, "minted": 10, "looked_at": 14, "lent": 19, "started": 24, "context": 28}
_ALWAYS = {"minted", "looked_at", "context"}


@pytest.mark.skipif(MYPY < (1, 19), reason="mypy 1.18 knows no codes of plugins in its options")
def test_whatever_is_set_counts_in_every_mode(project: Project) -> None:
    """Nothing in a cache, and nothing that the daemon remembers, outlives the settings that it was found with."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("lib.py", SETTLED)
    project.write("user.py", UNSETTLED)
    minted = "enable_error_code = budget-minted\n"
    settings = [
        (minted, "", _ALWAYS),
        (minted, "[budget-types]\naffine = lib.Token\n", _ALWAYS | {"token"}),
        (minted, "[budget-types]\nmint = user\n", _ALWAYS - {"minted"}),
        (minted, "[budget-types.containers]\nlook = lib.look\n", _ALWAYS - {"looked_at"}),
        (minted, "[budget-types.containers]\nlend = lib.Store.peek\n", _ALWAYS | {"lent"}),
        (minted, "[budget-types.containers]\ncontexts = lib.Run\n", _ALWAYS - {"context"}),
        (minted, "[budget-types.tasks]\nstart = lib.start\n", _ALWAYS | {"started"}),
        ("", "", _ALWAYS - {"minted"}),
        ("ignore_errors = True\n", "", set[str]()),
        (minted, "", _ALWAYS),
    ]
    for options, section, expected in settings:
        # Below [mypy] itself, codes of plugins end mypy's daemon before it has loaded any.
        project.write(
            "mypy.ini",
            "[mypy]\nplugins = mypy_plugin\nimplicit_reexport = True\n[mypy-user]\nwarn_unreachable = True\n"
            f"{options}{section}",
        )
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [
            ("user.py", line) for function, line in _LINES.items() if function in expected
        ]
        assert project.mypy() == fresh, f"warm, with {options + section!r}"
        assert project.daemon() == fresh, f"daemon, with {options + section!r}"


def test_another_version_of_the_plugin(project: Project) -> None:
    """An upgrade, or an edit of a checkout, is seen by the cache, and by `dmypy run`."""
    package = Path(mypy_plugin.__file__).parent
    # mypy is started with `-m` here, and so finds this one first.
    shutil.copytree(package, project.root / "mypy_plugin", ignore=shutil.ignore_patterns("__pycache__"))
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nexclude = mypy_plugin/\n")
    assert project.mypy() == project.daemon() == project.fresh() == EXPECTED
    project.edit("mypy_plugin/wording/moved.py", "used after", "seen after")
    other = [line.replace("used after", "seen after") for line in EXPECTED]
    assert project.mypy() == project.daemon() == project.fresh() == other != EXPECTED
