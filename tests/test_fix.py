"""The fixer: what it makes of programs, what it leaves alone, and that nothing unproved is ever kept.

The examples are the pairs of `docs/fixes.md`, before and after; here are those that a page would not show.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import libcst as cst
import pytest
from command import budget_types, write
from expectations import CONFIG
from mypy.server.update import FineGrainedBuildManager
from test_docs import DOCS, _blocks

from budget_types import Budget
from mypy_plugin.fix import Edit, MypyError, Proposal, apply, proposals
from mypy_plugin.fix.checker import Checker
from mypy_plugin.fix.edits import between, line_before
from mypy_plugin.fix.engine import mend
from mypy_plugin.fix.imports import spelling
from mypy_plugin.fix.mypy_errors import from_text
from mypy_plugin.fix.site import Site
from mypy_plugin.fix.source import parsed
from mypy_plugin.fix.table import PROPOSERS
from mypy_plugin.fix.texts import ChangedMeanwhile, Text
from mypy_plugin.fix.texts import write as write_text
from mypy_plugin.fix.verify import Program
from mypy_plugin.wording.message import Code
from mypy_plugin.wording.reading import Parameter, read

ROOT = Path(__file__).parents[1]
PAGE = DOCS / "fixes.md"
MARK = re.compile(r"  # E: [a-z-]+$", re.MULTILINE)

pytestmark = pytest.mark.xdist_group("fix")


@contextlib.contextmanager
def checked(directory: Path, files: Mapping[str, str | bytes]) -> Iterator[Checker]:
    """A program of its own, checked in its directory."""
    (directory / "mypy.ini").write_text(CONFIG, encoding="utf-8")
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = Path.cwd()
    os.chdir(directory)
    try:
        with Checker(["--config-file=mypy.ini", *files]) as checker:
            yield checker
    finally:
        os.chdir(before)


@contextlib.contextmanager
def program(directory: Path, files: Mapping[str, str | bytes]) -> Iterator[Program]:
    """The same, to be mended."""
    with checked(directory, files) as checker:
        yield Program(checker)


def mended(directory: Path, files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """What the fixer makes of files, by name."""
    with program(directory, files) as found:
        mend(found)
        return {name: text.encoded() for name, text in found.texts.items()}


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


# The page


def _examples() -> dict[str, tuple[str, str]]:
    """The pairs of the page by their headings, without the marks."""
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = [code for _, code in _blocks(section)]
        if blocks:
            before, after = blocks
            found[section.partition("\n")[0]] = (MARK.sub("", before), after)
    return found


EXAMPLES = _examples()


def _module(heading: str) -> str:
    return heading.lower().replace(" ", "_") + ".py"


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What becomes of the examples, mended together."""
    made = tmp_path_factory.mktemp("examples")
    with program(made, {_module(heading): before for heading, (before, _) in EXAMPLES.items()}) as found:
        mend(found)
        assert [str(error) for error in found.errors] == []
        return {name: text.text for name, text in found.texts.items()}


def test_once_is_enough(tmp_path: Path, examples: dict[str, str]) -> None:
    with program(tmp_path, examples) as found:
        assert mend(found) == []


@pytest.mark.parametrize("heading", EXAMPLES)
def test_example(heading: str, examples: dict[str, str]) -> None:
    assert examples[_module(heading)] == EXAMPLES[heading][1]


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_example_runs_as_it_did(heading: str, tmp_path: Path) -> None:
    """What went well before goes well afterwards: for no topics, for one and for some."""
    before, after = (_functions(tmp_path / name, text) for name, text in zip("ab", EXAMPLES[heading], strict=True))
    for name, function in after.items():
        for count in (0, 1, 3):
            if name in before and _outcome(before[name], count) is None:
                assert (name, count, _outcome(function, count)) == (name, count, None)


def _functions(path: Path, text: str) -> dict[str, Callable[..., Any]]:
    path.with_suffix(".py").write_text(text, encoding="utf-8")
    found = runpy.run_path(str(path.with_suffix(".py")), run_name=path.name)
    return {name: each for name, each in found.items() if inspect.isfunction(each) and each.__module__ == path.name}


def _outcome(function: Callable[..., Any], count: int) -> object:
    """What a function raises if it is called with made-up arguments."""
    made: dict[object, object] = {str: "tea", int: count, list[str]: ["tea", "milk", "rice"][:count]}
    wanted = {name: each for name, each in get_type_hints(function).items() if name != "return"}
    given = {name: Budget(1_000) if each is Budget else made.get(each) for name, each in wanted.items()}

    async def call() -> None:
        result = function(**given)
        if inspect.iscoroutine(result):
            await result

    try:
        asyncio.run(call())
    except Exception as error:
        return type(error)
    return None


def test_the_page_has_the_table() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {code: [_rewrite(text) for text in row.split(", ")] for code, row in rows if not row.startswith("none: ")}
    assert shown == {code: [propose.__name__ for propose in row] for code, row in PROPOSERS.items()}
    assert sorted(code for code, _ in rows) == sorted(code.value for code in Code)


def _rewrite(link: str) -> str:
    """The function that a link of the table is about, if its heading has an example."""
    found = re.fullmatch(r"\[(.+)\]\(#(.+)\)", link)
    assert found and found[1].replace(" ", "-") == found[2]
    assert found[1].capitalize() in EXAMPLES
    return found[1].replace(" ", "_")


# What is kept to the byte

FAN_OUT = """\
import asyncio
from budget_types import Budget, Usd
async def ask(prompt: str, budget: Budget) -> str: return prompt + str(budget.close())
async def both(budget : Budget)->object :
    # \N{LATIN SMALL LETTER E WITH ACUTE} in front
    x = "\N{LATIN SMALL LETTER E WITH ACUTE}" ;  return await asyncio.gather( ask('a',budget) ,ask("b" , (budget)) ) # y
"""
SPLIT = """\
import asyncio
from budget_types import Budget, Usd
async def ask(prompt: str, budget: Budget) -> str: return prompt + str(budget.close())
async def both(budget : Budget)->object :
    # \N{LATIN SMALL LETTER E WITH ACUTE} in front
    first, second = budget.split_evenly(2)
    x = "\N{LATIN SMALL LETTER E WITH ACUTE}" ;  return await asyncio.gather( ask('a',first) ,ask("b" , (second)) ) # y
"""


