"""What is only asked of tasks: whether they are done, to be cancelled, to tell somebody when they are.

Owns which uses of a task, or of a container of tasks, leave alone what these give. A task has one owner because its
result has one. Who has given away the task, or its result, may still ask it: no budget is touched by that.
"""

from __future__ import annotations

from collections.abc import Iterator

from mypy.nodes import CallExpr, Expression, LambdaExpr, MemberExpr, StarExpr
from mypy.types import AnyType, get_proper_type

from ..knowledge.containers import CONTENTS, Does
from ..type_shapes import signatures_of
from .body import Body
from .lookups import method_row
from .spawning import called_function

__all__ = ["asks", "awaited", "is_of_tasks", "is_passed_on"]

_CONTENTS = frozenset(CONTENTS.values())


def asks(body: Body, method: MemberExpr, call: CallExpr | None = None) -> bool:
    """Whether a method only asks the task, or the container of tasks, that it is of. `call`: where it is called."""
    type_ = body.types.get(method.expr)
    if not body.facts.holds_handles(type_):
        return False
    if not body.facts.is_handle(type_):
        row = method_row(body, method.expr, method.name)
        return row is not None and row[0] is Does.LOOK
    if method.name in _CONTENTS or method_row(body, method.expr, method.name) is not None:
        return False
    spawn = body.tasks.table.row(call) if call is not None else None
    function = called_function(body, call, spawn) if call is not None and spawn is not None and spawn.alone else None
    return function is None or not _gets_result(body, function)


def _gets_result(body: Body, function: Expression) -> bool:
    """Whether a function that is called with a task may use what that gives."""
    if isinstance(function, LambdaExpr):
        # Closures are lowered with all of this: here it comes round again.
        from .closures import uses_parameter

        return uses_parameter(body, function)
    if isinstance(function, MemberExpr):
        row = method_row(body, function.expr, function.name)
        if row is not None:
            return not all(does in (Does.LOOK, Does.RELEASE) for does in row[1:])
    signatures = signatures_of(body.types.get(function))
    return not signatures or any(
        isinstance(get_proper_type(formal), AnyType) or body.facts.is_affine(formal)
        for one in signatures
        for formal in one.arg_types
    )


def is_passed_on(body: Body, call: CallExpr, argument: Expression) -> bool:
    """Whether a call gives what a task gives that it is given: `wait_for(task, 5)`, `gather(*tasks)`."""
    row = body.tasks.table.row(call)
    return (
        row is not None
        and row.calls is None
        and not row.grouped
        and body.facts.holds_handles(body.types.get(argument.expr if isinstance(argument, StarExpr) else argument))
    )


def is_of_tasks(body: Body, node: Expression) -> bool:
    """Whether what is awaited is a task, or gives what tasks give."""
    if isinstance(node, CallExpr) and any(is_passed_on(body, node, argument) for argument in node.args):
        return True
    return body.facts.is_affine(body.types.get(node)) and body.facts.is_handle(body.types.get(node))


def awaited(body: Body, node: Expression) -> Iterator[Expression]:
    """The tasks, and containers of some, of which an `await` of this gives the results, and nothing if it raises."""
    if isinstance(node, CallExpr):
        for argument in node.args:
            if is_passed_on(body, node, argument):
                yield from awaited(body, argument.expr if isinstance(argument, StarExpr) else argument)
    elif body.facts.holds_handles(body.types.get(node)) and body.places.of(node) is not None:
        yield node
