"""What is done with a cap: every place where it is named, and what happens to it there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import libcst as cst

from ..fix.source import Position, Source, parameters, path_of
from ..fix.usage import LOOKS
from .calls import Calls
from .caps import Cap

__all__ = ["Classes", "Kind", "Use", "reduction", "unknown", "uses_of"]

Classes: TypeAlias = Mapping[tuple[str, Position], str]
"""The classes that have the attributes of which the text does not say it, by file and place."""

_READS = LOOKS | {"max", "min", "sum", "int", "float", "round", "abs", "range", "divmod"}
"""Functions that make a number or text of a number."""


class Kind(Enum):
    """What happens to a cap at one place, as the listing says it."""

    DECLARED = "declared"
    LOOKED = "looked at"
    NONE = "compared with None"
    COMPARED = "compared"
    TESTED = "tested"
    SPENT = "counted down"
    ASSIGNED = "assigned again"
    PASSED = "passed on"
    PART = "passed on in part"
    STORED = "stored"
    LIBRARY = "passed to other code"
    RETURNED = "returned"
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Use:
    """One place where a cap is named."""

    kind: Kind
    source: Source
    node: cst.BaseExpression
    to: tuple[Cap, ...] = ()
    """The caps that it goes into."""
    text: str = ""
    """What it is passed to, or stored in."""
    whole: cst.BaseExpression | None = None
    """The argument that it is a part of; the value that it is given."""
    reckoned: cst.BaseExpression | None = None
    """The part, where the argument is a variable that was given it."""
    obstacle: str | None = None
    """Why this cannot be said of a budget, in words."""

    def __str__(self) -> str:
        if self.kind is Kind.LIBRARY and self.text:
            return f'passed to "{self.text}"'
        return f'{self.kind.value} to "{self.text}"' if self.text and self.kind is not Kind.STORED else self.kind.value


def uses_of(cap: Cap, sources: Sequence[Source], calls: Calls, caps: Sequence[Cap], classes: Classes) -> list[Use]:
    """All uses of a cap in the order of the text."""
    found = []
    for source, node in _occurrences(cap, sources, classes):
        # `x = x - used` names it twice, and is one use.
        if not _is_left_of_reduction(source, node):
            found += _named_parts(source, node, calls) or [_use(cap, source, node, calls, caps)]
    return found


def _is_left_of_reduction(source: Source, node: cst.BaseExpression) -> bool:
    around = source.parent(node)
    if not isinstance(around, cst.BinaryOperation) or node is not around.left:
        return False
    assign = source.parent(around)
    return isinstance(assign, cst.Assign) and reduction(source, assign) is around


def unknown(sources: Sequence[Source], caps: Sequence[Cap]) -> Iterator[tuple[Source, cst.Attribute]]:
    """The attributes that may be caps, and of which the text does not say whose they are."""
    fields: dict[str, list[Cap]] = {}
    for cap in caps:
        if isinstance(cap.owner, cst.ClassDef):
            fields.setdefault(cap.name, []).append(cap)
    for source in sources:
        for name in fields.keys() & source.words:
            for node in source.attributes(name):
                if not any(_is_held_by(source, node, cap) for cap in fields[name]):
                    yield source, node


def _occurrences(cap: Cap, sources: Sequence[Source], classes: Classes) -> Iterator[tuple[Source, cst.BaseExpression]]:
    if isinstance(cap.owner, cst.FunctionDef):
        yield from ((cap.source, node) for node in cap.source.occurrences(cap.name, cap.owner.body))
        return
    for source in sources:
        # Most files do not know it, and to walk through one takes long.
        for node in source.attributes(cap.name) if cap.name in source.words else ():
            if classes.get((source.path, source.start(node))) == cap.of or _is_held_by(source, node, cap):
                yield source, node


def _is_held_by(source: Source, node: cst.Attribute, cap: Cap) -> bool:
    """Whether what stands before the dot is an object of the cap's class, as far as text shows."""
    base = path_of(node.value)
    if base is None or not isinstance(cap.owner, cst.ClassDef):
        return False
    function = next((each for each in source.around(node) if isinstance(each, cst.FunctionDef)), None)
    while function is not None:
        declared = parameters(function.params)
        owner = source.class_around(function)
        if owner is not None and declared and declared[0].name.value == base:
            return owner is cap.owner or cap.owner.name.value in {path_of(each.value) for each in owner.bases}
        for each in declared:
            if each.name.value == base:
                return each.annotation is not None and _names_class(source, each.annotation, cap.owner.name.value)
        if _is_made(source, base, function, cap.owner.name.value):
            return True
        outer = source.scope(function)
        function = outer if isinstance(outer, cst.FunctionDef) else None
    return _is_made(source, base, source.module, cap.owner.name.value)