def _odd(text: str) -> dict[str, bytes]:
    """One program in many clothes."""
    return {
        "plain.py": text.encode(),
        "windows.py": text.replace("\n", "\r\n").encode(),
        "marked.py": ("\ufeff" + text).encode(),
        "marked_windows.py": ("\ufeff" + text.replace("\n", "\r\n")).encode(),
        "tabs.py": text.replace("    ", "\t").encode(),
        "no_end.py": text.rstrip("\n").encode(),
        "latin.py": ("# -*- coding: latin-1 -*-\n" + text).encode("latin-1"),
    }


def test_what_is_not_edited_is_kept(tmp_path: Path) -> None:
    assert mended(tmp_path, _odd(FAN_OUT)) == _odd(SPLIT)


def test_an_import_is_added_in_the_clothes_of_the_file(tmp_path: Path) -> None:
    source = """\
'''What it does.'''
from __future__ import annotations

from budget_types import (
    Budget,  # one owner
)


def look(budget: Budget) -> int:
    return budget.remaining


def twice(budget: Budget) -> int:
    return look(budget) + look(budget)
""".replace("\n", "\r\n")
    wanted = source.replace("    Budget,  #", "    Borrowed,\r\n    Budget,  #")
    wanted = wanted.replace("look(budget: Budget)", "look(budget: Borrowed[Budget])")
    assert mended(tmp_path, {"main.py": source.encode()}) == {"main.py": wanted.encode()}


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("import os\n\nfrom .a import x\n", "import os\n\nfrom budget_types import Borrowed\n\nfrom .a import x\n"),
        ("import attr\n\nfrom . import x\n", "import attr\nfrom budget_types import Borrowed\n\nfrom . import x\n"),
        ("import attr\nfrom .a import x\n", "import attr\nfrom budget_types import Borrowed\nfrom .a import x\n"),
        ("from .a import (\n    x,\n)\n", "from budget_types import Borrowed\n\nfrom .a import (\n    x,\n)\n"),
        (
            "import os\n\n# ours\nfrom .a import x\n",
            "import os\n\n# ours\nfrom .a import x\nfrom budget_types import Borrowed\n",
        ),
        # By the name of the package, the same.
        (
            "import attr\n\nfrom team.a import x\nimport team.b\n",
            "import attr\nfrom budget_types import Borrowed\n\nfrom team.a import x\nimport team.b\n",
        ),
        ("import team\n", "from budget_types import Borrowed\n\nimport team\n"),
    ],
)
def test_an_import_stands_above_those_of_the_package(head: str, wanted: str) -> None:
    source = parsed("src/team/main.py", f"{head}\n\nx()\n")
    assert source is not None
    _, edits = spelling(source, "budget_types", "Borrowed")
    assert apply(source.text, edits) == f"{wanted}\n\nx()\n"


@pytest.mark.parametrize(
    "definition", ["def f(): ...\n", "async def f(): ...\n", "class C: ...\n", "@a\nclass C: ...\n"]
)
def test_the_only_import_stands_two_lines_above_a_definition(definition: str) -> None:
    for head in ("", '"""Text."""\n\n', '"""Text."""\n'):
        source = parsed("main.py", head + definition)
        assert source is not None
        _, edits = spelling(source, "budget_types", "Borrowed")
        above = f"{head.rstrip()}\n\n" if head else ""
        assert apply(source.text, edits) == f"{above}from budget_types import Borrowed\n\n\n{definition}"


def test_an_import_above_others_that_stand_below_a_definition() -> None:
    source = parsed("main.py", "def f(): ...\n\n\nimport os\n")
    assert source is not None
    _, edits = spelling(source, "budget_types", "Borrowed")
    assert apply(source.text, edits) == f"from budget_types import Borrowed\n\n\n{source.text}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"""D."""; x = 1\n', '"""D."""; x = 1\n\nfrom budget_types import Borrowed\n'),
        ('"""D."""; x = 1', '"""D."""; x = 1\n\nfrom budget_types import Borrowed'),
        ('"""D."""; x = 1\ny = 2\n', '"""D."""; x = 1\n\nfrom budget_types import Borrowed\n\ny = 2\n'),
        ("'D.' ; import os\r\n\r\nx\r\n", "'D.' ; import os\r\nfrom budget_types import Borrowed\r\n\r\nx\r\n"),
        (
            '\ufeff"""D."""; from __future__ import annotations\nimport a\n',
            '\ufeff"""D."""; from __future__ import annotations\nimport a\nfrom budget_types import Borrowed\n',
        ),
    ],
)
def test_a_docstring_with_more_on_its_line_stays_first(text: str, wanted: str) -> None:
    source = parsed("main.py", text)
    assert source is not None
    _, edits = spelling(source, "budget_types", "Borrowed")
    assert apply(source.text, edits) == wanted


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


# A reservation in a block

HELD = """\
from collections.abc import Callable, Iterator
from budget_types import Borrowed, Budget, Reservation
def ask() -> int: return 1
"""


def test_a_block_keeps_its_text(tmp_path: Path) -> None:
    """Comments further to the left, the lines of strings, lines that go on, and what comes after the last use."""
    source = (
        HELD
        + """\
def f(b: Borrowed[Budget], log: list[str]) -> None:
\ttry:
\t\tcall = b.reserve( 5 ) # five

# a thought
\t\tlog.append('''one
two''')
\t\tused = (ask() +
ask())
\t\tcall.commit(used)

\t\tlog.append("done")
\tfinally:
\t\tlog.append("end")
"""
    )
    wanted = (
        source.replace("call = b.reserve( 5 ) # five\n", "with b.reserve( 5 ) as call: # five\n\t\t\tcall.sent()\n")
        .replace("# a thought", "\t# a thought")
        .replace("\t\tlog.append('", "\t\t\tlog.append('")
        .replace("\t\tused", "\t\t\tused")
        .replace("\nask())", "\n\task())")
        .replace("\t\tcall.commit", "\t\t\tcall.commit")
    )
    assert mended(tmp_path, {"main.py": source}) == {"main.py": wanted.encode()}


@pytest.mark.parametrize(
    "body",
    [
        "def f(b: Borrowed[Budget]) -> None:\n    call = b.reserve(1)\n    print(call.tokens)\n",
        "def f(b: Borrowed[Budget]) -> Iterator[int]:\n    call = b.reserve(1)\n    yield 1\n    call.commit(1)\n",
        "def f(b: Borrowed[Budget]) -> None:\n    try:\n        call = b.reserve(1)\n    finally:\n        ask()\n"
        "    call.commit(1)\n",
        "def f(b: Borrowed[Budget]) -> None:\n    call = b.reserve(1)\n    if ask():\n        call.commit(1)\n"
        "        call = b.reserve(2)\n    call.release()\n    ask()\n    call = b.reserve(3)\n",
        "def f(b: Borrowed[Budget]) -> None:\n    call = b.reserve(1); used = ask(); call.commit(used)\n",
        "def f(make: Callable[[], Reservation | None]) -> None:\n    call = make()\n    if ask() and call:\n"
        "        call.commit(1)\n",
    ],
)
def test_what_no_block_can_hold(body: str, tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": HELD + body}) as found:
        assert "budget-dropped" in {each.code for each in found.errors}
        assert mend(found) == []


# What is not made

TWICE = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def twice(budget: Budget) -> int:
    return take(budget) + take(budget)
"""


