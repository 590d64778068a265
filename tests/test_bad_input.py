"""What people get who feed the checker something broken, odd or unexpected: a clear message, or the right answer.

Each message that has an entry in `docs/troubleshooting.md` stands there word for word; `quoted` holds it to that.
"""

from __future__ import annotations

import codecs
import json
import ntpath
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

import mypy.version
import pytest
from command import DOUBLE_MOVE, REPORT, Done, budget_types, python, run, write

from mypy_plugin import doctor, sources, versions

PAGE = Path(__file__).parents[1] / "docs" / "troubleshooting.md"
PLAIN = "[mypy]\nplugins = mypy_plugin\n"
FOUND = "is used after it was moved on line 6 into parameter"
MYPY = tuple(map(int, re.findall(r"\d+", mypy.version.__version__)[:2]))


def quoted(message: str, done: Done) -> bool:
    """Whether a command said this, and the page about trouble says it, too."""
    return message in done.out + done.err and message in PAGE.read_text(encoding="utf-8")


def check(directory: Path, *arguments: str, files: Mapping[str, str], env: Mapping[str, str] | None = None) -> Done:
    """`budget-types check` in a project of these files."""
    write(directory, {"mypy.ini": PLAIN, **files})
    return budget_types("check", *arguments, cwd=directory, env=env)


def locations(done: Done) -> list[str]:
    """File, line and code of each error."""
    lines = [line for line in done.out.splitlines() if ": error: " in line]
    return [re.sub(r": error: .*  ", " ", line) for line in lines]


# Programs


def test_broken_syntax(tmp_path: Path) -> None:
    """mypy looks at nothing else then, and neither do we: no finding is better than one out of half a program."""
    done = check(tmp_path, "main.py", "broken.py", files={"main.py": DOUBLE_MOVE, "broken.py": "def f(:\n"})
    assert (done.code, done.err) == (2, "")
    assert "broken.py:1: error: " in done.out
    assert REPORT not in done.out
    assert quoted("(errors prevented further checking)", done)


def test_a_missing_import_is_mypys_error_and_the_rest_is_checked(tmp_path: Path) -> None:
    done = check(tmp_path, "main.py", files={"main.py": DOUBLE_MOVE + "import gone\n"})
    assert locations(done) == ["main.py:7 [use-after-move]", "main.py:8 [import-not-found]"]


def test_the_package_is_missing(tmp_path: Path) -> None:
    done = check(tmp_path, "--no-site-packages", "main.py", files={"main.py": DOUBLE_MOVE})
    assert locations(done) == ["main.py:1 [import-not-found]", "main.py:1 [affine]"]
    assert quoted('mypy cannot find "budget_types", so every budget in this module is Any and nothing is checked', done)


LATIN: dict[str, bytes] = {"latin": "# café\n".encode("latin-1"), "utf-16": DOUBLE_MOVE.encode("utf-16")}


@pytest.mark.parametrize("content", LATIN.values(), ids=LATIN)
def test_a_program_in_another_encoding(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, {"mypy.ini": PLAIN})
    (tmp_path / "main.py").write_bytes(content)
    done = budget_types("check", "main.py", cwd=tmp_path)
    assert (done.code, done.out) == (2, "Found 1 error in 1 file (errors prevented further checking)\n")
    assert quoted("Cannot decode file: 'utf-8' codec can't decode byte", done)


