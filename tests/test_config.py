"""The project's settings: where they are found, and every sentence about what is wrong with them."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mypy.options import Options

from mypy_plugin.config import Adopt, Config, ConfigError, Containers, Tasks, find_pyproject, load
from mypy_plugin.listed import listed_classes, missing_names

TOML = "[tool.budget-types]\n"
INI = "[mypy]\nstrict = True\n[budget-types]\n"
WRONG_TOML = {
    "unknown": ("afine = []", '[tool.budget-types] has no setting "afine"; did you mean "affine"?'),
    "unknown and far": (
        "x = 1",
        '[tool.budget-types] has no setting "x" (there is: affine, mint, optional, containers, tasks, adopt)',
    ),
    "text": (
        'affine = "a.B"',
        "[tool.budget-types] affine: expected a list of names such as [\"pkg.module.Class\"], not text ('a.B')",
    ),
    "number": (
        "affine = [1]",
        '[tool.budget-types] affine: expected a name such as "pkg.module.Class", not a number (1)',
    ),
    "not dotted": (
        'affine = ["a b"]',
        '[tool.budget-types] affine: "a b" is not a dotted name such as "pkg.module.Class"',
    ),
    "colon": (
        'affine = ["a.b:C"]',
        '[tool.budget-types] affine: "a.b:C" is not a dotted name such as "pkg.module.Class" (write "a.b.C")',
    ),
    "bare": (
        'affine = ["C"]',
        '[tool.budget-types] affine: "C" must be a full name, with its module, such as "pkg.module.Class"',
    ),
    "mint: text": (
        'mint = "app.main"',
        "[tool.budget-types] mint: expected a list of names such as [\"app.main\"], not text ('app.main')",
    ),
    "mint: not a module": (
        'mint = ["app main"]',
        '[tool.budget-types] mint: "app main" is not a module, or pattern of modules, such as "app.main"',
    ),
    "mint: part of a name": (
        'mint = ["app.cli*"]',
        '[tool.budget-types] mint: "app.cli*" is not a module, or pattern of modules, such as "app.main"',
    ),
    "mint: path": (
        'mint = ["app/main.py"]',
        '[tool.budget-types] mint: "app/main.py" is not a module, or pattern of modules, such as "app.main"'
        ' (write "app.main")',
    ),
}


CONTAINERS = {
    "unknown": ("lent = []", 'has no setting "lent"; did you mean "lend"?'),
    "not dotted": (
        'lend = ["Shelf peek"]',
        'lend: "Shelf peek" is not a dotted name such as "pkg.module.Class.method"',
    ),
    "bare": (
        'hand_out = ["take"]',
        'hand_out: "take" must be a full name, with its module, such as "pkg.module.Class.method"',
    ),
    "class": ('conduits = ["C"]', 'conduits: "C" must be a full name, with its module, such as "pkg.module.Class"'),
    "text": ('view = "a.b"', "view: expected a list of names such as [\"pkg.module.Class.method\"], not text ('a.b')"),
}


@pytest.mark.parametrize(("line", "problem"), CONTAINERS.values(), ids=CONTAINERS)
def test_wrong_setting_of_containers(line: str, problem: str) -> None:
    write({"pyproject.toml": f"[tool.budget-types.containers]\n{line}"})
    with pytest.raises(ConfigError) as raised:
        load("pyproject.toml")
    assert str(raised.value) == f"pyproject.toml: [tool.budget-types.containers] {problem}"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("names = []", 'has no setting "names" (there is: caps)'),
        ("caps = 1", 'caps: expected a list of names such as ["allowance=tokens"], not a number (1)'),
        ("caps = [{}]", 'caps: expected a name such as "allowance=tokens", not a table ({})'),
        (
            'caps = ["allowance", "left=cents", "=usd"]',
            'caps: "allowance" is not a name with its unit, tokens or usd, such as "allowance=tokens"\n'
            'pyproject.toml: [tool.budget-types.adopt] caps: "left=cents" is not a name with its unit, tokens or usd, '
            'such as "allowance=tokens"\n'
            'pyproject.toml: [tool.budget-types.adopt] caps: "=usd" is not a name with its unit, tokens or usd, '
            'such as "allowance=tokens"',
        ),
    ],
)
def test_wrong_setting_of_adopt(line: str, problem: str) -> None:
    write({"pyproject.toml": f"[tool.budget-types.adopt]\n{line}"})
    with pytest.raises(ConfigError) as raised:
        load("pyproject.toml")
    assert str(raised.value) == f"pyproject.toml: [tool.budget-types.adopt] {problem}"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "pyproject.toml",
            TOML + "containers = []",
            "pyproject.toml: [tool.budget-types] containers: expected a table, not a list ([])",
        ),
        (
            "pyproject.toml",
            "[tool.budget-types.container]\nlend = []",
            'pyproject.toml: [tool.budget-types] has no setting "container"; did you mean "containers"?',
        ),
        (
            "mypy.ini",
            "[budget-types.container]\nlend =",
            "mypy.ini: [budget-types.container] is not read: there is [budget-types], [budget-types.containers], "
            "[budget-types.tasks] and [budget-types.adopt]",
        ),
    ],
)
def test_wrong_table_of_containers(name: str, text: str, problem: str) -> None:
    write({name: text})
    with pytest.raises(ConfigError) as raised:
        load(name)
    assert str(raised.value) == problem


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is a project of its own, and the current directory."""
    monkeypatch.chdir(tmp_path)


