"""What a proposer is given: one error, read, in its file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from ..wording.reading import Parameter, Reading
from .files import Files
from .mypy_errors import MypyError
from .source import Source, parameters, path_of

__all__ = ["PARTIAL", "Site", "goes_into"]

PARTIAL = frozenset({"partial", "functools.partial"})
"""What makes a function that has some of its arguments already."""


@dataclass(frozen=True)
class Site:
    """An error, what its message says, and where it is."""

    source: Source
    error: MypyError
    reading: Reading
    files: Files

    @cached_property
    def node(self) -> cst.BaseExpression | None:
        """The expression that the error is reported at, if that names the place."""
        return self.source.find(self.error, self.reading.place)

    @property
    def moved_on(self) -> int:
        """The line on which the value moves: the one that the message names, or else its own."""
        return self.reading.line or self.error.line

    def parameters(self) -> list[Parameter]:
        """The parameters that the value goes into: those the message names, then those the source shows."""
        named = list(self.reading.parameters)
        lines = {self.error.line, self.reading.line}
        for node in self.source.mentions(self.reading.place):
            if self.source.start(node)[0] in lines or self._in_function_reported(node):
                found = goes_into(self.source, node)
                if found is not None and found.name not in {each.name for each in named}:
                    named.append(found)
        return list(dict.fromkeys(named))

    def _in_function_reported(self, node: cst.CSTNode) -> bool:
        """Whether an occurrence is in a function that captured the place, reported on the error's line or by name."""
        if not self.reading.captured:
            return False
        statement = self.source.statement(node)
        assign = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if isinstance(assign, cst.Assign) and path_of(assign.targets[0].target) == self.reading.subject:
            return True
        scope = self.source.scope(node)
        if isinstance(scope, cst.Module):
            return False
        names = {scope.name.value} if isinstance(scope, cst.FunctionDef) else set()
        return self.source.start(scope)[0] == self.error.line or self.reading.subject in names


def goes_into(source: Source, node: cst.BaseExpression) -> Parameter | None:
    """The parameter that an argument goes into, where the function stands in the same file."""
    argument = source.parent(node)
    call = source.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or not isinstance(argument, cst.Arg) or argument.star:
        return None
    given, callee = list(call.args), call.func
    if path_of(callee) in PARTIAL and given[0] is not argument:
        callee = given.pop(0).value
    path = path_of(callee)
    if path is None:
        return None
    name = path.rpartition(".")[2]
    if argument.keyword is not None:
        return Parameter(argument.keyword.value, name)
    position = [each.value for each in given].index(node)
    for function in source.functions(name):
        taken = parameters(function.params)
        if source.class_around(function) is not None:
            taken = taken[1:]
        if position < len(taken):
            return Parameter(taken[position].name.value, name)
    return None
