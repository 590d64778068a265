"""Repositories that outgrow one process: mypy started as Bazel's rules_mypy and as Pants start it, and in parallel.

Neither build system runs here. What they do around mypy is done by hand: a directory with what a target depends on and
nothing else, their command lines, their way with mypy's cache.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import typing_extensions
from command import Done, python, run, write
from mypy.version import __version__ as mypy_version

import budget_types
from mypy_plugin.config import load

if sys.version_info >= (3, 11):
    pass
else:
    pass

PACKAGE = Path(budget_types.__file__).parent
MYPY = tuple(map(int, re.findall(r"\d+", mypy_version)[:2]))
if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = Path(__file__).parents[1] / "docs" / "large-repositories.md"

LIB = """\
from typing import TypeVar
from budget_types import Borrowed, Budget, affine, consumes

T = TypeVar("T")

@affine
class Ticket:
    @consumes
    def punch(self) -> int:
        return 1

def twice(value: T) -> list[T]:
    return [value, value]

def look(budget: Borrowed[Budget]) -> int:
    return budget.remaining
"""
MIDDLE = """\
from typing import TypeVar
from lib.tickets import Ticket, twice

S = TypeVar("S")

def through(value: S) -> list[S]:
    return twice(value)

class Special(Ticket): ...
"""
APP = """\
from budget_types import Budget
from lib.tickets import Ticket, look
from middle.more import Special, through

def run(ticket: Ticket, special: Special, budget: Budget, other: Budget) -> int:
    through(budget)
    special.punch()
    special.punch()
    ticket.punch()
    return ticket.punch() + look(other)
"""
SOURCES = {
    "lib/__init__.py": "",
    "lib/tickets.py": LIB,
    "middle/__init__.py": "",
    "middle/more.py": MIDDLE,
    "app/__init__.py": "",
    "app/main.py": APP,
}
FOUND = ["app/main.py:6 [budget-copied]", "app/main.py:8 [use-after-move]", "app/main.py:10 [use-after-move]"]


def reported(done: Done) -> list[str]:
    assert done.code in (0, 1), done
    lines = [line for line in done.out.splitlines() if ": error: " in line]
    return [re.sub(r": error: .*  ", " ", line) for line in lines]


def analysed(done: Done) -> set[str]:
    """The modules that mypy did not take out of its cache, but for those of its own stubs; by what it logs."""
    modules = re.findall(r"SCC (?:singleton|of size \d+) \(([^)]*)\) as .*stale", done.err)
    return {name for scc in modules for name in scc.split() if name.partition(".")[0] in ("lib", "middle", "app")}


# Bazel, by rules_mypy


class Bazel:
    """The actions of rules_mypy's aspect: one for each target, after those it depends on."""

    CONFIG = "[mypy]\nplugins = mypy_plugin\nfollow_imports = silent\nfollow_imports_for_stubs = True\n" + (
        # Caches are merged file by file, and what mypy keeps by default since 1.20 is no file for each module.
        "sqlite_cache = False\n" if MYPY >= (1, 20) else ""
    )

    def __init__(self, root: Path, settings: str = "") -> None:
        self.root = root
        self.config = self.CONFIG + settings

    def check(self, target: str, depends_on: Sequence[str] = ()) -> Done:
        """Run the action of one target: of the sources and caches, it sees its own and those it depends on."""
        sandbox = self.root / target / "sandbox"
        external = "external/pypi_budget_types/site-packages"
        shutil.copytree(PACKAGE, sandbox / external / PACKAGE.name)
        seen = {name: text for name, text in SOURCES.items() if name.split("/")[0] in (target, *depends_on)}
        write(sandbox, {**seen, "mypy.ini": self.config})
        cache = self.cache(target)
        for other in depends_on:
            # The first one wins, as in its runner.
            for file in sorted(path for path in self.cache(other).rglob("*") if path.is_file()):
                copy = cache / file.relative_to(self.cache(other))
                copy.parent.mkdir(parents=True, exist_ok=True)
                if not copy.exists():
                    shutil.copy(file, copy)
        (cache / "missing_stubs").unlink(missing_ok=True)
        options = [
            *("--config-file", "mypy.ini", "--skip-cache-mtime-checks", "--incremental", f"--cache-dir={cache}"),
            *("--explicit-package-bases", "--fast-module-lookup"),
            # There, mypy runs in an interpreter that has nothing installed.
            "--no-site-packages",
        ]
        sources = [name for name in seen if name.startswith(f"{target}/")]
        return run(
            python("-P", "-m", "mypy", "--verbose", *options, *sources), cwd=sandbox, env={"MYPYPATH": f".:{external}"}
        )

    def cache(self, target: str) -> Path:
        return self.root / target / "cache"


