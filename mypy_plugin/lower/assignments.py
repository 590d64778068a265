"""Assignment: what a target takes, and what it borrows (rules, sections 3 and 4); and `del`, which ends a value.

Owns how a value comes into its target. What is known of a name afterwards is for `binding`.
"""

from __future__ import annotations

from itertools import islice

from mypy import nodes
from mypy.nodes import Expression
from mypy.operators import op_methods

from ..events import Destination, Fault, Into, Keeps, Kind, Ownership
from ..fullnames import FIELD_SPECIFIERS
from ..knowledge.containers import Does
from ..ownership_facts import LoanField
from . import captures, escapes, function_lists, minting, promised, updates
from .among import element_values, values
from .body import Body
from .context import ASK, LOOK, Use
from .loan_fields import has_on_loan, held_in_fields
from .loans import carries_loans, emptied, lenders, passed_through
from .lookups import method_row
from .operators import binary
from .parts import collecting, leaves, unpacked
from .spelling import spell
from .syntax import DISPLAYS, names_in
from .targets import assign

__all__ = ["assignment", "borrow", "delete", "operator_assignment"]


def assignment(body: Body, node: nodes.AssignmentStmt) -> None:
    """Evaluate the right side, then reinitialise the targets from left to right."""
    if isinstance(node.rvalue, nodes.TempNode) and node.rvalue.no_rhs:
        return
    promised.assigned(body, node)
    first = node.lvalues[0]
    declared = body.facts.declared_mode(node.type) if node.type is not None else None
    if declared is None and isinstance(first, nodes.NameExpr) and isinstance(first.node, nodes.Var):
        # Not the declaring statement: `best = p`, where `best: Borrowed[Budget] | None`.
        declared = body.facts.declared_mode(first.node.type)
    is_name = isinstance(first, nodes.NameExpr)
    stored = None
    if is_name and declared in (Ownership.BORROWED, Ownership.SHARED):
        # An attribute or entry lives on after the loan: what is stored there moves, whatever it is declared.
        borrow(body, first, node.rvalue, declared)
    elif isinstance(first, (nodes.TupleExpr, nodes.ListExpr)):
        _unpack(body, first, node.rvalue)
    elif len(node.lvalues) == 1 and isinstance(first, nodes.NameExpr) and _stays_with_its_owner(body, first, node):
        pass
    elif is_name and (has_on_loan(body, node.rvalue) or body.facts.holds_loans(body.declared_type(first))):
        body.expression(node.rvalue)
        body.bindings.borrow_from(names_in(first), node.rvalue, carries=True)
    elif isinstance(first, nodes.IndexExpr) and (
        _is_local_of_loans(body, first.base) or (_is_local(body, first.base) and carries_loans(body, node.rvalue))
    ):
        # `views["planner"] = budget`: the dict borrows from what it is given.
        body.expression(node.rvalue)
        assert isinstance(first.base, nodes.NameExpr)
        displays = carries_loans(body, node.rvalue)
        lent = lenders(body, node.rvalue, displays=displays)
        body.bindings.borrow_now(first.base, lent, node.rvalue, values(body, node.rvalue))
    elif _is_kept_on_loan(body, first, node.rvalue):
        body.expression(node.rvalue)
    elif not is_name and carries_loans(body, node.rvalue):
        # An attribute lives longer than a loan: what is lent to the value would have to be the attribute's.
        body.expression(node.rvalue)
        for lender in dict.fromkeys(lenders(body, node.rvalue, displays=True, given=False)):
            body.use_place(lender, node.rvalue, Use(Kind.MOVE, _destination(first)))
    else:
        _class_default(body, first, node.rvalue)
        refers = _only_refers(body, first) or (isinstance(node.rvalue, DISPLAYS) and body.bindings.is_register(first))
        to = _destination(first)
        if isinstance(first, nodes.MemberExpr) and _is_given_to_maker(body, first, node.rvalue):
            to.keeps = Keeps.FIELD
        use = LOOK if refers else Use(Kind.MOVE, to)
        if isinstance(first, (nodes.IndexExpr, nodes.MemberExpr)) and body.places.of(node.rvalue) is not None:
            stored = node.rvalue, use
            if not isinstance(node.rvalue, nodes.NameExpr):
                # It is read before the target is: if that raises, nothing of the target was touched.
                body.flow.may_raise(stored=True)
        else:
            body.expression(node.rvalue, use)
        if body.minting is not None:
            minting.offered(body, node.rvalue, body.declared_type(first), spell(first) or "the target")
    value = body.types.get(node.rvalue)
    if body.facts.holds_loans(value) and body.facts.is_affine(body.declared_type(first)):
        body.holds_loans(node.rvalue, _destination(first))
    body.tasks.binding(first, node.rvalue)
    assign(body, first, node, value, stored=stored)
    captures.bound(body, first, node.rvalue)
    function_lists.assigned(body, first, node.rvalue)
    body.tasks.bound(first, node.rvalue)
    for other in node.lvalues[1:]:
        if body.is_affine(node.rvalue):
            to, known = _destination(other), _destination(first)
            place = body.places.of(node.rvalue)
            body.fault(
                Fault.ASSIGNED_TWICE, spell(node.rvalue) or "the value" if place is None else place, other, to, known
            )
        assign(body, other, node, value)
        captures.bound(body, other, node.rvalue)
    if body.minting is not None:
        minting.assigned(body, node.lvalues, node.rvalue)
    if body.module.watches_escapes:
        for target in node.lvalues:
            escapes.assigned(body, target, node.rvalue)