def write(files: dict[str, str]) -> None:
    """Write a project, by path."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def options(config_file: str | None = None) -> Options:
    """mypy's options in a process that was started here."""
    made = Options()
    made.config_file = config_file
    return made


@pytest.mark.parametrize(
    ("files", "config_file", "expected"),
    [
        ({}, None, Config()),
        ({}, "gone.ini", Config()),
        ({"pyproject.toml": "[tool.mypy]\n"}, "pyproject.toml", Config()),
        (
            {"pyproject.toml": TOML + 'affine = ["a.B", "c.d.E", "a.B"]'},
            "pyproject.toml",
            Config(affine=("a.B", "c.d.E"), source="pyproject.toml: [tool.budget-types]"),
        ),
        (
            {"pyproject.toml": TOML + 'mint = ["app.main", "app.cli.*", "main", "*"]'},
            "pyproject.toml",
            Config(mint=("app.main", "app.cli.*", "main", "*"), source="pyproject.toml: [tool.budget-types]"),
        ),
        (
            {"mypy.ini": INI + "mint = app.main,\n    app.cli.*\n"},
            "mypy.ini",
            Config(mint=("app.main", "app.cli.*"), source="mypy.ini: [budget-types]"),
        ),
        (
            {"mypy.ini": INI + "affine = a.B, c.D,\n    e.F\n"},
            "mypy.ini",
            Config(affine=("a.B", "c.D", "e.F"), source="mypy.ini: [budget-types]"),
        ),
        (
            {"setup.cfg": INI + "affine =\n    a.B\n    c.D\n"},
            "setup.cfg",
            Config(affine=("a.B", "c.D"), source="setup.cfg: [budget-types]"),
        ),
        (
            {"mypy.ini": "[mypy]\n", "pyproject.toml": TOML + 'affine = ["a.B"]'},
            "mypy.ini",
            Config(affine=("a.B",), source="pyproject.toml: [tool.budget-types]"),
        ),
        (
            {"tox.ini": INI + "affine = a.B", "pyproject.toml": TOML + 'affine = ["c.D"]'},
            "tox.ini",
            Config(affine=("a.B",), source="tox.ini: [budget-types]"),
        ),
        (
            {
                "pyproject.toml": "[tool.budget-types.containers]\n"
                'lend = ["a.B.peek"]\nconduits = ["a.C"]\ncontexts = ["a.D"]'
            },
            "pyproject.toml",
            Config(
                containers=Containers(lend=("a.B.peek",), conduits=("a.C",), contexts=("a.D",)),
                source="pyproject.toml: [tool.budget-types]",
            ),
        ),
        (
            {"mypy.ini": "[mypy]\n[budget-types.containers]\nhand_out = a.B.take,\n    a.take\n"},
            "mypy.ini",
            Config(containers=Containers(hand_out=("a.B.take", "a.take")), source="mypy.ini: [budget-types]"),
        ),
        (
            {
                "pyproject.toml": '[tool.budget-types.tasks]\nstart = ["a.spawn"]\nrun = ["a.B.run"]\n'
                'retry = ["a.again"]\ngroups = ["a.B"]'
            },
            "pyproject.toml",
            Config(
                tasks=Tasks(start=("a.spawn",), run=("a.B.run",), retry=("a.again",), groups=("a.B",)),
                source="pyproject.toml: [tool.budget-types]",
            ),
        ),
        (
            {"mypy.ini": "[mypy]\n[budget-types.tasks]\nstart = a.spawn\n"},
            "mypy.ini",
            Config(tasks=Tasks(start=("a.spawn",)), source="mypy.ini: [budget-types]"),
        ),
        (
            {"pyproject.toml": '[tool.budget-types.adopt]\ncaps = ["allowance=tokens", "*_cents=usd"]'},
            "pyproject.toml",
            Config(adopt=Adopt(caps=("allowance=tokens", "*_cents=usd")), source="pyproject.toml: [tool.budget-types]"),
        ),
        (
            {"setup.cfg": "[budget-types.adopt]\ncaps =\n    allowance=tokens\n    *_cents=usd\n"},
            "setup.cfg",
            Config(adopt=Adopt(caps=("allowance=tokens", "*_cents=usd")), source="setup.cfg: [budget-types]"),
        ),
        (
            {"conf/mypy.toml": TOML + 'affine = ["a.B"]'},
            "conf/mypy.toml",
            Config(affine=("a.B",), source="conf/mypy.toml: [tool.budget-types]"),
        ),
    ],
)
def test_load(files: dict[str, str], config_file: str | None, expected: Config) -> None:
    write(files)
    assert load(config_file) == expected


