"""The digest of our own source: another one for other source, the same one wherever that lies."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from test_layers import FILES, ROOT, reached

import mypy_plugin
from mypy_plugin import own_source

INSTALLED = Path(mypy_plugin.__file__).parent
RECORD = Path(own_source._RECORD).relative_to(os.pardir)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of what is installed here, as another installer would have made it: later, and its list last."""
    copy = tmp_path / "site-packages" / "mypy_plugin"
    shutil.copytree(INSTALLED, copy, ignore=shutil.ignore_patterns("__pycache__"))
    record = copy.parent / RECORD
    record.parent.mkdir()
    shutil.copy(INSTALLED.parent / RECORD, record)
    # Also where times are kept in seconds.
    now = record.stat().st_mtime_ns
    for file in [*copy.rglob("*.py"), record]:
        os.utime(file, ns=(now, now))
    return copy


def edit(file: Path) -> None:
    """Change one byte, and not its length."""
    before = file.stat().st_mtime_ns
    text = file.read_text("utf-8")
    file.write_text(text.replace("a", "b", 1), "utf-8")
    os.utime(file, ns=(before + 1, before + 1))


def test_it_is_read_off_the_installers_list(package: Path) -> None:
    here, there = (tuple(sorted(own_source._sources(str(each)))) for each in (INSTALLED, package))
    assert own_source._recorded(str(INSTALLED), here) == own_source._recorded(str(package), there) is not None
    assert own_source.digest(str(package)) == own_source.digest()


@pytest.mark.parametrize("is_listed", [True, False], ids=["installed", "checkout"])
def test_it_changes_with_the_source(package: Path, *, is_listed: bool) -> None:
    record = package.parent / RECORD
    if not is_listed:
        record.unlink()
    seen = [own_source.digest(str(package))]
    assert (seen[0] == own_source.digest()) is is_listed
    edit(package / "hooks.py")
    seen.append(own_source.digest(str(package)))
    edit(package / "lower" / "body.py")
    seen.append(own_source.digest(str(package)))
    (package / "lower" / "new.py").write_text("", "utf-8")
    seen.append(own_source.digest(str(package)))
    (package / "lower" / "new.py").unlink()
    (package / "solve.py").unlink()
    seen.append(own_source.digest(str(package)))
    assert len(set(seen)) == len(seen)


def test_an_upgrade_that_keeps_times_and_sizes_is_seen(package: Path) -> None:
    before = own_source.digest(str(package))
    record = package.parent / RECORD
    listed = record.read_text("utf-8")
    assert "mypy_plugin/hooks.py,sha256=" in listed
    record.write_text(listed.replace("mypy_plugin/hooks.py,sha256=", "mypy_plugin/hooks.py,sha256=0"), "utf-8")
    assert own_source.digest(str(package)) != before


def test_it_knows_all_that_mypy_loads() -> None:
    loaded = {FILES[name] for name in reached("mypy_plugin") if name.partition(".")[0] == "mypy_plugin"}
    assert len(loaded) > 50
    assert loaded <= {ROOT / "mypy_plugin" / path for path, _, _ in own_source._sources(str(ROOT / "mypy_plugin"))}
