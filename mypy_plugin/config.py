"""The project's own settings: `[tool.budget-types]`, read and checked.

Owns which settings exist, where they stand and what is said when one is wrong. Whether what they name exists is the
business of `listed`. This module must never know mypy, nor what the settings are good for.
"""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, cast

from typing_extensions import dataclass_transform

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Adopt", "Config", "ConfigError", "Containers", "Tasks", "find", "find_pyproject", "load", "table_below"]

TABLE: Final = "budget-types"
PYPROJECT: Final = "pyproject.toml"
_FILES: Final = ("mypy.ini", ".mypy.ini", PYPROJECT, "setup.cfg", "tox.ini")
"""What mypy is configured by, the first one first."""

_NAME: Final = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
_PATTERN: Final = r"([^\W\d]\w*|\*)(\.([^\W\d]\w*|\*))*"
_CAP_NAME: Final = r"[\w*?]+=(tokens|usd)"


# Every run of mypy waits for this module, and dataclasses and named tuples are made by compiling their methods.
@dataclass_transform(kw_only_default=True, frozen_default=True)
class _Settings:
    """What is set, attribute by attribute; the others are as the class has them."""

    def __init__(self, **values: object) -> None:
        vars(self).update(values)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            getattr(self, name) == getattr(other, name) for name in type(self).__annotations__
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class _Form(_Settings):
    """How the items of a setting are spelled: an `example`, what to call them, and the expression they match."""

    example: str
    what: str
    spelling: str
    qualified: bool
    """Whether the module is a must."""


_CALL: Final = _Form(example="pkg.module.Class.method", what="dotted name", spelling=_NAME, qualified=True)
_CLASS: Final = _Form(example="pkg.module.Class", what="dotted name", spelling=_NAME, qualified=True)
_MODULE: Final = _Form(example="app.main", what="module, or pattern of modules,", spelling=_PATTERN, qualified=False)
_CAP: Final = _Form(
    example="allowance=tokens", what="name with its unit, tokens or usd,", spelling=_CAP_NAME, qualified=False
)


class _Handled(_Settings):
    """What the project says of calls that the checker does not know."""

    def calls(self) -> Iterator[tuple[str, str]]:
        """Each method or function, after the name of the setting that lists it."""
        return self._listed(_CALL)

    def classes(self) -> Iterator[tuple[str, str]]:
        """Each class, after the name of the setting that lists it."""
        return self._listed(_CLASS)

    def _listed(self, form: _Form) -> Iterator[tuple[str, str]]:
        for name, its in _FORMS[type(self)].items():
            if its is form:
                yield from ((name, each) for each in getattr(self, name))


class Containers(_Handled):
    """What the project says of containers that the checker does not know: `[tool.budget-types.containers]`.

    Each field lists full names of methods, for what they do with their receiver, and of functions, for what they do
    with their arguments; the last two list full names of classes.

    Attributes:
        lend: the result is an element that the container goes on holding.
        view: the result reaches the elements where they are: whoever takes it takes the container.
        share: the result is a second container of elements that the first goes on holding.
        hand_out: the result is an element that the container no longer holds.
        duplicate: the result holds the value a second time.
        look: the arguments of a function stay as they are.
        conduits: classes that hand values from one owner to another and may be shared.
        contexts: classes of what a framework gives to all that a run calls: what hangs off it is only lent to each.
    """

    lend: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    share: tuple[str, ...] = ()
    hand_out: tuple[str, ...] = ()
    duplicate: tuple[str, ...] = ()
    look: tuple[str, ...] = ()
    conduits: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()


class Tasks(_Handled):
    """What the project says of calls that go on after they have returned: `[tool.budget-types.tasks]`.

    Each field but `groups` lists full names of functions and methods that are given coroutines, or a function and what
    to call it with.

    Attributes:
        start: they go on by themselves from there on.
        run: they have finished when the call returns; if it is awaited, when that is done.
        retry: the function is called again if it fails; decorators, too.
        groups: classes of context managers that are left when all that was started through them has finished.
    """

    start: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Adopt(_Settings):
    """What `budget-types adopt` is told of a project: `[tool.budget-types.adopt]`. The checker never asks.

    Attributes:
        caps: names that are caps, too, each with its unit; `*` stands for any text.
    """

    caps: tuple[str, ...] = ()


