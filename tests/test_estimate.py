"""What the estimators promise, one by one, and the bar on the corpus of `bench/estimators.py`."""

from __future__ import annotations

import importlib.util
import math
import re
import sys
import threading
from collections import deque
from pathlib import Path
from types import ModuleType

import command
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_types.estimate import Adaptive, Estimator, MaxOutput, Static, shape, utf8_bytes

MAX = 1_000
PROMPT = "What is the capital of France?"
WORST = len(PROMPT) + MAX


def adaptive(min_calls: int = 5, window: int = 200, max_kinds: int = 1_000) -> Adaptive:
    return Adaptive(MaxOutput(utf8_bytes, MAX), min_calls=min_calls, window=window, max_kinds=max_kinds)


def taught(*costs: int) -> Adaptive:
    """An `Adaptive` that saw calls of one kind cost this much."""
    estimator = adaptive()
    for cost in costs:
        estimator.observe(PROMPT, cost)
    return estimator


@pytest.mark.parametrize("estimator", [Static(7), MaxOutput(utf8_bytes, 7), adaptive()])
def test_each_is_an_estimator(estimator: Estimator) -> None:
    assert isinstance(estimator, Estimator)
    with pytest.raises(ValueError, match="actual must not be negative: -1"):
        estimator.observe(PROMPT, -1)
    with pytest.raises(TypeError, match="actual must be an int, not bool"):
        estimator.observe(PROMPT, True)


def test_static_and_worst_case_learn_nothing() -> None:
    for estimator in (Static(7), MaxOutput(len, 7)):
        before = estimator.estimate(PROMPT)
        estimator.observe(PROMPT, 10_000)
        assert estimator.estimate(PROMPT) == before
    assert MaxOutput(len, 0).estimate("") == 1
    assert repr(Static(7)) == "Static(7)"


@given(st.text())
def test_utf8_bytes_counts_lone_surrogates_too(text: str) -> None:
    assert utf8_bytes(text + "\ud800") == utf8_bytes(text) + 3


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="tokens must be at least 1: 0"):
        Static(0)
    with pytest.raises(ValueError, match="max_tokens must not be negative: -1"):
        MaxOutput(len, -1)
    with pytest.raises(ValueError, match=r"counter\(prompt\) must not be negative: -3"):
        MaxOutput(lambda _: -3, 10).estimate(PROMPT)
    for quantile in (0.0, -1.0, 1.1, math.nan):
        with pytest.raises(ValueError, match="quantile"):
            Adaptive(Static(1), quantile=quantile)
    for headroom in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="headroom"):
            Adaptive(Static(1), headroom=headroom)
    with pytest.raises(ValueError, match="min_calls must be at least 1"):
        adaptive(min_calls=0)
    with pytest.raises(ValueError, match="window must be at least 1"):
        adaptive(window=0)
    with pytest.raises(ValueError, match="max_kinds must be at least 1"):
        adaptive(max_kinds=0)


@given(st.text(), st.integers(0, 10_000), st.integers(0, 2_000))
def test_a_call_within_its_affordable_output_cannot_cost_more_than_is_left(
    prompt: str, left: int, max_tokens: int
) -> None:
    worst = MaxOutput(utf8_bytes, max_tokens)
    output = worst.affordable_output(prompt, left)
    assert 0 <= output <= max_tokens
    assert output == 0 or utf8_bytes(prompt) + output <= left


COSTS = st.lists(st.integers(0, 3 * WORST), max_size=60)


@given(COSTS, st.text(), st.sampled_from(["", "other"]))
def test_never_under_one_and_the_same_for_the_same_past(costs: list[int], prompt: str, model: str) -> None:
    estimate = taught(*costs).estimate(prompt, model=model)
    assert estimate >= 1
    assert estimate == taught(*costs).estimate(prompt, model=model)


@given(st.lists(st.integers(0, WORST), max_size=60))
def test_never_above_the_base_while_the_base_suffices(costs: list[int]) -> None:
    estimator = adaptive()
    for cost in costs:
        estimator.observe(PROMPT, cost)
        assert estimator.estimate(PROMPT) <= WORST


@given(st.lists(st.integers(0, 3 * WORST), min_size=1, max_size=60))
def test_a_call_like_the_last_one_always_fits(costs: list[int]) -> None:
    assert taught(*costs).estimate(PROMPT) >= costs[-1]


@given(st.lists(st.integers(0, 3 * WORST), min_size=1, max_size=98))
def test_covers_all_that_was_seen_since_the_last_miss(costs: list[int]) -> None:
    estimator = adaptive()
    since: list[int] = []
    for cost in costs:
        since = [*([] if cost > estimator.estimate(PROMPT) else since), cost]
        estimator.observe(PROMPT, cost)
        assert estimator.estimate(PROMPT) >= max(since)


@given(st.integers(1, WORST), st.integers(5, 150))
def test_more_of_the_same_never_loosens(cost: int, calls: int) -> None:
    estimator = taught(*[cost] * 5)
    before = estimator.estimate(PROMPT)
    for _ in range(calls):
        estimator.observe(PROMPT, cost)
        assert cost <= estimator.estimate(PROMPT) <= before


def test_holds_to_the_base_until_enough_calls_were_seen() -> None:
    assert [taught(*[100] * calls).estimate(PROMPT) for calls in range(7)] == [WORST] * 5 + [120] * 2


