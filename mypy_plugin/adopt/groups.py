"""Which caps have to become budgets together, how each takes its value then, and what stands in the way.

A number may be copied at every step; a budget is one thing that goes from one place to the next. So a cap is rewritten
with all that it goes into and all that it comes from, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeAlias

import libcst as cst

from ..fix.source import Source, path_of
from .calls import Callee, Calls
from .caps import Cap, Finder, is_stub
from .counting import Counted, counted_down
from .shares import Shares, even_shares
from .uses import Classes, Kind, Use, uses_of

__all__ = ["CodeBase", "Group", "Handed", "Mode"]

Mode: TypeAlias = Literal["Budget", "Borrowed[Budget]"]

_ONLY_LOOKS = frozenset({Kind.LOOKED, Kind.NONE, Kind.COMPARED, Kind.TESTED, Kind.PASSED, Kind.DECLARED, Kind.RETURNED})
_COUNTS = frozenset({Kind.SPENT, Kind.COMPARED, Kind.TESTED})
_HOLDS_TO_IT = frozenset({Kind.DECLARED, Kind.LOOKED, Kind.NONE, Kind.COMPARED, Kind.TESTED, Kind.LIBRARY})
_GOES_ON = frozenset({Kind.DECLARED, Kind.STORED, Kind.PASSED, Kind.ASSIGNED})
_USED_UP = frozenset({Kind.SPENT, Kind.PART})
_NUMBERS_MADE = (cst.Integer, cst.Float, cst.BinaryOperation)


@dataclass(frozen=True, eq=False)
class Handed:
    """What a call hands to a cap."""

    source: Source
    call: cst.Call
    argument: cst.Arg
    cap: Cap


@dataclass(frozen=True, eq=False)
class Group:
    """Caps that flow into each other."""

    caps: tuple[Cap, ...]
    obstacle: str | None
    """Why they stay numbers; None if nothing in the text speaks against budgets."""
    modes: dict[Cap, Mode]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is called, which no rewrite of another one changes."""
        first = self.caps[0]
        return first.source.path, first.of, first.name


