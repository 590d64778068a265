"""One module, from its typed tree to mypy errors: lower each body, solve it, word the findings, report them.

Owns which bodies are looked at and under which of mypy's targets their errors are filed. When this happens is the
business of `hooks` and `checkpoint`.
"""

from __future__ import annotations

import os
import traceback
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias, cast

from mypy.checker import TypeChecker
from mypy.errorcodes import ErrorCode
from mypy.messages import format_type_bare
from mypy.modulefinder import get_search_dirs
from mypy.nodes import (
    Block,
    CallExpr,
    ClassDef,
    Context,
    Decorator,
    Expression,
    ForStmt,
    FuncDef,
    IfStmt,
    Import,
    ImportAll,
    ImportFrom,
    MatchStmt,
    MypyFile,
    OverloadedFuncDef,
    Statement,
    SymbolNode,
    TryStmt,
    TypeInfo,
    WhileStmt,
    WithStmt,
)
from mypy.options import Options
from mypy.scope import Scope
from mypy.types import CallableType, Type, UnionType, get_proper_type
from mypy.version import __version__ as mypy_version

from . import checkpoint, codes
from .budget_facts import BudgetFacts
from .debt_facts import DebtFacts
from .dependencies import Dependencies
from .findings import Finding, UseAfterMove
from .fullnames import PACKAGE
from .graph import Graph
from .knowledge import TEST_DIRECTORIES, TEST_FILES
from .lower import Minting, Module, is_attribute_by_name, lower_function, lower_module
from .promises import Promises
from .solve import findings
from .summaries import Summaries
from .typing_facts import Facts
from .wording import Code, Message, Traits, implemented, not_installed, overridden, plugin_failed, word

__all__ = [
    "ModuleFindings",
    "Target",
    "check_module",
    "functions_of",
    "imports_package",
    "is_checked",
    "is_ours",
    "is_test",
    "report_failure",
    "signature_concerns",
    "worded",
]

_CODES: Final[dict[Code, ErrorCode]] = {
    Code.AFFINE: codes.AFFINE,
    Code.USE_AFTER_MOVE: codes.USE_AFTER_MOVE,
    Code.BUDGET_COPIED: codes.BUDGET_COPIED,
    Code.MOVE_OF_BORROWED: codes.MOVE_OF_BORROWED,
    Code.OWNERSHIP_MISMATCH: codes.OWNERSHIP_MISMATCH,
    Code.BUDGET_MINTED: codes.BUDGET_MINTED,
    Code.BUDGET_DROPPED: codes.BUDGET_DROPPED,
    Code.BUDGET_ESCAPE: codes.BUDGET_ESCAPE,
    Code.LOAN_CONFLICT: codes.LOAN_CONFLICT,
}


ModuleFindings: TypeAlias = dict[FuncDef | None, list[tuple[Context, Message]]]
"""What was found in each body of a module; None is the module's own."""


@dataclass(frozen=True, slots=True)
class Target:
    """What mypy files errors under: a function of a module or class, or (no function) the module's own body."""

    function: FuncDef | None
    info: TypeInfo | None
    decorators: tuple[Expression, ...] = ()


def check_module(
    checker: TypeChecker,
    promises: Promises,
    may_mint: bool,
    dependencies: Dependencies | None = None,
    earlier: ModuleFindings | None = None,
    edited: FuncDef | None = None,
) -> ModuleFindings:
    """Report what is wrong with ownership in the module that `checker` has checked.

    `promises`: what is known of types, which depends on the configuration. `may_mint`: it lets the module make budgets.
    `dependencies`: in the daemon, for what makes this happen again. `earlier`: what was found the last time, when only
    some functions were checked again and only those have types now. `edited`: the one function that is not what it was
    then, when all were. Whatever goes wrong in here becomes one error on the module; mypy's own result is never harmed.
    """
    found: ModuleFindings = {}
    with _reporting(checker) as report:
        try:
            for statement, name in _imports_of_package(checker.tree):
                if checker.modules.keys().isdisjoint((PACKAGE, name)):
                    report(Target(None, None), statement, not_installed())
                break
            targets = list(functions_of(checker.tree))
            found.update((target.function, []) for target in targets)
            _check_bodies(checker, targets, promises, _minting(checker, may_mint), dependencies, earlier, edited, found)
            signatures = _check_definitions(checker, targets, promises, dependencies)
            for target in targets:
                for node, message in [*found[target.function], *signatures.get(target.function, ())]:
                    report(target, node, message)
        except Exception as error:
            _failed(checker, error, report)
            # Nothing of it is to be kept.
            found.clear()
        # In every update mypy checks again whatever it has an error in, and it may do so without a hook of ours.
        if dependencies is not None and report.is_in_error():
            report.come_back()
    return found


