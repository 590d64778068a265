"""What the random programs are made of: statements and expressions over a few affine variables. Plain data.

A program is one function. Every decision in it is `decide()`, which nobody can foresee, so that every path is one
that can be taken. This module must never know how a program is spelled or what is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

__all__ = [
    "And",
    "Answer",
    "Assert",
    "Assign",
    "Attribute",
    "Begun",
    "Block",
    "Both",
    "Break",
    "Call",
    "CallOf",
    "Case",
    "Chain",
    "Choice",
    "Closure",
    "Comprehension",
    "Condition",
    "Consume",
    "Continue",
    "Coroutine",
    "CoroutineOf",
    "Decide",
    "Define",
    "Delete",
    "Do",
    "Each",
    "Either",
    "Element",
    "Entries",
    "Fields",
    "For",
    "Format",
    "Fresh",
    "Gather",
    "GatherAll",
    "GatherEach",
    "Generate",
    "Generated",
    "GeneratorCall",
    "GeneratorOf",
    "Giver",
    "Group",
    "Halve",
    "Handler",
    "If",
    "Item",
    "Jobs",
    "JobsOf",
    "Join",
    "JoinThread",
    "Keep",
    "Kept",
    "Kind",
    "Lambda",
    "Later",
    "Let",
    "Limit",
    "MakeThread",
    "Mapped",
    "Match",
    "Named",
    "Node",
    "Not",
    "Number",
    "Or",
    "Over",
    "PassTo",
    "Pause",
    "Pick",
    "Picked",
    "Place",
    "Pool",
    "Positive",
    "Program",
    "Put",
    "Raise",
    "Result",
    "Return",
    "Star",
    "Start",
    "StartThread",
    "Statement",
    "Submit",
    "Swap",
    "Threaded",
    "Through",
    "Truth",
    "Try",
    "Unpack",
    "Value",
    "View",
    "Wait",
    "WaitAll",
    "Walrus",
    "While",
    "With",
    "Yield",
    "YieldFrom",
    "children",
    "nodes",
]

Kind: TypeAlias = Literal["coin", "purse", "team", "coins", "shelf"]
"""The types of values: `Coin`, `Purse` (which has two of them, `a` and `b`), `Team` (which has a purse `p` and a coin
`c`), `list[Coin]`, `dict[str, Coin]`."""

Over: TypeAlias = Literal["plain", "enumerate", "reversed", "zip", "items", "list", "sorted", "async"]
"""What is between a loop and the list that it goes over. A dict is asked for its values, or for its items; what an
`async for` goes over is new."""


class Node:
    """A piece of a program."""


class Statement(Node):
    """Something that is done."""


class Value(Node):
    """An expression for something affine."""


class Number(Node):
    """An expression for an int."""


class Condition(Node):
    """An expression for a bool."""


Block: TypeAlias = tuple[Statement, ...]


# Values


@dataclass(frozen=True)
class Place(Value):
    """A variable, or a field of one: `h.a`."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Fresh(Value):
    """A new value, made by a call."""

    kind: Kind


@dataclass(frozen=True)
class Fields(Value):
    """`Purse(left, right)`; `team`: `Team(left, right)`, where `left` is a purse."""

    left: Value
    right: Value
    team: bool = False


@dataclass(frozen=True)
class Entries(Value):
    """`[item, ...]`; `keyed`: `{key: item, ...}`."""

    items: tuple[Value, ...]
    keyed: bool = False


@dataclass(frozen=True)
class Element(Value):
    """`xs.pop()`, `d.pop("k")`."""

    source: Place


@dataclass(frozen=True)
class Star(Value):
    """`*xs`, `*d.values()`, in a display or a call."""

    source: Place


@dataclass(frozen=True)
class Item(Value):
    """`xs[0]`, `d["k"]`."""

    source: Place


@dataclass(frozen=True)
class Choice(Value):
    """`then if condition else otherwise`."""

    condition: Condition
    then: Value
    otherwise: Value


@dataclass(frozen=True)
class Or(Value):
    """`left or right`."""

    left: Place
    right: Value


@dataclass(frozen=True)
class And(Value):
    """`left and right`."""

    left: Place
    right: Value


@dataclass(frozen=True)
class Walrus(Value):
    """`name := value`."""

    name: str
    value: Value


# Numbers


