"""`budget-types adopt`: which caps it lists, what it says of them, and what it makes of them.

The pairs are in `fixtures/adopt`; that the rewritten programs have exactly the errors that they state is for
`test_fixtures`.
"""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
from command import Done, budget_types, write

FIXTURES = Path(__file__).parents[1] / "fixtures" / "adopt"
PAGE = (Path(__file__).parents[1] / "docs" / "adopt.md").read_text(encoding="utf-8")
CAP = re.compile(
    r"(?P<place>.+:\d+:\d+): (?P<cap>\w+ \"\w+\"(?: of \"[\w.]+\")?)(?:: (?P<type>.+?))?, (?P<unit>\w+); (?P<uses>.+)"
)
MARK = re.compile(r"  # E: [a-z-]+$", re.MULTILINE)

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


def _by_hand(name: str, line: int, why: str) -> str:
    return f'"{name}" is counted up to it (line {line}), and {why}: count the cap down instead, by hand'


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
        (
            "def f(budget: int) -> tuple[int, int]:\n    left = budget // 2\n    return left, budget - left\nf(5)\n",
            "it is only reckoned with: nothing compares it, counts it down or hands it on",
        ),
        (
            "class A:\n    token_budget: int\n\n    def f(self, used: int):\n        return used > self.token_budget\n",
            "it is only compared: what is held to it is counted elsewhere",
        ),
        (
            "def f(texts: list[str], token_budget: int = 500):\n    used = 0\n    for text in texts:\n"
            "        if used + len(text) > token_budget: break\n        used += len(text)\n    return used\n",
            _by_hand("used", 5, "its sum is read on line 6"),
        ),
        (
            "def f(texts: list[str], token_budget: int):\n    for text in texts:\n        used = 0\n"
            "        if used + len(text) > token_budget: break\n        used += len(text)\n",
            _by_hand("used", 5, "it may begin at 0 again"),
        ),
        (
            "def f(texts: list[str], token_budget: int):\n    used, least = 0, 5\n    for text in texts:\n"
            "        if used + len(text) > token_budget: break\n        used += len(text)\n",
            _by_hand("used", 5, "it does not begin at 0, on a line of its own"),
        ),
        (
            "def f(texts: list[str], token_budget: int | None):\n    used = 0\n    for text in texts:\n"
            "        if token_budget is not None and used + 9 > token_budget: break\n        used += 9\n",
            _by_hand("used", 5, "there may be no cap"),
        ),
        (
            "def f(costs: list[float], max_cost: float):\n    spent = 0\n    for cost in costs:\n"
            "        if spent + cost > max_cost: break\n        spent += cost\n",
            _by_hand("spent", 5, "sums of money are not exact"),
        ),
        (
            "def f(ask: Callable[[], int], token_budget: int):\n    used = 0\n"
            "    while used < token_budget:\n        used += ask()\n",
            _by_hand("used", 4, "line 4 adds what was not compared with the cap"),
        ),
        (
            "def f(texts: list[str], token_budget: int):\n    used = 0\n    for text in texts:\n"
            "        cost = len(text)\n        if used + cost > token_budget: break\n"
            "        cost = cost + 1\n        used += cost\n",
            _by_hand("used", 7, "line 7 adds what was not compared with the cap"),
        ),
        (
            "def f(texts: list[str], token_budget: int):\n    used = 0\n    for text in texts:\n"
            "        if used + len(text) > token_budget: break\n        used += len(text)\n"
            "        print(token_budget)\n",
            _by_hand("used", 5, "the cap is for something else, too, on line 6"),
        ),
        (
            "def f(texts: list[str], token_budget: int):\n    used = 0\n    def left() -> int: return used\n"
            "    for text in texts:\n        used += len(text)\n        if used > token_budget: break\n",
            _by_hand("used", 5, "others may read the sum"),
        ),
        (
            "class A:\n    def __init__(self, max_cost: float) -> None:\n        self.cost = 0.0\n"
            "        self.max_cost = max_cost\n\n    def add(self, cost: float) -> None:\n"
            "        self.cost = self.cost + cost\n        if self.cost > self.max_cost: raise ValueError\n",
            _by_hand("self.cost", 7, "others may read the sum"),
        ),
        (
            "def f(used: int, token_budget: int): return used > token_budget\n\n"
            "def g(used: int):\n    used += 1\n    return used\n",
            "it is only compared: what is held to it is counted elsewhere",
        ),
        (
            "def f(token_budget: int):\n    f(token_budget)\n",
            "nothing uses it",
        ),
        (
            "def f(token_budget: int):\n    share = token_budget // 2\n    token_budget -= 5\n"
            "    f(share)\n    f(share)\n",
            "several parts of it are passed on: split it first, by hand (line 2)",
        ),
        (
            "def f(token_budget: int = -1): return token_budget\n",
            "a number stands for no cap at all: say None for that",
        ),
        (
            "def f(max_cost: float): return max_cost\nf(float('inf'))\n",
            "a number stands for no cap at all: say None for that",
        ),
        ("def f(api, max_tokens: int):\n    api.create(max_tokens=max_tokens)\n", LIMIT.partition(": ")[2]),
    ],
)
def test_what_stays_a_number(program: str, why: str, tmp_path: Path) -> None:
    done = budget_types("adopt", ".", cwd=write(tmp_path, {"program.py": program}))
    assert {what for _, _, what in listed(done).values()} == {f"stays a number: {why}"}
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.budget-types.adopt]\ncaps = ["Allow*=tokens", "_left_cents=usd"]'),
        ("setup.cfg", "[budget-types.adopt]\ncaps = allow*=tokens, left_cents=usd"),
    ],
)
def test_names_can_be_settings(name: str, text: str, tmp_path: Path) -> None:
    program = "def f(allowance: int, left_cents: float, other: int):\n    print(allowance, left_cents, other)\n"
    project = write(tmp_path, {name: text, "src/a.py": program, "mypy.ini": "[mypy]\nstrict = True\n"})
    # The setting is no error to mypy, which only a rewrite asks, and the command line goes first.
    found = listed(budget_types("adopt", "--cap=left_cents=tokens", "a.py", cwd=project / "src"))
    assert {cap: unit.partition(":")[0] for cap, (_, unit, _) in found.items()} == {
        'parameter "allowance" of "f"': "tokens",
        'parameter "left_cents" of "f"': "tokens",
    }
    done = budget_types("adopt", "--write", "src", cwd=project)
    assert "Made 2 caps a budget" in done.out


