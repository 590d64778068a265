"""One truth: cold, warm and parallel runs, and the daemon after edits, print the same; and nothing breaks mypy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from command import ATTEMPTS, workers_came
from expectations import MYPY

import mypy_plugin

LIB = """
    from budget_types import Borrowed, Budget

    COMPANY = Budget(1_000)


    def take(budget: Budget) -> None: ...


    def give() -> Budget:
        return Budget(10)
"""

# Never names an affine class; one function has no call, no operator and no attribute in it.
USER = """
    from lib import COMPANY, give, take


    def twice() -> None:
        budget = give()
        take(budget)
        take(budget)


    def without_a_call() -> None:
        mine = COMPANY
"""

# Two modules that import each other: mypy checks them together, and defers what it cannot infer yet.
LEFT = """
    from budget_types import Budget

    import right


    class Left:
        def __init__(self, budget: Budget) -> None:
            self.budget = right.make(budget)

        def run(self) -> int:
            return self.budget.remaining
"""

RIGHT = """
    from budget_types import Budget

    import left


    def make(budget: Budget) -> Budget:
        return budget


    def use(budget: Budget) -> int:
        made = left.Left(budget)
        return made.budget.remaining + budget.remaining
"""

ENDS = """
    import sys

    from budget_types import Budget


    def main(budget: Budget) -> int:
        mine = budget
        yours = budget
        return 0


    budget = Budget(1)
    twice = budget
    sys.exit(main(budget))
"""

HOLDER = """
    from budget_types import Budget


    def take(budget: Budget) -> None: ...


    class Holder:
        def __init__(self, budget: Budget) -> None:
            self.name = budget.remaining
"""

TOOLS = """
    from typing import Generic, TypeVar

    T = TypeVar("T")


    def pair(value: T) -> tuple[T, T]:
        return value, value


    class Box(Generic[T]):
        def __init__(self, item: T) -> None:
            self.item = item

        def get(self) -> T:
            return self.item
"""

# What goes wrong here stands in the functions of `tools`, and in what the functions between do with them.
BETWEEN = """
    from typing import TypeVar

    import tools

    U = TypeVar("U")


    def twice(value: U) -> list[U]:
        return list(tools.pair(value))


    def within(value: U) -> list[U]:
        return twice(value)
"""

GENERIC_USER = """
    import between
    import tools
    from budget_types import Budget


    def direct(budget: Budget) -> object:
        return tools.pair(budget)


    def indirect(budget: Budget) -> object:
        return between.within(budget)


    def method(box: tools.Box[Budget]) -> object:
        return box.get()


    def harmless(box: tools.Box[int]) -> object:
        return box.get(), tools.pair(1)
"""

# Generic functions of two modules that import each other, and so are checked together.
PING = """
    from typing import TypeVar

    import pong
    from budget_types import Budget

    T = TypeVar("T")


    def ping(value: T, n: int) -> list[T]:
        return pong.pong(value, n - 1)


    def use(budget: Budget) -> object:
        return pong.pong(budget, 1)
"""

PONG = """
    from typing import TypeVar

    import ping
    from budget_types import Budget

    T = TypeVar("T")


    def pong(value: T, n: int) -> list[T]:
        if n:
            return ping.ping(value, n)
        return [value, value]


    def use(budget: Budget) -> object:
        return ping.ping(budget, 1)
"""

# `child` never names what it is given budgets by.
MINTING = """
    # mypy: enable-error-code=budget-minted
    from budget_types import Budget
    from lib import Holder, take


    def child(holder: Holder) -> None:
        print(holder)
        take(Budget(50))


    def top() -> None:
        take(Budget(50))
"""

EXPECTED = [
    'ends.py:9: error: "budget" is used after it was moved on line 8 into "mine"  [use-after-move]',
    'ends.py:15: error: "budget" is used after it was moved on line 14 into "twice"  [use-after-move]',
    'right.py:13: error: "budget" is used after it was moved on line 12 into parameter "budget" of "Left"'
    "  [use-after-move]",
    'user.py:8: error: "budget" is used after it was moved on line 7 into parameter "budget" of "take"'
    "  [use-after-move]",
    'user.py:12: error: "COMPANY" cannot be moved into "mine": it is a global variable, which every function can'
    " reach  [move-of-borrowed]",
]


class Project:
    """A directory of modules with a configuration, and mypy on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nstrict = True\nwarn_unreachable = True\n")

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(dedent(text), encoding="utf-8")

    def empty(self) -> None:
        """Leave nothing in the modules that every project begins with."""
        for name in ("lib", "user", "left", "right", "ends"):
            self.write(f"{name}.py", "")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        before = path.stat().st_mtime
        path.write_text(text.replace(old, new), encoding="utf-8")
        # The daemon compares size and time, and the time in seconds: on a fast machine, an edit is in the same one.
        os.utime(path, (before + 1, before + 1))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "MYPYPATH": "", "PYTHONPATH": ""}
        for _ in range(ATTEMPTS):
            done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
            if workers_came(done.stdout + done.stderr):
                break
        return done

    def mypy(self, *options: str) -> list[str]:
        """The lines that mypy prints, without notes and the summary."""
        return errors(self.run(sys.executable, "-m", "mypy", *options, "."))

    def fresh(self) -> list[str]:
        return self.mypy("--cache-dir", os.devnull)

    def daemon(self) -> list[str]:
        return errors(self.run(*self.dmypy, "run", "--timeout", "60", "--", "--cache-dir=.daemon", "."))

    @property
    def dmypy(self) -> list[str]:
        return [sys.executable, "-m", "mypy.dmypy", "--status-file", str(self.root / "dmypy.json")]


def errors(result: subprocess.CompletedProcess[str]) -> list[str]:
    assert result.returncode in (0, 1), result.stdout + result.stderr
    assert not result.stderr, result.stderr
    return sorted((line for line in result.stdout.splitlines() if ": error: " in line), key=position)