def test_spread_counts_for_less_as_calls_become_more() -> None:
    few, many = taught(*range(100, 150, 10)), taught(*sorted([*range(100, 150, 10)] * 10))
    assert few.estimate(PROMPT) == math.ceil(140 * 1.2 + 20)
    assert many.estimate(PROMPT) == math.ceil(140 * 1.2 + 20 * 5 / 50)


def test_loosens_at_once_and_tightens_again() -> None:
    estimator = taught(*[100] * 50)
    estimator.observe(PROMPT, 900)
    assert estimator.estimate(PROMPT) == WORST
    for _ in range(197):
        estimator.observe(PROMPT, 100)
        assert estimator.estimate(PROMPT) == WORST
    estimator.observe(PROMPT, 100)
    assert estimator.estimate(PROMPT) == 120  # of 199 calls, p99 is the 198th


def test_goes_above_a_base_that_reserves_too_little() -> None:
    estimator = Adaptive(Static(100))
    estimator.observe(PROMPT, 300)
    assert estimator.estimate(PROMPT) == 360
    for _ in range(300):
        estimator.observe(PROMPT, 10)
    assert estimator.estimate(PROMPT) == 12


def test_one_outlier_in_a_window_is_not_paid_for_for_ever() -> None:
    estimator = taught(*[100] * 99, 119, *[100] * 99)
    assert estimator.estimate(PROMPT) == 120


def test_models_and_kinds_are_apart() -> None:
    estimator = taught(*[100] * 50)
    assert estimator.estimate(PROMPT) == 120
    assert estimator.estimate(PROMPT, model="other") == WORST
    for unlike in ("价格是多少?", "aGVsbG8gd29ybGQgdGhpcyBpcyBhIGxvbmcgb25l", PROMPT * 100):
        assert estimator.estimate(unlike) == MAX + utf8_bytes(unlike)


def test_kinds_of_the_callers_own() -> None:
    estimator = Adaptive(Static(100), kind=lambda prompt: prompt.partition(":")[0])
    for _ in range(5):
        estimator.observe("summary: one text", 50)
    assert estimator.estimate("summary: quite another, longer text") == 60
    assert estimator.estimate("poem: one text") == 100


def test_the_base_learns_too() -> None:
    estimator = Adaptive(adaptive())
    for _ in range(5):
        estimator.observe(PROMPT, 100)
    assert estimator.base.estimate(PROMPT) == 120


def test_shape_takes_any_text() -> None:
    assert shape("") == (0, 1)
    assert shape("\ud800 ") == shape("\ud800 \ud800 ")


def test_memory_is_bounded() -> None:
    estimator = adaptive(window=10, max_kinds=3)
    for number in range(1_000):
        estimator.observe(PROMPT, 100, model=str(number % 7))
    kept: list[deque[float]] = list(estimator._ratios.values())
    assert len(kept) == 3
    assert all(len(ratios) <= 10 for ratios in kept)


def test_the_kind_longest_without_a_call_is_forgotten_first() -> None:
    estimator = adaptive(max_kinds=2)
    for model in ("often", "once", "often", "new", *["often"] * 3):
        estimator.observe(PROMPT, 100, model=model)
    assert estimator.estimate(PROMPT, model="often") == 120


def test_threads_lose_no_call() -> None:
    estimator = adaptive(window=100_000)
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for number in range(500):
            estimator.observe(PROMPT, 100 + number % 10, model=str(number % 5))
            assert estimator.estimate(PROMPT, model=str(number % 5)) >= 109 or number < 10

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, estimator._ratios.values())) == 8 * 500


@pytest.fixture(scope="session")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("estimators", Path(__file__).parents[1] / "bench" / "estimators.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded  # dataclasses look their module up
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("seed", [1, 2, 3, 20, 300])
def test_the_bar(bench: ModuleType, seed: int) -> None:
    """A median effective margin under 2.11, and no cap violation and no false refusal on the way."""
    runs = bench.corpus(seed, runs=12)
    make = bench.ESTIMATORS["Adaptive(MaxOutput)"]
    found = bench.margins(make(), runs)
    assert found.median < 2.11
    assert found.median < 0.75 * bench.margins(bench.WORST, runs).median
    assert found.under <= found.calls / 100
    way = bench.Way(in_flight=1, limited=True)
    tight, wide = bench.outcomes(make, runs, bench.TIGHT, way), bench.outcomes(make, runs, bench.WIDE, way)
    assert tight.violations == wide.violations == wide.false_refusals == wide.cut == 0


def test_the_corpus_is_made_of_its_seed(bench: ModuleType) -> None:
    assert bench.corpus(7, runs=1) == bench.corpus(7, runs=1) != bench.corpus(8, runs=1)
    for run in bench.corpus(7, runs=5):
        assert all(call.actual <= bench.WORST.estimate(call.prompt) for call in run)


SCRIPT = str(Path(__file__).parents[1] / "bench" / "estimators.py")
PAGE = (Path(__file__).parents[1] / "docs" / "estimators.md").read_text(encoding="utf-8")


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    """Each time, on each machine: a seed settles everything."""
    assert f"```text\n{command.run(command.python(SCRIPT), cwd=tmp_path).out}```" in PAGE


def test_the_page_shows_what_is_printed_of_many_seeds(tmp_path: Path) -> None:
    """As to its words: forty seeds take minutes, and two of a few runs do not."""
    done = command.run(command.python(SCRIPT, "--seeds", "2", "--runs", "2"), cwd=tmp_path)
    (shown,) = re.findall(r"^```text\n(Adaptive.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    said, on_page = (re.sub(r"[\d.,]+", "#", text).split() for text in (done.out, shown))
    assert said == on_page
