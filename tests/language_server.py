"""An editor, as a language server sees one: it opens, edits and saves files of a project, and is sent diagnostics.

JSON-RPC is `pylsp_jsonrpc`, which the server itself speaks with. It runs over the pipes of a server that was started as
editors start it. (Tried and dropped: the client of `pygls`. `lsprotocol` 2025.0.0 cannot read what `pylsp` says that
it can do.)

Nothing here sleeps or polls: whoever asks for diagnostics waits until they come.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from pylsp_jsonrpc.endpoint import Endpoint  # type: ignore[import-untyped]
from pylsp_jsonrpc.streams import JsonRpcStreamReader, JsonRpcStreamWriter  # type: ignore[import-untyped]

__all__ = ["ERROR", "INFORMATION", "PATIENCE", "Diagnostic", "Editor", "editing"]

PYLSP: Final = (sys.executable, "-m", "pylsp")
PATIENCE: Final = 120.0
"""Seconds until a server that does not answer has hung: far more than the first run of mypy takes anywhere."""

# Severities.
ERROR: Final = 1
INFORMATION: Final = 3


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What an editor underlines, and says about it."""

    covers: str
    """The text between its two ends, in the text that the editor holds."""
    line: int
    """Counted from 1, as people do."""
    code: str | None
    message: str
    severity: int
    as_sent: Mapping[str, Any]


class Editor:
    """One window with one project in it."""

    def __init__(self, project: Path, endpoint: Endpoint) -> None:
        self.project = project
        self.capabilities: Mapping[str, Any] = {}
        self._endpoint = endpoint
        self._texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._published: defaultdict[str, queue.Queue[list[dict[str, Any]]]] = defaultdict(queue.Queue)
        """For each file, by URI: what came in and was not asked for yet."""

    def request(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Ask the server, and wait for its answer."""
        return self._endpoint.request(method, params).result(PATIENCE)

    def notify(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """Tell the server."""
        self._endpoint.notify(method, params)

    def uri(self, file: str) -> str:
        """What the protocol calls a file of the project."""
        return (self.project / file).as_uri()

    def open(self, file: str) -> None:
        """Show a file as it is on disk."""
        uri = self.uri(file)
        self._texts[uri] = (self.project / file).read_text(encoding="utf-8")
        self._versions[uri] = 1
        document = {"uri": uri, "languageId": "python", "version": 1, "text": self._texts[uri]}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def type(self, file: str, text: str) -> None:
        """Change what the window shows, and not what is on disk."""
        uri = self.uri(file)
        self._texts[uri] = text
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def save(self, file: str) -> None:
        """Write what the window shows to disk."""
        uri = self.uri(file)
        (self.project / file).write_text(self._texts[uri], encoding="utf-8")
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def edit(self, file: str, text: str) -> None:
        """Change a file and save it."""
        self.type(file, text)
        self.save(file)

    def receive(self, uri: str, diagnostics: list[dict[str, Any]]) -> None:
        """Keep what the server says of a file."""
        self._published[uri].put(diagnostics)

    def problems(self, file: str, until: Callable[[list[Diagnostic]], bool] = any) -> list[Diagnostic]:
        """What mypy has to say of a file, as soon as that is as it should be: by default, as soon as it is anything.

        A server may repeat the old news between an edit and the save that follows it, if it is slow.
        """
        uri = self.uri(file)
        text = self._texts[uri]
        while True:
            published = self._published[uri].get(timeout=PATIENCE)
            found = [_diagnostic(sent, text) for sent in published if sent["source"] == "mypy"]
            if until(found):
                return found

    def no_problems(self, file: str) -> None:
        """Wait until there is nothing to say of a file."""
        self.problems(file, until=lambda found: not found)

    def code_actions(self, file: str, diagnostic: Diagnostic, **context: object) -> list[dict[str, Any]]:
        """What the server offers to do about a diagnostic."""
        params = {
            "textDocument": {"uri": self.uri(file)},
            "range": diagnostic.as_sent["range"],
            "context": {"diagnostics": [diagnostic.as_sent], **context},
        }
        answer: list[dict[str, Any]] | None = self.request("textDocument/codeAction", params)
        return answer or []

    def changed(self, action: Mapping[str, Any]) -> set[str]:
        """The files that a code action changes."""
        return {file for file in self._files() if self.uri(file) in _edits(action)}

    def after(self, action: Mapping[str, Any], file: str) -> str:
        """The text of a file after a code action."""
        uri = self.uri(file)
        text = self._texts.get(uri) or (self.project / file).read_text(encoding="utf-8")
        edits = _edits(action)[uri]
        for edit in sorted(edits, key=lambda edit: _span(edit["range"], text), reverse=True):
            start, end = _span(edit["range"], text)
            text = text[:start] + edit["newText"] + text[end:]
        return text

    def apply(self, action: Mapping[str, Any]) -> None:
        """Do what a code action says, and save all."""
        texts = {file: self.after(action, file) for file in self.changed(action)}
        for file, text in texts.items():
            if self.uri(file) not in self._texts:
                self.open(file)
            self.edit(file, text)

    def version(self, file: str) -> int:
        """How often a window's text was given to the server."""
        return self._versions[self.uri(file)]

    def _files(self) -> list[str]:
        return [str(path.relative_to(self.project)) for path in self.project.rglob("*.py")]


def _diagnostic(sent: dict[str, Any], text: str) -> Diagnostic:
    start, end = _span(sent["range"], text)
    line = sent["range"]["start"]["line"] + 1
    return Diagnostic(text[start:end], line, sent.get("code"), sent["message"], sent["severity"], sent)


def _edits(action: Mapping[str, Any]) -> Mapping[str, list[dict[str, Any]]]:
    """A code action's changes by file, in either of the forms that there are."""
    edit = action["edit"]
    if "documentChanges" in edit:
        return {each["textDocument"]["uri"]: each["edits"] for each in edit["documentChanges"]}
    changes: Mapping[str, list[dict[str, Any]]] = edit["changes"]
    return changes


def _span(range_: Mapping[str, Mapping[str, int]], text: str) -> tuple[int, int]:
    """Where in a text a range of the protocol begins and ends."""
    lines = text.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]
    # The one past the last is where a text can be added to.
    lines.append("")

    def offset(place: Mapping[str, int]) -> int:
        # The protocol counts in UTF-16. What is past the end of a line stands for it.
        line = lines[place["line"]].rstrip("\n").encode("utf-16-le")
        return starts[place["line"]] + len(line[: 2 * place["character"]].decode("utf-16-le"))

    return offset(range_["start"]), offset(range_["end"])


