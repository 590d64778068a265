"""Which names are caps, and of what. Names only: that the value is a number is for `caps` to see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeAlias

__all__ = ["CAPS", "Name", "Names", "Unit", "UnknownUnit"]

Unit: TypeAlias = Literal["tokens", "usd"]


class UnknownUnit(ValueError):
    """What was said about a name is not `NAME=tokens` or `NAME=usd`."""


@dataclass(frozen=True, slots=True)
class Name:
    """A pattern of names, and what they are caps of; `unit` None: an `int` is tokens, a `float` is dollars.

    `per_call`: more often the limit of one answer, which a library takes as a number, than a cap that is used up.
    """

    pattern: str
    unit: Unit | None
    per_call: bool = False


CAPS: Final = (
    # One answer's limit, in the words of the APIs.
    Name("max_tokens", "tokens", per_call=True),
    Name("max_output_tokens", "tokens", per_call=True),
    Name("max_completion_tokens", "tokens", per_call=True),
    Name("max_new_tokens", "tokens", per_call=True),
    Name("max_response_tokens", "tokens", per_call=True),
    Name("max_tokens_to_sample", "tokens", per_call=True),
    # Tokens.
    Name("token_budget", "tokens"),
    Name("*_token_budget", "tokens"),
    Name("tokens_budget", "tokens"),
    Name("budget_tokens", "tokens"),
    Name("max_*_tokens", "tokens"),
    Name("token_limit", "tokens"),
    Name("tokens_limit", "tokens"),
    Name("*_token_limit", "tokens"),
    Name("*_tokens_limit", "tokens"),
    Name("token_cap", "tokens"),
    Name("tokens_left", "tokens"),
    Name("tokens_remaining", "tokens"),
    Name("remaining_tokens", "tokens"),
    Name("token_allowance", "tokens"),
    # Money.
    Name("budget_usd", "usd"),
    Name("*_budget_usd", "usd"),
    Name("usd_budget", "usd"),
    Name("cost_budget", "usd"),
    Name("dollar_budget", "usd"),
    Name("max_cost", "usd"),
    Name("max_cost_usd", "usd"),
    Name("max_usd", "usd"),
    Name("max_spend", "usd"),
    Name("cost_limit", "usd"),
    Name("cost_limit_usd", "usd"),
    Name("cost_cap", "usd"),
    Name("spend_limit", "usd"),
    Name("usd_limit", "usd"),
    # Either.
    Name("budget", None),
    Name("max_budget", None),
    Name("remaining_budget", None),
    Name("budget_left", None),
    Name("budget_limit", None),
    Name("budget_cap", None),
)
"""The first pattern that fits decides. Leading underscores and the case of a name do not count."""


class Names:
    """The table, with what a command line and settings add in front of it: `allowance=tokens`, `*_cents=usd`."""

    def __init__(self, added: Iterable[str] = ()) -> None:
        self._rows = (*map(_read, added), *CAPS)
        self._known: dict[str, Name | None] = {}

    def find(self, name: str) -> Name | None:
        """The row for a name; None for what is no cap."""
        if name not in self._known:
            plain = _plain(name)
            self._known[name] = next((row for row in self._rows if fnmatchcase(plain, row.pattern)), None)
        return self._known[name]


def _plain(name: str) -> str:
    return name.lstrip("_").lower()


def _read(text: str) -> Name:
    name, _, unit = text.rpartition("=")
    pattern = _plain(name)
    if unit == "tokens" and pattern:
        return Name(pattern, "tokens")
    if unit == "usd" and pattern:
        return Name(pattern, "usd")
    raise UnknownUnit(f"--cap wants NAME=tokens or NAME=usd, not {text!r}")
