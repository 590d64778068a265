"""Amounts: tokens are whole numbers, money is exact; what is neither is refused by name.

Inside of this package money is a whole number too, of 10⁻⁴⁰ dollars: a `Decimal` adds and subtracts as precisely as
the program's decimal context lets it, and a budget must not depend on that. Amounts become `Decimal` again where they
are read. This module must never know what amounts are of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce
from typing import Final, Literal, TypeAlias

__all__ = ["GRAIN", "Amount", "Amounts", "Unit", "Usd", "ask", "dollars", "exact", "readable", "shown", "whole"]

Unit: TypeAlias = Literal["tokens", "usd"]
"""What an amount is of."""

Usd: TypeAlias = Decimal | int | str
"""Money in US dollars, exactly: `Decimal("0.25")`, `"0.25"` or a whole number; never a float."""

Amounts: TypeAlias = dict[Unit, int]
"""Amounts by unit as this package counts them: tokens, and 10⁻⁴⁰ dollars."""

_PLACES: Final = 40
"""Division gives a `Decimal` 28 digits, so whatever is above 10⁻¹² dollars is held as it came."""

_LARGEST: Final = 15
"""Digits before the point; more than this is a mistake and not a budget."""

_EXACT: Final = Context(prec=_PLACES + _LARGEST, traps=[Inexact])

GRAIN: Final[dict[Unit, int]] = {"tokens": 1, "usd": 10 ** (_PLACES - 8)}
"""What divisions come out in: whole tokens, and whole micro-cents, the crate's unit of money."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens, money or both; None for a unit that is not held.

    >>> print(Amount(tokens=300, usd=Decimal("0.25")))
    300 tokens, 0.25 usd
    """

    tokens: int | None = None
    usd: Decimal | None = None

    def items(self) -> list[tuple[Unit, int | Decimal]]:
        """The units that are held, each with its amount.

        >>> Amount(tokens=300).items()
        [('tokens', 300)]
        """
        units: list[tuple[Unit, int | Decimal | None]] = [("tokens", self.tokens), ("usd", self.usd)]
        return [(unit, amount) for unit, amount in units if amount is not None]

    def __add__(self, other: Amount) -> Amount:
        """Unit by unit, exactly, whatever the program's decimal context."""
        tokens = [amount.tokens for amount in (self, other) if amount.tokens is not None]
        money = [amount.usd for amount in (self, other) if amount.usd is not None]
        return Amount(sum(tokens) if tokens else None, reduce(_EXACT.add, money) if money else None)

    def __str__(self) -> str:
        return ", ".join(f"{amount} {unit}" for unit, amount in self.items())


def ask(tokens: int | None, usd: Usd | None, names: tuple[str, str] = ("tokens", "usd")) -> Amounts:
    """What a caller asks for. Raises TypeError or ValueError that name the argument, and TypeError for nothing."""
    asked: Amounts = {}
    if tokens is not None:
        asked["tokens"] = whole(names[0], tokens)
    if usd is not None:
        asked["usd"] = exact(names[1], usd)
    if not asked:
        raise TypeError("say how much: tokens, usd= or both")
    return asked


def shown(amounts: Mapping[Unit, int]) -> Amount:
    """Amounts as they are shown to a caller."""
    return Amount(**{unit: readable(unit, amount) for unit, amount in amounts.items()})  # type: ignore[arg-type]


def readable(unit: Unit, amount: int) -> int | Decimal:
    """An amount as it is shown to a caller."""
    return amount if unit == "tokens" else dollars(amount)


def dollars(amount: int) -> Decimal:
    """Money as it is shown to a caller."""
    money = Decimal(amount).scaleb(-_PLACES, _EXACT).normalize(_EXACT)
    # Whole tens would be written 1E+1.
    return money if money.as_tuple().exponent < 0 else money.quantize(Decimal(1), context=_EXACT)  # type: ignore[operator]


def whole(name: str, value: int, *, least: int = 0) -> int:
    """The value, if it is a whole number and not under `least`; else TypeError or ValueError that say so by name."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    # A subclass may compare as it likes.
    number = int(value)
    if number < least:
        raise ValueError(
            f"{name} must be at least {least}: {value}" if least else f"{name} must not be negative: {value}"
        )
    return number


def exact(name: str, usd: Usd) -> int:
    """Money as this package counts it; TypeError or ValueError, by name, for what is none or is not exact."""
    money = usd if type(usd) is Decimal else _decimal(name, usd)
    # Each of these costs a few nanoseconds, and a comparison ten times that.
    if money.is_finite() and not money.is_signed() and money.adjusted() < _LARGEST:
        try:
            scaled = money.scaleb(_PLACES, _EXACT)
        except Inexact:
            raise _too_fine(name, usd) from None
        grains = int(scaled)
        if grains != scaled:
            raise _too_fine(name, usd)
        return grains
    if not money.is_finite():
        raise ValueError(f"{name} must be a finite number: {usd}")
    if money < 0:
        raise ValueError(f"{name} must not be negative: {usd}")
    if money > 0:
        raise ValueError(f"{name} must be less than 10**{_LARGEST}: {usd}")
    return 0


def _decimal(name: str, usd: Usd) -> Decimal:
    if isinstance(usd, float):
        raise TypeError(f'{name} must be exact, and a float is not: write Decimal("{usd}") or "{usd}"')
    if not isinstance(usd, (Decimal, int, str)) or isinstance(usd, bool):
        raise TypeError(f"{name} must be a Decimal, an int or text, not {type(usd).__name__}")
    try:
        return Decimal(usd)
    except InvalidOperation:
        raise ValueError(f"{name} must be a number: {usd!r}") from None


def _too_fine(name: str, usd: Usd) -> ValueError:
    return ValueError(f"{name} must not be finer than 10**-{_PLACES}: {usd}; round it up first")
