"""What a usage costs is exact, and never less than what is known."""

from __future__ import annotations

import sys
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_types import Budget, BudgetError
from budget_types.prices import Price, UnpricedModel, cost_of
from budget_types.usage import Usage

rates = st.decimals(min_value=0, max_value=10_000, places=6)
tokens = st.integers(0, 10**9)


@given(rates, rates, st.none() | rates, rates, tokens, tokens, tokens, tokens, st.integers(1, 50))
def test_costs_are_exact_in_any_decimal_context(
    given: Decimal,
    made: Decimal,
    cached: Decimal | None,
    written: Decimal,
    plain: int,
    read: int,
    wrote: int,
    said: int,
    precision: int,
) -> None:
    usage = Usage(plain + read + wrote, said, cached_tokens=read, cache_write_tokens=wrote, model="m")
    with localcontext(Context(prec=precision)):
        prices = {"m": Price(input=given, output=made, cached=cached, cache_write=written)}
        cost = cost_of(usage, prices=prices)
    parts = [(plain, given), (read, given if cached is None else cached), (wrote, written), (said, made)]
    assert Fraction(cost) == sum((count * Fraction(rate) for count, rate in parts), Fraction()) / 10**6


def test_a_cost_can_be_committed_as_it_is() -> None:
    budget = Budget(usd=1)
    cost = cost_of(Usage(1, 1, model="m"), prices={"m": Price(input="0.0000001", output="0.1")})
    budget.spend(usd=cost)
    assert budget.spent_usd == cost == Decimal("0.0000001000001")


def test_a_price_that_is_too_fine_is_rounded_up() -> None:
    cost = cost_of(Usage(1, model="m"), prices={"m": Price(input="1e-40", output=0)})
    assert cost == Decimal("1e-40")


def test_cached_input_costs_no_less_than_is_known() -> None:
    usage = Usage(10**6, cached_tokens=10**6, model="m")
    assert cost_of(usage, prices={"m": Price(input=3, output=15)}) == 3
    assert cost_of(usage, prices={"m": Price(input=3, output=15, cached="0.30")}) == Decimal("0.3")
    assert cost_of(usage, prices={"m": Price(input=3, output=15, cached=0)}) == 0


def test_cache_writes_without_a_price_are_refused() -> None:
    usage = Usage(10**6, cache_write_tokens=10**6, model="m")
    with pytest.raises(UnpricedModel, match="1000000 tokens were written to a cache; say cache_write="):
        cost_of(usage, prices={"m": Price(input=3, output=15)})
    assert cost_of(usage, prices={"m": Price(input=3, output=15, cache_write=0)}) == 0


@pytest.mark.parametrize("name", ["input", "output", "cached", "cache_write"])
def test_a_float_is_no_price(name: str) -> None:
    wrong: Any = {"input": 1, "output": 1, name: 0.1}
    with pytest.raises(TypeError, match=f'^{name} must be exact.*write Decimal\\("0.1"\\) or "0.1"'):
        Price(**wrong)


@pytest.mark.parametrize("wrong", ["-1", "free", "nan", "inf", "1e-41"])
def test_a_price_is_an_amount_of_money(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^output must "):
        Price(input=1, output=wrong)


def test_equal_prices_are_equal() -> None:
    assert Price(input=3, output="15") == Price(input="3.00", output=Decimal(15))
    assert Price(input=3, output=15) != Price(input=3, output=15, cached=3)


class TestNoPrice:
    def test_not_in_the_mapping(self) -> None:
        with pytest.raises(UnpricedModel, match=r"no price for model 'gpt-4o': add it to prices=") as caught:
            cost_of(Usage(1, model="gpt-4o"), prices={"gpt-4": Price(input=1, output=1)})
        assert caught.value.model == "gpt-4o"
        assert isinstance(caught.value, BudgetError)

    def test_no_model(self) -> None:
        with pytest.raises(UnpricedModel, match=r"no price for a model: .*model=") as caught:
            cost_of(Usage(1, model="a") + Usage(1, model="b"), prices={"a": Price(input=1, output=1)})
        assert caught.value.model is None

    def test_another_model_is_named(self) -> None:
        prices = {"a": Price(input=1, output=1)}
        assert cost_of(Usage(10**6, model="a-2026-01-01"), model="a", prices=prices) == 1

    def test_nothing_used_costs_nothing_and_still_needs_a_price(self) -> None:
        assert cost_of(Usage(model="a"), prices={"a": Price(input=1, output=1)}) == 0
        with pytest.raises(UnpricedModel):
            cost_of(Usage(model="b"), prices={})


class TestGenaiPrices:
    usage = Usage(123_457, 7_777, cached_tokens=100_001, cache_write_tokens=3, model="claude-sonnet-4-5")

    def test_it_is_asked_if_there_are_no_prices(self) -> None:
        counts = genai_prices.Usage(
            input_tokens=123_457, cache_read_tokens=100_001, cache_write_tokens=3, output_tokens=7_777
        )
        with localcontext(Context(prec=100)):
            expected = genai_prices.calc_price(counts, "claude-sonnet-4-5").total_price
        assert cost_of(self.usage) == expected

    def test_the_decimal_context_of_the_program_does_not_matter(self) -> None:
        exact = cost_of(self.usage)
        with localcontext(Context(prec=2)):
            assert cost_of(self.usage) == exact

    def test_it_is_not_asked_for_what_the_prices_lack(self) -> None:
        with pytest.raises(UnpricedModel):
            cost_of(self.usage, prices={})

    def test_a_model_that_it_does_not_know(self) -> None:
        with pytest.raises(UnpricedModel, match=r"genai-prices does not know it .*; give prices="):
            cost_of(self.usage, model="no-such-model")

    def test_a_kind_of_token_that_it_has_no_price_for(self) -> None:
        assert cost_of(Usage(10), model="gemini-embedding-001") > 0
        with pytest.raises(UnpricedModel, match="no price for its output"):
            cost_of(Usage(10, 10), model="gemini-embedding-001")
        with pytest.raises(UnpricedModel, match="no price for its input"):
            cost_of(Usage(10, 10), model="whisper-1")

    def test_it_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "genai_prices", None)
        with pytest.raises(UnpricedModel, match="give prices=, or install genai-prices"):
            cost_of(self.usage)
