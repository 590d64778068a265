"""How places and containers are written, in the program and as arguments of the twin's methods."""

from __future__ import annotations

from ..language.expressions import Place

__all__ = ["DICTS", "arguments_of", "has_keys", "is_collection", "is_flow", "item_of", "spelled", "values_of"]

DICTS = frozenset({"d"})


def spelled(place: Place) -> str:
    return ".".join(place.path)


def item_of(source: Place) -> str:
    return f'{spelled(source)}["k0"]' if source.path[0] in DICTS else f"{spelled(source)}[0]"


def arguments_of(place: Place) -> str:
    """A place as the arguments of the twin's methods: its variable, then the names of the fields."""
    root, *path = place.path
    return ", ".join([root, *(f"'{name}'" for name in path)])


def is_collection(source: Place) -> bool:
    """Whether a place is a list of what others own."""
    return source.path[0].startswith("vs")


def is_flow(source: Place) -> bool:
    """Whether a place is a generator of coins."""
    return source.path[0].startswith("o")


def has_keys(jobs: str) -> bool:
    """Whether tasks, or threads, are kept in a dict."""
    return jobs.startswith(("m", "y"))


def values_of(jobs: str) -> str:
    return f"{jobs}.values()" if has_keys(jobs) else jobs