def hands_results_on(bazel: Bazel) -> None:
    for target, depends_on, found in (("lib", [], []), ("middle", ["lib"], []), ("app", ["middle", "lib"], FOUND)):
        done = bazel.check(target, depends_on)
        assert reported(done) == found
        assert {module.partition(".")[0] for module in analysed(done)} == {target}


def test_bazel_hands_results_on_in_mypys_cache(tmp_path: Path) -> None:
    """Which classes are affine, what methods consume and what generic functions do: all of it out of the cache."""
    hands_results_on(Bazel(tmp_path))


def test_bazel_shows_each_target_what_it_depends_on(tmp_path: Path) -> None:
    """The settings are for the whole repository, and most targets see but a part of it."""
    names = "[budget-types]\naffine = lib.tickets.Ticket, far.away.Class\nmint = app.main\n"
    refused = Bazel(tmp_path / "refused", names).check("lib")
    way_out = (
        "install it where mypy looks (--python-executable), or add the directory it lies in to mypy_path; "
        'if not every run sees it, list it under "optional", too'
    )
    said = [line for line in refused.err.splitlines() if line and not line.startswith("LOG:")]
    assert (refused.code, refused.out, said) == (
        2,
        "",
        [
            f'mypy.ini: [budget-types] affine: "far.away.Class": mypy finds no package "far": {way_out}',
            f'mypy.ini: [budget-types] mint: "app.main": mypy finds no package "app": {way_out}',
        ],
    )
    hands_results_on(Bazel(tmp_path, names + "optional = *\n"))


def test_mypys_own_mode_for_bazel(tmp_path: Path) -> None:
    """`--bazel`, where each module's two cache files are named, and nothing in them depends on time or place."""
    write(tmp_path / "one", {**SOURCES, "mypy.ini": "[mypy]\nplugins = mypy_plugin\n", "out/.keep": ""})
    ending = "ff" if MYPY >= (1, 20) else "json"
    kept = [f"out/{name.replace('/', '.')}.{kind}.{ending}" for name in SOURCES for kind in ("meta", "data")]
    triples = [part for index, name in enumerate(SOURCES) for part in (name, *kept[2 * index : 2 * index + 2])]
    files = ["--no-sqlite-cache"] if MYPY >= (1, 20) else []
    command = python("-P", "-m", "mypy", "--bazel", *files, "--cache-map", *triples, "--", *SOURCES)
    assert reported(run(command, cwd=tmp_path / "one")) == FOUND
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert reported(run(command, cwd=tmp_path / "two")) == FOUND
    for name in kept:
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


# Pants