def report_failure(checker: TypeChecker, error: Exception) -> None:
    """Let a bug of ours be one error on the module."""
    with _reporting(checker) as report:
        _failed(checker, error, report)


def _failed(checker: TypeChecker, error: Exception, report: _Report) -> None:
    if checker.options.show_traceback:
        traceback.print_exc()
    report(Target(None, None), Context(1, 0), plugin_failed(error, mypy_version))


def _minting(checker: TypeChecker, allowed: bool) -> Minting | None:
    """What `budget-minted` needs to know, or None where it is off: a test may make what it likes."""
    if not checker.errors.is_error_code_enabled(codes.BUDGET_MINTED) or is_test(checker.path):
        return None
    return Minting(allowed, BudgetFacts())


def _debts(checker: TypeChecker, facts: Facts) -> DebtFacts | None:
    """What `budget-dropped` needs to know, or None where it is off: by its own name it is on for all affine classes."""
    if not checker.errors.is_error_code_enabled(codes.BUDGET_DROPPED):
        return None
    is_named = codes.BUDGET_DROPPED in checker.options.enabled_error_codes
    return DebtFacts(facts, all_affine=is_named, is_test=is_test(checker.path))


def is_test(path: str) -> bool:
    """Whether a file is a test, by where it lies as seen from the directory that mypy runs in."""
    with suppress(ValueError):  # On another drive.
        path = os.path.relpath(path)
    *directories, name = Path(path).parts
    return any(fnmatch(name, pattern) for pattern in TEST_FILES) or not TEST_DIRECTORIES.isdisjoint(directories)


def _check_bodies(
    checker: TypeChecker,
    targets: list[Target],
    promises: Promises,
    minting: Minting | None,
    dependencies: Dependencies | None,
    earlier: ModuleFindings | None,
    edited: FuncDef | None,
    found: ModuleFindings,
) -> None:
    types, facts = checker._type_maps[0], promises.facts
    summaries = Summaries(checker.modules)
    matters: dict[int, bool] = {}
    """By the identity of a type: mypy gives the same one to many expressions."""
    asked = types
    if edited is not None:
        last = edited.end_line or edited.line
        asked = {node: type_ for node, type_ in types.items() if edited.line <= node.line <= last}
    affine = set()
    for node, type_ in asked.items():
        known = matters.get(id(type_))
        if known is None:
            known = matters[id(type_)] = promises.matters(type_) or summaries.has_any(type_)
        if known:
            affine.add(node.line)
    if minting is not None:
        affine.update(node.line for node, type_ in asked.items() if minting.budgets.minted_class(type_) is not None)
    watches_escapes = checker.errors.is_error_code_enabled(codes.BUDGET_ESCAPE)
    if watches_escapes:
        # The one escape without an affine expression in it.
        affine.update(node.line for node in asked if isinstance(node, CallExpr) and is_attribute_by_name(node))
    decorators = {target.function: target.decorators for target in targets}
    bodies = list(decorators)
    concerned = _bodies_with(affine, bodies) if affine else set()
    debts = _debts(checker, facts)
    # What has to be used up may never be named.
    concerned.update(
        function
        for function in (bodies if edited is None else [edited])
        if function is not None
        and (signature_concerns(promises, function) or (debts is not None and _owes(function, debts)))
    )
    if dependencies is not None and (earlier is None or edited is not None):
        dependencies.as_whole(checker)
    if earlier is None and not concerned:
        return
    checked: set[FuncDef | None] | None = None
    if edited is not None:
        checked = {edited}
    elif earlier is not None:
        checked = _bodies_with({node.line for node in types if not checkpoint.is_planted(node)}, bodies)
    module = Module(
        checker.tree.fullname,
        types,
        facts,
        checker.options.check_untyped_defs,
        lambda fullname: is_ours(fullname, checker),
        promises,
        minting,
        summaries,
        watches_escapes=watches_escapes,
        debts=debts,
        decorators={function: its for function, its in decorators.items() if function is not None and its},
    )
    for function in bodies:
        if earlier is not None and checked is not None and function not in checked:
            found[function] = earlier.get(function, [])
            continue
        if not is_checked(function, checker):
            continue
        if dependencies is not None and earlier is not None and edited is None:
            dependencies.as_function(checker, function)
        if function in concerned:
            graphs = (
                lower_module(module, checker.tree)
                if function is None
                else lower_function(module, function, function.name)
            )
            found[function] = [
                (cast(Context, finding.event.node), message)
                for finding, message in worded(graphs, types, facts, checker.options)
            ]
            opened = promises.opened if minting is None else promises.opened | minting.budgets.opened
            if dependencies is not None:
                dependencies.on_fields(checker.tree, function, opened)
            if minting is not None:
                minting.budgets.opened.clear()
            promises.opened.clear()


