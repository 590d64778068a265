"""Whether a call may raise in a program whose types are right, and who catches that.

What is known of functions and methods is data, in `knowledge`.
"""

from __future__ import annotations

from mypy.nodes import CallExpr, MemberExpr, NameExpr, RaiseStmt, RefExpr, TypeInfo

from ..fullnames import BASE_EXCEPTION, BUILTINS
from ..knowledge import CALM, CAUGHT_BY, CONSTRUCTORS
from ..type_shapes import classes_of
from .body import Body
from .lookups import CALM_NAMES, is_absorbing_method, is_calm_method

__all__ = ["absorbs", "is_calm", "may_raise", "raised"]


def may_raise(body: Body, node: CallExpr, name: str, *, takes: bool) -> None:
    """A call may raise here. `name`: its callee's; `takes`: it has taken the object that its method is called on."""
    calm, caught_by = is_calm(body, node), _caught_by(body, node, takes=takes) if name in _RAISING else None
    if (caught_by is None or caught_by) and not _makes_exception(node):
        stored = calm and _stores(body, node)
        body.flow.may_raise(None if calm else node.line, stored=stored, caught_by=caught_by)


def raised(node: RaiseStmt) -> frozenset[str] | None:
    """The classes that catch what a statement raises: those of the class that it names; None if it names none."""
    made = node.expr.callee if isinstance(node.expr, CallExpr) else node.expr
    info = made.node if isinstance(made, RefExpr) else None
    return frozenset(base.fullname for base in info.mro) if isinstance(info, TypeInfo) else None


def _makes_exception(node: CallExpr) -> bool:
    """`ValueError("no answer")`: that an exception of Python's own is made goes wrong for nobody."""
    info = node.callee.node if isinstance(node.callee, RefExpr) else None
    if not isinstance(info, TypeInfo) or all(base.fullname != BASE_EXCEPTION for base in info.mro):
        return False
    makers = [next(base for base in info.mro if name in base.names) for name in CONSTRUCTORS]
    return all(base.module_name == BUILTINS for base in makers)


def is_calm(body: Body, node: CallExpr) -> bool:
    """Whether a call is known not to raise in a program whose types are right."""
    callee = node.callee
    if isinstance(callee, RefExpr) and callee.fullname:
        return callee.fullname in CALM
    return (
        isinstance(callee, MemberExpr) and callee.name in CALM_NAMES and is_calm_method(body, callee.expr, callee.name)
    )


_RAISING = frozenset().union(*CAUGHT_BY.values())


def _caught_by(body: Body, node: CallExpr, *, takes: bool) -> frozenset[str] | None:
    """The classes that catch what a call raises, if known: of a method, after it `takes` what it is called on."""
    callee = node.callee
    if not isinstance(callee, (NameExpr, MemberExpr)):
        return None
    owners = [callee.fullname.rpartition(".")[0]] if callee.fullname else []
    if takes and isinstance(callee, MemberExpr):
        owners = [
            next((base.fullname for base in info.mro if callee.name in base.names), "")
            for info in classes_of(body.types.get(callee.expr))
        ]
    found = [CAUGHT_BY.get(owner, {}).get(callee.name) for owner in owners]
    known = [one for one in found if one is not None]
    return frozenset().union(*known) if known and len(known) == len(found) else None


def _stores(body: Body, node: CallExpr) -> bool:
    """Whether a method only puts what it is given into its object: `xs.extend(ys)`, `stack.callback(log, budget)`."""
    row = body.tasks.table.row(node)
    return bool(row.deferred) if row is not None else absorbs(body, node)


def absorbs(body: Body, node: CallExpr) -> bool:
    """Whether a method of a container takes what is in another one."""
    callee = node.callee
    return isinstance(callee, MemberExpr) and is_absorbing_method(body, callee.expr, callee.name)
