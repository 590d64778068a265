"""When the calls have finished that go on after they have returned: awaited, joined, gone through or asked.

Which library functions wait for what is data, in `knowledge.tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from mypy.nodes import (
    AwaitExpr,
    CallExpr,
    ComparisonExpr,
    Context,
    Expression,
    GeneratorExpr,
    IndexExpr,
    ListComprehension,
    MemberExpr,
    NameExpr,
    RefExpr,
    SetComprehension,
    UnaryExpr,
    Var,
)

from ..events import Kind
from ..fullnames import NONE
from ..graph import Block
from ..knowledge.containers import COUNTED
from ..knowledge.tasks import ASKING_EACH, ENDED
from .spelling import callee_name
from .task_moves import TaskMoves

__all__ = ["TaskEnds"]


class TaskEnds(TaskMoves):
    """What is known to have finished, and what may have been left running."""

    def waits(self, node: CallExpr) -> bool:
        """Whether a method waits for what its object may hold."""
        return self.in_variables and self.table.waits(node)

    def waited(self, node: CallExpr) -> None:
        """A method is about to return or raise that waits: what its object holds is finished, well or not.

        With a time limit it may raise before.
        """
        if not node.args and self.waits(node):
            receiver = self._held.receiver(node, is_given=False)
            for holder in self._groups.all_of(receiver) if receiver is not None else ():
                self._emit(Kind.JOIN, holder, node)

    # Awaiting

    def awaited(self, node: AwaitExpr, start: int, *, raising: bool) -> None:
        """What is awaited has finished. `raising`: so it has if the await raises; asked before and after.

        `start`: where the body's log was before what is awaited was evaluated.
        """
        call = node.expr
        if isinstance(call, CallExpr) and self._keeps(call):
            # `await queue.put(work)`: it is in there.
            return
        row = self.table.row(call) if isinstance(call, CallExpr) else None
        leaves_others = self._leaves_others(call)
        if raising == leaves_others:
            return
        if row is None and self._body.facts.goes_on(self._body.types.get(node)):
            # `task = await start(budget)`: what it gives goes on with what it was lent.
            made = self._held.made_by(node)
            self._hand_on(self._held.of(call), node, made, starts=self._body.facts.is_running(self._body.types[node]))
            return
        if row is not None and (row.begins or self.table.leaves(call) is not None):
            return
        holders = (*self._held.of(call), *self._given.get(call, ()), *self._of_this_round(call))
        for holder in holders:
            self._emit(Kind.FINISH, holder, node)
        if leaves_others and isinstance(call, CallExpr) and not (row is not None and row.shields):
            for position, event in enumerate(self._body.log):
                if event.kind is Kind.LOAN and (position >= start or event.holder in holders):
                    event.terms = event.terms._replace(left=(callee_name(call), node.end_line or node.line))

    def _leaves_others(self, node: Expression) -> bool:
        """Whether an exception out of what is awaited may leave something running that it waits for."""
        if isinstance(node, CallExpr):
            return self.table.row(node) is not None and (
                self.table.leaves_others(node) or any(map(self._leaves_others, node.args))
            )
        if not isinstance(node, (NameExpr, MemberExpr)):
            return False
        place = self._body.places.of(node)
        variable = self._body.places.path_to(place)[0] if place is not None else None
        return variable is not None and self._body.inferred.leaving.has(variable)

    def _of_this_round(self, node: Expression) -> Iterator[int]:
        """`tasks[name]` in a loop over `tasks`, by the name that the loop gives it."""
        if isinstance(node, IndexExpr) and isinstance(node.index, NameExpr):
            target = self._body.places.of(node.index)
            if target is not None and not self._from.get(target, set()).isdisjoint(self._held.of(node.base)):
                yield target

    # Asking

    def none_left(self, condition: Expression, then: Block, otherwise: Block) -> tuple[Block, Block]:
        """The blocks to branch to: on the way to one of them a variable is known to hold no call that goes on."""
        if not self.are_any():
            return then, otherwise
        node, truth = self._none_if(condition)
        holders = self._held.of(node) if node is not None else ()
        if node is None or not holders:
            return then, otherwise
        flow = self._body.flow
        here, between = flow.current, flow.new_block()
        flow.go_on_in(between)
        for holder in holders:
            self._emit(Kind.FINISH, holder, node)
        flow.edge(then if truth else otherwise)
        flow.go_on_in(here)
        return (between, otherwise) if truth else (then, between)

    def _none_if(self, condition: Expression) -> tuple[Expression | None, bool]:
        """What holds no call that goes on where a condition has a truth; and which one."""
        node, truth = condition, False
        if isinstance(condition, UnaryExpr) and condition.op == "not":
            ended, truth = self._none_if(condition.expr)
            return ended, not truth
        if isinstance(condition, CallExpr):
            callee = condition.callee
            if isinstance(callee, RefExpr) and callee.fullname in ASKING_EACH and condition.args:
                return self._none_if_each(condition.args[0], ASKING_EACH[callee.fullname])
            if not isinstance(callee, MemberExpr) or not self.table.is_among(condition, ENDED):
                return None, False
            node, truth = callee.expr, True
        if isinstance(condition, ComparisonExpr) and condition.operators in (["is"], ["is not"]):
            node, other = condition.operands
            if not isinstance(other, NameExpr) or other.fullname != NONE:
                return None, False
            truth = condition.operators == ["is"]
        return (node if isinstance(node, (NameExpr, MemberExpr)) else None), truth

    def _none_if_each(self, asked: Expression, truth: bool) -> tuple[Expression | None, bool]:
        """`all(task.done() for task in tasks)`: what has no call that goes on if each element has this truth."""
        each = asked.generator if isinstance(asked, (ListComprehension, SetComprehension)) else asked
        if isinstance(each, GeneratorExpr) and len(each.indices) == 1 and not each.condlists[0]:
            index, (node, needed) = each.indices[0], self._none_if(each.left_expr)
            if (
                needed is truth
                and isinstance(node, NameExpr)
                and isinstance(index, NameExpr)
                and node.node is index.node
            ):
                return each.sequences[0], truth
        return None, truth

    # Loops

    def iterate(self, kind: Kind, names: list[NameExpr], iterable: Expression) -> bool:
        """A loop over an iterable begins, or a round of it, or it ends by itself. Gives whether that may hold tasks."""
        if not self.are_any():
            return False
        holders = self._held.of(iterable)
        for name in names if holders else []:
            target = self._held.kept_in(name)
            if target is not None:
                self._mixes(target)
                self._from.setdefault(target, set()).update(holders)
                # It is one round, however many have what it is a round of.
                for holder in holders[:1] if kind is Kind.NEXT else holders:
                    self._emit(kind, holder, name, target)

        if kind is Kind.EXHAUST:
            self.exhausted(iterable.args if self._counts(iterable) else [iterable], iterable)
        return bool(holders)

    def _counts(self, node: Expression) -> TypeGuard[CallExpr]:
        """`enumerate(...)`"""
        return isinstance(node, CallExpr) and isinstance(node.callee, RefExpr) and node.callee.fullname in COUNTED

    def exhausted(self, iterables: Iterable[Expression], node: Context) -> None:
        """Somebody has come to the end of these. Of those that give results, all calls have finished."""
        for iterable in iterables:
            for holder in self._of_results(iterable):
                self._emit(Kind.FINISH, holder, node)

    def _of_results(self, node: Expression) -> Iterable[int]:
        """The places of the calls whose results an expression gives, if it gives nothing else."""
        if isinstance(node, NameExpr) and isinstance(node.node, Var) and self._body.places.is_own(node.node):
            holders = self._held.of(node)
            return holders if holders and not self._body.inferred.mixed.has(node.node) else ()
        made = self._held.by_expression.get(node)
        return [made] if made is not None and made in self._results else ()

    # Leaving

    def returned(self, value: Expression) -> None:
        """A value is returned. Its type tells the caller that what it was given goes on, as long as it does."""
        if self.are_any() and self._body.facts.goes_on(self._body.types.get(value)):
            for holder in self._held.of(value):
                self._emit(Kind.FINISH, holder, value)

    def left_group(self, manager: Expression, target: Expression | None, node: Context) -> None:
        """A task group's block is left: all that was started in it has finished."""
        of = target if target is not None else manager
        if not self.table.is_group(of):
            return
        group = self._body.places.of(of)
        if group is None:
            return
        self._emit(Kind.JOIN, group, node)
        for kept in sorted(self._kept.get(group, ())):
            self._emit(Kind.INIT, kept, node)

    def replaced(self, place: int, node: Context) -> None:
        """A variable is about to get a new value: whoever shared with it what it had has that alone."""
        for share, other in list(self._groups.shares(place)):
            self._emit(Kind.HAND_ON, share, node, other)
