"""The hook under the real pre-commit, with the configurations that docs/pre-commit.md shows."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from command import Done, budget_types, program, python, run, write

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "pre-commit.md").read_text("utf-8")
SNIPPETS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
NAMED, POINTED, SYSTEM, WHOLE, MENDING = SNIPPETS
"""As they follow each other on the page."""
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
CHECK, FIX = HOOKS["budget-types"], HOOKS["budget-types-fix"]

PACKED = [
    ".pre-commit-hooks.yaml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "budget_types",
    "mypy_plugin",
    "docs/rules",
]
"""What pre-commit's clone needs."""

WRONG = """\
from budget_types import Budget


def take(budget: Budget) -> None: ...


def twice(budget: Budget) -> None:
    take(budget)
    take(budget)
"""
REPORT = "wrong.py:9: error:"
RIGHT = """\
import anyio
from budget_types import Budget

import wrong


async def once(budget: Budget) -> None:
    await anyio.sleep(0)
    wrong.take(budget)
"""
# pre-commit's environments are made once for this module, and git's own settings must not reach its commits.
pytestmark = pytest.mark.xdist_group("pre-commit")


@dataclass(frozen=True)
class PreCommit:
    """pre-commit with a home of its own, and a repository that has the hook."""

    home: Path
    hooks: Path
    revision: str

    def __call__(self, *arguments: str, cwd: Path, path: str | None = None) -> Done:
        env = {"PRE_COMMIT_HOME": str(self.home), **({} if path is None else {"PATH": path})}
        return run(python("-m", "pre_commit", *arguments), cwd=cwd, env={**GIT, **env})

    def project(self, directory: Path, configuration: Mapping[str, Any], files: Mapping[str, str]) -> Path:
        """A git repository with these files staged; the configuration gets the repository and revision of here."""
        for repo in configuration["repos"]:
            if repo["repo"] != "local":
                repo |= {"repo": str(self.hooks), "rev": self.revision}
        directory.mkdir(exist_ok=True)
        for name, text in {".pre-commit-config.yaml": yaml.safe_dump(configuration), **files}.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        git("init", "--quiet", cwd=directory)
        git("add", "--all", cwd=directory)
        return directory


GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "someone@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    # Where the tests run from a hook themselves.
    "SKIP": "",
    "PRE_COMMIT_COLOR": "never",
}


def git(*arguments: str, cwd: Path) -> str:
    done = run(["git", *arguments], cwd=cwd, env=GIT)
    assert done.code == 0, done
    return done.out.strip()


