"""`budget-copied`: one value would reach two owners."""

from __future__ import annotations

from ..events import Event, Fault, Into
from ..findings import Copied, Faulty, TakenLate, UsedUp
from .message import Traits
from .phrases import goes, goes_to, lent_to, moved_into, what_happened

__all__ = ["copied", "copied_by", "retry_hint", "taken_late", "used_up"]


_NAMELESS = ("the lambda", "the function")
"""What a function is called that has no name."""


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
            return text, f'split it first, "{name}.split_evenly(n)", and give each its own part'
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
        text = f'"{name}" would {what} once per iteration of the {word}{line}, but {_once(finding.captive)}'
        return text, _once_hint(name, finding.captive)
    called = first.event.to is not None and first.event.to.into is Into.CALL
    if called and calls:
        verb = "is called again" if finding.certain else "may be called again"
    elif calls:
        verb = "is called" if finding.certain else "may be called"
    else:
        verb = f"cannot {goes(event, past=False)}"
    happened = what_happened(first, finding.certain)
    text = f'"{name}" {verb} after it {happened}: {_once(finding.captive)}'
    return text, _once_hint(name, finding.captive)


def _once(captive: str) -> str:
    return f'it uses up "{captive}", which it captured' if captive else "it was taken by move and may be called once"


def _once_hint(function: str, captive: str) -> str:
    if not captive:
        return f'declare "{function}" without Owned if it may be called more than once'
    who = f'"{function}"' if function and function not in _NAMELESS else "the function"
    return f'let {who} take "{captive}" as a parameter, or split a part of it off for each call, inside'


def retry_hint(name: str, traits: Traits) -> str:
    """The way out where something is tried again."""
    if traits.splits:
        return f'give each attempt a part of its own, "{name}.split(n)"'
    return "make a value per attempt, or lend it"


def copied_by(finding: Faulty, traits: Traits) -> tuple[str, str]:
    """What stands in the program is a copy wherever it is reached."""
    event, name = finding.event, finding.place
    split = f'split it first, "{name}.split_evenly(n)", and give each its own part'
    if event.fault is Fault.LENT:
        lent = f'"{name}" is lent{lent_to(event.other)} until that call returns'
        text = f"{lent} and cannot {goes_to(event)} as well"
        return (text, split if traits.splits else "make this a statement of its own")
    if event.fault is Fault.ASSIGNED_TWICE:
        what = f'"{name}"' if name.isidentifier() or "." in name else f'The value of "{name}"'
        text = f"{what} already went{moved_into(event.other)} and cannot go{moved_into(event.to)} as well"
        return (text, split if traits.splits else "give each name a value of its own")
    if event.fault is Fault.REPEATED:
        copier = event.other
        assert copier is not None
        what = f'"{name}"' if name else "one value"
        if copier.into is Into.OPERATOR:
            what = f'each element of "{name}"' if name else "each element"
        text = f'"{copier.owner}" would give {what} more than one owner'
        is_named = name.replace(".", "").isidentifier()
        return (text, split if traits.splits and is_named else "make each value on its own")
    if event.fault is Fault.SLICED:
        text = f'A slice of "{name}" would hold elements that "{name}" goes on holding'
        return (text, f'take them out one by one, "{name}.pop()", or move the whole of "{name}"')
    if event.fault is Fault.SHARED:
        owner = event.other.owner if event.other is not None else ""
        if event.other is not None and event.other.into is Into.CALL:
            text = f'"{owner}" would give what "{name}" holds more than one owner'
            return (text, f'let the new one take its place, "{name} = ...", or make each value on its own')
        text = f'What "{owner}" gives would hold elements that "{name}" goes on holding'
        return (text, f'take them out one by one, "{name}.pop()", or move the whole of "{name}"')
    if event.fault is Fault.TAKES_ELEMENTS:
        owner = event.to.owner if event.to is not None else ""
        function = f'"{name}"' if name != "the lambda" else "The lambda"
        text = f'{function} takes its argument by move, but "{owner}" calls it with values that stay where they are'
        return (text, "declare that parameter as Borrowed[...]")
    if event.fault is Fault.CALLED_AGAIN:
        who = name.capitalize() if name in _NAMELESS else f'"{name}"'
        captive = event.other.name if event.other is not None else ""
        by = f' by "{event.to.owner}"' if event.to is not None and event.to.owner else ""
        return (f"{who} may be called more than once{by}, but {_once(captive)}", _once_hint(name, captive))
    if event.fault is Fault.LATE:
        line = event.beside[0].node.line
        text = f'"{name}" gets a new value on line {line}, which a function that is kept here would use up as well'
        hint = f'give it the value where it is made: functools.partial(..., {name}), or a default "{name}={name}"'
        return (text, hint)
    if event.fault is Fault.PER_ATTEMPT:
        text = f'"{name}" would {goes(event, past=False)} once per attempt: it is called again when it fails'
        return (text, retry_hint(name, traits))
    if event.fault is Fault.PER_CALL:
        method = event.other.name if event.other is not None else ""
        text = f'"{name}" would {goes(event, past=False)} once per call of "{method}"'
        return (text, f'keep it in the object, or split inside "{method}"')
    if event.fault is Fault.DEFAULT:
        function = event.to.owner if event.to is not None else ""
        text = f'Every call of "{function}" that leaves "{name}" out would share one {traits.class_name}'
        return (text, f'default to None and make the {traits.class_name} inside "{function}"')
    if event.fault is Fault.GENERIC:
        return _not_generic(event)
    owner = event.to.name if event.to is not None else ""
    text = f'Every instance of "{owner}" would share one {traits.class_name} as "{name}"'
    return (text, f'assign "self.{name}" in "__init__", or use a default factory')


def _not_generic(event: Event) -> tuple[str, str]:
    misuse, to = event.misuse, event.to
    assert misuse is not None and to is not None
    inside = f' of "{misuse.module}"' if misuse.module else ""
    function = misuse.function.rpartition(".")[2]
    text = (
        f'"{to.owner}" treats its {misuse.variable}, here {to.name}, as if it could be copied: '
        f'{misuse.text} (in "{function}", line {misuse.line}{inside})'
    )
    lends = f"declare what it only lends, parameter or result, as Borrowed[{misuse.variable}]"
    return text, f'give each value in "{function}" one owner, and {lends}'
