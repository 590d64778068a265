"""The checkpoint: how code of ours runs after mypy has checked the bodies of a module.

mypy has no such hook. So each module that concerns us gets one synthetic, hidden, typed function, whose body is one
expression that ends in a method hook of ours. mypy checks it like any other function; when it does, the module's
types are there. Owns planting, recognising, queueing again, and taking away that function; knows nothing of budgets.

Two places, because mypy has two ways to walk a module: `tree.defs` (mypy 1, and a module's first pass in the daemon)
and `tree.names` (mypy 2, which checks interfaces first and bodies later, by name).

A second one, the *gate*, is where mypy 2 is done with a module's interface and about to write it to its cache. mypy
checks with the interface only the bodies that can change it; `check_early` lets it check some more before it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Final

from mypy.checker import DEFAULT_LAST_PASS, DeferredNode, TypeChecker
from mypy.errors import Errors
from mypy.nodes import (
    GDEF,
    Block,
    Context,
    Decorator,
    Expression,
    ExpressionStmt,
    FuncBase,
    FuncDef,
    IntExpr,
    MypyFile,
    Node,
    OverloadedFuncDef,
    Statement,
    SymbolTableNode,
    TypeInfo,
    UnaryExpr,
)
from mypy.options import Options
from mypy.types import CallableType, Instance, NoneType

__all__ = [
    "HOOKED_METHOD",
    "bodies_to_come",
    "cancel_gate",
    "check_early",
    "check_quietly",
    "defer",
    "defer_gate",
    "is_before_bodies",
    "is_checkpoint",
    "is_gate",
    "is_planted",
    "is_planted_function",
    "is_until_done",
    "is_wanted",
    "is_with_interface",
    "let_go",
    "may_come_back",
    "others_deferred",
    "plant",
    "stand_in",
    "target",
    "types_of_program",
    "uproot",
]

HOOKED_METHOD: Final = "builtins.int.__invert__"
"""The method that the checkpoint's expression `~0` calls: rare in programs, and never folded by mypy."""

_NAME: Final = "__budget_types_checkpoint__"
_GATE: Final = "__budget_types_gate__"
_COLUMN: Final = 999_999
_GATE_COLUMN: Final = 999_998
"""Where no program has anything: how we recognise the checkpoint's expression (never by its value)."""

HAS_INTERFACE_PHASE: Final = hasattr(FuncDef, "def_or_infer_vars")
"""Whether this version of mypy can check a module's interface before its bodies."""


def is_wanted(tree: MypyFile, options: Options, errors: Errors) -> bool:
    """Whether a module has to be looked at: not a library, or a module whose errors nobody wants to see.

    Not only where budgets are: a generic function is called with them in other modules. And which modules mypy
    has loaded before this one depends on its cache.
    """
    return not (tree.is_stub or options.ignore_errors or tree.path in errors.ignored_files)


def plant(tree: MypyFile, function_type: Instance) -> None:
    """Make sure that the module has its checkpoint, at the end. `function_type` is `builtins.function`."""
    function = _planted(tree, _NAME)
    if not tree.defs or not _is_same(tree.defs[-1], function):
        if HAS_INTERFACE_PHASE:
            gate = _planted(tree, _GATE) or _add(tree, _GATE, _GATE_COLUMN, function_type)
            _belong_to_interface(gate, whether=True)
            tree.defs.append(gate)
        function = function or _add(tree, _NAME, _COLUMN, function_type)
        tree.defs.append(function)
    assert function is not None
    if function.line not in tree.ignored_lines:
        # What mypy says of the checkpoint (that it is unreachable after `sys.exit()`) does not concern a reader.
        tree.ignored_lines[function.line] = []
        tree.skipped_lines.add(function.line)


def _belong_to_interface(function: FuncBase, *, whether: bool) -> None:
    """Let mypy check a body together with the module's interface, as it does with `__init__`, and not again later."""
    function.def_or_infer_vars = whether
    if isinstance(function, OverloadedFuncDef):
        # It is walked as one.
        for item in (*function.items, *([function.impl] if function.impl is not None else [])):
            _belong_to_interface(item.func if isinstance(item, Decorator) else item, whether=whether)


