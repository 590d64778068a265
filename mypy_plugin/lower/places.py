"""The places of one body: which expression denotes which, and by what right each is held (rules, section 2).

Owns the tree of places in the graph. It must never know what happens to a place: that is the business of `body`.
"""

from __future__ import annotations

from collections.abc import Mapping

from mypy.nodes import GDEF, MDEF, Expression, MemberExpr, NameExpr, RefExpr, TypeInfo, Var
from mypy.types import Type

from ..graph import Graph, Ownership
from ..typing_facts import Facts

__all__ = ["Places", "shown"]


class Places:
    """The places of one body. `outer`: those of the body around it; `outermost`: that body is the module's own.

    `watched`: variables that hold something affine by a narrowed type only; found ones are added.
    """

    def __init__(
        self,
        graph: Graph,
        module: str,
        types: Mapping[Expression, Type],
        facts: Facts,
        watched: set[Var],
        outer: Places | None,
        *,
        outermost: bool,
    ) -> None:
        self._graph = graph
        self._module = module
        self._types = types
        self._facts = facts
        self._watched = watched
        self._outer = outer
        self._outermost = outermost
        self._places: dict[Var, int] = {}
        self._variables: dict[int, Var] = {}
        self._paths: dict[tuple[int, str], int] = {}
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

    def is_own(self, variable: Var) -> bool:
        """Whether a variable belongs to this body, and not to one around it or to a module."""
        return variable in self._own

    def declare(self, variable: Var, ownership: Ownership = Ownership.OWNED) -> int:
        """The place of a variable of this body, made with this ownership if it is new."""
        self._own.add(variable)
        return self._root_place(variable, ownership)

    def capture(self, variable: Var) -> int:
        """The place of a variable that a body around this one may own."""
        if variable in self._places or not self._is_captured(variable):
            return self.declare(variable) if variable not in self._places else self._places[variable]
        return self._root_place(variable, Ownership.OWNED)

    def _root_place(self, variable: Var, ownership: Ownership) -> int:
        place = self._places.get(variable)
        if place is None:
            place = self._places[variable] = self._graph.add_place(shown(variable.name), ownership)
            self._variables[place] = variable
        return place

    def of(self, node: Expression) -> int | None:
        """The place that an expression denotes, or None: a subscript, call or operator denotes none."""
        if isinstance(node, NameExpr):
            return self.of_variable(node) if isinstance(node.node, Var) else None
        if not isinstance(node, MemberExpr):
            return None
        if isinstance(node.node, Var) and node.kind == GDEF:
            return self._global(node.node)
        if isinstance(node.expr, RefExpr) and isinstance(node.expr.node, TypeInfo):
            symbol = node.expr.node.get(node.name)
            return self._global(symbol.node) if symbol and isinstance(symbol.node, Var) else None
        base = self.of(node.expr)
        if base is None or not self._facts.is_data(self._types.get(node.expr), node.name):
            return None
        return self.path(base, node.name)

    def path(self, base: int, name: str) -> int:
        """The place one attribute below `base`."""
        place = self._paths.get((base, name))
        if place is None:
            place = self._paths[base, name] = self._graph.add_place(
                f"{self._graph.places[base].name}.{name}", parent=base
            )
        return place

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
        if variable not in self._own:
            # Its type did not say that it may hold something affine, but a narrowed one does: watch its assignments.
            self._watched.add(variable)
        return self.declare(variable, self._by_declaration(variable))

    def _global(self, variable: Var) -> int:
        mine = self._outermost and variable.fullname == f"{self._module}.{variable.name}"
        return self._root_place(variable, self._by_declaration(variable) if mine else Ownership.GLOBAL)

    def _by_declaration(self, variable: Var) -> Ownership:
        """The ownership of a variable that nothing else is known of: its declared type must be affine."""
        if variable.type is None or variable.is_inferred:
            return Ownership.OWNED
        declared = self._facts.declared_mode(variable.type)
        if declared is not None:
            return declared
        owns = self._facts.taking_mode(variable.type) is Ownership.OWNED
        return Ownership.OWNED if owns else Ownership.NOT_AFFINE

    def _is_captured(self, variable: Var) -> bool:
        outer = self._outer
        while outer is not None:
            if variable in outer._places:
                return True
            outer = outer._outer
        return False

    def root(self, place: int) -> tuple[int, Var | None]:
        """The place of the variable that a place hangs on, and the variable."""
        root = self._graph.root(place)
        return root, self._variables.get(root)

    def overlap(self, left: int, right: int) -> bool:
        """Whether two places are the same, or one is a part of the other."""
        return left == right or left in self._graph.ancestors(right) or right in self._graph.ancestors(left)

    def is_from_outside(self, place: int) -> bool:
        """Whether a place hangs on a global, or on a variable of a body around this one."""
        root, variable = self.root(place)
        if variable is None:
            return False
        captured = self._outer is not None and variable not in self._own
        return captured or self._graph.places[root].ownership is Ownership.GLOBAL


def shown(name: str) -> str:
    """A variable's name as the program spells it."""
    # mypy's renaming pass marks redefinitions with quotes or stars after the name.
    return name.rstrip("'*")
