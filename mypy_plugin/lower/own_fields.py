"""Which of the loans that an object has by the objects in its fields a method of it may use: `self.deps.budget`.

A method has all that its object borrows itself. What is further inside it has if it comes to that. Its body says so, if
it is of the same module. Of others there is the signature: one that is given a budget of its own is taken to use that.
Asks questions of a body; changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mypy.nodes import FuncDef, MemberExpr, NameExpr, OverloadedFuncDef, SuperExpr, SymbolNode, TypeInfo, Var
from mypy.server.subexpr import get_subexpressions
from mypy.types import AnyType, CallableType, get_proper_type

from ..knowledge import CONSTRUCTORS
from ..ownership_facts import LoanField
from ..type_shapes import classes_of
from .places import Path

if TYPE_CHECKING:
    from .body import Body

__all__ = ["fields_used"]


def fields_used(body: Body, method: MemberExpr) -> Sequence[LoanField]:
    """The fields for loans of an object that a method which is bound to it may use."""
    type_ = body.types.get(method.expr)
    fields = body.facts.fields_for_loans(type_)
    if all(len(field.path) == 1 for field in fields):
        return fields
    infos = classes_of(type_)
    return [
        field
        for field in fields
        if len(field.path) == 1
        or any(_leads_to(info, way, field.path) for info in infos for way in _ways(body, info, method.name))
    ]


def _leads_to(info: TypeInfo, way: Path, path: Path) -> bool:
    """Whether a way from an object may go through a field, or to what has that: `self.deps` for `self.deps.budget`."""
    if way[:1] != path[:1]:
        # Nothing, or everything.
        return not way
    classes: Sequence[TypeInfo] = (info,)
    for step, wanted in zip(way, path, strict=False):
        nodes = [symbol.node for each in classes if (symbol := each.get(step)) is not None]
        if step != wanted:
            return not all(isinstance(node, Var) for node in nodes)
        classes = [its for node in nodes if isinstance(node, Var) for its in classes_of(node.type)]
    return True


def _ways(body: Body, info: TypeInfo, method: str) -> frozenset[Path]:
    """The ways from an object that a method of its class goes, itself or by other methods."""
    known = body.module.ways_of_methods.get((info, method))
    if known is None:
        known = body.module.ways_of_methods[info, method] = frozenset(_reached(body, info, method))
    return known


def _reached(body: Body, info: TypeInfo, method: str) -> Iterator[Path]:
    pending, seen = _functions(info, method), set[FuncDef]()
    while pending:
        function = pending.pop()
        if function in seen:
            continue
        seen.add(function)
        if function.info.module_name != body.module.fullname:
            if not _is_given_its_own(body, function):
                yield ()
            continue
        ways, called = _in_body(function)
        yield from ways
        for way in ways:
            pending += _functions(info, way[0]) if way else []
        for name in called:
            pending += _functions_of_base(info, function.info, name)


def _functions(info: TypeInfo, name: str) -> list[FuncDef]:
    """What a class has under a name, if that is a method or property."""
    symbol = info.get(name)
    return _all_of(symbol.node) if symbol is not None else []


def _functions_of_base(info: TypeInfo, below: TypeInfo, name: str) -> list[FuncDef]:
    """What `super()` has under a name, in a class of which there may be an object of a further one."""
    bases = info.mro[info.mro.index(below) + 1 :] if below in info.mro else []
    return next((_all_of(base.names[name].node) for base in bases if name in base.names), [])


def _all_of(node: SymbolNode | None) -> list[FuncDef]:
    if isinstance(node, OverloadedFuncDef):
        return [function for each in (*node.items, node.impl) for function in _all_of(each)]
    function = getattr(node, "func", node)
    return [function] if isinstance(function, FuncDef) else []


def _in_body(method: FuncDef) -> tuple[set[Path], list[str]]:
    """The ways that a method goes from its object, an empty one for all of that; and what it asks `super()` for."""
    if method.is_static or not method.arguments:
        return set(), []
    itself = method.arguments[0].variable
    parts = get_subexpressions(method.body)
    gone_on = {part.expr for part in parts if isinstance(part, MemberExpr)}
    ways = {_way(part, itself) for part in parts if isinstance(part, (NameExpr, MemberExpr)) and part not in gone_on}
    return {way for way in ways if way is not None}, [part.name for part in parts if isinstance(part, SuperExpr)]


def _way(node: object, itself: Var) -> Path | None:
    """`("deps", "budget")`, of `self.deps.budget`."""
    names: list[str] = []
    while isinstance(node, MemberExpr):
        names.append(node.name)
        node = node.expr
    return tuple(reversed(names)) if isinstance(node, NameExpr) and node.node is itself else None


def _is_given_its_own(body: Body, method: FuncDef) -> bool:
    """Whether a method has a parameter for what is affine, has loans, or is made of what is: a budget, a pool."""
    signature, facts = method.type, body.facts
    return not isinstance(signature, CallableType) or any(
        isinstance(get_proper_type(formal), AnyType)
        or facts.is_affine(formal)
        or facts.gives_loans(formal)
        or any(
            body.module.promises.concerns.symbol_matters(info, name)
            for info in classes_of(formal)
            for name in CONSTRUCTORS
        )
        for formal in signature.arg_types[1:]
    )
