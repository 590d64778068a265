"""Calls of generic functions of the program: is what they do with their `T` right for what it stands for here?

What the functions do was found where their bodies were looked at (`generic_bodies`), and is in their summaries.
"""

from __future__ import annotations

from collections.abc import Iterable

from mypy.messages import format_type_bare
from mypy.nodes import CallExpr, Expression, FuncDef, MemberExpr, OpExpr, SuperExpr
from mypy.options import Options
from mypy.types import AnyType, CallableType, Parameters, Type, TypeOfAny, TypeVarType, UnionType, get_proper_type
from mypy.typevars import fill_typevars

from ..events import Destination, Fault, Into, Kind, Ownership
from ..summaries import Summary
from ..type_shapes import classes_of, definition_of, method_of, signatures_of, solutions, solve_by_arguments
from .body import Body
from .context import Use

__all__ = ["accessed", "call", "operator"]


def call(body: Body, node: CallExpr, use: Use, name: str) -> None:
    """`node` calls a function, a method or a class."""
    callee, summaries = node.callee, body.module.summaries
    type_ = body.types.get(callee)
    if summaries is None or (type(type_) is CallableType and not summaries.of_signature(type_)):
        return
    for signature in signatures_of(type_):
        definition = definition_of(signature) if summaries.of_signature(signature) else None
        if definition is not None:
            receiver = _receiver(body, callee)
            solved = solutions(definition, signature, receiver)
            if signature.variables:
                # mypy leaves the items of an overload unsolved.
                unknown = AnyType(TypeOfAny.special_form)
                given = [body.types.get(argument, unknown) for argument in node.args]
                solve_by_arguments(solved, signature, node.arg_kinds, node.arg_names, given)
                _prefer_solved(solved, signature)
            if _judge(body, node, use, name, definition, solved, receiver):
                return


def _receiver(body: Body, callee: Expression) -> Type | None:
    """What the method is called on that a call calls: an object is that of its own `__call__`."""
    if isinstance(callee, MemberExpr):
        return body.types.get(callee.expr)
    if isinstance(callee, SuperExpr) and callee.info:
        return fill_typevars(callee.info)
    return body.types.get(callee) if classes_of(body.types.get(callee)) else None


def _prefer_solved(solved: dict[str, list[Type]], signature: CallableType) -> None:
    """What a variable stands for, without the variable itself where anything else is known."""
    own = {variable.id for variable in signature.variables}
    for name, types in solved.items():
        known = [one for one in types if not (isinstance(one, TypeVarType) and one.id in own)]
        solved[name] = known or types


def operator(body: Body, node: OpExpr, use: Use) -> None:
    """`node` calls a special method of one of its operands."""
    for signature in signatures_of(node.method_type):
        definition = definition_of(signature)
        if definition is not None and _summary(body, definition):
            for operand in (node.left, node.right):
                _judge(body, node, use, node.op, definition, solutions(definition, signature, body.types.get(operand)))


def accessed(body: Body, node: MemberExpr, use: Use) -> None:
    """`node` may name a property, which is a call."""
    receiver = body.types.get(node.expr)
    for info in classes_of(receiver):
        definition = method_of(info, node.name)
        if definition is not None and definition.is_property and _summary(body, definition):
            _judge(body, node, use, node.name, definition, solutions(definition, None, receiver), receiver)


def _summary(body: Body, definition: FuncDef) -> Summary:
    return body.module.summaries.of(definition.fullname) if body.module.summaries is not None else ()


def _judge(
    body: Body,
    node: Expression,
    use: Use,
    name: str,
    definition: FuncDef,
    solved: dict[str, list[Type]],
    receiver: Type | None = None,
) -> bool:
    for misuse in _summary(body, definition):
        if misuse.lends and use.kind is not Kind.MOVE:
            continue
        if misuse.of_receiver and receiver is not None and not body.facts.is_affine(receiver):
            continue
        given = _affine(body, solved.get(misuse.variable, ()))
        if given is not None:
            module = "" if misuse.module == body.module.fullname else misuse.module
            to = Destination(Into.PARAMETER, _shown(body, given), name or definition.name)
            body.fault(Fault.GENERIC, to.owner, node, to, misuse._replace(module=module))
            return True
    return False


def _affine(body: Body, solutions: Iterable[Type]) -> Type | None:
    """What a variable stands for, if it is affine; of a `ParamSpec`, a parameter that takes its argument by move."""
    for one in solutions:
        for type_ in one.arg_types if isinstance(one, Parameters) else (one,):
            lends = isinstance(one, Parameters) and body.facts.taking_mode(type_) is not Ownership.OWNED
            if body.facts.is_affine(type_) and not lends:
                return type_
    return None


def _shown(body: Body, type_: Type) -> str:
    """A type as a message names it; of `Budget | None`, the Budget."""
    proper = get_proper_type(type_)
    if isinstance(proper, UnionType):
        type_ = next((item for item in proper.items if body.facts.is_affine(item)), type_)
    return format_type_bare(type_, Options())