def position(line: str) -> tuple[str, int]:
    file, number, _ = line.split(":", 2)
    return file, int(number)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    for name, text in {"lib": LIB, "user": USER, "left": LEFT, "right": RIGHT, "ends": ENDS}.items():
        project.write(f"{name}.py", text)
    yield project
    project.run(*project.dmypy, "stop")


def test_cold_and_warm(project: Project) -> None:
    assert project.mypy() == EXPECTED
    assert project.mypy() == EXPECTED


def test_warm_with_no_more_of_the_package_than_is_needed(project: Project) -> None:
    """mypy loads from its cache what an edited module needs, and that is not always `budget_types` itself."""
    project.write(
        "pool.py",
        """
        from budget_types.ownership import affine, move

        @affine
        class Pool: ...

        def take(pool: Pool) -> None: ...

        ONE = move(1)
        """,
    )
    project.write(
        "pools.py",
        """
        from pool import Pool, take

        def twice(pool: Pool) -> None:
            take(pool)
            take(pool)
        """,
    )
    cold = project.mypy()
    assert [line for line in cold if line.startswith("pool")] == [
        'pools.py:6: error: "pool" is used after it was moved on line 5 into parameter "pool" of "take"'
        "  [use-after-move]"
    ]
    project.edit("pools.py", "def twice", "# a comment\ndef twice")
    assert project.mypy() == project.fresh() != cold
    project.edit("pool.py", "ONE = move(1)", "TWO = move(2)")
    assert project.mypy() == project.fresh()


@pytest.mark.skipif(MYPY < (2, 0), reason="mypy 1 has no parallel run")
def test_parallel(project: Project) -> None:
    assert project.mypy("-n", "2") == EXPECTED
    assert project.mypy("-n", "2") == EXPECTED


@pytest.mark.skipif(MYPY < (2, 0), reason="mypy 1 has no native parser")
def test_native_parser(project: Project) -> None:
    assert project.mypy("--native-parser") == EXPECTED


def test_the_daemon_agrees_with_a_fresh_run_after_every_edit(project: Project) -> None:
    assert project.daemon() == EXPECTED
    edits = [
        ("ends.py", "def main", "# a comment\n\n\ndef main"),
        ("user.py", "def twice", "# a comment\n\n\ndef twice"),
        ("lib.py", "def take(budget: Budget)", "def take(budget: Borrowed[Budget])"),
        ("lib.py", "def take(budget: Borrowed[Budget])", "def take(budget: Budget)"),
        ("lib.py", "-> Budget:\n    return Budget(10)", "-> int:\n    return 10"),
        ("lib.py", "-> int:\n    return 10", "-> Budget:\n    return Budget(10)"),
        ("lib.py", "COMPANY = Budget(1_000)", "COMPANY = 1_000"),
        ("lib.py", "COMPANY = 1_000", "COMPANY = Budget(1_000)"),
        ("user.py", "    take(budget)\n    take(budget)", "    take(budget)"),
        ("right.py", "+ budget.remaining", ""),
    ]
    for name, old, new in edits:
        project.edit(name, old, new)
        assert project.daemon() == project.fresh(), f"after {old!r} became {new!r}"


def test_the_checkpoint_leaves_no_trace(project: Project) -> None:
    """What looks at a module after the checkpoint sees the program alone."""
    project.write("clean.py", "from budget_types import Budget\n\n\ndef make() -> Budget:\n    return Budget(1)\n")
    project.write("user.py", "import clean\n\nclean.__budget_types_checkpoint__\n")
    result = project.run(sys.executable, "-m", "mypy", "--linecount-report", "report", "clean.py", "user.py")
    assert 'Module has no attribute "__budget_types_checkpoint__"' in result.stdout
    counts = (project.root / "report" / "linecount.txt").read_text(encoding="utf-8")
    assert [line.split() for line in counts.splitlines() if line.endswith("clean")] == [["5", "5", "1", "1", "clean"]]


@pytest.mark.skipif(MYPY < (1, 19), reason="mypy 1.18 knows no codes of plugins in its options")
def test_codes_obey_mypys_switches(project: Project) -> None:
    assert project.mypy("--disable-error-code", "use-after-move") == EXPECTED[-1:]
    assert project.mypy("--disable-error-code", "affine") == []
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[mypy-user]\ndisable_error_code = move-of-borrowed\n")
    assert project.mypy() == EXPECTED[:-1]


def test_minting_in_every_mode(project: Project) -> None:
    """What the daemon says after each edit, of the settings, too, is what a fresh and a warm run say."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("lib.py", HOLDER)
    project.write("user.py", MINTING)
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nstrict = True\n[budget-types]\nmint = lib\n")
    edits = [
        ("lib.py", "", "", ["child", "top"]),
        ("mypy.ini", "mint = lib", "mint = lib, user", []),
        ("lib.py", "self.name", "self.budget = budget.split(1)\n        self.name", ["child"]),
        ("lib.py", "self.budget =", "self.other =", ["child"]),
        ("lib.py", "self.other =", "part =", []),
        ("user.py", "print(holder)\n    take(Budget(50))", "print(holder)\n    take(Budget(0))", []),
        ("mypy.ini", "lib, user", "lib", ["top"]),
        ("user.py", "budget-minted", "truthy-bool", []),
    ]
    for name, old, new, expected in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        lines = {"child": 9, "top": 13}
        assert [position(line) for line in fresh] == [("user.py", lines[function]) for function in expected]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        if MYPY >= (2, 0):
            assert project.mypy("-n", "2", "--cache-dir=.parallel") == fresh, f"parallel, after {old!r} became {new!r}"
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"


# Each asks for the members of its own class, and of the other one's, and in functions alone.
OURS = """
    # mypy: enable-error-code=budget-minted
    from __future__ import annotations

    from dataclasses import dataclass
    from typing import Protocol

    import theirs
    from budget_types import Borrowed, Budget


    class Reads(Protocol):
        def read(self, budget: Borrowed[Budget]) -> None: ...


    @dataclass
    class Base:
        name: str


    @dataclass(order=True)
    class Ours(Base):
        budget: Budget

        def read(self, budget: Budget) -> None: ...


    def take(budget: Budget) -> None: ...


    def own(one: Ours) -> None:
        print(one)
        take(Budget(1))


    def other(one: theirs.Theirs) -> None:
        print(one)
        take(Budget(1))


    def start(name: str) -> theirs.Theirs:
        raise NotImplementedError


    def reads() -> Reads:
        return start("x")
