"""The ownership graph of one body: places, and basic blocks of events. Plain data that prints itself.

This module must never know Python's syntax, mypy, or how findings are worded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from .events import Event, Ownership

__all__ = [
    "Block",
    "Branch",
    "Graph",
    "Jump",
    "Loop",
    "Place",
    "Why",
]


class Why(Enum):
    """The reasons for a jump."""

    RETURN = auto()
    RAISE = auto()
    """A `raise`, as the program has written it."""
    EXCEPTION = auto()
    """An exception out of a call, an await, a subscript: of what may fail in a program whose types are right."""
    UNLIKELY = auto()
    """An exception out of anything else: an attribute, an operator, an `assert`."""
    NO_EXCEPTION = auto()
    """What `except Exception` lets through, as the cancellation of a task."""


class Jump(NamedTuple):
    """Why control goes from a block to a successor, and on which line."""

    why: Why
    line: int


class Place:
    """A node in the tree of places; `parent` and `children` are indexes into `Graph.places`."""

    __slots__ = ("children", "index", "name", "ownership", "parent")

    def __init__(self, index: int, name: str, ownership: Ownership, parent: int | None) -> None:
        self.index = index
        self.name = name
        self.ownership = ownership
        self.parent = parent
        self.children: list[int] = []


class Branch(NamedTuple):
    """A decision at the end of a block: its first successor is taken when the condition holds."""

    line: int
    text: Callable[[], str | None]
    """The condition as the program spells it, or None when it is too long to quote."""


class Loop(NamedTuple):
    """A loop that blocks lie in. `word` is what a reader calls it: `loop` or `comprehension`."""

    word: str
    line: int
    parent: Loop | None


class Block:
    """A basic block: events in order of evaluation, then a jump to one of the successors."""

    __slots__ = ("branch", "events", "index", "jumps", "loop", "successors")

    def __init__(self, index: int, loop: Loop | None = None) -> None:
        self.index = index
        self.loop = loop
        self.events: list[Event] = []
        self.successors: list[int] = []
        self.branch: Branch | None = None
        self.jumps: dict[int, Jump] = {}
        """For each successor to which control jumps: why. Kept only where somebody asks for it."""


class Leaving(NamedTuple):
    """Where an exception leaves: a block, how many of its events have happened, and the moves that it calls off."""

    block: int
    position: int
    called_off: Sequence[Event]


@dataclass(slots=True)
class Graph:
    """The control-flow graph of one body. Block 0 is its entry."""

    name: str
    places: list[Place] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    """Blocks from which the body is left, by return or by exception."""
    raised: int | None = None
    """The one of them for exceptions."""
    thrown: int | None = None
    """The one of them to which exceptions lead that nobody has written there."""
    pauses: set[int] = field(default_factory=set)
    """Blocks at whose end a nested generator has given an element: others run until it is asked for the next one."""
    leaves: list[Leaving] = field(default_factory=list)
    """Where an exception may leave a nested body."""
    groups: dict[int, set[int]] = field(default_factory=dict)
    """For each place that is a group of tasks, or shares those that it has: the places that hold a part of them."""

    def add_place(self, name: str, ownership: Ownership = Ownership.OWNED, parent: int | None = None) -> int:
        """Append a place and return its index; a child has its parent's ownership."""
        index = len(self.places)
        if parent is not None:
            ownership = self.places[parent].ownership
            self.places[parent].children.append(index)
        self.places.append(Place(index, name, ownership, parent))
        return index

    def add_block(self, loop: Loop | None = None) -> Block:
        """Append an empty block."""
        block = Block(len(self.blocks), loop)
        self.blocks.append(block)
        return block

    def ancestors(self, place: int) -> list[int]:
        """The places that `place` lies below, nearest first; not `place` itself."""
        found = []
        parent = self.places[place].parent
        while parent is not None:
            found.append(parent)
            parent = self.places[parent].parent
        return found

    def root(self, place: int) -> int:
        """The variable that `place` hangs on; a variable is its own root."""
        parent = self.places[place].parent
        return place if parent is None else self.root(parent)

    def subtree(self, place: int) -> Iterator[int]:
        """`place` and all that lies below it."""
        yield place
        for child in self.places[place].children:
            yield from self.subtree(child)

    def overlap(self, one: int, other: int) -> bool:
        """Whether two places are the same, or one is a part of the other."""
        if one == other:
            return True
        if self.places[one].parent is None and self.places[other].parent is None:
            return False
        return one in self.ancestors(other) or other in self.ancestors(one)

    def members(self, group: int) -> list[int]:
        """The places that hold what is of a group, or of one that is left with it."""
        found = [group]
        for place in found:
            found += self.groups.get(place, set()).difference(found)
        return found

    def left_with(self, group: int) -> list[int]:
        """The groups that are left with one, which comes first."""
        return [group, *(place for place in self.members(group)[1:] if place in self.groups)]

    def __str__(self) -> str:
        lines = [f"graph {self.name}"]
        for block in self.blocks:
            jump = ", ".join(map(str, block.successors)) or "exit"
            branch = f" if line {block.branch.line}" if block.branch else ""
            lines.append(f"  {block.index}:{branch} -> {jump}")
            for event in block.events:
                to = f" -> {event.to.into.name} {event.to.name}".rstrip() if event.to else ""
                fault = f" !{event.fault.name}" if event.fault else ""
                name = self.places[event.place].name
                lines.append(f"    {event.kind.name} {name}{to}{fault}  (line {event.node.line})")
        return "\n".join(lines)

    def dot(self) -> str:
        """The graph in Graphviz's language."""
        lines = [f'digraph "{self.name}" {{', "  node [shape=box, fontname=monospace];"]
        for block in self.blocks:
            events = (
                f"{event.kind.name} {self.places[event.place].name} :{event.node.line}\\l" for event in block.events
            )
            lines.append(f'  {block.index} [label="{block.index}\\l{"".join(events)}"];')
            lines.extend(f"  {block.index} -> {successor};" for successor in block.successors)
        return "\n".join([*lines, "}"])
