"""The daemon after edits of bodies: what it checks again is judged again, in no other way than a fresh run would."""

from __future__ import annotations

import sys

from modes import Project, position

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


def test_a_body_is_judged_alone_when_it_alone_has_changed(project: Project) -> None:
    project.write("held.py", HELD)
    project.write("bodies.py", BODIES)
    done = project.run(sys.executable, "-c", LOWERED)
    assert done.returncode == 0, done.stderr
    every = "first fourth minted paired second"
    assert done.stdout.splitlines() == [f"{every} take", every, "fourth", every]


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
