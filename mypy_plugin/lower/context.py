"""What the lowering of every body shares: the module, and how a value is used.

Plain data. It must never know any one piece of syntax.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from mypy.nodes import CallExpr, Context, Expression, FuncItem, NameExpr, SymbolNode, TypeInfo, Var
from mypy.types import Type

from ..budget_facts import BudgetFacts
from ..callees import Callees, Taking
from ..debt_facts import DebtFacts
from ..events import Destination, Into, Kind, Tie
from ..knowledge.containers import Row
from ..knowledge.tasks import Spawn
from ..member_facts import Receiver
from ..promises import Promises
from ..summaries import Summaries
from ..typing_facts import Facts
from .joined import Joined

if TYPE_CHECKING:
    from .factories import Factories

__all__ = [
    "ASK",
    "DROP",
    "LOOK",
    "RETURNED",
    "Captive",
    "Concern",
    "Hold",
    "Managed",
    "Mint",
    "Minting",
    "Module",
    "Renewed",
    "Use",
]


@dataclass(frozen=True, slots=True)
class Module:
    """What every body of one module shares."""

    fullname: str
    types: dict[Expression, Type]
    facts: Facts
    callees: Callees
    checks_untyped: bool
    """Whether mypy checks functions without annotations here; so do we, then."""
    is_ours: Callable[[str], bool]
    """Whether a full name is defined in code that is checked, and not in a library or a stub."""
    promises: Promises
    minting: Minting | None = None
    """How budgets may be made here; None where nobody wants to know."""
    summaries: Summaries | None = None
    """What the generic functions of the program do with what they are given."""
    factories: Factories | None = None
    """What functions make of what they are given; None where nobody has loans."""
    joined: Joined | None = None
    """Which functions stand in tables; None where nobody wants to know."""
    functions: dict[SymbolNode, Var] = field(default_factory=dict)
    """Variables that stand for nested functions and classes: to mypy those are symbols of their own."""
    watches_escapes: bool = False
    """Whether anybody wants to know where values go out of sight."""
    debts: DebtFacts | None = None
    """Which values have to be used up; None where nobody wants to know."""
    decorators: dict[FuncItem, Sequence[Expression]] = field(default_factory=dict)
    """What decorates each function that is decorated."""

    # What has been found of an expression, for the next time that it is asked for. A body may be lowered twice.

    affine: dict[Expression, bool] = field(default_factory=dict)
    """Whether its type is affine."""
    rows: dict[CallExpr, Spawn | None] = field(default_factory=dict)
    """What the table of tasks says of a call."""
    methods: dict[tuple[TypeInfo, str], Row | None] = field(default_factory=dict)
    """What the table of containers says of a method of a class."""
    receivers: dict[tuple[TypeInfo, str], Receiver] = field(default_factory=dict)
    """How a method of a class has the object that it is called on."""
    ways_of_methods: dict[tuple[TypeInfo, str], frozenset[tuple[str, ...]]] = field(default_factory=dict)
    """To which attributes of its object a method of a class comes."""
    by_signature: set[CallExpr] = field(default_factory=set)
    """Calls that no table of containers knows more of than their signatures say."""
    takings: dict[CallExpr, list[Taking]] = field(default_factory=dict)
    """How a call takes each of its arguments."""
    gives_back: dict[Expression, bool] = field(default_factory=dict)
    """Whether a call, or an await of one, gives back what was lent to it."""
    without_loans: set[TypeInfo] = field(default_factory=set)
    """Classes whose objects hold no loans, in no field."""
    unnamed: dict[Expression, Var] = field(default_factory=dict)
    """What stands for the variable of a value that the program gives none."""


class Minting(NamedTuple):
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


class Mint(NamedTuple):
    """A class whose budgets are made from nothing at `node`; not by a call there but by `maker`, if that has a name."""

    class_name: str
    node: Context
    maker: str


class Use:
    """What the surrounding expression does with the value of an operand."""

    __slots__ = ("asks", "drains", "elements", "exclusive", "holder", "kind", "to", "until_return")

    def __init__(
        self,
        kind: Kind,
        to: Destination | None = None,
        exclusive: bool = True,
        *,
        until_return: bool = False,
        holder: int | None = None,
        asks: bool = False,
        drains: bool = False,
        elements: bool = False,
    ) -> None:
        self.kind = kind
        self.to = to
        self.exclusive = exclusive
        """For a loan: no other use may overlap it."""
        self.until_return = until_return
        """For an argument: the call is awaited, and what it does with the value is done after it."""
        self.holder = holder
        """For a loan that outlives its call: the place that holds the borrower."""
        self.asks = asks
        """For a look: if it is at a task, it is not at what that gives, which may be somebody else's by now."""
        self.drains = drains
        """For a move: it takes what is in the place, and leaves the container where it is."""
        self.elements = elements
        """For a loan: it is of what is in a container, which stays there."""

    @property
    def of_elements(self) -> Use:
        """The same use of what is in a container."""
        return Use(self.kind, self.to, self.exclusive, drains=True) if self.kind is Kind.MOVE else self


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
    CLAIM = auto()
    """It is a call of a function that took the variable, and takes what that holds by the time that it runs."""


class Captive(NamedTuple):
    """What a value captured: a variable, or the part of it at the end of `path`, or (no `root`) what it was given."""

    name: str
    how: Hold
    closure: Context
    """The function, or the expression, that captured it."""
    root: Var | None = None
    path: tuple[str, ...] = ()
    renews: bool = False
    """Whether the variable has a new value after each call."""
    loses: bool = False
    """Whether a call that raises may leave the variable without a value: what it gave it, it had given away."""
    exclusive: bool = True
    """Whether it may be changed there, and not only read."""
    element: bool = False
    """Whether one of its elements may be changed there, and not all of it."""
    entry: str = ""
    """For an element: which one it is, if the program says so."""
    is_lent: bool = False
    """Whether it is lent on there, be it only to be read."""
    is_used: bool = True
    """Whether more is done with it there than to give it a new value."""
    late: bool = False
    """Whether that happens only after the call has returned: in the body of an `async def`."""
    is_default: bool = False
    """Whether it is a default of the function, which a call may be given something else for."""
    is_given_back: bool = False
    """Whether what the function gives may borrow from it."""
    left_to: tuple[tuple[Var, tuple[str, ...]], ...] | None = None
    """Where it is lent to something that may still run when the function has returned: the variables, and the ways from
    them, that have what runs. Nobody may."""


Renewed: TypeAlias = tuple[Tie | None, int, Captive]
"""A variable that a function gives a new value: with the tie to what holds the function, if that is a variable."""


LOOK = Use(Kind.LOOK)
ASK = Use(Kind.LOOK, asks=True)
DROP = Use(Kind.LOOK, asks=True)
"""The value of a statement, which nobody gets."""
RETURNED = Use(Kind.MOVE, Destination(Into.RETURN))
"""What a function gives its caller to own."""
