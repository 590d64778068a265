"""`move-of-borrowed`: something is given away that belongs to somebody else."""

from __future__ import annotations

from ..events import Event, Into, Kind, Ownership
from ..findings import Faulty, NotGivenBack
from ..graph import Place
from .message import Code, Message, Traits
from .phrases import lending, lending_on, may_lend, moved_into, retry_hint

__all__ = ["element", "holds_loans", "not_given_back", "not_owned", "of_context", "remembered"]


_WHY_NOT_OWNED = {
    Ownership.BORROWED: 'is borrowed (declared "Borrowed")',
    Ownership.SHARED: 'is borrowed (declared "Shared")',
    Ownership.SELF: "is borrowed: only a method with @consumes owns its receiver",
    Ownership.NEW: "is borrowed: a constructor hands it to its caller",
    Ownership.GLOBAL: "is a global variable, which every function can reach",
    Ownership.CLASS: "is a class variable, which every function can reach",
    Ownership.NOT_AFFINE: "is declared with a type that is not affine, so others may hold the value",
}


def not_given_back(finding: NotGivenBack, root: Place, traits: Traits) -> tuple[str, str]:
    """A field of something borrowed is moved out, and not given back on every way out."""
    what = "is deleted" if finding.event.kind is Kind.DELETE else f"is moved{moved_into(finding.event.to)}"
    does = "hands to its caller" if root.ownership is Ownership.NEW else "only borrows"
    text = (
        f'"{finding.place}" {what} out of "{root.name}", which "{finding.body}" '
        f"{does}, and not assigned again on every way out"
    )
    or_raise = "" if root.ownership is Ownership.NEW else " or raise"
    hint = f'assign "{finding.place}" again before "{finding.body}" can return{or_raise}'
    to = finding.event.to
    if to is not None and to.into is Into.LOOP:
        name = finding.place.rpartition(".")[2]
        text = text.replace(" out of ", ", which the loop gives away, out of ", 1)
        swap = f'swap it for an empty one before that, "{name}, {finding.place} = {finding.place}, ..."'
        return text, f'empty it in a "finally" around the loop, "{finding.place}.clear()", or {swap}'
    if to is not None and to.into is Into.VARIABLE and to.name != "_":
        return text, f'to look at it only, declare "{to.name}: Borrowed[{traits.class_name}]"; else {hint}'
    if traits.splits and finding.event.kind is not Kind.DELETE:
        hint = f'give away a part, "{finding.place}.split(n)", or {hint}'
    if to is not None and to.into is Into.RETURN:
        hint = f"to lend it, {lending(to, traits)}; else {hint}"
    return text, hint


def element(finding: Faulty, traits: Traits) -> tuple[str, str]:
    """An element is moved that its container goes on holding."""
    event, name = finding.event, finding.place
    into = moved_into(event.to)
    if event.bound is None:
        text = f'"{name}" is only lent by its container and cannot be moved{into}'
        return text, _or('take it out of the container first, with ".pop(...)"', lending_on(event.to, traits))
    line = event.bound.line
    bound = f'on line {line} it was bound to "{event.lender}", which its container only lends'
    text = f'"{name}" cannot be moved{into}: {bound}'
    return text, _or(f'take it out of the container on line {line}, with ".pop(...)"', lending_on(event.to, traits))


def remembered(finding: Faulty, traits: Traits) -> tuple[str, str]:
    """What a cached property gives is moved: its object gives that again."""
    event, name = finding.event, finding.place
    kept = "its object keeps it and gives it again"
    if event.bound is not None:
        kept = f'on line {event.bound.line} it was bound to "{event.lender}", which its object keeps and gives again'
    text = f'"{name}" cannot be moved{moved_into(event.to)}: {kept}'
    hint = "make it a property, which gives a new one each time"
    return text, f'{hint}, or give away a part, "{name}.split(n)"' if traits.splits else hint


