"""The benchmark runs from end to end on inputs that are too small to say anything, and its page has what it prints."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from command import Done, run

BENCH = Path(__file__).parents[1] / "bench"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
GOALS = {"a": 1.02, "b": 1.10, "c": 1.02, "d": 1.05, "e": 1.03, "f": 1.1, "g": None}
"""What each row is not to be above."""
BLOCK = re.compile(r"(?s)(?<=<!-- what `make bench` printed -->)(.*?)(?=<!-- end)")
"""What `--update` writes where the plugin is not compiled."""
TABLE = re.compile(r"\|---\|.*\n((?:\|.*\n)+)")


def bench(*arguments: str, cwd: Path) -> Done:
    return run([sys.executable, str(BENCH / "table.py"), *arguments], cwd=cwd)


def cells(text: str) -> list[list[str]]:
    """The lines of the table in a text, as what stands in their columns."""
    (body,) = TABLE.findall(text)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]


def test_all_rows(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = bench("--tiny", "--json", str(report), cwd=tmp_path)
    assert done.code == 0, done.err
    lines = cells(done.out)
    rows = json.loads(report.read_text("utf-8"))["rows"]
    assert len(lines) == len(rows)
    assert {row["row"] for row in rows} == set(GOALS)
    for letter, what, _, _, figure, _, goal, met in lines:
        (row,) = (row for row in rows if row["what"] == what)
        assert letter == row["row"]
        assert figure == f"{row['figure']:.3f}"
        assert row["goal"] == GOALS[letter]
        assert bool(goal) == (row["goal"] is not None)
        assert met == {None: "", True: "yes", False: "no"}[row["is_met"]]
        assert row["is_met"] is (None if row["goal"] is None else row["figure"] <= row["goal"])
    assert {letter for letter, *_ in lines} == set(GOALS)
    # Memory was measured wherever time was.
    timed = [row["what"].partition(" lines")[0] for row in rows if row["row"] in "abcd"]
    assert sum(row["row"] == "e" for row in rows) == len(timed) == 7


def test_a_row_by_its_letter(tmp_path: Path) -> None:
    done = bench("f", "--tiny", cwd=tmp_path)
    assert done.code == 0, done.err
    assert [letter for letter, *_ in cells(done.out)] == ["f", "f"]


@pytest.mark.parametrize("arguments", [["h"], ["--runs", "many"]])
def test_wrong_arguments(arguments: list[str], tmp_path: Path) -> None:
    done = bench(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert arguments[-1] in done.err


def test_update_replaces_the_table_and_nothing_else(tmp_path: Path) -> None:
    copy = tmp_path / "bench"
    shutil.copytree(BENCH, copy, ignore=shutil.ignore_patterns("__pycache__"))
    page = tmp_path / "docs" / "performance.md"
    page.parent.mkdir()
    text = PAGE.read_text("utf-8")
    for expected in ("| old |", "of an earlier run"):
        before, old, after = BLOCK.split(text, maxsplit=1)
        page.write_text(f"{before}{expected}{after}", "utf-8")
        done = run([sys.executable, str(copy / "table.py"), "f", "--tiny", "--update"], cwd=tmp_path)
        assert done.code == 0, done.err
        written = BLOCK.split(page.read_text("utf-8"), maxsplit=1)
        assert cells(written[1]) == cells(done.out)
        assert (written[0], written[2]) == (before, after)
        assert written[1] not in (old, expected)


def test_every_sample_handles_budgets() -> None:
    """But for the one that stands for a library."""
    tree = ast.parse((BENCH / "samples.py").read_text("utf-8"))
    without = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            if names.isdisjoint({"Budget", "Agent", "budget", "self"}):
                without.add(node.name)
    assert without == {"model"}
