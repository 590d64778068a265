"""Cold, warm and parallel runs, the native parser and the daemon print the same; and nothing of ours breaks mypy."""

from __future__ import annotations

import sys

import pytest
from expectations import MYPY
from modes import ENDS, EXPECTED, Project, errors


def test_cold_and_warm(project: Project) -> None:
    assert project.mypy() == EXPECTED
    assert project.mypy() == EXPECTED


def test_warm_with_no_more_of_the_package_than_is_needed(project: Project) -> None:
    """mypy loads from its cache what an edited module needs, and that is not always `budget_types` itself."""
    project.write(
        "pool.py",
        """
        from budget_types.ownership import affine, move

        @affine
        class Pool: ...

        def take(pool: Pool) -> None: ...

        ONE = move(1)
        """,
    )
    project.write(
        "pools.py",
        """
        from pool import Pool, take

        def twice(pool: Pool) -> None:
            take(pool)
            take(pool)
        """,
    )
    cold = project.mypy()
    assert [line for line in cold if line.startswith("pool")] == [
        'pools.py:6: error: "pool" is used after it was moved on line 5 into parameter "pool" of "take"'
        "  [use-after-move]"
    ]
    project.edit("pools.py", "def twice", "# a comment\ndef twice")
    assert project.mypy() == project.fresh() != cold
    project.edit("pool.py", "ONE = move(1)", "TWO = move(2)")
    assert project.mypy() == project.fresh()


def test_warm_with_what_decorators_made(project: Project) -> None:
    """mypy's cache has the functions, and not their decorators."""
    project.write(
        "made.py",
        """
        from collections.abc import Iterator
        from contextlib import contextmanager

        from budget_types import Borrowed, Budget, consumes

        class Ending:
            @consumes
            def end(self) -> None: ...

        @contextmanager
        def lent(budget: Borrowed[Budget]) -> Iterator[Borrowed[Budget]]:
            yield budget
        """,
    )
    project.write(
        "makes.py",
        """
        from budget_types import Budget, affine
        from lib import take
        from made import Ending, lent

        @affine
        class Job(Ending):
            pass

        def inside(budget: Budget, job: Job) -> None:
            with lent(budget) as part:
                take(part)
            job.end()
            job.end()
        """,
    )
    cold = project.mypy()
    codes = [line.rpartition("  ")[2] for line in cold if line.startswith("makes.py") and "error" in line]
    assert codes == ["[ownership-mismatch]", "[move-of-borrowed]", "[use-after-move]"]
    project.edit("makes.py", "def inside", "# a comment\ndef inside")
    assert project.mypy() == project.fresh() != cold
    assert project.daemon() == project.fresh()
    project.edit("made.py", "    @consumes\n", "")
    assert project.daemon() == project.fresh() == project.mypy()


@pytest.mark.skipif(MYPY < (2, 0), reason="mypy 1 has no parallel run")
def test_parallel(project: Project) -> None:
    assert project.mypy("-n", "2") == EXPECTED
    assert project.mypy("-n", "2") == EXPECTED


@pytest.mark.skipif(MYPY < (2, 0), reason="mypy 1 has no native parser")
def test_native_parser(project: Project) -> None:
    assert project.mypy("--native-parser") == EXPECTED


def test_the_daemon_agrees_with_a_fresh_run_after_every_edit(project: Project) -> None:
    assert project.daemon() == EXPECTED
    edits = [
        ("ends.py", "def main", "# a comment\n\n\ndef main"),
        ("user.py", "def twice", "# a comment\n\n\ndef twice"),
        ("lib.py", "def take(budget: Budget)", "def take(budget: Borrowed[Budget])"),
        ("lib.py", "def take(budget: Borrowed[Budget])", "def take(budget: Budget)"),
        ("lib.py", "-> Budget:\n    return Budget(10)", "-> int:\n    return 10"),
        ("lib.py", "-> int:\n    return 10", "-> Budget:\n    return Budget(10)"),
        ("lib.py", "COMPANY = Budget(1_000)", "COMPANY = 1_000"),
        ("lib.py", "COMPANY = 1_000", "COMPANY = Budget(1_000)"),
        ("user.py", "    take(budget)\n    take(budget)", "    take(budget)"),
        ("right.py", "+ budget.remaining", ""),
    ]
    for name, old, new in edits:
        project.edit(name, old, new)
        assert project.daemon() == project.fresh(), f"after {old!r} became {new!r}"


def test_the_checkpoint_leaves_no_trace(project: Project) -> None:
    """What looks at a module after the checkpoint sees the program alone."""
    project.write("clean.py", "from budget_types import Budget\n\n\ndef make() -> Budget:\n    return Budget(1)\n")
    project.write("user.py", "import clean\n\nclean.__budget_types_checkpoint__\n")
    result = project.run(sys.executable, "-m", "mypy", "--linecount-report", "report", "clean.py", "user.py")
    assert 'Module has no attribute "__budget_types_checkpoint__"' in result.stdout
    counts = (project.root / "report" / "linecount.txt").read_text(encoding="utf-8")
    assert [line.split() for line in counts.splitlines() if line.endswith("clean")] == [["5", "5", "1", "1", "clean"]]


@pytest.mark.parametrize("options", [["--no-site-packages"], ["--follow-imports=skip"]], ids=" ".join)
def test_a_missing_package_is_one_loud_error(project: Project, options: list[str]) -> None:
    """Where mypy cannot see `budget_types`, every check would be silent: in pre-commit's environment, say."""
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nignore_missing_imports = True\n")
    result = project.run(sys.executable, "-m", "mypy", *options, "ends.py")
    assert errors(result) == [
        'ends.py:4: error: mypy cannot find "budget_types", so every budget in this module is Any and nothing is'
        " checked  [affine]"
    ]


def test_a_bug_of_ours_is_one_error_and_mypys_result_is_whole(project: Project) -> None:
    project.write(
        "broken.py",
        """
        import mypy_plugin.analysis
        from mypy_plugin import plugin

        def fail(*args: object) -> None:
            raise ZeroDivisionError("no such luck")

        mypy_plugin.analysis.findings = fail
        """,
    )
    project.write("mypy.ini", "[mypy]\nplugins = broken.py\n")
    project.write("ends.py", ENDS)
    project.edit("ends.py", "sys.exit(main(budget))", 'x: int = "no"')
    result = project.run(sys.executable, "-m", "mypy", "--show-traceback", "ends.py")
    assert result.stdout.splitlines()[:3] == [
        "ends.py:1: error: budget-types failed on this module and did not check it: ZeroDivisionError: no such luck"
        "  [affine]",
        "ends.py:1: note: hint: please report it, with the traceback that --show-traceback prints",
        'ends.py:15: error: Incompatible types in assignment (expression has type "str", variable has type "int")'
        "  [assignment]",
    ]
    assert "ZeroDivisionError: no such luck" in result.stderr
    assert result.returncode == 1
