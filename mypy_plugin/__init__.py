"""The mypy plugin: `plugins = ["mypy_plugin"]`, or `plugins = ["budget_types.mypy"]`, which is this one.

mypy's cache and daemon notice a change of the plugin by `__version__` in the module named there. Programs never
import this package. It imports mypy only when mypy asks for the plugin, so that the command can say what is missing
where mypy is not installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy.plugin import Plugin

__all__ = ["__version__", "plugin"]

__version__ = "0.1.0"
"""That of `budget_types`, which mypy would wait for in every run if it were read there. A test compares them."""


def plugin(version: str) -> type[Plugin]:
    """mypy's entry point; `version` is mypy's own."""
    from mypy import errors

    from . import versions
    from .refusal import refusing

    if versions.is_too_old(version):
        return refusing(versions.too_old(version, str(Path(errors.__file__).parent)))
    try:
        from .hooks import BudgetTypesPlugin
    except Exception as error:
        if versions.is_too_new(version):
            return refusing(versions.not_loaded(version, error))
        raise
    return BudgetTypesPlugin
