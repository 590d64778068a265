"""What is known beyond what signatures say: of our own classes, of files. Tables, no logic.

What containers and library functions do with values is in `containers`, what starts and repeats calls in `tasks`, what
agent frameworks do in `frameworks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..fullnames import BUDGET, RESERVATION

__all__ = [
    "CALM",
    "CALM_METHODS",
    "CAUGHT_BY",
    "CLOSERS",
    "CONSTRUCTORS",
    "EXPECT_ERRORS",
    "FOLLOWED",
    "GIVEN",
    "LOOKING_METHODS",
    "LOOKING_OBJECTS",
    "MINTED",
    "TEST_DIRECTORIES",
    "TEST_FILES",
]

CONSTRUCTORS: Final = ("__init__", "__new__")
"""The methods that an object is made with: no promise to those who have the object, but to those who have the class."""

LOOKING_OBJECTS: Final = frozenset({"operator.attrgetter", "_operator.attrgetter"})
"""Classes whose objects are called with what they only look at, though its parameter is Any."""

MINTED: Final = frozenset({BUDGET})
"""Classes whose constructor makes a cap from nothing (rules, section 5, `budget-minted`); subclasses too."""

GIVEN: Final = frozenset({RESERVATION})
"""The other affine classes of ours: an object of theirs comes out of a budget or pool that is there already."""

_LOG: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})

CALM: Final = frozenset(
    {f"logging.{level}" for level in _LOG}
    | {
        "builtins.bool",
        "builtins.id",
        "builtins.isinstance",
        "builtins.len",
        "builtins.print",
        "builtins.range",
        "builtins.repr",
        "builtins.str",
        "contextlib.AsyncExitStack",
        "contextlib.ExitStack",
        "contextlib.nullcontext",
        "contextlib.suppress",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.time",
        "time.time_ns",
    }
)
"""Calls that do not raise in a program whose types are right: nothing gets lost between two of them."""

CALM_METHODS: Final[Mapping[str, frozenset[str]]] = {
    RESERVATION: frozenset({"sent"}),
    "logging.Logger": _LOG,
    "logging.LoggerAdapter": _LOG,
    "builtins.list": frozenset({"append", "extend"}),
    "builtins.set": frozenset({"add"}),
    "builtins.dict": frozenset({"get", "update", "__setitem__"}),
    "typing._TypedDict": frozenset({"update"}),
    "contextlib._BaseExitStack": frozenset({"callback", "push"}),
    "contextlib.AsyncExitStack": frozenset({"push_async_callback", "push_async_exit"}),
}
"""The same of methods, by the class that has them; of `__setitem__`, for keys whose hash is Python's own."""

_ERRORS: Final = frozenset({"budget_types.errors.BudgetError", "builtins.Exception", "builtins.BaseException"})
_OVERRUN: Final = _ERRORS | {"budget_types.errors.BudgetOverrun"}

CAUGHT_BY: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    RESERVATION: {"commit": _OVERRUN, "release": frozenset(), "forfeit": frozenset()},
    BUDGET: {"close": frozenset()},
    "budget_types.usage": {"usage_of": _ERRORS | {"budget_types.usage.UsageError"}},
    # Where a loop runs. Where none does, they raise, and nothing has been started.
    "asyncio.tasks": dict.fromkeys(("create_task", "ensure_future", "gather", "shield"), frozenset()),
}
"""By class and method, or module and function: the classes that catch what it raises. A method that takes what it is
called on may raise something else before it does."""

FOLLOWED: Final = frozenset(
    {
        "functools.partial",
        "multiprocessing.Process",
        "multiprocessing.context.Process",
        "multiprocessing.process.BaseProcess",
        "threading.Thread",
        "threading.Timer",
    }
)
"""Calls whose parameters are declared Any, and that are known to give what they get to one function."""

LOOKING_METHODS: Final = frozenset(
    f"__{name}__"
    for name in (
        *("eq", "ne", "lt", "le", "gt", "ge", "hash", "bool", "len", "length_hint", "contains", "iter", "aiter"),
        *("next", "anext", "reversed", "getitem", "setitem", "delitem", "missing", "str", "repr", "format", "bytes"),
        *("int", "float", "complex", "index", "round", "trunc", "floor", "ceil", "dir", "sizeof"),
        *("getattr", "getattribute", "setattr", "delattr", "copy", "deepcopy", "reduce", "reduce_ex", "getstate"),
    )
)
"""Special methods that Python calls where an object is only looked at (rules, section 4). None of them can end it."""

CLOSERS: Final = ("close", "aclose")
"""Methods that end their receiver by name, whether they are marked `@consumes` or not."""

EXPECT_ERRORS: Final = frozenset(
    {
        "_pytest.python_api.RaisesContext",
        "_pytest.raises.RaisesExc",
        "_pytest.raises.AbstractRaises",
        "unittest.case._AssertRaisesContext",
    }
)
"""Context managers whose block is expected to raise: what is made in it is never there."""

TEST_FILES: Final = ("test_*.py", "*_test.py", "conftest.py")
TEST_DIRECTORIES: Final = frozenset({"tests"})
"""Which files are tests, which may make budgets: by their own name, or by that of a directory they lie under."""
