"""What the fixer does with files that are odd, broken, or not what they were: it says which, and loses nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command import budget_types, write
from expectations import CONFIG
from fixing import TWICE

from mypy_plugin.fix import run
from mypy_plugin.fix.engine import Applied, mend
from mypy_plugin.fix.verify import Program

FIXED = TWICE.replace("    return", "    first, second = budget.split_evenly(2)\n    return").replace(
    "take(budget) + take(budget)", "take(first) + take(second)"
)
ASKING = "from budget_types import Budget\ndef ask(b: Budget) -> int: return b.remaining\n"
REPORT = """\
from asking import ask
from budget_types import Budget
def report(budget: Budget) -> int:
    ask(budget)
    return budget.remaining
"""

pytestmark = pytest.mark.xdist_group("fix")


def contents(directory: Path) -> dict[str, bytes]:
    """All Python files, by name, and whatever was left beside them."""
    left_out = {"mypy.ini", "HEAD"}
    files = (path for path in directory.rglob("*") if path.is_file() and ".mypy_cache" not in path.parts)
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files if path.name not in left_out}


# Nothing is fixed if mypy cannot check all


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "latin.py",
            "# caf\xe9\n".encode("latin-1"),
            "latin.py: error: Cannot decode file: 'utf-8' codec can't decode",
        ),
        ("broken.py", b"def f(:\n", "broken.py:1:"),
        ("zeros.py", b"x = 1\0\n", "zeros.py:"),
    ],
)
def test_one_file_that_cannot_be_checked(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    write(tmp_path, {"mypy.ini": CONFIG, "main.py": TWICE})
    (tmp_path / name).write_bytes(content)
    before = contents(tmp_path)
    done = budget_types("fix", "main.py", name, cwd=tmp_path)
    assert (done.code, done.err) == (2, "")
    assert said in done.out
    assert contents(tmp_path) == before


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": CONFIG, "main.py": TWICE})
    done = budget_types("fix", "main.py", "gone.py", cwd=tmp_path)
    assert done.code == 2
    assert "gone.py" in done.out + done.err
    assert "Traceback" not in done.err
    assert contents(tmp_path) == {"main.py": TWICE.encode()}


# Links


def test_a_link_stays_one_and_its_file_is_fixed_once(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": CONFIG, "real/main.py": TWICE})
    (tmp_path / "link.py").symlink_to(Path("real", "main.py"))
    (tmp_path / "real" / "main.py").chmod(0o640)
    done = budget_types("fix", "link.py", "real/main.py", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "link.py").is_symlink()
    assert contents(tmp_path) == {"link.py": FIXED.encode(), "real/main.py": FIXED.encode()}
    assert (tmp_path / "real" / "main.py").stat().st_mode & 0o777 == 0o640


# All files of a run are written, or none


def _meanwhile(do: Callable[[], object]) -> Callable[[Program], list[Applied]]:
    """The engine, and what somebody else does while it works."""

    def work(program: Program) -> list[Applied]:
        made = mend(program)
        do()
        return made

    return work


def test_a_file_that_somebody_else_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fix needs both files: half of it would be a program with more errors than before."""
    write(tmp_path, {"mypy.ini": CONFIG, "asking.py": ASKING, "main.py": REPORT, "other.py": TWICE})
    monkeypatch.chdir(tmp_path)
    edit = _meanwhile(lambda: Path("asking.py").write_text("# mine\n" + ASKING, encoding="utf-8"))
    monkeypatch.setattr(run, "mend", edit)
    assert run.fix(["asking.py", "main.py", "other.py"]) == 2
    assert capsys.readouterr() == (
        "",
        "budget-types: asking.py was changed meanwhile\nbudget-types: nothing was written\n",
    )
    wanted = {"asking.py": "# mine\n" + ASKING, "main.py": REPORT, "other.py": TWICE}
    assert contents(tmp_path) == {name: text.encode() for name, text in wanted.items()}


def test_a_file_that_somebody_else_takes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"mypy.ini": CONFIG, "main.py": TWICE})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "mend", _meanwhile(lambda: Path("main.py").unlink()))
    assert run.fix(["main.py"]) == 2
    assert "budget-types: cannot write main.py: No such file or directory\n" in capsys.readouterr().err
    assert contents(tmp_path) == {}


def test_a_file_that_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked of the system beforehand: a file of which somebody may not change a byte can be replaced all the same."""
    write(tmp_path, {"mypy.ini": CONFIG, "main.py": TWICE, "other.py": TWICE})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").chmod(0o444)
    may = os.access
    # Root may write everything.
    monkeypatch.setattr(os, "access", lambda path, mode: may(path, mode) and Path(path).name != "main.py")
    assert run.fix(["main.py", "other.py"]) == 2
    assert capsys.readouterr() == (
        "",
        "budget-types: cannot write main.py: Permission denied\nbudget-types: nothing was written\n",
    )
    assert contents(tmp_path) == {"main.py": TWICE.encode(), "other.py": TWICE.encode()}


def test_a_difference_is_shown_of_what_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"mypy.ini": CONFIG, "main.py": TWICE.rstrip("\n")})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert run.fix(["main.py"], diff=True) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.endswith("+    return take(first) + take(second)\n\\ No newline at end of file\n")


# What is printed


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_diff_can_be_applied(tmp_path: Path, line_end: str) -> None:
    """Its lines are those that end with a line feed: a form feed, or a carriage return alone, stands in one."""
    if shutil.which("patch") is None:
        pytest.skip("needs patch")
    source = TWICE.replace("def twice", "\x0c\ndef twice").replace("\n", line_end).encode()
    write(tmp_path, {"mypy.ini": CONFIG})
    (tmp_path / "main.py").write_bytes(source)
    diff = subprocess.run(
        [sys.executable, "-P", "-m", "mypy_plugin", "fix", "--diff", "main.py"], cwd=tmp_path, capture_output=True
    ).stdout
    assert budget_types("fix", "main.py", cwd=tmp_path).code == 0
    fixed = (tmp_path / "main.py").read_bytes()
    assert fixed != source
    (tmp_path / "main.py").write_bytes(source)
    subprocess.run(["patch", "-s", "-p1", "--binary"], cwd=tmp_path, input=diff, check=True)
    assert (tmp_path / "main.py").read_bytes() == fixed


def test_a_report_has_standard_output_for_itself(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": CONFIG, "main.py": TWICE})
    done = budget_types("check", "--fix", "--output", "json", "main.py", cwd=tmp_path)
    assert (done.code, done.out.strip()) == (0, "")
    assert 'split "budget" evenly' in done.err
