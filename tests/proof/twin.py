"""What a program's twin runs on: owners that remember giving their value away, and a stream of decisions.

A variable or field of the twin holds an `Owner`. To move a value makes a new owner and leaves the old one *gone*; to
touch an owner that is gone is a mistake, and is written down with its line. What is gone where is thus decided by
CPython alone: it runs the loops, the handlers and the `finally` blocks.

The truth that is recorded follows the ownership rules where they say more than Python does: after a mistake the
owner counts as whole again; what a loop or pattern binds is taken by move if some run moves it, else it is a view.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

from .owner import Owner

__all__ = ["Oops", "Run", "Truth", "observe"]

T = TypeVar("T")

TURNS = 2
"""How often a loop turns at most. A fact about one place gets from a move to a use without passing any point of the
program more than twice, so nothing is lost by it."""


_JOBS = 5
"""How many rounds there are at most over a list of tasks. The loops that fill it turn twice."""

_WAITS = 2

RUNS_OF_BODY = 500
"""How many runs of a nested function's body are made in order of its decisions."""


class Oops(Exception):
    """Anything that a call may raise."""


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


@dataclass(eq=False)
class Loan:
    """What a call has on loan that goes on after it has returned."""

    has: Callable[[], Owner]
    """What that is by now: a function has captured the variable, whatever it holds."""
    is_shared: bool = False
    of_element: bool = False
    """Whether it is one element of a list: which one, nobody knows, so only the list has to stay."""
    is_disputed: bool = False
    """Whether somebody else used it, so that it is nobody's concern any more."""
    disputed_on: int = 0
    """The line on which he did."""
    _had: list[Owner] = field(default_factory=list)

    def owners(self) -> list[Owner]:
        """What it is, and what it has been: who had that on loan may have kept it."""
        now = self.has()
        if now not in self._had:
            self._had.append(now)
        return self._had


@dataclass(eq=False)
class Task:
    """A call that goes on after it has returned."""

    line: int
    loans: list[Loan] = field(default_factory=list)
    takes: list[tuple[Callable[[], Owner], Owner]] = field(default_factory=list)
    """What the variables hold by now that the function took which it runs, and what they held when it was called."""
    is_started: bool = False
    """Whether it runs. A coroutine that nobody has started never will, if nobody has it any more."""
    owner: Owner = field(default_factory=Owner)
    """Who holds the task itself."""
    is_kept: bool = False
    """Whether a variable has had it before it ran."""
    is_over: bool = False
    in_its_way: list[tuple[int, bool]] = field(default_factory=list)
    """The lines on which somebody else used what it was lent before it ran; is it a mistake, if it ever runs?"""


@dataclass(eq=False)
class Generator:
    """What runs when it is asked for an element."""

    line: int
    looks: list[Callable[[], Owner]] = field(default_factory=list)
    """What the variables hold by now that it captured."""
    alone: list[Callable[[], Owner]] = field(default_factory=list)
    """Of these, what it does more to than look at."""
    lent: list[tuple[Owner, bool]] = field(default_factory=list)
    """What it was lent, by a name of its own; whether alone."""
    function: Function | None = None
    """The nested function whose call it is."""
    takes: list[tuple[Callable[[], Owner], Owner]] = field(default_factory=list)
    """What the variables hold by now that the function took, and what they held when it was called."""
    is_over: bool = False