def test_wrong_names_in_settings_end_it(tmp_path: Path) -> None:
    wrong = {"a.py": "def f(allowance: int): ...\n", "pyproject.toml": '[tool.budget-types.adopt]\ncaps = ["a"]'}
    for how in ("--json", "--write"):
        done = budget_types("adopt", how, "a.py", cwd=write(tmp_path, wrong))
        assert (done.code, done.out) == (2, "")
        assert done.err == (
            'budget-types: pyproject.toml: [tool.budget-types.adopt] caps: "a" is not a name with its unit, tokens or '
            'usd, such as "allowance=tokens"\n'
        )


@pytest.mark.parametrize(("language", "option"), [("text", ()), ("json", ("--json",))])
def test_the_page_shows_what_is_listed(tmp_path: Path, language: str, option: tuple[str, ...]) -> None:
    program = (FIXTURES / "orchestrator_before.py").read_text("utf-8")
    done = budget_types("adopt", *option, "agents.py", cwd=write(tmp_path, {"agents.py": program}))
    (shown,) = re.findall(rf"```{language}\n(.*?)```", PAGE[: PAGE.index("## What can become")], re.DOTALL)
    assert shown in done.out


def test_json(tmp_path: Path) -> None:
    """The list, for programs: each cap on a line, with the keys that the page names."""
    program = (
        "def show(budget: float | None) -> None:\n    print(budget)\n\n\n"
        "class Agent:\n    def ask(self, budget: float) -> None:\n        budget -= 1\n        show(budget)\n"
        "def size(token_budget: float) -> None:\n    print(token_budget)\n"
        "def made() -> None:\n    token_budget = 5\n    print(token_budget)\n"
    )
    done = budget_types("adopt", "--json", "app", cwd=write(tmp_path, {"app/caps.py": program, "app/bad.py": "def"}))
    assert done.code == 2 and "bad.py" in done.err
    shown, asked, size, made = map(json.loads, done.out.splitlines())
    place = {"file": "app/caps.py", "line": 1, "column": 9, "kind": "parameter", "name": "budget", "of": "show"}
    other = {"file": "app/caps.py", "line": 6, "column": 18, "kind": "parameter", "name": "budget", "of": "Agent.ask"}
    money = {"unit": "usd", "obstacle": None}
    borrowed = {"type": "float | None", "uses": ["looked at"], "becomes": "Borrowed[Budget] | None"}
    assert shown == {**place, **money, **borrowed, "together": [other]}
    owned = {"type": "float", "uses": ["counted down", 'passed on to "show"'], "becomes": "Budget"}
    assert asked == {**other, **money, **owned, "together": [place]}
    assert (size["becomes"], size["obstacle"]) == (None, "tokens are whole, and it is a float")
    assert (made["kind"], made["of"], made["type"]) == ("variable", "made", None)
    documented = re.findall(
        r"`(\w+)`", "".join(re.findall(r"^\| (`file`.*?|`\w+`(?:, `\w+`)?) \|", PAGE, re.MULTILINE))
    )
    assert [each for each in documented if each != "file"] and set(documented) == set(shown)


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


