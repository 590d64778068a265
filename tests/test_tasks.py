"""The table of tasks knows the stubs: no row is in vain, and nothing that takes work to do is forgotten.

mypy reads typeshed, and the packages that are installed. What is new in them fails here, not in silence.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import mypy.version
import pytest
from mypy.build import BuildResult, build
from mypy.modulefinder import BuildSource
from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, SymbolNode, TypeInfo
from mypy.options import Options
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    ParamSpecType,
    TupleType,
    Type,
    TypeVarTupleType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from mypy_plugin.knowledge.tasks import ATTEMPTS, ENDED, GROUPS, RETRIERS, SPAWNS, STARTERS, WAITS

NEWEST = (2, 4)
MYPY = tuple(map(int, mypy.version.__version__.split(".")[:2]))

PUBLIC = (
    *("asyncio", "concurrent.futures", "threading", "multiprocessing", "multiprocessing.pool"),
    *("multiprocessing.managers", "multiprocessing.dummy", "multiprocessing.context", "multiprocessing.process"),
    *("anyio", "anyio.abc", "anyio.from_thread", "anyio.lowlevel", "anyio.streams.memory", "anyio.streams.stapled"),
    *("anyio.to_interpreter", "anyio.to_process", "anyio.to_thread"),
    *("trio", "trio.abc", "trio.from_thread", "trio.lowlevel", "trio.to_thread"),
)
"""What is looked through for things that take work to do."""
OTHERS = ("atexit", "backoff", "contextlib", "contextvars", "stamina", "tenacity", "weakref", "_thread")
PACKAGES = ("asyncio", "_asyncio", "concurrent", "threading", "multiprocessing", "anyio", "trio")

GENERAL = {
    # What is awaited where it is made, and runs nothing but what it is given.
    *("anyio._core._concurrency_utils.gather", "anyio._core._concurrency_utils.as_completed"),
    *("anyio._core._tasks.TaskHandle.__init__", "anyio._core._testing.TaskInfo.__init__"),
    *("asyncio.tasks.create_eager_task_factory", "asyncio.tasks.eager_task_factory"),
    # Functions that are called any number of times, one call after the other.
    *("anyio._core._synchronization.Condition.wait_for", "asyncio.locks.Condition.wait_for"),
    *("threading.Condition.wait_for", "threading.Barrier.__init__", "multiprocessing.context.BaseContext.Barrier"),
    *("multiprocessing.managers.SyncManager.Barrier", "multiprocessing.managers.BaseListProxy.sort"),
    *("multiprocessing.managers.BaseManager.register", "multiprocessing.managers.Server.__init__"),
    *("asyncio.events.AbstractEventLoop.add_reader", "asyncio.events.AbstractEventLoop.add_writer"),
    *("asyncio.events.AbstractEventLoop.add_signal_handler", "asyncio.events.Handle.__init__"),
    *("asyncio.events.AbstractEventLoop.set_exception_handler", "asyncio.events.TimerHandle.__init__"),
    *("_asyncio.Future.remove_done_callback", "asyncio.coroutines.iscoroutinefunction"),
    *("threading.setprofile", "threading.setprofile_all_threads", "threading.settrace"),
    "threading.settrace_all_threads",
    # Makers of one thing, which get nothing to make it from.
    *("anyio._core._fileio.Path.walk", "anyio._core._fileio.open_file", "trio._file_io.open_file"),
    *("asyncio.runners.Runner.__init__", "asyncio.streams.StreamReaderProtocol.__init__"),
    *("asyncio.subprocess.create_subprocess_exec", "asyncio.subprocess.create_subprocess_shell"),
    *("asyncio.base_events.Server.__init__", "asyncio.events.AbstractEventLoop.connect_accepted_socket"),
    *("asyncio.events.AbstractEventLoop.connect_read_pipe", "asyncio.events.AbstractEventLoop.connect_write_pipe"),
    *("asyncio.events.AbstractEventLoop.create_connection", "asyncio.events.AbstractEventLoop.create_server"),
    *("asyncio.events.AbstractEventLoop.create_datagram_endpoint", "asyncio.events.AbstractEventLoop.subprocess_exec"),
    *("asyncio.events.AbstractEventLoop.create_unix_connection", "asyncio.events.AbstractEventLoop.subprocess_shell"),
    "asyncio.events.AbstractEventLoop.create_unix_server",
    # What workers do before they begin.
    *("concurrent.futures.interpreter.InterpreterPoolExecutor.__init__", "multiprocessing.pool.Pool.__init__"),
    *("concurrent.futures.process.ProcessPoolExecutor.__init__", "multiprocessing.pool.ThreadPool.__init__"),
    *("concurrent.futures.thread.ThreadPoolExecutor.__init__", "multiprocessing.context.BaseContext.Pool"),
    *("concurrent.futures.thread.ThreadPoolExecutor.prepare_context", "multiprocessing.managers.SyncManager.Pool"),
    *("multiprocessing.managers.BaseManager.start", "multiprocessing.dummy.Pool"),
    *("multiprocessing.pool.ApplyResult.__init__", "multiprocessing.pool.MapResult.__init__"),
    # What only looks at a task.
    *("_asyncio.future_add_to_awaited_by", "_asyncio.future_discard_from_awaited_by"),
    *("asyncio.graph.FutureCallGraph.__init__", "asyncio.graph.capture_call_graph"),
    *("asyncio.graph.format_call_graph", "asyncio.graph.print_call_graph"),
    # Decorators, and the machinery of an event loop.
    *("trio._channel.as_safe_channel", "trio._core._run.Task.__init__"),
    "trio._core._traps.temporarily_detach_coroutine_object",
}
"""What takes work to do, and needs no row: what is said of functions and coroutines in general holds for it."""
MACHINERY = ("anyio.abc._eventloop.", "anyio.abc._testing.")
"""What others implement, and no program calls."""


@pytest.fixture(scope="module")
def built() -> BuildResult:
    options = Options()
    options.incremental = False
    # mypy opens the one of this directory all the same, and so may another test.
    options.cache_dir = os.devnull
    options.semantic_analysis_only = True
    options.ignore_missing_imports = True
    options.python_version = (3, 14)
    options.python_executable = sys.executable
    return build([BuildSource("all", None, "\n".join(f"import {name}" for name in PUBLIC + OTHERS))], options)


def resolve(built: BuildResult, fullname: str) -> SymbolNode | None:
    """What stands under a full name, in the module or class that defines it itself."""
    module, names = fullname, list[str]()
    while module not in built.files and "." in module:
        module, _, name = module.rpartition(".")
        names.insert(0, name)
    if module not in built.files:
        return None
    node: SymbolNode | None = built.files[module]
    for name in names:
        scope = node.names if isinstance(node, (TypeInfo, type(built.files[module]))) else {}
        node = scope[name].node if name in scope else None
    return node if node is not None and node.fullname == fullname else None


def functions(node: SymbolNode | None) -> list[FuncDef]:
    """The signatures of a function, before any decorator."""
    if isinstance(node, Decorator):
        return [node.func]
    if isinstance(node, OverloadedFuncDef):
        return [function for item in node.items for function in functions(item)]
    return [node] if isinstance(node, FuncDef) else []


def parameters(node: SymbolNode | None) -> Iterator[tuple[str, Type]]:
    """Names and types of the parameters of a function; not of `self`."""
    for function in functions(node):
        if isinstance(function.type, CallableType):
            own = [argument.variable.name for argument in function.arguments]
            skipped = int(bool(function.info) and not function.is_static)
            yield from list(zip(own, function.type.arg_types, strict=True))[skipped:]


def is_work(type_: Type) -> bool:
    """Whether a value of this type can be called or awaited, or holds something that can."""
    proper = get_proper_type(type_)
    if isinstance(proper, (CallableType, Overloaded)):
        return True
    if isinstance(proper, UnionType):
        return any(map(is_work, proper.items))
    if isinstance(proper, TupleType):
        return any(map(is_work, proper.items))
    if isinstance(proper, (TypeVarType, TypeVarTupleType, ParamSpecType)):
        return isinstance(proper, TypeVarType) and is_work(proper.upper_bound)
    if isinstance(proper, Instance):
        return proper.type.get("__await__") is not None or any(map(is_work, proper.args))
    return False


def takes_work(built: BuildResult) -> Iterator[str]:
    """The functions and methods that are given something to call or await, by where they are declared first."""
    for module in PUBLIC:
        for name, symbol in built.files[module].names.items():
            node = symbol.node
            if node is None or name.startswith("_") or not node.fullname.startswith(PACKAGES):
                continue
            if any(is_work(type_) for _, type_ in parameters(node)):
                yield node.fullname
            if isinstance(node, TypeInfo):
                yield from methods_that_take_work(node)


def methods_that_take_work(info: TypeInfo) -> Iterator[str]:
    for base in info.mro:
        for name, symbol in base.names.items():
            if name.startswith("_") and name not in ("__init__", "__call__"):
                continue
            if base.fullname.startswith(PACKAGES) and any(is_work(type_) for _, type_ in parameters(symbol.node)):
                declared = [f"{one.fullname}.{name}" for one in info.mro if name in one.names]
                first = f"{base.fullname}.{name}" if name.startswith("_") else declared[-1]
                yield next((each for each in declared if each in SPAWNS), first)


def test_what_takes_work_to_do_has_a_row_or_needs_none(built: BuildResult) -> None:
    found = {name for name in takes_work(built) if not name.startswith(MACHINERY)}
    assert len(found) > 50
    assert "\n".join(sorted(found - {*SPAWNS, *GENERAL})) == ""


@pytest.mark.skipif(NEWEST > MYPY, reason="an older typeshed lacks what came later")
def test_nothing_is_excused_in_vain(built: BuildResult) -> None:
    assert "\n".join(sorted(name for name in GENERAL if resolve(built, name) is None)) == ""


@pytest.mark.skipif(NEWEST > MYPY, reason="an older typeshed lacks what came later")
@pytest.mark.parametrize("table", [SPAWNS, STARTERS, WAITS, GROUPS, RETRIERS, ATTEMPTS])
def test_no_row_is_in_vain(built: BuildResult, table: Collection[str]) -> None:
    assert "\n".join(sorted(name for name in table if resolve(built, name) is None)) == ""


@pytest.mark.parametrize("name", sorted(ENDED))
def test_what_has_ended_can_be_asked(built: BuildResult, name: str) -> None:
    owner, _, method = name.rpartition(".")
    info = resolve(built, owner)
    assert isinstance(info, TypeInfo) and info.get(method) is not None


@pytest.mark.parametrize("name", sorted(SPAWNS))
def test_a_row_names_parameters(built: BuildResult, name: str) -> None:
    """The function that is called, and what it is called with, go to parameters of these names."""
    row, node = SPAWNS[name], resolve(built, name)
    if node is None:
        pytest.skip("an older typeshed lacks it")
    names = {own for own, _ in parameters(node)}
    assert names >= {own for own in (row.calls, *(row.packed or ())) if own is not None}


@pytest.mark.parametrize("name", sorted({*SPAWNS, *STARTERS, *WAITS}))
def test_a_method_stands_where_it_is_declared_first(built: BuildResult, name: str) -> None:
    owner, _, method = name.rpartition(".")
    info = resolve(built, owner)
    if isinstance(info, TypeInfo) and method not in ("__init__", "__call__"):
        assert [base.fullname for base in info.mro if method in base.names] == [owner]


def test_the_page_names_every_row() -> None:
    page = (Path(__file__).parents[1] / "docs" / "tasks.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", page))))
    tables = (SPAWNS, STARTERS, WAITS, ENDED, GROUPS, RETRIERS, ATTEMPTS)
    names = {name.removesuffix(".__init__").removesuffix(".__call__") for table in tables for name in table}
    assert {name for name in names if name.rpartition(".")[2] not in words} == set()