def is_before_bodies(tree: MypyFile) -> bool:
    """Whether mypy checks the module's interface now, and leaves its bodies for later."""
    function = _planted(tree, _NAME)
    return HAS_INTERFACE_PHASE and function is not None and not function.expanded


def may_come_back(checker: TypeChecker) -> bool:
    """Whether something may be unknown yet in the module, or in one that is checked together with it.

    mypy goes round the modules of an import cycle, and in each it comes back to what it could not know, up to the last
    pass: for what depends on all of them, one more has to begin.
    """
    return checker.pass_num <= checker.last_pass


def is_until_done(checker: TypeChecker) -> bool:
    """Whether mypy comes back to what is in its queue for as long as anything is.

    The daemon does, where it checks single functions again; it gives an edited module one further pass and no more.
    """
    return checker.last_pass > DEFAULT_LAST_PASS


def bodies_to_come(tree: MypyFile) -> Iterator[tuple[FuncDef | OverloadedFuncDef | Decorator, TypeInfo | None]]:
    """The functions whose bodies mypy will check when it is done with interfaces, and their classes."""
    for _, symbol, info in tree.local_definitions(impl_only=True):
        if isinstance(symbol.node, (FuncDef, OverloadedFuncDef, Decorator)):
            yield symbol.node, info


def check_early(
    checker: TypeChecker, bodies: Iterable[tuple[FuncDef | OverloadedFuncDef | Decorator, TypeInfo | None]]
) -> list[FuncBase]:
    """Let mypy check these bodies next, and not once more when it is done with interfaces. Gives what to `let_go`.

    They have to see what they would see then: all that is known of all modules of an import cycle. So this is for when
    mypy can no longer come back to anything in them; and it begins to count its passes anew, as for all bodies.
    """
    functions: list[FuncBase] = []
    for node, info in bodies:
        function = node.func if isinstance(node, Decorator) else node
        functions.append(function)
        _belong_to_interface(function, whether=True)
        if node.line not in checker.globals_unreachable:
            checker.deferred_nodes.append(DeferredNode(node, info))
    checker.pass_num = -1
    return functions


def check_quietly(checker: TypeChecker, bodies: Iterable[tuple[FuncDef, TypeInfo | None]]) -> None:
    """Let mypy check bodies once more, for the types in them: it says nothing, and comes to no other body."""
    scope, passed = checker.scope, checker.pass_num
    try:
        for function, info in bodies:
            # Not inside of the checkpoint's.
            checker.scope = type(scope)(checker.tree)
            checker.pass_num = checker.last_pass
            with ExitStack() as stack:
                stack.enter_context(checker.msg.filter_errors())
                if info is not None:
                    stack.enter_context(checker.tscope.class_scope(info))
                    stack.enter_context(checker.scope.push_class(info))
                checker.accept(function)
    finally:
        checker.scope, checker.pass_num = scope, passed


def is_with_interface(function: FuncDef) -> bool:
    """Whether mypy checks a body together with its module's own: it may give a class fields."""
    return HAS_INTERFACE_PHASE and function.def_or_infer_vars


def let_go(functions: Iterable[FuncBase]) -> None:
    """Bodies that were checked early are like all others from now on.

    The daemon would go on to check them with the module's own body, and that whenever one of them is checked: early in
    the module, when what is decorated further down has no type yet.
    """
    for function in functions:
        _belong_to_interface(function, whether=False)


def uproot(tree: MypyFile, *, keep_name: bool) -> None:
    """Take the checkpoint away, so that nothing that looks at the module later (a report, say) meets it.

    The daemon finds what to check again by name, so there the name stays; the definition must not, or mypy would
    define it a second time when it analyses the module's top level again.
    """
    for name in (_NAME, _GATE):
        function = _planted(tree, name)
        if function is not None and tree.defs and _is_same(tree.defs[-1], function):
            tree.defs.pop()
        if not keep_name:
            tree.names.pop(name, None)


