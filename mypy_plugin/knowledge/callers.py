"""Decorators that are known to call their function no more often than what they give back is called."""

from __future__ import annotations

from typing import Final

__all__ = ["PASSING_ON"]

PASSING_ON: Final = frozenset(
    {
        "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
        "typing.final",
        "typing.no_type_check",
        "typing_extensions.final",
        "typing_extensions.deprecated",
        "warnings.deprecated",
        "types.coroutine",
    }
)
"""Decorators that call the function as often as what they give back is called."""
