"""After any sequence of edits, all ways of running mypy say the same: see `docs/one-truth.md`.

`make soak` makes many more edits. Here the seeds are fixed, so that the test is the same every time.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from edits.machine import edit_at_random
from edits.project import KINDS
from edits.ways import HAS_PARALLEL

SEEDS = range(4)
EDITS = 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="`edits.starter` forks")
@pytest.mark.parametrize("number", SEEDS)
def test_one_truth(number: int) -> None:
    asked = edit_at_random(number, edits=EDITS)
    assert asked.edits.total() >= EDITS
    assert asked.ways["daemon"] > EDITS
    assert asked.ways["warm"] > EDITS / 4
    assert asked.ways["files in another order"] >= EDITS / 10
    assert asked.ways["-n 4"] >= EDITS // 16 or not HAS_PARALLEL
    assert asked.ways["no cache"] > 0


def test_every_kind_of_edit_is_among_them() -> None:
    made = sum((edit_at_random(number, edits=EDITS, ask=False).edits for number in SEEDS), Counter[str]())
    assert made.keys() == KINDS
    assert made.total() >= 200
