"""Calls of generic functions of the program: is what they do with their `T` right for what it stands for here?

What the functions do was found where their bodies were looked at (`generic_bodies`), and is in their summaries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mypy.messages import format_type_bare
from mypy.nodes import Expression
from mypy.options import Options
from mypy.types import CallableType, Type, UnionType, get_proper_type

from ..graph import Destination, Fault, Into
from ..typing_facts import definition_of, solutions
from .body import Body

__all__ = ["called"]


def called(
    body: Body, node: Expression, name: str, signatures: Iterable[CallableType], receiver: Type | None = None
) -> None:
    """`node` calls a function with one of `signatures`, solved; `receiver` is the type of what it is a method of."""
    if body.module.summaries is None:
        return
    for signature in signatures:
        definition = definition_of(signature)
        summary = body.module.summaries.of(definition.fullname) if definition is not None else ()
        if definition is None or not summary:
            continue
        solved = solutions(definition, signature, receiver)
        for misuse in summary:
            given = next((one for one in solved.get(misuse.variable, ()) if body.facts.is_affine(one)), None)
            if given is not None:
                module = "" if misuse.module == body.module.fullname else misuse.module
                to = Destination(Into.PARAMETER, _shown(body, given), name)
                body.fault(Fault.GENERIC, name, node, to, misuse=replace(misuse, module=module))
                return


def _shown(body: Body, type_: Type) -> str:
    """A type as a message names it; of `Budget | None`, the Budget."""
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        type_ = next((item for item in proper.items if body.facts.is_affine(item)), type_)
    return format_type_bare(type_, Options())
