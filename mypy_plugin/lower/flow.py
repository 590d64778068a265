"""Control flow: basic blocks, loops, jumps through `finally`, and where exceptions land (rules, section 6).

Owns the shape of the graph while a body is lowered. Statements and expressions ask it to branch, to jump and to say
"this may raise"; only it knows blocks. It must never know mypy: what a `finally` does is a callable to it.

`finally` is exact. Each way of leaving a `try` (falling through, an exception, and each jump target) gets its own
copy of the `finally` body, made when it is first needed and shared by all jumps to the same target; so what a path
that leaves by `return` has moved is never blamed on the path that falls through. Only far inside of other `finally`
bodies, where copies of copies would grow without bound, do all ways share one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from ..events import Event, Kind, Located
from ..graph import Block, Branch, Graph, Jump, Leaving, Loop, Why

__all__ = ["Flow"]


@dataclass(slots=True)
class _LoopFrame:
    head: int
    after: int


@dataclass(slots=True)
class _HandlerFrame:
    handler: int
    catches: Sequence[frozenset[str] | None]
    """For each clause, the classes that it names; None if it may catch anything. Nothing, if there are no clauses."""
    loop: Loop | None
    landings: dict[tuple[int, bool], Block] = field(default_factory=dict)
    """Where exceptions arrive that none of the clauses before a clause can catch, by its number; and by whether it does
    catch them, or only may."""


@dataclass(slots=True)
class _FinallyFrame:
    lower_body: Callable[[], None]
    sees: bool
    """Whether what runs there sees the places of the body. To leave a `with` does not."""
    copies: dict[object, int] = field(default_factory=dict)
    """The entry of the copy for each way of leaving, by what names that way."""
    shared_end: Block | None = None
    """Where the one copy ends that all ways share, when copies of copies would be too many."""


_Frame: TypeAlias = _LoopFrame | _HandlerFrame | _FinallyFrame


def _sees(frame: _Frame) -> bool:
    """Whether an exception inside comes to code of the body."""
    return isinstance(frame, _HandlerFrame) or (isinstance(frame, _FinallyFrame) and frame.sees)


_RAISE = "raise"
_SHARED = "shared"
_NOTHING_CALLED_OFF = nullcontext()
_EXACT_COPIES = 3
"""How deep a `finally` may stand in the `finally` of another before its copies are shared: they multiply."""


class Flow:
    """Builds the blocks of one graph. `current` is where the next event goes."""

    def __init__(self, graph: Graph, *, raises_leave: bool, says_why: bool = False, is_nested: bool = False) -> None:
        self._graph = graph
        self._frames: list[_Frame] = []
        self._loop: Loop | None = None
        self._copying = 0
        """How many `finally` bodies are being copied around what is lowered now."""
        self.is_abrupt = False
        """Whether what is lowered now is the `finally` of a jump or an exception, and not of falling through."""
        self.current = graph.add_block()
        self.exit = graph.add_block()
        self.raised = graph.add_block()
        """Where exceptions leave."""
        graph.exits += self.exit.index, self.raised.index
        graph.raised = self.raised.index
        self._thrown = graph.add_block() if says_why else self.raised
        """Where exceptions leave that nobody has written here."""
        if says_why:
            graph.thrown = self._thrown.index
            graph.exits.append(graph.thrown)
        self._says_why = says_why
        """Whether edges are told apart by what makes control take them; raises leave, then."""
        self._has_likely = False
        """Whether the last edge to a handler stands for something that is likely to raise."""
        self._raises_leave = raises_leave or says_why
        """Whether an exception that nothing catches is an edge to an exit: only some questions need it."""
        self._is_nested = is_nested
        """Whether it is noted where such an exception leaves."""
        self._unfinished: list[Event] = []
        """Moves into something that is being made, or waited for: a tuple, a list, what tasks give."""
        self._called_off: Collection[Located] = ()
        """Where what moves goes into something of that kind, too."""
        self._changed = True
        """Whether the state may differ from what the last edge to a handler carried: only then another is needed."""

    # Events and blocks

    def emit(self, event: Event) -> None:
        """Append an event to the current block."""
        self.current.events.append(event)
        if event.kind is not Kind.LOOK:
            self._changed = True
            if event.node in self._called_off and event.kind is Kind.MOVE:
                self._unfinished.append(event)

    def new_block(self) -> Block:
        """Make a block in the current loop; nothing leads to it yet."""
        return self._graph.add_block(self._loop)

    def go_on_in(self, block: Block) -> None:
        """Let what follows go into `block`, without an edge to it."""
        self.current = block
        self._changed = True

    def edge(self, block: Block) -> None:
        """Add an edge from the current block."""
        if block.index not in self.current.successors:
            self.current.successors.append(block.index)

    def fall_into(self, block: Block) -> None:
        """Jump to `block` and go on there."""
        self.edge(block)
        self.current = block
        self._changed = True

    def branch(self, branch: Branch | None, then: Block, otherwise: Block) -> None:
        """End the current block with a decision."""
        if then.index != otherwise.index:
            self.current.branch = branch
        self.current.successors = [then.index, otherwise.index]

    def stop(self) -> None:
        """Control never gets here: what follows is unreachable."""
        self.go_on_in(self.new_block())

    # Loops and jumps

    @contextmanager
    def loop(self, word: str, line: int, *, enters_head: bool = True) -> Iterator[tuple[Block, Block, Block]]:
        """Everything inside belongs to a loop. `enters_head`: it begins with its head, as each round does.

        Gives its head (the target of `continue`), the block for when it ends by itself, and the target of `break`.
        """
        done, after = self.new_block(), self.new_block()
        outer = self._loop
        self._loop = Loop(word, line, outer)
        head = self.new_block()
        if enters_head:
            self.edge(head)
        self.go_on_in(head)
        self._push(_LoopFrame(head.index, after.index))
        yield head, done, after
        self._pop()
        self._loop = outer

    @property
    def is_in_loop(self) -> bool:
        """Whether what is lowered now may run more than once."""
        return self._loop is not None

    def jump_out_of_loop(self) -> None:
        """`break`."""
        depth, frame = self._innermost_loop()
        self._jump(("break", frame.after), frame.after, depth + 1)

    def jump_to_next_iteration(self) -> None:
        """`continue`."""
        depth, frame = self._innermost_loop()
        self._jump(("continue", frame.head), frame.head, depth + 1)

    def leave(self, line: int) -> None:
        """`return`."""
        self._jump("return", self.exit.index, 0, Jump(Why.RETURN, line) if self._says_why else None)

    def _innermost_loop(self) -> tuple[int, _LoopFrame]:
        for depth in reversed(range(len(self._frames))):
            frame = self._frames[depth]
            if isinstance(frame, _LoopFrame):
                return depth, frame
        raise AssertionError("break or continue outside of a loop: mypy rejects it before we run")

    def _jump(self, way: object, target: int, outermost: int, jump: Jump | None = None) -> None:
        """Go to `target`, first through every `finally` from the innermost frame out to `outermost`."""
        for depth in reversed(range(outermost, len(self._frames))):
            frame = self._frames[depth]
            if isinstance(frame, _FinallyFrame):
                go_on = partial(self._jump, way, target, outermost)
                target = self._copy_of_finally(frame, depth, way, go_on)
                break
        self._edge_of(jump, self._graph.blocks[target])
        self.stop()

    def _edge_of(self, jump: Jump | None, block: Block) -> None:
        self.edge(block)
        if jump is not None and self._says_why:
            self.current.jumps[block.index] = jump

    def _copy_of_finally(self, frame: _FinallyFrame, depth: int, way: object, go_on: Callable[[], None]) -> int:
        if way not in frame.copies:
            kept = self.current, self._frames, self._unfinished
            self._frames, self._unfinished = self._frames[:depth], []
            if frame.shared_end is not None:
                frame.copies[way] = frame.copies[_SHARED]
                self.go_on_in(frame.shared_end)
            else:
                entry = self.new_block()
                frame.copies[way] = entry.index
                self.go_on_in(entry)
                was_abrupt, self.is_abrupt = self.is_abrupt, True
                self._lower_finally(frame)
                self.is_abrupt = was_abrupt
                if self._copying >= _EXACT_COPIES:
                    frame.copies[_SHARED], frame.shared_end = entry.index, self.current
            go_on()
            self.current, self._frames, self._unfinished = kept
        return frame.copies[way]

    def _lower_finally(self, frame: _FinallyFrame) -> None:
        self._copying += 1
        frame.lower_body()
        self._copying -= 1

    # Exceptions

    def may_raise(
        self, line: int | None = None, *, stored: bool = False, caught_by: frozenset[str] | None = None
    ) -> None:
        """An exception may leave from here, with the state as it is now.

        `line`: of a call, an await, a subscript. What else there is fails only where the types are wrong. `stored`:
        only by reading or assigning stored data, which raises where nobody expects it, if at all. A handler may still
        see it; but nothing has to be given back for its sake. `caught_by`: the classes that catch it, if known.
        """
        if stored and not any(map(_sees, self._frames)):
            return
        likely = line is not None and self._says_why
        if not self._changed and (self._has_likely or not likely):
            return
        target = self._exception_target(caught_by=caught_by) if self._frames or self._raises_leave else None
        if target is not None:
            why = Why.UNLIKELY if line is None else Why.EXCEPTION
            self._edge_of_exception(Jump(why, line or 0) if self._says_why else None, target)
            self.fall_into(self.new_block())
        elif self._is_nested:
            self._leave_nested()
        if caught_by is not None:
            return
        self._changed = False
        self._has_likely = likely

    def may_raise_after(self, events: Sequence[Event], line: int) -> None:
        """An exception may leave from here after these events, which do not happen if none does."""
        target = self._exception_target() if self._frames or self._raises_leave else None
        if target is not None:
            self._edge_of_exception(Jump(Why.EXCEPTION, line) if self._says_why else None, target, events)
            self.fall_into(self.new_block())

    def _leave_nested(self) -> None:
        """An exception leaves a nested body from here."""
        self._graph.leaves.append(Leaving(self.current.index, len(self.current.events), [*self._unfinished]))

    def pause(self) -> None:
        """A generator gives an element, and goes on when it is asked for the next one."""
        self._graph.pauses.add(self.current.index)
        self.fall_into(self.new_block())

    def _edge_of_exception(self, jump: Jump | None, target: Block, first: Sequence[Event] = ()) -> None:
        """Go to `target`, after what happens `first`; what was moved into something unfinished is back where it was."""
        if not self._unfinished and not first:
            self._edge_of(jump, target)
            return
        landing = self.new_block()
        self._edge_of(jump, landing)
        kept = [Event(Kind.KEEP, move.place, move.node, move.expression) for move in self._unfinished]
        landing.events = [*first, *kept]
        landing.successors = [target.index]

    def raise_here(self, jump: Jump | None = None, caught_by: frozenset[str] | None = None) -> None:
        """An exception goes on from here, and nothing else. `jump`: what makes it, if it is made here.

        `caught_by`: the classes that catch it, if known.
        """
        target = self._exception_target(self._thrown if jump is None else self.raised, caught_by=caught_by)
        if target is not None:
            self._edge_of(jump, target)
        elif self._is_nested:
            self._leave_nested()
        self.stop()

    def propagate(self, jump: Jump | None = None) -> None:
        """An exception that arrived in the current block may go on outwards."""
        target = self._exception_target()
        if target is not None:
            self._edge_of(jump, target)
        elif self._is_nested:
            self._leave_nested()

    @contextmanager
    def handler(
        self, block: Block, catches: Sequence[frozenset[str] | None] = ()
    ) -> Iterator[Callable[[int, bool], None]]:
        """Exceptions inside land in `block`. `catches`: for each clause there, the classes that it names, if known.

        Gives what is to be called, with the number of each clause, where that is tried (False) and where it is entered.
        """
        frame = _HandlerFrame(block.index, catches, self._loop)
        self._push(frame)
        yield partial(self._land, frame)
        self._pop()

    def _land(self, frame: _HandlerFrame, clause: int, is_entered: bool) -> None:
        landing = frame.landings.get((clause, is_entered))
        if landing is not None:
            self.fall_into(landing)

    @contextmanager
    def finally_(self, lower_body: Callable[[], None], *, sees: bool = True) -> Iterator[None]:
        """However the inside is left, `lower_body` runs; the copy for falling through is made at the end."""
        frame = _FinallyFrame(lower_body, sees)
        self._push(frame)
        yield
        self._pop()
        if frame.shared_end is None:
            self._lower_finally(frame)
            return
        self.edge(self._graph.blocks[frame.copies[_SHARED]])
        self.go_on_in(frame.shared_end)
        self.fall_into(self.new_block())

    def goes_on_in_finally(self) -> bool:
        """Whether a way out from here leads through a `finally` that the program has written."""
        return any(isinstance(frame, _FinallyFrame) and frame.sees for frame in self._frames)

    @contextmanager
    def unfinished(self) -> Iterator[list[Event]]:
        """A tuple is made inside. Gives the list for the moves into it, which an exception inside calls off.

        Nothing can see a tuple that is never finished: what it was given is where it was before.
        """
        outer, self._unfinished = self._unfinished, []
        yield self._unfinished
        self._unfinished = outer
        self._changed = True

    def called_off(self, nodes: Collection[Located]) -> AbstractContextManager[None]:
        """What moves inside where one of these stands has not moved if an exception leaves from inside."""
        return self._calling_off(nodes) if nodes else _NOTHING_CALLED_OFF

    @contextmanager
    def _calling_off(self, nodes: Collection[Located]) -> Iterator[None]:
        outer = self._unfinished, self._called_off
        self._unfinished, self._called_off = [*self._unfinished], nodes
        yield
        self._unfinished, self._called_off = outer
        self._changed = True

    def _exception_target(
        self, outside: Block | None = None, *, caught_by: frozenset[str] | None = None
    ) -> Block | None:
        for depth in reversed(range(len(self._frames))):
            frame = self._frames[depth]
            if isinstance(frame, _HandlerFrame):
                if caught_by is None or not frame.catches:
                    return self._graph.blocks[frame.handler]
                for clause, classes in enumerate(frame.catches):
                    if classes is None or classes & caught_by:
                        way = clause, classes is not None
                        if way not in frame.landings:
                            frame.landings[way] = self._graph.add_block(frame.loop)
                        return frame.landings[way]
            if isinstance(frame, _FinallyFrame):
                # What is known of an exception is known of it when it goes on.
                go_on = partial(self.raise_here, caught_by=caught_by)
                return self._graph.blocks[self._copy_of_finally(frame, depth, (_RAISE, caught_by), go_on)]
        return (outside or self._thrown) if self._raises_leave else None

    def _push(self, frame: _Frame) -> None:
        self._frames.append(frame)
        self._changed = True

    def _pop(self) -> None:
        self._frames.pop()
        self._changed = True
