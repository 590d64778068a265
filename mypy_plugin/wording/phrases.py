"""How the sentences of all rules name what happens to a value: where it goes, to whom it is lent, and on which path."""

from __future__ import annotations

from ..events import Destination, Event, Into, Keeps, Kind
from ..findings import MoveFact
from ..fullnames import PARTIAL
from ..graph import Branch
from .message import Traits

__all__ = [
    "NAMELESS",
    "decision",
    "described",
    "goes",
    "goes_to",
    "lending",
    "lending_on",
    "lent_to",
    "may_lend",
    "moved_into",
    "once",
    "once_hint",
    "retry_hint",
    "split_first",
    "what_happened",
]

NAMELESS = ("the lambda", "the function")
"""What a function is called that has no name."""


def what_happened(fact: MoveFact, certain: bool) -> str:
    """`was moved on line 12 into the list`: how a move is told where it matters later."""
    event = fact.event
    line = event.node.line
    if event.to is not None and event.to.into is Into.CALL:
        text = f"was called on line {line}"
    elif event.kind is Kind.DELETE and event.to is not None and event.to.into is Into.CLOSURE:
        return f"was given away on line {line} in {described(event.to)}, which may raise before it assigns it again"
    elif event.to is not None and event.to.into is Into.WITH:
        text = f'was given back on line {line} by leaving the "with" block'
    elif event.kind is Kind.DELETE:
        text = f"was deleted on line {line}"
    elif event.to is not None and event.to.into is Into.HANDED_OUT:
        text = f'gave an element away on line {line} by "{event.to.owner}"'
    elif event.to is not None and event.to.into is Into.VARIABLE and event.to.name == "_":
        text = f'was ended on line {line} by "_ = ..."'
    else:
        text = f"was moved on line {line}{moved_into(event.to)}"
    if fact.previous_iteration:
        return text + " in the previous iteration"
    return text if certain else text + _condition(fact)


def _condition(fact: MoveFact) -> str:
    return "" if fact.branch is None else decision(fact.branch, taken=fact.taken)


def decision(branch: Branch, *, taken: bool) -> str:
    """` (if "fast" on line 8 is true)`: the branch on whose path it happened."""
    truth = "true" if taken else "false"
    text = branch.text()
    if text is None:
        return f" (if the condition on line {branch.line} is {truth})"
    return f' (if "{text}" on line {branch.line} is {truth})'


def goes(event: Event, *, past: bool) -> str:
    """`went into parameter "budget" of "research"`, or with `go`."""
    receives = event.kind is Kind.LOOK and event.to is not None and event.to.into is Into.RECEIVER
    if receives or event.kind in (Kind.LEND, Kind.LOAN, Kind.CHANGE):
        return ("was lent" if past else "be lent") + lent_to(event.to)
    into = moved_into(event.to)
    if into:
        return ("went" if past else "go") + into
    return "was moved" if past else "be moved"


def goes_to(event: Event) -> str:
    """`go into parameter "budget" of "research"`, or `be moved`."""
    if event.to is not None and event.to.into is Into.PARAMETER:
        return f"go into {described(event.to)}"
    return f"be moved{moved_into(event.to)}"


def may_lend(to: Destination) -> bool:
    """Whether it helps to declare what takes a value as a loan: an attribute lives longer than any loan."""
    return to.keeps is not Keeps.SOMEWHERE


def lending(to: Destination | None, traits: Traits) -> str:
    """What to declare so that a value is lent to where it goes, and not given away."""
    what = "what takes it"
    if to is not None and to.into is Into.PARAMETER:
        what = f'field "{to.name}" of "{to.owner}"' if to.keeps is Keeps.FIELD else described(to)
    elif to is not None and to.into is Into.VARIABLE:
        what = f'"{to.name}"'
    elif to is not None and to.into is Into.RETURN:
        what = "what is returned"
    elif to is not None and to.into is Into.YIELD:
        what = "what is yielded"
    return f"declare {what} as Borrowed[{traits.class_name}]"


def lending_on(to: Destination | None, traits: Traits) -> str | None:
    """What to declare in the program so that something is lent on; None where that is not the way."""
    if to is not None and to.into is Into.ATTRIBUTE and to.keeps is Keeps.FIELD:
        field = to.name.rpartition(".")[2]
        return f'keep it on loan: declare "{field}: Borrowed[{traits.class_name}]" in the class'
    if to is None or to.into is not Into.PARAMETER or to.task:
        return None
    if to.owner.endswith("]"):
        # mypy has one type for all functions in a table, and that says nothing of loans.
        table = to.owner.rpartition("[")[0]
        return f'lend it: declare that the functions in "{table}" take {traits.class_name} as Borrowed'
    if not to.name or not to.is_ours or not may_lend(to):
        return None
    return f"lend it: {lending(to, traits)}"


def moved_into(to: Destination | None) -> str:
    """` into parameter "budget" of "research"`: how a move's new owner is named."""
    if to is None:
        return ""
    if to.into is Into.RETURN:
        return " out by return"
    if to.into is Into.YIELD:
        return " out by yield"
    if to.into is Into.RAISE:
        return " out by raise"
    if to.into is Into.AWAIT:
        return " by await"
    if to.into is Into.RECEIVER:
        return f' by calling "{to.owner}"'
    return f" into {described(to)}"


def lent_to(to: Destination | None) -> str:
    """` to parameter "budget" of "research"`: how a loan's borrower is named."""
    if to is None:
        return ""
    if to.into in (Into.RECEIVER, Into.WITH):
        return f' to the call of "{to.owner}"'
    return f" to {described(to)}"


_UNNAMED = {"lambda": "the lambda", PARTIAL: "the partial"}
"""What is said of a function that has no name, by what it is called where it is lowered."""


def described(to: Destination) -> str:
    """Where a value goes, as a noun."""
    if to.into is Into.PARAMETER:
        callee = f'"{to.owner}"' if to.owner else "the call"
        if to.name:
            return f'parameter "{to.name}" of {callee}'
        return f"the call of {callee}" if to.owner else callee
    if to.into is Into.ELEMENT:
        return f"the {to.name}"
    if to.into is Into.CLOSURE:
        return _UNNAMED.get(to.name) or f'the nested function "{to.name}"'
    if to.into is Into.LOOP:
        return f'loop variable "{to.name}"'
    if to.into is Into.CAPTURE:
        return f'the pattern\'s "{to.name}"'
    if to.into is Into.OPERATOR:
        return f'operator "{to.name}"'
    return f'"{to.name}"'


def split_first(name: str) -> str:
    """The way out where one budget would go to two."""
    return f'split it first, "{name}.split_evenly(n)", and give each its own part'


def once(captive: str) -> str:
    """Why a function may be called once."""
    return f'it uses up "{captive}", which it captured' if captive else "it was taken by move and may be called once"


def once_hint(function: str, captive: str) -> str:
    """The way out where such a function is to be called more often."""
    if not captive:
        return f'declare "{function}" without Owned if it may be called more than once'
    who = f'"{function}"' if function and function not in NAMELESS else "the function"
    return f'let {who} take "{captive}" as a parameter, or split a part of it off for each call, inside'


def retry_hint(name: str, traits: Traits) -> str:
    """The way out where something is tried again."""
    if traits.splits:
        return f'give each attempt a part of its own, "{name}.split(n)"'
    return "make a value per attempt, or lend it"