def copied(configuration: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """A configuration, with other settings of the hook."""
    repos = [{**repo, "hooks": [{**hook, **changes} for hook in repo["hooks"]]} for repo in configuration["repos"]]
    return {"repos": repos}


@pytest.fixture(scope="module")
def pre_commit(tmp_path_factory: pytest.TempPathFactory) -> PreCommit:
    """The repository is a copy: the tests may run where git has none, or changes that are not committed."""
    hooks = tmp_path_factory.mktemp("hooks")
    for name in PACKED:
        source, target = ROOT / name, hooks / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    git("init", "--quiet", cwd=hooks)
    git("add", "--all", cwd=hooks)
    git("commit", "--quiet", "--message", "all", cwd=hooks)
    return PreCommit(tmp_path_factory.mktemp("home"), hooks, git("rev-parse", "HEAD", cwd=hooks))


def test_try_repo(pre_commit: PreCommit, tmp_path: Path) -> None:
    """Without a configuration: what the hook itself brings."""
    right = RIGHT.replace("import anyio\n", "").replace("await anyio.sleep(0)", "print(budget.remaining)")
    project = pre_commit.project(tmp_path, copied(NAMED), {"wrong.py": WRONG, "right.py": right})
    done = pre_commit("try-repo", str(pre_commit.hooks), "budget-types", "--all-files", cwd=project)
    assert done.code == 1
    assert REPORT in done.out
    assert done.out.count(" error: ") == 1, done.out
    assert "[use-after-move]" in done.out
    assert "Found 1 error in 1 file (checked 2 source files)" in done.out


def test_only_changed_files_are_checked_and_the_cache_is_kept(pre_commit: PreCommit, tmp_path: Path) -> None:
    talking = copied(NAMED, args=[*CHECK["args"], "--verbose"], verbose=True)
    project = pre_commit.project(tmp_path, talking, {"wrong.py": WRONG, "right.py": RIGHT, ".gitignore": ".mypy_cache"})
    first = pre_commit("run", cwd=project)
    assert (first.code, first.out.count(" error: ")) == (1, 1), first.out
    assert REPORT in first.out, "and none of anyio, which is installed there"
    assert re.search(r"Parsing .*builtins\.pyi", first.out)
    assert (project / ".mypy_cache").is_dir()

    git("commit", "--quiet", "--message", "wrong as it is", cwd=project)
    (project / "right.py").write_text(RIGHT + "\n\nx = 1\n", "utf-8")
    git("add", "--all", cwd=project)
    second = pre_commit("run", cwd=project)
    assert (second.code, second.out.count(" error: ")) == (0, 0), second.out
    assert "Parsing right.py (right)" in second.out
    assert not re.search(r"Parsing .*builtins\.pyi", second.out), "it comes from the cache"

    (project / "right.py").write_text(RIGHT + "\n\nx: str = 1\n", "utf-8")
    git("add", "--all", cwd=project)
    third = pre_commit("run", cwd=project)
    assert third.code == 1
    assert re.findall(r".* error: .*", third.out)[0].startswith("right.py:12: error:")
    assert third.out.count(" error: ") == 1


def test_the_whole_program(pre_commit: PreCommit, tmp_path: Path) -> None:
    """Whichever file changed."""
    files = {"src/wrong.py": WRONG, "src/right.py": RIGHT, "mypy.ini": "[mypy]\nmypy_path = src\n", "other.py": ""}
    project = pre_commit.project(tmp_path, copied(WHOLE), files)
    done = pre_commit("run", "--files", "other.py", cwd=project)
    assert (done.code, done.out.count(" error: ")) == (1, 1), done.out
    assert f"src/{REPORT}" in done.out


UNMENDABLE = """\
from budget_types import Budget


def give(budget: Budget, box: list[Budget]) -> int:
    box.append(budget)
    return budget.remaining
"""


def test_fix(pre_commit: PreCommit, tmp_path: Path) -> None:
    """Mend, look, commit; and what cannot be mended stays as it is."""
    files = {"wrong.py": WRONG, "right.py": RIGHT, ".gitignore": ".mypy_cache"}
    project = pre_commit.project(tmp_path, copied(MENDING), files)
    first = pre_commit("run", cwd=project)
    assert first.code == 1, first
    assert re.findall(r"^(budget-types\S*?)\.+(.*)$", first.out, re.MULTILINE) == [
        ("budget-types-fix", "Failed"),
        ("budget-types", "Passed"),
    ]
    assert "files were modified by this hook" in first.out
    assert "Made 1 fix; 0 errors left." in first.out
    assert git("diff", "--name-only", cwd=project) == "wrong.py"
    assert "budget: Borrowed[Budget]" in (project / "wrong.py").read_text("utf-8")

    git("add", "--all", cwd=project)
    second = pre_commit("run", cwd=project)
    assert second.code == 0, second
    assert git("diff", "--name-only", cwd=project) == ""

    git("commit", "--quiet", "--message", "mended", cwd=project)
    (project / "lost.py").write_text(UNMENDABLE, "utf-8")
    git("add", "--all", cwd=project)
    third = pre_commit("run", "budget-types-fix", cwd=project)
    assert third.code == 1, third
    assert "files were modified by this hook" not in third.out
    assert "lost.py:6: error:" in third.out
    assert "Made 0 fixes; 1 error left." in third.out
    assert git("diff", "--name-only", cwd=project) == ""


def test_both_hooks_are_alike() -> None:
    assert FIX.keys() == CHECK.keys()
    for name in FIX.keys() - {"id", "name", "description", "entry"}:
        assert FIX[name] == CHECK[name]


def test_a_list_of_dependencies_without_mypy(pre_commit: PreCommit, tmp_path: Path) -> None:
    project = pre_commit.project(tmp_path, copied(NAMED, additional_dependencies=[]), {"wrong.py": WRONG})
    done = pre_commit("run", cwd=project)
    assert done.code == 1
    (said,) = re.findall(r"^budget-types: .*", done.out, re.MULTILINE)
    assert f"{said}\n" in PAGE
    assert "Traceback" not in done.out


@pytest.mark.parametrize("more", [[], ["--ignore-missing-imports"]], ids=" ".join)
def test_budget_types_missing_where_mypy_looks(pre_commit: PreCommit, tmp_path: Path, more: list[str]) -> None:
    """Never silence: every check would be off. Also where missing imports are ignored, as is usual in hooks."""
    assert run(python("-m", "venv", "--without-pip", str(tmp_path / ".venv")), cwd=tmp_path).code == 0
    (repo,) = POINTED["repos"]
    (hook,) = repo["hooks"]
    # With the environment that is there already.
    configuration = copied(POINTED, args=[*hook["args"], *more], **dependencies(NAMED))
    files = {"wrong.py": WRONG, ".gitignore": ".venv\n.mypy_cache\n"}
    done = pre_commit("run", cwd=pre_commit.project(tmp_path, configuration, files))
    assert done.code == 1
    (said,) = re.findall(r"^wrong.py:.*\[affine\]$", done.out, re.MULTILINE)
    assert f"{said}\n" in PAGE


def dependencies(configuration: Mapping[str, Any]) -> dict[str, Any]:
    return {"additional_dependencies": configuration["repos"][0]["hooks"][0]["additional_dependencies"]}


def test_in_the_environment_of_the_project(pre_commit: PreCommit, tmp_path: Path) -> None:
    """As it stands on the page, with the command on the PATH."""
    path = os.pathsep.join([str(Path(program("budget-types")).parent), os.environ["PATH"]])
    project = pre_commit.project(
        tmp_path, copied(SYSTEM), {"wrong.py": WRONG, "right.py": RIGHT, ".gitignore": ".*_cache"}
    )
    done = pre_commit("run", cwd=project, path=path)
    assert (done.code, done.out.count(" error: ")) == (1, 1), done.out
    assert REPORT in done.out
    git("commit", "--quiet", "--message", "wrong as it is", cwd=project)
    (project / "right.py").write_text(RIGHT + "\n\nx = 1\n", "utf-8")
    git("add", "--all", cwd=project)
    assert pre_commit("run", cwd=project, path=path).code == 0


def test_the_page_shows_the_arguments_of_the_hook() -> None:
    (system,), (pointed,), (named,) = (page["repos"][0]["hooks"] for page in (SYSTEM, POINTED, NAMED))
    for name in ("id", "entry", "args", "types_or", "require_serial"):
        assert system[name] == CHECK[name]
    assert pointed["args"][:-1] == CHECK["args"]
    assert named["additional_dependencies"][:-1] == CHECK["additional_dependencies"]


def test_files_with_one_name(tmp_path: Path) -> None:
    """What the page says of them, and the settings that it gives."""
    files = {"a/conftest.py": "x = 1\n", "b/conftest.py": "y = 1\n"}
    write(tmp_path, files)
    done = budget_types("check", *files, cwd=tmp_path)
    (said,) = re.findall(r".*Duplicate module.*", done.out + done.err)
    assert done.code == 2
    assert f"{said}\n" in PAGE
    (settings,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    write(tmp_path, {"pyproject.toml": settings})
    assert budget_types("check", *files, cwd=tmp_path).code == 0
