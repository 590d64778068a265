"""What the fixer learns of a program, from mypy and from what it says, in one module or several; and its command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from command import budget_types, write
from fixing import TWICE, checked, mended, program
from mypy.server.update import FineGrainedBuildManager

from mypy_plugin.fix import MypyError, apply, proposals
from mypy_plugin.fix.engine import mend
from mypy_plugin.fix.mypy_errors import from_text
from mypy_plugin.fix.source import parsed
from mypy_plugin.fix.verify import Program
from mypy_plugin.wording.reading import Parameter, read

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.xdist_group("fix")


# What mypy says of a program that changes


def test_each_check_is_of_its_own_text(tmp_path: Path) -> None:
    """One body is changed, then another one and the first one back: nothing of the first change is left."""
    right = "def run(b: Budget) -> int:\n    return b.remaining\ndef one(b: Budget) -> int:\n    return run(b)\n"
    right = f"from budget_types import Budget\n{right}def two(b: Budget) -> int:\n    return run(b)\n"
    *before, last = right.splitlines(keepends=True)
    texts = [
        right.replace("return run(b)", "run(b); return run(b)", 1),
        "".join([*before, last.replace("(b)", "(b) + run(b)")]),
    ]
    with checked(tmp_path, {"team.py": right}) as checker:
        lines = [
            [error.line for error in checker.check({"team.py": text.encode()})] for text in (*texts, right, *texts)
        ]
    assert lines == [[5], [7], [], [5], [7]]


def test_an_update_that_fails_within_mypy_is_a_whole_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with a daemon that is started again: the same is found, what failed is not printed, and updates go on."""
    right = "from budget_types import Budget\ndef run(b: Budget) -> int:\n    return b.remaining\n"
    wrong = f"{right}def one(b: Budget) -> int:\n    run(b)\n    return run(b)\n"
    update = FineGrainedBuildManager.update
    failures: list[list[tuple[str, str]]] = []

    def failing(build: FineGrainedBuildManager, changed: list[tuple[str, str]], removed: list[tuple[str, str]]) -> Any:
        if not failures:
            failures.append(changed)
            print("INTERNAL ERROR")
            raise ValueError("list.remove(x): x not in list")
        return update(build, changed, removed)

    with checked(tmp_path, {"team.py": right, "other.py": wrong}) as checker:
        monkeypatch.setattr(FineGrainedBuildManager, "update", failing)
        expected = [[("other.py", 6), ("team.py", 6)], [("other.py", 6)], [("other.py", 6), ("team.py", 7)]]
        for text, places in zip((wrong, right, f"\n{wrong}"), expected, strict=True):
            found = checker.check({"team.py": text.encode()})
            assert [(error.path, error.line) for error in found] == places
    assert failures == [[("team", checker.files["team.py"][1])]]
    assert capsys.readouterr() == ("", "")


def test_output_is_read_back() -> None:
    text = [
        'C:/a b.py:3:5:3:9: error: Say "x: y"  [misc]',
        "C:/a b.py:3:5:3:9: note: hint: one",
        "C:/a b.py:3:5:3:9: note: two",
        "c.py:1: error: No column",
        "c.py:9: note: of nothing",
        "Found 2 errors",
    ]
    assert list(from_text(text)) == [
        MypyError("C:/a b.py", 3, 4, "misc", 'Say "x: y"', "hint: one\ntwo", 3, 9),
        MypyError("c.py", 1, 0, "", "No column"),
    ]


# What a source is made of

SPACE = (
    cst.BaseParenthesizableWhitespace,
    cst.EmptyLine,
    cst.TrailingWhitespace,
    cst.Newline,
    cst.Comment,
    cst.Asynchronous,
)
PUNCTUATION = {"Comma", "Semicolon", "Colon", "Dot", "AssignEqual"}
BRACKETS = {f"{side}{kind}" for side in ("Left", "Right") for kind in ("Paren", "SquareBracket", "CurlyBrace")}
GRAMMAR = """
async def f(a, /, b: int = 1, *c, d, **e) -> int:
    @mark
    class C(Base, metaclass=Meta): ...
    async with a as b, c: ...
    async for x, *y in z: ...
    else: ...
    try: ...
    except* (A, B) as error: ...
    try: ...
    except A: ...
    else: ...
    finally: ...
    match a:
        case C(1, x=[*_, {"a": y, **rest}]) | None as b if b: ...
    return (yield (x := lambda p, q=1: p if q else -p)), {k: v async for k in a if b if c for v in k}, f"{a!r:>{b}}"
def g(*, a): del a[1:2, ...], b; assert a, "b"; global x; raise A from b
type X[T: int, *Ts, **P] = T
import a.b as c
from .. import (d as e, f)
"""


