"""A default that is made once: make one for each call, or each object."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import libcst as cst

from .edits import Edit, Proposal
from .imports import spelled, spelling
from .site import Site
from .source import Source, parameters, path_of

__all__ = ["above", "default_to_none", "first_statement", "indents", "make_one_each"]


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
    statement = _below_others(source, function, parameter)
    if statement is None or _allows_none(source, annotation):
        return None
    named = {node.value for node in source.walk(parameter.default) if isinstance(node, cst.Name)}
    if any(source.binds(function, each) for each in named):
        # They stand for something else in the function.
        return None
    newline = source.lines.newline
    indent, step = indents(source, function, statement)
    make = f"{indent}if {name} is None:{newline}{indent}{step}{name} = {source.code(parameter.default)}{newline}"
    return (
        source.replace(annotation, _optional(source, annotation)),
        source.replace(parameter.default, "None"),
        source.insert(above(source, function, statement), make),
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


def _below_others(source: Source, function: cst.FunctionDef, parameter: cst.Param) -> cst.CSTNode | None:
    """The first statement below those that make the defaults of the parameters before one."""
    declared = [each.name.value for each in parameters(function.params)]
    tests = {f"{each} is None" for each in declared[: declared.index(parameter.name.value)]}
    body, first = list(function.body.body), first_statement(source, function)
    for each, following in pairwise(body):
        if each is first and isinstance(each, cst.If) and source.code(each.test) in tests:
            first = next(iter(getattr(following, "decorators", ())), following)
    return first


def above(source: Source, function: cst.FunctionDef, statement: cst.CSTNode) -> tuple[int, int]:
    """Where another statement goes that is to be the first: above the comments on what was the first."""
    line = source.start(statement)[0]
    docstring = function.body.body[0] if function.get_docstring() is not None else None
    top = source.end(docstring)[0] if docstring is not None else source.start(function.name)[0]
    while line - 1 > top and source.lines.line(line - 1).lstrip().startswith("#"):
        line -= 1
    return line, 0


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
    """The default of a field: a factory where a class is made of its fields, else an assignment in `__init__`."""
    source, name = site.source, site.reading.place
    if site.reading.field_of is None:
        return
    for each in source.classes(site.reading.field_of):
        assign = _field(source, each, name)
        if assign is None or assign.value is None:
            continue
        title = f'make a "{name}" for each "{each.name.value}"'
        marks = _marks(each)
        maker = next((_MAKERS[word] for mark in marks if (word := mark.rpartition(".")[2]) in _MAKERS), None)
        if maker is not None:
            ib = any(mark.startswith("attr.") for mark in marks)
            yield from _factory(source, _Maker("attr", "ib", "factory") if ib else maker, assign.value, title)
        elif len(source.occurrences(name, each.body)) == 1 and not any(
            source.mentions(f"{owner}.{name}") for owner in ("cls", *(one.name.value for one in _line(source, each)))
        ):
            # Nobody reads it from the class.
            yield from _in_init(source, each, assign, site.reading.class_name or "", title)


class _Maker(NamedTuple):
    """What describes a field: where it is, its name, and what it calls a factory."""

    module: str
    field: str
    factory: str


_ATTRS = _Maker("attrs", "field", "factory")
_MAKERS = {
    "dataclass": _Maker("dataclasses", "field", "default_factory"),
    **dict.fromkeys(("attrs", "define", "frozen", "mutable", "s"), _ATTRS),
}
"""What makes a class of its fields, by its last word."""


def _marks(owner: cst.ClassDef) -> list[str]:
    """The decorators of a class, without what they are called with."""
    marks = (
        each.decorator.func if isinstance(each.decorator, cst.Call) else each.decorator for each in owner.decorators
    )
    return [path_of(mark) or "" for mark in marks]


def _field(source: Source, owner: cst.ClassDef, name: str) -> cst.AnnAssign | cst.Assign | None:
    for line in owner.body.body:
        if isinstance(line, cst.SimpleStatementLine):
            for each in line.body:
                if isinstance(each, cst.AnnAssign) and path_of(each.target) == name:
                    return each
                if isinstance(each, cst.Assign) and [path_of(one.target) for one in each.targets] == [name]:
                    return each
    return None


def _factory(source: Source, maker: _Maker, value: cst.BaseExpression, title: str) -> Iterator[Proposal]:
    word = (path_of(value.func) or "").rpartition(".")[2] if isinstance(value, cst.Call) else ""
    if isinstance(value, cst.Call) and word in {"attrib", "field", "ib"}:
        for position, argument in enumerate(value.args):
            made = f"lambda: {source.code(argument.value)}"
            if argument.keyword is not None and argument.keyword.value == "default":
                new = source.replace(argument.keyword, maker.factory), source.replace(argument.value, made)
                yield Proposal(title, new)
            elif argument.keyword is None and position == 0 and word != "field":
                yield Proposal(title, (source.replace(argument.value, f"factory={made}"),))
        return
    name, edits = spelling(source, maker.module, maker.field)
    made = f"{name}({maker.factory}=lambda: {source.code(value)})"
    yield Proposal(title, (source.replace(value, made), *edits))


def _in_init(
    source: Source, owner: cst.ClassDef, assign: cst.AnnAssign | cst.Assign, class_name: str, title: str
) -> Iterator[Proposal]:
    assert assign.value is not None
    target = assign.target if isinstance(assign, cst.AnnAssign) else assign.targets[0].target
    value, newline = source.code(assign.value), source.lines.newline
    if isinstance(assign, cst.AnnAssign):
        declaration = Edit(source.path, source.end(assign.annotation.annotation), source.end(assign.value), "")
    else:
        declaration = Edit(
            source.path, source.end(target), source.end(assign.value), f": {spelled(source, class_name)}"
        )
    makers = [each for each in owner.body.body if isinstance(each, cst.FunctionDef) and each.name.value == "__init__"]
    if not makers:
        made = _an_init(source, owner, f"{source.code(target)} = {value}")
        if made is not None:
            yield Proposal(title, (declaration, made))
        return
    if len(makers) != 1 or not isinstance(makers[0].body, cst.IndentedBlock):
        return
    statement = first_statement(source, makers[0])
    declared = parameters(makers[0].params)
    if statement is None or not declared or _is_made_otherwise(source, owner):
        return
    indent, _ = indents(source, makers[0], statement)
    text = f"{indent}{declared[0].name.value}.{source.code(target)} = {value}{newline}"
    yield Proposal(title, (declaration, source.insert(above(source, makers[0], statement), text)))


def _line(source: Source, owner: cst.ClassDef) -> list[cst.ClassDef]:
    """A class and its heirs in the file."""
    found = [owner]
    for each in source.all(cst.ClassDef):
        if {path_of(one.value) for one in each.bases} & {one.name.value for one in found}:
            found.append(each)
    return found


def _is_made_otherwise(source: Source, owner: cst.ClassDef) -> bool:
    """Whether an heir has an `__init__` of its own that does not call the one of the class."""
    own = (each for heir in _line(source, owner)[1:] for each in heir.body.body if isinstance(each, cst.FunctionDef))
    calls = ("super().__init__(", f"{owner.name.value}.__init__(")
    return any(each.name.value == "__init__" and not any(call in source.code(each) for call in calls) for each in own)


def _an_init(source: Source, owner: cst.ClassDef, made: str) -> Edit | None:
    """An `__init__` for a class that has none, where nothing else could make one; below its fields."""
    marks = {mark.rpartition(".")[2] for mark in _marks(owner)}
    if marks - {"affine"} or owner.bases or owner.keywords or _is_made_otherwise(source, owner):
        return None
    fields: list[cst.CSTNode] = []
    for each in owner.body.body:
        if not isinstance(each, cst.SimpleStatementLine):
            break
        fields.append(each)
    if not fields or not isinstance(owner.body, cst.IndentedBlock):
        return None
    line, column = source.start(fields[0])
    indent, newline = source.lines.line(line)[:column], source.lines.newline
    after = source.end(fields[-1])[0] + 1
    while source.lines.line(after).strip().startswith("#"):
        after += 1
    lines = f"{newline}{indent}def __init__(self) -> None:{newline}{indent}{source.step}self.{made}"
    if after > len(source.lines.starts):
        # The file ends without a line end.
        last = after - 1
        return source.insert((last, len(source.lines.line(last))), newline + lines)
    return source.insert((after, 0), lines + newline)
