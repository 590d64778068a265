"""Files as bytes and as text, so that what no rewrite touches is written back as it was.

Byte order marks, line ends and the encoding that a file declares are kept.
"""

from __future__ import annotations

import io
import os
import tempfile
import tokenize
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ChangedMeanwhile", "Text", "may_write", "write"]


class ChangedMeanwhile(OSError):
    """A file is not what it was when it was read."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a file contains, and how its characters become bytes."""

    text: str
    encoding: str

    @staticmethod
    def of(content: bytes) -> Text | None:
        """Read a file's bytes; None if they cannot be written back as they are."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            # The mark is a character like any other here.
            read = Text(content.decode(encoding.removesuffix("-sig")), encoding.removesuffix("-sig"))
            return read if read.encoded() == content else None
        except (SyntaxError, LookupError, UnicodeError):
            return None

    def encoded(self) -> bytes:
        """The bytes again. Raises UnicodeEncodeError for a character that the encoding has not."""
        return self.text.encode(self.encoding)

    def replaced(self, text: str) -> Text:
        """The same file with another text."""
        return Text(text, self.encoding)


def may_write(path: str, before: bytes) -> Path:
    """The file to write for a path. Raises ChangedMeanwhile if it no longer contains `before`, or OSError."""
    # A link is followed, so that it stays one.
    target = Path(os.path.realpath(path))
    if target.read_bytes() != before:
        raise ChangedMeanwhile(f"{path} was changed meanwhile")
    if not os.access(target, os.W_OK) or not os.access(target.parent, os.W_OK):
        raise PermissionError(13, os.strerror(13), path)
    return target


def write(path: str, before: bytes, after: bytes) -> None:
    """Write a file at once or not at all. Raises as `may_write`."""
    target = may_write(path, before)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink()
        raise
