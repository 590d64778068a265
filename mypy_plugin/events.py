"""What a step of evaluation does to a place: events, and all that they say.

Owns the vocabulary of the checker. Every other docstring uses these words as they are defined here:

place
    A local variable, parameter or global, or an attribute path rooted in one: `b`, `self.budget` (rules, section 2).
event
    What one step of evaluation does to one place.
move-out
    A `MOVE` event: from there on the place is moved, until something reinitialises it.
reinitialise
    Give a place a new value (`INIT`), which ends all move-outs of it and of what lies below it.
look, lend
    Uses that leave the place whole: `LOOK` reads it, `LEND` passes it to a parameter that only borrows.
fault
    A mistake that is wrong wherever control reaches it, whatever the state of the place.
loan
    A place that borrows, and the place that it borrows from. It begins with a `BORROW` and ends when the borrower is
    reinitialised; when the other place goes first, the borrower expires with it (`EXPIRE`).
hold
    A place holds a budget from a `HOLD` event on: until it is reinitialised, moves, or is known to be empty (`LACK`).
    By what right (owned, borrowed) makes no difference: there is a budget to take a part of.
capture
    A value can hold on to places: a nested function to those that its body uses, a `partial` to what it was given. From
    a `CAPTURE` on, and until it is reinitialised, a place holds such a value. A *tie* is that place with what its value
    captured.
mint
    A budget is made from nothing: no place that was there before has less for it.
debt
    What a value asks of whoever holds it: to be used up on every way out. A place owes from an `OWE` event on.
jump
    Why control goes from a block to a successor, where that is no plain step: a return, a raise, an exception.
borrower, holder
    A call that goes on after it has returned (a coroutine, a task, a thread) borrows what it was lent until it is
    finished. Its holder is the place that it can be reached through: a variable, a list of tasks, a task group.

This module must never know Python's syntax, mypy, or how findings are worded.
"""

from __future__ import annotations

from enum import Enum, IntEnum, auto
from typing import Final, NamedTuple, Protocol, TypeAlias

__all__ = [
    "FROM_NOW_ON",
    "About",
    "Breach",
    "Called",
    "Debt",
    "Destination",
    "Escape",
    "Event",
    "Fault",
    "Into",
    "Keeps",
    "Kind",
    "Loan",
    "Located",
    "Misuse",
    "Out",
    "Ownership",
    "Promised",
    "Share",
    "Terms",
    "Tie",
    "Times",
]


class Located(Protocol):
    """Where an event stands in the source. mypy's nodes are; so is anything with a line."""

    line: int
    column: int


class Ownership(Enum):
    """By what right the root of a place is held. Only what is owned can be moved out (rules, section 5)."""

    OWNED = "owned"
    BORROWED = "Borrowed"
    SHARED = "Shared"
    SELF = "self"
    GLOBAL = "global"
    CLASS = "class"
    """A class variable."""
    NEW = "new"
    """The `self` of a constructor: whoever makes the object gets it whole, or not at all."""
    RETRIED = "retried"
    """A parameter of a function that is called again with the same arguments when it fails."""
    NOT_AFFINE = "not affine"