def _nothing(site: Site) -> Iterator[Proposal]:
    yield Proposal("do nothing", (Edit(site.error.path, (1, 0), (1, 0), ""),))


def _comment(site: Site) -> Iterator[Proposal]:
    yield Proposal("move the error down", (Edit(site.error.path, (1, 0), (1, 0), "#\n#\n"),))


def _syntax(site: Site) -> Iterator[Proposal]:
    yield Proposal("break the syntax", (Edit(site.error.path, (1, 0), (1, 0), "("),))


def _another(site: Site) -> Iterator[Proposal]:
    line = site.error.line
    yield Proposal("put a type error there", (Edit(site.error.path, (line, 11), (line + 1, 0), "''\n"),))


def _elsewhere(site: Site) -> Iterator[Proposal]:
    """Mends it, and takes from another module what that needs."""
    line = site.error.line
    call = Edit(site.error.path, (line, 11), (line + 1, 0), "grab(budget)\n")
    yield Proposal("break another module", (call, Edit(site.error.path, (2, 4), (2, 8), "grab")))


def _outside(site: Site) -> Iterator[Proposal]:
    yield Proposal("change a library", (Edit("/nowhere.py", (1, 0), (1, 0), "#"),))


def _overlapping(site: Site) -> Iterator[Proposal]:
    line = site.error.line
    edit = Edit(site.error.path, (line, 4), (line, 20), "x")
    yield Proposal("overlap", (edit, Edit(site.error.path, (line, 6), (line, 9), "y")))


BAD = (_nothing, _comment, _syntax, _another, _elsewhere, _outside, _overlapping)
OTHER = {"main.py": TWICE, "other.py": "from main import take\n"}


def test_a_bad_proposal_is_not_made(tmp_path: Path) -> None:
    with checked(tmp_path, OTHER) as checker:
        for propose in BAD:
            found = Program(checker, proposers={code: [propose] for code in PROPOSERS})
            before = found.errors
            assert [each.code for each in before] == ["budget-copied"]
            assert mend(found) == [], propose.__name__
            assert found.errors == before
            assert found.texts["main.py"].text == TWICE
        found = Program(checker, proposers={code: [*BAD, *row] for code, row in PROPOSERS.items()})
        assert [each.title for each in mend(found)] == ['split "budget" evenly between the 2 calls']
        assert found.errors == []


def test_an_editor_asks_about_the_text_that_it_holds(tmp_path: Path) -> None:
    unsaved = TWICE.replace("twice", "so_much_more").replace("def take", "\n\ndef take")
    with checked(tmp_path, {"main.py": "x = 1\n"}) as checker:
        found = Program(checker, unsaved={"main.py": unsaved})
        fixes = [fix for error in found.errors for fix in found.fixes(error)]
    assert [fix.title for fix in fixes] == ['split "budget" evenly between the 2 calls']
    assert "take(first) + take(second)" in apply(unsaved, fixes[0].edits)
    assert (tmp_path / "main.py").read_text(encoding="utf-8") == "x = 1\n"


def test_a_comment_that_a_rewrite_makes_useless_is_an_error_that_it_brings(tmp_path: Path) -> None:
    """Without the error in `other`, its comment is one too many: mypy would say so, and the rewrite is not made."""
    files = {
        "main.py": """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.remaining
def twice(budget: Budget) -> int:
    kept = take(budget)
    return kept + budget.remaining
""",
        "other.py": """\
from budget_types import Budget
from main import take
def twice(budget: Budget) -> int:
    kept = take(budget)
    return kept + budget.remaining  # type: ignore[use-after-move]
x: int = ""  # type: ignore[assignment]
""",
    }
    with program(tmp_path, files) as found:
        assert [each.code for each in found.errors] == ["use-after-move"]
        assert mend(found) == []
        (error,) = found.errors
        assert error.path == "main.py"


