"""Lists and dicts: loops over them, what is taken out of them, looked up in them and unpacked from them."""

from __future__ import annotations

from collections.abc import Iterator

from .calls import Loan, Task
from .decisions import Given
from .owner import Owner
from .values import Values

__all__ = ["Containers"]


class Containers(Values):
    """An element has no owner of its own: what stands for one is a view of the list, and may be any of them."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._starred: list[Owner] = []
        """What a display was given by a star. If that is never finished, it is left open whether it has it."""
        self.drained: set[tuple[str, ...]] = set()
        """Of a nested function's body: the captured lists out of which an element was taken."""

    def _undo(self) -> None:
        super()._undo()
        for owner in self._starred:
            owner.excused = bool(owner.gone)
        self._starred.clear()

    # Loops

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

    def each_new(self, raises: int, _: Owner) -> Iterator[Owner]:
        """A loop over a list that nobody else has."""
        return self._elements(0, raises, None, 0)

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

    def _elements(self, line: int, raises: int, source: Owner | None, binding: int) -> Iterator[Owner]:
        iterator = self._view(source, None) if source is not None else None
        for _ in range(self._turns):
            self.maybe_raise(raises)
            if not self.choose():
                return
            self.changed = True
            yield self._element(line, source, iterator, binding)

    def _element(self, line: int, source: Owner | None, iterator: Owner | None, binding: int) -> Owner:
        """What a round of a loop binds its name to. `iterator`: the loop's name for the list."""
        if iterator is not None and iterator.gone:
            # The iterator of a list that was given away goes on. That may be said, and is most often said already.
            self.allowed.append(line)
        if source is None:
            return Owner()
        element = self._view(source, binding)
        element.element, element.looped = True, line
        return element

    # Elements

    def pop(self, line: int, raises: int, root: Owner, *path: str) -> None:
        """Take an element out of a list. What stands for one of its elements may stand for that."""
        self._alone(line, root.at(path), moves=True)
        self._learn(root.at(path))
        if root.at(path).origin and not self.off:
            self.drained.add(root.at(path).origin)
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

    def item(self, use: str, line: int, raises: int, root: Owner, *path: str) -> Owner | Task:
        """`xs[0]`: reached through the list, to which it goes on belonging."""
        self.look(line, 0, root, *path)
        self.maybe_raise(raises)
        if use == "move":
            self.mistake(line, own=True)
        elif use in ("lend", "share"):
            self._alone(line, root.at(path), changes=False, shares=True)
            self._alone(line, root.at(path), changes=False, shares=use == "share", entry=True)
            self._loans.append((root.at(path), use == "lend"))
        elif use in ("loan", "shared_loan"):
            is_shared = use == "shared_loan"
            self._alone(line, root.at(path), changes=False, shares=is_shared, entry=True)
            return self._loan_of_element(line, root.at(path), shared=is_shared, entry=True)
        elif use == "view":
            self.changed = True
            view = self._view(root.at(path), None)
            view.element = True
            return view
        return Owner()

    def _loan_of_element(self, line: int, owner: Owner, *, shared: bool, entry: bool = False) -> Task:
        self.changed = True
        self._alone(line, owner, changes=False, shares=True)
        self._tasks.append(Task(line, [Loan(lambda: owner, shared, of_element=True, is_entry=entry)]))
        return self._tasks[-1]

    def put(self, line: int, raises: int, _: Owner, root: Owner, *path: str) -> None:
        """`xs[0] = value`: the list must be there. What stood for the old element has it still.

        The list may have no such element; a dict takes any text as a key.
        """
        self.look(line, 0, root, *path)
        self.changed = True
        self.maybe_raise(raises)

    def star(self, line: int, raises: int, root: Owner, *path: str) -> Owner:
        """Move what is in a list into a display."""
        new = self.move(line, raises, root, *path)
        self._starred.append(root.at(path))
        return new

    def display(self, begin: int, *_: object) -> Owner:
        del self._loans[begin:]
        self._starred.clear()
        return Owner()
