"""Functions in a container: what each of them captured, so that a loop over them calls functions that share it.

Known of a local variable that is given a display or comprehension, and of what is appended to that. What a function has
used up each may have of its own: of that nothing is known here.
"""

from __future__ import annotations

from collections.abc import Sequence

from mypy.nodes import CallExpr, Expression, MemberExpr, NameExpr, Var

from . import captures
from .body import Body
from .captives import captives_of
from .context import Captive, Hold
from .syntax import COMPREHENSIONS, DISPLAYS, elements_of

__all__ = ["appended", "assigned", "bound_to_each"]


def assigned(body: Body, target: Expression, value: Expression) -> None:
    """A variable has been given a container."""
    if not isinstance(target, NameExpr) or not isinstance(target.node, Var) or not isinstance(value, DISPLAYS):
        return
    body.shared[target.node] = _in_each_of(body, value)


def appended(body: Body, node: CallExpr) -> None:
    """`works.append(lambda: ask(budget))`"""
    callee = node.callee
    if not isinstance(callee, MemberExpr) or callee.name != "append" or len(node.args) != 1:
        return
    variable = callee.expr.node if isinstance(callee.expr, NameExpr) else None
    if isinstance(variable, Var) and variable in body.shared:
        body.shared[variable] = _in_both(body.shared[variable], _of_function(body, node.args[0]))


def bound_to_each(body: Body, target: Expression, container: Expression) -> None:
    """A loop has bound `target` to one of the functions in a container: it captured what all of them did."""
    if not isinstance(target, NameExpr) or not isinstance(target.node, Var):
        return
    shared: Sequence[Captive] | None = None
    if isinstance(container, DISPLAYS):
        shared = _in_each_of(body, container)
    elif isinstance(container, NameExpr) and isinstance(container.node, Var):
        shared = body.shared.get(container.node)
    captures.hold(body, target.node, shared or (), target)


def _in_each_of(body: Body, display: Expression) -> Sequence[Captive] | None:
    """What all functions in a display captured. None if there are none."""
    if isinstance(display, COMPREHENSIONS):
        return _of_function(body, display.generator.left_expr)
    shared: Sequence[Captive] | None = None
    for item in elements_of(display):
        shared = _in_both(shared, _of_function(body, item))
    return shared


def _in_both(some: Sequence[Captive] | None, others: Sequence[Captive]) -> Sequence[Captive]:
    """What two functions captured, or all of some and one more."""
    if some is None:
        return others
    known = {(one.root, one.path) for one in others}
    return [one for one in some if (one.root, one.path) in known]


def _of_function(body: Body, function: Expression) -> Sequence[Captive]:
    """What a function has on loan, or will look at, of a variable that another one may have as well.

    Those that are made in a loop may each be lent something else; a variable that they look at is one for all.
    """
    captives = captives_of(body, function)
    type_ = body.types.get(function)
    if not captives or (body.facts.runs_later(type_) and not body.facts.is_function(type_)):
        # A generator runs where it is gone through.
        return ()
    return [
        one
        for one in captives
        if not one.is_default
        and one.root is not None
        and (one.how is Hold.LOOK or (one.how is Hold.LENT and not body.inferred.rebound.has(one.root.name)))
    ]
