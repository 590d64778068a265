"""The fixer: rewrites for what the checker reports.

    error ──▶ proposers ──▶ proposals ──▶ checked again ──▶ files

`proposals` says what could be done about one error in one file; it needs nothing but the source. Whether a proposal
helps is found out by checking the program again with it (`verify`), and only what helps is ever applied (`engine`).

An editor that keeps a `checker.Checker` may ask `verify.Program(checker, unsaved={path: text}).fixes(error)` for
what helps with the text that it holds.
"""

from __future__ import annotations

from ..wording.reading import read
from .edits import Edit, Proposal, apply
from .files import DiskFiles, Files
from .mypy_errors import MypyError
from .site import Site
from .source import parsed
from .table import PROPOSERS

__all__ = ["DiskFiles", "Edit", "Files", "MypyError", "Proposal", "apply", "proposals"]


def proposals(source: str, error: MypyError, files: Files | None = None) -> list[Proposal]:
    """The rewrites that may mend an error, the best first; none of them is checked.

    `source` is the text of the error's file. `files` gives the text of others, where a parameter may be declared.
    """
    text = parsed(error.path, source)
    proposers = PROPOSERS.get(error.code, ())
    if text is None or not proposers:
        return []
    site = Site(text, error, read(error.message, error.hint), files or DiskFiles({error.path: source}))
    return list(dict.fromkeys(each for propose in proposers for each in propose(site)))
