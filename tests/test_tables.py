"""Nothing that mypy can put into a tree is unknown to lowering: a new node class fails here, not in silence."""

from __future__ import annotations

from collections.abc import Iterator

import mypy.nodes
import mypy.patterns
import pytest

from mypy_plugin.lower import EXPRESSIONS, PATTERNS, STATEMENTS

# Base classes, which no tree holds, and the class of placeholders that only mypy's own tests make.
ABSTRACT = {"RefExpr", "FakeExpression", "TypeVarLikeExpr", "ImportBase"}


def concrete(base: type[object]) -> Iterator[type[object]]:
    subclasses: list[type[object]] = base.__subclasses__()
    for derived in subclasses:
        yield from concrete(derived)
        if derived.__name__ not in ABSTRACT and derived.__module__.startswith("mypy."):
            yield derived


@pytest.mark.parametrize(
    ("base", "table"),
    [
        (mypy.nodes.Expression, EXPRESSIONS),
        (mypy.nodes.Statement, STATEMENTS),
        (mypy.patterns.Pattern, PATTERNS),
    ],
    ids=["expressions", "statements", "patterns"],
)
def test_every_node_class_has_a_row(base: type[object], table: dict[type[object], object]) -> None:
    classes = set(concrete(base))
    assert len(classes) > 5
    assert {cls.__name__ for cls in classes - set(table)} == set()
    assert {cls.__name__ for cls in set(table) - classes} == set()
