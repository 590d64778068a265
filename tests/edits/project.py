"""The small project that is edited at random: a text for each state, and each edit the change of one choice.

Every file of `project.txt` is a template with slots, and every slot a list of variants; where a file lies is a slot,
too, and what is broken in it. So any state can be written down, and states that differ in one slot are one edit apart.
Owns the texts. That all ways to run mypy agree on them is the business of `ways`.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

__all__ = [
    "CONFIGURATION",
    "KINDS",
    "MYPYS_OWN",
    "SLOTS",
    "START",
    "Edit",
    "Slot",
    "State",
    "files",
    "is_blocked",
    "write",
]

State: TypeAlias = Mapping[str, int]
"""Which variant each slot has, by the slot's name."""

CONFIGURATION: Final = "mypy.ini"
MYPYS_OWN: Final = (
    "The daemon loses the notes on unused `# type: ignore`s in a module when it checks the module's own body again.",
    "A file that is edited while another one cannot be parsed has each of its functions `already defined` later on.",
    "Codes of plugins that `[mypy] enable_error_code` names end a daemon that has not loaded the plugin yet.",
    "Of `app.py` and the directory `app`, the order of the files decides which is the module `app`.",
    "The note `See ...#missing-imports` stands at the first of all such errors, whichever is checked first.",
)
"""Where plain mypy, without any plugin of ours, disagrees with itself. The edits and the comparison leave it out."""

_SECONDS: Final = itertools.count(1_000_000_000)
_NOWHERE: Final = "-"
_SLOT: Final = re.compile(r"«(?P<kind>[a-z ]+):(?P<variants>[^»]*)»\n?")
_FILE: Final = re.compile(r"^== (.+)\n", re.MULTILINE)
_SYNTAX: Final = "def (:\n"
_BROKEN: Final = ("", _SYNTAX, 'wrong: int = "no"\n', "undefined\n", "import nowhere\n")
"""What may stand at the end of a file."""


@dataclass(frozen=True)
class Slot:
    """A choice: what a change of it is, and what may stand there."""

    name: str
    kind: str
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """The change of one slot."""

    slot: Slot
    old: int
    new: int

    @property
    def kind(self) -> str:
        """What was done, in the words of `KINDS`."""
        before, after = self.slot.variants[self.old], self.slot.variants[self.new]
        if self.slot.kind == "file":
            return "add" if before == _NOWHERE else "delete" if after == _NOWHERE else "rename"
        if self.slot.kind == "broken":
            return "break" if after else "mend"
        return self.slot.kind

    def __str__(self) -> str:
        before, after = (self.slot.variants[one] for one in (self.old, self.new))
        return f"{self.slot.name}: {before!r} becomes {after!r} ({self.kind})"


KINDS: Final = frozenset(
    {
        "body",
        "signature",
        "affine",
        "hierarchy",
        "configuration",
        "break",
        "mend",
        "add",
        "delete",
        "rename",
        "without calls",
    }
)
"""All that an edit may be."""


@dataclass(frozen=True)
class _Template:
    where: Slot
    parts: tuple[str | Slot, ...]
    """Text and slots, in order."""

    def text(self, state: State) -> str:
        return "".join(part if isinstance(part, str) else part.variants[state[part.name]] for part in self.parts)


def _read(text: str) -> list[_Template]:
    _, *rest = _FILE.split(text)
    return [
        _template(paths.split(), body.strip("\n") + "\n") for paths, body in zip(rest[::2], rest[1::2], strict=True)
    ]


def _template(paths: list[str], text: str) -> _Template:
    file = paths[0]
    parts: list[str | Slot] = []
    at = 0
    for number, found in enumerate(_SLOT.finditer(text), 1):
        parts.append(text[at : found.start()])
        variants = found["variants"]
        if variants.startswith("\n"):
            # Whole lines: each variant brings its own newlines.
            choices = tuple(one.removeprefix("\n") for one in variants.split("¦"))
            at = found.end()
        else:
            choices = tuple(variants.split("¦"))
            at = found.end() - found[0].endswith("\n")
        parts.append(Slot(f"{file} {number}", found["kind"], choices))
    parts.append(text[at:])
    if file != CONFIGURATION:
        parts.append(Slot(f"{file} end", "broken", _BROKEN))
    return _Template(Slot(f"{file} is", "file", tuple(paths)), tuple(parts))


_TEMPLATES: Final = _read(Path(__file__).with_name("project.txt").read_text(encoding="utf-8"))

SLOTS: Final[Mapping[str, Slot]] = {
    slot.name: slot
    for template in _TEMPLATES
    for slot in (template.where, *template.parts)
    if isinstance(slot, Slot) and len(slot.variants) > 1
}
"""All that can be edited, by name."""

START: Final[State] = dict.fromkeys(
    [slot.name for each in _TEMPLATES for slot in each.parts if isinstance(slot, Slot)]
    + [each.where.name for each in _TEMPLATES],
    0,
)
"""Every slot has its first variant."""


def files(state: State) -> dict[str, str]:
    """The project in this state: the text of each file, by path."""
    there = ((each.where.variants[state[each.where.name]], each) for each in _TEMPLATES)
    return {path: template.text(state) for path, template in there if path != _NOWHERE}


def is_blocked(state: State) -> bool:
    """Whether a file cannot be parsed: mypy says no more than that."""
    return any(_SYNTAX in text for text in files(state).values())


def write(root: Path, new: Mapping[str, str], old: Mapping[str, str]) -> None:
    """Make the files under `root`, which are `old`, `new`."""
    for path in old.keys() - new.keys():
        (root / path).unlink()
        if (root / path).parent != root and not any((root / path).parent.iterdir()):
            (root / path).parent.rmdir()
    for path, text in new.items():
        if old.get(path) != text:
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            # mypy reads a file again if its size differs, or the second in which it was written.
            os.utime(root / path, times=(next(_SECONDS),) * 2)
