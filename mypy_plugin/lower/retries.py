"""Which functions are called again with the same arguments, by what decorates them (rules, section 3).

Decorators of libraries are known by name (`knowledge.tasks`), those of the program by what was found in their bodies
(`generic_bodies`): one that calls what it decorates more than once uses its `*args` more than once.
"""

from __future__ import annotations

from mypy.nodes import CallExpr, Expression, FuncItem, RefExpr

from ..type_shapes import definition_of, names_param_spec, signatures_of
from .context import Module

__all__ = ["is_retried"]


def is_retried(module: Module, function: FuncItem) -> bool:
    """Whether a decorator calls a function more than once, with the same arguments."""
    decorators = module.decorators.get(function)
    return decorators is not None and any(_calls_again(module, decorator) for decorator in decorators)


def _calls_again(module: Module, decorator: Expression) -> bool:
    maker = decorator.callee if isinstance(decorator, CallExpr) else decorator
    if isinstance(maker, RefExpr) and module.facts.handling.is_retrier(maker.fullname):
        return True
    if module.summaries is None:
        return False
    # An object that decorates is called with the function, as what makes a decorator is not.
    signatures = [one for each in {maker, decorator} for one in signatures_of(module.types.get(each))]
    names = {one.fullname for one in map(definition_of, signatures) if one is not None}
    return any(names_param_spec(misuse.variable) for name in names for misuse in module.summaries.of(name))
