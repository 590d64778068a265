"""Makes a program that fails smaller, as long as it fails in the same way.

All programs that are one step smaller are checked together, in one run of mypy; the smallest that still fails is the
next to be made smaller. So a failure is small after a dozen runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import islice
from typing import Any, get_type_hints

from .check import Mismatch, check
from .language import Condition, Node, Number, Program, Statement, Value, children, nodes
from .language.expressions import Call, Decide, Fresh, Place
from .language.statements import Case, Handler
from .spelling.program import spell

__all__ = ["shrink", "smaller"]

_OPTIONAL = {
    ("Assign", "other"),
    ("Case", "guard"),
    ("Comprehension", "condition"),
    ("While", "condition"),
    ("Define", "default"),
    ("Define", "number"),
    ("Return", "value"),
}
CANDIDATES = 150
ROUNDS = 40


def shrink(mismatch: Mismatch) -> Mismatch:
    """The smallest mismatch of the same kind that can be reached from this one."""
    unsound = bool(mismatch.unsound)
    for _ in range(ROUNDS):
        size = _size(mismatch.program)
        steps = sorted((one for one in smaller(mismatch.program) if _size(one) < size), key=_size)
        candidates = list(islice(_distinct(steps), CANDIDATES))
        if not candidates:
            break
        failing = [each for each in check(candidates).mismatches if bool(each.unsound) == unsound]
        if not failing:
            break
        mismatch = min(failing, key=lambda each: _size(each.program))
    return mismatch


def _distinct(programs: list[Program]) -> Iterator[Program]:
    """Different programs that compile, each of another name."""
    seen: set[Node] = set()
    for program in programs:
        if program in seen:
            continue
        seen.add(program)
        named = replace(program, name=f"f{len(seen)}")
        spelled = spell(named)
        try:
            compile(spelled.twin, "", "exec")
            compile(spelled.typed, "", "exec")
        except SyntaxError:
            continue
        yield named


def _size(node: Node) -> int:
    return sum(_weight(each) for each in nodes(node))


def _weight(node: Node) -> int:
    if isinstance(node, Place):
        return len(node.path)
    if isinstance(node, (Decide, Fresh)):
        return 1
    return 2


def smaller(node: Any) -> Iterator[Any]:
    """Nodes of the same sort in which one thing is left out or simpler."""
    if isinstance(node, Value) and not isinstance(node, (Place, Fresh)):
        yield Fresh("coin")
        yield from (child for child in children(node) if isinstance(child, Value))
    if isinstance(node, Number) and node != Call("note", ()):
        yield Call("note", ())
        yield from (child for child in children(node) if isinstance(child, Number))
    if isinstance(node, Condition) and not isinstance(node, Decide):
        yield Decide()
        yield from (child for child in children(node) if isinstance(child, Condition))
    sorts = get_type_hints(type(node))
    """What may stand in each field."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            for changed in _smaller_tuple(value):
                yield replace(node, **{field.name: changed})
        elif isinstance(value, Node):
            for one in smaller(value):
                if isinstance(one, sorts[field.name]):
                    yield replace(node, **{field.name: one})
            if (type(node).__name__, field.name) in _OPTIONAL:
                yield replace(node, **{field.name: None})


def _smaller_tuple(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for index, item in enumerate(items):
        before, after = items[:index], items[index + 1 :]
        if isinstance(item, Node):
            if not isinstance(item, (Value, Number)):
                yield before + after
            if isinstance(item, Statement):
                # What stands in a compound statement, without it.
                for inner in vars(item).values():
                    if isinstance(inner, tuple) and inner and isinstance(inner[0], Statement):
                        yield before + inner + after
                clauses = (inner for inner in children(item) if isinstance(inner, (Case, Handler)))
                yield from (before + clause.body + after for clause in clauses)
            sort = Number if isinstance(item, Number) else Value if isinstance(item, Value) else Node
            for one in smaller(item):
                if isinstance(one, sort):
                    yield (*before, one, *after)
