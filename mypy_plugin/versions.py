"""Which versions of mypy this plugin works with, and what to say to another one.

This module must never import mypy: where mypy is too old, it is all that can be imported.
"""

from __future__ import annotations

import re
from typing import Final

from budget_types import __version__

__all__ = ["NEWEST_MYPY", "OLDEST_MYPY", "is_newer", "is_too_old", "too_new", "too_old", "untried"]

OLDEST_MYPY: Final = (1, 18)
NEWEST_MYPY: Final = (2, 4)
"""What the tests run on. Older ones are refused; newer ones may work."""


def is_too_old(version: str) -> bool:
    """Whether the plugin does not work with this mypy."""
    return _parsed(version) < OLDEST_MYPY


def is_newer(version: str) -> bool:
    """Whether this mypy is newer than any that was tried."""
    return _parsed(version) > NEWEST_MYPY


def too_old(version: str) -> str:
    """The one line about a mypy that is too old."""
    oldest = _shown(OLDEST_MYPY)
    mend = f'pip install "mypy>={oldest}"'
    return f"budget-types {__version__} needs mypy {oldest} or newer, and this is mypy {version}: {mend}"


def untried(version: str) -> str:
    """The one line about a mypy that is newer than what was tried."""
    newest = _shown(NEWEST_MYPY)
    return f"mypy {version} is newer than mypy {newest}, the newest that budget-types {__version__} was tried with"


def too_new(version: str, error: Exception) -> str:
    """The one line about a mypy that is so new that the plugin cannot be loaded."""
    major, minor = NEWEST_MYPY
    reason = f"{type(error).__name__}: {error}"
    return (
        f"{untried(version)}, and does not work with it ({reason}): "
        f'pip install --upgrade budget-types, or pip install "mypy<{major}.{minor + 1}"'
    )


def _parsed(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def _shown(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
