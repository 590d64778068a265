"""The containers' table knows typeshed: every method that can give an element out has a row, and no row is in vain.

mypy reads the stubs that it brings along. What is new in them fails here, not in silence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mypy.version
import pytest
from expectations import difference, expected, run_mypy
from mypy.build import BuildResult, build
from mypy.modulefinder import BuildSource
from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, SymbolNode, TypeAlias, TypeInfo, Var
from mypy.options import Options
from mypy.typeops import get_all_type_vars
from mypy.types import CallableType, Overloaded, Type, get_proper_type

from mypy_plugin.knowledge.containers import (
    CONDUITS,
    CONTENTS,
    COUNTED,
    FORMATTED,
    FUNCTIONS,
    KEYED,
    METHODS,
    PAIRED,
    REFERENCES,
    SELECTING,
    SOME,
    Does,
)

NEWEST = (2, 4)
MYPY = tuple(map(int, mypy.version.__version__.split(".")[:2]))

MODULES = (
    *("builtins", "typing", "types", "_collections_abc", "collections", "collections.abc"),
    *("heapq", "_heapq", "bisect", "_bisect", "itertools", "functools", "copy", "_pickle", "dataclasses", "random"),
    *("queue", "_queue", "asyncio.queues", "multiprocessing.queues"),
    *("contextvars", "_contextvars", "weakref", "_weakref", "_weakrefset"),
    *("_asyncio", "asyncio.tasks", "concurrent.futures._base", "multiprocessing.pool"),
)
CONTAINERS = {
    *("builtins.tuple", "builtins.list", "builtins.dict", "builtins.set", "builtins.frozenset"),
    *("builtins.enumerate", "builtins.filter", "builtins.map", "builtins.reversed", "builtins.zip"),
    *("typing.Iterable", "typing.Iterator", "typing.Reversible", "typing.Generator"),
    *("typing.AsyncIterable", "typing.AsyncIterator", "typing.AsyncGenerator"),
    *("typing.Sequence", "typing.MutableSequence", "typing.AbstractSet", "typing.MutableSet"),
    *("typing.Mapping", "typing.MutableMapping", "typing.KeysView", "typing.ItemsView", "typing.ValuesView"),
    *("types.GeneratorType", "types.AsyncGeneratorType", "types.MappingProxyType"),
    *("_asyncio.Future", "_asyncio.Task", "concurrent.futures._base.Future", "multiprocessing.pool.ApplyResult"),
}
WHOLE_MODULES = {
    *("_collections_abc", "collections", "itertools", "queue", "_queue", "asyncio.queues", "multiprocessing.queues"),
    *("contextvars", "_contextvars", "weakref", "_weakref", "_weakrefset", "heapq", "_heapq", "bisect", "_bisect"),
}
"""Modules of which every class and function counts."""
FUNCTIONS_OF = {*WHOLE_MODULES, "builtins", "copy"}
NOT_ABOUT_ELEMENTS = {
    # Of what a callable returns, and of what a class or view is made of.
    *("weakref.finalize.__call__", "contextvars.Context.run", "_contextvars.Context.run"),
}
MADE = {"builtins.tuple._replace"}
"""Methods that mypy makes for each class: of a named tuple."""
ELSEWHERE = ("anyio.", "trio.", "attr.", "attrs.", "pydantic.")
"""Packages that may not be installed."""


@pytest.fixture(scope="module")
def typeshed() -> BuildResult:
    options = Options()
    options.incremental = False
    # mypy opens the one of this directory all the same, and so may another test.
    options.cache_dir = os.devnull
    options.python_version = (3, 14)
    return build([BuildSource("everything", None, "\n".join(f"import {name}" for name in MODULES))], options)


def definitions(built: BuildResult, module: str) -> Iterator[SymbolNode]:
    """What a module defines itself."""
    for name, symbol in built.files[module].names.items():
        if symbol.node is not None and symbol.node.fullname == f"{module}.{name}":
            yield symbol.node


def signatures(node: SymbolNode | None) -> list[CallableType]:
    if isinstance(node, Decorator):
        node = node.var if node.var.type is not None else node.func
    type_ = get_proper_type(node.type) if isinstance(node, (FuncDef, OverloadedFuncDef, Var)) else None
    if isinstance(type_, Overloaded):
        return type_.items
    return [type_] if isinstance(type_, CallableType) else []


def names_in(type_: Type) -> set[str]:
    return {variable.name for variable in get_all_type_vars(type_)}


def gives_elements(info: TypeInfo, node: SymbolNode | None) -> bool:
    """Whether what a method returns is of a type that mentions one of the class's type variables, or is the class."""
    own = {variable.name for variable in info.defn.type_vars}
    if isinstance(node, Decorator) and node.var.is_property:
        return False
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        return False
    return any(names_in(one.ret_type) & own or (own and "Self" in names_in(one.ret_type)) for one in signatures(node))


