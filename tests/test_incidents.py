"""`fixtures/incidents`: what the table in docs/incidents.md says of each program is what happens to it.

That each gets exactly the errors that it states is for `test_fixtures`; here they run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from expectations import expected

ROOT = Path(__file__).parents[1]
INCIDENTS = ROOT / "fixtures" / "incidents"
PAGE = (ROOT / "docs" / "incidents.md").read_text(encoding="utf-8")
WRONG = sorted(path for path in INCIDENTS.glob("*/*.py") if not path.stem.endswith("_mended"))

ROW = re.compile(
    r"^\| \[(?P<report>[^]]+)\]\((?P<url>https://[^)]+)\)"
    r" \| .+ \| (?P<checker>yes|part|no) \| (?P<run_time>yes|part|no)"
    r" \| .+ \| \[wrong\]\(\.\./fixtures/incidents/(?P<wrong>\w+/\w+\.py)\),"
    r" \[mended\]\(\.\./fixtures/incidents/(?P<mended>\w+/\w+_mended\.py)\) \|$",
    re.MULTILINE,
)

CLUSTER = re.compile(
    r"^\| (\[(?P<name>[a-z ]+)\]\(#[a-z-]+\)|all) \| (?P<paper>\d+) \| (?P<here>\d+)"
    r" \| (?P<checker>\d+, \d+, \d+) \| (?P<run_time>\d+, \d+, \d+) \|$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Incident:
    """A row of the table: a report, its two programs, and whether the checker and the run-time budget stop it."""

    url: str
    checker: str
    run_time: str
    wrong: Path
    mended: Path

    @property
    def group(self) -> str:
        return self.wrong.parent.name


TABLE = [
    Incident(row["url"], row["checker"], row["run_time"], INCIDENTS / row["wrong"], INCIDENTS / row["mended"])
    for row in ROW.finditer(PAGE)
]


def _parameters() -> list[object]:
    return [pytest.param(each, id=each.wrong.relative_to(INCIDENTS).with_suffix("").as_posix()) for each in TABLE]


def run(program: Path) -> str:
    """Run a program as a module, so that it finds what all incidents share. Returns what it prints."""
    module = ".".join(program.relative_to(INCIDENTS).with_suffix("").parts)
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=INCIDENTS, capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_program_is_in_the_table() -> None:
    lines = [line for line in PAGE.splitlines() if "[wrong](../fixtures/incidents/" in line]
    assert len(lines) == len(TABLE), "a row that is not understood"
    assert sorted(each.wrong for each in TABLE) == WRONG
    assert all(each.mended.is_file() and each.mended.stem == f"{each.wrong.stem}_mended" for each in TABLE)


def test_every_group_has_two() -> None:
    groups = Counter(path.parent.name for path in WRONG)
    assert not [group for group, count in groups.items() if count < 2]


def test_the_clusters_are_counted() -> None:
    clusters = list(CLUSTER.finditer(PAGE))
    names = [(row["name"] or "").replace(" ", "_") for row in clusters]
    assert len(names) == 9 and not names[-1], "eight clusters, and all of them together"
    assert int(clusters[-1]["paper"]) == sum(int(row["paper"]) for row in clusters[:-1])
    for name, row in zip(names, clusters, strict=True):
        here = [each for each in TABLE if each.group in ([name] if name else names)]
        assert int(row["here"]) == len(here), name
        assert row["checker"] == _tally(each.checker for each in here), name
        assert row["run_time"] == _tally(each.run_time for each in here), name


def _tally(verdicts: Iterable[str]) -> str:
    counts = Counter(verdicts)
    return ", ".join(str(counts[verdict]) for verdict in ("yes", "part", "no"))


@pytest.mark.parametrize("incident", _parameters())
def test_what_the_table_says_of_it(incident: Incident) -> None:
    wrong, mended = incident.wrong.read_text(encoding="utf-8"), incident.mended.read_text(encoding="utf-8")
    assert incident.url in wrong, "the program names its report"
    assert bool(expected(wrong)) == (incident.checker != "no")
    assert not expected(mended)
    has_budget = re.compile(r"^from budget_types import .*\bBudget", re.MULTILINE)
    if incident.run_time == "no":
        assert has_budget.search(wrong), "a budget does not stop it: it needs one to show that"
    else:
        assert has_budget.search(mended), "a budget stops it: it needs one to show that"


@pytest.mark.parametrize("incident", _parameters())
def test_the_wrong_one_goes_wrong_and_the_mended_one_does_not(incident: Incident) -> None:
    wrong, mended = run(incident.wrong), run(incident.mended)
    assert re.search(r"^billed \d+ in \d+ calls, cap \d+: OVER by \d+$", wrong, re.MULTILINE), wrong
    assert re.search(r"^billed \d+ in \d+ calls, cap \d+: within the cap, \d+ left$", mended, re.MULTILINE), mended
