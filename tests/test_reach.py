"""Which modules are looked at: those that import us, directly or not, for types come by imports."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import mypy.api
import pytest

from mypy_plugin.analysis import check_module

MAKER = """
    from budget_types import Budget

    def make() -> Budget:
        return Budget(tokens=9)
"""

USES = """
    def use() -> None:
        budget = MAKE()
        first = budget
        second = budget
"""
"""A body that is wrong, in a module that never names us."""

FAR = {
    "a name from a module": {"maker.py": MAKER, "user.py": "from maker import make as MAKE"},
    "a module": {"maker.py": MAKER, "user.py": "import maker\nMAKE = maker.make"},
    "a submodule": {"pkg/__init__.py": "", "pkg/maker.py": MAKER, "user.py": "import pkg.maker\nMAKE = pkg.maker.make"},
    "a submodule by its package": {
        "pkg/__init__.py": "",
        "pkg/maker.py": MAKER,
        "user.py": "from pkg import maker\nMAKE = maker.make",
    },
    "the package of a module": {
        "pkg/__init__.py": MAKER,
        "pkg/other.py": "",
        "user.py": "import pkg.other\nMAKE = pkg.make",
    },
    "a relative import": {
        "pkg/__init__.py": "",
        "pkg/maker.py": MAKER,
        "pkg/middle.py": "from . import maker",
        "user.py": "from pkg.middle import maker\nMAKE = maker.make",
    },
    "a star": {"maker.py": MAKER, "middle.py": "from maker import *", "user.py": "from middle import make as MAKE"},
    "three modules": {
        "maker.py": MAKER,
        "one.py": "from maker import make",
        "two.py": "from one import make\ndef again():\n    return make()",
        "user.py": "from two import make as MAKE",
    },
    "an import in a function": {
        "maker.py": MAKER,
        "middle.py": "class Team:\n    def __init__(self):\n        import maker\n        self.make = maker.make",
        "user.py": "from middle import Team\nMAKE = Team().make",
    },
    "an import for types alone": {
        "maker.py": MAKER,
        "middle.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from maker import make",
        "user.py": "import middle\nMAKE = middle.make",
    },
    "a cycle": {
        "maker.py": f"import user\n{dedent(MAKER)}",
        "user.py": "import middle\nMAKE = middle.maker.make",
        "middle.py": "import maker",
    },
    "a stub": {
        "maker.pyi": "from budget_types import Budget\ndef make() -> Budget: ...",
        "user.py": "from maker import make as MAKE",
    },
    "a class that is affine": {
        "maker.py": "from budget_types import affine\n@affine\nclass Team: ...",
        "middle.py": "from maker import Team",
        "user.py": "import middle\nMAKE = middle.Team",
    },
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The modules whose bodies are looked at from now on."""
    found: set[str] = set()

    def noted(checker, *arguments):  # type: ignore[no-untyped-def]
        found.add(checker.tree.fullname)
        return check_module(checker, *arguments)

    monkeypatch.setattr("mypy_plugin.judging.check_module", noted)
    return found


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).strip() + "\n", "utf-8")


def run(*arguments: str, plugins: str = "mypy_plugin") -> str:
    Path("mypy.ini").write_text(f"[mypy]\nplugins = {plugins}\ncheck_untyped_defs = True\n", "utf-8")
    out, err, _ = mypy.api.run(["--config-file", "mypy.ini", *arguments])
    return out + err


def way(files: dict[str, str]) -> dict[str, str]:
    return {**files, "user.py": f"{files['user.py']}\n{dedent(USES)}"}


@pytest.mark.parametrize("files", FAR.values(), ids=FAR)
def test_a_type_from_afar_is_seen(files: dict[str, str]) -> None:
    write(way(files))
    cold = run("user.py")
    assert cold.count("[use-after-move]") == 1, cold
    # Now the others come from mypy's cache.
    user = Path("user.py")
    user.write_text(user.read_text("utf-8") + "# edited\n", "utf-8")
    assert run("user.py") == cold


def test_what_reaches_us_is_looked_at_and_nothing_else(looked_at: set[str]) -> None:
    write(
        {
            "maker.py": MAKER,
            "near.py": "import maker",
            "far.py": "import near",
            "left.py": "import right\nimport plain",
            "right.py": "import left\nimport os, json, collections.abc",
            "plain.py": "import asyncio\nimport gone",
            "all.py": "import far, left",
        }
    )
    run("all.py", "--ignore-missing-imports")
    assert looked_at == {"maker", "near", "far", "all"}


def test_what_another_plugin_brings_is_looked_at(looked_at: set[str]) -> None:
    """As that of Django, for which a model is named by a string."""
    write(
        {
            "maker.py": MAKER,
            "models.py": "def model(name: str) -> object: ...",
            "bringing.py": """
                from mypy.plugin import Plugin

                class Bringing(Plugin):
                    def get_additional_deps(self, file):
                        return [(10, "maker", -1)] if file.fullname == "user" else []

                    def get_function_hook(self, fullname):
                        return self.made if fullname == "models.model" else None

                    def made(self, context):
                        return self.lookup_fully_qualified("maker.make").node.type.ret_type

                def plugin(version):
                    return Bringing
            """,
            "user.py": "from models import model\n" + dedent(USES).replace("MAKE()", "model('Budget')"),
        }
    )
    assert run("user.py", plugins="mypy_plugin, bringing.py").count("[use-after-move]") == 1
    assert "user" in looked_at


def test_what_the_settings_name_may_come_from_anywhere(looked_at: set[str]) -> None:
    write(
        {
            "mine.py": "class Mine: ...",
            "user.py": f"from mine import Mine as MAKE\n{dedent(USES)}",
        }
    )
    Path("pyproject.toml").write_text('[tool.budget-types]\naffine = ["mine.Mine"]\n', "utf-8")
    assert run("user.py").count("[use-after-move]") == 1
    assert looked_at == {"mine", "user"}