# Rewriting

CONFIG = {"mypy.ini": "[mypy]\nstrict = True\n"}


def rewritten(directory: Path, files: dict[str, str]) -> Done:
    """Write a project of the files, and adopt it."""
    return budget_types("adopt", "--write", *files, cwd=write(directory, {**CONFIG, **files}))


@pytest.mark.parametrize("name", ["orchestrator", "pipeline", "agent"])
def test_a_pair(name: str, tmp_path: Path) -> None:
    before = (FIXTURES / f"{name}_before.py").read_text(encoding="utf-8")
    after = (FIXTURES / f"{name}_after.py").read_text(encoding="utf-8")
    done = rewritten(tmp_path, {"app.py": before})
    assert done.err == ""
    text = (tmp_path / "app.py").read_text(encoding="utf-8")
    assert text == MARK.sub("", after)
    assert done.code == (1 if MARK.search(after) else 0)

    again = budget_types("adopt", "--write", "app.py", cwd=tmp_path)
    assert "Made 0 caps a budget" in again.out
    assert (tmp_path / "app.py").read_text(encoding="utf-8") == text


def test_from_numbers_to_budgets_that_are_split(tmp_path: Path) -> None:
    """The fan-out that a number hid is reported by all commands, until `fix` splits the budget."""
    before = (FIXTURES / "orchestrator_before.py").read_text(encoding="utf-8")
    project = write(tmp_path, {**CONFIG, "app.py": before})
    assert budget_types("check", "app.py", cwd=project).code == 0

    adopted = budget_types("adopt", "--write", "app.py", cwd=project)
    assert adopted.code == 1
    assert len(re.findall(r"^app.py:\d+: error: .*\[budget-copied\]$", adopted.out, re.MULTILINE)) == 2
    assert "`budget-types fix`" in adopted.out

    checked = budget_types("check", "app.py", cwd=project)
    assert checked.code == 1
    assert checked.out.count("[budget-copied]") == 2

    assert budget_types("fix", "app.py", cwd=project).code == 0
    assert budget_types("check", "app.py", cwd=project).code == 0
    assert "token_budget.split_evenly(3)" in (tmp_path / "app.py").read_text(encoding="utf-8")


