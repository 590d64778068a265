"""The text that the fixer leaves: edits and imports, the names it makes up, and files, kept to the byte elsewhere.

What a rewrite means is no concern of this module.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from command import budget_types, write
from expectations import CONFIG
from fixing import mended

from mypy_plugin.fix import Edit, apply
from mypy_plugin.fix.edits import between, line_before
from mypy_plugin.fix.imports import spelling
from mypy_plugin.fix.source import parsed
from mypy_plugin.fix.texts import ChangedMeanwhile, Text
from mypy_plugin.fix.texts import write as write_text

pytestmark = pytest.mark.xdist_group("fix")


# What is kept to the byte

FAN_OUT = """\
import asyncio
from budget_types import Budget, Usd
async def ask(prompt: str, budget: Budget) -> str: return prompt + str(budget.close())
async def both(budget : Budget)->object :
    # \N{LATIN SMALL LETTER E WITH ACUTE} in front
    x = "\N{LATIN SMALL LETTER E WITH ACUTE}" ;  return await asyncio.gather( ask('a',budget) ,ask("b" , (budget)) ) # y
"""
SPLIT = """\
import asyncio
from budget_types import Budget, Usd
async def ask(prompt: str, budget: Budget) -> str: return prompt + str(budget.close())
async def both(budget : Budget)->object :
    # \N{LATIN SMALL LETTER E WITH ACUTE} in front
    first, second = budget.split_evenly(2)
    x = "\N{LATIN SMALL LETTER E WITH ACUTE}" ;  return await asyncio.gather( ask('a',first) ,ask("b" , (second)) ) # y
"""


def _odd(text: str) -> dict[str, bytes]:
    """One program in many clothes."""
    return {
        "plain.py": text.encode(),
        "windows.py": text.replace("\n", "\r\n").encode(),
        "marked.py": ("\ufeff" + text).encode(),
        "marked_windows.py": ("\ufeff" + text.replace("\n", "\r\n")).encode(),
        "tabs.py": text.replace("    ", "\t").encode(),
        "no_end.py": text.rstrip("\n").encode(),
        "latin.py": ("# -*- coding: latin-1 -*-\n" + text).encode("latin-1"),
    }


def test_what_is_not_edited_is_kept(tmp_path: Path) -> None:
    assert mended(tmp_path, _odd(FAN_OUT)) == _odd(SPLIT)


# Edits


def test_edits_are_made_where_they_say() -> None:
    text = "a\r\nbc\rd\n"
    edits = [Edit("", (3, 0), (3, 1), "D"), Edit("", (2, 1), (2, 1), "+"), Edit("", (4, 0), (4, 0), "e\n")]
    assert apply(text, edits) == "a\r\nb+c\rD\ne\n"
    assert apply("", [Edit("", (1, 0), (1, 0), "x")]) == "x"
    with pytest.raises(ValueError, match="line 1"):
        apply(text, [Edit("", (1, 0), (1, 1), "x"), Edit("", (1, 0), (2, 1), "y")])


@pytest.mark.parametrize(("before", "after"), [("", "a\n"), ("a\nb\nc", "a\nc\n"), ("a\nb\n", "b\na\nd\n"), ("a", "")])
def test_edits_between_two_texts(before: str, after: str) -> None:
    assert apply(before, between("", before, after)) == after


def test_lines_are_found_in_the_old_text() -> None:
    edits = [Edit("", (2, 0), (2, 0), "new\nnew\n"), Edit("", (5, 0), (7, 0), "")]
    assert [line_before(edits, line) for line in (1, 3, 5, 6, 7, 8)] == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 7), (8, 8)]


# Imports


def test_an_import_is_added_in_the_clothes_of_the_file(tmp_path: Path) -> None:
    source = """\
'''What it does.'''
from __future__ import annotations

from budget_types import (
    Budget,  # one owner
)


def look(budget: Budget) -> int:
    return budget.remaining


