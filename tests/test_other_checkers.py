"""Programs written with `budget_types` are clean for type checkers that know nothing of ownership, without a plugin.

`fixtures/annotated` has every public name in every place, as strictly as each checker can; then all other programs of
`fixtures`, the wrong ones included: what is wrong about ownership is no error in types. And what is wrong about types
is found by each of them: the annotations hide nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from command import program, run
from expectations import expected
from other_checkers import CHECKERS, Checker, Remark

import budget_types
from mypy_plugin import codes

FIXTURES = Path(__file__).parents[1] / "fixtures"
ANNOTATED = "annotated"
OURS = {getattr(codes, name).code for name in codes.__all__}
PROGRAMS = ("experiment", "incidents", "parity", "research_team", "rules")
"""The directories of `fixtures` that need nothing but what the tests have."""

UNBOUND = "a name that may have no value: mypy's own `possibly-undefined`, which strict does not switch on"
BY_POSITION = "the override calls a parameter by another name, which mypy lets pass"
SELF_IN_A_LIST = "a list of `Self` is none of the class: mypy takes the type of a display from where it goes"
BY_ATTRIB = "a field by `attr.ib(...)` alone is one to mypy only"
BY_SOME_KEYS = "`|` of a TypedDict and a display with some of its keys is that TypedDict to mypy, and a dict to others"
DECLARED_IN_A_METHOD = "an attribute that is declared in a method, by an alias of Annotated: see docs/other-checkers.md"
LEFT_OUT: dict[str, dict[tuple[str, str], str]] = {
    "pyright": {
        ("incidents/context_amplification/mastra_5490.py", "reportPossiblyUnboundVariable"): UNBOUND,
        ("incidents/context_amplification/mastra_5490_mended.py", "reportPossiblyUnboundVariable"): UNBOUND,
        ("rules/attrs_cycle.py", "reportGeneralTypeIssues"): BY_ATTRIB,
        ("rules/attrs_cycle.py", "reportCallIssue"): BY_ATTRIB,
        ("rules/attrs_cycle_other.py", "reportGeneralTypeIssues"): BY_ATTRIB,
        ("rules/class_default_attrs.py", "reportGeneralTypeIssues"): "a default by `attr.ib(...)` is one to mypy only",
        ("rules/del_name.py", "reportPossiblyUnboundVariable"): UNBOUND,
        ("rules/derived_borrows.py", "reportGeneralTypeIssues"): DECLARED_IN_A_METHOD,
        ("rules/finally_return.py", "reportPossiblyUnboundVariable"): UNBOUND,
        ("rules/loans_in_constructors.py", "reportGeneralTypeIssues"): DECLARED_IN_A_METHOD,
        ("rules/match_parts.py", "reportAttributeAccessIssue"): "a named tuple matched as a sequence is a bare tuple",
        ("rules/mismatch_override.py", "reportIncompatibleMethodOverride"): BY_POSITION,
        ("rules/record_updates.py", "reportAssignmentType"): BY_SOME_KEYS,
        ("rules/record_updates.py", "reportReturnType"): BY_SOME_KEYS,
        ("rules/self_fields.py", "reportReturnType"): SELF_IN_A_LIST,
        ("rules/typed_dict_pop.py", "reportTypedDictNotRequiredAccess"): "mypy reads a key that may be missing",
    },
    "ty": {
        ("rules/attrs_cycle.py", "too-many-positional-arguments"): BY_ATTRIB,
        ("rules/container_lookups.py", "incompatible-method-override"): "`dict.get` has overloads that mypy lets go",
        ("rules/finally_return.py", "unresolved-reference"): UNBOUND,
        ("rules/mismatch_callable.py", "invalid-assignment"): "a display in a tuple does not know where it goes",
        ("rules/mismatch_override.py", "lost-keyword-for-regular-parameter"): BY_POSITION,
    },
    "pyrefly": {
        ("incidents/context_amplification/mastra_5490.py", "unbound-name"): UNBOUND,
        ("incidents/context_amplification/mastra_5490_mended.py", "unbound-name"): UNBOUND,
        ("rules/del_name.py", "unbound-name"): UNBOUND,
        ("rules/finally_return.py", "unbound-name"): UNBOUND,
        ("rules/mismatch_callable.py", "bad-assignment"): "a display in a tuple does not know where it goes",
        ("rules/mismatch_override.py", "bad-override-param-name"): BY_POSITION,
        ("rules/record_updates.py", "bad-assignment"): BY_SOME_KEYS,
        ("rules/record_updates.py", "bad-return"): BY_SOME_KEYS,
        ("rules/self_fields.py", "bad-return"): SELF_IN_A_LIST,
    },
}
"""Where a checker has another opinion than mypy, in a matter that has nothing to do with our annotations but one."""


def usable(name: str, directory: Path) -> Checker:
    """The checker, or a skip with the reason; in CI each has to be there."""
    checker = CHECKERS[name]
    if reason := checker.why_not(directory):
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    return checker


def about_types(path: Path) -> set[int]:
    """The lines of a program that mypy itself has something to say of."""
    marks = expected(path.read_text(encoding="utf-8"))
    return {number for number, line in marks.items() if not line.errors.keys() <= OURS}


@pytest.mark.parametrize("name", CHECKERS)
def test_every_annotation_is_clean_and_hides_nothing(name: str, tmp_path: Path) -> None:
    checker = usable(name, tmp_path)
    shutil.copytree(FIXTURES / ANNOTATED, tmp_path / ANNOTATED)
    remarks = checker.check(tmp_path, [ANNOTATED], strict=True)
    wrong = f"{ANNOTATED}/wrong_types.py"
    assert [remark for remark in remarks if remark.file != wrong] == []
    errors = {remark.line for remark in remarks if remark.severity == "error"}
    assert errors == about_types(FIXTURES / wrong)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_wrong_about_ownership_is_no_error_in_types(name: str, tmp_path: Path) -> None:
    """basedpyright is not among them: its analysis is pyright's."""
    checker = usable(name, tmp_path)
    for directory in PROGRAMS:
        shutil.copytree(FIXTURES / directory, tmp_path / directory)
    remarks = [
        remark
        for remark in checker.check(tmp_path, PROGRAMS, strict=False)
        if remark.severity == "error" and remark.line not in about_types(FIXTURES / remark.file)
    ]
    left_out = LEFT_OUT[name]
    assert [remark for remark in remarks if (remark.file, remark.rule) not in left_out] == []
    assert left_out.keys() - {(remark.file, remark.rule) for remark in remarks} == set(), "no longer needed"