def test_the_programs_do_what_they_did(capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed by both, and what is refused by both."""
    said: dict[str, list[object]] = {}
    for version in ("before", "after"):
        pipeline = runpy.run_path(str(FIXTURES / f"pipeline_{version}.py"))
        agent = runpy.run_path(str(FIXTURES / f"agent_{version}.py"))
        pipeline["main"](2.0)
        results: list[object] = [pipeline["run"](["tea", "milk"])]
        with pytest.raises(pipeline["CapReached"]) as refused:
            pipeline["main"](0.000_001)
        results.append(str(refused.value))
        agent["main"](agent["Settings"]("both"))
        said[version] = [*results, capsys.readouterr().out]
    assert said["before"] == said["after"]
    assert said["before"] == [["TEA", "MILK", "TEA MILK"], "$0.00 left", "1995\n3995\n1995 3995\n"]


BODIES = {
    "what may be None": (
        "def f(api: Any, *, token_budget: Optional[int]) -> None:\n    api.create(max_tokens=token_budget)\n",
        "def f(api: Any, *, token_budget: Optional[Budget]) -> None:\n"
        "    api.create(max_tokens=token_budget.remaining if token_budget is not None else None)\n",
    ),
    "a loan that may be None": (
        'def f(token_budget: "int | None" = None) -> None:\n    print(token_budget is None or token_budget > 5)\n',
        'def f(token_budget: "Borrowed[Budget | None]" = None) -> None:\n'
        "    print(token_budget is None or token_budget.remaining > 5)\n",
    ),
    "exact money": (
        "def f(max_cost: Decimal, part: Decimal) -> bool:\n    max_cost -= part\n    return max_cost > 1\n",
        "def f(max_cost: Budget, part: Decimal) -> bool:\n"
        "    max_cost.spend(usd=part)\n    return max_cost.remaining_usd > 1\n",
    ),
    "a field of a dataclass": (
        "@dataclass\nclass Run:\n    token_budget: int = 500\n\n    def step(self) -> None:\n"
        "        self.token_budget -= self.token_budget // 2 + 1\n\n\nRun(token_budget=(7)).step()\n",
        "@affine\n@dataclass\nclass Run:\n    token_budget: Budget = field(default_factory=lambda: Budget(500))\n\n"
        "    def step(self) -> None:\n"
        "        self.token_budget.spend(self.token_budget.remaining // 2 + 1)\n\n\n"
        "Run(token_budget=(Budget(7))).step()\n",
    ),
    "methods that override": (
        "class Base:\n    async def go(self, token_budget: int) -> int: ...\n\n\n"
        "class Sub(Base):\n    async def go(self, token_budget: int) -> int:\n"
        "        token_budget = token_budget - (2 + 3)\n        return token_budget\n",
        "class Base:\n    async def go(self, token_budget: Budget) -> int: ...\n\n\n"
        "class Sub(Base):\n    async def go(self, token_budget: Budget) -> int:\n"
        "        token_budget.spend((2 + 3))\n        return token_budget.remaining\n",
    ),
    "callers and variables": (
        "def f(a: str, token_budget: int, /) -> None:\n    print(a, token_budget)\n\n\n"
        'def g(limit: int, pool: Any) -> None:\n    budget = 5\n    f("", budget)\n    f("", limit + 1)\n'
        '    pool.submit(f, "", 3)\n',
        "def f(a: str, token_budget: Borrowed[Budget], /) -> None:\n    print(a, token_budget.remaining)\n\n\n"
        'def g(limit: int, pool: Any) -> None:\n    budget = Budget(5)\n    f("", budget)\n'
        '    f("", Budget(limit + 1))\n    pool.submit(f, "", Budget(3))\n',
    ),
    "part of a cap": (
        "def f(token_budget: int) -> None:\n    token_budget -= 1\n\n\n"
        "def g(*, token_budget: int) -> None:\n    f(token_budget // 2)\n",
        "def f(token_budget: Budget) -> None:\n    token_budget.spend(1)\n\n\n"
        "def g(*, token_budget: Budget) -> None:\n    f(token_budget.split(token_budget.remaining // 2))\n",
    ),
    "even shares": (
        "def f(token_budget: int) -> None:\n    token_budget -= 1\n\n\n"
        "def g(token_budget: int) -> None:\n    f(token_budget // 2)\n    f(token_budget // 2)\n",
        "def f(token_budget: Budget) -> None:\n    token_budget.spend(1)\n\n\n"
        "def g(token_budget: Budget) -> None:\n    first, second = token_budget.split_evenly(2)\n"
        "    f(first)\n    f(second)\n",
    ),
    "a share for each": (
        "async def f(topic: str, max_cost: float) -> None:\n    max_cost -= 0.5\n\n\n"
        "async def g(topics: list[str], *, max_cost: float) -> None:\n"
        "    await gather(*(f(topic, max_cost / len(topics)) for topic in topics))\n\n\n"
        "async def h(max_cost: float) -> None:\n"
        "    await gather(f('a', max_cost / 2), f('b', max_cost=max_cost / 2))\n",
        "async def f(topic: str, max_cost: Budget) -> None:\n"
        '    max_cost.spend(usd="0.5")\n\n\n'
        "async def g(topics: list[str], *, max_cost: Budget) -> None:\n"
        "    parts = max_cost.split_evenly(len(topics)) if topics else []\n"
        "    await gather(*(f(topic, part) for topic, part in zip(topics, parts)))\n\n\n"
        "async def h(max_cost: Budget) -> None:\n"
        "    first, second = max_cost.split_evenly(2)\n"
        "    await gather(f('a', first), f('b', max_cost=second))\n",
    ),
    "counted up and compared before": (
        "def f(texts: list[str], token_budget: int) -> list[str]:\n    used = 0  # so far\n    found = []\n"
        "    for text in texts:\n        cost = len(text)\n        if used + cost > token_budget:\n"
        "            break\n        used += cost\n        found.append(text)\n    return found\n\n\n"
        "def g(texts: list[str], token_budget: int) -> None:\n    used = 0\n"
        "    while used < token_budget and texts:\n        if token_budget >= (9 + 1) + used:\n"
        "            used += 1\n        if token_budget >= len(texts[0]) + used: texts.pop()\n\n\n"
        "def h(texts: list[str], token_budget: int) -> None:\n    used = 0\n"
        "    while used < token_budget and texts:\n        text = texts.pop()\n"
        "        if not token_budget < len(text) + used and used + len(text) <= token_budget: print()\n"
        "        if token_budget >= len(text) + used:\n            used += len(text)\n",
        "def f(texts: list[str], token_budget: Budget) -> list[str]:\n    # so far\n    found = []\n"
        "    for text in texts:\n        cost = len(text)\n        if token_budget.remaining < cost:\n"
        "            break\n        token_budget.spend(cost)\n        found.append(text)\n    return found\n\n\n"
        "def g(texts: list[str], token_budget: int) -> None:\n    used = 0\n"
        "    while used < token_budget and texts:\n        if token_budget >= (9 + 1) + used:\n"
        "            used += 1\n        if token_budget >= len(texts[0]) + used: texts.pop()\n\n\n"
        "def h(texts: list[str], token_budget: Budget) -> None:\n"
        "    while token_budget.remaining > 0 and texts:\n        text = texts.pop()\n"
        "        if not token_budget.remaining < len(text) and token_budget.remaining >= len(text): print()\n"
        "        if token_budget.remaining >= len(text):\n            token_budget.spend(len(text))\n",
    ),
    "counted up and compared after": (
        "def f(api: Any, texts: list[str], *, max_tokens: int = 1_000) -> list[str]:\n"
        "    used: int = 0\n    found = []\n    for text in texts:\n        reply = api.ask(text)\n"
        "        used += reply.tokens\n        if used > max_tokens:\n            # Too much.\n"
        '            raise RuntimeError("too much")\n        found.append(reply.text)\n    return found\n\n\n'
        "def g(texts: list[str], token_budget: int) -> None:\n    used = 0\n    for text in texts:\n"
        "        used += len(text)\n        if token_budget < used: return",
        "def f(api: Any, texts: list[str], *, max_tokens: Budget | None = None) -> list[str]:\n"
        "    if max_tokens is None:\n        max_tokens = Budget(1_000)\n    found = []\n"
        "    for text in texts:\n        reply = api.ask(text)\n"
        "        if max_tokens.remaining < reply.tokens:\n            # Too much.\n"
        '            raise RuntimeError("too much")\n        max_tokens.spend(reply.tokens)\n'
        "        found.append(reply.text)\n    return found\n\n\n"
        "def g(texts: list[str], token_budget: Budget) -> None:\n    for text in texts:\n"
        "        if token_budget.remaining < len(text): return\n        token_budget.spend(len(text))",
    ),
    "a share for each round": (
        "def f(topic: str, token_budget: int) -> None:\n    token_budget -= 1\n\n\n"
        "def g(token_budget: int) -> None:\n"
        '    for topic in ("a", "b", "c"):\n        f(topic, token_budget // 3)\n',
        "def f(topic: str, token_budget: Budget) -> None:\n    token_budget.spend(1)\n\n\n"
        "def g(token_budget: Budget) -> None:\n    parts = token_budget.split_evenly(3)\n"
        '    for topic, part in zip(("a", "b", "c"), parts):\n        f(topic, part)\n',
    ),
    "a share with a name": (
        "def f(token_budget: int) -> None:\n    token_budget -= 1\n\n\n"
        "def g(token_budget: int) -> None:\n    # Half each.\n    half = token_budget // 2  # rounded\n"
        "    f(half)\n    f(half)\n\n\n"
        "def h(topics: list[str], token_budget: int) -> None:\n    count = len(topics)\n"
        "    share = token_budget // count\n    for topic in topics:\n        f(share)\n",
        "def f(token_budget: Budget) -> None:\n    token_budget.spend(1)\n\n\n"
        "def g(token_budget: Budget) -> None:\n    # Half each.\n    # rounded\n"
        "    first, second = token_budget.split_evenly(2)\n    f(first)\n    f(second)\n\n\n"
        "def h(topics: list[str], token_budget: Budget) -> None:\n    count = len(topics)\n"
        "    parts = token_budget.split_evenly(len(topics)) if topics else []\n"
        "    for topic, part in zip(topics, parts):\n        f(part)\n",
    ),
    "a part with a name": (
        "def f(max_cost: float) -> None:\n    max_cost -= 1\n\n\n"
        "def g(max_cost: float) -> None:\n    most = max_cost * 0.8\n    f(most)\n",
        "def f(max_cost: Budget) -> None:\n    max_cost.spend(usd=1)\n\n\n"
        "def g(max_cost: Budget) -> None:\n    most = float(max_cost.remaining_usd) * 0.8\n"
        "    f(max_cost.split(usd=str(most)))\n",
    ),
}
IMPORTS = (
    "from asyncio import gather\nfrom dataclasses import dataclass, field\n"
    "from decimal import Decimal\nfrom typing import Any, Optional\n"
)


@pytest.fixture(scope="session")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What becomes of the programs, rewritten together, without their imports."""
    project = tmp_path_factory.mktemp("bodies")
    files = {f"{name.replace(' ', '_')}.py": f"{IMPORTS}\n\n{before}" for name, (before, _) in BODIES.items()}
    done = rewritten(project, files)
    assert done.err == ""
    texts = {name: (project / f"{name.replace(' ', '_')}.py").read_text(encoding="utf-8") for name in BODIES}
    assert all(text.startswith(f"{IMPORTS}\nfrom budget_types import ") for text in texts.values())
    return {name: text.partition("\n\n\n")[2] for name, text in texts.items()}


@pytest.mark.parametrize("name", BODIES)
def test_a_body(name: str, bodies: dict[str, str]) -> None:
    assert bodies[name] == BODIES[name][1]


def test_callers_in_other_files(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/agents.py": "def ask(prompt: str, token_budget: int) -> None:\n    token_budget -= len(prompt)\n",
        "app/main.py": (
            "from . import agents\nfrom .agents import ask as a\n\na('', 5)\nagents.ask('', token_budget=6)\n"
        ),
    }
    write(tmp_path, {**CONFIG, **files})
    assert budget_types("adopt", "--write", "app", cwd=tmp_path).code == 0
    assert (tmp_path / "app/main.py").read_text(encoding="utf-8") == (
        "from budget_types import Budget\n\nfrom . import agents\nfrom .agents import ask as a\n\n"
        "a('', Budget(5))\nagents.ask('', token_budget=Budget(6))\n"
    )


@pytest.mark.parametrize(
    ("encoding", "head", "newline"),
    [
        ("utf-8", "", "\r\n"),
        ("utf-8-sig", "", "\n"),
        ("latin-1", "# -*- coding: latin-1 -*-\n", "\n"),
    ],
)
def test_bytes_are_kept(encoding: str, head: str, newline: str, tmp_path: Path) -> None:
    before = head + (
        "def f( token_budget:int ) -> str :  # \N{LATIN SMALL LETTER E WITH ACUTE}\n"
        "\ttoken_budget  -=  1 ; return f'\N{LATIN SMALL LETTER E WITH ACUTE}'  # kept"
    )
    after = head + (
        "from budget_types import Budget\n\n\n"
        "def f( token_budget:Budget ) -> str :  # \N{LATIN SMALL LETTER E WITH ACUTE}\n"
        "\ttoken_budget.spend(1) ; return f'\N{LATIN SMALL LETTER E WITH ACUTE}'  # kept"
    )
    write(tmp_path, CONFIG)
    (tmp_path / "a.py").write_bytes(before.replace("\n", newline).encode(encoding))
    assert budget_types("adopt", "--write", "a.py", cwd=tmp_path).code == 0
    assert (tmp_path / "a.py").read_bytes() == after.replace("\n", newline).encode(encoding)


def test_what_mypy_would_refuse_is_not_written(tmp_path: Path) -> None:
    """A callable that is handed on by name: who calls it there is not seen."""
    program = (
        "from typing import Callable\n\n"
        "def f(token_budget: int) -> None:\n    token_budget -= 1\n\n"
        "def g(run: Callable[[int], None]) -> None:\n    run(5)\n\n"
        "def h(token_budget: int) -> None:\n    token_budget -= 1\n\n"
        "g(f)\nh(5)\n"
    )
    done = rewritten(tmp_path, {"a.py": program})
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == (
        program.replace("import Callable\n", "import Callable\n\nfrom budget_types import Budget\n", 1)
        .replace(
            "h(token_budget: int) -> None:\n    token_budget -= 1",
            "h(token_budget: Budget) -> None:\n    token_budget.spend(1)",
        )
        .replace("h(5)", "h(Budget(5))")
    )
    assert done.code == 0
    assert (
        'a.py:5:7: parameter "token_budget" of "f" stays a number: mypy would say of a.py: Argument 1 to "g" has '
        in done.out
    )


def test_mypy_is_asked_whose_a_field_is(tmp_path: Path) -> None:
    """What is printed would bring no error, and one that mypy knows nothing of stays as it is."""
    program = """\
from typing import Any

class Agent:
    def __init__(self, token_budget: int) -> None:
        self.token_budget = token_budget

    def work(self, n: int) -> None:
        self.token_budget -= n

class Label:
    token_budget = "some"

def shown(agents: dict[str, Agent], args: Any, labels: list[Label]) -> str:
    agents["a"].token_budget -= 1
    for agent in agents.values():
        print(agent.token_budget, args.token_budget, labels[0].token_budget)
    return f"{agents['a'].token_budget:,} of {args.token_budget:,}"

def run(agents: list[Agent], args: Any) -> str:
    for agent in agents:
        agent.work(1)
    return shown({"a": agents[0], "b": Agent(args.token_budget)}, args, [Label()])
"""
    done = rewritten(tmp_path, {"a.py": program})
    after = (tmp_path / "a.py").read_text(encoding="utf-8")
    assert 'field "token_budget" of "Agent" is a Budget' in done.out
    assert '    agents["a"].token_budget.spend(1)\n' in after
    assert "print(agent.token_budget.remaining, args.token_budget, labels[0].token_budget)" in after
    assert "{agents['a'].token_budget.remaining:,} of {args.token_budget:,}" in after


def test_diff_writes_nothing(tmp_path: Path) -> None:
    program = "def f(token_budget: int) -> int:\n    return token_budget\n"
    project = write(tmp_path, {**CONFIG, "a.py": program})
    done = budget_types("adopt", "--diff", "a.py", cwd=project)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("--- a/a.py\n+++ b/a.py\n@@ ")
    assert "-def f(token_budget: int) -> int:\n" in done.out
    assert "+def f(token_budget: Borrowed[Budget]) -> int:\n" in done.out
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == program


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    program = "class Budget: ...\n\ndef f(token_budget: int) -> None:\n    token_budget -= 1\n"
    done = rewritten(tmp_path, {"a.py": program})
    assert 'stays a number: "Budget" is something else in a.py' in done.out
    assert (tmp_path / "a.py").read_text(encoding="utf-8") == program


def test_nothing_is_written_if_a_file_cannot_be_read_or_checked(tmp_path: Path) -> None:
    good = "def f(token_budget: int) -> None:\n    token_budget -= 1\n"
    files = {"good.py": good, "bad.py": "def f(:\n"}
    done = rewritten(tmp_path, files)
    assert done.code == 2
    assert done.err.splitlines()[-1] == "budget-types: nothing was written"
    assert (tmp_path / "good.py").read_text(encoding="utf-8") == good

    # Two modules of one name, which only mypy minds.
    write(tmp_path, {"x/good.py": good})
    done = budget_types("adopt", "--write", "good.py", "x/good.py", cwd=tmp_path)
    assert done.code == 2
    assert "Duplicate module" in done.out + done.err
    assert (tmp_path / "good.py").read_text(encoding="utf-8") == good
