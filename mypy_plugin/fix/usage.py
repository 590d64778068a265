"""How a variable is used in a function, as far as text shows: which uses give it away, and which exclude each other."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from .source import Position, Source, path_of

__all__ = ["exclusive", "handed_over", "later", "loops_between"]

_LOOKS = frozenset({"print", "len", "repr", "str", "bool", "isinstance", "type", "id", "format", "max", "min", "sum"})
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


def handed_over(source: Source, node: cst.CSTNode) -> bool:
    """Whether an occurrence is an argument of a call, or an element of a display: a value that another may take."""
    around = source.parent(node)
    if isinstance(around, cst.Arg):
        call = source.parent(around)
        return not around.star and isinstance(call, cst.Call) and path_of(call.func) not in _LOOKS
    if isinstance(around, cst.DictElement):
        return around.value is node
    if not isinstance(around, cst.Element):
        return False
    display = source.parent(around)
    # A tuple may be a subscript, the target of an assignment or the right side of one that unpacks it.
    return isinstance(display, (cst.List, cst.Set)) or (
        isinstance(display, cst.Tuple) and isinstance(source.parent(display), (cst.Arg, cst.Element, cst.Return))
    )


def later(source: Source, place: str, scope: cst.CSTNode, start: Position) -> list[cst.BaseExpression]:
    """The occurrences of a place from `start` to the end of its function."""
    return [node for node in source.occurrences(place, scope) if source.start(node) >= start]


def exclusive(source: Source, one: cst.CSTNode, other: cst.CSTNode) -> bool:
    """Whether two nodes are in branches of which only one is taken."""
    above = {id(each): below for each, below in _with_child(source, one)}
    for each, below in _with_child(source, other):
        if id(each) not in above:
            continue
        first = above[id(each)]
        if isinstance(each, (cst.If, cst.IfExp)):
            return first is not below and not any(branch is each.test for branch in (first, below))
        if isinstance(each, cst.Match):
            return first is not below and not any(branch is each.subject for branch in (first, below))
        if isinstance(each, (cst.Try, cst.TryStar)):
            return first is not below and first in each.handlers and below in each.handlers
        return False
    return False


def loops_between(source: Source, node: cst.CSTNode, outer: cst.CSTNode) -> list[cst.CSTNode]:
    """What repeats a node, or evaluates it later or not at all, below `outer`: from the inside out."""
    found: list[cst.CSTNode] = []
    for each, below in _with_child(source, node):
        if each is outer:
            break
        if isinstance(each, (cst.For, cst.While)):
            if below is each.body or (isinstance(each, cst.While) and below is each.test):
                found.append(each)
        elif isinstance(each, (cst.Lambda, cst.FunctionDef, cst.ClassDef, *_COMPREHENSIONS)):
            found.append(each)
    return found


def _with_child(source: Source, node: cst.CSTNode) -> Sequence[tuple[cst.CSTNode, cst.CSTNode]]:
    """Each node around one, with the child through which it is reached."""
    path = list(source.around(node))
    return list(zip(path[1:], path, strict=False))
