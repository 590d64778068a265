"""How many rounds a loop has, as an expression that can be evaluated before it, once more and without effect.

Nothing can be split into no parts, and what is used up cannot be split at all. So where there may be no rounds, there
is an expression for "any at all", too, and what has none of them is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import libcst as cst

from .source import Source, path_of

__all__ = ["Rounds", "live", "many", "number_of", "product", "rounds_of"]

_AS_MANY = frozenset({"enumerate", "reversed", "sorted", "list", "tuple", "range"})
_COPIES = frozenset({"range", "sorted", "list", "tuple"})
"""What goes over a copy of what it is given, or over numbers."""
_VIEWS = frozenset({"items", "keys", "values"})


@dataclass(frozen=True, slots=True)
class Rounds:
    """A number of rounds as code, and how to ask whether there are any; `known` if the program says the number.

    `some` is empty where there surely are.

    `least`: the number where it cannot be less than none, if that is another code.
    """

    code: str
    some: str = ""
    known: int | None = None
    least: str = ""

    def parts(self, place: str) -> str:
        """An even part of a value for each round, as a list."""
        if self.known is not None:
            return f"{place}.split_evenly({self.known})"
        parts = f"{place}.split_evenly({self.code})"
        return f"{parts} if {self.some} else []" if self.some else parts

    def split(self, place: str, parts: str, rest: str | None) -> str:
        """The statement that splits a value evenly between the rounds, and what follows them if that has a name."""
        if rest is None:
            return f"{parts} = {self.parts(place)}"
        number = str(self.known + 1) if self.known is not None else f"{self.least or self.code} + 1"
        return f"*{parts}, {rest} = {place}.split_evenly({number})"


def rounds_of(source: Source, iterable: cst.BaseExpression) -> Rounds | None:
    """The number of rounds of a loop over an expression; None where it would have to be evaluated to be known."""
    if isinstance(iterable, (cst.List, cst.Tuple)):
        if any(isinstance(each, cst.StarredElement) for each in iterable.elements):
            return None
        return Rounds("", known=len(iterable.elements)) if iterable.elements else None
    if path_of(iterable) is not None or _is_element(iterable):
        return Rounds(f"len({source.code(iterable)})", source.code(iterable))
    if isinstance(iterable, cst.BooleanOperation):
        return _rounds_of_any(source, iterable)
    if not isinstance(iterable, cst.Call):
        return None
    function, arguments = path_of(iterable.func), [each.value for each in iterable.args]
    if any(each.star for each in iterable.args):
        return None
    if function == "zip":
        return _rounds_of_zip(source, iterable)
    if function in {"product", "itertools.product"} and all(each.keyword is None for each in iterable.args):
        return product([rounds_of(source, each) for each in arguments])
    if function == "range":
        return _rounds_of_range(source, iterable, arguments)
    if function in _AS_MANY and arguments:
        return rounds_of(source, arguments[0])
    owner, _, method = (function or "").rpartition(".")
    if method in _VIEWS and owner and not arguments:
        return Rounds(f"len({owner})", owner)
    return None


def _rounds_of_any(source: Source, whole: cst.BooleanOperation) -> Rounds | None:
    """`topics or []`: as many as there are, and none if that is None."""
    name, nothing = path_of(whole.left), whole.right
    is_empty = isinstance(nothing, (cst.List, cst.Tuple)) and not nothing.elements
    if name is None or not is_empty or not isinstance(whole.operator, cst.Or):
        return None
    return Rounds(f"len({name})", name, least=f"len({source.code(whole)})")


def many(source: Source, number: cst.BaseExpression) -> Rounds | None:
    """As many rounds as a number says, none if it is less; None where it would have to be evaluated to be known."""
    known = number_of(number)
    if known is not None:
        return Rounds("", known=known) if known > 0 else None
    code = source.code(number)
    if _is_length(number):
        return Rounds(code, code.removeprefix("len(").removesuffix(")").strip())
    return Rounds(code, f"{code} > 0", least=f"max({code}, 0)") if _is_reckoned(number) and "\n" not in code else None


def _rounds_of_zip(source: Source, call: cst.Call) -> Rounds | None:
    """As many as the shortest has; they are all the same if the program says so."""
    each = [rounds_of(source, argument.value) for argument in call.args if argument.keyword is None]
    found = [one for one in each if one is not None]
    if not found or len(found) < len(each):
        return None
    known = [one.known for one in found if one.known is not None]
    if len(known) == len(found):
        return Rounds("", known=min(known))
    codes = list(dict.fromkeys(one.least or one.code if one.known is None else str(one.known) for one in found))
    if len(codes) == 1 or any(source.code(argument) == "strict=True" for argument in call.args):
        return next(one for one in found if one.known is None)
    some = dict.fromkeys(one.some for one in found if one.known is None)
    return Rounds(f"min({', '.join(codes)})", " and ".join(some))


def product(each: Sequence[Rounds | None]) -> Rounds | None:
    """As many rounds as there are ways to take one of each."""
    found = [one for one in each if one is not None]
    if not found or len(found) < len(each):
        return None
    counted = [one for one in found if one.known is None]
    known = prod(one.known for one in found if one.known is not None)
    if not counted:
        return Rounds("", known=known)
    codes = [one.least or one.code for one in counted] + ([str(known)] if known > 1 else [])
    return Rounds(" * ".join(codes), " and ".join(dict.fromkeys(one.some for one in counted)))


def live(source: Source, iterable: cst.BaseExpression) -> list[str]:
    """The variables and paths that a loop goes over as they are, and not over a copy of them."""
    if isinstance(iterable, cst.Call):
        function = path_of(iterable.func) or ""
        owner, _, method = function.rpartition(".")
        if method in _VIEWS and owner:
            return [owner]
        if function in _COPIES:
            return []
        return [path for argument in iterable.args for path in live(source, argument.value)]
    if isinstance(iterable, cst.BooleanOperation):
        return live(source, iterable.left)
    if isinstance(iterable, cst.Subscript):
        whole = path_of(iterable.value)
        is_slice = any(isinstance(each.slice, cst.Slice) for each in iterable.slice)
        return [whole] if whole is not None and not is_slice else []
    path = path_of(iterable)
    return [path] if path is not None else []


def _is_element(node: cst.BaseExpression) -> bool:
    """Whether an expression is an element of something that has a name, by a key that is written out, or a slice."""
    if not isinstance(node, cst.Subscript) or path_of(node.value) is None or len(node.slice) != 1:
        return False
    index = node.slice[0].slice
    if isinstance(index, cst.Index):
        return isinstance(index.value, cst.SimpleString) or number_of(index.value) is not None
    if not isinstance(index, cst.Slice):
        return False
    bounds = (index.lower, index.upper, index.step)
    return all(each is None or number_of(each) is not None or path_of(each) is not None for each in bounds)


def _rounds_of_range(source: Source, call: cst.Call, arguments: list[cst.BaseExpression]) -> Rounds | None:
    numbers = [number_of(each) for each in arguments]
    if 0 < len(numbers) <= 3 and None not in numbers:
        known = len(range(*(each for each in numbers if each is not None))) if numbers[2:] != [0] else 0
        return Rounds("", known=known) if known > 0 else None
    if len(arguments) == 1:
        return many(source, arguments[0])
    if len(arguments) == 2 and numbers[0] is not None and (left := _more_than(arguments[1], numbers[0])) is not None:
        return many(source, left)
    if all(map(_is_reckoned, arguments)) and "\n" not in source.code(call):
        return Rounds(f"len({source.code(call)})", source.code(call))
    return None


def _more_than(node: cst.BaseExpression, number: int) -> cst.BaseExpression | None:
    """The `times` of `times + number`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add) and number_of(node.right) == number:
        return node.left
    return None


def _is_reckoned(node: cst.BaseExpression) -> bool:
    """Whether a number can be had again: it is made of variables, lengths and numbers."""
    if isinstance(node, cst.BinaryOperation):
        is_simple = isinstance(node.operator, (cst.Add, cst.Subtract, cst.Multiply, cst.FloorDivide))
        return is_simple and _is_reckoned(node.left) and _is_reckoned(node.right)
    return number_of(node) is not None or path_of(node) is not None or _is_length(node)


def number_of(node: cst.BaseExpression) -> int | None:
    """A whole number that is written out."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        number = number_of(node.expression)
        return -number if number is not None else None
    return int(node.value.replace("_", ""), 0) if isinstance(node, cst.Integer) else None


def _is_length(node: cst.BaseExpression) -> bool:
    """Whether an expression is `len(name)`."""
    return (
        isinstance(node, cst.Call)
        and path_of(node.func) == "len"
        and len(node.args) == 1
        and path_of(node.args[0].value) is not None
    )