def _stays_with_its_owner(body: Body, name: nodes.NameExpr, node: nodes.AssignmentStmt) -> bool:
    """Whether this binds a name to what something else goes on owning; then it is done."""
    owned = node.type is not None and body.facts.declared_mode(node.type) is Ownership.OWNED
    if not owned and not body.in_class_body and body.bindings.look_up(name, node.rvalue):
        return True
    return body.bindings.keep_lent(name, node.rvalue)


def borrow(body: Body, target: Expression, source: Expression, mode: Ownership, into: Into = Into.VARIABLE) -> None:
    """`y: Borrowed[T] = x`: `y` may be looked at while what it was reached through is whole (rule 4)."""
    names = names_in(target)
    for name in names:
        if isinstance(name.node, nodes.Var):
            body.places.declare(name.node, mode)
    body.bindings.take_source(names, source, into, whole=True)


def _is_kept_on_loan(body: Body, target: Expression, value: Expression) -> bool:
    """Whether an object that is being made has a field for what it is lent: `self.view = view`, as of a dataclass.

    Who makes the object knows by its class what that has on loan.
    """
    if not isinstance(target, nodes.MemberExpr) or not _is_of_maker(body, target):
        return False
    fields = {field.path: field for field in body.facts.fields_for_loans(body.types.get(target.expr))}
    if _is_given_to_maker(body, target, value):
        assert isinstance(value, nodes.NameExpr)
        return _is_lent_to(body, body.places.of_variable(value), fields.get((target.name,)))
    # `self.writer = Agent(budget)`
    held = held_in_fields(body, value)
    return (
        bool(held)
        and {one.place for one in held}.issuperset(lenders(body, value, displays=True, given=False))
        and all(_is_lent_to(body, one.place, fields.get((target.name, *one.field.path))) for one in held)
    )


def _is_lent_to(body: Body, place: int, field: LoanField | None) -> bool:
    """Whether a field may have what a place has, which has it on loan itself."""
    held = body.graph.places[place].ownership
    return field is not None and (held is Ownership.BORROWED or (held is Ownership.SHARED and not field.exclusive))


def _is_given_to_maker(body: Body, target: nodes.MemberExpr, value: Expression) -> bool:
    """Whether a constructor keeps, in a field of the object that it makes, what it was given for a parameter."""
    maker = body.owner
    return (
        isinstance(maker, nodes.FuncDef)
        and _is_of_maker(body, target)
        and isinstance(value, nodes.NameExpr)
        and any(argument.variable is value.node for argument in maker.arguments)
    )


