"""Writes a program twice, line by line: with types for mypy, and as the instrumented twin for CPython.

Each construct is written in one place, both ways, so that what a line of the program does is what its twin does.
The twin names the line of the program at everything that touches a place. This module owns what the functions of the
programs are called and how they take their arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from .language import (
    And,
    Answer,
    Assert,
    Assign,
    Attribute,
    Begun,
    Block,
    Both,
    Break,
    Call,
    CallOf,
    Case,
    Chain,
    Choice,
    Closure,
    Comprehension,
    Condition,
    Consume,
    Continue,
    CoroutineOf,
    Decide,
    Define,
    Delete,
    Do,
    Each,
    Either,
    Element,
    Entries,
    Fields,
    For,
    Format,
    Fresh,
    Gather,
    GatherAll,
    GatherEach,
    Generate,
    Generated,
    GeneratorCall,
    GeneratorOf,
    Group,
    Halve,
    If,
    Item,
    Jobs,
    JobsOf,
    Join,
    JoinThread,
    Keep,
    Kept,
    Kind,
    Lambda,
    Later,
    Let,
    Limit,
    MakeThread,
    Mapped,
    Match,
    Named,
    Not,
    Number,
    Or,
    Over,
    PassTo,
    Pause,
    Pick,
    Picked,
    Place,
    Pool,
    Positive,
    Program,
    Put,
    Raise,
    Result,
    Return,
    Star,
    Start,
    StartThread,
    Statement,
    Submit,
    Swap,
    Threaded,
    Through,
    Truth,
    Try,
    Unpack,
    Value,
    View,
    Wait,
    WaitAll,
    Walrus,
    While,
    With,
    Yield,
    nodes,
)

__all__ = ["FUNCTIONS", "PRELUDE", "Function", "Spelled", "spell"]

Taking: TypeAlias = Literal["move", "lend", "share", "look"]
"""How a parameter takes its argument; `look` is for a number."""


@dataclass(frozen=True)
class Function:
    """How a function takes its arguments. `receiver`: it is a method, and takes this one by `receiver`."""

    takes: tuple[Taking, ...]
    kinds: tuple[Kind, ...]
    receiver: Literal["receiver", "move"] | None = None
    gives: bool = False
    is_async: bool = False
    is_variadic: bool = False
    """Whether it takes any number of arguments, each like the first."""


_COIN: Kind = "coin"
FUNCTIONS: dict[str, Function] = {
    "note": Function((), ()),
    "take": Function(("move",), (_COIN,)),
    "lend": Function(("lend",), (_COIN,)),
    "share": Function(("share",), (_COIN,)),
    "take_two": Function(("move", "move"), (_COIN, _COIN)),
    "lend_two": Function(("lend", "lend"), (_COIN, _COIN)),
    "share_two": Function(("share", "share"), (_COIN, _COIN)),
    "lend_and_take": Function(("lend", "move"), (_COIN, _COIN)),
    "take_and_lend": Function(("move", "lend"), (_COIN, _COIN)),
    "share_and_lend": Function(("share", "lend"), (_COIN, _COIN)),
    "take_purse": Function(("move",), ("purse",)),
    "lend_purse": Function(("lend",), ("purse",)),
    "take_team": Function(("move",), ("team",)),
    "lend_team": Function(("lend",), ("team",)),
    "take_coins": Function(("move",), ("coins",)),
    "share_coins": Function(("share",), ("coins",)),
    "take_shelf": Function(("move",), ("shelf",)),
    "share_shelf": Function(("share",), ("shelf",)),
    "take_all": Function(("move",), (_COIN,), is_variadic=True),
    "lend_all": Function(("lend",), (_COIN,), is_variadic=True),
    "share_all": Function(("share",), (_COIN,), is_variadic=True),
    "append": Function(("move",), (_COIN,), receiver="receiver"),
    "merge": Function(("move",), (_COIN,), receiver="receiver"),
    "read": Function((), (), receiver="receiver"),
    "finish": Function((), (), receiver="move"),
    "step": Function(("move",), (_COIN,), gives=True),
    "take_each": Function(("move",), (_COIN,)),
    "lend_each": Function(("lend",), (_COIN,)),
    "share_each": Function(("share",), (_COIN,)),
    "take_later": Function(("move",), (_COIN,), is_async=True),
    "lend_later": Function(("lend",), (_COIN,), is_async=True),
    "share_later": Function(("share",), (_COIN,), is_async=True),
    "step_later": Function(("move",), (_COIN,), gives=True, is_async=True),
}

PRELUDE = """\
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Thread
from types import TracebackType

from budget_types import Borrowed, Owned, Shared, affine, consumes


@affine
class Coin:
    n: int

    def __bool__(self) -> bool: raise NotImplementedError
    def __lt__(self, other: Borrowed[Coin]) -> bool: raise NotImplementedError
    def merge(self, other: Coin) -> int: raise NotImplementedError
    def read(self) -> int: raise NotImplementedError
    @consumes
    def finish(self) -> int: raise NotImplementedError


@affine
@dataclass
class Purse:
    a: Coin
    b: Coin


@affine
@dataclass
class Team:
    p: Purse
    c: Coin


class Plain:
    def __enter__(self) -> None: ...
    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...


class Swallow:
    def __enter__(self) -> None: ...
    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> bool:
        raise NotImplementedError
    async def __aenter__(self) -> None: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> bool:
        raise NotImplementedError


