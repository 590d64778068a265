"""The words of ownership: which classes are affine, and how a parameter takes its value.

Everything here is transparent to every type checker: `Borrowed[T]`, `Shared[T]` and `Owned[T]` *are* `T`, and
the decorators return what they are given. Only the mypy plugin reads more into them. At run time they cost
nothing after import.

This module must never import mypy, nor know any particular affine class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar, overload

__all__ = ["Borrowed", "Owned", "Shared", "affine", "consumes", "is_affine", "move"]

T = TypeVar("T")
_Class = TypeVar("_Class", bound=type[Any])
_Method = TypeVar("_Method", bound=Callable[..., Any])


class Mode:
    """How a parameter takes its value (rules, section 4). The metadata inside `Annotated`."""

    def __init__(self, name: str) -> None:
        self._name: Final = name

    def __repr__(self) -> str:
        return self._name


Borrowed = Annotated[T, Mode("Borrowed")]
"""Lent for the call, exclusively: the callee may use and change the value and must not move it (rule 4)."""

Shared = Annotated[T, Mode("Shared")]
"""Lent read-only; any number of such loans may exist at a time (rule 4)."""

Owned = Annotated[T, Mode("Owned")]
"""Taken by move. What a parameter of an affine type does anyway, said aloud; needed on `self` (rule 4)."""


@overload
def affine(cls: _Class, /) -> _Class: ...
@overload
def affine(*, must_use: bool = ...) -> Callable[[_Class], _Class]: ...
def affine(cls: _Class | None = None, /, *, must_use: bool = False) -> _Class | Callable[[_Class], _Class]:
    """Declare that a value of this class, or of a subclass, has one owner at a time (rule 1).

    With `must_use=True` the class is linear: a value that is dropped without being spent, moved or returned is
    reported too (`budget-dropped`).

    >>> @affine
    ... class Ticket: ...
    >>> is_affine(Ticket)
    True
    """

    def mark(marked: _Class) -> _Class:
        marked.__affine__ = "must_use" if must_use else "affine"
        return marked

    return mark if cls is None else mark(cls)


def is_affine(cls: type[Any], /) -> bool:
    """Tell whether `cls` or a base of it was marked with `affine`.

    >>> is_affine(int)
    False
    """
    return hasattr(cls, "__affine__")


def consumes(method: _Method, /) -> _Method:
    """Declare that calling this method ends its receiver: `self` is taken by move (rule 4).

    >>> class Ticket:
    ...     @consumes
    ...     def punch(self) -> None: ...
    >>> Ticket().punch()
    """
    return method


def move(value: Owned[T], /) -> T:
    """Say aloud that a value is given away here, and get it back as the new owner (rule 8).

    A class may say what that means at run time with a method `__move__(self) -> Self`: a `Budget` gives a new handle,
    and every later use of the old one raises BudgetMoved. Any other value is returned as it is.

    >>> move("ticket")
    'ticket'
    """
    hand_over: Callable[[T], T] | None = getattr(type(value), "__move__", None)
    return value if hand_over is None else hand_over(value)
