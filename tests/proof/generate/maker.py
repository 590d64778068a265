"""One program being made: what chance says, what can be named by now, and the tables of what is offered.

Must never know a construct of the language.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from ..language import Block, Condition, Number, Statement, Value
from ..language.expressions import Place
from ..language.statements import Break, Continue, Raise, Return

__all__ = ["DICT", "Maker", "Offer", "Offers"]

T = TypeVar("T")

Offer: TypeAlias = tuple[float, Callable[[], T]]
"""How likely something is, beside what else is offered, and what makes it."""

DICT = Place(("d",))


def _nothing(_: Maker, __: int) -> Iterator[Offer[T]]:
    return iter(())


@dataclass(frozen=True)
class Offers:
    """What a topic has to offer. Each is told how deep what it makes may be, or is."""

    statements: Callable[[Maker, int], Iterator[Offer[Statement]]] = _nothing
    coins: Callable[[Maker, int], Iterator[Offer[Value]]] = _nothing
    numbers: Callable[[Maker, int], Iterator[Offer[Number]]] = _nothing
    conditions: Callable[[Maker, int], Iterator[Offer[Condition]]] = _nothing


@dataclass(frozen=True)
class Scope:
    """What can be named at one point of a program."""

    bound: tuple[str, ...] = ()
    """Names that a loop or pattern has bound to a coin."""
    lists: tuple[str, ...] = ()
    """Names that an unpacking has bound to a list."""
    views: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    """Lists of what others own."""
    in_loop: bool = False
    functions: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()
    """Functions that give captured variables new values."""
    later_givers: tuple[str, ...] = ()
    """Those that run when they are awaited."""
    gives: tuple[str, ...] = ()
    """The variables that the function gives new values whose body this is."""
    gives_back: bool = False
    """Whether it does so on every way out."""
    workers: tuple[str, ...] = ()
    """Functions that run later."""
    yielding: tuple[str, ...] = ()
    """Functions that yield."""
    generators: tuple[str, ...] = ()
    pouring: tuple[str, ...] = ()
    """Functions that yield coins."""
    flows: tuple[str, ...] = ()
    """Generators of coins."""
    tasks: tuple[str, ...] = ()
    """Tasks that give a number."""
    makers: tuple[str, ...] = ()
    """Tasks that give a coin."""
    jobs: tuple[str, ...] = ()
    """Lists of tasks."""
    kept: tuple[str, ...] = ()
    gathered: tuple[str, ...] = ()
    """What `gather` has given."""
    """Coroutines that have not run."""
    threads: tuple[str, ...] = ()
    """Threads that have not been started."""
    running: tuple[str, ...] = ()
    """Threads that have."""
    crews: tuple[str, ...] = ()
    """Lists of threads."""
    pool: str | None = None
    """The innermost executor whose block this is."""
    answers: tuple[str, ...] = ()
    """What executors have been given to do."""
    batches: tuple[str, ...] = ()
    """Lists of that."""
    group: str | None = None
    """The innermost group of tasks whose block this is."""
    inside: bool = False
    """Whether this is the body of a nested function. It gives nothing a new value: that is a rule of its own."""


class Maker:
    """What is the same in all of a program is decided first: which places it has, so that they meet."""

    def __init__(self, source: random.Random, constructs: frozenset[str], tables: Iterable[Offers]) -> None:
        self._random = source
        self._constructs = constructs
        self._tables = tuple(tables)
        self._names = 0
        self._left = source.choice((3, 5, 7, 9, 12))
        """How many statements there may still be."""
        self.scope = Scope()
        self.coins = [Place((name,)) for name in source.sample("abc", source.choice((1, 1, 2, 2, 3)))]
        if "fields" in constructs and source.random() < 0.35:
            self.coins += [Place(("h", "a")), Place(("h", "b"))][: source.choice((1, 2))]
        if "teams" in constructs and source.random() < 0.15:
            team = [Place(("w", "c")), Place(("w", "p", "a")), Place(("w", "p", "b"))]
            self.coins = [*self.coins[:1], *source.sample(team, source.choice((1, 2)))]
        self.has_team = any(place.path[0] == "w" for place in self.coins)
        self.closes = "closures" in constructs and source.random() < 0.5
        """Whether there are nested functions. Then no variable is deleted: mypy says something else of it in a body."""
        self.runs_later = "later" in constructs and source.random() < 0.35
        """Whether there are generators that run later. They look at their variables later, as nested functions do."""
        self.pours = "flows" in constructs and source.random() < 0.2
        """Whether there are generators of coins."""
        self.has_gold = "overrides" in constructs and self.runs_later
        """Whether some coins are of a class that is derived."""
        # What a nested function takes out of something borrowed, after it was put back, is a hole that is known.
        if (
            "borrowed" in constructs
            and not self.closes
            and not self.runs_later
            and not self.pours
            and source.random() < 0.2
        ):
            self.coins += [Place(("q", "a")), Place(("q", "b"))][: source.choice((1, 2))]
        self.lists = [Place(("xs",)), Place(("ys",))][: source.choice((1, 1, 2))]
        """Lists, and the dict."""
        if "dicts" in constructs and source.random() < 0.5:
            self.lists = [DICT, *self.lists[: source.choice((0, 1))]]
        self.form = "function"
        """What kind of function the body is of that is being made."""
        self.has_tasks = False
        """Whether the program starts tasks."""
        self.has_threads = False
        self._deleted: set[str] = set()

    # Chance

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def choice(self, among: Sequence[T]) -> T:
        return self._random.choice(among)

    def sample(self, among: Sequence[T], count: int) -> list[T]:
        return self._random.sample(among, count)

    def _one_of(self, offers: Iterable[Offer[T]]) -> T:
        choices = list(offers)
        (chosen,) = self._random.choices(choices, [weight for weight, _ in choices])
        return chosen[1]()

    # What can be named

    def has(self, construct: str) -> bool:
        return construct in self._constructs

    @property
    def starts(self) -> bool:
        """Whether tasks can be started here."""
        return self.has_tasks and self.form == "coroutine" and not self.scope.inside

    def new_name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def deletes(self, place: Place) -> Place:
        """A place is deleted."""
        self._deleted.add(place.path[0])
        return place

    def walrus_target(self) -> str:
        """A variable. In a comprehension, mypy takes one that was deleted before for deleted still."""
        return self.choice([name for name in "abc" if name not in self._deleted] or "abc")

    def adds(self, **names: str) -> None:
        """From here to the end of the block there is one more name of some sort: `adds(tasks="t1")`."""
        self.scope = replace(
            self.scope,
            **{sort: (*getattr(self.scope, sort), name) for sort, name in names.items()},  # type: ignore[arg-type]
        )

    def drops(self, sort: str, name: str) -> None:
        """There is no such name any more."""
        others = tuple(one for one in getattr(self.scope, sort) if one != name)
        self.scope = replace(self.scope, **{sort: others})  # type: ignore[arg-type]

    @contextmanager
    def scoped(self, *, form: str | None = None, **changes: object) -> Iterator[None]:
        """What is made inside can name other things."""
        kept, self.scope = self.scope, replace(self.scope, **changes)  # type: ignore[arg-type]
        before, self.form = self.form, form or self.form
        yield
        self.scope, self.form = kept, before

    # What is asked of the tables

    def statement(self, depth: int) -> Statement:
        return self._one_of(offer for table in self._tables for offer in table.statements(self, depth))

    def coin(self, depth: int) -> Value:
        """Something that can be moved."""
        return self._one_of(offer for table in self._tables for offer in table.coins(self, depth))

    def number(self, depth: int) -> Number:
        return self._one_of(offer for table in self._tables for offer in table.numbers(self, depth))

    def condition(self, depth: int) -> Condition:
        return self._one_of(offer for table in self._tables for offer in table.conditions(self, depth))

    # Blocks

    def may_nest(self, depth: int) -> bool:
        """Whether there may be a block in a statement at that depth."""
        return depth < 3 and self._left > 0

    def block(self, depth: int, length: int = 0) -> Block:
        found: list[Statement] = []
        kept = self.scope
        for _ in range(length or self.choice((1, 2, 2, 3, 4) if depth else (3, 4, 5, 6))):
            if self._left <= 0 and found:
                break
            self._left -= 1
            statement = self.statement(depth)
            found.append(statement)
            if isinstance(statement, (Return, Raise, Break, Continue)):
                break
        self.scope = kept
        return tuple(found)

    def maybe_block(self, depth: int, probability: float) -> Block:
        return self.block(depth) if self._left > 0 and self.chance(probability) else ()
