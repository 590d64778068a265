"""Slices on their way to another process on this machine: a file that exists until somebody redeems it.

The token names a directory that only this user can read. To redeem is to rename the file in it, which succeeds for
one process only, however many try. This module must never know budgets.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .amount import Amounts
from .errors import BudgetMoved

__all__ = ["Slice", "read", "write"]

_PREFIX: Final = "budget-slice:"
_FILE: Final = "slice.json"


@dataclass(frozen=True, slots=True)
class Slice:
    """What was exported."""

    path: str
    amounts: Amounts
    seconds_left: float | None


def write(path: str, amounts: Amounts, seconds_left: float | None) -> str:
    """Keep a slice for whoever redeems the token that is returned."""
    directory = Path(tempfile.mkdtemp(prefix="budget-slice-"))
    document = {
        "path": path,
        "amounts": {unit: str(amount) for unit, amount in amounts.items()},
        # Monotonic clocks of two processes need not agree.
        "expires": None if seconds_left is None else time.time() + seconds_left,
    }
    (directory / _FILE).write_text(json.dumps(document), "utf-8")
    return f"{_PREFIX}{directory}"


def read(token: str) -> Slice:
    """Redeem a token. Raises ValueError for text that is none, BudgetMoved if it was redeemed before."""
    if not isinstance(token, str) or not token.startswith(_PREFIX):
        raise ValueError(f"not a token of Budget.export(): {token!r}")
    directory = Path(token.removeprefix(_PREFIX))
    claimed = directory / "claimed.json"
    try:
        (directory / _FILE).rename(claimed)
    except FileNotFoundError:
        raise BudgetMoved("this token was redeemed before, or does not come from this machine") from None
    document = json.loads(claimed.read_text("utf-8"))
    claimed.unlink()
    directory.rmdir()
    expires = document["expires"]
    return Slice(
        document["path"],
        {unit: int(amount) for unit, amount in document["amounts"].items()},
        None if expires is None else expires - time.time(),
    )
