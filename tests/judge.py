"""Real packages under the checker: what it reports of them, against what was judged by reading their source.

    python tests/judge.py [--update] [PACKAGE ...]

In `judged/` lies a directory for each package: `mypy.ini`, which makes some of its classes affine, and
`reports.json`, the reports that were read, each with a verdict and the reason for it:

true         the value really has two owners there, or is used by one who gave it away
rule         nobody keeps the value, but the code does not say so: the rules ask for a word (`Borrowed`, `@consumes`)
false alarm  nothing is wrong and nothing is left unsaid

The packages are installed in the versions that pyproject.toml pins, so a report is the same one as long as its file,
line, column and code are. `--update` writes down what is new as `unjudged`, forgets what is gone, and renews the table
in docs/judged.md. Without it, anything new or gone is an error.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from configparser import ConfigParser
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["CODES", "PAGE", "VERDICTS", "Outcome", "counts", "judged", "packages"]

ROOT: Final = Path(__file__).parents[1]
JUDGED: Final = ROOT / "tests" / "judged"
PAGE: Final = ROOT / "docs" / "judged.md"
CODES: Final = ("use-after-move", "budget-copied", "move-of-borrowed", "loan-conflict", "ownership-mismatch")
VERDICTS: Final = ("true", "rule", "false alarm", "unjudged")
FAILED: Final = "budget-types failed on this module"
TABLE: Final = re.compile(r"(?<=<!-- counts -->\n).*?(?=<!-- end of counts -->)", re.DOTALL)

Key: TypeAlias = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Report:
    """One report of ours, and what it was found to be."""

    file: str
    line: int
    column: int
    code: str
    message: str
    verdict: str = "unjudged"
    reason: str = ""

    @property
    def key(self) -> Key:
        """What makes it the same report in another run; wording may change."""
        return self.file, self.line, self.column, self.code


@dataclass(frozen=True, slots=True)
class Outcome:
    """One package: what is reported now, with the verdicts of before, and what became of the rest."""

    package: str
    reports: list[Report]
    gone: list[Report]
    failures: list[str]

    def count(self, verdict: str) -> int:
        """How many of the reports have this verdict."""
        return sum(report.verdict == verdict for report in self.reports)

    def row(self) -> list[str]:
        """The line of the table."""
        numbers = [len(classes(self.package)), len(self.reports), *map(self.count, VERDICTS), len(self.failures)]
        return [f"{self.package} {pinned()[self.package]}", *map(str, numbers)]


def packages() -> list[str]:
    """The packages that there are verdicts of."""
    return sorted(path.parent.name for path in JUDGED.glob("*/mypy.ini"))


def pinned() -> dict[str, str]:
    """The versions that pyproject.toml asks for, by package."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return dict(item.split("==") for item in groups["judged"] if isinstance(item, str))


def classes(package: str) -> list[str]:
    """The classes that its configuration makes affine."""
    parser = ConfigParser()
    parser.read(JUDGED / package / "mypy.ini", encoding="utf-8")
    return parser["budget-types"]["affine"].split()


def check(package: str) -> tuple[list[Report], list[str]]:
    """Run mypy on the package's own source: what we report in it, and where the plugin failed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None or importlib.metadata.version(package) != pinned()[package]:
        raise SystemExit(f"{package} {pinned()[package]} is not installed: make judge does that")
    with tempfile.TemporaryDirectory() as scratch:
        # Not from site-packages, where mypy reports nothing.
        shutil.copytree(Path(spec.origin).parent, Path(scratch, package), ignore=shutil.ignore_patterns("*.pyc"))
        shutil.copy(JUDGED / package / "mypy.ini", scratch)
        command = [sys.executable, "-m", "mypy", "--config-file=mypy.ini", "--output=json", "-p", package]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, encoding="utf-8")
    if done.returncode not in (0, 1) or (done.stderr and not done.stdout):
        raise SystemExit(f"mypy did not get through {package}:\n{done.stdout}{done.stderr}")
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    reports = [
        Report(item["file"].replace("\\", "/"), item["line"], item["column"], item["code"], item["message"])
        for item in found
        if item["severity"] == "error" and item["code"] in CODES
    ]
    failures = [f"{item['file']}: {item['message']}" for item in found if FAILED in item["message"]]
    return sorted(reports, key=lambda report: report.key), failures


def judged(package: str) -> dict[Key, Report]:
    """The reports that were read before."""
    path = JUDGED / package / "reports.json"
    if not path.exists():
        return {}
    reports = [Report(**item) for item in json.loads(path.read_text("utf-8"))]
    for report in reports:
        assert report.verdict in VERDICTS, f"{path}: {report.verdict!r} is no verdict"
        assert report.reason or report.verdict == "unjudged", f"{path}: no reason for {report}"
    return {report.key: report for report in reports}


def compare(package: str) -> Outcome:
    """Check a package, and give each report the verdict that it has."""
    known = judged(package)
    now, failures = check(package)
    reports = []
    for report in now:
        before = known.pop(report.key, None)
        if before is None:
            reports.append(report)
        else:
            reports.append(Report(*report.key, report.message, before.verdict, before.reason))
    return Outcome(package, reports, list(known.values()), failures)


def store(outcome: Outcome) -> None:
    """Write down what is reported now."""
    text = json.dumps([asdict(report) for report in outcome.reports], indent=1, ensure_ascii=False)
    (JUDGED / outcome.package / "reports.json").write_text(text + "\n", "utf-8")


def counts(outcomes: list[Outcome]) -> str:
    """The counts in Markdown, by package and by rule."""
    return f"{_by_package(outcomes)}\n{_by_code(outcomes)}"


def _by_package(outcomes: Iterable[Outcome]) -> str:
    head = ["package", "classes", "reports", *VERDICTS, "plugin failures"]
    rows = [outcome.row() for outcome in outcomes]
    total = ["all", *(str(sum(int(row[column]) for row in rows)) for column in range(1, len(head)))]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows, total]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _by_code(outcomes: Iterable[Outcome]) -> str:
    found = Counter((report.code, report.verdict) for outcome in outcomes for report in outcome.reports)
    lines = [["code", "reports", *VERDICTS], ["---", *["---:"] * (len(VERDICTS) + 1)]]
    for code in CODES:
        row = [found[code, verdict] for verdict in VERDICTS]
        if any(row):
            lines.append([f"`{code}`", *map(str, [sum(row), *row])])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> int:
    """Check, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", default=packages())
    parser.add_argument("--update", action="store_true", help="write down what is reported now")
    arguments = parser.parse_args()

    outcomes = [compare(package) for package in arguments.packages]
    for outcome in outcomes:
        for failure in outcome.failures:
            print(f"FAILED    {failure}")
        for report in outcome.gone:
            print(f"gone      {report.file}:{report.line}: {report.message}  [{report.code}] (was: {report.verdict})")
        for report in outcome.reports:
            if report.verdict == "unjudged":
                print(f"unjudged  {report.file}:{report.line}: {report.message}  [{report.code}]")
        if arguments.update:
            store(outcome)
    print(counts(outcomes))
    if arguments.update and arguments.packages == packages():
        text = PAGE.read_text("utf-8")
        PAGE.write_text(TABLE.sub(lambda _: f"\n{counts(outcomes)}\n", text), "utf-8")
    failed = any(outcome.failures for outcome in outcomes)
    differs = any(outcome.gone or outcome.count("unjudged") for outcome in outcomes)
    return 1 if failed or (differs and not arguments.update) else 0


if __name__ == "__main__":
    sys.exit(main())
