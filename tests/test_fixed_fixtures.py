"""What the fixer makes of every program under `fixtures/`, and that the result is no worse for it.

`fixed.json` has, for each fixture, the rewrites that are made and the errors that stay, each with the row of
`docs/fixes.md` that says why, so that a change in either shows. After a change that is meant, or for a new fixture,
write it again and read the difference:

    RECORD=1 pytest -n 0 tests/test_fixed_fixtures.py

Every error that stays though its code has a rewrite has a reason with a name there, and every row there is the one of
some error. A second run changes nothing: it is made in the files that the first one changed, for in the others it would
try what was tried before.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from expectations import configuration, supported
from test_docs import DOCS
from test_fixtures import FIXTURES, PROGRAMS

from mypy_plugin.fix import Proposal
from mypy_plugin.fix.checker import Checker
from mypy_plugin.fix.engine import Applied, mend
from mypy_plugin.fix.mypy_errors import MypyError
from mypy_plugin.fix.site import Site
from mypy_plugin.fix.table import PROPOSERS, Proposer
from mypy_plugin.fix.verify import Program
from mypy_plugin.wording.message import Code

PAGE = (DOCS / "fixes.md").read_text(encoding="utf-8")
SHAPES = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \| ([a-z ]+) \| .+ \|$", PAGE, re.MULTILINE)
"""The rows of the page about what has no rewrite: codes, parts of their messages, and reasons."""
REASONS = re.findall(r"^\| ([a-z ]+) \| .+ \|$", PAGE.partition("| reason |")[2].partition("\n\n")[0], re.MULTILINE)

RECORD = Path(__file__).with_name("fixed.json")
OURS = {code.value for code in Code}
DIRECTORIES = sorted({path.parts[0] for path in PROGRAMS})
FRAMEWORKS = "[mypy-pydantic_ai.*]\nfollow_imports = skip\n"
"""Thousands of modules that have nothing to do with what is mended."""

Recorded = dict[str, dict[str, list[str]]]
"""What is said of each fixture: the rewrites made, by code, and how many errors stay, by code and reason."""


@pytest.mark.parametrize("directory", [pytest.param(each, marks=pytest.mark.xdist_group(each)) for each in DIRECTORIES])
def test_fixed(directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [path.relative_to(directory) for path in PROGRAMS if path.parts[0] == directory and supported(path)]
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((FIXTURES / directory / file).read_bytes())
    (tmp_path / "mypy.ini").write_text(configuration(tmp_path, files) + FRAMEWORKS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = ["--config-file=mypy.ini", *(file.as_posix() for file in files)]

    with Checker(arguments) as checker:
        program = Program(checker)
        before = program.errors
        made = mend(program)
    changed = {path for path, text in program.texts.items() if text.encoded() != Path(path).read_bytes()}
    assert bool(changed) == bool(made)
    for path in changed:
        Path(path).write_bytes(program.texts[path].encoded())
    with Checker(arguments) as checker:
        after = checker.check({})
        assert [str(each) for each in after] == [str(each) for each in program.errors]
        assert [str(each) for each in after if _why(each) is None] == []
        if changed:
            again = {code: [_only_in(changed, each) for each in row] for code, row in PROPOSERS.items()}
            assert mend(Program(checker, proposers=again)) == []
    _only_less(before, made, after)
    _as_recorded(directory, _said(directory, before, made, after))


def _why(error: MypyError) -> str | None:
    """The first row of the page that an error fits, with its reason; None for one that should not have stayed."""
    if error.code not in PROPOSERS:
        return error.code
    found = ((words, reason) for code, words, reason in SHAPES if code == error.code and words in error.message)
    return next((f"{error.code}, {reason}: {words}" for words, reason in found), None)


def _only_in(paths: set[str], propose: Proposer) -> Proposer:
    def proposed(site: Site) -> Iterator[Proposal]:
        return propose(site) if site.error.path in paths else iter(())

    return proposed


def test_every_row_is_of_an_error_that_stays() -> None:
    """Each row of the page has a reason that the page explains, and an error here; each reason has a row."""
    rows = [(code, words) for code, words, _ in SHAPES]
    assert len(set(rows)) == len(rows) > 0
    assert {reason for *_, reason in SHAPES} == set(REASONS)
    recorded: Recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    stays = {each.partition(" ")[2] for said in recorded.values() for each in said["left"]}
    assert [row for row in SHAPES if f"{row[0]}, {row[2]}: {row[1]}" not in stays] == []


def _only_less(before: Iterable[MypyError], made: Iterable[Applied], after: Iterable[MypyError]) -> None:
    """Each rewrite has taken its error away, and nothing is there that was not there before."""
    known = Counter(map(_key, before))
    known.subtract(_key(each.error) for each in made)
    left = Counter(map(_key, after))
    assert {key: number for key, number in left.items() if number > known[key]} == {}


def _key(error: MypyError) -> tuple[str, str, str]:
    """An error without its line, which moves; our own messages name lines and parts, too."""
    return error.path, error.code, "" if error.code in OURS else error.message


def _said(directory: str, before: list[MypyError], made: list[Applied], after: list[MypyError]) -> Recorded:
    said: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for path in {each.path for each in before}:
        here = said[f"{directory}/{Path(path).as_posix()}"]
        here["made"] = sorted(f"{each.error.code}: {each.title}" for each in made if each.error.path == path)
        left = Counter(_why(each) or each.code for each in after if each.path == path)
        here["left"] = [f"{number} {why}" for why, number in sorted(left.items())]
    return dict(said)


def _as_recorded(directory: str, said: Recorded) -> None:
    recorded: Recorded = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    others = {path: each for path, each in recorded.items() if not path.startswith(f"{directory}/")}
    # What another Python cannot parse stays as it is.
    unseen = {path: each for path, each in recorded.items() if path not in others and not supported(Path(path))}
    if os.environ.get("RECORD"):
        written: Mapping[str, object] = dict(sorted({**others, **unseen, **said}.items()))
        RECORD.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    else:
        assert said == {path: each for path, each in recorded.items() if path not in others and path not in unseen}
