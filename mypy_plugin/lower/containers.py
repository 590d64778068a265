"""Calls that the table of containers knows: how each operand is used, and what becomes of what is in it (rules, 4).

The table is data, in `knowledge.containers`; which row belongs to a call is for `lookups` to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy.nodes import CallExpr, Expression, MemberExpr, NameExpr

from ..events import Destination, Fault, Into, Kind
from ..knowledge.containers import Does
from . import updates
from .body import Body
from .context import ASK, LOOK, Use
from .loans import dies_here, is_kept, is_made_of, is_object, is_replaced
from .lookups import Operand, operands, reaches_owned, takes_what_stays
from .spelling import callee_name, spell

__all__ = ["call_functions", "collected_by", "dies_with_call", "is_collected_later", "listed_operand"]

_COLLECTING = frozenset({Does.COLLECT})


def listed_operand(body: Body, node: CallExpr, operand: Operand, onward: Use, to: Destination) -> bool:
    """Evaluate an affine operand as the table says; False where it says nothing but the signature.

    `onward`: how the result is used; `to`: the operand's own place in the call.
    """
    does, argument = operand.does, operand.node
    if does is Does.TAKE:
        return False
    if operand.is_receiver and does in (Does.LEND, Does.HAND_OUT) and not reaches_owned(body, node):
        if body.places.of(argument) is None:
            body.expression(argument)
    elif (
        does is Does.COLLECT
        and operand.is_receiver
        and updates.use_others(body, argument, updates.given_by_call(body, node), onward)
    ):
        pass
    elif does in (Does.VIEW, Does.COLLECT):
        body.expression(argument, onward.of_elements if does is Does.COLLECT else onward)
    elif does in (Does.LEND, Does.SHARE) and not is_kept(body, argument):
        # What is left of a temporary container was put into it first.
        body.expression(argument, onward)
    elif dies_with_call(body, operand, onward):
        body.expression(argument, onward)
    elif does is Does.SHARE and onward is not LOOK and _shares_others(body, node, argument, onward, to):
        pass
    elif does is Does.SHARE and onward is not LOOK and _makes_room(body, argument, onward):
        # Nobody is left who could take the elements from the whole, as well; nor may an argument take one meanwhile.
        body.expression(argument, Use(Kind.LEND, onward.to, exclusive=True))
        body.lend_until_return(argument, to, exclusive=True)
    elif does is Does.HAND_OUT and is_made_of(body, argument):
        body.expression(argument, onward)
    elif does is Does.EMPTY and (emptied := body.places.of(argument)) is not None:
        body.emit(Kind.EMPTY, emptied, argument)
    else:
        # What leaves a container for another owner must not be with a task, nor must the container.
        leaves = does is Does.RELEASE or (does is Does.HAND_OUT and onward is not LOOK)
        changes = does is Does.HAND_OUT and operand.is_receiver
        # `node.parent.children.remove(node)`: it is the method that lets it go, and has the container by then.
        taker = Destination(Into.RECEIVER, owner=callee_name(node)) if does is Does.RELEASE else to
        use = ASK if does in (Does.LOOK, Does.RELEASE) and body.facts.holds_handles(body.types.get(argument)) else LOOK
        if use is LOOK and (leaves or changes):
            use = Use(Kind.LEND, taker, exclusive=True) if leaves else Use(Kind.LOOK, to)
        body.expression(argument, use)
        if does is Does.RELEASE and isinstance(argument, NameExpr) and isinstance(node.callee, MemberExpr):
            body.bindings.released(argument, node.callee.expr)
        elif does is Does.DUPLICATE:
            copier = Destination(Into.CALL, owner=callee_name(node))
            body.fault(Fault.REPEATED, spell(argument) or "", argument, to, copier)
        elif does is Does.SHARE and onward is not LOOK:
            _shares(body, node, argument, onward)
        elif does is Does.HAND_OUT and onward is not LOOK:
            # `team.pop("writer")`: the other entries of a TypedDict stay.
            entry = body.places.of_element(argument, node.args[0]) if operand.is_receiver and node.args else None
            place = body.places.of(argument) if entry is None else entry
            if place is not None:
                body.bindings.handed_out(place, argument, callee_name(node), is_entry=entry is not None)
    return True


def is_collected_later(body: Body, operand: Operand, onward: Use) -> bool:
    """Whether a method puts what its object holds into what it gives, and the object is in a place until then."""
    collects = operand.is_receiver and operand.does is Does.COLLECT and onward is not LOOK
    return collects and body.places.of(operand.node) is not None


def _shares_others(body: Body, node: CallExpr, argument: Expression, onward: Use, to: Destination) -> bool:
    """`replace(job, budget=part)`: whether only what is not given anew is shared; then that has been used."""
    given, makes_room = updates.given_by_call(body, node), _makes_room(body, argument, onward)
    if not given:
        return False
    owns_nothing = updates.all_owned(body, argument, given)
    if updates.use_others(body, argument, given, Use(Kind.LEND, onward.to, exclusive=True) if makes_room else LOOK):
        if makes_room:
            body.lend_places_until_return(updates.others(body, argument, given), to, exclusive=True)
        elif not owns_nothing:
            _shares(body, node, argument, onward)
    elif owns_nothing:
        body.expression(argument)
    else:
        return False
    return True


def _shares(body: Body, node: CallExpr, argument: Expression, onward: Use) -> None:
    copier = Destination(Into.CALL if is_object(body, argument) else Into.RECEIVER, owner=callee_name(node))
    body.fault(Fault.SHARED, spell(argument) or "the container", node, onward.to, copier)


def _makes_room(body: Body, node: Expression, onward: Use) -> bool:
    """Whether nobody uses a value again once something has been made of what is in it."""
    return is_replaced(body, node, onward) or (dies_here(body, node, onward) and not body.flow.goes_on_in_finally())


def dies_with_call(body: Body, operand: Operand, onward: Use) -> bool:
    """`return max(parts)`: whether an operand that lends an element ends here itself, so that it can be taken out."""
    return operand.does is Does.LEND and dies_here(body, operand.node, onward)


def collected_by(body: Body, known: list[Operand], through: frozenset[Does] = _COLLECTING) -> Iterator[Expression]:
    """What a call makes a container of, and what that is reached through: `list(d.values())`."""
    for operand in known:
        if operand.does in through:
            yield operand.node
            if isinstance(operand.node, CallExpr):
                yield from collected_by(body, operands(body, operand.node) or [], _COLLECTING | {Does.VIEW})


def call_functions(body: Body, node: CallExpr, known: list[Operand]) -> None:
    """A call gives its functions (the `key` of `max`) elements that stay where they are."""
    function = takes_what_stays(body, known)
    if function is not None:
        to = Destination(Into.RECEIVER, owner=callee_name(node))
        body.fault(Fault.TAKES_ELEMENTS, spell(function) or "the lambda", function, to)
