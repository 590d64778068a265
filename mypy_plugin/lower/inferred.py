"""What lowering a body teaches about it, and whether anything was answered before it was known.

Bindings can only be understood with what comes after them: a loop takes its iterable by move if its body moves the
target. So a body is lowered, what it teaches is kept, and it is lowered again if an answer that it was given has become
wrong. What nobody asked for too early costs nothing. Lowering is a function of these answers, and knowledge only grows:
a time on which all of them held to the end is what the next time would be, and there is an end.

Plain data. It must never know a piece of syntax, or what the answers are for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum, auto
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from mypy.nodes import CallExpr, Context, Expression, NameExpr, Var

from .context import Captive

__all__ = [
    "Borrowing",
    "Borrowings",
    "Collected",
    "Inferred",
    "Learnt",
    "Table",
    "WaysOut",
    "until_no_answer_was_wrong",
]

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", bound=Hashable)
Lowered = TypeVar("Lowered")

_Held: TypeAlias = tuple[Var, tuple[str, ...]]
"""A variable and the steps from it: what a place is in every graph of the body."""


class Answers(Generic[Key]):
    """What has been asked since the body was last about to be lowered, and whether an answer has become wrong."""

    __slots__ = ("_all_asked", "_asked", "is_stale")

    # Set where one is made, and not by an `__init__` of their own: each body has many.
    _asked: set[Key]
    _all_asked: bool
    """Whether the answer was about all that has been learnt: whatever is learnt later makes it wrong."""
    is_stale: bool

    def begin(self) -> None:
        """The body is about to be lowered: nothing has been asked yet."""
        self._asked.clear()
        self._all_asked = False
        self.is_stale = False


class Table(Answers[Key], Generic[Key, Value]):
    """For each key the values that have been learnt of it, in the order in which they were."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Key, dict[Value, None]] = {}
        self._asked = set()
        self._all_asked = self.is_stale = False

    def of(self, key: Key) -> Sequence[Value]:
        """What has been learnt of a key."""
        self._asked.add(key)
        known = self._known.get(key)
        return tuple(known) if known is not None else ()

    def has(self, key: Key) -> bool:
        """Whether anything has been learnt of a key."""
        self._asked.add(key)
        return key in self._known

    def has_any(self) -> bool:
        """Whether anything has been learnt of any key."""
        if self._known:
            return True
        self._all_asked = True
        return False

    def add(self, key: Key, *values: Value) -> None:
        """From now on these are among what is known of a key."""
        known = self._known.setdefault(key, {})
        count = len(known)
        known.update(dict.fromkeys(values))
        if len(known) != count and (self._all_asked or key in self._asked):
            self.is_stale = True


class Learnt(Answers[Key]):
    """The things of one kind that have been learnt, in the order in which they were."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Key, None] = {}
        self._asked = set()
        self._all_asked = self.is_stale = False

    def has(self, key: Key) -> bool:
        """Whether this has been learnt."""
        if key in self._known:
            return True
        self._asked.add(key)
        return False

    def all(self) -> list[Key]:
        """All that has been learnt."""
        self._all_asked = True
        return list(self._known)

    def has_any(self) -> bool:
        """Whether anything has been learnt."""
        if self._known:
            return True
        self._all_asked = True
        return False

    def update(self, keys: Iterable[Key]) -> None:
        """From now on these are known."""
        self.add(*keys)

    def add(self, *keys: Key) -> None:
        """From now on these are known."""
        for key in keys:
            if key not in self._known:
                self._known[key] = None
                if self._all_asked or key in self._asked:
                    self.is_stale = True


class Borrowing(NamedTuple):
    """That on some path `borrower` borrows from what lies at the end of `path` from `owner`.

    The borrower is a variable, or what Python itself goes on with while an expression is in use. Other than a place,
    which is a number in one graph, it means the same each time that a body is lowered.
    """

    borrower: Var | Expression
    owner: Var
    path: tuple[str, ...]
    field: tuple[str, ...] = ()
    """Where in the borrower: the way to its field that has it, if that is known."""


class Collected(NamedTuple):
    """A collection, and what its elements are: the lender's value is one of them, or they are those of the lender."""

    collection: Var | Expression
    is_value: bool = True


class Borrowings:
    """What borrows from what, each with whether on some path it is the very value and not a part of it."""

    __slots__ = ("_among", "_from", "_of", "_whole")

    def __init__(self) -> None:
        self._from: Table[Var, Borrowing] = Table()
        self._of: Table[Var | Expression, Borrowing] = Table()
        self._whole: Learnt[Borrowing] = Learnt()
        self._among: Table[Borrowing, Collected] = Table()

    @property
    def is_stale(self) -> bool:
        return self._from.is_stale or self._of.is_stale or self._whole.is_stale or self._among.is_stale

    def begin(self) -> None:
        """The body is about to be lowered: nothing has been asked yet."""
        self._from.begin()
        self._of.begin()
        self._whole.begin()
        self._among.begin()

    def add(self, one: Borrowing, *, whole: bool, among: Collected | None = None) -> None:
        """Note one. `whole`: on this path, the borrower is the very value. `among`: the borrower is this collection, or
        is bound to an element of it.
        """
        if among is not None:
            self._among.add(one, among)
        self._from.add(one.owner, one)
        self._of.add(one.borrower, one)
        if whole:
            self._whole.add(one)

    def from_owner(self, owner: Var) -> list[tuple[Borrowing, bool]]:
        """What borrows from a variable, or from a part of it."""
        known = self._from.of(owner)
        return [(one, self._whole.has(one)) for one in known] if known else []

    def collections(self, one: Borrowing) -> Sequence[Collected]:
        """The collections by which the borrower has something of the lender."""
        return self._among.of(one)

    def of_borrower(self, borrower: Var | Expression) -> list[tuple[Borrowing, bool]]:
        """What a variable borrows from."""
        known = self._of.of(borrower)
        return [(one, self._whole.has(one)) for one in known] if known else []


