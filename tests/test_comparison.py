"""What docs/comparison.md says of Rust and C++ is what their tools say, where they are installed.

A line with the comment `// error[CODE]` gets that error of rustc, and one with `// warning` one of clang-tidy; all
others get none. A block may leave out what stands under `RUST` and `CPP`. That the blocks in Python get the errors
that they state is `test_docs`.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from command import run

PAGE = (Path(__file__).parents[1] / "docs" / "comparison.md").read_text(encoding="utf-8")

RUST = [
    "struct Budget { left: u64 }",
    "fn reserve() -> Reservation { Reservation { held: 300 } }",
    "fn ask() -> Result<u64, String> { Ok(1) }",
]
CPP = [
    "struct Budget { long left; };",
    "struct Pair { Budget one; Budget two; };",
    "class Team { void run(); Budget budget; };",
    "void research(const char* topic, Budget budget);",
]
"""What a program is given if it uses it and does not define it, each beginning with its kind and its name."""


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{re.escape(language)}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found


def completed(block: str, definitions: list[str]) -> str:
    """The block, below what it leaves out."""
    missing = []
    for text in definitions:
        kind, name = re.findall(r"\w+", text)[:2]
        if re.search(rf"\b{name}\b", block) and not re.search(rf"\b{kind} {name}\b", block):
            missing.append(text)
    return "\n".join([*missing, block])


def marked(source: str, mark: str) -> dict[int, str]:
    return {number: found[1] for number, line in enumerate(source.splitlines(), 1) if (found := re.search(mark, line))}


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize("block", blocks("rust"))
def test_rust(block: str, tmp_path: Path) -> None:
    source = completed(block, RUST)
    (tmp_path / "block.rs").write_text(source, encoding="utf-8")
    options = ["--edition=2021", "--crate-type=lib", "--emit=metadata", "--error-format=json"]
    done = run(["rustc", *options, "block.rs"], cwd=tmp_path)
    said = [json.loads(line) for line in done.err.splitlines()]
    codes = {
        span["line_start"]: each["code"]["code"]
        for each in said
        for span in each["spans"]
        if span["is_primary"] and (each["level"] == "error" or each["code"]["code"] == "unused_must_use")
    }
    assert codes == marked(source, r"// error\[(\w+)\]"), done.err


@pytest.mark.skipif(shutil.which("clang-tidy") is None, reason="needs clang-tidy")
@pytest.mark.parametrize("block", blocks("c++"))
def test_cpp(block: str, tmp_path: Path) -> None:
    source = "#include <utility>\n" + completed(block, CPP)
    (tmp_path / "block.cpp").write_text(source, encoding="utf-8")
    command = ["clang-tidy", "--checks=-*,bugprone-use-after-move", "block.cpp", "--", "-std=c++20"]
    done = run(command, cwd=tmp_path)
    assert "error:" not in done.out + done.err
    warnings = re.findall(r"block\.cpp:(\d+):\d+: (warning): ", done.out)
    assert {int(line): what for line, what in warnings} == marked(source, r"// (warning):"), done.out