def is_public(name: str) -> bool:
    return not name.startswith("_") or name.endswith("__")


def classes(built: BuildResult) -> Iterator[TypeInfo]:
    for module in MODULES:
        for node in definitions(built, module):
            if isinstance(node, TypeInfo) and (module in WHOLE_MODULES or node.fullname in CONTAINERS):
                yield node


def test_every_method_that_gives_elements_has_a_row(typeshed: BuildResult) -> None:
    missing = [
        f"{info.fullname}.{name}"
        for info in classes(typeshed)
        for name, symbol in info.names.items()
        if is_public(name)
        and name not in ("__new__", "__init__", "__class_getitem__")
        and gives_elements(info, symbol.node)
        and name not in METHODS.get(info.fullname, {})
    ]
    assert set(missing) - NOT_ABOUT_ELEMENTS == set()


def test_every_container_is_there(typeshed: BuildResult) -> None:
    assert {info.fullname for info in classes(typeshed)} >= CONTAINERS
    assert set(METHODS) >= CONTAINERS


def test_every_function_that_gives_elements_has_a_row(typeshed: BuildResult) -> None:
    missing = [
        node.fullname
        for module in sorted(FUNCTIONS_OF)
        for node in definitions(typeshed, module)
        if any(names_in(one.ret_type) for one in signatures(node))
        and isinstance(node, (FuncDef, OverloadedFuncDef, Decorator))
        and node.fullname not in FUNCTIONS
    ]
    assert "\n".join(missing) == ""


def test_every_class_that_is_made_of_elements_has_a_row(typeshed: BuildResult) -> None:
    """Its constructor takes an iterable of them, or a function that gets them."""
    missing = [
        info.fullname
        for info in classes(typeshed)
        if is_public(info.name)
        and info.defn.type_vars
        and not info.is_protocol
        and any(
            names_in(formal)
            for name in ("__init__", "__new__")
            if name in info.names
            for one in signatures(info.names[name].node)
            for formal in one.arg_types[1:]
        )
        and info.fullname not in FUNCTIONS
    ]
    assert "\n".join(missing) == ""


@pytest.mark.skipif(NEWEST > MYPY, reason="an older typeshed lacks what came later")
def test_no_row_is_in_vain(typeshed: BuildResult) -> None:
    known = {node.fullname: node for module in MODULES for node in definitions(typeshed, module)}
    unknown = [
        name for name in {*FUNCTIONS, *PAIRED, *COUNTED, *KEYED, *SOME, *SELECTING, *FORMATTED} if name not in known
    ]
    for fullname, rows in METHODS.items():
        info = known.get(fullname)
        if not isinstance(info, TypeInfo):
            unknown.append(fullname)
            continue
        unknown += [f"{fullname}.{name}" for name in rows if info.get(name) is None]
    assert "\n".join(sorted(name for name in unknown if not name.startswith(ELSEWHERE) and name not in MADE)) == ""


def test_what_is_shared_freely_exists(typeshed: BuildResult) -> None:
    for name in CONDUITS | REFERENCES:
        if not name.startswith(ELSEWHERE):
            module, _, cls = name.rpartition(".")
            symbol = typeshed.files[module].names.get(cls)
            assert symbol is not None and isinstance(symbol.node, (TypeInfo, TypeAlias)), name


def test_what_gives_its_contents_gives_a_view_of_them_where_its_object_is_no_place() -> None:
    assert {METHODS[cls][method][0] for cls, method in CONTENTS.items()} == {Does.VIEW}


