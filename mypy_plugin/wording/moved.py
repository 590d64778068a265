"""`use-after-move`: something is used that is not there any more."""

from __future__ import annotations

import re

from ..events import Into, Kind
from ..findings import UseAfterMove
from .message import Traits
from .phrases import lending, may_lend, what_happened

__all__ = ["after_move_hint", "used_after_move"]


_ITEM = re.compile(r"\[-?\d+\].*")
"""An item of a tuple, and what lies below it: only the tuple can be assigned."""


def used_after_move(finding: UseAfterMove) -> str:
    """What is used, what moved, and when."""
    name, first = finding.place, finding.moves[0]
    verb = "is" if finding.certain else "may be"
    if first.event.lender is not None and finding.event.to is not None and finding.event.to.into is Into.NEXT_ROUND:
        went = "it" if name == first.event.lender else f'"{first.event.lender}", which it borrows from,'
        return f'The loop goes on with "{name}" after {went} {what_happened(first, certain=True)}'
    if first.event.lender is not None:
        # What moved is not the name that is used, but what it borrows from.
        what = f'"{name}" {verb} used after "{first.event.lender}", which it borrows from,'
        if finding.event.through is not None:
            # It is captured: what is used is the function.
            what = (
                f'"{finding.event.through}" {verb} used after "{first.event.lender}", which its "{name}" borrows from,'
            )
        return f"{what} {what_happened(first, finding.certain)}"
    if finding.event.through is not None:
        # What is used is not the place, but a function that captured it.
        what = f'"{finding.event.through}" {verb} used after "{first.place}", which it captured,'
        return f"{what} {what_happened(first, finding.certain)}"
    if first.place == name:
        return f'"{name}" {verb} used after it {what_happened(first, finding.certain)}'
    if first.place.startswith((name + ".", name + "[")):
        return f'"{name}" {verb} used as a whole after "{first.place}" {what_happened(first, finding.certain)}'
    return f'"{name}" {verb} used after "{first.place}" {what_happened(first, finding.certain)}'


def after_move_hint(finding: UseAfterMove, traits: Traits) -> str | None:
    """How the later use can have its value."""
    event = finding.moves[0].event
    name = finding.moves[0].place
    again = f'assign "{_ITEM.sub("", name)}" again before this line'
    to = event.to
    if to is not None and to.into is Into.WITH:
        return f'use "{name}" inside of the block'
    if event.kind is Kind.DELETE or to is None:
        return again
    if to.into is Into.PARAMETER:
        part = f'pass a part of it on line {event.node.line}, such as "{event.lender or name}.split(n)"'
        if to.task or (to.outlives_call and not traits.splits) or not to.name or not to.is_ours or not may_lend(to):
            return part if traits.splits else f"{again}, or use it before it moves"
        lend = lending(to, traits)
        return f"{part}, or lend it: {lend}" if traits.splits else f"to lend it instead, {lend}"
    if to.into is Into.HANDED_OUT:
        return f'use "{finding.place}" before line {event.node.line}, or look it up again after it'
    if to.into is Into.VARIABLE and to.name == "_":
        return again
    if to.into is Into.VARIABLE:
        declared = f"{to.name}: Borrowed[{traits.class_name}]"
        return f'use "{to.name}" from line {event.node.line} on, or declare it "{declared}"'
    if to.into is Into.RECEIVER:
        return f'"{to.owner}" consumes its receiver: keep what it returns, or call it last'
    if to.into is Into.LOOP:
        return f'use "{finding.place}" before line {event.node.line}, or in that loop'
    if to.into is Into.YIELD:
        return f"if it comes back, {lending(to, traits)}"
    return f"{again}, or move it later"
