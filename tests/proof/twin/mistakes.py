"""What is gone, and what goes wrong: which lines touch something that was given away.

Must never know what anything is touched for.
"""

from __future__ import annotations

from collections.abc import Collection

from .decisions import Decisions, Given
from .owner import Owner

__all__ = ["Mistakes"]


class Mistakes(Decisions):
    """After a mistake, the owner that it happened to counts as whole again."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
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
        self.disputes: set[tuple[int, int]] = set()
        """Lines on which a task has on loan what is used, each with the line on which it was lent that."""
        self.undisputed: set[int] = set()
        """Those on which another mistake is made."""
        self.allowed: list[int] = []
        """The lines on which something was touched that is excused: mypy need not say so, but may."""
        self._doubtful = False
        """Whether the run has gone on where Python would have stopped: what follows is excused."""
        self.forgiven: set[Owner] = set()
        """What was gone, and counts as whole since a mistake was made with it."""
        self._captured: set[Owner] = set()
        """What functions took when they were made."""
        self._inside = False
        """Whether the body of a function is being run, where that is called."""
        self._gone_inside: list[Owner] = []
        """What has gone in there."""
        self.touched: set[tuple[str, ...]] = set()
        """Of a nested function's body: the captured places that were touched, and below, those that were given away."""
        self.moved: set[tuple[str, ...]] = set()

    def mistake(self, line: int, owner: Owner | None = None, *, own: bool = False, lent_on: int = 0) -> None:
        """Something goes wrong; the owner that it happened to counts as whole from now on.

        `own`: it is a mistake of the function that is being called, whatever became of what it captured. `lent_on`: the
        line on which a task was lent what is used.
        """
        if self.off:
            return
        if lent_on:
            self.disputes.add((line, lent_on))
        else:
            self.undisputed.add(line)
        if not (own and self._inside):
            (self.allowed if self._doubtful else self.seen).append(line)
        self.changed = True
        if owner is not None:
            self._leave_open(owner)
            self._forgive(owner)

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
                self.echoes.add((line, *gone, *([owner.stale] if owner.stale else [])))
                self._forgive(owner)
            else:
                self.mistake(line, owner, own=gone.keys() <= {each.gone for each in self._gone_inside})

    def _touch_above(self, line: int, owner: Owner) -> None:
        """What a field is a field of must be there, whatever became of the field."""
        above = list(owner.above())
        if any(each.excused for each in above):
            self.allowed.append(line)
            self._doubtful = True
        elif any(each.gone for each in above):
            self.mistake(line, own=all(each in self._gone_inside for each in above if each.gone))
            for each in above:
                self._leave_open(each)
                each.gone = 0

    def _leave_open(self, owner: Owner) -> None:
        """Whether a function still has what was touched after the function took it."""
        self._doubtful |= any(not self._captured.isdisjoint((one, *one.above())) for one in owner.below())

    def _forgive(self, owner: Owner) -> None:
        self.changed = True
        for each in (*owner.above(), *owner.below()):
            if not each.excused:
                self.forgiven.update([each] if each.gone else [])
                each.gone = 0

    def _leave(self, line: int, owner: Owner, *, excused: bool = False) -> None:
        if owner.origin and not self.off:
            self.moved.add(owner.origin)
        if owner.lent and self._doubtful:
            # It need not come to the end of the function, but mypy does not know that.
            self.allowed.append(line)
        owner.gone, owner.excused = line, excused
        self._note(owner)
        self.changed = True
        for each in (*owner.above(), *owner.below()):
            self._expire(line, each, excused)

    def _note(self, owner: Owner) -> None:
        if self._inside:
            self._gone_inside.append(owner)

    def _expire(self, line: int, owner: Owner, excused: bool) -> None:
        for view in owner.views:
            if not view.gone:
                view.gone, view.excused = line, excused
                self._note(view)
            # What looks at it may count as whole again since a mistake was made with that.
            self._expire(line, view, excused)
