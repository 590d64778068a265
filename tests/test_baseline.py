"""`budget-types check --baseline FILE`: what was there when a project began does not fail its runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from command import DOUBLE_MOVE, Done, budget_types, write
from hypothesis import given
from hypothesis import strategies as st

from mypy_plugin.reports.baseline import Baseline
from mypy_plugin.reports.problem import Problem
from mypy_plugin.reports.request import looked_at

NEW = """

def again(budget: Budget) -> int:
    take(budget)
    return budget.remaining
"""
SHARED: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What mypy knows of the standard library serves all these runs."""
    SHARED["MYPY_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    SHARED.clear()


def check(*arguments: str, cwd: Path) -> Done:
    return budget_types("check", *arguments, cwd=cwd, env=SHARED)


def project(directory: Path, files: Mapping[str, str] = {}) -> Path:
    return write(directory, {"main.py": DOUBLE_MOVE, "mypy.ini": "[mypy]\n", **files})


def test_old_findings_are_left_out_and_new_ones_are_not(tmp_path: Path) -> None:
    project(tmp_path, {"other.py": "x: int = ''\n"})
    written = check("--baseline", "known.json", "--update-baseline", ".", cwd=tmp_path)
    assert written == Done(0, "Success: no issues found (known.json has 2 findings: 2 came, 0 went)\n", "")
    clean = check("--baseline=known.json", ".", cwd=tmp_path)
    assert clean == Done(0, "Success: no issues found (2 old ones in known.json)\n", "")

    # Five lines further down, and another mistake above it, of which mypy says the same.
    write(tmp_path, {"main.py": DOUBLE_MOVE.replace("def twice", f"{NEW.strip()}\n\ndef twice")})
    done = check("--baseline=known.json", ".", cwd=tmp_path)
    first, hint, last = done.out.splitlines()
    assert re.fullmatch(
        r'main.py:7: error: "budget" is used after it was moved on line 6 .*  \[use-after-move\]', first
    )
    assert re.fullmatch(r"main.py:7: note: hint: .*", hint)
    assert last == "Found 1 error in 1 file (2 old ones in known.json)"
    assert (done.code, done.err) == (1, "")

    # A line that was changed and is still wrong is the old mistake.
    write(
        tmp_path,
        {"main.py": DOUBLE_MOVE.replace("    take(budget)\n    take(budget)", "    take(budget)\n    print(budget)")},
    )
    assert check("--baseline=known.json", ".", cwd=tmp_path).out == clean.out


def test_every_output_leaves_them_out(tmp_path: Path) -> None:
    project(tmp_path)
    check("--baseline=known.json", "--update-baseline", "main.py", cwd=tmp_path)
    write(tmp_path, {"main.py": DOUBLE_MOVE + NEW})
    as_lines = check("--baseline=known.json", "--output=json", "main.py", cwd=tmp_path)
    (record,) = map(json.loads, as_lines.out.splitlines())
    assert (record["line"], record["column"]) == (12, 11), "as mypy writes it"
    assert (as_lines.code, as_lines.err) == (1, "Found 1 error in 1 file (1 old one in known.json)\n")
    document = check("--baseline=known.json", "--output=gitlab", "main.py", cwd=tmp_path)
    (issue,) = json.loads(document.out)
    assert issue["location"]["lines"] == {"begin": 12, "end": 12}
    assert (document.code, document.err) == (as_lines.code, as_lines.err)


def test_what_is_put_right_can_be_taken_out(tmp_path: Path) -> None:
    """And only that: a run that looks at other files knows nothing of it."""
    project(tmp_path, {"other.py": "x: int = ''\n"})
    check("--baseline=known.json", "--update-baseline", ".", cwd=tmp_path)
    before = (tmp_path / "known.json").read_text()
    write(tmp_path, {"main.py": "x = 1\n"})
    assert check("--baseline=known.json", "other.py", cwd=tmp_path).out == (
        "Success: no issues found (1 old one in known.json)\n"
    )
    assert check("--baseline=known.json", ".", cwd=tmp_path).out == (
        "Success: no issues found (1 old one in known.json; 1 more is gone: --update-baseline takes it out)\n"
    )
    (tmp_path / "main.py").unlink()
    updated = check("--baseline=known.json", "--update-baseline", "other.py", cwd=tmp_path)
    assert updated.out == "Success: no issues found (known.json has 1 finding: 0 came, 1 went)\n"
    assert set((tmp_path / "known.json").read_text().splitlines()) < {*before.splitlines(), before.splitlines()[3][:-1]}

    write(tmp_path, {"main.py": DOUBLE_MOVE})
    updated = check("--baseline=known.json", "--update-baseline", "main.py", cwd=tmp_path)
    assert updated.out == "Success: no issues found (known.json has 2 findings: 1 came, 0 went)\n"
    assert (tmp_path / "known.json").read_text() == before


def test_a_run_that_ends_early_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    project(tmp_path, {"known.json": '{"version": 1, "findings": []}\n', "broken.py": "def f(:\n"})
    done = check("--baseline=known.json", "--update-baseline", "broken.py", cwd=tmp_path)
    assert done.code == 2
    assert "[syntax]" in done.out
    assert done.out.endswith("(known.json is left as it was)\n")
    assert (tmp_path / "known.json").read_text() == '{"version": 1, "findings": []}\n'


FINDING = '{"file": "a.py", "code": "c", "message": "m", "source": "s"}'
WRONG: dict[str, tuple[str | None, str]] = {
    "none": (None, "known.json: there is no such baseline; --update-baseline writes it"),
    "no JSON": ("<<<<<<< HEAD\n", "known.json: the baseline is not JSON: Expecting value: line 1 column 1 (char 0)"),
    "no version": ("[]", "known.json: the baseline has no version, and this budget-types reads version 1"),
    "later version": (
        '{"version": 2}',
        "known.json: the baseline is of version 2, and this budget-types reads version 1",
    ),
    "no findings": ('{"version": 1}', "known.json: finding 1 of the baseline is none: null"),
    "no finding": (
        f'{{"version": 1, "findings": [{FINDING}, {{"file": "a.py"}}]}}',
        'known.json: finding 2 of the baseline is none: {"file": "a.py"}',
    ),
    "no count": (
        f'{{"version": 1, "findings": [{FINDING[:-1]}, "count": 0}}]}}',
        f'known.json: finding 1 of the baseline is none: {FINDING[:-1]}, "count": 0}}',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_is_no_baseline(tmp_path: Path, case: str) -> None:
    text, problem = WRONG[case]
    project(tmp_path, {} if text is None else {"known.json": text})
    assert check("--baseline=known.json", "main.py", cwd=tmp_path) == Done(2, "", f"budget-types: {problem}\n")


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    project(tmp_path)
    done = check("--baseline=.", "main.py", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("budget-types: .: the baseline cannot be read: ")
    done = check("--baseline=gone/known.json", "--update-baseline", "main.py", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("budget-types: gone/known.json: the baseline cannot be written: ")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--update-baseline"], "--update-baseline needs --baseline FILE"),
        (["main.py", "--baseline"], "--baseline needs the name of a file"),
        (["--baseline", "b", "--output", "sarf"], 'no output is called "sarf": sarif, github, gitlab, junit, json'),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: list[str], problem: str) -> None:
    assert check(*arguments, cwd=project(tmp_path)) == Done(2, "", f"budget-types: {problem}\n")


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        ([], "main.py src/pkg/__init__.py src/pkg/sub/a.py other/a.py"),
        (["--strict", "--config-file=mypy.ini"], "main.py src/pkg/__init__.py src/pkg/sub/a.py other/a.py"),
        (["--config-file", "mypy.ini", "./main.py"], "main.py"),
        (["src/../other"], "other/a.py"),
        (["-p", "pkg"], "src/pkg/__init__.py src/pkg/sub/a.py"),
        (["--package", "pkg.sub", "main.py"], "main.py src/pkg/sub/a.py"),
        (["-m", "pkg"], "src/pkg/__init__.py"),
        (["-m", "pkg.sub.a"], "src/pkg/sub/a.py"),
    ],
)
def test_what_a_run_is_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], files: str) -> None:
    there = ["main.py", "src/pkg/__init__.py", "src/pkg/sub/a.py", "other/a.py"]
    monkeypatch.chdir(write(tmp_path, dict.fromkeys([*there, "mypy.ini"], "")))
    is_looked_at = looked_at(tuple(arguments))
    assert [file for file in there if is_looked_at(file)] == files.split()
    assert is_looked_at("gone.py")


