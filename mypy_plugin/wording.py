"""Findings become sentences: every string a user sees about ownership is made here (rules, section 8).

A message is one line that stands alone: the place in the words of the program, what happened to it, on which line,
and into what. A hint is a second line with the way out that fits. This module must never know mypy or look at code:
what it needs is in the finding and in `Traits`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .findings import (
    Copied,
    Dropped,
    Faulty,
    Finding,
    Held,
    LentForLonger,
    LentTwice,
    Minted,
    MoveFact,
    NotGivenBack,
    UseAfterMove,
    UsedUp,
)
from .graph import (
    Branch,
    Breach,
    Debt,
    Destination,
    Escape,
    Event,
    Fault,
    Into,
    Kind,
    Out,
    Ownership,
    Place,
    Promised,
    Why,
)

__all__ = ["Code", "Message", "Traits", "implemented", "not_installed", "overridden", "plugin_failed", "word"]

_ITEM = re.compile(r"\[-?\d+\].*")
"""An item of a tuple, and what lies below it: only the tuple can be assigned."""


_NAMELESS = ("the lambda", "the function")
"""What a function is called that has no name."""


class Code(Enum):
    """The rule that a finding breaks; the value is mypy's error code."""

    AFFINE = "affine"
    USE_AFTER_MOVE = "use-after-move"
    BUDGET_COPIED = "budget-copied"
    MOVE_OF_BORROWED = "move-of-borrowed"
    OWNERSHIP_MISMATCH = "ownership-mismatch"
    BUDGET_MINTED = "budget-minted"
    BUDGET_DROPPED = "budget-dropped"
    BUDGET_ESCAPE = "budget-escape"
    LOAN_CONFLICT = "loan-conflict"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a hint may say about the value: the name of its class, and whether it has `split_evenly`."""

    class_name: str
    splits: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One report: the rule, the sentence, and the way out if there is one that fits."""

    code: Code
    text: str
    hint: str | None


def word(finding: Finding, place: Place, root: Place, traits: Traits) -> Message:
    """Say what is wrong. `place` is the place of the finding's event, `root` the variable it hangs on."""
    if isinstance(finding, UseAfterMove):
        return Message(Code.USE_AFTER_MOVE, _use_after_move(finding), _after_move_hint(finding, traits))
    if isinstance(finding, UsedUp):
        return Message(Code.BUDGET_COPIED, *_used_up(finding))
    if isinstance(finding, Copied):
        return Message(Code.BUDGET_COPIED, *_copied(finding, traits))
    if isinstance(finding, NotGivenBack):
        return Message(Code.MOVE_OF_BORROWED, *_not_given_back(finding, root))
    if isinstance(finding, Minted):
        return Message(Code.BUDGET_MINTED, *_minted(finding))
    if isinstance(finding, Dropped):
        return Message(Code.BUDGET_DROPPED, *_dropped(finding))
    if isinstance(finding, LentTwice):
        return Message(Code.LOAN_CONFLICT, *_lent_twice(finding, traits))
    if isinstance(finding, LentForLonger):
        return Message(Code.LOAN_CONFLICT, *_lent_for_longer(finding, root))
    return _faulty(finding, place, root, traits)


def not_installed() -> Message:
    """The one loud error when mypy cannot see the run-time package: without it every check would go silent."""
    text = 'mypy cannot find "budget_types", so every budget in this module is Any and nothing is checked'
    hint = (
        "install budget-types in the environment that mypy runs in (for pre-commit: additional_dependencies), "
        "or point mypy at it with --python-executable"
    )
    return Message(Code.AFFINE, text, hint)


def plugin_failed(error: Exception) -> Message:
    """What becomes of a bug of ours: one error on the module, and mypy's own result unharmed."""
    text = f"budget-types failed on this module and did not check it: {type(error).__name__}: {error}"
    return Message(Code.AFFINE, text, "please report it, with the traceback that --show-traceback prints")


# use-after-move


