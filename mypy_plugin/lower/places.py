"""The places of one body: which expression denotes which, and by what right each is held (rules, section 2).

Owns the tree of places in the graph. It must never know what happens to a place: that is the business of `body`.

A step from a place to a part of it is a name: that of an attribute, `[0]` for an item of a tuple, `['key']` for an
entry of a TypedDict, `result()` for what a task gives. What a named tuple holds has one name, that of the field,
whether it is reached by it or by index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from mypy.nodes import GDEF, MDEF, CallExpr, Expression, IndexExpr, MemberExpr, NameExpr, RefExpr, TypeInfo, Var
from mypy.types import Type

from ..events import Ownership
from ..graph import Graph
from ..knowledge.containers import CONTENTS
from ..type_shapes import classes_of
from ..typing_facts import Facts
from . import records
from .inferred import Learnt

if TYPE_CHECKING:
    from .factories import Factories

__all__ = ["Path", "Places", "shown"]

_CONTENTS = frozenset(CONTENTS.values())

Path: TypeAlias = tuple[str, ...]
"""The steps from a variable, or from what an expression gives, down to a place."""


class Places:
    """The places of one body. `outer`: those of the body around it; `outermost`: that body is the module's own.

    `watched`: variables that have a place; found ones are added. `known`: variables that were found to belong to this
    body when it was lowered before. `factories`: for what two fields of an object have in common.
    """

    def __init__(
        self,
        graph: Graph,
        module: str,
        types: Mapping[Expression, Type],
        facts: Facts,
        watched: Learnt[Var],
        known: Learnt[Var],
        outer: Places | None,
        factories: Factories | None,
        *,
        outermost: bool,
    ) -> None:
        self._graph = graph
        self._module = module
        self._types = types
        self._facts = facts
        self._watched = watched
        self._known = known
        self._outer = outer
        self._factories = factories
        self._outermost = outermost
        self._places: dict[Var, int] = {}
        self._variables: dict[int, Var] = {}
        self._paths: dict[tuple[int, str], int] = {}
        self._steps: dict[int, str] = {}
        self._fixed: set[int] = set()
        self._unnamed: dict[Expression, int] = {}
        self._temporary: dict[Expression, int] = {}
        self._own: set[Var] = set()

    def __contains__(self, variable: Var) -> bool:
        """Whether a variable has a place here."""
        return variable in self._places

    def may_own(self, node: NameExpr) -> bool:
        """Whether a name stands for a variable of this body that its declaration lets own what it holds."""
        variable = node.node
        if not isinstance(variable, Var) or self._is_captured(variable):
            return False
        mine = node.kind != GDEF or (self._outermost and variable.fullname == f"{self._module}.{variable.name}")
        return mine and node.kind != MDEF and self._by_declaration(variable) is Ownership.OWNED

    def own(self) -> set[Var]:
        """The variables of this body."""
        return self._own

    def is_own(self, variable: Var) -> bool:
        """Whether a variable belongs to this body, and not to one around it or to a module."""
        return variable in self._own

    def declare(self, variable: Var, ownership: Ownership | None = None) -> int:
        """The place of a variable of this body, made with this ownership if it is new; without one, as declared.

        What is bound to a loan borrows from there on, whatever was known of it when its place was made.
        """
        self._own.add(variable)
        place = self._places.get(variable)
        if place is None:
            place = self._new(variable, self._by_declaration(variable) if ownership is None else ownership)
        elif (
            ownership in (Ownership.BORROWED, Ownership.SHARED)
            and self._graph.places[place].ownership is Ownership.OWNED
        ):
            self._graph.places[place].ownership = ownership
        return place

    def bind(self, variable: Var) -> int:
        """The place of a variable that a target of this body binds, by a loan if mypy infers that the source is one."""
        return self.declare(variable, None if self._facts.is_lent(variable.type) else Ownership.OWNED)

    def capture(self, variable: Var) -> int:
        """The place of a variable that a body around this one may own."""
        if variable in self._places or not self._is_captured(variable):
            return self.declare(variable) if variable not in self._places else self._places[variable]
        return self._root_place(variable, Ownership.OWNED)

    def unnamed(self, node: Expression, name: str) -> int:
        """The place of what Python itself keeps while `node` is in use: the iterator of a loop."""
        place = self._unnamed.get(node)
        if place is None:
            place = self._unnamed[node] = self._graph.add_place(name)
        return place

    def hold(self, node: Expression, variable: Var) -> int:
        """The place of a value of which more than one name may be given a part, as if this variable had it."""
        place = self._temporary[node] = self.declare(variable, Ownership.OWNED)
        return place

    def of_value(self, node: Expression) -> int | None:
        """As `of`, or the place that holds what an expression gives."""
        place = self.of(node)
        return place if place is not None else self._temporary.get(node)

    def _root_place(self, variable: Var, ownership: Ownership) -> int:
        place = self._places.get(variable)
        return place if place is not None else self._new(variable, ownership)

    def _new(self, variable: Var, ownership: Ownership) -> int:
        name = shown(variable.name)
        if ownership is Ownership.CLASS and variable.info:
            name = f"{variable.info.name}.{name}"
        place = self._places[variable] = self._graph.add_place(name, ownership)
        self._variables[place] = variable
        # Its type may not have said that it holds something of concern: then its assignments were passed over.
        self._watched.add(variable)
        return place

    def of(self, node: Expression) -> int | None:
        """The place that an expression denotes, or None: an operator, most calls and most subscripts denote none."""
        if isinstance(node, NameExpr):
            variable = node.node
            if not isinstance(variable, Var):
                return None
            place = self._places.get(variable)
            return place if place is not None else self.of_variable(node)
        if isinstance(node, IndexExpr):
            return self.of_element(node.base, node.index)
        if isinstance(node, CallExpr):
            callee = node.callee
            return self._contents(node, callee) if isinstance(callee, MemberExpr) and callee.name in _CONTENTS else None
        if not isinstance(node, MemberExpr):
            return None
        if isinstance(node.node, Var) and node.kind == GDEF:
            return self._global(node.node)
        variable = self._class_variable(node)
        if variable is not None:
            return self._root_place(variable, Ownership.CLASS)
        base = self.of(node.expr)
        owner = self._types.get(node.expr)
        if base is None or not self._facts.is_data(owner, node.name) or self._facts.is_context(owner):
            return None
        if self._facts.is_lent(self._types.get(node)):
            return self.field(base, (node.name,))
        return self.path(base, node.name, fixed=records.is_fixed(owner, node.name))

    def _contents(self, node: CallExpr, callee: MemberExpr) -> int | None:
        """`task.result()`: what an object has, and gives each time that it is asked."""
        gives = any(
            CONTENTS.get(base.fullname) == callee.name
            for info in classes_of(self._types.get(callee.expr))
            for base in info.mro
        )
        base = self.of(callee.expr) if gives and self._facts.is_affine(self._types.get(node)) else None
        return self.path(base, f"{callee.name}()", fixed=True) if base is not None else None

    def of_element(self, container: Expression, index: Expression) -> int | None:
        """An item of a tuple of known length, or an entry of a TypedDict, under a literal index or key."""
        step = records.step(self._types.get(container), index, self._types.get(index))
        base = self.of(container) if step is not None else None
        if step is None or base is None:
            return None
        lent = self._facts.is_lent(step.type)
        return self.path(base, step.name, fixed=lent or step.fixed, lent=lent)

    def path(self, base: int, name: str, *, fixed: bool = False, lent: bool = False) -> int:
        """The place one step below `base`. `fixed`: it can't be assigned; `lent`: it is declared to be borrowed."""
        place = self._paths.get((base, name))
        if place is None:
            above = self._graph.places[base].name
            place = self._paths[base, name] = self._graph.add_place(
                above + name if name.startswith("[") else f"{above}.{name}", parent=base
            )
            self._steps[place] = name
        if lent:
            # It may have been reached by another way before, which does not say so.
            self._graph.places[place].ownership = Ownership.BORROWED
        if fixed:
            self._fixed.add(place)
        return place

    def field(self, base: int, path: Path) -> int:
        """The place of a field for a loan, at the end of a path from an object; of two that have one thing, the first.

        `crew.writer.budget` is `crew.planner.budget`, if the constructor of `crew` made both agents of one budget.
        """
        variable, above = self.path_to(base)
        if variable is not None and self._factories is not None:
            base, path = self.root(base)[0], _first(self._factories, variable.type, (*above, *path))
        return self.path(self.below(base, path[:-1]), path[-1], fixed=True, lent=True)

    def below(self, base: int, path: Path) -> int:
        """The place at the end of a path from `base`."""
        for name in path:
            base = self.path(base, name)
        return base

    def at(self, variable: Var, path: Path) -> int:
        """The place at the end of a path from a variable that has a place here."""
        return self.below(self._places[variable], path)

    def path_to(self, place: int) -> tuple[Var | None, Path]:
        """The variable that a place hangs on, and the way from there."""
        steps: list[str] = []
        while place in self._steps:
            steps.append(self._steps[place])
            parent = self._graph.places[place].parent
            assert parent is not None
            place = parent
        return self._variables.get(place), tuple(reversed(steps))

    def is_fixed(self, place: int) -> bool:
        """Whether a place can't be assigned, so that what moves out of it can't be given back."""
        return place in self._fixed

    def of_variable(self, node: NameExpr) -> int:
        """The place of the variable that a name stands for."""
        variable = node.node
        assert isinstance(variable, Var)
        place = self._places.get(variable)
        if place is not None:
            return place
        if node.kind == GDEF:
            return self._global(variable)
        if node.kind != MDEF and self._is_captured(variable):
            return self._root_place(variable, Ownership.OWNED)
        return self.declare(variable, self._by_declaration(variable))

    def _global(self, variable: Var) -> int:
        mine = self._outermost and variable.fullname == f"{self._module}.{variable.name}"
        return self._root_place(variable, self._by_declaration(variable) if mine else Ownership.GLOBAL)

    def _class_variable(self, node: MemberExpr) -> Var | None:
        """The variable of a class that `Team.budget`, `cls.budget`, or `self.budget` of a ClassVar stands for."""
        if isinstance(node.expr, RefExpr) and isinstance(node.expr.node, TypeInfo):
            symbol = node.expr.node.get(node.name)
            return symbol.node if symbol and isinstance(symbol.node, Var) else None
        type_ = self._types.get(node.expr)
        for info in records.classes_denoted_by(type_):
            symbol = info.get(node.name)
            return symbol.node if symbol and isinstance(symbol.node, Var) else None
        for info in classes_of(type_):
            symbol = info.get(node.name)
            if symbol and isinstance(symbol.node, Var) and symbol.node.is_classvar:
                return symbol.node
        return None

    def _by_declaration(self, variable: Var) -> Ownership:
        """The ownership of a variable that nothing else is known of: its declared type must be affine."""
        declared = self._facts.declared_mode(variable.type)
        if declared is not None:
            return declared
        if variable.type is None or variable.is_inferred:
            return Ownership.OWNED
        owns = self._facts.taking_mode(variable.type) is Ownership.OWNED
        return Ownership.OWNED if owns else Ownership.NOT_AFFINE

    def _is_captured(self, variable: Var) -> bool:
        outer = self._outer
        while outer is not None:
            if variable in outer._places or outer._known.has(variable):
                return True
            outer = outer._outer
        return False

    def root(self, place: int) -> tuple[int, Var | None]:
        """The place of the variable that a place hangs on, and the variable."""
        root = place if self._graph.places[place].parent is None else self._graph.root(place)
        return root, self._variables.get(root)

    def is_from_outside(self, place: int) -> bool:
        """Whether a place hangs on a global, or on a variable of a body around this one."""
        root, variable = self.root(place)
        if variable is None:
            return False
        captured = self._outer is not None and variable not in self._own
        return captured or self._graph.places[root].ownership in (Ownership.GLOBAL, Ownership.CLASS)


def shown(name: str) -> str:
    """A variable's name as the program spells it."""
    # mypy's renaming pass marks redefinitions with quotes or stars after the name.
    return name.rstrip("'*")


def _first(factories: Factories, type_: Type | None, path: Path) -> Path:
    """Of the ways from an object of this type that lead to the same as this one, the first."""
    done: Path = ()
    while path:
        infos = classes_of(type_)
        for shared, first in (pair for info in infos for pair in factories.shared(info).items()):
            if path[: len(shared)] == shared:
                path = (*first, *path[len(shared) :])
                break
        done, symbols = (*done, path[0]), [info.get(path[0]) for info in infos]
        type_, path = next((symbol.type for symbol in symbols if symbol is not None), None), path[1:]
    return done
