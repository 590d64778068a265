"""The pages of docs/ lead everywhere, and leave out nothing that they are there to tell.

That the site can be built, without a warning, is `make docs`. What programs on the pages do is `test_docs`.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import json
import re
import shlex
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from command import python, run
from mypy.errorcodes import ErrorCode

import budget_types
from budget_types import Budget
from mypy_plugin import cli, codes, config, reports
from mypy_plugin.config import Adopt, Config, Containers, Tasks
from mypy_plugin.knowledge.containers import Does

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
"""What we tell people."""
BESIDE_PROGRAMS = sorted((ROOT / "fixtures").rglob("README.md"))

FENCE = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


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


def of_each(pages: list[Path]) -> list[object]:
    return [pytest.param(each, id=each.relative_to(ROOT).as_posix()) for each in pages]


def anchors(text: str) -> set[str]:
    """What GitHub and the site make of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", of_each(TEXTS + BESIDE_PROGRAMS))
def test_every_link_leads_somewhere(path: Path) -> None:
    """`make docs` sees to it within docs/ alone."""
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", FENCE.sub("", path.read_text(encoding="utf-8"))):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


NOT_THERE = {
    "docs/rules/CODE.md",  # stands for each of them
    "fixtures/proof/",  # where `make soak` writes what it finds
}


@pytest.mark.parametrize("path", of_each(TEXTS))
def test_what_is_named_is_there(path: Path) -> None:
    """Files of this repository, and targets of its Makefile."""
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:bench|budget_types|docs|fixtures|mypy_plugin|tests)/[\w./*-]*)", text):
        assert name in NOT_THERE or any(ROOT.glob(name.rstrip("/"))), name
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {*re.findall(r"(?:`|^)make ([a-z][a-z-]*)", text, re.MULTILINE)} <= {*targets}


def test_blocks_can_be_read() -> None:
    """As what they say that they are, where there is something here that reads it."""
    readers = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}
    for path in TEXTS:
        for fence in FENCE.finditer(path.read_text(encoding="utf-8")):
            if read := readers.get(fence["language"]):
                assert read(fence["text"]), path


def shown_settings() -> Iterator[object]:
    """Each block that shows settings of ours, with the name of a file that has such."""
    for path in TEXTS:
        for number, fence in enumerate(FENCE.finditer(path.read_text(encoding="utf-8"))):
            name = {"toml": "pyproject.toml", "ini": "mypy.ini"}.get(fence["language"])
            if name and "budget-types" in fence["text"]:
                yield pytest.param(name, fence["text"], id=f"{path.stem}-{number}")


@pytest.mark.parametrize(("name", "text"), list(shown_settings()))
def test_settings_that_are_shown_are_understood(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert config.load(str(file)) != Config()


def shown_commands() -> Iterator[object]:
    """Each command line of ours, in blocks of the shell and in blocks that are only indented."""
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        indented = re.findall(r"^    (budget-types .+)$", FENCE.sub("", text), re.MULTILINE)
        fenced = [fence["text"] for fence in FENCE.finditer(text) if fence["language"] in ("sh", "console")]
        for line in indented + re.findall(r"^(?:\$ )?(budget-types .+)$", "".join(fenced), re.MULTILINE):
            words = shlex.split(line, comments=True)
            yield pytest.param(words[1 : words.index(">") if ">" in words else None], id=f"{path.stem}-{line}")


@cache
def options_of_mypy() -> set[str]:
    return {*re.findall(r"--?[a-z][a-z-]*", run(python("-m", "mypy", "--help"), cwd=ROOT).out)}


@pytest.mark.parametrize("words", list(shown_commands()))
def test_commands_that_are_shown_are_understood(words: list[str]) -> None:
    command, *arguments = words
    if command not in ("check", "fix"):
        assert cli._parser().parse_args(words).command == command
        return
    request = reports.requested([each for each in arguments if each not in ("--fix", "--diff")])
    left = [*request.arguments] if request else arguments
    unknown = {each.partition("=")[0] for each in left if each.startswith("-")} - options_of_mypy()
    assert unknown <= {"--fix", "--diff"}


def test_the_receipt_that_is_shown_is_printed() -> None:
    budget = Budget(10_000)
    planner, writer = budget.split(1_000, name="planner"), budget.split(300, name="writer")
    for each, tokens in ((budget, 320), (planner, 130), (writer, 50)):
        each.spend(tokens)
    budget.merge(planner)
    assert textwrap.indent(str(budget.receipt()), "    ") in page("budget")


def test_every_word_for_operands_is_explained() -> None:
    words = sections(page("containers"))["What a call does with its operands"]
    assert {*re.findall(r"^\| `(\w+)` \|", words, re.MULTILINE)} == {each.value for each in Does}


def test_every_name_of_a_count_is_one_that_is_read() -> None:
    """The page on usage says where each library has its counts."""
    names = re.findall(r"`\.?([\w.]+)`", sections(page("usage-and-prices"))["Where each library has it"])
    source = Path(ROOT, "budget_types", "usage.py").read_text(encoding="utf-8")
    assert len(names) > 25
    for name in "\n".join(names).replace(".", "\n").split():
        assert re.search(rf"\b{name}\b", source), name


def test_the_versions_that_are_named_are_tested() -> None:
    readme, makefile, workflow = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile", ".github/workflows/ci.yml")
    )
    (named,) = re.findall(r"^\| mypy \| .+ \| (.+) \|$", readme, re.MULTILINE)
    (matrix,) = re.findall(r"^MATRIX \?= (.+)$", makefile, re.MULTILINE)
    assert named.split(", ") == matrix.split() == re.findall(r'"([\d.]+)"', re.findall(r"mypy: \[(.+)\]", workflow)[0])
    first, last = re.findall(r"^\| Python \| (3\.\d+) to (3\.\d+) \|", readme, re.MULTILINE)[0]
    pythons = re.findall(r'"([\d.]+)"', re.findall(r"python: \[(.+)\]", workflow)[0])
    assert (pythons[0], pythons[-1]) == (first, last)


def test_every_hole_has_a_program_and_stands_in_the_table() -> None:
    """A reader who looks for one should not have to go through all of them."""
    table, *holes = sections(page("soundness"))["Holes that are known"].split("\n### ")
    for hole in holes:
        heading, _, text = hole.partition("\n")
        assert "```python" in text, heading
        (anchor,) = anchors(f"# {heading}")
        assert f"](#{anchor})" in table, f"docs/soundness.md: add a link to #{anchor} to the table, in its row"


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
    assert described == [name for name in of.__annotations__ if name not in ("containers", "tasks", "adopt", "source")]


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
