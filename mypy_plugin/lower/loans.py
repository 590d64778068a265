"""What an expression gives that belongs to something else: to which places, and is it theirs at all (rules, section 4).

Asks questions of a body; changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mypy.nodes import (
    AssignmentExpr,
    AwaitExpr,
    CallExpr,
    ConditionalExpr,
    Context,
    Decorator,
    DictExpr,
    DictionaryComprehension,
    Expression,
    GeneratorExpr,
    IndexExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    SetExpr,
    SliceExpr,
    StarExpr,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.types import Instance, Type, get_proper_type

from ..events import Fault, Into, Ownership
from ..knowledge.containers import Does
from ..ownership_facts import HOLD_NOTHING
from ..type_shapes import classes_of, function_of
from .context import Hold, Use
from .lookups import Operand, joined, method_row, operands, takings_of
from .spelling import spell
from .syntax import COMPREHENSIONS, DISPLAYS

if TYPE_CHECKING:
    from .body import Body

__all__ = [
    "captured_sources",
    "carries_loans",
    "collects_lent",
    "comes_out_lent",
    "context_part",
    "dies_here",
    "emptied",
    "ending",
    "enters_loan",
    "holds_any_loans",
    "is_element",
    "is_kept",
    "is_kept_by",
    "is_lent",
    "is_lookup",
    "is_made_of",
    "is_object",
    "is_replaced",
    "keepers",
    "lenders",
    "may_stay",
    "passed_through",
    "sources",
    "why_kept",
    "yields_what_it_borrows",
]

_ON = frozenset({Does.LEND, Does.VIEW, Does.COLLECT, Does.SHARE})
"""What a call does with an operand that its result still belongs to, or is made of."""

_ALL = _ON - {Does.LEND}
"""Of these, what it does with one all of whose elements are in the result."""


def lenders(body: Body, node: Expression, *, displays: bool = False, given: bool = True) -> list[int]:
    """The places that a borrowed value may come from: its own, its container's, those lent to the call it is of.

    With `displays`, also what a display is made of. `given`: also a collection of loans that has these from elsewhere.
    """
    parts: list[Expression] = []
    captured: list[int] = []
    is_name = isinstance(node, NameExpr)
    place = None if is_name else body.places.of(node)
    if is_name or place is not None:
        is_owner = body.is_affine(node) or body.is_tracked(node)
        is_owner |= given and body.facts.collects_loans(body.types.get(node))
        if is_owner and isinstance(node, NameExpr) and isinstance(node.node, Var):
            place = body.places.of_variable(node)
        return [place] if is_owner and place is not None else []
    if isinstance(node, IndexExpr):
        parts = [node.base]
    elif isinstance(node, MemberExpr):
        if body.is_affine(node) and (
            _is_data(body, node) or _is_remembered(body, node) or body.facts.is_lent(body.types.get(node))
        ):
            parts = [node.expr]
    elif isinstance(node, ConditionalExpr):
        parts = [node.if_expr, node.else_expr]
    elif isinstance(node, OpExpr):
        parts = [node.left, node.right] if node.op in ("and", "or") else joined(body, node)
    elif isinstance(node, AssignmentExpr):
        parts = [node.target]
    elif isinstance(node, (StarExpr, AwaitExpr)):
        parts = [node.expr]
    elif displays and isinstance(node, (ListExpr, TupleExpr, SetExpr)):
        parts = node.items
    elif displays and isinstance(node, DictExpr):
        parts = [value for _, value in node.items]
    elif isinstance(node, GeneratorExpr):
        parts = [*node.sequences, node.left_expr]
    elif displays and isinstance(node, COMPREHENSIONS):
        parts = [node.generator]
    elif displays and isinstance(node, DictionaryComprehension):
        parts = [*node.sequences, node.value]
    elif isinstance(node, CallExpr):
        parts = sources(body, node)
        captured = captured_sources(body, node) if body.has_captives else []
    found = [lender for part in parts for lender in lenders(body, part, displays=displays, given=given)]
    if captured:
        return [*captured, *found]
    if not found and isinstance(node, (CallExpr, MemberExpr)) and body.is_affine(node) and is_lent(body, node):
        # Its object may have several owners: two loans of what it lends are in each other's way all the same.
        part = context_part(body, node)
        owner = part.expr if part is not None else _owner(node)
        place = body.places.of(owner) if owner is not None else None
        return [place] if place is not None else []
    return found


def _owner(node: CallExpr | MemberExpr) -> Expression | None:
    """The object that a property or method is asked of."""
    member = node.callee if isinstance(node, CallExpr) else node
    return member.expr if isinstance(member, MemberExpr) else None


def captured_sources(body: Body, node: CallExpr, *, surely: bool = False) -> list[int]:
    """The places that the function captured from which what it gives borrows, if that borrows.

    `surely`: only those of which that is known, and not what it was lent and may have taken a part of.
    """
    # What captured something is made of expressions, of which this is asked.
    from .captives import captives_of

    if not _gives_what_it_borrows(body, node):
        return []
    given = [
        one
        for one in captives_of(body, node.callee)
        if one.is_given_back or (one.how is Hold.LENT and (not surely or _makes_of_captured(body, one.closure)))
    ]
    places = map(body.captive_place, given)
    return [place for place in places if place is not None]


def _makes_of_captured(body: Body, node: Context) -> bool:
    """`partial(Deps, budget)`, `partial(deps_of, budget)`"""
    function = node.args[0] if isinstance(node, CallExpr) and node.args else None
    if not isinstance(function, RefExpr):
        return False
    if isinstance(function.node, TypeInfo):
        return True
    factories, definition = body.module.factories, function_of(function.node)
    return factories is not None and definition is not None and bool(factories.of(definition))


def is_lent(body: Body, node: Expression) -> bool:
    """Whether what an expression gives still belongs to something else; of what has a place, the place knows."""
    if body.places.of(node) is not None:
        return False
    if body.facts.is_lent(body.types.get(node)):
        return True
    if isinstance(node, IndexExpr):
        return is_element(body, node)
    if isinstance(node, MemberExpr):
        return is_element(body, node) or (_is_data(body, node) and is_kept(body, node.expr))
    if isinstance(node, CallExpr) and is_element(body, node):
        return True
    return isinstance(node, (CallExpr, AwaitExpr)) and body.is_affine(node) and _gives_what_it_borrows(body, node)


def comes_out_lent(body: Body, node: Expression) -> bool:
    """Whether a call or attribute gives what still belongs to something else; of several, whichever gives the value."""
    if isinstance(node, (ConditionalExpr, OpExpr)):
        branches = [one for one in _values_in(node) if body.is_affine(one)]
        return bool(branches) and all(comes_out_lent(body, one) for one in branches)
    return isinstance(node, (AwaitExpr, CallExpr, MemberExpr)) and is_lent(body, node)


def collects_lent(body: Body, node: Expression) -> bool:
    """Whether a display holds affine values, and all of them belong to something else: `[best(one), best(other)]`.

    Not those that have a place: what stands in a display is moved there. Nor one of them twice.
    """
    if isinstance(node, TupleExpr) or not isinstance(node, DISPLAYS):
        return False
    values = [value for value in _values_in(node) if body.is_affine(value)]
    spelled = list(filter(None, map(spell, values)))
    return bool(values) and len(set(spelled)) == len(spelled) and all(is_lent(body, value) for value in values)


def is_kept(body: Body, node: Expression) -> bool:
    """Whether the object that an expression gives lives on after it."""
    if _is_fresh(body, node):
        return False
    return bool(lenders(body, node)) or is_lent(body, node)


def _is_fresh(body: Body, node: Expression) -> bool:
    """Whether an expression makes a second container or a generator of elements that were somewhere before.

    Nobody else has that, so what is taken out of it has been taken from where they were.
    """
    if isinstance(node, GeneratorExpr):
        return not body.facts.holds_loans(body.types.get(node))
    if isinstance(node, OpExpr):
        return bool(joined(body, node))
    return (
        isinstance(node, CallExpr)
        and any(operand.does is Does.COLLECT for operand in operands(body, node) or ())
        and not _gives_what_it_borrows(body, node)
    )


def carries_loans(body: Body, node: Expression) -> bool:
    """Whether a value that has no owner itself holds what others own: `[view]`, `Job(budget=view)`."""
    return not body.is_affine(node) and (
        body.facts.holds_loans(body.types.get(node))
        or body.is_tracked(node)
        or (isinstance(node, CallExpr) and _keeps_what_it_borrows(body, node))
        or any(carries_loans(body, part) for part in _values_in(node))
    )


def holds_any_loans(body: Body, node: Expression) -> bool:
    """Whether the type of a value says that it holds what others own, itself or in a field."""
    type_ = body.types.get(node)
    return body.facts.holds_loans(type_) or (not body.is_affine(node) and _has_fields_for_loans(body, type_))


def _values_in(node: Expression) -> list[Expression]:
    """What a value is made of, or one of which it is."""
    if isinstance(node, (ListExpr, TupleExpr, SetExpr)):
        return node.items
    if isinstance(node, DictExpr):
        return [value for _, value in node.items]
    if isinstance(node, COMPREHENSIONS):
        return [node.generator.left_expr]
    if isinstance(node, DictionaryComprehension):
        return [node.value]
    if isinstance(node, ConditionalExpr):
        return [node.if_expr, node.else_expr]
    if isinstance(node, OpExpr):
        return [node.left, node.right] if node.op in ("and", "or") else []
    if isinstance(node, AssignmentExpr):
        return [node.value]
    return []


def enters_loan(body: Body, manager: Expression, *, is_async: bool) -> bool:
    """Whether entering a context manager gives something borrowed."""
    if body.facts.enters_loan(body.types.get(manager), is_async=is_async):
        return True
    return yields_what_it_borrows(body, manager)


def _gives_what_it_borrows(body: Body, node: CallExpr | AwaitExpr) -> bool:
    """Whether a call gives back what was lent to it, or to which its receiver holds a loan; or an await of a call."""
    known = body.module.gives_back.get(node)
    if known is None:
        known = _call_gives(body, node) if isinstance(node, CallExpr) else _await_gives(body, node)
        body.module.gives_back[node] = known
    return known


def _await_gives(body: Body, node: AwaitExpr) -> bool:
    called = node.expr
    return isinstance(called, CallExpr) and (
        body.facts.awaits_loan(body.types.get(called.callee))
        or _enters_loans(body, called, is_async=True)
        or _has_fields_for_loans(body, body.types.get(node))
    )


def _enters_loans(body: Body, node: CallExpr, *, is_async: bool) -> bool:
    """`stack.enter_context(share(budget))`: whether a call enters a context manager that gives something borrowed."""
    row = body.tasks.table.row(node)
    return row is not None and row.enters and any(enters_loan(body, one, is_async=is_async) for one in node.args)


def _call_gives(body: Body, node: CallExpr) -> bool:
    facts = body.facts
    callee, result = body.types.get(node.callee), body.types.get(node)
    if facts.returns_loan(callee) or facts.holds_loans(result) or _keeps_what_it_borrows(body, node):
        return True
    if facts.is_awaitable(result):
        if facts.awaits_loan(callee) or _awaits_object_with_loans(body, result):
            return True
    elif _enters_loans(body, node, is_async=False):
        return True
    if yields_what_it_borrows(body, node):
        return True
    # `views.pop()`, `next(iter(views))`: mypy's type of a call has forgotten that they are borrowed.
    if not body.is_affine(node):
        return False
    if isinstance(node.callee, MemberExpr) and facts.holds_loans(body.types.get(node.callee.expr)):
        return True
    # What the call would have to own is a mistake where it is given, and not in what the call gives.
    return any(
        facts.holds_loans(body.types.get(argument)) and not takings_of(body, node)[position].wants_owner
        for position, argument in enumerate(node.args)
    )


def _awaits_object_with_loans(body: Body, type_: Type | None) -> bool:
    """Whether who awaits this gets an object that has a field for a loan."""
    proper = get_proper_type(type_)
    return isinstance(proper, Instance) and bool(proper.args) and _has_fields_for_loans(body, proper.args[-1])


def _keeps_what_it_borrows(body: Body, node: CallExpr) -> bool:
    """Whether a call gives an object that has a field for a loan, be it the constructor or a function that uses it.

    Or a container of such objects: `list(map(Job, parts))`.
    """
    return _has_fields_for_loans(body, body.types.get(node))


def _has_fields_for_loans(body: Body, type_: Type | None) -> bool:
    if type_ is None or type(type_) in HOLD_NOTHING or not body.facts.has_loans:
        return False
    if type(type_) is Instance and not type_.args and type_.type in body.module.without_loans:
        return False
    met: set[TypeInfo] = set()
    found = _leads_to_loans(body, type_, met)
    if not found:
        # Nor does an object of what was met on the way.
        body.module.without_loans.update(met)
    return found


def _leads_to_loans(body: Body, type_: Type, met: set[TypeInfo]) -> bool:
    """Whether an object has a field for a loan, or one for what holds loans, or has such an object."""
    if any(_class_leads_to_loans(body, info, met) for info in classes_of(type_)):
        return True
    proper = get_proper_type(type_)
    if not isinstance(proper, Instance) or not proper.args:
        return False
    is_container = body.facts.handling.method(proper.type, "__iter__", body.module.is_ours) is not None
    return is_container and any(_leads_to_loans(body, argument, met) for argument in proper.args)


def _class_leads_to_loans(body: Body, info: TypeInfo, met: set[TypeInfo]) -> bool:
    if info in met or info in body.module.without_loans:
        return False
    met.add(info)
    facts, fields = body.facts, body.facts.fields_that_may_hold(info)
    if fields is None:
        return True
    # No class of a library is made for budgets.
    return body.module.is_ours(info.fullname) and any(
        not facts.is_affine(field) and (facts.holds_loans(field) or _leads_to_loans(body, field, met))
        for field in fields
    )


def yields_what_it_borrows(body: Body, node: Expression) -> bool:
    """Whether a context manager is made of a generator, as `contextlib` does it, that yields something borrowed.

    By the types of both: mypy's cache does not have the decorators of a function.
    """
    if not isinstance(node, CallExpr):
        return False
    found = None
    if isinstance(node.callee, RefExpr) and isinstance(node.callee.node, Decorator):
        found = node.callee.node
    elif isinstance(node.callee, MemberExpr):
        for info in classes_of(body.types.get(node.callee.expr)):
            symbol = info.get(node.callee.name)
            if symbol is not None and isinstance(symbol.node, Decorator):
                found = symbol.node
    return (
        found is not None
        and body.facts.yields_loan(found.func.type)
        and any(map(body.facts.is_manager, classes_of(body.types.get(node))))
    )


def _is_data(body: Body, node: MemberExpr) -> bool:
    return body.facts.is_data(body.types.get(node.expr), node.name)


def _is_remembered(body: Body, node: MemberExpr) -> bool:
    return body.facts.remembers(body.types.get(node.expr), node.name)


def _lives_on(body: Body, node: Expression) -> bool:
    """As `is_kept`, of an object that need not be affine."""
    return body.places.of(node) is not None or is_kept(body, node)


# What library containers do


def sources(body: Body, node: CallExpr) -> list[Expression]:
    """The operands that the result of a call is reached through, or is made of."""
    known = operands(body, node)
    if _gives_what_it_borrows(body, node) or _enters_loans(body, node, is_async=True):
        return [*([node.callee.expr] if isinstance(node.callee, MemberExpr) else []), *node.args]
    return [
        operand.node
        for operand in known or ()
        if operand.does in _ON or (operand.does is Does.HAND_OUT and _is_passed_through(body, operand.node))
    ]


def _is_passed_through(body: Body, node: Expression) -> bool:
    """Whether what an expression hands out belongs to something else, unless that is taken with it."""
    return is_made_of(body, node) or (isinstance(node, NameExpr) and body.bindings.lends_container(node))


def is_made_of(body: Body, node: Expression) -> bool:
    """Whether an expression makes a container or iterator of elements that were somewhere before."""
    if isinstance(node, (*DISPLAYS, GeneratorExpr)):
        return True
    if isinstance(node, OpExpr):
        return bool(joined(body, node))
    return isinstance(node, CallExpr) and bool(operands(body, node)) and bool(sources(body, node))


def is_element(body: Body, node: Expression) -> bool:
    """Whether an expression gives an element that a container goes on holding."""
    if isinstance(node, IndexExpr) and body.places.of(node) is None:
        return not isinstance(node.index, SliceExpr) and is_kept_by(body, node.base, "__getitem__")
    if isinstance(node, CallExpr):
        return any(True for _ in keepers(body, node))
    if not isinstance(node, MemberExpr):
        return False
    return context_part(body, node) is node or (_is_remembered(body, node) and _lives_on(body, node.expr))


def keepers(body: Body, node: CallExpr) -> Iterator[Expression]:
    """The operands of a call that go on holding the element that it gives."""
    for operand in operands(body, node) or ():
        if operand.does is Does.LEND and _keeps(body, operand):
            yield operand.node


def context_part(body: Body, node: Expression) -> MemberExpr | None:
    """What hangs off a context, of that which an expression reaches through it: `ctx.deps` of `ctx.deps.budget`."""
    while isinstance(node, (MemberExpr, IndexExpr)):
        inner = node.expr if isinstance(node, MemberExpr) else node.base
        if isinstance(node, MemberExpr) and body.facts.is_context(body.types.get(inner)):
            return node
        node = inner
    return None


def is_kept_by(body: Body, container: Expression, method: str) -> bool:
    """Whether a container that lends its elements lives on after the expression it is in."""
    if is_kept(body, container):
        return True
    row = method_row(body, container, method)
    return row is not None and row[0] is Does.LEND and not body.is_affine(container)


def _keeps(body: Body, operand: Operand) -> bool:
    """Whether an operand that lends goes on holding what it lends. What is no owner itself leads to one."""
    if not body.is_affine(operand.node):
        return operand.is_receiver
    return is_kept(body, operand.node)


def why_kept(body: Body, node: Expression) -> tuple[Fault, Expression]:
    """What is wrong with moving what a look-up gives, and what it is of that which goes on being held."""
    shared = context_part(body, node)
    if shared is not None:
        return Fault.OF_CONTEXT, shared
    return (Fault.REMEMBERED if isinstance(node, MemberExpr) else Fault.ELEMENT), node


def emptied(body: Body, node: Expression) -> int | None:
    """The container of which `node` is the whole: `xs[:]`, which `del` and assignments empty."""
    if not isinstance(node, IndexExpr) or not isinstance(node.index, SliceExpr) or not body.is_affine(node.base):
        return None
    whole = node.index
    if (whole.begin_index, whole.end_index, whole.stride) != (None, None, None):
        return None
    return body.places.of(node.base)


def is_replaced(body: Body, node: Expression, use: Use) -> bool:
    """Whether what a place holds makes room for what is made of it: `xs = xs[1:]`, `job = replace(job, topic="b")`."""
    place = body.places.of(node)
    return (
        place is not None
        and use.to is not None
        and use.to.into in (Into.VARIABLE, Into.ATTRIBUTE)
        and use.to.name == body.graph.places[place].name
        and not body.places.is_from_outside(place)
    )


def dies_here(body: Body, node: Expression, use: Use) -> bool:
    """Whether the variable that an expression names ends with its function, which returns: `return xs[1:]`."""
    place = body.places.of(node)
    if place is None or use.to is None or use.to.into is not Into.RETURN or body.places.is_from_outside(place):
        return False
    held = body.graph.places[place]
    return held.parent is None and held.ownership is Ownership.OWNED


def ending(body: Body, node: Expression, use: Use) -> list[Expression]:
    """The variables that hold what a call looks up, if all that hold it end with the function, which returns.

    Not of a subscript: what is reached through a container is taken out of it first, by whoever wants to own it.
    """
    holders = list(keepers(body, node)) if isinstance(node, CallExpr) else []
    return holders if all(dies_here(body, holder, use) for holder in holders) else []


def is_lookup(body: Body, node: Expression) -> bool:
    """Whether an expression, or a branch of it, gives an element that its container goes on holding."""
    if isinstance(node, ConditionalExpr):
        return is_lookup(body, node.if_expr) or is_lookup(body, node.else_expr)
    if isinstance(node, OpExpr) and node.op in ("and", "or"):
        return is_lookup(body, node.left) or is_lookup(body, node.right)
    if isinstance(node, AssignmentExpr):
        return False
    return body.is_affine(node) and is_element(body, node)


def passed_through(body: Body, node: Expression) -> Iterator[int]:
    """The places all of whose elements an expression gives: those of `d` in `sorted(d.values())`, not in `d[1:]`."""
    place = body.places.of(node)
    if place is not None:
        yield place
    elif isinstance(node, CallExpr) and body.is_affine(node):
        known = operands(body, node) or ()
        if all(operand.does in _ALL or operand.does is Does.LOOK for operand in known):
            for operand in known:
                if operand.does in _ALL:
                    yield from passed_through(body, operand.node)


def may_stay(body: Body, node: Expression) -> bool:
    """Whether what a call or slice gives is made of elements that can stay where they are while it is only looked at.

    Not so where they stand in a display that the result is made of: a display owns what it is made of.
    """
    if isinstance(node, OpExpr):
        made_of = joined(body, node)
        return bool(made_of) and all(body.places.of(one) is not None or may_stay(body, one) for one in made_of)
    if isinstance(node, IndexExpr):
        return _is_fresh(body, node.base) or (isinstance(node.index, SliceExpr) and is_kept(body, node.base))
    if not isinstance(node, CallExpr) or not body.is_affine(node):
        return False
    known = operands(body, node) or ()
    if any(operand.does is Does.SHARE and is_object(body, operand.node) for operand in known):
        # An object that holds what another one does is a second owner, whoever looks at it.
        return False
    picks = any(operand.does in (Does.LEND, Does.HAND_OUT) for operand in known)
    return bool(known) and bool(lenders(body, node, displays=picks))


def is_object(body: Body, node: Expression) -> bool:
    """Whether what an expression gives is affine itself, and no container of what is."""
    return any(map(body.facts.is_affine_class, classes_of(body.types.get(node))))