def _check_definitions(
    checker: TypeChecker, targets: list[Target], promises: Promises, dependencies: Dependencies | None
) -> ModuleFindings:
    """What is wrong with overrides and overloads, by the function that a reader finds it in; None is the module's body.

    It is read off signatures alone. So it is found anew each time, whatever mypy has checked again.
    """
    found: ModuleFindings = {}
    functions = {target.function for target in targets}

    def add(node: Context, message: Message) -> None:
        function = node if isinstance(node, FuncDef) and node in functions else None
        found.setdefault(function, []).append((node, message))

    for node in _definitions(checker, targets):
        if isinstance(node, OverloadedFuncDef):
            breach = promises.implementation(node)
            if breach is not None and node.impl is not None:
                add(_reported_at(node.impl), implemented(breach, node.name))
            continue
        if dependencies is not None:
            dependencies.on_members(checker.tree, node)
        for name, owner, breach in promises.overrides(node):
            member = owner.names[name].node if owner is node else None
            add(node.defn if member is None else _reported_at(member), overridden(breach, name, node.name))
    return found


def _definitions(checker: TypeChecker, targets: list[Target]) -> Iterator[TypeInfo | OverloadedFuncDef]:
    """The classes and overloads of a module, those of classes in functions that mypy checks included."""
    unchecked = [
        target.function
        for target in targets
        if target.function is not None and not is_checked(target.function, checker)
    ]
    for _, symbol, _ in checker.tree.local_definitions():
        node = symbol.node
        if isinstance(node, (TypeInfo, OverloadedFuncDef)) and not any(
            function.line <= node.line <= (function.end_line or function.line) for function in unchecked
        ):
            yield node


def _reported_at(node: SymbolNode) -> Context:
    """Where mypy reports what is wrong with an override: the `def`, below its decorators."""
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        node = node.items[0]
    return node.func if isinstance(node, Decorator) else node


def _owes(function: FuncDef, debts: DebtFacts) -> bool:
    """Whether a function, or one nested in it, takes what has to be used up. It may never name it."""
    formals = function.type.arg_types if isinstance(function.type, CallableType) else []
    return any(map(debts.concerns, formals)) or any(
        nested.function is not None and _owes(nested.function, debts)
        for nested in _functions_in(function.body.body, None)
    )


def signature_concerns(promises: Promises, function: FuncDef) -> bool:
    """Whether a body may go wrong with no affine expression in it.

    A callable that fits nowhere by itself may be returned, or be a default; and one that is taken is used up.
    """
    return promises.concerns(function.type) or promises.facts.takes_function(function.type)


def _bodies_with(lines: set[int], bodies: list[FuncDef | None]) -> set[FuncDef | None]:
    """The bodies that one of `lines` is in. Most have no affine expression, and need not be lowered."""
    ordered = sorted(lines)
    inside = 0
    found: set[FuncDef | None] = set()
    for body in bodies:
        if body is not None:
            first = bisect_left(ordered, body.line)
            last = bisect_right(ordered, body.end_line) if body.end_line is not None else len(ordered)
            inside += last - first
            if last > first:
                found.add(body)
    if inside < len(ordered):
        found.add(None)
    return found