def test_a_program_that_names_its_encoding(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": PLAIN})
    (tmp_path / "main.py").write_bytes(b"# coding: latin-1, caf\xe9\n" + DOUBLE_MOVE.encode())
    assert locations(budget_types("check", "main.py", cwd=tmp_path)) == ["main.py:8 [use-after-move]"]


@pytest.mark.parametrize("native", [False, True])
def test_line_ends_of_windows_and_a_byte_order_mark(tmp_path: Path, native: bool) -> None:
    if native and MYPY < (2, 0):
        pytest.skip("mypy 1 has no native parser")
    write(tmp_path, {"mypy.ini": PLAIN})
    (tmp_path / "main.py").write_bytes(codecs.BOM_UTF8 + DOUBLE_MOVE.replace("\n", "\r\n").encode())
    options = ["--show-column-numbers", *(["--native-parser"] if native else [])]
    done = budget_types("check", *options, "main.py", cwd=tmp_path)
    assert locations(done) == ["main.py:7:10 [use-after-move]"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_program_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": PLAIN, "main.py": DOUBLE_MOVE})
    (tmp_path / "main.py").chmod(0)
    done = budget_types("check", "main.py", cwd=tmp_path)
    assert (done.code, done.out.count("main.py: error: Cannot read file: ")) == (2, 1)


# Configuration


CONFIGURATIONS: dict[str, tuple[str, bytes, str]] = {
    "not UTF-8": (
        "mypy.ini",
        "[mypy]\n# café\n".encode("latin-1"),
        "budget-types: mypy cannot read its configuration, save it as UTF-8: ",
    ),
    "TOML that is not UTF-8": (
        "pyproject.toml",
        "[tool.mypy]\n# café\n".encode("latin-1"),
        "budget-types: mypy cannot read its configuration, save it as UTF-8: ",
    ),
    "byte order mark": (
        "mypy.ini",
        codecs.BOM_UTF8 + PLAIN.encode(),
        "mypy.ini: mypy does not read a file that begins with a byte order mark: save it without",
    ),
    "TOML with a byte order mark": (
        "pyproject.toml",
        codecs.BOM_UTF8 + b"[tool.mypy]\n",
        "pyproject.toml: mypy does not read a file that begins with a byte order mark: save it without",
    ),
    "no TOML": ("pyproject.toml", b"[tool.mypy\n", "pyproject.toml: Expected ']'"),
    "no INI": ("mypy.ini", b"plugins = mypy_plugin\n", "mypy.ini: File contains no section headers. file: 'mypy.ini'"),
    "wrong value": ("mypy.ini", PLAIN.encode() + b"[budget-types]\naffine = Pool\n", "must be a full name"),
    "no such class": (
        "mypy.ini",
        PLAIN.encode() + b"[budget-types]\naffine = main.Pol\n",
        'mypy.ini: [budget-types] affine: "main.Pol": module "main" (main.py) has no class "Pol"',
    ),
    "line ends of Windows": (
        "mypy.ini",
        b"[mypy]\r\nplugins = mypy_plugin\r\n[budget-types]\r\naffine = main.Pol\r\n",
        'mypy.ini: [budget-types] affine: "main.Pol": module "main" (main.py) has no class "Pol"',
    ),
}


@pytest.mark.parametrize(("name", "content", "problem"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_wrong_configuration(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    write(tmp_path, {"main.py": DOUBLE_MOVE})
    (tmp_path / name).write_bytes(content)
    done = budget_types("check", "--config-file", name, "main.py", cwd=tmp_path)
    assert done.code == 2
    assert problem in done.err
    assert "Traceback" not in done.out + done.err
    diagnosis = budget_types("doctor", "--config-file", name, cwd=tmp_path)
    assert (diagnosis.code, diagnosis.err) == (1, "")
    assert "FAIL " in diagnosis.out


@pytest.mark.parametrize("name", ["not UTF-8", "byte order mark", "no such class"])
def test_these_stand_on_the_page(name: str) -> None:
    assert CONFIGURATIONS[name][2] in PAGE.read_text(encoding="utf-8")


def test_plain_mypy_and_the_daemon_end_with_the_same_line(tmp_path: Path) -> None:
    """And with nothing before it: mypy would show where in its own code a plugin has failed."""
    write(tmp_path, {"main.py": DOUBLE_MOVE, "mypy.ini": PLAIN + "[budget-types]\naffine = main.Pol\n"})
    line = 'mypy.ini: [budget-types] affine: "main.Pol": module "main" (main.py) has no class "Pol"\n'
    assert run(python("-P", "-m", "mypy", "main.py"), cwd=tmp_path) == Done(2, "", line)
    dmypy = python("-P", "-m", "mypy.dmypy", "--status-file", "status.json")
    try:
        done = run([*dmypy, "run", "main.py"], cwd=tmp_path)
        assert (done.code, line in done.out + done.err) == (2, True)
        write(tmp_path, {"mypy.ini": PLAIN})
        assert FOUND in run([*dmypy, "run", "main.py"], cwd=tmp_path).out
    finally:
        run([*dmypy, "stop"], cwd=tmp_path)


PATHS: dict[str, tuple[str, str]] = {
    "of Windows": (r"src\pkg\tickets.py:Ticket", 'write "src.pkg.tickets.Ticket"'),
    "of a stub": ("src/pkg/tickets.pyi:Ticket", 'write "src.pkg.tickets.Ticket"'),
}


@pytest.mark.parametrize(("path", "hint"), PATHS.values(), ids=PATHS)
def test_a_path_where_a_name_should_stand(tmp_path: Path, path: str, hint: str) -> None:
    done = check(tmp_path, "main.py", files={"main.py": "", "mypy.ini": f"{PLAIN}[budget-types]\naffine = {path}\n"})
    assert (done.code, done.err) == (
        2,
        f'mypy.ini: [budget-types] affine: "{path}" is not a dotted name such as "pkg.module.Class" ({hint})\n',
    )


def test_paths_of_windows_are_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "Path", PureWindowsPath)
    monkeypatch.setattr("os.path", ntpath)
    assert [sources.is_test(path) for path in (r"tests\help.py", r"src\test_x.py", r"D:\x\tests\y.py")] == [True] * 3
    assert [sources.is_test(path) for path in (r"src\main.py", r"D:\x\main.py", r"src\latest.py")] == [False] * 3


# Versions of mypy


def with_version(version: str, *arguments: str, cwd: Path) -> Done:
    """The command where mypy says that it is another version."""
    pretend = f"import mypy.version; mypy.version.__version__ = {version!r}"
    # mypy itself is compiled, and hands a plugin the version that it was built with.
    load = (
        "import mypy_plugin; real = mypy_plugin.plugin; mypy_plugin.plugin = lambda _: real(mypy.version.__version__)"
    )
    command = f"{pretend}\n{load}\nimport sys\nfrom mypy_plugin.cli import main\nsys.exit(main())"
    return run(python("-P", "-c", command, *arguments), cwd=cwd)


def test_mypy_is_too_old(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": PLAIN, "main.py": DOUBLE_MOVE})
    done = with_version("1.17.1", "check", "main.py", cwd=tmp_path)
    assert (done.code, "Traceback" in done.out + done.err) == (2, False)
    assert quoted("mypy: error: budget-types needs mypy 1.18 or newer, and this is mypy 1.17.1 in ", done)
    assert quoted('pip install "mypy>=1.18"', done)


def test_mypy_is_newer_than_any_that_was_tried(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": PLAIN, "main.py": DOUBLE_MOVE})
    done = with_version("9.9.0", "check", "main.py", cwd=tmp_path)
    assert quoted("budget-types: note: mypy 9.9.0 is newer than 2.4, the newest that was tried", done)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert REPORT in done.out
    assert with_version(".".join(map(str, versions.NEWEST)) + ".7", "check", "main.py", cwd=tmp_path).err == ""


def test_mypy_is_so_new_that_the_plugin_cannot_be_loaded(tmp_path: Path) -> None:
    write(tmp_path, {"mypy.ini": PLAIN, "main.py": DOUBLE_MOVE})
    write(tmp_path, {"gone.py": "import sys\nsys.modules['mypy_plugin.hooks'] = None\n"})
    write(
        tmp_path, {"new.py": "import gone, mypy_plugin\ndef plugin(version):\n    return mypy_plugin.plugin('9.9')\n"}
    )
    write(tmp_path, {"new.ini": "[mypy]\nplugins = new.py\n"})
    done = run(python("-P", "-m", "mypy", "--config-file=new.ini", "main.py"), cwd=tmp_path, env={"PYTHONPATH": "."})
    assert done.code == 2
    assert quoted("mypy: error: budget-types cannot be loaded (", done)
    assert 'pip install --upgrade budget-types, or pip install "mypy<2.5"' in done.err
    assert "Traceback" not in done.out + done.err


def test_doctor_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "mypy_version", "9.9.0")
    assert doctor._mypy().status == "warn"


# Other plugins


FUNCTIONS = """

def run(budget: Budget) -> int:
    return budget.remaining


def look(budget: Borrowed[Budget]) -> int:
    return budget.remaining

"""
VALIDATED = f"""\
import attrs
from pydantic import BaseModel, ConfigDict

from budget_types import Borrowed, Budget, affine
{FUNCTIONS}
@affine
class Job(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    name: str
    budget: Budget


@affine
@attrs.define
class Task:
    name: str
    budget: Budget
    retries: int = attrs.field(default=3, converter=int)


def pydantic_model(budget: Budget) -> int:
    job = Job(name="a", budget=budget)
    Job(name="b", budget=budget)  # copied
    run(job.budget)
    return look(job.budget)  # moved


def attrs_class(budget: Budget) -> int:
    task = Task("a", budget, retries="4")
    Task("b", budget)  # copied
    run(task.budget)
    return look(task.budget)  # moved


def theirs(budget: Budget) -> None:
    Job(nam="a", budget=budget)
    Task(1, "b", retries="x")
    reveal_type(Task.__init__)
    reveal_type(Job.__init__)
"""
MAPPED = f"""\
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from budget_types import Borrowed, Budget, affine
{FUNCTIONS}
class Base(DeclarativeBase): ...


@affine
class Spent(Base):
    __tablename__ = "spent"
    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str | None] = mapped_column(String(30))
    tokens: Mapped[int]


def store(row: Spent) -> None: ...


def mapped(row: Spent, budget: Budget) -> None:
    row.tokens = run(budget)
    row.tokens = run(budget)  # moved
    store(row)
    store(row)  # moved


def theirs() -> None:
    row = Spent(tokens="many")
    row.id = "one"
    reveal_type(Spent.tokens)
    reveal_type(row.who)
"""


class Beside:
    """What mypy says of a program with these plugins or those."""

    def __init__(self, directory: Path, source: str) -> None:
        self.directory = directory
        self.source = source

    def said(self, plugins: str) -> list[str]:
        options = "[pydantic-mypy]\ninit_forbid_extra = True\ninit_typed = True\n"
        listed = f"plugins = {plugins}\n" if plugins else ""
        config = f"[mypy]\nstrict = True\ncache_dir = {os.devnull}\n{listed}{options}"
        write(self.directory, {"models.py": self.source, "mypy.ini": config})
        done = run(python("-P", "-m", "mypy", "--no-error-summary", "models.py"), cwd=self.directory)
        assert (done.code, done.err) == (1, "")
        return done.out.splitlines()

    def adds_ours_and_nothing_else(self, theirs: list[str], both: list[str]) -> bool:
        """Theirs byte for byte, and ours where the program says so."""
        ours = [line for line in both if line not in theirs]
        errors = {int(line.split(":")[1]) for line in ours if ": error: " in line}
        lines = self.source.splitlines()
        marked = {number for number, line in enumerate(lines, 1) if line.endswith(("# moved", "# copied"))}
        return [line for line in both if line not in ours] == theirs and errors == marked


def test_beside_the_plugin_of_pydantic(tmp_path: Path) -> None:
    """In both orders. attrs' plugin is a part of mypy."""
    beside = Beside(tmp_path, VALIDATED)
    theirs = beside.said("pydantic.mypy")
    assert any("__pydantic_self__" in line for line in theirs), "its plugin is on"
    both = beside.said("pydantic.mypy, mypy_plugin")
    assert both == beside.said("mypy_plugin, pydantic.mypy")
    assert beside.adds_ours_and_nothing_else(theirs, both)


def test_models_of_sqlalchemy(tmp_path: Path) -> None:
    """Since 2.1 it has no plugin, and needs none."""
    pytest.importorskip("sqlalchemy")
    beside = Beside(tmp_path, MAPPED)
    assert beside.adds_ours_and_nothing_else(beside.said(""), beside.said("mypy_plugin"))


# Where modules come from


TICKETS = "from budget_types import affine\n@affine\nclass Ticket: ...\ndef take(ticket: Ticket) -> None: ...\n"
USER = "from {module} import Ticket, take\ndef f(ticket: Ticket) -> None:\n    take(ticket)\n    take(ticket)\n"


def test_zipped_packages(tmp_path: Path) -> None:
    """mypy does not look into archives: one line that names the module, and settings that name it end the run."""
    with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
        archive.writestr("tickets.py", TICKETS)
    search = {"MYPYPATH": "lib.zip"}
    done = check(tmp_path, "main.py", files={"main.py": USER.format(module="tickets")}, env=search)
    assert locations(done) == ["main.py:1 [import-not-found]"]
    assert quoted('Cannot find implementation or library stub for module named "tickets"', done)
    write(tmp_path, {"mypy.ini": f"{PLAIN}[budget-types]\naffine = tickets.Ticket\n"})
    refused = budget_types("check", "main.py", cwd=tmp_path, env=search)
    assert refused.code == 2
    assert quoted('mypy.ini: [budget-types] affine: "tickets.Ticket": mypy finds no package "tickets"', refused)


@pytest.mark.parametrize("arguments", [["src"], ["-p", "space"], ["src/space/inner/main.py"]], ids=" ".join)
def test_namespace_packages(tmp_path: Path, arguments: list[str]) -> None:
    settings = "namespace_packages = True\nexplicit_package_bases = True\nmypy_path = src\n"
    files = {
        "mypy.ini": f"{PLAIN}{settings}[budget-types]\naffine = space.inner.tickets.Ticket\n",
        "src/space/inner/tickets.py": TICKETS.replace("@affine\n", ""),
        "src/space/inner/main.py": USER.format(module="space.inner.tickets"),
    }
    assert locations(check(tmp_path, *arguments, files=files)) == ["src/space/inner/main.py:4 [use-after-move]"]


STUB = """\
from budget_types import Borrowed, affine, consumes
@affine
class Ticket:
    @consumes
    def punch(self) -> int: ...
def take(ticket: Ticket) -> None: ...
def look(ticket: Borrowed[Ticket]) -> None: ...
"""
UNTYPED = "class Ticket:\n    def punch(self): ...\ndef take(ticket): ...\ndef look(ticket): ...\n"
USER_OF_STUB = """\
from {module} import Ticket, look, take
def f(ticket: Ticket) -> None:
    look(ticket)
    look(ticket)
    take(ticket)
    take(ticket)
def g(ticket: Ticket) -> int:
    ticket.punch()
    return ticket.punch()
"""


def test_stubs(tmp_path: Path) -> None:
    """Beside the module, on mypy's path, and as a package of stubs: what they declare counts as in source."""
    files = {"tickets.py": UNTYPED, "tickets.pyi": STUB, "elsewhere.py": UNTYPED, "stubs/elsewhere.pyi": STUB}
    files |= {"foreign/__init__.py": UNTYPED, "foreign-stubs/__init__.pyi": STUB}
    modules = ["tickets", "elsewhere", "foreign"]
    files |= {f"use_{module}.py": USER_OF_STUB.format(module=module) for module in modules}
    names = [f"use_{module}.py" for module in modules]
    done = check(tmp_path, *names, "tickets.pyi", files=files, env={"MYPYPATH": "stubs"})
    assert sorted(locations(done)) == sorted(f"{name}:{line} [use-after-move]" for name in names for line in (6, 9))


# Notebooks


def notebook(*cells: str) -> str:
    code: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    return json.dumps(
        {
            "cells": [{**code, "id": f"c{number}", "source": cell} for number, cell in enumerate(cells)],
            "metadata": {"language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


@pytest.mark.parametrize("tool", ["mypy_plugin check", "mypy"])
def test_notebooks(tmp_path: Path, tool: str) -> None:
    """nbqa starts `python -m`, with the name of a module; it says which cell an error is in."""
    pytest.importorskip("nbqa")
    cells = ["%matplotlib inline\nfrom budget_types import Budget", "def take(budget: Budget) -> None: ..."]
    cells += ["budget = Budget(10)\ntake(budget)", "print(1)\ntake(budget)"]
    write(tmp_path, {"mypy.ini": PLAIN, "budgets.ipynb": notebook(*cells)})
    done = run(python("-P", "-m", "nbqa", tool, "budgets.ipynb"), cwd=tmp_path, env={"TERM": "dumb"})
    assert (done.code, locations(done)) == (1, ["budgets.ipynb:cell_4:2 [use-after-move]"])
    assert f'nbqa "{tool}"' in PAGE.read_text(encoding="utf-8") or tool == "mypy"


def test_the_command_is_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-P", "-m", "mypy_plugin", "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("budget-types ")