@contextmanager
def editing(
    project: Path,
    settings: Mapping[str, Any] | None = None,
    *,
    capabilities: Mapping[str, Any] | None = None,
    command: Sequence[str] = PYLSP,
    env: Mapping[str, str] | None = None,
) -> Iterator[Editor]:
    """Open a project: start its language server in it, and stop it at the end.

    `settings`: what the editor sends as its own configuration. `capabilities`: what it can do.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MYPY")}
    server = subprocess.Popen(
        command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**inherited, **(env or {})}
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def published(params: dict[str, Any]) -> None:
        editor.receive(params["uri"], params["diagnostics"])

    endpoint = Endpoint(
        {"textDocument/publishDiagnostics": published, "workspace/configuration": lambda params: []},
        JsonRpcStreamWriter(server.stdin).write,
    )
    editor = Editor(project, endpoint)
    listener = threading.Thread(target=JsonRpcStreamReader(server.stdout).listen, args=(endpoint.consume,))
    listener.start()
    try:
        folder = {"uri": project.as_uri(), "name": project.name}
        root = {"processId": os.getpid(), "rootUri": project.as_uri(), "workspaceFolders": [folder]}
        editor.capabilities = editor.request("initialize", {**root, "capabilities": capabilities or {}})["capabilities"]
        editor.notify("initialized", {})
        if settings is not None:
            editor.notify("workspace/didChangeConfiguration", {"settings": settings})
        try:
            yield editor
        finally:
            # Also when a test fails: the server ends the daemon that it started.
            editor.request("shutdown")
            editor.notify("exit")
            server.wait(PATIENCE)
    finally:
        server.kill()
        server.wait()
        listener.join()
        server.stdin.close()
        server.stdout.close()
        endpoint.shutdown()
