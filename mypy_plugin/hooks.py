"""The plugin: a thin shell that decides when a module is analysed and hands over its types.

Owns mypy's hooks. It knows when and for which modules; `analysis` knows what. Each hook answers None at once unless
the name is ours: the first plugin that answers hides those after it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from mypy.checker import TypeChecker
from mypy.checker_state import checker_state
from mypy.errors import Errors
from mypy.messages import format_type_bare
from mypy.nodes import CallExpr, Decorator, MypyFile, NameExpr, OverloadedFuncDef, RefExpr, TypeInfo
from mypy.options import Options
from mypy.plugin import (
    AnalyzeTypeContext,
    AttributeContext,
    ClassDefContext,
    FunctionContext,
    MethodContext,
    ReportConfigContext,
)
from mypy.semanal import SemanticAnalyzer
from mypy.typeanal import TypeAnalyser
from mypy.types import Type

from budget_types import __version__

from . import checkpoint, generic_bodies, marks, summaries
from .analysis import ModuleFindings, check_module, functions_of, imports_package, report_failure
from .config import Config, ConfigError, load
from .dependencies import Dependencies
from .fullnames import AFFINE, CONSUMES, ENTRY_MODULES, METADATA, OWNERSHIP
from .handling import Added, Handling
from .knowledge.containers import Does
from .listed import listed_classes, missing_names
from .promises import Promises
from .refusal import Refusable
from .typing_facts import Facts, affine_info

__all__ = ["BudgetTypesPlugin"]


@dataclass
class _Remembered:
    """What the daemon has to know of a module whose file was read once."""

    dependencies: Dependencies = field(default_factory=Dependencies)
    found: ModuleFindings | None = None
    """What was found in each of its functions."""


class BudgetTypesPlugin(Refusable):
    """mypy's view of budget-types."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._config, self.problems = _configuration(options)
        self._named = listed_classes(self._config, options)
        """The configured classes, by the names that source text defines them under."""
        self._digest = _digest()
        _announce(self._results_data())
        # These hooks are asked for every annotation, call and attribute: a few comparisons are all they may cost.
        self._analyser: SemanticAnalyzer | None = None
        self._planted: MypyFile | None = None
        """The module that semantic analysis is in, when it has its checkpoint."""
        self._is_default_wanted = False
        """Whether we are asking mypy for what it does when no hook answers."""
        self._watched: object = None
        """The checker of the module that is being checked, when the module's checkpoint is queued."""
        self._settling: dict[str, tuple[TypeChecker, int, int]] = {}
        """For each module whose checkpoint will run again, what was known the last time: as `_at_gate`."""
        self._remembered: dict[str, _Remembered] = {}
        """In the daemon: of each module, what is not to be lost when only some of its functions are checked again."""
        self._judged = generic_bodies.Judged()
        """What was found in the bodies of generic functions."""
        self._at_gate: dict[str, tuple[TypeChecker, int, int]] = {}
        """For each module, what was known when its gate was last passed: its checker, types and the revision."""
        self._published: dict[str, tuple[TypeChecker, int, int]] = {}
        """For each module whose summaries were written: from what."""
        self._handled = Handling()
        """What `_handling` gave the last time."""
        self._known: Promises | None = None
        """What `_knowledge` gave the last time."""

    def report_config_data(self, ctx: ReportConfigContext) -> Any:
        """All that changes results: mypy's cache depends on it. It knows only the module named in `plugins =`."""
        return self._results_data()

    def _results_data(self) -> dict[str, Any]:
        return {
            "config": self._config.results_data(),
            "problems": [*self.problems],
            "classes": sorted(self._named),
            "plugin": self._digest,
        }

    # Which classes are affine

    def get_class_decorator_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """`@affine` marks a class in its metadata, which mypy keeps in its cache."""
        return _mark_affine if fullname == AFFINE else None

    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """A subclass of an affine class may have `@consumes` methods of its own."""
        if not self._is_about_budgets():
            return None
        symbol = self.lookup_fully_qualified(fullname)
        base = symbol.node if symbol is not None else None
        if isinstance(base, TypeInfo) and affine_info(base, self._listed()):
            return _record_consuming_methods
        return None

    # When a module is analysed

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Where mypy has read a file: nothing that was found in the old one can stand."""
        self._remembered.pop(file.fullname, None)
        return []

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """Any annotation in a module that concerns us plants its checkpoint, once."""
        if self._is_default_wanted or getattr(self._analyser, "cur_mod_node", None) is self._planted is not None:
            return None
        return self._plant_while_analysing

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Any call makes sure of the checkpoint: it serves modules without annotations, and the daemon."""
        if checker_state.type_checker is not self._watched:
            self._plant_while_checking()
        return None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """As `get_function_hook`; and where the checkpoint itself arrives."""
        if checker_state.type_checker is not self._watched:
            self._plant_while_checking()
        return self._arrive if fullname == checkpoint.HOOKED_METHOD else None

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """As `get_function_hook`."""
        if checker_state.type_checker is not self._watched:
            self._plant_while_checking()
        return None

    def _is_about_budgets(self) -> bool:
        """Whether any module of this run can hold an affine value. Where none can, we cost nothing."""
        # Not the package: from its cache, mypy loads no more modules than it needs.
        return bool(self._config.affine) or (self._modules is not None and OWNERSHIP in self._modules)

    def _plant_while_analysing(self, ctx: AnalyzeTypeContext) -> Type:
        types = ctx.api
        assert isinstance(types, TypeAnalyser)
        if isinstance(types.api, SemanticAnalyzer):
            self._analyser = types.api
            tree = types.api.cur_mod_node
            self._planted = tree
            if _concerns(tree, types.api.options, types.api.errors):
                checkpoint.plant(tree, types.api.named_type("builtins.function"))
        # What mypy would have done without us.
        self._is_default_wanted = True
        try:
            return types.analyze_type(ctx.type)
        finally:
            self._is_default_wanted = False

    def _plant_while_checking(self) -> None:
        checker = checker_state.type_checker
        self._watched = checker
        if isinstance(checker, TypeChecker) and _concerns(checker.tree, checker.options, checker.errors):
            checkpoint.plant(checker.tree, checker.named_type("builtins.function"))
            checkpoint.defer_gate(checker)
            checkpoint.defer(checker)

    def _arrive(self, ctx: MethodContext) -> Type:
        if checkpoint.is_checkpoint(ctx.context):
            assert isinstance(ctx.api, TypeChecker)
            self._at_checkpoint(ctx.api)
        elif checkpoint.is_gate(ctx.context):
            assert isinstance(ctx.api, TypeChecker)
            self._pass_gate(ctx.api)
        return ctx.default_return_type

    def _pass_gate(self, checker: TypeChecker) -> None:
        """Write the module's summaries while its interface is being checked; again until nothing changes them."""
        checkpoint.cancel_gate(checker)
        if not _concerns(checker.tree, checker.options, checker.errors):
            return
        if generic_bodies.await_bodies(checker, self._judged_in(checker)):
            checkpoint.defer_gate(checker)
            return
        self._publish(checker)
        now = self._state_of(checker)
        if now != self._at_gate.get(checker.tree.fullname):
            self._at_gate[checker.tree.fullname] = now
            checkpoint.defer_gate(checker)

    def _publish(self, checker: TypeChecker) -> None:
        module, in_daemon = checker.tree.fullname, checker.options.fine_grained_incremental
        if self._published.get(module) == self._state_of(checker):
            # Nothing is known now that was not known the last time.
            return
        try:
            judged = self._judged_in(checker)
            generic_bodies.publish(checker, self._handling, judged)
            self._judged.revision = judged.revision
            if in_daemon:
                marks.write(checker.tree, self._listed(), checker.named_type("builtins.str"))
                functions = [one.function for one in functions_of(checker.tree) if one.function is not None]
                dependencies = self._remember(module).dependencies
                dependencies.on_imports(checker, functions, (marks.NAME, summaries.NAME))
                # Nothing was looked at before there was a module of ours.
                dependencies.on_names(checker.tree, (*self._config.names(), OWNERSHIP), marks.NAME)
        except Exception as error:
            report_failure(checker, error)
        self._published[module] = self._state_of(checker)

    def _judged_in(self, checker: TypeChecker) -> generic_bodies.Judged:
        """What is known of generic functions: nothing in the daemon, where what they use may change under them."""
        in_daemon = checker.options.fine_grained_incremental
        return generic_bodies.Judged(self._judged.revision) if in_daemon else self._judged

    def _state_of(self, checker: TypeChecker) -> tuple[TypeChecker, int, int]:
        """What the summaries of a module follow from: its types, and all summaries so far."""
        return checker, checkpoint.types_of_program(checker), self._judged.revision

    def _at_checkpoint(self, checker: TypeChecker) -> None:
        """Analyse the module if mypy has nothing left to do in it, else come back.

        Nothing says what is still to come, so we come back until a pass has brought no new types. The daemon gives
        an edited module one further pass and no more: from that one on we analyse each time, and the last one counts.
        """
        if not _concerns(checker.tree, checker.options, checker.errors):
            return
        module = checker.tree.fullname
        self._publish(checker)
        now = self._state_of(checker)
        in_daemon = checker.options.fine_grained_incremental
        settled = now == self._settling.get(module) and not checkpoint.others_deferred(checker)
        if not settled:
            self._settling[module] = now
            checkpoint.defer(checker)
        if settled or (in_daemon and checker.pass_num > 0):
            self._judge(checker)
            self._published.pop(module, None)
        if settled:
            # What a checker knows of types is not to outlive it.
            self._settling.pop(module, None)
            self._at_gate.pop(module, None)
            self._judged.forget(module)
        if settled or in_daemon:
            # The daemon may check functions of this module again: any hook then makes the checkpoint run again.
            self._watched = None if in_daemon else checker
            self._planted = None
            checkpoint.uproot(checker.tree, keep_name=in_daemon)

    def _judge(self, checker: TypeChecker) -> None:
        module = checker.tree.fullname
        may_mint = self._config.may_mint(module)
        concerned = self._is_about_budgets() or imports_package(checker.tree)
        if checker.options.fine_grained_incremental:
            known = self._remember(module)
            known.found = (
                check_module(checker, self._knowledge(), may_mint, known.dependencies, known.found) if concerned else {}
            )
            known.dependencies.is_read = True
        elif concerned:
            check_module(checker, self._knowledge(), may_mint)

    def _remember(self, module: str) -> _Remembered:
        return self._remembered.setdefault(module, _Remembered())

    def _knowledge(self) -> Promises:
        """What is known of types. Most modules speak of the same ones; but in the daemon, classes change."""
        listed, handling = self._listed(), self._handling()
        known = self._known
        if (
            known is None
            or self.options.fine_grained_incremental
            or (known.facts.listed, known.facts.handling) != (listed, handling)
        ):
            known = self._known = Promises(Facts(listed, handling), partial(format_type_bare, options=self.options))
        return known

    def _listed(self) -> frozenset[str]:
        """The configured classes by the names they are defined under, those that only mypy finds included."""
        symbols = map(self.lookup_fully_qualified, self._config.affine)
        return self._named.union(
            symbol.node.fullname for symbol in symbols if symbol is not None and symbol.node is not None
        )

    def _handling(self) -> Handling:
        """What library code does with values, the configured names by those that they are defined under, too."""
        containers = self._config.containers
        tasks = self._config.tasks
        added = Added(
            {self._defined(name): Does(word) for word, name in containers.calls()},
            frozenset(map(self._defined, containers.conduits)),
            frozenset(map(self._defined, containers.contexts)),
            {self._defined(name): word for word, name in tasks.calls()},
            frozenset(map(self._defined, tasks.groups)),
        )
        if self._handled.added != added:
            self._handled = Handling(added)
        return self._handled

    def _defined(self, name: str) -> str:
        """The name that a class, function or method is defined under: people name re-exports."""
        owner, _, last = name.rpartition(".")
        for whole, rest in ((name, ""), (owner, f".{last}")):
            symbol = self.lookup_fully_qualified(whole)
            node = symbol.node if symbol is not None else None
            if node is not None and (not rest or isinstance(node, TypeInfo)):
                return node.fullname + rest
        return name


