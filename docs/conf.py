"""How Sphinx makes the site of the pages in this directory: `make docs`, with every warning an error.

The pages are Markdown that GitHub shows as it is: plain links between files, no directives. So the list of pages, with
its groups, is the list of links in index.md, and the navigation is made of it here. This module must not know the name
of any other page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

OUTSIDE = re.compile(r"\]\((?P<path>(?:\.\./)+fixtures/[^)#]+\.md)\)")
LINK = re.compile(r"- \[(?P<title>[^\]]+)\]\((?P<page>[^)#:]+)\.md\)")


def navigation(index: str) -> dict[str, list[tuple[str, str]]]:
    """The groups of index.md: under each heading the (title, page) of the list below it."""
    _, *sections = re.split(r"^## ", index, flags=re.MULTILINE)
    groups = {}
    for section in sections:
        heading, _, rest = section.partition("\n")
        groups[heading] = [
            (link["title"].replace("`", ""), link["page"]) for line in rest.splitlines() if (link := LINK.match(line))
        ]
    return groups


NAVIGATION = navigation((HERE / "index.md").read_text(encoding="utf-8"))


def add_navigation(app: Any, docname: str, source: list[str]) -> None:
    """Say to Sphinx what the lists of index.md say to people."""
    if docname == "index":
        for heading, pages in NAVIGATION.items():
            entries = "\n".join(f"{title} <{page}>" for title, page in pages)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: '{heading}'\n\n{entries}\n```\n"


def hand_out_files(app: Any, docname: str, source: list[str]) -> None:
    """Let a link to a program or page of the repository lead to the file; for Markdown this has to be said."""
    source[0] = OUTSIDE.sub(r"](path:\g<path>)", source[0])


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", add_navigation)
    app.connect("source-read", hand_out_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


project = "budget-types"
author = "The budget-types authors"
version = re.findall(r'^__version__ = "(.+)"$', (HERE.parent / "budget_types/__init__.py").read_text("utf-8"), re.M)[0]

extensions = ["myst_parser"]
# As GitHub makes them, so that a link to a heading works in both.
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"{project} {version}"
html_show_copyright = False
html_copy_source = False
# Furo's own underlines the names of modules, as if they were links.
pygments_dark_style = "github-dark"
html_theme_options = {"navigation_with_keys": True}
