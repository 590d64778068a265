"""`budget-copied`: one value would reach two owners."""

from __future__ import annotations

from ..events import Event, Into
from ..findings import Copied, TakenLate, UsedUp
from .message import Traits
from .phrases import goes, once, once_hint, split_first, what_happened

__all__ = ["copied", "taken_late", "used_up"]


def copied(finding: Copied, traits: Traits) -> tuple[str, str]:
    """One value goes to a second owner, or to one in each round of a loop."""
    name, event = finding.place, finding.event
    if finding.first is not None and _is_captured(finding.first) and _is_captured(event):
        return _captured_twice(name, finding.first, event)
    if finding.first is not None:
        again = _again(finding.first, event)
        first = goes(finding.first, past=True)
        if finding.first.to is not None and finding.first.to.task and finding.first.expression != event.expression:
            first = f'went to the task started by "{finding.first.to.task}"'
        text = f'"{name}" already {first} on line {finding.first.node.line} and cannot {again}'
        if traits.splits:
            return text, split_first(name)
        return text, "give each a value of its own"
    word = finding.loop.word if finding.loop is not None else "loop"
    line = f" on line {finding.loop.line}" if finding.loop is not None else ""
    text = f'"{name}" would {goes(event, past=False)} once per iteration of the {word}{line}'
    if traits.splits:
        return text, f'split inside the {word}, "{name}.split(n)", so that each iteration has a part of its own'
    return text, f'make a value per iteration, or assign "{name}" again in the {word}'


def _is_captured(event: Event) -> bool:
    return event.to is not None and event.to.into is Into.CAPTURE


def _captured_twice(name: str, first: Event, second: Event) -> tuple[str, str]:
    """`case Team(planner=p) as team`: a name for the whole and one for its part, and both are given away."""
    assert first.to is not None and second.to is not None
    whole, part = first.to.name, second.to.name
    if first.place == second.place:
        # `match budget, budget`
        text = f'The pattern gives "{part}" what stands in the subject twice, "{name}", and both are moved'
        return text, f'match "{name}" once'
    text = f'The pattern gives "{part}" a part of what it gives "{whole}", and both are moved'
    return text, f'move "{whole}" and reach its part through it, or capture the parts and not the whole'


def taken_late(finding: TakenLate) -> tuple[str, str]:
    """A variable gets a new value while a call goes on that takes whatever the variable holds when it runs."""
    name, function = finding.place, finding.event.to.owner if finding.event.to is not None else ""
    text = (
        f'"{name}" gets a new value on line {finding.assigned.node.line}, '
        f'which the call of "{function}" here may use up as well'
    )
    return text, f'give it the value where it is made: a parameter of "{function}", or a default "{name}={name}"'


def _again(first: Event, second: Event) -> str:
    """The second of two uses in one expression, without saying the same words twice."""
    to = second.to
    if to is None or not to.is_same(first.to):
        return f"{goes(second, past=False)} as well"
    if to.into is Into.PARAMETER and to.owner:
        return f'go into a second call of "{to.owner}"'
    return f"{goes(second, past=False)} twice"


def used_up(finding: UsedUp) -> tuple[str, str]:
    """A function that used up what it captured is called, or given away, once more."""
    name, event, first = finding.place, finding.event, finding.first
    calls = event.to is not None and event.to.into is Into.CALL
    if first.previous_iteration:
        word, line = ("loop", "") if finding.loop is None else (finding.loop.word, f" on line {finding.loop.line}")
        what = "be called" if calls else goes(event, past=False)
        text = f'"{name}" would {what} once per iteration of the {word}{line}, but {once(finding.captive)}'
        return text, once_hint(name, finding.captive)
    called = first.event.to is not None and first.event.to.into is Into.CALL
    if called and calls:
        verb = "is called again" if finding.certain else "may be called again"
    elif calls:
        verb = "is called" if finding.certain else "may be called"
    else:
        verb = f"cannot {goes(event, past=False)}"
    happened = what_happened(first, finding.certain)
    text = f'"{name}" {verb} after it {happened}: {once(finding.captive)}'
    return text, once_hint(name, finding.captive)
