"""Which releases of mypy the plugin works with.

An editor may bring a mypy of its own: the plugin is then loaded by one that nobody chose. So it has to say so before it
imports anything that an older mypy lacks; this module imports nothing of mypy.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_too_new", "is_too_old", "not_loaded", "spelled", "too_old", "untried"]

OLDEST: Final = (1, 18)
NEWEST: Final = (2, 4)
"""What the tests run on. Older ones do not work, newer ones may."""


def is_too_old(version: str) -> bool:
    """Whether the plugin cannot run in it."""
    return _numbers(version) < OLDEST


def is_too_new(version: str) -> bool:
    """Whether nobody tried."""
    return _numbers(version) > NEWEST


def too_old(version: str, where: str) -> str:
    """What mypy says in place of a traceback."""
    oldest = spelled(OLDEST)
    return (
        f"mypy: error: budget-types needs mypy {oldest} or newer, and this is mypy {version} in {where}: "
        f'pip install "mypy>={oldest}"; if an editor brought it, set it to use the mypy of your environment'
    )


def untried(version: str) -> str:
    """A part of a sentence about a mypy that nobody tried."""
    return f"mypy {version} is newer than {spelled(NEWEST)}, the newest that was tried"


def not_loaded(version: str, error: Exception) -> str:
    """What mypy says where the plugin cannot be loaded, and nobody tried."""
    major, minor = NEWEST
    return (
        f"mypy: error: budget-types cannot be loaded ({type(error).__name__}: {error}): {untried(version)}: "
        f'pip install --upgrade budget-types, or pip install "mypy<{major}.{minor + 1}"'
    )


def spelled(version: tuple[int, int]) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