@pytest.mark.parametrize(("line", "problem"), WRONG_TOML.values(), ids=WRONG_TOML)
def test_wrong_setting(line: str, problem: str) -> None:
    write({"pyproject.toml": TOML + line})
    with pytest.raises(ConfigError) as raised:
        load("pyproject.toml")
    assert str(raised.value) == f"pyproject.toml: {problem}"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("pyproject.toml", "[tool", "pyproject.toml: Expected ']' at the end of a table declaration"),
        ("mypy.ini", "strict\n", "mypy.ini: File contains no section headers."),
        (
            "pyproject.toml",
            "[tool]\nbudget-types = 1",
            "[tool.budget-types] must be a table, not a number (1)",
        ),
        (
            "pyproject.toml",
            "[tool.budget_types]\naffine = []",
            "[tool.budget_types] is not read here: the section is called [tool.budget-types]",
        ),
        (
            "mypy.ini",
            "[tool.budget-types]\naffine =",
            "[tool.budget-types] is not read here: the section is called [budget-types]",
        ),
        (
            "mypy.ini",
            INI + "afine =",
            'mypy.ini: [budget-types] has no setting "afine"; did you mean "affine"?',
        ),
    ],
)
def test_wrong_file(name: str, text: str, problem: str) -> None:
    write({name: text})
    with pytest.raises(ConfigError) as raised:
        load(name)
    assert problem in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_problem_is_named() -> None:
    write({"pyproject.toml": TOML + 'afine = []\naffine = ["C", 1]'})
    with pytest.raises(ConfigError) as raised:
        load("pyproject.toml")
    assert len(raised.value.problems) == len(str(raised.value).splitlines()) == 3


def test_results_data_is_json_and_ignores_order_and_place() -> None:
    one = Config(affine=("a.B", "c.D"), source="here").results_data()
    other = Config(affine=("c.D", "a.B"), source="there").results_data()
    assert one == other == json.loads(json.dumps(one))
    assert one != Config(affine=("a.B",), source="here").results_data()
    assert one != Config(affine=("a.B", "c.D"), mint=("a",), source="here").results_data()
    lends = Config(affine=("a.B", "c.D"), containers=Containers(lend=("a.get",)), source="here").results_data()
    assert one != lends == json.loads(json.dumps(lends))
    starts = Config(affine=("a.B", "c.D"), tasks=Tasks(start=("a.get",)), source="here").results_data()
    assert starts not in (one, lends)
    assert list(Containers(lend=("a.b",), look=("a.c", "d.e")).calls()) == [
        ("lend", "a.b"),
        ("look", "a.c"),
        ("look", "d.e"),
    ]


def _with_one_thing_set() -> Iterator[tuple[str, Config]]:
    set_: Any = ("a.B",)
    tables: dict[str, type[Containers | Tasks]] = {"containers": Containers, "tasks": Tasks}
    for setting in Config.__annotations__:
        if setting in tables:
            for below in tables[setting].__annotations__:
                changes: Any = {setting: tables[setting](**{below: set_})}
                yield f"{setting}.{below}", Config(**changes)
        elif setting not in ("source", "adopt"):
            changes = {setting: set_}
            yield setting, Config(**changes)


