"""Check a program again with a proposal made, and keep the proposal only if it helps.

It helps if the error is gone and nothing is wrong that was not wrong before, whatever the code and the file. Lines
move when text is added, so errors are compared by where they would have been in the old text.

What hands out all that is left in a value only borrows it, so that nothing would be wrong with using it again, as the
next round of a loop or its owner may. Hence it is checked once more with the value given away there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..wording.message import Code
from ..wording.reading import read
from .affine_class import mark_affine
from .borrow import lend
from .checker import Checker
from .edits import Edit, Proposal, apply, between, line_before
from .files import Files
from .merge_back import split_and_merge_back
from .mypy_errors import MypyError
from .site import Site
from .source import parsed
from .table import PROPOSERS, Proposer
from .texts import Text

__all__ = ["Fix", "Program"]

_OURS: Final = frozenset(code.value for code in Code)
_FURTHEST: Final = 16
"""Through how many functions a loan is followed."""
_FOLLOWS: Final = (mark_affine, lend, split_and_merge_back)
_NUMBER: Final = re.compile(r"\d+")

Layer = Mapping[str, Sequence[Edit]]
"""One round of changes, by file."""


@dataclass(frozen=True)
class Fix:
    """A proposal that was checked: what it does, what the files contain with it, and what is wrong then."""

    error: MypyError
    title: str
    edits: tuple[Edit, ...]
    texts: Mapping[str, str]
    remaining: Sequence[MypyError]
    changes: frozenset[str]
    """The files that it changes, and those of which mypy may say something else then."""
    empties: bool
    """Whether it hands out all that is left in something, for good."""


class Program:
    """A program's files and what is wrong with them; it changes as fixes are accepted. Nothing is written here.

    `unsaved`: the text of files that an editor holds.
    """

    def __init__(
        self,
        checker: Checker,
        *,
        unsaved: Mapping[str, str] | None = None,
        proposers: Mapping[str, Sequence[Proposer]] = PROPOSERS,
    ) -> None:
        self._checker = checker
        self._proposers = proposers
        self.texts: dict[str, Text] = {}
        """The files that may be changed, as they would be with what was accepted so far."""
        for path in sorted(checker.targets):
            content = checker.content(path)
            text = Text.of(content) if content is not None else None
            if text is not None:
                self.texts[path] = text
        self._read = dict(self.texts)
        for path, changed in (unsaved or {}).items():
            if path in self.texts:
                self.texts[path] = self.texts[path].replaced(changed)
        self.looked_into: set[str] = set()
        """The files that were read, or checked again; whoever wants to know empties it first."""
        self.errors = self._check({})

    # Files, for the proposers

    def read(self, path: str) -> str | None:
        """The text of a file that may be changed."""
        self.looked_into.add(path)
        text = self.texts.get(path)
        return text.text if text is not None else None

    def find(self, importer: str, module: str, level: int) -> str | None:
        """The file of a module, as mypy found it."""
        return self._checker.find(importer, module, level)

    # Fixes

    def fixes(self, error: MypyError) -> Iterable[Fix]:
        """The proposals for an error that help, each checked when it is asked for."""
        for proposal in self._proposals(error, self._proposers.get(error.code, ()), self):
            fix = self._attempt(error, proposal)
            if fix is not None:
                yield fix

    def accept(self, fix: Fix) -> None:
        """Go on from the program with a fix made."""
        for path, text in fix.texts.items():
            self.texts[path] = self.texts[path].replaced(text)
        self.errors = list(fix.remaining)

    def _proposals(self, error: MypyError, proposers: Sequence[Proposer], files: Files) -> list[Proposal]:
        text = files.read(error.path)
        source = parsed(error.path, text) if text is not None and proposers else None
        if source is None:
            return []
        site = Site(source, error, read(error.message, error.hint), files)
        return list(dict.fromkeys(each for propose in proposers for each in propose(site)))

    def _attempt(self, error: MypyError, proposal: Proposal) -> Fix | None:
        trial = self._tried(_Trial(self, error), proposal)
        while trial is not None and trial.new:
            trial = self._followed(trial)
        if trial is None or (proposal.empties and self._is_seen_again(proposal, trial.after)):
            return None
        texts, empties = dict(trial.texts), bool(proposal.empties)
        return Fix(error, trial.title, trial.edits, texts, trial.after, trial.touched, empties)

    def _tried(self, trial: _Trial, proposal: Proposal) -> _Trial | None:
        """A trial with one proposal more, checked; None for one that cannot be made."""
        trial = trial.copy()
        try:
            trial.make(proposal)
            trial.after = self._check(trial.texts)
        except (ValueError, KeyError):
            # Edits that overlap, a character that the file cannot hold, or a file that must not be changed.
            return None
        trial.touched = self._checker.touched
        trial.new = _new(self.errors, trial.error, trial.after, trial.layers)
        return trial

    def _followed(self, trial: _Trial) -> _Trial | None:
        """A trial with what has to follow it: a loan that the function passes on is one to its callee, too.

        What has one owner from now on has to be lent to those that look at it, and split if several have it at once.
        """
        if len(trial.layers) == _FURTHEST or any(each.code not in trial.follows for each in trial.new):
            return None
        for proposal in self._proposals(trial.new[0], _FOLLOWS, trial):
            tried = self._tried(trial, proposal)
            if tried is not None and (proposal.follows or len(tried.new) < len(trial.new)):
                return tried
            if proposal.follows:
                return None
        return None

    def _is_seen_again(self, proposal: Proposal, after: Iterable[MypyError]) -> bool:
        """Whether anybody comes upon the place that a proposal empties: the errors if it were given away say so."""
        splits = f"{proposal.empties}.split_evenly("
        given = f"{proposal.empties}.__move__().split_evenly("
        texts = {}
        for path in proposal.paths():
            edits = [replace(edit, text=edit.text.replace(splits, given)) for edit in proposal.edits_of(path)]
            texts[path] = apply(self.texts[path].text, edits)
        known = Counter(_key(each, each.line) for each in after)
        return any(Counter(_key(each, each.line) for each in self._check(texts)) - known)

    def _check(self, texts: Mapping[str, str]) -> list[MypyError]:
        changed = {path: text for path, text in self.texts.items() if text is not self._read[path]}
        changed.update({path: self.texts[path].replaced(text) for path, text in texts.items()})
        found = self._checker.check({path: text.encoded() for path, text in changed.items()})
        self.looked_into |= self._checker.touched
        return found


@dataclass
class _Trial:
    """A proposal being tried, with those that had to follow it."""

    program: Program
    error: MypyError
    texts: dict[str, str] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    follows: frozenset[str] = frozenset()
    after: list[MypyError] = field(default_factory=list)
    new: list[MypyError] = field(default_factory=list)
    """What is wrong that was not before, the error that was to be mended included."""
    touched: frozenset[str] = frozenset()

    def copy(self) -> _Trial:
        return replace(self, texts=dict(self.texts), layers=list(self.layers), titles=list(self.titles))

    @property
    def title(self) -> str:
        return ", and ".join(self.titles)

    @property
    def edits(self) -> tuple[Edit, ...]:
        if len(self.layers) == 1:
            return tuple(edit for edits in self.layers[0].values() for edit in edits)
        changes = ((path, self.program.texts[path].text, text) for path, text in self.texts.items())
        return tuple(edit for path, before, after in changes for edit in between(path, before, after))

    def make(self, proposal: Proposal) -> None:
        layer = {path: proposal.edits_of(path) for path in proposal.paths()}
        for path, edits in layer.items():
            text = self.read(path)
            if text is None:
                raise KeyError(path)
            self.texts[path] = apply(text, edits)
        self.layers.append(layer)
        self.titles.append(proposal.title)
        self.follows |= proposal.follows

    def read(self, path: str) -> str | None:
        return self.texts[path] if path in self.texts else self.program.read(path)

    def find(self, importer: str, module: str, level: int) -> str | None:
        return self.program.find(importer, module, level)


def _new(
    before: Iterable[MypyError], mended: MypyError, after: Iterable[MypyError], layers: Sequence[Layer]
) -> list[MypyError]:
    """The errors that were not there before, the one that was to be mended among them if it still is."""
    known = Counter(_key(each, each.line) for each in before)
    known[_key(mended, mended.line)] -= 1
    new = []
    for error in after:
        first, last = _lines_before(error, layers)
        keys = [key for line in range(first, last + 1) if known[key := _key(error, line)] > 0]
        if keys:
            known[keys[0]] -= 1
        else:
            new.append(error)
    return new


def _lines_before(error: MypyError, layers: Sequence[Layer]) -> tuple[int, int]:
    first = last = error.line
    for layer in reversed(layers):
        edits = layer.get(error.path, ())
        first, last = line_before(edits, first)[0], line_before(edits, last)[1]
    return first, last


def _key(error: MypyError, line: int) -> tuple[str, int, str, str]:
    """What makes two reports one. Our own may name other places after a rewrite; mypy's may not change."""
    message = "" if error.code in _OURS else _NUMBER.sub("#", error.message)
    return error.path, line, error.code, message
