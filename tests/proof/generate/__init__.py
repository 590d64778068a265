"""Random programs, from a seed: the same seed gives the same programs everywhere.

Owns what is likely. A program is small, so that all its paths can be run, and rich in moves, so that they go wrong.

A topic of the language is a module with a table: what it offers for a statement, a coin, a number, a condition, and how
likely each is. A `Maker` asks all tables, so that no topic needs to know those that come after it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from ..language import Program
from . import conditions, expressions, functions, generators, loops, statements, tasks, threads
from .maker import Maker

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
        "crews",
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
        "flows",
        "crews-by-key",
        "numbers-by-default",
        "overrides",
        "displays",
        "collections",
    }
)
"""What can be left out of programs; the rest is always there."""

_TABLES = tuple(
    topic.OFFERS for topic in (expressions, conditions, statements, loops, functions, generators, tasks, threads)
)


def programs(seed: int, count: int, constructs: frozenset[str] = CONSTRUCTS) -> Iterator[Program]:
    """`count` programs, each a function of another name."""
    for number in range(count):
        yield _program(Maker(random.Random(f"{seed} {number}"), constructs, _TABLES), f"f{number}")


def _program(m: Maker, name: str) -> Program:
    forms = ["function"] * 5
    forms += ["generator"] * m.has("generators") + ["coroutine"] * 3 * m.has("async")
    m.form = m.choice(forms)
    m.has_tasks = m.form == "coroutine" and m.has("tasks") and m.chance(0.7)
    m.has_threads = m.form != "generator" and m.has("threads") and m.chance(0.25)
    # What tasks are for is to run functions side by side.
    workers = (functions.define(m),) if m.has_tasks and m.closes and m.chance(0.7) else ()
    return Program(name, (*workers, *m.block(0)), m.form)  # type: ignore[arg-type]
