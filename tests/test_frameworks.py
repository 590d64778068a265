"""`fixtures/frameworks` runs: what the checker says of the programs is what happens to them.

`make frameworks` installs them, in the releases whose numbers the recipes show, and names those that are there
in `INSTALLED_FRAMEWORKS`. Elsewhere there is nothing to test.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from expectations import Remarks, difference, expected, run_mypy

from mypy_plugin.knowledge.frameworks import CONTEXTS, LENT, WORKERS

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures" / "frameworks"
RECIPES = ROOT / "docs" / "recipes"

PACKAGES = {
    "autogen_agentchat": ("autogen_agentchat",),
    "crewai": ("crewai",),
    "langgraph": ("langgraph", "langchain_core"),
    "openai_agents": ("agents",),
    "pydantic_ai": ("pydantic_ai",),
}
"""What is imported for each directory of programs."""

INSTALLED = os.environ.get("INSTALLED_FRAMEWORKS", "").split()
BILLED = re.compile(r"(?P<calls>\d+) \w+, billed (?P<total>\d+), cap (?P<cap>\d+): (?P<verdict>.+)")
CONSOLE = re.compile(r"^```console\n\$ (?P<command>python|mypy) (?P<path>\S+)\n(?P<output>.*?)^```$", re.M | re.S)


def needs(framework: str) -> None:
    """Skip what needs a framework that is not here."""
    if framework not in INSTALLED:
        pytest.skip(f"{framework}: make frameworks")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory for frameworks that keep something in it."""
    return tmp_path_factory.mktemp("home")


def output(path: Path, home: Path) -> str:
    """What a program prints. The last line is the provider's bill."""
    places = {"HOME": str(home), "XDG_DATA_HOME": str(home), "CREWAI_STORAGE_DIR": str(home / "crewai")}
    settings = {"PYTHONIOENCODING": "utf-8", "LANGSMITH_TRACING": "false"}
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, encoding="utf-8", env=os.environ | places | settings
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def checked(framework: str, scratch: Path) -> dict[str, Remarks]:
    """What mypy says of the programs of a framework, by file."""
    directory = scratch / framework
    directory.mkdir()
    return run_mypy(FIXTURES / framework, [Path(path.name) for path in programs(framework)], directory)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checked")


def programs(framework: str) -> list[Path]:
    return sorted((FIXTURES / framework).glob("*.py"))


PROGRAMS = [path for framework in PACKAGES for path in programs(framework) if path.name != "team.py"]


def test_every_framework_is_tested() -> None:
    assert sorted(path.name for path in FIXTURES.iterdir() if path.is_dir()) == sorted(PACKAGES)


def parameter(framework: str, *values: object, name: str = "") -> object:
    """All that is about one framework goes to one worker: mypy runs once for each."""
    return pytest.param(*values, id=name or framework, marks=pytest.mark.xdist_group(framework))


FRAMEWORKS = [parameter(framework, framework) for framework in PACKAGES]


@pytest.mark.parametrize(
    "path", [parameter(path.parent.name, path, name=f"{path.parent.name}/{path.stem}") for path in PROGRAMS]
)
def test_a_program_overshoots_if_it_is_marked(path: Path, home: Path) -> None:
    needs(path.parent.name)
    *_, last = output(path, home).splitlines()
    bill = BILLED.fullmatch(last)
    assert bill, last
    over = int(bill["total"]) - int(bill["cap"])
    is_wrong = bool(expected(path.read_text(encoding="utf-8")))
    assert (over > 0) == is_wrong
    assert bill["verdict"] == (f"OVER by {over}" if is_wrong else f"within the cap, {-over} left")


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_checker_says_what_is_marked(framework: str, scratch: Path) -> None:
    needs(framework)
    found = checked(framework, scratch)
    for path in programs(framework):
        source = path.read_text(encoding="utf-8")
        differing = difference(source, expected(source), found.get(path.name, {}))
        if differing:
            pytest.fail(f"{path.relative_to(ROOT)}\n{differing}", pytrace=False)


def commands() -> Iterator[tuple[str, str, Path, str]]:
    """Each command in the recipes after the page that it stands on, with its program and what it is said to print."""
    for page in sorted(RECIPES.glob("*.md")):
        for block in CONSOLE.finditer(page.read_text(encoding="utf-8")):
            yield page.stem, block["command"], ROOT / block["path"], block["output"]


def shown() -> Iterator[object]:
    for page, command, path, printed in commands():
        yield parameter(path.parent.name, command, path, printed, name=f"{page}-{command}-{path.stem}")


@pytest.mark.parametrize(("command", "path", "printed"), list(shown()))
def test_the_recipes_show_what_is_printed(command: str, path: Path, printed: str, home: Path, scratch: Path) -> None:
    framework = path.parent.name
    needs(framework)
    if command == "python":
        assert printed == output(path, home)
        return
    found = checked(framework, scratch).get(path.name, {})
    errors = [
        f"{path.name}:{number}: error: {message} [{code}]"
        for number, line in sorted(found.items())
        for code, messages in line.errors.items()
        for message in messages
    ]
    assert printed.split() == " ".join(errors).split()


@pytest.mark.parametrize(("command", "path", "printed"), list(shown()))
def test_the_recipes_show_what_is_marked(command: str, path: Path, printed: str) -> None:
    """As far as it can be known where no framework is: which lines are wrong by which rule, and which programs are."""
    marks = expected(path.read_text(encoding="utf-8"))
    if command == "python":
        assert ("OVER by" in printed) == bool(marks)
        return
    said = re.findall(rf"^{path.name}:(\d+): error: (?:.|\n {{4}})*?\[([\w-]+)\]$", printed, re.MULTILINE)
    assert said == [(str(number), code) for number, line in sorted(marks.items()) for code in line.errors]


ROWS = {name: name for name in CONTEXTS | WORKERS} | {method: method.rpartition(".")[0] for method in LENT}
"""The class that each row of the tables is about."""


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_row_is_in_vain(framework: str) -> None:
    needs(framework)
    for row, fullname in ROWS.items():
        if fullname.partition(".")[0] in PACKAGES[framework]:
            module, _, name = fullname.rpartition(".")
            cls = getattr(importlib.import_module(module), name)
            assert f"{cls.__module__}.{cls.__qualname__}" == fullname
            if row in LENT:
                method = getattr(cls, row.rpartition(".")[2])
                assert LENT[row] in inspect.signature(method).parameters, row


def test_each_row_is_of_a_framework_that_is_tested() -> None:
    packages = {package for each in PACKAGES.values() for package in each}
    assert {name.partition(".")[0] for name in ROWS} <= packages
