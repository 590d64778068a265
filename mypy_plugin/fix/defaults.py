"""A default that is made once: make one for each call, or each object."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .edits import Edit, Proposal
from .imports import spelling
from .site import Site
from .source import Source, parameters, path_of

__all__ = ["default_to_none", "first_statement", "indents", "make_one_each"]


def default_to_none(site: Site) -> Iterator[Proposal]:
    """`b: Budget = Budget(1)`: default to None, and make it in the function."""
    source, name = site.source, site.reading.place
    if site.reading.default_of is None:
        return
    for function in source.functions(site.reading.default_of):
        for each in parameters(function.params):
            if each.name.value != name or each.default is None or source.start(each)[0] != site.error.line:
                continue
            if each.annotation is None or not isinstance(function.body, cst.IndentedBlock):
                continue
            edits = _made_inside(source, function, each)
            if edits is not None:
                yield Proposal(f'default "{name}" to None and make it inside "{function.name.value}"', edits)


def _made_inside(source: Source, function: cst.FunctionDef, parameter: cst.Param) -> tuple[Edit, ...] | None:
    assert parameter.annotation is not None and parameter.default is not None
    annotation, name = parameter.annotation.annotation, parameter.name.value
    statement = first_statement(source, function)
    if statement is None or _allows_none(source, annotation):
        return None
    newline = source.lines.newline
    indent, step = indents(source, function, statement)
    make = f"{indent}if {name} is None:{newline}{indent}{step}{name} = {source.code(parameter.default)}{newline}"
    return (
        source.replace(annotation, _optional(source, annotation)),
        source.replace(parameter.default, "None"),
        source.insert((source.start(statement)[0], 0), make),
    )


def first_statement(source: Source, function: cst.FunctionDef) -> cst.CSTNode | None:
    """The first statement after the docstring."""
    body = list(function.body.body)
    if function.get_docstring() is not None and isinstance(body[0], cst.SimpleStatementLine):
        body = body[1:]
    if not body:
        return None
    first = body[0]
    decorators = getattr(first, "decorators", ())
    return decorators[0] if decorators else first


def indents(source: Source, function: cst.FunctionDef, statement: cst.CSTNode) -> tuple[str, str]:
    """The indent of a function's body, and what one level of it adds."""
    line, column = source.start(statement)
    indent = source.lines.line(line)[:column]
    outer_line, outer_column = source.start(function)
    outer = source.lines.line(outer_line)[:outer_column]
    return indent, indent.removeprefix(outer) or "    "


def _allows_none(source: Source, annotation: cst.BaseExpression) -> bool:
    """Whether a caller may give None on purpose, which then has a meaning of its own."""
    return any(word in source.code(annotation) for word in ("None", "Optional", "Any", "object"))


def _optional(source: Source, annotation: cst.BaseExpression) -> str:
    """The annotation with None allowed."""
    if isinstance(annotation, cst.SimpleString):
        return f"{annotation.prefix}{annotation.quote}{annotation.raw_value} | None{annotation.quote}"
    return f"{source.code(annotation)} | None"


def make_one_each(site: Site) -> Iterator[Proposal]:
    """The default of a field: a factory in a dataclass, else an assignment in `__init__`."""
    source, name = site.source, site.reading.place
    if site.reading.field_of is None:
        return
    for each in source.classes(site.reading.field_of):
        assign = _field(source, each, name)
        if assign is None or assign.value is None:
            continue
        title = f'make a "{name}" for each "{each.name.value}"'
        if _is_dataclass(each):
            yield from _factory(source, assign, assign.value, title)
        elif isinstance(assign, cst.AnnAssign):
            yield from _in_init(source, each, assign, title)


def _field(source: Source, owner: cst.ClassDef, name: str) -> cst.AnnAssign | cst.Assign | None:
    for line in owner.body.body:
        if isinstance(line, cst.SimpleStatementLine):
            for each in line.body:
                if isinstance(each, cst.AnnAssign) and path_of(each.target) == name:
                    return each
    return None


def _is_dataclass(owner: cst.ClassDef) -> bool:
    marks = (
        each.decorator.func if isinstance(each.decorator, cst.Call) else each.decorator for each in owner.decorators
    )
    return any((path_of(mark) or "").rpartition(".")[2] == "dataclass" for mark in marks)


def _factory(
    source: Source, assign: cst.AnnAssign | cst.Assign, value: cst.BaseExpression, title: str
) -> Iterator[Proposal]:
    if isinstance(value, cst.Call) and (path_of(value.func) or "").rpartition(".")[2] == "field":
        for argument in value.args:
            if argument.keyword is not None and argument.keyword.value == "default":
                made = source.code(argument.value)
                new = (
                    source.replace(argument.keyword, "default_factory"),
                    source.replace(argument.value, f"lambda: {made}"),
                )
                yield Proposal(title, new)
        return
    name, edits = spelling(source, "dataclasses", "field")
    yield Proposal(title, (source.replace(value, f"{name}(default_factory=lambda: {source.code(value)})"), *edits))


def _in_init(source: Source, owner: cst.ClassDef, assign: cst.AnnAssign, title: str) -> Iterator[Proposal]:
    assert assign.value is not None
    makers = [each for each in owner.body.body if isinstance(each, cst.FunctionDef) and each.name.value == "__init__"]
    if len(makers) != 1 or not isinstance(makers[0].body, cst.IndentedBlock):
        return
    statement = first_statement(source, makers[0])
    declared = parameters(makers[0].params)
    if statement is None or not declared:
        return
    indent, _ = indents(source, makers[0], statement)
    made = f"{indent}{declared[0].name.value}.{source.code(assign.target)} = {source.code(assign.value)}"
    declaration = Edit(source.path, source.end(assign.annotation.annotation), source.end(assign.value), "")
    yield Proposal(title, (declaration, source.insert((source.start(statement)[0], 0), made + source.lines.newline)))
