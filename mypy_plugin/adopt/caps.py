"""The caps of a code base: each parameter, field and variable that is a number by its type and a cap by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import libcst as cst

from ..fix.source import Source, parameters, path_of
from .names import Name, Names, Unit

__all__ = ["Cap", "Finder", "Kind", "is_dataclass", "is_stub", "number_of"]

Kind: TypeAlias = Literal["parameter", "field", "variable"]
_Assigned: TypeAlias = tuple[cst.Assign | cst.AnnAssign, cst.Name | cst.Attribute]

_NUMBERS = {"int": "int", "float": "float", "Decimal": "Decimal"}
_HARMLESS_BASES = frozenset({"object", "ABC", "Generic", "Protocol"})


@dataclass(frozen=True, eq=False)
class Cap:
    """One cap, where it is declared."""

    source: Source
    kind: Kind
    name: str
    row: Name
    unit: Unit
    owner: cst.FunctionDef | cst.ClassDef | cst.Module
    """The function of a parameter or variable, the class of a field."""
    declaration: cst.Param | cst.AnnAssign | cst.Assign
    at: cst.CSTNode
    """Its name, where it is declared."""
    optional: bool = False
    obstacle: str | None = None
    """What is wrong with the declaration itself, in words."""

    @property
    def annotation(self) -> cst.BaseExpression | None:
        """The type it is declared with, if it is."""
        declared = getattr(self.declaration, "annotation", None)
        return declared.annotation if isinstance(declared, cst.Annotation) else None

    @property
    def default(self) -> cst.BaseExpression | None:
        """What it is if nobody says; for a variable, what it is made of."""
        if isinstance(self.declaration, cst.Param):
            return self.declaration.default
        return self.declaration.value

    @property
    def of(self) -> str:
        """What it belongs to: `research`, `Agent.ask`, `Agent`; empty for the module."""
        if isinstance(self.owner, cst.Module):
            return ""
        outer = self.source.class_around(self.owner) if isinstance(self.owner, cst.FunctionDef) else None
        return f"{outer.name.value}.{self.owner.name.value}" if outer is not None else self.owner.name.value

    def __str__(self) -> str:
        return f'{self.kind} "{self.name}"' + (f' of "{self.of}"' if self.of else "")


class Finder:
    """Finds the caps of files, those of each file once."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._found: dict[Source, list[Cap]] = {}

    def find(self, sources: Iterable[Source]) -> list[Cap]:
        """All caps that are declared, file by file, in the order of the text."""
        for source in sources:
            if source not in self._found:
                self._found[source] = _of_file(source, self.names)
        return [cap for source in sources for cap in self._found[source]]


def _of_file(source: Source, names: Names) -> list[Cap]:
    words = [word for word in source.words if names.find(word) is not None]
    if not words:
        return []
    given: dict[cst.CSTNode, list[_Assigned]] = {}
    """What gives a variable or field its value that is a cap by its name, by the function that it is done in."""
    assignments: list[cst.Assign | cst.AnnAssign] = source.all(cst.Assign, cst.AnnAssign)
    for node in assignments:
        target = _target(node)
        if isinstance(target, (cst.Name, cst.Attribute)) and names.find(_name_of(target)) is not None:
            given.setdefault(_body_around(source, node), []).append((node, target))
    found: list[Cap] = []
    for function in source.all(cst.FunctionDef):
        found += _of_function(source, function, names, given.get(function, ()))
    for owner in source.all(cst.ClassDef):
        found += _of_class(source, owner, names, given)
    return sorted(found, key=lambda cap: source.order(cap.at))


