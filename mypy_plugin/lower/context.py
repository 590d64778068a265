"""What the lowering of every body shares: the module, what has been learnt, and how a value is used.

Plain data. It must never know any one piece of syntax.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from mypy.nodes import (
    Context,
    DictExpr,
    DictionaryComprehension,
    Expression,
    FuncItem,
    ListComprehension,
    ListExpr,
    NameExpr,
    SetComprehension,
    SetExpr,
    SymbolNode,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.types import Type

from ..budget_facts import BudgetFacts
from ..debt_facts import DebtFacts
from ..graph import Destination, Kind
from ..promises import Promises
from ..summaries import Summaries
from ..typing_facts import Facts

__all__ = [
    "COMPREHENSIONS",
    "DISPLAYS",
    "LOOK",
    "Borrowing",
    "Captive",
    "Concern",
    "Hold",
    "Inferred",
    "Managed",
    "Mint",
    "Minting",
    "Module",
    "Use",
    "elements_of",
]


@dataclass(frozen=True, slots=True)
class Module:
    """What every body of one module shares."""

    fullname: str
    types: dict[Expression, Type]
    facts: Facts
    checks_untyped: bool
    """Whether mypy checks functions without annotations here; so do we, then."""
    is_ours: Callable[[str], bool]
    """Whether a full name is defined in code that is checked, and not in a library or a stub."""
    promises: Promises
    minting: Minting | None = None
    """How budgets may be made here; None where nobody wants to know."""
    summaries: Summaries | None = None
    """What the generic functions of the program do with what they are given."""
    functions: dict[SymbolNode, Var] = field(default_factory=dict)
    """Variables that stand for nested functions and classes: to mypy those are symbols of their own."""
    watches_escapes: bool = False
    """Whether anybody wants to know where values go out of sight."""
    debts: DebtFacts | None = None
    """Which values have to be used up; None where nobody wants to know."""
    decorators: dict[FuncItem, Sequence[Expression]] = field(default_factory=dict)
    """What decorates each function that is decorated."""


@dataclass(frozen=True, slots=True)
class Minting:
    """What lowering needs where `budget-minted` is on. `allowed`: this module may make budgets from nothing."""

    allowed: bool
    budgets: BudgetFacts


class Concern(Protocol):
    """What an analysis asks of types to know on which paths a place holds nothing that it looks for."""

    def concerns(self, type_: Type | None) -> bool: ...
    def is_empty_if_false(self, type_: Type | None) -> bool: ...
    def are_all(self, type_: Type | None, classes: list[TypeInfo]) -> bool: ...


@dataclass(slots=True)
class Managed:
    """What the `with` statements around a point of a body see to."""

    targets: set[NameExpr] = field(default_factory=set)
    """Names bound by them: their managers end what those hold."""
    calls: set[Expression] = field(default_factory=set)
    """Calls that see to what they are given: `stack.enter_context(x)`."""
    is_error_expected: bool = False
    """Whether what stands here is expected to raise, so that nothing it makes is ever there."""


@dataclass(frozen=True, slots=True)
class Mint:
    """A class whose budgets are made from nothing at `node`; not by a call there but by `maker`, if that has a name."""

    class_name: str
    node: Context
    maker: str


@dataclass(frozen=True, slots=True)
class Use:
    """What the surrounding expression does with the value of an operand."""

    kind: Kind
    to: Destination | None = None
    exclusive: bool = True
    """For a loan: no other use may overlap it."""
    until_return: bool = False
    """For an argument: the call is awaited, and what it does with the value is done after it."""
    holder: int | None = None
    """For a loan that outlives its call: the place that holds the borrower."""


class Hold(Enum):
    """How a value has what it captured."""

    MOVE = auto()
    """It took it, and uses it up when it is used itself."""
    LOOK = auto()
    """It looks at the variable whenever it is used."""
    RENEW = auto()
    """It moves what the variable has, and gives it a new value."""
    ASSIGN = auto()
    """It gives the variable a new value."""
    LENT = auto()
    """It was lent the value."""


@dataclass(frozen=True, slots=True)
class Captive:
    """What a value captured: a variable, or the part of it at the end of `path`, or (no `root`) what it was given."""

    name: str
    how: Hold
    closure: Context
    """The function, or the expression, that captured it."""
    root: Var | None = None
    path: tuple[str, ...] = ()
    renews: bool = False
    """Whether the variable has a new value after each call."""
    exclusive: bool = True
    """Whether it may be changed there, and not only read."""


LOOK = Use(Kind.LOOK)


@dataclass(frozen=True, slots=True)
class Borrowing:
    """That on some path `borrower` borrows from what lies at the end of `path` from `owner`.

    The borrower is a variable, or what Python itself goes on with while an expression is in use. Other than a place,
    which is a number in one graph, it means the same each time that a body is lowered.
    """

    borrower: Var | Expression
    owner: Var
    path: tuple[str, ...]


COMPREHENSIONS = (ListComprehension, SetComprehension)
DISPLAYS = (ListExpr, TupleExpr, SetExpr, DictExpr, *COMPREHENSIONS, DictionaryComprehension)
"""Expressions that make a container."""


def elements_of(node: Expression) -> list[Expression]:
    """What a display spells out to be in its container: the values, of a dict. Nothing for other expressions."""
    if isinstance(node, DictExpr):
        return [value for _, value in node.items]
    return node.items if isinstance(node, (ListExpr, TupleExpr, SetExpr)) else []


@dataclass(slots=True)
class Inferred:
    """What lowering a body once has taught about it. Lowering repeats until nothing new is learnt.

    `taken`: targets of a loop, pattern, `with` or unpacking whose value the body moves, so that binding them takes
    the source by move (rule 4); `taken_by_guard`: of those, captures that a guard moves already. `borrowings`: what
    borrows from what, and whether it is the very value and not a part. `watched`: variables that hold something affine
    by a narrowed type only. `tracked`: variables that may not be affine and yet have to be whole when they are used,
    since a part of them moves or they hold a loan. `looked_up`: names of places, each with a variable that somewhere
    borrows what it holds. `captives`: variables that may hold a value which captured something, and expressions that
    give one, each with what it captured. `kept`: where functions are kept that took a variable, with what they took.
    `variables`: those of a body that others are nested in. `holding`: those that hold calls which go on after they have
    returned. `gives_back`: a field of something borrowed is moved out,
    so every way out of the body matters, exceptions included. `owes`: so does a variable that has to be used up.
    """

    taken: set[NameExpr] = field(default_factory=set)
    taken_by_guard: set[NameExpr] = field(default_factory=set)
    borrowings: dict[Borrowing, bool] = field(default_factory=dict)
    watched: set[Var] = field(default_factory=set)
    looked_up: set[tuple[str, Var]] = field(default_factory=set)
    tracked: set[Var] = field(default_factory=set)
    captives: dict[Context, dict[Captive, None]] = field(default_factory=dict)
    kept: dict[tuple[Context, Captive], None] = field(default_factory=dict)
    variables: set[Var] = field(default_factory=set)
    holding: set[Var] = field(default_factory=set)
    gives_back: bool = False
    owes: bool = False

    def size(self) -> int:
        learnt: list[Sized] = [self.watched, self.taken, self.taken_by_guard, self.tracked, self.looked_up]
        learnt += [self.variables, self.borrowings, self.kept, self.holding]
        learnt += self.captives.values()
        return sum(map(len, learnt)) + sum(self.borrowings.values()) + self.gives_back + self.owes
