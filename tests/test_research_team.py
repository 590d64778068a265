"""`fixtures/research_team` runs: what the checker says of the two programs is what happens to them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TEAM = Path(__file__).parents[1] / "fixtures" / "research_team"
CAP = 2_500

pytest.importorskip("pydantic_ai")


def run(program: str) -> str:
    """Run a program of the team and return what it prints."""
    done = subprocess.run([sys.executable, TEAM / program], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def billed(output: str) -> int:
    """The tokens that the provider charged: the total, and the sum of the lines above it."""
    total = re.search(r"^billed +(\d+)  cap (\d+)", output, re.MULTILINE)
    assert total, output
    assert int(total[2]) == CAP
    assert int(total[1]) == sum(map(int, re.findall(r"^(?:planner|researcher|writer) +(\d+)$", output, re.MULTILINE)))
    return int(total[1])


def test_the_photocopied_budget_overshoots() -> None:
    output = run("photocopied.py")
    over = billed(output) - CAP
    assert over > 0
    assert f"OVER by {over}" in output
    assert "no report" in output


def test_the_owned_budgets_keep_the_cap() -> None:
    output = run("owned.py")
    left = CAP - billed(output)
    assert left >= 0
    assert f"within the cap, {left} left" in output
    assert "A report from 4 notes." in output