def _use_after_move(finding: UseAfterMove) -> str:
    name, first = finding.place, finding.moves[0]
    verb = "is" if finding.certain else "may be"
    if first.event.lender is not None and finding.event.to is not None and finding.event.to.into is Into.NEXT_ROUND:
        return f'The loop goes on with "{first.event.lender}" after it {_happened(first, certain=True)}'
    if first.event.lender is not None:
        # What moved is not the name that is used, but what it borrows from.
        what = f'"{name}" {verb} used after "{first.event.lender}", which it borrows from,'
        return f"{what} {_happened(first, finding.certain)}"
    if finding.event.through is not None:
        # What is used is not the place, but a function that captured it.
        what = f'"{finding.event.through}" {verb} used after "{first.place}", which it captured,'
        return f"{what} {_happened(first, finding.certain)}"
    if first.place == name:
        return f'"{name}" {verb} used after it {_happened(first, finding.certain)}'
    if first.place.startswith((name + ".", name + "[")):
        return f'"{name}" {verb} used as a whole after "{first.place}" {_happened(first, finding.certain)}'
    return f'"{name}" {verb} used after "{first.place}" {_happened(first, finding.certain)}'


def _happened(fact: MoveFact, certain: bool) -> str:
    event = fact.event
    line = event.node.line
    if event.to is not None and event.to.into is Into.CALL:
        text = f"was called on line {line}"
    elif event.kind is Kind.DELETE:
        text = f"was deleted on line {line}"
    elif event.to is not None and event.to.into is Into.HANDED_OUT:
        text = f'gave an element away on line {line} by "{event.to.owner}"'
    elif event.to is not None and event.to.into is Into.VARIABLE and event.to.name == "_":
        text = f'was ended on line {line} by "_ = ..."'
    else:
        text = f"was moved on line {line}{_into(event.to)}"
    if fact.previous_iteration:
        return text + " in the previous iteration"
    return text if certain else text + _condition(fact)


def _condition(fact: MoveFact) -> str:
    return "" if fact.branch is None else _decision(fact.branch, taken=fact.taken)


def _decision(branch: Branch, *, taken: bool) -> str:
    truth = "true" if taken else "false"
    text = branch.text()
    if text is None:
        return f" (if the condition on line {branch.line} is {truth})"
    return f' (if "{text}" on line {branch.line} is {truth})'


def _after_move_hint(finding: UseAfterMove, traits: Traits) -> str | None:
    event = finding.moves[0].event
    name = finding.moves[0].place
    again = f'assign "{_ITEM.sub("", name)}" again before this line'
    to = event.to
    if event.kind is Kind.DELETE or to is None:
        return again
    if to.into is Into.PARAMETER:
        part = f'pass a part of it on line {event.node.line}, such as "{name}.split(n)"'
        if to.outlives_call or not to.name or not to.is_ours:
            return part if traits.splits else f"{again}, or use it before it moves"
        lend = f"declare {_described(to)} as Borrowed[{traits.class_name}]"
        return f"{part}, or lend it: {lend}" if traits.splits else f"to lend it instead, {lend}"
    if to.into is Into.HANDED_OUT:
        return f'use "{finding.place}" before line {event.node.line}, or look it up again after it'
    if to.into is Into.VARIABLE and to.name == "_":
        return again
    if to.into is Into.VARIABLE:
        declared = f"{to.name}: Borrowed[{traits.class_name}]"
        return f'use "{to.name}" from line {event.node.line} on, or declare it "{declared}"'
    if to.into is Into.RECEIVER:
        return f'"{to.owner}" consumes its receiver: keep what it returns, or call it last'
    if to.into is Into.YIELD:
        return f"if it comes back, {_lending(to, traits)}"
    return f"{again}, or move it later"


# budget-copied


def _copied(finding: Copied, traits: Traits) -> tuple[str, str]:
    name, event = finding.place, finding.event
    if finding.first is not None:
        again = _again(finding.first, event)
        first = _goes(finding.first, past=True)
        if finding.first.to is not None and finding.first.to.task and finding.first.expression != event.expression:
            first = f'went to the task started by "{finding.first.to.task}"'
        text = f'"{name}" already {first} on line {finding.first.node.line} and cannot {again}'
        if traits.splits:
            return text, f'split it first, "{name}.split_evenly(n)", and give each its own part'
        return text, "give each a value of its own"
    word = finding.loop.word if finding.loop is not None else "loop"
    line = f" on line {finding.loop.line}" if finding.loop is not None else ""
    text = f'"{name}" would {_goes(event, past=False)} once per iteration of the {word}{line}'
    if traits.splits:
        return text, f'split inside the {word}, "{name}.split(n)", so that each iteration has a part of its own'
    return text, f'make a value per iteration, or assign "{name}" again in the {word}'


