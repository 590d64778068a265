"""Where the calls are that go on after they have returned: handed from one place to another, or picked out of several.

Owns the places that one body knows of, and the events that tell of them. When a call has finished is for `task_ends`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    IndexExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
    SliceExpr,
    Var,
)

from ..events import Event, Kind
from ..knowledge.containers import SELECTING
from ..knowledge.tasks import KEEPERS
from .groups import Groups
from .holders import Holders
from .inferred import Learnt
from .task_loans import TaskLoans
from .task_table import TaskTable

if TYPE_CHECKING:
    from .body import Body

__all__ = ["TaskMoves"]


def _is_part(node: IndexExpr) -> bool:
    """Whether a slice leaves something out."""
    index = node.index
    return isinstance(index, SliceExpr) and (index.begin_index, index.end_index) != (None, None)


class TaskMoves:
    """The calls of one body that go on, by the places that hold them."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.table = TaskTable(body.types, body.facts, body.callees, body.module.rows)
        self._groups = Groups(body)
        self._held = Holders(body, self.table, self._groups)
        self.in_variables: bool = self._held.in_variables
        self.loans = TaskLoans(body, self.table, self._held, self._groups)
        self.made = self._held.by_expression
        """What the statements that are being lowered have made or passed on."""
        self._from: dict[int, set[int]] = {}
        """For each target of a loop: the places that it has one of the calls of."""
        self._given: dict[Expression, list[int]] = {}
        """For what is awaited where it is made: the variables that go on holding what it was given."""
        self._came_from: dict[int, list[int]] = {}
        """For what may return before all have finished: the variables that had what it was given."""
        self._kept: dict[int, set[int]] = {}
        """For each group: the places of the functions that took something, and were given to it to be called."""
        self._results: set[int] = set()
        """Places of expressions that give the results of the calls that they have, one after the other."""
        self._subscripted: Expression | None = None
        """What was last looked at for one element of it."""
        self._awaited: Expression | None = None
        """What is being awaited where it is made."""
        self._starter: str | None = None
        """The function that starts what is being evaluated."""

    def are_any(self) -> bool:
        """Whether anything holds calls that go on. In most bodies nothing does, and calls need not be asked for it."""
        return bool(self.made) or self.in_variables

    def _keeps(self, node: CallExpr) -> bool:
        """`tasks.append(task)`, `queue.put(task)`"""
        return isinstance(node.callee, MemberExpr) and node.callee.name in KEEPERS and self.table.row(node) is None

    # Events

    def _hand_on(self, holders: Iterable[int], node: Context, target: int, *, starts: bool) -> None:
        for holder in list(holders):
            if holder not in self._results:
                self._mixes(target)
            if holder in self._held.loose:
                self._held.loose.remove(holder)
            group, to = self._groups.of(holder), target
            if group == to:
                # It is there already.
                continue
            if starts:
                self._start(holder, node)
            stays = self._held.is_variable(holder) and holder not in self._from
            if stays and not self._held.is_variable(to):
                # A task that a variable has goes on being had by it, whoever else gets it.
                self._held.referred.setdefault(to, []).append(holder)
                continue
            if group is not None:
                to = self._groups.share(to, group) if self._held.is_variable(to) else self._apart(to, group)
            if stays and holder != to and self._groups.are_variables(holder, to):
                to = self._groups.share(holder, to)
            if holder != to:
                self._emit(Kind.HAND_ON, holder, node, to)
            if holder in self._from:
                # What a round of a loop hands on, the loop goes over no more.
                self._emit(Kind.PICK, holder, node, to)
                self._emit(Kind.FINISH, holder, node)

    def _start(self, holder: int, node: Context) -> None:
        """What a place holds runs from here on: for the target of a loop, any that the loop goes over."""
        for one in (holder, *sorted(self._from.get(holder, ()))):
            self._emit(Kind.START, one, node, one)

    def _apart(self, made: int, group: int) -> int:
        """The place that holds what an expression gives of a group, apart from the rest of what it makes."""
        apart, others = self._groups.apart(made, group), self._held.referred.setdefault(made, [])
        self._held.of_expressions.add(apart)
        if apart not in others:
            others.append(apart)
        return apart

    def _emit(self, kind: Kind, place: int, node: Context, holder: int | None = None) -> Event:
        event = self._body.emit(kind, place, node)
        event.holder = holder
        return event

    def _learn(self, learnt: Learnt[Var], place: int) -> None:
        """Something is so of the variable that a place hangs on."""
        variable, _ = self._body.places.path_to(place)
        if variable is not None:
            learnt.add(variable)

    def _mixes(self, place: int) -> None:
        """A place gets calls that are not, or not only, those that an iterator gives the results of."""
        self._learn(self._body.inferred.mixed, place)

    # Parts

    def indexed(self, node: IndexExpr) -> None:
        """`tasks[name]`, `tasks[:3]`: one or some of the calls that a container holds."""
        some = self._body.facts.goes_on if _is_part(node) else self._body.facts.is_awaitable
        if self.in_variables and some(self._body.types.get(node)) and not self._gives_all(node):
            for holder in self._held.of(node.base):
                self._pick(holder, node, stays=True)

    def _gives_all(self, node: IndexExpr) -> bool:
        """`tasks[0]`, where `tasks` was made of one call, and nobody can have put more into it."""
        base, body = node.base, self._body
        if not isinstance(base, NameExpr) or not isinstance(base.node, Var) or isinstance(node.index, SliceExpr):
            return False
        is_local = body.places.is_own(base.node) and not (body.is_module or body.in_class_body)
        # What is affine is looked at in more ways than `seen_whole` is told of.
        return is_local and not body.is_affine(base) and not body.inferred.several.has(base.node)

    def subscripting(self, base: Expression) -> None:
        """An expression is looked at for one element of it, and for nothing else."""
        self._subscripted = base

    def seen_whole(self, node: NameExpr) -> None:
        """A variable is used: whoever has what is in it may put more there, or take something out."""
        if node is not self._subscripted and isinstance(node.node, Var):
            scope: Body | None = self._body
            while scope is not None:
                scope.inferred.several.add(node.node)
                scope = scope.outer

    def selected(self, node: CallExpr) -> bool:
        """`filter(Task.done, tasks)`: some of the calls that variables hold. Gives whether it is that."""
        callee = node.callee
        if not (self.in_variables and isinstance(callee, RefExpr) and callee.fullname in SELECTING):
            return False
        holders = [holder for argument in node.args for holder in self._held.of(argument)]
        if not holders or not all(map(self._held.is_variable, holders)):
            # What nobody else has is gone, but for what this gives.
            return False
        for holder in holders:
            self._pick(holder, node, stays=True)
        return True

    def _pick(self, holder: int, node: Expression, *, stays: bool) -> None:
        """An expression gives one or some of the calls that a place holds.

        Those of a group still finish with that, and those that a container still has with whoever waits for all of it.
        """
        picked = self._held.made_by(node)
        group = self._groups.of(holder)
        if group is None and stays and self._groups.are_variables(holder):
            group = holder
        if group is not None:
            picked = self._apart(picked, group)
        self._emit(Kind.PICK, holder, node, picked)

    def chooses(self, *parts: Expression) -> bool:
        """Whether an expression gives the calls of either one, `first if fast else second`, and variables have some."""
        facts, types = self._body.facts, self._body.types
        return (
            self.in_variables
            and all(facts.goes_on(types.get(part)) for part in parts)
            and any(self._held.is_variable(holder) for part in parts for holder in self._held.of(part))
        )

    def chosen(self, part: Expression, node: Expression) -> None:
        """It gives those of this part, on the path that is here: a variable has them by that expression from now on."""
        made = self._held.made_by(node)
        for holder in self._held.of(part):
            if self._groups.of(holder) is None and self._groups.are_variables(holder) and holder not in self._from:
                self._emit(Kind.HAND_ON, holder, part, self._apart(made, holder))
            elif self._held.is_variable(holder):
                self._emit(Kind.PICK, holder, part, made)
            else:
                self._hand_on([holder], part, made, starts=False)

    def collecting(self, element: Expression, container: Expression) -> None:
        """A comprehension is about to make a container of such elements."""
        if self._held.may_give(element):
            self._held.making(container)

    def collected(self, element: Expression, container: Expression) -> None:
        """What an element holds is now held by the container that a comprehension makes."""
        holders = self._held.of(element)
        if not self._body.facts.goes_on(self._body.types.get(element)):
            # `[task.get_name() for task in tasks]` leaves them where they are.
            holders = [holder for holder in holders if holder not in self._from]
        if holders:
            self._hand_on(holders, element, self._held.made_by(container), starts=False)
