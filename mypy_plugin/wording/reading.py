"""What a message says, read back: for what mends programs and has only mypy's output.

This is the one other module that knows how the sentences of this package are built. It must never be used to decide
what is wrong, only where to look in the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Parameter", "Reading", "read"]

_QUOTED = re.compile(r'"([^"]+)"')
_LINE = re.compile(r"on line (\d+)")
_PARAMETER = re.compile(r'parameter "([^"]+)" of "([^"]+)"')
_DECLARE = re.compile(
    r'declare "([^"]+)" of (?:the implementation of )?"([^"]+)"(?: of "([^"]+)")? as (?:.*, or as )?(?:(\w+)\[)?'
)
_VARIABLE = re.compile(r'(?:on line \d+|is moved|cannot be moved) into "([^"]+)"')
_ROUND = re.compile(r"once per iteration of the (loop|comprehension)(?: on line (\d+))?")
_CAPTURED = re.compile(r'it uses up "([^"]+)", which it captured')
_SHARED_DEFAULT = re.compile(r'Every call of "([^"]+)" that leaves "([^"]+)" out would share one (\S+)')
_SHARED_FIELD = re.compile(r'Every instance of "([^"]+)" would share one (\S+) as "([^"]+)"')
_NOT_AFFINE = re.compile(r'(?:into field "[^"]+" of|but) "([^"]+)"(?:, which is not affine| is not marked @affine)')
_LENT_CLASS = re.compile(r"(?:Borrowed|Shared)\[(.+)\]")
_REPEATED = re.compile(r'"(?:\*|repeat|fromkeys)" would give (?:"([^"]+)"|one value) more than one owner')


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function. `owner`: the class that this is a method of, `mode`: what to declare it, if told."""

    name: str
    function: str
    owner: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message and its hint name, as far as they do.

    Attributes:
        place: the variable or path that the message is about; if a function captured one, that one.
        line: where it moved, or was lent, before.
        subject: what the message begins with: the place, or the function that captured it.
        parameters: each parameter that it goes into.
        variable: the name that it moved to by an assignment.
        round: "loop" or "comprehension", if it would move once per iteration of one.
        round_line: where that stands.
        repeated: whether one list, or what `repeat` or `fromkeys` gives, would have it several times.
        captured: whether the message is about a function that captured the place.
        default_of: the function whose default is shared.
        field_of: the class whose default is shared.
        holder: the class that is not affine, and should be: it would hold it, or says `@consumes`.
        class_name: the class of the value, where a hint or the message says it.
        splits: whether a hint says that the value can be split.
    """

    place: str
    subject: str = ""
    line: int | None = None
    parameters: tuple[Parameter, ...] = ()
    variable: str | None = None
    round: str | None = None
    round_line: int | None = None
    repeated: bool = False
    captured: bool = False
    default_of: str | None = None
    field_of: str | None = None
    holder: str | None = None
    class_name: str | None = None
    splits: bool = False


def read(message: str, hint: str = "") -> Reading:
    """What a message of this package says, with the hint that came with it.

    >>> reading = read('"b" is used after it was moved on line 4 into parameter "budget" of "ask"')
    >>> reading.place, reading.line, reading.parameters
    ('b', 4, (Parameter(name='budget', function='ask', owner='', mode=''),))
    """
    quoted = _QUOTED.search(message)
    place = quoted[1] if quoted else ""
    lent = _LENT_CLASS.search(hint)
    class_name = lent[1] if lent else None
    if default := _SHARED_DEFAULT.search(message):
        return Reading(default[2], default_of=default[1], class_name=default[3])
    if shared := _SHARED_FIELD.search(message):
        return Reading(shared[3], field_of=shared[1], class_name=shared[2])
    if captured := _CAPTURED.search(message):
        place = captured[1]
    if repeated := _REPEATED.search(message):
        place = repeated[1] or ""
    line, variable, round_ = _LINE.search(message), _VARIABLE.search(message), _ROUND.search(message)
    holder = _NOT_AFFINE.search(message)
    declare = [Parameter(*found) for found in _DECLARE.findall(hint)]
    named = [Parameter(*found) for found in [*_PARAMETER.findall(message), *_PARAMETER.findall(hint)]]
    return Reading(
        place,
        subject=quoted[1] if quoted else "",
        line=int(line[1]) if line and not round_ else None,
        parameters=tuple(dict.fromkeys([*declare, *named])),
        variable=variable[1] if variable else None,
        round=round_[1] if round_ else None,
        round_line=int(round_[2]) if round_ and round_[2] else None,
        repeated=repeated is not None,
        captured=captured is not None,
        holder=holder[1] if holder else None,
        class_name=class_name,
        splits=".split" in hint,
    )
