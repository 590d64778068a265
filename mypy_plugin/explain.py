"""The pages that explain the rules: one for each error code, the same text as `docs/rules/CODE.md`.

Owns where the pages are. What they say is theirs alone: this module must never hold a word of it, nor know mypy.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from .suggest import did_you_mean

__all__ = ["Page", "pages", "run"]

_HEADING: Final = re.compile(r"# `(?P<code>[a-z-]+)`: *(?P<summary>.+)")


class Page:
    """One rule: its code, one line of what it says, and the whole text (Markdown)."""

    def __init__(self, code: str, text: str) -> None:
        heading = _HEADING.match(text)
        self.code: Final = code
        self.summary: Final = heading["summary"] if heading else ""
        self.text: Final = text


def pages() -> dict[str, Page]:
    """Every page there is, by code. Files that are no page of a rule (`README.md`) are left out."""
    found = {path.stem: Page(path.stem, path.read_text("utf-8")) for path in sorted(_directory().glob("*.md"))}
    return {code: page for code, page in found.items() if page.summary}


def run(code: str | None) -> int:
    """Print the page of `code`, or what there is. Returns 0, or 2 when no page has that code."""
    known = pages()
    if code is None:
        width = max(map(len, known), default=0)
        for page in known.values():
            print(f"{page.code:{width}}  {page.summary}")
        return 0
    if code in known:
        print(known[code].text.rstrip())
        return 0
    print(f'no rule is called "{code}"{did_you_mean(code, known)}', file=sys.stderr)
    print(f"there are: {', '.join(known)}", file=sys.stderr)
    return 2


def _directory() -> Path:
    """Inside this package where it was built, in the documentation where it runs from a checkout."""
    here = Path(__file__).parent
    built = here / "rules"
    return built if built.is_dir() else here.parent / "docs" / "rules"