@pytest.mark.parametrize("config", [pytest.param(config, id=name) for name, config in _with_one_thing_set()])
def test_every_setting_is_in_what_the_cache_depends_on(config: Config) -> None:
    assert config.results_data() != Config().results_data()


def test_what_only_adopt_asks_for_is_no_reason_to_check_anew() -> None:
    assert Config(adopt=Adopt(caps=("allowance=tokens",))).results_data() == Config().results_data()


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("app.main", ["app.main"], ["app", "app.main.x", "app.mainly", "xapp.main", "appxmain"]),
        ("app.cli.*", ["app.cli", "app.cli.run", "app.cli.run.x"], ["app", "app.client"]),
        ("*.settings", ["x.settings", "x.y.settings"], ["settings", "x.settings.y", "x.mysettings"]),
        ("app.*.settings", ["app.settings", "app.x.settings", "app.x.y.settings"], ["app.x", "x.settings"]),
        ("*", ["app", "app.main", "__main__"], []),
    ],
)
def test_patterns_of_modules_are_those_of_mypy(pattern: str, inside: list[str], outside: list[str]) -> None:
    config = Config(mint=("elsewhere", pattern))
    assert [module for module in inside + outside if config.may_mint(module)] == inside
    mypys = Options().compile_glob(pattern)
    assert [module for module in inside + outside if mypys.match(module)] == inside


def test_no_module_may_mint_without_a_list() -> None:
    assert not Config().may_mint("app.main")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, None),
        ({"pyproject.toml": TOML}, "pyproject.toml"),
        ({"pyproject.toml": TOML, "a/pyproject.toml": "[tool.mypy]\n"}, "pyproject.toml"),
        ({"pyproject.toml": TOML, "a/b/pyproject.toml": TOML}, "a/b/pyproject.toml"),
        ({"pyproject.toml": TOML, "a/.git/HEAD": ""}, None),
        ({"a/pyproject.toml": "[tool"}, "a/pyproject.toml"),
    ],
)
def test_find_pyproject(files: dict[str, str], found: str | None, tmp_path: Path) -> None:
    write({".hg/store": "", "a/b/main.py": "", **files})
    assert find_pyproject(tmp_path / "a" / "b") == (None if found is None else tmp_path / found)


PROJECT = {
    "pkg/__init__.py": "",
    "pkg/mod.py": (
        "import typing\n"
        "from pkg.star import C as Imported\n"
        "Alias = typing.Any\n"
        "Annotated: int\n"
        "if typing.TYPE_CHECKING:\n"
        "    class Guarded: ...\n"
        "else:\n"
        "    def Guarded(): ...\n"
        "try:\n"
        "    import fast\n"
        "except ImportError:\n"
        "    class Fallback: ...\n"
        "match 1:\n"
        "    case 1:\n"
        "        class Matched: ...\n"
        "def function(): ...\n"
        "class Outer:\n"
        "    class Inner: ...\n"
        "class Derived(Outer): ...\n"
    ),
    "pkg/star.py": "from elsewhere import *\n",
    "pkg/dynamic.py": "def __getattr__(name): ...\n",
    "pkg/newer.py": "class C(:\n",
    "pkg/sub/__init__.pyi": "class C: ...\n",
    "space/mod.py": "class C: ...\n",
    "src/lib/__init__.py": "class C: ...\n",
    "services/one/app/__init__.py": "class C: ...\n",
    "deep/unseen/.venv/hidden.py": "class C: ...\n",
}


@pytest.mark.parametrize(
    "name",
    [
        "pkg.mod.Imported",
        "pkg.mod.Alias",
        "pkg.mod.Annotated",
        "pkg.mod.Guarded",
        "pkg.mod.Fallback",
        "pkg.mod.Matched",
        "pkg.mod.Outer",
        "pkg.mod.Outer.Inner",
        "pkg.mod.Derived.Inner",
        "pkg.mod.Imported.Inner",
        "pkg.star.Any",
        "pkg.dynamic.Thing",
        "pkg.newer.Thing",
        "pkg.sub.C",
        "space.mod.C",
        "lib.C",
        "app.C",
        "asyncio.Queue",
        "asyncio.queues.Queue",
        "budget_types.budget.Budget",
        "pytest.Config",
    ],
)
def test_class_that_may_exist(name: str) -> None:
    write(PROJECT)
    assert missing_names(Config(affine=(name,)), options()) == []