def twice(budget: Budget) -> int:
    return look(budget) + look(budget)
""".replace("\n", "\r\n")
    wanted = source.replace("    Budget,  #", "    Borrowed,\r\n    Budget,  #")
    wanted = wanted.replace("look(budget: Budget)", "look(budget: Borrowed[Budget])")
    assert mended(tmp_path, {"main.py": source.encode()}) == {"main.py": wanted.encode()}


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("import os\n\nfrom .a import x\n", "import os\n\nfrom budget_types import Borrowed\n\nfrom .a import x\n"),
        ("import attr\n\nfrom . import x\n", "import attr\nfrom budget_types import Borrowed\n\nfrom . import x\n"),
        ("import attr\nfrom .a import x\n", "import attr\nfrom budget_types import Borrowed\nfrom .a import x\n"),
        ("from .a import (\n    x,\n)\n", "from budget_types import Borrowed\n\nfrom .a import (\n    x,\n)\n"),
        (
            "import os\n\n# ours\nfrom .a import x\n",
            "import os\n\n# ours\nfrom .a import x\nfrom budget_types import Borrowed\n",
        ),
        # By the name of the package, the same.
        (
            "import attr\n\nfrom team.a import x\nimport team.b\n",
            "import attr\nfrom budget_types import Borrowed\n\nfrom team.a import x\nimport team.b\n",
        ),
        ("import team\n", "from budget_types import Borrowed\n\nimport team\n"),
    ],
)
def test_an_import_stands_above_those_of_the_package(head: str, wanted: str) -> None:
    source = parsed("src/team/main.py", f"{head}\n\nx()\n")
    assert source is not None
    _, edits = spelling(source, "budget_types", "Borrowed")
    assert apply(source.text, edits) == f"{wanted}\n\nx()\n"


@pytest.mark.parametrize(
    "definition", ["def f(): ...\n", "async def f(): ...\n", "class C: ...\n", "@a\nclass C: ...\n"]
)
def test_the_only_import_stands_two_lines_above_a_definition(definition: str) -> None:
    for head in ("", '"""Text."""\n\n', '"""Text."""\n'):
        source = parsed("main.py", head + definition)
        assert source is not None
        _, edits = spelling(source, "budget_types", "Borrowed")
        above = f"{head.rstrip()}\n\n" if head else ""
        assert apply(source.text, edits) == f"{above}from budget_types import Borrowed\n\n\n{definition}"


def test_an_import_above_others_that_stand_below_a_definition() -> None:
    source = parsed("main.py", "def f(): ...\n\n\nimport os\n")
    assert source is not None
    _, edits = spelling(source, "budget_types", "Borrowed")
    assert apply(source.text, edits) == f"from budget_types import Borrowed\n\n\n{source.text}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"""D."""; x = 1\n', '"""D."""; x = 1\n\nfrom budget_types import Borrowed\n'),
        ('"""D."""; x = 1', '"""D."""; x = 1\n\nfrom budget_types import Borrowed'),
        ('"""D."""; x = 1\ny = 2\n', '"""D."""; x = 1\n\nfrom budget_types import Borrowed\n\ny = 2\n'),
        ("'D.' ; import os\r\n\r\nx\r\n", "'D.' ; import os\r\nfrom budget_types import Borrowed\r\n\r\nx\r\n"),
        (
            '\ufeff"""D."""; from __future__ import annotations\nimport a\n',
            '\ufeff"""D."""; from __future__ import annotations\nimport a\nfrom budget_types import Borrowed\n',
        ),
    ],
)
def test_a_docstring_with_more_on_its_line_stays_first(text: str, wanted: str) -> None:
    source = parsed("main.py", text)
    assert source is not None
    _, edits = spelling(source, "budget_types", "Borrowed")
    assert apply(source.text, edits) == wanted


CHECKED_ONLY = """\
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budget_types import Budget


