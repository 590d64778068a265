"""Nested functions: what they take where they are made, and look at when they are used."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from .containers import Containers
from .decisions import Given
from .owner import Owner
from .truth import Truth

__all__ = ["Function", "Functions"]


@dataclass
class Function:
    """A nested function. `moves` and `looks`: what its body does with the variables that it captured."""

    line: int
    variables: Callable[[], tuple[Owner, ...]]
    """What the variables hold by now."""
    names: list[str]
    moves: list[tuple[str, ...]]
    looks: list[tuple[str, ...]]
    alone: list[tuple[str, ...]]
    """Of these, what it does more to than look at."""
    shared: list[tuple[str, ...]]
    """And what it lends to be read."""
    took: set[Owner]
    """What the variables held when it was made and took it."""
    owner: Owner
    """Who holds the function itself."""

    def holding(self, place: tuple[str, ...]) -> Callable[[], Owner]:
        """Who by now holds what the place is called that it captured."""
        name, *path = place
        index, below = self.names.index(name), tuple(path)
        return lambda: self.variables()[index].at(below)

    def has_taken(self, owner: Owner) -> bool:
        """Whether something is another name for what it took."""
        return any(not self.took.isdisjoint((one, *one.above())) for one in owner.sources())

    def now(self, place: tuple[str, ...]) -> tuple[Owner, tuple[str, ...]]:
        """A place that it captured: what its variable holds, and the fields."""
        name, *path = place
        return self.variables()[self.names.index(name)], tuple(path)


class Functions(Containers):
    """What a function's body does is found out by running it alone."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._study = given.study
        self._bodies = given.bodies
        self.left: set[str] = set()
        """Of a nested function's body: the variables that it leaves without a value, and below, where it raises."""
        self.lost: set[str] = set()
        self.returns = False
        self._wrongly_made: set[int] = set()
        """The lines on which functions were made that took what was not theirs to take."""

    def closure(
        self,
        line: int,
        name: str,
        body: Callable[..., object],
        variables: Callable[[], tuple[Owner, ...]],
        names: list[str],
        *,
        kept: Collection[str] = (),
        spent: Collection[str] = (),
    ) -> Function:
        """A function is made: it takes what its body gives away. What it looks at, it looks at when it is used.

        `kept`: the variables to which that does not apply. `spent`: those that it takes in any case.
        """
        truth = self._truth_of(name, body, names)
        moved = truth.moved.union((each,) for each in spent)
        moves = [
            place
            for place in sorted(moved)
            if place[0] not in kept and not any(place[:end] in moved for end in range(len(place)))
        ]
        touched = sorted(place for place in truth.touched if place[0] not in kept)
        looks = [place for place in touched if not any(place[: len(one)] == one for one in moves)]
        alone = sorted(place for place in truth.alone if place[0] not in kept)
        shared = sorted(place for place in truth.shared if place[0] not in kept)
        made = Function(line, variables, names, moves, looks, alone, shared, set(), Owner())
        before = len(self.seen)
        for place in moves:
            root, path = made.now(place)
            made.took.add(root.at(path))
            self.move(line, 0, root, *path)
            if root.at(path).lent and root.at(path).source is not None:
                # It took what is only a name for something. Whether that is there still is left open.
                self._leave(line, root.at(path), excused=True)
        for place in truth.drained:
            # A name for a list that it takes elements out of is one that has taken that, be it called or not.
            root, path = made.now(place)
            self._learn(root.at(path))
        self._captured |= made.took
        if len(self.seen) > before:
            self._wrongly_made.add(line)
        return made

    def _truth_of(self, name: str, body: Callable[..., object], names: list[str]) -> Truth:
        """What the body of a function does."""
        if name not in self._bodies and not self.off:
            self._bodies[name] = self._study(body, names)
        return self._bodies.get(name, Truth())

    def keep_function(self, line: int, function: Function) -> Function:
        """`other = function`."""
        self._use_function(line, function, once=True, calls=False)
        return replace(function, owner=Owner())

    def call_function(self, line: int, function: Function, _: int = 0) -> None:
        """A function is called."""
        self._use_function(line, function, once=True)

    def once_function(self, line: int, function: Function, _: int = 0) -> None:
        """A function is given to somebody who calls it once."""
        if function.moves:
            # But nobody knows when. If a variable gets a new value, it may be that one which the call takes.
            self.allowed.append(line)
        self._use_function(line, function, once=True)

    def many_function(self, line: int, function: Function, _: int = 0) -> None:
        """A function is given to somebody who may call it more than once."""
        self._use_function(line, function, once=False)
        if function.moves:
            self.mistake(line)

    def _use_function(self, line: int, function: Function, *, once: bool, calls: bool = True) -> None:
        for place in function.looks:
            root, path = function.now(place)
            owner = root.at(path)
            if function.has_taken(owner):
                # Whether it looks at this by another name after it gave it away is a known hole.
                self.allowed.append(line)
                continue
            self._touch(line, owner, function.took)
        for place in function.alone if calls else ():
            root, path = function.now(place)
            if root.at(path) not in function.took:
                # What changes a list is taken to take elements out of it.
                self._alone(line, root.at(path), moves=True)
        for place in function.shared if calls else ():
            root, path = function.now(place)
            if root.at(path) not in function.took:
                self._alone(line, root.at(path), changes=False, shares=True)
        is_used_up = bool(function.owner.gone)
        if is_used_up and function.line in self._wrongly_made:
            # That it took what nobody could give is the mistake; that it does so again is not another one.
            self.echoes.add((line, function.line))
            self._forgive(function.owner)
        elif is_used_up:
            self.mistake(line, function.owner)
        if once:
            for place in function.moves:
                root, path = function.now(place)
                owner = root.at(path)
                if owner not in function.took and not is_used_up:
                    # It takes what the variable holds, be it what it took when it was made or not.
                    if owner.gone and owner in self._captured:
                        # That another function took it as well is a known hole.
                        self.allowed.append(line)
                        self._doubtful = True
                    self.move(line, 0, root, *path)
                    function.took.add(owner)
                elif self._doubtful or owner not in function.took or owner in self.forgiven:
                    # Whether a function that is called again, which is a mistake, takes again is left open, and whether
                    # the loop takes its list with that.
                    self.allowed += [line, *([owner.looped] if owner.looped else [])]
                    self._leave(line, owner, excused=True)
                elif self._is_on_loan(owner):
                    # It has been given a field since the function took it, and whether that is taken is left open.
                    self.allowed.append(line)
        if once and function.moves:
            function.owner.gone = line
            self.changed = True
