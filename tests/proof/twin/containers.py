"""Lists and dicts: loops over them, what is taken out of them, looked up in them and unpacked from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from .calls import Loan, Task
from .decisions import Given
from .owner import Owner
from .values import Values

__all__ = ["Containers"]

Rows: TypeAlias = tuple[tuple[tuple[Owner, tuple[str, ...]], ...], ...]
"""The places of a display, each as its root and the names of the fields below."""


class Containers(Values):
    """An element has no owner of its own: what stands for one is a view of the list, and may be any of them."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self._starred: list[Owner] = []
        """What a display was given by a star. If that is never finished, it is left open whether it has it."""
        self.drained: set[tuple[str, ...]] = set()
        """Of a nested function's body: the captured lists out of which an element was taken."""
        self._unknown: dict[int, Owner] = {}
        """For lists of loans that nothing was put into: what might be in there."""

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

    def each_of_display(self, line: int, raises: int, binding: int, rows: Rows) -> Iterator[Owner | tuple[Owner, ...]]:
        """A loop over places that are spelled out, or over pairs of them: its names have the very values."""
        places = [root.at(path) for row in rows for root, path in row]
        borrow = [each.lent and each.parent is None and each.binding is None for each in places]
        is_sure = all(borrow) and not any(each.element for each in places)
        if any(borrow) and (is_sure or binding in self._taken):
            # The names are taken for declared to borrow, too. Where only some are, it is left open what is said.
            binding = 0
            if not is_sure:
                self.allowed.append(line)
                for place in (each for each, borrows in zip(places, borrow, strict=True) if not borrows):
                    self._learn(place)
                    self._leave(line, place, excused=True)
                self._doubtful = True
        found = [[self._put_into_display(line, raises, binding, root, path) for root, path in row] for row in rows]
        self._held.clear()
        return self._rows_of_display(line, 0, found)

    def _put_into_display(self, line: int, raises: int, binding: int, root: Owner, path: tuple[str, ...]) -> Owner:
        if binding in self._taken:
            return self.hold(line, raises if path else 0, root, *path)
        return self._view(self.look(line, raises if path else 0, root, *path), binding or None)

    def collect(self, views: list[Owner]) -> list[Owner]:
        """A list of what others own."""
        self.changed = True
        return views

    def collect_more(
        self, line: int, raises: int, raises_of_field: int, views: list[Owner], view: Callable[[], Owner]
    ) -> None:
        """One more in such a list: it is lent to `append`, and then to the list."""
        self._touch_all(line, views)
        self.maybe_raise(raises_of_field)
        views.append(view())
        self.changed = True
        self.maybe_raise(raises)

    def each_of_collection(self, line: int, raises: int, views: list[Owner]) -> Iterator[Owner]:
        """A loop over such a list: its name is declared to borrow, and has the very value."""
        self._touch_all(line, views)
        self.maybe_raise(raises)
        rows = [[self._view(view, None)] for view in views]
        # What was never given anything is judged as if somebody else might have put something into it.
        unknown = self._view(self._unknown.setdefault(id(views), Owner()), None)
        for row in self._rows_of_display(line, raises, rows, unknown):
            assert isinstance(row, Owner)
            yield row if row.lent else self._view(row, None)

    def _touch_all(self, line: int, views: list[Owner]) -> None:
        """Where something of it was given away, the whole of such a list is gone."""
        for view in views:
            self._touch(line, view)

    def _rows_of_display(
        self, line: int, raises: int, rows: list[list[Owner]], unknown: Owner | None = None
    ) -> Iterator[Owner | tuple[Owner, ...]]:
        """Nobody who reads the loop knows which row a round is of, and how many there are.

        What goes wrong in another order, or in a round that there is not, need not be said. `unknown`: what is in there
        if nothing is.
        """
        for column in zip(*rows, strict=True):
            for owner in column:
                owner.beside = [each for each in column if each is not owner]
                values = [each for row in rows for each in row if len(row) > 1]
                owner.is_twice = any(each is not owner and each.overlaps(owner) for each in values)
        iterators = [self._view(owner, None) for row in rows for owner in row if owner.lent]
        left, first = list(rows), rows[0] if rows else [unknown or self._view(Owner(), None)]
        for _ in range(max(self._turns, len(rows))):
            if any(owner.gone for owner in iterators):
                # The display has what was given away, and goes on. That may be said instead of what follows from it.
                self.allowed.append(line)
                for owner in (each for row in left for each in row if each.gone):
                    owner.stale = line
            self.maybe_raise(raises)
            if not self.choose():
                return
            self._doubtful |= not left
            index = 0
            while index < len(left) - 1 and self.choose():
                self._doubtful, index = True, index + 1
            if left:
                row = left.pop(index)
            else:
                # Of a single row, nobody knows that it is not gone through again.
                row = [owner if owner.lent and len(rows) <= 1 else Owner() for owner in first]
            self.changed = True
            yield row[0] if len(row) == 1 else tuple(row)

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
        if iterator is not None:
            iterator.looped = line
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
        element.element, element.looped, element.run = True, line, iterator
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

    def _loan_of_element(
        self, line: int, owner: Owner, *, shared: bool, entry: bool = False, run: Owner | None = None
    ) -> Task:
        self.changed = True
        self._alone(line, owner, changes=False, shares=True)
        self._tasks.append(Task(line, [Loan(lambda: owner, shared, of_element=True, is_entry=entry, run=run)]))
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