"""
THEIRS = (
    OURS.replace("Ours", "They")
    .replace("theirs.Theirs", "ours.Ours")
    .replace("theirs", "ours")
    .replace("They", "Theirs")
)


def test_modules_that_depend_on_each_others_fields(project: Project) -> None:
    """What mypy makes anew in every check of a module is not new, or an update would never end."""
    project.empty()
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[budget-types]\nmint = ours, theirs\n")
    project.write("ours.py", OURS)
    project.write("theirs.py", THEIRS)
    in_ours, in_theirs = [("ours.py", 33), ("theirs.py", 38)], [("ours.py", 38), ("theirs.py", 33)]
    reads = [("ours.py", 46), ("theirs.py", 46)]
    budget, name = "    budget: Budget\n\n    def", "    name: str\n\n\n"
    number, owned = "    number: int\n\n    def", "    name: Budget\n\n\n"
    taken, lent = "    def read(self, budget: Budget)", "    def read(self, budget: Borrowed[Budget])"
    edits = [
        ("ours.py", "", "", [*in_ours, *in_theirs, *reads]),
        ("ours.py", "    print(one)\n", "    print(one)  # A comment.\n", [*in_ours, *in_theirs, *reads]),
        ("theirs.py", budget, "    budget: int\n\n    def", [*in_ours, *reads]),
        ("ours.py", budget, number, reads),
        ("ours.py", name, owned, [*in_ours, *reads]),
        ("ours.py", owned, name, reads),
        ("theirs.py", name, "    pass\n\n\n", reads),
        ("theirs.py", "    pass\n\n\n", owned, [*in_theirs, *reads]),
        ("theirs.py", "class Theirs(Base)", "class Theirs", reads),
        ("ours.py", number, budget, [*in_ours, *reads]),
        ("theirs.py", "class Theirs", "class Theirs(Base)", [*in_ours, *in_theirs, *reads]),
        ("theirs.py", taken, lent, [*in_ours, *in_theirs, ("theirs.py", 46)]),
        ("ours.py", taken, lent, [*in_ours, *in_theirs]),
    ]
    for file, old, new, expected in edits:
        project.edit(file, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == sorted(expected), f"after {old!r} became {new!r}"
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"


def test_a_module_that_depends_on_its_own_fields(project: Project) -> None:
    project.empty()
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[budget-types]\nmint = ours\n")
    project.write("first.py", "import ours\n\nFIRST = 1\n")
    alone = OURS.replace("import theirs", "import first").replace("theirs.Theirs", "Ours").replace("(Base)", "")
    project.write("ours.py", alone)
    expected = [("ours.py", 33), ("ours.py", 38), ("ours.py", 46)]
    edits = [
        ("first.py", "", ""),
        ("first.py", "FIRST = 1", "FIRST = str()"),
        ("ours.py", "raise NotImplementedError", "raise ValueError(name, first.FIRST)"),
        ("first.py", "FIRST = str()", "FIRST = 1"),
        ("ours.py", 'start("x")', "start(first.FIRST)"),
        ("first.py", "FIRST = 1", "FIRST = int"),
        ("first.py", "FIRST = int", "FIRST = 1"),
    ]
    for name, old, new in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh if "[arg-type]" not in line] == expected
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"


# Where mypy's daemon analyses a module's own body again, `label` is defined twice, by its first assignment and by its
# setter; and where it analyses `Changed.__init__` again, `T` is out of place there. A fresh run says neither.
ANALYSED_ONCE = """
    # mypy: enable-error-code=budget-minted
    from __future__ import annotations

    from typing import Generic, Protocol, TypeVar

    import held
    from budget_types import Borrowed, Budget

    T = TypeVar("T")


    class Reads(Protocol):
        def read(self, budget: Borrowed[Budget]) -> None: ...


    def take(budget: Budget) -> None: ...


    class Tab:
        def __init__(self, label: str) -> None:
            self._label: str
            self.label = label

        @property
        def label(self) -> str:
            return self._label

        @label.setter
        def label(self, label: str) -> None:
            self._label = label


    class Select(Generic[T]):
        class Changed:
            def __init__(self, select: Select[T], one: held.Held) -> None:
                print(f"{one}", select)
                take(Budget(1))


    THIS: Reads = held.Held()
"""
HELD_ONCE = """
    from budget_types import Budget


    class Held:
        name: str

        def read(self, budget: Budget) -> None: ...
"""


def test_nothing_is_analysed_again_that_mypy_would_not(project: Project) -> None:
    """In the daemon, what is found in bodies follows a class's fields, and mypy itself says what it says without us."""
    project.empty()
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nstrict = True\n[budget-types]\nmint = tabs\n")
    project.write("held.py", HELD_ONCE)
    project.write("tabs.py", ANALYSED_ONCE)
    edits = [
        ("held.py", "    name: str\n", "    name: str\n    number: int\n", []),
        ("held.py", "    number: int\n", "    number: Budget\n", [38]),
        ("held.py", "class Held", "# A comment.\nclass Held", [38]),
        ("held.py", "    number: Budget\n", "    number: int\n", []),
    ]
    assert project.daemon() == project.fresh()
    for name, old, new, expected in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [("tabs.py", line) for line in [*expected, 41]]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"


