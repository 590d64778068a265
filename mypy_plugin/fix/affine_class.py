"""A class that holds a budget has one owner, too; and so has one with a method that uses its object up."""

from __future__ import annotations

from collections.abc import Iterator

from ..wording.message import Code
from .edits import Proposal
from .files import imported
from .imports import spelling
from .site import Site

__all__ = ["mark_affine"]

_FOLLOWED = frozenset(code.value for code in Code if code is not Code.BUDGET_MINTED)
"""What had many owners may break any rule when it has one: who looks at it has to borrow it."""


def mark_affine(site: Site) -> Iterator[Proposal]:
    """Put `@affine` on the class."""
    holder = site.reading.holder
    if holder is None:
        return
    for source, name in [(site.source, holder), *imported(site.source, holder, site.files)]:
        for each in source.classes(name):
            decorator, edits = spelling(source, "budget_types", "affine")
            first = each.decorators[0] if each.decorators else each
            line, column = source.start(first)
            indent = source.lines.line(line)[:column]
            mark = source.insert((line, 0), f"{indent}@{decorator}{source.lines.newline}")
            yield Proposal(f'mark "{name}" as @{decorator}', (mark, *edits), follows=_FOLLOWED)