class Config(_Settings):
    """What the project set. Each field but `source` is a setting, of the form that `_FORMS` says.

    Attributes:
        affine: full names of classes from elsewhere that have one owner at a time, as if marked `@affine`.
        mint: modules that may make budgets from nothing; patterns as in the per-module sections of mypy.
        optional: modules that not every run sees, as under Bazel and Pants: the other settings may name what is in
            them where they are missing. Patterns, as above.
        containers: what containers from elsewhere do with their elements; a table of its own.
        tasks: what starts, runs and repeats what it is given; a table of its own.
        adopt: which names are caps; a table of its own.
        source: where the settings stand, as errors name it: `pyproject.toml: [tool.budget-types]`; empty for none.
    """

    affine: tuple[str, ...] = ()
    mint: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    containers: Containers = Containers()
    tasks: Tasks = Tasks()
    adopt: Adopt = Adopt()
    source: str = ""

    @property
    def is_default(self) -> bool:
        """Whether nothing is set."""
        return self == Config(source=self.source)

    def results_data(self) -> dict[str, list[str]]:
        """All that changes results, as JSON can hold it: mypy's cache is stale when this differs."""
        lists = {name: sorted(getattr(self, name)) for name in _FORMS[Config]}
        for table, of in _NESTED.items():
            for name in _FORMS[of] if of is not Adopt else ():
                if names := getattr(getattr(self, table), name):
                    lists[f"{table}.{name}"] = sorted(names)
        return lists

    def names(self) -> Iterator[str]:
        """The full names of all classes, functions and methods in the settings."""
        yield from self.affine
        for table in (self.containers, self.tasks):
            for _, name in chain(table.calls(), table.classes()):
                yield name

    def may_mint(self, module: str) -> bool:
        """Whether the settings let a module make budgets from nothing."""
        return _is_among(self.mint, module)

    def may_be_missing(self, name: str) -> bool:
        """Whether the settings let a module, or the module that a name lies in, be missing."""
        parts = name.split(".")
        return any(_is_among(self.optional, ".".join(parts[:depth])) for depth in range(1, len(parts) + 1))


def _is_among(patterns: Iterable[str], module: str) -> bool:
    return any(_pattern(each).fullmatch(module) for each in patterns)


_NESTED: Final[Mapping[str, type[_Settings]]] = {"containers": Containers, "tasks": Tasks, "adopt": Adopt}
"""The tables below ours, by name."""

_FORMS: Final[Mapping[type[_Settings], Mapping[str, _Form]]] = {
    Config: {"affine": _CLASS, "mint": _MODULE, "optional": _MODULE},
    Containers: {name: _CLASS if name in ("conduits", "contexts") else _CALL for name in Containers.__annotations__},
    Tasks: {name: _CLASS if name == "groups" else _CALL for name in Tasks.__annotations__},
    Adopt: {"caps": _CAP},
}
"""How the items of each setting are spelled."""


class ConfigError(Exception):
    """The settings are wrong. `problems` are lines that stand alone, `str()` all of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: Final = tuple(problems)
        super().__init__("\n".join(self.problems))


def load(config_file: str | None) -> Config:
    """The settings that belong to mypy's configuration file: its own section, else the pyproject.toml beside it.

    Raises ConfigError with every problem found. No file, or none with a section of ours, is the default.
    """
    if not config_file:
        return Config()
    path = Path(config_file)
    for candidate in dict.fromkeys([path, path.parent / PYPROJECT]):
        if candidate.is_file():
            table = _table(candidate)
            if table is not None:
                where = f"[tool.{TABLE}]" if _is_toml(candidate) else f"[{TABLE}]"
                return _checked(table, f"{candidate}: {where}")
    return Config()


def table_below(source: str, table: str) -> str:
    """Where a table below ours stands, given where ours does: `pyproject.toml: [tool.budget-types.tasks]`."""
    return f"{source[:-1]}.{table}]"


def _pattern(text: str) -> re.Pattern[str]:
    """As mypy reads the names of its per-module sections: a `*` stands for any number of parts, none included."""
    first, *rest = text.split(".")
    expression = ".*" if first == "*" else re.escape(first)
    return re.compile(expression + "".join(r"(\..*)?" if part == "*" else re.escape(f".{part}") for part in rest))


def find_pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml with a table of ours, in `start` or above, no further than its repository.

    One that cannot be read counts: `load` says why.
    """
    return find(start, (PYPROJECT,))


def find(start: Path, names: Sequence[str] = _FILES) -> Path | None:
    """The same, for the first of several files that stand beside each other: those that configure mypy."""
    for directory in [start, *start.parents]:
        for name in names:
            if (path := directory / name).is_file() and _concerns_us(path):
                return path
        if any((directory / mark).exists() for mark in (".git", ".hg")):
            break
    return None


def _concerns_us(path: Path) -> bool:
    try:
        return _table(path) is not None
    except ConfigError:
        return True


def _table(path: Path) -> Mapping[str, object] | None:
    return _toml_table(path) if _is_toml(path) else _ini_section(path)


