"""The pages of docs/ lead everywhere, and leave out nothing that they are there to tell.

That the site can be built, without a warning, is `make docs`. What programs on the pages do is `test_docs`.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

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
