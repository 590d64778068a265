"""Where budgets are made from nothing, and what holds one there (rules, section 5, `budget-minted`).

Only a body whose module watches minting comes here; every other pays a flag. Which classes are minted is data, in
`knowledge`; which values are budgets is said by `budget_facts`; whether one is held where another is made is found
by `held`.

A variable or field that *is* a budget, or may be one (`Budget | None`), holds it. A container of budgets does not:
it is as often where new ones are put as where one could be taken from.
"""

from __future__ import annotations

from functools import reduce

from mypy.nodes import CallExpr, Expression, FloatExpr, FuncItem, IntExpr
from mypy.types import AnyType, CallableType, Type, TypeOfAny

from ..budget_facts import BudgetFacts
from ..events import Fault, Kind
from ..fullnames import BUILDERS
from ..knowledge import MINTED
from .body import Body
from .context import Mint
from .narrowing import empty

__all__ = ["assigned", "begin", "closure", "finish", "made", "offered", "passed", "returned"]

_USES = frozenset({Kind.LOOK, Kind.LEND, Kind.MOVE, Kind.FAULT})


# What is held


def begin(body: Body, node: FuncItem) -> None:
    """What a function has when it begins: its parameters, and budgets that are fields of theirs."""
    signature = node.type
    formals = signature.arg_types if isinstance(signature, CallableType) else []
    for position, argument in enumerate(node.arguments):
        if argument.kind.is_star():
            continue
        formal = formals[position] if position < len(formals) else argument.variable.type
        place = body.places.declare(argument.variable)
        is_receiver = position == 0 and bool(node.info) and node.has_self_or_cls_argument
        optional = _budgets(body).holding(formal)
        if optional is not None:
            body.hold(place, node, optional=optional)
        elif not (is_receiver and node.name in BUILDERS):
            for path, may_be_none in _budgets(body).budgets_in(formal):
                body.hold(reduce(body.places.path, path, place), node, optional=may_be_none)


def assigned(body: Body, targets: list[Expression], value: Expression) -> None:
    """A value has been assigned: an empty budget counts for nothing, there is no part to take of it."""
    if is_empty(body, value):
        for target in targets:
            empty(body, target)


def finish(body: Body) -> None:
    """Globals, and what the body around this one has: here from the beginning, if they are used here at all."""
    used: dict[int, bool] = {}
    for block in body.graph.blocks:
        for event in block.events:
            if event.kind in _USES and isinstance(event.node, Expression) and body.places.is_from_outside(event.place):
                optional = _budgets(body).holding(body.types.get(event.node))
                if optional is not None:
                    used.setdefault(event.place, optional)
    body.hold_from_beginning(used)


# What is made


def made(body: Body, node: CallExpr) -> None:
    """A call whose callee is a minted class, by whatever name, makes a budget."""
    info = _budgets(body).minted_class(body.types.get(node.callee))
    if info is not None and not is_empty(body, node):
        _mint(body, Mint(info.name, node, ""))


def is_empty(body: Body, node: Expression) -> bool:
    """Whether this is `Budget(0)`: a place to collect what is left over, which adds nothing to any cap."""
    if not isinstance(node, CallExpr) or not node.args or not all(map(_is_zero, node.args)):
        return False
    # What the arguments of a subclass mean is its own affair.
    info = _budgets(body).minted_class(body.types.get(node.callee))
    return info is not None and info.fullname in MINTED


def _is_zero(node: Expression) -> bool:
    return isinstance(node, (IntExpr, FloatExpr)) and node.value == 0


def passed(body: Body, node: CallExpr, position: int, callee: str) -> None:
    """A minted class is an argument where something to call is wanted: `map(Budget, caps)`. The callee makes them."""
    info = _budgets(body).minted_class(body.types.get(node.args[position]))
    if info is None:
        return
    unknown = AnyType(TypeOfAny.special_form)
    formals = _budgets(body).formals(
        body.types.get(node.callee),
        node.arg_kinds,
        node.arg_names,
        lambda index: body.types.get(node.args[index], unknown),
        position,
    )
    if any(map(_budgets(body).is_to_be_called, formals)):
        _mint(body, Mint(info.name, node.args[position], callee))


def offered(body: Body, node: Expression, wanted: Type | None, name: str) -> None:
    """A minted class goes to what is declared as something to call: `make: Callable[[int], Budget] = Budget`."""
    info = _budgets(body).minted_class(body.types.get(node))
    if info is not None and wanted is not None and _budgets(body).is_to_be_called(wanted):
        _mint(body, Mint(info.name, node, name))


def returned(body: Body, node: Expression) -> None:
    """As `offered`, by `return`."""
    signature = body.owner.type if isinstance(body.owner, FuncItem) else None
    if isinstance(signature, CallableType):
        offered(body, node, signature.ret_type, body.graph.name)


def closure(body: Body, inner: Body) -> None:
    """What a nested function or lambda makes, it makes beside what is held where it is made itself.

    Not at the top level of a module: a function there does not count what the module has, and nor does a lambda.
    """
    if not body.is_module:
        for mint in inner.mints:
            body.mint(mint, None)


def _mint(body: Body, mint: Mint) -> None:
    assert body.minting is not None
    body.mint(mint, None if body.minting.allowed else Fault.MINTED)


def _budgets(body: Body) -> BudgetFacts:
    assert body.minting is not None
    return body.minting.budgets