# Edited in one body after another.
BODIES = """
    # mypy: enable-error-code=budget-minted
    from collections.abc import Iterator
    from typing import TypeVar

    import held
    from budget_types import Budget

    T = TypeVar("T")
    COMPANY: Budget | None = None


    def first(
        budget: Budget,
    ) -> int:
        held.take(budget)
        return 1


    def second(budget: Budget) -> Iterator[int]:
        held.take(budget)
        print(budget)
        return iter([first(budget)])


    class Holder:
        def __init__(self, name: str) -> None:
            self.name = name


    def third(holder: Holder, other: held.Held) -> None:
        part = other.part
        print(part)


    def fourth(budget: Budget) -> None:
        numbers = second(budget)
        print(list(numbers))


    def pair(value: T) -> list[T]:
        return [value]


    def paired(budget: Budget) -> object:
        return pair(budget)


    def minted(other: held.Held) -> None:
        print(other)
        held.take(Budget(1))
"""
HELD = """
    from budget_types import Budget


    def take(budget: Budget) -> None: ...


    class Held:
        def __init__(self, part: int) -> None:
            self.part = part
"""
_BETWEEN = "\n\ndef between(budget: Budget) -> None:\n    held.take(budget)\n"
_WITHIN = "\n    def between(budget: Budget) -> None:\n        held.take(budget)\n"
BODY_EDITS = [
    # Lines become more, and fewer, above what is wrong, in it, and below.
    ("bodies.py", "    return 1\n", "    print(budget)\n    return 1\n"),
    ("bodies.py", "    return 1\n", "    return 2\n"),
    ("bodies.py", "    print(budget)\n    return 2\n", "    return 2\n"),
    ("bodies.py", "    print(part)\n", "    mine = part\n    print(part, mine)\n"),
    ("bodies.py", "    print(budget)\n    return iter", "    return iter"),
    ("bodies.py", "    return 2\n", "    # Only a comment.\n    return 2\n"),
    ("bodies.py", "    print(list(numbers))\n", "    print(list(numbers), budget)\n"),
    # What concerns more than the body that it stands in.
    ("bodies.py", "    return iter([first(budget)])\n", "    yield 1\n"),
    ("bodies.py", "    yield 1\n", "    yield 1\n    yield 2\n"),
    ("bodies.py", "    # Only a comment.\n", "    global COMPANY\n    COMPANY = Budget(1)\n"),
    ("bodies.py", "    COMPANY = Budget(1)\n", "    COMPANY = Budget(1)\n    mine = COMPANY\n"),
    ("bodies.py", "    global COMPANY\n    COMPANY = Budget(1)\n    mine = COMPANY\n", ""),
    ("bodies.py", "    return 2\n", "# mypy: disable-error-code=use-after-move\n    return 2\n"),
    ("bodies.py", "# mypy: disable-error-code=use-after-move\n", ""),
    ("bodies.py", "self.name = name", "self.name, self.budget = name, Budget(1)"),
    ("bodies.py", "    print(part, mine)\n", "    mine, yours = holder.budget, holder.budget\n"),
    ("bodies.py", "    mine, yours = holder.budget", "    yours = holder.budget"),
    ("bodies.py", "    return [value]\n", "    return [value, value]\n"),
    ("bodies.py", "    return [value, value]\n", "    return [*[value]]\n"),
    # What was found twice over depends on other modules still.
    ("bodies.py", "    return 2\n", "    return 3\n"),
    ("bodies.py", "    return 3\n", "    return 4\n"),
    ("held.py", "part: int", "part: Budget"),
    ("bodies.py", "    return 4\n", "    return 5\n"),
    ("bodies.py", "    return 5\n", "    return 6\n"),
    ("held.py", "self.part = part", "self.piece = part"),
    ("bodies.py", "    return 6\n", "    return 1\n"),
    ("bodies.py", "    return 1\n", "    return 6\n"),
    ("held.py", "take(budget: Budget)", "take(budget: Borrowed[Budget])"),
    ("bodies.py", "    return 6\n", "    return 7\n"),
    ("held.py", "import Budget", "import Borrowed, Budget"),
    ("bodies.py", "    return 7\n", "    return 8\n"),
    # A body that takes what follows it, and one that gives it back; and a signature.
    ("bodies.py", "    return 8\n", f"    return 8\n{_BETWEEN}"),
    ("bodies.py", _BETWEEN, _WITHIN),
    ("bodies.py", _WITHIN, _BETWEEN),
    ("bodies.py", "    budget: Budget,\n", "    budget: Borrowed[Budget],\n"),
    ("bodies.py", "import Budget\n", "import Borrowed, Budget\n"),
    ("bodies.py", "    return 8\n", "    return 9\n"),
    ("bodies.py", "    return 9\n", "    mine = budget\n    return 9\n"),
]


def test_bodies_that_are_edited_one_after_another(project: Project) -> None:
    """What was found in the others stands, as long as nothing but a body has changed."""
    project.empty()
    project.write("held.py", HELD)
    project.write("bodies.py", BODIES)
    assert project.daemon() == project.fresh() != []
    for file, old, new in BODY_EDITS:
        project.edit(file, old, new)
        assert project.daemon() == project.fresh(), f"after {old!r} became {new!r}"


LOWERED = """
import sys
from pathlib import Path

from mypy.dmypy_server import Server, process_start_options

import mypy_plugin.analysis

lower, lowered = mypy_plugin.analysis.lower_function, []


def lowers(module, function, name):
    lowered.append(name)
    return lower(module, function, name)


mypy_plugin.analysis.lower_function = lowers
server = Server(process_start_options(["--config-file", "mypy.ini"], allow_sources=False), "no-status-file")
text = Path("bodies.py").read_text()
edits = [("", ""), ("return 1", "return 20"), ("print(list(numbers))", "print(budget)"), ("-> int:", "-> float:")]
for old, new in edits:
    text = text.replace(old, new) if old else text
    Path("bodies.py").write_text(text)
    server.cmd_check(["bodies.py", "held.py"], export_types=False, is_tty=False, terminal_width=80)
    print(*sorted(set(lowered)))
    lowered.clear()
"""


CLASS_BODIES = """
    from functools import lru_cache
    from typing import Callable, NamedTuple, TypeVar

    from budget_types import Budget
    from made import amount

    F = TypeVar("F", bound=Callable[..., object])
    BUDGET = Budget(1)


    def marked(budget: Budget) -> Callable[[F], F]:
        budget.close()
        return lambda function: function


    class Method(NamedTuple):
        key: str
        method: Callable[[int], str]


    class Team:
        budget = Budget(1)

        def describe(self, method: Method) -> str:
            return f"{method.method(amount())}."


    @marked(BUDGET)
    def other() -> int:
        return amount()


    @lru_cache
    @marked(BUDGET)
    def third() -> int:
        return amount()
"""


