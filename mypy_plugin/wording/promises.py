"""`ownership-mismatch`: a function takes by move what is promised to be lent, or lends what is promised to be given."""

from __future__ import annotations

from ..events import Breach, Into, Ownership, Promised
from ..findings import Faulty
from .message import Code, Message, Traits
from .phrases import described

__all__ = ["implemented", "misplaced", "overridden"]


def overridden(breach: Breach, member: str, class_name: str) -> Message:
    """A member of a class breaks a promise of a base: one of its own, of another base, or of what it gives."""
    where = ""
    if breach.member != member:
        where = f'In "{member}" of "{class_name}", '
    elif breach.of != class_name:
        where = f'In "{class_name}", '
    override = _member_of(breach.of, breach)
    promise = _member_of(breach.by, breach) if breach.by else "Python, which calls it,"
    text = where + _mismatch(breach, override, promise)
    return Message(
        Code.OWNERSHIP_MISMATCH, text, _keep_promise(breach, override, f'"{breach.by}"' if breach.by else "")
    )


def implemented(breach: Breach, name: str) -> Message:
    """The implementation of an overload breaks what one of its items promises."""
    name = f'the implementation of "{name}"'
    return Message(Code.OWNERSHIP_MISMATCH, _mismatch(breach, name, "its overload"), _keep_promise(breach, name, ""))


def misplaced(finding: Faulty, _: Traits) -> tuple[str, str | None]:
    """A callable stands where another promise is made."""
    event = finding.event
    breach, to = event.about, event.to
    assert isinstance(breach, Breach) and to is not None
    name = f'"{finding.place}"' if finding.place else "the value"
    if to.into is Into.RETURN:
        promise = f'the result of "{to.owner}"'
    elif to.into is Into.YIELD:
        promise = f'what "{to.owner}" yields'
    else:
        promise = described(to)
    if breach.member:
        name = _member_of(breach.of, breach)
        promise = f'{promise} is declared as "{breach.by}", whose "{breach.member}"'
    return _mismatch(breach, name, promise), _keep_promise(breach, name, f'"{breach.by}"' if breach.member else "")


def _mismatch(breach: Breach, name: str, promise: str) -> str:
    for step in breach.path:
        if step == "item":
            name = f"an item of {name}"
        elif step == "result":
            name = f"what {name} returns"
        else:
            name = f'parameter "{step}" of {name}' if step else f"a parameter of {name}"
    name = name[0].upper() + name[1:]
    lends = "read" if breach.promised is Ownership.SHARED else "borrow"
    if breach.what is Promised.RESULT:
        if breach.flipped:
            return f"{name} is declared to give a {breach.class_name} to own, but {promise} lets it only lend one"
        return f"{name} gives something borrowed, where {promise} promises a {breach.class_name} to own"
    if breach.flipped:
        takes = "take it by move" if breach.actual is Ownership.OWNED else "change it"
        return f"{name} is declared only to {lends} what it is called with, but {promise} lets it {takes}"
    if breach.what is Promised.RECEIVER:
        what = "its object"
    else:
        what = f'parameter "{breach.parameter}"' if breach.parameter else f"argument {breach.position + 1}"
    takes = f"takes {what} by move" if breach.actual is Ownership.OWNED else f"borrows {what} to change it"
    if breach.is_unmarked:
        return f'{name} {takes}, but "{breach.by}" is not marked @affine: to its users it promises only to {lends} it'
    return f"{name} {takes}, where {promise} promises only to {lends} it"


def _keep_promise(breach: Breach, name: str, base: str) -> str | None:
    """How what stands there can keep the promise, or what promises can take it back."""
    if breach.path:
        return None
    otherwise = f", or change what {base} promises" if base else ""
    if breach.is_unmarked:
        return f'mark "{breach.by}" with @affine'
    if breach.what is Promised.RECEIVER:
        return f'let {name} only borrow "self"{otherwise}'
    if breach.what is Promised.RESULT:
        return f"let {name} give a {breach.class_name} of its own{otherwise}"
    if not breach.parameter:
        return None
    return f'declare "{breach.parameter}" of {name} as {breach.promised.value}[{breach.class_name}]{otherwise}'


def _member_of(owner: str, breach: Breach) -> str:
    return f'"{breach.member}" of "{owner}"'
