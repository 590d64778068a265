"""Calls that go on after they have returned, coroutines, tasks and threads: when they begin, and have finished."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain

from .calls import Loan, Task
from .functions import Function
from .owner import Owner
from .renewing import Renewing

__all__ = ["Tasks"]

_JOBS = 5
"""How many rounds there are at most over a list of tasks. The loops that fill it turn twice."""


class Tasks(Renewing):
    """What a task has on loan nobody else may have until it has finished."""

    def turn(self, loop: int, condition: object) -> bool:
        if self.off or not condition:
            return False
        for task in self._tasks:
            # A run that turns too often never comes to where this would be seen.
            if task.is_started:
                self._late(task)
        return super().turn(loop, condition)

    # Loans

    def loan(self, line: int, raises: int, root: Owner, *path: str) -> Task:
        """Lend a value to a call that goes on."""
        return self._loan(line, raises, root.at(path), exclusive=True)

    def shared_loan(self, line: int, raises: int, root: Owner, *path: str) -> Task:
        return self._loan(line, raises, root.at(path), exclusive=False)

    def loan_of_each(self, line: int, raises: int, root: Owner, *path: str, shared: bool = False) -> Task:
        """Lend the elements of a list, each to a call of its own."""
        self.look(line, raises, root, *path)
        run = self._view(root.at(path), None)
        # Two loops may stand on one line, as one that only reads in the condition of one that does more.
        run.looped = 2 * line + shared
        self._alone(line, root.at(path), changes=False, shares=shared, run=run)
        return self._loan_of_element(line, root.at(path), shared=shared, run=run)

    def shared_loan_of_each(self, line: int, raises: int, root: Owner, *path: str) -> Task:
        return self.loan_of_each(line, raises, root, *path, shared=True)

    def _loan(self, line: int, raises: int, owner: Owner, *, exclusive: bool) -> Task:
        self._lend(line, raises, owner, exclusive=exclusive)
        self._reach(line, owner)
        if owner.is_twice:
            # By which name of a pair a value is there twice is not known.
            self.allowed.append(line)
        container = owner.container()
        if owner.run is not None and container is not None:
            self._alone(line, container, changes=False, shares=not exclusive, run=owner.run)
        self._tasks.append(Task(line, [Loan(lambda: owner, not exclusive, run=owner.run)]))
        return self._tasks[-1]

    # Coroutines

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
        if (task.is_started or task.is_over) and not task.is_others:
            # Python does not run one twice.
            self.allowed.append(line)
            self._doubtful = True
        return task

    # What runs

    def create(self, task: Task) -> Task:
        """It runs from here on: a loop that runs starts a task without fail."""
        self._begin(task)
        self.changed = True
        return task

    def side_by_side(self, *tasks: Task) -> list[Task]:
        """They run from here on, and are waited for together."""
        return [self.create(task) for task in tasks]

    def start(self, raises: int, task: Task, group: list[Task] | None = None) -> Task:
        """It runs from here on. A group may have been left, and a thread may be one too many."""
        self.maybe_raise(raises)
        self._begin(task)
        self.changed = True
        if group is not None:
            group.append(task)
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
        """The value that a task gives, once; if to await it raises, it has that still.

        Who awaits it again is told so, and not that this cannot raise any more.
        """
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

    # Containers of tasks

    def jobs(self, raises: int) -> list[Task]:
        """A list of tasks that somebody else has started."""
        self.call(raises, self.begin())
        return []

    def join(self, raises: int, _: object, jobs: list[Task], task: Task) -> None:
        jobs.append(task)
        task.is_listed = True
        self.allowed += [line for line, _ in task.in_its_way]
        self.changed = True
        self.maybe_raise(raises)

    def pick(self, raises: int, jobs: list[Task], leaves: bool, has_others: bool = True) -> Task:
        """One out of a list of tasks: nobody who reads it knows which, or whether it is one of ours."""
        self.maybe_raise(raises)
        for index, task in enumerate(jobs):
            if (index == len(jobs) - 1 and not has_others) or self.choose():
                self.changed = True
                return jobs.pop(index) if leaves else task
        return Task(0, is_others=True)

    def each_job(self, raises: int, jobs: list[Task]) -> Iterator[Task]:
        """A loop over tasks, or threads. Those of somebody else come first, so that each round may be the last."""
        self.maybe_raise(raises)
        if jobs and self.choose():
            # Nobody who reads the loop knows that there is a task of ours to go over, and that there are rounds.
            self._doubtful = True
            self._finish([task for task in jobs if task.is_started or not task.is_listed])
            return
        theirs = (Task(0, is_others=True) for _ in range(self._turns) if self.choose())
        for rounds, task in enumerate(chain(theirs, jobs)):
            if rounds > _JOBS:
                self.off = True
                return
            self.changed = True
            yield task
            self.maybe_raise(raises)

    def each_completed(self, raises: int, several: list[Task]) -> Iterator[Task]:
        """A loop that is given each when it has finished."""
        for task in self.each_job(raises, several):
            self._finish([task])
            yield task

    # Threads

    def thread_of(self, line: int, function: Function) -> Task:
        """A nested function is given to a thread, which calls it once, and nobody knows when."""
        if function.moves:
            self.allowed.append(line)
        task = self.coroutine_of(line, function)
        task.takes.clear()
        return task

    def thread(self, raises: int, task: Task, is_listed: int = 0) -> Task:
        """A thread is made, which has not started."""
        self.maybe_raise(raises)
        task.is_kept, task.is_listed = True, bool(is_listed)
        return task

    def join_thread(self, raises: int, task: Task, is_limited: int) -> None:
        """A thread is waited for, which it has to have been started for. `is_limited`: it may go on after that."""
        if not task.is_started and not task.is_others:
            self._doubtful = True
            return
        self.wait(raises, *() if is_limited else (task,))
