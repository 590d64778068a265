"""`cost_of`: what a usage costs in US dollars, exactly.

There is no table of prices here. The caller has one, or genai-prices does, which is imported when it is asked. A model
without a price is an error: to count it as free would lift the cap. This module must never know budgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Final

from .amount import Usd, dollars, exact
from .errors import BudgetError
from .usage import Usage

__all__ = ["Price", "UnpricedModel", "cost_of"]

_PER: Final = 10**6
"""Prices are for so many tokens."""

_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation])
"""For the arithmetic of genai-prices, which would use the caller's context, and round where that one rounds."""


class UnpricedModel(BudgetError):
    """No price is known for tokens that were used. What they cost is not 0, and has to be settled otherwise.

    Attributes:
        model: the model's name; None if none is known.

    >>> cost_of(Usage(10, 5, model="m"), prices={})
    Traceback (most recent call last):
        ...
    budget_types.prices.UnpricedModel: no price for model 'm': add it to prices=, or name another with model=
    """

    def __init__(self, model: str | None, reason: str) -> None:
        super().__init__(f"no price for {'a model' if model is None else f'model {model!r}'}: {reason}")
        self.model = model


@dataclass(frozen=True, slots=True, init=False)
class Price:
    """What a model costs, in US dollars per million tokens.

    Raises TypeError for a float, which is not exact, and ValueError for what is no amount of money.

    Attributes:
        input: for tokens that went in.
        output: for tokens that came out, reasoning included.
        cached: for input that was read from a cache; None if that has no price of its own, and costs `input`.
        cache_write: for input that was written to a cache; None if that is not known. It is `input` for some models
            and more for others, so then no usage with such tokens has a cost.

    >>> Price(input=3, output="15", cached="0.30").cached
    Decimal('0.3')
    """

    input: Decimal
    output: Decimal
    cached: Decimal | None
    cache_write: Decimal | None

    def __init__(self, *, input: Usd, output: Usd, cached: Usd | None = None, cache_write: Usd | None = None) -> None:
        given = {"input": input, "output": output, "cached": cached, "cache_write": cache_write}
        for name, usd in given.items():
            object.__setattr__(self, name, None if usd is None else dollars(exact(name, usd)))


def cost_of(usage: Usage, /, *, model: str | None = None, prices: Mapping[str, Price] | None = None) -> Decimal:
    """What a usage costs in US dollars, whatever the program's decimal context.

    The model is the one that the usage names, unless `model` names another. Its price is looked up in `prices`, by
    exactly that name; without `prices`, genai-prices is asked, if it is installed.

    Raises UnpricedModel if there is no price for the model, or for a kind of token that it used.

    >>> cost_of(Usage(1_000, 200, model="m"), prices={"m": Price(input=3, output=15)})
    Decimal('0.006')
    """
    name = model or usage.model
    if name is None:
        raise UnpricedModel(None, "the usage names none, or is of several; name it with model=")
    if prices is None:
        return _looked_up(usage, name)
    price = prices.get(name)
    if price is None:
        raise UnpricedModel(name, "add it to prices=, or name another with model=")
    if usage.cache_write_tokens and price.cache_write is None:
        raise UnpricedModel(name, f"{usage.cache_write_tokens} tokens were written to a cache; say cache_write=")
    plain = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    costs = (
        plain * exact("input", price.input)
        + usage.cached_tokens * exact("cached", price.input if price.cached is None else price.cached)
        + usage.cache_write_tokens * exact("cache_write", price.cache_write or 0)
        + usage.output_tokens * exact("output", price.output)
    )
    # Up, for a price that is too fine to be counted by the token.
    return dollars(-(-costs // _PER))


def _looked_up(usage: Usage, model: str) -> Decimal:
    try:
        import genai_prices
    except ImportError:
        raise UnpricedModel(model, "give prices=, or install genai-prices") from None
    counts = genai_prices.Usage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        with localcontext(_EXACT):
            found = genai_prices.calc_price(counts, model)
    except LookupError as error:
        raise UnpricedModel(model, f"genai-prices does not know it ({error}); give prices=") from None
    for tokens, kind in ((usage.input_tokens, "input"), (usage.output_tokens, "output")):
        # To genai-prices, what has no price is free.
        if tokens and getattr(found.model_price, f"{kind}_mtok") is None:
            raise UnpricedModel(model, f"genai-prices has no price for its {kind}; give prices=")
    return dollars(exact("total_price", found.total_price))
