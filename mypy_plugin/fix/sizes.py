"""How many rounds a loop has, as an expression that can be evaluated before it, once more and without effect."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from .source import Source, path_of

__all__ = ["Rounds", "rounds_of"]

_AS_MANY = frozenset({"enumerate", "reversed", "sorted", "list", "tuple", "range"})
_VIEWS = frozenset({"items", "keys", "values"})


@dataclass(frozen=True, slots=True)
class Rounds:
    """A number of rounds as code; `known` if it is a number in the program."""

    code: str
    known: int | None = None

    @property
    def at_least_one(self) -> str:
        """The number, or 1 for none: nothing can be split into no parts."""
        return f"{self.code} or 1" if self.known is None else str(self.known)

    @property
    def plus_one(self) -> str:
        """The number, and one."""
        return f"{self.code} + 1" if self.known is None else str(self.known + 1)

    def split(self, place: str, parts: str, rest: str | None) -> str:
        """The statement that splits a value evenly between the rounds, and what follows them if that has a name."""
        if rest is not None:
            return f"*{parts}, {rest} = {place}.split_evenly({self.plus_one})"
        return f"{parts} = {place}.split_evenly({self.at_least_one})"


def rounds_of(source: Source, iterable: cst.BaseExpression) -> Rounds | None:
    """The number of rounds of a loop over an expression; None where it would have to be evaluated to be known."""
    if isinstance(iterable, (cst.List, cst.Tuple)):
        if any(isinstance(each, cst.StarredElement) for each in iterable.elements):
            return None
        return Rounds("", len(iterable.elements)) if iterable.elements else None
    if path_of(iterable) is not None:
        return Rounds(f"len({source.code(iterable)})")
    if not isinstance(iterable, cst.Call):
        return None
    function, arguments = path_of(iterable.func), [each.value for each in iterable.args]
    if any(each.star for each in iterable.args):
        return None
    if function == "range":
        return _rounds_of_range(source, iterable, arguments)
    if function in _AS_MANY and arguments:
        return rounds_of(source, arguments[0])
    owner, _, method = (function or "").rpartition(".")
    if method in _VIEWS and owner and not arguments:
        return Rounds(f"len({owner})")
    return None


def _rounds_of_range(source: Source, call: cst.Call, arguments: list[cst.BaseExpression]) -> Rounds | None:
    if len(arguments) == 1 and isinstance(arguments[0], cst.Integer):
        known = int(arguments[0].value.replace("_", ""), 0)
        return Rounds("", known) if known > 0 else None
    if all(isinstance(each, cst.Integer) or path_of(each) or _is_length(each) for each in arguments):
        return Rounds(f"len({source.code(call)})")
    return None


def _is_length(node: cst.BaseExpression) -> bool:
    """Whether an expression is `len(name)`."""
    return (
        isinstance(node, cst.Call)
        and path_of(node.func) == "len"
        and len(node.args) == 1
        and path_of(node.args[0].value) is not None
    )
