"""The command `budget-types`: `check` is mypy with the plugin on, whatever else mypy was told; `explain`; usage."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from command import DOUBLE_MOVE, REPORT, budget_types, program, python, run, write
from mypy.version import __version__ as mypy_version

import budget_types as package
import mypy_plugin
from mypy_plugin.explain import pages
from mypy_plugin.reports import HELP

MYPY = tuple(map(int, re.findall(r"\d+", mypy_version)[:2]))
ROOT = Path(__file__).parents[1]

OTHER_PLUGIN = """\
from mypy.plugin import Plugin
def plugin(version):
    print("other plugin loaded")
    return Plugin
"""
OURS = {"mypy_plugin", "mypy_plugin:plugin", "budget_types.mypy"}


def test_the_installed_packages_are_tested() -> None:
    """Not the checkout around the tests: what is missing in the wheel has to be missed here."""
    for module in (package, mypy_plugin):
        assert module.__file__ is not None
        assert "site-packages" in Path(module.__file__).parts
    assert (Path(package.__file__).parent / "py.typed").is_file()
    assert (Path(mypy_plugin.__file__).parent / "py.typed").is_file()


CONFIGURATIONS: dict[str, dict[str, str]] = {
    "none": {},
    "pyproject without mypy": {"pyproject.toml": "[project]\nname = 'x'\n"},
    "pyproject": {"pyproject.toml": "[tool.mypy]\nstrict = true\n"},
    "mypy.ini": {"mypy.ini": "[mypy]\nstrict = True\n"},
    ".mypy.ini": {".mypy.ini": "[mypy]\n"},
    "setup.cfg": {"setup.cfg": "[mypy]\n[flake8]\nx = 1\n"},
    "empty plugins": {"pyproject.toml": "[tool.mypy]\nplugins = []\n"},
    **{f"listed as {name}": {"mypy.ini": f"[mypy]\nplugins = {name}\n"} for name in sorted(OURS)},
}


@pytest.mark.parametrize("files", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_check_switches_the_plugin_on(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, {"main.py": DOUBLE_MOVE, **files})
    done = budget_types("check", "main.py", cwd=tmp_path)
    assert [line for line in done.out.splitlines() if ": error:" in line and REPORT in line], done
    assert done.out.count(": error:") == 1, "on once, even where it is listed"
    assert "[use-after-move]" in done.out
    assert (done.code, done.err) == (1, "")


def test_check_keeps_other_plugins_and_what_is_relative(tmp_path: Path) -> None:
    """Paths in the configuration, plugins by path, per-module sections and the cache stay where they belong."""
    config = (
        "[mypy]\nplugins = plugins/other.py\nmypy_path = $MYPY_CONFIG_FILE_DIR/stubs\nfiles = main.py\n"
        "cache_dir = the_cache\n[mypy-main]\ndisable_error_code = use-after-move\n"
    )
    files = {"main.py": DOUBLE_MOVE + "import away\naway.there + 1\nx: str = 1\n"}
    files |= {
        "conf/mypy.ini": config,
        "conf/plugins/other.py": OTHER_PLUGIN,
        "conf/stubs/away.pyi": "there: int\n",
    }
    write(tmp_path, files)
    done = budget_types("check", "--config-file", "conf/mypy.ini", cwd=tmp_path)
    assert done.out.splitlines()[0] == "other plugin loaded"
    assert re.findall(r"error:.*", done.out) == [
        'error: Incompatible types in assignment (expression has type "int", variable has type "str")  [assignment]'
    ]
    assert (done.code, done.err) == (1, "")
    assert (tmp_path / "the_cache").is_dir()


def test_check_reads_our_settings_without_settings_of_mypy(tmp_path: Path) -> None:
    source = "class Pool: ...\ndef take(p: Pool) -> None: ...\ndef f(p: Pool) -> None:\n    take(p)\n    take(p)\n"
    settings = '[tool.budget-types]\naffine = ["sub.main.Pool"]\n'
    write(tmp_path, {"pyproject.toml": settings, "sub/__init__.py": "", "sub/main.py": source})
    done = budget_types("check", "-m", "sub.main", cwd=tmp_path)
    assert (done.code, "sub/main.py:5: error:" in done.out) == (1, True), done
    off = budget_types("check", "--config-file=", "-m", "sub.main", cwd=tmp_path)
    assert (off.code, off.out) == (0, "Success: no issues found in 1 source file\n")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            'afine = ["a.B"]',
            'pyproject.toml: [tool.budget-types] has no setting "afine"; did you mean "affine"?',
        ),
        (
            'affine = ["gone.C"]',
            'pyproject.toml: [tool.budget-types] affine: "gone.C": mypy finds no package "gone"',
        ),
        ("affine = [", "pyproject.toml: "),
    ],
)
def test_wrong_settings_end_the_run(tmp_path: Path, settings: str, problem: str) -> None:
    write(tmp_path, {"pyproject.toml": f"[tool.budget-types]\n{settings}\n", "main.py": "x = 1\n"})
    done = budget_types("check", "main.py", cwd=tmp_path)
    assert done.code == 2
    assert problem in done.out + done.err
    assert "Traceback" not in done.out + done.err


SAME_AS_MYPY: dict[str, list[str]] = {
    "clean": ["clean.py"],
    "strict": ["--strict", "loose.py"],
    "package": ["-p", "package"],
    "module": ["-m", "clean"],
    "program": ["-c", "1 + ''"],
    "no file": ["gone.py"],
    "nothing": [],
    "no such option": ["--no-such-option"],
    "no such configuration": ["--config-file", "gone.ini", "clean.py"],
    "syntax error": ["broken.py"],
    "version": ["--version"],
}


@pytest.mark.parametrize("arguments", SAME_AS_MYPY.values(), ids=SAME_AS_MYPY)
def test_check_is_mypy(tmp_path: Path, arguments: list[str]) -> None:
    """Where no budget is concerned, every byte and the exit code are mypy's."""
    files = {"clean.py": "x = 1\n", "loose.py": "def f(x): ...\n", "broken.py": "def f(:\n"}
    write(tmp_path, {**files, "package/__init__.py": "x: int = ''\n", "mypy.ini": "[mypy]\n"})
    ours = budget_types("check", *arguments, cwd=tmp_path)
    assert ours == run([program("mypy"), *arguments], cwd=tmp_path)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_mypys_and_ours(tmp_path: Path, option: str) -> None:
    ours = budget_types("check", option, cwd=tmp_path)
    mypys = run([program("mypy"), option], cwd=tmp_path)
    assert ours.out == mypys.out + HELP + "\n"
    assert (ours.code, ours.err) == (mypys.code, mypys.err)