def _is_toml(path: Path) -> bool:
    return path.suffix.lower() == ".toml"


def _read(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: it is not UTF-8, save it as that: {error}"]) from None
    if text.startswith("\ufeff"):
        raise ConfigError([f"{path}: mypy does not read a file that begins with a byte order mark: save it without"])
    return text


def _toml_table(path: Path) -> Mapping[str, object] | None:
    try:
        document = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: {error}"]) from None
    tool = document.get("tool", {})
    if not isinstance(tool, dict):
        return None
    _refuse_misspelt(path, [f"tool.{name}" for name in tool], f"tool.{TABLE}")
    table = tool.get(TABLE)
    if table is None or isinstance(table, dict):
        return table
    raise ConfigError([f"{path}: [tool.{TABLE}] must be a table, not {_shown(table)}"])


def _ini_section(path: Path) -> Mapping[str, object] | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(_read(path), str(path))
    except configparser.Error as error:
        # configparser's messages go over several lines.
        raise ConfigError([" ".join(f"{path}: {error}".split())]) from None
    _refuse_misspelt(path, parser.sections(), TABLE)
    sections = {f"{TABLE}.{name}": name for name in _NESTED}
    for name in parser.sections():
        if name.startswith(f"{TABLE}.") and name not in sections:
            there = " and ".join([", ".join(f"[{each}]" for each in [TABLE, *sections][:-1]), f"[{[*sections][-1]}]"])
            raise ConfigError([f"{path}: [{name}] is not read: there is {there}"])
    nested = {name: _ini_lists(parser, section) for section, name in sections.items() if parser.has_section(section)}
    if not parser.has_section(TABLE) and not nested:
        return None
    return {**_ini_lists(parser, TABLE), **nested}


def _ini_lists(parser: configparser.RawConfigParser, section: str) -> dict[str, list[str]]:
    if not parser.has_section(section):
        return {}
    return {
        key: [name.strip() for name in re.split(r"[,\n]", value) if name.strip()]
        for key, value in parser.items(section)
    }


def _refuse_misspelt(path: Path, found: Iterable[str], right: str) -> None:
    """A section that means ours under another spelling would be ignored in silence."""
    for name in found:
        if name != right and re.sub(r"^tool\.|[-_ ]", "", name.lower()) == TABLE.replace("-", ""):
            raise ConfigError([f"{path}: [{name}] is not read here: the section is called [{right}]"])


def _checked(table: Mapping[str, object], source: str) -> Config:
    lists, problems = _lists({key: value for key, value in table.items() if key not in _NESTED}, Config, source)
    values: dict[str, Any] = dict(lists)
    for name, of in _NESTED.items():
        below = table.get(name, {})
        if isinstance(below, dict):
            its, wrong = _lists(below, of, table_below(source, name))
            values[name] = of(**its)
            problems += wrong
        else:
            problems.append(f"{source} {name}: expected a table, not {_shown(below)}")
    if problems:
        raise ConfigError(problems)
    return Config(**values, source=source)


def _lists(
    table: Mapping[str, object], of: type[_Settings], source: str
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The settings in a table, and what is wrong with it."""
    settings = _FORMS[of]
    there = [*settings, *_NESTED] if of is Config else [*settings]
    values: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for key, value in table.items():
        if key in settings:
            problems += [f"{source} {key}: {wrong}" for wrong in _wrong_names(value, settings[key])]
            if not problems:
                values[key] = tuple(dict.fromkeys(cast("list[str]", value)))
        else:
            from .suggest import did_you_mean  # Most settings are right.

            hint = did_you_mean(key, there) or f" (there is: {', '.join(there)})"
            problems.append(f'{source} has no setting "{key}"{hint}')
    return values, problems


def _wrong_names(value: object, form: _Form) -> list[str]:
    if not isinstance(value, list):
        return [f'expected a list of names such as ["{form.example}"], not {_shown(value)}']
    return [wrong for item in value if (wrong := _wrong_name(item, form))]


def _wrong_name(item: object, form: _Form) -> str | None:
    if not isinstance(item, str):
        return f'expected a name such as "{form.example}", not {_shown(item)}'
    if not re.fullmatch(form.spelling, item):
        meant = re.sub(r"[:/\\]", ".", re.sub(r"\.pyi?(?=:|$)", "", item))
        hint = f' (write "{meant}")' if re.fullmatch(form.spelling, meant) else ""
        return f'"{item}" is not a {form.what} such as "{form.example}"{hint}'
    if form.qualified and "." not in item:
        return f'"{item}" must be a full name, with its module, such as "{form.example}"'
    return None


def _shown(value: object) -> str:
    kinds = {
        str: "text",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return f"{kinds.get(type(value), type(value).__name__)} ({value!r})"
