"""Where in the program, and not in this package, something happens."""

from __future__ import annotations

import os
import sys
import warnings
from types import FrameType

__all__ = ["placed", "warn"]


def placed(how: str) -> str:
    """With `BUDGET_TYPES_DEBUG=1`: what happened, and where."""
    if os.environ.get("BUDGET_TYPES_DEBUG") != "1":
        return how
    frame = _caller()
    return f"{how} at {frame.f_code.co_filename}:{frame.f_lineno}"


def warn(text: str, category: type[Warning]) -> None:
    """Warn on the line of the program that led here."""
    frame = _caller()
    warnings.warn_explicit(
        text, category, frame.f_code.co_filename, frame.f_lineno, registry=frame.f_globals.get("__warningregistry__")
    )


def _caller() -> FrameType:
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return frame
