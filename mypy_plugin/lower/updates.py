"""Records of which some parts are given a new value by name, in place or in a record that is made of the old one.

`state.update({"budget": rest})`, `{**state, "budget": rest}`, `replace(job, budget=rest)`: of the parts that are named
nobody asks what became of the old ones, and nobody takes them; only the others are used (rules, section 2). Which
methods and functions do so is data, in `knowledge.containers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from mypy.nodes import CallExpr, DictExpr, Expression, MemberExpr, Var
from mypy.types import Instance, get_proper_type

from ..events import Destination, Into, Kind
from ..knowledge.containers import RENEWING
from ..members import member
from . import records
from .context import LOOK, Use
from .lookups import is_updating_method
from .records import Step

if TYPE_CHECKING:
    from .body import Body

__all__ = [
    "all_owned",
    "called",
    "given_by_call",
    "given_by_display",
    "is_renewed",
    "is_update",
    "others",
    "overriding",
    "put",
    "use_others",
]

_IN_PLACE = "__ior__"


def is_update(body: Body, record: Expression, method: str) -> bool:
    """Whether a method puts entries into a record, each in the place of the old one, and looks at no other."""
    return is_updating_method(body, record, method) and body.places.of(record) is not None


def called(body: Body, node: CallExpr) -> None:
    """`state.update(entries)`, if the call is one of those."""
    if isinstance(node.callee, MemberExpr) and is_update(body, node.callee.expr, node.callee.name):
        put(body, node.callee.expr, node.args, node.callee.name)


def put(body: Body, record: Expression, given: Sequence[Expression], method: str = _IN_PLACE) -> None:
    """Entries have been evaluated, and are put into a record: each is assigned."""
    place, parts = body.places.of(record), _parts(body, record)
    if place is None:
        return
    named = _all_of([given_by_display(body, one) for one in given])
    for step in islice(sorted(parts.values(), key=lambda step: step.name not in named), 1):
        # The record must be there, whatever became of its entries.
        body.emit(Kind.STORE, body.places.path(place, step.name), record)
    for key, step in parts.items():
        if key in named:
            entry = _place_of(body, place, step)
            body.initialise(entry, record, step.type)
            # Who has the record on loan would see it change.
            body.use_place(entry, record, Use(Kind.LOOK, Destination(Into.RECEIVER, owner=method)))


def use_others(body: Body, record: Expression, given: Collection[str], use: Use) -> bool:
    """Use the parts of a record that are not given anew; False if none is, or if they have no places."""
    place, parts = body.places.of(record), _parts(body, record)
    if place is None or not is_renewed(body, record, given):
        return False
    for key, step in parts.items():
        if key in given:
            body.emit(Kind.STORE, body.places.path(place, step.name), record)
        else:
            body.use_place(_place_of(body, place, step), record, use if _is_owned(body, step) else LOOK)
    return True


def is_renewed(body: Body, record: Expression, given: Collection[str]) -> bool:
    """Whether a record has parts of these names, which are given anew."""
    return not _parts(body, record).keys().isdisjoint(given)


def others(body: Body, record: Expression, given: Collection[str]) -> list[int]:
    """The places of what a record owns and is not given anew."""
    place = body.places.of(record)
    if place is None:
        return []
    parts = _parts(body, record).items()
    return [_place_of(body, place, step) for key, step in parts if key not in given and _is_owned(body, step)]


def all_owned(body: Body, record: Expression, given: Collection[str]) -> bool:
    """Whether all is given anew that a record owns."""
    owned = {key for key, step in _parts(body, record).items() if _is_owned(body, step)}
    return bool(owned) and owned.issubset(given)


def _is_owned(body: Body, step: Step) -> bool:
    return body.facts.is_affine(step.type) and not body.facts.is_lent(step.type)


def overriding(body: Body, node: DictExpr) -> Iterator[frozenset[str]]:
    """For each item of a display, from the first to the last: the keys that those after it give a value."""
    items = _items(body, node)
    for position in range(len(items)):
        yield _all_of(items[position + 1 :])


def given_by_display(body: Body, node: Expression) -> frozenset[str]:
    """The keys that a display, or another record, has for certain."""
    if isinstance(node, DictExpr):
        return _all_of(_items(body, node))
    return records.required(body.types.get(node))


def given_by_call(body: Body, node: CallExpr) -> frozenset[str]:
    """The parts that a call gives a new value which makes a second record of a first: `replace(job, budget=rest)`."""
    names = {name: argument for name, argument in zip(node.arg_names, node.args, strict=True) if name is not None}
    keyword = _keyword_for_parts(body, node)
    if keyword is None:
        return frozenset(names)
    if names.keys() != {keyword}:
        # `model.model_copy(update={...}, deep=True)` copies the old values first.
        return frozenset()
    return given_by_display(body, names[keyword])


def _keyword_for_parts(body: Body, node: CallExpr) -> str | None:
    callee = node.callee
    if not isinstance(callee, MemberExpr):
        return None
    proper = get_proper_type(body.types.get(callee.expr))
    bases = proper.type.mro if isinstance(proper, Instance) else ()
    return next((RENEWING[base.fullname].get(callee.name) for base in bases if base.fullname in RENEWING), None)


def _items(body: Body, node: DictExpr) -> list[frozenset[str]]:
    """The keys that each item of a display gives a value: of one without a key, `**other`, those that it has."""
    return [given_by_display(body, value) if key is None else _spelled(body, key) for key, value in node.items]


def _spelled(body: Body, key: Expression) -> frozenset[str]:
    value = records.literal(key, body.types.get(key))
    return frozenset({value} if isinstance(value, str) else ())


def _all_of(keys: Sequence[frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    for some in keys:
        found |= some
    return frozenset(found)


def _parts(body: Body, record: Expression) -> Mapping[str, Step]:
    """The parts of a record by the name that they are given anew by."""
    type_ = body.types.get(record)
    entries = records.entries(type_)
    if entries:
        return entries
    items = records.items(type_, None)
    if items is not None:
        return {step.name: step for step in items}
    proper = get_proper_type(type_)
    if not isinstance(proper, Instance):
        return {}
    return {
        name: Step(name, member(proper, name), fixed=records.is_fixed(proper, name))
        for base in proper.type.mro
        for name, symbol in base.names.items()
        if isinstance(symbol.node, Var) and not symbol.node.is_classvar
    }


def _place_of(body: Body, record: int, step: Step) -> int:
    lent = body.facts.is_lent(step.type)
    return body.places.path(record, step.name, fixed=lent or step.fixed, lent=lent)
