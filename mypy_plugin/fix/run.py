"""`budget-types fix`: mend files, or show how they would be mended."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .checker import Checker, CheckFailed, look
from .engine import Applied, mend
from .mypy_errors import MypyError
from .output import show, write_all
from .table import PROPOSERS
from .verify import Program

__all__ = ["fix"]


def fix(arguments: list[str], *, diff: bool = False, report: bool = True) -> int:
    """Fix the files that mypy's `arguments` name. Returns 0 if nothing is left, 1 if errors are, 2 if it failed.

    `diff`: print what would change, and write nothing. `report`: also print what is left.
    """
    try:
        found = look(arguments)
        if not any(error.code in PROPOSERS for error in found):
            # The usual case, and fast: mypy's cache serves it.
            if report and not diff:
                _report(found, made=0)
            return 1 if found else 0
        checker = Checker(arguments)
        with checker:
            program = Program(checker)
            before = dict(program.texts)
            made = mend(program)
    except CheckFailed as failed:
        print("\n".join(failed.messages))
        return 2
    except OSError as error:
        # What mypy has read is gone before we could.
        print(f"budget-types: cannot read {error.filename}: {error.strerror}; nothing was written", file=sys.stderr)
        return 2
    if diff:
        show(before, program.texts)
    else:
        failures = write_all(before, program.texts)
        for failure in failures:
            print(f"budget-types: {failure}", file=sys.stderr)
        if failures:
            return 2
        _say(made)
        if report:
            _report(program.errors, len(made))
    return 1 if program.errors else 0


def _say(made: list[Applied]) -> None:
    for each in made:
        print(f"{each.error.path}:{each.error.line}: {each.error.code}: {each.title}")


def _report(left: Sequence[MypyError], made: int) -> None:
    for each in left:
        print(each)
    fixes, errors = ("" if made == 1 else "es"), ("" if len(left) == 1 else "s")
    print(f"Made {made} fix{fixes}; {len(left)} error{errors} left.")
