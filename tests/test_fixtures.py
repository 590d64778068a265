"""Every program under `fixtures/` gets exactly the errors that it states: see `expectations`.

mypy runs once for each directory of `fixtures`, with all that is below it. Under xdist all files of a directory go
to one worker (`--dist loadgroup`), so that this stays true.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from expectations import MYPY, Remarks, difference, expected, needed, run_mypy, supported

FIXTURES = Path(__file__).parents[1] / "fixtures"
PROGRAMS = sorted(
    path.relative_to(FIXTURES)
    for path in FIXTURES.glob("*/**/*.py")
    # Each framework has an environment of its own: `test_frameworks`.
    if path.relative_to(FIXTURES).parts[0] != "frameworks"
)

LATER = [path for path in PROGRAMS if not supported(path)]
"""What mypy reads by a parser of its own, if it has one."""

Results = dict[str, dict[str, Remarks]]


@pytest.fixture(scope="session")
def results() -> Results:
    """What mypy found, by directory and file; filled as directories are asked for."""
    return {}


def _parameter(path: Path) -> object:
    reason = f"{path.name} needs a newer Python"
    marks = [pytest.mark.xdist_group(path.parts[0]), pytest.mark.skipif(not supported(path), reason=reason)]
    return pytest.param(path, id=path.as_posix(), marks=marks)


@pytest.mark.parametrize("path", [_parameter(path) for path in PROGRAMS])
def test_fixture(path: Path, results: Results, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = path.parts[0]
    if directory not in results:
        programs = [each.relative_to(directory) for each in PROGRAMS if each.parts[0] == directory]
        scratch = tmp_path_factory.mktemp(directory)
        results[directory] = run_mypy(FIXTURES / directory, list(filter(supported, programs)), scratch)
    _compare(path, results[directory].get(path.relative_to(directory).as_posix(), {}))


@pytest.mark.skipif(MYPY < (2, 0), reason="mypy 1 reads programs with the parser of the Python that runs")
@pytest.mark.parametrize("path", LATER, ids=Path.as_posix)
def test_fixture_of_a_later_python(path: Path, tmp_path: Path) -> None:
    directory, file = FIXTURES / path.parts[0], path.relative_to(path.parts[0])
    arguments = ["--native-parser", "--python-version={}.{}".format(*needed(path))]
    _compare(path, run_mypy(directory, [file], tmp_path, arguments).get(file.as_posix(), {}))


def _compare(path: Path, found: Remarks) -> None:
    source = (FIXTURES / path).read_text(encoding="utf-8")
    differing = difference(source, expected(source), found)
    if differing:
        pytest.fail(f"fixtures/{path.as_posix()}\n{differing}", pytrace=False)
