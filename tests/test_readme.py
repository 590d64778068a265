"""The README shows programs and what is said of them: they are checked, and it is said."""

from __future__ import annotations

import re
from pathlib import Path

from command import Done, budget_types, write

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def checked(source: str, directory: Path) -> Done:
    write(directory, {"agents.py": source})
    return budget_types("check", "--strict", "--no-error-summary", "agents.py", cwd=directory)


def test_the_mistake(tmp_path: Path) -> None:
    wrong, _ = blocks("python")
    (said,) = blocks("text")
    assert checked(wrong, tmp_path) == Done(1, said, "")


def test_the_way_out(tmp_path: Path) -> None:
    """In both places, as the sentence below the error says."""
    wrong, _ = blocks("python")
    assert "With `budget.split(400)` in both places" in README
    right = re.sub(r'(research\("\w+", budget)\)', r"\1.split(400))", wrong)
    assert right.count(".split(400)") == 2
    assert checked(right, tmp_path) == Done(0, "", "")


def test_the_budget(tmp_path: Path) -> None:
    _, program = blocks("python")
    assert checked(program, tmp_path) == Done(0, "", "")