@dataclass(frozen=True)
class Call(Number, Value):
    """A call of one of the functions that `spelling` knows; those that give a coin back are values, too."""

    function: str
    arguments: tuple[Value | Number, ...]
    by_name: bool = False
    """Whether they are given by their names, the last one first."""


@dataclass(frozen=True)
class Attribute(Number):
    """`place.n`."""

    place: Place | Item


@dataclass(frozen=True)
class Format(Number):
    """`len(f"{place}")`."""

    place: Place


@dataclass(frozen=True)
class Comprehension(Number):
    """`len([element for target in source if condition])`; `lazy`: `sum(... for ...)`.

    `source` is a list, or None for numbers; `target` is then nothing that is used.
    """

    element: Number
    target: str
    source: Value | None
    condition: Condition | None
    lazy: bool
    over: Over = "plain"


# Functions


class Closure(Node):
    """An expression for a function without parameters, which gives an int."""


@dataclass(frozen=True)
class Named(Closure):
    """A function that a variable holds."""

    name: str


@dataclass(frozen=True)
class Lambda(Closure):
    """`lambda: body`; `name` is for its twin."""

    name: str
    body: Number


@dataclass(frozen=True)
class CallOf(Number):
    """`name()`."""

    name: str


@dataclass(frozen=True)
class PassTo(Number):
    """`helper(function)`; the helper is known to call it once, or it may call it more often."""

    helper: Literal["once", "many"]
    function: Closure


# Generators that run later than where they are made


@dataclass(frozen=True)
class Later(Node):
    """`(element for target in source if condition)`; `name` is for its twin. See `Comprehension`."""

    name: str
    element: Number
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class GeneratorCall(Node):
    """`function(argument)`."""

    function: Literal["lend_each", "share_each", "take_each"]
    argument: Value


@dataclass(frozen=True)
class GeneratorOf(Node):
    """`name()`, where `name` is a nested function that yields."""

    name: str


Generated: TypeAlias = Later | GeneratorCall | GeneratorOf


@dataclass(frozen=True)
class Consume(Number):
    """`next(name, 0)`, `sum(name)`, `len([*name])`."""

    name: str
    how: Literal["next", "sum", "star"]


# Tasks


@dataclass(frozen=True)
class Coroutine(Node):
    """`function(argument)`, not awaited where it stands."""

    function: Literal["lend_later", "share_later", "take_later", "step_later"]
    argument: Value


@dataclass(frozen=True)
class CoroutineOf(Node):
    """`name()`, where `name` is a nested function that runs later; not awaited where it stands."""

    name: str


@dataclass(frozen=True)
class Kept(Node):
    """A coroutine that a variable holds, and that has not run."""

    name: str


Begun: TypeAlias = Coroutine | CoroutineOf | Kept


@dataclass(frozen=True)
class Picked(Node):
    """`jobs[0]`; `leaves`: `jobs.pop()`; of a dict, by a key."""

    jobs: str
    leaves: bool


@dataclass(frozen=True)
class Result(Value):
    """`await task`, where the task gives a coin."""

    task: str


@dataclass(frozen=True)
class Wait(Number):
    """`await task`, where the task gives a number, or the coroutine; `how`: `await wait_for(task, 1)` and so on."""

    task: str | Begun | Picked
    how: Literal["await", "wait_for", "shield"] = "await"


@dataclass(frozen=True)
class Gather(Number):
    """`len(await gather(...))`."""

    calls: tuple[Begun, ...]


@dataclass(frozen=True)
class GatherAll(Number):
    """`len(await gather(*jobs))`; for a dict, of its values."""

    jobs: str


@dataclass(frozen=True)
class GatherEach(Number):
    """`len(await gather(*[call for target in source if condition]))`. See `Comprehension`."""

    call: Coroutine | CoroutineOf
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class WaitAll(Number):
    """`len((await wait(jobs))[0])`; `limited`: `wait(jobs, timeout=1)`."""

    jobs: str
    limited: bool


# Threads


@dataclass(frozen=True)
class Threaded(Node):
    """A function and an argument for it, to be called by a thread."""

    function: Literal["lend", "share", "take"]
    argument: Value


@dataclass(frozen=True)
class Answer(Number):
    """`name.result()`, where `name` is what `submit` gave; `limited`: `name.result(1)`."""

    name: str
    limited: bool = False


# Conditions


