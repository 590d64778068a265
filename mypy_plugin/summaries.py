"""What generic functions do with values of their type variables, told from module to module.

Inside a generic function `T` is any type, and most types may be copied; so what is wrong for an affine `T` is no error
there. It is kept as the function's *summary*, for the calls in which `T` stands for something affine. A module's
summaries are the value of one hidden variable of the module. So they are a part of its interface, to which mypy's
cache, its workers and its daemon attend: whoever depends on the module is checked again when they change.

Owns that variable and what stands in it. What a body does is found in `generic_bodies`, what a call solves type
variables with in `typing_facts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from mypy.nodes import MypyFile, SymbolNode
from mypy.types import CallableType, Instance, Overloaded, Type

from . import hidden
from .events import Misuse
from .type_shapes import definition_of

__all__ = ["NAME", "Summaries", "Summary", "read", "write"]

NAME: Final = "summaries"

Summary: TypeAlias = tuple[Misuse, ...]
"""What one function does that is wrong for an affine type, for each of its type variables."""


def read(tree: MypyFile) -> dict[str, Summary]:
    """The summaries of a module's functions, by full name; a function that does nothing wrong has none."""
    text = hidden.read(tree, NAME)
    summaries = json.loads(text) if text is not None else {}
    return {name: tuple(Misuse(*one) for one in summary) for name, summary in summaries.items()}


def write(tree: MypyFile, summaries: Mapping[str, Summary], string: Instance) -> bool:
    """Make these the module's summaries, and say whether it had others before. `string` is `builtins.str`."""
    kept = {name: summary for name, summary in sorted(summaries.items()) if summary}
    return hidden.write(tree, NAME, json.dumps(kept) if kept else None, string)


class Summaries:
    """The summaries of all modules of a run, as the analysis of one module reads them."""

    def __init__(self, modules: Mapping[str, MypyFile]) -> None:
        self._modules = modules
        self._read: dict[str, dict[str, Summary]] = {}
        self._itself = ""
        self.answers: dict[str, Summary] = {}
        """All that was asked of single functions, by full name."""
        self._methods: dict[SymbolNode, bool] = {}
        """What `methods` found of each definition."""
        self._by_definition: dict[SymbolNode, Summary] = {}
        """What `of_signature` found of each definition."""

    def seen_by(self, fullname: str) -> Summaries:
        """The same for a function that is being summarised: what others have of it is not news to it."""
        seen = Summaries(self._modules)
        seen._read = self._read
        seen._itself = fullname
        return seen

    def of(self, fullname: str) -> Summary:
        """What the function of this name does.

        What it has from a function that it calls counts while that one still does it: functions that call each other
        would otherwise keep alive what one of them has long stopped doing.
        """
        answer = self.answers.get(fullname)
        if answer is None:
            answer = self.answers[fullname] = tuple(
                one for one in self._written(fullname) if one.function != self._itself and self._still_stands(one)
            )
        return answer

    def methods(self, types: Iterable[Type]) -> set[int]:
        """The identities of those that are types of methods with a summary.

        Nothing else in their calls may be of an affine type: `super().pair()` in a subclass of `Stack[Budget]`. To a
        function, something affine is given, or it is told what to make.
        """
        found = set()
        for type_ in types:
            if type(type_) is CallableType:
                known = self._methods.get(type_.definition) if type_.definition is not None else False
                if known or (known is None and self._is_method(type_)):
                    found.add(id(type_))
            elif type(type_) is Overloaded and any(map(self._is_method, type_.items)):
                found.add(id(type_))
        return found

    def _is_method(self, signature: CallableType) -> bool:
        definition = definition_of(signature)
        if signature.definition is None or definition is None:
            return False
        found = bool(definition.info) and bool(self.of_signature(signature))
        self._methods[signature.definition] = found
        return found

    def of_signature(self, signature: CallableType) -> Summary:
        """What the function does that a signature is of."""
        if signature.definition is None:
            return ()
        known = self._by_definition.get(signature.definition)
        if known is None:
            definition = definition_of(signature)
            known = self.of(definition.fullname) if definition is not None else ()
            self._by_definition[signature.definition] = known
        return known

    def _still_stands(self, misuse: Misuse) -> bool:
        # mypy loads no more from its cache than it needs. What it has not loaded has not changed.
        return misuse.module not in self._modules or any(
            misuse.is_same(other) for other in self._written(misuse.function)
        )

    def _written(self, fullname: str) -> Summary:
        module = hidden.module_of(fullname, self._modules)
        if not module:
            return ()
        known = self._read.get(module)
        if known is None:
            known = self._read[module] = read(self._modules[module])
        return known.get(fullname, ())
