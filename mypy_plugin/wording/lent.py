"""`loan-conflict`: what has a value on loan goes on, and somebody else wants it."""

from __future__ import annotations

from ..events import Destination, Event, Into, Kind, Ownership, Share
from ..findings import Faulty, LentForLonger, LentTwice
from ..graph import Loop, Place
from .message import Traits
from .phrases import goes, lent_to, split_first

__all__ = ["lent_for_longer", "lent_to_each", "lent_twice"]


_LENDING = frozenset({Kind.LEND, Kind.LOAN})
"""What does not take the value, nor change it by itself."""


_AS = {
    Share.VALUE: '"{name}" may be "{place}", which',
    Share.ELEMENT: '"{name}" may be an element of "{place}" that',
    Share.ALL: '"{name}" has "{place}", which',
}


def lent_twice(finding: LentTwice, traits: Traits) -> tuple[str, str]:
    """What is on loan is lent again, or moved."""
    if finding.loop is not None and finding.event.called is None and _is_its_own_rival(finding.loan, finding.event):
        return _once_per_round(finding, finding.loop, traits)
    loan, later = finding.loan, finding.event.terms.deferred
    line = f"on line {loan.node.line}" + (" in the previous iteration" if finding.loop is not None else "")
    text = (
        f"{_subject(finding)} {goes(loan, past=True)} {line}, which {_until(loan, running=finding.running)}, "
        f"and cannot {goes(finding.event, past=False)} {f'when {later}' if later else 'as well'}"
    )
    return text, _way_out(finding, traits)


def _once_per_round(finding: LentTwice, loop: Loop, traits: Traits) -> tuple[str, str]:
    name, loan = finding.place, finding.loan
    text = (
        f'"{name}" would {goes(finding.event, past=False)} once per iteration of the {loop.word} '
        f"on line {loop.line}, while the one before has it on loan"
    )
    hint = f"{_wait(loan, 'each')} before the next"
    if loan.terms.late and loan.to is not None and loan.to.owner:
        return text, f'give each call a part of its own as a parameter of "{loan.to.owner}", or {hint}'
    return text, f'split inside the {loop.word}, "{name}.split(n)", or {hint}' if traits.splits else hint


def _subject(finding: LentTwice) -> str:
    """What is lent twice, by both of its names."""
    if finding.is_part:
        return f'"{finding.lent}", a part of "{finding.place}" by another name,'
    called = finding.event.called
    if called is not None:
        return _AS[called.share].format(name=called.name, place=finding.place)
    name = f'"{finding.place}"'
    return name if finding.lent is None else f'{name} is another name for "{finding.lent}", which'


def _until(loan: Event, *, running: bool) -> str:
    """Why what has a loan has it still."""
    if loan.terms.deferred:
        return f"is called when {loan.terms.deferred}"
    if running:
        return "may still be running"
    waited = loan.terms.waited
    return f'is still to be started and waited for by "{waited}"' if waited else "has not been awaited"


def _way_out(finding: LentTwice, traits: Traits) -> str:
    name, loan, left = finding.place, finding.loan, finding.loan.terms.left
    if loan.terms.deferred:
        return f'keep it until then, or lend a part of it, "{name}.split(n)"' if traits.splits else "keep it until then"
    leaves_block = finding.event.to is not None and finding.event.to.into is Into.WITH
    if left is not None and finding.loop is None and (leaves_block or finding.event.node.line > left[1]):
        return f'if one of them raises, "{left[0]}" leaves the others running: use a task group that waits'
    wait = f"{_wait(loan, 'the first')} before"
    if leaves_block:
        return f"{wait} the block is left"
    if finding.event.kind in _LENDING and (_reads(loan) or _reads(finding.event)):
        # A part of its own would tell whoever reads nothing of what the other one does.
        return f'{wait}, or watch it by "on_event=...", which has nothing on loan' if traits.splits else wait
    return f"{split_first(name)}, or {wait}" if traits.splits else wait


def _reads(loan: Event) -> bool:
    """Whether who has it only reads. Of an element, it is not the container that is lent for that one alone."""
    return not (loan.exclusive or loan.element)


def _is_its_own_rival(loan: Event, event: Event) -> bool:
    """Whether a loan is in the way of the same one in the next round. A method's receiver is looked at first."""
    same = loan.to is not None and event.to is not None and event.to.is_same(loan.to)
    return loan.node is event.node or (same and loan.node.line == event.node.line)


def _wait(loan: Event, what: str) -> str:
    """How a program waits for what has a value on loan."""
    return f'wait for {what} by "{loan.terms.waited}()"' if loan.terms.waited else f"await {what}"


def lent_for_longer(finding: LentForLonger, root: Place) -> tuple[str, str]:
    """What is only borrowed is on loan when the function returns."""
    name, lent = finding.place, goes(finding.event, past=True)
    text = f'"{name}" {lent}, which may still be running when "{finding.body}" returns'
    if root.ownership is Ownership.NEW:
        return f"{text} and hands it to its caller", "let the one who makes the object start it"
    text += ", but it is only borrowed here"
    return text, f'{_wait(finding.event, "it")} before "{finding.body}" returns, or let that take "{name}" by move'


def lent_to_each(finding: Faulty, _: Traits) -> tuple[str, str]:
    """A function that changes what it captured runs several times at once."""
    event = finding.event
    caller = event.about.name if isinstance(event.about, Destination) else ""
    text = (
        f'"{finding.place}" would be lent{lent_to(event.to)} once per call that "{caller}" makes, '
        "and these go on at once"
    )
    return text, "give each call a part of its own, or await each before the next"