@dataclass(frozen=True)
class Decide(Condition):
    """`decide()`."""


@dataclass(frozen=True)
class Not(Condition):
    """`not operand`."""

    operand: Condition


@dataclass(frozen=True)
class Both(Condition):
    """`left and right`."""

    left: Condition
    right: Condition


@dataclass(frozen=True)
class Either(Condition):
    """`left or right`."""

    left: Condition
    right: Condition


@dataclass(frozen=True)
class Positive(Condition):
    """`number > 0`."""

    number: Number


@dataclass(frozen=True)
class Truth(Condition):
    """The value itself as a condition."""

    value: Place | Walrus


@dataclass(frozen=True)
class Chain(Condition):
    """`first < second < third`."""

    first: Place
    second: Place
    third: Place


# Statements


@dataclass(frozen=True)
class Assign(Statement):
    """`target = value`, or `target = other = value`."""

    target: Place
    value: Value
    other: Place | None = None


@dataclass(frozen=True)
class Swap(Statement):
    """`first, second = left, right`."""

    first: Place
    second: Place
    left: Value
    right: Value


@dataclass(frozen=True)
class Halve(Statement):
    """`first, second = halve(value)`."""

    first: Place
    second: Place
    value: Value


@dataclass(frozen=True)
class Unpack(Statement):
    """`first, second = source`; `starred`: `first, *second = source`, where `second` is a list."""

    first: str
    second: str
    starred: bool
    source: Value


@dataclass(frozen=True)
class View(Statement):
    """`name: Borrowed[Coin] = source`; of an element also `name = source`, if it is not `declared`."""

    name: str
    source: Place | Item
    declared: bool = True


@dataclass(frozen=True)
class Put(Statement):
    """`xs[0] = value`, `d["k"] = value`."""

    target: Item
    value: Value


@dataclass(frozen=True)
class Keep(Statement):
    """`name = call`."""

    name: str
    call: Coroutine | CoroutineOf


@dataclass(frozen=True)
class Start(Statement):
    """`task = create_task(call)`, or `task = group.create_task(call)`."""

    task: str
    call: Begun
    group: str | None


@dataclass(frozen=True)
class Jobs(Statement):
    """`name = jobs()`: a list or dict of tasks, in which there are others' tasks already, or none.

    One whose name begins with "m" is a dict, with "s" a set. `empty`: `name = {}`.
    """

    name: str
    empty: bool = False


@dataclass(frozen=True)
class JobsOf(Statement):
    """`name = [create_task(call) for target in source if condition]`. See `Comprehension`."""

    name: str
    call: Coroutine | CoroutineOf
    group: str | None
    target: str
    source: Value | None
    condition: Condition | None
    over: Over = "plain"


@dataclass(frozen=True)
class Join(Statement):
    """`jobs.append(task)`, `jobs["k"] = task`; for a call: `jobs.append(create_task(call))`."""

    jobs: str
    task: str | Begun
    group: str | None


@dataclass(frozen=True)
class Pick(Statement):
    """`task = picked`."""

    task: str
    picked: Picked


@dataclass(frozen=True)
class Each(Statement):
    """`for task in jobs: body else: otherwise`; `over`: how it goes through a dict. By its keys, it is `jobs[task]`."""

    task: str
    jobs: str
    body: Block
    otherwise: Block
    over: Literal["values", "keys", "items"] = "values"


@dataclass(frozen=True)
class Generate(Statement):
    """`name = generator`."""

    name: str
    generator: Generated


@dataclass(frozen=True)
class Through(Statement):
    """`for target in generator: body else: otherwise`."""

    target: str
    generator: str | GeneratorCall | GeneratorOf
    body: Block
    otherwise: Block


@dataclass(frozen=True)
class Pause(Statement):
    """`yield 0`, in a nested function."""


@dataclass(frozen=True)
class YieldFrom(Statement):
    """`yield from generator`, in a nested function."""

    generator: GeneratorCall


@dataclass(frozen=True)
class Group(Statement):
    """`async with TaskGroup() as name: body`."""

    name: str
    body: Block


@dataclass(frozen=True)
class Limit(Statement):
    """`async with timeout(1): body`."""

    body: Block


@dataclass(frozen=True)
class MakeThread(Statement):
    """`name = Thread(target=function, args=(argument,))`; a nested function has no argument."""

    name: str
    call: Threaded | Named