def of_context(finding: Faulty, traits: Traits) -> tuple[str, str]:
    """What hangs off a framework's context is moved."""
    event, name = finding.event, finding.place
    what = "it" if name == event.lender else f'"{event.lender}"'
    bound = "" if event.bound is None else f", which it was bound to on line {event.bound.line}"
    text = f'"{name}" cannot be moved{moved_into(event.to)}: every call of the run shares {what}{bound}'
    part = f'give away a part, "{name}.split(n)"'
    if event.to is not None and not may_lend(event.to):
        return text, part if traits.splits else "look at it where it is"
    lend = lending(event.to, traits)
    return text, f"{part}, or lend it: {lend}" if traits.splits else f"lend it: {lend}"


def not_owned(event: Event, place: Place, root: Place, traits: Traits) -> Message:
    """What is moved belongs to somebody else."""
    into = moved_into(event.to)
    if root.name.endswith("]") or root.name == "an element":
        text = f'"{root.name}" is only lent by its container and cannot be moved{into}'
        hint = _or('take it out of the container first, with ".pop(...)"', lending_on(event.to, traits))
        return Message(Code.MOVE_OF_BORROWED, text, hint)
    part = f'give away a part, "{place.name}.split(n)"' if traits.splits else None
    if "]" in root.name:
        owner = f"{root.name.rpartition(']')[0]}]"
        text = f'"{root.name}" cannot be moved{into}: "{owner}" is only lent by its container'
        taken = f'take "{owner}" out of the container first, with ".pop(...)"'
        return Message(Code.MOVE_OF_BORROWED, text, _or(taken, part, lending_on(event.to, traits)))
    if root.name.startswith("the result of"):
        text = f"{root.name} is borrowed and cannot be moved{into}"
        to = event.to
        if to is not None and to.into is Into.ELEMENT:
            return Message(Code.MOVE_OF_BORROWED, text, f"declare what is in the {to.name} as {_lent(traits)}")
        lends = to is not None and to.into in (Into.PARAMETER, Into.RETURN, Into.YIELD, Into.VARIABLE) and to.is_ours
        lends = lends and to is not None and may_lend(to)
        return Message(Code.MOVE_OF_BORROWED, text, f"to lend it on, {lending(to, traits)}" if lends else None)
    if root.ownership is Ownership.OWNED:
        # The part is declared to be borrowed, whoever owns the whole.
        root = place
    if root.ownership is Ownership.RETRIED:
        again = "a decorator calls this function again with the same arguments"
        text = f'"{place.name}" would be moved{into} by every attempt: {again}'
        return Message(Code.BUDGET_COPIED, text, retry_hint(place.name, traits))
    owner = "it" if place is root else f'"{root.name}"'
    what = "deleted" if event.to is not None and event.to.into is Into.DELETE else f"moved{into}"
    text = f'"{place.name}" cannot be {what}: {owner} {_WHY_NOT_OWNED[root.ownership]}'
    if root.ownership in (Ownership.BORROWED, Ownership.SHARED):
        hint = _or(f'take it by move: declare "{root.name}" as {traits.class_name}', part, lending_on(event.to, traits))
    elif traits.splits:
        hint = f'give away a part of it, "{place.name}.split(n)"'
    elif root.ownership is Ownership.SELF:
        hint = "to give it away, mark the method with @consumes"
        if event.to is None or may_lend(event.to):
            hint = f"to lend it instead, {lending(event.to, traits)}; {hint}"
    else:
        hint = "pass it as a parameter instead"
    return Message(Code.MOVE_OF_BORROWED, text, hint)


def _or(*ways: str | None) -> str:
    """The ways out that there are."""
    there = [way for way in ways if way is not None]
    return there[0] if len(there) == 1 else f"{', '.join(there[:-1])}, or {there[-1]}"


def _lent(traits: Traits) -> str:
    return f"Borrowed[{traits.class_name}]"


def holds_loans(finding: Faulty, _: Traits) -> tuple[str, str]:
    """A collection of loans goes where an owner is expected."""
    text = f'"{finding.place}" only borrows what it holds and cannot be moved{moved_into(finding.event.to)}'
    return text, "say Borrowed[...] of what is in it there, too"
