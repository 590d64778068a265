"""Who holds a value while a twin runs. Must never know what is right or wrong."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Owner"]


class Owner:
    """Who holds a value: a variable, a field, an entry."""

    __slots__ = (
        "beside",
        "binding",
        "deleted",
        "element",
        "excused",
        "fields",
        "generator",
        "gone",
        "guarded",
        "is_twice",
        "lent",
        "looped",
        "origin",
        "parent",
        "run",
        "source",
        "stale",
        "views",
    )

    def __init__(self, parent: Owner | None = None) -> None:
        self.parent = parent
        self.fields: dict[str, Owner] = {}
        self.gone = 0
        """The line on which the value was given away."""
        self.excused = False
        """Whether it is gone in a way that need not be reported again: by `del`, or by what was a mistake itself."""
        self.deleted = False
        """Whether there is no such variable any more."""
        self.views: list[Owner] = []
        """Who only looks at this value, and no longer can when it goes."""
        self.lent = False
        """Whether the value really belongs to somebody else."""
        self.binding: int | None = None
        """For a view that a loop or pattern made: which one."""
        self.element = False
        """For a view: whether it looks at an element of a list, which may be any of them."""
        self.looped = 0
        """For what a loop over a list has bound: the line of the loop."""
        self.run: Owner | None = None
        """For that, too: the run of the loop, by its iterator."""
        self.stale = 0
        """For what a loop over a display has bound that was given away by then: the line of the loop."""
        self.beside: list[Owner] | None = None
        """For what such a loop has bound: what it has bound in the other rounds."""
        self.is_twice = False
        """For what a loop over pairs has bound: whether these have the value once more."""
        self.source: Owner | None = None
        """For a view: whose value it looks at."""
        self.guarded = False
        """For a view that a pattern made: whether its guard is being evaluated."""
        self.origin: tuple[str, ...] = ()
        """For what a function captured, while its body is run alone: the variable, and the fields."""

        self.generator: object = None
        """For a generator of coins: what it does when it runs."""

    def at(self, path: tuple[str, ...]) -> Owner:
        owner = self
        for name in path:
            if name not in owner.fields:
                owner.fields[name] = Owner(owner)
                owner.fields[name].lent = owner.lent
                owner.fields[name].origin = (*owner.origin, name) if owner.origin else ()
            owner = owner.fields[name]
        return owner

    def above(self) -> Iterator[Owner]:
        owner = self.parent
        while owner is not None:
            yield owner
            owner = owner.parent

    def below(self) -> Iterator[Owner]:
        yield self
        for child in self.fields.values():
            yield from child.below()

    def shares_place(self, other: Owner) -> bool:
        return self is other or self in other.above() or other in self.above()

    def overlaps(self, other: Owner) -> bool:
        """Whether the two have a value, or a part of one, in common."""
        mine, others = set(self._places()), set(other._places())
        return any(not mine.isdisjoint((each, *each.above())) for each in others) or any(
            not others.isdisjoint((each, *each.above())) for each in mine
        )

    def sources(self) -> Iterator[Owner]:
        """For a view: what it looks at, and what that looks at."""
        owner = self.source
        while owner is not None:
            yield owner
            owner = owner.source

    def taken_for_another(self, other: Owner) -> bool:
        """Whether both stand for what loops over displays have bound, and neither for what the other one does."""
        mine = next((each for each in (self, *self.sources()) if each.beside is not None), None)
        its = next((each for each in (other, *other.sources()) if each.beside is not None), None)
        if mine is None or its is None or mine is its:
            return False
        return mine not in its.sources() and its not in mine.sources()

    def container(self) -> Owner | None:
        """For what stands for an element: the list that it is in."""
        owner: Owner | None = self
        while owner is not None and not owner.element:
            owner = owner.source
        return owner.source if owner is not None else None

    def _places(self) -> Iterator[Owner]:
        """Where the value really is: for a view, what it looks at; elements of a list are taken for different ones."""
        owner: Owner | None = self
        while owner is not None:
            yield owner
            owner = owner.source if not owner.element else None
