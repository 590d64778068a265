"""What lowering learns: a body is lowered again exactly when an answer that it was given has become wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mypy import api
from mypy.nodes import Var

from mypy_plugin import lower
from mypy_plugin.lower import closures, inferred
from mypy_plugin.lower.body import Body
from mypy_plugin.lower.inferred import Borrowing, Borrowings, Inferred, Learnt, Table, WaysOut

FIXTURES = Path(__file__).parents[1] / "fixtures/rules"


def test_what_nobody_asked_for_makes_nothing_stale() -> None:
    learnt = Learnt[str]()
    learnt.begin()
    learnt.add("a")
    assert learnt.has("a")
    assert not learnt.has("b")
    learnt.add("a", "c")
    assert not learnt.is_stale


@pytest.mark.parametrize("ask", [lambda learnt: learnt.has("a"), Learnt.all, Learnt.has_any])
def test_a_wrong_answer_makes_it_stale_until_the_next_time(ask: Callable[[Learnt[str]], object]) -> None:
    learnt = Learnt[str]()
    learnt.begin()
    assert not ask(learnt)
    learnt.add("a")
    assert learnt.is_stale
    learnt.begin()
    assert ask(learnt)
    learnt.add("a")
    assert not learnt.is_stale


@pytest.mark.parametrize("ask", [lambda table: table.of("key"), lambda table: table.has("key")])
def test_a_table_is_stale_by_the_keys_that_were_asked(ask: Callable[[Table[str, int]], object]) -> None:
    table = Table[str, int]()
    table.begin()
    assert not ask(table)
    stale = []
    for key in ("other", "key"):
        table.add(key, 1)
        stale.append(table.is_stale)
    table.begin()
    ask(table)
    table.add("key", 1)
    assert [*stale, table.is_stale] == [False, True, False]


def test_a_loan_of_the_very_value_is_news_after_one_of_a_part() -> None:
    borrower, owner = Var("borrower"), Var("owner")
    one = Borrowing(borrower, owner, ("part",))
    known = Borrowings()
    known.begin()
    known.add(one, whole=False)
    assert known.from_owner(owner) == known.of_borrower(borrower) == [(one, False)]
    assert not known.is_stale
    known.add(one, whole=True)
    assert known.from_owner(owner) == [(one, True)]
    assert known.is_stale


def test_anything_stale_makes_all_of_it_stale() -> None:
    known = Inferred()
    known.begin()
    known.ways_out.has(WaysOut.OWES)
    assert not known.is_stale
    known.ways_out.add(WaysOut.OWES)
    assert known.is_stale


def test_to_lower_a_body_once_more_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `inferred` promises, of every function of the fixtures."""
    times: list[int] = []

    def and_once_more(lower_once: Callable[[Inferred], Body]) -> Body:
        def counting(known: Inferred) -> Body:
            times[-1] += 1
            used.append(known)
            return lower_once(known)

        used: list[Inferred] = []
        times.append(0)
        body = inferred.until_no_answer_was_wrong(counting)
        expected = _text(body)
        used[-1].begin()
        assert _text(lower_once(used[-1])) == expected, body.graph.name
        assert not used[-1].is_stale, body.graph.name
        return body

    for module in (lower, closures):
        monkeypatch.setattr(module, "until_no_answer_was_wrong", and_once_more)
    config = tmp_path / "mypy.ini"
    config.write_text(
        "[mypy]\nplugins = mypy_plugin\ncache_dir = /dev/null\nfollow_imports = silent\nshow_traceback = true\n"
    )
    programs = [str(path) for path in sorted(FIXTURES.glob("*.py")) if "_py31" not in path.name]
    output, errors, code = api.run(["--config-file", str(config), *programs])
    assert code == 1 and not errors, output[-2000:] + errors
    # So that neither is tested on nothing.
    assert {1, 2, 3} <= set(times)


def _text(body: Body) -> str:
    return "\n".join(map(str, (body.graph, *body.nested)))
