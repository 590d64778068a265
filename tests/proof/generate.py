"""Random programs, from a seed: the same seed gives the same programs everywhere.

Owns what is likely. A program is small, so that all its paths can be run, and rich in moves, so that they go wrong.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from .language import Block, Condition, Number, Program, Statement, Value
from .language.expressions import (
    And,
    Attribute,
    Both,
    Call,
    Chain,
    Choice,
    Comprehension,
    Decide,
    Either,
    Element,
    Entries,
    Fields,
    Format,
    Fresh,
    Item,
    Not,
    Or,
    Over,
    Place,
    Positive,
    Star,
    Truth,
    Walrus,
)
from .language.functions import CallOf, Closure, Define, Giver, Lambda, Let, Named, PassTo
from .language.generators import (
    Consume,
    Generate,
    Generated,
    GeneratorCall,
    GeneratorOf,
    Later,
    Pause,
    Through,
    YieldFrom,
)
from .language.statements import (
    Assert,
    Assign,
    Break,
    Case,
    Continue,
    Delete,
    Do,
    For,
    Halve,
    Handler,
    If,
    Match,
    Put,
    Raise,
    Return,
    Swap,
    Try,
    Unpack,
    View,
    While,
    With,
    Yield,
)
from .language.tasks import (
    Begun,
    Coroutine,
    CoroutineOf,
    Each,
    Gather,
    GatherAll,
    GatherEach,
    Group,
    Jobs,
    JobsOf,
    Join,
    Keep,
    Kept,
    Limit,
    Pick,
    Picked,
    Result,
    Start,
    Wait,
    WaitAll,
)
from .language.threads import Answer, JoinThread, MakeThread, Mapped, Pool, StartThread, Submit, Threaded
from .spelling.library import FUNCTIONS

__all__ = ["CONSTRUCTS", "programs"]

CONSTRUCTS = frozenset(
    {
        "fields",
        "borrowed",
        "lists",
        "dicts",
        "items",
        "views",
        "match",
        "comprehensions",
        "captures",
        "async",
        "tasks",
        "threads",
        "jobs",
        "limits",
        "overs",
        "walruses",
        "tuples",
        "stars",
        "fan-out",
        "teams",
        "async-syntax",
        "sets",
        "maps",
        "generators",
        "later",
        "chained",
        "closures",
        "nonlocal",
        "defaults",
        "yield-from",
    }
)
"""What can be left out of programs; the rest is always there."""

GROUPS = sys.version_info >= (3, 11)
"""Whether there are groups of tasks."""

T = TypeVar("T")

_DICT = Place(("d",))


@dataclass(frozen=True)
class _Scope:
    """What can be named at one point of a program."""

    bound: tuple[str, ...] = ()
    """Names that a loop or pattern has bound to a coin."""
    lists: tuple[str, ...] = ()
    """Names that an unpacking has bound to a list."""
    views: tuple[str, ...] = ()
    in_loop: bool = False
    functions: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()
    """Functions that give captured variables new values."""
    gives: tuple[str, ...] = ()
    """The variables that the function gives new values whose body this is."""
    workers: tuple[str, ...] = ()
    """Functions that run later."""
    yielding: tuple[str, ...] = ()
    """Functions that yield."""
    generators: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    """Tasks that give a number."""
    makers: tuple[str, ...] = ()
    """Tasks that give a coin."""
    jobs: tuple[str, ...] = ()
    """Lists of tasks."""
    kept: tuple[str, ...] = ()
    """Coroutines that have not run."""
    threads: tuple[str, ...] = ()
    """Threads that have not been started."""
    running: tuple[str, ...] = ()
    """Threads that have."""
    pool: str | None = None
    """The innermost executor whose block this is."""
    answers: tuple[str, ...] = ()
    """What executors have been given to do."""
    group: str | None = None
    """The innermost group of tasks whose block this is."""
    inside: bool = False
    """Whether this is the body of a nested function. It gives nothing a new value: that is a rule of its own."""


def programs(seed: int, count: int, constructs: frozenset[str] = CONSTRUCTS) -> Iterator[Program]:
    """`count` programs, each a function of another name."""
    for number in range(count):
        yield _Generator(random.Random(f"{seed} {number}"), constructs).program(f"f{number}")


class _Generator:
    def __init__(self, source: random.Random, constructs: frozenset[str]) -> None:
        self._random = source
        self._constructs = constructs
        self._scope = _Scope()
        self._names = 0
        self._left = source.choice((3, 5, 7, 9, 12))
        """How many statements there may still be."""
        # A few places, so that they meet.
        self._coins = [Place((name,)) for name in source.sample("abc", source.choice((1, 1, 2, 2, 3)))]
        if "fields" in constructs and source.random() < 0.35:
            self._coins += [Place(("h", "a")), Place(("h", "b"))][: source.choice((1, 2))]
        if "teams" in constructs and source.random() < 0.15:
            team = [Place(("w", "c")), Place(("w", "p", "a")), Place(("w", "p", "b"))]
            self._coins = [*self._coins[:1], *source.sample(team, source.choice((1, 2)))]
        self._purses = ["h", "w"] if any(place.path[0] == "w" for place in self._coins) else ["h"]
        self._closes = "closures" in constructs and source.random() < 0.5
        """Whether there are nested functions. Then no variable is deleted: mypy says something else of it in a body."""
        self._later = "later" in constructs and source.random() < 0.35
        """Whether there are generators that run later. They look at their variables later, as nested functions do."""
        # What a nested function takes out of something borrowed, after it was put back, is a hole that is known.
        if "borrowed" in constructs and not self._closes and not self._later and source.random() < 0.2:
            self._coins += [Place(("q", "a")), Place(("q", "b"))][: source.choice((1, 2))]
        self._lists = [Place(("xs",)), Place(("ys",))][: source.choice((1, 1, 2))]
        """Lists, and the dict."""
        if "dicts" in constructs and source.random() < 0.5:
            self._lists = [_DICT, *self._lists[: source.choice((0, 1))]]
        self._form: str = "function"

    def program(self, name: str) -> Program:
        forms = ["function"] * 5
        forms += ["generator"] * self._has("generators") + ["coroutine"] * 3 * self._has("async")
        self._form = self._random.choice(forms)
        self._tasks = self._form == "coroutine" and self._has("tasks") and self._chance(0.7)
        """Whether it starts tasks."""
        self._threads = self._form != "generator" and self._has("threads") and self._chance(0.25)
        # What tasks are for is to run functions side by side.
        workers = (self._define(),) if self._tasks and self._closes and self._chance(0.7) else ()
        body = (*workers, *self._block(0))
        return Program(name, body, self._form)  # type: ignore[arg-type]

    # Chance

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _has(self, construct: str) -> bool:
        return construct in self._constructs

    def _weighted(self, choices: list[tuple[float, Callable[[], T]]]) -> T:
        (chosen,) = self._random.choices(choices, [weight for weight, _ in choices])
        return chosen[1]()

    def _new_name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    @contextmanager
    def _scoped(self, **changes: object) -> Iterator[None]:
        kept = self._scope
        self._scope = replace(kept, **changes)  # type: ignore[arg-type]
        yield
        self._scope = kept

    # Statements

    def _block(self, depth: int, length: int = 0) -> Block:
        found: list[Statement] = []
        kept = self._scope
        for _ in range(length or self._random.choice((1, 2, 2, 3, 4) if depth else (3, 4, 5, 6))):
            if self._left <= 0 and found:
                break
            self._left -= 1
            statement = self._statement(depth)
            found.append(statement)
            if isinstance(statement, (Return, Raise, Break, Continue)):
                break
        self._scope = kept
        return tuple(found)

    def _maybe_block(self, depth: int, probability: float) -> Block:
        return self._block(depth) if self._left > 0 and self._chance(probability) else ()

    def _statement(self, depth: int) -> Statement:
        choices: list[tuple[float, Callable[[], Statement]]] = [(7, self._do)]
        if not self._scope.inside:
            choices += [
                (1.7, self._assign),
                (0.5, lambda: Swap(self._target(), self._target(), self._coin(1), self._coin(1))),
            ]
            if self._has("tuples"):
                choices.append((0.5, lambda: Halve(self._target(), self._target(), self._coin(1))))
            deleted = [place for place in self._coins if len(place.path) > 1 or not self._closes]
            if deleted:
                choices.append((0.4, lambda: Delete(self._random.choice(deleted))))
            if self._closes:
                choices += [(1, self._define), (0.6, self._let)]
                if self._has("nonlocal"):
                    choices.append((0.8, self._giver))
            if self._later:
                choices.append((3, self._generate))
                if depth < 3 and self._left > 0:
                    choices.append((1.5, lambda: self._through(depth + 1)))
        if self._scope.gives:
            choices += [
                (3, lambda: Assign(self._target(), self._coin(1))),
                (0.5, lambda: Swap(self._target(), self._target(), self._coin(1), self._coin(1))),
            ]
        if self._has("tuples") and self._has("lists"):
            choices.append((0.6, self._unpack))
        if self._has("views"):
            choices.append((0.5, self._view))
        if self._has("items"):
            choices.append((0.4, lambda: Put(self._item(), self._coin(1))))
        if self._threads and not self._scope.inside:
            choices.append((3, self._make_thread))
            if self._scope.threads:
                choices.append((6, self._start_thread))
            if self._scope.running:
                choices.append((5, self._join_thread))
            if self._scope.answers:
                choices.append((5, lambda: Do(self._answer())))
            if self._scope.pool is not None:
                choices.append((6, self._submit))
            elif depth < 3 and self._left > 0:
                choices.append((2.5, lambda: self._pool(depth + 1)))
        if self._starts:
            choices.append((5 if self._scope.workers else 2.5, self._start))
            choices.append((1.5, self._keep))
            if self._has("jobs"):
                choices.append((0.5 if self._scope.jobs else 2.5, self._jobs))
                if self._has("fan-out"):
                    choices.append((1, self._jobs_of))
            if self._scope.jobs:
                choices += [(4, self._join), (2, self._pick), (3, lambda: Do(self._all_of_them()))]
                if depth < 3 and self._left > 0:
                    choices.append((3, lambda: self._each(depth + 1)))
            if depth < 3 and self._left > 0 and GROUPS:
                choices.append((0.6, lambda: self._group(depth + 1)))
                if self._has("limits"):
                    choices.append((0.4, lambda: Limit(self._block(depth + 1))))
        if self._form == "generator":
            choices.append((1, lambda: Yield(self._coin(1))))
        if self._form == "yielding":
            choices.append((2, Pause))
            if self._has("yield-from"):
                choices.append((2, self._yield_from))
        if depth and not self._scope.gives:
            # One that gives new values does so on every way out.
            choices += [(0.5, self._return), (0.4, Raise), (0.2, lambda: Assert(self._condition(1)))]
        if self._scope.in_loop and depth:
            choices += [(0.6, Break), (0.6, Continue)]
        if depth < 3 and self._left > 0:
            choices += [
                (1.6, lambda: self._if(depth + 1)),
                (0.8, lambda: self._while(depth + 1)),
                (1, lambda: self._for(depth + 1)),
                (1.6, lambda: self._try(depth + 1)),
                (0.7, lambda: self._with(depth + 1)),
            ]
            if self._has("match"):
                choices.append((0.8, lambda: self._match(depth + 1)))
        return self._weighted(choices)

    @property
    def _starts(self) -> bool:
        return self._tasks and self._form == "coroutine" and not self._scope.inside

    def _keep(self) -> Statement:
        name = self._new_name("w")
        call = self._new_coroutine()
        self._scope = replace(self._scope, kept=(*self._scope.kept, name))
        return Keep(name, call)

    def _use_kept(self) -> Kept:
        name = self._random.choice(self._scope.kept)
        self._scope = replace(self._scope, kept=tuple(one for one in self._scope.kept if one != name))
        return Kept(name)

    def _begun(self) -> Begun:
        """A call to run: a new one, or one that was kept."""
        return self._use_kept() if self._scope.kept and self._chance(0.4) else self._new_coroutine()

    def _new_coroutine(self) -> Coroutine | CoroutineOf:
        return self._worked() if self._scope.workers and self._chance(0.6) else self._coroutine()

    def _worked(self) -> CoroutineOf:
        return CoroutineOf(self._random.choice(self._scope.workers))

    def _start(self) -> Statement:
        name = self._new_name("t")
        call = self._coroutine(gives=True) if self._chance(0.4) else self._begun()
        group = self._scope.group if self._chance(0.6) else None
        if isinstance(call, Coroutine) and FUNCTIONS[call.function].gives:
            self._scope = replace(self._scope, makers=(*self._scope.makers, name))
        else:
            self._scope = replace(self._scope, tasks=(*self._scope.tasks, name))
        return Start(name, call, group)

    def _jobs(self) -> Statement:
        sorts = "j" + "mm" * self._has("dicts") + "s" * self._has("sets")
        name = self._new_name(self._random.choice(sorts))
        self._scope = replace(self._scope, jobs=(*self._scope.jobs, name))
        return Jobs(name, self._chance(0.3))

    def _jobs_of(self) -> Statement:
        name = self._new_name("j")
        group = self._scope.group if self._chance(0.6) else None
        each = self._gather_each()
        self._scope = replace(self._scope, jobs=(*self._scope.jobs, name))
        return JobsOf(name, each.call, group, each.target, each.source, each.condition, each.over)

    def _gather_each(self) -> GatherEach:
        target, source, bound = self._loops()
        with self._scoped(bound=bound):
            call = self._new_coroutine()
            if source is not None and isinstance(call, Coroutine) and self._chance(0.6):
                call = replace(call, argument=Place((target,)))
            condition = self._condition(0) if self._chance(0.2) else None
        return GatherEach(call, target, source, condition, self._over(source))

    def _join(self) -> Statement:
        jobs = self._random.choice(self._scope.jobs)
        if self._scope.tasks and self._chance(0.3):
            return Join(jobs, self._random.choice(self._scope.tasks), None)
        return Join(jobs, self._begun(), self._scope.group if self._chance(0.6) else None)

    def _pick(self) -> Statement:
        name = self._new_name("t")
        picked = self._picked()
        self._scope = replace(self._scope, tasks=(*self._scope.tasks, name))
        return Pick(name, picked)

    def _picked(self) -> Picked:
        jobs = self._random.choice(self._scope.jobs)
        return Picked(jobs, jobs.startswith("s") or self._chance(0.7))

    def _each(self, depth: int) -> Statement:
        jobs = self._random.choice(self._scope.jobs)
        task = self._new_name("t")
        # Into the list itself nothing goes: such a loop might have no end.
        others = tuple(one for one in self._scope.jobs if one != jobs)
        with self._scoped(in_loop=True, tasks=(*self._scope.tasks, task), jobs=others):
            body = self._block(depth)
            if self._chance(0.6):
                body = (Do(Wait(task)), *body)
        over: Literal["values", "keys", "items"] = "values"
        if jobs.startswith("m"):
            over = self._random.choice(("values", "items", "keys", "keys"))
        return Each(task, jobs, body, self._maybe_block(depth, 0.2), over)

    def _coroutine(self, *, gives: bool = False) -> Coroutine:
        if not gives and self._has("items") and self._chance(0.1):
            return Coroutine("lend_later", self._item())
        if not gives and self._chance(0.65):
            named = self._has("views") and self._chance(0.3)
            function: Literal["lend_later", "share_later"] = "share_later" if self._chance(0.2) else "lend_later"
            return Coroutine(function, self._place() if named else self._random.choice(self._coins))
        return Coroutine("step_later" if gives else "take_later", self._coin(1))

    def _generate(self) -> Statement:
        name = self._new_name("l")
        generator: Generated = self._later_call() if self._chance(0.5) else self._later_expression()
        self._scope = replace(self._scope, generators=(*self._scope.generators, name))
        return Generate(name, generator)

    def _later_call(self) -> GeneratorCall | GeneratorOf:
        if self._scope.yielding and self._chance(0.7):
            return GeneratorOf(self._random.choice(self._scope.yielding))
        if self._chance(0.25):
            return GeneratorCall("take_each", self._coin(1))
        lent = self._lent(0.15)
        return GeneratorCall("share_each" if self._chance(0.2) else "lend_each", lent)

    def _yield_from(self) -> Statement:
        if self._chance(0.3):
            return YieldFrom(GeneratorCall("take_each", self._coin(1)))
        return YieldFrom(GeneratorCall("share_each" if self._chance(0.2) else "lend_each", self._lent(0.15)))

    def _lent(self, element: float) -> Place | Item:
        """A place, or with this chance an element of a list."""
        return self._item() if self._has("items") and self._chance(element) else self._place()

    def _later_expression(self) -> Later:
        made = self._comprehension(runs_later=True)
        return Later(self._new_name("l"), made.element, made.target, made.source, made.condition, made.over)

    def _through(self, depth: int) -> Statement:
        names = self._scope.generators
        over = self._random.choice(names) if names and self._chance(0.8) else self._later_call()
        target = self._new_name("i")
        with self._scoped(in_loop=True):
            body = self._block(depth)
        return Through(target, over, body, self._maybe_block(depth, 0.2))

    def _group(self, depth: int) -> Statement:
        name = self._new_name("g")
        with self._scoped(group=name):
            body = self._block(depth)
        return Group(name, body)

    def _threaded(self) -> Threaded | Named:
        if self._scope.functions and self._chance(0.5):
            return Named(self._random.choice(self._scope.functions))
        if self._chance(0.3):
            return Threaded("take", self._coin(1))
        lent = self._lent(0.1)
        return Threaded("share" if self._chance(0.2) else "lend", lent)

    def _make_thread(self) -> Statement:
        name = self._new_name("t")
        call = self._threaded()
        self._scope = replace(self._scope, threads=(*self._scope.threads, name))
        return MakeThread(name, call)

    def _start_thread(self) -> Statement:
        name = self._random.choice(self._scope.threads)
        others = tuple(one for one in self._scope.threads if one != name)
        self._scope = replace(self._scope, threads=others, running=(*self._scope.running, name))
        return StartThread(name)

    def _join_thread(self) -> Statement:
        return JoinThread(self._random.choice(self._scope.running), self._limited())

    def _pool(self, depth: int) -> Statement:
        name = self._new_name("e")
        with self._scoped(pool=name):
            body = self._block(depth)
        return Pool(name, body)

    def _submit(self) -> Statement:
        name = self._new_name("t")
        assert self._scope.pool is not None
        submit = Submit(name, self._scope.pool, self._threaded())
        self._scope = replace(self._scope, answers=(*self._scope.answers, name))
        return submit

    def _define(self) -> Statement:
        name = self._new_name("k")
        runs_later = self._starts and self._chance(0.8)
        yields = not runs_later and self._later and self._chance(0.6)
        parameter, default = "", None
        if self._has("defaults") and self._chance(0.35):
            parameter, default = self._new_name("x"), self._coin(1)
        bound = (*self._scope.bound, parameter) if parameter else self._scope.bound
        with self._nested(runs_later=runs_later, yields=yields), self._scoped(bound=bound):
            body = self._block(1, self._random.choice((1, 1, 2)))
            if parameter and self._chance(0.6):
                names = ("take", "lend", "share", "step") + ("take_later", "lend_later") * runs_later
                body = (Do(Call(self._random.choice(names), (Place((parameter,)),))), *body)
        if yields:
            self._scope = replace(self._scope, yielding=(*self._scope.yielding, name))
        elif runs_later:
            self._scope = replace(self._scope, workers=(*self._scope.workers, name))
        else:
            self._scope = replace(self._scope, functions=(*self._scope.functions, name))
        return Define(name, body, runs_later, yields, parameter, default)

    def _giver(self) -> Statement:
        name = self._new_name("n")
        names = sorted({place.path[0] for place in self._coins if len(place.path) == 1})
        gives = tuple(sorted(self._random.sample(names, 2 if len(names) > 1 and self._chance(0.3) else 1)))
        with self._nested(), self._scoped(gives=gives):
            body = self._block(1, self._random.choice((0, 1, 1, 2))) if self._chance(0.6) else ()
            ends: list[Statement] = []
            for given in gives:
                others = (Place(("xs",)),) if self._has("lists") else ()
                value: Value = Call("step", (Place((given,)),))
                if self._chance(0.5):
                    value = self._random.choice((Fresh("coin"), Fresh("coin"), *map(Element, others)))
                ends.append(Assign(Place((given,)), value))
        self._scope = replace(self._scope, givers=(*self._scope.givers, name))
        return Giver(name, gives, (*body, *ends))

    def _let(self) -> Statement:
        if self._scope.givers and self._chance(0.5):
            name = self._new_name("n")
            giver = Named(self._random.choice(self._scope.givers))
            self._scope = replace(self._scope, givers=(*self._scope.givers, name))
            return Let(name, giver)
        name = self._new_name("k")
        if self._scope.workers and self._chance(0.5):
            worker = self._random.choice(self._scope.workers)
            self._scope = replace(self._scope, workers=(*self._scope.workers, name))
            return Let(name, Named(worker))
        function = self._function()
        self._scope = replace(self._scope, functions=(*self._scope.functions, name))
        return Let(name, function)

    @contextmanager
    def _nested(self, *, runs_later: bool = False, yields: bool = False) -> Iterator[None]:
        """What is made inside is the body of a nested function."""
        kept, self._form = self._form, "coroutine" if runs_later else "yielding" if yields else "function"
        with self._scoped(
            inside=True, in_loop=False, functions=(), givers=(), workers=(), yielding=(), generators=(), answers=()
        ):
            yield
        self._form = kept

    def _function(self) -> Closure:
        if self._scope.functions and self._chance(0.5):
            return Named(self._random.choice(self._scope.functions))
        name = self._new_name("k")
        with self._nested():
            return Lambda(name, self._number(1))

    def _do(self) -> Statement:
        if self._chance(0.15):
            return Do(self._coin(1))
        if self._has("fields") and self._chance(0.12):
            if self._purses[-1] == "w" and self._chance(0.3):
                name = self._random.choice(("take_team", "lend_team"))
                return Do(Call(name, (Place(("w",)),)))
            name = self._random.choice(("take_purse", "lend_purse"))
            return Do(Call(name, (self._purse(name == "take_purse"),)))
        return Do(self._number(1))

    def _purse(self, moved: bool) -> Value:
        if moved and self._chance(0.2):
            return Fields(self._coin(2), self._coin(2))
        return self._a_purse()

    def _a_purse(self) -> Place:
        return Place(("w", "p")) if self._random.choice(self._purses) == "w" else Place(("h",))

    def _assign(self) -> Statement:
        if self._has("fields") and self._chance(0.08):
            if self._purses[-1] == "w" and self._chance(0.3):
                made = Fields(self._purse(moved=True), self._coin(1), team=True)
                return Assign(Place(("w",)), made if self._chance(0.5) else Fresh("team"))
            purse = Fields(self._coin(1), self._coin(1)) if self._chance(0.5) else Fresh("purse")
            return Assign(self._a_purse(), purse)
        if self._has("lists") and self._chance(0.1):
            target = self._random.choice(self._lists)
            keyed = target == _DICT
            if self._chance(0.7):
                return Assign(target, Fresh("shelf" if keyed else "coins"))
            entries: tuple[Value, ...] = self._coin(1), self._coin(1)
            if self._has("stars") and not keyed and self._chance(0.4):
                entries = (Star(self._a_list()), entries[0])
            return Assign(target, Entries(entries, keyed))
        other = self._target() if self._has("chained") and self._chance(0.03) else None
        return Assign(self._target(), self._coin(2), other)

    def _target(self) -> Place:
        if self._scope.gives:
            return Place((self._random.choice(self._scope.gives),))
        return self._random.choice(self._coins)

    def _view(self) -> Statement:
        name = self._new_name("v")
        source: Place | Item
        source = self._random.choice([*self._coins, *(Place((bound,)) for bound in self._scope.bound)])
        declared = True
        if self._has("items") and self._chance(0.4):
            source, declared = self._item(), self._chance(0.5)
        self._scope = replace(self._scope, views=(*self._scope.views, name))
        return View(name, source, declared)

    def _unpack(self) -> Statement:
        first, starred = self._new_name("p"), self._chance(0.6)
        second = self._new_name("r" if starred else "p")
        source = self._a_list() if self._chance(0.9) else self._fresh_list()
        self._scope = replace(self._scope, bound=(*self._scope.bound, first))
        if starred:
            self._scope = replace(self._scope, lists=(*self._scope.lists, second))
        else:
            self._scope = replace(self._scope, bound=(*self._scope.bound, second))
        return Unpack(first, second, starred, source)

    def _a_list(self) -> Place:
        """A list, or the dict."""
        names = self._scope.lists
        return Place((self._random.choice(names),)) if names and self._chance(0.5) else self._random.choice(self._lists)

    def _fresh_list(self) -> Value:
        return Fresh("shelf" if self._random.choice(self._lists) == _DICT else "coins")

    def _item(self) -> Item:
        return Item(self._a_list())

    def _return(self) -> Statement:
        return Return(self._coin(1) if self._form != "generator" and self._chance(0.6) else None)

    def _if(self, depth: int) -> Statement:
        return If(self._condition(2), self._block(depth), self._maybe_block(depth, 0.5))

    def _while(self, depth: int) -> Statement:
        # A function that never returns gives nothing back.
        condition = None if self._chance(0.15) and not self._scope.gives else self._condition(1)
        with self._scoped(in_loop=True):
            body = self._block(depth)
        return While(condition, body, self._maybe_block(depth, 0.2))

    def _for(self, depth: int) -> Statement:
        source: Value | None = None
        if self._has("lists") and self._chance(0.6):
            source = self._a_list() if self._chance(0.85) else self._fresh_list()
        if source is None:
            target, bound = self._new_name("i"), self._scope.bound
        elif not self._scope.inside and self._chance(0.2):
            target, bound = self._random.choice("abc"), self._scope.bound
        else:
            target = self._new_name("p")
            bound = (*self._scope.bound, target)
        with self._scoped(in_loop=True, bound=bound):
            body = self._block(depth)
        over = self._over(source)
        awaits = self._form == "coroutine" and self._has("async-syntax") and source in (None, Fresh("coins"))
        return For(
            target, source, body, self._maybe_block(depth, 0.2), "async" if awaits and self._chance(0.5) else over
        )

    def _over(self, source: Value | None) -> Over:
        """What a loop goes over that list by."""
        if source is None or not self._has("overs") or not self._chance(0.4):
            return "plain"
        others: tuple[Over, ...] = ("enumerate", "reversed", "zip", "list", "sorted")
        return self._random.choice((*others, "items", "items") if source in (_DICT, Fresh("shelf")) else others)

    def _try(self, depth: int) -> Statement:
        body = self._block(depth)
        handlers: tuple[Handler, ...] = ()
        final: Block = ()
        if self._chance(0.75):
            handlers = (Handler(self._chance(0.4), self._block(depth)),)
            if not handlers[0].catches_all and self._chance(0.15):
                handlers += (Handler(self._chance(0.5), self._block(depth)),)
        otherwise = self._maybe_block(depth, 0.25) if handlers else ()
        if not handlers or self._chance(0.3):
            final = self._block(depth)
        return Try(body, handlers, otherwise, final)

    def _with(self, depth: int) -> Statement:
        is_async = self._form == "coroutine" and self._has("async-syntax") and self._chance(0.5)
        return With(self._chance(0.7), self._block(depth), is_async)

    def _match(self, depth: int) -> Statement:
        if self._chance(0.4) or not self._has("captures"):
            cases = [
                Case((), self._condition(1) if self._chance(0.4) else None, self._block(depth))
                for _ in range(self._random.choice((1, 2)))
            ]
            default = self._chance(0.5)
            if default:
                cases.append(Case((), None, self._block(depth)))
            return Match(None, tuple(cases), default)
        if self._has("fields") and self._chance(0.3):
            subject = self._a_purse()
            names: tuple[str, ...] = (self._new_name("p"), self._new_name("p"))
        else:
            subject = self._random.choice(self._coins)
            names = (self._new_name("p"),)
        guarded = self._chance(0.6)
        with self._scoped(bound=(*self._scope.bound, *names)):
            guard = self._condition(1) if guarded else None
            cases = [Case(names, guard, self._block(depth))]
        default = guarded and self._chance(0.5)
        if default:
            cases.append(Case((), None, self._block(depth)))
        return Match(subject, tuple(cases), default)

    # Conditions

    def _condition(self, depth: int) -> Condition:
        choices: list[tuple[float, Callable[[], Condition]]] = [
            (6, Decide),
            (1.5, lambda: Positive(self._number(depth))),
            (0.7, lambda: Truth(self._tested())),
            (0.2, lambda: Chain(self._place(), self._place(), self._place())),
        ]
        if self._has("walruses") and not self._scope.inside:
            choices.append((0.4, lambda: Truth(Walrus(self._random.choice("abc"), self._coin(0)))))
        if depth:
            choices += [
                (0.6, lambda: Not(self._condition(depth - 1))),
                (0.6, lambda: Both(self._condition(depth - 1), self._condition(depth - 1))),
                (0.6, lambda: Either(self._condition(depth - 1), self._condition(depth - 1))),
            ]
        return self._weighted(choices)

    def _tested(self) -> Place:
        """What may be there, or be empty."""
        return self._a_list() if self._has("lists") and self._chance(0.3) else self._place()

    # Expressions

    def _place(self) -> Place:
        """A coin that can be looked at."""
        names = (*self._scope.bound, *self._scope.views)
        if names and self._chance(0.45):
            return Place((self._random.choice(names),))
        return self._random.choice(self._coins)

    def _coin(self, depth: int) -> Value:
        """Something that can be moved."""
        choices: list[tuple[float, Callable[[], Value]]] = [(7, self._owned), (1.5, lambda: Fresh("coin"))]
        if self._has("lists"):
            choices.append((0.5, lambda: Element(self._random.choice(self._lists))))
        if depth:
            choices += [
                (1, lambda: Call("step", (self._coin(depth - 1),))),
                (0.5, lambda: Choice(self._condition(0), self._coin(depth - 1), self._coin(depth - 1))),
                (0.5, lambda: Or(self._owned(), self._coin(depth - 1))),
                (0.3, lambda: And(self._owned(), self._coin(depth - 1))),
            ]
            if not self._scope.inside:
                choices.append((0.4, lambda: Walrus(self._random.choice("abc"), self._coin(depth - 1))))
            if self._form == "coroutine":
                choices.append((1, lambda: Call("step_later", (self._coin(depth - 1),))))
            if self._starts and self._scope.makers:
                choices.append((6, lambda: Result(self._random.choice(self._scope.makers))))
        return self._weighted(choices)

    def _owned(self) -> Place:
        if self._scope.bound and self._chance(0.4):
            return Place((self._random.choice(self._scope.bound),))
        if self._scope.views and self._chance(0.05):
            return Place((self._random.choice(self._scope.views),))
        return self._random.choice(self._coins)

    def _lendable(self, *, alone: bool) -> Value:
        """Something to lend; `alone`: it is all that the call is given, so that nothing can be in its way."""
        if self._has("items") and self._chance(0.1):
            return self._item()
        if alone and self._chance(0.1):
            return Choice(self._condition(0), self._place(), self._place())
        return self._place()

    def _number(self, depth: int) -> Number:
        choices: list[tuple[float, Callable[[], Number]]] = [
            (6, lambda: self._call(depth)),
            (3, lambda: Attribute(self._lent(0.1))),
            (0.4, lambda: Format(self._place())),
        ]
        if self._has("comprehensions") and depth:
            choices.append((0.7, self._comprehension))
        if self._starts:
            weight = 3 if self._scope.workers else 0.8
            choices.append(
                (weight, lambda: Gather(tuple(self._begun() for _ in range(self._random.choice((2, 2, 3))))))
            )
            if self._has("fan-out"):
                choices.append((weight, self._gather_each))
            if self._scope.workers:
                choices.append((3, lambda: self._wait(self._worked())))
            if self._has("limits"):
                choices.append((0.8, lambda: Wait(self._begun(), self._random.choice(("wait_for", "shield")))))
            if self._scope.kept:
                choices.append((5, lambda: self._wait(self._use_kept())))
            if self._scope.jobs:
                choices += [(3, self._all_of_them), (1.5, lambda: self._wait(self._picked()))]
            if self._scope.tasks:
                choices.append((3, lambda: self._wait(self._random.choice(self._scope.tasks))))
        if self._scope.generators:
            choices.append((6, self._consume))
        if self._scope.answers:
            choices.append((8, self._answer))
        if self._scope.pool is not None and self._has("maps") and self._has("lists") and not self._scope.inside:
            choices.append((3, self._mapped))
        if self._scope.functions:
            choices.append((5, lambda: CallOf(self._random.choice(self._scope.functions))))
        if self._closes and not self._scope.inside:
            choices.append((0.4, lambda: PassTo(self._random.choice(("once", "many")), self._function())))
        if self._scope.givers:
            giver = self._random.choice(self._scope.givers)
            choices.append((5, lambda: CallOf(giver)))
            choices.append((1, lambda: PassTo(self._random.choice(("once", "many")), Named(giver))))
        return self._weighted(choices)

    def _wait(self, task: str | Begun | Picked) -> Wait:
        hows: tuple[Literal["await", "wait_for", "shield"], ...] = ("await",)
        if self._has("limits"):
            hows = ("await", "await", "wait_for", "shield")
        return Wait(task, self._random.choice(hows))

    def _all_of_them(self) -> Number:
        """Waiting for the tasks of a list, or some of them."""
        jobs = self._random.choice(self._scope.jobs)
        return WaitAll(jobs, self._chance(0.5)) if self._has("limits") and self._chance(0.5) else GatherAll(jobs)

    def _answer(self) -> Answer:
        return Answer(self._random.choice(self._scope.answers), self._limited())

    def _mapped(self) -> Mapped:
        assert self._scope.pool is not None
        return Mapped(self._scope.pool, self._random.choice(("lend", "lend", "share", "take")), self._a_list())

    def _limited(self) -> bool:
        """Whether there is a time limit."""
        return self._has("limits") and self._chance(0.3)

    def _call(self, depth: int) -> Call:
        names = ["note", "take", "take", "take", "lend", "lend", "share", "merge", "read", "finish"]
        names += ["take_two", "lend_two", "share_two", "lend_and_take", "take_and_lend", "share_and_lend"]
        if self._has("lists"):
            if self._lists[-1] != _DICT or self._scope.lists:
                names += ["take_coins", "share_coins", "append"]
            if self._has("stars"):
                names += ["take_all", "lend_all", "share_all"]
            if self._lists[0] == _DICT:
                names += ["take_shelf", "share_shelf"]
        if self._form == "coroutine":
            names += ["take_later", "take_later", "lend_later", "share_later"]
        name = self._random.choice(names)
        function = FUNCTIONS[name]
        arguments: list[Value | Number] = []
        if name == "append":
            arguments.append(self._coins_list())
        elif function.receiver is not None:
            arguments.append(self._owned() if function.receiver == "move" else self._place())
        if function.is_variadic:
            return Call(name, self._variadic(function.takes[0], depth))
        for takes, kind in zip(function.takes, function.kinds, strict=True):
            if kind == "coins":
                arguments.append(self._coins_list())
            elif kind == "shelf":
                arguments.append(_DICT)
            elif takes == "move" and self._has("items") and self._chance(0.02):
                # Only here: a name that is given an entry is another name for it, and takes nothing.
                arguments.append(self._item())
            elif takes == "move" and self._scope.lists and self._chance(0.15):
                # Only here: a variable that is given it has only another name for it until it gives that away.
                arguments.append(Element(Place((self._random.choice(self._scope.lists),))))
            elif takes == "move":
                arguments.append(self._coin(depth - 1 if depth else 0))
            else:
                arguments.append(self._lendable(alone=len(function.takes) == 1))
        by_name = self._has("stars") and len(function.takes) == 2 and self._chance(0.2)
        return Call(name, tuple(arguments), by_name)

    def _variadic(self, takes: str, depth: int) -> tuple[Value, ...]:
        """Arguments of which there may be any number, a list of them among them."""

        def one() -> Value:
            if self._chance(0.6):
                return Star(self._a_list())
            return self._coin(depth - 1 if depth else 0) if takes == "move" else self._place()

        return tuple(one() for _ in range(self._random.choice((1, 2, 2))))

    def _coins_list(self) -> Place:
        lists = [one for one in self._lists if one != _DICT] + [Place((name,)) for name in self._scope.lists]
        return self._random.choice(lists)

    def _loops(self) -> tuple[str, Value | None, tuple[str, ...]]:
        """What a comprehension goes over, by which name, and all that is bound in it then."""
        if not self._has("lists") or not self._chance(0.6):
            return self._new_name("i"), None, self._scope.bound
        source = self._a_list() if self._chance(0.85) else self._fresh_list()
        target = self._new_name("p")
        return target, source, (*self._scope.bound, target)

    def _consume(self) -> Number:
        return Consume(self._random.choice(self._scope.generators), self._random.choice(("next", "sum", "star")))

    def _comprehension(self, *, runs_later: bool = False) -> Comprehension:
        target, source, bound = self._loops()
        kept, self._form = self._form, "function"
        # An `await` would make another kind of comprehension of it.
        changes: dict[str, object] = (
            {"functions": (), "givers": (), "generators": (), "answers": (), "inside": True} if runs_later else {}
        )
        with self._scoped(bound=bound, **changes):
            element = self._number(0)
            condition = self._condition(0) if self._chance(0.4) else None
        self._form = kept
        return Comprehension(element, target, source, condition, self._chance(0.3), self._over(source))
