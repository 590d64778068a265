"""The tutorial is true from its first line to its last: what it says to write and to run is written and run, in order.

A block that begins with the comment `# name` is the file of that name, as a whole but for the marks. In a `console`
block each line after `$ ` is run where these files are, and has to print what follows it; a line `...` stands for any
lines. Commands that fetch from the network are left out, and named here. That the programs get the errors that they
state is `test_docs`.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from command import Done, program, run, write

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"

BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<name>[\w.]+\.(?:py|toml))\n")
COMMAND = re.compile(r"^\$ (?P<line>.+)\n(?P<printed>(?:(?!\$ ).*\n)*)", re.MULTILINE)

MARK = re.compile(r"  # E: [a-z-]+$", re.MULTILINE)

FETCHES = ["pip install"]


def run_as_shown(line: str, directory: Path) -> Done:
    """Run a line of the page with the programs of this environment, as in one that is activated."""
    name, *arguments = shlex.split(line)
    path = os.pathsep.join([str(Path(program("python")).parent), os.environ.get("PATH", "")])
    return run([program(name), *arguments], cwd=directory, env={"PATH": path})


def matches(shown: str, printed: str) -> bool:
    pattern = "".join("(?:.*\n)*" if line == "...\n" else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, printed) is not None


def test_all_of_it(tmp_path: Path) -> None:
    write(tmp_path, {})
    commands = 0
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        text = block["text"]
        if file := FILE.match(text):
            (tmp_path / file["name"]).write_text(MARK.sub("", text), encoding="utf-8")
        elif block["language"] == "console":
            for command in COMMAND.finditer(text):
                if any(command["line"].startswith(each) for each in FETCHES):
                    continue
                commands += 1
                done = run_as_shown(command["line"], tmp_path)
                if not matches(command["printed"], done.out):
                    pytest.fail(f"$ {command['line']}\n{done.out}{done.err}\n\ninstead of\n\n{command['printed']}")
    assert commands > 8


def test_every_command_is_read() -> None:
    """A block of another language would be shown, and not run."""
    text = PAGE.read_text(encoding="utf-8")
    assert {block["language"] for block in BLOCK.finditer(text)} == {"python", "console", "toml"}
    shown = [line for block in BLOCK.finditer(text) for line in block["text"].splitlines() if line.startswith("$ ")]
    read = [command["line"] for block in BLOCK.finditer(text) for command in COMMAND.finditer(block["text"])]
    assert [f"$ {line}" for line in read] == shown
