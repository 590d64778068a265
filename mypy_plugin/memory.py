"""What is remembered of modules, in mypy's daemon: from one check of a module to the next.

Owns when that still holds, and what of it; where the daemon comes to a module is the business of `judging`, and whether
an edit has left bodies as they were, that of `unchanged`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mypy.checker import TypeChecker
from mypy.nodes import FuncDef, FuncItem

from . import unchanged
from .answers import Answers, KeptTypes
from .bodies import functions_of
from .dependencies import Dependencies
from .reporting import ModuleFindings

__all__ = ["Memory", "Remembered"]


@dataclass(slots=True)
class Remembered:
    """Of one module, since its file was read."""

    dependencies: Dependencies = field(default_factory=Dependencies)
    """What makes the daemon come back to it."""
    found: ModuleFindings | None = None
    """What was found in each of its bodies, where only some of them are to be judged again."""
    edited: FuncDef | None = None
    """The one function that is to be judged again. If there is none, those are that mypy has taken up again."""
    answers: dict[FuncDef | None, Answers] = field(default_factory=dict)
    """What judging the bodies asked, of those that asked anything."""
    types: KeptTypes = field(default_factory=KeptTypes)
    """The types that those bodies were judged with."""
    _variants: dict[FuncDef, list[FuncItem]] = field(default_factory=dict)
    """The list of each function into which mypy puts what it has checked: it begins another one when it takes it up."""

    def is_taken_up(self, function: FuncDef | None) -> bool:
        """Whether mypy has taken up a body again since the last time. None is the module's own.

        Not all that it checks again was: since mypy 2, it checks all bodies of a module together with the module's own.
        What they depend on has not changed, and they are checked when what is decorated further down has no type yet.
        """
        return function is None or self._variants.get(function) is not function.expanded

    def keep(self, found: ModuleFindings, looked_at: Iterable[FuncDef]) -> None:
        """Note what was found, and the state of the bodies that were looked at."""
        self.found = found
        self.edited = None
        self._variants = {function: function.expanded for function in looked_at}


@dataclass(slots=True)
class _LastRead:
    """The file that was read last: of all others, nobody knows whether what they import is what it was."""

    module: str
    is_again: bool
    """Whether it was read before. Most files are read once: what they held is not kept."""
    before: tuple[unchanged.Reading, Remembered] | None = None
    """What it held, and what was known of it, when it was read before, if that was the last file, too."""
    now: unchanged.Reading | None = None


class Memory:
    """Of one daemon."""

    def __init__(self) -> None:
        self._modules: dict[str, Remembered] = {}
        self._last: _LastRead | None = None

    def of(self, module: str) -> Remembered:
        """What is known of a module."""
        return self._modules.setdefault(module, Remembered())

    def read(self, module: str) -> None:
        """The module's file is read: what was found in the old one stands only where `keep_findings` says so."""
        known, last = self._modules.pop(module, None), self._last
        self._last = _LastRead(module, is_again=known is not None)
        if known is not None and last is not None and last.module == module and last.now is not None:
            self._last.before = last.now, known

    def keep_findings(self, checker: TypeChecker) -> None:
        """Where the body of one function is all that is new in a module, what was found in the others stands."""
        known, last = self.of(checker.tree.fullname), self._last
        if last is None or last.module != checker.tree.fullname or not last.is_again or known.found is not None:
            return
        bodies = functions_of(checker.tree)
        last.now = unchanged.read(checker, bodies)
        if last.now is None or last.before is None:
            return
        reading, earlier = last.before
        last.before = None
        number = unchanged.edited(reading, last.now)
        if number is None or earlier.found is None or len(earlier.found) != len(bodies):
            return
        kept = list(earlier.found.values())
        if len(last.now.lines) != len(reading.lines) and any(kept[:number] + kept[number + 1 :]):
            # What was found speaks of lines.
            return
        known.found = {body.function: its for body, its in zip(bodies, kept, strict=True)}
        known.edited = bodies[number].function
        asked = [earlier.answers.get(function) for function in earlier.found]
        known.answers = {body.function: its for body, its in zip(bodies, asked, strict=True) if its is not None}
        known.types.keep(known.answers.keys(), checker._type_maps[0], [body.function for body in bodies])
        known.dependencies.take_over(checker.tree, earlier.dependencies)