def test_a_sources_nodes_are_those_of_libcst_in_its_order() -> None:
    """Found another way, and without spaces and punctuation."""
    texts = [GRAMMAR, *(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/*.py"))[:30])]
    for source in filter(None, (parsed("a.py", text) for text in texts)):
        for node in source.walk(source.module):
            children = [each for each in node.children if not isinstance(each, SPACE)]
            children = [each for each in children if type(each).__name__ not in PUNCTUATION | BRACKETS]
            assert list(map(id, source.children(node))) == list(map(id, children)), type(node)
    assert parsed("a.py", GRAMMAR) is not None


# What messages say


READ: dict[str, dict[str, object]] = {
    '"budget" is used after it was moved on line 11 into "mine"': {"place": "budget", "line": 11, "variable": "mine"},
    '"budget" would go into the list once per iteration of the comprehension on line 51': {
        "place": "budget",
        "line": None,
        "round": "comprehension",
        "round_line": 51,
    },
    'Every call of "run" that leaves "budget" out would share one Budget': {
        "place": "budget",
        "default_of": "run",
        "class_name": "Budget",
    },
    'Every instance of "Agent" would share one Budget as "budget"': {"place": "budget", "field_of": "Agent"},
    '"budget" escapes into field "budget" of "Team", which is not affine and may be shared': {"holder": "Team"},
    'hint: declare "budget" of "call" of "Takes" as Borrowed[Budget], or change what "Tool" promises': {
        "parameters": (Parameter("budget", "call", "Takes", "Borrowed"),)
    },
    'hint: pass a part of it on line 84, such as "budget.split(n)", or lend it: '
    'declare parameter "budget" of "run_maybe" as Borrowed[Budget]': {
        "parameters": (Parameter("budget", "run_maybe"),),
        "class_name": "Budget",
        "splits": True,
    },
}
"""Messages, and hints, with what is read out of them."""


def test_messages_are_read_as_they_are_written() -> None:
    """Each of these stands in a fixture, which holds the checker to it, but for numbers."""
    rules = (ROOT / "fixtures" / "rules").glob("*.py")
    written = re.sub(r"\d+", "0", "\n".join(path.read_text(encoding="utf-8") for path in rules))
    for text, wanted in READ.items():
        assert f"# ^ {re.sub(r'[0-9]+', '0', text)}\n" in written, text
        reading = read("", text) if text.startswith("hint: ") else read(text)
        assert {name: getattr(reading, name) for name in wanted} == wanted


# Across modules


def test_a_parameter_in_another_module_is_lent(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "from .tools.asking import ask as ask\n",
        "app/tools/__init__.py": "",
        "app/tools/asking.py": """\
from budget_types import Budget
from ..counting import Counter

def ask(prompt: str, budget: Budget) -> str:
    Counter().count(prompt, budget)
    return prompt
""",
        "app/counting.py": """\
import budget_types

class Counter:
    def count(self, text: str, spent: budget_types.Budget) -> None:
        spent.spend(len(text))
""",
        "main.py": """\
from app import ask as question
from budget_types import Budget

def report(budget: Budget) -> str:
    notes = question("why", budget)
    return notes + question("how", budget)
""",
    }
    after = mended(tmp_path, files)
    assert {name for name in files if after[name] != files[name].encode()} == {"app/tools/asking.py", "app/counting.py"}
    assert b"import Borrowed, Budget" in after["app/tools/asking.py"]
    assert b"budget: Borrowed[Budget]" in after["app/tools/asking.py"]
    assert b"spent: budget_types.Borrowed[budget_types.Budget]" in after["app/counting.py"]


def test_files_that_were_not_named_stay(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "asking.py": "from budget_types import Budget\ndef ask(b: Budget) -> int: return b.remaining\n",
            "main.py": """\
from asking import ask
from budget_types import Budget
def report(budget: Budget) -> int:
    ask(budget)
    return budget.remaining
""",
        },
    )
    before = (tmp_path / "asking.py").read_bytes()
    done = budget_types("fix", "main.py", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    assert "Made 0 fixes; 1 error left." in done.out
    assert (tmp_path / "asking.py").read_bytes() == before


def test_a_subclass_elsewhere_that_would_break_is_seen(tmp_path: Path) -> None:
    """It gives the budget away: what it overrides cannot promise to borrow."""
    files = {
        "base.py": "from budget_types import Budget\nclass Tool:\n    def call(self, budget: Budget) -> None: ...\n",
        "keeper.py": """\
from base import Tool
from budget_types import Budget
class Keeper(Tool):
    def __init__(self) -> None:
        self.kept: list[Budget] = []
    def call(self, budget: Budget) -> None:
        self.kept.append(budget)
""",
        "main.py": """\
from base import Tool
from budget_types import Budget
def run(tool: Tool, budget: Budget) -> int:
    tool.call(budget)
    return budget.remaining
""",
    }
    assert mended(tmp_path, files) == {name: text.encode() for name, text in files.items()}


CONTEXT = """\
# mypy: enable-error-code="budget-escape"
from dataclasses import dataclass
from budget_types import Budget

@dataclass
class Context:
    budget: Budget
    topic: str

class Runner:
    def __init__(self, context: Context) -> None:
        self.context = context
"""
STEPS = """\
# mypy: enable-error-code="budget-escape"
from budget_types import Budget
from context import Context, Runner

def show(prefix: str, context: Context) -> None:
    print(prefix, context.budget.remaining, context.topic)

async def step(context: Context) -> None:
    show("step", context)
    context.budget.spend(1)

async def steps(budget: Budget) -> Runner:
    context = Context(budget, "tea")
    for _ in range(3):
        await step(context)
    show("all", context)
    return Runner(context)
"""


def test_a_class_that_is_affine_from_now_on_is_lent(tmp_path: Path) -> None:
    made = mended(tmp_path, {"context.py": CONTEXT, "steps.py": STEPS})
    context = CONTEXT.replace("import Budget\n", "import Budget, affine\n")
    assert made["context.py"].decode() == context.replace("@dataclass", "@affine\n@dataclass").replace(
        "class Runner", "@affine\nclass Runner"
    )
    steps = STEPS.replace("import Budget\n", "import Borrowed, Budget\n")
    assert made["steps.py"].decode() == steps.replace("context: Context)", "context: Borrowed[Context])")


def test_a_class_of_which_several_have_an_object_is_not_affine(tmp_path: Path) -> None:
    shared = STEPS.replace("    return Runner(context)", "    Runner(context)\n    return Runner(context)")
    with program(tmp_path, {"context.py": CONTEXT, "steps.py": shared}) as found:
        assert [error.code for error in found.errors] == ["budget-escape"]
        assert mend(found) == []


# As an editor asks


def test_an_editor_asks_about_the_text_that_it_holds(tmp_path: Path) -> None:
    unsaved = TWICE.replace("twice", "so_much_more").replace("def take", "\n\ndef take")
    with checked(tmp_path, {"main.py": "x = 1\n"}) as checker:
        found = Program(checker, unsaved={"main.py": unsaved})
        fixes = [fix for error in found.errors for fix in found.fixes(error)]
    assert [fix.title for fix in fixes] == ['split "budget" evenly between the 2 calls']
    assert "take(first) + take(second)" in apply(unsaved, fixes[0].edits)
    assert (tmp_path / "main.py").read_text(encoding="utf-8") == "x = 1\n"


def test_proposals_need_only_the_text() -> None:
    """As an editor asks, for what it holds."""
    message = (
        '"budget" already went into parameter "budget" of "take" on line 4 and cannot go into a second call of "take"'
    )
    hint = 'hint: split it first, "budget.split_evenly(n)", and give each its own part'
    error = MypyError("main.py", 4, TWICE.splitlines()[3].rindex("budget"), "budget-copied", message, hint)
    found = proposals(TWICE, error)
    assert [each.title for each in found] == [
        'split "budget" evenly between the 2 calls',
        'lend "budget" to "take": declare it Borrowed[Budget]',
    ]
    assert "    return take(first) + take(second)\n" in apply(TWICE, found[0].edits)
    assert proposals("(", error) == []
    assert proposals("", error) == []


# The command


def test_fix_and_what_it_says(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": TWICE + "x: int = ''\n"})
    source = (tmp_path / "main.py").read_bytes()
    shown = budget_types("fix", "--diff", "main.py", cwd=tmp_path)
    assert (shown.code, shown.err) == (1, "")
    assert shown.out.startswith("--- a/main.py\n+++ b/main.py\n@@ ")
    assert "+    first, second = budget.split_evenly(2)\n" in shown.out
    assert (tmp_path / "main.py").read_bytes() == source
    done = budget_types("fix", "main.py", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines() == [
        'main.py:4: budget-copied: split "budget" evenly between the 2 calls',
        'main.py:6: error: Incompatible types in assignment (expression has type "str", variable has type "int")'
        "  [assignment]",
        "Made 1 fix; 1 error left.",
    ]
    assert b"first, second" in (tmp_path / "main.py").read_bytes()
    (tmp_path / "main.py").write_text(TWICE, encoding="utf-8")
    clean = budget_types("check", "--fix", "main.py", cwd=tmp_path)
    assert (clean.code, clean.err) == (0, "")
    assert clean.out.splitlines() == [done.out.splitlines()[0], "Success: no issues found in 1 source file"]


def test_what_cannot_be_checked_stays(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": TWICE + "(\n"})
    done = budget_types("fix", "main.py", cwd=tmp_path)
    assert done.code == 2
    assert "[syntax]" in done.out
    assert (tmp_path / "main.py").read_text() == TWICE + "(\n"
    wrong = budget_types("fix", "--no-such-option", "main.py", cwd=tmp_path)
    assert (wrong.code, "--no-such-option" in wrong.err) == (2, True)
    assert "--diff" in budget_types("fix", "--help", cwd=tmp_path).out
