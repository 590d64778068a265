"""After any sequence of edits, all ways of running mypy say the same: see `docs/one-truth.md`.

`make soak` makes many more edits. Here the seeds are fixed, so that the test is the same every time.
"""

from __future__ import annotations

import pytest
from edits.machine import edit_at_random

EDITS = 50
KINDS = frozenset({"body", "signature", "affine", "hierarchy", "file", "break", "mend"})


@pytest.mark.parametrize("number", range(4))
def test_one_truth(number: int) -> None:
    asked = edit_at_random(number, edits=EDITS)
    assert asked.edits.total() >= EDITS