LEFT_ALONE = """\
import asyncio
from collections.abc import Iterator
from typing import Any
from budget_types import Borrowed, Budget

def take(budget: Budget) -> int:
    return budget.close().left.tokens or 0

def looked_at_afterwards(budget: Budget) -> int:
    # What is left would be nothing.
    both = take(budget) + take(budget)
    return both + budget.remaining

def asked_in_the_end(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        total += take(budget)
    else:
        total += budget.remaining
    return total

def nobody_knows_how_often(counts: Iterator[int], budget: Budget) -> int:
    return sum([take(budget) + count for count in counts])

def evaluated_once(budget: Budget) -> int:
    return sum([take(budget) for _ in open("counts")])

def as_long_as_it_takes(budget: Budget) -> None:
    while take(budget) > 3:
        print("again")

def skipped(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        if count < 3:
            continue
        total += take(budget)
    return total

def in_one_branch(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        if count < 3:
            total += 1
        elif count > 5:
            total += take(budget)
    return total

def in_a_part_of_an_expression(counts: list[int], budget: Budget, other: Budget) -> list[int]:
    some = [take(budget) if count else 0 for count in counts]
    return some + [count or take(other) for count in counts]

def filtered_by_who_knows_what(counts: list[int], budget: Budget, other: Budget) -> list[int]:
    some = [take(budget) for count in counts if odd(count)]
    return some + [count for count in counts if odd(count) and take(other)]

def odd(count: int) -> bool:
    return count % 2 == 1

def perhaps_twice(fast: bool, budget: Budget) -> int:
    return take(budget) + (0 if fast else take(budget))

def in_both_branches(fast: bool, budget: Budget) -> int:
    total = 0
    if fast:
        total += take(budget)
    if not fast:
        total += take(budget)
    return total

def given_again(budget: Budget, other: Budget) -> int:
    total = take(budget) + take(budget)
    budget = other
    return total + take(budget)

def anything(value: Any) -> None: ...

def to_anything(budget: Budget) -> int:
    anything(budget)
    return budget.remaining

async def use(budget: Borrowed[Budget]) -> None:
    budget.spend(1)

async def nobody_waits(budget: Borrowed[Budget]) -> None:
    first = asyncio.create_task(use(budget))
    second = asyncio.create_task(use(budget))
    print(first, second)

async def waits_perhaps(budget: Borrowed[Budget]) -> None:
    both = asyncio.gather(use(budget), use(budget))
    if budget.remaining:
        return
    await both

async def looked_at_meanwhile(budget: Borrowed[Budget]) -> int:
    both = asyncio.gather(use(budget), use(budget))
    print(budget.remaining)
    await both
    return budget.remaining

class Team:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    async def others_go_on(self) -> None:
        self.task = asyncio.create_task(use(self.budget))
        await use(self.budget)

def stored(team: Team, budget: Budget) -> int:
    team.budget = budget
    return budget.remaining

KEPT = Budget(1)

def kept_for_all(budget: Budget) -> int:
    global KEPT
    KEPT = budget
    return budget.remaining + KEPT.remaining

def mapped(counts: list[int], more: Iterator[int], budget: Budget, other: Budget, third: Budget) -> list[int]:
    some = list(map(lambda count: take(budget) + count, more))
    some += map(lambda count, much: take(other) + count + much, counts, more)
    return [*some, *map(lambda count: take(third) if count else 0, counts)]

def none_has_a_meaning(budget: Budget | None = Budget(3)) -> bool:
    return budget is None

def merged_twice(total: Budget, budget: Budget) -> None:
    total.merge(budget)
    total.merge(budget)

def merged_in_each_round(counts: list[int], total: Budget, budget: Budget) -> None:
    for _ in counts:
        total.merge(budget)

class Base:
    def __init__(self, name: str) -> None:
        self.name = name

class MadeByItsBase(Base):
    budget: Budget = Budget(4)

class ReadFromTheClass:
    budget: Budget = Budget(5)

print(ReadFromTheClass.budget.remaining)

class WithAnHeir:
    budget: Budget = Budget(6)

class Heir(WithAnHeir):
    def __init__(self, name: str) -> None:
        self.name = name
"""


