"""Searches through types that name each other: aliases and typed dictionaries.

The unions that a library has for its requests name each other so often that to look through one wherever it is named
takes longer than anybody waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mypy.nodes import TypeAlias, TypeInfo
from mypy.types import Type, TypeAliasType, TypedDictType

__all__ = ["Met", "Search", "expanded"]

_Named = TypeAlias | TypeInfo
Met = set[tuple[_Named, bool]]
"""The names that one search has come across, in which it has found nothing so far."""


def expanded(type_: TypeAliasType) -> Type:
    """What an alias stands for; a copy only if that depends on its arguments."""
    assert type_.alias is not None
    return type_._expand_once() if type_.args or type_.alias.no_args else type_.alias.target


class Search:
    """A search for one kind of thing. What it has looked through in vain, it never looks at again."""

    def __init__(self) -> None:
        self._vain: Final[Met] = set()

    def through(self, look: Callable[[Met], bool]) -> bool:
        """Whether `look` finds something. It asks `is_new` of each alias and typed dictionary that it comes to."""
        met: Met = set()
        found = look(met)
        if not found:
            self._vain.update(key for key in met if not _is_generic(key[0]))
        return found

    def is_new(self, type_: TypeAliasType | TypedDictType, met: Met, *, inside: bool = False) -> bool:
        """Whether a type is still to be looked through. What is `inside` of something is another question."""
        if isinstance(type_, TypeAliasType):
            name: _Named | None = type_.alias
            if name is None:
                return False
            if type_.args and not type_.is_recursive:
                return True
        else:
            name = type_.fallback.type
            if _is_generic(name):
                return True
        key = name, inside
        if key in met or key in self._vain:
            return False
        met.add(key)
        return True


def _is_generic(name: _Named) -> bool:
    """Whether what a name stands for depends on the arguments that it is given."""
    return bool(name.defn.type_vars if isinstance(name, TypeInfo) else name.alias_tvars)
