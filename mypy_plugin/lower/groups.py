"""Tasks that two places have: a group and a variable, a list and a variable, or two variables (rules, section 7).

What a variable has of a group finishes with that, and what else it may have does not. A task that was put into a list
and is in a variable, too, finishes by whichever of the two it is awaited. So what two places have is in a place of its
own. Owns these places, and which group they are of; who holds what is for `task_moves`, and when it finishes, for
`task_ends`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mypy.nodes import Var

from .places import Path

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Groups"]


class Groups:
    """The groups of one body. One that has tasks together with another place is a group to that as well."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._of: dict[int, int] = {}
        """For each place that holds tasks of a group: the group."""
        self._shares: dict[tuple[int, int], int] = {}
        """For each place and group: the place that holds what both have."""

    def of(self, place: int) -> int | None:
        """The group that the tasks are of which a place holds."""
        return self._of.get(place)

    def put(self, place: int, group: int) -> None:
        """What a place holds is of a group from here on, wherever that is left: an exception may leave it before."""
        self._of[place] = group
        self._body.graph.groups.setdefault(group, set()).add(place)

    def share(self, place: int, group: int) -> int:
        """The place that holds what a variable gets that a group has as well. What is no variable is of the group."""
        (variable, path), (grouping, way) = map(self._body.places.path_to, (place, group))
        if variable is None or grouping is None:
            if place not in self._of:
                self.put(place, group)
            return place
        self._body.inferred.groups.add((variable, path), (grouping, way))
        self._body.inferred.members.add((grouping, way), (variable, path))
        return self._share(place, group)

    def apart(self, place: int, group: int) -> int:
        """The place that holds what an expression gives of a group, apart from the rest of what it gives."""
        return self._share(place, group)

    def are_variables(self, *places: int) -> bool:
        """Whether all of them are variables, or fields of some, and no places of our own."""
        return all(self._body.places.path_to(place)[0] is not None for place in places)

    def all_of(self, place: int) -> Sequence[int]:
        """The places that hold what a variable has, alone or together with others."""
        return (place, *(share for share, _ in self.shares(place)))

    def shares(self, place: int) -> Iterator[tuple[int, int]]:
        """The places that hold what a variable has together with another place, each with that one."""
        variable, path = self._body.places.path_to(place)
        if variable is None:
            return
        for group in self._body.inferred.groups.of((variable, path)):
            its = self._place_of(*group)
            yield self._share(place, its), its
        for member in self._body.inferred.members.of((variable, path)):
            its = self._place_of(*member)
            yield self._share(its, place), its

    def _share(self, place: int, group: int) -> int:
        share = self._shares.get((place, group))
        if share is None:
            share = self._shares[place, group] = self._body.graph.add_place(self._body.graph.places[place].name)
            self.put(share, group)
        return share

    def _place_of(self, variable: Var, path: Path) -> int:
        return self._body.places.below(self._body.places.capture(variable), path)
