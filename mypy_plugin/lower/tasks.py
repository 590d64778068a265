"""Calls that go on after they have returned: who makes them, and who keeps them.

Calling an `async def` makes a coroutine, and what it was lent stays lent until somebody has awaited it (rules, section
7). What that is, `task_loans` knows; who holds such calls, `holders`; how they go from one place to another,
`task_moves`; and when they have finished, `task_ends`. Which library functions pass them on is data, in
`knowledge.tasks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mypy.nodes import (
    AwaitExpr,
    CallExpr,
    Context,
    DictExpr,
    Expression,
    FuncItem,
    ListExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
    StarExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
)

from ..events import Kind
from ..knowledge.containers import Does
from ..knowledge.tasks import EXHAUSTING, STARTERS, Spawn
from .lookups import method_row
from .spelling import callee_name
from .task_ends import TaskEnds

__all__ = ["Tasks"]


def _is_one(node: Expression) -> bool:
    """Whether a display has one entry, which is what one expression gives: `[create_task(f(b))]`, `{"a": task}`."""
    entries = node.items if isinstance(node, ListExpr) else []
    if isinstance(node, DictExpr):
        entries = [value for key, value in node.items if isinstance(key, StrExpr)]
        entries = entries if len(entries) == len(node.items) else []
    return len(entries) == 1 and isinstance(entries[0], (CallExpr, NameExpr))


class Tasks(TaskEnds):
    """The calls of one body that go on: who makes them, and who keeps them."""

    # Making

    def put(self, node: CallExpr) -> None:
        """A call is about to put what its arguments hold into a container, which has it then, whatever happens."""
        if not self._keeps(node):
            return
        given = [holder for argument in node.args for holder in self._held.of(argument)]
        receiver = self._held.receiver(node) if given else None
        if receiver is not None:
            self._hand_on(given, node, receiver, starts=self._is_of_others(receiver))

    def _is_of_others(self, receiver: int) -> bool:
        """Whether others have a container, who may run what is put into it: the caller, or whoever has an object."""
        variable, _ = self._body.places.path_to(receiver)
        arguments = self._body.owner.arguments if isinstance(self._body.owner, FuncItem) else ()
        return any(one.variable is variable for one in arguments)

    def called(self, node: CallExpr) -> None:
        """A call has been made: what its arguments hold goes on in what it gives back, or in what it was called on."""
        row = self.table.row(node)
        given = [holder for argument in node.args for holder in self._held.of(argument)]
        receiver = self._held.receiver(node, is_given=bool(given))
        received = self._groups.all_of(receiver) if receiver is not None else ()
        if row is not None and row.grouped and receiver is not None:
            functions = (tie[0] for (function, _), tie in self._body.kept.items() if function in node.args)
            self._kept.setdefault(receiver, set()).update(functions)
        for holder in received:
            if self.table.is_among(node, STARTERS):
                self._start(holder, node)
            if self.table.waits(node):
                self._emit(Kind.JOIN, holder, node)
        if isinstance(node.callee, RefExpr) and node.callee.fullname in EXHAUSTING:
            self.exhausted(node.args, node)
        if self.selected(node):
            return
        if receiver is not None and self._keeps(node):
            return
        if not given and receiver is None and node not in self._held.by_expression:
            return
        result = self._body.types.get(node)
        if row is None and receiver is not None and self._body.facts.is_awaitable(result):
            for holder in received:
                self._pick(holder, node, stays=self._only_lends(node))
        kept = row is not None or self._makes_object(node) or self._body.facts.is_awaitable(result)
        moving = given if kept else [holder for holder in given if holder in self._held.loose]
        if row is None and not self._body.facts.goes_on(result):
            self._given_away(node)
        if not moving and node not in self._held.by_expression:
            return
        made = self._held.making(node)
        if row is not None and row.results and not moving:
            self._results.add(made)
        starts = row.starts if row is not None else self._body.facts.is_running(result)
        if node is self._awaited and self.table.leaves(node) is None:
            # `await gather(first, second)`: what a variable holds it has still, should the await raise.
            self._given[node] = [holder for holder in moving if holder not in self._held.loose]
            moving = [holder for holder in moving if holder in self._held.loose]
            for holder in self._given[node] if starts else []:
                self._start(holder, node)
        if self.table.leaves(node) is not None:
            self._came_from[made] = [holder for holder in moving if holder not in self._held.loose]
        if starts:
            self._emit(Kind.START, made, node, made)
        self._hand_on(moving, node, made, starts=starts)
        if (
            row is not None
            and row.finishes
            and self.table.leaves(node) is None
            and (row.leaves is not None or not self._body.facts.goes_on(result))
        ):
            for holder in self._held.of(node):
                self._emit(Kind.FINISH, holder, node)
        if row is not None and row.grouped and receiver is not None:
            for holder in (made, *self._held.referred.get(made, ())):
                self._groups.put(holder, receiver)

    def _only_lends(self, node: CallExpr) -> bool:
        """Whether what a method of a container gives is in there still: `tasks.get(name)`, and not `tasks.pop()`."""
        callee = node.callee
        row = method_row(self._body, callee.expr, callee.name) if isinstance(callee, MemberExpr) else None
        return row is not None and row[0] is Does.LEND

    def _makes_object(self, node: CallExpr) -> bool:
        """`Job(task)`: an object of a class may keep what it is made of."""
        return (
            isinstance(node.callee, RefExpr)
            and isinstance(node.callee.node, TypeInfo)
            and any(self._body.facts.is_awaitable(self._body.types.get(argument)) for argument in node.args)
        )

    def _given_away(self, node: CallExpr) -> None:
        """A coroutine goes to a function of which nothing is known but its signature.

        If what comes back is of a type that only the coroutine's result can have given it, it has run to its end. If
        not, it may have been started.
        """
        finished = self._body.facts.gives_result(self._body.types.get(node.callee))
        for argument in node.args:
            if self._body.facts.is_awaitable(self._body.types.get(argument)):
                for holder in self._held.of(argument):
                    if finished:
                        self._emit(Kind.FINISH, holder, node)
                    else:
                        self._emit(Kind.START, holder, node, holder)

    def awaiting(self, node: Expression | None) -> Expression | None:
        """What `node` makes is awaited where it is made: nothing runs beside it. Gives what was, to be set again."""
        outer, self._awaited = self._awaited, node
        return outer

    def begin_call(self, node: CallExpr, row: Spawn) -> tuple[str | None, Expression | None]:
        """The arguments of a call are evaluated, which may start what they make. Gives what `end_call` wants."""
        around = self._starter, self._awaited
        self._starter = callee_name(node) if row.starts else None
        if row.finishes:
            self._awaited = next(iter(node.args), None)
        return around

    def end_call(self, around: tuple[str | None, Expression | None]) -> None:
        """They have been evaluated."""
        self._starter, self._awaited = around

    def goes_on_as(self, node: CallExpr) -> str | None:
        """What starts a coroutine that a call makes, "" if nothing here does; None if it is awaited at once."""
        if node is self._awaited:
            return None
        return self._starter or ""

    # Keeping

    def binding(self, target: Expression, value: Expression, *, adds: bool = False) -> None:
        """A target is about to get a value made of its old one, `tasks = [*tasks, task]`, or that `adds` to it."""
        holders = self._held.of(value) if self.are_any() else ()
        if not holders:
            return
        if adds:
            holders = [*holders, *self._held.of(target)]
        else:
            targets = target.items if isinstance(target, TupleExpr) else [target]
            if {self._body.places.of(item) for item in targets}.isdisjoint(holders):
                return
        made = self._held.made_by(value)
        self._held.referred.pop(made, None)
        for holder in holders:
            if holder != made:
                self._emit(Kind.HAND_ON, holder, value, made)

    def bound(self, target: Expression, value: Expression) -> None:
        """A target has been given a value: it holds what the value holds."""
        if isinstance(target, StarExpr):
            target = target.expr
        its = value.items if isinstance(value, (TupleExpr, ListExpr)) else []
        if isinstance(target, TupleExpr) and len(target.items) == len(its):
            for item, one in zip(target.items, its, strict=True):
                self.bound(item, one)
            return
        call = value.expr if isinstance(value, AwaitExpr) else value
        if isinstance(call, CallExpr):
            self._entered(target, value, call)
        holders = self._held.of(value) if self.are_any() else ()
        if not holders:
            return
        leaves = self.table.leaves(value.expr if isinstance(value, AwaitExpr) else value)
        if leaves is not None and isinstance(target, TupleExpr) and leaves < len(target.items):
            target = target.items[leaves]
            if isinstance(target, NameExpr) and target.name == "_":
                # Those that have not finished are where they were.
                return
        if isinstance(target, TupleExpr):
            self._unpacked(holders, target)
            return
        place = self._held.kept_in(target)
        if place is None:
            for holder in holders:
                self._emit(Kind.START, holder, target, holder)
            return
        if not _is_one(value):
            self._gathers(place)
        if self._leaves_others(value):
            self._learn(self._body.inferred.leaving, place)
        self._hand_on(holders, target, place, starts=False)

    def _gathers(self, place: int) -> None:
        """A place gets calls, and perhaps more than one."""
        self._learn(self._body.inferred.several, place)

    def _unpacked(self, holders: Sequence[int], target: TupleExpr) -> None:
        """`first, second = tasks`: each may have any of them."""
        places = [self._held.kept_in(item.expr if isinstance(item, StarExpr) else item) for item in target.items]
        for holder in holders:
            for item, place in zip(target.items, places, strict=True):
                if place is not None:
                    self._mixes(place)
                    self._emit(Kind.PICK, holder, item, place)
            if None in places:
                self._emit(Kind.START, holder, target, holder)
            elif holder not in places:
                self._emit(Kind.FINISH, holder, target)

    def _entered(self, target: Expression, value: Expression, call: CallExpr) -> None:
        """`group = await stack.enter_async_context(TaskGroup())`: the group is left when the stack is."""
        row = self.table.row(call)
        if row is not None and row.grouped and self.table.is_group(value):
            group, stack = self._body.places.of(target), self._held.receiver(call)
            if group is not None and stack is not None:
                self._groups.put(group, stack)

    def begin_statement(self) -> tuple[list[int], int]:
        """A statement begins. Gives what `end_statement` wants."""
        return self._held.begin_statement()

    def end_statement(self, node: Context, around: tuple[list[int], int]) -> None:
        """It ends. What nobody keeps is dropped: a coroutine never runs, a task runs on."""
        for holder in self._held.loose:
            group, sources = self._groups.of(holder), self._came_from.get(holder, ())
            for source in sources:
                self._emit(Kind.PICK, holder, node, source)
            if sources:
                self._emit(Kind.FINISH, holder, node)
            elif group is not None:
                self._emit(Kind.HAND_ON, holder, node, group)
            else:
                self._body.emit(Kind.INIT, holder, node)
        for made in self._held.made_since(around):
            for apart in self._held.referred.get(made, ()):
                of = self._groups.of(apart)
                if of is not None and not self._held.is_variable(apart):
                    # `print(tasks[name])`: it is where it was.
                    self._emit(Kind.HAND_ON, apart, node, of)
        self._held.end_statement(around)
