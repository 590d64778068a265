"""The pages of docs/ lead everywhere, and leave out nothing that they are there to tell.

That the site can be built, without a warning, is `make docs`. What programs on the pages do is `test_docs`.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from mypy.errorcodes import ErrorCode

import budget_types
from mypy_plugin import cli, codes, reports
from mypy_plugin.config import Adopt, Config, Containers, Tasks

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def navigation() -> dict[str, list[tuple[str, str]]]:
    """The groups of the site, each with its (title, page)."""
    spec = importlib.util.spec_from_file_location("conf", DOCS / "conf.py")
    assert spec is not None and spec.loader is not None
    conf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conf)
    groups: dict[str, list[tuple[str, str]]] = conf.NAVIGATION
    return groups


def test_every_page_is_in_the_navigation_once() -> None:
    listed = [page for pages in navigation().values() for _, page in pages]
    written = {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md")} - {"index"}
    for page in sorted(written - {*listed}):
        raise AssertionError(
            f"docs/{page}.md is on no list: add a line `- [Title]({page}.md): what it is about` "
            "to docs/index.md, under the heading of its group"
        )
    assert {*listed} - written == set(), "docs/index.md lists pages that do not exist"
    assert len(listed) == len({*listed}), "docs/index.md lists a page twice"


def test_every_list_of_the_front_page_is_a_group() -> None:
    """What `navigation` does not read as a link would be missing in the sidebar, and nobody would see it."""
    _, _, lists = (DOCS / "index.md").read_text(encoding="utf-8").partition("\n## ")
    items = [line for line in lists.splitlines() if line.startswith("- ")]
    assert len(items) == sum(map(len, navigation().values())) > 20


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """The text under each heading of the second level, in the order of the page."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def subcommands() -> dict[str, argparse.ArgumentParser]:
    (choices,) = [action.choices for action in cli._parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(choices)


def test_every_command_has_a_section_in_the_order_of_the_parser() -> None:
    described = [heading.split()[1] for heading in sections(page("commands")) if heading.startswith("`budget-types ")]
    assert described == [*subcommands()]


def options() -> Iterator[tuple[str, str]]:
    """Each option of each sub-command, but for those that all of them have."""
    for command, parser in subcommands().items():
        for action in parser._actions:
            yield from ((command, option) for option in action.option_strings if option not in ("-h", "--help"))
    yield from (("check", option) for option in re.findall(r"^  (--[a-z-]+)", reports.HELP, re.MULTILINE))


@pytest.mark.parametrize(("command", "option"), list(options()))
def test_every_option_is_described(command: str, option: str) -> None:
    (section,) = [
        text for heading, text in sections(page("commands")).items() if heading.startswith(f"`budget-types {command} ")
    ]
    assert re.search(rf"^\| `{option}[ `]", section, re.MULTILINE), f"docs/commands.md: {option} of {command}"


@pytest.mark.parametrize(
    ("table", "of"),
    [
        ("tool.budget-types", Config),
        ("tool.budget-types.containers", Containers),
        ("tool.budget-types.tasks", Tasks),
        ("tool.budget-types.adopt", Adopt),
    ],
)
def test_every_setting_is_described(table: str, of: type[Config | Containers | Tasks | Adopt]) -> None:
    section = sections(page("configuration"))[f"`[{table}]`"]
    described = re.findall(r"^(?:### |\| )`(\w+)`", section, re.MULTILINE)
    names = [setting.name for setting in fields(of) if setting.name != "source"]
    assert described == [name for name in names if name not in ("containers", "tasks", "adopt")]


def test_every_code_is_listed_with_its_default() -> None:
    registered = [code for name, code in vars(codes).items() if name.isupper() and isinstance(code, ErrorCode)]
    rows = re.findall(r"^\| \[`([\w-]+)`\]\(rules/\1\.md\) \| (on|off)", page("configuration"), re.MULTILINE)
    by_default = {code.code: "on" if code.default_enabled else "off" for code in registered if code != codes.AFFINE}
    assert dict(rows) == by_default
    assert len(rows) == len(by_default) > 5


def public() -> Iterator[str]:
    """Every name that is exported, and every method and property of a class of ours that is not an underscore's."""
    for name in budget_types.__all__:
        yield name
        value = getattr(budget_types, name)
        if inspect.isclass(value) and value.__module__.startswith("budget_types"):
            for member in dir(value):
                found = inspect.getattr_static(value, member)
                is_theirs = hasattr(BaseException, member) or hasattr(tuple, member)
                if (
                    not member.startswith("_")
                    and not is_theirs
                    and (isinstance(found, property) or inspect.isroutine(found))
                ):
                    yield f"{name}.{member}"


@pytest.mark.parametrize("name", list(public()))
def test_every_public_name_is_listed(name: str) -> None:
    _, _, last = name.rpartition(".")
    spans = re.findall(r"`([^`\n]+)`", page("api"))
    assert any(re.search(rf"\b{last}\b", span) for span in spans), f"docs/api.md says nothing of {name}"


def modules() -> Iterator[tuple[str, str]]:
    """Each module of ours, after the package that its table on the page is headed by."""
    for package in ("budget_types", "mypy_plugin"):
        for path in (ROOT / package).rglob("*.py"):
            below = path.parent.relative_to(ROOT).as_posix()
            heading = below.removeprefix("mypy_plugin/") + "/" if "/" in below else below
            if path.stem != "__init__":
                yield heading, path.stem


@pytest.mark.parametrize(("heading", "module"), list(modules()))
def test_every_module_is_in_the_architecture(heading: str, module: str) -> None:
    _, _, tables = page("architecture").partition("\n## The modules\n")
    (table,) = [text for text in tables.split("\n### ") if text.partition("\n")[0].endswith(f"`{heading}`")]
    assert f"\n| `{module}` | " in table, (
        f"add a row `| `{module}` | what it owns |` to the table of `{heading}` in docs/architecture.md"
    )


def test_the_architecture_names_no_module_that_is_gone() -> None:
    _, _, tables = page("architecture").partition("\n## The modules\n")
    assert {*re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE)} == {module for _, module in modules()}
