"""Findings become sentences: every string a user sees about ownership is made here (rules, section 8).

A message is one line that stands alone: the place in the words of the program, what happened to it, on which line,
and into what. A hint is a second line with the way out that fits. There is a module for each rule; `phrases` has what
they share. None of them must ever know mypy or look at code: what they need is in the finding and in `Traits`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ..events import Fault
from ..findings import (
    Copied,
    Dropped,
    Faulty,
    Finding,
    LentForLonger,
    LentTwice,
    Minted,
    NotGivenBack,
    TakenLate,
    UseAfterMove,
    UsedUp,
)
from ..graph import Place
from ..versions import is_too_new, untried
from .borrowed import element, holds_loans, not_given_back, not_owned, of_context, remembered
from .copied import copied, taken_late, used_up
from .copies import COPIES
from .dropped import dropped, unkept
from .escapes import escapes
from .lent import lent_for_longer, lent_to_each, lent_twice
from .message import Code, Message, Traits
from .minted import minted, minted_outside
from .moved import after_move_hint, used_after_move
from .promises import implemented, misplaced, overridden

__all__ = ["FAULTS", "Code", "Message", "Traits", "implemented", "not_installed", "overridden", "plugin_failed", "word"]


def word(finding: Finding, place: Place, root: Place, traits: Traits) -> Message:
    """Say what is wrong. `place` is the place of the finding's event, `root` the variable it hangs on."""
    if isinstance(finding, UseAfterMove):
        return Message(Code.USE_AFTER_MOVE, used_after_move(finding), after_move_hint(finding, traits))
    if isinstance(finding, UsedUp):
        return Message(Code.BUDGET_COPIED, *used_up(finding))
    if isinstance(finding, Copied):
        return Message(Code.BUDGET_COPIED, *copied(finding, traits))
    if isinstance(finding, NotGivenBack):
        return Message(Code.MOVE_OF_BORROWED, *not_given_back(finding, root, traits))
    if isinstance(finding, Minted):
        return Message(Code.BUDGET_MINTED, *minted(finding))
    if isinstance(finding, Dropped):
        return Message(Code.BUDGET_DROPPED, *dropped(finding))
    if isinstance(finding, LentTwice):
        return Message(Code.LOAN_CONFLICT, *lent_twice(finding, traits))
    if isinstance(finding, TakenLate):
        return Message(Code.BUDGET_COPIED, *taken_late(finding))
    if isinstance(finding, LentForLonger):
        return Message(Code.LOAN_CONFLICT, *lent_for_longer(finding, root))
    return _faulty(finding, place, root, traits)


def not_installed() -> Message:
    """The one loud error when mypy cannot see the run-time package: without it every check would go silent."""
    text = 'mypy cannot find "budget_types", so every budget in this module is Any and nothing is checked'
    hint = (
        "install budget-types in the environment that mypy runs in (for pre-commit: additional_dependencies), "
        "or point mypy at it with --python-executable"
    )
    return Message(Code.AFFINE, text, hint)


def plugin_failed(error: Exception, mypy_version: str) -> Message:
    """What becomes of a bug of ours: one error on the module, and mypy's own result unharmed."""
    text = f"budget-types failed on this module and did not check it: {type(error).__name__}: {error}"
    reason = f"{untried(mypy_version)}; " if is_too_new(mypy_version) else ""
    return Message(Code.AFFINE, text, f"{reason}please report it, with the traceback that --show-traceback prints")


def _faulty(finding: Faulty, place: Place, root: Place, traits: Traits) -> Message:
    fault = finding.event.fault
    if fault is Fault.NOT_OWNED:
        return not_owned(finding.event, place, root, traits)
    assert fault is not None
    code, sentence = FAULTS[fault]
    return Message(code, *sentence(finding, traits))


FAULTS: Final[Mapping[Fault, tuple[Code, Callable[[Faulty, Traits], tuple[str, str | None]]]]] = {
    **{fault: (Code.BUDGET_COPIED, sentence) for fault, sentence in COPIES.items()},
    Fault.ELEMENT: (Code.MOVE_OF_BORROWED, element),
    Fault.REMEMBERED: (Code.MOVE_OF_BORROWED, remembered),
    Fault.OF_CONTEXT: (Code.MOVE_OF_BORROWED, of_context),
    Fault.HOLDS_LOANS: (Code.MOVE_OF_BORROWED, holds_loans),
    Fault.ESCAPES: (Code.BUDGET_ESCAPE, escapes),
    Fault.UNKEPT: (Code.BUDGET_DROPPED, unkept),
    Fault.MINTED: (Code.BUDGET_MINTED, minted_outside),
    Fault.MISMATCH: (Code.OWNERSHIP_MISMATCH, misplaced),
    Fault.LENT_TO_EACH: (Code.LOAN_CONFLICT, lent_to_each),
}
"""The rule that each fault breaks, and what is said of it. What is not owned may break one or the other."""
