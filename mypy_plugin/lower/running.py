"""Functions that a call runs which goes on: what they captured is on loan until they are done (rules, section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from mypy.nodes import CallExpr, Context, Expression, FuncDef

from ..events import Destination, Fault, Into
from ..knowledge.tasks import Spawn
from ..type_shapes import is_partial
from . import captures
from .body import Body
from .captives import captives_of, handed, is_given, lent
from .context import Captive, Hold
from .lookups import Operand
from .spawning import called_function, passed_on
from .spelling import callee_name
from .syntax import DISPLAYS

__all__ = ["Running", "functions_run", "lend_captives"]

_RENEWING = frozenset({Hold.RENEW, Hold.ASSIGN})

Running: TypeAlias = list[tuple[Expression, Sequence[Captive]]]
"""The functions that a call runs which goes on, each with what it captured."""


def functions_run(body: Body, node: CallExpr, row: Spawn | None, known: list[Operand] | None) -> Running:
    """The functions that a call runs which goes on. `row`: what is known of its callee by the table of tasks."""
    if row is None:
        # Of a container nothing goes on but the tasks that it holds.
        functions = [*([] if known else [node.callee]), *handed(body, node)]
    else:
        called = called_function(body, node, row)
        # What it is given by the call it may call in its turn: `submit(insist, lambda: use(budget))`.
        functions = [called, *passed_on(body, node, row)] if called is not None else []
    found = [(function, captives) for function in functions if (captives := captives_of(body, function))]
    if row is None and body.is_affine(node.callee):
        # An object that is called is lent to the call, as the one that a method is called on.
        found.append((node.callee, lent(body, node.callee, node.callee)))
    return found


def lend_captives(body: Body, node: CallExpr, running: Running, *, renewed: bool) -> None:
    """What goes on after the call has returned has what the functions captured that it runs.

    `renewed`: what they give a new value, by the time that they have done so.
    """
    row = body.tasks.table.row(node)
    at_once = row.many if row is not None else not body.facts.is_awaitable(body.types.get(node))
    in_turn: dict[int, tuple[Expression, Destination, Captive]] = {}
    for function, captives in running:
        to = captures.named(function)
        for captive in captives:
            place = body.captive_place(captive)
            if place is None or captive.how is Hold.CLAIM or (captive.how in _RENEWING) is not renewed:
                continue
            if captive.is_default and is_given(node, function, captive):
                continue
            if not captive.is_used and body.tasks.goes_on_as(node) is None:
                # By the time that the await is done it has its new value, and nobody has used the old one.
                continue
            if captive.how is Hold.MOVE:
                # A function that is given to somebody is kept, see `captures`.
                if captive.late and function is node.callee and body.tasks.goes_on_as(node) is not None:
                    body.tasks.loans.claim(node, place, to)
                continue
            if isinstance(function, DISPLAYS):
                to = _named(captive.closure)
            if at_once and captive.exclusive and function is not node.callee:
                body.fault(Fault.LENT_TO_EACH, place, function, to, Destination(Into.CALL, callee_name(node)))
            elif isinstance(function, DISPLAYS):
                body.tasks.loans.lend_captive(node, place, function, to, captive)
            elif place not in in_turn or (captive.exclusive and not in_turn[place][2].exclusive):
                # Who is given several functions, as `ask(work, or_else)`, calls one after the other.
                in_turn[place] = function, to, captive
    for place, (function, to, captive) in in_turn.items():
        body.tasks.loans.lend_captive(node, place, function, to, captive)


def _named(closure: Context) -> Destination:
    """What a reader calls a function in a display: it has no other name there."""
    if isinstance(closure, FuncDef):
        return Destination(Into.RECEIVER, owner=closure.name)
    if isinstance(closure, CallExpr) and not is_partial(closure):
        # A generator.
        return Destination(Into.RECEIVER, owner=callee_name(closure))
    return captures.named(closure) if isinstance(closure, Expression) else Destination(Into.CLOSURE, "lambda")
