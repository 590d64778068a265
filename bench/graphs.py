"""Functions of any length as ownership graphs: what lowering makes of them, without mypy having to read them.

mypy itself needs minutes for a function of 100,000 statements, of which the solver's time would be a small part. Each
`unit` is four statements:

    part = budget.split(n)      looks at the budget; `part` has a new value
    if part.remaining > n:      looks at the part
        budget.merge(part)      looks at the budget; the part moves into it, on one of two ways
    else:
        take(part)              the part moves, on the other
"""

from __future__ import annotations

from dataclasses import dataclass

from mypy_plugin.events import Destination, Event, Into, Kind, Ownership
from mypy_plugin.graph import Block, Graph, Loop

__all__ = ["deep", "long"]

_STATEMENTS = 4
_PARAMETER = Destination(Into.PARAMETER, "budget", "take")
_RECEIVER = Destination(Into.RECEIVER, "budget", "merge")


@dataclass(eq=False)
class _At:
    """A line of a source that nobody has written."""

    line: int
    column: int = 0


class _Function:
    """A graph that grows at its end."""

    def __init__(self) -> None:
        self.graph = Graph("f")
        self.statements = 0
        self.budget = self.graph.add_place("budget", Ownership.BORROWED)
        self.end = self.graph.add_block()

    def _event(self, block: Block, kind: Kind, place: int, to: Destination | None = None) -> None:
        line = self.statements
        block.events.append(Event(kind, place, _At(line), line, to))

    def _after(self, *blocks: Block, loop: Loop | None) -> Block:
        new = self.graph.add_block(loop)
        for block in blocks:
            block.successors.append(new.index)
        return new

    def unit(self) -> None:
        """Four more statements."""
        part = self.graph.add_place(f"part{self.statements}")
        loop = self.end.loop
        self.statements += 1
        self._event(self.end, Kind.LOOK, self.budget)
        self._event(self.end, Kind.INIT, part)
        self.statements += 1
        self._event(self.end, Kind.LOOK, part)
        yes, no = self._after(self.end, loop=loop), self._after(self.end, loop=loop)
        self.statements += 1
        self._event(yes, Kind.MOVE, part, _RECEIVER)
        self._event(yes, Kind.LOOK, self.budget)
        self.statements += 1
        self._event(no, Kind.MOVE, part, _PARAMETER)
        self.end = self._after(yes, no, loop=loop)

    def finish(self) -> tuple[int, Graph]:
        """The number of statements, and the graph."""
        self.graph.exits.append(self.end.index)
        return self.statements, self.graph

    def loop(self) -> Block:
        """The head of a loop that begins at the end; `close` ends it."""
        self.statements += 1
        head = self._after(self.end, loop=Loop("loop", self.statements, self.end.loop))
        self._event(head, Kind.LOOK, self.budget)
        self.end = self._after(head, loop=head.loop)
        return head

    def close(self, head: Block) -> None:
        """The end of the innermost loop's body."""
        self.end.successors.append(head.index)
        assert head.loop is not None
        self.end = self._after(head, loop=head.loop.parent)


def long(statements: int) -> tuple[int, Graph]:
    """One unit after the other; every tenth in a loop of its own."""
    function = _Function()
    for number in range(statements // _STATEMENTS):
        if number % 10 == 0:
            head = function.loop()
            function.unit()
            function.close(head)
        else:
            function.unit()
    return function.finish()


def deep(depth: int, each: int) -> tuple[int, Graph]:
    """So many loops, each in the one before it, with so many statements in each."""
    function = _Function()
    heads = []
    for _ in range(depth):
        heads.append(function.loop())
        for _ in range(each // _STATEMENTS):
            function.unit()
    for head in reversed(heads):
        function.close(head)
    return function.finish()
