"""Every foreign name the checker knows, as constants. A name that stands elsewhere in quotes is a mistake.

This module must never hold logic.
"""

from __future__ import annotations

from typing import Final

PACKAGE: Final = "budget_types"
ENTRY_MODULES: Final = ("mypy_plugin", "budget_types.mypy")
"""What `plugins =` names to switch the plugin on."""

OWNERSHIP: Final = "budget_types.ownership"
"""The module that each of ours imports, and each class marked `@affine`: where mypy loads it, values can be affine."""

AFFINE: Final = "budget_types.ownership.affine"
BORROWED: Final = "budget_types.ownership.Borrowed"
SHARED: Final = "budget_types.ownership.Shared"
OWNED: Final = "budget_types.ownership.Owned"
CONSUMES: Final = "budget_types.ownership.consumes"

BUDGET: Final = "budget_types.budget.Budget"
RESERVATION: Final = "budget_types.reservation.Reservation"

METADATA: Final = "budget_types"
"""Our key in `TypeInfo.metadata`, which mypy keeps in its cache."""

BOOL: Final = "builtins.bool"
NONE: Final = "builtins.None"
TRUE: Final = "builtins.True"
TEXT: Final = frozenset({"builtins.str", "builtins.int", "builtins.float", BOOL})
"""Texts and numbers."""
ITERABLE: Final = "typing.Iterable"
COLLECTIONS: Final = frozenset({ITERABLE, "typing.AsyncIterable"})
"""What holds a number of values of its type argument."""
RUNNING: Final = frozenset(
    {
        "_asyncio.Future",
        "asyncio.futures.Future",
        "concurrent.futures._base.Future",
        "anyio._core._tasks.TaskHandle",
    }
)
"""What stands for a call that runs by itself, whether anybody waits for it or not."""
SINGLE: Final = frozenset({"typing.Coroutine", "asyncio.tasks.Task", "_asyncio.Task"})
"""What stands for one call, where the future of `gather` stands for many."""
EXCEPTION: Final = "builtins.Exception"
BASE_EXCEPTION: Final = "builtins.BaseException"
BUILTINS: Final = "builtins"
OBJECT: Final = "builtins.object"
TYPE: Final = "builtins.type"
GETATTR: Final = "builtins.getattr"
ISINSTANCE: Final = "builtins.isinstance"
NOT_IMPLEMENTED: Final = "builtins.NotImplementedError"

TRUTH_METHODS: Final = ("__bool__", "__len__")
"""The special methods that can make an object false."""

BUILDERS: Final = frozenset({"__init__", "__new__", "__post_init__", "__attrs_post_init__", "model_post_init"})
"""Methods that run while their object is being made: its fields are not there yet."""

PARTIAL: Final = "functools.partial"

FUNCTIONS: Final = frozenset({PARTIAL})
"""Generic classes that stand for functions: their type arguments are what a call gives, and they own none of it."""

SUSPENDED: Final = frozenset(
    f"typing.{name}" for name in ("Coroutine", "Generator", "Iterator", "AsyncGenerator", "AsyncIterator")
)
"""What calling a function gives whose body has not run yet: it keeps what it was lent."""

FIELD_SPECIFIERS: Final = frozenset(
    {
        "dataclasses.field",
        "attr.ib",
        "attr.attrib",
        "attr.Factory",
        "attr.field",
        "attrs.field",
        "attr._next_gen.field",
        "pydantic.fields.Field",
        "pydantic.fields.PrivateAttr",
    }
)
"""Calls in a class body that describe a field: instances share no more of it than its default."""

REPLACE: Final = "_replace"
"""The method of a named tuple that gives another one with most of its items."""

FINALIZER: Final = "__del__"
"""The method that runs when nobody has the object any more."""

LENT_RECEIVER_METHODS: Final = frozenset(
    {"__enter__", "__aenter__", "__iter__", "__aiter__"}
    | {
        f"__i{operator}__"
        for operator in (
            ["add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "xor", "or"]
        )
    }
)
"""Methods whose `return self` lends: their caller already has the receiver, or rebinds it to the result."""
