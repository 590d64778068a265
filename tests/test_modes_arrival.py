"""Budgets that come into a program, and how much of it that concerns: as much as it has to, and nothing before."""

from __future__ import annotations

import re
import sys

from modes import Project, position


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
