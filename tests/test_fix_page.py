"""The page of the fixer, `docs/fixes.md`: its examples come out as shown, and run; its table is the one of the code."""

from __future__ import annotations

import asyncio
import inspect
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fixing import program
from test_docs import DOCS, _blocks

from budget_types import Budget
from mypy_plugin.fix.engine import mend
from mypy_plugin.fix.table import PROPOSERS
from mypy_plugin.wording.message import Code

PAGE = DOCS / "fixes.md"
MARK = re.compile(r"  # E: [a-z-]+$", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("fix")


def _examples() -> dict[str, tuple[str, str]]:
    """The pairs of the page by their headings, without the marks."""
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = [code for _, code in _blocks(section)]
        if blocks:
            before, after = blocks
            found[section.partition("\n")[0]] = (MARK.sub("", before), after)
    return found


EXAMPLES = _examples()


def _module(heading: str) -> str:
    return heading.lower().replace(" ", "_") + ".py"


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What becomes of the examples, mended together."""
    made = tmp_path_factory.mktemp("examples")
    with program(made, {_module(heading): before for heading, (before, _) in EXAMPLES.items()}) as found:
        mend(found)
        assert [str(error) for error in found.errors] == []
        return {name: text.text for name, text in found.texts.items()}


def test_once_is_enough(tmp_path: Path, examples: dict[str, str]) -> None:
    with program(tmp_path, examples) as found:
        assert mend(found) == []


@pytest.mark.parametrize("heading", EXAMPLES)
def test_example(heading: str, examples: dict[str, str]) -> None:
    assert examples[_module(heading)] == EXAMPLES[heading][1]


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_example_runs_as_it_did(heading: str, tmp_path: Path) -> None:
    """What went well before goes well afterwards: for no topics, for one and for some."""
    before, after = (_functions(tmp_path / name, text) for name, text in zip("ab", EXAMPLES[heading], strict=True))
    for name, function in after.items():
        for count in (0, 1, 3):
            if name in before and _outcome(before[name], count) is None:
                assert (name, count, _outcome(function, count)) == (name, count, None)


def _functions(path: Path, text: str) -> dict[str, Callable[..., Any]]:
    path.with_suffix(".py").write_text(text, encoding="utf-8")
    found = runpy.run_path(str(path.with_suffix(".py")), run_name=path.name)
    return {name: each for name, each in found.items() if inspect.isfunction(each) and each.__module__ == path.name}


def _outcome(function: Callable[..., Any], count: int) -> object:
    """What a function raises if it is called with made-up arguments."""
    made: dict[object, object] = {str: "tea", int: count, list[str]: ["tea", "milk", "rice"][:count]}
    wanted = {name: each for name, each in get_type_hints(function).items() if name != "return"}
    given = {name: Budget(1_000) if each is Budget else made.get(each) for name, each in wanted.items()}

    async def call() -> None:
        result = function(**given)
        if inspect.iscoroutine(result):
            await result

    try:
        asyncio.run(call())
    except Exception as error:
        return type(error)
    return None


def test_the_page_has_the_table() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {code: [_rewrite(text) for text in row.split(", ")] for code, row in rows if not row.startswith("none: ")}
    assert shown == {code: [propose.__name__ for propose in row] for code, row in PROPOSERS.items()}
    assert sorted(code for code, _ in rows) == sorted(code.value for code in Code)


def _rewrite(link: str) -> str:
    """The function that a link of the table is about, if its heading has an example."""
    found = re.fullmatch(r"\[(.+)\]\(#(.+)\)", link)
    assert found and found[1].replace(" ", "-") == found[2]
    assert found[1].capitalize() in EXAMPLES
    return found[1].replace(" ", "_")