class CodeBase:
    """The caps of some files, their uses, and the groups that they form."""

    def __init__(self, sources: Sequence[Source], finder: Finder, classes: Classes = MappingProxyType({})) -> None:
        self.sources = list(sources)
        self.caps = finder.find(self.sources)
        self.calls = Calls(self.sources, self.caps)
        self.uses: dict[Cap, list[Use]] = {
            cap: uses_of(cap, self.sources, self.calls, self.caps, classes) for cap in self.caps
        }
        self.limits = self._limits()
        """What is the limit of one call, and a number for good."""
        self.settings = self._settings()
        """Fields that budgets are made of, and numbers for good."""
        for cap, uses in self.uses.items():
            if cap not in self.limits:
                self.uses[cap] = [self._without_limits(use) for use in uses]
        for cap in self.settings:
            self.uses[cap] = [replace(use, to=()) for use in self.uses[cap]]
        self.counted: dict[Cap, Counted] = {}
        """What is counted up to a cap, and compared with it."""
        for cap, uses in self.uses.items():
            if (counted := counted_down(cap, uses)) is not None:
                self.counted[cap] = counted
        self._even = {cap: even for cap, uses in self.uses.items() if (even := even_shares(cap, uses)) is not None}
        self.shares = {use for uses, _ in self._even.values() for use in uses}
        """The parts that are passed on, where these are even shares of a cap."""

    def _limits(self) -> set[Cap]:
        """The caps that go to libraries only, and are called as one call's limit is: never compared or counted down."""
        limits = {cap for cap in self.caps if cap.row.per_call and not {use.kind for use in self.uses[cap]} & _COUNTS}
        pairs = [*self._siblings()]
        while True:
            # What is passed on to a cap is one.
            more = {cap for cap in limits if any(set(use.to) - limits for use in self.uses[cap])}
            for one, other in pairs:
                more |= limits & {one, other} if not limits >= {one, other} else set()
            if not more:
                return limits
            limits -= more

    def _settings(self) -> set[Cap]:
        """The fields that are only read, by others than their own class, and that no cap flows into."""
        flows_into = {other for uses in self.uses.values() for use in uses for other in use.to}
        return {
            cap
            for cap in self.caps
            if cap.kind == "field"
            and cap not in flows_into
            and not any(use.kind in _COUNTS or _is_inside(cap, use) for use in self.uses[cap])
            and any(use.to for use in self.uses[cap])
        }

    def _without_limits(self, use: Use) -> Use:
        """To pass a cap on to a limit is to look at its number."""
        if not use.to or not self.limits.issuperset(use.to):
            return use
        return replace(use, kind=Kind.LIBRARY, to=(), whole=None)

    def share_of(self, cap: Cap) -> Shares | None:
        """The even shares in which a cap is passed on, if it is."""
        return self._even[cap][1] if cap in self._even else None

    @cached_property
    def groups(self) -> list[Group]:
        """The groups, each where its first cap stands."""
        leader = {cap: cap for cap in self.caps}

        def head(cap: Cap) -> Cap:
            while leader[cap] is not cap:
                cap = leader[cap]
            return cap

        flows = ((cap, other) for cap, uses in self.uses.items() for use in uses for other in use.to)
        for one, other in [*flows, *self._siblings()]:
            leader[head(other)] = head(one)
        members: dict[Cap, list[Cap]] = {}
        for cap in self.caps:
            members.setdefault(head(cap), []).append(cap)
        return [self._group(tuple(caps)) for caps in members.values()]

    @cached_property
    def group_of(self) -> dict[Cap, Group]:
        """The group that each cap is in."""
        return {cap: group for group in self.groups for cap in group.caps}

    @cached_property
    def handed(self) -> list[Handed]:
        """All that calls hand to parameters and fields."""
        return [
            Handed(source, call, argument, cap)
            for source, call, found, first in self._calls
            for callee in found
            for cap in callee.caps.values()
            if (argument := self.calls.argument(callee, call, cap, first)) is not None
        ]

    @cached_property
    def _calls(self) -> list[tuple[Source, cst.Call, list[Callee], int]]:
        return [(source, *each) for source in self.sources for each in self.calls.all(source)]

    def _siblings(self) -> Iterable[tuple[Cap, Cap]]:
        """Parameters that promise the same: of overloads, and of methods of one name.

        One call may go to either of two methods of a name; and one of them may override the other.
        """
        methods: dict[tuple[str, str], Cap] = {}
        for cap in self.caps:
            owner = cap.owner
            if cap.kind != "parameter" or not isinstance(owner, cst.FunctionDef):
                continue
            if cap.source.class_around(owner) and not owner.name.value.startswith("__"):
                yield methods.setdefault((owner.name.value, cap.name), cap), cap
            overloads = cap.source.functions(owner.name.value)
            if len(overloads) > 1:
                same = [
                    other
                    for other in self.caps
                    if other.kind == "parameter"
                    and other.owner in overloads
                    and other.name == cap.name
                    and cap.source.parent(other.owner) is cap.source.parent(owner)
                ]
                yield from ((cap, other) for other in same)

    def _group(self, caps: tuple[Cap, ...]) -> Group:
        return Group(caps, self._obstacle(caps), self._modes(caps))

    # What stands in the way

    def _obstacle(self, caps: tuple[Cap, ...]) -> str | None:
        if self.limits.issuperset(caps):
            return "it is never compared or counted down: the limit of one call, as far as can be seen, and no budget"
        if self.settings.issuperset(caps):
            return "it is a setting, which only others read: budgets are made of it"
        several = len(caps) > 1
        for cap in caps:
            here = f"{cap}: " if several else ""
            if cap.obstacle is not None:
                return here + cap.obstacle
            for use in self.uses[cap]:
                wrong = use.obstacle or self._obstacle_of_use(cap, use)
                if wrong is not None:
                    return f"{here}{wrong} (line {use.source.start(use.node)[0]})"
        if any(self._is_no_amount(value) for value in self._values(caps)):
            return "a number stands for no cap at all: say None for that"
        if len({cap.unit for cap in caps}) > 1:
            return "it is tokens here and dollars there: " + " and ".join(map(str, caps))
        for each in self.handed:
            if each.cap in caps and (wrong := self._obstacle_of_argument(each)) is not None:
                where = f"{each.source.path}:{each.source.start(each.argument)[0]}"
                return f"{each.cap}: {wrong} ({where})"
        for source, call, found, first in self._calls:
            for callee in found:
                if any(cap in caps for cap in callee.caps.values()) and self._may_be_unpacked(
                    callee, call, caps, first
                ):
                    return f'"{callee.label}" is called with unpacked arguments ({source.path}:{source.start(call)[0]})'
        return self._not_a_cap(caps)

    def _obstacle_of_use(self, cap: Cap, use: Use) -> str | None:
        if use.kind is Kind.LIBRARY and use.text.rpartition(".")[2] == "Budget":
            return "a budget is made of it"
        if use.kind is Kind.PART and use not in self.shares:
            if not isinstance(use.reckoned or use.whole, cst.BinaryOperation):
                return "a part of it is passed on that is not simply reckoned"
            loops = [
                each
                for each in use.source.around(use.whole or use.node)
                if isinstance(each, (cst.For, cst.While, cst.ListComp, cst.GeneratorExp, cst.SetComp, cst.DictComp))
            ]
            parts = [each for each in self.uses[cap] if each.kind is Kind.PART]
            if loops or len(parts) > 1:
                return "several parts of it are passed on: split it first, by hand"
        if use.kind is Kind.ASSIGNED and use.whole is not None:
            named = {id(other.node) for other_cap in self.caps for other in self.uses[other_cap]}
            inside = [each for each in use.source.walk(use.whole) if id(each) in named]
            if inside and inside != [use.whole]:
                return "it is given a number that is made of a cap"
        return None

    def _obstacle_of_argument(self, handed: Handed) -> str | None:
        value = handed.argument.value
        if named := self.named_in(handed.source, value):
            whole = any(value is (use.whole if use.kind is Kind.PART else use.node) for use in named)
            return None if whole else "what is handed to it is made of a cap"
        if handed.cap.optional and not isinstance(value, _NUMBERS_MADE) and path_of(value) is None:
            return "what is handed to it may be None"
        return None

    def named_in(self, source: Source, value: cst.BaseExpression) -> list[Use]:
        """The uses of caps in an expression."""
        nodes = {id(each) for each in source.walk(value)}
        numbers = self.limits | self.settings
        return [
            use
            for cap, uses in self.uses.items()
            for use in uses
            if cap not in numbers and (id(use.node) in nodes or (use.reckoned is not None and id(use.whole) in nodes))
        ]

    def _values(self, caps: Sequence[Cap]) -> Iterable[cst.BaseExpression]:
        """What caps are given: defaults, arguments, what is assigned."""
        yield from (cap.default for cap in caps if cap.default is not None)
        yield from (each.argument.value for each in self.handed if each.cap in caps)
        yield from (use.whole for cap in caps for use in self.uses[cap] if use.whole is not None)

    @staticmethod
    def _is_no_amount(value: cst.BaseExpression) -> bool:
        """-1, infinity, `sys.maxsize`."""
        if isinstance(value, cst.Call) and path_of(value.func) == "float" and len(value.args) == 1:
            return isinstance(value.args[0].value, cst.SimpleString)
        negative = isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus)
        return negative or (path_of(value) or "").rpartition(".")[2] in ("inf", "maxsize")

    def _may_be_unpacked(self, callee: Callee, call: cst.Call, caps: Sequence[Cap], first: int) -> bool:
        if not any(each.star for each in call.args):
            return False
        wanted = [cap for cap in callee.caps.values() if cap in caps]
        return any(self.calls.argument(callee, call, cap, first) is None for cap in wanted)

    def _not_a_cap(self, caps: Sequence[Cap]) -> str | None:
        if any(cap in self.counted and not self.counted[cap].why for cap in caps):
            return None
        kinds = {use.kind for cap in caps for use in self.uses[cap]}
        if not kinds - _GOES_ON:
            return "nothing uses it"
        reckoned = (
            isinstance(use.source.parent(use.node), cst.BinaryOperation) for cap in caps for use in self.uses[cap]
        )
        if kinds <= {Kind.DECLARED, Kind.LOOKED, Kind.NONE} and any(reckoned):
            return "it is only reckoned with: nothing compares it, counts it down or hands it on"
        uses = [use for cap in caps for use in self.uses[cap]]
        if (any(map(_is_held_to_it, uses)) and not kinds & _USED_UP) or (
            all(cap.kind == "field" for cap in caps) and not kinds - _HOLDS_TO_IT
        ):
            counted = next((self.counted[cap] for cap in caps if cap in self.counted), None)
            if counted is not None:
                what = f'"{counted.name}" is counted up to it (line {counted.line}), and {counted.why}'
                return f"{what}: count the cap down instead, by hand"
            return "it is only compared: what is held to it is counted elsewhere"
        return None

    # How each takes its value

    def _modes(self, caps: Sequence[Cap]) -> dict[Cap, Mode]:
        """A parameter that is only looked at, or passed on to such, borrows; all else owns."""
        owning = {
            cap
            for cap in caps
            if cap.kind != "parameter"
            or (cap.default is not None and path_of(cap.default) != "None")
            or not {use.kind for use in self.uses[cap]} <= _ONLY_LOOKS
            or (cap in self.counted and not self.counted[cap].why)
            or (isinstance(cap.owner, cst.FunctionDef) and is_stub(cap.owner))
        }
        while True:
            more = {
                cap
                for cap in caps
                if cap not in owning and any(other in owning for use in self.uses[cap] for other in use.to)
            }
            # Methods of one name promise the same.
            names = {(_method(cap), cap.name) for cap in owning | more if _method(cap)}
            more |= {cap for cap in caps if cap not in owning and (_method(cap), cap.name) in names}
            if not more:
                return {cap: "Budget" if cap in owning else "Borrowed[Budget]" for cap in caps}
            owning |= more


def _is_held_to_it(use: Use) -> bool:
    """Whether a cap is compared with what is no number of the program's text: with what was counted up, or will be."""
    whole = next((each for each in use.source.around(use.node) if isinstance(each, cst.Comparison)), None)
    if use.kind is not Kind.COMPARED or whole is None:
        return False
    sides = [whole.left, *(each.comparator for each in whole.comparisons)]
    return any(side is not use.node and not isinstance(side, (cst.Integer, cst.Float)) for side in sides)


def _is_inside(cap: Cap, use: Use) -> bool:
    """Whether a field is used by its own class, other than to declare it."""
    return use.kind is not Kind.DECLARED and any(each is cap.owner for each in use.source.around(use.node))


def _method(cap: Cap) -> str:
    if cap.kind == "parameter" and isinstance(cap.owner, cst.FunctionDef) and cap.source.class_around(cap.owner):
        return cap.owner.name.value
    return ""
