"""The plugin changes nothing of what mypy says of code that was not written for it. `make survey` asks more of this."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from command import program, run, write
from survey.corpora import CORPORA, standard_library
from survey.runs import OPTIONS, Outcome, Said, survey
from survey.table import PAGE, renewed, rows_of

CYCLE = {
    "first.py": """\
from __future__ import annotations

from typing import Generic, TypeVar

import second

T = TypeVar("T")


class Column(Generic[T]):
    def dialect(self) -> second.Dialect:
        reveal_type(second.Dialect("x"))
        return second.Dialect("x")
""",
    "second.py": """\
from __future__ import annotations

from typing import Callable, TypeVar

import first

F = TypeVar("F", bound=Callable[..., object])


def renamed(before: str) -> Callable[[F], F]:
    return lambda function: function


class Dialect:
    column: first.Column[int]

    @renamed("title")
    def __init__(self, name: str) -> None:
        self.name = name
""",
    "without.ini": OPTIONS,
    "with.ini": f"{OPTIONS}plugins = mypy_plugin\n",
}
"""What the decorator makes of the constructor is inferred when mypy is at the second module."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return survey(standard_library("asyncio", "email", "json"), tmp_path_factory.mktemp("survey"))


@pytest.mark.xdist_group("survey")
def test_a_part_of_the_standard_library(outcome: Outcome) -> None:
    assert outcome.plugged.crashes == []
    assert outcome.differences == []
    assert outcome.lines > 20_000
    assert len(outcome.classes) == 20
    # The plugin was there, and had much to say.
    assert len(outcome.plugged.ours) > 20
    assert len(outcome.without.mypys) > 500
    assert outcome.without.ours == []


@pytest.mark.parametrize("files", [("first.py", "second.py"), ("second.py", "first.py")])
def test_generic_functions_in_an_import_cycle(files: tuple[str, str], tmp_path: Path) -> None:
    write(tmp_path, CYCLE)
    without, plugged = (
        run([program("mypy"), "--config-file", config, "--cache-dir", f".{config}", *files], cwd=tmp_path)
        for config in ("without.ini", "with.ini")
    )
    assert "Revealed type" in without.out
    assert plugged == without


def _said(*mypys: str, crashes: tuple[str, ...] = ()) -> Said:
    return Said([*mypys], [], [*crashes], 0)


def test_mypys_own_order_at_one_place_is_left_open() -> None:
    one, same_place, later = (
        json.dumps({"file": "a.py", "line": line, "column": 0, "message": text})
        for line, text in ((1, "x"), (1, "y"), (2, "x"))
    )
    well = Outcome("rich", "1", 10, ["rich.text.Text"], _said(one, same_place, later), _said(same_place, one, later))
    assert well.is_well
    assert not replace(well, plugged=_said(one, later, same_place)).is_well


def test_order_counts_as_a_difference_and_a_crash_is_one() -> None:
    well = Outcome("rich", "1", 10, ["rich.text.Text"], _said("a", "b"), _said("a", "b"))
    assert well.is_well
    assert not replace(well, plugged=_said("b", "a")).is_well
    assert not replace(well, plugged=_said("a")).is_well
    assert not replace(well, plugged=_said("a", "b", "c")).is_well
    assert not replace(well, plugged=_said("a", "b", crashes=("INTERNAL ERROR",))).is_well


def test_the_page_has_rows_in_which_nothing_went_wrong() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = rows_of(page)
    assert {*rows} <= {corpus.name for corpus in CORPORA}
    assert rows
    for row in rows.values():
        assert row[-2:] == ["0", "0"], row
    # The sums are those of the rows.
    assert renewed(page, []) == page