def _used_up(finding: UsedUp) -> tuple[str, str]:
    """A function that used up what it captured is called, or given away, once more."""
    name, event, first = finding.place, finding.event, finding.first
    calls = event.to is not None and event.to.into is Into.CALL
    if first.previous_iteration:
        word, line = ("loop", "") if finding.loop is None else (finding.loop.word, f" on line {finding.loop.line}")
        what = "be called" if calls else _goes(event, past=False)
        text = f'"{name}" would {what} once per iteration of the {word}{line}, but {_once(finding.captive)}'
        return text, _once_hint(name, finding.captive)
    called = first.event.to is not None and first.event.to.into is Into.CALL
    if called and calls:
        verb = "is called again" if finding.certain else "may be called again"
    elif calls:
        verb = "is called" if finding.certain else "may be called"
    else:
        verb = f"cannot {_goes(event, past=False)}"
    happened = _happened(first, finding.certain)
    text = f'"{name}" {verb} after it {happened}: {_once(finding.captive)}'
    return text, _once_hint(name, finding.captive)


def _once(captive: str) -> str:
    return f'it uses up "{captive}", which it captured' if captive else "it was taken by move and may be called once"


def _once_hint(function: str, captive: str) -> str:
    if not captive:
        return f'declare "{function}" without Owned if it may be called more than once'
    who = f'"{function}"' if function and function not in _NAMELESS else "the function"
    return f'let {who} take "{captive}" as a parameter, or split a part of it off for each call, inside'


def _again(first: Event, second: Event) -> str:
    """The second of two uses in one expression, without saying the same words twice."""
    to = second.to
    if to is None or to != first.to:
        return f"{_goes(second, past=False)} as well"
    if to.into is Into.PARAMETER and to.owner:
        return f'go into a second call of "{to.owner}"'
    return f"{_goes(second, past=False)} twice"


def _goes(event: Event, *, past: bool) -> str:
    """`went into parameter "budget" of "research"`, or with `go`."""
    receives = event.kind is Kind.LOOK and event.to is not None and event.to.into is Into.RECEIVER
    if receives or event.kind in (Kind.LEND, Kind.LOAN):
        return ("was lent" if past else "be lent") + _to(event.to)
    into = _into(event.to)
    if into:
        return ("went" if past else "go") + into
    return "was moved" if past else "be moved"


# move-of-borrowed


_WHY_NOT_OWNED = {
    Ownership.BORROWED: 'is borrowed (declared "Borrowed")',
    Ownership.SHARED: 'is borrowed (declared "Shared")',
    Ownership.SELF: "is borrowed: only a method with @consumes owns its receiver",
    Ownership.NEW: "is borrowed: a constructor hands it to its caller",
    Ownership.GLOBAL: "is a global variable, which every function can reach",
    Ownership.CLASS: "is a class variable, which every function can reach",
    Ownership.NOT_AFFINE: "is declared with a type that is not affine, so others may hold the value",
}


def _not_given_back(finding: NotGivenBack, root: Place) -> tuple[str, str]:
    what = "is deleted" if finding.event.kind is Kind.DELETE else f"is moved{_into(finding.event.to)}"
    does = "hands to its caller" if root.ownership is Ownership.NEW else "only borrows"
    text = (
        f'"{finding.place}" {what} out of "{root.name}", which "{finding.body}" '
        f"{does}, and not assigned again on every way out"
    )
    or_raise = "" if root.ownership is Ownership.NEW else " or raise"
    return text, f'assign "{finding.place}" again before "{finding.body}" can return{or_raise}'


def _element(event: Event, name: str) -> tuple[str, str]:
    into = _into(event.to)
    if event.bound is None:
        text = f'"{name}" is only lent by its container and cannot be moved{into}'
        return text, 'take it out of the container first, with ".pop(...)"'
    line = event.bound.line
    bound = f'on line {line} it was bound to "{event.lender}", which its container only lends'
    text = f'"{name}" cannot be moved{into}: {bound}'
    return text, f'take it out of the container on line {line}, with ".pop(...)"'


