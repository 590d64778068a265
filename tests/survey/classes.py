"""Which classes of a corpus are made affine: those that most of its expressions have.

Owns the counting, in mypy's own typed tree of the corpus; knows nothing of the plugin.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from mypy import build
from mypy.errors import CompileError
from mypy.main import process_options
from mypy.nodes import IndexExpr, MemberExpr, NameExpr
from mypy.types import Instance, Type, UnionType, get_proper_type

__all__ = ["HOW_MANY", "most_used"]

HOW_MANY: Final = 20
_LEFT_OUT: Final = frozenset({"builtins", "typing", "typing_extensions", "types", "_typeshed"})
"""What Python's own syntax makes and takes apart. The configuration is not for `int`."""
_NAMED: Final = (NameExpr, MemberExpr, IndexExpr)
"""What can be given away: places. The results of calls end up there."""


def most_used(arguments: Sequence[str]) -> list[str]:
    """The classes that most expressions have in what mypy checks when it is called with `arguments`."""
    sources, options = process_options([*arguments], require_targets=True)
    options.export_types = True
    options.incremental = False
    options.cache_dir = os.devnull
    try:
        result = build.build(sources, options)
    except CompileError as error:
        raise SystemExit("\n".join(error.messages)) from error
    counts = Counter(
        name for expression, type_ in result.types.items() if isinstance(expression, _NAMED) for name in _classes(type_)
    )
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:HOW_MANY]


def _classes(type_: Type) -> Iterator[str]:
    proper = get_proper_type(type_)
    if isinstance(proper, Instance):
        if proper.type.module_name not in _LEFT_OUT:
            yield proper.type.fullname
    elif isinstance(proper, UnionType):
        for item in proper.items:
            yield from _classes(item)