def worded(
    graphs: list[Graph], types: dict[Expression, Type], facts: Facts, options: Options
) -> list[tuple[Finding, Message]]:
    """The messages for one body and those nested in it; copies of a `finally` say the same thing once."""
    messages: dict[tuple[Context, Code], tuple[Finding, Message]] = {}
    for graph in graphs:
        for finding in findings(graph):
            node = finding.event.node
            assert isinstance(node, Context)
            message = _word(finding, graph, types, facts, options)
            messages.setdefault((node, message.code), (finding, message))
    return list(messages.values())


def _word(finding: Finding, graph: Graph, types: dict[Expression, Type], facts: Facts, options: Options) -> Message:
    place = graph.places[finding.event.place]
    root = graph.places[graph.root(place.index)]
    # What a hint speaks of is the value that moved; the use may be of something below it.
    about = finding.moves[0].event if isinstance(finding, UseAfterMove) else finding.event
    type_ = types.get(about.node) if isinstance(about.node, Expression) else None
    return word(finding, place, root, _traits(type_, facts, options))


def _traits(type_: Type | None, facts: Facts, options: Options) -> Traits:
    """What a hint may say of a value; of `Budget | None`, what it says of the Budget."""
    proper = get_proper_type(type_) if type_ is not None else None
    for item in proper.items if isinstance(proper, UnionType) else [proper]:
        if item is not None and facts.is_affine(item):
            return Traits(format_type_bare(item, options), facts.can_split_evenly(item))
    return Traits("T", splits=False)


def is_ours(fullname: str, checker: TypeChecker) -> bool:
    """Whether a name is defined in source that is checked here: a reader can change what stands there."""
    module = fullname
    while module and module not in checker.modules:
        module = module.rpartition(".")[0]
    tree = checker.modules.get(module)
    return tree is not None and not tree.is_stub and not _is_silenced(tree.path, tree.fullname, checker.options)


@lru_cache(maxsize=1_000)
def _is_silenced(path: str, module: str, options: Options) -> bool:
    """Whether nobody is shown the errors of a module: it is installed, or the configuration says so.

    mypy's own list of such files has those that this process has read itself, and not those from the cache. It is asked
    at every call in a body, about the same few modules.
    """
    if not options.no_silence_site_packages:
        for directory in chain.from_iterable(get_search_dirs(options.python_executable)):
            if path.startswith(directory + os.sep):
                return True
    return options.clone_for_module(module).ignore_errors


def is_checked(function: FuncDef | None, checker: TypeChecker) -> bool:
    """mypy skips bodies without annotations unless told to check them; so do we."""
    return function is None or checker.options.check_untyped_defs or not function.is_dynamic()


# Which bodies there are


def functions_of(tree: MypyFile) -> Iterator[Target]:
    """What mypy checks and files errors under in a module: its own body, then its functions and methods."""
    yield Target(None, None)
    yield from _functions_in(tree.defs, None)


def _functions_in(statements: list[Statement], info: TypeInfo | None) -> Iterator[Target]:
    """The functions that mypy checks on their own: of a module and of its classes, also behind an `if`."""
    for node in statements:
        if isinstance(node, FuncDef):
            if not _is_generated(node, info):
                yield Target(node, info)
        elif isinstance(node, Decorator):
            for target in _functions_in([node.func], info):
                yield replace(target, decorators=tuple(node.original_decorators))
        elif isinstance(node, OverloadedFuncDef):
            yield from _functions_in([*node.items, *([node.impl] if node.impl else [])], info)
        elif isinstance(node, ClassDef):
            yield from _functions_in(node.defs.body, node.info)
        else:
            for block in _blocks_of(node):
                if not block.is_unreachable:
                    yield from _functions_in(block.body, info)


def _is_generated(node: FuncDef, info: TypeInfo | None) -> bool:
    """Whether a plugin made the function up (a dataclass's `__init__`): it has no source lines of its own."""
    symbol = info.names.get(node.name) if info is not None else None
    return node.end_line is None or (symbol is not None and symbol.plugin_generated)


