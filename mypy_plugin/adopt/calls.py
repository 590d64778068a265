"""What calls go to, by name: which parameter of which function of the code base an argument is for.

There are no types here. A method is any method of its name, unless it is called on `self`: all of them are rewritten
together or not at all, and mypy is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import libcst as cst

from ..fix.source import Source, parameters, path_of
from .caps import Cap, is_dataclass

__all__ = ["Callee", "Calls", "Passed"]

_Defined = TypeVar("_Defined", cst.FunctionDef, cst.ClassDef)


@dataclass(frozen=True, eq=False)
class Callee:
    """A function, method or class of the code base, as it is called: `self` is left out."""

    label: str
    positional: Sequence[str]
    names: frozenset[str]
    caps: dict[str, Cap]
    takes_any: bool = False
    """Whether it has `**kwargs`."""


@dataclass(frozen=True)
class Passed:
    """Where an argument goes: a parameter of these functions, one and the same name in all of them."""

    label: str
    parameter: str
    caps: tuple[Cap, ...]
    known: bool = True
    """Whether all of them have a cap there."""


class Calls:
    """The functions and classes of a code base, by name."""

    def __init__(self, sources: Iterable[Source], caps: Iterable[Cap]) -> None:
        self._caps: dict[cst.CSTNode, dict[str, Cap]] = {}
        for cap in caps:
            if cap.kind != "variable" and not isinstance(cap.owner, cst.Module):
                self._caps.setdefault(cap.owner, {})[cap.name] = cap
        self._functions: dict[str, list[tuple[Source, cst.FunctionDef]]] = {}
        self._classes: dict[str, list[tuple[Source, cst.ClassDef]]] = {}
        self._imports: dict[Source, dict[str, tuple[str, str]]] = {}
        for source in sources:
            self._imports[source] = dict(_imports(source))
            for function in source.all(cst.FunctionDef):
                self._functions.setdefault(function.name.value, []).append((source, function))
            for owner in source.all(cst.ClassDef):
                self._classes.setdefault(owner.name.value, []).append((source, owner))

    def all(self, source: Source) -> Iterator[tuple[cst.Call, list[Callee], int]]:
        """The calls of a file that go to the code base, and how many arguments stand before those that go there."""
        for call in source.all(cst.Call):
            found, first = self.of(source, call)
            if found:
                yield call, found, first

    def of(self, source: Source, call: cst.Call) -> tuple[list[Callee], int]:
        """Where a call's arguments go: to what is called, or to the function that it is given: `submit(ask, ...)`."""
        found = self.callees(source, call.func)
        if found:
            return found, 0
        for index, each in enumerate(call.args):
            if each.star or each.keyword is not None:
                break
            if isinstance(each.value, (cst.Name, cst.Attribute)) and (found := self._functions_of(source, each.value)):
                return found, index + 1
        return [], 0

    def passed(self, source: Source, call: cst.Call, argument: cst.Arg) -> Passed | None:
        """Where one argument goes; None if that is not in the code base, or cannot be told."""
        found, first = self.of(source, call)
        places = [(each, name) for each in found if (name := _place(each, call, argument, first)) is not None]
        if not places:
            return None
        caps = tuple(each.caps[name] for each, name in places if name in each.caps)
        return Passed(places[0][0].label, places[0][1], caps, len(caps) == len(places))

    def argument(self, callee: Callee, call: cst.Call, cap: Cap, first: int) -> cst.Arg | None:
        """The argument of a call that goes into a cap of what is called."""
        return next((each for each in call.args if _place(callee, call, each, first) == cap.name), None)

    def callees(self, source: Source, function: cst.BaseExpression) -> list[Callee]:
        """The functions, methods and classes that an expression may stand for."""
        if isinstance(function, cst.Name):
            return [*self._functions_of(source, function), *self._classes_of(source, function.value)]
        if isinstance(function, cst.Attribute):
            return self._functions_of(source, function) or self._classes_in(source, function)
        return []

    def _functions_of(self, source: Source, function: cst.Name | cst.Attribute) -> list[Callee]:
        if isinstance(function, cst.Name):
            named = self._named(source, function.value, self._functions)
            return [self._callee(other, node) for other, node in named if other.class_around(node) is None]
        name, base = function.attr.value, path_of(function.value)
        around = next((each for each in source.around(function) if isinstance(each, cst.ClassDef)), None)
        methods = [(other, node) for other, node in self._functions.get(name, ()) if other.class_around(node)]
        if base is not None and base in self._imports[source]:
            # `from package import module`, or `import module`.
            stems = {each.rpartition(".")[2] for each in self._imports[source][base]}
            found = self._functions.get(name, ())
            in_module = [each for each in found if _stem(each[0]) in stems and each[0].class_around(each[1]) is None]
            if in_module or not self._classes_of(source, base):
                return [self._callee(*each) for each in in_module]
        if isinstance(function.value, cst.Call) and path_of(function.value.func) == "super" and around is not None:
            bases = {(path_of(each.value) or "").rpartition(".")[2] for each in around.bases}
            methods = [each for each in methods if _owner(*each) in bases]
        elif base in ("self", "cls") and around is not None:
            own = [each for each in methods if each[0].class_around(each[1]) is around]
            methods = own or methods
        elif name.startswith("__"):
            return []
        return [self._callee(*each) for each in methods]

    def _classes_of(self, source: Source, name: str) -> list[Callee]:
        return [each for other, node in self._named(source, name, self._classes) for each in self._makers(other, node)]

    def _classes_in(self, source: Source, function: cst.Attribute) -> list[Callee]:
        base = path_of(function.value)
        if base is None or base not in self._imports[source]:
            return []
        found = self._classes.get(function.attr.value, ())
        return [each for other, node in found for each in self._makers(other, node)]

    def _named(
        self, source: Source, name: str, table: dict[str, list[tuple[Source, _Defined]]]
    ) -> list[tuple[Source, _Defined]]:
        here = [each for each in table.get(name, ()) if each[0] is source]
        if here:
            return here
        original, module = self._imports[source].get(name, ("", ""))
        found = table.get(original, []) if original else []
        exact = [each for each in found if _stem(each[0]) == module.rpartition(".")[2]]
        return exact or found

    def _makers(self, source: Source, owner: cst.ClassDef) -> Iterator[Callee]:
        """How objects of a class are made."""
        for each in owner.body.body:
            if isinstance(each, cst.FunctionDef) and each.name.value == "__init__":
                yield self._callee(source, each)
                return
        if is_dataclass(owner):
            lines = (line.body for line in owner.body.body if isinstance(line, cst.SimpleStatementLine))
            fields = [
                node.target.value
                for line in lines
                for node in line
                if isinstance(node, cst.AnnAssign) and isinstance(node.target, cst.Name)
            ]
            yield Callee(owner.name.value, fields, frozenset(fields), self._caps.get(owner, {}))

    def _callee(self, source: Source, function: cst.FunctionDef) -> Callee:
        owner = source.class_around(function)
        marks = {path_of(mark.decorator) for mark in function.decorators}
        bound = owner is not None and "staticmethod" not in marks
        given = [each.name.value for each in (*function.params.posonly_params, *function.params.params)]
        label = function.name.value if owner is None else f"{owner.name.value}.{function.name.value}"
        if owner is not None and function.name.value == "__init__":
            label = owner.name.value
        names = frozenset(each.name.value for each in parameters(function.params))
        takes_any = function.params.star_kwarg is not None
        return Callee(label, given[1:] if bound else given, names, self._caps.get(function, {}), takes_any)


