"""The verdicts on real packages are whole, and docs/judged.md shows what they add up to. `make judge` renews both."""

from __future__ import annotations

import pytest
from judge import CODES, PAGE, VERDICTS, Outcome, counts, judged, packages


@pytest.mark.parametrize("package", packages())
def test_every_report_was_judged(package: str) -> None:
    reports = judged(package)
    assert reports
    for report in reports.values():
        assert report.code in CODES
        assert report.verdict in VERDICTS
        assert (report.verdict == "unjudged") == (not report.reason), report


def test_the_page_shows_the_counts() -> None:
    stored = [Outcome(package, list(judged(package).values()), [], []) for package in packages()]
    assert counts(stored) in PAGE.read_text(encoding="utf-8")
