"""Whether what the settings name exists, and where it is defined.

Owns which settings name what. How a name is looked for is the business of `names`.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from .config import Config, table_below
from .names import NameFinder

if TYPE_CHECKING:
    from mypy.options import Options

__all__ = ["listed_classes", "missing_names"]


def missing_names(config: Config, options: Options) -> list[str]:
    """A line for each name in the settings that certainly does not exist where mypy, with `options`, looks."""
    if config.is_default:
        return []
    finder = NameFinder(options)
    asked = [
        *((config.source, "affine", name, finder.no_class) for name in config.affine),
        *((config.source, "mint", name, finder.no_module) for name in map(_fixed_part, config.mint)),
    ]
    for table, nested in (("containers", config.containers), ("tasks", config.tasks)):
        source = table_below(config.source, table)
        asked += [(source, setting, name, finder.no_callable) for setting, name in nested.calls()]
        asked += [(source, setting, name, finder.no_class) for setting, name in nested.classes()]
    return [
        f"{source} {setting}: {problem}"
        for source, setting, name, why in asked
        if name not in ("", "__main__")
        and (problem := why(name)) is not None
        and not (config.may_be_missing(name) and finder.may_be_in_a_missing_module(name))
    ]


def listed_classes(config: Config, options: Options) -> frozenset[str]:
    """The classes under `affine`, by every name that they may be defined under: people name re-exports."""
    if not config.affine:
        return frozenset()
    finder = NameFinder(options)
    return frozenset().union(*map(finder.definitions, config.affine))


def _fixed_part(pattern: str) -> str:
    """The module that everything which matches lies in, or is: what stands before the first `*`."""
    return ".".join(takewhile(lambda part: part != "*", pattern.split(".")))