def test_each_word_has_one_meaning() -> None:
    assert len({each.value for each in Does}) == len(Does)


SHELF = """\
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    def __init__(self) -> None:
        self.kept: dict[str, T] = {}

    def put(self, name: str, value: T) -> None:
        self.kept[name] = value

    def look_up(self, name: str) -> T:
        return self.kept[name]

    def take(self, name: str) -> T:
        return self.kept.pop(name)

    def second(self) -> list[T]:
        return list(self.kept.values())


class Pipe(Shelf[T]): ...


def first(shelf: Shelf[T]) -> T:
    return next(iter(shelf.kept.values()))
"""
PROGRAM = """\
from budget_types import Budget

from shop import Pipe, Shelf, first


def run(budget: Budget) -> int:
    return budget.remaining


def lent(shelf: Shelf[Budget]) -> int:
    mine = shelf.look_up("mine")
    print(mine.remaining)
    return run(shelf.look_up("mine"))  # E: move-of-borrowed


def handed_out(shelf: Shelf[Budget]) -> int:
    return run(shelf.take("mine")) + run(shelf.take("yours"))


def shared(shelf: Shelf[Budget]) -> tuple[list[Budget], int]:
    return shelf.second(), len(shelf.kept)  # E: budget-copied


def by_a_function(shelf: Shelf[Budget]) -> int:
    print(first(shelf).remaining)
    return run(first(shelf)) + len(shelf.kept)  # E: move-of-borrowed


def conduit(pipe: Pipe[Budget]) -> None:
    sent(pipe)
    sent(pipe)


def sent(pipe: Pipe[Budget]) -> None:
    run(pipe.take("next"))
"""
SETTINGS = """\
[mypy]
strict = True
plugins = mypy_plugin
[budget-types.containers]
lend = shop.Shelf.look_up, shop.first
share = shop.Shelf.second
conduits = shop.Pipe
"""


RUNNER = """\
from typing import TypeVar

T = TypeVar("T")


class Runner:
    @classmethod
    async def run(cls, agent: str, *, context: T | None = None) -> str:
        return agent

    @classmethod
    def run_sync(cls, agent: str, *, context: T | None = None) -> str:
        return agent
"""
RUNS = """\
import asyncio

from agents.run import Runner

from budget_types import Borrowed, Budget


async def awaited(budget: Budget, lent: Borrowed[Budget]) -> int:
    await Runner.run("planner", context=budget)
    Runner.run_sync("planner", context=budget)
    await Runner.run("planner", context=lent)
    return budget.remaining + lent.remaining


async def together(budget: Budget) -> None:
    await asyncio.gather(Runner.run("one", context=budget), Runner.run("two", context=budget))  # E: loan-conflict


async def in_a_task(budget: Budget) -> int:
    task = asyncio.create_task(Runner.run("planner", context=budget))
    print(budget.remaining)
    budget.spend(10)  # E: loan-conflict
    return len(await task)
"""


def test_a_run_is_lent_its_context_until_it_is_over(tmp_path: Path) -> None:
    """`knowledge.frameworks.LENT`, on a class that stands for the real one; that is in `test_frameworks`."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").touch()
    (tmp_path / "agents" / "run.py").write_text(RUNNER, encoding="utf-8")
    (tmp_path / "app.py").write_text(RUNS, encoding="utf-8")
    found = run_mypy(tmp_path, [Path("app.py")], tmp_path)
    assert difference(RUNS, expected(RUNS), found["app.py"]) == ""


def test_the_project_adds_rows(tmp_path: Path) -> None:
    """By the names that it imports them under."""
    (tmp_path / "shelves.py").write_text(SHELF, encoding="utf-8")
    (tmp_path / "shop.py").write_text(
        "from shelves import Pipe as Pipe, Shelf as Shelf, first as first\n", encoding="utf-8"
    )
    (tmp_path / "app.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "mypy", "--output=json", "--cache-dir", str(tmp_path / "cache"), "app.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.stderr == ""
    found = {(error["line"], error["code"]) for error in map(json.loads, done.stdout.splitlines())}
    assert found == {
        (number, "".join(code))
        for number, line in enumerate(PROGRAM.splitlines(), 1)
        for _, marked, code in [line.partition("  # E: ")]
        if marked
    }
