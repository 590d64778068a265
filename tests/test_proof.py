"""The checker is held against Python itself, on random programs: see `docs/proof.md`.

`make soak` runs many more of them. Here the seed is fixed, so that the test is the same every time.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import get_args

import pytest
from expectations import Line, MypyError, Remarks, expected, run_mypy, supported
from proof.check import check, compare, module, reported
from proof.fixtures import rearrange, wrap
from proof.generate import programs
from proof.generate.tasks import GROUPS
from proof.language import Node, Program, children, nodes
from proof.language.expressions import (
    Attribute,
    Call,
    Comprehension,
    Decide,
    Display,
    Element,
    Fresh,
    Item,
    Over,
    Place,
)
from proof.language.functions import CallOf, Define, Giver, Lambda
from proof.language.generators import Flow, GeneratorOf, LaterCoins
from proof.language.statements import Assign, Case, Delete, Do, For, If, Match, Try, Unpack, View, While, With
from proof.language.tasks import (
    Coroutine,
    Each,
    Gather,
    GatherAll,
    GatherEach,
    JobsOf,
    Join,
    Picked,
    Start,
    Wait,
    WaitAll,
)
from proof.language.threads import Add, Answer, EachOf, JoinThread, Several, SeveralOf, StartThread, WaitAnswers
from proof.shrink import shrink, smaller
from proof.spelling.library import PRELUDE
from proof.spelling.places import is_collection
from proof.spelling.program import spell
from proof.vary import VARIANTS, Lines

SEED = 60_600_177
PROGRAMS = 1_000
BATCH = 250
VARIED = 120

_DICT = Place(("d",))
_WAYS = ("values", "keys", "items")

RULES = Path(__file__).parents[1] / "fixtures" / "rules"


@pytest.mark.parametrize("batch", range(PROGRAMS // BATCH))
def test_mypy_and_python_agree(batch: int) -> None:
    outcome = check(list(programs(SEED + batch, BATCH)))
    if outcome.mismatches:
        smallest = min(outcome.mismatches, key=lambda mismatch: len(mismatch.text))
        pytest.fail(f"{outcome}, such as\n\n{smallest}\n\nor smaller\n\n{shrink(smallest)}", pytrace=False)
    assert outcome.wrong > BATCH / 4, "the programs have become too tame to prove anything"
    assert outcome.foreign < BATCH / 20, "too many are no programs to mypy"
    assert outcome.partial < BATCH / 20, "too many are too large to run all their paths"


def _kinds_of(kind: type[Node]) -> Iterator[type[Node]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds_of(one)


def test_all_that_can_be_written_is() -> None:
    """Each piece of the language, and what the page says of how they go together, is in the programs above."""
    made = [program for batch in range(PROGRAMS // BATCH) for program in programs(SEED + batch, BATCH)]
    found = Counter(type(node) for program in made for node in nodes(program))
    written = {*_kinds_of(Node)}
    abstract = {one for one in written if one.__subclasses__()}
    newer = {"Group", "Limit"} if not GROUPS else set()
    assert {one.__name__ for one in written - abstract if not found[one]} <= newer
    assert {program.form for program in made} == {"function", "generator", "coroutine"}
    tries = [node for program in made for node in nodes(program) if isinstance(node, Try)]
    assert any(one.handlers and one.otherwise and one.final for one in tries)
    loops = [node for program in made for node in nodes(program) if isinstance(node, (For, While))]
    assert any(node.otherwise for node in loops)
    assert any(
        isinstance(inner, (For, While)) and inner.otherwise for one in loops for inner in nodes(one) if inner is not one
    )
    assert {node.over for node in loops if isinstance(node, For)} == set(get_args(Over))
    blocks = [node for program in made for node in nodes(program) if isinstance(node, With)]
    assert {(node.swallows, node.is_async) for node in blocks} == {(a, b) for a in (True, False) for b in (True, False)}
    assert any(node.path[:2] == ("w", "p") for program in made for node in nodes(program) if isinstance(node, Place))
    sorts = {node.jobs[0] for program in made for node in nodes(program) if isinstance(node, Join)}
    assert sorts == {"j", "m", "s"}
    functions = [node for program in made for node in nodes(program) if isinstance(node, Define) and node.default]
    assert {(node.runs_later, node.yields) for node in functions} == {(False, False), (True, False), (False, True)}
    assert any(node.number for program in made for node in nodes(program) if isinstance(node, Define))
    assert {node.kind for program in made for node in nodes(program) if isinstance(node, Fresh)} >= {"coin", "gold"}
    lambdas = [node for program in made for node in nodes(program) if isinstance(node, Lambda) and node.parameter]
    assert {node.default is None for node in lambdas} == {True, False}
    calls = [node for program in made for node in nodes(program) if isinstance(node, CallOf)]
    assert {node.awaited for node in calls} == {True, False}
    givers = [node for program in made for node in nodes(program) if isinstance(node, Giver)]
    assert {node.runs_later for node in givers} == {True, False}
    assert {type(node.body[-1]) for node in givers if node.body} >= {Assign, If, Do}
    flows = [node for program in made for node in nodes(program) if isinstance(node, Flow)]
    kinds_of_flows = {getattr(one.generator, "function", type(one.generator)) for one in flows}
    assert kinds_of_flows == {"pour", "mint", GeneratorOf, LaterCoins}
    looks = [node for program in made for node in nodes(program) if isinstance(node, Attribute)]
    assert {(type(node.place), node.computed) for node in looks} == {
        (kind, computed) for kind in (Place, Item) for computed in (True, False)
    }
    assert {node.starred for program in made for node in nodes(program) if isinstance(node, Unpack)} == {True, False}
    assert any(node.swallows for program in made for node in nodes(program) if isinstance(node, With))
    guarded = [case for program in made for node in nodes(program) if isinstance(node, Match) for case in node.cases]
    assert any(case.guard is not None and case.names for case in guarded)
    views = [node for program in made for node in nodes(program) if isinstance(node, View)]
    assert {one.declared for one in views if isinstance(one.source, Item)} == {True, False}
    used = Counter(type(node) for program in made for node in nodes(program) if _DICT in children(node))
    assert {Item, Element, Assign, For, Comprehension, Call} <= set(used)
    by_key = [node for program in made for node in nodes(program) if getattr(node, "jobs", "").startswith("m")]
    assert {type(node) for node in by_key} == {Join, Picked, Each, GatherAll, WaitAll}
    assert {node.over for node in by_key if isinstance(node, Each)} == set(_WAYS)
    waits = [
        node
        for program in made
        for node in nodes(program)
        if isinstance(node, (Wait, WaitAll, WaitAnswers, Answer, JoinThread))
    ]
    assert {node.how for node in waits if isinstance(node, Wait)} == {"await", "wait_for", "shield"}
    in_time = {(type(node), node.limited) for node in waits if not isinstance(node, Wait)}
    kinds = (WaitAll, WaitAnswers, Answer, JoinThread)
    assert in_time == {(kind, limited) for kind in kinds for limited in (True, False)}
    crews = [node for program in made for node in nodes(program) if isinstance(node, (Several, SeveralOf))]
    assert {(type(node), node.name[0]) for node in crews} == {
        *((kind, sort) for kind in (Several, SeveralOf) for sort in "uz"),
        (Several, "y"),
    }
    assert {node.over for program in made for node in nodes(program) if isinstance(node, EachOf)} == set(_WAYS)
    keyed = {type(node) for program in made for node in nodes(program) if getattr(node, "keyed", False) is True}
    assert {StartThread, JoinThread} <= keyed
    members = [node.member for program in made for node in nodes(program) if isinstance(node, Add)]
    assert {isinstance(member, str) for member in members} == {True, False}
    assert {node.completed for program in made for node in nodes(program) if isinstance(node, EachOf)} == {True, False}
    over_displays = [
        (type(node), source)
        for program in made
        for node in nodes(program)
        if isinstance(source := getattr(node, "source", None), Display)
    ]
    assert {kind for kind, _ in over_displays} == {For, Comprehension, GatherEach, JobsOf, SeveralOf}
    rows = [source.rows for _, source in over_displays]
    assert {len(row.places) for each in rows for row in each} == {1, 2}
    assert any(len(set(each)) < len(each) for each in rows)
    sources = [(type(node), getattr(node, "source", None)) for program in made for node in nodes(program)]
    assert {kind for kind, one in sources if isinstance(one, Place) and is_collection(one)} >= {For, GatherEach, JobsOf}


# That it would notice


A, B = Place(("a",)), Place(("b",))
TAKE_A = Do(Call("take", (A,)))
TAKES_TWICE = Program("f", (If(Decide(), (TAKE_A,), ()), TAKE_A), "function")


@pytest.mark.parametrize(
    ("lines", "unsound", "imprecise"), [([4], [], []), ([], [4], []), ([3, 4], [], [3]), ([3], [4], [3])]
)
def test_a_report_too_few_or_too_many_is_noticed(lines: list[int], unsound: list[int], imprecise: list[int]) -> None:
    outcome = compare(TAKES_TWICE, spell(TAKES_TWICE), {line: {"use-after-move"} for line in lines})
    found = outcome.mismatches[0] if outcome.mismatches else None
    assert sorted(found.unsound if found else ()) == unsound
    assert sorted(found.imprecise if found else ()) == imprecise


def test_a_report_of_two_places_tells_of_both() -> None:
    """Where the one comes first that the report stands at, nothing else says that the other is wrong."""
    started = Start("t1", Coroutine("take_later", A), None), Start("t2", Coroutine("lend_later", A), None)
    text, [spelled] = module([Program("f", started, "coroutine")])
    found, told = reported(text)
    assert (list(found), told) == ([spelled.first + 2], {spelled.first + 1})
    assert not compare(TAKES_TWICE, spell(TAKES_TWICE), {}, told={4}).mismatches


@pytest.mark.parametrize("lines", [[5], [5, 6]])
def test_whether_a_function_has_what_was_deleted_after_it_took_it_is_left_open(lines: list[int]) -> None:
    purse, field = Place(("h",)), Place(("h", "b"))
    takes = Define("k", (Do(Call("take_purse", (purse,))),))
    program = Program("f", (takes, Delete(field), Do(CallOf("k"))), "function")
    outcome = compare(program, spell(program), {line: {"use-after-move"} for line in lines})
    assert not outcome.mismatches


def test_to_make_a_coroutine_raises_nothing() -> None:
    """An `async def` runs, and may raise, when it is awaited: what it was given comes to no handler before that."""
    made = Do(Gather((Coroutine("take_later", A), Coroutine("lend_later", A))))
    program = Program("f", (While(None, (View("v", A), With(True, (made,))), ()),), "coroutine")
    outcome = compare(program, spell(program), {5: {"budget-copied"}})
    assert not outcome.mismatches


def test_what_a_pattern_takes_has_one_name() -> None:
    name = Place(("p",))
    body = (Start("t1", Coroutine("lend_later", A), None), Do(Call("take", (name,))))
    cases = (Case(("p",), Decide(), body), Case((), None, ()))
    outcome = check([Program("f", (Match(A, cases, True),), "coroutine")])
    assert not outcome.mismatches
    assert (outcome.wrong, outcome.foreign) == (1, 0)


def test_what_was_deleted_is_taken_out_of_nothing() -> None:
    """To read it is an error of Python's: the loop goes through a list that keeps its elements."""
    name, coins = Place(("p",)), Place(("xs",))
    body = (Delete(name), Do(Call("share_coins", (coins,))), Do(Call("take", (name,))))
    program = Program("f", (For("p", coins, body, ()),), "function")
    assert not compare(program, spell(program), {}).mismatches