class Team:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget


def spend(budget: Budget) -> None:
    budget.spend(1)


def run(budget: Budget) -> int:
    spend(budget)
    return budget.remaining
"""


def test_what_runs_is_imported_where_it_runs(tmp_path: Path) -> None:
    """mypy takes an import for type checkers for one, and would not see that the name means nothing later."""
    write(tmp_path, {"main.py": CHECKED_ONLY})
    (tmp_path / "mypy.ini").write_text(f"{CONFIG}enable_error_code = budget-escape\n", encoding="utf-8")
    done = budget_types("fix", "main.py", cwd=tmp_path)
    assert done.code == 0
    text = (tmp_path / "main.py").read_text(encoding="utf-8")
    assert "import TYPE_CHECKING\n\nfrom budget_types import Borrowed, affine\n\nif TYPE_CHECKING:\n" in text
    assert "@affine\nclass Team:" in text
    exec(compile(text, "main.py", "exec"), {})


PERHAPS = """\
import sys

if sys.version_info >= (3, 9):
    from budget_types import Budget
else:
    from budget_types import Budget as Budget


def spend(budget: Budget) -> None:
    budget.spend(1)


def run(budget: Budget) -> int:
    spend(budget)
    return budget.remaining
"""
TRIED = "try:\n    from budget_types import Budget\nexcept ImportError:\n    {}\n" + PERHAPS.partition("as Budget\n")[2]


def test_what_may_not_be_imported_is_not_counted_on(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": PERHAPS})["main.py"].decode()
    assert "import sys\n\nfrom budget_types import Borrowed\n\nif sys" in made
    exec(compile(made, "main.py", "exec"), {})
    without = TRIED.format("Budget = None  # type: ignore[assignment,misc]")
    assert mended(tmp_path, {"main.py": without}) == {"main.py": without.encode()}
    needed = f"import sys\n{TRIED.format('sys.exit(1)')}"
    made = mended(tmp_path, {"main.py": needed})["main.py"].decode()
    assert "    from budget_types import Borrowed, Budget\n" in made


# Names


def test_parts_take_no_name_that_is_taken(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def first(budget: Budget) -> int:
    return take(budget) + take(budget)
def taken(first: int, part: int, parts: int, budget: Budget, other: Budget) -> int:
    total = take(budget) + take(budget) + first
    for round in range(3):
        total += take(other) + round
    return total + part + parts
def many(budget: Budget) -> list[int]:
    return [take(budget), take(budget), take(budget), take(budget), take(budget)]
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    budget_1, budget_2 = budget.split_evenly(2)\n    return take(budget_1) + take(budget_2)\n" in after
    assert "    budget_1, budget_2 = budget.split_evenly(2)\n    total =" in after
    assert (
        "    other_parts = other.split_evenly(3)\n    for round, other_part in zip(range(3), other_parts):\n" in after
    )
    assert "budget_4, budget_5 = budget.split_evenly(5)\n" in after


# Files


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_bytes(b"new")
    with pytest.raises(ChangedMeanwhile):
        write_text(str(path), b"old", b"fixed")
    assert path.read_bytes() == b"new"
    link = tmp_path / "link.py"
    link.symlink_to("main.py")
    path.chmod(0o750)
    write_text(str(link), b"new", b"fixed")
    assert path.read_bytes() == b"fixed"
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o750)
    assert {each.name for each in tmp_path.iterdir()} == {"main.py", "link.py"}


def test_what_cannot_be_written_back_is_not_read() -> None:
    assert Text.of(b"\xff") is None
    assert Text.of(b"# coding: nonsense\n") is None
    text = Text.of(b"# coding: latin-1\n\xe9")
    assert text is not None and text.text.endswith("\N{LATIN SMALL LETTER E WITH ACUTE}")
    with pytest.raises(UnicodeEncodeError):
        text.replaced("\N{EURO SIGN}").encoded()