class WaysOut(Enum):
    """Why all ways out of a body matter, exceptions included."""

    __hash__ = object.__hash__
    """As that of `Kind`: asked for with each body, and an enumeration's own is made in Python."""

    GIVES_BACK = auto()
    """A field of something borrowed is moved out, and has to be back."""
    OWES = auto()
    """A variable has to be used up."""


class Inferred:
    """What lowering one body has taught about it."""

    __slots__ = (
        "_all",
        "borrowings",
        "captives",
        "ends",
        "groups",
        "holding",
        "kept",
        "keyed",
        "leaving",
        "lending",
        "looked_up",
        "meeting",
        "members",
        "mixed",
        "reached",
        "rebound",
        "several",
        "taken",
        "taken_by_guard",
        "tracked",
        "variables",
        "watched",
        "ways_out",
    )

    def __init__(self) -> None:
        self.taken: Learnt[NameExpr] = Learnt()
        """Targets of a loop, pattern, `with` or unpacking whose value the body moves, so that binding them takes the
        source by move (rule 4)."""
        self.taken_by_guard: Learnt[NameExpr] = Learnt()
        """Of those, captures that a guard moves already."""
        self.reached: Learnt[NameExpr] = Learnt()
        """Targets of loops over tasks that are not only asked: what they give is used, or they go somewhere."""
        self.keyed: Learnt[Var] = Learnt()
        """Dicts whose keys are tasks, of which more is done than to look something up by one: they have the tasks."""
        self.borrowings = Borrowings()
        self.ends: Learnt[tuple[Var, tuple[str, ...]]] = Learnt()
        """Where the way from a name to what it borrows from was not followed any further: the owner, and the path."""
        self.meeting: Learnt[tuple[Var, Var]] = Learnt()
        """Pairs of variables that borrow and are given to one call, which may not get one value twice."""
        self.watched: Learnt[Var] = Learnt()
        """Variables that have a place: somewhere one is used as affine (its type may say so only where it is narrowed),
        borrows, or holds what has to be followed. So each assignment gives the place a new value."""
        self.tracked: Learnt[Var] = Learnt()
        """Variables that may not be affine and yet have to be whole when they are used, since a part of them moves or
        they hold a loan."""
        self.looked_up: Table[str, tuple[str, Var | Expression, bool]] = Table()
        """By the variable that a place hangs on: the name of the place, what somewhere borrows what it holds, and
        whether that may be something out of it."""
        self.captives: Table[Context, Captive] = Table()
        """Variables that may hold a value which captured something, and expressions that give one: what it captured."""
        self.kept: Learnt[tuple[Context, Captive]] = Learnt()
        """Where functions are kept that took a variable, with what they took."""
        self.variables: Learnt[Var] = Learnt()
        """Those of a body that others are nested in."""
        self.rebound: Learnt[str] = Learnt()
        """Names that are bound again, or in a loop, and `.id` for an attribute that is assigned: an index in which one
        stands may be another one each time."""
        self.holding: Learnt[Var] = Learnt()
        """Variables that hold calls which go on after they have returned."""
        self.mixed: Learnt[Var] = Learnt()
        """Of those, the ones that hold other calls than an iterator gives the results of."""
        self.several: Learnt[Var] = Learnt()
        """Variables that may hold more than the one call that a display with one entry gave them."""
        self.leaving: Learnt[Var] = Learnt()
        """Variables that may hold what leaves tasks running if to await it raises: what `gather` gives."""
        self.lending: Learnt[CallExpr] = Learnt()
        """Calls that go on after they have returned, and have something on loan."""
        self.groups: Table[_Held, _Held] = Table()
        """For each variable that may hold tasks of groups: the groups."""
        self.members: Table[_Held, _Held] = Table()
        """For each group: the variables that may hold tasks of it."""
        self.ways_out: Learnt[WaysOut] = Learnt()
        calls = (self.holding, self.mixed, self.several, self.leaving, self.lending)
        variables = (self.watched, self.tracked, self.variables, self.keyed)
        targets = (self.taken, self.taken_by_guard, self.reached)
        groups = (self.groups, self.members)
        others = (self.looked_up, self.captives, self.kept, self.ends, self.ways_out, self.rebound)
        self._all: tuple[Answers[Any] | Borrowings, ...] = (
            *(*variables, *calls, *targets, *groups),
            *(self.borrowings, self.meeting, *others),
        )

    def begin(self) -> None:
        """The body is about to be lowered again: nothing has been asked yet."""
        for learnt in self._all:
            learnt.begin()

    @property
    def is_stale(self) -> bool:
        """Whether an answer that was given since `begin` has become wrong."""
        for learnt in self._all:  # noqa: SIM110 (a generator is as many calls as it has items)
            if learnt.is_stale:
                return True
        return False


def until_no_answer_was_wrong(lower: Callable[[Inferred], Lowered]) -> Lowered:
    """Lower a body again and again, with what the time before has taught, until all that it was told was true."""
    inferred = Inferred()
    body = lower(inferred)
    while inferred.is_stale:
        inferred.begin()
        body = lower(inferred)
    return body
