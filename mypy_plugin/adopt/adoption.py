"""Make budgets of the caps of a program, one group after the other.

A group is rewritten in memory first, and mypy asked: one that brings an ordinary error stays as it was. Errors about
ownership are no reason to stop. What they speak of was there before, and a number only hid it.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from ..fix.checker import Checker
from ..fix.edits import Edit, apply
from ..fix.mypy_errors import MypyError
from ..fix.source import Position, Source, parsed
from ..fix.table import split_evenly
from ..fix.texts import Text
from ..fix.verify import Program
from ..wording.message import Code
from ..wording.reading import read
from .caps import Finder
from .groups import CodeBase, Group
from .listing import place
from .rewrite import CannotRewrite, rewritten
from .uses import Classes, unknown

__all__ = ["Adoption"]

_OURS = frozenset(code.value for code in Code)
_NUMBER = re.compile(r"\d+")
_ASKED = "whose_is_"
"""How an attribute that no class has begins."""
_TOLD = re.compile(rf'"(\w+)"(?: of "[^"]+")? has no attribute "{_ASKED}(\d+)"')


class Adoption:
    """The rewriting of a program, one group of caps after the other. `relevant`: the files that may change."""

    def __init__(self, checker: Checker, finder: Finder, relevant: Iterable[str]) -> None:
        self._checker = checker
        self._finder = finder
        self.before: dict[str, Text] = {}
        # As mypy names them.
        wanted = {os.path.realpath(path) for path in relevant}
        for path in sorted(path for path in checker.targets if os.path.realpath(path) in wanted):
            content = checker.content(path)
            text = Text.of(content) if content is not None else None
            if text is not None:
                self.before[path] = text
        self.texts = dict(self.before)
        self._sources: dict[str, Source] = {}
        self._found = checker.check({})
        self.made: list[str] = []
        """What was rewritten, a line each."""
        self.refused: dict[tuple[str, str, str], str] = {}
        """Why a group was not, by its key."""

    def run(self) -> None:
        """Rewrite all groups that can be. Nothing is written."""
        code = self._code()
        # What is decided is decided: the same text may read otherwise when what is around it was rewritten.
        self.refused = {group.key: group.obstacle for group in code.groups if group.obstacle is not None}
        while (group := next(self._open(code), None)) is not None:
            why = self._try(code, group)
            if why is None:
                self.made += [f"{place(cap)}: {cap} is a {group.modes[cap]}" for cap in group.caps]
                code = self._code()
            else:
                self.refused[group.key] = why

    @property
    def revealed(self) -> list[MypyError]:
        """The errors about ownership that are there now."""
        return [each for each in self._found if each.code in _OURS]

    def report(self) -> None:
        """Print what was done, what was not and why, and what has come to light."""
        code = self._code()
        for line in self.made:
            print(line)
        for cap in code.caps:
            group = code.group_of[cap]
            print(f"{place(cap)}: {cap} stays a number: {self.refused.get(group.key) or group.obstacle}")
        for error in self.revealed:
            print(error)
        made, left, errors = len(self.made), len(code.caps), len(self.revealed)
        print(f"Made {made} cap{_s(made)} a budget; {left} stay{'s' if left == 1 else ''} as numbers.")
        if errors:
            print(f"{errors} error{_s(errors)} about ownership: `budget-types fix` mends what can be mended safely.")

    def _open(self, code: CodeBase) -> Iterator[Group]:
        return (each for each in code.groups if each.obstacle is None and each.key not in self.refused)

    def _try(self, code: CodeBase, group: Group) -> str | None:
        """Rewrite a group, unless that is wrong: then say why."""
        why = self._try_once(code, group, careful=False)
        if why is not None and any(cap.optional for cap in group.caps):
            return why if self._try_once(code, group, careful=True) is not None else None
        return why

    def _try_once(self, code: CodeBase, group: Group, *, careful: bool) -> str | None:
        try:
            made = rewritten(code, group, careful=careful)
            new = {path: self.texts[path].replaced(text) for path, text in made.items()}
            texts = self._split({**self.texts, **new}, code, group)
            changed = _encoded({path: text for path, text in texts.items() if text is not self.before[path]})
        except CannotRewrite as error:
            return str(error)
        except (ValueError, KeyError):
            # Edits that overlap, a character that the file cannot hold, or a file that must not be changed.
            return "there is no rewrite for how it is used"
        found = self._checker.check(changed)
        worse = _ordinary(found) - _ordinary(self._found)
        for each in found:
            if _key(each) in worse:
                return f"mypy would say of {each.path}: {each.message}  [{each.code}]"
        self.texts, self._found = texts, found
        return None

    def _split(self, texts: dict[str, Text], code: CodeBase, group: Group) -> dict[str, Text]:
        """Split what went out in even shares. Each share is the whole by now, and that is an error to mend.

        Raises CannotRewrite if the fixer would not split it by as many as there were shares.
        """
        shares = Counter(each for cap in group.caps if (each := code.share_of(cap)) is not None)
        if not shares:
            return texts
        unsaved = {path: text.text for path, text in texts.items() if text is not self.before[path]}
        program = Program(self._checker, unsaved=unsaved, proposers=dict.fromkeys(_OURS, (split_evenly,)))
        while _split_one(program, {(each.path, each.place) for each in shares}):
            pass
        made = {path: program.texts[path] for path in unsaved}
        for each, count in shares.items():
            before, after = (parsed(each.path, text[each.path].text) for text in (texts, made))
            if before is None or after is None or each.splits(after) - each.splits(before) != count:
                raise CannotRewrite(f'parts of "{each.place}" are passed on: split it first, by hand')
        return {**texts, **made}

    def _code(self) -> CodeBase:
        for path, text in self.texts.items():
            if path not in self._sources or self._sources[path].text != text.text:
                source = parsed(path, text.text)
                if source is not None:
                    self._sources[path] = source
        sources = [self._sources[path] for path in self.texts if path in self._sources]
        return CodeBase(sources, self._finder, self._classes(sources))

    def _classes(self, sources: Sequence[Source]) -> Classes:
        """The classes of objects whose fields may be caps, asked of mypy: it says which class has no such attribute."""
        edits: dict[str, list[Edit]] = {}
        asked: list[tuple[str, Position]] = []
        for source, node in unknown(sources, self._finder.find(sources)):
            edits.setdefault(source.path, []).append(source.replace(node.attr, f"{_ASKED}{len(asked)}"))
            asked.append((source.path, source.start(node)))
        if not asked:
            return {}
        changed = {path: text for path, text in self.texts.items() if text is not self.before[path] or path in edits}
        texts = {path: text.replaced(apply(text.text, edits.get(path, ()))) for path, text in changed.items()}
        told = (_TOLD.search(each.message) for each in self._checker.check(_encoded(texts)))
        return {asked[int(each[2])]: each[1] for each in told if each is not None}


def _encoded(texts: Mapping[str, Text]) -> dict[str, bytes]:
    return {path: text.encoded() for path, text in texts.items()}


def _split_one(program: Program, places: Set[tuple[str, str]]) -> bool:
    """Split one of some places, each in its file, where that mends an error."""
    for error in program.errors:
        if (error.path, read(error.message, error.hint).place) in places:
            for fix in program.fixes(error):
                program.accept(fix)
                return True
    return False


def _ordinary(errors: Sequence[MypyError]) -> Counter[tuple[str, str, str]]:
    """The errors that are not about ownership."""
    return Counter(_key(each) for each in errors if each.code not in _OURS)


def _key(error: MypyError) -> tuple[str, str, str]:
    """What makes two reports one: lines may move, and numbers in messages change."""
    return error.path, error.code, _NUMBER.sub("#", error.message)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
