"""Who may import whom, as docs/architecture.md says it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("budget_types", "mypy_plugin")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}


def imports(module: str) -> Iterator[str]:
    """The modules that a module imports, anywhere in it, by full name."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [base])])
            yield from (name if (name := f"{base}.{alias.name}") in FILES else base for alias in node.names)


def reached(*roots: str) -> set[str]:
    """The modules of ours that are imported, directly or not, by `roots`; these included."""
    found: set[str] = set()
    todo = list(roots)
    while todo:
        module = todo.pop()
        if module in FILES and module not in found:
            found.add(module)
            todo += imports(module)
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("root", ["mypy_plugin.solve", "mypy_plugin.wording"])
def test_nothing_after_lowering_knows_mypy(root: str) -> None:
    modules = reached(root)
    assert len(modules) > 4
    for module in sorted(modules):
        for name in imports(module):
            assert not within(name, "mypy"), f"{module} imports {name}, and is needed by {root}"
            assert not within(name, "mypy_plugin.lower"), f"{module} imports {name}, and is needed by {root}"


def test_what_programs_import_knows_nothing_of_the_checker() -> None:
    modules = {name for name in FILES if within(name, "budget_types")} - {"budget_types.mypy"}
    assert len(modules) > 10
    for module in sorted(modules):
        for name in imports(module):
            assert not within(name, "mypy"), module
            assert not within(name, "mypy_plugin"), module
            assert name != "budget_types.mypy", module


def test_mypy_loads_nothing_of_the_commands() -> None:
    """What only a command needs (libcst, the readers of reports) costs a run of mypy nothing."""
    needed = reached("mypy_plugin")
    commands = ("cli", "check", "doctor", "explain", "fix", "adopt", "reports", "editor")
    assert {name for name in needed if any(within(name, f"mypy_plugin.{each}") for each in commands)} == set()
