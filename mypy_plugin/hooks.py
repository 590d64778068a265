"""The plugin: a thin shell that decides when a module is analysed and hands over its types.

Owns mypy's hooks. It knows when and for which modules; `judging` knows what happens then. Each hook answers None at
once unless the name is ours: the first plugin that answers hides those after it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mypy.checker import TypeChecker
from mypy.checker_state import checker_state
from mypy.nodes import (
    CallExpr,
    Decorator,
    Expression,
    MemberExpr,
    MypyFile,
    NameExpr,
    OverloadedFuncDef,
    get_member_expr_fullname,
)
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

from . import __version__, checkpoint, codes, own_source
from .config import Config, ConfigError, load
from .fullnames import AFFINE, CONSUMES, ENTRY_MODULES, METADATA, OWNERSHIP
from .refusal import Refusable

if TYPE_CHECKING:
    from .judging import Judging

__all__ = ["BudgetTypesPlugin", "codes"]  # mypy knows our codes, wherever settings name them, once they are imported.


class BudgetTypesPlugin(Refusable):
    """mypy's view of budget-types."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._config, self.problems, self._named = _configuration(options)
        self._state = _digest(self._config.results_data(), [*self.problems], sorted(self._named), own_source.digest())
        """Another one for all that changes results. mypy keeps it with each module in its cache, and asks as often."""
        _announce(self._state)
        # These hooks are asked for every annotation, call and attribute: a few comparisons are all they may cost.
        self._analyser: SemanticAnalyzer | None = None
        self._planted: MypyFile | None = None
        """The module that semantic analysis is in, when it has its checkpoint."""
        self._is_default_wanted = False
        """Whether we are asking mypy for what it does when no hook answers."""
        self._watched: object = None
        """The checker of the module that is being checked, when the module's checkpoint is queued."""

    @cached_property
    def _judging(self) -> Judging:
        # Where mypy has everything in its cache, nothing is judged: it takes longer to import than to look that up.
        from .judging import Judging

        return Judging(self._config, self._named, self.options, self.lookup_fully_qualified, self._is_about_budgets)

    def report_config_data(self, ctx: ReportConfigContext) -> Any:
        """All that changes results: mypy's cache depends on it. It knows only the module named in `plugins =`."""
        return self._state

    # Which classes are affine

    def get_class_decorator_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """`@affine` marks a class in its metadata, which mypy keeps in its cache."""
        return _mark_affine if fullname == AFFINE else None

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Any class may have `@consumes` methods: a base of an affine one, or one that owns by a type argument.

        This is the one hook that is asked for every class. Those of typeshed, which most are, have none.
        """
        if self._is_default_wanted or (self._analyser is not None and self._analyser.is_typeshed_stub_file):
            return None
        return self._record_consuming_methods if self._is_about_budgets() else None

    # When a module is analysed

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Where mypy has read a file: nothing that was found in the old one can stand."""
        self._judging.forget(file.fullname)
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
            if checkpoint.is_wanted(tree, types.api.options, types.api.errors):
                checkpoint.plant(tree, types.api.named_type("builtins.function"))
        # What mypy would have done without us.
        self._is_default_wanted = True
        try:
            return types.analyze_type(ctx.type)
        finally:
            self._is_default_wanted = False

    def _record_consuming_methods(self, ctx: ClassDefContext) -> None:
        _record_consuming_methods(ctx)
        assert isinstance(ctx.api, SemanticAnalyzer)
        self._is_default_wanted = True
        try:
            other = ctx.api.plugin.get_customize_class_mro_hook(ctx.cls.fullname)
        finally:
            self._is_default_wanted = False
        if other is not None:
            other(ctx)

    def _plant_while_checking(self) -> None:
        checker = checker_state.type_checker
        self._watched = checker
        if isinstance(checker, TypeChecker) and checkpoint.is_wanted(checker.tree, checker.options, checker.errors):
            checkpoint.plant(checker.tree, checker.named_type("builtins.function"))
            checkpoint.defer_gate(checker)
            checkpoint.defer(checker)

    def _arrive(self, ctx: MethodContext) -> Type:
        checker = ctx.api
        if checkpoint.is_gate(ctx.context):
            assert isinstance(checker, TypeChecker)
            self._judging.at_gate(checker)
        elif checkpoint.is_checkpoint(ctx.context):
            assert isinstance(checker, TypeChecker)
            in_daemon = checker.options.fine_grained_incremental
            if self._judging.at_checkpoint(checker) or in_daemon:
                # The daemon may check functions of this module again: any hook then makes the checkpoint run again.
                self._watched = None if in_daemon else checker
                self._planted = None
                checkpoint.uproot(checker.tree, keep_name=in_daemon)
        return ctx.default_return_type


def _digest(*state: object) -> str:
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


def _announce(state: str) -> None:
    """Put the digest of all that changes results into the version of the modules that `plugins =` can name.

    That version is all that the daemon compares before a run: it starts again when it is another one. It never asks
    for `report_config_data`, and would go on with the settings that it was started with.
    """
    for name in ENTRY_MODULES:
        if name in sys.modules:
            vars(sys.modules[name])["__version__"] = f"{__version__}+{state}"


def _configuration(options: Options) -> tuple[Config, Sequence[str], frozenset[str]]:
    """The configuration, what is wrong with it, and the classes in it by the names that source text defines."""
    try:
        config = load(options.config_file)
    except ConfigError as error:
        return Config(), error.problems, frozenset()
    if config.is_default:
        return config, (), frozenset()
    # To import what looks names up takes as long as all else in here.
    from .listed import listed_classes, missing_names

    return config, missing_names(config, options), listed_classes(config, options)


def _mark_affine(ctx: ClassDefContext) -> None:
    must_use = isinstance(ctx.reason, CallExpr) and any(
        name == "must_use" and isinstance(value, NameExpr) and value.fullname == "builtins.True"
        for name, value in zip(ctx.reason.arg_names, ctx.reason.args, strict=True)
    )
    ctx.cls.info.metadata.setdefault(METADATA, {}).update(affine=True, must_use=must_use)


def _record_consuming_methods(ctx: ClassDefContext) -> None:
    """Note which methods `@consumes` decorates: their inferred types may not show it (a generic decorator hides it)."""
    names = []
    for statement in ctx.cls.defs.body:
        if not isinstance(statement, (Decorator, OverloadedFuncDef)):
            continue
        for part in statement.items if isinstance(statement, OverloadedFuncDef) else [statement]:
            for decorator in part.original_decorators if isinstance(part, Decorator) else ():
                if _is_consumes(ctx, decorator):
                    names.append(part.name)
                    break
    if names:
        ctx.cls.info.metadata.setdefault(METADATA, {})["consumes"] = names


def _is_consumes(ctx: ClassDefContext, decorator: Expression) -> bool:
    """Whether a decorator is `@consumes`, by whatever name. mypy has not looked into the class yet."""
    name = get_member_expr_fullname(decorator) if isinstance(decorator, MemberExpr) else None
    if isinstance(decorator, NameExpr):
        name = decorator.name
    symbol = ctx.api.lookup_qualified(name, decorator, suppress_errors=True) if name else None
    return symbol is not None and symbol.fullname == CONSUMES
