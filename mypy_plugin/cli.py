"""The command `budget-types`: which sub-commands there are, and how each is called.

Owns the command line and the exit codes it stands for. What a sub-command does is in the module of its name,
imported only when it is asked for, so that a missing mypy is one line and not a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["main"]

_NO_MYPY = 'budget-types: mypy is not installed here: pip install "budget-types[check]"'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit code: for `check` mypy's own, elsewhere 2 for wrong usage or no mypy."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["check"]:
        # Not argparse's business: all options but a few are mypy's, `--help` included.
        return _check(given[1:])
    options = _parser().parse_args(given)
    if options.command == "explain":
        from . import explain

        return explain.run(options.code)
    return _doctor(options.json, options.config_file)


def _check(arguments: list[str]) -> int:
    if not _has_mypy():
        return 2
    from . import reports

    try:
        request = reports.requested(arguments)
    except reports.UsageError as error:
        print(f"budget-types: {error}", file=sys.stderr)
        return 2
    if request is not None:
        return reports.run(request)
    from . import check

    try:
        return check.run(arguments)
    finally:
        # mypy prints its own, and exits.
        if {"-h", "--help"} & set(arguments):
            print(reports.HELP)


def _doctor(as_json: bool, config_file: str | None) -> int:
    if not _has_mypy():
        return 2
    from . import doctor

    return doctor.run(as_json=as_json, config_file=config_file)


def _has_mypy() -> bool:
    found = find_spec("mypy") is not None
    if not found:
        print(_NO_MYPY, file=sys.stderr)
    return found


def _parser() -> argparse.ArgumentParser:
    from budget_types import __version__

    parser = argparse.ArgumentParser(prog="budget-types", description="One owner for every budget.")
    parser.add_argument("-V", "--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser(
        "check",
        help="run mypy with the plugin on; same options and exit codes as mypy, and reports for CI",
        description="See `budget-types check --help`.",
        add_help=False,
    )
    explain = commands.add_parser("explain", help="print the page of an error code, or list the codes")
    explain.add_argument("code", nargs="?", metavar="CODE", help="such as use-after-move")
    doctor = commands.add_parser("doctor", help="say whether the plugin really runs here, and how to mend it")
    doctor.add_argument("--json", action="store_true", help="print what was found as JSON")
    doctor.add_argument("--config-file", metavar="FILE", help="as for mypy")
    return parser
