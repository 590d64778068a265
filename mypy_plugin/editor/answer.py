"""The other side: a process that answers questions, one after the other, until nobody can ask any more."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

from ..fix.checker import CheckFailed
from ..fix.edits import Edit, Lines
from ..fix.mypy_errors import MypyError
from ..fix.verify import Program
from .program import Programs
from .protocol import Answer, Change, Offer, Question

__all__ = ["find_offers", "main"]

_MARK: Final = "\ufeff"
"""The byte order mark, which is no character to an editor."""


def main() -> None:
    """Answer what standard input asks."""
    # What else is printed, by mypy or by plugins, is for the log.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), Programs() as programs:
        _answer_all(sys.stdin, answers, programs)


def _answer_all(questions: TextIO, answers: TextIO, programs: Programs) -> None:
    for line in questions:
        try:
            answer = Answer(tuple(find_offers(Question.loads(line), programs)))
        except CheckFailed as error:
            answer = Answer(failure=f"mypy cannot check the program: {'; '.join(error.messages)}")
        except (Exception, SystemExit) as error:
            # SystemExit is what mypy makes of wrong options.
            programs.close()
            answer = Answer(failure=f"{type(error).__name__}: {error}")
        print(answer.dumps(), file=answers, flush=True)


def find_offers(question: Question, programs: Programs) -> list[Offer]:
    """The fixes that help. Raises CheckFailed if mypy cannot check the program."""
    checker, path = programs.of(question)
    if not question.code:
        return []
    program = Program(checker, unsaved=programs.unsaved(question))
    error = _meant(question, path, program.errors)
    if error is None:
        return []
    return [
        Offer(fix.title, tuple(_change(edit, program.texts[edit.path].text) for edit in fix.edits))
        for fix in program.fixes(error)
    ]


def _meant(question: Question, path: str, errors: list[MypyError]) -> MypyError | None:
    """The error that the editor shows. Its text may be a little older, and an editor may have moved its ends."""
    there = [each for each in errors if (each.path, each.line, each.code) == (path, question.line + 1, question.code)]
    return min(
        there,
        key=lambda each: (each.message != question.message, abs(each.column - question.column)),
        default=None,
    )


def _change(edit: Edit, text: str) -> Change:
    lines = Lines(text)
    path = str(Path(edit.path).absolute())
    new = edit.text.removeprefix(_MARK) if edit.start == (1, 0) else edit.text
    return Change(path, _position(lines, edit.start), _position(lines, edit.end), new)


def _position(lines: Lines, position: tuple[int, int]) -> tuple[int, int]:
    line, column = position
    before = lines.line(line)[:column]
    if line == 1:
        before = before.removeprefix(_MARK)
    return line - 1, len(before.encode("utf-16-le", "surrogatepass")) // 2
