"""What docs/ci.md shows for CI systems: valid by their published schemas, and each command does what the page says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from command import DOUBLE_MOVE, Done, program, python, run, write

PAGE = (Path(__file__).parents[1] / "docs" / "ci.md").read_text("utf-8")
SNIPPETS = re.findall(r"```yaml\n(# (\S+)\n.*?)```", PAGE, re.DOTALL)
ANNOTATED, SCANNED, GITLAB, AZURE = (yaml.safe_load(text) for text, _ in SNIPPETS)
SCHEMAS = {
    ".github/workflows/budgets.yml": ["vendor.github-workflows"],
    ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    # Its patterns escape what ECMAScript lets nobody escape in Unicode mode, the tool's default.
    "azure-pipelines.yml": [
        "vendor.azure-pipelines",
        "--data-transform",
        "azure-pipelines",
        "--regex-variant",
        "nonunicode",
    ],
}


@pytest.mark.parametrize(("text", "name"), SNIPPETS)
def test_a_snippet_is_valid(tmp_path: Path, text: str, name: str) -> None:
    path = write(tmp_path, {name: text}) / name
    done = run(python("-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[name], str(path)), cwd=tmp_path)
    assert done.code == 0, done


def lines(steps: list[Any], key: str) -> Iterator[str]:
    """The commands of a job that are ours; the others install."""
    for step in steps:
        command = step if isinstance(step, str) else step.get(key, "")
        if command.startswith("budget-types"):
            yield command
        else:
            assert not command or command.startswith("pip install ")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("project"), {"main.py": DOUBLE_MOVE, "mypy.ini": "[mypy]\n"})


def shell(command: str, project: Path) -> Done:
    """As CI systems run a line: it ends at the first error."""
    path = os.pathsep.join([str(Path(program("budget-types")).parent), os.environ["PATH"]])
    roots = {"GITHUB_WORKSPACE": str(project), "CI_PROJECT_DIR": str(project)}
    return run(["bash", "-e", "-c", command], cwd=project, env={"PATH": path, **roots})


JOBS: dict[str, tuple[list[Any], str, str]] = {
    "annotations": (ANNOTATED["jobs"]["check"]["steps"], "run", ""),
    "code scanning": (
        SCANNED["jobs"]["check"]["steps"],
        "run",
        SCANNED["jobs"]["check"]["steps"][-1]["with"]["sarif_file"],
    ),
    "GitLab": (GITLAB["budgets"]["script"], "", GITLAB["budgets"]["artifacts"]["reports"]["codequality"]),
    "Azure": (AZURE["steps"], "script", AZURE["steps"][-1]["inputs"]["testResultsFiles"]),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_fails_and_leaves_what_is_uploaded(project: Path, job: str) -> None:
    steps, key, artifact = JOBS[job]
    (command,) = lines(steps, key)
    done = shell(command, project)
    assert (done.code, done.err) == (1, "Found 1 error in 1 file\n")
    document = (project / artifact).read_text("utf-8") if artifact else done.out
    assert "use-after-move" in document
    assert not artifact or done.out == ""


def test_the_baseline_of_the_page(project: Path) -> None:
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    (said,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    done = shell(commands, project)
    assert (done.code, done.out.splitlines(keepends=True)[-1], done.err) == (0, said, "")