class Kind(Enum):
    """What an event does to its place."""

    __hash__ = object.__hash__
    """Each is asked for in tables and sets, many times for each event; and an enumeration's own is made in Python."""

    INIT = auto()
    MOVE = auto()
    LOOK = auto()
    LEND = auto()
    STORE = auto()
    """An attribute is about to be assigned: the object must be there, whatever became of its parts."""
    EMPTY = auto()
    """A container gives up all it holds (`clear`): whole again, if no more than its elements were taken out of it."""
    DELETE = auto()
    KEEP = auto()
    """The place has its value still: what it was moved into was never finished."""
    BORROW = auto()
    """From here on the place borrows from another one, until it is reinitialised."""
    EXPIRE = auto()
    """What the place may borrow from moves: if it does borrow, it is used up with it. No use of the place itself."""
    OWN = auto()
    """What the place borrowed it has been given: the loan is over, and whatever became of it the place is whole."""
    CHANGE = auto()
    """A function that captured the place is called, and may change what is in it, or only lend it to be read. That the
    place is used, a `LOOK` says."""
    CAPTURE = auto()
    """From here on the value in the place is one that captured something, until the place is reinitialised."""
    HOLD = auto()
    """The value that the place has just been given is a budget, or may be one."""
    LACK = auto()
    """On this path the place is known to hold no budget: it is None, or of another type."""
    MINT = auto()
    """A budget is made from nothing; the place is only a name for its class. With a fault: not even that is allowed."""
    OWE = auto()
    """The value that the place has just been given has to be used up: `Event.about` says what it asks for."""
    LOAN = auto()
    """The place is lent to a call that goes on after it has returned; `holder` has what it goes on as."""
    CLAIM = auto()
    """The place is a variable that a function took, or a part of it, and `holder` has a call of that which goes on: it
    will take whatever the place holds by the time that it runs."""
    HAND_ON = auto()
    """What the place holds of such calls, `holder` has from here on."""
    START = auto()
    """As `HAND_ON`; and they run by themselves from here on, whether anybody holds them or not."""
    PICK = auto()
    """Of what the place goes on holding, `holder` has one from here on. If the place is the target of a loop: the one
    of this round, if that has not finished."""
    FINISH = auto()
    """Whatever the place holds of such calls is finished: what they were lent is back."""
    JOIN = auto()
    """The place is a group that is left: what it holds has run to its end, and of what is its in other places, all that
    was started. What was not is as it was."""
    ITERATE = auto()
    """A loop over what the place holds of such calls begins; `holder` is its target."""
    NEXT = auto()
    """A round of it begins: `holder` has one of them."""
    EXHAUST = auto()
    """It ends by itself: if each round has finished the one that it had, all are finished."""
    FAULT = auto()


class Into(Enum):
    """The kinds of new owner that a move can have."""

    PARAMETER = auto()
    RECEIVER = auto()
    VARIABLE = auto()
    ATTRIBUTE = auto()
    SUBSCRIPT = auto()
    ELEMENT = auto()
    RETURN = auto()
    YIELD = auto()
    RAISE = auto()
    AWAIT = auto()
    DELETE = auto()
    CLOSURE = auto()
    CALL = auto()
    LOOP = auto()
    NEXT_ROUND = auto()
    """Nobody: the loop itself goes on with what it has."""
    WITH = auto()
    CAPTURE = auto()
    OPERATOR = auto()
    HANDED_OUT = auto()
    """Nothing moved but an element, out of the container that the place is: what stood for it may be gone with it."""


class Keeps(Enum):
    """How an object has what it is made of."""

    FIELD = auto()
    """In a field that the class declares by that name, which may be declared a loan."""
    SOMEWHERE = auto()
    """As its `__init__` says: in an attribute, most of the time, which lives longer than any loan."""


class Destination:
    """Where a move or a loan goes: `name` is the parameter, variable or container, `owner` the callee."""

    __slots__ = ("into", "is_ours", "keeps", "name", "outlives_call", "owner", "task")

    def __init__(
        self,
        into: Into,
        name: str = "",
        owner: str = "",
        outlives_call: bool = False,
        task: str | None = None,
        is_ours: bool = True,
        keeps: Keeps | None = None,
    ) -> None:
        self.into = into
        self.name = name
        self.owner = owner
        self.outlives_call = outlives_call
        """Whether the callee goes on after the call returns (a coroutine): to lend instead may mend nothing."""
        self.task = task
        """If the callee may run beside what follows: the function that starts it, or "" while nobody has."""
        self.is_ours = is_ours
        """Whether the callee stands in the code that is checked, so that a reader can change its signature."""
        self.keeps = keeps
        """If the callee is a class: how the object that is made has what it is given."""

    def is_same(self, other: Destination | None) -> bool:
        """Whether both are one, in all that is known of them."""
        return other is not None and (
            (self.into, self.name, self.owner, self.outlives_call, self.task, self.is_ours, self.keeps)
            == (other.into, other.name, other.owner, other.outlives_call, other.task, other.is_ours, other.keeps)
        )