def _is_of_maker(body: Body, target: nodes.MemberExpr) -> bool:
    """Whether this is a field of the object that a constructor makes, and that has no owner itself."""
    maker = body.owner
    return (
        isinstance(maker, nodes.FuncDef)
        and body.is_constructor
        and not maker.is_static
        and body.is_receiver(target.expr)
        and not body.is_affine(target.expr)
    )


def _is_local_of_loans(body: Body, node: Expression) -> bool:
    return isinstance(node, nodes.NameExpr) and body.facts.holds_loans(body.types.get(node))


def _is_local(body: Body, node: Expression) -> bool:
    return (
        isinstance(node, nodes.NameExpr)
        and isinstance(node.node, nodes.Var)
        and not body.places.is_from_outside(body.places.of_variable(node))
    )


def _unpack(body: Body, target: nodes.TupleExpr | nodes.ListExpr, source: Expression) -> None:
    """`a, b = b, a` moves element by element; unpacking anything else has an inferred binding mode (rule 4)."""
    elementwise = (
        isinstance(source, (nodes.TupleExpr, nodes.ListExpr))
        and len(source.items) == len(target.items)
        and not any(isinstance(item, nodes.StarExpr) for item in (*source.items, *target.items))
    )
    if elementwise:
        assert isinstance(source, (nodes.TupleExpr, nodes.ListExpr))
        with body.flow.unfinished() as moves, body.call(), body.swap(target.items, source.items):
            change_places = _change_places(target.items, source.items)
            for item, to in zip(source.items, target.items, strict=True):
                if isinstance(to, (nodes.TupleExpr, nodes.ListExpr)):
                    _unpack(body, to, item)
                elif change_places:
                    body.expression(item)
                elif isinstance(to, nodes.NameExpr) and not body.is_affine(item) and has_on_loan(body, item):
                    body.expression(item)
                    body.bindings.borrow_from([to], item, carries=True)
                elif not (
                    isinstance(to, nodes.NameExpr)
                    and (body.bindings.look_up(to, item) or body.bindings.keep_lent(to, item))
                ):
                    body.expression(item, Use(Kind.MOVE, _destination(to)))
                    place = body.places.of(item)
                    done = reversed(body.flow.current.events)
                    its = (event for event in done if event.kind is Kind.MOVE and event.place == place)
                    moves.extend(islice(its, 1))
        return
    if any(True for _ in passed_through(body, source)):
        body.expression(source)
        # If there are too few or too many, nothing has moved yet.
        body.flow.may_raise()
        unpacked(body, target, source)
        return
    if isinstance(source, (nodes.TupleExpr, nodes.ListExpr)):
        body.expression(source, Use(Kind.MOVE, Destination(Into.ELEMENT, "tuple")))
    elif any(not isinstance(leaf, nodes.NameExpr) and body.is_affine(leaf) for leaf in leaves(target)):
        body.expression(source, Use(Kind.MOVE, _destination(target)))
    else:
        body.bindings.take_source(names_in(target), source, Into.VARIABLE, elements=True)
        for name in collecting(target):
            if isinstance(name, nodes.NameExpr) and not body.inferred.taken.has(name):
                body.bindings.collects(name)
    body.flow.may_raise()


def _change_places(targets: list[Expression], sources: list[Expression]) -> bool:
    """`xs[i], xs[j] = xs[j], xs[i]`: every element is in one place, before and after."""
    places = [spell(each) if isinstance(each, nodes.IndexExpr) else None for each in (*targets, *sources)]
    before, after = places[len(targets) :], places[: len(targets)]
    return None not in places and len(set(before)) == len(before) and set(before) == set(after)


def _destination(target: Expression) -> Destination:
    if isinstance(target, nodes.NameExpr):
        return Destination(Into.VARIABLE, spell(target) or target.name)
    if isinstance(target, nodes.MemberExpr):
        return Destination(Into.ATTRIBUTE, spell(target) or target.name)
    if isinstance(target, nodes.IndexExpr):
        return Destination(Into.SUBSCRIPT, spell(target.base) or "the container")
    return Destination(Into.ELEMENT, "tuple")


