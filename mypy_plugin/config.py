"""The project's own settings: `[tool.budget-types]`, read and checked.

Owns which settings exist, where they stand and what is said when one is wrong. Where a class is looked for is the
business of `classes`. This module must never know what the settings are good for.
"""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from .names import NameFinder
from .suggest import did_you_mean

if TYPE_CHECKING:
    from mypy.options import Options

__all__ = ["Config", "ConfigError", "find_pyproject", "load", "missing_names"]

TABLE: Final = "budget-types"
PYPROJECT: Final = "pyproject.toml"

_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_PATTERN: Final = re.compile(r"([^\W\d]\w*|\*)(\.([^\W\d]\w*|\*))*")
_FORM: Final = "form"


@dataclass(frozen=True, slots=True)
class _Form:
    """How the items of a setting are spelled: an `example`, what to call them, and the expression they match."""

    example: str
    what: str
    spelling: re.Pattern[str]
    qualified: bool
    """Whether the module is a must."""


def _list_of(form: _Form) -> tuple[str, ...]:
    """A setting whose value is a list of names."""
    return cast("tuple[str, ...]", field(default=(), metadata={_FORM: form}))


_CLASS: Final = _Form("pkg.module.Class", "dotted name", _NAME, qualified=True)
_MODULE: Final = _Form("app.main", "module, or pattern of modules,", _PATTERN, qualified=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the project set. Each field but `source` is a setting, and the whole of what there is to say about it.

    Attributes:
        affine: full names of classes from elsewhere that have one owner at a time, as if marked `@affine`.
        mint: modules that may make budgets from nothing; patterns as in the per-module sections of mypy.
        source: where the settings stand, as errors name it: `pyproject.toml: [tool.budget-types]`; empty for none.
    """

    affine: tuple[str, ...] = _list_of(_CLASS)
    mint: tuple[str, ...] = _list_of(_MODULE)
    source: str = ""

    def results_data(self) -> dict[str, list[str]]:
        """All that changes results, as JSON can hold it: mypy's cache is stale when this differs."""
        return {name: sorted(getattr(self, name)) for name in _settings()}

    def may_mint(self, module: str) -> bool:
        """Whether the settings let a module make budgets from nothing."""
        return any(_pattern(each).fullmatch(module) for each in self.mint)


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
            table = _toml_table(candidate) if _is_toml(candidate) else _ini_section(candidate)
            if table is not None:
                where = f"[tool.{TABLE}]" if _is_toml(candidate) else f"[{TABLE}]"
                return _checked(table, f"{candidate}: {where}")
    return Config()


def missing_names(config: Config, options: Options) -> list[str]:
    """A line for each name in the settings that certainly does not exist where mypy, with `options`, looks."""
    if not config.affine and not config.mint:
        return []
    finder = NameFinder(options)
    problems = [
        *(("affine", finder.no_class(name)) for name in config.affine),
        *(("mint", finder.no_module(name)) for name in map(_fixed_part, config.mint) if name not in ("", "__main__")),
    ]
    return [f"{config.source} {setting}: {problem}" for setting, problem in problems if problem is not None]


def _fixed_part(pattern: str) -> str:
    """The module that everything which matches lies in, or is: what stands before the first `*`."""
    return ".".join(takewhile(lambda part: part != "*", pattern.split(".")))


def _pattern(text: str) -> re.Pattern[str]:
    """As mypy reads the names of its per-module sections: a `*` stands for any number of parts, none included."""
    first, *rest = text.split(".")
    expression = ".*" if first == "*" else re.escape(first)
    return re.compile(expression + "".join(r"(\..*)?" if part == "*" else re.escape(f".{part}") for part in rest))


def find_pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml with a table of ours, in `start` or above, no further than its repository.

    One that cannot be read counts: `load` says why.
    """
    for directory in [start, *start.parents]:
        path = directory / PYPROJECT
        if path.is_file() and _concerns_us(path):
            return path
        if any((directory / mark).exists() for mark in (".git", ".hg")):
            break
    return None


def _concerns_us(path: Path) -> bool:
    try:
        return _toml_table(path) is not None
    except ConfigError:
        return True


def _settings() -> dict[str, Field[Any]]:
    return {setting.name: setting for setting in fields(Config) if _FORM in setting.metadata}


def _is_toml(path: Path) -> bool:
    return path.suffix.lower() == ".toml"


def _toml_table(path: Path) -> Mapping[str, object] | None:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
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
        parser.read(path, encoding="utf-8")
    except (UnicodeDecodeError, configparser.Error) as error:
        # configparser's messages go over several lines.
        raise ConfigError([" ".join(f"{path}: {error}".split())]) from None
    _refuse_misspelt(path, parser.sections(), TABLE)
    if not parser.has_section(TABLE):
        return None
    return {
        key: [name.strip() for name in re.split(r"[,\n]", value) if name.strip()] for key, value in parser.items(TABLE)
    }


def _refuse_misspelt(path: Path, found: Iterable[str], right: str) -> None:
    """A section that means ours under another spelling would be ignored in silence."""
    for name in found:
        if name != right and re.sub(r"^tool\.|[-_ ]", "", name.lower()) == TABLE.replace("-", ""):
            raise ConfigError([f"{path}: [{name}] is not read here: the section is called [{right}]"])


def _checked(table: Mapping[str, object], source: str) -> Config:
    settings = _settings()
    values: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for key, value in table.items():
        if key in settings:
            problems += [f"{source} {key}: {wrong}" for wrong in _wrong_names(value, settings[key].metadata[_FORM])]
            if not problems:
                values[key] = tuple(dict.fromkeys(cast("list[str]", value)))
        else:
            hint = did_you_mean(key, settings) or f" (there is: {', '.join(settings)})"
            problems.append(f'{source} has no setting "{key}"{hint}')
    if problems:
        raise ConfigError(problems)
    return Config(**values, source=source)


def _wrong_names(value: object, form: _Form) -> list[str]:
    if not isinstance(value, list):
        return [f'expected a list of names such as ["{form.example}"], not {_shown(value)}']
    return [wrong for item in value if (wrong := _wrong_name(item, form))]


def _wrong_name(item: object, form: _Form) -> str | None:
    if not isinstance(item, str):
        return f'expected a name such as "{form.example}", not {_shown(item)}'
    if not form.spelling.fullmatch(item):
        meant = re.sub(r"[:/]", ".", item.removesuffix(".py"))
        hint = f' (write "{meant}")' if form.spelling.fullmatch(meant) else ""
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