def test_check_options_reach_mypy(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": DOUBLE_MOVE})
    done = budget_types("check", "--output=json", "main.py", cwd=tmp_path)
    (record,) = map(json.loads, done.out.splitlines())
    assert (record["file"], record["line"], record["code"]) == ("main.py", 7, "use-after-move")
    off = budget_types("check", "--disable-error-code=use-after-move", "main.py", cwd=tmp_path)
    assert (off.code, off.out) == (0, "Success: no issues found in 1 source file\n")
    ignored = budget_types("check", "--disable-error-code=affine", "main.py", cwd=tmp_path)
    assert ignored.code == 0


def test_check_switches_on_what_is_off(tmp_path: Path) -> None:
    """On mypy 1.18 only so: it looks at the names of codes before it loads any plugin."""
    mint = "from budget_types import Budget\n\nBUDGET = Budget(1)\n"
    settings = "[mypy]\n{}[mypy-b]\ndisable_error_code = budget-minted\n[mypy-c]\nenable_error_code = budget-minted\n"
    write(tmp_path, {"a.py": mint, "b.py": mint, "c.py": mint, "mypy.ini": settings.format("")})

    def reported(*options: str) -> list[str]:
        done = budget_types("check", *options, ".", cwd=tmp_path)
        lines = [line for line in done.out.splitlines() if ": error: " in line]
        assert all(line.endswith("[budget-minted]") for line in lines)
        return sorted(line.partition(".")[0] for line in lines)

    assert reported() == ["c"]
    assert reported("--enable-error-code=budget-minted") == ["a", "c"]
    assert reported("--enable-error-code=budget-minted", "--disable-error-code=affine") == ["a", "c"]
    write(tmp_path, {"mypy.ini": settings.format("enable_error_code = budget-minted\n")})
    assert reported() == ["a", "c"]
    write(tmp_path, {"mypy.ini": settings.format("") + "[budget-types]\nmint = *\n"})
    assert reported("--enable-error-code=budget-minted") == []


def test_enabling_by_name_widens_what_is_on_already(tmp_path: Path) -> None:
    """`budget-dropped` is on for what must be used; who names it has it for every affine class."""
    program = (
        "from budget_types import Budget\n\n"
        "def part(budget: Budget) -> int:\n    return budget.remaining\n\n"
        "def call(budget: Budget) -> None:\n    budget.reserve(1)\n"
    )
    settings = "[mypy]\n{}[mypy-b]\ndisable_error_code = budget-dropped\n[mypy-c]\nenable_error_code = budget-dropped\n"
    write(tmp_path, {"a.py": program, "b.py": program, "c.py": program, "mypy.ini": settings.format("")})

    def reported(*options: str) -> list[str]:
        done = budget_types("check", *options, ".", cwd=tmp_path)
        lines = [line for line in done.out.splitlines() if ": error: " in line]
        assert all(line.endswith("[budget-dropped]") for line in lines)
        return sorted(":".join(line.split(":")[:2]) for line in lines)

    assert reported() == ["a.py:7", "c.py:3", "c.py:7"]
    assert reported("--enable-error-code=budget-dropped") == ["a.py:3", "a.py:7", "c.py:3", "c.py:7"]
    assert reported("--disable-error-code=budget-dropped") == ["c.py:3", "c.py:7"]
    assert reported("--disable-error-code=affine") == ["c.py:3", "c.py:7"]
    write(tmp_path, {"mypy.ini": settings.format("enable_error_code = budget-dropped\n")})
    assert reported() == ["a.py:3", "a.py:7", "c.py:3", "c.py:7"]


def test_check_says_the_same_from_the_cache(tmp_path: Path) -> None:
    """Also when the cache was written by a mypy without the plugin."""
    write(tmp_path, {"main.py": DOUBLE_MOVE})
    assert run([program("mypy"), "main.py"], cwd=tmp_path).code == 0
    cold = budget_types("check", "main.py", cwd=tmp_path)
    assert REPORT in cold.out
    assert budget_types("check", "main.py", cwd=tmp_path) == cold


@pytest.mark.skipif(MYPY < (2, 0), reason="workers came with mypy 2.0")
def test_check_in_workers(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": DOUBLE_MOVE, "other.py": "import main\n"})
    done = budget_types("check", "-n", "2", "main.py", "other.py", cwd=tmp_path)
    assert done.out.count(REPORT) == 1, done
    assert done.code == 1


def test_python_dash_m(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": DOUBLE_MOVE})
    done = run(python("-m", "mypy_plugin", "check", "main.py"), cwd=tmp_path)
    assert (done.code, REPORT in done.out) == (1, True)


def test_check_refuses_a_mypy_it_cannot_hook_into(tmp_path: Path) -> None:
    """A mypy to come that reads its command line in another way: no run, and never an empty "Success"."""
    script = (
        "import sys, mypy_plugin.check as check\n"
        "check._add_plugin = lambda options, reads_config: None\n"
        "sys.exit(check.run(['main.py']))\n"
    )
    write(tmp_path, {"main.py": DOUBLE_MOVE})
    done = run(python("-c", script), cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"budget-types: cannot switch the plugin on in mypy {mypy_version}: "
        'add plugins = ["mypy_plugin"] to the configuration of mypy, and run mypy\n'
    )


@pytest.mark.parametrize("arguments", [["check", "main.py"], ["doctor"]])
def test_without_mypy(tmp_path: Path, arguments: list[str]) -> None:
    """As in a production image, where only the run-time package and its one dependency are installed."""
    done = _without_mypy(tmp_path, arguments)
    assert done == (2, "", 'budget-types: mypy is not installed here: pip install "budget-types[check]"\n')


def test_explain_needs_no_mypy(tmp_path: Path) -> None:
    code, out, err = _without_mypy(tmp_path, ["explain"])
    assert (code, err) == (0, "")
    assert "use-after-move" in out


def _without_mypy(directory: Path, arguments: list[str]) -> tuple[int, str, str]:
    """Run the command with an import path of copies: nothing else of the environment can be imported."""
    site = Path(package.__file__).parents[1]
    only = directory / "only"
    only.mkdir()
    for name in ("budget_types", "mypy_plugin", "typing_extensions.py"):
        (only / name).symlink_to(site / name)
    start = f"import sys; sys.path.insert(0, {str(only)!r}); from mypy_plugin.cli import main; sys.exit(main())"
    done = run(python("-S", "-I", "-c", start, *arguments), cwd=directory)
    return done.code, done.out, done.err


# explain


def test_explain_lists_every_page(tmp_path: Path) -> None:
    done = budget_types("explain", cwd=tmp_path)
    written = sorted(path.stem for path in (ROOT / "docs" / "rules").glob("*.md") if path.stem != "README")
    assert [line.split()[0] for line in done.out.splitlines()] == written
    assert {"use-after-move", "budget-copied", "move-of-borrowed"} <= set(written)
    assert all(len(line.split(maxsplit=1)) == 2 for line in done.out.splitlines()), "each with a summary"
    assert done.code == 0


@pytest.mark.parametrize("code", sorted(pages()))
def test_explain_prints_the_page(tmp_path: Path, code: str) -> None:
    """The one in the documentation, word for word, from wherever it is installed."""
    done = budget_types("explain", code, cwd=tmp_path)
    assert done.out.rstrip() == (ROOT / "docs" / "rules" / f"{code}.md").read_text("utf-8").rstrip()
    assert (done.code, done.err) == (0, "")


def test_explain_unknown(tmp_path: Path) -> None:
    done = budget_types("explain", "use-after-mov", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    first, second = done.err.splitlines()
    assert first == 'no rule is called "use-after-mov"; did you mean "use-after-move"?'
    assert second == f"there are: {', '.join(sorted(pages()))}"


# usage


@pytest.mark.parametrize("arguments", [[], ["chekc"], ["explain", "a", "b"], ["doctor", "--no-such-option"]])
def test_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    done = budget_types(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: budget-types")


def test_help_and_version(tmp_path: Path) -> None:
    helped = budget_types("--help", cwd=tmp_path)
    assert helped.code == 0
    assert all(name in helped.out for name in ("check", "explain", "doctor"))
    assert budget_types("--version", cwd=tmp_path).out == f"budget-types {package.__version__}\n"


def test_the_checker_has_the_version_of_the_package() -> None:
    assert mypy_plugin.__version__ == package.__version__ == metadata.version("budget-types")
