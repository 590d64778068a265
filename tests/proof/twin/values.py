"""What is done to a value: it is moved, looked at, lent, put into a variable or field, and bound to a name.

Must never know what is in a container, or what goes on after a call.
"""

from __future__ import annotations

from typing import TypeVar

from .decisions import Given
from .loans import WAITS, Loans
from .owner import Owner

__all__ = ["Values"]

T = TypeVar("T")


class Values(Loans):
    """A place is given as its root, and the names of the fields below."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._taken = given.taken
        self.learnt: dict[int, bool] = {}
        """Bindings whose value this run moved although they were taken for views; whether a guard did."""
        self._held: list[Owner] = []

    def _undo(self) -> None:
        super()._undo()
        for owner in self._held:
            # What was never finished is gone, and the value is where it was.
            owner.gone = 0
        self._held.clear()

    def move(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        """Give the value away; what comes back is its new owner."""
        self.maybe_raise(raises)
        owner = root.at(path)
        not_owned = owner.lent and owner.parent is None and owner.binding is None
        own = not any(owner.overlaps(lent) for lent, _ in self._loans[: self._loans_outside])
        if not_owned or any(owner.shares_place(lent) for lent, _ in self._loans):
            self.mistake(line, owner, own=own)
            return Owner()
        self._learn(owner)
        if any(owner.overlaps(lent) for lent, _ in self._loans):
            # Lent under another name. Whether the value has moved as well is left open.
            self.mistake(line, owner, own=own)
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

    def look(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        self.maybe_raise(raises)
        owner = root.at(path)
        self._touch(line, owner)
        return owner

    def lend(self, line: int, raises: int, root: Owner, *path: str) -> None:
        self._lend(line, raises, root.at(path), exclusive=True)

    def share(self, line: int, raises: int, root: Owner, *path: str) -> None:
        self._lend(line, raises, root.at(path), exclusive=False)

    def receiver(self, line: int, raises: int, root: Owner, *path: str) -> None:
        """Look at what a method is called on, and lend it to the call. That it has the method is not certain, too."""
        self.look(line, raises if path else 0, root, *path)
        # That a method may change what is only shared is a known hole.
        self._alone(line, root.at(path), shares=True)
        self._loans.append((root.at(path), WAITS))
        self.maybe_raise(raises)

    def truth(self, line: int, raises: int, root: Owner, *path: str) -> bool:
        self.look(line, raises, root, *path)
        return self.choose()

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
        self.mistake(line, root.at(path) if root is not None else None, own=True)
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

    def hold(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        """Move a value into a pair, which does not have it if the pair is never finished."""
        new = self.move(line, raises, root, *path)
        self._held.append(root.at(path))
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

    def view(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        self.look(line, raises, root, *path)
        self.changed = True
        return self._view(root.at(path), None)

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
            # The name has the value from here on: who has the name on loan is in no way of that.
            bound.source = None
            return self.move(line, 0, root, *path)
        return bound

    def sure(self, *_: Owner) -> bool:
        """A pattern that always matches."""
        return True
