"""What one module is judged by in another, in every mode: bodies of generic functions, promises, fields and marks."""

from __future__ import annotations

from expectations import MYPY
from modes import Project, position

HOLDER = """
    from budget_types import Budget


    def take(budget: Budget) -> None: ...


    class Holder:
        def __init__(self, budget: Budget) -> None:
            self.name = budget.remaining
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


def test_a_field_that_comes_to_borrow(project: Project) -> None:
    """Who has an object of a class, and names neither that nor the field, is judged by what it borrows."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write(
        "lib.py",
        """
        from __future__ import annotations

        from dataclasses import dataclass

        from budget_types import Borrowed, Budget, Shared

        class Base:
            topic: str

        @dataclass
        class Deps(Base):
            topic: str
            budget: int

        def give() -> Deps:
            raise NotImplementedError

        async def job(deps: Deps) -> None: ...
        """,
    )
    project.write("between.py", "from lib import give as give, job as job\n\nONE = give()\n")
    project.write(
        "user.py",
        """
        import asyncio

        from between import ONE, give, job

        async def one() -> None:
            deps = give()
            await asyncio.gather(job(deps), job(deps))

        async def other() -> None:
            await asyncio.gather(job(ONE), job(ONE))
        """,
    )
    edits = [
        ("lib.py", "budget: int", "budget: Borrowed[Budget]", [8, 11]),
        ("lib.py", "budget: Borrowed[Budget]", "budget: Shared[Budget]", []),
        ("lib.py", "budget: Shared[Budget]", "budget: Budget", []),
        ("lib.py", "class Base:\n    topic: str", "class Base:\n    spare: Borrowed[Budget]", [8, 11]),
        ("lib.py", "    spare: Borrowed[Budget]", "    pass", []),
    ]
    for name, old, new, lines in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [("user.py", line) for line in lines]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"


def test_what_a_function_makes_of_a_budget(project: Project) -> None:
    """Who calls a function that makes an object is judged by what its body puts into that, here or elsewhere."""
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write(
        "lib.py",
        """
        from __future__ import annotations

        from dataclasses import dataclass

        from budget_types import Borrowed, Budget

        @dataclass
        class Deps:
            budget: Borrowed[Budget]

        def deps_of(budget: Borrowed[Budget]) -> Deps:
            return Deps(budget)

        async def job(deps: Deps) -> None: ...
        """,
    )
    project.write(
        "between.py",
        """
        from budget_types import Borrowed, Budget
        from lib import Deps, deps_of, job as job

        def all_deps(budget: Borrowed[Budget]) -> list[Deps]:
            return [deps_of(budget)]
        """,
    )
    project.write(
        "user.py",
        """
        import asyncio

        from between import all_deps, job
        from budget_types import Borrowed, Budget
        from lib import Deps, deps_of

        def mine(budget: Borrowed[Budget]) -> Deps:
            return Deps(budget)

        async def own(budget: Budget) -> None:
            await asyncio.gather(job(mine(budget)), job(mine(budget)))

        async def one(budget: Budget) -> None:
            await asyncio.gather(job(deps_of(budget)), job(deps_of(budget)))

        async def other(budget: Budget) -> None:
            await asyncio.gather(*(job(deps) for deps in all_deps(budget)))
        """,
    )
    edits = [
        ("lib.py", "", "", [12, 15]),
        ("between.py", "[deps_of(budget)]", "[deps_of(budget) for _ in range(2)]", [12, 15, 18]),
        ("lib.py", "return Deps(budget)", "return Deps(budget.split(1))", [12]),
        ("user.py", "return Deps(budget)", "return Deps(budget.split(1))", []),
        ("lib.py", "return Deps(budget.split(1))", "deps = Deps(budget)\n    return deps", [15, 18]),
        ("user.py", "return Deps(budget.split(1))", "return deps_of(budget)", [12, 15, 18]),
        ("between.py", "[deps_of(budget) for _ in range(2)]", "[]", [12, 15]),
        ("lib.py", "return deps", "return Deps(budget.split(1))", []),
    ]
    for name, old, new, lines in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        assert [position(line) for line in fresh] == [("user.py", line) for line in lines]
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        if MYPY >= (2, 0):
            assert project.mypy("-n", "2", "--cache-dir=.parallel") == fresh, f"parallel, after {old!r} became {new!r}"
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"


# A table of functions from elsewhere, which the function that uses it does not name.
IN_TABLES = """
    from budget_types import Borrowed, Budget


    def search(budget: Borrowed[Budget]) -> int:
        return budget.remaining


    def fetch(budget: Borrowed[Budget]) -> int:
        return budget.remaining
"""
TABLE_USER = """
    from budget_types import Borrowed, Budget
    from lib import fetch, search


    class Kept:
        def __init__(self) -> None:
            self.tools = {"search": search, "fetch": fetch}

        def call(self, name: str, budget: Borrowed[Budget]) -> int:
            return self.tools[name](budget)


    def call(name: str, budget: Borrowed[Budget]) -> int:
        return ALL[name](budget)


    ALL = {"search": search, "fetch": fetch}
"""


def test_tables_of_functions_in_every_mode(project: Project) -> None:
    for name in ("left", "right", "ends"):
        project.write(f"{name}.py", "")
    project.write("lib.py", IN_TABLES)
    project.write("user.py", TABLE_USER)
    edits: list[tuple[str, str, str, list[int]]] = [
        ("lib.py", "", "", []),
        ("lib.py", "fetch(budget: Borrowed[Budget])", "fetch(budget: Budget)", [11, 15]),
        ("user.py", "name: str, budget", "title: str, budget", [11, 15]),
        ("user.py", "[name]", "[title]", [11, 15]),
        ("lib.py", "fetch(budget: Budget)", "fetch(budget: Borrowed[Budget])", []),
    ]
    for name, old, new, expected in edits:
        project.edit(name, old, new)
        fresh = project.fresh()
        found = [position(line) for line in fresh if "move-of-borrowed" in line]
        assert found == [("user.py", line) for line in expected], f"after {old!r} became {new!r}"
        assert project.daemon() == fresh, f"daemon, after {old!r} became {new!r}"
        if MYPY >= (2, 0):
            assert project.mypy("-n", "2", "--cache-dir=.parallel") == fresh, f"parallel, after {old!r} became {new!r}"
        assert project.mypy() == fresh, f"warm, after {old!r} became {new!r}"
