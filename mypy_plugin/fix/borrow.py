"""Lend instead of give: the parameter that a value goes into is declared to borrow it.

Whether the function can do with a loan is not decided here: checking again after the rewrite does that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ..wording.message import Code
from ..wording.reading import Parameter
from .edits import Edit, Proposal
from .files import Files, imported
from .imports import is_postponed, spelled, spelling
from .site import Site, goes_into
from .source import Source, names_in, parameters, path_of
from .usage import is_emptied, looks

__all__ = ["is_only_looked_at", "lend", "lend_if_it_only_looks", "lend_the_name"]

_MODES = ("Borrowed", "Shared")
_FOLLOWED = frozenset({Code.MOVE_OF_BORROWED.value, Code.OWNERSHIP_MISMATCH.value})
"""What a function that borrows may not do: give away what it borrows, or stand where one that takes is promised."""
_UNFOLLOWED = frozenset({"Any", "object"})
_HOLDS_NOTHING = frozenset({"None", "bool", "bytes", "complex", "float", "int", "str"})
"""What no budget can be in: other parts of an overload may take it."""
_MOST = 6
"""How many declarations of one name are tried."""


def lend(site: Site) -> Iterator[Proposal]:
    """Declare a parameter that the value goes into as `Borrowed`, or as what a base promises."""
    for parameter in site.parameters():
        for source, declared in _declarations(site.source, parameter, site.files):
            mode = parameter.mode if parameter.mode in _MODES else "Borrowed"
            yield from _lent(source, declared, parameter, mode)


def lend_if_it_only_looks(site: Site) -> Iterator[Proposal]:
    """The same, for a function that does no more than read attributes of what it is given."""
    shared: dict[tuple[Source, cst.FunctionDef], dict[str, Proposal]] = {}
    for parameter in site.parameters():
        for source, declared in _declarations(site.source, parameter, site.files):
            if _only_look(source, declared, site.files):
                yield from _lent(source, declared, parameter, "Borrowed")
                for each in _lent(source, declared, parameter, "Shared"):
                    yield each
                    shared.setdefault((source, declared[0][0]), {})[parameter.name] = each
    # One value for two parameters of one call: both have to read it only.
    for (_, function), by_name in shared.items():
        if len(by_name) > 1:
            names = '" and "'.join(by_name)
            edits = dict.fromkeys(edit for proposal in by_name.values() for edit in proposal.edits)
            yield Proposal(
                f'share "{names}" of "{function.name.value}": declare them Shared', tuple(edits), follows=_FOLLOWED
            )


def lend_the_name(site: Site) -> Iterator[Proposal]:
    """A variable that was given the value is declared to borrow it: `view: Borrowed[Budget] = budget`."""
    variable, class_name, line = site.reading.variable, site.reading.class_name, site.moved_on
    if variable is None or class_name is None or not variable.isidentifier():
        return
    class_name = spelled(site.source, class_name)
    for node in site.source.mentions(variable):
        target = site.source.parent(node)
        local = isinstance(site.source.scope(node), cst.FunctionDef)
        if local and site.source.start(node)[0] == line and isinstance(target, cst.AssignTarget):
            assign = site.source.parent(target)
            if isinstance(assign, cst.Assign) and len(assign.targets) == 1:
                name, edits = spelling(site.source, "budget_types", "Borrowed", only_read=True)
                title = f'declare "{variable}" as {name}[{class_name}]'
                end = site.source.end(node)
                yield Proposal(title, (site.source.insert(end, f": {name}[{class_name}]"), *edits))


def is_only_looked_at(site: Site, node: cst.BaseExpression) -> bool:
    """Whether an argument goes to a function that does no more than read attributes of it."""
    argument = site.source.parent(node)
    call = site.source.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = (path_of(call.func) or "").rpartition(".")[2]
    named = (each for each in site.reading.parameters if each.function == name)
    parameter = goes_into(site.source, node) or next(named, None)
    return parameter is not None and any(
        _only_look(source, declared, site.files)
        for source, declared in _declarations(site.source, parameter, site.files)
    )


def _declarations(
    source: Source, parameter: Parameter, files: Files
) -> Iterator[tuple[Source, list[tuple[cst.FunctionDef, cst.Param]]]]:
    """Where the parameter may be declared: for each candidate its file, and all parts of it if it is overloaded."""
    elsewhere = imported(source, parameter.function, files)
    tried = 0
    seen: set[tuple[str, str]] = set()
    for other, name in [(source, parameter.function), *elsewhere]:
        if (other.path, name) in seen:
            continue
        seen.add((other.path, name))
        for group in _groups(other, name, parameter):
            yield other, group
            tried += 1
            if tried == _MOST:
                return


def _groups(source: Source, name: str, parameter: Parameter) -> Iterator[list[tuple[cst.FunctionDef, cst.Param]]]:
    """The functions of one name by the block that they stand in: overloads are changed together."""
    by_block: dict[object, list[tuple[cst.FunctionDef, cst.Param]]] = {}
    for function in source.functions(name):
        owner = source.class_around(function)
        if parameter.owner and (owner is None or owner.name.value != parameter.owner):
            continue
        for each in parameters(function.params):
            if each.name.value == parameter.name and each.annotation is not None:
                by_block.setdefault(source.parent(function), []).append((function, each))
    for group in by_block.values():
        overloaded = any("overload" in source.code(mark) for function, _ in group for mark in function.decorators)
        if overloaded:
            yield group
        else:
            yield from ([each] for each in group)


def _lent(
    source: Source, declared: list[tuple[cst.FunctionDef, cst.Param]], parameter: Parameter, mode: str
) -> Iterator[Proposal]:
    evaluated = not is_postponed(source) and not all(map(_is_quoted, declared))
    name, edits = spelling(source, "budget_types", mode, only_read=not evaluated)
    changes: list[Edit] = []
    if any(_goes_on(source, function, each) for function, each in declared):
        return
    if any(is_emptied(source, each.name.value, function.body) for function, each in declared):
        # Who lends it would find nothing in it.
        return
    for _, each in declared:
        assert each.annotation is not None
        annotation = each.annotation.annotation
        old = source.code(annotation)
        if len(declared) > 1 and old in _HOLDS_NOTHING:
            continue
        new = _declared_as(source, annotation, name)
        if new is None:
            return
        if new != old:
            changes.append(source.replace(annotation, new))
    if changes:
        title = f'lend "{parameter.name}" to "{parameter.function}": declare it {changes[0].text}'
        yield Proposal(title, (*changes, *edits), follows=_FOLLOWED)


def _is_quoted(declared: tuple[cst.FunctionDef, cst.Param]) -> bool:
    annotation = declared[1].annotation
    return annotation is not None and isinstance(annotation.annotation, cst.SimpleString)


def _declared_as(source: Source, annotation: cst.BaseExpression, mode: str) -> str | None:
    """An annotation as a loan; None if it says of itself how it takes its value."""
    if isinstance(annotation, cst.SimpleString):
        quote = annotation.quote
        return f"{annotation.prefix}{quote}{mode}[{annotation.raw_value}]{quote}"
    if isinstance(annotation, cst.Subscript):
        word = (path_of(annotation.value) or "").rpartition(".")[2]
        if word == "Owned":
            return source.code(annotation).replace(source.code(annotation.value), mode, 1)
        if word == "Borrowed" and mode.rpartition(".")[2] == "Shared":
            return source.code(annotation).replace(source.code(annotation.value), mode, 1)
        if word in _MODES:
            return None
    if isinstance(annotation, cst.Name) and _says_how(source, annotation.value):
        return None
    if (path_of(annotation) or "").rpartition(".")[2] in _UNFOLLOWED:
        # To say that it borrows would be a promise that nobody checks.
        return None
    return f"{mode}[{source.code(annotation)}]"


def _says_how(source: Source, name: str) -> bool:
    """Whether a name stands for a type that says how it takes its value: `Gift = Owned[Budget]`."""
    meant = [
        *((node.targets[0].target, node.value) for node in source.all(cst.Assign)),
        *((node.target, node.value) for node in source.all(cst.AnnAssign)),
        *((node.name, node.value) for node in source.all(cst.TypeAlias)),
    ]
    return any(
        path_of(alias) == name
        and isinstance(value, cst.Subscript)
        and (path_of(value.value) or "").rpartition(".")[2] in {"Owned", *_MODES}
        for alias, value in meant
    )


def _goes_on(source: Source, function: cst.FunctionDef, parameter: cst.Param) -> bool:
    """Whether a generic function does more with its parameter than look at it.

    Nothing checks that it may, before somebody calls it with a budget.
    """
    assert parameter.annotation is not None
    names = {node.value for node in source.walk(parameter.annotation) if isinstance(node, cst.Name)}
    is_generic = any(
        names & names_in(target.target)
        for assign in source.all(cst.Assign)
        if isinstance(assign.value, cst.Call) and (path_of(assign.value.func) or "").rpartition(".")[2] == "TypeVar"
        for target in assign.targets
    ) or any(names & {each.param.name.value for each in params.params} for params in source.all(cst.TypeParameters))
    uses = source.occurrences(parameter.name.value, function.body)
    return is_generic and not all(looks(source, node) for node in uses)


def _only_look(source: Source, declared: list[tuple[cst.FunctionDef, cst.Param]], files: Files) -> bool:
    """Whether all that these functions do with their parameter is to read attributes, or to print it.

    One that does nothing with it has yet to be written, or is written elsewhere: it says nothing of what it is for.
    """
    uses = [(node, each) for function, each in declared for node in source.occurrences(each.name.value, function.body)]
    loans = {each.name.value: _fields_for_loans(source, each, files) for _, each in uses}
    return bool(uses) and all(looks(source, node, loans[each.name.value]) for node, each in uses)


def _fields_for_loans(source: Source, parameter: cst.Param, files: Files) -> set[str]:
    """The names that are declared to borrow where the class of a parameter is defined."""
    assert parameter.annotation is not None
    there = [source]
    for name in re.findall(r"\w+", source.code(parameter.annotation)):
        there += [other for other, its_name in imported(source, name, files) if other.classes(its_name)]
    return {
        node.target.value
        for each in there
        for node in each.all(cst.AnnAssign)
        if isinstance(node.target, cst.Name) and any(mode in each.code(node.annotation) for mode in _MODES)
    }
