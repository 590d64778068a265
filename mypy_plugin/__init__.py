"""The mypy plugin: `plugins = ["mypy_plugin"]`, or `plugins = ["budget_types.mypy"]`, which is this one.

mypy's cache and daemon notice a change of the plugin by `__version__` in the module named there. Programs never
import this package.
"""

from mypy.plugin import Plugin

from budget_types import __version__

from .hooks import BudgetTypesPlugin

__all__ = ["__version__", "plugin"]


def plugin(version: str) -> type[Plugin]:
    """mypy's entry point; `version` is mypy's own."""
    return BudgetTypesPlugin