def _blocks_of(node: Statement) -> list[Block]:
    if isinstance(node, Block):
        return [node]
    if isinstance(node, IfStmt):
        return [*node.body, *([node.else_body] if node.else_body else [])]
    if isinstance(node, (ForStmt, WhileStmt)):
        return [node.body, *([node.else_body] if node.else_body else [])]
    if isinstance(node, WithStmt):
        return [node.body]
    if isinstance(node, MatchStmt):
        return node.bodies
    if isinstance(node, TryStmt):
        optional = (node.else_body, node.finally_body)
        return [node.body, *node.handlers, *(block for block in optional if block is not None)]
    return []


def imports_package(tree: MypyFile) -> bool:
    """Whether a module imports our run-time package."""
    return any(True for _ in _imports_of_package(tree))


def _imports_of_package(tree: MypyFile) -> Iterator[tuple[Statement, str]]:
    """The statements that do, and which module of it."""
    for node in tree.imports:
        if isinstance(node, Import):
            names = [name for name, _ in node.ids]
        else:
            assert isinstance(node, (ImportFrom, ImportAll))
            names = [node.id]
        for name in names:
            if name.split(".")[0] == PACKAGE and not node.is_unreachable:
                yield node, name


# Reporting


class _Report:
    """Hands messages to mypy under the target that their errors belong to.

    The daemon clears errors by target, and checks each target that had errors again. Ours belong to the checkpoint
    there, so that it runs whenever a function with an error of ours is checked again, with or without a hook in it.
    """

    def __init__(self, checker: TypeChecker, scope: Scope) -> None:
        self._checker = checker
        self._scope = scope
        self._in_daemon = checker.options.fine_grained_incremental
        if self._in_daemon:
            target = checkpoint.target(checker.tree)
            checker.errors.clear_errors_in_targets(checker.path, {target})

    def is_in_error(self) -> bool:
        """Whether mypy has found an error in the module."""
        ours = checkpoint.target(self._checker.tree)
        found = self._checker.errors.error_info_map.get(self._checker.path, ())
        return any(info.target not in (None, ours) for info in found)

    def come_back(self) -> None:
        """Let the checkpoint run in the next update, whatever happens: it has an error, which nobody is shown."""
        errors, path = self._checker.errors, self._checker.path
        before = len(errors.error_info_map.get(path, ()))
        with self._scope.function_scope(checkpoint.stand_in(self._checker.tree, None)):
            errors.report(-1, None, "come back", codes.AFFINE, severity="note")
        for info in errors.error_info_map.get(path, [])[before:]:
            info.hidden = True

    def __call__(self, target: Target, node: Context, message: Message) -> None:
        code = _CODES[message.code]
        with ExitStack() as scopes:
            if target.info is not None:
                scopes.enter_context(self._scope.class_scope(target.info))
            function = target.function
            if self._in_daemon:
                function = checkpoint.stand_in(self._checker.tree, function)
            if function is not None:
                scopes.enter_context(self._scope.function_scope(function))
            place = _heading(node)
            self._checker.msg.fail(message.text, place, code=code)
            if message.hint is not None:
                self._checker.msg.note(f"hint: {message.hint}", place, code=code)


def _heading(node: Context) -> Context:
    """What an editor underlines: all of an expression, but of a function or class the name, and not the body."""
    named = node.items[0] if isinstance(node, OverloadedFuncDef) else node
    named = named.func if isinstance(named, Decorator) else named
    if isinstance(named, ClassDef):
        words = f"class {named.name}"
    elif isinstance(named, FuncDef):
        words = f"async def {named.name}" if named.is_coroutine else f"def {named.name}"
    else:
        return node
    place = Context(node.line, node.column)
    place.end_line, place.end_column = named.line, named.column + len(words)
    return place


@contextmanager
def _reporting(checker: TypeChecker) -> Iterator[_Report]:
    """A scope of our own for errors: nesting in the checker's would corrupt it."""
    errors = checker.errors
    file, module, scope, options = errors.file, errors.target_module, errors.scope, errors.options
    own = Scope()
    errors.set_file(checker.path, checker.tree.fullname, scope=own, options=checker.options)
    try:
        with own.module_scope(checker.tree.fullname):
            yield _Report(checker, own)
    finally:
        errors.set_file(file, module, scope=scope, options=options)
