"""What the files contain when a group of caps has become budgets.

Whether that is a program is not decided here: mypy is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ..fix.defaults import above, first_statement, indents
from ..fix.edits import Edit, apply
from ..fix.imports import certain_imports, spelling
from ..fix.source import Source, parsed, path_of
from .caps import Cap, is_dataclass, is_stub, number_of
from .groups import CodeBase, Group
from .uses import Kind, Use

__all__ = ["CannotRewrite", "rewritten"]

_PACKAGE = "budget_types"
_BUDGET = (_PACKAGE, "Budget")
_READINGS = {Kind.LOOKED, Kind.COMPARED, Kind.TESTED, Kind.LIBRARY, Kind.RETURNED}
_VALUES = {Kind.LOOKED, Kind.LIBRARY, Kind.RETURNED}


class CannotRewrite(Exception):
    """There is no text for this group; the reason is in words."""


def rewritten(code: CodeBase, group: Group, *, careful: bool = False) -> dict[str, str]:
    """The new text of each file that changes. Raises CannotRewrite.

    `careful`: what may be None is asked for that wherever its number is read. mypy often knows that it is not.
    """
    edits: dict[Source, dict[Edit, None]] = {}
    needed: dict[Source, dict[tuple[str, str], None]] = {}
    for change in _changes(code, group, careful):
        edits.setdefault(change.source, {})[change.edit] = None
        needed.setdefault(change.source, {}).update(dict.fromkeys(change.names))
    found = {}
    for source, changes in edits.items():
        text = apply(source.text, changes)
        for module, name in needed.get(source, ()):
            again = parsed(source.path, text)
            if again is None:
                raise CannotRewrite(f"{source.path} could not be read after the rewrite")
            # The name is free, or imported already: `_name` has seen to that.
            text = apply(text, _import_edits(source, again, module, name))
        found[source.path] = text
    return found


def _import_edits(old: Source, new: Source, module: str, name: str) -> list[Edit]:
    """The import that a name needs. The rewrite uses the name, so whether it is free is asked of the old text."""
    there = any(
        isinstance(node, cst.ImportFrom)
        and node.module is not None
        and path_of(node.module) == module
        and not isinstance(node.names, cst.ImportStar)
        and any(path_of(each.name) == name for each in node.names)
        for node in certain_imports(new)
    )
    if there:
        return []
    return spelling(new, module, name, known_free=old.is_free(name))[1]


@dataclass(frozen=True)
class _Change:
    """One edit, and the names that its text wants imported."""

    source: Source
    edit: Edit
    names: tuple[tuple[str, str], ...] = ()


def _changes(code: CodeBase, group: Group, careful: bool) -> Iterator[_Change]:
    marked = set()
    for cap in group.caps:
        yield from _declaration(code, group, cap)
        counted = code.counted.get(cap)
        if counted is not None and counted.edits:
            yield from (_Change(cap.source, edit) for edit in counted.edits)
        else:
            for use in code.uses[cap]:
                yield from _use(code, cap, use, careful)
        if isinstance(cap.owner, cst.ClassDef) and cap.owner not in marked:
            marked.add(cap.owner)
            yield from _affine(cap.source, cap.owner)
    done = set()
    for handed in code.handed:
        if handed.cap in group.caps and handed.argument not in done:
            done.add(handed.argument)
            yield from _given(code, handed.source, handed.cap, handed.argument.value)


# Declarations


def _declaration(code: CodeBase, group: Group, cap: Cap) -> Iterator[_Change]:
    source, default = cap.source, cap.default
    is_parameter = isinstance(cap.declaration, cst.Param)
    made_inside = is_parameter and default is not None and path_of(default) != "None"
    if cap.annotation is not None:
        yield _annotated(cap, group, optional=cap.optional or made_inside)
    if default is None or path_of(default) == "None":
        return
    if made_inside:
        yield from _default(cap)
    elif (
        isinstance(cap.declaration, cst.AnnAssign)
        and cap.kind == "field"
        and isinstance(cap.declaration.target, cst.Name)
    ):
        yield from _field_default(cap, default)
    else:
        yield from _given(code, source, cap, default)


def _annotated(cap: Cap, group: Group, *, optional: bool) -> _Change:
    source, annotation = cap.source, cap.annotation
    assert annotation is not None
    budget = _name(source, _PACKAGE, "Budget")
    names = [_BUDGET]
    text = budget
    if optional:
        word = path_of(annotation.value) if isinstance(annotation, cst.Subscript) else None
        text = f"{word}[{budget}]" if (word or "").endswith("Optional") else f"{budget} | None"
    if group.modes[cap] == "Borrowed[Budget]":
        text = f"{_name(source, _PACKAGE, 'Borrowed')}[{text}]"
        names.append((_PACKAGE, "Borrowed"))
    if isinstance(annotation, cst.SimpleString):
        text = f"{annotation.quote}{text}{annotation.quote}"
    return _Change(source, source.replace(annotation, text), tuple(names))


def _default(cap: Cap) -> Iterator[_Change]:
    """A default is made anew in each call: one that is made once would be shared by all."""
    source, function, default = cap.source, cap.owner, cap.default
    assert isinstance(function, cst.FunctionDef) and default is not None
    if cap.optional:
        raise CannotRewrite(f"{cap}: its default is a number, and None means something else")
    yield _Change(source, source.replace(default, "None"))
    if is_stub(function):
        return
    statement = first_statement(source, function) if isinstance(function.body, cst.IndentedBlock) else None
    if statement is None:
        raise CannotRewrite(f"{cap}: its function is one line, and the default has to be made in it")
    newline = source.lines.newline
    indent, step = indents(source, function, statement)
    made = _made(cap, source, source.code(default), default)
    code = f"{indent}if {cap.name} is None:{newline}{indent}{step}{cap.name} = {made}{newline}"
    yield _Change(source, source.insert(above(source, function, statement), code), (_BUDGET,))


def _field_default(cap: Cap, default: cst.BaseExpression) -> Iterator[_Change]:
    source, owner = cap.source, cap.owner
    assert isinstance(owner, cst.ClassDef)
    if not is_dataclass(owner) or not isinstance(default, (cst.Integer, cst.Float)):
        raise CannotRewrite(f"{cap}: its default would be shared by all objects")
    field = _name(source, "dataclasses", "field")
    made = _made(cap, source, source.code(default), default)
    text = f"{field}(default_factory=lambda: {made})"
    yield _Change(source, source.replace(default, text), (("dataclasses", "field"), _BUDGET))


def _affine(source: Source, owner: cst.ClassDef) -> Iterator[_Change]:
    """A class that holds a budget has one owner, too."""
    marks = {(path_of(each.decorator) or "").rpartition(".")[2] for each in owner.decorators}
    if "affine" in marks:
        return
    name = _name(source, _PACKAGE, "affine")
    line, column = source.start(owner.decorators[0] if owner.decorators else owner)
    indent = source.lines.line(line)[:column]
    mark = source.insert((line, 0), f"{indent}@{name}{source.lines.newline}")
    yield _Change(source, mark, ((_PACKAGE, "affine"),))


# Uses


def _use(code: CodeBase, cap: Cap, use: Use, careful: bool) -> Iterator[_Change]:
    source, node = use.source, use.node
    if use.kind in _READINGS:
        may_be_none = careful and cap.optional and use.kind in _VALUES
        yield _Change(source, _read_if_any(cap, use) if may_be_none else _read(cap, use))
    elif use.kind is Kind.SPENT:
        yield from (_Change(source, edit) for edit in _spent(cap, source, node))
    elif use.kind is Kind.ASSIGNED and use.whole is not None:
        yield from _given(code, source, cap, use.whole)
    elif use in code.shares and use.whole is not None:
        # What it is split into is the fixer's to say: `adoption`.
        yield _Change(source, source.replace(use.whole, source.code(node)))
        if use.reckoned is not None:
            yield _Change(source, _without_share(source, use.reckoned))
    elif use.kind is Kind.PART and use.whole is not None:
        place = source.code(node)
        unit, end = _amount(cap, use.reckoned or use.whole)
        yield _Change(source, source.insert(source.start(use.whole), f"{place}.split({unit}"))
        yield _Change(source, _read(cap, use))
        yield _Change(source, source.insert(source.end(use.whole), f"{end})"))


def _without_share(source: Source, share: cst.BaseExpression) -> Edit:
    """The variable of an even share is no more needed."""
    statement = source.statement(share)
    block = source.parent(statement) if statement is not None else None
    alone = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1
    if not isinstance(statement, cst.SimpleStatementLine) or not alone or len(getattr(block, "body", ())) < 2:
        raise CannotRewrite("an even share of it has a name that cannot be left out: split it first, by hand")
    return source.without(statement)


def _read(cap: Cap, use: Use) -> Edit:
    """What is left, as the number that it was."""
    source, node = use.source, use.node
    if cap.unit == "tokens":
        return source.replace(node, f"{source.code(node)}.remaining")
    shown = isinstance(source.parent(node), cst.FormattedStringExpression)
    if use.kind in (Kind.COMPARED, Kind.TESTED) or shown or _is_decimal(cap):
        return source.replace(node, f"{source.code(node)}.remaining_usd")
    return source.replace(node, f"float({source.code(node)}.remaining_usd)")


def _read_if_any(cap: Cap, use: Use) -> Edit:
    """What is left, or None if there is no cap."""
    source, node = use.source, use.node
    read = _read(cap, use)
    text = f"{read.text} if {source.code(node)} is not None else None"
    alone = isinstance(source.parent(node), (cst.Arg, cst.Return, cst.DictElement)) or node.lpar
    return source.replace(node, text if alone else f"({text})")


def _spent(cap: Cap, source: Source, node: cst.BaseExpression) -> Iterator[Edit]:
    """`x -= used` and `x = x - used`."""
    around = source.parent(node)
    if isinstance(around, cst.AugAssign):
        statement: cst.CSTNode = around
        value: cst.BaseExpression = around.value
    else:
        assign = source.parent(around) if around is not None else None
        assert isinstance(assign, cst.Assign) and isinstance(assign.value, cst.BinaryOperation)
        statement, value = assign, assign.value.right
    start = source.start(value)
    # The parentheses around a value are no part of it.
    opened = len(value.lpar)
    while opened:
        start = source.lines.position(source.text.rindex("(", 0, source.lines.offset(start)))
        opened -= 1
    unit, end = _amount(cap, value)
    yield Edit(source.path, source.end(node), start, f".spend({unit}")
    yield source.insert(source.end(statement), f"{end})")


# Values


def _given(code: CodeBase, source: Source, cap: Cap, value: cst.BaseExpression) -> Iterator[_Change]:
    """A number that is given to what is a budget now."""
    if path_of(value) == "None" or code.named_in(source, value):
        return
    text = source.code(value)
    made = _made(cap, source, text, value)
    if cap.optional and path_of(value) is not None:
        made = f"{made} if {text} is not None else None"
    yield _Change(source, source.replace(value, made), (_BUDGET,))


def _made(cap: Cap, source: Source, text: str, value: cst.BaseExpression) -> str:
    budget = _name(source, _PACKAGE, "Budget")
    unit, end = _amount(cap, value)
    return f"{budget}({unit}{text}{end})"


def _amount(cap: Cap, value: cst.BaseExpression) -> tuple[str, str]:
    """What stands before and after an amount: money is exact, and a float is not."""
    if cap.unit == "tokens":
        return "", ""
    if isinstance(value, cst.Float):
        return 'usd="', '"'
    return ("usd=", "") if _is_decimal(cap) or isinstance(value, cst.Integer) else ("usd=str(", ")")


def _is_decimal(cap: Cap) -> bool:
    read = number_of(cap.annotation) if cap.annotation is not None else None
    return read is not None and read[0] == "Decimal"


def _name(source: Source, module: str, name: str) -> str:
    """How a name is spelled in a file. Raises CannotRewrite where something else is called so."""
    spelled, edits = spelling(source, module, name)
    if edits or "." in spelled or spelled != name:
        return spelled
    for node in certain_imports(source):
        if isinstance(node, cst.ImportFrom) and node.module is not None and path_of(node.module) == module:
            return spelled
    raise CannotRewrite(f'"{name}" is something else in {source.path}')
