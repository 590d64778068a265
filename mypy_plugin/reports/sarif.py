"""SARIF 2.1.0, for GitHub's code scanning and whatever else reads it.

Written by hand: the libraries that write it (sarif-om) have not been kept since 2019, and it is one dictionary.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final
from urllib.parse import quote

from mypy.errorcodes import error_codes

from budget_types import __version__

from ..codes import AFFINE
from ..explain import Page, pages
from .problem import Problem, Run, fingerprints

__all__ = ["write"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NO_CODE: Final = "mypy"
_MYPYS_PAGE: Final = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
_ELSEWHERE: Final = re.compile(r"\bon line (\d+)")


def write(run: Run) -> str:
    """One log with one run."""
    codes = sorted({problem.code or _NO_CODE for problem in run.problems})
    invocation: dict[str, object] = {"executionSuccessful": run.code in (0, 1), "exitCode": run.code}
    if run.failure:
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": run.failure}}]
    known = pages()
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "budget-types",
                        "version": __version__,
                        "rules": [_rule(code, known.get(code)) for code in codes],
                    }
                },
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(problem, codes.index(problem.code or _NO_CODE), fingerprint)
                    for problem, fingerprint in zip(run.problems, fingerprints(run.problems), strict=True)
                ],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(code: str, page: Page | None) -> dict[str, object]:
    registered = error_codes.get(code)
    summary = page.summary if page is not None else registered.description if registered is not None else code
    rule: dict[str, object] = {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": summary},
    }
    if page is not None:
        rule["help"] = {"text": f"{summary}: budget-types explain {code}", "markdown": page.text}
    elif registered is not None and registered is not AFFINE:
        rule["helpUri"] = f"{_MYPYS_PAGE}{code}"
    return rule


def _result(problem: Problem, rule: int, fingerprint: str) -> dict[str, object]:
    related = [
        {"id": number, "physicalLocation": _place(problem.file, {"startLine": line}), "message": {"text": "named here"}}
        for number, line in enumerate(_lines_named(problem), 1)
    ]
    return {
        "ruleId": problem.code or _NO_CODE,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": problem.text},
        "locations": [{"physicalLocation": _place(problem.file, _region(problem))}],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"budgetTypes/v1": fingerprint},
    }


def _lines_named(problem: Problem) -> Iterator[int]:
    """The lines of the same file that a message of ours speaks of. mypy's own may mean another file."""
    code = error_codes.get(problem.code)
    if code is not None and code.sub_code_of is AFFINE:
        yield from dict.fromkeys(int(line) for line in _ELSEWHERE.findall(problem.message) if int(line) > 0)


def _region(problem: Problem) -> dict[str, int]:
    region = {
        "startLine": problem.line,
        "startColumn": problem.column,
        "endLine": problem.end_line,
        "endColumn": problem.end_column,
    }
    return {name: value for name, value in region.items() if value is not None}


def _place(file: str, region: dict[str, int]) -> dict[str, object]:
    if file.startswith("/") or PureWindowsPath(file).drive:
        path = PureWindowsPath(file) if PureWindowsPath(file).drive else PurePosixPath(file)
        artifact = {"uri": path.as_uri()}
    else:
        artifact = {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": artifact, **({"region": region} if region else {})}