class Fault(Enum):
    """Why an event is wrong wherever it is reached."""

    LENT = auto()
    """The place is lent to a call that has not returned (rules, section 4)."""
    ASSIGNED_TWICE = auto()
    """A chained assignment gives one value to two names."""
    REPEATED = auto()
    """An operator or a call puts one value into its result more than once."""
    SHARED = auto()
    """What a method such as `copy` gives holds elements that its container goes on holding."""
    TAKES_ELEMENTS = auto()
    """A function takes by move each element of a container that goes on holding them."""
    SLICED = auto()
    """A slice holds elements that its container goes on holding."""
    ELEMENT = auto()
    """What holds the value is a container that goes on holding it."""
    REMEMBERED = auto()
    """The value is that of a cached property: its object goes on holding it, and gives it again."""
    OF_CONTEXT = auto()
    """The value hangs off an object that is given to many at a time."""
    NOT_OWNED = auto()
    """The root of the place, or what holds the value, is only borrowed."""
    HOLDS_LOANS = auto()
    """A collection of loans goes where the owner of what is in it is expected."""
    CALLED_AGAIN = auto()
    """A function that uses up what it captured goes where it may be called more than once."""
    LATE = auto()
    """A variable gets a new value while a function is kept that took the old one, and would use up the new one."""
    LENT_TO_EACH = auto()
    """A function that changes what it captured is called for each of a number of things, and the calls go on."""
    PER_ATTEMPT = auto()
    """An argument that a function takes by move which is called again if it fails."""
    PER_CALL = auto()
    """A method of a nested class uses up what it captured, in each call of it."""
    DEFAULT = auto()
    """A default argument that all calls would share."""
    CLASS_DEFAULT = auto()
    """A class-level default that all instances would share."""
    MINTED = auto()
    """A budget made from nothing in a module that may not."""
    GENERIC = auto()
    """A generic function that is not made for affine types is called with one."""
    MISMATCH = auto()
    """What stands here breaks a promise that the place makes: `Event.about` says which."""
    ESCAPES = auto()
    """A value goes where it cannot be followed: `Event.about` says where."""
    UNKEPT = auto()
    """The value of an expression has to be used up, and nobody takes it."""


class Misuse(NamedTuple):
    """What a generic function does that is wrong where its type variable stands for something affine."""

    variable: str
    line: int
    text: str
    """What is wrong, in the words in which it is reported for an affine type."""
    function: str = ""
    """The full name of the function in whose body it stands, which may be one that this one calls."""
    module: str = ""

    lends: bool = False
    """Whether it gives out what it only borrows, so that the result is a loan: no harm where that is looked at."""
    of_receiver: bool = False
    """Whether it is the object itself that it is wrong for: no harm where that has no owner."""

    def is_same(self, other: Misuse) -> bool:
        """Whether both stand at the same place, whatever the type variable is called that it is wrong for."""
        return (self.line, self.text, self.function) == (other.line, other.text, other.function)


class Promised(Enum):
    """What a signature makes a promise about."""

    PARAMETER = auto()
    RECEIVER = auto()
    RESULT = auto()


