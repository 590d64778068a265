"""JUnit's XML, in the dialect that Jenkins and its kin read: each error is a test that failed.

mypy's own `--junit-xml` has one test for a run or a file, and only text in it. junit-xml, the library that is used
most, had its last release in 2020.
"""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from .problem import Problem, Run

__all__ = ["write"]

_NO_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What cannot stand in XML 1.0, not even escaped."""


def write(run: Run) -> str:
    """One suite. Notes are what the tests that passed printed; a run that ended early is an error of the suite."""
    cases = [_case(problem) for problem in run.problems]
    if run.failure:
        cases.append(_testcase("mypy", "mypy", f"<error{_attributes(message=run.failure, type='mypy')}/>"))
    if not cases:
        # Some readers refuse a suite without tests.
        cases.append(_testcase("mypy", "mypy", ""))
    failed, broken = str(len(run.errors)), str(int(bool(run.failure)))
    suite = _attributes(name="budget-types", tests=str(len(cases)), failures=failed, errors=broken)
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>", f"<testsuite{suite}>", *cases]
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def _case(problem: Problem) -> str:
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part is not None)
    whole = f"{place}: {problem.severity}: {problem.text}"
    if problem.severity == "note":
        inside = f"<system-out>{_text(whole)}</system-out>"
    else:
        attributes = _attributes(message=problem.message, type=problem.code or "mypy")
        inside = f"<failure{attributes}>{_text(whole)}</failure>"
    return _testcase(problem.file, f"{place} {problem.code}".rstrip(), inside)


def _testcase(classname: str, name: str, inside: str) -> str:
    return f"<testcase{_attributes(classname=classname, name=name)}>{inside}</testcase>"


def _attributes(**values: str) -> str:
    return "".join(f" {name}={quoteattr(_legal(value))}" for name, value in values.items())


def _text(text: str) -> str:
    return escape(_legal(text), {"\r": "&#13;"})


def _legal(text: str) -> str:
    return _NO_XML.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
