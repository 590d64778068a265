"""What to say beside a name that nobody knows. Knows nothing but text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that says `name` is unknown: the known name that is near it, or nothing.

    >>> did_you_mean("afine", ["affine", "mint"])
    '; did you mean "affine"?'
    >>> did_you_mean("z", ["affine", "mint"])
    ''
    """
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