class Breach(NamedTuple):
    """How what stands somewhere breaks what is promised there: `actual` instead of `promised`.

    For a parameter and a receiver: how it is taken; for a result: how it is given.
    """

    what: Promised
    actual: Ownership
    promised: Ownership
    class_name: str
    """What a reader calls the type that it is about."""
    parameter: str = ""
    position: int = 0
    member: str = ""
    """The member that breaks the promise, where whole objects are compared."""
    of: str = ""
    """The class whose member that is."""
    by: str = ""
    """The class that promises."""
    path: tuple[str, ...] = ()
    """The way from what stands there to what breaks the promise: `item`, `result`, or the name of a parameter."""
    is_unmarked: bool = False
    """The class that promises has a method that says `@consumes`, but is not affine: to its users it lends."""
    flipped: bool = False
    """What stands there relies on a promise that those who have it from here do not make."""


Loan: TypeAlias = tuple[int, int]
"""The place that borrows, and the place that it borrows from."""


class Out(Enum):
    """The ways to where a value cannot be followed."""

    PARAMETER = auto()
    UNTYPED = auto()
    """A parameter without an annotation."""
    CALLEE = auto()
    """A call of something of which nothing is known."""
    VARIABLE = auto()
    FIELD = auto()
    """A field of an object that may be shared."""
    ELEMENT = auto()
    RETURN = auto()
    YIELD = auto()
    CAST = auto()
    GETATTR = auto()


class Escape(NamedTuple):
    """Where a value goes out of sight: a parameter, variable or field `name`, of `owner`, declared as `type`."""

    by: Out
    name: str = ""
    owner: str = ""
    type: str = ""
    is_ours: bool = True
    """Whether what it goes into stands in the code that is checked."""


class Debt(NamedTuple):
    """What a value asks of whoever holds it."""

    class_name: str
    must_use: bool
    """Whether only what ends the value will do. Else any use that changes it does."""
    is_excused: bool = False
    """Whether an exception that leaves the body by itself excuses it."""
    ends: tuple[str, ...] = ()
    """The methods that end it."""
    manager: str = ""
    """The statement that ends it: `with`, `async with`."""


About: TypeAlias = Destination | Breach | Misuse | Escape | Debt
"""What there is to say of a fault: for one between two uses, where the place went first; of others, as they ask."""


class Times(IntEnum):
    """How often a collection has a value among its elements."""

    ONCE = 1
    OFTEN = 2
    IN_ONE = 3
    """In one element, such as a pair, so that who has the names of its parts has the value twice."""


class Share(Enum):
    """What somebody has of a collection who has a place on loan by it."""

    VALUE = auto()
    """An element, which may be the value of the place."""
    ELEMENT = auto()
    """An element, which may be any of those in the place."""
    ALL = auto()


class Called(NamedTuple):
    """What is lent of a collection, by the name that the program has for it."""

    name: str
    share: Share


class Terms(NamedTuple):
    """When something that has a loan begins, and how one knows that it has ended."""

    after: tuple[int, ...] = ()
    """The places that hold what is finished before it begins."""
    deferred: str = ""
    """It begins when this happens, as a message says it, and not beside what goes on until then. Before that, only a
    move is in its way."""
    late: bool = False
    """What it has is the variable, whatever that holds by the time that it runs."""
    renews: bool = False
    """It gives the variable a new value: what was moved out of that meanwhile is there again in the end."""
    waited: str = ""
    """The method by which one waits for it, if that is not by `await`."""
    left: tuple[str, int] | None = None
    """What is awaited on which line, and leaves it running if another one raises."""


FROM_NOW_ON: Final = Terms()
"""Those of most: it may run as soon as it has been made, with what it was given, until it is awaited."""


Tie: TypeAlias = tuple[int, int]
"""A place that holds a value, and one that the value captured."""


