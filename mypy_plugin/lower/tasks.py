"""Calls that go on after they have returned: where they go, and when they have finished.

Calling an `async def` makes a coroutine, and what it was lent stays lent until somebody has awaited it (rules, section
7). What that is, `task_loans` knows; who holds such calls, `holders`. Which library functions pass them on is data, in
`knowledge.tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeGuard

from mypy.nodes import (
    AwaitExpr,
    CallExpr,
    ComparisonExpr,
    Context,
    DictExpr,
    Expression,
    GeneratorExpr,
    IndexExpr,
    ListComprehension,
    ListExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
    SetComprehension,
    SliceExpr,
    StarExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
    UnaryExpr,
    Var,
)

from ..events import Event, Kind
from ..fullnames import NONE
from ..graph import Block
from ..knowledge.containers import COUNTED, SELECTING, Does
from ..knowledge.tasks import ASKING_EACH, ENDED, EXHAUSTING, KEEPERS, STARTERS, Spawn
from .groups import Groups
from .holders import Holders
from .inferred import Learnt
from .lookups import method_row
from .spelling import callee_name
from .task_loans import TaskLoans
from .task_table import TaskTable

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Tasks"]


def _is_part(node: IndexExpr) -> bool:
    """Whether a slice leaves something out."""
    index = node.index
    return isinstance(index, SliceExpr) and (index.begin_index, index.end_index) != (None, None)


def _is_one(node: Expression) -> bool:
    """Whether a display has one entry, which is what one expression gives: `[create_task(f(b))]`, `{"a": task}`."""
    entries = node.items if isinstance(node, ListExpr) else []
    if isinstance(node, DictExpr):
        entries = [value for key, value in node.items if isinstance(key, StrExpr)]
        entries = entries if len(entries) == len(node.items) else []
    return len(entries) == 1 and isinstance(entries[0], (CallExpr, NameExpr))


class Tasks:
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

    # Making

    def put(self, node: CallExpr) -> None:
        """A call is about to put what its arguments hold into a container, which has it then, whatever happens."""
        if not self._keeps(node):
            return
        given = [holder for argument in node.args for holder in self._held.of(argument)]
        receiver = self._held.receiver(node) if given else None
        if receiver is not None:
            self._hand_on(given, node, receiver, starts=False)

    def _keeps(self, node: CallExpr) -> bool:
        """`tasks.append(task)`"""
        return isinstance(node.callee, MemberExpr) and node.callee.name in KEEPERS and self.table.row(node) is None

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

    def _apart(self, made: int, group: int) -> int:
        """The place that holds what an expression gives of a group, apart from the rest of what it makes."""
        apart, others = self._groups.apart(made, group), self._held.referred.setdefault(made, [])
        self._held.of_expressions.add(apart)
        if apart not in others:
            others.append(apart)
        return apart

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

    def _learn(self, learnt: Learnt[Var], place: int) -> None:
        """Something is so of the variable that a place hangs on."""
        variable, _ = self._body.places.path_to(place)
        if variable is not None:
            learnt.add(variable)

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

    def _mixes(self, place: int) -> None:
        """A place gets calls that are not, or not only, those that an iterator gives the results of."""
        self._learn(self._body.inferred.mixed, place)

    # Finishing

    def awaited(self, node: AwaitExpr, start: int, *, raising: bool) -> None:
        """What is awaited has finished. `raising`: so it has if the await raises; asked before and after.

        `start`: where the body's log was before what is awaited was evaluated.
        """
        call = node.expr
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

    def _emit(self, kind: Kind, place: int, node: Context, holder: int | None = None) -> Event:
        event = self._body.emit(kind, place, node)
        event.holder = holder
        return event