def decide() -> bool: raise NotImplementedError
def note() -> int: raise NotImplementedError
def numbers() -> list[int]: raise NotImplementedError
def numbers_later() -> AsyncIterator[int]: raise NotImplementedError
def coins_later() -> AsyncIterator[Coin]: raise NotImplementedError
def coin() -> Coin: raise NotImplementedError
def purse() -> Purse: raise NotImplementedError
def team() -> Team: raise NotImplementedError
def coins() -> list[Coin]: raise NotImplementedError
def shelf() -> dict[str, Coin]: raise NotImplementedError
def jobs() -> list[asyncio.Task[int]]: raise NotImplementedError
def jobs_by_key() -> dict[str, asyncio.Task[int]]: raise NotImplementedError
def jobs_in_set() -> set[asyncio.Task[int]]: raise NotImplementedError
def take(x: Coin) -> int: raise NotImplementedError
def lend(x: Borrowed[Coin]) -> int: raise NotImplementedError
def share(x: Shared[Coin]) -> int: raise NotImplementedError
def take_two(x: Coin, y: Coin) -> int: raise NotImplementedError
def lend_two(x: Borrowed[Coin], y: Borrowed[Coin]) -> int: raise NotImplementedError
def share_two(x: Shared[Coin], y: Shared[Coin]) -> int: raise NotImplementedError
def lend_and_take(x: Borrowed[Coin], y: Coin) -> int: raise NotImplementedError
def take_and_lend(x: Coin, y: Borrowed[Coin]) -> int: raise NotImplementedError
def share_and_lend(x: Shared[Coin], y: Borrowed[Coin]) -> int: raise NotImplementedError
def take_purse(x: Purse) -> int: raise NotImplementedError
def lend_purse(x: Borrowed[Purse]) -> int: raise NotImplementedError
def take_team(x: Team) -> int: raise NotImplementedError
def lend_team(x: Borrowed[Team]) -> int: raise NotImplementedError
def take_coins(x: list[Coin]) -> int: raise NotImplementedError
def share_coins(x: Shared[list[Coin]]) -> int: raise NotImplementedError
def take_shelf(x: dict[str, Coin]) -> int: raise NotImplementedError
def share_shelf(x: Shared[dict[str, Coin]]) -> int: raise NotImplementedError
def take_all(*x: Coin) -> int: raise NotImplementedError
def lend_all(*x: Borrowed[Coin]) -> int: raise NotImplementedError
def share_all(*x: Shared[Coin]) -> int: raise NotImplementedError
def step(x: Coin) -> Coin: raise NotImplementedError
def halve(x: Coin) -> tuple[Coin, Coin]: raise NotImplementedError
def once(x: Owned[Callable[[], int]]) -> int: raise NotImplementedError
def many(x: Callable[[], int]) -> int: raise NotImplementedError
def take_each(x: Coin) -> Iterator[int]: raise NotImplementedError
def lend_each(x: Borrowed[Coin]) -> Iterator[int]: raise NotImplementedError
def share_each(x: Shared[Coin]) -> Iterator[int]: raise NotImplementedError
async def take_later(x: Coin) -> int: raise NotImplementedError
async def lend_later(x: Borrowed[Coin]) -> int: raise NotImplementedError
async def share_later(x: Shared[Coin]) -> int: raise NotImplementedError
async def step_later(x: Coin) -> Coin: raise NotImplementedError
"""

_PARAMETERS = (
    "a: Coin, b: Coin, c: Coin, h: Purse, w: Team, xs: list[Coin], ys: list[Coin], d: dict[str, Coin], "
    "q: Borrowed[Purse]"
)
_NAMES = ("a", "b", "c", "h", "w", "xs", "ys", "d", "q")
_DICTS = frozenset({"d"})


@dataclass(frozen=True)
class Spelled:
    """The two texts of a program. `first`: the line of the typed text on which it begins."""

    typed: str
    twin: str
    first: int
    last: int
    bodies: Mapping[str, range] = field(default_factory=dict)
    """The lines of the bodies of nested functions."""


def spell(program: Program, first: int = 1) -> Spelled:
    """Write a program down, as if on line `first` of a file."""
    speller = _Speller(program, first)
    speller.program()
    typed = "\n".join(speller.typed) + "\n"
    return Spelled(typed, "\n".join(speller.twin) + "\n", first, first + len(speller.typed) - 1, speller.bodies)


_SORTS = {
    "j": ("list[asyncio.Task[int]]", "[]", "jobs"),
    "m": ("dict[str, asyncio.Task[int]]", "{}", "jobs_by_key"),
    "s": ("set[asyncio.Task[int]]", "set()", "jobs_in_set"),
}
"""Containers of tasks, by how their names begin: the type, an empty one, and the function that gives one."""

Loop: TypeAlias = For | Comprehension | Later | GatherEach | JobsOf
Two: TypeAlias = tuple[str, str]
"""A piece of the program, and the same piece of its twin."""


class _Speller:
    def __init__(self, program: Program, first: int) -> None:
        self._program = program
        self._first = first
        self._depth = 0
        self._deeper = 0
        """How much deeper the twin is indented."""
        self._bindings = 0
        self._raises = False
        """Whether a handler or a `finally` would see an exception that is raised here."""
        self._inside = False
        """Whether the body of a nested function is being written."""
        self._yields = False
        """Whether that is a generator."""
        self._called: dict[str, str] = {}
        """What tasks are called that are reached by a key."""
        self._gives_back = _gives_back(program)
        """Whether the way out of the function matters as well. An exception of reading a field does not, then."""
        self.typed: list[str] = []
        self.twin: list[str] = []
        self.bodies: dict[str, range] = {}

    # Lines

    @property
    def _line(self) -> int:
        """The line of the program that is written next."""
        return self._first + len(self.typed)

    def _put(self, typed: str, twin: str) -> None:
        self._typed(typed)
        self._twin(twin)

    def _typed(self, text: str) -> None:
        self.typed.append("    " * self._depth + text)

    def _twin(self, text: str) -> None:
        self.twin.append("    " * (self._depth + self._deeper) + text)

    @contextmanager
    def _indented(self, *, raises: bool | None = None) -> Iterator[None]:
        """What is written inside stands in a block. `raises`: whether somebody sees exceptions in there."""
        outer = self._raises
        self._depth += 1
        if raises is not None:
            self._raises = raises
            self._twin("t.changed = True")
        yield
        self._depth -= 1
        self._raises = outer

    def _block(self, block: Block, *, raises: bool | None = None, first: Sequence[str] = ()) -> None:
        with self._indented(raises=raises):
            for text in first:
                self._twin(text)
            for statement in block:
                self._statement(statement)
            if not block:
                self._put("pass", "pass")

    def _binding(self) -> int:
        self._bindings += 1
        return self._bindings

    @property
    def _r(self) -> str:
        return str(int(self._raises or (self._gives_back and not self._inside)))

    @property
    def _r_of_field(self) -> str:
        return str(int(self._raises))

    # Programs

    def program(self) -> None:
        program = self._program
        start, result = "def", "Coin | None"
        if program.form == "coroutine":
            start = "async def"
        elif program.form == "generator":
            result = "Iterator[Coin]"
        self._put(f"{start} {program.name}({_PARAMETERS}) -> {result}:", f"def {program.name}(t, {', '.join(_NAMES)}):")
        self._deeper = 1
        self._twin("borrowed = q")
        self._twin("try:")
        self._depth = 1
        for statement in program.body:
            self._statement(statement)
        self._put("return None" if program.form != "generator" else "yield coin()", "return None")
        self._depth = 0
        self._twin("except Oops: t.has_raised = True")
        self._twin("finally: t.leave(borrowed)")

    # Statements

    def _statement(self, node: Statement) -> None:
        _STATEMENTS[type(node)](self, node)

    def _assign(self, node: Assign) -> None:
        typed, twin = self._value(node.value, "move")
        if node.other is None:
            self._put(f"{_spelled(node.target)} = {typed}", self._bind(node.target, twin))
            return
        source = f", {_arguments(node.value)}" if isinstance(node.value, Place) else ""
        second = self._bind(node.other, f"t.chained({self._line}{source})")
        parts = [f"x = {twin}", self._bind(node.target, "x"), second]
        self._put(f"{_spelled(node.target)} = {_spelled(node.other)} = {typed}", "; ".join(parts))

    def _bind(self, target: Place, value: str) -> str:
        root, *path = target.path
        if not path:
            return f"{root} = t.init({value})"
        return f"t.store({self._line}, {self._r_of_field}, {value}, {_arguments(target)})"

    def _swap(self, node: Swap) -> None:
        # What was only put into the pair is still there if the pair is never finished.
        left, right = (
            self._value(value, "hold" if isinstance(value, Place) else "move") for value in (node.left, node.right)
        )
        text = f"{_spelled(node.first)}, {_spelled(node.second)} = {left[0]}, {right[0]}"
        twin = f"x, y = t.pair(t.begin(), {left[1]}, {right[1]})"
        self._put(text, "; ".join([twin, self._bind(node.first, "x"), self._bind(node.second, "y")]))

    def _halve(self, node: Halve) -> None:
        typed, twin = self._value(node.value, "move")
        called = f"x, y = t.call({self._r}, t.begin(), {twin}), Owner()"
        self._put(
            f"{_spelled(node.first)}, {_spelled(node.second)} = halve({typed})",
            "; ".join([called, self._bind(node.first, "x"), self._bind(node.second, "y")]),
        )

    def _unpack(self, node: Unpack) -> None:
        (_, typed), twin = self._source(For(node.first, node.source, (), ()), "unpack")
        self._put(
            f"{node.first}, {'*' if node.starred else ''}{node.second} = {typed}",
            f"{node.first}, {node.second} = {twin}",
        )

    def _view(self, node: View) -> None:
        typed, twin = self._value(node.source, "view")
        declared = ": Borrowed[Coin]" if node.declared else ""
        self._put(f"{node.name}{declared} = {typed}", f"{node.name} = {twin}")

    def _put_into(self, node: Put) -> None:
        typed, twin = self._value(node.value, "move")
        source = node.target.source
        raises = 0 if source.path[0] in _DICTS else self._r
        self._put(f"{_item(source)} = {typed}", f"t.put({self._line}, {raises}, {twin}, {_arguments(source)})")

    # Functions. The body of one is a twin of its own, which is given everything that the body names; what the function
    # captured are the variables, so it is told how to find what they hold by then.

    def _define(self, node: Define) -> None:
        line, names = self._line, _captured(node)
        start = "async def" if node.runs_later else "def"
        gives = "Iterator[int]" if node.yields else "int"
        self._put(f"{start} {node.name}() -> {gives}:", f"def body_of_{node.name}({', '.join(['t', *names])}):")
        with self._nested(yields=node.yields):
            for statement in node.body:
                self._statement(statement)
            self._put("yield 0" if node.yields else "return 0", "return None")
        self.bodies[node.name] = range(line + 1, self._line)
        self._twin(f"{node.name} = {_closure(line, node.name, f'body_of_{node.name}', names)}")

    @contextmanager
    def _nested(self, *, yields: bool = False) -> Iterator[None]:
        """What is written inside is a body of its own."""
        kept = self._raises, self._inside, self._yields
        self._raises, self._inside, self._yields = False, True, yields
        self._depth += 1
        yield
        self._depth -= 1
        self._raises, self._inside, self._yields = kept

    def _let(self, node: Let) -> None:
        typed, twin = self._function(node.function, "keep")
        self._put(f"{node.name} = {typed}", f"{node.name} = {twin}")

    def _function(self, node: Closure, use: str) -> Two:
        if isinstance(node, Named):
            return node.name, f"t.{use}_function({self._line}, {node.name})"
        assert isinstance(node, Lambda)
        names = _captured(node)
        self.bodies[node.name] = range(self._line, self._line + 1)
        with self._nested():
            self._depth -= 1
            typed, twin = self._number(node.body)
            self._depth += 1
        made = _closure(self._line, node.name, f"lambda {', '.join(['t', *names])}: {twin}", names)
        return f"(lambda: {typed})", made if use == "keep" else f"t.{use}_function({self._line}, {made})"

    def _do(self, node: Do) -> None:
        if isinstance(node.what, Value):
            self._put(*self._value(node.what, "look"))
        else:
            self._put(*self._number(node.what))

    def _delete(self, node: Delete) -> None:
        self._put(f"del {_spelled(node.place)}", self._use("delete", node.place))

    def _return(self, node: Return) -> None:
        if self._inside:
            self._put("return" if self._yields else "return 0", "return None")
        elif node.value is None:
            self._put("return" if self._program.form == "generator" else "return None", "return None")
        else:
            typed, twin = self._value(node.value, "move")
            self._put(f"return {typed}", f"return {twin}")

    def _yield(self, node: Yield) -> None:
        typed, twin = self._value(node.value, "move")
        self._put(f"yield {typed}", f"t.call({self._r}, t.begin(), {twin})")

    def _raise(self, node: Raise) -> None:
        self._put("raise ValueError", "t.boom()")

    def _assert(self, node: Assert) -> None:
        typed, twin = self._condition(node.condition)
        self._put(f"assert {typed}", f"{twin} or t.boom()")

    def _if(self, node: If) -> None:
        typed, twin = self._condition(node.condition)
        self._put(f"if {typed}:", f"if {twin}:")
        self._block(node.then)
        if node.otherwise:
            self._put("else:", "else:")
            self._block(node.otherwise)

    def _while(self, node: While) -> None:
        loop = self._binding()
        typed, twin = ("True", "True") if node.condition is None else self._condition(node.condition)
        self._twin(f"t.enter({loop})")
        self._put(f"while {typed}:", f"while t.turn({loop}, {twin}):")
        self._body_of_loop(node.body, node.otherwise)

    def _body_of_loop(self, body: Block, otherwise: Block) -> None:
        self._block(body, first=["t.changed = True"])
        if otherwise:
            self._put("else:", "else:")
            self._block(otherwise, first=["t.changed = True"])
        self._twin("t.changed = True")

    def _for(self, node: For) -> None:
        (target, typed), twin = self._source(node)
        start = "async for" if node.over == "async" else "for"
        self._put(f"{start} {target} in {typed}:", f"for {node.target} in {twin}:")
        self._body_of_loop(node.body, node.otherwise)

    def _source(self, node: Loop, how: str = "each") -> tuple[Two, str]:
        """The target of a loop or comprehension and what it goes over, and what that is to the twin."""
        source = node.source
        if source is None:
            numbers = "numbers_later()" if node.over == "async" else "numbers()"
            return (node.target, numbers), f"t.count({self._r})"
        first = f"t.second(t.call({self._r}, t.begin()), " if node.over == "zip" else ""
        if isinstance(source, Place):
            typed, keyed = _spelled(source), source.path[0] in _DICTS
            twin = f"t.{how}({self._line}, {self._r}, {self._binding()}, {_arguments(source)})"
        else:
            typed, twin = self._value(source, "move")
            keyed, twin = source == Fresh("shelf"), f"t.{how}_new({self._r}, {twin})"
        return _over(node.over, keyed, node.target, typed), f"{first}{twin}{')' if first else ''}"

    # Generators that run later. What the expression for one does, it does where it stands, and looks at again later.

    def _generate(self, node: Generate) -> None:
        typed, twin = self._generated(node.generator)
        self._put(f"{node.name} = {typed}", f"{node.name} = {twin}")

    def _generated(self, node: Generated) -> Two:
        if isinstance(node, GeneratorOf):
            return f"{node.name}()", f"t.generator_of({self._line}, {self._r}, {node.name})"
        if isinstance(node, GeneratorCall):
            (takes,) = FUNCTIONS[node.function].takes
            typed, twin = self._value(node.argument, takes)
            called = f"t.call({self._r}, t.begin(), {twin})"
            # That others may be lent an element meanwhile is a known hole.
            exclusive = takes == "lend" and isinstance(node.argument, Place)
            view = "None"
            if isinstance(node.argument, Item):
                view = f"t.element({_arguments(node.argument.source)})"
            elif isinstance(node.argument, Place) and takes != "move":
                view = f"t.iterator(0, {_arguments(node.argument)})"
            return f"{node.function}({typed})", f"t.generator_with({self._line}, {called}, {view}, {exclusive})"
        names = _captured(node)
        typed, at_once = self._loops(node, self._number(node.element))
        bindings = self._bindings
        again = replace(node, source=Fresh("coins") if node.source is not None else None)
        _, later = self._loops(again, self._number(node.element))
        source = "None"
        if isinstance(node.source, Place):
            source = f"t.iterator({bindings}, {_arguments(node.source)})"
        elif node.source is None:
            bindings = 0
        body = f"lambda {', '.join(['t', *names])}: [{later}]"
        variables = f"lambda: ({''.join(f'{each}, ' for each in names)})"
        made = f"t.generator({self._line}, '{node.name}', {body}, {variables}, {names}, [{at_once}], {source})"
        return f"({typed})", made

    def _consume(self, node: Consume) -> Two:
        typed = {"next": f"next({node.name}, 0)", "sum": f"sum({node.name})", "star": f"len([*{node.name}])"}[node.how]
        used = f"t.{'next_of' if node.how == 'next' else 'all_of'}({self._line}, {node.name})"
        return typed, f"t.call({self._r}, t.begin(), {used})"

    def _through(self, node: Through) -> None:
        if isinstance(node.generator, str):
            typed = twin = node.generator
        else:
            typed, twin = self._generated(node.generator)
        over = f"t.each_of({self._line}, {self._r}, {twin})"
        self._put(f"for {node.target} in {typed}:", f"for {node.target} in {over}:")
        self._body_of_loop(node.body, node.otherwise)

    def _pause(self, node: Pause) -> None:
        self._put("yield 0", f"t.call({self._r}, t.begin())")

    def _break(self, node: Break) -> None:
        self._put("break", "break")

    def _continue(self, node: Continue) -> None:
        self._put("continue", "continue")

    def _try(self, node: Try) -> None:
        sees = self._raises or bool(node.final)
        self._put("try:", "try:")
        self._block(node.body, raises=True)
        for handler in node.handlers:
            if handler.catches_all:
                self._put("except BaseException:", "except Oops:")
            else:
                self._put("except ValueError:", "except t.caught():")
            self._block(handler.body, raises=sees)
        if node.handlers and node.otherwise:
            self._put("else:", "else:")
            self._block(node.otherwise, raises=sees)
        if node.final:
            self._put("finally:", "finally:")
            self._block(node.final, raises=self._raises)
        self._twin("t.changed = True")

    def _with(self, node: With) -> None:
        name = "Swallow" if node.swallows else "Plain"
        start = "async with" if node.is_async else "with"
        self._put(f"{start} {name}():", f"with t.manager({self._r}, {int(node.swallows)}):")
        self._block(node.body, raises=True if node.swallows else self._raises)
        self._twin("t.changed = True")

    def _match(self, node: Match) -> None:
        if node.subject is None:
            self._put("match numbers()[0]:", f"t.call({self._r}, t.begin())")
        else:
            self._put(f"match {_spelled(node.subject)}:", self._use("look", node.subject))
        last = len(node.cases) - 1
        # The cases are a chain of `if` to the twin, which has no level of its own for them.
        self._depth, self._deeper = self._depth + 1, self._deeper - 1
        for index, case in enumerate(node.cases):
            pattern, test, first = self._pattern(node, index, case.names)
            if node.has_default and index == last:
                pattern, test = "_", "True"
            if case.guard is not None:
                typed, twin = self._condition(case.guard)
                pattern, test = f"{pattern} if {typed}", f"{test} and {twin}"
            self._put(f"case {pattern}:", f"{'if' if index == 0 else 'elif'} {test}:")
            self._block(case.body, first=first)
        self._depth, self._deeper = self._depth - 1, self._deeper + 1

    def _pattern(self, node: Match, index: int, names: tuple[str, ...]) -> tuple[str, str, list[str]]:
        """The pattern, the twin's test of it, and what the twin does when the guard has passed."""
        if node.subject is None or not names:
            return str(index), "t.choose()", []
        fields = ("a", "b") if len(names) == 2 else ("",)
        binds, keeps = [], []
        for name, part in zip(names, fields, strict=True):
            binding = self._binding()
            place = _arguments(node.subject) + (f", '{part}'" if part else "")
            binds.append(f"({name} := t.bind({self._line}, {binding}, {place}))")
            keeps.append(f"{name} = t.keep({self._line}, {binding}, {name}, {place})")
        pattern = names[0] if len(names) == 1 else f"Purse(a={names[0]}, b={names[1]})"
        # To read the fields may raise.
        raises = f"t.maybe_raise({self._r_of_field}) or " if len(names) == 2 else ""
        return pattern, f"({raises}t.sure({', '.join(binds)}))", keeps

    # Conditions

    def _condition(self, node: Condition) -> Two:
        match node:
            case Decide():
                return "decide()", f"t.call({self._r}, t.begin()) and t.choose()"
            case Not(operand):
                typed, twin = self._condition(operand)
                return f"(not {typed})", f"(not ({twin}))"
            case Both(left, right) | Either(left, right):
                word = "and" if isinstance(node, Both) else "or"
                one, other = self._condition(left), self._condition(right)
                return f"({one[0]} {word} {other[0]})", f"(({one[1]}) {word} ({other[1]}))"
            case Positive(number):
                typed, twin = self._number(number)
                return f"({typed} > 0)", f"t.compare({self._r}, {twin})"
            case Truth(value):
                return self._value(value, "truth")
            case Chain(first, second, third):
                looks = [self._use("look", place) for place in (first, second, third)]
                text = " < ".join(_spelled(place) for place in (first, second, third))
                two = f"t.compare({self._r}, {looks[0]}, {looks[1]})"
                return f"({text})", f"({two} and t.compare({self._r}, {looks[2]}))"
        raise TypeError(node)

    # Expressions

    def _use(self, use: str, place: Place, *, calls: bool = False) -> str:
        """A place is used: moved, looked at, lent. `calls`: a method of it is called."""
        # Only the access to an attribute may raise.
        raises = self._r_of_field if len(place.path) > 1 or calls else "0"
        return f"t.{use}({self._line}, {raises}, {_arguments(place)})"

    def _value(self, node: Value, use: str) -> Two:
        match node:
            case Place():
                return _spelled(node), self._use(use, node)
            case Fresh(kind):
                return f"{kind}()", f"t.call({self._r}, t.begin())"
            case Fields(left, right, team):
                one, other = self._value(left, "move"), self._value(right, "move")
                made = f"t.call({self._r}, t.begin(), {one[1]}, {other[1]})"
                return f"{'Team' if team else 'Purse'}({one[0]}, {other[0]})", made
            case Entries(items, keyed):
                texts = [self._value(item, "star" if isinstance(item, Star) else "move") for item in items]
                twin = f"t.display(t.begin(), {', '.join(text[1] for text in texts)})"
                if keyed:
                    typed = ", ".join(f'"k{number}": {text[0]}' for number, text in enumerate(texts))
                    return f"{{{typed}}}", twin
                return f"[{', '.join(text[0] for text in texts)}]", twin
            case Element(source):
                # What nobody takes is nobody else's.
                taken = self._use("receiver" if use == "look" else "pop", source, calls=True)
                key = '"k0"' if source.path[0] in _DICTS else ""
                return f"{_spelled(source)}.pop({key})", f"t.call({self._r}, t.begin(), {taken})"
            case Star(source):
                passed = self._use(use, source)
                if use == "star" or source.path[0] in _DICTS:
                    # To go through a list for a call raises nothing.
                    passed = f"t.second({passed}, t.maybe_raise({self._r}))"
                return f"*{_spelled(source)}{'.values()' if source.path[0] in _DICTS else ''}", passed
            case Item(source):
                return _item(source), f"t.item('{use}', {self._line}, {self._r}, {_arguments(source)})"
            case Choice(condition, then, otherwise):
                typed, twin = self._condition(condition)
                one, other = self._value(then, use), self._value(otherwise, use)
                return f"({one[0]} if {typed} else {other[0]})", f"({one[1]} if {twin} else {other[1]})"
            case Or(left, right):
                typed, twin = self._value(right, use)
                # For a look, the one at its truth is all there is.
                again = "0" if use == "look" else self._use(use, left)
                return f"({_spelled(left)} or {typed})", f"({again} if {self._use('truth', left)} else {twin})"
            case And(left, right):
                typed, twin = self._value(right, use)
                again = "0" if use == "look" else self._use(use, left)
                return f"({_spelled(left)} and {typed})", f"({twin} if {self._use('truth', left)} else {again})"
            case Walrus(name, value):
                typed, twin = self._value(value, "move")
                again = self._use(use, Place((name,)))
                return f"({name} := {typed})", f"t.second(({name} := t.init({twin})), {again})"
            case Call():
                return self._call(node)
            case Result(task):
                # Who only waits takes nothing, and may do so after the coin was taken.
                waited = f"t.wait({self._r}, {task})"
                return f"(await {task})", waited if use == "look" else f"t.result({self._line}, {self._r}, {task})"
        raise TypeError(node)

    def _number(self, node: Number) -> Two:
        match node:
            case Call():
                return self._call(node)
            case Attribute(Item() as item):
                typed, twin = self._value(item, "look")
                return f"{typed}.n", f"t.second({twin}, t.maybe_raise({self._r_of_field}))"
            case Attribute(Place() as place):
                return f"{_spelled(place)}.n", f"t.look({self._line}, {self._r_of_field}, {_arguments(place)})"
            case Format(place):
                return f'len(f"{{{_spelled(place)}}}")', f"t.call({self._r}, t.begin(), {self._use('look', place)})"
            case Comprehension():
                return self._comprehension(node)
            case CallOf(name):
                called = f"t.call_function({self._line}, {name})"
                return f"{name}()", f"t.call({self._r}, t.begin(), {called})"
            case Wait():
                return self._wait(node)
            case Gather(calls):
                made = [self._coroutine(call) for call in calls]
                typed, twin = ", ".join(one[0] for one in made), ", ".join(one[1] for one in made)
                return f"len(await asyncio.gather({typed}))", f"t.gather({self._r}, {twin})"
            case GatherAll(jobs):
                return f"len(await asyncio.gather(*{_values(jobs)}))", f"t.gather({self._r}, *{jobs})"
            case GatherEach(call):
                typed, twin = self._loops(node, self._coroutine(call))
                return f"len(await asyncio.gather(*[{typed}]))", f"t.gather({self._r}, *[{twin}])"
            case WaitAll(jobs, limited):
                limit, waited = (
                    (", timeout=1", f"t.wait({self._r})") if limited else ("", f"t.wait({self._r}, *{jobs})")
                )
                return f"len((await asyncio.wait({_values(jobs)}{limit}))[0])", waited
            case Consume():
                return self._consume(node)
            case Answer(name, limited):
                limit = f"t.maybe_raise({self._r}), " if limited else ""
                waited = f"t.wait({self._r}, {name})"
                return f"{name}.result({'1' if limited else ''})", f"({limit}{waited})" if limited else waited
            case Mapped(pool, function, source):
                uses = {"lend": "loan_of_each", "share": "shared_loan_of_each", "take": "move"}
                over = f"{_spelled(source)}{'.values()' if source.path[0] in _DICTS else ''}"
                mapped = f"t.coroutine(t.begin(), {self._use(uses[function], source)})"
                started = f"t.second(t.maybe_raise({self._r_of_field}), t.start({self._r}, {mapped}, {pool}))"
                return f"len(list({pool}.map({function}, {over})))", f"t.gather({self._r}, {started})"
            case PassTo(helper, function):
                typed, twin = self._function(function, helper)
                return f"{helper}({typed})", f"t.call({self._r}, t.begin(), {twin})"
        raise TypeError(node)

    def _call(self, node: Call) -> Two:
        function = FUNCTIONS[node.function]
        arguments = list(node.arguments)
        name = node.function
        twins = ["t.begin()"]
        if function.receiver is not None:
            receiver = arguments.pop(0)
            assert isinstance(receiver, Place)
            name = f"{_spelled(receiver)}.{name}"
            twins.append(self._use(function.receiver, receiver, calls=True))
        typed: list[str] = []
        takes = function.takes * len(arguments) if function.is_variadic else function.takes
        given = list(zip(arguments, takes, ("x=", "y=") if node.by_name else ("",) * len(takes), strict=True))
        for argument, taking, called in reversed(given) if node.by_name else given:
            one = self._value(argument, taking) if isinstance(argument, Value) else self._number(argument)
            typed.append(called + one[0])
            twins.append(one[1])
        text, twin = f"{name}({', '.join(typed)})", f"t.call({self._r}, {', '.join(twins)})"
        return f"(await {text})" if function.is_async else text, twin

    def _wait(self, node: Wait) -> Two:
        if isinstance(node.task, str):
            typed, twin = self._called.get(node.task, node.task), node.task
        elif isinstance(node.task, Picked):
            typed, twin = self._picked(node.task)
        else:
            typed, twin = self._coroutine(node.task)
        if node.how == "shield":
            # What is behind it goes on when it fails, as with `gather`.
            return f"(await asyncio.shield({typed}))", f"t.gather({self._r}, {twin})"
        if node.how == "wait_for":
            typed = f"asyncio.wait_for({typed}, 1)"
        return f"(await {typed})", f"t.wait({self._r}, {twin})"

    def _coroutine(self, node: Begun) -> Two:
        if isinstance(node, Kept):
            return node.name, f"t.run({self._line}, {node.name})"
        if isinstance(node, CoroutineOf):
            return f"{node.name}()", f"t.coroutine_of({self._line}, {node.name})"
        (takes,) = FUNCTIONS[node.function].takes
        typed, twin = self._value(node.argument, {"lend": "loan", "share": "shared_loan"}.get(takes, takes))
        return f"{node.function}({typed})", f"t.coroutine(t.begin(), {twin})"

    def _keep(self, node: Keep) -> None:
        typed, twin = self._coroutine(node.call)
        self._put(f"{node.name} = {typed}", f"{node.name} = t.keep_coroutine({twin})")

    def _start(self, node: Start) -> None:
        typed, twin = self._started(node.call, node.group)
        self._put(f"{node.task} = {typed}", f"{node.task} = {twin}")

    def _started(self, call: Begun, group: str | None) -> Two:
        typed, twin = self._coroutine(call)
        if group is None:
            return f"asyncio.create_task({typed})", f"t.start({self._r}, {twin})"
        found = f"t.maybe_raise({self._r_of_field})"
        return f"{group}.create_task({typed})", f"t.second({found}, t.start({self._r}, {twin}, {group}))"

    def _jobs(self, node: Jobs) -> None:
        kind, empty, made = _SORTS[node.name[0]]
        if node.empty:
            # `set()` is a call.
            twin = f"t.jobs({self._r})" if "(" in empty else "[]; t.changed = True"
            self._put(f"{node.name}: {kind} = {empty}", f"{node.name} = {twin}")
        else:
            self._put(f"{node.name} = {made}()", f"{node.name} = t.jobs({self._r})")

    def _jobs_of(self, node: JobsOf) -> None:
        typed, twin = self._loops(node, self._started(node.call, node.group))
        self._put(f"{node.name} = [{typed}]", f"{node.name} = [{twin}]; t.changed = True")

    def _join(self, node: Join) -> None:
        if isinstance(node.task, str):
            typed, twin = self._called.get(node.task, node.task), node.task
        else:
            typed, twin = self._started(node.task, node.group)
        if _has_keys(node.jobs):
            # An entry that is assigned again is taken for another one, which is a known hole.
            self._put(f'{node.jobs}["k0"] = {typed}', f"t.join(0, 0, {node.jobs}, {twin})")
            return
        self._put(
            f"{node.jobs}.{'add' if node.jobs.startswith('s') else 'append'}({typed})",
            f"t.join({self._r}, t.maybe_raise({self._r_of_field}), {node.jobs}, {twin})",
        )

    def _pick(self, node: Pick) -> None:
        typed, twin = self._picked(node.picked)
        self._put(f"{node.task} = {typed}", f"{node.task} = {twin}")

    def _picked(self, node: Picked) -> Two:
        key = '"k0"' if _has_keys(node.jobs) else "" if node.leaves else "0"
        typed = f"{node.jobs}.pop({key})" if node.leaves else f"{node.jobs}[{key}]"
        return typed, f"t.pick({self._r}, {node.jobs}, {node.leaves})"

    def _each(self, node: Each) -> None:
        target, over = node.task, _values(node.jobs)
        if node.over == "keys":
            over, self._called[node.task] = node.jobs, f"{node.jobs}[{node.task}]"
        elif node.over == "items":
            target, over = f"_, {node.task}", f"{node.jobs}.items()"
        self._put(f"for {target} in {over}:", f"for {node.task} in t.each_job({self._r}, {node.jobs}):")
        self._body_of_loop(node.body, node.otherwise)

    def _group(self, node: Group) -> None:
        self._put(f"async with asyncio.TaskGroup() as {node.name}:", f"with t.group({self._r}) as {node.name}:")
        self._block(node.body)
        self._twin("t.changed = True")

    def _limit(self, node: Limit) -> None:
        self._put("async with asyncio.timeout(1):", f"with t.manager({self._r}, 0):")
        self._block(node.body)
        self._twin("t.changed = True")

    # Threads

    def _threaded(self, node: Threaded | Named) -> tuple[str, str, str]:
        """The function, the argument, and what their call is to the twin."""
        if isinstance(node, Named):
            return node.name, "", f"t.thread_of({self._line}, {node.name})"
        (takes,) = FUNCTIONS[node.function].takes
        typed, twin = self._value(node.argument, {"lend": "loan", "share": "shared_loan"}.get(takes, takes))
        return node.function, typed, f"t.coroutine(t.begin(), {twin})"

    def _make_thread(self, node: MakeThread) -> None:
        function, argument, twin = self._threaded(node.call)
        given = f", args=({argument},)" if argument else ""
        self._put(f"{node.name} = Thread(target={function}{given})", f"{node.name} = t.thread({self._r}, {twin})")

    def _start_thread(self, node: StartThread) -> None:
        found = f"t.maybe_raise({self._r_of_field})"
        started = f"t.start({self._r}, t.run({self._line}, {node.name}))"
        self._put(f"{node.name}.start()", f"t.second({found}, {started})")

    def _join_thread(self, node: JoinThread) -> None:
        limit = "1" if node.limited else ""
        self._put(f"{node.name}.join({limit})", f"t.join_thread({self._r}, {node.name}, {int(node.limited)})")

    def _pool(self, node: Pool) -> None:
        self._put(f"with ThreadPoolExecutor() as {node.name}:", f"with t.group({self._r}) as {node.name}:")
        self._block(node.body)
        self._twin("t.changed = True")

    def _submit(self, node: Submit) -> None:
        found = f"t.maybe_raise({self._r_of_field})"
        function, argument, twin = self._threaded(node.call)
        given = f", {argument}" if argument else ""
        self._put(
            f"{node.name} = {node.pool}.submit({function}{given})",
            f"{node.name} = t.second({found}, t.start({self._r}, {twin}, {node.pool}))",
        )

    def _comprehension(self, node: Comprehension) -> Two:
        typed, twin = self._loops(node, self._number(node.element))
        if node.lazy:
            return f"sum({typed})", f"t.call({self._r}, t.begin(), [{twin}])"
        return f"len([{typed}])", f"t.call({self._r}, t.begin(), [{twin}])"

    def _loops(self, node: Comprehension | Later | GatherEach | JobsOf, element: Two) -> Two:
        (target, typed), twin = self._source(node)
        condition = ("", "")
        if node.condition is not None:
            one, other = self._condition(node.condition)
            condition = f" if {one}", f" if {other}"
        return (
            f"{element[0]} for {target} in {typed}{condition[0]}",
            f"{element[1]} for {node.target} in {twin}{condition[1]}",
        )