@dataclass(frozen=True)
class Mapped(Number):
    """`len(list(pool.map(function, source)))`."""

    pool: str
    function: Literal["lend", "share", "take"]
    source: Place


@dataclass(frozen=True)
class StartThread(Statement):
    """`name.start()`."""

    name: str


@dataclass(frozen=True)
class JoinThread(Statement):
    """`name.join()`; `limited`: `name.join(1)`."""

    name: str
    limited: bool = False


@dataclass(frozen=True)
class Pool(Statement):
    """`with ThreadPoolExecutor() as name: body`."""

    name: str
    body: Block


@dataclass(frozen=True)
class Submit(Statement):
    """`name = pool.submit(function, argument)`."""

    name: str
    pool: str
    call: Threaded | Named


@dataclass(frozen=True)
class Define(Statement):
    """`def name() -> int: body`; `runs_later`: `async def`; `yields`: it is a generator.

    `default`: `def name(parameter: Coin = default)`.
    """

    name: str
    body: Block
    runs_later: bool = False
    yields: bool = False
    parameter: str = ""
    default: Value | None = None


@dataclass(frozen=True)
class Giver(Statement):
    """`def name() -> int: nonlocal gives; body`, which gives the coins `gives` new values."""

    name: str
    gives: tuple[str, ...]
    body: Block


@dataclass(frozen=True)
class Let(Statement):
    """`name = function`."""

    name: str
    function: Closure


@dataclass(frozen=True)
class Do(Statement):
    """An expression on a line of its own."""

    what: Value | Number


@dataclass(frozen=True)
class Delete(Statement):
    """`del place`."""

    place: Place


@dataclass(frozen=True)
class Return(Statement):
    """`return value`."""

    value: Value | None


@dataclass(frozen=True)
class Yield(Statement):
    """`yield value`."""

    value: Value


@dataclass(frozen=True)
class Raise(Statement):
    """`raise ValueError`."""


@dataclass(frozen=True)
class Assert(Statement):
    """`assert condition`."""

    condition: Condition


@dataclass(frozen=True)
class If(Statement):
    """`if condition: then else: otherwise`."""

    condition: Condition
    then: Block
    otherwise: Block


@dataclass(frozen=True)
class While(Statement):
    """`while condition: body else: otherwise`; without a condition, `while True`."""

    condition: Condition | None
    body: Block
    otherwise: Block


@dataclass(frozen=True)
class For(Statement):
    """`for target in source: body else: otherwise`; without a source, over numbers."""

    target: str
    source: Value | None
    body: Block
    otherwise: Block
    over: Over = "plain"


@dataclass(frozen=True)
class Break(Statement):
    """`break`."""


@dataclass(frozen=True)
class Continue(Statement):
    """`continue`."""


@dataclass(frozen=True)
class Handler(Node):
    """`except ValueError: body`, or `except BaseException: body`."""

    catches_all: bool
    body: Block


@dataclass(frozen=True)
class Try(Statement):
    """`try: body`, with any of the other clauses."""

    body: Block
    handlers: tuple[Handler, ...]
    otherwise: Block
    final: Block


@dataclass(frozen=True)
class With(Statement):
    """`with Swallow(): body`, which may swallow what is raised inside, or `with Plain(): body`, which does not."""

    swallows: bool
    body: Block
    is_async: bool = False


@dataclass(frozen=True)
class Case(Node):
    """A case of a `match`: `names` are the captures (of the subject, or of its two fields)."""

    names: tuple[str, ...]
    guard: Condition | None
    body: Block


@dataclass(frozen=True)
class Match(Statement):
    """`match subject: ...`; without a subject, a number. A case without names is a literal, or `_` at the end."""

    subject: Place | None
    cases: tuple[Case, ...]
    has_default: bool


@dataclass(frozen=True)
class Program(Node):
    """A function with the parameters `a, b, c: Coin`, `h: Purse`, `w: Team`, `xs, ys: list[Coin]`,
    `d: dict[str, Coin]` and `q: Borrowed[Purse]`.

    `form`: what kind of function it is.
    """

    name: str
    body: Block
    form: Literal["function", "generator", "coroutine"]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below one."""
    for field in fields(node):  # type: ignore[arg-type]  # every class of nodes is a dataclass
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Node):
                yield item


def nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in children(node):
        yield from nodes(child)
