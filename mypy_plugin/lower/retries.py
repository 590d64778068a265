"""Which functions are called again with the same arguments, by what decorates them (rules, section 3).

Decorators of libraries are known by name (`knowledge.tasks`), those of the program by what was found in their bodies
(`generic_bodies`): one that calls what it decorates more than once uses its `*args` more than once.
"""

from __future__ import annotations

from mypy.nodes import CallExpr, Expression, FuncItem, RefExpr

from ..type_shapes import classes_of, definition_of, signatures_of
from .context import Module

__all__ = ["is_retried"]


def is_retried(module: Module, function: FuncItem) -> bool:
    """Whether a decorator calls a function more than once, with the same arguments."""
    return any(_calls_again(module, decorator) for decorator in module.decorators.get(function, ()))


def _calls_again(module: Module, decorator: Expression) -> bool:
    maker = decorator.callee if isinstance(decorator, CallExpr) else decorator
    if isinstance(maker, RefExpr) and module.facts.handling.is_retrier(maker.fullname):
        return True
    if module.summaries is None:
        return False
    makers = [one for signature in signatures_of(module.types.get(maker)) if (one := definition_of(signature))]
    names = {one.fullname for one in makers}
    # An object that decorates: its method is called with the function.
    names |= {f"{base.fullname}.__call__" for info in classes_of(module.types.get(decorator)) for base in info.mro}
    return any(misuse.variable.startswith("**") for name in names for misuse in module.summaries.of(name))
