"""How a message becomes an error of mypy's: its code, the lines that an editor underlines, and mypy's target for it.

Owns the way into mypy's errors, in the daemon, too; what is said is the business of `wording`.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeAlias

from mypy.checker import TypeChecker
from mypy.errorcodes import ErrorCode
from mypy.nodes import ClassDef, Context, Decorator, FuncDef, OverloadedFuncDef
from mypy.scope import Scope
from mypy.version import __version__ as mypy_version

from . import checkpoint, codes
from .bodies import Target
from .wording import Code, Message, plugin_failed

__all__ = ["ModuleFindings", "Report", "report_failure", "reporting"]

ModuleFindings: TypeAlias = dict[FuncDef | None, list[tuple[Context, Message]]]
"""What was found in each body of a module, and where; None is the module's own."""

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


def report_failure(checker: TypeChecker, error: Exception) -> None:
    """Let a bug of ours be one error on the module."""
    with reporting(checker) as report:
        report.failure(error)


@contextmanager
def reporting(checker: TypeChecker) -> Iterator[Report]:
    """A scope of our own for errors: nesting in the checker's would corrupt it."""
    errors = checker.errors
    file, module, scope, options = errors.file, errors.target_module, errors.scope, errors.options
    own = Scope()
    errors.set_file(checker.path, checker.tree.fullname, scope=own, options=checker.options)
    try:
        with own.module_scope(checker.tree.fullname):
            yield Report(checker, own)
    finally:
        errors.set_file(file, module, scope=scope, options=options)


class Report:
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

    def failure(self, error: Exception) -> None:
        """Report a bug of ours, on the module."""
        if self._checker.options.show_traceback:
            traceback.print_exc()
        self(Target(None, None), Context(1, 0), plugin_failed(error, mypy_version))

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