@pytest.mark.parametrize(
    ("name", "defined"),
    [
        ("api.Direct", "api._impl.Direct"),
        ("api.Renamed", "api._impl.Direct"),
        ("api.Starred", "api._star.Starred"),
        ("api.Alias", "api._impl.Direct"),
        ("api.Dotted", "api._impl.Direct"),
        ("api.implementation.Direct", "api._impl.Direct"),
        ("api.sub.Outer.Inner", "api._impl.Outer.Inner"),
        ("api.sub.Fast", "api._impl.Fast"),
        ("api.sub.Fast", "api._star.Slow"),
        ("api._impl.Direct", "api._impl.Direct"),
    ],
)
def test_classes_are_listed_where_they_are_defined(name: str, defined: str) -> None:
    write(
        {
            "api/__init__.py": (
                "import api._impl as implementation\n"
                "from ._impl import Direct, Direct as Renamed\n"
                "from ._star import *\n"
                "Alias = Renamed\n"
                "Dotted: object = implementation.Direct\n"
            ),
            "api/_impl.py": "class Direct: ...\nclass Fast: ...\nclass Outer:\n    class Inner: ...\n",
            "api/_star.py": "class Starred: ...\nclass Slow: ...\n",
            "api/sub/__init__.py": (
                "from .._impl import Outer\n"
                "try:\n    from .._impl import Fast\nexcept ImportError:\n    from .._star import Slow as Fast\n"
            ),
        }
    )
    assert {name, defined} <= listed_classes(Config(affine=(name,)), options())


def test_a_name_that_comes_round_to_itself_ends() -> None:
    write({"one.py": "from two import C\n", "two.py": "from one import C\n", "three.py": "class C(:\n"})
    assert listed_classes(Config(affine=("one.C", "three.C")), options()) == {"one.C", "two.C", "three.C"}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("pkg.mod.Guardet", 'module "pkg.mod" (pkg/mod.py) has no class "Guardet"; did you mean "Guarded"?'),
        ("pkg.mod.Zzz", 'module "pkg.mod" (pkg/mod.py) has no class "Zzz"'),
        ("pkg.mod.Outer.Iner", 'class "pkg.mod.Outer" has no class "Iner"; did you mean "Inner"?'),
        ("pkg.mod.Outter.Inner", 'has no class or module "Outter"; did you mean "Outer"?'),
        ("pkg.model.C", 'module "pkg" (pkg/__init__.py) has no class or module "model"; did you mean "mod"?'),
        ("pkg.mod.function", '"pkg.mod.function" is a function, not a class'),
        ("space.C", 'module "space" (space) has no class "C"'),
        ("hidden.C", '"hidden.C": mypy finds no package "hidden": install it where mypy looks'),
    ],
)
def test_class_that_does_not_exist(name: str, problem: str) -> None:
    write(PROJECT)
    config = Config(affine=("pkg.mod.Outer", name), source="here: [x]")
    (line,) = missing_names(config, options())
    assert line.startswith(f'here: [x] affine: "{name}"')
    assert problem in line


@pytest.mark.parametrize(
    "name", ["pkg.mod.function", "pkg.mod.Outer", "pkg.mod.Derived.anything", "pkg.dynamic.f", "collections.deque.pop"]
)
def test_call_that_may_exist(name: str) -> None:
    write(PROJECT)
    assert missing_names(Config(containers=Containers(view=(name,))), options()) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("pkg.mod.functoin", 'module "pkg.mod" (pkg/mod.py) has no function or class "functoin"'),
        ("pkg.mod.Outer.peek", 'class "pkg.mod.Outer" has no method "peek"'),
        ("pkg.mod.Outter.peek", 'has no class or module "Outter"; did you mean "Outer"?'),
        ("hidden.peek", '"hidden.peek": mypy finds no package "hidden": install it where mypy looks'),
    ],
)
def test_call_that_does_not_exist(name: str, problem: str) -> None:
    write(PROJECT)
    config = Config(containers=Containers(lend=("pkg.mod.Outer.Inner", name)), source="here: [x]")
    (line,) = missing_names(config, options())
    assert line.startswith(f'here: [x.containers] lend: "{name}"')
    (line,) = missing_names(Config(tasks=Tasks(retry=(name,)), source="here: [x]"), options())
    assert line.startswith(f'here: [x.tasks] retry: "{name}"')
    assert problem in line