def _names_class(source: Source, annotation: cst.Annotation, name: str) -> bool:
    words = source.code(annotation.annotation).strip("\"'").replace(" ", "").split("|")
    return name in {word.rpartition(".")[2] for word in words}


def _is_made(source: Source, name: str, scope: cst.CSTNode, class_name: str) -> bool:
    """Whether a variable is given a new object of a class."""
    if class_name not in source.words:
        return False
    for node in source.mentions(name):
        if source.scope(node) is not scope:
            continue
        around = source.parent(node)
        assign = source.parent(around) if isinstance(around, cst.AssignTarget) else around
        value = assign.value if isinstance(assign, (cst.Assign, cst.AnnAssign)) else None
        if isinstance(value, cst.Call) and (path_of(value.func) or "").rpartition(".")[2] == class_name:
            return True
    return False


def _use(cap: Cap, source: Source, node: cst.BaseExpression, calls: Calls, caps: Sequence[Cap]) -> Use:
    if source.stored(node):
        return _stored(cap, source, node)
    around = source.parent(node)
    if isinstance(around, (cst.Comparison, cst.ComparisonTarget)):
        return Use(_comparison(source, around), source, node)
    if isinstance(around, cst.Arg):
        return _argument(cap, source, node, around, calls)
    if isinstance(around, cst.Return):
        return Use(Kind.RETURNED, source, node)
    if isinstance(around, (cst.Assign, cst.AnnAssign)):
        return _given(cap, source, node, around, caps)
    if isinstance(around, (cst.DictElement, cst.Element)):
        return Use(Kind.LIBRARY, source, node)
    if isinstance(around, (cst.If, cst.While, cst.Assert)) or (isinstance(around, cst.IfExp) and around.test is node):
        return _tested(cap, source, node)
    if isinstance(around, (cst.BooleanOperation, cst.UnaryOperation)) and not isinstance(
        getattr(around, "operator", None), (cst.Minus, cst.Plus, cst.BitInvert)
    ):
        if isinstance(around, cst.BooleanOperation) and not _only_decides(source, around):
            return Use(Kind.OTHER, source, node, obstacle="it stands for another value if it is 0 or None")
        return _tested(cap, source, node)
    return _part(cap, source, node, calls) or Use(Kind.LOOKED, source, node)


def _stored(cap: Cap, source: Source, node: cst.BaseExpression) -> Use:
    around = source.parent(node)
    if around is cap.declaration or source.parent(around or node) is cap.declaration:
        return Use(Kind.DECLARED, source, node)
    if isinstance(around, cst.AugAssign):
        if isinstance(around.operator, cst.SubtractAssign):
            return Use(Kind.SPENT, source, node)
        return Use(Kind.OTHER, source, node, obstacle="it is made larger, or another number, in place")
    assign = source.parent(around) if isinstance(around, cst.AssignTarget) else None
    if isinstance(assign, cst.Assign) and len(assign.targets) == 1:
        if reduction(source, assign) is not None:
            return Use(Kind.SPENT, source, node)
        if any(path_of(each) == path_of(node) for each in _paths(source, assign.value)):
            return Use(Kind.OTHER, source, node, obstacle="it is given a number that is made of itself")
        return Use(Kind.ASSIGNED, source, node, whole=assign.value)
    return Use(Kind.OTHER, source, node, obstacle="it is bound again")


def reduction(source: Source, assign: cst.Assign) -> cst.BinaryOperation | None:
    """`x - used`, if that is what is assigned to `x`."""
    value, target = assign.value, assign.targets[0].target
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Subtract) and not value.lpar:
        same = path_of(value.left) is not None and path_of(value.left) == path_of(target)
        return value if same else None
    return None


def _paths(source: Source, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    return (each for each in source.walk(node) if isinstance(each, (cst.Name, cst.Attribute)))


def _comparison(source: Source, around: cst.CSTNode) -> Kind:
    whole = around if isinstance(around, cst.Comparison) else source.parent(around)
    assert isinstance(whole, cst.Comparison)
    target = whole.comparisons[0]
    is_none = isinstance(target.operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual))
    return Kind.NONE if is_none and path_of(target.comparator) == "None" else Kind.COMPARED


