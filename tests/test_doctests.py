"""The examples in the docstrings of `budget_types` are true, and every public name has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import budget_types

MODULES = [name for _, name, _ in pkgutil.iter_modules(budget_types.__path__, "budget_types.") if name[13:] != "mypy"]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def public() -> Iterator[tuple[str, Any]]:
    """Every class and function that is exported, and every method and property that is not an underscore's."""
    for name in budget_types.__all__:
        value = getattr(budget_types, name)
        # Python 3.10 takes an alias such as `Callable[...]` for a class.
        is_class = inspect.isclass(value) and value.__module__.startswith("budget_types")
        if is_class or inspect.isfunction(value):
            yield name, value
        if is_class:
            for member in dir(value):
                if not member.startswith("_") and not hasattr(BaseException, member):
                    found = inspect.getattr_static(value, member)
                    if isinstance(found, property) or inspect.isroutine(found):
                        yield f"{name}.{member}", found


@pytest.mark.parametrize(("name", "value"), [pytest.param(name, value, id=name) for name, value in public()])
def test_every_public_name_shows_its_use(name: str, value: Any) -> None:
    assert ">>> " in (inspect.getdoc(value) or ""), f"{name} has no example in its docstring"