def _of_context(event: Event, name: str, traits: Traits) -> tuple[str, str]:
    what = "it" if name == event.lender else f'"{event.lender}"'
    bound = "" if event.bound is None else f", which it was bound to on line {event.bound.line}"
    text = f'"{name}" cannot be moved{_into(event.to)}: every call of the run shares {what}{bound}'
    lend = _lending(event.to, traits)
    return text, f'give away a part, "{name}.split(n)", or lend it: {lend}' if traits.splits else f"lend it: {lend}"


def _not_owned(event: Event, place: Place, root: Place, traits: Traits) -> Message:
    into = _into(event.to)
    if root.name.endswith("]") or root.name == "an element":
        text = f'"{root.name}" is only lent by its container and cannot be moved{into}'
        return Message(Code.MOVE_OF_BORROWED, text, 'take it out of the container first, with ".pop(...)"')
    if root.name.startswith("the result of"):
        text = f"{root.name} is borrowed and cannot be moved{into}"
        return Message(Code.MOVE_OF_BORROWED, text, None)
    if root.ownership is Ownership.OWNED:
        # The part is declared to be borrowed, whoever owns the whole.
        root = place
    if root.ownership is Ownership.RETRIED:
        text = f'"{place.name}" would be moved{into} by every attempt: this function is called again when it fails'
        return Message(Code.BUDGET_COPIED, text, _retry_hint(place.name, traits))
    owner = "it" if place is root else f'"{root.name}"'
    what = "deleted" if event.to is not None and event.to.into is Into.DELETE else f"moved{into}"
    text = f'"{place.name}" cannot be {what}: {owner} {_WHY_NOT_OWNED[root.ownership]}'
    if root.ownership in (Ownership.BORROWED, Ownership.SHARED):
        hint = f'take it by move: declare "{root.name}" as {traits.class_name}'
        if traits.splits:
            hint += f', or give away a part, "{place.name}.split(n)"'
    elif traits.splits:
        hint = f'give away a part of it, "{place.name}.split(n)"'
    elif root.ownership is Ownership.SELF:
        lend = _lending(event.to, traits)
        hint = f"to lend it instead, {lend}; to give it away, mark the method with @consumes"
    else:
        hint = "pass it as a parameter instead"
    return Message(Code.MOVE_OF_BORROWED, text, hint)


# ownership-mismatch


def overridden(breach: Breach, member: str, class_name: str) -> Message:
    """A member of a class breaks a promise of a base: one of its own, of another base, or of what it gives."""
    where = ""
    if breach.member != member:
        where = f'In "{member}" of "{class_name}", '
    elif breach.of != class_name:
        where = f'In "{class_name}", '
    override = _member_of(breach.of, breach)
    text = where + _mismatch(breach, override, _member_of(breach.by, breach))
    return Message(Code.OWNERSHIP_MISMATCH, text, _keep_promise(breach, override, f'"{breach.by}"'))


def implemented(breach: Breach, name: str) -> Message:
    """The implementation of an overload breaks what one of its items promises."""
    name = f'the implementation of "{name}"'
    return Message(Code.OWNERSHIP_MISMATCH, _mismatch(breach, name, "its overload"), _keep_promise(breach, name, ""))


def _misplaced(finding: Faulty) -> tuple[str, str | None]:
    event = finding.event
    breach, to = event.breach, event.to
    assert breach is not None and to is not None
    name = f'"{finding.place}"' if finding.place else "the value"
    if to.into is Into.RETURN:
        promise = f'the result of "{to.owner}"'
    elif to.into is Into.YIELD:
        promise = f'what "{to.owner}" yields'
    else:
        promise = _described(to)
    if breach.member:
        name = _member_of(breach.of, breach)
        promise = f'{promise} is declared as "{breach.by}", whose "{breach.member}"'
    return _mismatch(breach, name, promise), _keep_promise(breach, name, f'"{breach.by}"' if breach.member else "")


