"""`fixtures/experiment` comes out as the paper's did, and as docs/experiment.md says."""

from __future__ import annotations

import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command import Done, python, run

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/experiment.md").read_text("utf-8")
EXPERIMENT = ROOT / "fixtures/experiment"
OURS = {"static_reservation.py", "adaptive_reservation.py", "refund_by_merge.py", "adaptive_pool.py"}
OVERSHOOTING = {"plain_counter.py", "shared_counter.py"}

Row = dict[str, Any]

pytestmark = pytest.mark.xdist_group("experiment")


class Report(NamedTuple):
    """What the experiment prints, and what it writes as JSON."""

    text: str
    rows: list[Row]


@cache
def experiment(*arguments: str) -> Report:
    """Run the experiment, once for the same arguments."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "rows.json")
        done = run(python(str(EXPERIMENT / "run.py"), *arguments, "--json", str(file)), cwd=ROOT)
        assert done.code == 0, done.err
        return Report(done.out, json.loads(file.read_text("utf-8"))["rows"])


@pytest.fixture
def rows() -> list[Row]:
    """The whole experiment."""
    return experiment().rows


def only(rows: list[Row], program: str, cap: int) -> Row:
    """One program under one cap."""
    (row,) = [row for row in rows if (row["program"], row["cap"]) == (program, cap)]
    return row


# E had a shorter prompt in the paper, and spent 1; here the prompt is the same for all.
@pytest.mark.parametrize(
    ("program", "cap", "overshoots", "admitted", "spent"),
    [
        ("plain_counter.py", 60, 30, 3, 69),
        ("shared_counter.py", 60, 30, 3, 69),
        ("locked_counter.py", 60, 0, 1, 23),
        ("owned_slices.py", 60, 0, 0, 0),
        ("owned_slices.py", 100, 0, 3, 69),
        ("pool.py", 60, 0, 1, 23),
    ],
)
def test_the_paper(rows: list[Row], program: str, cap: int, overshoots: int, admitted: int, spent: int) -> None:
    row = only(rows, program, cap)
    assert row["runs"] == 30
    assert (row["overshoots"], row["admitted"], row["spent"]) == (overshoots, admitted, spent)


@pytest.mark.parametrize("cap", [50, 60, 69, 100])
def test_a_shared_counter_overshoots_exactly_when_three_calls_cost_more_than_the_cap(rows: list[Row], cap: int) -> None:
    for program in OVERSHOOTING:
        assert only(rows, program, cap)["overshoots"] == (30 if cap < 3 * 23 else 0)


def test_nothing_else_overshoots(rows: list[Row]) -> None:
    assert {row["program"] for row in rows if row["overshoots"]} == OVERSHOOTING


def test_ours_refuse_nobody_falsely(rows: list[Row]) -> None:
    ours = [row for row in rows if row["program"] in OURS]
    assert {row["runs"] for row in ours} == {160}
    # A fixed estimate of 31 for what costs 23 is too much where there is nothing to spare.
    assert {(row["program"], row["cap"]): row["false_refusals"] for row in ours if row["false_refusals"]} == {
        ("static_reservation.py", 69): 160
    }


def test_ours_admit_as_many_as_fit(rows: list[Row]) -> None:
    for row in rows:
        if row["program"] in OURS - {"static_reservation.py"}:
            assert row["admitted"] == min(3, row["cap"] // 23)


def test_over_reservation(rows: list[Row]) -> None:
    assert only(rows, "static_reservation.py", 100)["over_reservation"] == round(31 / 23, 3)
    assert only(rows, "adaptive_reservation.py", 100)["over_reservation"] == 1
    assert only(rows, "owned_slices.py", 100)["over_reservation"] == round(100 / 69, 3)
    assert only(rows, "owned_slices.py", 60)["over_reservation"] is None
    assert only(rows, "plain_counter.py", 60)["over_reservation"] is None


def test_the_checker_was_asked(rows: list[Row]) -> None:
    assert {row["program"]: row["checker"] for row in rows if row["checker"] != "clean"} == {
        "shared_counter.py": "2 errors (budget-copied)"
    }


def test_rows_are_complete(rows: list[Row]) -> None:
    assert {row["cap"] for row in rows} == {50, 60, 69, 100}
    programs = {path.name for path in EXPERIMENT.glob("*.py")} - {"run.py", "report.py", "simulation.py"}
    for cap in (50, 60, 69, 100):
        assert {row["program"] for row in rows if row["cap"] == cap} == programs
    for row in rows:
        assert row["refused"] == round((3 - row["admitted"]) * row["runs"])
        assert row["spent"] == row["admitted"] * 23


def test_another_seed_is_another_experiment() -> None:
    few = ("--runs", "5", "--owned-runs", "5", "--caps", "60", "--spread", "10")
    assert experiment(*few, "--seed", "7") != experiment(*few, "--seed", "8")


def test_answers_that_vary() -> None:
    """A overshoots in just the runs that were not affordable, and a false refusal needs one that was."""
    varied = experiment("--spread", "10", "--caps", "50,58,60,62,69").rows
    assert any(0 < row["unaffordable"] < row["runs"] for row in varied)
    for row in varied:
        if row["program"] in OVERSHOOTING:
            assert row["overshoots"] == row["unaffordable"]
        assert row["overshoots"] <= row["unaffordable"]
        assert row["false_refusals"] <= min(row["refused"], 3 * (row["runs"] - row["unaffordable"]))


def test_a_class_that_is_declared_affine_gets_the_same_errors(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine = plain_counter.Counter\n", "utf-8")
    options = [f"--config-file={config}", f"--cache-dir={tmp_path / 'cache'}", "--output=json", "plain_counter.py"]
    done = run(python("-m", "mypy", *options), cwd=EXPERIMENT)
    errors = [json.loads(line) for line in done.out.splitlines()]
    assert [error["code"] for error in errors if error["severity"] == "error"] == ["budget-copied"] * 2


@pytest.mark.parametrize("block", re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_page_shows_what_is_printed(block: str) -> None:
    """Each time, on each machine: a seed settles everything."""
    command, _, output = block.partition("\n")
    assert experiment(*command.removeprefix("$ python fixtures/experiment/run.py").split()).text == output


def test_the_picture_shows_the_rows(rows: list[Row]) -> None:
    """The picture in `docs/` is that of these rows: its labels say how many are admitted, a panel for each cap."""
    picture = (ROOT / "docs/experiment.svg").read_text("utf-8")
    assert re.findall(r">(\d) of 3</text>", picture) == [str(int(row["admitted"])) for row in rows]
    assert picture.count("fill: #cf222e") == sum(row["overshoots"] > 0 for row in rows)


def test_plot(tmp_path: Path) -> None:
    command = python(str(EXPERIMENT / "run.py"), "--runs", "2", "--owned-runs", "2", "--caps", "60", "--plot")
    done = [run([*command, name], cwd=tmp_path) for name in ("a.svg", "b.svg")]
    assert [each.code for each in done] == [0, 0], done
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_plot_without_matplotlib(tmp_path: Path) -> None:
    program = "import sys, runpy; sys.modules['matplotlib'] = None; sys.argv[1:] = ['--plot', 'a.svg']; "
    program += f"sys.path.insert(0, {str(EXPERIMENT)!r}); runpy.run_module('run', run_name='__main__')"
    done = run(python("-c", program), cwd=tmp_path)
    assert done == Done(1, "", '--plot needs matplotlib: pip install "budget-types[plot]"\n')
