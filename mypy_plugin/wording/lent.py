"""`loan-conflict`: what has a value on loan goes on, and somebody else wants it."""

from __future__ import annotations

from ..events import Event, Ownership
from ..findings import Faulty, LentForLonger, LentTwice
from ..graph import Place
from .message import Traits
from .phrases import goes, lent_to

__all__ = ["lent_for_longer", "lent_to_each", "lent_twice"]


def lent_twice(finding: LentTwice, traits: Traits) -> tuple[str, str]:
    """What is on loan is lent again, or moved."""
    name, loan = finding.place, finding.loan
    if finding.loop is not None and _is_its_own_rival(loan, finding.event):
        text = (
            f'"{name}" would {goes(finding.event, past=False)} once per iteration of the {finding.loop.word} '
            f"on line {finding.loop.line}, while the one before has it on loan"
        )
        if loan.late and loan.to is not None and loan.to.owner:
            own = f'a part of its own as a parameter of "{loan.to.owner}"'
            return text, f"give each call {own}, or {_wait(loan, 'each')} before the next"
        if traits.splits:
            return (
                text,
                f'split inside the {finding.loop.word}, "{name}.split(n)", or {_wait(loan, "each")} before the next',
            )
        return text, f"{_wait(loan, 'each')} before the next"
    until = "may still be running"
    if loan.deferred:
        until = f"is called when {loan.deferred}"
    elif not finding.running:
        until = f'is still to be started and waited for by "{loan.waited}"' if loan.waited else "has not been awaited"
    subject = f'"{name}"' if finding.lent is None else f'"{name}" is another name for "{finding.lent}", which'
    if finding.is_part:
        subject = f'"{finding.lent}", a part of "{name}" by another name,'
    before = (
        f"on line {loan.node.line}" if finding.loop is None else f"on line {loan.node.line} in the previous iteration"
    )
    when = f"when {finding.event.deferred}" if finding.event.deferred else "as well"
    text = (
        f"{subject} {goes(loan, past=True)} {before}, which {until}, "
        f"and cannot {goes(finding.event, past=False)} {when}"
    )
    if loan.deferred:
        return (
            text,
            f'keep it until then, or lend a part of it, "{name}.split(n)"' if traits.splits else "keep it until then",
        )
    if loan.left is not None and finding.loop is None and finding.event.node.line > loan.left[1]:
        return text, f'if one of them raises, "{loan.left[0]}" leaves the others running: use a task group that waits'
    if traits.splits:
        own = f'split it first, "{name}.split_evenly(n)", and give each its own part'
        return text, f"{own}, or {_wait(loan, 'the first')} before"
    return text, f"{_wait(loan, 'the first')} before"


def _is_its_own_rival(loan: Event, event: Event) -> bool:
    """Whether a loan is in the way of the same one in the next round. A method's receiver is looked at first."""
    same = loan.to is not None and event.to is not None and event.to.is_same(loan.to)
    return loan.node is event.node or (same and loan.node.line == event.node.line)


def _wait(loan: Event, what: str) -> str:
    """How a program waits for what has a value on loan."""
    return f'wait for {what} by "{loan.waited}()"' if loan.waited else f"await {what}"


def lent_for_longer(finding: LentForLonger, root: Place) -> tuple[str, str]:
    """What is only borrowed is on loan when the function returns."""
    name, lent = finding.place, goes(finding.event, past=True)
    text = f'"{name}" {lent}, which may still be running when "{finding.body}" returns'
    if root.ownership is Ownership.NEW:
        return f"{text} and hands it to its caller", "let the one who makes the object start it"
    text += ", but it is only borrowed here"
    return text, f'{_wait(finding.event, "it")} before "{finding.body}" returns, or let that take "{name}" by move'


def lent_to_each(finding: Faulty) -> tuple[str, str]:
    """A function that changes what it captured runs several times at once."""
    event = finding.event
    caller = event.other.name if event.other is not None else ""
    text = (
        f'"{finding.place}" would be lent{lent_to(event.to)} once per call that "{caller}" makes, '
        "and these go on at once"
    )
    return text, "give each call a part of its own, or await each before the next"
