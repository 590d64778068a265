"""What mypy forgets where it joins the types of several functions: which of their parameters only borrow.

`TOOLS = {"search": search, "fetch": fetch}` has one type for both values, and where mypy makes it, `Borrowed[Budget]`
becomes `Budget`. Where every function that such a table is made of declares a parameter to borrow, whoever calls one of
them out of it lends as well. Owns the way from what is called back to these functions, by what is assigned to variables
and fields in one module. It goes by symbols, and not by the types of expressions: in the daemon, mypy may have checked
the call again, and not the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mypy.nodes import (
    AssignmentExpr,
    AssignmentStmt,
    CallExpr,
    ClassDef,
    ConditionalExpr,
    Decorator,
    DictExpr,
    DictionaryComprehension,
    Expression,
    ExpressionStmt,
    FuncDef,
    GeneratorExpr,
    IndexExpr,
    IntExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    OverloadedFuncDef,
    RefExpr,
    SetExpr,
    StarExpr,
    Statement,
    StrExpr,
    SymbolNode,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.subtypes import is_same_type
from mypy.types import CallableType, Instance, NoneType, TupleType, Type, TypeType, UnionType, get_proper_type

from ..bodies import blocks_of
from ..events import Ownership
from ..knowledge.containers import METHODS, Does
from ..typing_facts import Facts
from .syntax import COMPREHENSIONS, elements_of, names_in

__all__ = ["Joined", "Lends"]

Lends = Sequence[Ownership | None]
"""For each parameter of what is called: how all the functions that it may be declare it, if they say the same."""

_GIVE: Final = frozenset(
    name
    for rows in METHODS.values()
    for name, row in rows.items()
    if row[0] in (Does.LEND, Does.VIEW, Does.COLLECT, Does.SHARE, Does.HAND_OUT)
)
"""Methods of containers that give what is in them."""


class Joined:
    """Of one module."""

    def __init__(self, tree: MypyFile, facts: Facts) -> None:
        self._tree = tree
        self._facts = facts
        self._values: dict[SymbolNode, list[Expression]] | None = None
        """What is assigned to variables and fields, put into them, or gone through by a loop; of the whole module."""
        self._bound: dict[SymbolNode, Expression] = {}
        """What the loops go through that have been lowered, by the names that they bind: comprehensions among them."""
        self.answers: dict[tuple[Expression, int], Lends] = {}
        """What `lends` gave."""

    def bound(self, names: Iterable[NameExpr], iterable: Expression) -> None:
        """A loop binds names to elements of what it goes through."""
        for name in names:
            if name.node is not None:
                self._bound[name.node] = iterable

    def restored(self, callee: Expression, type_: Type | None) -> Type | None:
        """The type of what is called, with the loans that its functions declare where mypy's type has none."""
        proper = get_proper_type(type_)
        if not isinstance(proper, CallableType) or proper.name is not None:
            # It has a name where it is that of one function, or class.
            return type_
        formals, facts = proper.arg_types, self._facts
        if not any(facts.is_affine(one) and facts.declared_mode(one) is None for one in formals):
            return type_
        declared = self._declared(callee, len(formals))
        self.answers[callee, len(formals)] = [facts.declared_mode(one) for one in declared]
        if not any(declared):
            return type_
        restored = [
            lent if lent is not None and is_same_type(get_proper_type(lent), get_proper_type(formal)) else formal
            for lent, formal in zip(declared, formals, strict=True)
        ]
        return proper.copy_modified(arg_types=restored, definition=None)

    def lends(self, callee: Expression, count: int) -> Lends:
        """How all functions that may be called there declare their parameters, of which there are so many."""
        return [self._facts.declared_mode(one) for one in self._declared(callee, count)]

    def _declared(self, callee: Expression, count: int) -> list[Type | None]:
        """For each parameter a type that lends, if that is what every function says."""
        functions = list(self._functions(callee, frozenset()))
        if not functions or any(one is None or len(one.arg_types) != count for one in functions):
            return [None] * count
        return [
            self._strictest([one.arg_types[position] for one in functions if one is not None])
            for position in range(count)
        ]

    def _strictest(self, types: list[Type]) -> Type | None:
        modes = list(map(self._facts.declared_mode, types))
        if not all(mode in (Ownership.BORROWED, Ownership.SHARED) for mode in modes):
            return None
        return types[modes.index(Ownership.BORROWED)] if Ownership.BORROWED in modes else types[0]

    def _functions(self, node: Expression, met: frozenset[SymbolNode]) -> Iterator[CallableType | None]:
        """The functions that are in an expression's value, or that this is; None where one is not known."""
        if isinstance(node, RefExpr):
            yield from self._functions_of(self._symbol(node), met)
        elif isinstance(node, (StrExpr, IntExpr)):
            return
        else:
            parts = self._parts(node)
            if parts is None:
                yield None
            for part in parts or ():
                yield from self._functions(part, met)

    def _functions_of(
        self, symbol: SymbolNode | Type | None, met: frozenset[SymbolNode]
    ) -> Iterator[CallableType | None]:
        if isinstance(symbol, (FuncDef, Decorator, OverloadedFuncDef)):
            yield from _in_type(symbol.type)
        elif isinstance(symbol, Type):
            yield from _in_type(symbol)
        elif not isinstance(symbol, Var):
            yield None
        elif not symbol.is_inferred:
            yield from _in_type(symbol.type)
        elif symbol not in met:
            values = self._values_of(symbol)
            if not values:
                yield None
            for value in values:
                yield from self._functions(value, met | {symbol})

    def _symbol(self, node: Expression) -> SymbolNode | Type | None:
        """What a name or attribute stands for; a method, by its type without the object."""
        if not isinstance(node, RefExpr):
            return None
        if node.node is not None or not isinstance(node, MemberExpr):
            return node.node
        owner = self._symbol(node.expr)
        receiver = get_proper_type(owner.type) if isinstance(owner, Var) else None
        if isinstance(receiver, TypeType):
            receiver = receiver.item
        info = receiver.type if isinstance(receiver, Instance) else owner
        if not isinstance(info, TypeInfo):
            return None
        symbol = info.get(node.name)
        found = symbol.node if symbol is not None else None
        if info is owner and not isinstance(found, Var):
            # `Agent.count` has its object as the first parameter.
            return None
        if isinstance(found, FuncDef) and not found.is_static and isinstance(found.type, CallableType):
            return found.type.copy_modified(
                arg_types=found.type.arg_types[1:],
                arg_kinds=found.type.arg_kinds[1:],
                arg_names=found.type.arg_names[1:],
            )
        return found

    def _parts(self, node: Expression) -> Sequence[Expression] | None:
        """The expressions whose values the value of another is made of, or taken from."""
        if isinstance(node, IndexExpr):
            return [node.base]
        if isinstance(node, StarExpr):
            return [node.expr]
        if isinstance(node, ConditionalExpr):
            return [node.if_expr, node.else_expr]
        if isinstance(node, OpExpr):
            return [node.left, node.right]
        if isinstance(node, AssignmentExpr):
            return [node.value]
        if isinstance(node, COMPREHENSIONS):
            node = node.generator
        if isinstance(node, (GeneratorExpr, DictionaryComprehension)):
            for index, sequence in zip(node.indices, node.sequences, strict=True):
                self.bound(names_in(index), sequence)
            return [node.value if isinstance(node, DictionaryComprehension) else node.left_expr]
        if isinstance(node, CallExpr):
            if isinstance(node.callee, MemberExpr) and node.callee.name in _GIVE:
                return [node.callee.expr, *node.args]
            is_known = isinstance(node.callee, RefExpr) and node.callee.fullname in self._facts.handling.functions
            return node.args if is_known else None
        return elements_of(node) if isinstance(node, (DictExpr, ListExpr, TupleExpr, SetExpr)) else None

    def _values_of(self, variable: Var) -> Sequence[Expression]:
        if self._values is None:
            self._values = {}
            for statement in _statements(self._tree.defs):
                self._note(statement)
        found = self._values.get(variable, [])
        return [*found, self._bound[variable]] if variable in self._bound else found

    def _note(self, node: Statement) -> None:
        if isinstance(node, AssignmentStmt):
            for target in node.lvalues:
                self._goes_into(target, node.rvalue)
        elif isinstance(node, OperatorAssignmentStmt):
            self._goes_into(node.lvalue, node.rvalue)
        elif isinstance(node, ExpressionStmt) and isinstance(node.expr, CallExpr):
            callee = node.expr.callee
            if isinstance(callee, MemberExpr) and callee.name not in _GIVE:
                # It may put them in.
                for argument in node.expr.args:
                    self._goes_into(callee.expr, argument)

    def _goes_into(self, target: Expression, value: Expression) -> None:
        if isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self._goes_into(item, value)
            return
        if isinstance(target, IndexExpr):
            self._goes_into(target.base, value)
        elif isinstance(target, CallExpr) and isinstance(target.callee, MemberExpr):
            # `tools.setdefault("web", []).append(search)`
            self._goes_into(target.callee.expr, value)
        symbol = self._symbol(target)
        if isinstance(symbol, Var) and symbol.is_inferred and self._values is not None:
            self._values.setdefault(symbol, []).append(value)


def _in_type(type_: Type | None) -> Iterator[CallableType | None]:
    """The functions in what is declared as a type."""
    proper = get_proper_type(type_)
    if isinstance(proper, CallableType):
        yield proper
    elif isinstance(proper, (UnionType, TupleType, Instance)):
        for part in proper.args if isinstance(proper, Instance) else proper.items:
            yield from _in_type(part)
    elif not isinstance(proper, NoneType):
        yield None


def _statements(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Statements, and those in them: in blocks, in classes, and in functions."""
    for node in statements:
        yield node
        if isinstance(node, Decorator):
            node = node.func
        if isinstance(node, FuncDef):
            yield from _statements(node.body.body)
        elif isinstance(node, ClassDef):
            yield from _statements(node.defs.body)
        elif isinstance(node, OverloadedFuncDef):
            yield from _statements([node.impl] if node.impl is not None else [])
        else:
            for block in blocks_of(node):
                yield from _statements(block.body)
