"""The solver alone: how its time grows with a function, and how it compares with a pass of mypy's own.

Owns how it is timed without a run of mypy around it. For growth, the functions are graphs that are made here. For the
comparison, mypy reads and checks a code base, once and unmeasured; then its functions are lowered, solved, and walked
by mypy's `possibly-undefined` as often as is asked for.
"""

from __future__ import annotations

import ast
import gc
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import graphs
from mypy.build import build
from mypy.errors import Errors
from mypy.main import process_options
from mypy.messages import MessageBuilder, format_type_bare
from mypy.nodes import Expression, MypyFile
from mypy.partially_defined import PossiblyUndefinedVariableVisitor
from mypy.types import Type

from mypy_plugin.bodies import functions_of
from mypy_plugin.callees import Callees
from mypy_plugin.debt_facts import DebtFacts
from mypy_plugin.events import Kind
from mypy_plugin.graph import Graph
from mypy_plugin.lower import Module, lower_function
from mypy_plugin.promises import Promises
from mypy_plugin.solve import findings
from mypy_plugin.summaries import Summaries
from mypy_plugin.typing_facts import Facts

SIZES = (100, 316, 1_000, 3_162, 10_000, 31_623, 100_000)
DEPTHS = range(1, 13)
STATEMENTS_PER_LOOP = 200


@dataclass(frozen=True)
class Growth:
    """Median seconds to solve functions of so many statements, and the exponent of the power that comes nearest."""

    statements: list[int]
    seconds: list[float]
    exponent: float


@dataclass(frozen=True)
class Rate:
    """Statements, and median seconds to lower them, to solve them, and for mypy's pass over the same ones."""

    statements: int
    lower: float
    solve: float
    possibly_undefined: float


class Checked:
    """Code that mypy has checked, with the plugin on, with its trees and types."""

    def __init__(self, directory: Path, files: Sequence[str]) -> None:
        here = Path.cwd()
        os.chdir(directory)
        try:
            arguments = ["--config-file", "plugin.ini", "--cache-dir", os.devnull, *files]
            sources, self._options = process_options(arguments)
            self._options.preserve_asts = self._options.export_types = True
            result = build(sources, self._options)
        finally:
            os.chdir(here)
        if result.errors:
            raise SystemExit("\n".join(result.errors))
        self.trees: list[MypyFile] = [
            tree for source in sources if (tree := result.graph[source.module].tree) is not None
        ]
        self._types: dict[Expression, Type] = result.types
        self._modules = {name: state.tree for name, state in result.graph.items() if state.tree is not None}

    def lower(self, trees: Sequence[MypyFile]) -> list[Graph]:
        """The graphs of all functions, as the plugin makes them."""
        options = self._options
        facts = Facts()
        callees = Callees(facts)
        promises = Promises(facts, lambda type_: format_type_bare(type_, options))
        summaries = Summaries(self._modules)
        found: list[Graph] = []
        for tree in trees:
            debts = DebtFacts(facts, all_affine=False, is_test=False)
            module = Module(
                tree.fullname, self._types, facts, callees, True, _is_ours, promises, summaries=summaries, debts=debts
            )
            for target in functions_of(tree):
                if target.function is not None:
                    found += lower_function(module, target.function, target.function.name)
        if not any(event.kind is Kind.MOVE for graph in found for block in graph.blocks for event in block.events):
            raise SystemExit("nothing moves here: is the plugin on?")
        return found

    def times(self, trees: Sequence[MypyFile], runs: int) -> tuple[float, float]:
        """Median seconds to lower these modules, and to solve them."""
        lowered: list[Graph] = []

        def lower() -> None:
            lowered[:] = self.lower(trees)

        def solve() -> None:
            for graph in lowered:
                findings(graph)

        return _timed(lower, runs), _timed(solve, runs)

    def possibly_undefined(self) -> None:
        """mypy's own pass over the same trees."""
        options = self._options
        errors = Errors(options)
        for tree in self.trees:
            errors.set_file(tree.path, tree.fullname, options=options)
            messages = MessageBuilder(errors, self._modules)
            tree.accept(PossiblyUndefinedVariableVisitor(messages, self._types, options, tree.names))


def growth(runs: int, sizes: Sequence[int] = SIZES, depths: Sequence[int] = DEPTHS) -> tuple[Growth, Growth]:
    """One function that is longer and longer; and one with more and more loops, each in the one before it."""
    long = [graphs.long(size) for size in sizes]
    deep = [graphs.deep(depth, STATEMENTS_PER_LOOP) for depth in depths]
    return _fitted(long, runs), _fitted(deep, runs)


def rate(directory: Path, files: Sequence[str], runs: int) -> Rate:
    """All functions of a code base, whose directory has a `plugin.ini`."""
    checked = Checked(directory, files)
    statements = sum(_statements((directory / file).read_text("utf-8")) for file in files)
    return Rate(statements, *checked.times(checked.trees, runs), _timed(checked.possibly_undefined, runs))


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Of the power of the size that comes nearest to the times: the slope of their logarithms."""
    return statistics.linear_regression([math.log(size) for size in sizes], [math.log(one) for one in times]).slope


def _timed(action: Callable[[], object], runs: int) -> float:
    """Median seconds of processor time; of an action that is short, over many of it."""
    times = []
    for _ in range(runs):
        gc.collect()
        # mypy collects seldom, and not what has long been there.
        gc.freeze()
        gc.disable()
        count, begun = 0, time.process_time()
        while True:
            action()
            count += 1
            took = time.process_time() - begun
            if took > 0.02:
                break
        times.append(took / count)
        gc.enable()
        gc.unfreeze()
    return statistics.median(times)


def _is_ours(fullname: str) -> bool:
    return fullname.partition(".")[0] not in ("builtins", "asyncio", "typing")


def _statements(text: str) -> int:
    return sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(text)))


def _fitted(functions: Sequence[tuple[int, Graph]], runs: int) -> Growth:
    sizes = [size for size, _ in functions]
    times = [_timed(partial(findings, graph), runs) for _, graph in functions]
    return Growth(sizes, times, exponent(sizes, times))
