"""The side of the language server: a process that looks for fixes, started when there is something to look for.

Imports the standard library only, and quickly.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from .protocol import Answer, Question

__all__ = ["Helper"]

COMMAND: Final = (
    sys.executable,
    # Not `-m`: that would look for modules in the directory of the project first.
    "-c",
    "import sys; sys.path = [each for each in sys.path if each]; from mypy_plugin.editor.answer import main; main()",
)


class Helper:
    """Asks one question after the other, and remembers the answers until it is told that they are old."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="budget-types")
        self._answers: dict[Question, Future[Answer]] = {}
        self._closed = False

    def ask(self, question: Question) -> Future[Answer]:
        """Ask, and wait for nothing. Who asks the same again gets the same answer."""
        with self._lock:
            for earlier, answer in self._answers.items():
                # Nobody waits for what helps with another text.
                if earlier.texts != question.texts:
                    answer.cancel()
            found = self._answers.get(question)
            if found is None or found.cancelled():
                found = self._answers[question] = self._asker.submit(self._exchange, question)
            return found

    def forget(self) -> None:
        """Files have changed: what was answered no longer holds."""
        with self._lock:
            self._answers.clear()

    def close(self) -> None:
        """Stop the process, whatever it is at."""
        self._asker.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    def _exchange(self, question: Question) -> Answer:
        process = self._running()
        if process is None:
            return Answer()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{question.dumps()}\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):
            line = ""
        if line:
            return Answer.loads(line)
        return Answer(failure=f"the process that looks for fixes ended with exit code {process.wait()}")

    def _running(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._closed:
                return None
            if self._process is None or self._process.poll() is not None:
                # Its standard error is the server's, and so goes to the same log.
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", bufsize=1
                )
            return self._process
