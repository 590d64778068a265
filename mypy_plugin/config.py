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
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from .classes import ClassFinder
from .suggest import did_you_mean

if TYPE_CHECKING:
    from mypy.options import Options

__all__ = ["Config", "ConfigError", "find_pyproject", "load", "missing_classes"]

TABLE: Final = "budget-types"
PYPROJECT: Final = "pyproject.toml"

_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_FORM: Final = "form"


def _names(form: str) -> tuple[str, ...]:
    """A setting whose value is a list of dotted names, each with as many parts as `form` or more."""
    return cast("tuple[str, ...]", field(default=(), metadata={_FORM: form}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the project set. Each field but `source` is a setting, and the whole of what there is to say about it.

    Attributes:
        affine: full names of classes from elsewhere that have one owner at a time, as if marked `@affine`.
        source: where the settings stand, as errors name it: `pyproject.toml: [tool.budget-types]`; empty for none.
    """

    affine: tuple[str, ...] = _names("pkg.module.Class")
    source: str = ""

    def results_data(self) -> dict[str, list[str]]:
        """All that changes results, as JSON can hold it: mypy's cache is stale when this differs."""
        return {name: sorted(getattr(self, name)) for name in _settings()}


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


def missing_classes(config: Config, options: Options) -> list[str]:
    """A line for each class of the settings that certainly does not exist where mypy, with `options`, looks."""
    if not config.affine:
        return []
    finder = ClassFinder(options)
    return [
        f"{config.source} affine: {problem}" for name in config.affine if (problem := finder.problem(name)) is not None
    ]


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
            form = settings[key].metadata[_FORM]
            problems += [f"{source} {key}: {wrong}" for wrong in _wrong_names(value, form)]
            if not problems:
                values[key] = tuple(dict.fromkeys(cast("list[str]", value)))
        else:
            hint = did_you_mean(key, settings) or f" (there is: {', '.join(settings)})"
            problems.append(f'{source} has no setting "{key}"{hint}')
    if problems:
        raise ConfigError(problems)
    return Config(**values, source=source)


def _wrong_names(value: object, form: str) -> list[str]:
    if not isinstance(value, list):
        return [f'expected a list of names such as ["{form}"], not {_shown(value)}']
    return [wrong for item in value if (wrong := _wrong_name(item, form))]


def _wrong_name(item: object, form: str) -> str | None:
    if not isinstance(item, str):
        return f'expected a name such as "{form}", not {_shown(item)}'
    if not _NAME.fullmatch(item):
        hint = f' (write "{item.replace(":", ".")}")' if _NAME.fullmatch(item.replace(":", ".")) else ""
        return f'"{item}" is not a dotted name such as "{form}"{hint}'
    if "." in form and "." not in item:
        return f'"{item}" must be a full name, with its module, such as "{form}"'
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
