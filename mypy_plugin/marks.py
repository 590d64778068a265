"""What is said of a module's classes (`@affine`, `@consumes`, the settings, fields for loans), told in the daemon.

mypy keeps `TypeInfo.metadata` in its cache. Its daemon compares classes by other things, and would not check the users
of a class again when it becomes affine, nor all who have an object of it when that comes to borrow. So the marks of a
module's classes are the value of a hidden variable of it, and whoever imports the module, directly or not, is checked
again when that changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from mypy.nodes import MypyFile, SymbolTable, TypeInfo
from mypy.types import Instance

from . import hidden
from .fullnames import METADATA
from .ownership_facts import OwnershipFacts

__all__ = ["NAME", "write"]

NAME: Final = "marks"


def write(tree: MypyFile, facts: OwnershipFacts, string: Instance) -> bool:
    """Write down the marks of a module's classes, and say whether they changed."""
    marks = {}
    for info in _classes(tree.fullname, tree.names):
        is_listed, fields = info.fullname in facts.listed, facts.loan_fields(info)
        if METADATA in info.metadata or is_listed or fields:
            its_fields = [[*field.path, field.exclusive] for field in fields]
            marks[info.fullname] = [info.metadata.get(METADATA), is_listed, its_fields]
    return hidden.write(tree, NAME, json.dumps(marks, sort_keys=True) if marks else None, string)


def _classes(prefix: str, names: SymbolTable) -> Iterator[TypeInfo]:
    """The classes that are defined there, those in classes included."""
    for name, symbol in sorted(names.items()):
        if isinstance(symbol.node, TypeInfo) and symbol.node.fullname == f"{prefix}.{name}":
            yield symbol.node
            yield from _classes(symbol.node.fullname, symbol.node.names)