class Event:
    """One step of evaluation. `expression` numbers the full expression (or statement header) it belongs to.

    Not a dataclass, as nothing is of which there are many: the `__init__` of one stays Python where this is compiled.
    """

    __slots__ = (
        "about",
        "among",
        "behind",
        "beside",
        "bound",
        "called",
        "captured",
        "closure",
        "element",
        "entry",
        "exclusive",
        "expression",
        "fault",
        "holder",
        "kind",
        "lender",
        "loan",
        "node",
        "optional",
        "owned",
        "place",
        "terms",
        "through",
        "tie",
        "times",
        "to",
        "via",
        "whole",
    )

    def __init__(
        self,
        kind: Kind,
        place: int,
        node: Located,
        expression: int = 0,
        to: Destination | None = None,
        fault: Fault | None = None,
        about: About | None = None,
        *,
        tie: Tie | None = None,
        captured: bool = False,
        optional: bool = False,
        beside: tuple[Event, ...] = (),
    ) -> None:
        self.kind = kind
        self.place = place
        self.node = node
        self.expression = expression
        self.to = to
        self.fault = fault
        self.about = about
        """What more there is to say of a fault, as its kind asks for it; for a place that owes: its debt."""
        self.exclusive = True
        """For a loan: no other one may exist at the same time (`Borrowed`, not `Shared`)."""
        self.element = False
        """For a loan: no other one of the same element may exist. Of the place, which only contains it, others may.
        For a move: it takes what is in the place, and leaves the container where it was. For a borrow by an element of
        a collection: that is any of those in the place, and not its value."""
        self.entry = ""
        """For a loan of an element: which one it is, as the program spells it, `parts[0]`, if it says so."""
        self.behind = False
        """For a loan that outlives its call: what is lent borrows from the place, which is on loan with it. For a look:
        it is at a task, and not at what that gives. No use of the place itself. For a borrow of a name for an element:
        another name was bound to that before."""
        self.among: Loan | None = None
        """For a loan of an element of a collection: the borrow by which that has the value. Another such loan is of
        another element, and so of another value, unless the collection has the value twice. For a borrow: the same of
        a name that is bound to an element."""
        self.called: Called | None = None
        """For a loan of what a collection has: what is lent of it."""
        self.times: Times | None = None
        """For a borrow by a collection: how often the value of the other place is put among its elements, if it is."""
        self.holder: int | None = None
        """For a loan that outlives its call: the place that holds the borrower."""
        self.terms = FROM_NOW_ON
        """For such a loan, and for a move into a function: when that begins, and how one knows that it has ended."""
        self.owned = False
        """For a move of a part of a variable held by a loan: that has always been given a value of its own before."""
        self.lender: str | None = None
        """For a move-out of a borrower: the name of what it borrows from, which is what really moved."""
        self.bound: Located | None = None
        """For a move of what is only an element of a container: where the place was bound to it."""
        self.loan: Loan | None = None
        """For a borrow, its ends, and a fault that there is only while one place borrows from another: that loan."""
        self.via: tuple[Loan, ...] = ()
        """For a borrow, or a loan that outlives its call, through other borrowers: the loans that must last for it."""
        self.whole = False
        """For a borrow: it is of the very value of the other place, so that both are names of one thing."""
        self.tie = tie
        """For what happens through a value that captured: no such event where that value is not in its place."""
        self.through: str | None = None
        """For a use of something captured: what captured it, as the program calls it."""
        self.closure: Located | None = None
        """For a look of a function at what it captured, and a move into one that is called: where it was made. What it
        took is there for it."""
        self.captured = captured
        """For a move into a function that captured the place: it is taken where the function is made, or (with a tie)
        where the function is used and has what the place holds by then."""
        self.optional = optional
        """For a hold: whether the value may be None as well."""
        self.beside = beside
        """For a mint: moves of budgets into the expression around it, which has them in hand: `f(b, Budget(1))`.
        For a fault at a function that is kept: the assignment that makes it one."""

    @property
    def is_question(self) -> bool:
        """Whether a task, or a container of some, is looked at, and not what that gives."""
        return self.kind is Kind.LOOK and self.behind

    @property
    def changes_receiver(self) -> bool:
        """Whether this is the call of a method that may change what is in the place, and takes nothing."""
        return self.kind is Kind.LOOK and self.exclusive and self.to is not None and self.to.into is Into.RECEIVER