def _of_function(source: Source, function: cst.FunctionDef, names: Names, given: Sequence[_Assigned]) -> Iterator[Cap]:
    own = set()
    for each in parameters(function.params):
        own.add(each.name.value)
        row = names.find(each.name.value)
        if row is None or each in (function.params.star_arg, function.params.star_kwarg):
            continue
        if each.annotation is None:
            if isinstance(each.default, (cst.Integer, cst.Float)):
                word = "int" if isinstance(each.default, cst.Integer) else "float"
                unit, _ = _unit(row, word)
                no_type = "it has no type: annotate it first"
                yield Cap(source, "parameter", each.name.value, row, unit, function, each, each.name, obstacle=no_type)
            continue
        yield from _declared(source, "parameter", each.name, row, function, each, each.annotation)
    yield from _variables(source, function, own, names, given)


def _variables(
    source: Source, function: cst.FunctionDef, own: set[str], names: Names, given: Sequence[_Assigned]
) -> Iterator[Cap]:
    """The local variables that are caps by their name and by the number or the type that they are given."""
    seen = set(own)
    types = {each.name.value: each.annotation for each in parameters(function.params)}
    for node, target in given:
        if not isinstance(target, cst.Name) or target.value in seen or (row := names.find(target.value)) is None:
            continue
        seen.add(target.value)
        if isinstance(node, cst.AnnAssign):
            yield from _declared(source, "variable", target, row, function, node, node.annotation)
        elif (read := _given(node.value, types)) is not None:
            unit, obstacle = _unit(row, read[0])
            yield Cap(source, "variable", target.value, row, unit, function, node, target, read[1], obstacle)


def _of_class(
    source: Source, owner: cst.ClassDef, names: Names, given: Mapping[cst.CSTNode, Sequence[_Assigned]]
) -> Iterator[Cap]:
    obstacle = _obstacle_of_class(source, owner)
    seen = set()
    for line in owner.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if not isinstance(small, cst.AnnAssign) or not isinstance(small.target, cst.Name):
                continue
            seen.add(small.target.value)
            row = names.find(small.target.value)
            if row is not None:
                yield from _declared(source, "field", small.target, row, owner, small, small.annotation, obstacle)
    for method in owner.body.body:
        if not isinstance(method, cst.FunctionDef) or not (own := parameters(method.params)):
            continue
        types = {each.name.value: each.annotation for each in own}
        for node, target in given.get(method, ()):
            if not isinstance(target, cst.Attribute) or path_of(target.value) != own[0].name.value:
                continue
            if target.attr.value in seen or (row := names.find(target.attr.value)) is None:
                continue
            if isinstance(node, cst.AnnAssign):
                seen.add(target.attr.value)
                yield from _declared(source, "field", target, row, owner, node, node.annotation, obstacle)
            elif isinstance(node, cst.Assign):
                read = _given(node.value, types)
                if read is not None:
                    seen.add(target.attr.value)
                    unit, wrong = _unit(row, read[0])
                    name, wrong = target.attr.value, obstacle or wrong
                    yield Cap(source, "field", name, row, unit, owner, node, target, read[1], wrong)


def _declared(
    source: Source,
    kind: Kind,
    at: cst.Name | cst.Attribute,
    row: Name,
    owner: cst.FunctionDef | cst.ClassDef,
    declaration: cst.Param | cst.AnnAssign,
    annotation: cst.Annotation,
    obstacle: str | None = None,
) -> Iterator[Cap]:
    read = number_of(annotation.annotation)
    if read is not None:
        word, optional = read
        unit, wrong = _unit(row, word)
        yield Cap(source, kind, _name_of(at), row, unit, owner, declaration, at, optional, obstacle or wrong)


def _unit(row: Name, word: str) -> tuple[Unit, str | None]:
    unit: Unit = row.unit or ("tokens" if word == "int" else "usd")
    wrong = unit == "tokens" and word != "int"
    return unit, f"tokens are whole, and it is a {word}" if wrong else None


