"""What a collection has by its elements: these values themselves, `[budget, other]`, or all that is in a container.

A task that is lent an element has one of these values, and another task that is lent another element has another one.
Not so where a value is there twice. Asks questions of a body; changes nothing in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from mypy.nodes import (
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    DictExpr,
    DictionaryComprehension,
    Expression,
    GeneratorExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    StarExpr,
)

from ..events import Times
from ..knowledge.containers import REPEATING
from . import updates
from .loan_fields import held_in_fields, is_in_field, made_elements
from .loans import passed_through, sources
from .lookups import method_row
from .syntax import COMPREHENSIONS, DISPLAYS, elements_of, names_in

if TYPE_CHECKING:
    from .body import Body

__all__ = ["containers", "element_values", "in_fields", "named_in", "renewed", "values"]


_Values: TypeAlias = dict[tuple[int, int], Times]
"""Places, each with the one by which it is meant: of what a name borrows from that name, which may have another value
by then. How often it is there by all of its names is known when it is known which of them still borrow from it."""


def values(body: Body, node: Expression) -> dict[int, Times]:
    """The places whose values an expression gives, itself or in what it makes, each with how often as one element."""
    return _by_any_name(_values(body, node))


def element_values(body: Body, node: Expression) -> dict[int, Times]:
    """Those that are among the elements of what an expression gives, as far as they are spelled out."""
    return _by_any_name(_element_values(body, node))


def _by_any_name(values: _Values) -> dict[int, Times]:
    found: dict[int, Times] = {}
    for (place, _), times in values.items():
        found[place] = max(times, found.get(place, times))
    return found


def _values(body: Body, node: Expression) -> _Values:
    if isinstance(node, ConditionalExpr):
        return _of_either(_values(body, node.if_expr), _values(body, node.else_expr))
    if isinstance(node, OpExpr) and node.op in ("and", "or"):
        return _of_either(_values(body, node.left), _values(body, node.right))
    if isinstance(node, AssignmentExpr):
        return _values(body, node.target)
    if isinstance(node, StarExpr):
        has_place = body.places.of(node.expr) is not None
        return _values(body, node.expr) if has_place else _in_one(_element_values(body, node.expr))
    held = held_in_fields(body, node)
    if held:
        # Each by all of its names.
        return _as_one(each for one in held if one.whole for each in _of_places(body, [one.place]))
    place = body.places.of(node)
    if place is not None:
        return _of_places(body, [place] if body.is_affine(node) or body.is_tracked(node) else ())
    if isinstance(node, DISPLAYS):
        return _in_one(_element_values(body, node))
    if isinstance(node, CallExpr) and renewed(body, node):
        # `replace(job, topic="limits")` has all else that `job` has.
        given = updates.given_by_call(body, node)
        return _of_places(body, (place for one in sources(body, node) for place in updates.others(body, one, given)))
    return _of_places(body, passed_through(body, node))


def _of_places(body: Body, places: Iterable[int]) -> _Values:
    """What these hold, by all of its names."""
    return _as_one(
        (lender, place if via else lender)
        for place in dict.fromkeys(places)
        for lender, is_whole, via in body.borrowers.lenders_of([place], whole=True)
        if is_whole
    )


def _as_one(places: Iterable[tuple[int, int]]) -> _Values:
    """What one element is made of."""
    found = list(places)
    count = Counter(place for place, _ in found)
    return {each: Times.IN_ONE if count[each[0]] > 1 else Times.ONCE for each in found}


def _in_one(elements: _Values) -> _Values:
    """A collection, as one element of another."""
    count = Counter(place for place, _ in elements)
    return {
        each: Times.ONCE if times is Times.ONCE and count[each[0]] == 1 else Times.IN_ONE
        for each, times in elements.items()
    }


def _of_either(one: _Values, other: _Values) -> _Values:
    return {each: max(some.get(each, Times.ONCE) for some in (one, other)) for each in (*one, *other)}


def containers(body: Body, node: Expression) -> dict[int, Times]:
    """The containers all of whose elements an expression gives, each with how often it gives them."""
    if isinstance(node, CallExpr) and isinstance(node.callee, RefExpr) and node.callee.fullname in REPEATING:
        through = (place for source in sources(body, node) for place in passed_through(body, source))
        return dict.fromkeys(_by_any_name(_of_places(body, through)), Times.OFTEN)
    if method_row(body, node, "__next__") is not None:
        # An iterator goes on where it was.
        return {}
    return dict.fromkeys(_by_any_name(_of_places(body, passed_through(body, node))), Times.ONCE)


def named_in(node: Expression) -> list[NameExpr]:
    """The names whose values a collection has among its elements, or the name of the collection."""
    if isinstance(node, NameExpr):
        return [node]
    if isinstance(node, COMPREHENSIONS):
        return named_in(node.generator)
    if isinstance(node, GeneratorExpr):
        return named_in(node.left_expr)
    if isinstance(node, (DictionaryComprehension, StarExpr)):
        return named_in(node.value if isinstance(node, DictionaryComprehension) else node.expr)
    return [name for item in elements_of(node) for name in named_in(item)]


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


def _element_values(body: Body, node: Expression) -> _Values:
    if isinstance(node, COMPREHENSIONS):
        node = node.generator
    if isinstance(node, GeneratorExpr):
        return _collected(body, node, node.left_expr)
    if isinstance(node, DictionaryComprehension):
        return _collected(body, node, node.value)
    if isinstance(node, OpExpr):
        both = _element_values(body, node.left), _element_values(body, node.right)
        return _all_of(both, repeated=node.op == "*")
    if isinstance(node, ConditionalExpr):
        return {**_element_values(body, node.if_expr), **_element_values(body, node.else_expr)}
    if isinstance(node, CallExpr):
        repeated = isinstance(node.callee, RefExpr) and node.callee.fullname in REPEATING
        made = [
            dict.fromkeys(_of_places(body, [place]), times)
            for place, times in (() if repeated else made_elements(body, node))
        ]
        return _all_of((*made, *(_element_values(body, one) for one in sources(body, node))), repeated=repeated)
    if isinstance(node, DictExpr):
        return _all_of(_entries(body, node))
    return _all_of(_values(body, item) for item in elements_of(node))


def _entries(body: Body, node: DictExpr) -> Iterator[_Values]:
    """Of a record that is spread, `{**state, "topic": "limits"}`, what is not given anew."""
    for (key, value), given in zip(node.items, updates.overriding(body, node), strict=True):
        is_spread = key is None and given
        yield _of_places(body, updates.others(body, value, given)) if is_spread else _values(body, value)


def _collected(body: Body, node: GeneratorExpr | DictionaryComprehension, element: Expression) -> _Values:
    """`[(topic, budget) for topic in topics]`: what the loops do not bind is the same in each round."""
    bound = {name.node for index in node.indices for name in names_in(index)}
    found = _values(body, element)
    outer = {each: times for each, times in found.items() if body.places.root(each[0])[1] not in bound}
    if len(outer) == len(found):
        return _all_of([outer], repeated=True)
    bound_to = _all_of((_element_values(body, each) for each in node.sequences), repeated=len(node.sequences) > 1)
    return _all_of([_all_of([outer], repeated=True), bound_to])


def _all_of(parts: Iterable[_Values], *, repeated: bool = False) -> _Values:
    """The elements of several collections, or those of one more than once."""
    found: _Values = {}
    for part in parts:
        for each, times in part.items():
            found[each] = max(times, Times.OFTEN) if repeated or each in found else times
    return found
