"""`budget-types adopt`: which caps it lists, what it says of them, and what it cannot read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command import Done, budget_types, write

FIXTURES = Path(__file__).parents[1] / "fixtures" / "adopt"
CAP = re.compile(
    r"(?P<place>.+:\d+:\d+): (?P<cap>\w+ \"\w+\"(?: of \"[\w.]+\")?)(?:: (?P<type>.+?))?, (?P<unit>\w+); (?P<uses>.+)"
)

pytestmark = pytest.mark.xdist_group("adopt")


def listed(done: Done) -> dict[str, tuple[str, str, str]]:
    """What was listed, by name: place, unit and uses, and what becomes of it."""
    lines = done.out.splitlines()[:-1]
    found = {}
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        read = CAP.fullmatch(first)
        assert read is not None, first
        found[read["cap"]] = f"{read['place']} {read['type']}", f"{read['unit']}: {read['uses']}", second.strip()
    return found


LIMIT = (
    "stays a number: it is never compared or counted down: the limit of one call, as far as can be seen, and no budget"
)


def test_the_orchestrator() -> None:
    assert listed(budget_types("adopt", "orchestrator_before.py", cwd=FIXTURES)) == {
        'parameter "max_tokens" of "Client.create"': ("orchestrator_before.py:17:41 int", "tokens: not used", LIMIT),
        'parameter "token_budget" of "describe"': (
            "orchestrator_before.py:20:14 int",
            "tokens: looked at",
            'becomes Borrowed[Budget], together with parameter "token_budget" of "research", '
            'parameter "token_budget" of "team"',
        ),
        'parameter "token_budget" of "research"': (
            "orchestrator_before.py:25:51 int",
            'tokens: passed on to "describe", compared, passed to "Client.create", counted down',
            'becomes Budget, together with parameter "token_budget" of "describe", parameter "token_budget" of "team"',
        ),
        'parameter "max_tokens" of "answer"': (
            "orchestrator_before.py:36:47 int",
            'tokens: passed on to "Client.create"',
            LIMIT,
        ),
        'parameter "token_budget" of "team"': (
            "orchestrator_before.py:40:32 int",
            'tokens: passed on to "research"',
            'becomes Budget, together with parameter "token_budget" of "describe", '
            'parameter "token_budget" of "research"',
        ),
    }


def test_the_pipeline_and_the_agent() -> None:
    found = listed(budget_types("adopt", "pipeline_before.py", "agent_before.py", cwd=FIXTURES))
    assert {name: (uses, what.partition(", together")[0]) for name, (_, uses, what) in found.items()} == {
        'parameter "budget_usd" of "extract"': ("dollars: compared, looked at", "becomes Borrowed[Budget]"),
        'parameter "budget_usd" of "summarize"': (
            "dollars: compared with None, compared, looked at, counted down",
            "becomes Budget | None",
        ),
        'parameter "budget_usd" of "run"': (
            'dollars: passed on to "extract", counted down, passed on in part to "summarize"',
            "becomes Budget",
        ),
        'field "max_total_tokens" of "Settings"': (
            'tokens: passed on to "build"',
            "stays a number: it is a setting, which only others read: budgets are made of it",
        ),
        'parameter "token_budget" of "Agent.__init__"': ("tokens: stored", "becomes Budget"),
        'field "token_budget" of "Agent"': ("tokens: compared, counted down, returned, looked at", "becomes Budget"),
        'parameter "token_budget" of "build"': ('tokens: passed on to "Agent"', "becomes Budget"),
    }


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("def f(token_budget=5): return token_budget\n", "it has no type: annotate it first"),
        ("def f(token_budget: float): return token_budget\n", "tokens are whole, and it is a float"),
        (
            "def f(token_budget: int):\n    token_budget += 1\n",
            "it is made larger, or another number, in place (line 2)",
        ),
        (
            "def f(token_budget: int):\n    left = token_budget\n",
            'a copy of it is "left", which is no cap by its name (--cap) (line 2)',
        ),
        (
            "def f(token_budget: int | None):\n    return token_budget or 5\n",
            "it stands for another value if it is 0 or None (line 2)",
        ),
        (
            "def f(token_budget: int | None):\n    if token_budget: print()\n",
            "it may be None or 0, and is tested for both at once (line 2)",
        ),
        (
            "def g(size: int): ...\ndef f(token_budget: int):\n    g(token_budget)\n",
            'it goes into parameter "size" of "g", which is no cap by its name and type (--cap) (line 3)',
        ),
        (
            "def f(token_budget: int):\n    print(token_budget)\nf(*[1])\n",
            '"f" is called with unpacked arguments (program.py:3)',
        ),
        (
            "class A(dict[str, int]):\n    token_budget: int\n",
            'it is a field of a "dict", which may want a number there',
        ),
        ("def f(token_budget: int): ...\n", "nothing uses it"),
        ("def f(api, max_tokens: int):\n    api.create(max_tokens=max_tokens)\n", LIMIT.partition(": ")[2]),
    ],
)
def test_what_stays_a_number(program: str, why: str, tmp_path: Path) -> None:
    done = budget_types("adopt", ".", cwd=write(tmp_path, {"program.py": program}))
    assert [what for _, _, what in listed(done).values()] == [f"stays a number: {why}"]
    assert done.code == 0


def test_a_limit_that_is_counted_down_is_a_cap(tmp_path: Path) -> None:
    program = "def f(max_tokens: int):\n    while max_tokens > 0:\n        max_tokens = max_tokens - 5\n"
    found = listed(budget_types("adopt", "a.py", cwd=write(tmp_path, {"a.py": program})))
    assert found == {
        'parameter "max_tokens" of "f"': ("a.py:1:7 int", "tokens: compared, counted down", "becomes Budget")
    }


def test_what_is_no_cap(tmp_path: Path) -> None:
    program = (
        "from typing import Optional, Any\n"
        "def f(token_budget: str, budget: Any, *max_tokens: int, size: int, budget_usd: 'int | str') -> None: ...\n"
        "token_budget = 5\n"
    )
    done = budget_types("adopt", "a.py", cwd=write(tmp_path, {"a.py": program}))
    assert (done.out, done.err, done.code) == ("Found 0 caps; 0 can become a budget.\n", "", 0)


def test_names_can_be_added(tmp_path: Path) -> None:
    program = "def f(allowance: 'int', left_cents: float, budget: float):\n    print(allowance, left_cents, budget)\n"
    project = write(tmp_path, {"a.py": program})
    found = listed(budget_types("adopt", "--cap", "allow*=tokens", "--cap=*_cents=usd", "a.py", cwd=project))
    assert {name: unit.partition(":")[0] for name, (_, unit, _) in found.items()} == {
        'parameter "allowance" of "f"': "tokens",
        'parameter "left_cents" of "f"': "dollars",
        'parameter "budget" of "f"': "dollars",
    }
    done = budget_types("adopt", "--cap", "allowance", "a.py", cwd=project)
    assert (done.code, done.err) == (2, "budget-types: --cap wants NAME=tokens or NAME=usd, not 'allowance'\n")


def test_a_file_that_is_no_python_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    files = {
        "app/good.py": "def f(token_budget: int):\n    print(token_budget)\n",
        "app/bad.py": "def f(:\n",
        "app/.venv/x.py": "def f(token_budget: int): ...\n",
        "app/site-packages/x.py": "def f(token_budget: int): ...\n",
    }
    done = budget_types("adopt", "app", "none.py", cwd=write(tmp_path, files))
    assert done.code == 2
    assert list(listed(done)) == ['parameter "token_budget" of "f"']
    assert done.err.splitlines() == [
        f"budget-types: {Path('app/bad.py')} is not Python that can be read; it is left out",
        "budget-types: cannot read none.py: No such file or directory",
    ]
