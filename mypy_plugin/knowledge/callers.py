"""Who calls what it is given once: functions that take a function and call it one time, or not at all."""

from __future__ import annotations

from typing import Final

__all__ = ["CALLED_ONCE", "PASSING_ON"]

CALLED_ONCE: Final = {
    # Threads and processes
    "threading.Thread.__init__": "target",
    "threading.Timer.__init__": "function",
    "_thread.start_new_thread": "function",
    "multiprocessing.process.BaseProcess.__init__": "target",
    "multiprocessing.pool.Pool.apply": "func",
    "multiprocessing.pool.Pool.apply_async": "func",
    "concurrent.futures._base.Executor.submit": "fn",
    "concurrent.futures._base.Future.add_done_callback": "fn",
    # asyncio
    "asyncio.threads.to_thread": "func",
    "asyncio.events.AbstractEventLoop.call_soon": "callback",
    "asyncio.events.AbstractEventLoop.call_soon_threadsafe": "callback",
    "asyncio.events.AbstractEventLoop.call_later": "callback",
    "asyncio.events.AbstractEventLoop.call_at": "callback",
    "asyncio.events.AbstractEventLoop.run_in_executor": "func",
    "asyncio.futures.Future.add_done_callback": "fn",
    "_asyncio.Future.add_done_callback": "fn",
    # anyio and trio
    "anyio.to_thread.run_sync": "func",
    "anyio.to_process.run_sync": "func",
    "anyio.from_thread.run": "func",
    "anyio.from_thread.run_sync": "func",
    "anyio.from_thread.BlockingPortal.call": "func",
    "anyio.from_thread.BlockingPortal.start_task_soon": "func",
    "anyio._core._eventloop.run": "func",
    "anyio.abc._tasks.TaskGroup.start_soon": "func",
    "anyio.abc._tasks.TaskGroup.start": "func",
    "trio._core._run.run": "async_fn",
    "trio._core._run.Nursery.start_soon": "async_fn",
    "trio._core._run.Nursery.start": "async_fn",
    "trio._core._traps.wait_task_rescheduled": "abort_func",
    "trio._threads.to_thread_run_sync": "sync_fn",
    "trio._threads.from_thread_run": "afn",
    "trio._threads.from_thread_run_sync": "fn",
    # When something ends
    "contextlib._BaseExitStack.callback": "callback",
    "contextlib._BaseExitStack.push": "exit",
    "contextlib.AsyncExitStack.push_async_callback": "callback",
    "contextlib.AsyncExitStack.push_async_exit": "exit",
    "atexit.register": "func",
    "weakref.finalize.__init__": "func",
    # Here and now
    "_contextvars.Context.run": "callable",
    "contextvars.Context.run": "callable",
}
"""By full name: the parameter whose argument is called once (rules, section 7). An override counts as overridden."""

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
