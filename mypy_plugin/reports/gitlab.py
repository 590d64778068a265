"""GitLab's code quality report: what a merge request adds and takes away.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json

from .problem import Problem, Run, fingerprints

__all__ = ["write"]


def write(run: Run) -> str:
    """One array."""
    issues = [_issue(*pair) for pair in zip(run.problems, fingerprints(run.problems), strict=True)]
    if run.failure:
        # The report has no other place for it, and an empty one would say that all was put right.
        stopped = Problem(".", None, None, None, None, run.failure, "", "mypy", "error")
        issues.append({**_issue(stopped, *fingerprints([stopped])), "severity": "blocker"})
    return json.dumps(issues, indent=2) + "\n"


def _issue(problem: Problem, fingerprint: str) -> dict[str, object]:
    line = problem.line or 1
    return {
        "type": "issue",
        "check_name": problem.code or "mypy",
        "description": problem.text,
        "categories": ["Bug Risk"],
        "severity": "major" if problem.severity == "error" else "info",
        "fingerprint": fingerprint,
        "location": {"path": problem.file, "lines": {"begin": line, "end": problem.end_line or line}},
    }
