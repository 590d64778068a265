"""Expressions: in which order their operands are evaluated, and what each does with their values (rules, 3 and 4).

One function a node class, in a table. `use` says what the surrounding code does with the value: an operand that
*is* the value (a parenthesis, a branch of a conditional, a walrus) passes it on, every other operand has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mypy import nodes
from mypy.nodes import Expression
from mypy.operators import op_methods, unary_op_methods
from mypy.types import Instance, TupleType, get_proper_type

from ..events import Destination, Fault, Into, Kind
from ..graph import Branch
from ..knowledge.containers import Does
from . import bases, captures, dropping, escapes, generics, promised, updates
from .asking import asks, awaited, is_of_tasks
from .body import Body, ExpressionTable
from .calls import call
from .closures import lambda_expression
from .comprehensions import dictionary_comprehension, generator, lazy_generator
from .conditions import branch_on
from .context import ASK, DROP, LOOK, Use
from .loans import (
    carries_loans,
    context_part,
    dies_here,
    holds_any_loans,
    is_element,
    is_kept,
    is_kept_by,
    is_lent,
    is_made_of,
    is_replaced,
    why_kept,
)
from .lookups import operands, reaches_owned
from .narrowing import narrow, seen
from .operators import binary, operand
from .spelling import callee_name, spell, spell_lookup
from .targets import assign

__all__ = ["EXPRESSIONS"]


# Places


def name(body: Body, node: nodes.NameExpr, use: Use) -> None:
    """A variable; functions, classes and modules own nothing."""
    if isinstance(node.node, nodes.Var):
        if body.tasks.in_variables or body.outer is not None:
            body.tasks.seen_whole(node)
        is_affine = body.is_affine(node)
        if is_affine or body.inferred.tracked.has(node.node):
            if is_affine and body.has_captives:
                captures.use_name(body, node, LOOK)
            body.use_place(body.places.of_variable(node), node, use if is_affine else LOOK)
            return
    if body.has_captives:
        captures.use_name(body, node, use)
    if body.concerns:
        seen(body, node)


def member(body: Body, node: nodes.MemberExpr, use: Use) -> None:
    """`base.name`: stored data is a place of its own; a property or method looks at the whole base."""
    place = body.places.of(node)
    if place is not None:
        # If the access raises, nothing has moved yet.
        body.flow.may_raise(stored=True)
        if body.is_affine(node):
            body.use_place(place, node, use)
        else:
            if body.is_affine(node.expr) or _is_held_on_loan(body, node, place):
                body.use_place(place, node, LOOK)
            if body.concerns:
                seen(body, node)
        return
    owner = body.types.get(node.expr)
    if body.is_affine(node.expr) and (
        body.facts.consumes_receiver(owner, node.name) or body.facts.getter_takes(owner, node.name)
    ):
        # Bound and not called, `b.finish` has the receiver from now on; a property or descriptor is called.
        body.expression(node.expr, Use(Kind.MOVE, Destination(Into.RECEIVER, owner=node.name)))
    elif use.kind is Kind.MOVE and isinstance(node.expr, nodes.CallExpr) and _is_field_of_update(body, node):
        # `step._replace(text="").budget`: what is in the new record has been taken out of the old one.
        body.expression(node.expr, use)
    else:
        body.expression(node.expr, _of_receiver(body, node))
        generics.accessed(body, node, use)
    if not (isinstance(node.expr, nodes.RefExpr) and isinstance(node.expr.node, nodes.MypyFile)):
        # That a module has its functions is certain.
        body.flow.may_raise()
    if use.kind is Kind.MOVE and body.is_affine(node) and is_lent(body, node):
        fault, lender = Fault.NOT_OWNED, None
        if is_element(body, node) or context_part(body, node) is not None:
            fault, held = why_kept(body, node)
            lender = spell_lookup(held)
        body.fault(fault, spell(node) or node.name, node, use.to, lender=lender)


def _is_held_on_loan(body: Body, node: Expression, place: int) -> bool:
    """`app.deps`, `app.views`: what has loans, of an object that borrows. Of those it has to be whole."""
    if not holds_any_loans(body, node):
        return False
    variable = body.places.root(place)[1]
    return variable is not None and body.inferred.tracked.has(variable)


def _is_field_of_update(body: Body, node: nodes.MemberExpr) -> bool:
    """Whether an attribute is that of a record which a call makes of another one, and has its parts."""
    return (
        body.is_affine(node) and body.is_affine(node.expr) and is_made_of(body, node.expr) and not is_lent(body, node)
    )


def _of_receiver(body: Body, node: nodes.MemberExpr) -> Use:
    """A bound method that ends its receiver has it in hand: `stack.callback(call.release)`."""
    debts = body.module.debts
    if debts is not None and debts.ends(body.types.get(node.expr), node.name):
        return Use(Kind.LOOK, Destination(Into.CLOSURE, node.name))
    return ASK if body.is_affine(node.expr) and asks(body, node) else LOOK


def member_of_base(body: Body, node: nodes.SuperExpr, use: Use) -> None:
    """`super().name`, which is a property, or a method that is bound."""
    bases.lent_to(body, node)
    body.flow.may_raise()
    if use.kind is not Kind.MOVE or not body.is_affine(node):
        return
    name = f"super().{node.name}"
    if body.facts.is_lent(body.types.get(node)):
        body.fault(Fault.NOT_OWNED, name, node, use.to)
    elif bases.is_remembered_by(node):
        body.fault(Fault.REMEMBERED, name, node, use.to, lender=name)


def index(body: Body, node: nodes.IndexExpr, use: Use) -> None:
    """`base[index]`: an element is only lent by its container, unless the container is a temporary value.

    An item of a tuple, or entry of a TypedDict, that is named by a literal is a place of its own.
    """
    if node.analyzed is not None:
        return
    place = body.places.of(node)
    if place is not None:
        body.flow.may_raise(stored=True)
        if body.is_affine(node):
            body.use_place(place, node, use)
        elif body.is_affine(node.base) or body.is_tracked(node.base):
            body.use_place(place, node, LOOK)
        return
    takes = use.kind is Kind.MOVE and body.is_affine(node)
    is_slice = isinstance(node.index, nodes.SliceExpr)
    # Of a variable that ends here, some elements may go, and the others with it. One is taken out of it first (rule 5).
    dies = takes and is_slice and dies_here(body, node.base, use)
    base = use if takes else LOOK
    lent = takes and not dies and (is_kept(body, node.base) if is_slice else is_kept_by(body, node.base, "__getitem__"))
    if is_slice and lent and is_replaced(body, node.base, use):
        # Nobody is left who could take the elements from the whole, as well.
        lent, base = False, Use(Kind.LEND, use.to, exclusive=True)
    with body.flow.called_off((node.base,) if dies else ()):
        if body.places.of(node.base) is None or not body.is_affine(node.base) or reaches_owned(body, node):
            # What is taken out of a temporary container was put into it first.
            body.tasks.subscripting(node.base)
            body.expression(node.base, LOOK if lent else base)
        body.expression(node.index, ASK)
        body.flow.may_raise(node.line)
    if lent and is_slice:
        body.fault(Fault.SLICED, spell(node.base) or "the container", node, use.to)
    elif lent:
        body.fault(Fault.ELEMENT, spell_lookup(node), node, use.to)
    body.tasks.indexed(node)


# Operators


def unary(body: Body, node: nodes.UnaryExpr, use: Use) -> None:
    """`not` looks; the others call a special method, which may take its operand."""
    if node.op == "not":
        body.expression(node.expr, ASK)
        return
    body.expression(node.expr, operand(body, node.expr, unary_op_methods[node.op], node.op))
    body.flow.may_raise()


def operator(body: Body, node: nodes.OpExpr, use: Use) -> None:
    """`and`, `or` give one of their operands; other operators call a special method (rule 3)."""
    if node.analyzed is not None:
        return
    if node.op in ("and", "or"):
        _short_circuit(body, node, use)
        return
    binary(body, node, node.op, (op_methods[node.op],), use)
    generics.operator(body, node, use)


def _short_circuit(body: Body, node: nodes.OpExpr, use: Use) -> None:
    """`x or y`: `x` is looked at, and is the value only on the path on which it decides (rule 3)."""
    flow = body.flow
    decided, goes_on, after = flow.new_block(), flow.new_block(), flow.new_block()
    if use.kind is Kind.LOOK or not body.is_affine(node.left):
        # The value itself goes nowhere: one look at the left operand is all there is.
        if node.op == "or":
            branch_on(body, node.left, decided, goes_on)
        else:
            branch_on(body, node.left, goes_on, decided)
        flow.go_on_in(decided)
    else:
        is_place = body.places.of(node.left) is not None
        body.expression(node.left, LOOK if is_place else use)
        branch = Branch(node.left.line, partial(spell, node.left))
        true, false = (decided, goes_on) if node.op == "or" else (goes_on, decided)
        if body.concerns:
            true, false = narrow(body, node.left, true, false)
        flow.branch(branch, true, false)
        flow.go_on_in(decided)
        if is_place and (node.op == "or" or _may_be_falsy(body, node.left)):
            _take_again(body, node.left, use)
    has_calls = body.tasks.chooses(node.left, node.right)
    if has_calls:
        body.tasks.chosen(node.left, node)
    flow.edge(after)
    flow.go_on_in(goes_on)
    body.expression(node.right, use)
    if has_calls:
        body.tasks.chosen(node.right, node)
    flow.fall_into(after)


def _may_be_falsy(body: Body, node: Expression) -> bool:
    type_ = body.types.get(node)
    return type_ is None or get_proper_type(type_).can_be_false


def _take_again(body: Body, node: Expression, use: Use) -> None:
    """Use the place that a look has already evaluated."""
    place = body.places.of(node)
    if place is not None:
        body.use_place(place, node, use)


def comparison(body: Body, node: nodes.ComparisonExpr, use: Use) -> None:
    """Comparisons only look; in `a < b < c` the third operand is evaluated only if the first two compare."""
    flow = body.flow
    after = None
    for position, compared in enumerate(node.operands):
        if position >= 2:
            after = after or flow.new_block()
            goes_on = flow.new_block()
            flow.branch(None, goes_on, after)
            flow.go_on_in(goes_on)
        body.expression(compared, ASK)
        if position >= 1:
            flow.may_raise()
    if after is not None:
        flow.fall_into(after)


def conditional(body: Body, node: nodes.ConditionalExpr, use: Use) -> None:
    """`x if c else y`: the value is the operand on whose path it is."""
    flow = body.flow
    then, otherwise, after = flow.new_block(), flow.new_block(), flow.new_block()
    branch_on(body, node.cond, then, otherwise)
    has_calls = body.tasks.chooses(node.if_expr, node.else_expr)
    flow.go_on_in(then)
    body.expression(node.if_expr, use)
    if has_calls:
        body.tasks.chosen(node.if_expr, node)
    flow.edge(after)
    flow.go_on_in(otherwise)
    body.expression(node.else_expr, use)
    if has_calls:
        body.tasks.chosen(node.else_expr, node)
    flow.fall_into(after)


# Values that hold others


def display(body: Body, node: nodes.ListExpr | nodes.SetExpr | nodes.TupleExpr, use: Use) -> None:
    """A display owns its elements, unless it is itself only looked at and gone (`b in (x, y)`)."""
    element = _element(body, node, use, _DISPLAYS[type(node)])
    # If the display is never finished, nobody has what a star put into it.
    starred = frozenset([item.expr for item in node.items if isinstance(item, nodes.StarExpr)])
    loans = body.begin_call()
    with body.flow.called_off(starred):
        for item in node.items:
            body.expression(item, element)
            _owned_element(body, node, item, element)
            if body.module.watches_escapes:
                escapes.element(body, node, item)
    body.end_call(loans)
    if isinstance(node, nodes.SetExpr):
        _hash(body, node.items)


def dictionary(body: Body, node: nodes.DictExpr, use: Use) -> None:
    """A dict display; `**other` hands its values over."""
    element = _element(body, node, use, "dict")
    starred = frozenset(value for key, value in node.items if key is None)
    with body.flow.called_off(starred):
        with body.call():
            for (key, value), later in zip(node.items, updates.overriding(body, node), strict=True):
                if key is not None:
                    body.expression(key, element)
                    body.expression(value, element)
                elif not updates.use_others(body, value, later, element):
                    body.expression(value, element.of_elements)
                _owned_element(body, node, value, element)
                if body.module.watches_escapes and key is not None:
                    escapes.element(body, node, value)
        _hash(body, [key for key, _ in node.items])


def _hash(body: Body, keys: Sequence[Expression | None]) -> None:
    """The keys of a display are hashed, which raises nothing for texts and numbers. None: of `**other` who knows?"""
    if not all(key is not None and body.facts.is_text(body.types.get(key)) for key in keys):
        body.flow.may_raise()


def _element(body: Body, node: Expression, use: Use, container: str) -> Use:
    """How a display takes its elements: `list[Borrowed[T]]` only borrows them."""
    if use.kind is Kind.MOVE and not body.facts.holds_loans(body.types.get(node)):
        return Use(Kind.MOVE, Destination(Into.ELEMENT, container))
    return use if use.kind is Kind.LOOK else LOOK


def _owned_element(body: Body, node: Expression, item: Expression, use: Use) -> None:
    """`[(topic, b)]`, where `b` is borrowed and the list owns what is in it: the tuple is no owner of it."""
    if use.kind is not Kind.MOVE or use.to is None or not body.facts.holds_loans(body.types.get(item)):
        return
    type_ = get_proper_type(body.types.get(node))
    if isinstance(type_, TupleType):
        # Beside what it owns itself: `budget, ("b", view)`.
        body.holds_loans(item, use.to)
    elif isinstance(type_, Instance) and type_.args:
        # A dict owns its values, and a generator what it gives.
        element = type_.args[0 if isinstance(node, nodes.GeneratorExpr) else -1]
        if body.facts.is_affine(element):
            body.holds_loans(item, use.to)


_DISPLAYS = {nodes.ListExpr: "list", nodes.SetExpr: "set", nodes.TupleExpr: "tuple"}


def star(body: Body, node: nodes.StarExpr, use: Use) -> None:
    """`*xs` hands over what iterating gives: of a dict, the keys."""
    body.expression(node.expr, use.of_elements if body.facts.iterates_affine(body.types.get(node.expr)) else LOOK)
    captures.resumed(body, node.expr)
    body.flow.may_raise()
    body.tasks.exhausted([node.expr], node)


def walrus(body: Body, node: nodes.AssignmentExpr, use: Use) -> None:
    """`take(y := b)` gives `b` to `y` and at once to `take` (rule 3)."""
    if carries_loans(body, node.value):
        body.expression(node.value)
        body.bindings.borrow_from([node.target], node.value, carries=True)
    elif not body.bindings.look_up(node.target, node.value) and not body.bindings.keep_lent(node.target, node.value):
        body.expression(node.value, Use(Kind.MOVE, Destination(Into.VARIABLE, node.target.name)))
    assign(body, node.target, node)
    captures.bound(body, node.target, node.value)
    if body.module.watches_escapes:
        escapes.assigned(body, node.target, node.value)
    body.tasks.bound(node.target, node.value)
    if body.is_affine(node):
        _take_again(body, node.target, use)
    else:
        captures.use_name(body, node.target, use)


def slice_(body: Body, node: nodes.SliceExpr, use: Use) -> None:
    for part in (node.begin_index, node.end_index, node.stride):
        if part is not None:
            body.expression(part)


def template(body: Body, node: nodes.TemplateStrExpr, use: Use) -> None:
    """A t-string only looks at what is interpolated, as an f-string does."""
    for item in node.items:
        if isinstance(item, Expression):
            body.expression(item)
        else:
            body.expression(item[0])
            if item[3] is not None:
                body.expression(item[3])
    body.flow.may_raise()


# Suspension


def await_(body: Body, node: nodes.AwaitExpr, use: Use) -> None:
    """Awaiting something affine (a `Task[Budget]`) uses it up (rule 3), but for the task of which nobody gets that."""
    body.awaited = node.expr
    outer, start = body.tasks.awaiting(node.expr), len(body.log)
    before, body.awaited_later = body.awaited_later, []
    tasks = frozenset(awaited(body, node.expr)) if body.is_affine(node) else frozenset()
    with body.flow.called_off(tasks):
        keeps = _gives_what_it_is_given(body, node.expr) or (use is DROP and is_of_tasks(body, node.expr))
        body.expression(node.expr, use if keeps else Use(Kind.MOVE, Destination(Into.AWAIT)))
        body.tasks.awaiting(outer)
        body.tasks.awaited(node, start, raising=True)
        if body.awaited_later:
            captures.lose(body, node.expr, body.awaited_later)
        body.flow.may_raise(node.line)
    body.awaited_later = before
    body.tasks.awaited(node, start, raising=False)
    if isinstance(node.expr, nodes.CallExpr):
        captures.leave_running(body, node.expr, is_awaited=True)
    dropping.unkept(body, node, use)
    called = node.expr
    if use.kind is Kind.MOVE and isinstance(called, nodes.CallExpr) and is_lent(body, node):
        body.fault(Fault.NOT_OWNED, f'the result of "{callee_name(called)}"', node, use.to)


def _gives_what_it_is_given(body: Body, node: Expression) -> bool:
    """Whether to await a call gives what it was given itself: `await asyncio.wait(tasks)`. It is used as that is."""
    return isinstance(node, nodes.CallExpr) and any(
        operand.does is Does.COLLECT for operand in operands(body, node) or ()
    )


def yield_(body: Body, node: nodes.YieldExpr, use: Use) -> None:
    if node.expr is not None:
        promised.yielded(body, node.expr)
        body.expression(node.expr, LOOK if body.yields_loan else Use(Kind.MOVE, Destination(Into.YIELD)))
        if body.module.watches_escapes and not body.yields_loan:
            escapes.yielded(body, node.expr)
    _pause(body, node)


def yield_from(body: Body, node: nodes.YieldFromExpr, use: Use) -> None:
    body.expression(node.expr, LOOK if body.yields_loan else Use(Kind.MOVE, Destination(Into.YIELD)))
    captures.resumed(body, node.expr)
    _pause(body, node)


def _pause(body: Body, node: nodes.YieldExpr | nodes.YieldFromExpr) -> None:
    if body.outer is not None:
        # Only what is nested has variables that others may use meanwhile.
        body.flow.pause()
    body.flow.may_raise(node.line)


# Wrappers and what owns nothing


def cast(body: Body, node: nodes.CastExpr | nodes.AssertTypeExpr, use: Use) -> None:
    """The same value under another type."""
    body.expression(node.expr, use)
    if body.module.watches_escapes:
        escapes.cast(body, node, node.expr)


def reveal(body: Body, node: nodes.RevealExpr, use: Use) -> None:
    if node.expr is not None:
        body.expression(node.expr)


def collection_comprehension(body: Body, node: nodes.ListComprehension | nodes.SetComprehension, use: Use) -> None:
    if body.facts.holds_loans(body.types.get(node)):
        use = LOOK
    container = "list" if isinstance(node, nodes.ListComprehension) else "set"
    generator(body, node.generator, use, container)
    _owned_element(body, node, node.generator.left_expr, _element(body, node, use, container))
    if body.module.watches_escapes:
        escapes.element(body, node, node.generator.left_expr)


def generator_expression(body: Body, node: nodes.GeneratorExpr, use: Use) -> None:
    lazy_generator(body, node, use)
    _owned_element(body, node, node.left_expr, _element(body, node, use, "generator"))


def nothing(body: Body, node: Expression, use: Use) -> None:
    """Evaluates no operand that could hold a place: literals, and expressions that define types."""


EXPRESSIONS: ExpressionTable = {
    nodes.NameExpr: name,
    nodes.MemberExpr: member,
    nodes.IndexExpr: index,
    nodes.CallExpr: call,
    nodes.UnaryExpr: unary,
    nodes.OpExpr: operator,
    nodes.ComparisonExpr: comparison,
    nodes.ConditionalExpr: conditional,
    nodes.ListExpr: display,
    nodes.SetExpr: display,
    nodes.TupleExpr: display,
    nodes.DictExpr: dictionary,
    nodes.StarExpr: star,
    nodes.AssignmentExpr: walrus,
    nodes.SliceExpr: slice_,
    nodes.AwaitExpr: await_,
    nodes.YieldExpr: yield_,
    nodes.YieldFromExpr: yield_from,
    nodes.CastExpr: cast,
    nodes.AssertTypeExpr: cast,
    nodes.RevealExpr: reveal,
    nodes.LambdaExpr: lambda_expression,
    nodes.ListComprehension: collection_comprehension,
    nodes.SetComprehension: collection_comprehension,
    nodes.DictionaryComprehension: dictionary_comprehension,
    nodes.GeneratorExpr: generator_expression,
    nodes.SuperExpr: member_of_base,
    nodes.IntExpr: nothing,
    nodes.StrExpr: nothing,
    nodes.BytesExpr: nothing,
    nodes.FloatExpr: nothing,
    nodes.ComplexExpr: nothing,
    nodes.EllipsisExpr: nothing,
    nodes.TypeApplication: nothing,
    nodes.TypeVarExpr: nothing,
    nodes.ParamSpecExpr: nothing,
    nodes.TypeVarTupleExpr: nothing,
    nodes.TypeAliasExpr: nothing,
    nodes.NamedTupleExpr: nothing,
    nodes.TypedDictExpr: nothing,
    nodes.EnumCallExpr: nothing,
    nodes.NewTypeExpr: nothing,
    nodes.PromoteExpr: nothing,
    nodes.TempNode: nothing,
}
# Node classes that only some of the supported versions of mypy have.
if hasattr(nodes, "TemplateStrExpr"):
    EXPRESSIONS[nodes.TemplateStrExpr] = template
if hasattr(nodes, "TypeFormExpr"):
    EXPRESSIONS[nodes.TypeFormExpr] = nothing
