"""The command `budget-types`: which sub-commands there are, and how each is called.

Owns the command line and the exit codes it stands for. What a sub-command does is in the module of its name,
imported only when it is asked for, so that a missing mypy is one line and not a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec

__all__ = ["main"]

_NO_MYPY = 'budget-types: mypy is not installed here: pip install "budget-types[check]"'
_NO_LIBCST = 'budget-types: libcst is not installed here: pip install "budget-types[check]"'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit code: for `check` mypy's own, for `fix` 0, 1 or 2 in the same
    way, elsewhere 2 for wrong usage or no mypy.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["check"]:
        # Not argparse's business: all options but a few are mypy's, `--help` included.
        return _check(given[1:])
    if given[:1] == ["fix"] and not {"-h", "--help"} & {*given}:
        # Nor this: all but `--diff` is mypy's.
        return _fix([each for each in given[1:] if each != "--diff"], diff="--diff" in given)
    options = _parser().parse_args(given)
    if options.command == "explain":
        from . import explain

        return explain.run(options.code)
    if options.command == "adopt":
        return _adopt(options)
    return _doctor(options.json, options.config_file)


def _check(arguments: list[str]) -> int:
    if not _has_mypy():
        return 2
    from . import check, reports

    fixes = "--fix" in arguments
    arguments = [each for each in arguments if each != "--fix"]
    try:
        request = reports.requested(arguments)
    except reports.UsageError as error:
        print(f"budget-types: {error}", file=sys.stderr)
        return 2
    failed = False
    if fixes:
        # A report has standard output for itself, mypy's own among them.
        is_report = request is not None or any(each.startswith(("--output", "-O")) for each in arguments)
        with redirect_stdout(sys.stderr if is_report else sys.stdout):
            failed = _fix(arguments if request is None else [*request.arguments], report=False) == 2
    try:
        return (check.run(arguments) if request is None else reports.run(request)) or 2 * failed
    finally:
        # mypy prints its own, and exits.
        if {"-h", "--help"} & set(arguments):
            print(reports.HELP)


def _fix(arguments: list[str], *, diff: bool = False, report: bool = True) -> int:
    if not _has_mypy():
        return 2
    if find_spec("libcst") is None:
        print(_NO_LIBCST, file=sys.stderr)
        return 2
    from .fix import run

    return run.fix(arguments, diff=diff, report=report)


def _adopt(options: argparse.Namespace) -> int:
    if find_spec("libcst") is None:
        print(_NO_LIBCST, file=sys.stderr)
        return 2
    if options.how in ("write", "diff") and not _has_mypy():
        return 2
    from .adopt import run

    return run.adopt(options.paths, caps=options.cap, how=options.how)


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
        help="run mypy with the plugin on; same options and exit codes as mypy, reports for CI, and --fix",
        description="See `budget-types check --help`.",
        add_help=False,
    )
    fix = commands.add_parser(
        "fix",
        help="rewrite what can be mended safely, and report what is left",
        usage="budget-types fix [--diff] [OPTIONS OF MYPY] PATHS",
        description=(
            "Rewrites files where there is a safe way to mend what the checker reports. Each rewrite is checked in "
            "memory first, with the whole program: one that does not take its error away, or brings another, is not "
            "made. Prints each fix and what is left. `budget-types check --fix` does the same and then checks."
        ),
        epilog="Exit code: 0 if nothing is left to report, 1 if errors are, 2 if mypy or a file could not be used.",
    )
    fix.add_argument("--diff", action="store_true", help="print what would change, and write nothing")
    fix.add_argument("paths", nargs="*", metavar="PATHS", help="the files and directories to fix, as for mypy")
    adopt = commands.add_parser(
        "adopt",
        help="list the parameters that pass a cap as a number, or make budgets of them",
        description=(
            "Lists each parameter, field and variable that is a cap by its name and a number by its type: its unit, "
            "what is done with it, and whether it can become a Budget. With --write, those that can be are rewritten, "
            "each with all that it flows into; mypy checks the result first."
        ),
        epilog="Exit code: 0; 1 if a rewrite brought errors about ownership to light; 2 if a file could not be used.",
    )
    how = adopt.add_mutually_exclusive_group()
    adopt.set_defaults(how="list")
    for name, what in [
        ("write", "rewrite what can be rewritten"),
        ("diff", "print what would change, and write nothing"),
        ("json", "list the caps as JSON, one to a line"),
    ]:
        how.add_argument(f"--{name}", action="store_const", const=name, dest="how", help=what)
    adopt.add_argument(
        "--cap",
        action="append",
        default=[],
        metavar="NAME=UNIT",
        help="a name that is a cap, too, with * for any text; UNIT is tokens or usd",
    )
    adopt.add_argument("paths", nargs="+", metavar="PATHS", help="the files and directories of the code base")
    explain = commands.add_parser("explain", help="print the page of an error code, or list the codes")
    explain.add_argument("code", nargs="?", metavar="CODE", help="such as use-after-move")
    doctor = commands.add_parser("doctor", help="say whether the plugin really runs here, and how to mend it")
    doctor.add_argument("--json", action="store_true", help="print what was found as JSON")
    doctor.add_argument("--config-file", metavar="FILE", help="as for mypy")
    return parser
