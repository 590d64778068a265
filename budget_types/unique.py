"""`Unique`: what there is one of is neither copied nor pickled, whoever asks, in whichever protocol.

This module must never know what is unique, or why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NoReturn

if TYPE_CHECKING:
    from typing_extensions import Self, SupportsIndex

__all__ = ["Unique"]


class Unique:
    """Raises TypeError at every attempt to make a second one out of it, with what to do instead."""

    __slots__ = ()

    _instead: ClassVar[str]

    def __copy__(self) -> Self:
        self._refuse("copied")

    def __deepcopy__(self, memo: object) -> Self:
        self._refuse("copied")

    def __replace__(self, **changes: object) -> Self:
        self._refuse("copied")

    def __reduce__(self) -> NoReturn:
        self._refuse("pickled")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self._refuse("pickled")

    def _refuse(self, how: str) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be {how}: {self._instead}")
