"""Which values themselves are among the elements of a collection of loans: `[budget, other]`; and is one there twice.

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
from .context import COMPREHENSIONS, DISPLAYS, elements_of, names_in
from .loan_fields import held_in_fields
from .loans import passed_through, sources
from .lookups import method_row

if TYPE_CHECKING:
    from .body import Body

__all__ = ["containers", "element_values", "put", "renewed", "values"]

_COUNT = {Times.ONCE: 1, Times.OFTEN: 2, Times.IN_ONE: 2}


def values(body: Body, node: Expression) -> Counter[int]:
    """The places whose values an expression gives, itself or in what it makes, each with how often."""
    if isinstance(node, ConditionalExpr):
        return values(body, node.if_expr) | values(body, node.else_expr)
    if isinstance(node, OpExpr) and node.op in ("and", "or"):
        return values(body, node.left) | values(body, node.right)
    if isinstance(node, AssignmentExpr):
        return values(body, node.target)
    if isinstance(node, StarExpr) and body.places.of(node.expr) is None:
        return Counter({place: _COUNT[times] for place, times in element_values(body, node.expr).items()})
    if isinstance(node, StarExpr):
        return values(body, node.expr)
    place = body.places.of(node)
    if place is not None:
        return _of_places(body, [place] if body.is_affine(node) or body.is_tracked(node) else ())
    held = held_in_fields(body, node)
    if held:
        return Counter(one.place for one in held if one.whole)
    if isinstance(node, DISPLAYS):
        return Counter({place: _COUNT[times] for place, times in element_values(body, node).items()})
    if isinstance(node, CallExpr) and renewed(body, node):
        # `replace(job, topic="limits")` has all else that `job` has.
        given = updates.given_by_call(body, node)
        return _of_places(body, (place for one in sources(body, node) for place in updates.others(body, one, given)))
    return _of_places(body, passed_through(body, node))


def _of_places(body: Body, places: Iterable[int]) -> Counter[int]:
    """What these hold, by all of its names."""
    return Counter(lender for lender, is_whole, _ in body.borrowers.lenders_of(places, whole=True) if is_whole)


def containers(body: Body, node: Expression) -> dict[int, Times]:
    """The containers all of whose elements an expression gives, each with how often it gives them."""
    if isinstance(node, CallExpr) and isinstance(node.callee, RefExpr) and node.callee.fullname in REPEATING:
        through = (place for source in sources(body, node) for place in passed_through(body, source))
        return dict.fromkeys(_of_places(body, through), Times.OFTEN)
    if method_row(body, node, "__next__") is not None:
        # An iterator goes on where it was.
        return {}
    return dict.fromkeys(_of_places(body, passed_through(body, node)), Times.ONCE)


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
    return _all_of(put(values(body, item)) for item in elements_of(node))


def _entries(body: Body, node: DictExpr) -> Iterator[dict[int, Times]]:
    """Of a record that is spread, `{**state, "topic": "limits"}`, what is not given anew."""
    for (key, value), given in zip(node.items, updates.overriding(body, node), strict=True):
        is_spread = key is None and given
        yield put(_of_places(body, updates.others(body, value, given)) if is_spread else values(body, value))


def put(element: Counter[int]) -> dict[int, Times]:
    """What one element brings with it."""
    return {place: Times.IN_ONE if count > 1 else Times.ONCE for place, count in element.items()}


def _collected(body: Body, node: GeneratorExpr | DictionaryComprehension, element: Expression) -> dict[int, Times]:
    """`[(topic, budget) for topic in topics]`: what the loops do not bind is the same in each round."""
    bound = {name.node for index in node.indices for name in names_in(index)}
    found = put(values(body, element))
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