def _concerns(tree: MypyFile, options: Options, errors: Errors) -> bool:
    """Whether a module has to be looked at: not a library, or a module whose errors nobody wants to see.

    Not only where budgets are: a generic function is called with them in other modules. And which modules mypy
    has loaded before this one depends on its cache.
    """
    return not (tree.is_stub or options.ignore_errors or tree.path in errors.ignored_files)


def _digest() -> str:
    """A digest of our own source: a checkout that changes must not find its old results in the cache."""
    paths = sorted(Path(__file__).parent.rglob("*.py"))
    return _digest_of(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=1)
def _digest_of(files: tuple[tuple[Path, int], ...]) -> str:
    # The daemon asks before each run, and waits for the answer.
    digest = hashlib.sha256()
    for path, _ in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _announce(results_data: dict[str, Any]) -> None:
    """Put all that changes results into the version of the modules that `plugins =` can name.

    That version is all that the daemon compares before a run: it starts again when it is another one. It never asks
    for `report_config_data`, and would go on with the settings that it was started with.
    """
    state = hashlib.sha256(repr(results_data).encode()).hexdigest()
    for name in ENTRY_MODULES:
        if name in sys.modules:
            vars(sys.modules[name])["__version__"] = f"{__version__}+{state[:16]}"


def _configuration(options: Options) -> tuple[Config, Sequence[str]]:
    """The configuration, and what is wrong with it."""
    try:
        config = load(options.config_file)
    except ConfigError as error:
        return Config(), error.problems
    return config, missing_names(config, options)


def _mark_affine(ctx: ClassDefContext) -> None:
    must_use = isinstance(ctx.reason, CallExpr) and any(
        name == "must_use" and isinstance(value, NameExpr) and value.fullname == "builtins.True"
        for name, value in zip(ctx.reason.arg_names, ctx.reason.args, strict=True)
    )
    ctx.cls.info.metadata.setdefault(METADATA, {}).update(affine=True, must_use=must_use)
    _record_consuming_methods(ctx)


def _record_consuming_methods(ctx: ClassDefContext) -> None:
    """Note which methods `@consumes` decorates: their inferred types may not show it (a generic decorator hides it)."""
    names = []
    for statement in ctx.cls.defs.body:
        parts = statement.items if isinstance(statement, OverloadedFuncDef) else [statement]
        for part in parts:
            if isinstance(part, Decorator) and any(
                isinstance(one, RefExpr) and one.fullname == CONSUMES for one in part.original_decorators
            ):
                names.append(part.name)
    if names:
        ctx.cls.info.metadata.setdefault(METADATA, {})["consumes"] = names
