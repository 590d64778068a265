"""`budget-minted`: a budget is made from nothing."""

from __future__ import annotations

from ..events import Event, Ownership
from ..findings import Faulty, Held, Minted
from .message import Traits

__all__ = ["minted", "minted_outside"]


def minted(finding: Minted) -> tuple[str, str]:
    """A budget is made beside one that is there."""
    held = finding.held
    text = f"{_made(finding.event, finding.place)} while {_held(held)}: the two caps add up"
    part = f'take a part of what is there, "{held.place}.split(n)"'
    return text, part if held.certain else f'{part}, and make one only where "{held.place}" has none'


def minted_outside(finding: Faulty, _: Traits) -> tuple[str, str]:
    """A budget is made in a module that may make none."""
    event = finding.event
    module = event.to.owner if event.to is not None else ""
    text = f'{_made(event, finding.place)} in "{module}", which is not among the modules that may make one'
    return text, f'take it as a parameter, or allow this module: mint = ["{module}"] in [tool.budget-types]'


def _made(event: Event, class_name: str) -> str:
    maker = event.to.name if event.to is not None else ""
    if maker:
        return f'Each {class_name} that "{maker}" makes comes from nothing'
    return f"This {class_name} is made from nothing"


def _held(held: Held) -> str:
    line = f" since line {held.since}" if held.since else ""
    if not held.certain:
        return f'"{held.place}" may hold one{line}'
    if held.ownership is Ownership.OWNED:
        return f'"{held.place}" holds one{line}'
    return f'"{held.place}" is borrowed{line}'
