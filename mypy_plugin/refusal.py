"""A run that must not go on: ended with what is wrong, and nothing else.

mypy says a line of its own, and shows a traceback, of whatever is raised while it loads a plugin. So nothing is raised
there. The run ends when mypy has found all modules and looks at the first one, before anything is checked.
"""

from __future__ import annotations

from collections.abc import Sequence

from mypy.errors import CompileError
from mypy.nodes import MypyFile
from mypy.plugin import Plugin

__all__ = ["Refusable", "refusing"]


class Refusable(Plugin):
    """A plugin that ends the run if there are `problems`: lines that stand alone."""

    problems: Sequence[str] = ()

    def set_modules(self, modules: dict[str, MypyFile]) -> None:
        """Called by mypy when it has found all modules."""
        if self.problems:
            raise CompileError([*self.problems])
        super().set_modules(modules)


def refusing(problem: str) -> type[Plugin]:
    """A plugin that ends every run with `problem`."""

    class Refusal(Refusable):
        problems = (problem,)

    return Refusal
