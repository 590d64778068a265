"""What a collection has by its elements: these values themselves, `[budget, other]`, or all that is in a container.

A task that is lent an element has one of these values, and another task that is lent another element has another one.
Not so where a value is there twice. Asks questions of a body; changes nothing in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mypy.nodes import (
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    DictExpr,
    DictionaryComprehension,
    Expression,
    GeneratorExpr,
    OpExpr,
    RefExpr,
    StarExpr,
)

from ..events import Times
from ..knowledge.containers import REPEATING
from . import updates
from .loan_fields import held_in_fields, is_in_field
from .loans import passed_through, sources
from .lookups import method_row
from .syntax import COMPREHENSIONS, DISPLAYS, elements_of, names_in

if TYPE_CHECKING:
    from .body import Body

__all__ = ["containers", "element_values", "in_fields", "renewed", "values"]


def values(body: Body, node: Expression) -> dict[int, Times]:
    """The places whose values an expression gives, itself or in what it makes, each with how often as one element."""
    if isinstance(node, ConditionalExpr):
        return _of_either(values(body, node.if_expr), values(body, node.else_expr))
    if isinstance(node, OpExpr) and node.op in ("and", "or"):
        return _of_either(values(body, node.left), values(body, node.right))
    if isinstance(node, AssignmentExpr):
        return values(body, node.target)
    if isinstance(node, StarExpr):
        has_place = body.places.of(node.expr) is not None
        return values(body, node.expr) if has_place else _in_one(element_values(body, node.expr))
    held = held_in_fields(body, node)
    if held:
        # Each by all of its names.
        return _as_one(place for one in held if one.whole for place in _of_places(body, [one.place]))
    place = body.places.of(node)
    if place is not None:
        return _of_places(body, [place] if body.is_affine(node) or body.is_tracked(node) else ())
    if isinstance(node, DISPLAYS):
        return _in_one(element_values(body, node))
    if isinstance(node, CallExpr) and renewed(body, node):
        # `replace(job, topic="limits")` has all else that `job` has.
        given = updates.given_by_call(body, node)
        return _of_places(body, (place for one in sources(body, node) for place in updates.others(body, one, given)))
    return _of_places(body, passed_through(body, node))


def _of_places(body: Body, places: Iterable[int]) -> dict[int, Times]:
    """What these hold, by all of its names."""
    return _as_one(lender for lender, is_whole, _ in body.borrowers.lenders_of(places, whole=True) if is_whole)


def _as_one(places: Iterable[int]) -> dict[int, Times]:
    """What one element is made of."""
    return {place: Times.IN_ONE if count > 1 else Times.ONCE for place, count in Counter(places).items()}


def _in_one(elements: dict[int, Times]) -> dict[int, Times]:
    """A collection, as one element of another."""
    return {place: Times.ONCE if times is Times.ONCE else Times.IN_ONE for place, times in elements.items()}


def _of_either(one: dict[int, Times], other: dict[int, Times]) -> dict[int, Times]:
    return {place: max(some.get(place, Times.ONCE) for some in (one, other)) for place in (*one, *other)}


def containers(body: Body, node: Expression) -> dict[int, Times]:
    """The containers all of whose elements an expression gives, each with how often it gives them."""
    if isinstance(node, CallExpr) and isinstance(node.callee, RefExpr) and node.callee.fullname in REPEATING:
        through = (place for source in sources(body, node) for place in passed_through(body, source))
        return dict.fromkeys(_of_places(body, through), Times.OFTEN)
    if method_row(body, node, "__next__") is not None:
        # An iterator goes on where it was.
        return {}
    return dict.fromkeys(_of_places(body, passed_through(body, node)), Times.ONCE)


def in_fields(body: Body, values: Iterable[int]) -> list[int]:
    """Of these places, those of fields for loans: an object that has the like has no place among them itself."""
    ways = ((place, *body.places.path_to(place)) for place in values)
    return [
        place
        for place, variable, path in ways
        if path and variable is not None and is_in_field(body, variable.type, path)
    ]


def renewed(body: Body, node: Expression) -> frozenset[int | None]:
    """The records that something is made of, and given anew in part: `state` in `{**state, "budget": other}`."""
    if isinstance(node, DictExpr):
        spread = zip(node.items, updates.overriding(body, node), strict=True)
        return frozenset(body.places.of(value) for (key, value), given in spread if key is None and given)
    given = updates.given_by_call(body, node) if isinstance(node, CallExpr) else ()
    records = sources(body, node) if isinstance(node, CallExpr) and given else ()
    return frozenset(body.places.of(one) for one in records if updates.is_renewed(body, one, given))


def element_values(body: Body, node: Expression) -> dict[int, Times]:
    """Those that are among the elements of what an expression gives, as far as they are spelled out."""
    if isinstance(node, COMPREHENSIONS):
        node = node.generator
    if isinstance(node, GeneratorExpr):
        return _collected(body, node, node.left_expr)
    if isinstance(node, DictionaryComprehension):
        return _collected(body, node, node.value)
    if isinstance(node, OpExpr):
        both = element_values(body, node.left), element_values(body, node.right)
        return _all_of(both, repeated=node.op == "*")
    if isinstance(node, ConditionalExpr):
        return {**element_values(body, node.if_expr), **element_values(body, node.else_expr)}
    if isinstance(node, CallExpr):
        repeated = isinstance(node.callee, RefExpr) and node.callee.fullname in REPEATING
        return _all_of((element_values(body, source) for source in sources(body, node)), repeated=repeated)
    if isinstance(node, DictExpr):
        return _all_of(_entries(body, node))
    return _all_of(values(body, item) for item in elements_of(node))


def _entries(body: Body, node: DictExpr) -> Iterator[dict[int, Times]]:
    """Of a record that is spread, `{**state, "topic": "limits"}`, what is not given anew."""
    for (key, value), given in zip(node.items, updates.overriding(body, node), strict=True):
        is_spread = key is None and given
        yield _of_places(body, updates.others(body, value, given)) if is_spread else values(body, value)


def _collected(body: Body, node: GeneratorExpr | DictionaryComprehension, element: Expression) -> dict[int, Times]:
    """`[(topic, budget) for topic in topics]`: what the loops do not bind is the same in each round."""
    bound = {name.node for index in node.indices for name in names_in(index)}
    found = values(body, element)
    outer = {place: times for place, times in found.items() if body.places.root(place)[1] not in bound}
    if len(outer) == len(found):
        return _all_of([outer], repeated=True)
    bound_to = _all_of((element_values(body, each) for each in node.sequences), repeated=len(node.sequences) > 1)
    return _all_of([_all_of([outer], repeated=True), bound_to])


def _all_of(parts: Iterable[dict[int, Times]], *, repeated: bool = False) -> dict[int, Times]:
    """The elements of several collections, or those of one more than once."""
    found: dict[int, Times] = {}
    for part in parts:
        for place, times in part.items():
            found[place] = max(times, Times.OFTEN) if repeated or place in found else times
    return found