def _mismatch(breach: Breach, name: str, promise: str) -> str:
    for step in breach.path:
        if step == "item":
            name = f"an item of {name}"
        elif step == "result":
            name = f"what {name} returns"
        else:
            name = f'parameter "{step}" of {name}' if step else f"a parameter of {name}"
    name = name[0].upper() + name[1:]
    lends = "read" if breach.promised is Ownership.SHARED else "borrow"
    if breach.what is Promised.RESULT:
        if breach.flipped:
            return f"{name} is declared to give a {breach.class_name} to own, but {promise} lets it only lend one"
        return f"{name} gives something borrowed, where {promise} promises a {breach.class_name} to own"
    if breach.flipped:
        takes = "take it by move" if breach.actual is Ownership.OWNED else "change it"
        return f"{name} is declared only to {lends} what it is called with, but {promise} lets it {takes}"
    if breach.what is Promised.RECEIVER:
        what = "its object"
    else:
        what = f'parameter "{breach.parameter}"' if breach.parameter else f"argument {breach.position + 1}"
    takes = f"takes {what} by move" if breach.actual is Ownership.OWNED else f"borrows {what} to change it"
    return f"{name} {takes}, where {promise} promises only to {lends} it"


def _keep_promise(breach: Breach, name: str, base: str) -> str | None:
    """How what stands there can keep the promise, or what promises can take it back."""
    if breach.path:
        return None
    otherwise = f", or change what {base} promises" if base else ""
    if breach.what is Promised.RECEIVER:
        return f'let {name} only borrow "self"{otherwise}'
    if breach.what is Promised.RESULT:
        return f"let {name} give a {breach.class_name} of its own{otherwise}"
    if not breach.parameter:
        return None
    return f'declare "{breach.parameter}" of {name} as {breach.promised.value}[{breach.class_name}]{otherwise}'


def _member_of(owner: str, breach: Breach) -> str:
    return f'"{breach.member}" of "{owner}"'


# loan-conflict


def _lent_twice(finding: LentTwice, traits: Traits) -> tuple[str, str]:
    name, loan = finding.place, finding.loan
    if finding.loop is not None:
        text = (
            f'"{name}" would {_goes(finding.event, past=False)} once per iteration of the {finding.loop.word} '
            f"on line {finding.loop.line}, while the one before has it on loan"
        )
        if traits.splits:
            return text, f'split inside the {finding.loop.word}, "{name}.split(n)", or await each before the next'
        return text, "await each before the next"
    until = "has not been awaited" if not finding.running else "may still be running"
    text = (
        f'"{name}" {_goes(loan, past=True)} on line {loan.node.line}, which {until}, '
        f"and cannot {_goes(finding.event, past=False)} as well"
    )
    if traits.splits:
        return text, f'split it first, "{name}.split_evenly(n)", and give each its own part, or await the first before'
    return text, "await the first before"


def _lent_for_longer(finding: LentForLonger, root: Place) -> tuple[str, str]:
    name, lent = finding.place, _goes(finding.event, past=True)
    text = f'"{name}" {lent}, which may still be running when "{finding.body}" returns'
    if root.ownership is Ownership.NEW:
        return f"{text} and hands it to its caller", "let the one who makes the object start it"
    text += ", but it is only borrowed here"
    return text, f'await it before "{finding.body}" returns, or let that take "{name}" by move'


def _retry_hint(name: str, traits: Traits) -> str:
    if traits.splits:
        return f'give each attempt a part of its own, "{name}.split(n)"'
    return "make a value per attempt, or lend it"


# budget-minted


def _minted(finding: Minted) -> tuple[str, str]:
    held = finding.held
    text = f"{_made(finding.event, finding.place)} while {_held(held)}: the two caps add up"
    part = f'take a part of what is there, "{held.place}.split(n)"'
    return text, part if held.certain else f'{part}, and make one only where "{held.place}" has none'


def _minted_outside(finding: Faulty) -> tuple[str, str]:
    event = finding.event
    module = event.to.owner if event.to is not None else ""
    text = f'{_made(event, finding.place)} in "{module}", which is not among the modules that may make one'
    return text, f'take it as a parameter, or allow this module: mint = ["{module}"] in [tool.budget-types]'


def _made(event: Event, class_name: str) -> str:
    maker = event.to.name if event.to is not None else ""
    if maker:
        return f'Each {class_name} that "{maker}" makes comes from nothing'
    return f"This {class_name} is made from nothing"