problems = st.builds(
    Problem,
    file=st.sampled_from(["a.py", "dir/b.py", "ä.py"]),
    line=st.integers(1, 99),
    column=st.none(),
    end_line=st.none(),
    end_column=st.none(),
    message=st.sampled_from(["m", 'on line 3 "€"', "on line 4 and on line 5", "\n\\"]) | st.text(),
    hint=st.just(""),
    code=st.sampled_from(["", "use-after-move"]),
    severity=st.sampled_from(["error", "note"]),
    source=st.sampled_from(["", "take(budget)", "x"]),
)


@given(known=st.lists(problems), found=st.lists(problems))
def test_a_baseline_is_a_bag(
    tmp_path_factory: pytest.TempPathFactory, known: list[Problem], found: list[Problem]
) -> None:
    """It survives its file; it hides each finding as often as it knows it; what it hides and shows is all there was."""
    path = tmp_path_factory.getbasetemp() / "known.json"
    Baseline.of(known).save(path)
    baseline = Baseline.load(path)
    assert len(baseline) == len(known)
    assert baseline.new(known) == []
    shown = baseline.new(found)
    assert Baseline.of(shown).without(Baseline.of(found)) == 0
    assert Baseline.of(found).without(baseline) == len(shown)
    assert baseline.new([]) == []
    some, others = baseline.of_files("a.py".__eq__), baseline.of_files("a.py".__ne__)
    assert some.together(others).without(baseline) == baseline.without(some.together(others)) == 0
    assert baseline.together(Baseline.of(found)).without(baseline) >= len(shown)


def test_strictness_by_module(tmp_path: Path) -> None:
    """The other way to begin: mypy's own configuration, as docs/ci.md shows it."""
    page = (Path(__file__).parents[1] / "docs" / "ci.md").read_text("utf-8")
    (settings,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    files = {"pyproject.toml": settings, "legacy/__init__.py": "", "legacy/old.py": DOUBLE_MOVE}
    write(tmp_path, {**files, "main.py": DOUBLE_MOVE, "strict/__init__.py": "from budget_types import Budget\n"})
    write(tmp_path, {"strict/new.py": "from budget_types import Budget\n\nBUDGET = Budget(1)\n"})
    done = check("--output=json", ".", cwd=tmp_path)
    found = [json.loads(line) for line in done.out.splitlines()]
    assert sorted((record["file"], record["code"]) for record in found) == [
        ("main.py", "use-after-move"),
        ("strict/new.py", "budget-minted"),
    ]
