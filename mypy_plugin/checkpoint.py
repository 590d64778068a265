"""The checkpoint: how code of ours runs after mypy has checked the bodies of a module.

mypy has no such hook. So each module that concerns us gets one synthetic, hidden, typed function, whose body is one
expression that ends in a method hook of ours. mypy checks it like any other function; when it does, the module's
types are there. Owns planting, recognising, queueing again, and taking away that function; knows nothing of budgets.

Two places, because mypy has two ways to walk a module: `tree.defs` (mypy 1, and a module's first pass in the daemon)
and `tree.names` (mypy 2, which checks interfaces first and bodies later, by name).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mypy.checker import DeferredNode, TypeChecker
from mypy.nodes import (
    GDEF,
    Block,
    Context,
    ExpressionStmt,
    FuncDef,
    IntExpr,
    MypyFile,
    Node,
    SymbolTableNode,
    TypeInfo,
    UnaryExpr,
)
from mypy.server.deps import get_dependencies_of_target
from mypy.server.trigger import make_wildcard_trigger
from mypy.types import CallableType, Instance, NoneType

__all__ = [
    "HOOKED_METHOD",
    "defer",
    "depend_as",
    "depend_on_fields",
    "is_checkpoint",
    "others_deferred",
    "plant",
    "stand_in",
    "target",
    "uproot",
]

HOOKED_METHOD: Final = "builtins.int.__invert__"
"""The method that the checkpoint's expression `~0` calls: rare in programs, and never folded by mypy."""

_NAME: Final = "__budget_types_checkpoint__"
_COLUMN: Final = 999_999
"""Where no program has anything: how we recognise the checkpoint's expression (never by its value)."""


def plant(tree: MypyFile, function_type: Instance) -> None:
    """Make sure that the module has its checkpoint, at the end. `function_type` is `builtins.function`."""
    known = tree.names.get(_NAME)
    function = known.node if known is not None else None
    if not isinstance(function, FuncDef):
        function = _make(tree, function_type)
        tree.names[_NAME] = SymbolTableNode(GDEF, function, module_public=False, module_hidden=True, no_serialize=True)
    if not tree.defs or not _is_same(tree.defs[-1], function):
        tree.defs.append(function)
    if function.line not in tree.ignored_lines:
        # What mypy says of the checkpoint (that it is unreachable after `sys.exit()`) does not concern a reader.
        tree.ignored_lines[function.line] = []
        tree.skipped_lines.add(function.line)


def depend_as(checker: TypeChecker, function: FuncDef) -> None:
    """In the daemon: whatever makes mypy check `function` again makes it check the checkpoint again, too."""
    tree = checker.tree
    triggers = get_dependencies_of_target(
        tree.fullname, tree, function, checker._type_maps[0], checker.options.python_version
    )
    for trigger in triggers:
        tree.plugin_deps.setdefault(trigger, set()).add(target(tree))


def depend_on_fields(checker: TypeChecker, function: FuncDef, classes: Iterable[TypeInfo]) -> None:
    """In the daemon: `function`, and the checkpoint, are checked again when one of `classes` gets or loses a field."""
    for base in {base for info in classes for base in info.mro}:
        targets = checker.tree.plugin_deps.setdefault(make_wildcard_trigger(base.fullname), set())
        targets.update((function.fullname, target(checker.tree)))


def uproot(tree: MypyFile, *, keep_name: bool) -> None:
    """Take the checkpoint away, so that nothing that looks at the module later (a report, say) meets it.

    The daemon finds what to check again by name, so there the name stays; the definition must not, or mypy would
    define it a second time when it analyses the module's top level again.
    """
    symbol = tree.names.get(_NAME)
    if symbol is not None and tree.defs and _is_same(tree.defs[-1], symbol.node):
        tree.defs.pop()
    if not keep_name:
        tree.names.pop(_NAME, None)


def defer(checker: TypeChecker) -> None:
    """Let mypy check the checkpoint once more, after all that is queued in this module."""
    symbol = checker.tree.names.get(_NAME)
    if symbol is not None and isinstance(symbol.node, FuncDef):
        others_deferred(checker)
        checker.deferred_nodes.append(DeferredNode(symbol.node, None))


def others_deferred(checker: TypeChecker) -> bool:
    """Take the checkpoint out of the queue and say whether anything else is in it."""
    checker.deferred_nodes = [
        queued for queued in checker.deferred_nodes if getattr(queued.node, "name", None) != _NAME
    ]
    return bool(checker.deferred_nodes)


def target(tree: MypyFile) -> str:
    """The name under which the daemon knows the checkpoint."""
    return f"{tree.fullname}.{_NAME}"


def stand_in(tree: MypyFile, function: FuncDef | None) -> FuncDef:
    """A function that a reader knows by `function`'s name, and the daemon by the checkpoint's."""
    name = function.name if function is not None else _NAME
    double = FuncDef(name, [], Block([]))
    double._fullname = target(tree)
    return double


def is_checkpoint(node: Context) -> bool:
    """Whether this is the expression in a checkpoint's body."""
    return node.column == _COLUMN


def _is_same(left: Node, right: Node | None) -> bool:
    return left is right


def _make(tree: MypyFile, function_type: Instance) -> FuncDef:
    zero = IntExpr(0)
    inverted = UnaryExpr("~", zero)
    statement = ExpressionStmt(inverted)
    body = Block([statement])
    signature = CallableType([], [], [], NoneType(), function_type, name=_NAME)
    function = FuncDef(_NAME, [], body, signature)
    function.unanalyzed_type = signature
    function._fullname = target(tree)
    # Behind the last line, and ending before it begins: where mypy marks the lines from some statement to the end of
    # the module as unreachable, it marks what it would without us, and never the checkpoint.
    last = max((node.end_line or node.line for node in tree.defs), default=0)
    for node in (zero, inverted, statement, body, function):
        node.set_line(last + 1, _COLUMN, last, _COLUMN)
    return function