def _held(held: Held) -> str:
    line = f" since line {held.since}" if held.since else ""
    if not held.certain:
        return f'"{held.place}" may hold one{line}'
    if held.ownership is Ownership.OWNED:
        return f'"{held.place}" holds one{line}'
    return f'"{held.place}" is borrowed{line}'


# budget-dropped


def _dropped(finding: Dropped) -> tuple[str, str]:
    debt = finding.event.debt
    assert debt is not None
    verb = "is" if finding.certain else "may be"
    text = f'"{finding.place}" {verb} {_dropped_without(debt)}{_way_out(finding)}'
    if finding.branch is not None:
        text += _decision(finding.branch, taken=finding.taken)
    return text, _dropped_hint(debt, finding.place)


def _dropped_without(debt: Debt) -> str:
    if not debt.must_use:
        return "dropped unused"
    return f"dropped without {_any_of(debt.ends)}" if debt.ends else "dropped and not given to anybody"


def _any_of(names: tuple[str, ...]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]


def _way_out(finding: Dropped) -> str:
    end, jump = finding.end, finding.jump
    if end is not None:
        if end.kind is Kind.DELETE:
            return f' by "del" on line {end.node.line}'
        if finding.next_iteration:
            return " before the next iteration gives it another value"
        return f" before it is assigned again on line {end.node.line}"
    if jump is None:
        return f' at the end of "{finding.body}"'
    if jump.why is Why.RETURN:
        return f" by the return on line {jump.line}"
    if jump.why is Why.RAISE:
        return f" by the exception raised on line {jump.line}"
    if jump.why is Why.NO_EXCEPTION:
        return f' if the task is cancelled in the "try" on line {jump.line}, which "except Exception" lets pass'
    return f" if line {jump.line} raises"


def _dropped_hint(debt: Debt, place: str = "") -> str:
    if debt.manager and debt.must_use:
        name = f' ("{debt.manager} {place}:")' if place else ""
        return f'use it in a "{debt.manager}" block{name}, which ends it however the block is left'
    if debt.ends and debt.must_use:
        what = f"call {_any_of(debt.ends)}"
    else:
        what = "move or return it" if debt.must_use else "use, move or return it"
    given_up = f', or give it up visibly: "_ = {place}"' if place else ""
    return f"{what} on every way out{given_up}"


def _unkept(finding: Faulty) -> tuple[str, str]:
    debt = finding.event.debt
    assert debt is not None
    value = f'The {debt.class_name} of "{finding.place}"' if finding.place else f"This {debt.class_name}"
    return f"{value} is {_dropped_without(debt)}: nothing keeps it", _dropped_hint(debt)


# budget-escape


def _escapes(finding: Faulty, traits: Traits) -> tuple[str, str]:
    escape = finding.event.escape
    assert escape is not None
    what = f'"{finding.place}"' if finding.place else f"This {traits.class_name}"
    text = f"{what} escapes {_out(escape)}"
    if escape.by is not Out.FIELD:
        text += ": nothing follows it from there on"
    return text, _escape_hint(escape, finding.place or "it", traits.class_name)


def _out(escape: Escape) -> str:
    callee = f'"{escape.owner}"'
    parameter = f'parameter "{escape.name}" of {callee}' if escape.name else f"the call of {callee}"
    if escape.by is Out.PARAMETER:
        return f"into {parameter}, declared {escape.type}"
    if escape.by is Out.UNTYPED:
        return f"into {parameter}, which has no annotation"
    if escape.by is Out.CALLEE:
        return f"into a call of {callee}, whose type is Any"
    if escape.by is Out.VARIABLE:
        return f'into "{escape.name}", declared {escape.type}'
    if escape.by is Out.FIELD:
        return f'into field "{escape.name}" of {callee}, which is not affine and may be shared'
    if escape.by is Out.ELEMENT:
        return f"into an element of {escape.type}"
    if escape.by is Out.RETURN:
        return f"by the return of {callee}, declared {escape.type}"
    if escape.by is Out.YIELD:
        return f"by the yield of {callee}, declared {escape.type}"
    if escape.by is Out.CAST:
        return f"by a cast to {escape.type}"
    return 'by "getattr", which gives Any'


