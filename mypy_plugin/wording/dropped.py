"""`budget-dropped`: a value that has to be used up is not."""

from __future__ import annotations

from ..events import Debt, Kind
from ..findings import Dropped, Faulty
from ..graph import Why
from .message import Traits
from .phrases import decision

__all__ = ["dropped", "unkept"]


def dropped(finding: Dropped) -> tuple[str, str]:
    """A place has something that has to be used up, and is left with it."""
    debt = finding.event.about
    assert isinstance(debt, Debt)
    verb = "is" if finding.certain else "may be"
    text = f'"{finding.place}" {verb} {_dropped_without(debt)}{_way_out(finding)}'
    if finding.branch is not None:
        text += decision(finding.branch, taken=finding.taken)
    return text, _dropped_hint(debt, finding.place)


def unkept(finding: Faulty, _: Traits) -> tuple[str, str]:
    """Something that has to be used up is kept by nobody."""
    debt = finding.event.about
    assert isinstance(debt, Debt)
    value = f'The {debt.class_name} of "{finding.place}"' if finding.place else f"This {debt.class_name}"
    return f"{value} is {_dropped_without(debt)}: nothing keeps it", _dropped_hint(debt)


def _dropped_without(debt: Debt) -> str:
    if not debt.must_use:
        return "dropped unused"
    return f"dropped without {_any_of(debt.ends)}" if debt.ends else "dropped and not given to anybody"


def _any_of(names: tuple[str, ...]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def _way_out(finding: Dropped) -> str:
    end, jump = finding.end, finding.jump
    if end is not None:
        if end.kind is Kind.DELETE:
            return f' by "del" on line {end.node.line}'
        if finding.next_iteration:
            return " before the next iteration gives it another value"
        return f" before it is assigned again on line {end.node.line}"
    if jump is None:
        return f' at the end of "{finding.body}"'
    if jump.why is Why.RETURN:
        return f" by the return on line {jump.line}"
    if jump.why is Why.RAISE:
        return f" by the exception raised on line {jump.line}"
    if jump.why is Why.NO_EXCEPTION:
        return f' if the task is cancelled in the "try" on line {jump.line}, which "except Exception" lets pass'
    return f" if line {jump.line} raises"


def _dropped_hint(debt: Debt, place: str = "") -> str:
    if debt.manager and debt.must_use:
        name = f' ("{debt.manager} {place}:")' if place else ""
        return f'use it in a "{debt.manager}" block{name}, which ends it however the block is left'
    if debt.ends and debt.must_use:
        what = f"call {_any_of(debt.ends)}"
    else:
        what = "move or return it" if debt.must_use else "use, move or return it"
    given_up = f', or give it up visibly: "_ = {place}"' if place else ""
    return f"{what} on every way out{given_up}"