def test_a_modules_own_body_when_only_its_functions_are_checked_again(project: Project) -> None:
    """What mypy makes of an f-string in them is on no line."""
    project.empty()
    project.write("made.py", "def amount() -> int:\n    return 1\n")
    project.write("classes.py", CLASS_BODIES)
    before = project.fresh()
    assert len(before) > 1
    assert project.daemon() == before
    for old, new in [("-> int", "-> bool"), ("-> bool", "-> int"), ("-> int", "-> str"), ("-> str", "-> int")]:
        project.edit("made.py", old, new)
        assert project.daemon() == project.fresh(), new


GENERIC_IN_ERROR = """
    from typing import Callable, TypeVar

    T = TypeVar("T")
    F = TypeVar("F", bound=Callable[..., object])


    def same(function: F) -> F:
        return function


    class Kept:
        def give(self, value: T) -> T:
            wrong: int = ""
            return self.keep(value)

        @same
        def keep(self, value: T) -> T:
            return value
"""


def test_the_daemon_checks_a_generic_body_as_it_would_without_us(project: Project) -> None:
    """With the whole module, mypy would not know yet what is decorated further down."""
    for name in ("user", "left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("kept.py", GENERIC_IN_ERROR)
    before = project.fresh()
    assert [line.split(":")[0] for line in before] == ["kept.py"]
    for text in (" Once.", " Twice."):
        assert project.daemon() == before
        project.edit("lib.py", "\n\n", f"\n#{text}\n\n")
    assert project.daemon() == before


DECORATED_FURTHER_DOWN = """
    from typing import Callable, TypeVar

    from budget_types import Budget

    F = TypeVar("F", bound=Callable[..., object])

    wrong: int = ""


    def same(function: F) -> F:
        return function


    def take(budget: Budget) -> None: ...


    class Team:
        def fields(self) -> None:
            self.mine = 1
            budget = self.give()
            take(budget)
            take(budget)

        def more(self) -> None:
            budget = self.give()
            take(budget)
            take(budget)

        @same
        def give(self) -> Budget:
            return Budget(1)


    @same
    def early() -> None:
        budget = late()
        take(budget)
        take(budget)


    @same
    def late() -> Budget:
        return Budget(1)
"""


def test_the_daemon_checks_a_modules_own_body_again_with_an_error_in_it(project: Project) -> None:
    """And, since mypy 2, all functions with it: those above what is decorated see `Any` there."""
    for name in ("user", "left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("further.py", DECORATED_FURTHER_DOWN)
    before = project.fresh()
    assert len(before) == 4
    for text in (" Once.", " Twice."):
        assert project.daemon() == before
        project.edit("lib.py", "\n\n", f"\n#{text}\n\n")
    assert project.daemon() == before


def test_a_body_is_judged_alone_when_it_alone_has_changed(project: Project) -> None:
    project.write("held.py", HELD)
    project.write("bodies.py", BODIES)
    done = project.run(sys.executable, "-c", LOWERED)
    assert done.returncode == 0, done.stderr
    every = "first fourth minted paired second"
    assert done.stdout.splitlines() == [f"{every} take", every, "fourth", every]


def test_generic_bodies_in_every_mode(project: Project) -> None:
    """What a generic function does with its `T` is known to its callers in each mode, and after each edit of it."""
    project.empty()
    project.write("tools.py", TOOLS)
    project.write("between.py", BETWEEN)
    project.write("user.py", GENERIC_USER)
    project.write("ping.py", PING)
    project.write("pong.py", PONG)
    cycle = [("ping.py", 15), ("pong.py", 17)]
    edits = [
        ("", "", "", ["direct", "indirect", "method"], cycle),
        ("tools.py", "return value, value", "raise NotImplementedError", ["method"], cycle),
        ("between.py", "tools.pair(value)", "[value, value]", ["indirect", "method"], cycle),
        ("between.py", "[value, value]", "tools.pair(value)", ["method"], cycle),
        ("tools.py", "raise NotImplementedError", "return value, value", ["direct", "indirect", "method"], cycle),
        ("tools.py", "class Box", "# a comment\nclass Box", ["direct", "indirect", "method"], cycle),
        ("tools.py", "return self.item", "raise NotImplementedError", ["direct", "indirect"], cycle),
        ("user.py", "tools.pair(1)", "tools.pair(2)", ["direct", "indirect"], cycle),
        ("pong.py", "[value, value]", "[value]", ["direct", "indirect"], []),
        ("pong.py", "[value]", "[value, value]", ["direct", "indirect"], cycle),
    ]
    lines = {"direct": 8, "indirect": 12, "method": 16}
    for name, old, new, expected, others in edits:
        if name:
            project.edit(name, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [*others, *(("user.py", lines[one]) for one in expected)]
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        if MYPY >= (2, 0):
            assert project.mypy("-n", "2", "--cache-dir=.parallel") == fresh, f"parallel, after {old!r} became {new!r}"


# An overload is one function by its name, and in the first part of it there is nothing that has a type.
OVERLOADED = """
    from __future__ import annotations

    from typing import Generic, TypeVar, overload

    from budget_types import Budget

    T = TypeVar("T")


    class Box(Generic[T]):
        def __init__(self, item: T) -> None:
            self.item = item

        @overload
        def both(self: Box[int]) -> list[int]:
            pass

        @overload
        def both(self: Box[T]) -> list[T]: ...

        def both(self) -> object:
            return [self.item, self.item]

        @property
        def doubled(self) -> list[T]:
            return [self.item, self.item]

        @doubled.setter
        def doubled(self, item: T) -> None:
            pass


    def use(box: Box[Budget]) -> object:
        return box.both()
"""


def test_the_daemon_is_done_with_overloads_that_have_nothing_in_them(project: Project) -> None:
    for name in ("lib", "left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("user.py", OVERLOADED)
    edits = [
        ("", "# A comment.", [35]),
        ("return [self.item, self.item]\n\n    @property", "return [self.item]\n\n    @property", [35]),
        ("return [self.item]\n\n    @property", "raise ValueError\n\n    @property", []),
    ]
    for old, new, expected in edits:
        project.edit("user.py", old, new) if old else project.write("lib.py", new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [("user.py", line) for line in expected]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"


def test_the_daemon_sees_that_settings_change(project: Project) -> None:
    """It compares versions of plugins, not what they report as their configuration."""
    project.write("other.py", "class Token: ...\n\n\ndef f(token: Token) -> None:\n    a = token\n    b = token\n")
    project.write("mypy.ini", "[mypy]\nplugins = budget_types.mypy\n[budget-types]\naffine =\n")
    assert project.daemon() == project.fresh() == EXPECTED
    project.edit("mypy.ini", "affine =", "affine = other.Token")
    assert project.daemon() == project.fresh()
    assert len(project.fresh()) == len(EXPECTED) + 1


def test_a_class_is_affine_by_any_name_it_has(project: Project) -> None:
    """mypy checks a module of a package before it has read the package that gives its names away."""
    (project.root / "pkg").mkdir()
    project.write("pkg/__init__.py", "from .api import twice as twice\nfrom .models import Token as Token\n")
    project.write("pkg/models.py", "class Token: ...\n")
    project.write(
        "pkg/api.py",
        """
        from .models import Token

        def twice(token: Token) -> list[Token]:
            return [token, token]
        """,
    )
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine = pkg.Token\n")
    project.write("ends.py", "")
    (report,) = [line for line in project.fresh() if line.startswith("pkg")]
    assert position(report) == ("pkg/api.py", 5)
    assert project.mypy() == project.mypy() == project.fresh() == project.daemon()


def test_functions_that_mypy_does_not_check(project: Project) -> None:
    source = "from lib import give, take\n\n\ndef f():\n    b = give()\n    take(b)\n    take(b)\n"
    project.write("mypy.ini", "[mypy]\nplugins = budget_types.mypy\n")
    project.write("untyped.py", source)
    assert project.fresh() == EXPECTED
    assert len(project.mypy("--check-untyped-defs", "--cache-dir", os.devnull)) == len(EXPECTED) + 1


@pytest.mark.parametrize("options", [["--no-site-packages"], ["--follow-imports=skip"]], ids=" ".join)
def test_a_missing_package_is_one_loud_error(project: Project, options: list[str]) -> None:
    """Where mypy cannot see `budget_types`, every check would be silent: in pre-commit's environment, say."""
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nignore_missing_imports = True\n")
    result = project.run(sys.executable, "-m", "mypy", *options, "ends.py")
    assert errors(result) == [
        'ends.py:4: error: mypy cannot find "budget_types", so every budget in this module is Any and nothing is'
        " checked  [affine]"
    ]


def test_a_bug_of_ours_is_one_error_and_mypys_result_is_whole(project: Project) -> None:
    project.write(
        "broken.py",
        """
        import mypy_plugin.analysis
        from mypy_plugin import plugin

        def fail(*args: object) -> None:
            raise ZeroDivisionError("no such luck")

        mypy_plugin.analysis.findings = fail
        """,
    )
    project.write("mypy.ini", "[mypy]\nplugins = broken.py\n")
    project.write("ends.py", ENDS)
    project.edit("ends.py", "sys.exit(main(budget))", 'x: int = "no"')
    result = project.run(sys.executable, "-m", "mypy", "--show-traceback", "ends.py")
    assert result.stdout.splitlines()[:3] == [
        "ends.py:1: error: budget-types failed on this module and did not check it: ZeroDivisionError: no such luck"
        "  [affine]",
        "ends.py:1: note: hint: please report it, with the traceback that --show-traceback prints",
        'ends.py:15: error: Incompatible types in assignment (expression has type "str", variable has type "int")'
        "  [assignment]",
    ]
    assert "ZeroDivisionError: no such luck" in result.stderr
    assert result.returncode == 1


PROMISES = """
    from collections.abc import Callable
    from typing import Protocol

    from budget_types import Borrowed, Budget


    class Tool:
        def run(self, budget: Borrowed[Budget]) -> None: ...


    class Reader(Protocol):
        def read(self, budget: Borrowed[Budget]) -> None: ...


    def keep(budget: Budget) -> None: ...


    def lend_to(reader: Callable[[Borrowed[Budget]], None]) -> None: ...


    def read_with(reader: Reader) -> None: ...
"""

# No function has an affine expression in it, and the class has none at all.
BREAKS = """
    from lib import Tool, keep, lend_to, read_with
    from readers import Own

    from budget_types import Budget


    class Search(Tool):
        def run(self, budget: Budget) -> None: ...


    def callables() -> None:
        lend_to(keep)


    def objects() -> None:
        read_with(Own())


    def inside() -> Tool:
        class Local(Tool):
            def run(self, budget: Budget) -> None: ...

        return Local()
"""

READERS = """
    from budget_types import Borrowed, Budget


    class Own:
        def read(self, budget: Budget) -> None: ...
"""


def test_promises_in_every_mode(project: Project) -> None:
    """A promise that comes or goes in another module is seen where it is broken."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("lib.py", PROMISES)
    project.write("user.py", BREAKS)
    project.write("readers.py", READERS)
    lines = {"run": 9, "callables": 13, "objects": 17, "inside": 22}
    edits = [
        ("lib.py", "", "", ["run", "callables", "objects", "inside"]),
        (
            "lib.py",
            "def run(self, budget: Borrowed[Budget])",
            "def run(self, budget: Budget)",
            ["callables", "objects"],
        ),
        ("lib.py", "Callable[[Borrowed[Budget]]", "Callable[[Budget]", ["objects"]),
        ("lib.py", "def read(self, budget: Borrowed[Budget])", "def read(self, budget: Budget)", []),
        ("lib.py", "def run(self, budget: Budget)", "def run(self, budget: Borrowed[Budget])", ["run", "inside"]),
        (
            "lib.py",
            "def read(self, budget: Budget)",
            "def read(self, budget: Borrowed[Budget])",
            ["run", "objects", "inside"],
        ),
        ("readers.py", "budget: Budget", "budget: Borrowed[Budget]", ["run", "inside"]),
        ("readers.py", "budget: Borrowed[Budget]", "budget: Budget", ["run", "objects", "inside"]),
        ("lib.py", "Callable[[Budget]", "Callable[[Borrowed[Budget]]", ["run", "callables", "objects", "inside"]),
        ("lib.py", "def keep(budget: Budget)", "def keep(budget: Borrowed[Budget])", ["run", "objects", "inside"]),
        ("lib.py", "def run(", "def walk(", ["objects"]),
        ("lib.py", "def walk(", "def run(", ["run", "objects", "inside"]),
        (
            "user.py",
            "Tool):\n    def run(self, budget: Budget)",
            "Tool):\n    def run(self, budget: object)",
            ["objects", "inside"],
        ),
    ]
    for name, old, new, expected in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [("user.py", lines[place]) for place in expected]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        if MYPY >= (2, 0):
            assert project.mypy("-n", "2", "--cache-dir=.parallel") == fresh, f"parallel, after {old!r} became {new!r}"
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"


def test_settings_that_are_wrong_for_a_while(project: Project) -> None:
    """They are one error in every way of running mypy. The daemon begins again, and goes on once they are right."""
    wrong = 'mypy.ini: [budget-types] affine: "nonsense" must be a full name, with its module, such as'
    right = "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine =\n"
    project.write("mypy.ini", right)
    assert project.daemon() == EXPECTED
    for _ in range(2):
        project.edit("mypy.ini", "affine =", "affine = nonsense")
        for command in (["-m", "mypy", "."], [*project.dmypy[1:], "run", "--", "--cache-dir=.daemon", "."]) * 2:
            result = project.run(sys.executable, *command)
            assert result.returncode == 2
            assert result.stderr.startswith(wrong) and result.stderr.count("\n") == 1
        project.write("mypy.ini", right)
        project.edit("ends.py", "def main", "# a comment\ndef main")
        assert project.daemon() == project.fresh() == project.mypy()


def test_a_daemon_that_begins_with_wrong_settings(project: Project) -> None:
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n[budget-types]\naffine = nonsense\n")
    for _ in range(2):
        result = project.run(*project.dmypy, "run", "--timeout", "60", "--", "--cache-dir=.daemon", ".")
        assert result.returncode == 2
        assert result.stderr.startswith("mypy.ini: [budget-types] affine: ") and result.stderr.count("\n") == 1
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\n")
    assert project.daemon() == EXPECTED


SETTLED = """
    from collections.abc import Callable
    from typing import Any

    from budget_types import Borrowed, Budget


    class Token: ...


    class Store:
        def peek(self) -> Budget:
            raise NotImplementedError


    class Run:
        budget: Budget


    def look(one: Budget, two: Budget) -> None: ...


    def start(function: Callable[..., Any], *args: object) -> None: ...


    async def work(budget: Borrowed[Budget]) -> None: ...
"""

# Each function has an error, or has none, by one of the settings.
UNSETTLED = """
    from lib import Budget, Run, Store, Token, look, start, work


    def token(token: Token) -> list[Token]:
        return [token, token]


    def minted() -> Budget:
        return Budget(1)


    def looked_at(budget: Budget) -> None:
        look(budget, budget)


    def lent(store: Store) -> Budget:
        part = store.peek()
        return part


    def started(budget: Budget) -> None:
        start(work, budget)
        start(work, budget)


    async def context(run: Run) -> None:
        mine = run.budget
"""

_LINES = {"token": 6, "minted": 10, "looked_at": 14, "lent": 19, "started": 24, "context": 28}
_ALWAYS = {"minted", "looked_at", "context"}


@pytest.mark.skipif(MYPY < (1, 19), reason="mypy 1.18 knows no codes of plugins in its options")
def test_whatever_is_set_counts_in_every_mode(project: Project) -> None:
    """Nothing in a cache, and nothing that the daemon remembers, outlives the settings that it was found with."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("lib.py", SETTLED)
    project.write("user.py", UNSETTLED)
    minted = "enable_error_code = budget-minted\n"
    settings = [
        (minted, "", _ALWAYS),
        (minted, "[budget-types]\naffine = lib.Token\n", _ALWAYS | {"token"}),
        (minted, "[budget-types]\nmint = user\n", _ALWAYS - {"minted"}),
        (minted, "[budget-types.containers]\nlook = lib.look\n", _ALWAYS - {"looked_at"}),
        (minted, "[budget-types.containers]\nlend = lib.Store.peek\n", _ALWAYS | {"lent"}),
        (minted, "[budget-types.containers]\ncontexts = lib.Run\n", _ALWAYS - {"context"}),
        (minted, "[budget-types.tasks]\nstart = lib.start\n", _ALWAYS | {"started"}),
        ("", "", _ALWAYS - {"minted"}),
        ("ignore_errors = True\n", "", set[str]()),
        (minted, "", _ALWAYS),
    ]
    for options, section, expected in settings:
        # Below [mypy] itself, codes of plugins end mypy's daemon before it has loaded any.
        project.write(
            "mypy.ini",
            "[mypy]\nplugins = mypy_plugin\nimplicit_reexport = True\n[mypy-user]\nwarn_unreachable = True\n"
            f"{options}{section}",
        )
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [
            ("user.py", line) for function, line in _LINES.items() if function in expected
        ]
        assert project.mypy() == fresh, f"warm, with {options + section!r}"
        assert project.daemon() == fresh, f"daemon, with {options + section!r}"


def test_another_version_of_the_plugin(project: Project) -> None:
    """An upgrade, or an edit of a checkout, is seen by the cache, and by `dmypy run`."""
    package = Path(mypy_plugin.__file__).parent
    # mypy is started with `-m` here, and so finds this one first.
    shutil.copytree(package, project.root / "mypy_plugin", ignore=shutil.ignore_patterns("__pycache__"))
    project.write("mypy.ini", "[mypy]\nplugins = mypy_plugin\nexclude = mypy_plugin/\n")
    assert project.mypy() == project.daemon() == project.fresh() == EXPECTED
    project.edit("mypy_plugin/wording/moved.py", "used after", "seen after")
    other = [line.replace("used after", "seen after") for line in EXPECTED]
    assert project.mypy() == project.daemon() == project.fresh() == other != EXPECTED


def test_a_mark_that_comes_and_goes(project: Project) -> None:
    """mypy's daemon does not compare what a plugin says of a class, so we have to tell it."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write(
        "lib.py",
        """
        from budget_types.ownership import affine, consumes

        class Token:
            def finish(self) -> None: ...

        class Child(Token): ...

        def give() -> Child:
            raise NotImplementedError

        def take(token: Token) -> None: ...
        """,
    )
    # Neither names the class, and `first` has no call in it, nor an attribute.
    project.write("between.py", "from lib import give as give, take as take\n\nONE = give()\n")
    project.write(
        "user.py",
        """
        from between import ONE, give, take

        def calls() -> None:
            token = give()
            take(token)
            take(token)

        def first() -> None:
            mine = ONE

        def method() -> None:
            token = give()
            token.finish()
            token.finish()
        """,
    )
    lines = {"calls": 7, "first": 10, "method": 15}
    edits = [
        ("lib.py", "class Token", "@affine\nclass Token", ["calls", "first"]),
        ("lib.py", "    def finish", "    @consumes\n    def finish", ["calls", "first", "method"]),
        ("lib.py", "@affine\nclass Token", "class Token", []),
        ("between.py", "ONE = give()", "# a comment\nONE = give()", []),
        ("lib.py", "class Token", "@affine\nclass Token", ["calls", "first", "method"]),
        ("lib.py", "    @consumes\n", "", ["calls", "first"]),
        ("lib.py", "@affine\nclass Token", "@affine(must_use=True)\nclass Token", None),
        ("lib.py", "@affine(must_use=True)\nclass Token", "class Token", []),
    ]
    for name, old, new, expected in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        if expected is not None:
            assert [position(line) for line in fresh] == [("user.py", lines[one]) for one in expected]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"


def test_the_first_budget_of_a_program(project: Project) -> None:
    """The daemon has looked at modules in vain, as long as nothing of ours was among them."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("lib.py", "COMPANY = 1_000\n")
    project.write("between.py", "from lib import COMPANY as COMPANY\n")
    # No call, no operator and no attribute: mypy checks the function without a hook.
    project.write("user.py", "from between import COMPANY\n\n\ndef without_a_call() -> None:\n    mine = COMPANY\n")
    assert project.daemon() == []
    project.write("lib.py", "from budget_types import Budget\n\nCOMPANY = Budget(1_000)\n")
    fresh = project.fresh()
    assert [position(line) for line in fresh] == [("user.py", 5)]
    assert project.daemon() == fresh


PROCESSED = """
import sys
from pathlib import Path

from mypy.dmypy_server import Server, process_start_options

server = Server(process_start_options(["--config-file", "mypy.ini", "-v"], allow_sources=False), "no-status-file")
for number in range(3):
    Path("user.py").write_text(sys.argv[1].format(10**number), "utf-8")
    answer = server.cmd_check(["."], export_types=False, is_tty=False, terminal_width=80)
    assert answer["status"] == 0, answer
    print("CHECKED", number, file=sys.stderr)
"""


def test_an_edit_of_a_body_concerns_no_other_module(project: Project) -> None:
    project.write("ends.py", "")
    project.write("left.py", "from budget_types import Budget\n\n\ndef take(budget: Budget) -> None: ...\n")
    project.write("right.py", "import user\nfrom budget_types import Budget\n\n\nuser.give(Budget(10))\n")
    user = "import left\nfrom budget_types import Budget\n\n\ndef give(budget: Budget) -> int:\n    left.take(budget)\n"
    done = project.run(sys.executable, "-c", PROCESSED, user + "    return {}\n")
    assert done.returncode == 0, done.stderr
    _, *updates = done.stderr.split("CHECKED")
    assert [
        ("update single 'user'" in update, re.findall(r"process: (\S+)|with error: (\S+)", update))
        for update in updates
    ] == [
        (True, []),
        (True, []),
        (False, []),
    ]


def test_the_first_budget_concerns_those_that_import_it(project: Project) -> None:
    for name in ("lib", "ends"):
        project.write(f"{name}.py", "")
    project.write("right.py", "def far() -> int:\n    return len([1])\n")
    project.write("left.py", "import user\n\n\ndef above() -> int:\n    return user.near()\n")
    user = "import sys\n\n\ndef near() -> int:\n    return len(sys.argv)\n"
    texts = [user, f"import budget_types\n{user}", f"{user}\n"]
    processed = PROCESSED.replace("sys.argv[1].format(10**number)", "sys.argv[1 + number]")
    done = project.run(sys.executable, "-c", processed, *texts)
    assert done.returncode == 0, done.stderr
    _, comes, _, _ = done.stderr.split("CHECKED")
    found = re.findall(r"process: (\S+)", comes)
    assert "right.__budget_types_checkpoint__" in found
    assert not {"right", "right.far"}.intersection(found)
    assert [found.count(one) for one in ("left", "left.above")] == [1, 1]


def test_a_run_with_everything_in_its_cache_does_not_wait_for_the_checker(project: Project) -> None:
    for name in ("left", "right", "ends", "user"):
        project.write(f"{name}.py", "")
    assert project.mypy() == []
    done = project.run(sys.executable, "-X", "importtime", "-m", "mypy", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    imported = set(re.findall(r"\| +((?:mypy_plugin|budget_types)[\w.]*)$", done.stderr, re.MULTILINE))
    assert "mypy_plugin.hooks" in imported
    assert imported.isdisjoint({"mypy_plugin.judging", "mypy_plugin.lower", "mypy_plugin.typing_facts", "budget_types"})