class Run:
    """One run of a twin, under one stream of decisions; the twin knows it as `t`.

    Where the twin says `raises`, an exception would be seen by somebody; elsewhere it just ends the run.
    """

    def __init__(
        self,
        prefix: list[bool],
        taken: dict[int, bool],
        bodies: dict[str, Truth],
        source: random.Random | None,
        turns: int,
    ) -> None:
        self._bodies = bodies
        """What has been found out of the bodies of nested functions."""
        self._prefix = prefix
        self._taken = taken
        self._source = source
        self._turns = turns
        self._loans: list[tuple[Owner, int]] = []
        """What is lent to calls, and whether alone; what a method is called on, which has not begun, by `_WAITS`."""
        self._tasks: list[Task] = []
        """What has not finished, in the order in which it began."""
        self.has_raised = False
        """Whether the function was left by an exception."""
        self._held: list[Owner] = []
        self._starred: list[Owner] = []
        """What a display was given by a star. If that is never finished, it is left open whether it has it."""
        self._turned: dict[int, int] = {}
        self.made: list[bool] = []
        """The decisions."""
        self.off = False
        """Whether the run went where nothing is to be learnt: a loop turned too often."""
        self.changed = True
        """Whether anything happened since an exception was last possible."""
        self.seen: list[int] = []
        """The lines on which something gone was touched."""
        self.echoes: set[tuple[int, ...]] = set()
        """Lines on which a mistake shows that was made on others, each with those lines.

        Where a field of something borrowed is not given back, that is the mistake, and is reported at the move; to
        touch it then is another one only if it is given back later.
        """
        self.shadows: set[tuple[int, ...]] = set()
        """Lines on which a task has on loan what is used, each with the lines on which generators run that were lent
        something: if they are in the way of the same task on another path, it is reported only there."""
        self._resumed: set[int] = set()
        self._wrongly_made: set[int] = set()
        """The lines on which functions were made that took what was not theirs to take."""
        self._doubtful = False
        """Whether the run has gone on where Python would have stopped: what follows is excused."""
        self._captured: set[Owner] = set()
        """What functions took when they were made."""
        self.allowed: list[int] = []
        """The lines on which something was touched that is excused: mypy need not say so, but may."""
        self.touched: set[tuple[str, ...]] = set()
        """Of a nested function's body: the captured places that were touched, and below, those that were given away."""
        self.moved: set[tuple[str, ...]] = set()
        self.alone: set[tuple[str, ...]] = set()
        """Those to which more was done than to look."""
        self.learnt: dict[int, bool] = {}
        """Bindings whose value this run moved although they were taken for views; whether a guard did."""

    # Decisions

    def choose(self) -> bool:
        if self.off:
            return False
        position = len(self.made)
        if position < len(self._prefix):
            chosen = self._prefix[position]
        else:
            chosen = self._source.random() < 0.5 if self._source is not None else False
        self.made.append(chosen)
        return chosen

    def maybe_raise(self, raises: int) -> None:
        if raises and self.changed:
            self.changed = False
            if self.choose():
                self.boom()

    def boom(self) -> None:
        self._loans.clear()
        self._tasks = [task for task in self._tasks if task.is_started or task.is_kept]
        for owner in self._held:
            # What was never finished is gone, and the value is where it was.
            owner.gone = 0
        self._held.clear()
        for owner in self._starred:
            owner.excused = bool(owner.gone)
        self._starred.clear()
        raise Oops

    def caught(self) -> tuple[type[Oops], ...]:
        """What `except ValueError` stands for this time."""
        return (Oops,) if self.choose() else ()

    # Loops

    def enter(self, loop: int) -> None:
        self._turned[loop] = 0

    def turn(self, loop: int, condition: object) -> bool:
        """Whether a `while` loop goes round once more."""
        if self.off or not condition:
            return False
        for task in self._tasks:
            # A run that turns too often never comes to where this would be seen.
            if task.is_started:
                self._late(task)
        self._turned[loop] += 1
        self.off |= self._turned[loop] > self._turns
        return not self.off

    def count(self, raises: int) -> Iterator[int]:
        """A loop over numbers."""
        for number in range(self._turns):
            self.maybe_raise(raises)
            if not self.choose():
                return
            self.changed = True
            yield number

    def each(self, line: int, raises: int, binding: int, root: Owner, *path: str) -> Iterator[Owner]:
        """A loop over a list that a place holds."""
        source = root.at(path)
        takes = binding in self._taken
        if takes:
            self.move(line, 0, root, *path)
        else:
            self.look(line, 0, root, *path)
        self.maybe_raise(raises)
        return self._elements(line, raises, None if takes else source, binding)

    def unpack(self, line: int, raises: int, binding: int, root: Owner, *path: str) -> tuple[Owner, Owner]:
        """Two names for what is in a list that a place holds: an element, and another one or all others."""
        source = root.at(path)
        self.look(line, 0, root, *path)
        # If there are too few or too many, nothing has moved yet.
        self.maybe_raise(raises)
        if binding in self._taken:
            return self.unpack_new(0, self.move(line, 0, root, *path))
        first, second = self._view(source, binding), self._view(source, binding)
        first.element = second.element = True
        self.changed = True
        return first, second

    def unpack_new(self, raises: int, _: Owner) -> tuple[Owner, Owner]:
        """Two names for what is in a list that nobody else has."""
        self.maybe_raise(raises)
        self.changed = True
        return Owner(), Owner()

    def each_new(self, raises: int, _: Owner) -> Iterator[Owner]:
        """A loop over a list that nobody else has."""
        return self._elements(0, raises, None, 0)

    def _elements(self, line: int, raises: int, source: Owner | None, binding: int) -> Iterator[Owner]:
        iterator = self._view(source, None) if source is not None else None
        for _ in range(self._turns):
            self.maybe_raise(raises)
            if not self.choose():
                return
            if iterator is not None and iterator.gone:
                # The iterator of a list that was given away goes on. That may be said, and is most often said already.
                self.allowed.append(line)
            self.changed = True
            if source is None:
                yield Owner()
            else:
                element = self._view(source, binding)
                element.element = True
                yield element

    def _view(self, owner: Owner, binding: int | None) -> Owner:
        self._see()
        view = Owner()
        view.binding = binding
        view.lent = True
        view.source = owner
        view.excused, view.deleted = owner.excused, owner.deleted
        owner.views.append(view)
        return view

    # Uses

    def _touch(self, line: int, owner: Owner, spared: Collection[Owner] = ()) -> None:
        """`spared`: owners that whoever touches this one has emptied himself, and has what was there."""
        if owner.origin and not self.off:
            self.touched.add(owner.origin)
        related = [each for each in (*owner.above(), *owner.below()) if each not in spared]
        if any(each.excused for each in related):
            self.allowed.append(line)
            self._doubtful = True
        elif gone := {each.gone: each.lent for each in related if each.gone}:
            if all(gone.values()) and not self.off and not self._doubtful:
                self.echoes.add((line, *gone))
                self._forgive(owner)
            else:
                self.mistake(line, owner)

    def _touch_above(self, line: int, owner: Owner) -> None:
        """What a field is a field of must be there, whatever became of the field."""
        above = list(owner.above())
        if any(each.excused for each in above):
            self.allowed.append(line)
            self._doubtful = True
        elif any(each.gone for each in above):
            self.mistake(line)
            for each in above:
                each.gone = 0

    def mistake(self, line: int, owner: Owner | None = None) -> None:
        """Something goes wrong; the owner that it happened to counts as whole from now on."""
        if self.off:
            return
        (self.allowed if self._doubtful else self.seen).append(line)
        self.changed = True
        if owner is not None:
            self._leave_open(owner)
            self._forgive(owner)

    def _leave_open(self, owner: Owner) -> None:
        """Whether a function still has what was touched after the function took it."""
        self._doubtful |= any(not self._captured.isdisjoint((one, *one.above())) for one in owner.below())

    def _forgive(self, owner: Owner) -> None:
        self.changed = True
        for each in (*owner.above(), *owner.below()):
            if not each.excused:
                each.gone = 0

    def move(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        """Give the value away; what comes back is its new owner."""
        self.maybe_raise(raises)
        owner = root.at(path)
        not_owned = owner.lent and owner.parent is None and owner.binding is None
        if not_owned or any(owner.shares_place(lent) for lent, _ in self._loans):
            self.mistake(line, owner)
            return Owner()
        self._learn(owner)
        if any(owner.overlaps(lent) for lent, _ in self._loans):
            # Lent under another name. Whether the value has moved as well is left open.
            self.mistake(line, owner)
            self._leave(line, owner, excused=True)
            return Owner()
        self._alone(line, owner, moves=True)
        self._touch(line, owner)
        self._leave(line, owner, excused=owner.excused)
        return Owner()

    def _learn(self, owner: Owner) -> None:
        """The name for this has to have taken it."""
        if owner.binding is not None and not self.off and not owner.deleted:
            # To read what was deleted is an error of Python's, and moves nothing.
            self.learnt[owner.binding] = owner.guarded or self.learnt.get(owner.binding, False)

    def _leave(self, line: int, owner: Owner, *, excused: bool = False) -> None:
        if owner.origin and not self.off:
            self.moved.add(owner.origin)
        if owner.lent and self._doubtful:
            # It need not come to the end of the function, but mypy does not know that.
            self.allowed.append(line)
        owner.gone, owner.excused = line, excused
        self.changed = True
        for each in (*owner.above(), *owner.below()):
            self._expire(line, each, excused)

    def _expire(self, line: int, owner: Owner, excused: bool) -> None:
        for view in owner.views:
            if not view.gone:
                view.gone, view.excused = line, excused
                self._expire(line, view, excused)

    def look(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        self.maybe_raise(raises)
        owner = root.at(path)
        self._touch(line, owner)
        return owner

    def lend(self, line: int, raises: int, root: Owner, *path: str) -> None:
        self._lend(line, raises, root.at(path), exclusive=True)

    def share(self, line: int, raises: int, root: Owner, *path: str) -> None:
        self._lend(line, raises, root.at(path), exclusive=False)

    def _lend(self, line: int, raises: int, owner: Owner, *, exclusive: bool, calls: bool = False) -> None:
        self.maybe_raise(raises)
        if any(
            owner.overlaps(lent) and (exclusive or other) and not (calls and other == _WAITS)
            for lent, other in self._loans
        ):
            # One of the two is alone with it.
            self._is_alone_with(owner)
            self.mistake(line, owner)
        else:
            loans = [(loan, each) for task in self._tasks for loan in task.loans for each in loan.owners()]
            containers = [each if loan.of_element else each.container() for loan, each in loans]
            if any(each is not None and each.overlaps(owner) for each in containers):
                # That a task has an element of it on loan is a known hole, which not all of them fall into.
                self.allowed.append(line)
            self._alone(line, owner, changes=exclusive, shares=not exclusive)
            self._touch(line, owner)
        self.changed = True
        self._loans.append((owner, exclusive))

    def _alone(
        self, line: int, owner: Owner, *, moves: bool = False, changes: bool = True, shares: bool = False
    ) -> None:
        """Something is done to a value that no task may have on loan meanwhile.

        `changes`: it may change the value. What a function only looks at, or shares, it may look at meanwhile.
        `shares`: it goes together with tasks that share the value.
        """
        if changes:
            self._is_alone_with(owner)
        for task in self._tasks:
            for loan in task.loans:
                if shares and loan.is_shared:
                    continue
                owners = loan.owners()
                containers = (each.container() for each in owners if moves)
                takes_element = any(each is not None and each.overlaps(owner) for each in containers)
                if loan.is_disputed:
                    if takes_element or self.seen.count(loan.disputed_on) > 1:
                        # Of the list, it has not been said yet that it is on loan. Where another mistake is made with
                        # the same use, it is that which is said.
                        self.allowed.append(line)
                    continue
                is_same = any(each.overlaps(owner) for each in owners)
                if takes_element or (is_same and (moves or not loan.of_element)):
                    if any(each.excused for each in (owner, *owner.above())):
                        # What was deleted is on loan, and nothing can be done to it.
                        self.allowed.append(line)
                        self._doubtful = True
                        return
                    if task.is_kept and not task.is_started:
                        task.in_its_way.append((line, self._doubtful))
                        self.changed = True
                    else:
                        if self._resumed and not self.off:
                            self.shadows.add((line, *self._resumed))
                        self.mistake(line)
                    if any(each.lent for each in owners):
                        self.allowed.append(task.line)
                    loan.is_disputed, loan.disputed_on = True, line

    def _is_on_loan(self, owner: Owner) -> bool:
        """Whether a task has a value on loan, or a part of it."""
        return any(each.overlaps(owner) for task in self._tasks for loan in task.loans for each in loan.owners())

    def _is_alone_with(self, owner: Owner) -> None:
        """The body of a function needs what it captured for itself, by whatever name."""
        named: Owner | None = owner
        while named is not None and not self.off:
            if named.origin:
                self.alone.add(named.origin)
            named = None if named.element else named.source

    def _reach(self, line: int, owner: Owner) -> None:
        """A task is lent what may be an element of a list: nobody else may have that for himself."""
        container = owner.container()
        if container is not None:
            self._alone(line, container, changes=False, shares=True)

    def _see(self) -> None:
        """The variables that tasks have captured may be about to get new values."""
        for task in self._tasks:
            for loan in task.loans:
                loan.owners()

    def receiver(self, line: int, raises: int, root: Owner, *path: str) -> None:
        """Look at what a method is called on, and lend it to the call. That it has the method is not certain, too."""
        self.look(line, raises if path else 0, root, *path)
        # That a method may change what is only shared is a known hole.
        self._alone(line, root.at(path), shares=True)
        self._loans.append((root.at(path), _WAITS))
        self.maybe_raise(raises)

    def pop(self, line: int, raises: int, root: Owner, *path: str) -> None:
        """Take an element out of a list. What stands for one of its elements may stand for that."""
        self._alone(line, root.at(path), moves=True)
        self._learn(root.at(path))
        self._lend(line, 0, root.at(path), exclusive=True, calls=True)
        lent = [owner.container() for owner, _ in self._loans]
        if any(each is not None and each.overlaps(root.at(path)) for each in lent):
            # What this call has of the list is taken for another element, which is a known hole.
            self.allowed.append(line)
        self.maybe_raise(raises)
        for view in root.at(path).views:
            if view.element and not view.gone:
                view.gone = line
                self._expire(line, view, excused=False)
        self.changed = True

    def truth(self, line: int, raises: int, root: Owner, *path: str) -> bool:
        self.look(line, raises, root, *path)
        return self.choose()

    def item(self, use: str, line: int, raises: int, root: Owner, *path: str) -> Owner | Task:
        """`xs[0]`: reached through the list, to which it goes on belonging."""
        self.look(line, 0, root, *path)
        self.maybe_raise(raises)
        if use == "move":
            self.mistake(line)
        elif use in ("lend", "share"):
            if self._is_on_loan(root.at(path)):
                # Whether an element may be lent while a task has the list is left open.
                self.allowed.append(line)
            self._loans.append((root.at(path), use == "lend"))
        elif use in ("loan", "shared_loan"):
            return self._loan_of_element(line, root.at(path), shared=use == "shared_loan")
        elif use == "view":
            self.changed = True
            view = self._view(root.at(path), None)
            view.element = True
            return view
        return Owner()

    def put(self, line: int, raises: int, _: Owner, root: Owner, *path: str) -> None:
        """`xs[0] = value`: the list must be there. What stood for the old element has it still.

        The list may have no such element; a dict takes any text as a key.
        """
        self.look(line, 0, root, *path)
        self.changed = True
        self.maybe_raise(raises)

    def delete(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        owner = root.at(path)
        self._touch_above(line, owner)
        self._leave_open(owner)
        self._leave(line, owner, excused=owner.parent is None)
        owner.deleted = owner.parent is None
        return owner

    # New values

    def chained(self, line: int, root: Owner | None = None, *path: str) -> Owner:
        """`x = y = value`: one value for two owners. What it came from counts as whole again."""
        self.mistake(line, root.at(path) if root is not None else None)
        return Owner()

    def init(self, value: Owner) -> Owner:
        self.changed = True
        return value

    def store(self, line: int, raises: int, value: Owner, root: Owner, *path: str) -> None:
        """`root.path = value`: the object must be there, whatever became of its field."""
        *above, name = path
        base = root.at(tuple(above))
        self._touch_above(line, root.at(path))
        # Who has the old value on loan has nothing of this object any more.
        root.at(path).parent = None
        value.parent = base
        value.lent = base.lent
        base.fields[name] = value
        self.changed = True
        self.maybe_raise(raises)

    def begin(self) -> int:
        """A call is about to be evaluated; what is lent to it is lent until it is done."""
        return len(self._loans)

    def hold(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        """Move a value into a pair, which does not have it if the pair is never finished."""
        new = self.move(line, raises, root, *path)
        self._held.append(root.at(path))
        return new

    def star(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        """Move what is in a list into a display."""
        new = self.move(line, raises, root, *path)
        self._starred.append(root.at(path))
        return new

    def pair(self, begin: int, left: Owner, right: Owner) -> tuple[Owner, Owner]:
        del self._loans[begin:]
        self._held.clear()
        return left, right

    def second(self, _: object, value: T) -> T:
        return value

    def call(self, raises: int, begin: int, *_: object) -> Owner:
        """A call, which ends what was lent to it and then may raise."""
        del self._loans[begin:]
        self.maybe_raise(raises)
        return Owner()

    def display(self, begin: int, *_: object) -> Owner:
        del self._loans[begin:]
        self._starred.clear()
        return Owner()

    def compare(self, raises: int, *_: object) -> bool:
        self.maybe_raise(raises)
        return self.choose()

    def view(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        self.look(line, raises, root, *path)
        self.changed = True
        return self._view(root.at(path), None)

    # Generators

    def generator(
        self,
        line: int,
        name: str,
        body: Callable[..., object],
        variables: Callable[[], tuple[Owner, ...]],
        names: list[str],
        _: object,
        source: Owner | None,
    ) -> Generator:
        """A generator expression, after it has done where it stands what it does. It looks again when it is used."""
        if name not in self._bodies and not self.off:
            truth = _observe_body(body, names, self._bodies, self._turns)
            # What is wrong in it has been wrong where it stands.
            self._bodies[name] = Truth(moved=truth.moved, touched=truth.touched, alone=truth.alone)
        truth = self._bodies.get(name, Truth())
        captured = Function(line, variables, names, [], [], [], set(), Owner())
        made = Generator(line)
        for place in sorted(truth.touched):
            if any(place[:end] in truth.moved for end in range(len(place) + 1)):
                continue
            made.looks.append(captured.holding(place))
            if place in truth.alone:
                made.alone.append(captured.holding(place))
        if source is not None:
            made.lent.append((source, False))
        self.changed = True
        return made

    def generator_of(self, line: int, raises: int, function: Function) -> Generator:
        """A nested function is called that yields. It takes what the variables hold when it runs."""
        self._use_function(line, function, once=True)
        self.maybe_raise(raises)
        made = Generator(line, function=function)
        made.looks = [function.holding(place) for place in function.looks]
        made.alone = [function.holding(place) for place in function.alone]
        made.takes = [(now, now()) for now in map(function.holding, function.moves)]
        self.changed = True
        return made

    def generator_with(
        self,
        line: int,
        _: Owner,
        view: Owner | None = None,
        exclusive: bool = False,
    ) -> Generator:
        """A call gives a generator, which has what it was lent until it is used for the last time."""
        return Generator(line, lent=[(view, exclusive)] if view is not None else [])

    def iterator(self, binding: int, root: Owner, *path: str) -> Owner | None:
        """A name that a generator has for what it was lent, or goes through, unless it has taken that."""
        return None if binding in self._taken else self._view(root.at(path), None)

    def element(self, root: Owner, *path: str) -> Owner:
        """A name that a generator has for an element that it was lent."""
        view = self._view(root.at(path), None)
        view.element = True
        return view

    def next_of(self, line: int, generator: Generator) -> None:
        self._resume(line, generator)

    def all_of(self, line: int, generator: Generator) -> None:
        self._resume(line, generator)
        generator.is_over = True

    def each_of(self, line: int, raises: int, generator: Generator) -> Iterator[int]:
        """A loop over a generator, which also has to run to know that there is nothing more."""
        self._look_through(line, generator)
        self.maybe_raise(raises)
        for number in range(self._turns + 1):
            self._resume(line, generator, again=number > 0)
            self.maybe_raise(raises)
            if number == self._turns or not self.choose():
                break
            self.changed = True
            yield number
        generator.is_over = True

    def _resume(self, line: int, generator: Generator, *, again: bool = False) -> None:
        """A generator runs for a while. `again`: for another round of a loop."""
        self._look_through(line, generator, again=again)
        function = generator.function
        for owner in [now() for now in generator.alone] + [view for view, exclusive in generator.lent if exclusive]:
            if function is None or owner not in function.took:
                self._alone(line, owner, moves=True)
        if any(exclusive for _, exclusive in generator.lent):
            self._resumed.add(line)
        if any(now() is not before for now, before in generator.takes):
            if generator.is_over:
                # It has run to its end, but nobody who reads it knows that.
                self.allowed.append(generator.line)
            else:
                self.mistake(generator.line)
            generator.takes.clear()
        self.changed = True

    def _look_through(self, line: int, generator: Generator, *, again: bool = False) -> None:
        """What a generator captured, and what it was lent, must be there."""
        function = generator.function
        owners = [(now(), True) for now in generator.looks]
        owners += [(view, False) for view, _ in generator.lent]
        for owner, captured in owners:
            if captured and function is not None and function.has_taken(owner):
                self.allowed.append(line)
                continue
            if again:
                self._touch_again(line, owner)
            self._touch(line, owner, function.took if function is not None else ())

    def _touch_again(self, line: int, owner: Owner) -> None:
        """What moves in a loop and is looked at in its next round may be reported where it moves."""
        gone = {each.gone for each in (*owner.above(), *owner.below()) if each.gone and not each.excused}
        if gone and not self.off:
            self.echoes.add((line, *gone))
            self._forgive(owner)

    # Tasks

    def loan(self, line: int, raises: int, root: Owner, *path: str) -> Task:
        """Lend a value to a call that goes on."""
        return self._loan(line, raises, root.at(path), exclusive=True)

    def shared_loan(self, line: int, raises: int, root: Owner, *path: str) -> Task:
        return self._loan(line, raises, root.at(path), exclusive=False)

    def loan_of_each(self, line: int, raises: int, root: Owner, *path: str, shared: bool = False) -> Task:
        """Lend the elements of a list, each to a call of its own."""
        self.look(line, raises, root, *path)
        return self._loan_of_element(line, root.at(path), shared=shared)

    def shared_loan_of_each(self, line: int, raises: int, root: Owner, *path: str) -> Task:
        return self.loan_of_each(line, raises, root, *path, shared=True)

    def _loan_of_element(self, line: int, owner: Owner, *, shared: bool) -> Task:
        self.changed = True
        self._alone(line, owner, changes=False, shares=True)
        self._tasks.append(Task(line, [Loan(lambda: owner, shared, of_element=True)]))
        return self._tasks[-1]

    def _loan(self, line: int, raises: int, owner: Owner, *, exclusive: bool) -> Task:
        self._lend(line, raises, owner, exclusive=exclusive)
        self._reach(line, owner)
        self._tasks.append(Task(line, [Loan(lambda: owner, not exclusive)]))
        return self._tasks[-1]

    def coroutine(self, begin: int, argument: Owner | Task) -> Task:
        """A call that has not begun to run, and so cannot have raised."""
        del self._loans[begin:]
        return argument if isinstance(argument, Task) else Task(0)

    def coroutine_of(self, line: int, function: Function) -> Task:
        """A nested function is called that runs later: until then, it has on loan what it captured.

        It has captured the variables, so that is whatever they hold. If one gets a new value before it has run which
        it took, it takes that as well.
        """
        self._use_function(line, function, once=True)
        task = Task(line, takes=[(now, now()) for now in map(function.holding, function.moves)])
        for place in function.looks:
            if any(place[: len(one)] == one for one in function.looks if one != place):
                continue
            now = function.holding(place)
            if function.has_taken(now()):
                continue
            is_shared = not any(one[: len(place)] == place for one in function.alone)
            if is_shared:
                self._alone(line, now(), changes=False, shares=True)
            self._reach(line, now())
            task.loans.append(Loan(now, is_shared))
        self._tasks.append(task)
        self._see()
        self.changed = True
        return task

    def keep_coroutine(self, task: Task) -> Task:
        """A variable has it, and it may run later."""
        task.is_kept = True
        return task

    def run(self, line: int, task: Task) -> Task:
        """A coroutine that was kept is about to run."""
        if task.is_started or task.is_over:
            # Python does not run one twice.
            self.allowed.append(line)
            self._doubtful = True
        return task

    def _begin(self, task: Task) -> None:
        self._late(task)
        if not self.off:
            for line, doubtful in task.in_its_way:
                (self.allowed if doubtful else self.seen).append(line)
        task.in_its_way.clear()
        task.is_started = True

    def _late(self, task: Task) -> None:
        """A variable may have got a new value that a function took which runs only now, or may have run just now."""
        if any(now() is not before for now, before in task.takes):
            self.mistake(task.line)
            task.takes.clear()

    def start(self, raises: int, task: Task, group: list[Task] | None = None) -> Task:
        """It runs from here on."""
        self.maybe_raise(raises)
        self._begin(task)
        self.changed = True
        if group is not None:
            group.append(task)
        return task

    def jobs(self, raises: int) -> list[Task]:
        """A list of tasks that somebody else has started."""
        self.call(raises, self.begin())
        return []

    def join(self, raises: int, _: object, jobs: list[Task], task: Task) -> None:
        jobs.append(task)
        self.changed = True
        self.maybe_raise(raises)

    def pick(self, raises: int, jobs: list[Task], leaves: bool) -> Task:
        """One out of a list of tasks: nobody who reads it knows which, or whether it is one of ours."""
        self.maybe_raise(raises)
        for index, task in enumerate(jobs):
            if self.choose():
                self.changed = True
                return jobs.pop(index) if leaves else task
        return Task(0)

    def each_job(self, raises: int, jobs: list[Task]) -> Iterator[Task]:
        """A loop over tasks. Those of somebody else come first, so that each round may be the last."""
        self.maybe_raise(raises)
        if jobs and self.choose():
            # Nobody who reads the loop knows that there is a task of ours to go over, and that there are rounds.
            self._doubtful = True
            self._finish(jobs)
            return
        others = (Task(0) for _ in range(self._turns) if self.choose())
        for rounds, task in enumerate(chain(others, jobs)):
            if rounds > _JOBS:
                self.off = True
                return
            self.changed = True
            yield task
            self.maybe_raise(raises)

    def wait(self, raises: int, *tasks: Task) -> None:
        """They have finished, whether well or not."""
        self._finish(tasks)
        self.maybe_raise(raises)

    def _finish(self, tasks: Collection[Task]) -> None:
        for task in tasks:
            self._begin(task)
            task.is_over = True
            task.takes.clear()
        self._tasks = [task for task in self._tasks if task not in tasks]
        self.changed = True

    def gather(self, raises: int, *tasks: Task) -> None:
        """They run side by side. If one fails, the others go on, and nobody can wait for them any more."""
        for task in tasks:
            self._begin(task)
        self.changed = True
        # What goes on although nobody waits for it any more does so until the end.
        self.maybe_raise(raises)
        self._tasks = [task for task in self._tasks if task not in tasks]
        for task in tasks:
            task.takes.clear()
        self.changed = True

    def result(self, line: int, raises: int, task: Task) -> Owner:
        """The value that a task gives, once; if to await it raises, it has that still."""
        self.wait(raises, task)
        self.move(line, 0, task.owner)
        return Owner()

    @contextmanager
    def group(self, raises: int) -> Iterator[list[Task]]:
        """A group of tasks, which have finished when its block is left."""
        tasks: list[Task] = []
        self.maybe_raise(raises)
        try:
            yield tasks
        finally:
            # An exception inside, or no exception: to leave may raise in any case.
            self.wait(raises, *tasks)

    # Threads

    def thread_of(self, line: int, function: Function) -> Task:
        """A nested function is given to a thread, which calls it once, and nobody knows when."""
        if function.moves:
            self.allowed.append(line)
        task = self.coroutine_of(line, function)
        task.takes.clear()
        return task

    def thread(self, raises: int, task: Task) -> Task:
        """A thread is made, which has not started."""
        self.maybe_raise(raises)
        task.is_kept = True
        return task

    def join_thread(self, raises: int, task: Task, is_limited: int) -> None:
        """A thread is waited for, which it has to have been started for. `is_limited`: it may go on after that."""
        if not task.is_started:
            self._doubtful = True
            return
        self.wait(raises, *() if is_limited else (task,))

    # Patterns

    def bind(self, line: int, binding: int, root: Owner, *path: str) -> Owner:
        """A name of a pattern, before its guard."""
        if self._taken.get(binding, False):
            return self.move(line, 0, root, *path)
        self.changed = True
        view = self._view(root.at(path), binding)
        view.guarded = True
        return view

    def keep(self, line: int, binding: int, bound: Owner, root: Owner, *path: str) -> Owner:
        """The same name, once the guard has passed."""
        bound.guarded = False
        if self._taken.get(binding) is False:
            return self.move(line, 0, root, *path)
        return bound

    def sure(self, *_: Owner) -> bool:
        """A pattern that always matches."""
        return True

    # Nested functions

    def closure(
        self,
        line: int,
        name: str,
        body: Callable[..., object],
        variables: Callable[[], tuple[Owner, ...]],
        names: list[str],
    ) -> Function:
        """A function is made: it takes what its body gives away. What it looks at, it looks at when it is used."""
        if name not in self._bodies and not self.off:
            self._bodies[name] = _observe_body(body, names, self._bodies, self._turns)
        truth = self._bodies.get(name, Truth())
        moves = [
            place for place in sorted(truth.moved) if not any(place[:end] in truth.moved for end in range(len(place)))
        ]
        looks = sorted(place for place in truth.touched if not any(place[: len(one)] == one for one in moves))
        made = Function(line, variables, names, moves, looks, sorted(truth.alone), set(), Owner())
        before = len(self.seen)
        for place in moves:
            root, path = made.now(place)
            made.took.add(root.at(path))
            self.move(line, 0, root, *path)
            if root.at(path).lent and root.at(path).source is not None:
                # It took what is only a name for something. Whether that is there still is left open.
                self._leave(line, root.at(path), excused=True)
        self._captured |= made.took
        if len(self.seen) > before:
            self._wrongly_made.add(line)
        return made

    def keep_function(self, line: int, function: Function) -> Function:
        """`other = function`."""
        self._use_function(line, function, once=True, calls=False)
        return replace(function, owner=Owner())

    def call_function(self, line: int, function: Function) -> None:
        """A function is called."""
        self._use_function(line, function, once=True)

    def once_function(self, line: int, function: Function) -> None:
        """A function is given to somebody who calls it once."""
        if function.moves:
            # But nobody knows when. If a variable gets a new value, it may be that one which the call takes.
            self.allowed.append(line)
        self._use_function(line, function, once=True)

    def many_function(self, line: int, function: Function) -> None:
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
                elif self._doubtful or owner not in function.took:
                    # Whether a function that is called again, which is a mistake, takes again is left open.
                    self.allowed.append(line)
                    self._leave(line, owner, excused=True)
                elif self._is_on_loan(owner):
                    # It has been given a field since the function took it, and whether that is taken is left open.
                    self.allowed.append(line)
        if once and function.moves:
            function.owner.gone = line
            self.changed = True

    # Ways out

    @contextmanager
    def manager(self, raises: int, swallows: int) -> Iterator[None]:
        """The manager of a `with`: to leave it may raise, or swallow what was raised inside."""
        self.maybe_raise(raises)
        try:
            yield
        except Oops:
            self.changed = True
            self.maybe_raise(raises)
            if not (swallows and self.choose()):
                raise
        else:
            self.changed = True
            self.maybe_raise(raises)

    def leave(self, *borrowed: Owner) -> None:
        """The function is left: what was taken out of something borrowed must be back."""
        for task in self._tasks:
            if task.is_started:
                self._late(task)
        running = [
            (task, loan)
            for task in self._tasks
            for loan in task.loans
            if task.is_started and not loan.is_shared and not loan.is_disputed and not self.has_raised
        ]
        for owner in borrowed:
            for each in owner.below():
                if each.gone:
                    self.mistake(each.gone)
            for task, loan in running:
                if any(each.overlaps(owner) for each in loan.owners()):
                    self.mistake(task.line)
        # What is only a name for something of ours is borrowed, too, if one goes by its declaration.
        self.allowed += [task.line for task, loan in running if any(each.lent for each in loan.owners())]


Twin = Callable[[Run], object]


@dataclass
class Truth:
    """What the runs of a twin have shown: on which lines mistakes are made, and whether every path was taken."""

    lines: set[int] = field(default_factory=set)
    allowed: set[int] = field(default_factory=set)
    """The lines on which a mistake need not be reported, but may."""
    echoes: set[tuple[int, ...]] = field(default_factory=set)
    """Lines on which a mistake need not be reported if one is on one of the other lines, but may."""
    shadows: set[tuple[int, ...]] = field(default_factory=set)
    """Lines on which a mistake need not be reported if one is made, and reported, on one of the other lines."""
    made: set[str] = field(default_factory=set)
    """The nested functions that were made."""
    moved: set[tuple[str, ...]] = field(default_factory=set)
    touched: set[tuple[str, ...]] = field(default_factory=set)
    alone: set[tuple[str, ...]] = field(default_factory=set)
    complete: bool = True
    runs: int = 0

    def add(self, other: Truth) -> None:
        """Mistakes in another body count as well."""
        self.lines |= other.lines
        self.allowed |= other.allowed
        self.echoes |= other.echoes
        self.shadows |= other.shadows
        self.complete &= other.complete


def observe(twin: Twin, limit: int, turns: int = TURNS) -> Truth:
    """Run a twin under all streams of decisions, or under `limit` of them and as many at random."""
    bodies: dict[str, Truth] = {}
    truth = _learning(twin, limit, turns, bodies)
    for name, body in bodies.items():
        truth.add(body)
        truth.made.add(name)
    return truth


def _observe_body(body: Callable[..., object], names: list[str], bodies: dict[str, Truth], turns: int) -> Truth:
    """What the body of a nested function does, whatever became of what it captured."""

    def twin(run: Run) -> None:
        captured = []
        for name in names:
            captured.append(Owner())
            captured[-1].origin = (name,)
        with suppress(Oops):
            body(run, *captured)

    return _learning(twin, RUNS_OF_BODY, turns, bodies)


def _learning(twin: Twin, limit: int, turns: int, bodies: dict[str, Truth]) -> Truth:
    """Run a twin until it is known which bindings are taken by move."""
    taken: dict[int, bool] = {}
    while True:
        truth, learnt = _observe(twin, limit, turns, taken, bodies)
        if not learnt:
            return truth
        for binding, guarded in learnt.items():
            taken[binding] = guarded or taken.get(binding, False)


def _observe(
    twin: Twin, limit: int, turns: int, taken: dict[int, bool], bodies: dict[str, Truth]
) -> tuple[Truth, dict[int, bool]]:
    truth = Truth()
    learnt: dict[int, bool] = {}

    def run(prefix: list[bool], source: random.Random | None) -> Run:
        one = Run(prefix, taken, bodies, source, turns)
        twin(one)
        truth.lines.update(one.seen)
        truth.allowed.update(one.allowed)
        truth.echoes.update(one.echoes)
        truth.shadows.update(one.shadows)
        truth.moved.update(one.moved)
        truth.touched.update(one.touched)
        truth.alone.update(one.alone)
        for binding, guarded in one.learnt.items():
            if taken.get(binding) is not (guarded or taken.get(binding, False)):
                learnt[binding] = guarded or learnt.get(binding, False)
        truth.runs += 1
        return one

    pending: list[list[bool]] = [[]]
    while pending and truth.runs < limit:
        prefix = pending.pop()
        made = run(prefix, None).made
        pending.extend([*made[:end], True] for end in range(len(prefix), len(made)))
    truth.complete = not pending
    if not pending:
        return truth, learnt
    source = random.Random(0)
    for _ in range(limit):
        run([], source)
    return truth, learnt
