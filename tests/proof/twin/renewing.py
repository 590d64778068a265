"""Nested functions that give captured variables a new value. Their body runs where they are called, for real.

What is wrong with such a body by itself is found out by running it alone. Of a call, all that is wrong is said where it
stands: what the body touches was gone before. A variable that the body may leave without a value the function has taken
where it was made, as any function does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .decisions import Given, Oops
from .functions import Function, Functions
from .owner import Owner

__all__ = ["Renewing"]


@dataclass
class Giver(Function):
    """One that gives captured variables a new value. `moves` and `looks` are about the others that it captured."""

    body: Callable[..., object]
    others: int
    """How many these are."""
    gives: list[str]
    spent: set[str]
    """The variables of these that it takes for good."""
    store: Callable[..., None]
    returns: bool
    """Whether a call of it may return. That it may not, nobody knows who reads the call."""
    uses: list[tuple[str, ...]]
    """What it does something to before it gives a new value."""
    renews: list[tuple[str, ...]]
    """What of that it takes, and gives back."""
    wants: list[tuple[str, ...]]
    """What of that it wants for itself."""


class Renewing(Functions):
    """What is done inside of a call is done on its line."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._many = given.turns

    def giver(
        self,
        line: int,
        name: str,
        body: Callable[..., object],
        variables: Callable[[], tuple[Owner, ...]],
        names: list[str],
        gives: list[str],
        store: Callable[..., None],
    ) -> Giver:
        """A function is made that gives the variables `gives` a new value, by `store` when its body is run alone."""
        others = [each for each in names if each not in gives]

        def of(owners: Iterable[Owner], those: list[str]) -> list[Owner]:
            return [owner for each, owner in zip(names, owners, strict=True) if each in those]

        def alone(run: Renewing, *captured: Owner) -> None:
            before = variables()
            store(*of(captured, gives))
            returns = False
            try:
                body(run, *of(captured, others))
                returns = True
            finally:
                left = zip(gives, of(variables(), gives), strict=True)
                gone = {each for each, owner in left if owner.gone or owner in run.forgiven}
                store(*of(before, gives))
                if not run.off:
                    run.returns |= returns
                    (run.left if returns else run.lost).update(gone)

        truth = self._truth_of(name, alone, names)
        # One that only ends by an exception ends as well.
        spent = truth.left if truth.returns else truth.lost
        kept = [each for each in gives if each not in spent]
        made = self.closure(line, name, alone, variables, names, kept=kept, spent=spent)
        if truth.lines:
            # Whether a body gives back what it was a mistake to take is left open.
            self.allowed.append(line)
            self._doubtful = True
        uses = sorted(place for place in truth.touched if place[0] in kept)
        return Giver(
            **vars(made),
            body=body,
            others=len(others),
            gives=gives,
            spent=spent,
            store=store,
            returns=truth.returns,
            uses=uses,
            renews=[place for place in uses if place in truth.moved],
            wants=[place for place in uses if place in truth.alone],
        )

    def call_function(self, line: int, function: Function, raises: int = 0) -> None:
        super().call_function(line, function)
        self._go_inside(line, function, raises)

    def await_function(self, line: int, function: Function, raises: int) -> None:
        """An `async def` is awaited: until it has finished, it has on loan what it looks at."""
        assert isinstance(function, Giver)
        for place in (*function.looks, *function.uses):
            if place not in function.alone and place not in function.wants:
                root, path = function.now(place)
                self._dispute(line, root.at(path), shares=True)
        self.call_function(line, function, raises)

    def once_function(self, line: int, function: Function, raises: int = 0) -> None:
        super().once_function(line, function)
        if isinstance(function, Giver):
            if self.choose():
                self._go_inside(line, function, raises)
            else:
                self._may_be_said(line, function)

    def many_function(self, line: int, function: Function, raises: int = 0) -> None:
        super().many_function(line, function)
        if isinstance(function, Giver):
            for _ in range(self._many):
                if not self.choose():
                    self._may_be_said(line, function)
                    break
                self._go_inside(line, function, raises)

    def keep_function(self, line: int, function: Function) -> Function:
        if isinstance(function, Giver):
            self._may_be_said(line, function)
        return super().keep_function(line, function)

    def _may_be_said(self, line: int, function: Giver) -> None:
        """What the body touches on some path may be said to be touched, although this path does not come to it."""
        for owner in self._gone(function):
            self.allowed.append(line)
            owner.excused = True

    def _gone(self, function: Giver) -> list[Owner]:
        """What is gone of that which the body touches on some path."""
        touched = [root.at(path) for root, path in map(function.now, function.uses)]
        return [each for owner in touched for each in (*owner.above(), *owner.below()) if each.gone]

    def _go_inside(self, line: int, function: Function, raises: int) -> None:
        if not isinstance(function, Giver) or self.off or function.spent.issuperset(function.gives):
            return
        gone_before = self._gone(function)
        self.allowed += [line] * bool(gone_before)
        seen, allowed = len(self.seen), len(self.allowed)
        in_the_way = [(task.in_its_way, len(task.in_its_way)) for task in self._tasks]
        echoes, shadows = set(self.echoes), set(self.shadows)
        self._inside, self._gone_inside, self._loans_outside = True, [], len(self._loans)
        kept, self._told = self._told, raises
        wanted = [root.at(path) for root, path in map(function.now, function.wants)]
        try:
            self._run_body(function)
            self._may_raise_yet(line, function, raises)
        except Oops:
            if function.returns or self.choose():
                # What it raises nobody knows who reads the call.
                raise Oops from None
        finally:
            # That a task has what the body wants is said of the call, also where this path does not come to that.
            for owner in wanted:
                self._dispute(line, owner)
            self._inside, self._told = False, kept
            inside = {owner.gone for owner in self._gone_inside}
            for owner in self._gone_inside:
                owner.gone = line if owner.gone else 0
            for owner in gone_before:
                # That it was touched may have been said, although this path does not come to it.
                owner.excused |= bool(owner.gone)
            self.seen[seen:] = [line] * len(self.seen[seen:])
            self.allowed[allowed:] = [line] * len(self.allowed[allowed:])
            for lines, before in in_the_way:
                lines[before:] = [(line, doubtful) for _, doubtful in lines[before:]]
            self.echoes = echoes | {(line, *moves) for _, *moves in self.echoes - echoes if inside.isdisjoint(moves)}
            self.shadows = shadows | {(line, *others) for _, *others in self.shadows - shadows}
        self.changed = True

    def _run_body(self, function: Giver) -> None:
        """What it has taken for good it has for itself, and what becomes of that is nobody else's concern."""

        def given() -> list[Owner]:
            return [function.now((each,))[0] for each in function.gives]

        before = given()
        both = zip(function.gives, before, strict=True)
        function.store(*(Owner() if each in function.spent else owner for each, owner in both))
        try:
            function.body(self, *(Owner() for _ in range(function.others)))
        finally:
            all_three = zip(function.gives, before, given(), strict=True)
            function.store(*(old if each in function.spent else new for each, old, new in all_three))

    def _may_raise_yet(self, line: int, function: Giver, raises: int) -> None:
        """Whether a call may raise where its body does not, after it took what it gives back, is left open."""
        if raises and function.renews and self.choose():
            for place in function.renews:
                root, path = function.now(place)
                self._leave(line, root.at(path), excused=True)
            self.boom()
