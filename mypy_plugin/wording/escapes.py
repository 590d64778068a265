"""`budget-escape`: a value goes where nothing can follow it."""

from __future__ import annotations

from ..events import Escape, Out
from ..findings import Faulty
from .message import Traits

__all__ = ["escapes"]


def escapes(finding: Faulty, traits: Traits) -> tuple[str, str]:
    """A value goes out of sight, and where."""
    escape = finding.event.about
    assert isinstance(escape, Escape)
    what = f'"{finding.place}"' if finding.place else f"This {traits.class_name}"
    text = f"{what} escapes {_out(escape)}"
    if escape.by is not Out.FIELD:
        text += ": nothing follows it from there on"
    return text, _escape_hint(escape, finding.place or "it", traits.class_name)


def _out(escape: Escape) -> str:
    callee = f'"{escape.owner}"'
    parameter = f'parameter "{escape.name}" of {callee}' if escape.name else f"the call of {callee}"
    if escape.by is Out.PARAMETER:
        return f"into {parameter}, declared {escape.type}"
    if escape.by is Out.UNTYPED:
        return f"into {parameter}, which has no annotation"
    if escape.by is Out.CALLEE:
        return f"into a call of {callee}, whose type is Any"
    if escape.by is Out.VARIABLE:
        return f'into "{escape.name}", declared {escape.type}'
    if escape.by is Out.FIELD:
        return f'into field "{escape.name}" of {callee}, which is not affine and may be shared'
    if escape.by is Out.ELEMENT:
        return f"into an element of {escape.type}"
    if escape.by is Out.RETURN:
        return f"by the return of {callee}, declared {escape.type}"
    if escape.by is Out.YIELD:
        return f"by the yield of {callee}, declared {escape.type}"
    if escape.by is Out.CAST:
        return f"by a cast to {escape.type}"
    return 'by "getattr", which gives Any'


def _escape_hint(escape: Escape, place: str, class_name: str) -> str:
    instead = f'pass what it has to know of "{place}" instead'
    if escape.by is Out.PARAMETER or escape.by is Out.UNTYPED:
        if escape.is_ours and escape.name:
            return f'declare "{escape.name}" of "{escape.owner}" as {class_name}, or as Borrowed[{class_name}]'
        return instead
    if escape.by is Out.CALLEE:
        return f'give "{escape.owner}" a type, or {instead}'
    if escape.by is Out.VARIABLE:
        return f'declare "{escape.name}" as {class_name}'
    if escape.by is Out.FIELD:
        if escape.is_ours:
            return f'mark "{escape.owner}" as @affine, so that it has one owner, too'
        return f'list "{escape.owner}" in the configuration: affine = [...]'
    if escape.by is Out.ELEMENT:
        return f"declare it as a container of {class_name}"
    if escape.by is Out.RETURN or escape.by is Out.YIELD:
        return f'declare what "{escape.owner}" gives as {class_name}'
    if escape.by is Out.CAST:
        return "leave the cast out"
    return f'write ".{escape.name}"'