def test_the_package_has_a_type_for_every_name(tmp_path: Path) -> None:
    """What pyright asks of a package with inline types, so that no checker has to guess."""
    usable("pyright", tmp_path)
    # It asks the first `python` on the PATH where packages are.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [program("pyright"), "--outputjson", "--ignoreexternal", "--verifytypes", budget_types.__name__]
    report = json.loads(run(command, cwd=tmp_path, env={"PATH": path}).out)
    completeness: Mapping[str, object] = report["typeCompleteness"]
    assert completeness["packageRootDirectory"] == str(Path(budget_types.__file__).parent)
    incomplete = [symbol["name"] for symbol in report["typeCompleteness"]["symbols"] if not symbol["isTypeKnown"]]
    assert (incomplete, completeness["completenessScore"]) == ([], 1)


def test_every_public_name_is_in_the_program() -> None:
    source = (FIXTURES / ANNOTATED / "everything.py").read_text(encoding="utf-8")
    imported = source.partition("from budget_types import (")[2].partition(")")[0]
    assert {name.strip() for name in imported.split(",")} - {""} == set(budget_types.__all__)


def test_a_remark_is_read_where_it_stands(tmp_path: Path) -> None:
    """Of the one checker that is read line by line."""
    said = "a.py:3:5: error[invalid-assignment] Object of type `int`\nFound 1 diagnostic\n"
    remark = Remark("a.py", 3, "invalid-assignment", "error", "Object of type `int`")
    assert list(CHECKERS["ty"].read(said, tmp_path)) == [remark]
    with pytest.raises(RuntimeError, match="do not understand"):
        list(CHECKERS["ty"].read("ty is busy\n", tmp_path))