def test_what_would_change_the_meaning_is_left_alone(tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": LEFT_ALONE}) as found:
        assert len({error.line for error in found.errors}) >= 25
        assert mend(found) == []


TWO_NAMES = """\
from budget_types import Budget, affine

@affine
class Agent:
    def __init__(self, budget: Budget, strict: bool) -> None:
        self._budget: Budget = budget
        if strict:
            assert budget.remaining > 0  # enough
        self.strict = strict
        self.cap = budget.remaining

    def ask(self, strict: bool) -> int:
        budget = self._budget  # type: ignore[misc]  # what is left
        for _ in range(3):
            budget.spend(1)
        return self._budget.remaining

    def typed(self):
        # type: () -> int
        budget = self._budget  # type: Budget
        return budget.remaining
"""
FIELDS_THAT_CHANGE = """\
from collections.abc import Awaitable
from budget_types import Borrowed, Budget, affine

@affine
class Agent:
    def __init__(self, budget: Budget, strict: bool) -> None:
        self.budget = budget
        self.refill()
        print(budget.remaining)

    def refill(self) -> None:
        self.budget = Budget(3)

class Waits:
    budget: Budget

    async def start(self, budget: Budget, others: Awaitable[None]) -> int:
        self.budget = budget
        await others
        return budget.remaining

def refill(agent: Borrowed[Agent]) -> None:
    agent.refill()

class GivenAway(Agent):
    def start(self, budget: Budget) -> int:
        self.budget = budget
        refill(self)
        return budget.remaining

class Perhaps(Agent):
    def start(self, budget: Budget, strict: bool) -> int:
        if strict:
            self.budget = budget
        return budget.remaining

class Property:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        print(budget.remaining)

    @property
    def budget(self) -> Budget:
        return Budget(1)

    @budget.setter
    def budget(self, value: Budget) -> None:
        self.kept = value
"""


def test_a_second_name_goes_with_what_is_said_of_it_to_tools(tmp_path: Path) -> None:
    wanted = TWO_NAMES.replace("        budget = self._budget  # type: ignore[misc]  # what", "        # what")
    wanted = wanted.replace("        budget = self._budget  # type: Budget\n", "")
    for used in ("budget.remaining", "budget.spend"):
        wanted = wanted.replace(f" {used}", f" self._{used}")
    files = {"main.py": TWO_NAMES, "windows.py": TWO_NAMES.replace("\n", "\r\n")}
    assert mended(tmp_path, files) == {"main.py": wanted.encode(), "windows.py": wanted.replace("\n", "\r\n").encode()}


def test_a_field_that_may_change_is_not_taken_for_what_it_was_given(tmp_path: Path) -> None:
    with program(tmp_path, {"main.py": FIELDS_THAT_CHANGE}) as found:
        assert [error.line for error in found.errors] == [9, 20, 29, 35, 40]
        assert mend(found) == []


def test_a_second_name_of_a_field_that_may_change_borrows(tmp_path: Path) -> None:
    """Of the value that it had: another one may be there by then."""
    source = """\
import budget_types as bt

@bt.affine
class Agent:
    def __init__(self, budget: bt.Budget) -> None:
        self.budget = budget

    def refill(self) -> None:
        self.budget = bt.Budget(3)

    def ask(self) -> int:
        before = self.budget
        self.refill()
        return before.remaining
"""
    wanted = source.replace("before = ", "before: bt.Borrowed[bt.Budget] = ")
    assert mended(tmp_path, {"main.py": source}) == {"main.py": wanted.encode()}


def test_a_default_is_made_above_what_the_function_says_of_its_first_statement(tmp_path: Path) -> None:
    source = """\
import budget_types as bt

def ask(prompt: str, budget: bt.Budget = bt.Budget(10)) -> int:
    # Each word costs one.
    # Or so.
    return budget.remaining - len(prompt.split())

def shorter(prompt: str, budget: bt.Budget = bt.Budget(10)) -> int:
    '''Ask.
    # No comment.'''
    # Each word costs one.
    return budget.remaining - len(prompt.split())

class Agent:
    budget = bt.Budget(3)"""
    made = "    if budget is None:\n        budget = bt.Budget(10)\n"
    wanted = source.replace("bt.Budget = bt.Budget(10)", "bt.Budget | None = None")
    wanted = wanted.replace("    # Each", f"{made}    # Each").replace(
        "    budget = bt.Budget(3)", "    budget: bt.Budget"
    )
    wanted += "\n\n    def __init__(self) -> None:\n        self.budget = bt.Budget(3)"
    assert mended(tmp_path, {"main.py": source}) == {"main.py": wanted.encode()}


SEVERAL_AT_ONCE = """\
from typing import TypedDict
from budget_types import Budget

class State(TypedDict):
    topics: list[str]

KEPT: list[tuple[str, object, Budget]] = []

def keep(topic: str, how: object, budget: Budget) -> None:
    KEPT.append((topic, how, budget))

def both(topics: list[str], depths: list[int], budget: Budget) -> None:
    for topic, depth in zip(topics, depths):
        keep(topic, depth, budget)

def strictly(topics: list[str], depths: list[int], budget: Budget) -> None:
    for topic, depth in zip(topics, depths, strict=True):
        keep(topic, depth, budget)

def laid_out(state: State, budget: Budget) -> list[None]:
    return [
        keep(a, b, budget)
        for a, b in zip(
            # in this order
            ("tea", "milk", "rice"),
            (state["topics"]),  # as many as there are
        )
    ]

def known(budget: Budget) -> None:
    for pair in zip("ab", ("x", "y", "z")): keep("", pair, budget)
    for pair in zip((1, 2), ("x", "y", "z")): keep("", pair, budget)

def some(topics: list[str], count: int, state: State, budget: Budget, other: Budget) -> None:
    for topic in topics[:count]:
        keep(topic, 0, budget)
    for topic in state["topics"]:
        keep(topic, 0, other)
"""
SEVERAL_SPLIT = """\
def both(topics: list[str], depths: list[int], budget: Budget) -> None:
    parts = budget.split_evenly(min(len(topics), len(depths))) if topics and depths else []
    for topic, depth, part in zip(topics, depths, parts):
        keep(topic, depth, part)

def strictly(topics: list[str], depths: list[int], budget: Budget) -> None:
    parts = budget.split_evenly(len(topics)) if topics else []
    for (topic, depth), part in zip(zip(topics, depths, strict=True), parts):
        keep(topic, depth, part)

def laid_out(state: State, budget: Budget) -> list[None]:
    parts = budget.split_evenly(min(3, len(state["topics"]))) if state["topics"] else []
    return [
        keep(a, b, part)
        for a, b, part in zip(
            # in this order
            ("tea", "milk", "rice"),
            (state["topics"]),  # as many as there are
            parts,
        )
    ]
"""


def test_a_loop_over_several_at_once_goes_over_the_parts_too(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": SEVERAL_AT_ONCE})["main.py"].decode()
    assert SEVERAL_SPLIT in made
    assert "split_evenly(len(topics[:count])) if topics[:count] else []" in made


def test_each_round_that_gets_a_part_uses_it(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def in_all_branches(counts: list[int], budget: Budget) -> int:
    total = 0
    for count in counts:
        try:
            if count > 3:
                total += take(budget)
            elif count:
                total += take(budget) + 1
            else:
                total += 2 if take(budget) else 1
            for other in counts:
                continue
        finally:
            if count: continue
    return total
def filtered(pairs: dict[str, int], budget: Budget, other: Budget) -> list[int]:
    some = [take(budget) for name, count in pairs.items() if count > 3 if len(name) < 9]
    return some + [count for name, count in pairs.items() if name != "x" if take(other) if count]
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    for count, part in zip(counts, parts):\n" in after
    assert after.count("take(part)") == 4
    assert (
        "    chosen = [(name, count) for name, count in pairs.items() if count > 3 if len(name) < 9]\n"
        "    parts = budget.split_evenly(len(chosen)) if chosen else []\n"
        "    some = [take(part) for (name, count), part in zip(chosen, parts)]\n"
    ) in after
    assert '[(name, count) for name, count in pairs.items() if name != "x"]\n' in after
    assert " if take(other_part) if count]\n" in after


def test_a_function_that_does_nothing_yet_is_not_taken_to_only_look(tmp_path: Path) -> None:
    source = """\
from asyncio import gather
from budget_types import Budget
async def planned(topic: str, budget: Budget) -> str:
    raise NotImplementedError
async def shown(topic: str, budget: Budget) -> str:
    return f"{topic}, {budget.remaining} left"
async def fan_out(topics: list[str], budget: Budget, other: Budget) -> None:
    await gather(*[planned(topic, budget) for topic in topics])
    await gather(*[shown(topic, other) for topic in topics])
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "def planned(topic: str, budget: Budget)" in after
    assert "    parts = budget.split_evenly(len(topics)) if topics else []\n" in after
    assert "def shown(topic: str, budget: Shared[Budget])" in after


def test_a_loop_that_only_counts_goes_over_the_parts(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def counted(times: int, counts: list[int], a: Budget, b: Budget, c: Budget, d: Budget, e: Budget) -> int:
    total = 0
    for _ in range(10, 0, -3):
        total += take(a)
    for _ in range(times):
        total += take(b)
    for _ in range(len(counts)):
        total += take(c)
    for _ in range(times):
        total += take(d)
    total += take(d)
    for number in range(2, 5):
        total += take(e) + number
    return total
def read(budget: Budget) -> int:
    total = 0
    for _ in range(3):
        total += take(budget) + _
    return total
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    for part in a.split_evenly(4):\n        total += take(part)\n" in after
    assert (
        "    parts = b.split_evenly(times) if times > 0 else []\n    for _, b_part in zip(range(times), parts):\n"
        in after
    )
    assert "    c_parts = c.split_evenly(len(counts)) if counts else []\n" in after
    assert "    *d_parts, rest = d.split_evenly(max(times, 0) + 1)\n    for d_part in d_parts:\n" in after
    assert "    e_parts = e.split_evenly(3)\n    for number, e_part in zip(range(2, 5), e_parts):\n" in after
    assert "    for _, part in zip(range(3), parts):\n" in after


def test_parts_of_a_loan_are_merged_when_all_are_done(tmp_path: Path) -> None:
    source = """\
import asyncio
from budget_types import Borrowed, Budget
async def use(budget: Borrowed[Budget]) -> int:
    budget.spend(1)
    return 1
class Team:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget
    async def tasks(self) -> None:
        one = asyncio.create_task(use(self.budget))
        two = asyncio.create_task(use(self.budget))
        print("started")
        await asyncio.gather(one, two)
        print("done")
async def in_rounds(budget: Budget) -> None:
    for _ in range(3):
        await asyncio.gather(use(budget), use(budget))
async def all_at_once(budget: Borrowed[Budget]) -> None:
    await asyncio.gather(*[use(budget) for _ in range(3)])
async def last(budget: Borrowed[Budget]) -> int:
    return sum(await asyncio.gather(use(budget), use(budget)))"""
    assert mended(tmp_path, {"main.py": source})["main.py"].decode().splitlines()[8:] == [
        "    async def tasks(self) -> None:",
        "        first, second = self.budget.split_evenly(2)",
        "        one = asyncio.create_task(use(first))",
        "        two = asyncio.create_task(use(second))",
        '        print("started")',
        "        await asyncio.gather(one, two)",
        "        self.budget.merge(first)",
        "        self.budget.merge(second)",
        '        print("done")',
        "async def in_rounds(budget: Budget) -> None:",
        "    for _ in range(3):",
        "        first, second = budget.split_evenly(2)",
        "        await asyncio.gather(use(first), use(second))",
        "        budget.merge(first)",
        "        budget.merge(second)",
        "async def all_at_once(budget: Borrowed[Budget]) -> None:",
        "    parts = budget.split_evenly(3)",
        "    await asyncio.gather(*[use(part) for part in parts])",
        "    for part in parts:",
        "        budget.merge(part)",
        "async def last(budget: Borrowed[Budget]) -> int:",
        "    first, second = budget.split_evenly(2)",
        "    result = sum(await asyncio.gather(use(first), use(second)))",
        "    budget.merge(first)",
        "    budget.merge(second)",
        "    return result",
    ]


def test_a_loan_is_declared_only_where_it_says_something(tmp_path: Path) -> None:
    source = """\
from typing import TypeVar, overload
from budget_types import Borrowed, Budget, Owned
T = TypeVar("T")
Gift = Owned[Budget]
def accept(budget: Gift) -> int: return budget.remaining
def twice(budget: Budget) -> int:
    return accept(budget) + accept(budget)
class Tool:
    def use(self, budget: Borrowed[Budget]) -> object: ...
class Same(Tool):
    def use(self, budget: T) -> T: return budget
class Many:
    @overload
    def use(self, budget: Budget) -> int: ...
    @overload
    def use(self, budget: int) -> str: ...
    def use(self, budget: Budget | int) -> int | str: return 1
def use(many: Many, budget: Budget) -> int:
    return many.use(budget) + budget.remaining
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "def accept(budget: Gift)" in after
    assert "accept(first) + accept(second)" in after
    assert "def use(self, budget: T) -> T: return budget" in after
    assert "def use(self, budget: Borrowed[Budget]) -> int: ..." in after
    assert "def use(self, budget: int) -> str: ..." in after
    assert "def use(self, budget: Borrowed[Budget | int])" in after


def test_what_follows_the_calls_of_a_lambda_gets_a_part(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def total(counts: list[int], budget: Budget) -> int:
    part = sum(map(lambda count: take(budget) + count, counts))
    return part + take(budget)
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert after.splitlines()[3:] == [
        "    *parts, rest = budget.split_evenly(len(counts) + 1)",
        "    part = sum(map(lambda count, budget_part: take(budget_part) + count, counts, parts))",
        "    return part + take(rest)",
    ]


# Names


def test_parts_take_no_name_that_is_taken(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def take(budget: Budget) -> int: return budget.close().left.tokens or 0
def first(budget: Budget) -> int:
    return take(budget) + take(budget)
def taken(first: int, part: int, parts: int, budget: Budget, other: Budget) -> int:
    total = take(budget) + take(budget) + first
    for round in range(3):
        total += take(other) + round
    return total + part + parts
def many(budget: Budget) -> list[int]:
    return [take(budget), take(budget), take(budget), take(budget), take(budget)]
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    budget_1, budget_2 = budget.split_evenly(2)\n    return take(budget_1) + take(budget_2)\n" in after
    assert "    budget_1, budget_2 = budget.split_evenly(2)\n    total =" in after
    assert (
        "    other_parts = other.split_evenly(3)\n    for round, other_part in zip(range(3), other_parts):\n" in after
    )
    assert "budget_4, budget_5 = budget.split_evenly(5)\n" in after


# Text


def test_edits_are_made_where_they_say() -> None:
    text = "a\r\nbc\rd\n"
    edits = [Edit("", (3, 0), (3, 1), "D"), Edit("", (2, 1), (2, 1), "+"), Edit("", (4, 0), (4, 0), "e\n")]
    assert apply(text, edits) == "a\r\nb+c\rD\ne\n"
    assert apply("", [Edit("", (1, 0), (1, 0), "x")]) == "x"
    with pytest.raises(ValueError, match="line 1"):
        apply(text, [Edit("", (1, 0), (1, 1), "x"), Edit("", (1, 0), (2, 1), "y")])


@pytest.mark.parametrize(("before", "after"), [("", "a\n"), ("a\nb\nc", "a\nc\n"), ("a\nb\n", "b\na\nd\n"), ("a", "")])
def test_edits_between_two_texts(before: str, after: str) -> None:
    assert apply(before, between("", before, after)) == after


def test_lines_are_found_in_the_old_text() -> None:
    edits = [Edit("", (2, 0), (2, 0), "new\nnew\n"), Edit("", (5, 0), (7, 0), "")]
    assert [line_before(edits, line) for line in (1, 3, 5, 6, 7, 8)] == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 7), (8, 8)]


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


# Files


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_bytes(b"new")
    with pytest.raises(ChangedMeanwhile):
        write_text(str(path), b"old", b"fixed")
    assert path.read_bytes() == b"new"
    link = tmp_path / "link.py"
    link.symlink_to("main.py")
    path.chmod(0o750)
    write_text(str(link), b"new", b"fixed")
    assert path.read_bytes() == b"fixed"
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o750)
    assert {each.name for each in tmp_path.iterdir()} == {"main.py", "link.py"}


def test_what_cannot_be_written_back_is_not_read() -> None:
    assert Text.of(b"\xff") is None
    assert Text.of(b"# coding: nonsense\n") is None
    text = Text.of(b"# coding: latin-1\n\xe9")
    assert text is not None and text.text.endswith("\N{LATIN SMALL LETTER E WITH ACUTE}")
    with pytest.raises(UnicodeEncodeError):
        text.replaced("\N{EURO SIGN}").encoded()


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


COMES_UPON_IT = """\
from collections.abc import Callable
from budget_types import Borrowed, Budget, affine

KEPT: list[Budget] = []
COMPANY = Budget(100)

def keep(budget: Budget) -> None:
    KEPT.append(budget)

def is_on() -> bool:
    return len(KEPT) < 9

@affine
class Agent:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def twice(self) -> list[Budget]:
        return [self.budget, self.budget]

def a_field(agent: Borrowed[Agent]) -> list[Budget]:
    return [agent.budget, agent.budget]

def all_rounds(budget: Budget) -> None:
    while is_on():
        keep(budget)
        keep(budget)

def some_rounds(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        if topic:
            keep(budget)
            keep(budget)

def captured(budget: Budget) -> None:
    def show() -> None:
        print(budget.remaining)
    keep(budget)
    keep(budget)
    show()

def everybody() -> list[Budget]:
    return [COMPANY, COMPANY]
"""


def test_nobody_comes_upon_what_was_split(tmp_path: Path) -> None:
    """It only lends what it empties, so mypy would say nothing of a next round or an owner that finds nothing left."""
    assert mended(tmp_path, {"main.py": COMES_UPON_IT}) == {"main.py": COMES_UPON_IT.encode()}


def test_what_is_given_anew_in_each_round_is_split_there(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def keep(budget: Budget) -> None: KEPT.append(budget)
def attempt(parts: list[Budget]) -> None:
    for part in parts:
        try:
            keep(part)
        except ValueError:
            keep(part)
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "        first, second = part.split_evenly(2)\n        try:\n            keep(first)\n" in after


GROWS = """\
from budget_types import Budget, affine
KEPT: list[Budget] = []
def keep(topic: str, budget: Budget) -> None: KEPT.append(budget)
def more(topics: list[str]) -> None: topics.append("")
@affine
class Crawler:
    def __init__(self, topics: list[str]) -> None:
        self.topics = topics
        self.done: list[str] = []
    def visit(self, topic: str) -> None:
        self.topics.append(topic[1:])
    def by_a_method(self, budget: Budget) -> None:
        for topic in self.topics:
            keep(topic, budget)
            self.visit(topic)
    def of_another(self, budget: Budget) -> None:
        for topic in self.done:
            keep(topic, budget)
            self.visit(topic)
def appended(topics: list[str], budget: Budget) -> None:
    for number, topic in enumerate(topics):
        keep(topic, budget)
        if number < 9: topics.append(topic)
def extended(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        keep(topic, budget)
        topics += [topic[1:]]
def cut(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        keep(topic, budget)
        del topics[-1]
def given(topics: list[str], budget: Budget) -> list[None]:
    return [keep(topic, budget) or more(topics) for topic in topics]
def of_a_copy(topics: list[str], budget: Budget) -> None:
    for topic in list(topics):
        keep(topic, budget)
        topics.append(topic)
def only_read(topics: list[str], budget: Budget) -> None:
    for topic in topics:
        keep(topic + topics[0], budget)
        topics[topics.index(topic)] = f"{len(topics)}"
"""


def test_a_loop_over_what_may_grow_is_left_alone(tmp_path: Path) -> None:
    """There would be a part for each of the rounds that were to come at first, and no other round."""
    after = mended(tmp_path, {"main.py": GROWS})["main.py"].decode()
    names = ("of_another", "of_a_copy", "only_read")
    split = [name for name in re.findall(r"def (\w+)\(", GROWS) if f"def {name}(" in after and _is_split(after, name)]
    assert split == list(names)


def _is_split(text: str, name: str) -> bool:
    return "split_evenly" in text.partition(f"def {name}(")[2].partition("def ")[0]


def test_a_default_that_reads_otherwise_in_the_function_stays(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
CAP = 10
def given(CAP: int, budget: Budget = Budget(CAP)) -> int:
    return budget.remaining + CAP
def bound(budget: Budget = Budget(CAP)) -> int:
    CAP = budget.remaining
    return CAP
def read(budget: Budget = Budget(CAP)) -> int:
    return budget.remaining + CAP
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert after.count("if budget is None:") == 1
    assert "def read(budget: Budget | None = None) -> int:\n    if budget is None:" in after


def test_an_heir_that_does_not_call_init_keeps_its_field(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget, affine
@affine
class Base:
    budget = Budget(10)
    def __init__(self) -> None:
        self.calls = 0
class Between(Base): ...
class Heir(Between):
    def __init__(self) -> None:
        {}
"""
    for call, made in (("self.calls = 1", 0), ("super().__init__()", 1), ("Base.__init__(self)", 1)):
        text = source.format(call)
        after = mended(tmp_path, {"main.py": text})["main.py"].decode()
        assert after.count("self.budget = Budget(10)") == made


def test_a_field_that_is_read_from_the_class_stays(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget, affine
@affine
class Agent:
    budget = Budget(10)
    @classmethod
    def left(cls) -> int:
        return cls.budget.remaining
@affine
class Other:
    budget = Budget(10)
class Heir(Other): ...
print(Heir.budget.remaining)
"""
    assert mended(tmp_path, {"main.py": source}) == {"main.py": source.encode()}


def test_a_round_that_reads_what_the_last_one_left_keeps_its_name(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def last_of(counts: list[int], view: Budget) -> int:
    total = 0
    for count in counts:
        budget = Budget(count)
        if total:
            total += earlier.remaining
        earlier = budget
        total += budget.remaining
    return total
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "total += earlier.remaining" in after


def test_copies_of_nothing_stay_nothing(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
def copied(budget: Budget, other: Budget, third: Budget, fourth: Budget, n: int, topics: list[str]) -> list[Budget]:
    some = [budget] * n + [third] * 3
    some += [other] * len(topics)
    return some + (n + 1) * [fourth]
"""
    after = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "some = (budget.split_evenly(n) if n > 0 else []) + third.split_evenly(3)\n" in after
    assert "some += other.split_evenly(len(topics)) if topics else []\n" in after
    assert "(n + 1) * [fourth]" in after


ENTRIES = """\
from typing import TypedDict
from budget_types import Budget, Owned

class State(TypedDict):
    topics: 'list[str]'
    budget: Budget

KEPT: 'list[tuple[str, Budget]]' = []

def keep(topic: str, budget: Budget) -> None:
    KEPT.append((topic, budget))

def for_two(state: State) -> None:
    keep('tea', state['budget'])
    keep('milk', state['budget'])

def in_its_step(steps: 'list[State]') -> None:
    for step in steps:
        keep('tea', step['budget'])
        keep('milk', step['budget'])

def handed_on(state: State) -> State:
    keep('tea', state['budget'])
    keep('milk', state['budget'])
    return state

def element(parts: 'list[Budget]') -> int:
    first: Owned[Budget] = parts[0]
    return first.remaining

def changed(parts: 'list[Budget]', other: Budget) -> int:
    first: Owned[Budget] = parts[0]
    parts[-1] = other
    return first.remaining

def moved_up(parts: 'list[Budget]') -> int:
    second: Owned[Budget] = parts[1]
    del parts[0]
    return second.remaining
"""


def test_an_entry_is_a_place(tmp_path: Path) -> None:
    after = mended(tmp_path, {"main.py": ENTRIES})["main.py"].decode()
    split = "    first, second = {}['budget'].split_evenly(2)\n    {}keep('tea', first)\n    {}keep('milk', second)\n"
    assert split.format("state", "", "") + "\ndef in_its_step" in after
    assert "        first, second = step['budget'].split_evenly(2)\n        keep('tea', first)\n" in after
    rest = ENTRIES.partition("def handed_on")[2]
    named = "    first: Owned[Budget] = parts[0]\n    return first.remaining"
    rest = rest.replace(named, "    return parts[0].remaining")
    assert after.partition("def handed_on")[2] == rest


CHECKED_ONLY = """\
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budget_types import Budget


class Team:
    def __init__(self, budget: Budget) -> None:
        self.budget = budget


def spend(budget: Budget) -> None:
    budget.spend(1)


def run(budget: Budget) -> int:
    spend(budget)
    return budget.remaining
"""


def test_what_runs_is_imported_where_it_runs(tmp_path: Path) -> None:
    """mypy takes an import for type checkers for one, and would not see that the name means nothing later."""
    write(tmp_path, {"main.py": CHECKED_ONLY})
    (tmp_path / "mypy.ini").write_text(f"{CONFIG}enable_error_code = budget-escape\n", encoding="utf-8")
    done = budget_types("fix", "main.py", cwd=tmp_path)
    assert done.code == 0
    text = (tmp_path / "main.py").read_text(encoding="utf-8")
    assert "import TYPE_CHECKING\n\nfrom budget_types import Borrowed, affine\n\nif TYPE_CHECKING:\n" in text
    assert "@affine\nclass Team:" in text
    exec(compile(text, "main.py", "exec"), {})


PERHAPS = """\
import sys

if sys.version_info >= (3, 9):
    from budget_types import Budget
else:
    from budget_types import Budget as Budget


def spend(budget: Budget) -> None:
    budget.spend(1)


def run(budget: Budget) -> int:
    spend(budget)
    return budget.remaining
"""
TRIED = "try:\n    from budget_types import Budget\nexcept ImportError:\n    {}\n" + PERHAPS.partition("as Budget\n")[2]


def test_what_may_not_be_imported_is_not_counted_on(tmp_path: Path) -> None:
    made = mended(tmp_path, {"main.py": PERHAPS})["main.py"].decode()
    assert "import sys\n\nfrom budget_types import Borrowed\n\nif sys" in made
    exec(compile(made, "main.py", "exec"), {})
    without = TRIED.format("Budget = None  # type: ignore[assignment,misc]")
    assert mended(tmp_path, {"main.py": without}) == {"main.py": without.encode()}
    needed = f"import sys\n{TRIED.format('sys.exit(1)')}"
    made = mended(tmp_path, {"main.py": needed})["main.py"].decode()
    assert "    from budget_types import Borrowed, Budget\n" in made


def test_conditions_on_lines_of_their_own(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def keep(topic: str, budget: Budget) -> None: KEPT.append(budget)
def some(topics: list[str], budget: Budget) -> list[None]:
    return [
        keep(topic, budget)
        for topic in topics
        if len(topic) > 3{}
        if topic
    ]
"""
    made = mended(tmp_path, {"main.py": source.format("")})["main.py"].decode()
    assert "    chosen = [topic for topic in topics if len(topic) > 3 if topic]\n" in made
    assert "        keep(topic, part)\n        for topic, part in zip(chosen, parts)\n    ]\n" in made
    noted = source.format("  # the long ones")
    assert mended(tmp_path, {"main.py": noted}) == {"main.py": noted.encode()}


def test_an_attempt_that_is_waited_for_has_a_part_of_its_own(tmp_path: Path) -> None:
    source = """\
import asyncio
from budget_types import Budget
async def ask(prompt: str, budget: Budget) -> str: return f"{prompt} {budget.close()}"
async def patiently(budget: Budget) -> str:
    try:
        return await asyncio.wait_for(ask("tea", budget), timeout=3)
    except TimeoutError:
        return await asyncio.wait_for(ask("tea, in short", budget), timeout=3)
"""
    made = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert made.count("    first, second = budget.split_evenly(2)\n    try:\n") == 1
    assert 'ask("tea", first)' in made and 'ask("tea, in short", second)' in made


def test_a_loop_over_what_may_be_none(tmp_path: Path) -> None:
    source = """\
from budget_types import Budget
KEPT: list[Budget] = []
def keep(budget: Budget) -> None: KEPT.append(budget)
def all_of(topics: list[str] | None, budget: Budget) -> None:
    for topic in topics or []:
        keep(budget)
def and_more(topics: list[str] | None, budget: Budget) -> None:
    for topic in topics or ():
        keep(budget)
    keep(budget)
"""
    made = mended(tmp_path, {"main.py": source})["main.py"].decode()
    assert "    parts = budget.split_evenly(len(topics)) if topics else []\n" in made
    assert "    for topic, part in zip(topics or [], parts):\n" in made
    assert "    *parts, rest = budget.split_evenly(len(topics or ()) + 1)\n" in made
