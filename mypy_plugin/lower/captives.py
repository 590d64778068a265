"""Which values captured: functions, lambdas, `partial`s, bound methods and generators hold on to places.

Owns what each captured, as far as it is known by now: which variables hold such a value, and which expressions give
one. Types don't show it, so it is learnt body by body, like the inferred binding modes. What a nested body does with
what it captured is found by `closures`; what it means to use such a value, in `captures`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mypy import nodes
from mypy.nodes import CallExpr, Context, Expression, MemberExpr, NameExpr, RefExpr, SymbolNode, TypeInfo, Var

from ..events import Ownership
from ..ownership_facts import LoanField
from .asking import asks
from .body import Body
from .context import Captive, Hold
from .loan_fields import held_in_fields
from .loans import lenders
from .own_fields import fields_used
from .spawning import called_function
from .spelling import spell
from .syntax import names_in

__all__ = [
    "are_once",
    "captives_of",
    "handed",
    "is_given",
    "keeps_elements",
    "known",
    "learn",
    "lent",
    "lent_to",
    "makes_generator",
    "takes_receiver",
    "variable_of",
]


# Which variables hold one


def variable_of(body: Body, symbol: SymbolNode | None) -> Var | None:
    """The variable that a symbol is to us: functions and classes are held by one as well."""
    if symbol is None or isinstance(symbol, Var):
        return symbol
    held = body.module.functions.get(symbol)
    if held is not None:
        return held
    if isinstance(symbol, nodes.Decorator):
        return symbol.var
    if isinstance(symbol, nodes.OverloadedFuncDef):
        return variable_of(body, symbol.impl)
    if isinstance(symbol, nodes.FuncDef) and symbol.original_def is not None:
        return variable_of(body, symbol.original_def)
    if not isinstance(symbol, (nodes.FuncDef, TypeInfo)):
        return None
    body.module.functions[symbol] = held = Var(symbol.name)
    return held


def learn(body: Body, key: Context, captives: Sequence[Captive]) -> None:
    """From now on a variable may hold, or an expression gives, a value that captured these."""
    if captives:
        body.inferred.captives.add(key, *captives)


def known(body: Body, key: Context) -> Sequence[Captive]:
    scope: Body | None = body
    while scope is not None:
        found = scope.inferred.captives.of(key)
        if found:
            return found
        scope = scope.outer
    return ()


def are_once(captives: Sequence[Captive]) -> bool:
    return bool(captives) and any(one.how is Hold.MOVE for one in captives)


# Which expressions give one


def captives_of(body: Body, node: Expression) -> Sequence[Captive]:
    """What the value of an expression captured, as far as it is known by now."""
    if type(node) is NameExpr and not body.has_captives:
        return ()
    of = _VALUES.get(type(node))
    return of(body, node) if of is not None else ()


def _of_name(body: Body, node: NameExpr) -> Sequence[Captive]:
    variable = variable_of(body, node.node)
    captives = known(body, variable) if variable is not None else ()
    return [one for one in captives if not _is_taken(body, one)]


def _of_generator(body: Body, node: nodes.GeneratorExpr) -> Sequence[Captive]:
    return [one for one in known(body, node) if not _is_taken(body, one)]


def _is_taken(body: Body, one: Captive) -> bool:
    """Whether a generator expression has taken what it was lent. When that was learnt, nobody may have known."""
    made = one.closure
    return (
        one.how is Hold.LENT
        and isinstance(made, nodes.GeneratorExpr)
        and any(map(body.inferred.taken.has, names_in(made.indices[0])))
    )


def _of_call(body: Body, node: CallExpr) -> Sequence[Captive]:
    if node.analyzed is not None:
        return captives_of(body, node.analyzed)
    found = list(known(body, node))
    if isinstance(node.callee, RefExpr) and isinstance(node.callee.node, TypeInfo):
        # An object of a nested class: its methods use what they captured.
        found += [one for one in captives_of(body, node.callee) if one.how is not Hold.MOVE]
    result = body.types.get(node)
    if body.facts.is_awaitable(result):
        # What a coroutine or task was lent is lent to it until it is finished: see `tasks`.
        return found
    if body.facts.runs_later(result):
        row = body.tasks.table.row(node)
        # So is what the calls of a pool were lent whose results it gives.
        function = called_function(body, node, row) if row is not None and row.results else None
        for part in (node.callee, *handed(body, node)):
            if part is not function:
                found += [one for one in captives_of(body, part) if one.how in _LATER]
        found += [one._replace(how=Hold.CLAIM) for one in captives_of(body, node.callee) if _is_of_generator(one)]
    if body.facts.is_suspended(result):
        found += _lent_to(body, node)
    return found


def handed(body: Body, node: CallExpr) -> list[Expression]:
    """The arguments that a call has when it runs. Not what is starred and runs later: `*(f(x) for x in xs)` has run."""
    return [
        argument
        for argument, kind in zip(node.args, node.arg_kinds, strict=True)
        if not (kind.is_star() and body.facts.runs_later(body.types.get(argument)))
    ]


_LATER = frozenset({Hold.LOOK, Hold.RENEW, Hold.LENT, Hold.CLAIM})
"""How what runs later has what it was given."""


def _is_of_generator(one: Captive) -> bool:
    """Whether a generator function took something: a call of it takes what the variable holds when that runs."""
    return one.how is Hold.MOVE and makes_generator(one.closure)


def makes_generator(function: Context) -> bool:
    """Whether a call of a function only makes a generator, which runs later."""
    return isinstance(function, nodes.FuncDef) and (function.is_generator or function.is_async_generator)


def _lent_to(body: Body, node: CallExpr) -> list[Captive]:
    """What a generator was lent by the call that made it."""
    callee = node.callee
    found = []
    if isinstance(callee, MemberExpr) and body.is_affine(callee.expr) and not takes_receiver(body, callee):
        found += lent(body, callee.expr, node)
    takings = None
    for position, argument in enumerate(node.args):
        if body.facts.fields_for_loans(body.types.get(argument)):
            found += lent(body, argument, node)
        elif body.is_affine(argument):
            takings = takings or body.callees.takings(
                body.types.get(callee), node.arg_kinds, node.arg_names, lambda index: body.types[node.args[index]]
            )
            mode = takings[position].mode
            if takings[position].declared and mode is not Ownership.OWNED:
                found += lent(body, argument, node, exclusive=mode is not Ownership.SHARED)
    return found


def _of_member(body: Body, node: MemberExpr) -> Sequence[Captive]:
    """A bound method has its receiver."""
    if not (body.is_affine(node.expr) or body.facts.fields_for_loans(body.types.get(node.expr))):
        return ()
    if not body.facts.is_function(body.types.get(node)):
        return ()
    method = body.receiver(node.expr, node.name)
    if not method.binds:
        return ()
    if takes_receiver(body, node):
        return (Captive(spell(node.expr) or "its receiver", Hold.MOVE, node),)
    if asks(body, node):
        return ()
    return lent(body, node.expr, node, exclusive=not method.shares, fields=fields_used(body, node))


def is_given(node: CallExpr, function: Expression, default: Captive) -> bool:
    """Whether a call, or who calls the function in its turn, gives it something instead of a default."""
    if function is not node.callee:
        # What `submit` and `Thread` are given besides the function is for that, but for a thread's name.
        others = zip(node.args, node.arg_names, strict=True)
        return any(one is not function and name in (None, "args", "kwargs") for one, name in others)
    if any(kind.is_star() for kind in node.arg_kinds) or not isinstance(default.closure, nodes.FuncItem):
        return False
    position = next(
        (index for index, one in enumerate(default.closure.arguments) if one.variable is default.root), len(node.args)
    )
    name = default.root.name if default.root is not None else ""
    return name in node.arg_names or node.arg_names[: position + 1].count(None) > position


def lent_to(body: Body, source: Expression) -> dict[int, bool]:
    """The places that were lent to what a loop goes over, if that runs later: `for cost in costs(budget)`.

    Each with whether it may have an element out of it at hand when it is asked for the next one.
    """
    places = (
        (body.captive_place(one), keeps_elements(one.closure))
        for one in captives_of(body, source)
        if one.how is Hold.LENT
    )
    return {place: keeps for place, keeps in places if place is not None}


def keeps_elements(generator: Context) -> bool:
    """Whether a generator may go on with an element that it had before: not an expression of one loop."""
    return not isinstance(generator, nodes.GeneratorExpr) or len(generator.sequences) > 1


def lent(
    body: Body, node: Expression, to: Context, *, exclusive: bool = True, fields: Sequence[LoanField] | None = None
) -> list[Captive]:
    """What a value that was lent `node` captured. `fields`: of fields for loans that this has, only these."""
    own = body.places.of(node)
    places = [(place, place == own, True) for place in lenders(body, node)] if body.is_affine(node) else []
    places += [(one.place, one.whole, one.field.exclusive) for one in held_in_fields(body, node, fields)]
    entry = body.entry(node) if own is None else ""
    found = []
    for place, is_whole, may_change in places:
        variable, path = body.places.path_to(place)
        if variable is not None:
            name = body.graph.places[place].name
            alone = exclusive and may_change
            one = Captive(name, Hold.LENT, to, variable, path, exclusive=alone and is_whole)
            found.append(one if is_whole else one._replace(element=alone, entry=entry))
    return found


def takes_receiver(body: Body, node: MemberExpr) -> bool:
    """Whether to bind a method takes its receiver: a call of it would."""
    return (
        body.is_affine(node.expr)
        and body.facts.is_function(body.types.get(node))
        and body.receiver(node.expr, node.name).consumes
    )


def _of_parts(parts: Callable[[Any], list[Expression]]) -> Callable[[Body, Any], Sequence[Captive]]:
    def of(body: Body, node: Expression) -> Sequence[Captive]:
        return [captive for part in parts(node) for captive in captives_of(body, part)]

    return of


def _of_star(body: Body, node: nodes.StarExpr) -> Sequence[Captive]:
    """As `handed`: what else is starred holds what it gives."""
    return () if body.facts.runs_later(body.types.get(node.expr)) else captives_of(body, node.expr)


_VALUES: dict[type[Expression], Callable[[Body, Any], Sequence[Captive]]] = {
    NameExpr: _of_name,
    CallExpr: _of_call,
    MemberExpr: _of_member,
    nodes.LambdaExpr: known,
    nodes.GeneratorExpr: _of_generator,
    nodes.ConditionalExpr: _of_parts(lambda node: [node.if_expr, node.else_expr]),
    nodes.OpExpr: _of_parts(lambda node: [node.left, node.right] if node.op in ("and", "or") else []),
    nodes.AssignmentExpr: _of_parts(lambda node: [node.value]),
    nodes.CastExpr: _of_parts(lambda node: [node.expr]),
    nodes.StarExpr: _of_star,
    nodes.ListExpr: _of_parts(lambda node: node.items),
    nodes.TupleExpr: _of_parts(lambda node: node.items),
    nodes.SetExpr: _of_parts(lambda node: node.items),
    nodes.DictExpr: _of_parts(lambda node: [value for _, value in node.items]),
    nodes.ListComprehension: _of_parts(lambda node: [node.generator.left_expr]),
    nodes.SetComprehension: _of_parts(lambda node: [node.generator.left_expr]),
}
