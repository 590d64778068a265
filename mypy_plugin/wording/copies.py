"""`budget-copied`, where what stands in the program is a copy wherever it is reached: a sentence for each fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ..events import Destination, Event, Fault, Into, Misuse
from ..findings import Faulty
from .message import Traits
from .phrases import NAMELESS, goes, goes_to, lent_to, moved_into, once, once_hint, retry_hint, split_first

__all__ = ["COPIES"]


def _lent(finding: Faulty, traits: Traits) -> tuple[str, str]:
    event, name = finding.event, finding.place
    text = f'"{name}" is lent{lent_to(_first(event))} until that call returns and cannot {goes_to(event)} as well'
    return text, split_first(name) if traits.splits else "make this a statement of its own"


def _assigned_twice(finding: Faulty, traits: Traits) -> tuple[str, str]:
    event, name = finding.event, finding.place
    what = f'"{name}"' if name.isidentifier() or "." in name else f'The value of "{name}"'
    text = f"{what} already went{moved_into(_first(event))} and cannot go{moved_into(event.to)} as well"
    return text, split_first(name) if traits.splits else "give each name a value of its own"


def _repeated(finding: Faulty, traits: Traits) -> tuple[str, str]:
    copier, name = _first(finding.event), finding.place
    assert copier is not None
    what = f'"{name}"' if name else "one value"
    if copier.into is Into.OPERATOR:
        what = f'each element of "{name}"' if name else "each element"
    text = f'"{copier.owner}" would give {what} more than one owner'
    is_named = name.replace(".", "").isidentifier()
    return text, split_first(name) if traits.splits and is_named else "make each value on its own"


def _sliced(finding: Faulty, _: Traits) -> tuple[str, str]:
    name = finding.place
    return f'A slice of "{name}" would hold elements that "{name}" goes on holding', _take_out(name)


def _shared(finding: Faulty, _: Traits) -> tuple[str, str]:
    copier, name = _first(finding.event), finding.place
    owner = copier.owner if copier is not None else ""
    if copier is not None and copier.into is Into.CALL:
        text = f'"{owner}" would give what "{name}" holds more than one owner'
        return text, f'let the new one take its place, "{name} = ...", or make each value on its own'
    return f'What "{owner}" gives would hold elements that "{name}" goes on holding', _take_out(name)


def _takes_elements(finding: Faulty, _: Traits) -> tuple[str, str]:
    event, name = finding.event, finding.place
    owner = event.to.owner if event.to is not None else ""
    function = f'"{name}"' if name != "the lambda" else "The lambda"
    text = f'{function} takes its argument by move, but "{owner}" calls it with values that stay where they are'
    return text, "declare that parameter as Borrowed[...]"


def _called_again(finding: Faulty, _: Traits) -> tuple[str, str]:
    event, name = finding.event, finding.place
    who = name.capitalize() if name in NAMELESS else f'"{name}"'
    captured = _first(event)
    captive = captured.name if captured is not None else ""
    by = f' by "{event.to.owner}"' if event.to is not None and event.to.owner else ""
    return f"{who} may be called more than once{by}, but {once(captive)}", once_hint(name, captive)


def _late(finding: Faulty, _: Traits) -> tuple[str, str]:
    name, (assigned,) = finding.place, finding.event.beside
    line = assigned.node.line
    text = f'"{name}" gets a new value on line {line}, which a function that is kept here would use up as well'
    hint = f'give it the value where it is made: functools.partial(..., {name}), or a default "{name}={name}"'
    return text, hint


def _per_attempt(finding: Faulty, traits: Traits) -> tuple[str, str]:
    name, goes_in = finding.place, goes(finding.event, past=False)
    return f'"{name}" would {goes_in} once per attempt: it is called again when it fails', retry_hint(name, traits)


def _per_call(finding: Faulty, _: Traits) -> tuple[str, str]:
    called = _first(finding.event)
    method = called.name if called is not None else ""
    text = f'"{finding.place}" would {goes(finding.event, past=False)} once per call of "{method}"'
    return text, f'keep it in the object, or split inside "{method}"'


def _default(finding: Faulty, traits: Traits) -> tuple[str, str]:
    function = finding.event.to.owner if finding.event.to is not None else ""
    text = f'Every call of "{function}" that leaves "{finding.place}" out would share one {traits.class_name}'
    return text, f'default to None and make the {traits.class_name} inside "{function}"'


def _class_default(finding: Faulty, traits: Traits) -> tuple[str, str]:
    owner = finding.event.to.name if finding.event.to is not None else ""
    text = f'Every instance of "{owner}" would share one {traits.class_name} as "{finding.place}"'
    return text, f'assign "self.{finding.place}" in "__init__", or use a default factory'


def _not_generic(finding: Faulty, _: Traits) -> tuple[str, str]:
    misuse, to = finding.event.about, finding.event.to
    assert isinstance(misuse, Misuse) and to is not None
    inside = f' of "{misuse.module}"' if misuse.module else ""
    function = misuse.function.rpartition(".")[2]
    text = (
        f'"{to.owner}" treats its {misuse.variable}, here {to.name}, as if it could be copied: '
        f'{misuse.text} (in "{function}", line {misuse.line}{inside})'
    )
    lends = f"declare what it only lends, parameter or result, as Borrowed[{misuse.variable}]"
    return text, f'give each value in "{function}" one owner, and {lends}'


def _first(event: Event) -> Destination | None:
    """Where the value went first."""
    return event.about if isinstance(event.about, Destination) else None


def _take_out(name: str) -> str:
    return f'take them out one by one, "{name}.pop()", or move the whole of "{name}"'


COPIES: Final[Mapping[Fault, Callable[[Faulty, Traits], tuple[str, str]]]] = {
    Fault.LENT: _lent,
    Fault.ASSIGNED_TWICE: _assigned_twice,
    Fault.REPEATED: _repeated,
    Fault.SLICED: _sliced,
    Fault.SHARED: _shared,
    Fault.TAKES_ELEMENTS: _takes_elements,
    Fault.CALLED_AGAIN: _called_again,
    Fault.LATE: _late,
    Fault.PER_ATTEMPT: _per_attempt,
    Fault.PER_CALL: _per_call,
    Fault.DEFAULT: _default,
    Fault.CLASS_DEFAULT: _class_default,
    Fault.GENERIC: _not_generic,
}
"""What is said of each."""
