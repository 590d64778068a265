"""What is asked of the process that looks for fixes, and what it answers: a line of JSON each.

Positions are the language server protocol's: lines from 0, and columns in UTF-16. This module must never import more
than the standard library, for the language server imports it when it starts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["Answer", "Change", "Offer", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """What mends an error? Without a `code` it asks for nothing but to get ready for more."""

    options: tuple[str, ...]
    """mypy's, without files."""
    root: str
    """The directory that is open; no file outside of it is changed."""
    path: str
    """The file that the error is in; absolute, as all paths here."""
    texts: tuple[tuple[str, str], ...] = ()
    """The files that the editor has open, with what it shows of them."""
    code: str = ""
    message: str = ""
    line: int = 0
    column: int = 0

    def dumps(self) -> str:
        """As one line."""
        return json.dumps(asdict(self))

    @staticmethod
    def loads(line: str) -> Question:
        """The other way round."""
        read = json.loads(line)
        texts = tuple((path, text) for path, text in read.pop("texts"))
        return Question(tuple(read.pop("options")), texts=texts, **read)


@dataclass(frozen=True, slots=True)
class Change:
    """Put `text` in the place of what is there from `start` to `end`, each a line and a column."""

    path: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to mend it, which was checked."""

    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found; `failure` says why it is nothing, if nobody could look."""

    offers: tuple[Offer, ...] = ()
    failure: str = ""

    def dumps(self) -> str:
        """As one line."""
        return json.dumps(asdict(self))

    @staticmethod
    def loads(line: str) -> Answer:
        """The other way round."""
        read = json.loads(line)
        return Answer(tuple(_offer(each["title"], each["changes"]) for each in read["offers"]), read["failure"])


def _offer(title: str, changes: list[dict[str, object]]) -> Offer:
    return Offer(title, tuple(_change(**each) for each in changes))  # type: ignore[arg-type]


def _change(path: str, start: list[int], end: list[int], text: str) -> Change:
    return Change(path, (start[0], start[1]), (end[0], end[1]), text)
