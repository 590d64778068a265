"""What starts, passes on and waits for calls that go on after they have returned (rules, section 7). Tables, no logic.

Names are those that typeshed, anyio and trio define things under. A method stands under the class that declares it
first, and an override counts as overridden; what a class does when it is made stands under its `__init__`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ..fullnames import NONE

__all__ = [
    "ASKING_EACH",
    "ATTEMPTS",
    "CALLED_ONCE",
    "CONFIGURED",
    "ENDED",
    "EXHAUSTING",
    "GROUPS",
    "KEEPERS",
    "PASSING_ON",
    "PATIENT",
    "RETRIERS",
    "SPAWNS",
    "STARTERS",
    "WAITS",
    "Spawn",
]


class Spawn(NamedTuple):
    """What a call does with the coroutines and tasks that it is given, or with a function and arguments for it."""

    starts: bool = False
    """They run by themselves from here on."""
    finishes: bool = False
    """They have finished when it returns; if it is awaited, when that is done."""
    grouped: bool = False
    """What it is called on waits for them."""
    begins: bool = False
    """To await it is to wait until they have begun; they go on."""
    leaves: int | None = None
    """It may return before all have finished: the position, in what it gives, of those that have not."""
    leaves_others: bool = False
    """If one of them raises, the others go on although nobody waits for them any more."""
    shields: bool = False
    """Who waits for it may be cancelled, and what it is given goes on."""
    calls: str | None = None
    """The parameter whose argument is a function that will be called, once; "" for the first that takes a function."""
    keywords: bool = False
    """The positional arguments behind the function are for it; so are keyword arguments that are not its own."""
    packed: tuple[str, str] | None = None
    """The parameters that have a tuple and a dict of arguments for the function."""
    many: bool = False
    """It is called for each of a number of things, perhaps at once."""
    alone: bool = False
    """The function gets none of the arguments."""
    results: bool = False
    """It gives an iterator of their results: who has come to its end has waited for all of them."""
    again: bool = False
    """It is called again if it fails, with the same arguments."""
    follows: bool = False
    """The function is called when what the call is made on has finished, and not beside it."""
    deferred: str = ""
    """The function is called when this happens, as a message says it, and not beside what goes on until then."""
    enters: bool = False
    """It enters a context manager, leaves it when it is left itself, and gives what that gives."""
    waited: str = ""
    """The method by which one waits for what it gives, if that is not by `await`."""


_TASK = Spawn(starts=True)
_PASSES_ON = Spawn()
_AT_ONCE = Spawn(finishes=True)
_CALLBACK = Spawn(starts=True, grouped=True, calls="fn", alone=True, follows=True)
_PACKED = ("args", "kwargs")
_LEFT = "the stack is left"
_CLEANUP = Spawn(grouped=True, calls="callback", keywords=True, deferred=_LEFT)
_EXIT = Spawn(grouped=True, calls="exit", alone=True, deferred=_LEFT)
_RETRIES = Spawn(finishes=True, calls="fn", keywords=True, again=True)
_RETRIES_BEHIND = Spawn(finishes=True, calls="callable_", keywords=True, again=True)

SPAWNS: Final[Mapping[str, Spawn]] = {
    # asyncio
    "asyncio.tasks.create_task": _TASK,
    "asyncio.tasks.ensure_future": _TASK,
    "asyncio.tasks.run_coroutine_threadsafe": _TASK,
    "asyncio.tasks.shield": Spawn(starts=True, shields=True),
    "asyncio.tasks.as_completed": _TASK,
    "asyncio.tasks.gather": Spawn(starts=True, leaves_others=True),
    "asyncio.tasks.wait_for": _PASSES_ON,
    "asyncio.tasks.wait": Spawn(leaves=1),
    "asyncio.futures.wrap_future": _TASK,
    "asyncio.taskgroups.TaskGroup.create_task": Spawn(starts=True, grouped=True),
    "asyncio.events.AbstractEventLoop.create_task": _TASK,
    "asyncio.events.AbstractEventLoop.run_until_complete": _AT_ONCE,
    "asyncio.runners.run": _AT_ONCE,
    "asyncio.runners.Runner.run": _AT_ONCE,
    "asyncio.threads.to_thread": Spawn(calls="func", keywords=True),
    "asyncio.events.AbstractEventLoop.run_in_executor": Spawn(starts=True, calls="func"),
    "asyncio.events.AbstractEventLoop.call_soon": Spawn(starts=True, calls="callback"),
    "asyncio.events.AbstractEventLoop.call_soon_threadsafe": Spawn(starts=True, calls="callback"),
    "asyncio.events.AbstractEventLoop.call_later": Spawn(starts=True, calls="callback"),
    "asyncio.events.AbstractEventLoop.call_at": Spawn(starts=True, calls="callback"),
    "_asyncio.Future.add_done_callback": _CALLBACK,
    "_asyncio.Task.__init__": _TASK,
    "asyncio.streams.start_server": Spawn(starts=True, calls="client_connected_cb", many=True, alone=True),
    "asyncio.streams.start_unix_server": Spawn(starts=True, calls="client_connected_cb", many=True, alone=True),
    # anyio
    "anyio.abc._tasks.TaskGroup.start_soon": Spawn(starts=True, grouped=True, calls="func"),
    "anyio.abc._tasks.TaskGroup.start": Spawn(starts=True, grouped=True, begins=True, calls="func"),
    "anyio.abc._tasks.TaskGroup.create_task": Spawn(starts=True, grouped=True),
    "anyio._core._concurrency_utils.amap": Spawn(calls="func", many=True, alone=True),
    "anyio.abc._streams.Listener.serve": Spawn(calls="handler", many=True, alone=True),
    "anyio.to_thread.run_sync": Spawn(calls="func"),
    "anyio.to_process.run_sync": Spawn(calls="func"),
    "anyio.to_interpreter.run_sync": Spawn(calls="func"),
    "anyio.from_thread.run": Spawn(finishes=True, calls="func"),
    "anyio.from_thread.run_sync": Spawn(finishes=True, calls="func"),
    "anyio.from_thread.BlockingPortal.call": Spawn(finishes=True, calls="func"),
    "anyio.from_thread.BlockingPortal.call_async": Spawn(calls="func"),
    "anyio.from_thread.BlockingPortal.start_task": Spawn(starts=True, calls="func"),
    "anyio.from_thread.BlockingPortal.start_task_soon": Spawn(starts=True, calls="func"),
    "anyio._core._eventloop.run": Spawn(finishes=True, calls="func"),
    # trio
    "trio._core._run.Nursery.start_soon": Spawn(starts=True, grouped=True, calls="async_fn"),
    "trio._core._run.Nursery.start": Spawn(starts=True, grouped=True, begins=True, calls="async_fn"),
    "trio._core._traps.wait_task_rescheduled": Spawn(calls="abort_func", alone=True),
    "trio._threads.to_thread_run_sync": Spawn(calls="sync_fn"),
    "trio._threads.from_thread_run": Spawn(finishes=True, calls="afn"),
    "trio._threads.from_thread_run_sync": Spawn(finishes=True, calls="fn"),
    "trio._core._run.run": Spawn(finishes=True, calls="async_fn"),
    "trio._core._run.start_guest_run": Spawn(starts=True, calls="async_fn"),
    "trio._core._generated_run.spawn_system_task": Spawn(starts=True, calls="async_fn"),
    "trio._core._entry_queue.TrioToken.run_sync_soon": Spawn(starts=True, calls="sync_fn"),
    "trio._core._thread_cache.start_thread_soon": Spawn(starts=True, calls="fn", alone=True),
    "trio._highlevel_open_tcp_listeners.serve_tcp": Spawn(calls="handler", many=True, alone=True),
    "trio._highlevel_serve_listeners.serve_listeners": Spawn(calls="handler", many=True, alone=True),
    "trio._highlevel_ssl_helpers.serve_ssl_over_tcp": Spawn(calls="handler", many=True, alone=True),
    "trio._dtls.DTLSEndpoint.serve": Spawn(calls="async_fn", many=True, alone=True),
    # Threads and processes
    "concurrent.futures._base.Executor.submit": Spawn(
        starts=True, grouped=True, calls="fn", keywords=True, waited="result"
    ),
    "concurrent.futures._base.Executor.map": Spawn(
        starts=True, grouped=True, calls="fn", many=True, alone=True, results=True
    ),
    "concurrent.futures._base.Future.add_done_callback": _CALLBACK,
    "concurrent.futures._base.as_completed": _PASSES_ON,
    "concurrent.futures._base.wait": Spawn(finishes=True, leaves=1),
    "threading.Thread.__init__": Spawn(calls="target", packed=_PACKED, waited="join"),
    "threading.Timer.__init__": Spawn(calls="function", packed=_PACKED, waited="join"),
    "_thread.start_new_thread": Spawn(starts=True, calls="function", packed=_PACKED),
    "multiprocessing.process.BaseProcess.__init__": Spawn(calls="target", packed=_PACKED, waited="join"),
    "multiprocessing.pool.Pool.apply": Spawn(finishes=True, calls="func", packed=("args", "kwds")),
    "multiprocessing.pool.Pool.apply_async": Spawn(
        starts=True, grouped=True, calls="func", packed=("args", "kwds"), waited="get"
    ),
    **dict.fromkeys(
        ("multiprocessing.pool.Pool.map", "multiprocessing.pool.Pool.starmap"),
        Spawn(finishes=True, calls="func", many=True, alone=True),
    ),
    **dict.fromkeys(
        ("multiprocessing.pool.Pool.map_async", "multiprocessing.pool.Pool.starmap_async"),
        Spawn(starts=True, calls="func", many=True, alone=True, waited="get"),
    ),
    **dict.fromkeys(
        ("multiprocessing.pool.Pool.imap", "multiprocessing.pool.Pool.imap_unordered"),
        Spawn(starts=True, calls="func", many=True, alone=True, results=True),
    ),
    # When something ends
    "contextlib._BaseExitStack.enter_context": Spawn(grouped=True, enters=True),
    "contextlib.AsyncExitStack.enter_async_context": Spawn(grouped=True, enters=True),
    "contextlib._BaseExitStack.callback": _CLEANUP,
    "contextlib._BaseExitStack.push": _EXIT,
    "contextlib.AsyncExitStack.push_async_callback": _CLEANUP,
    "contextlib.AsyncExitStack.push_async_exit": _EXIT,
    "atexit.register": Spawn(starts=True, calls="func", keywords=True, deferred="the program ends"),
    "weakref.finalize.__init__": Spawn(starts=True, calls="func", keywords=True),
    # Here and now
    "_contextvars.Context.run": Spawn(finishes=True, calls="callable", keywords=True),
    # Retries
    "tenacity.BaseRetrying.__call__": _RETRIES,
    "tenacity.asyncio.AsyncRetrying.__call__": _RETRIES,
    "stamina._core.RetryingCaller.__call__": _RETRIES_BEHIND,
    "stamina._core.AsyncRetryingCaller.__call__": _RETRIES_BEHIND,
    "stamina._core.BoundRetryingCaller.__call__": _RETRIES_BEHIND,
    "stamina._core.BoundAsyncRetryingCaller.__call__": _RETRIES_BEHIND,
}
"""Calls that pass on what they are given. What they give back holds it; so does a group that they are called on."""

CALLED_ONCE: Final[Mapping[str, str]] = {
    name: row.calls for name, row in SPAWNS.items() if row.calls is not None and not (row.again or row.many)
}
"""By full name: the parameter whose argument is called once, or not at all."""

CONFIGURED: Final[Mapping[str, Spawn]] = {
    "start": Spawn(starts=True, grouped=True, calls="", keywords=True),
    "run": Spawn(finishes=True, calls="", keywords=True),
    "retry": Spawn(finishes=True, calls="", keywords=True, again=True),
}
"""What the words of the settings say of a call."""

STARTERS: Final = frozenset({"threading.Thread.start", "multiprocessing.process.BaseProcess.start"})
"""Methods that start what their object holds."""

PATIENT: Final = frozenset({NONE, "asyncio.tasks.ALL_COMPLETED", "concurrent.futures._base.ALL_COMPLETED"})
"""What a `wait` is told that waits for all."""

WAITS: Final[Mapping[str, str | None]] = {
    "threading.Thread.join": "timeout",
    "multiprocessing.process.BaseProcess.join": "timeout",
    "multiprocessing.pool.ApplyResult.get": None,
    "multiprocessing.pool.ApplyResult.wait": "timeout",
    "multiprocessing.pool.Pool.join": None,
    "concurrent.futures._base.Future.result": None,
    "concurrent.futures._base.Future.exception": None,
    "concurrent.futures._base.Executor.shutdown": "wait",
    "asyncio.queues.Queue.join": None,
    "queue.Queue.join": None,
    "anyio._core._tasks.TaskHandle.wait": None,
    "contextlib.ExitStack.close": None,
    "contextlib.AsyncExitStack.aclose": None,
}
"""Methods that return when what their object holds has finished. If this parameter is given, they may return before."""

ENDED: Final = frozenset(
    {
        "_asyncio.Task.cancelled",
        "_asyncio.Task.done",
        "concurrent.futures._base.Future.cancelled",
        "concurrent.futures._base.Future.done",
        "multiprocessing.pool.ApplyResult.ready",
    }
)
"""Methods that say that what their object stands for has finished. Not that of what `gather` gives: see there."""

ASKING_EACH: Final[Mapping[str, bool]] = {"builtins.all": True, "builtins.any": False}
"""Functions that ask for the truth of each element; and what they give only if that is what each of them has."""

EXHAUSTING: Final = frozenset(
    f"builtins.{name}" for name in ("dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple")
)
"""Functions and classes that go through an iterator to its end."""

GROUPS: Final = frozenset(
    {
        "asyncio.taskgroups.TaskGroup",
        "anyio.abc._tasks.TaskGroup",
        "trio._core._run.Nursery",
        "concurrent.futures._base.Executor",
        "contextlib._BaseExitStack",
    }
)
"""Context managers that are left when all that was given to them to run has finished."""

RETRIERS: Final = frozenset(
    {
        "tenacity.retry",
        "backoff._decorator.on_exception",
        "backoff._decorator.on_predicate",
        "stamina._core.retry",
    }
)
"""Decorators that call their function again, with the same arguments."""

PASSING_ON: Final = frozenset(
    {
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "typing.final",
        "typing.no_type_check",
        "typing_extensions.final",
        "typing_extensions.deprecated",
        "warnings.deprecated",
        "types.coroutine",
    }
)
"""Decorators that call the function as often as what they give back is called."""

ATTEMPTS: Final = frozenset({"tenacity.AttemptManager", "stamina._core.Attempt"})
"""Context managers around one attempt: they swallow its exception, and the loop around them goes on."""

KEEPERS: Final = frozenset(
    {
        *("append", "add", "insert", "extend", "appendleft", "setdefault"),
        *("put", "put_nowait", "send", "send_nowait"),
    }
)
"""Methods by which a container of tasks, or what hands them to others, is given one."""