def _spelled(place: Place) -> str:
    return ".".join(place.path)


def _over(over: Over, keyed: bool, target: str, source: str) -> Two:
    """The target of a loop, and what it goes over."""
    if over == "async":
        return target, "coins_later()"
    if over == "items":
        return f"_, {target}", f"{source}.items()"
    if keyed:
        source += ".values()"
    if over == "plain":
        return target, source
    if over in ("enumerate", "zip"):
        return f"_, {target}", f"zip(numbers(), {source})" if over == "zip" else f"enumerate({source})"
    return target, f"{over}({source})"


def _has_keys(jobs: str) -> bool:
    """Whether tasks are kept in a dict."""
    return jobs.startswith("m")


def _values(jobs: str) -> str:
    return f"{jobs}.values()" if _has_keys(jobs) else jobs


def _item(source: Place) -> str:
    return f'{_spelled(source)}["k0"]' if source.path[0] in _DICTS else f"{_spelled(source)}[0]"


def _arguments(place: Place) -> str:
    """A place as the arguments of the twin's methods: its variable, then the names of the fields."""
    root, *path = place.path
    return ", ".join([root, *(f"'{name}'" for name in path)])


def _captured(node: Define | Lambda | Later) -> list[str]:
    """What the body of a function names that is not its own. What a generator expression goes through is its own."""
    if isinstance(node, Later):
        node = replace(node, source=None)
    own = {one.target for one in nodes(node) if isinstance(one, (For, Comprehension, Later))}
    own |= {name for one in nodes(node) if isinstance(one, Case) for name in one.names}
    own |= {one.name for one in nodes(node) if isinstance(one, View)}
    own |= {name for one in nodes(node) if isinstance(one, Unpack) for name in (one.first, one.second)}
    return sorted({one.path[0] for one in nodes(node) if isinstance(one, Place)} - own)


