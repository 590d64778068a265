"""Generators: what they captured and were lent, and what they do with it each time that they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .functions import Function
from .owner import Owner
from .tasks import Tasks
from .truth import Truth

__all__ = ["Generator", "Generators"]


@dataclass(eq=False)
class Generator:
    """What runs when it is asked for an element."""

    line: int
    looks: list[Callable[[], Owner]] = field(default_factory=list)
    """What the variables hold by now that it captured."""
    alone: list[Callable[[], Owner]] = field(default_factory=list)
    """Of these, what it does more to than look at."""
    lent: list[tuple[Owner, bool]] = field(default_factory=list)
    """What it was lent, by a name of its own; whether alone."""
    function: Function | None = None
    """The nested function whose call it is."""
    takes: list[tuple[Callable[[], Owner], Owner]] = field(default_factory=list)
    """What the variables hold by now that the function took, and what they held when it was called."""
    is_over: bool = False
    pours: bool = False
    """Whether it gives coins."""


class Generators(Tasks):
    """A generator looks again at what it captured each time that it runs."""

    # Where they are made

    def generator(
        self,
        line: int,
        name: str,
        body: Callable[..., object],
        variables: Callable[[], tuple[Owner, ...]],
        names: list[str],
        _: object,
        source: Owner | None,
    ) -> Generator:
        """A generator expression, after it has done where it stands what it does. It looks again when it is used."""
        if name not in self._bodies and not self.off:
            truth = self._study(body, names)
            # What is wrong in it has been wrong where it stands.
            self._bodies[name] = Truth(moved=truth.moved, touched=truth.touched, alone=truth.alone)
        truth = self._bodies.get(name, Truth())
        captured = Function(line, variables, names, [], [], [], [], set(), Owner())
        made = Generator(line)
        for place in sorted(truth.touched):
            if any(place[:end] in truth.moved for end in range(len(place) + 1)):
                continue
            made.looks.append(captured.holding(place))
            if place in truth.alone:
                made.alone.append(captured.holding(place))
        if source is not None:
            made.lent.append((source, False))
        self.changed = True
        return made

    def generator_of(self, line: int, raises: int, function: Function) -> Generator:
        """A nested function is called that yields. It takes what the variables hold when it runs."""
        self._use_function(line, function, once=True)
        self.maybe_raise(raises)
        made = Generator(line, function=function)
        made.looks = [function.holding(place) for place in function.looks]
        made.alone = [function.holding(place) for place in function.alone]
        made.takes = [(now, now()) for now in map(function.holding, function.moves)]
        self.changed = True
        return made

    def generator_with(
        self,
        line: int,
        _: Owner,
        view: Owner | None = None,
        exclusive: bool = False,
    ) -> Generator:
        """A call gives a generator, which has what it was lent until it is used for the last time."""
        return Generator(line, lent=[(view, exclusive)] if view is not None else [])

    def iterator(self, binding: int, root: Owner, *path: str) -> Owner | None:
        """A name that a generator has for what it was lent, or goes through, unless it has taken that."""
        return None if binding in self._taken else self._view(root.at(path), None)

    def element(self, root: Owner, *path: str) -> Owner:
        """A name that a generator has for an element that it was lent."""
        view = self._view(root.at(path), None)
        view.element = True
        return view

    # Of coins: they have an owner, and are taken to have what they give, as a list has its elements

    def flow(self, generator: Generator) -> Owner:
        """A variable has a generator of coins."""
        owner = self.init(Owner())
        owner.generator, generator.pours = generator, True
        return owner

    def rename_flow(self, line: int, root: Owner) -> Owner:
        """A generator of coins gets another name, which does not run it."""
        self._look_through(line, _in(root))
        self.move(line, 0, root)
        return self.flow(_in(root))

    def give_flow(self, line: int, root: Owner) -> Owner:
        """A generator of coins is given away; who has it then may run it."""
        self._run_flow(line, root)
        return self.move(line, 0, root)

    def next_coin(self, line: int, root: Owner, is_taken: int) -> None:
        self._run_flow(line, root)
        if is_taken:
            self.pop(line, 0, root)
        else:
            self.look(line, 0, root)

    def each_coin(self, line: int, raises: int, binding: int, root: Owner) -> Iterator[Owner]:
        """A loop over a generator of coins."""
        generator = _in(root)
        self._look_through(line, generator)
        source = None if binding in self._taken else root
        if source is None:
            self.move(line, 0, root)
        else:
            self.look(line, 0, root)
        self.maybe_raise(raises)
        iterator = self._view(source, None) if source is not None else None
        return (self._element(line, source, iterator, binding) for _ in self._rounds(line, raises, generator))

    def _run_flow(self, line: int, root: Owner) -> None:
        self._resume(line, _in(root))

    # When they run

    def next_of(self, line: int, generator: Generator) -> None:
        self._resume(line, generator)

    def all_of(self, line: int, generator: Generator) -> None:
        self._resume(line, generator)
        generator.is_over = True

    def each_of(self, line: int, raises: int, generator: Generator) -> Iterator[int]:
        """A loop over a generator, which also has to run to know that there is nothing more."""
        self._look_through(line, generator)
        self.maybe_raise(raises)
        return self._rounds(line, raises, generator)

    def _rounds(self, line: int, raises: int, generator: Generator) -> Iterator[int]:
        for number in range(self._turns + 1):
            self._resume(line, generator, again=number > 0)
            self.maybe_raise(raises)
            if number == self._turns or not self.choose():
                break
            self.changed = True
            yield number
        generator.is_over = True

    def _resume(self, line: int, generator: Generator, *, again: bool = False) -> None:
        """A generator runs for a while. `again`: for another round of a loop."""
        self._look_through(line, generator, again=again)
        function = generator.function
        for owner in [now() for now in generator.alone] + [view for view, exclusive in generator.lent if exclusive]:
            if function is None or owner not in function.took:
                self._alone(line, owner, moves=True)
        if any(exclusive for _, exclusive in generator.lent):
            self._resumed.add(line)
        if any(now() is not before for now, before in generator.takes):
            if generator.is_over:
                # It has run to its end, but nobody who reads it knows that.
                self.allowed.append(generator.line)
            else:
                self.mistake(generator.line)
            generator.takes.clear()
        self.changed = True

    def _look_through(self, line: int, generator: Generator, *, again: bool = False) -> None:
        """What a generator captured, and what it was lent, must be there."""
        function = generator.function
        owners = [(now(), True) for now in generator.looks]
        owners += [(view, False) for view, _ in generator.lent]
        for owner, captured in owners:
            if captured and function is not None and function.has_taken(owner):
                self.allowed.append(line)
                continue
            is_missed = generator.pours and not captured and any(each.gone for each in (*owner.above(), *owner.below()))
            if again:
                self._touch_again(line, owner)
            self._touch(line, owner, function.took if function is not None else ())
            if is_missed:
                # A loop has an iterator of its own, so whether this is said of each of the two is left open.
                owner.gone, owner.excused = line, True

    def _touch_again(self, line: int, owner: Owner) -> None:
        """What moves in a loop and is looked at in its next round may be reported where it moves."""
        gone = {each.gone for each in (*owner.above(), *owner.below()) if each.gone and not each.excused}
        if gone and not self.off:
            self.echoes.add((line, *gone))
            self._forgive(owner)


def _in(root: Owner) -> Generator:
    """The generator that a variable has."""
    assert isinstance(root.generator, Generator)
    return root.generator
