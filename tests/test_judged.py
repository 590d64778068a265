"""The verdicts on real packages are whole, and docs/judged.md shows what they add up to. `make judge` renews both."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


EXAMPLE = re.compile(
    r"^(?P<package>\w+), `(?P<file>[\w/]+\.py):(?P<line>\d+)`(?:.(?!^\w+, `))*?^```text\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
"""An example on the page: where it is, and the lines of it that have the code of a report behind them."""
HEADINGS = {"Some that are true": "true", "Some that the rules ask for": "rule"}


def examples() -> Iterator[tuple[str, re.Match[str]]]:
    for section in PAGE.read_text(encoding="utf-8").split("\n## "):
        verdict = HEADINGS.get(section.partition("\n")[0])
        if verdict:
            yield from ((verdict, found) for found in EXAMPLE.finditer(section))


def test_each_example_is_a_report_that_was_judged_so() -> None:
    shown = list(examples())
    assert len(shown) > 10
    for verdict, example in shown:
        near = [
            report
            for report in judged(example["package"]).values()
            if report.file.endswith(f"/{example['file']}") and abs(report.line - int(example["line"])) < 10
        ]
        assert any(report.line == int(example["line"]) for report in near), example[0]
        assert verdict in {report.verdict for report in near}, example[0]
        codes = {word for line in example["code"].splitlines() for word in line.split()[-1:] if word in CODES}
        assert codes <= {report.code for report in near}, example[0]
