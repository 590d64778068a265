"""Each error of ours covers a whole expression, parameter or name: what an editor underlines is what is meant.

`fixtures/rules` has every form of message, so its errors stand for all. The tools that read mypy's lines in editors
(`editor_tools`) are held against the same errors, for what a message says must not look like something else to them.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from command import python, run
from editor_tools import TOOLS, Tool
from expectations import configuration, supported

from mypy_plugin.wording import Code

RULES = Path(__file__).parents[1] / "fixtures" / "rules"
FILES = sorted(filter(supported, (path.relative_to(RULES) for path in RULES.rglob("*.py"))))
OURS = {code.value for code in Code}
ABOUT_PLACES = {"use-after-move", "budget-copied", "move-of-borrowed", "loan-conflict"}
HEADING = re.compile(r"(class|def|async def) \w+")
OVERLOADED = re.compile(r"(\w+\.)?overload\b.*\n\s*(async )?def \w+")

pytestmark = pytest.mark.xdist_group("ranges")


@dataclass(frozen=True)
class Said:
    """What mypy says of all fixtures, as JSON and as lines."""

    records: list[dict[str, Any]]
    lines: list[str]

    def errors(self) -> Iterator[dict[str, Any]]:
        """Those of the plugin."""
        return (record for record in self.records if record["severity"] == "error" and record["code"] in OURS)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    scratch = tmp_path_factory.mktemp("ranges")
    config = scratch / "mypy.ini"
    config.write_text(configuration(RULES, FILES), encoding="utf-8")
    command = [*python("-m", "mypy"), f"--config-file={config}", f"--cache-dir={scratch / 'cache'}", *map(str, FILES)]
    as_json = run([*command, "--output=json"], cwd=RULES)
    # The same from the cache.
    as_text = run([*command, "--show-error-end", "--no-error-summary", "--no-pretty"], cwd=RULES)
    assert (as_json.code, as_json.err, as_text.code, as_text.err) == (1, "", 1, "")
    return Said(list(map(json.loads, as_json.out.splitlines())), as_text.out.splitlines())


Range = tuple[int, int, int, int]
"""Line and column of the first character, line and column after the last; columns in characters, from 0."""


@cache
def _ranges(file: str) -> tuple[str, Mapping[Range, str]]:
    """The text of a fixture, and what in it can be named: expressions, parameters, patterns, imports, and words."""
    text = (RULES / file).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)

    def characters(line: int, column: int) -> int:
        return len(lines[line - 1].encode()[:column].decode())

    found: dict[Range, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            found[(*token.start, *token.end)] = "word"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.expr, ast.arg, ast.pattern, ast.Import, ast.ImportFrom)):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            start = node.lineno, characters(node.lineno, node.col_offset)
            end = node.end_lineno, characters(node.end_lineno, node.end_col_offset)
            found[(*start, *end)] = type(node).__name__
    return text, found


def _covered(record: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text that an error covers, and what that is; None if it is a part of something, or of several things."""
    text, known = _ranges(record["file"])
    line, column, end_line, end_column = (record[key] for key in ("line", "column", "end_line", "end_column"))
    lines = text.splitlines(keepends=True)[line - 1 : end_line]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    covered = "".join(lines)
    kind = known.get((line, column, end_line, end_column))
    if kind is None and (HEADING.fullmatch(covered) or OVERLOADED.fullmatch(covered)):
        kind = "heading"
    return covered, kind


def test_covers_something_whole(said: Said) -> None:
    wrong = [
        (record["file"], record["line"], _covered(record)[0]) for record in said.errors() if not _covered(record)[1]
    ]
    assert wrong == []
    assert len(list(said.errors())) > 1_000


def test_covers_what_the_message_names(said: Said) -> None:
    wrong = []
    for record in said.errors():
        if record["code"] in ABOUT_PLACES:
            covered, _ = _covered(record)
            text, _ = _ranges(record["file"])
            words = set(re.findall(r"\w+", covered))
            # A call of a function that captured the place uses it, and does not name it.
            functions = set(re.findall(r"\bdef (\w+)", text))
            # "the elements", "the container[...]", one value: of a thing that has no name.
            is_nameless = re.search(r'"the |would give one value ', record["message"]) is not None
            if not is_nameless and not words & {*re.findall(r"\w+", record["message"]), *functions}:
                wrong.append((record["file"], record["line"], covered, record["message"]))
    assert wrong == []


def test_hints_stand_with_their_errors(said: Said) -> None:
    """A note of its own would be one more entry in a list of problems; folded into the error it is read with it."""
    assert [record for record in said.records if str(record["message"]).startswith("hint: ")] == []


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool.pattern], ids=lambda tool: tool.name)
def test_every_message_is_read_right(said: Said, tool: Tool) -> None:
    """By the expression that an editor's extension takes mypy's lines apart with."""
    errors = [line for line in said.lines if re.search(r":\d+: error: ", line)]
    assert len(errors) == len(said.records) - sum(record["severity"] == "note" for record in said.records)
    wrong = []
    for record, line in zip((record for record in said.records if record["severity"] == "error"), errors, strict=True):
        shown = line if "--show-error-end" in tool.arguments else re.sub(r"^(.+?:\d+:\d+):\d+:\d+:", r"\1:", line)
        if record["code"] in OURS and (found := tool.read(shown)) != tool.expected(record):
            wrong.append((shown, found))
    assert wrong == []
