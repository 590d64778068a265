"""Even shares: `cap // 3` for each of three, `cap // len(topics)` for each of the topics.

Owns what counts as one, by the text alone. That the shares can be split off is for the fixer to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from ..fix.sizes import rounds_of
from ..fix.source import Source, levels, path_of
from .caps import Cap
from .uses import Kind, Use

__all__ = ["Shares", "even_shares"]

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)


@dataclass(frozen=True)
class Shares:
    """What a cap is handed on in: in this file, under this name, divided by this number."""

    path: str
    place: str
    number: str

    def splits(self, source: Source) -> int:
        """How often a file splits the cap by that number."""
        return sum(
            path_of(call.func) == f"{self.place}.split_evenly"
            and len(call.args) == 1
            and source.code(call.args[0].value) == self.number
            for call in source.all(cst.Call)
        )


def even_shares(cap: Cap, uses: Sequence[Use]) -> tuple[list[Use], Shares] | None:
    """The parts of a cap that are passed on, if they are as many as it is divided by."""
    parts = [use for use in uses if use.kind is Kind.PART]
    numbers = {_divisor(cap, use) for use in parts}
    if len(numbers) != 1 or (number := numbers.pop()) is None:
        return None
    source, scope = parts[0].source, parts[0].source.scope(parts[0].node)
    if any(source.scope(use.node) is not scope for use in parts):
        return None
    if any(_is_less_by_then(use, uses) for use in parts):
        return None
    loops = [_loops(use) for use in parts]
    if not any(loops):
        is_even = str(len(parts)) == number and len(parts) > 1
    else:
        is_even = len(parts) == len(loops[0]) == 1 and _rounds(source, parts[0], uses, *loops[0][0]) == number
    return (parts, Shares(source.path, source.code(parts[0].node), number)) if is_even else None


def _is_less_by_then(part: Use, uses: Sequence[Use]) -> bool:
    """Whether something is taken from a cap between a part of it that has a name and what that is passed on to."""
    if part.reckoned is None or part.whole is None:
        return False
    first, last = part.source.order(part.reckoned), part.source.order(part.whole)
    changed = (use for use in uses if use.kind in (Kind.SPENT, Kind.ASSIGNED) and use.source is part.source)
    return any(first < use.source.order(use.node) < last for use in changed)


def _divisor(cap: Cap, use: Use) -> str | None:
    """What a cap is divided by, as code."""
    whole = use.reckoned or use.whole
    if not isinstance(whole, cst.BinaryOperation) or whole.left is not use.node or whole.lpar:
        return None
    divides = cst.FloorDivide if cap.unit == "tokens" else cst.Divide
    if not isinstance(whole.operator, divides):
        return None
    given = use.source.given_once(whole.right)
    # `count = len(topics)`, and a number of parts may be reckoned twice.
    named = given is not None and isinstance(given.value, cst.Call) and path_of(given.value.func) == "len"
    return use.source.code(given.value if given is not None and named else whole.right)


def _rounds(
    source: Source, part: Use, uses: Sequence[Use], loop: cst.CSTNode, iterable: cst.BaseExpression
) -> str | None:
    """How many rounds a loop has, as code, if it does nothing with the cap but hand on a part."""
    if any(use is not part and any(each is loop for each in source.around(use.whole or use.node)) for use in uses):
        return None
    rounds = rounds_of(source, iterable)
    if rounds is None:
        return None
    return rounds.code if rounds.known is None else str(rounds.known)


def _loops(use: Use) -> list[tuple[cst.CSTNode, cst.BaseExpression]]:
    """What repeats a use in its function, and what each of these goes through."""
    source: Source = use.source
    node = use.whole or use.node
    scope = source.scope(node)
    found: list[tuple[cst.CSTNode, cst.BaseExpression]] = []
    for each in source.around(node):
        if each is scope:
            break
        if isinstance(each, cst.For):
            found.append((each, each.iter))
        elif isinstance(each, cst.While):
            found.append((each, each.test))
        elif isinstance(each, _COMPREHENSIONS):
            found += [(each, level.iter) for level in levels(each)]
    return found
