"""Nested functions that give captured variables a new value. Their body runs where they are called, for real.

What is wrong with such a body by itself is found out by running it alone. Of a call, all that is wrong is said where it
stands: what the body touches was gone before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .decisions import Given, Oops
from .functions import Function, Functions
from .owner import Owner
from .truth import Truth

__all__ = ["Renewing", "Unclear"]


class Unclear(Exception):
    """A function does not give back what it takes. When it has taken that, nobody has written down."""


@dataclass
class Giver(Function):
    """One that gives captured variables a new value. `moves` and `looks` are about the others that it captured."""

    body: Callable[..., object]
    others: int
    """How many these are."""
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
            try:
                body(run, *of(captured, others))
            finally:
                left = of(variables(), gives)
                store(*of(before, gives))
                if not run.off and any(each.gone for owner in left for each in owner.below()):
                    raise Unclear(name)

        made = self.closure(line, name, alone, variables, names, kept=gives)
        truth = self._bodies.get(name, Truth())
        if truth.lines:
            # Whether a body gives back what it was a mistake to take is left open.
            self.allowed.append(line)
            self._doubtful = True
        uses = sorted(place for place in truth.touched if place[0] in gives)
        return Giver(
            **vars(made),
            body=body,
            others=len(others),
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
        if not isinstance(function, Giver) or self.off:
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
            function.body(self, *(Owner() for _ in range(function.others)))
            self._may_raise_yet(line, function, raises)
        except Oops:
            # That a task has what the body wants is said of the call, also where it raises before it comes to that.
            for owner in wanted:
                self._dispute(line, owner)
            # What it raises nobody knows who reads the call.
            raise Oops from None
        finally:
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

    def _may_raise_yet(self, line: int, function: Giver, raises: int) -> None:
        """Whether a call may raise where its body does not, after it took what it gives back, is left open."""
        if raises and function.renews and self.choose():
            for place in function.renews:
                root, path = function.now(place)
                self._leave(line, root.at(path), excused=True)
            self.boom()
