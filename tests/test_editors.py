"""Where people meet the checker: a language server that is spoken to as editors do, and the extensions of editors.

`python-lsp-server` with `pylsp-mypy` is the real one, over stdio. For the extensions that run in an editor only, the
real mypy is run with their arguments, and its output read as they read it: `editor_tools`.
"""

from __future__ import annotations

import json
import re
import sys
import venv
from collections.abc import Mapping
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mypy.errors
import pytest
from command import program, python, run, write
from editor_tools import TOOLS, Tool
from language_server import ERROR, INFORMATION, PATIENCE, Diagnostic, editing
from mypy.options import Options

import mypy_plugin.doctor
from mypy_plugin.editor.answer import find_offers
from mypy_plugin.editor.helper import Helper
from mypy_plugin.editor.program import Programs
from mypy_plugin.editor.protocol import Offer, Question
from mypy_plugin.fix.checker import CheckFailed

AGENTS = """\
import asyncio

from budget_types import Budget


async def research(topic: str, budget: Budget) -> str:
    budget.spend(300)
    return f"notes on {topic}"


async def team(budget: Budget) -> None:
    await asyncio.gather(
        research("prices", budget.split(400)),
        research("limits", budget.split(400)),
    )
"""
FANNED_OUT = AGENTS.replace("budget.split(400)", "budget")
MESSAGE = (
    '"budget" already went into parameter "budget" of "research" on line 13 '
    'and cannot go into a second call of "research"'
)
HINT = 'hint: split it first, "budget.split_evenly(n)", and give each its own part'

PAGE = (Path(__file__).parents[1] / "docs" / "editors.md").read_text(encoding="utf-8")
MYPY = '[tool.mypy]\nstrict = true\nplugins = ["mypy_plugin"]\n'
MISSING = "Error importing plugin \"mypy_plugin\": No module named 'mypy_plugin'"
DAEMON = {"dmypy": True, "live_mode": False}
PYLSP_DAEMON = "[tool.pylsp-mypy]\ndmypy = true\nlive_mode = false\n"


def said(problems: list[Diagnostic]) -> list[tuple[int, str, str | None, str, int]]:
    """All that a person sees of them."""
    return [(each.line, each.covers, each.code, each.message, each.severity) for each in problems]


BOTH = [(14, "budget", "budget-copied", MESSAGE, ERROR), (14, "budget", None, HINT, INFORMATION)]


