"""What is checked: code bases and functions that are made here, the same ones each time.

Owns their text. How anything is measured is the business of `measure` and `solver`.
"""

from __future__ import annotations

import ast
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import mypy

SAMPLES: Final = Path(__file__).with_name("samples.py")

SEED: Final = 6

EDITED: Final = "checkstrformat.py"
"""The module of mypy's own source that is edited, if it is there: of middling size."""

PLUGIN: Final = {"plain": "", "plugin": "plugins = mypy_plugin\n"}
"""What a configuration has to have, by what it is called in a table."""

PLAIN_MODULE: Final = """\
from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
{imports}

@dataclass
class Account{number}:
    owner: str
    tokens: int
    history: list[int] = field(default_factory=list)

    def spend(self, tokens: int) -> int:
        if tokens > self.tokens:
            raise ValueError(f"{{self.owner}} asked for {{tokens}}, {{self.tokens}} left")
        self.tokens -= tokens
        self.history.append(tokens)
        return self.tokens


async def ask{number}(account: Account{number}, question: str, retries: int = 3) -> str:
    for attempt in range(retries):
        try:
            account.spend(len(question))
            await asyncio.sleep(0)
        except ValueError as error:
            if attempt + 1 == retries:
                raise RuntimeError(question) from error
        else:
            return question.upper()
    return ""


async def fan_out{number}(accounts: Mapping[str, Account{number}], questions: Iterable[str]) -> dict[str, list[str]]:
    answers: dict[str, list[str]] = {{name: [] for name in accounts}}
    for question in questions:
        given = await asyncio.gather(*(ask{number}(account, question) for account in accounts.values()))
        for name, answer in zip(accounts, given):
            answers[name].append(answer)
    return answers


def summary{number}(accounts: Mapping[str, Account{number}], floor: int | None = None) -> list[tuple[str, int]]:
    rows = sorted(((name, account.tokens) for name, account in accounts.items()), key=lambda row: row[1])
    while rows and floor is not None and rows[0][1] < floor:
        rows.pop(0)
    match rows:
        case []:
            return [("nobody", 0)]
        case [(name, tokens)] if tokens == 0:
            return [(name.title(), 0)]
        case _:
            return rows
"""

BUDGET_MODULE: Final = (
    PLAIN_MODULE
    + """

async def researcher{number}(budget: Budget, topics: list[str]) -> int:
    spent = 0
    for topic in topics:
        part = budget.split(len(topic))
        if part.remaining > 10:
            spent += part.remaining
            part.spend(part.remaining)
        else:
            budget.merge(part)
    return spent


async def planner{number}(budget: Budget, topics: list[str]) -> int:
    parts = budget.split_evenly(len(topics))
    results = await asyncio.gather(*(researcher{number}(part, topics) for part in parts))
    try:
        writer = budget.split(5)
        results.append(await researcher{number}(writer, topics))
    finally:
        budget.spend(0)
    return sum(results)
"""
)


@dataclass(frozen=True)
class Project:
    """A code base in a directory: what mypy is given, and the file that is edited where one is."""

    directory: Path
    arguments: list[str]
    edited: Path
    lines: int


def code_base(module: str, imports: str, modules: int) -> dict[str, str]:
    """`modules` files of the same text, each of which imports the one before it."""
    files = {}
    for number in range(modules):
        before = f"import module{number - 1}\n" if number else ""
        files[f"module{number}.py"] = module.format(number=number, imports=imports + before)
    return files


def mypys_own(directory: Path, only: int | None = None, *, with_budgets: bool = False) -> Project:
    """The source of the mypy that is installed, all of it strict.

    `only`: so many of its files, without the others. `with_budgets`: and beside it, our samples.
    """
    origin, copy = Path(mypy.__file__).parent, directory / "mypy"
    shutil.copytree(origin, copy, ignore=shutil.ignore_patterns("typeshed", "test", "__pycache__", "*.so", "*.pyd"))
    if only is not None:
        for path in sorted(copy.rglob("*.py"))[only:]:
            path.unlink()
    # What it imports may not be there, and need not be.
    _configure(directory, "strict = True\nignore_missing_imports = True\n")
    files = sorted(copy.rglob("*.py"))
    edited, arguments = min(files, key=lambda path: path.name != EDITED), ["mypy"]
    if with_budgets:
        files.append(Path(shutil.copy(SAMPLES, directory)))
        arguments.append(SAMPLES.name)
    return Project(directory, arguments, edited, sum(map(_lines, files)))


def budgets_everywhere(directory: Path, lines: int) -> Project:
    """So many lines of functions that hand budgets about."""
    directory.mkdir(parents=True)
    random = Random(SEED)
    names: list[str] = []
    written = 0
    while written < lines:
        text = _budget_module(len(names), random)
        names.append(f"work{len(names)}.py")
        (directory / names[-1]).write_text(text, "utf-8")
        written += text.count("\n")
    _configure(directory, "strict = True\n")
    return Project(directory, names, directory / names[len(names) // 2], written)


def edit(project: Project, number: int) -> None:
    """Change the body of one function at the end of a module, and nothing else.

    The file gets another size each time: within one second, mypy's daemon knows an edit by nothing else.
    """
    mark = "\n\ndef _edited() -> int:\n"
    text, _, _ = project.edited.read_text("utf-8").partition(mark)
    project.edited.write_text(f"{text}{mark}    return {number}  # {'.' * number}\n", "utf-8")


def _budget_module(number: int, random: Random) -> str:
    """The samples in some order, some of them again, under names of their own; and a use of another module."""
    source = SAMPLES.read_text("utf-8")
    tree = ast.parse(source)
    lines = source.splitlines()
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    definitions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    random.shuffle(definitions)
    texts = []
    for node in definitions:
        first = min(one.lineno for one in (node, *node.decorator_list))
        texts.append("\n".join(lines[first - 1 : node.end_lineno]))
    names = re.compile(rf"\b({'|'.join(node.name for node in definitions)})\b(?!/)")
    body = names.sub(rf"\1_{number}", "\n\n\n".join(texts))
    parts = ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in imports]
    if number:
        # Trees of imports are what programs have, and no chains.
        other = random.randrange(number)
        parts.append(f"import work{other}")
        body += (
            f"\n\n\nasync def elsewhere_{number}(question: str, budget: Budget) -> str:\n"
            f"    answer = await work{other}.ask_{other}(question, budget)\n"
            f"    text, unspent = await work{other}.research_{other}(answer, budget)\n"
            f"    unspent.close()\n"
            f"    return text"
        )
    return "\n".join(parts) + f"\n\n\n{body}\n"


def _configure(directory: Path, settings: str) -> None:
    for name, line in PLUGIN.items():
        text = f"[mypy]\n{settings}{line}cache_dir = cache-{name}\n"
        (directory / f"{name}.ini").write_text(text, "utf-8")


def _lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")
