"""The examples in the docstrings of `budget_types` are true."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["budget", "ownership"])
def test_examples(name: str) -> None:
    failed, attempted = doctest.testmod(importlib.import_module(f"budget_types.{name}"))
    assert attempted > 0
    assert failed == 0
