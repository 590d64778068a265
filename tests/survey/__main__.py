"""`make survey`: the plugin over the corpora that are named, or all, against mypy without it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .corpora import CORPORA
from .runs import Outcome, survey
from .table import PAGE, renewed
from .ways import other_ways


def main() -> int:
    by_name = {corpus.name: corpus for corpus in CORPORA}
    parser = argparse.ArgumentParser(prog="python -m survey", description=__doc__)
    parser.add_argument("corpora", nargs="*", metavar="CORPUS", help=", ".join(by_name))
    parser.add_argument("--update", action="store_true", help="renew the table in docs/crash-safety.md")
    parser.add_argument("--show", action="store_true", help="print what the plugin reports, too")
    parser.add_argument("--ways", action="store_true", help="also from the cache, with workers, and in the daemon")
    parser.add_argument("--in", dest="directory", type=Path, help="leave everything there, in an empty directory")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.corpora if name not in by_name]
    if unknown:
        parser.error(f"no corpus is called {unknown[0]}: {', '.join(by_name)}")

    failed = False
    for name in arguments.corpora or by_name:
        with tempfile.TemporaryDirectory() as scratch:
            directory = (arguments.directory or Path(scratch)) / name
            directory.mkdir(parents=True)
            outcome = survey(by_name[name], directory)
            _tell(outcome, show=arguments.show)
            failed = failed or not outcome.is_well
            for way in other_ways(by_name[name], directory, outcome) if arguments.ways else ():
                wrong = [*way.crashes, *way.mypys, *way.ours]
                print(*wrong, f"{name}, {way.name}: {len(wrong)} lines of difference and crashes", sep="\n", flush=True)
                failed = failed or bool(wrong)
        if arguments.update:
            PAGE.write_text(renewed(PAGE.read_text("utf-8"), [outcome]), "utf-8")
    return 1 if failed else 0


def _tell(outcome: Outcome, *, show: bool) -> None:
    for line in [*outcome.plugged.crashes, *outcome.differences, *(outcome.plugged.ours if show else [])]:
        print(line)
    print(
        f"{outcome.name} {outcome.version}: {outcome.lines:,} lines, {len(outcome.classes)} classes affine,"
        f" {len(outcome.plugged.ours):,} reports, {len(outcome.without.mypys):,} messages of mypy,"
        f" {len(outcome.differences)} lines of difference, {len(outcome.plugged.crashes)} crashes;"
        f" {outcome.without.seconds:.0f} s without, {outcome.plugged.seconds:.0f} s with the plugin",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