def _escape_hint(escape: Escape, place: str, class_name: str) -> str:
    instead = f'pass what it has to know of "{place}" instead'
    if escape.by is Out.PARAMETER or escape.by is Out.UNTYPED:
        if escape.is_ours and escape.name:
            return f'declare "{escape.name}" of "{escape.owner}" as {class_name}, or as Borrowed[{class_name}]'
        return instead
    if escape.by is Out.CALLEE:
        return f'give "{escape.owner}" a type, or {instead}'
    if escape.by is Out.VARIABLE:
        return f'declare "{escape.name}" as {class_name}'
    if escape.by is Out.FIELD:
        if escape.is_ours:
            return f'mark "{escape.owner}" as @affine, so that it has one owner, too'
        return f'list "{escape.owner}" in the configuration: affine = [...]'
    if escape.by is Out.ELEMENT:
        return f"declare it as a container of {class_name}"
    if escape.by is Out.RETURN or escape.by is Out.YIELD:
        return f'declare what "{escape.owner}" gives as {class_name}'
    if escape.by is Out.CAST:
        return "leave the cast out"
    return f'write ".{escape.name}"'


# Faults


def _faulty(finding: Faulty, place: Place, root: Place, traits: Traits) -> Message:
    event, name = finding.event, finding.place
    if event.fault is Fault.NOT_OWNED:
        return _not_owned(event, place, root, traits)
    if event.fault is Fault.ELEMENT:
        return Message(Code.MOVE_OF_BORROWED, *_element(event, name))
    if event.fault is Fault.OF_CONTEXT:
        return Message(Code.MOVE_OF_BORROWED, *_of_context(event, name, traits))
    if event.fault is Fault.HOLDS_LOANS:
        text = f'"{name}" only borrows what it holds and cannot be moved{_into(event.to)}'
        return Message(Code.MOVE_OF_BORROWED, text, "say Borrowed[...] of what is in it there, too")
    if event.fault is Fault.ESCAPES:
        return Message(Code.BUDGET_ESCAPE, *_escapes(finding, traits))
    if event.fault is Fault.UNKEPT:
        return Message(Code.BUDGET_DROPPED, *_unkept(finding))
    if event.fault is Fault.MINTED:
        return Message(Code.BUDGET_MINTED, *_minted_outside(finding))
    if event.fault is Fault.MISMATCH:
        return Message(Code.OWNERSHIP_MISMATCH, *_misplaced(finding))
    copied = Code.BUDGET_COPIED
    split = f'split it first, "{name}.split_evenly(n)", and give each its own part'
    if event.fault is Fault.LENT:
        lent = f'"{name}" is lent{_to(event.other)} until that call returns'
        text = f"{lent} and cannot {_goes_to(event)} as well"
        return Message(copied, text, split if traits.splits else "make this a statement of its own")
    if event.fault is Fault.ASSIGNED_TWICE:
        what = f'"{name}"' if name.isidentifier() or "." in name else f'The value of "{name}"'
        text = f"{what} already went{_into(event.other)} and cannot go{_into(event.to)} as well"
        return Message(copied, text, split if traits.splits else "give each name a value of its own")
    if event.fault is Fault.REPEATED:
        return Message(copied, f'"{name}" would be in the result more than once', "make each value on its own")
    if event.fault is Fault.SLICED:
        text = f'A slice of "{name}" would hold elements that "{name}" goes on holding'
        return Message(copied, text, f'take them out one by one, "{name}.pop()", or move the whole of "{name}"')
    if event.fault is Fault.SHARED:
        owner = event.other.owner if event.other is not None else ""
        text = f'What "{owner}" gives would hold elements that "{name}" goes on holding'
        return Message(copied, text, f'take them out one by one, "{name}.pop()", or move the whole of "{name}"')
    if event.fault is Fault.TAKES_ELEMENTS:
        owner = event.to.owner if event.to is not None else ""
        function = f'"{name}"' if name != "the lambda" else "The lambda"
        text = f'{function} takes its argument by move, but "{owner}" calls it with values that stay where they are'
        return Message(copied, text, "declare that parameter as Borrowed[...]")
    if event.fault is Fault.CALLED_AGAIN:
        who = name.capitalize() if name in _NAMELESS else f'"{name}"'
        captive = event.other.name if event.other is not None else ""
        by = f' by "{event.to.owner}"' if event.to is not None and event.to.owner else ""
        return Message(
            copied, f"{who} may be called more than once{by}, but {_once(captive)}", _once_hint(name, captive)
        )
    if event.fault is Fault.LATE:
        line = event.beside[0].node.line
        text = f'"{name}" gets a new value on line {line}, which a function that is kept here would use up as well'
        hint = f'give it the value where it is made: functools.partial(..., {name}), or a default "{name}={name}"'
        return Message(copied, text, hint)
    if event.fault is Fault.LENT_TO_EACH:
        caller = event.other.name if event.other is not None else ""
        text = f'"{name}" would be lent{_to(event.to)} once per call that "{caller}" makes, and these go on at once'
        return Message(Code.LOAN_CONFLICT, text, "give each call a part of its own, or await each before the next")
    if event.fault is Fault.PER_ATTEMPT:
        text = f'"{name}" would {_goes(event, past=False)} once per attempt: it is called again when it fails'
        return Message(copied, text, _retry_hint(name, traits))
    if event.fault is Fault.PER_CALL:
        method = event.other.name if event.other is not None else ""
        text = f'"{name}" would {_goes(event, past=False)} once per call of "{method}"'
        return Message(copied, text, f'keep it in the object, or split inside "{method}"')
    if event.fault is Fault.DEFAULT:
        function = event.to.owner if event.to is not None else ""
        text = f'Every call of "{function}" that leaves "{name}" out would share one {traits.class_name}'
        return Message(copied, text, f'default to None and make the {traits.class_name} inside "{function}"')
    if event.fault is Fault.GENERIC:
        return Message(copied, *_not_generic(event))
    owner = event.to.name if event.to is not None else ""
    text = f'Every instance of "{owner}" would share one {traits.class_name} as "{name}"'
    return Message(copied, text, f'assign "self.{name}" in "__init__", or use a default factory')