def test_a_program_of_which_mypy_says_something_itself_is_left_out() -> None:
    """A variable that was deleted has no type, and what is given it has none either."""
    program = Program(
        "f", (Delete(A), Assign(B, A), TAKE_A, Do(Call("take", (B,))), Do(Call("take", (B,)))), "function"
    )
    outcome = check([program])
    assert not outcome.mismatches
    assert outcome.foreign == 1


def test_what_is_smaller_can_be_written() -> None:
    for program in programs(SEED, 40):
        for one in smaller(program):
            assert spell(one).twin


def test_a_plugin_that_fails_is_no_plugin_that_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(directory: Path, files: Collection[Path], scratch: Path) -> dict[str, Remarks]:
        line = Line()
        line.errors["affine"].add("budget-types failed")
        return {"programs.py": {1: line}}

    monkeypatch.setattr("proof.check.run_mypy", failed)
    with pytest.raises(MypyError, match="budget-types failed"):
        check([TAKES_TWICE])


def test_programs_that_mypy_cannot_read_are_no_programs_without_errors() -> None:
    with pytest.raises(MypyError):
        reported(PRELUDE + "\ndef f(:\n")


# In other words


def test_other_words_change_nothing() -> None:
    source = random.Random(SEED)
    originals = list(programs(SEED, VARIED))
    _, spelled = module(originals)
    text = PRELUDE.splitlines()
    origins: dict[int, tuple[str, str, int]] = {}
    versions = [(one, name) for one in spelled for name in ("as it is", *VARIANTS)]
    # The order of the functions is another one, too.
    source.shuffle(versions)
    for number, (one, name) in enumerate(versions):
        lines: Lines = list(enumerate(one.typed.splitlines(), 1))
        program = lines[0][1].partition("def ")[2].partition("(")[0]
        if name in VARIANTS:
            lines = VARIANTS[name](lines, source)
        lines[0] = (1, lines[0][1].replace(f"{program}(", f"{program}_{number}(", 1))
        for at, written in lines:
            text.append(written)
            origins[len(text)] = (program, name, at)
    found: defaultdict[str, defaultdict[str, set[tuple[int, str]]]] = defaultdict(lambda: defaultdict(set))
    for line, codes in reported("\n".join(text) + "\n")[0].items():
        program, name, at = origins[line]
        found[program][name].update((at, code) for code in codes)
    assert len(found) > VARIED / 4
    for program, by_version in found.items():
        for name in VARIANTS:
            assert by_version[name] == by_version["as it is"], f"{program}, {name}"


@pytest.mark.parametrize("words", ["wrapped", "rearranged"])
def test_fixtures_in_other_words(words: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp(words)
    marked: dict[str, dict[int, list[str]]] = {}
    changed = 0
    for path in filter(supported, sorted(RULES.glob("*.py"))):
        source = path.read_text(encoding="utf-8")
        said = wrap(source) if words == "wrapped" else rearrange(source)
        changed += said != source
        (directory / path.name).write_text(said, encoding="utf-8")
        marked[path.name] = _codes(expected(said))
    assert changed > len(marked) * 0.9
    found = run_mypy(directory, list(map(Path, marked)), tmp_path_factory.mktemp(f"{words}_mypy"))
    differing = {name: (codes, _codes(found.get(name, {}))) for name, codes in marked.items()}
    assert {name: both for name, both in differing.items() if both[0] != both[1]} == {}


def _codes(remarks: Remarks) -> dict[int, list[str]]:
    """The codes on each line. The messages name lines, which are others now."""
    return {number: sorted(line.errors) for number, line in sorted(remarks.items()) if line.errors}
