"""What is lent: to a call until it returns, to a task until that has finished, and to a name that stands for it.

Owns who is in whose way. Must never know how a task is started, or when it has finished.
"""

from __future__ import annotations

from collections.abc import Iterator

from .calls import Task
from .decisions import Given
from .mistakes import Mistakes
from .owner import Owner

__all__ = ["WAITS", "Loans"]

WAITS = 2
"""How what a method is called on is lent before the call has begun: neither alone nor shared."""


class Loans(Mistakes):
    """Two loans of one value, or a move of what is lent, are a mistake."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._loans: list[tuple[Owner, int]] = []
        """What is lent to calls, and whether alone; what a method is called on, which has not begun, by `WAITS`."""
        self._loans_outside = 0
        """How many of them there were before the function was called whose body is being run."""
        self._tasks: list[Task] = []
        """What has not finished, in the order in which it began."""
        self._resumed: set[int] = set()
        """The lines on which generators run that have something on loan alone."""
        self.alone: set[tuple[str, ...]] = set()
        """Of a nested function's body: the captured places to which more was done than to look."""
        self.shared: set[tuple[str, ...]] = set()
        """And those that were lent to be read."""

    def _undo(self) -> None:
        super()._undo()
        self._loans.clear()
        self._tasks = [task for task in self._tasks if task.is_started or task.is_kept]

    def begin(self) -> int:
        """A call is about to be evaluated; what is lent to it is lent until it is done."""
        return len(self._loans)

    def _lend(self, line: int, raises: int, owner: Owner, *, exclusive: bool, calls: bool = False) -> None:
        self.maybe_raise(raises)
        in_its_way = [
            position
            for position, (lent, other) in enumerate(self._loans)
            if owner.overlaps(lent) and (exclusive or other) and not (calls and other == WAITS)
        ]
        if in_its_way and all(owner.taken_for_another(self._loans[position][0]) for position in in_its_way):
            # That they may be the same is a known hole.
            self.allowed.append(line)
            in_its_way = []
        if in_its_way:
            # One of the two is alone with it.
            self._is_alone_with(owner)
            self.mistake(line, owner, own=in_its_way[0] >= self._loans_outside)
        else:
            for loan in [loan for task in self._tasks for loan in task.loans]:
                containers = [each if loan.of_element else each.container() for each in loan.owners()]
                is_of_another = owner.run is not None and loan.is_of_another(owner.run)
                if is_of_another or any(each is not None and each.overlaps(owner) for each in containers):
                    # That a task has an element of it on loan is a known hole, which not all of them fall into; and
                    # whether two loops over it go in step is not known.
                    self.allowed.append(line)
                    loan.doubted_on = loan.doubted_on or line
            for loan in [loan for task in self._tasks for loan in task.loans]:
                if any(each.overlaps(other) for other in owner.beside or () for each in loan.owners()):
                    # It is said of the name, whichever round this is.
                    loan.doubted_on = loan.doubted_on or line
            self._alone(line, owner, changes=exclusive, shares=not exclusive)
            self.shared.update(self._names_of(owner) if not exclusive else ())
            self._touch(line, owner)
        self.changed = True
        self._loans.append((owner, exclusive))

    def _alone(
        self,
        line: int,
        owner: Owner,
        *,
        moves: bool = False,
        changes: bool = True,
        shares: bool = False,
        entry: bool = False,
        run: Owner | None = None,
    ) -> None:
        """Something is done to a value that no task may have on loan meanwhile.

        `changes`: it may change the value. What a function only looks at, or shares, it may look at meanwhile.
        `shares`: it goes together with tasks that share the value. `entry`: it is done to the element that a key names,
        which is in the way of those that have just that. `run`: to the elements that a loop goes through, which are in
        the way of those that have one of them since an earlier run of that loop.
        """
        if changes:
            self._is_alone_with(owner)
        for task in self._tasks:
            for loan in task.loans:
                if run and loan.is_of_another(run) and not (shares and loan.is_shared):
                    # Whether the two loops go in step is not known, and so not whether that is said.
                    self.allowed.append(line)
                    loan.doubted_on = loan.doubted_on or line
                if (shares and loan.is_shared) or (entry and not loan.is_entry) or (run and not loan.is_earlier(run)):
                    continue
                owners = loan.owners()
                containers = (each.container() for each in owners if moves)
                takes_element = any(each is not None and each.overlaps(owner) for each in containers)
                further = (each.container() for one in owners if moves and (each := one.container()) is not None)
                if not takes_element and any(each is not None and each.overlaps(owner) for each in further):
                    # It has an element of a list of some, `first, *rest = xs`, which may be the one that is taken.
                    self.allowed.append(line)
                    loan.doubted_on = loan.doubted_on or line
                if loan.is_disputed:
                    if takes_element or self.seen.count(loan.disputed_on) > 1:
                        # Of the list, it has not been said yet that it is on loan. Where another mistake is made with
                        # the same use, it is that which is said.
                        self.allowed.append(line)
                    continue
                is_same = any(each.overlaps(owner) for each in owners) or run is not None
                if takes_element or (is_same and (moves or entry or run or not loan.of_element)):
                    if any(each.excused for each in (owner, *owner.above())):
                        # What was deleted is on loan, and nothing can be done to it.
                        self.allowed.append(line)
                        self._doubtful = True
                        return
                    if task.is_kept and not task.is_started:
                        task.in_its_way.append((line, self._doubtful or bool(loan.doubted_on)))
                        if task.is_listed:
                            self.allowed.append(line)
                        self.changed = True
                    elif loan.doubted_on and not self.off and not self._doubtful:
                        self.echoes.add((line, loan.doubted_on))
                        self.changed = True
                    else:
                        if self._resumed and not self.off:
                            self.shadows.add((line, *self._resumed))
                        self.mistake(line, lent_on=task.line)
                    if any(each.lent for each in owners):
                        self.allowed.append(task.line)
                    loan.is_disputed, loan.disputed_on = True, line

    def _dispute(self, line: int, owner: Owner, *, shares: bool = False) -> None:
        """That tasks have a value on loan may be said here: then it is no other mistake later."""
        for loan in [loan for task in self._tasks for loan in task.loans if not (shares and loan.is_shared)]:
            if not loan.is_disputed and any(each.overlaps(owner) for each in loan.owners()):
                self.allowed.append(line)
                loan.is_disputed, loan.disputed_on = True, line

    def _is_on_loan(self, owner: Owner) -> bool:
        """Whether a task has a value on loan, or a part of it."""
        return any(each.overlaps(owner) for task in self._tasks for loan in task.loans for each in loan.owners())

    def _is_alone_with(self, owner: Owner) -> None:
        """The body of a function needs what it captured for itself, by whatever name."""
        self.alone.update(self._names_of(owner))

    def _names_of(self, owner: Owner) -> Iterator[tuple[str, ...]]:
        """What the body of a function captured a value as."""
        named: Owner | None = owner
        while named is not None and not self.off:
            if named.origin:
                yield named.origin
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

    def _view(self, owner: Owner, binding: int | None) -> Owner:
        self._see()
        view = Owner()
        view.binding = binding
        view.lent = True
        view.source = owner
        view.excused, view.deleted = owner.excused, owner.deleted
        owner.views.append(view)
        return view