def number_of(annotation: cst.BaseExpression) -> tuple[str, bool] | None:
    """The number that an annotation stands for, and whether it allows None; None for all other types."""
    words = _members(annotation)
    if words is None:
        return None
    numbers = {_NUMBERS.get(word.rpartition(".")[2]) for word in words if word != "None"}
    if not numbers or None in numbers:
        return None
    return next(word for word in ("Decimal", "float", "int") if word in numbers), "None" in words


def _members(annotation: cst.BaseExpression) -> list[str] | None:
    """The members of a union, by name."""
    if isinstance(annotation, cst.SimpleString):
        text = annotation.evaluated_value
        try:
            return _members(cst.parse_expression(text)) if isinstance(text, str) else None
        except cst.ParserSyntaxError:
            return None
    if isinstance(annotation, cst.BinaryOperation) and isinstance(annotation.operator, cst.BitOr):
        left, right = _members(annotation.left), _members(annotation.right)
        return [*left, *right] if left is not None and right is not None else None
    if isinstance(annotation, cst.Subscript):
        word = (path_of(annotation.value) or "").rpartition(".")[2]
        items = [each.slice.value for each in annotation.slice if isinstance(each.slice, cst.Index)]
        if word in ("Optional", "Union"):
            parts = [_members(each) for each in items]
            flat = [name for part in parts if part is not None for name in part]
            return None if None in parts else [*flat, "None"] if word == "Optional" else flat
        return None
    word = path_of(annotation) or ""
    return [word] if word else None


def _given(value: cst.BaseExpression, types: Mapping[str, cst.Annotation | None]) -> tuple[str, bool] | None:
    """What type a variable has that is given a number as such, or a parameter; as `number_of`."""
    if isinstance(value, (cst.Integer, cst.Float)):
        return ("int" if isinstance(value, cst.Integer) else "float"), False
    declared = types.get(path_of(value) or "")
    return number_of(declared.annotation) if declared is not None else None


def _target(node: cst.Assign | cst.AnnAssign) -> cst.CSTNode | None:
    """What an assignment to one place gives a value to."""
    if isinstance(node, cst.Assign):
        return node.targets[0].target if len(node.targets) == 1 else None
    return node.target


def _name_of(target: cst.Name | cst.Attribute) -> str:
    return target.attr.value if isinstance(target, cst.Attribute) else target.value


def _body_around(source: Source, node: cst.CSTNode) -> cst.CSTNode:
    """The function, class or lambda, or else the module, that a statement is in."""
    inside = (each for each in source.around(node) if isinstance(each, (cst.FunctionDef, cst.ClassDef, cst.Lambda)))
    return next(inside, source.module)


def _obstacle_of_class(source: Source, owner: cst.ClassDef) -> str | None:
    """Why objects of a class cannot have a budget in a field; None if nothing shows that they cannot."""
    for each in owner.bases:
        word = path_of(each.value.value if isinstance(each.value, cst.Subscript) else each.value) or "?"
        if word.rpartition(".")[2] not in _HARMLESS_BASES:
            return f'it is a field of a "{word}", which may want a number there'
    for mark in owner.decorators:
        call = mark.decorator
        if isinstance(call, cst.Call) and "frozen" in {each.keyword.value for each in call.args if each.keyword}:
            return "it is a field of a frozen class, which people copy"
    return None


def is_dataclass(owner: cst.ClassDef) -> bool:
    """Whether a class is decorated as a dataclass."""
    marks = (
        mark.decorator.func if isinstance(mark.decorator, cst.Call) else mark.decorator for mark in owner.decorators
    )
    return any((path_of(mark) or "").rpartition(".")[2] == "dataclass" for mark in marks)


def is_stub(function: cst.FunctionDef) -> bool:
    """Whether a function has no code: `...`, `pass`, a docstring."""
    for line in function.body.body:
        small = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
        for each in small:
            if isinstance(each, cst.Pass):
                continue
            if not (isinstance(each, cst.Expr) and isinstance(each.value, (cst.Ellipsis, cst.SimpleString))):
                return False
    return True