def _not_generic(event: Event) -> tuple[str, str]:
    misuse, to = event.misuse, event.to
    assert misuse is not None and to is not None
    inside = f' of "{misuse.module}"' if misuse.module else ""
    function = misuse.function.rpartition(".")[2]
    text = (
        f'"{to.owner}" treats its {misuse.variable}, here {to.name}, as if it could be copied: '
        f'{misuse.text} (in "{function}", line {misuse.line}{inside})'
    )
    lends = f"declare what it only lends, parameter or result, as Borrowed[{misuse.variable}]"
    return text, f'give each value in "{function}" one owner, and {lends}'


def _lending(to: Destination | None, traits: Traits) -> str:
    """What to declare so that a value is lent to where it goes, and not given away."""
    what = "what takes it"
    if to is not None and to.into is Into.PARAMETER:
        what = _described(to)
    elif to is not None and to.into is Into.VARIABLE:
        what = f'"{to.name}"'
    elif to is not None and to.into is Into.RETURN:
        what = "what is returned"
    elif to is not None and to.into is Into.YIELD:
        what = "what is yielded"
    return f"declare {what} as Borrowed[{traits.class_name}]"


def _goes_to(event: Event) -> str:
    if event.to is not None and event.to.into is Into.PARAMETER:
        return f"go into {_described(event.to)}"
    return f"be moved{_into(event.to)}"


# Destinations


def _into(to: Destination | None) -> str:
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
    return f" into {_described(to)}"


def _to(to: Destination | None) -> str:
    """` to parameter "budget" of "research"`: how a loan's borrower is named."""
    if to is None:
        return ""
    if to.into is Into.RECEIVER:
        return f' to the call of "{to.owner}"'
    return f" to {_described(to)}"


def _described(to: Destination) -> str:
    if to.into is Into.PARAMETER:
        callee = f'"{to.owner}"' if to.owner else "the call"
        if to.name:
            return f'parameter "{to.name}" of {callee}'
        return f"the call of {callee}" if to.owner else callee
    if to.into is Into.ELEMENT:
        return f"the {to.name}"
    if to.into is Into.CLOSURE:
        return "the lambda" if to.name == "lambda" else f'the nested function "{to.name}"'
    if to.into is Into.LOOP:
        return f'loop variable "{to.name}"'
    if to.into is Into.CAPTURE:
        return f'the pattern\'s "{to.name}"'
    if to.into is Into.OPERATOR:
        return f'operator "{to.name}"'
    return f'"{to.name}"'
