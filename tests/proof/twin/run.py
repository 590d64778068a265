"""One run of a twin, under one stream of decisions; the twin knows it as `t`."""

from __future__ import annotations

from .decisions import Given
from .generators import Generators
from .owner import Owner

__all__ = ["Run"]


class Run(Generators):
    """All that a twin can do, and its way out."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.has_raised = False
        """Whether the function was left by an exception."""

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