def defer(checker: TypeChecker) -> None:
    """Let mypy check the checkpoint once more, after all that is queued in this module."""
    _defer(checker, _NAME)


def defer_gate(checker: TypeChecker) -> None:
    """Let mypy pass the gate once more."""
    _defer(checker, _GATE)


def cancel_gate(checker: TypeChecker) -> None:
    """Take the gate out of the queue."""
    _cancel(checker, _GATE)


def others_deferred(checker: TypeChecker) -> bool:
    """Take the checkpoint out of the queue and say whether anything of the program is in it."""
    _cancel(checker, _NAME)
    return any(getattr(queued.node, "name", None) != _GATE for queued in checker.deferred_nodes)


def _defer(checker: TypeChecker, name: str) -> None:
    function = _planted(checker.tree, name)
    if function is not None:
        _cancel(checker, name)
        checker.deferred_nodes.append(DeferredNode(function, None))


def _cancel(checker: TypeChecker, name: str) -> None:
    checker.deferred_nodes = [queued for queued in checker.deferred_nodes if getattr(queued.node, "name", None) != name]


def types_of_program(checker: TypeChecker) -> int:
    """How many expressions of the program have a type."""
    types = checker._type_maps[0]
    count = len(types)
    for name in (_NAME, _GATE):
        function = _planted(checker.tree, name)
        for node in _expressions(function) if function is not None else ():
            count -= node in types
    return count


def _expressions(planted: FuncDef) -> tuple[Expression, Expression]:
    [statement] = planted.body.body
    assert isinstance(statement, ExpressionStmt) and isinstance(statement.expr, UnaryExpr)
    return statement.expr, statement.expr.expr


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


def is_gate(node: Context) -> bool:
    """Whether this is the expression in a gate's body."""
    return node.column == _GATE_COLUMN


def is_planted(node: Context) -> bool:
    """Whether this stands in a function that was planted, and not in the program."""
    return is_checkpoint(node) or is_gate(node)


def is_planted_function(function: FuncDef) -> bool:
    """Whether a function was planted, and is not in the program."""
    return function.name in (_NAME, _GATE)


def _planted(tree: MypyFile, name: str) -> FuncDef | None:
    symbol = tree.names.get(name)
    return symbol.node if symbol is not None and isinstance(symbol.node, FuncDef) else None


def _is_same(left: Node, right: Node | None) -> bool:
    return left is right


def _add(tree: MypyFile, name: str, column: int, function_type: Instance) -> FuncDef:
    function = _make(tree, name, column, function_type)
    tree.names[name] = SymbolTableNode(GDEF, function, module_public=False, module_hidden=True, no_serialize=True)
    return function


def _make(tree: MypyFile, name: str, column: int, function_type: Instance) -> FuncDef:
    zero = IntExpr(0)
    inverted = UnaryExpr("~", zero)
    statement = ExpressionStmt(inverted)
    body = Block([statement])
    signature = CallableType([], [], [], NoneType(), function_type, name=name)
    function = FuncDef(name, [], body, signature)
    function.unanalyzed_type = signature
    function._fullname = f"{tree.fullname}.{name}"
    # Behind the last line, and ending before it begins: where mypy marks the lines from some statement to the end of
    # the module as unreachable, it marks what it would without us, and never the checkpoint.
    last = max(map(_last_line, tree.defs), default=0)
    for node in (zero, inverted, statement, body, function):
        node.set_line(last + 1, column, last, column)
    return function


def _last_line(node: Statement) -> int:
    """mypy does not say where a function with overloads ends."""
    if isinstance(node, OverloadedFuncDef):
        parts: list[Statement] = [*node.items, *([node.impl] if node.impl is not None else [])]
        return max(map(_last_line, parts))
    return node.end_line or node.line