class Pants:
    """A sandbox of `pants check`, in which mypy and what the code imports are in two environments."""

    def __init__(self, root: Path, installed: Sequence[Path]) -> None:
        self.root = root
        venv.create(root / "requirements")
        (site_packages,) = (root / "requirements").glob("[Ll]ib/**/site-packages")
        for path in installed:
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, site_packages / path.name)
        self.python = next(root.glob("requirements/[bS]*/python*"))

    def check(self, sandbox: str, sources: Mapping[str, str], cache: Path | None = None) -> Done:
        """Run mypy in a sandbox; `cache` is the database that an earlier one left behind."""
        directory = self.root / sandbox
        write(directory, {f"src/python/{name}": text for name, text in sources.items()})
        write(directory, {"mypy.ini": "[mypy]\nplugins = mypy_plugin\n"})
        names = [f"src/python/{name}" for name in sources]
        write(directory, {"__files.txt": "\n".join(names)})
        version = ".".join(map(str, sys.version_info[:2]))
        if cache is not None:
            copy = directory / ".tmp_cache" / "mypy_cache" / version / "cache.db"
            copy.parent.mkdir(parents=True)
            shutil.copy(cache, copy)
        options = [
            *(f"--python-executable={self.python}", "--config-file=mypy.ini", f"--python-version={version}"),
            *("--skip-cache-mtime-check", "--sqlite-cache", "--cache-dir", ".tmp_cache/mypy_cache"),
            # [mypy].args: of what mypy keeps, Pants brings back one file.
            *(["--sqlite-num-shards=1"] if MYPY >= (2, 0) else []),
            "@__files.txt",
        ]
        return run(python("-P", "-m", "mypy", *options), cwd=directory, env={"MYPYPATH": "src/python"})

    def cache(self, sandbox: str) -> Path:
        (database,) = (self.root / sandbox / ".tmp_cache").rglob("cache.db")
        return database


NEEDED = [PACKAGE, Path(typing_extensions.__file__)]


def test_pants(tmp_path: Path) -> None:
    pants = Pants(tmp_path, NEEDED)
    found = [f"src/python/{line}" for line in FOUND]
    assert reported(pants.check("cold", SOURCES)) == found
    assert reported(pants.check("warm", SOURCES, pants.cache("cold"))) == found
    edited = {**SOURCES, "lib/tickets.py": LIB.replace("[value, value]", "[value]")}
    assert reported(pants.check("edited", edited, pants.cache("warm"))) == found[1:]


def test_pants_without_the_package_among_the_requirements(tmp_path: Path) -> None:
    """It is needed twice: where mypy is, for the plugin, and where the code is, for what it imports."""
    done = Pants(tmp_path, []).check("sandbox", SOURCES)
    assert [line for line in reported(done) if line.endswith("[affine]")] == [
        "src/python/lib/tickets.py:2 [affine]",
        "src/python/app/main.py:1 [affine]",
    ]


# In parallel


@pytest.mark.skipif(MYPY < (2, 0), reason="mypy 1 has no parallel run")
def test_workers_say_the_same_to_the_last_word(tmp_path: Path) -> None:
    """Hints, too: whether a parameter is the reader's to change must not depend on who has read the module."""
    library = "from budget_types import BudgetPool, Budget\ndef pool(budget: Budget) -> None:\n"
    program = library + "    BudgetPool(budget)\n    BudgetPool(budget)\n"
    write(tmp_path, {**SOURCES, "app/pool.py": program, "mypy.ini": "[mypy]\nplugins = mypy_plugin\n"})
    alone = run(python("-P", "-m", "mypy", "app"), cwd=tmp_path)
    assert len(reported(alone)) == len(FOUND) + 1
    for workers in ("1", "2", "4"):
        command = python("-P", "-m", "mypy", "-n", workers, f"--cache-dir=cache{workers}", "app")
        assert sorted(run(command, cwd=tmp_path).out.splitlines()) == sorted(alone.out.splitlines())
    write(tmp_path, {"app/pool.py": program + "# edited\n"})
    assert sorted(run(python("-P", "-m", "mypy", "app"), cwd=tmp_path).out.splitlines()) == sorted(
        alone.out.splitlines()
    )


# The page


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_snippets_of_the_page_can_be_read(tmp_path: Path) -> None:
    for text in snippets("toml"):
        tomllib.loads(text)
    # What is used of Starlark is Python.
    calls = [node for text in snippets("starlark") for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert {"mypy_cli", "mypy", "python_requirement"} <= {ast.unparse(call.func) for call in calls}
    for number, text in enumerate([*snippets("toml"), *snippets("ini")]):
        path = tmp_path / f"{number}.{'ini' if text.startswith('# mypy.ini') else 'toml'}"
        path.write_text(text, encoding="utf-8")
        assert "budget-types]" not in text or load(str(path)).optional
    (ini,) = snippets("ini")
    assert Bazel.CONFIG in ini or MYPY < (1, 20)
