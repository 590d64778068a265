"""The Python blocks of the documentation are programs, and get exactly the errors that they state.

Every fenced block marked `python` under `docs/` is checked, with the marks that `expectations` reads. A block
stands alone, imports and all, unless it starts with a comment `# file: name.py`: blocks of one name are one
program, in the order of the page. Line numbers in a failure are those of the page.

A block that starts with a comment `# fixtures/...` shows a part of that file, marks and all; `# ...` stands for what is
left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from expectations import Remarks, difference, expected, run_mypy

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
RULES = sorted(path for path in (DOCS / "rules").glob("*.md") if path.name != "README.md")

FENCE = re.compile(r"^(?P<indent> *)```python\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# file: (?P<name>\w+\.py)\n")
OLDEST = ["--python-version=3.10"]
"""What is shown runs on each Python that is supported, wherever it is tested."""
EXCERPT = re.compile(r"# (?P<path>fixtures/\S+\.py)\n")

pytestmark = pytest.mark.xdist_group("docs")


def programs(page: Path) -> dict[str, str]:
    """The programs of a page by file name, each padded so that its lines stand where they do on the page."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for line, code in _blocks(page.read_text(encoding="utf-8")):
        if EXCERPT.match(code):
            continue
        named = FILE.match(code)
        stem = page.relative_to(DOCS).with_suffix("").as_posix()
        name = named["name"] if named else re.sub(r"\W", "_", f"{stem}_{line}") + ".py"
        program = lines[name]
        program += [""] * (line - len(program) - 1)
        program += code.splitlines()
    return {name: "\n".join(program) + "\n" for name, program in lines.items()}


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start("code")) + 1
        yield line, re.sub(f"^{fence['indent']}", "", fence["code"], flags=re.MULTILINE)


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Remarks]:
    """What mypy says of every program of every page, in one run."""
    directory = tmp_path_factory.mktemp("docs")
    names: list[str] = []
    for page in PAGES:
        for name, source in programs(page).items():
            assert name not in names, f"two pages have a program {name}"
            names.append(name)
            (directory / name).write_text(source, encoding="utf-8")
    return run_mypy(directory, list(map(Path, names)), tmp_path_factory.mktemp("docs_mypy"), OLDEST)


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(DOCS).as_posix()) for page in PAGES])
def test_blocks(page: Path, found: dict[str, Remarks]) -> None:
    differing = {
        name: difference(source, expected(source), found.get(name, {})) for name, source in programs(page).items()
    }
    wrong = [text for text in differing.values() if text]
    if wrong:
        pytest.fail("\n\n".join([f"docs/{page.relative_to(DOCS)}", *wrong]), pytrace=False)


def excerpts() -> Iterator[tuple[str, str]]:
    """Each excerpt of a file, and the file."""
    for page in PAGES:
        for _, code in _blocks(page.read_text(encoding="utf-8")):
            if shown := EXCERPT.match(code):
                yield shown["path"], code[shown.end() :]


@pytest.mark.parametrize(("path", "excerpt"), list(excerpts()))
def test_an_excerpt_is_what_stands_there(path: str, excerpt: str) -> None:
    rest = (DOCS.parent / path).read_text(encoding="utf-8")
    for part in excerpt.split("# ...\n"):
        _, found, rest = rest.partition(part.strip("\n") + "\n")
        assert found, part


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in RULES])
def test_rule_pages_have_one_shape(page: Path) -> None:
    """`budget-types explain CODE` prints these pages: a heading with the code, wrong and right programs, what to do."""
    text = page.read_text(encoding="utf-8")
    assert re.match(rf"# `{page.stem}`: .+\n\n\S", text)
    marked = [bool(expected(source)) for source in programs(page).values()]
    assert any(marked) and not all(marked), "a wrong and a right program"
    assert f"({page.name})" in (page.parent / "README.md").read_text(encoding="utf-8"), "named in the index"
    ends = ["How to mend it", "How to silence it", "What it does not see"]
    assert [heading for heading in re.findall(r"^## (.+)$", text, re.MULTILINE) if heading in ends] == ends
    assert f"# type: ignore[{page.stem}]" in text


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in RULES])
def test_rule_pages_name_their_fixes(page: Path) -> None:
    """The same ones, in the same order, as the page on fixes."""
    fixes = (DOCS / "fixes.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{page.stem}` \| (.+) \|$", fixes, re.MULTILINE)[:1]
    named = re.findall(r"\]\(\.\./fixes\.md(#[\w-]+)\)", page.read_text(encoding="utf-8"))
    assert named == (re.findall(r"\]\((#[\w-]+)\)", row) or ["#which-errors-have-one"])
