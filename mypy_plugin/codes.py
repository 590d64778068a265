"""The error codes, all sub-codes of `affine`, registered with mypy when this module is imported.

mypy's own switches apply to them: `disable_error_code`, `enable_error_code`, `# type: ignore[...]`, per-module
sections; the umbrella stands for all of them.
"""

from __future__ import annotations

from typing import Final

from mypy.errorcodes import ErrorCode

__all__ = [
    "AFFINE",
    "BUDGET_COPIED",
    "BUDGET_DROPPED",
    "BUDGET_ESCAPE",
    "BUDGET_MINTED",
    "LOAN_CONFLICT",
    "MOVE_OF_BORROWED",
    "OWNERSHIP_MISMATCH",
    "USE_AFTER_MOVE",
]

_CATEGORY: Final = "Ownership"

AFFINE: Final = ErrorCode("affine", "Check that affine values have one owner", _CATEGORY)
USE_AFTER_MOVE: Final = ErrorCode(
    "use-after-move", "Check that nothing is used after it was given away", _CATEGORY, sub_code_of=AFFINE
)
BUDGET_COPIED: Final = ErrorCode(
    "budget-copied", "Check that no value reaches two owners", _CATEGORY, sub_code_of=AFFINE
)
MOVE_OF_BORROWED: Final = ErrorCode(
    "move-of-borrowed", "Check that nothing borrowed is given away", _CATEGORY, sub_code_of=AFFINE
)
OWNERSHIP_MISMATCH: Final = ErrorCode(
    "ownership-mismatch",
    "Check that overrides and callables keep promises to borrow",
    _CATEGORY,
    sub_code_of=AFFINE,
)
BUDGET_DROPPED: Final = ErrorCode(
    # On by default for the classes that must be used; whoever enables it by name has it for all affine classes.
    "budget-dropped",
    "Check that values are used up on every way out",
    _CATEGORY,
    sub_code_of=AFFINE,
)
BUDGET_ESCAPE: Final = ErrorCode(
    "budget-escape",
    "Check that values do not go where they cannot be followed",
    _CATEGORY,
    default_enabled=False,
    sub_code_of=AFFINE,
)
BUDGET_MINTED: Final = ErrorCode(
    "budget-minted",
    "Check where budgets are made from nothing",
    _CATEGORY,
    default_enabled=False,
    sub_code_of=AFFINE,
)
LOAN_CONFLICT: Final = ErrorCode(
    "loan-conflict", "Check that nothing is lent to two tasks at once", _CATEGORY, sub_code_of=AFFINE
)