@pytest.mark.parametrize(
    "pattern",
    [
        "pkg",
        "pkg.mod",
        "pkg.*",
        "pkg.mod.*",
        "pkg.*.nothing",
        "pkg.sub",
        "space",
        "space.mod",
        "lib",
        "app",
        "__main__",
        "*",
        "*.settings",
        "budget_types.budget",
    ],
)
def test_module_that_may_exist(pattern: str) -> None:
    write(PROJECT)
    assert missing_names(Config(mint=(pattern,)), options()) == []


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("pkg.mood", '"pkg.mood": "pkg" (pkg/__init__.py) has no module "mood"; did you mean "mod"?'),
        ("pkg.mood.*", '"pkg.mood": "pkg" (pkg/__init__.py) has no module "mood"; did you mean "mod"?'),
        ("pkg.mod.Outer", '"pkg.mod.Outer": "pkg.mod" (pkg/mod.py) has no module "Outer"'),
        ("space.gone", '"space.gone": "space" (space) has no module "gone"'),
        ("hidden", '"hidden": mypy finds no package "hidden": install it where mypy looks'),
    ],
)
def test_module_that_does_not_exist(pattern: str, problem: str) -> None:
    write(PROJECT)
    (line,) = missing_names(Config(mint=("pkg.mod", pattern), source="here: [x]"), options())
    assert line.startswith(f"here: [x] mint: {problem}")


def _with(config: Config, optional: tuple[str, ...]) -> Config:
    return Config(**{**vars(config), "optional": optional})


@pytest.mark.parametrize(
    "config",
    [
        Config(affine=("gone.C",), optional=("gone",)),
        Config(affine=("gone.mod.C", "pkg.gone.C", "space.gone.C"), optional=("*",)),
        Config(affine=("pkg.gone.C",), optional=("pkg.gone",)),
        Config(mint=("gone.main", "pkg.gone.*"), optional=("gone.*", "pkg.*")),
        Config(containers=Containers(lend=("gone.C.get",), conduits=("gone.C",)), optional=("gone",)),
        Config(tasks=Tasks(start=("gone.start",), groups=("gone.C",)), optional=("gone",)),
    ],
)
def test_what_is_optional_may_be_missing(config: Config) -> None:
    write(PROJECT)
    assert missing_names(config, options()) == []
    assert missing_names(_with(config, ()), options()) != []
    assert missing_names(_with(config, ("other", "gone.mod.C.get")), options()) != []


@pytest.mark.parametrize("name", ["pkg.mod.Gone", "pkg.mod.Outer.Gone", "pkg.mod.function"])
def test_what_is_there_is_looked_at_all_the_same(name: str) -> None:
    write(PROJECT)
    called = Config(containers=Containers(lend=(name,)), optional=("*",))
    assert missing_names(called, options()) == missing_names(_with(called, ()), options())


def test_class_without_type_hints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write({"installed/untyped/sub.py": "class C: ...\n", "installed/untyped/__init__.py": ""})
    # mypy remembers where this interpreter finds packages; it asks one of another name.
    Path("python").symlink_to(sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "installed"))
    asked = options()
    asked.python_executable = str(tmp_path / "python")
    (line,) = missing_names(Config(affine=("untyped.sub.C",)), asked)
    assert 'mypy does not read "untyped.sub", which has no type hints, so all of it is Any' in line
    asked.follow_untyped_imports = True
    assert missing_names(Config(affine=("untyped.sub.C",)), asked) == []


def test_beside_the_configuration_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write({"project/src/pkg/__init__.py": "class C: ...\n", "project/mypy.ini": "", "away/x.py": ""})
    monkeypatch.chdir("away")
    config = Config(affine=("pkg.C",))
    assert missing_names(config, options(str(tmp_path / "project" / "mypy.ini"))) == []
    assert len(missing_names(config, options())) == 1


def test_too_big_to_be_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    write({f"a{number}/x.py": "" for number in range(5)})
    config = Config(affine=("nowhere.C",))
    assert len(missing_names(config, options())) == 1
    monkeypatch.setattr("mypy_plugin.names._DIRECTORIES_WALKED", 3)
    assert missing_names(config, options()) == []


def test_nothing_is_imported() -> None:
    write({"pkg.py": "raise SystemExit('imported')\nclass C: ...\n"})
    assert missing_names(Config(affine=("pkg.C",)), options()) == []
    assert "pkg" not in sys.modules


def test_project_is_python() -> None:
    """Keeps the programs above honest: only one is meant not to parse."""
    broken = []
    for name, text in PROJECT.items():
        try:
            ast.parse(text)
        except SyntaxError:
            broken.append(name)
    assert broken == ["pkg/newer.py"]
