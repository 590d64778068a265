"""What is counted up to a cap: `used += cost`, where `used > cap` is asked.

Nothing is rewritten for it. Such a loop compares before a call or after it, and then breaks, returns or raises, where
`spend` raises before anything is exceeded: what is to be written, and who else reads the sum, is for people to see.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..fix.source import Source, path_of
from .uses import Kind, Use

__all__ = ["counter_of"]


def counter_of(use: Use) -> tuple[str, int] | None:
    """The variable or field that is compared with a cap and counted up, and the line where it is."""
    source = use.source
    comparison = next((each for each in source.around(use.node) if isinstance(each, cst.Comparison)), None)
    if use.kind is not Kind.COMPARED or comparison is None:
        return None
    for name in dict.fromkeys(path_of(each) for each in source.walk(comparison)):
        if name is not None and name != path_of(use.node):
            for statement in _counts_up(source, name):
                if _reach(source, name, statement) is _reach(source, name, use.node):
                    return name, source.start(statement)[0]
    return None


def _counts_up(source: Source, name: str) -> Iterator[cst.CSTNode]:
    """Each `name += cost` and `name = name + cost` of a file."""
    for node in source.mentions(name):
        around = source.parent(node)
        if isinstance(around, cst.AugAssign) and around.target is node and isinstance(around.operator, cst.AddAssign):
            yield around
        assign = source.parent(around) if isinstance(around, cst.AssignTarget) else None
        value = assign.value if isinstance(assign, cst.Assign) else None
        if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add) and assign is not None:
            yield from [assign] if path_of(value.left) == name else []


def _reach(source: Source, name: str, node: cst.CSTNode) -> cst.CSTNode:
    """Where a name means one thing: the class for `self.used`, else the function."""
    owner = next((each for each in source.around(node) if isinstance(each, cst.ClassDef)), None)
    return owner if name.startswith("self.") and owner is not None else source.scope(node)
