"""The other ways of running mypy over a corpus: from the cache, with workers, and in the daemon.

Owns how each is asked, and against what it is held: mypy's own messages against those that it has in the same way
without the plugin, ours against those of a fresh run. The corpus has been surveyed before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from command import program, run

from .corpora import Corpus
from .runs import WITH, WITHOUT, Outcome, Said, arguments, ask, differences

__all__ = ["WAYS", "Way", "other_ways"]


@dataclass(frozen=True, slots=True)
class Way:
    """What came out in one way."""

    name: str
    crashes: list[str]
    mypys: list[str]
    """Where mypy says something else than without the plugin."""
    ours: list[str]
    """Where we say something else than in a fresh run."""


def other_ways(corpus: Corpus, directory: Path, outcome: Outcome) -> Iterator[Way]:
    """Check what `survey` has left in `directory`, and what it gave, in each of the other ways."""
    for name, way in WAYS.items():
        without, plugged = (way(corpus, directory, config) for config in (WITHOUT, WITH))
        yield Way(
            name,
            plugged.crashes,
            differences(_by_file(without.mypys), _by_file(plugged.mypys)),
            differences(_by_file(outcome.plugged.ours), _by_file(plugged.ours)),
        )


def _by_file(messages: list[str]) -> list[str]:
    """Workers and the daemon are done with modules in another order."""
    return sorted(messages, key=lambda message: message.partition('", "line":')[0])


def _warm(corpus: Corpus, directory: Path, config: str) -> Said:
    return ask(corpus, directory, [program("mypy"), *arguments(config, f".{config}.cache")])


def _parallel(corpus: Corpus, directory: Path, config: str) -> Said:
    return ask(corpus, directory, [program("mypy"), "-n", "2", *arguments(config, f".{config}.parallel")])


def _daemon(corpus: Corpus, directory: Path, config: str) -> Said:
    """In the daemon, when it has seen a comment come to the longest module and go away again."""
    daemon = [program("dmypy"), "--status-file", f".{config}.status"]
    command = [*daemon, "run", "--", *arguments(config, f".{config}.daemon")]
    longest = max((directory / corpus.name).rglob("*.py"), key=lambda path: (path.stat().st_size, path))
    text = longest.read_text("utf-8")
    try:
        ask(corpus, directory, command)
        longest.write_text(f"{text}\n# A comment.\n", "utf-8")
        ask(corpus, directory, command)
        longest.write_text(text, "utf-8")
        return ask(corpus, directory, command)
    finally:
        longest.write_text(text, "utf-8")
        run([*daemon, "stop"], cwd=directory)


WAYS: Final[dict[str, Callable[[Corpus, Path, str], Said]]] = {
    "from the cache": _warm,
    "with two workers": _parallel,
    "in the daemon": _daemon,
}