def _only_refers(body: Body, target: Expression) -> bool:
    """Whether what is assigned to a subscript stays with its owner: in a container of weak references."""
    row = method_row(body, target.base, "__setitem__") if isinstance(target, nodes.IndexExpr) else None
    return row is not None and row[-1] is Does.LOOK


def _class_default(body: Body, target: Expression, value: Expression) -> None:
    """A class-level default that every instance would share (rules, section 5, `budget-copied`)."""
    if not body.in_class_body or not isinstance(target, nodes.NameExpr) or not body.is_affine(value):
        return
    variable = target.node
    if isinstance(variable, nodes.Var) and variable.is_classvar:
        return
    shared = _default_of(value)
    if shared is not None and body.is_affine(shared):
        body.fault(Fault.CLASS_DEFAULT, target.name, shared, Destination(Into.VARIABLE, body.class_name))


def _default_of(value: Expression) -> Expression | None:
    """What the instances share of a value in a class body: all of it, or the default in `field(default=...)`."""
    if not (
        isinstance(value, nodes.CallExpr)
        and isinstance(value.callee, nodes.RefExpr)
        and value.callee.fullname in FIELD_SPECIFIERS
    ):
        return value
    for position, (argument, name) in enumerate(zip(value.args, value.arg_names, strict=True)):
        if name == "default" or (name is None and position == 0):
            return _default_of(argument)
    return None


def operator_assignment(body: Body, node: nodes.OperatorAssignmentStmt) -> None:
    """`x += y`: as the operator's special method says, then `x` is reinitialised with the result."""
    method = op_methods[node.op]
    use = Use(Kind.MOVE, _destination(node.lvalue))
    if updates.is_update(body, node.lvalue, f"__i{method[2:]}"):
        body.expression(node.rvalue, Use(Kind.MOVE, Destination(Into.OPERATOR, f"{node.op}="), drains=True))
        body.tasks.binding(node.lvalue, node.rvalue, adds=True)
        updates.put(body, node.lvalue, [node.rvalue])
        body.tasks.bound(node.lvalue, node.rvalue)
        return
    binary(body, node, f"{node.op}=", (f"__i{method[2:]}", method), use)
    if isinstance(node.lvalue, nodes.NameExpr) and _is_local_of_loans(body, node.lvalue):
        # `views += [budget]`: what it held before it goes on holding.
        lent = lenders(body, node.rvalue, displays=True)
        body.bindings.borrow_now(node.lvalue, lent, node.rvalue, element_values(body, node.rvalue))
        return
    body.tasks.binding(node.lvalue, node.rvalue, adds=True)
    assign(body, node.lvalue, node)
    body.tasks.bound(node.lvalue, node.rvalue)


def delete(body: Body, node: nodes.DelStmt) -> None:
    """`del x` ends the value; `del x.y` needs the object; `del xs[i]` changes the container."""
    targets = node.expr.items if isinstance(node.expr, nodes.TupleExpr) else [node.expr]
    for target in targets:
        place = body.places.of(target)
        whole = emptied(body, target)
        if whole is not None:
            body.emit(Kind.EMPTY, whole, target)
        elif place is not None and isinstance(target, nodes.IndexExpr):
            # The entry is gone from the dict, which is whole without it.
            body.emit(Kind.STORE, place, target)
            body.borrowers.expire(place, target, Destination(Into.DELETE))
            body.initialise(place, target)
        elif place is None:
            if isinstance(target, nodes.IndexExpr) and body.facts.holds_handles(body.types.get(target.base)):
                # To let go of a task is no look at what it gives.
                body.expression(target.base, ASK)
                body.expression(target.index, ASK)
                body.flow.may_raise(target.line)
            else:
                body.expression(target)
            if isinstance(target, nodes.IndexExpr) and isinstance(target.index, nodes.NameExpr):
                # `del names[task]`
                body.bindings.released(target.index, target.base)
        else:
            body.delete(place, target)