def _place(callee: Callee, call: cst.Call, argument: cst.Arg, first: int) -> str | None:
    """The parameter that an argument is for; None for a star, or for what stands behind one."""
    if argument.star:
        return None
    if argument.keyword is not None:
        name = argument.keyword.value
        return name if name in callee.names or callee.takes_any else None
    index = -first
    for each in call.args:
        if each is argument:
            return callee.positional[index] if 0 <= index < len(callee.positional) else None
        if each.star:
            return None
        index += 1
    return None


def _stem(source: Source) -> str:
    path = Path(source.path)
    return path.parent.name if path.stem == "__init__" else path.stem


def _owner(source: Source, function: cst.FunctionDef) -> str:
    around = source.class_around(function)
    return around.name.value if around is not None else ""


def _imports(source: Source) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a file imports: what it is called here, what it is there, and the module; for a module, itself."""
    for node in source.imports:
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            module = (path_of(node.module) if node.module is not None else "") or ""
            for each in node.names:
                name = path_of(each.name) or ""
                local = (path_of(each.asname.name) if each.asname is not None else None) or name
                yield local, (name, module if module else name)
        elif isinstance(node, cst.Import):
            for each in node.names:
                name = path_of(each.name) or ""
                yield (path_of(each.asname.name) if each.asname is not None else None) or name, ("", name)
