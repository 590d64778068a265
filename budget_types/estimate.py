"""How much to reserve for the next model call: fixed, worst case, or learned from the calls so far.

All amounts are tokens as the provider bills them, input and output together. An estimator knows nothing of
budgets: it says a number before the call, and is told the real one after it.

    tokens = estimator.estimate(prompt, model=model)
    ...  # reserve `tokens`, call the model, commit what it cost
    estimator.observe(prompt, billed, model=model)

This module must never import a tokenizer: which one counts is the caller's choice.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Hashable
from typing import Final, Protocol, runtime_checkable

from .amount import whole

__all__ = ["Adaptive", "Estimator", "MaxOutput", "Static", "shape", "utf8_bytes"]


@runtime_checkable
class Estimator(Protocol):
    """What says how much to reserve. `Static`, `MaxOutput` and `Adaptive` are the ones that come along.

    >>> isinstance(Static(100), Estimator)
    True
    """

    def estimate(self, prompt: str, *, model: str = "") -> int:
        """Tokens to reserve for the call, input and output together; never under 1.

        >>> Static(100).estimate("Hello", model="any")
        100
        """
        ...

    def observe(self, prompt: str, actual: int, *, model: str = "") -> None:
        """Learn that a call with this prompt was billed `actual` tokens. Raises ValueError when it is negative.

        >>> Static(100).observe("Hello", 80, model="any")
        """
        ...


def utf8_bytes(text: str) -> int:
    """Count the bytes of `text` in UTF-8: the safe counter for `MaxOutput`.

    A byte-level BPE token stands for at least one byte, so the tokens of the text itself are never more. What the
    provider adds around it (roles, tool preambles, images) is not text: pass the whole request, as it is sent.

    >>> utf8_bytes("café")
    5
    """
    return len(text.encode("utf-8", "surrogatepass"))


class Static:
    """The same `tokens` for every call. Raises ValueError when they are under 1.

    >>> Static(500).estimate("any prompt")
    500
    """

    def __init__(self, tokens: int) -> None:
        self.tokens: Final = whole("tokens", tokens, least=1)

    def estimate(self, prompt: str, *, model: str = "") -> int:
        """Say `tokens`, whatever the prompt.

        >>> Static(500).estimate("Hello")
        500
        """
        return self.tokens

    def observe(self, prompt: str, actual: int, *, model: str = "") -> None:
        """Learn nothing. Raises ValueError when `actual` is negative.

        >>> Static(500).observe("Hello", 80)
        """
        whole("actual", actual)

    def __repr__(self) -> str:
        return f"Static({self.tokens})"


class MaxOutput:
    """The worst case: what `counter` counts in the prompt, and all of the `max_tokens` that the answer may have.

    As good as its two numbers. With `utf8_bytes`, or the model's own tokenizer, and a provider that honours
    `max_tokens`, no call costs more. Raises ValueError when `max_tokens` is negative, and `estimate` when the counter
    says a negative number.

    >>> MaxOutput(utf8_bytes, max_tokens=100).estimate("Hello")
    105
    """

    def __init__(self, counter: Callable[[str], int], max_tokens: int) -> None:
        self.counter: Final = counter
        self.max_tokens: Final = whole("max_tokens", max_tokens)

    def estimate(self, prompt: str, *, model: str = "") -> int:
        """Say the tokens of the prompt plus `max_tokens`, and at least 1.

        >>> MaxOutput(utf8_bytes, max_tokens=100).estimate("Hello")
        105
        """
        return max(1, whole("counter(prompt)", self.counter(prompt)) + self.max_tokens)

    def observe(self, prompt: str, actual: int, *, model: str = "") -> None:
        """Learn nothing. Raises ValueError when `actual` is negative.

        >>> MaxOutput(utf8_bytes, 100).observe("Hello", 80)
        """
        whole("actual", actual)

    def affordable_output(self, prompt: str, left: int) -> int:
        """Say what `max_tokens` to send, so that the call cannot cost more than `left`; 0 where not even a token fits.

        This is what makes a cap certain under an estimate that is only likely: the provider cuts the answer, before
        the call costs more than there is. As certain as the counter, and as the provider's word on `max_tokens`.

        >>> MaxOutput(utf8_bytes, max_tokens=100).affordable_output("Hello", left=65)
        60
        """
        return max(0, min(self.max_tokens, left - whole("counter(prompt)", self.counter(prompt))))

    def __repr__(self) -> str:
        return f"MaxOutput({self.counter!r}, max_tokens={self.max_tokens})"


def shape(prompt: str) -> tuple[int, int]:
    """Sort a prompt by how densely it tokenizes: by bytes per character, and by the length of its words.

    Prose, source code, base64 and each family of scripts come out apart; that is all `Adaptive` needs by default.

    >>> shape("What is the capital of France?") == shape("Name three colours that you like.")
    True
    >>> shape("aGVsbG8gd29ybGQgdGhpcyBpcyBhIGxvbmcgb25l") == shape("What is the capital of France?")
    False
    """
    characters = max(1, len(prompt))
    per_character = round(2 * utf8_bytes(prompt) / characters)
    word = characters // max(1, len(prompt.split()))
    return per_character, min(word.bit_length(), 6)


class Adaptive:
    """Learn, for each model and kind of prompt, what part of `base`'s estimate calls really cost.

    A kind that was seen less than `min_calls` times gets `base`'s estimate: nothing is tightened without evidence of
    its own. After that the estimate is the `quantile` of the last `window` ratios of real cost to `base`, with
    `headroom` on top; and while calls are few, the spread between the median and that quantile once more, in the
    part `min_calls / calls`. It is never above `base`, unless calls of this kind were.

    Tightens call by call and loosens at once: a call that costs more than would be reserved for it makes the past of
    its kind void, and the kind starts over from `base` with that call as its first evidence. Memory is bounded by
    `window` ratios for each of at most `max_kinds` kinds; the one longest without a call is forgotten first. The same
    calls in the same order give the same estimates; all methods may be called from any thread.

    `kind` sorts prompts, `shape` by default; give one that knows more, such as which agent asks, if there is one.
    Within a kind, calls are kept apart by how much of `base`'s estimate is the prompt's part (under a third, up to two
    thirds, more): a long prompt says little about a short one. `base.estimate("")` is what tells.

    Raises ValueError for a `quantile` outside of (0, 1], a negative `headroom`, and when `min_calls`, `window` or
    `max_kinds` is under 1.

    >>> estimator = Adaptive(MaxOutput(utf8_bytes, max_tokens=1_000))
    >>> estimator.estimate("What is a prime number?")
    1023
    >>> for _ in range(20):
    ...     estimator.observe("What is a prime number?", 200)
    >>> estimator.estimate("What is a prime number?")
    240
    """

    def __init__(
        self,
        base: Estimator,
        *,
        quantile: float = 0.99,
        headroom: float = 0.2,
        min_calls: int = 5,
        window: int = 200,
        max_kinds: int = 1_000,
        kind: Callable[[str], Hashable] = shape,
    ) -> None:
        if not 0 < quantile <= 1:
            raise ValueError(f"quantile must be above 0 and at most 1: {quantile}")
        if not 0 <= headroom < math.inf:
            raise ValueError(f"headroom must be a number and not negative: {headroom}")
        self.base: Final = base
        self._quantile: Final = quantile
        self._headroom: Final = headroom
        self._min_calls: Final = whole("min_calls", min_calls, least=1)
        self._window: Final = whole("window", window, least=1)
        self._max_kinds: Final = whole("max_kinds", max_kinds, least=1)
        self._kind: Final = kind
        self._lock: Final = threading.Lock()
        self._ratios: Final[OrderedDict[Hashable, deque[float]]] = OrderedDict()

    def estimate(self, prompt: str, *, model: str = "") -> int:
        """Say what part of `base`'s estimate calls like this one need; all of it where too few were seen.

        >>> Adaptive(Static(500)).estimate("Hello")
        500
        """
        key, base = self._place(prompt, model)
        with self._lock:
            return self._reserve(base, self._ratios.get(key, ()))

    def observe(self, prompt: str, actual: int, *, model: str = "") -> None:
        """Learn that a call with this prompt was billed `actual` tokens. Raises ValueError when it is negative.

        >>> estimator = Adaptive(Static(500))
        >>> for _ in range(20):
        ...     estimator.observe("Hello", 100)
        >>> estimator.estimate("Hello")
        120
        """
        whole("actual", actual)
        self.base.observe(prompt, actual, model=model)
        key, base = self._place(prompt, model)
        with self._lock:
            ratios = self._ratios.setdefault(key, deque(maxlen=self._window))
            self._ratios.move_to_end(key)
            if actual > self._reserve(base, ratios):
                ratios.clear()
            ratios.append(actual / base)
            if len(self._ratios) > self._max_kinds:
                self._ratios.popitem(last=False)

    def _place(self, prompt: str, model: str) -> tuple[Hashable, int]:
        """The drawer that a call's ratio goes into, and what `base` says of it."""
        base = max(1, self.base.estimate(prompt, model=model))
        fixed = max(0, min(base, self.base.estimate("", model=model)))
        return (model, self._kind(prompt), 3 * (base - fixed) // base), base

    def _reserve(self, base: int, ratios: Collection[float]) -> int:
        calls = len(ratios)
        if not calls:
            return base
        ordered = sorted(ratios)
        # The rank of split conformal prediction: while the calls are alike, the next one costs more than the ratio of
        # this rank with probability 1 - quantile at most. With fewer calls than that takes, it is the largest one.
        high = ordered[min(calls, math.ceil(self._quantile * (calls + 1))) - 1]
        part = high * (1 + self._headroom) + (high - ordered[calls // 2]) * self._min_calls / calls
        if calls < self._min_calls:
            part = max(part, 1.0)
        if ordered[-1] <= 1:
            part = min(part, 1.0)
        return max(1, math.ceil(base * part))

    def __repr__(self) -> str:
        return f"Adaptive({self.base!r}, kinds={len(self._ratios)})"
