"""How editors run mypy, and how they read what it prints: as data, from the sources of their extensions.

Each row is one extension: the arguments that it gives mypy, and the regular expression that it takes the lines apart
with, in Python's spelling. Those without one read JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["TOOLS", "Shown", "Tool"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What an editor knows of an error. Counted from 1, and the last column is part of it; None: it does not ask."""

    line: int
    column: int
    end_line: int | None
    end_column: int | None
    code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Tool:
    """One extension of an editor, and how it runs mypy."""

    name: str
    source: str
    """Where its arguments and its expression stand."""
    arguments: tuple[str, ...]
    """With FILE for the file that is shown, COPY for one with what the window shows, STATUS for a daemon's own file."""
    pattern: str = ""
    daemon: bool = False
    has_end: bool = True
    has_code: bool = True
    """Else what stands in brackets is a part of the message."""

    def read(self, line: str) -> Shown | None:
        """What it makes of a line that mypy printed; None if it passes it over."""
        if not self.pattern:
            record = json.loads(line)
            return self.expected(record)
        match = re.match(self.pattern, line)
        if match is None or match["severity"] != "error":
            return None
        return Shown(
            int(match["line"]),
            int(match["column"]),
            int(match["end_line"]) if self.has_end else None,
            int(match["end_column"]) if self.has_end else None,
            match["code"] if self.has_code else None,
            match["message"].strip(),
        )

    def expected(self, record: Mapping[str, Any]) -> Shown:
        """What it should make of an error that mypy prints as JSON."""
        return Shown(
            record["line"],
            record["column"] + 1,
            record["end_line"] if self.has_end else None,
            record["end_column"] if self.has_end else None,
            record["code"] if self.has_code else None,
            record["message"] if self.has_code else f"{record['message']}  [{record['code']}]",
        )


_PLACE: Final = r"(?P<line>\d+):(?P<column>\d+):(?P<end_line>\d+):(?P<end_column>\d+)"
_MICROSOFT: Final = (
    r"^(?P<location>(?P<file>..[^:]*):(?P<line>\d+)(?::(?P<column>\d+))?"
    r"(?::(?P<end_line>\d+):(?P<end_column>\d+))?): (?P<severity>\w+): "
    r"(?P<message>.*?)(?:\s{2}\[(?P<code>[\w-]+)\])?\s*$"
)
_MICROSOFT_ARGUMENTS: Final = (
    *("--no-color-output", "--no-error-summary", "--show-absolute-path", "--show-column-numbers"),
    *("--show-error-codes", "--no-pretty", "--show-error-end", "FILE"),
)
_NVIM_LINT: Final = (
    rf"(?P<file>[^:]+):{_PLACE}: (?P<severity>[a-zA-Z]+): (?P<message>.*) \[(?P<code>[a-zA-Z][a-zA-Z-]+)\]"
)
_NVIM_LINT_ARGUMENTS: Final = (
    *("--show-column-numbers", "--show-error-end", "--hide-error-context", "--no-color-output"),
    *("--no-error-summary", "--no-pretty"),
)

TOOLS: Final = (
    Tool(
        "VS Code, Mypy Type Checker",
        "microsoft/vscode-mypy bundled/tool/lsp_server.py, lsp_utils.py",
        _MICROSOFT_ARGUMENTS,
        _MICROSOFT,
    ),
    Tool(
        "VS Code, Mypy Type Checker with preferDaemon",
        "microsoft/vscode-mypy bundled/tool/lsp_server.py, lsp_utils.py",
        ("--status-file", "STATUS", "run", "--", *_MICROSOFT_ARGUMENTS),
        _MICROSOFT,
        daemon=True,
    ),
    Tool(
        "VS Code, Mypy by Matan Gover",
        "matangover/mypy-vscode src/extension.ts, src/mypy.ts",
        (
            *("--status-file", "STATUS", "run", "--log-file", "STATUS.log", "--"),
            *(".", "--show-error-end", "--no-error-summary", "--no-pretty", "--no-color-output"),
        ),
        r"^(?P<location>(?P<file>.+?):(?P<line>\d+)(:(?P<column>\d+))?(:(?P<end_line>\d+):(?P<end_column>\d+))?): "
        r"(?P<severity>\w+): (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?$",
        daemon=True,
    ),
    Tool(
        "python-lsp-server, pylsp-mypy",
        "python-lsp/pylsp-mypy pylsp_mypy/plugin.py",
        ("--show-error-end", "--no-error-summary", "--no-pretty", "--shadow-file", "FILE", "COPY", "FILE"),
        rf"^(?P<file>.+):{_PLACE}: (?P<severity>\w+): (?P<message>.+?)(?: +\[(?P<code>.+)\])?$",
    ),
    Tool(
        "PyCharm, Mypy by szabope",
        "szabope/mypy-pycharm-plugin MypyArgs.kt, mypyParamListBuilders.kt, MypyMessage.kt",
        ("--show-column-numbers", "--show-absolute-path", "--output", "json", "--shadow-file", "FILE", "COPY", "FILE"),
        has_end=False,
    ),
    Tool(
        "PyCharm, Mypy by Leinardi",
        "leinardi/mypy-pycharm MypyRunner.java",
        ("--show-column-numbers", "--follow-imports", "silent", "FILE"),
        # Such a line is then split at its colons.
        r"(?P<file>[^\s:]+):(?P<line>\d+):(?P<column>\d+): (?P<severity>error|warning|note):(?P<message>.*)",
        has_end=False,
        has_code=False,
    ),
    Tool(
        "Neovim, nvim-lint",
        "mfussenegger/nvim-lint lua/lint/linters/mypy.lua",
        (*_NVIM_LINT_ARGUMENTS, "FILE"),
        _NVIM_LINT,
    ),
    Tool(
        "Neovim, nvim-lint with dmypy",
        "mfussenegger/nvim-lint lua/lint/linters/dmypy.lua",
        ("--status-file", "STATUS", "run", "--timeout", "50000", "--", *_NVIM_LINT_ARGUMENTS, "FILE"),
        _NVIM_LINT,
        daemon=True,
    ),
    Tool(
        "Vim, ALE",
        "dense-analysis/ale ale_linters/python/mypy.vim",
        ("--show-column-numbers", "--shadow-file", "FILE", "COPY", "FILE"),
        r"(?P<file>[a-zA-Z]?:?[^:]+):(?P<line>\d+):?(?P<column>\d+)?: "
        r"(?P<severity>error|warning|note): (?P<message>.+)$",
        has_end=False,
        has_code=False,
    ),
    Tool(
        "Emacs, Flycheck",
        "flycheck/flycheck flycheck.el, python-mypy",
        ("--output", "json", "FILE"),
    ),
    Tool(
        "Emacs, flymake-mypy",
        "jintwo/flymake-mypy flymake-mypy.el",
        ("--show-column-numbers", "--show-error-end", "--show-absolute-path", "--shadow-file", "FILE", "COPY", "FILE"),
        rf"^(?P<file>.*\.py):{_PLACE}: (?P<severity>.*?): (?P<message>.*)$",
        has_code=False,
    ),
)