def script(path: Path, source: str) -> Path:
    """A command that is written in Python, as pip writes them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    path.chmod(0o755)
    return path


def commands(directory: Path, before: str = "") -> Path:
    """A directory with `mypy` and `dmypy`, which do something `before` they do their work."""
    for name, module in {"mypy": "mypy.__main__", "dmypy": "mypy.dmypy.client"}.items():
        script(directory / name, f"{before}from {module} import console_entry\nconsole_entry()\n")
    return directory


# As in an environment where budget-types was not installed.
WITHOUT_PLUGIN = """\
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("mypy_plugin", "budget_types"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A setting that lets projects share what mypy knows of the standard library."""
    return f"cache_dir = {str(tmp_path_factory.mktemp('cache'))!r}\n"


# The language server

needs_pylsp = pytest.mark.skipif(sys.version_info < (3, 11), reason="pylsp-mypy needs Python 3.11")


@needs_pylsp
@pytest.mark.parametrize("by_name", [False, True], ids=["in the server", "dmypy on the PATH"])
def test_edit_and_save(tmp_path: Path, by_name: bool) -> None:
    project = write(tmp_path / "project", {"agents.py": FANNED_OUT, "pyproject.toml": MYPY + PYLSP_DAEMON})
    path = commands(tmp_path / "bin") if by_name else tmp_path
    with editing(project, env={"PATH": str(path)}) as editor:
        editor.open("agents.py")
        assert said(editor.problems("agents.py")) == BOTH
        editor.edit("agents.py", AGENTS)
        editor.no_problems("agents.py")
        editor.edit("agents.py", FANNED_OUT)
        assert said(editor.problems("agents.py")) == BOTH
    assert not (project / ".dmypy.json").exists()


@needs_pylsp
def test_settings_of_the_editor(tmp_path: Path) -> None:
    """In place of a table in pyproject.toml, as VS Code, Neovim and Emacs send them."""
    project = write(tmp_path, {"agents.py": FANNED_OUT, "mypy.ini": "[mypy]\nplugins = budget_types.mypy\n"})
    mine = {**DAEMON, "dmypy_status_file": "mine.json"}
    settings = {"pylsp": {"plugins": {"pylsp_mypy": mine}}}
    with editing(project, settings, env={"PATH": str(tmp_path)}) as editor:
        editor.open("agents.py")
        error, hint = editor.problems("agents.py")
        assert said([error, hint]) == BOTH
        assert (project / "mine.json").exists()
        # What pylsp-mypy offers for any error of mypy does its work for ours.
        *_, action = editor.code_actions("agents.py", error)
        assert action["title"] == "# type: ignore[budget-copied]"
        editor.edit("agents.py", editor.after(action, "agents.py"))
        editor.no_problems("agents.py")


@needs_pylsp
def test_another_file_changes(tmp_path: Path) -> None:
    """What is in order depends on how another file takes the budget."""
    lib = "from budget_types import Borrowed, Budget\n\n\ndef take(budget: Budget) -> None: ...\n"
    main = "from budget_types import Budget\nfrom lib import take\n\n\ndef twice(budget: Budget) -> None:\n"
    main += "    take(budget)\n    take(budget)\n"
    project = write(tmp_path, {"lib.py": lib, "main.py": main, "pyproject.toml": MYPY + PYLSP_DAEMON})
    with editing(project, env={"PATH": str(tmp_path)}) as editor:
        editor.open("lib.py")
        editor.no_problems("lib.py")
        editor.open("main.py")
        assert [(each.line, each.code) for each in editor.problems("main.py")][:1] == [(7, "use-after-move")]
        editor.edit("lib.py", lib.replace("budget: Budget", "budget: Borrowed[Budget]"))
        editor.no_problems("lib.py")
        editor.save("main.py")
        editor.no_problems("main.py")
        editor.edit("lib.py", lib)
        editor.no_problems("lib.py")
        editor.save("main.py")
        assert [(each.line, each.code) for each in editor.problems("main.py")][:1] == [(7, "use-after-move")]


@needs_pylsp
def test_while_typing(tmp_path: Path, cache: str) -> None:
    """The default of pylsp-mypy: a run of mypy for each pause in typing, without a daemon and without a save."""
    project = write(tmp_path, {"agents.py": AGENTS, "pyproject.toml": MYPY + cache})
    with editing(project, env={"PATH": str(tmp_path)}) as editor:
        editor.open("agents.py")
        editor.no_problems("agents.py")
        editor.type("agents.py", FANNED_OUT)
        assert said(editor.problems("agents.py")) == BOTH
        editor.type("agents.py", AGENTS)
        editor.no_problems("agents.py")
    assert (project / "agents.py").read_text(encoding="utf-8") == AGENTS


@needs_pylsp
def test_a_daemon_without_the_plugin(tmp_path: Path) -> None:
    """The first `dmypy` on the PATH is not of the environment that budget-types was installed in."""
    project = write(tmp_path / "project", {"agents.py": FANNED_OUT, "pyproject.toml": MYPY + PYLSP_DAEMON})
    path = {"PATH": str(commands(tmp_path / "bin", before=WITHOUT_PLUGIN))}
    with editing(project, env=path) as editor:
        editor.open("agents.py")
        (problem,) = editor.problems("agents.py")
        assert (problem.line, problem.covers) == (1, "import asyncio")
        assert MISSING in problem.message
    answer = doctor(project, env=path)["path"]
    assert (answer["status"], MISSING in answer["found"]) == ("warn", True)


def doctor(project: Path, *arguments: str, env: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """What it answers, by what that is about."""
    done = run([program("budget-types"), "doctor", "--json", *arguments], cwd=project, env=env)
    return {answer["about"]: answer for answer in json.loads(done.out)["answers"]}


# Fixes

WAITING = {"pylsp": {"plugins": {"budget_types": {"wait": PATIENCE}}}}
IGNORE = "# type: ignore[{}]"
SPLIT = 'split "budget" evenly between the 2 calls'


@needs_pylsp
def test_fix_while_typing(tmp_path: Path, cache: str) -> None:
    """In a text that is on no disk, behind characters that are two in the protocol."""
    wrong = FANNED_OUT.replace('"prices"', '"🪙 prices"').replace('"limits"', '"🪙🪙"')
    project = write(tmp_path, {"agents.py": AGENTS, "pyproject.toml": MYPY + cache})
    versioned = {"workspace": {"workspaceEdit": {"documentChanges": True}}}
    with editing(project, WAITING, capabilities=versioned, env={"PATH": str(tmp_path)}) as editor:
        editor.open("agents.py")
        editor.no_problems("agents.py")
        editor.type("agents.py", wrong)
        error, _ = editor.problems("agents.py")
        fix, ignore = editor.code_actions("agents.py", error)
        assert (fix["title"], fix["kind"], fix["isPreferred"]) == (SPLIT, "quickfix", True)
        assert fix["diagnostics"] == [error.as_sent]
        assert f"```text\n{SPLIT}\n```" in PAGE
        assert ignore["title"] == IGNORE.format("budget-copied")
        (change,) = fix["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": editor.uri("agents.py"), "version": editor.version("agents.py")}
        # What an editor asks by itself is answered with what is known.
        assert editor.code_actions("agents.py", error, triggerKind=2) == [fix, ignore]
        # Who asks for other things is told other things.
        assert editor.code_actions("agents.py", error, only=["refactor"]) == [ignore]
        editor.edit("agents.py", editor.after(fix, "agents.py"))
        editor.no_problems("agents.py")
    split = "    first, second = budget.split_evenly(2)\n    await"
    mended = wrong.replace("    await", split).replace('prices", budget', 'prices", first')
    assert (project / "agents.py").read_text("utf-8") == mended.replace('🪙", budget', '🪙", second')


LIB = """\
from budget_types import Budget


def take(budget: Budget) -> None:
    budget.spend(1)
"""
MAIN = """\
from budget_types import Budget
from lib import take


def run(budget: Budget) -> None:
    take(budget)


def twice(budget: Budget) -> None:
    run(budget)
    run(budget)


def give(budget: Budget, box: list[Budget]) -> int:
    box.append(budget)
    return budget.remaining


number: int = ""
"""


@needs_pylsp
def test_fix_two_files(tmp_path: Path, cache: str) -> None:
    files = {"lib.py": LIB, "main.py": MAIN, "pyproject.toml": f"{MYPY}files = ['.']\n{cache}"}
    project = write(tmp_path / "project", files)
    # By name: in the server, pylsp-mypy's runs for two files that are saved at once would get into each other's way.
    with editing(project, WAITING, env={"PATH": str(commands(tmp_path / "bin"))}) as editor:
        editor.open("main.py")
        given, lost, other = (each for each in editor.problems("main.py") if each.severity == ERROR)
        assert [each.code for each in (given, lost, other)] == ["use-after-move", "use-after-move", "assignment"]

        # For mypy's own there is nothing, and nothing for what no rewrite mends.
        for each in (lost, other):
            assert [action["title"] for action in editor.code_actions("main.py", each)] == [IGNORE.format(each.code)]

        fix = editor.code_actions("main.py", given)[0]
        assert editor.changed(fix) == {"main.py", "lib.py"}
        editor.apply(fix)
        remaining = [lost.code, other.code]

        def only_remaining(found: list[Diagnostic]) -> bool:
            return [each.code for each in found if each.severity == ERROR] == remaining

        editor.problems("main.py", until=only_remaining)
        editor.no_problems("lib.py")
        assert "def take(budget: Borrowed[Budget])" in (project / "lib.py").read_text("utf-8")
        assert "def run(budget: Borrowed[Budget])" in (project / "main.py").read_text("utf-8")

        # What is on disk now counts, not what was there when the program was read.
        editor.edit("lib.py", LIB)
        editor.no_problems("lib.py")
        editor.save("main.py")
        passed_on, *_ = editor.problems("main.py", until=lambda found: found[0].code == "move-of-borrowed")
        fix = editor.code_actions("main.py", passed_on)[0]
        assert editor.changed(fix) == {"lib.py"}


def test_what_belongs_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which files are checked and changed, as they come, change and go."""
    project = write(tmp_path, {"lib.py": LIB, "main.py": MAIN, "pyproject.toml": MYPY, "one/user.py": "import lib\n"})
    monkeypatch.chdir(project)
    main, lib = project / "main.py", project / "lib.py"
    question = Question((), str(project), str(main), code="use-after-move", line=10)

    def offers(**changes: Any) -> list[Offer]:
        return find_offers(replace(question, **changes), programs)

    with Programs() as programs:
        checker, name = programs.of(question)
        assert name == "main.py"
        assert checker.targets == {"main.py", "lib.py"}
        both = {str(main), str(lib)}
        assert {change.path for change in offers()[0].changes} == both
        # An editor may have opened more, and what is there already needs not be read again.
        assert {change.path for change in offers(texts=((str(lib), LIB),))[0].changes} == both
        assert programs.of(question)[0] is checker
        assert offers(line=0) == []

        # What is typed, and what is on disk.
        lent = LIB.replace("import ", "import Borrowed, ").replace(": Budget", ": Borrowed[Budget]")
        assert {change.path for change in offers(texts=((str(lib), lent),))[0].changes} == {str(main)}
        # In the midst of a word: what is on disk counts for another file, and there is nothing to say of this one.
        assert {change.path for change in offers(texts=((str(lib), f"{lent}def"),))[0].changes} == both
        with pytest.raises(CheckFailed, match=r"main\.py is no Python"):
            offers(texts=((str(main), f"{MAIN}def"),))
        lib.write_text(lent, "utf-8")
        assert {change.path for change in offers()[0].changes} == {str(main)}
        lib.write_text(f"{lent}def", "utf-8")
        with pytest.raises(CheckFailed, match=r"lib\.py is no Python"):
            offers()
        # A byte order mark, which no editor shows: in edits of words, and of whole lines.
        lib.write_text(lent, "utf-8")
        main.write_text(f"\ufeff{MAIN}", "utf-8")
        (word,) = (change for change in offers()[0].changes if change.start[0] == 0)
        assert word.start == word.end
        mended = MAIN[: word.start[1]] + word.text + MAIN[word.start[1] :]
        assert mended.splitlines()[0] == "from budget_types import Borrowed, Budget"
        lib.write_text(f"\ufeff{LIB}", "utf-8")
        (line,) = (change for change in offers()[0].changes if change.path == str(lib) and change.start[0] == 0)
        assert (line.start, line.end, line.text) == ((0, 0), (1, 0), lent[: lent.index("\n") + 1])
        assert programs.of(question)[0] is checker

        lib.unlink()
        assert programs.of(question)[0].targets == {"main.py"}
        write(project, {"lib.py": LIB, "pyproject.toml": f"{MYPY}files = ['.']\n"})
        assert programs.of(question)[0].targets == {"main.py", "lib.py", str(Path("one", "user.py"))}


def test_nobody_waits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The add-on without a server: what it answers, and when, if the process it asks says nothing."""
    addon = pytest.importorskip("mypy_plugin.editor.pylsp")
    path = tmp_path / "agents.py"
    path.touch()
    shown: list[str] = []
    document = SimpleNamespace(path=str(path), source="", uri=path.as_uri())
    workspace = SimpleNamespace(root_path=str(tmp_path), documents={"": document}, show_message=shown.append)
    settings: dict[str, Any] = {"wait": 0.0, "overrides": ["--one", True, "--two"], "strict": True}
    config = SimpleNamespace(plugin_settings=lambda name: settings, capabilities={})
    range_ = {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": 0}}
    ours = {"source": "mypy", "code": "budget-copied", "message": "", "range": range_}

    def ask(*diagnostics: Mapping[str, Any], **context: Any) -> object:
        given = {"diagnostics": diagnostics, **context}
        return addon.pylsp_code_actions(config, workspace, document, range_, given)

    above = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 9}}
    assert ask() == ask({**ours, "code": "assignment"}, {**ours, "source": "ruff"}, {**ours, "range": above}) == []
    assert ask({}) == ask({"source": "mypy"}) == ask(ours, only=["source"]) == []
    assert not addon._helpers

    silent = python("-c", "import sys; sys.stdin.read()")
    helper = addon._helpers[str(tmp_path)] = Helper(silent)
    assert ask(ours, triggerKind=2) == []
    assert not shown
    assert ask(ours) == []
    assert shown == ["budget-types is still looking for fixes: ask again in a moment"]
    (question,) = helper._answers
    assert question.options == ("--one", "--strict", "--two", "--follow-imports", "normal")
    answer = helper.ask(question)
    assert not answer.done()
    addon.pylsp_shutdown(config, workspace)
    wait([answer], PATIENCE)
    assert answer.done()
    assert not addon._helpers

    # A process that ends is one line in the log.
    settings["wait"] = PATIENCE
    addon._helpers[str(tmp_path)] = Helper(python("-c", "import sys; sys.stdin.readline()"))
    with caplog.at_level("WARNING"):
        assert ask(ours) == []
    assert "no fixes: the process that looks for fixes ended with exit code 0" in caplog.text
    addon.pylsp_shutdown(config, workspace)
    # Whatever goes wrong, the server goes on.
    assert addon.pylsp_code_actions(None, workspace, document, range_, {"diagnostics": [ours]}) == []


# The extensions of editors


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_extension(tmp_path: Path, cache: str, tool: Tool) -> None:
    shadowed = "COPY" in tool.arguments
    files = {"agents.py": AGENTS if shadowed else FANNED_OUT, "pyproject.toml": MYPY + cache}
    project = write(tmp_path / "project", files)
    copy = write(tmp_path / "copy", {"agents.py": FANNED_OUT}) / "agents.py"
    status = tmp_path / "status.json"
    names = {
        "FILE": str(project / "agents.py"),
        "COPY": str(copy),
        "STATUS": str(status),
        "STATUS.log": f"{status}.log",
    }
    command = python("-m", "mypy.dmypy" if tool.daemon else "mypy")
    try:
        done = run([*command, *(names.get(argument, argument) for argument in tool.arguments)], cwd=project)
    finally:
        if tool.daemon:
            run([*command, "--status-file", str(status), "stop"], cwd=project)
    record = {"line": 14, "column": 27, "end_line": 14, "end_column": 33, "code": "budget-copied", "message": MESSAGE}
    lines = [line for line in done.out.splitlines() if "agents.py" in line]
    assert [problem for problem in map(tool.read, lines) if problem] == [tool.expected(record)], done
    assert HINT in done.out.replace('\\"', '"')


def test_an_older_mypy_than_the_first() -> None:
    """One that an extension brought: one sentence, and not a traceback."""
    refusal = mypy_plugin.plugin("1.15.0")(Options())
    with pytest.raises(mypy.errors.CompileError) as raised:
        refusal.set_modules({})
    (message,) = raised.value.messages
    assert message.startswith("mypy: error: budget-types needs mypy 1.18 or newer, and this is mypy 1.15.0 in ")


# The page


def quoted(line: str) -> bool:
    """Whether a line of the page is one of the doctor's."""
    return re.match(r"(ok|warn|FAIL) {2,}\w| {21}-> ", line) is not None


def test_the_page_quotes_the_doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The command may name its Python by the version, the longer name.
    versioned = str(Path(sys.executable).with_name(f"python{sys.version_info[0]}.{sys.version_info[1]}"))
    home = {str(tmp_path): "/home/me", **dict.fromkeys([versioned, sys.executable], "/home/me/app/.venv/bin/python")}
    app = write(tmp_path / "app", {"pyproject.toml": MYPY})
    answers: list[str] = []

    def ask(cwd: Path, env: Mapping[str, str] | None = None) -> None:
        answers.extend(run([program("budget-types"), "doctor"], cwd=cwd, env=env).out.splitlines())

    ask(app, {"PATH": str(commands(tmp_path / ".local" / "bin", before=WITHOUT_PLUGIN))})
    no_home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    ask(write(tmp_path / "other", {}), no_home)
    # An environment with a Python of its own, and nothing in it.
    venv.create(tmp_path / "other", with_pip=False)
    other = tmp_path / "other" / "bin" / "python"
    ask(write(tmp_path / "third", {"pyproject.toml": f"{MYPY}python_executable = {str(other)!r}\n"}))
    # Which cannot be installed beside the one that runs this.
    monkeypatch.setattr(mypy_plugin.doctor, "mypy_version", "1.15.0")
    packages = Path(mypy.errors.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", str(packages))
    home[str(packages)] = "/home/me/.vscode/extensions/ms-python.mypy-type-checker/bundled/libs"
    answers += mypy_plugin.doctor._mypy().lines()

    for here, there in home.items():
        answers = [answer.replace(here, there) for answer in answers]
    quotes = [line for line in PAGE.splitlines() if quoted(line)]
    assert [line for line in quotes if line not in answers] == []
    assert len(quotes) == 8
