"""What the objects that functions make have of what those were given: `deps_of(budget)` has `budget` in a field.

A signature says no more than that such an object may have something of `budget`, be it a part of its own. So the body
is read, which is the business of `factory_bodies`. What is found is the value of a hidden variable of the module, as
`summaries` are, for calls in other modules.

Owns that variable, and what follows from constructors: which fields of an object have one thing. What an argument has
to do with it is the business of `loan_fields`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from mypy.nodes import FuncDef, MypyFile, TypeInfo
from mypy.types import CallableType, Instance, Type, get_proper_type

from .. import hidden
from ..bodies import functions_of
from ..events import Times
from ..type_shapes import method_of
from ..typing_facts import Facts
from .factory_bodies import FILLING, ITSELF, Made, Reader
from .places import Path

__all__ = ["NAME", "Factories", "write"]

NAME: Final = "factories"


def write(tree: MypyFile, facts: Facts | None, modules: Mapping[str, MypyFile], string: Instance) -> bool:
    """Write down what the functions of a module make, and say whether that was another thing before.

    `facts`: None where nothing of it matters. `string` is `builtins.str`.
    """
    found = {}
    if facts is not None:
        factories = Factories(tree.fullname, modules, facts)
        functions = (one.function for one in functions_of(tree) if one.function is not None)
        found = {function.fullname: made for function in functions if (made := factories.known(function))}
    return hidden.write(tree, NAME, json.dumps(found, sort_keys=True) if found else None, string)


class Factories:
    """What functions make, as the module of this name sees it."""

    def __init__(self, module: str, modules: Mapping[str, MypyFile], facts: Facts) -> None:
        self._module = module
        self._modules = modules
        self._facts = facts
        self._known: dict[FuncDef, Sequence[Made]] = {}
        self._open: set[FuncDef] = set()
        """The functions that are being read, since what they make is made of what others do."""
        self._is_cut = False
        """Whether one of them was asked for what it makes."""
        self._read: dict[str, Mapping[str, Sequence[Made]]] = {}
        self._shared: dict[TypeInfo, Mapping[Path, Path]] = {}

    def of(self, function: FuncDef) -> Sequence[Made]:
        """What objects have that a function gives."""
        return self.known(function) if function.name not in FILLING else ()

    def by_constructor(self, info: TypeInfo) -> Sequence[Made]:
        """What a new object of a class has in its fields, by the parameters of its constructor or by other fields."""
        functions = (method_of(info, name) for name in FILLING)
        return [one for function in functions if function is not None for one in self.known(function)]

    def shared(self, info: TypeInfo) -> Mapping[Path, Path]:
        """The ways from an object that lead to what another one leads to, each with that: two agents of one budget."""
        known = self._shared.get(info)
        if known is None:
            fields = {field.path for field in self._facts.loan_fields(info)}
            known = self._shared[info] = _shared(self.by_constructor(info), fields) if fields else {}
        return known

    def known(self, function: FuncDef) -> Sequence[Made]:
        """What a function makes: of a constructor, in the fields of its object.

        Of one that calls itself, by others or not, what it makes otherwise: that is all. Of the others it is not.
        """
        known = self._known.get(function)
        if known is not None:
            return known
        if function in self._open:
            self._is_cut = True
            return ()
        self._open.add(function)
        before, self._is_cut = self._is_cut, False
        found = self._find(function)
        self._open.remove(function)
        if not (self._is_cut and self._open):
            self._known[function] = found
            self._is_cut = False
        self._is_cut |= before
        return found

    def _find(self, function: FuncDef) -> Sequence[Made]:
        given, facts = _given(function, self._facts), self._facts
        fills = function.name in FILLING
        if not (
            bool(function.info) and facts.loan_fields(function.info)
            if fills
            else facts.fields_for_loans(given) or facts.collects_loans(given)
        ):
            return ()
        module = hidden.module_of(function.fullname, self._modules)
        # One that is in another function has no module in its name.
        if module in ("", self._module):
            reader = Reader(function, given, self, facts)
            return reader.filled() if fills else reader.found()
        known = self._read.get(module)
        if known is None:
            known = self._read[module] = _read(self._modules[module])
        return known.get(function.fullname, ())


def _shared(made: Sequence[Made], fields: Collection[Path]) -> dict[Path, Path]:
    """Of the ways from an object that lead to one thing, each but the first, with that. `fields`: those for loans."""
    first: dict[tuple[str, Path], Path] = {}
    found: dict[Path, Path] = {}
    for one in made:
        if one.into is not None:
            # `self.writer = Agent(self.budget)`
            own = one.path if one.parameter == ITSELF and one.path in fields else one.into
            kept = first.setdefault((one.parameter, one.path), own)
            if kept != one.into:
                found[one.into] = kept
    return found


def _read(tree: MypyFile) -> dict[str, list[Made]]:
    text = hidden.read(tree, NAME)
    found = json.loads(text) if text is not None else {}
    return {
        name: [
            Made(None if into is None else tuple(into), parameter, tuple(path), Times(times) if times else None)
            for into, parameter, path, times in made
        ]
        for name, made in found.items()
    }


def _given(function: FuncDef, facts: Facts) -> Type | None:
    """The type of what a function gives, or of what an `async def` gives whoever awaits it."""
    signature = function.type
    if not isinstance(signature, CallableType) or function.is_generator:
        return None
    result = get_proper_type(signature.ret_type)
    if isinstance(result, Instance) and result.args and facts.is_awaitable(result):
        return result.args[-1]
    return signature.ret_type
