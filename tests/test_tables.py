"""The tables are complete.

Nothing that mypy can put into a tree is unknown to lowering, and no affine class of ours to the table of what mints:
a new one fails here, not in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mypy.nodes
import mypy.patterns
import pytest

import budget_types
from mypy_plugin.events import Fault
from mypy_plugin.knowledge import GIVEN, MINTED
from mypy_plugin.lower import EXPRESSIONS, PATTERNS, STATEMENTS
from mypy_plugin.sources import is_test
from mypy_plugin.wording import FAULTS

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


def test_every_affine_class_of_ours_is_minted_or_given() -> None:
    exported = [getattr(budget_types, name) for name in budget_types.__all__]
    affine = {
        f"{each.__module__}.{each.__qualname__}"
        for each in exported
        if isinstance(each, type) and budget_types.is_affine(each)
    }
    assert affine - (MINTED | GIVEN) == set(), "say whether its constructor makes a cap from nothing"
    assert affine >= MINTED
    assert not MINTED & GIVEN


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("test_agents.py", True),
        ("app/agents_test.py", True),
        ("app/conftest.py", True),
        ("app/tests/helpers.py", True),
        ("tests/data/programs.py", True),
        ("app/agents.py", False),
        ("app/contest.py", False),
        ("app/latest.py", False),
        ("tests.py", False),
    ],
)
def test_which_files_are_tests(path: str, expected: bool) -> None:
    assert is_test(path) is expected
    assert is_test(str(Path(path).absolute())) is expected


def test_a_project_that_lies_under_tests_is_no_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "tests" / "project"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)
    assert not is_test(str(project / "app.py"))
    assert is_test(str(project / "tests" / "app.py"))


def test_every_fault_has_a_sentence() -> None:
    assert set(Fault) - set(FAULTS) == {Fault.NOT_OWNED}, "of which the place says more than the fault"