def _closure(line: int, name: str, body: str, names: list[str]) -> str:
    return f"t.closure({line}, '{name}', {body}, lambda: ({''.join(f'{each}, ' for each in names)}), {names})"


def _gives_back(program: Program) -> bool:
    """Whether a field of something borrowed is touched: then every way out of the function matters."""
    return any(isinstance(node, Place) and node.path[0] == "q" for node in nodes(program))


_STATEMENTS: dict[type[Statement], Callable[[_Speller, Any], None]] = {
    Assign: _Speller._assign,
    Swap: _Speller._swap,
    Keep: _Speller._keep,
    Start: _Speller._start,
    Jobs: _Speller._jobs,
    JobsOf: _Speller._jobs_of,
    Join: _Speller._join,
    Pick: _Speller._pick,
    Each: _Speller._each,
    Generate: _Speller._generate,
    Through: _Speller._through,
    Pause: _Speller._pause,
    Group: _Speller._group,
    Limit: _Speller._limit,
    MakeThread: _Speller._make_thread,
    StartThread: _Speller._start_thread,
    JoinThread: _Speller._join_thread,
    Pool: _Speller._pool,
    Submit: _Speller._submit,
    Halve: _Speller._halve,
    Unpack: _Speller._unpack,
    View: _Speller._view,
    Put: _Speller._put_into,
    Define: _Speller._define,
    Let: _Speller._let,
    Do: _Speller._do,
    Delete: _Speller._delete,
    Return: _Speller._return,
    Yield: _Speller._yield,
    Raise: _Speller._raise,
    Assert: _Speller._assert,
    If: _Speller._if,
    While: _Speller._while,
    For: _Speller._for,
    Break: _Speller._break,
    Continue: _Speller._continue,
    Try: _Speller._try,
    With: _Speller._with,
    Match: _Speller._match,
}
