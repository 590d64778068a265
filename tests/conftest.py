"""What pytest hands to more than one module of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from modes import ENDS, LEFT, LIB, RIGHT, USER, Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    for name, text in {"lib": LIB, "user": USER, "left": LEFT, "right": RIGHT, "ends": ENDS}.items():
        project.write(f"{name}.py", text)
    yield project
    project.run(*project.dmypy, "stop")