def _tested(cap: Cap, source: Source, node: cst.BaseExpression) -> Use:
    wrong = "it may be None or 0, and is tested for both at once" if cap.optional else None
    return Use(Kind.TESTED, source, node, obstacle=wrong)


def _only_decides(source: Source, operation: cst.CSTNode) -> bool:
    """Whether the value of `and` or `or` is only tested."""
    around = source.parent(operation)
    if isinstance(around, cst.BooleanOperation):
        return _only_decides(source, around)
    if isinstance(around, (cst.If, cst.While, cst.Assert)):
        return True
    is_not = isinstance(around, cst.UnaryOperation) and isinstance(around.operator, cst.Not)
    return is_not or (isinstance(around, cst.IfExp) and around.test is operation)


def _argument(cap: Cap, source: Source, node: cst.BaseExpression, argument: cst.Arg, calls: Calls) -> Use:
    call = source.parent(argument)
    if not isinstance(call, cst.Call) or argument.star:
        return Use(Kind.OTHER, source, node, obstacle="it is unpacked")
    name = path_of(call.func)
    if name in _READS:
        return _part(cap, source, node, calls) or Use(Kind.LOOKED, source, node)
    passed = calls.passed(source, call, argument)
    if passed is None:
        return Use(Kind.LIBRARY, source, node, text=name or source.code(call.func).partition("\n")[0])
    if not passed.known:
        here = f'parameter "{passed.parameter}" of "{passed.label}"'
        wrong = f"it goes into {here}, which is no cap by its name and type (--cap)"
        return Use(Kind.OTHER, source, node, passed.caps, passed.label, obstacle=wrong)
    return Use(Kind.PASSED, source, node, passed.caps, passed.label)


def _given(
    cap: Cap, source: Source, node: cst.BaseExpression, assign: cst.Assign | cst.AnnAssign, caps: Sequence[Cap]
) -> Use:
    """`self.budget = budget`."""
    target = assign.targets[0].target if isinstance(assign, cst.Assign) else assign.target
    place = source.code(target)
    if isinstance(assign, cst.Assign) and len(assign.targets) > 1:
        return Use(Kind.OTHER, source, node, obstacle="it is given to several names at once")
    into = tuple(
        each
        for each in caps
        if each.declaration is assign
        or (isinstance(target, cst.Attribute) and each.name == target.attr.value and _is_held_by(source, target, each))
    )
    if into:
        return Use(Kind.STORED, source, node, into, place)
    return Use(Kind.OTHER, source, node, obstacle=f'a copy of it is "{place}", which is no cap by its name (--cap)')


def _named_parts(source: Source, node: cst.BaseExpression, calls: Calls) -> list[Use]:
    """`share = budget // 2`: what the share is passed on to, if that is all that is done with it."""
    reckoned = source.parent(node)
    assign = source.parent(reckoned) if isinstance(reckoned, cst.BinaryOperation) else None
    if not isinstance(assign, cst.Assign) or not isinstance(reckoned, cst.BinaryOperation) or reckoned.left is not node:
        return []
    name = assign.targets[0].target
    if source.given_once(name) is not assign or not isinstance(name, cst.Name):
        return []
    found = []
    for each in source.occurrences(name.value, source.scope(node)):
        argument = source.parent(each)
        if source.stored(each):
            continue
        call = source.parent(argument) if isinstance(argument, cst.Arg) else None
        passed = calls.passed(source, call, argument) if isinstance(call, cst.Call) else None  # type: ignore[arg-type]
        if passed is None or not passed.caps or not passed.known or source.scope(each) is not source.scope(node):
            return []
        found.append(Use(Kind.PART, source, node, passed.caps, passed.label, each, reckoned))
    return found


def _part(cap: Cap, source: Source, node: cst.BaseExpression, calls: Calls) -> Use | None:
    """`ask(budget // 2)`: what a part of a cap is passed on to."""
    here: cst.CSTNode | None = node
    while here is not None:
        around = source.parent(here)
        if isinstance(around, cst.Arg):
            call = source.parent(around)
            assert call is not None
            if isinstance(call, cst.Call) and path_of(call.func) in _READS:
                here = call
                continue
            passed = calls.passed(source, call, around) if isinstance(call, cst.Call) else None
            if passed is None or not passed.caps:
                return None
            return Use(Kind.PART, source, node, passed.caps, passed.label, around.value)
        if not isinstance(around, (cst.BinaryOperation, cst.UnaryOperation)):
            return None
        here = around
    return None
