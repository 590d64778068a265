"""`usage_of`: what a model call really used, read from what the client library gave back.

Libraries are known by the shape of their usage objects, and none of them is imported. A shape is a row of `SHAPES`,
so to learn one more is to add a row, and the tests ask for a right and a wrong example of it. Where a rule is
surprising, its source stands beside it. What is not understood is refused: a budget that counts a guess holds no cap.

This module must never know budgets or prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import reduce
from typing import Final

from .errors import BudgetError

__all__ = ["Usage", "UsageError", "usage_of"]


class UsageError(BudgetError):
    """There is no usage, or none that is understood, or its counts contradict each other.

    >>> Usage(10, 5, cached_tokens=11)
    Traceback (most recent call last):
        ...
    budget_types.usage.UsageError: cached_tokens + cache_write_tokens are part of input_tokens, and 11 is more than 10
    """


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one model call or of several. Each part is counted in its total, and not beside it.

    Raises UsageError for a count that is negative or no int, and for parts that are larger than their total.

    Attributes:
        input_tokens: all tokens that went in, cached ones included.
        output_tokens: all tokens that came out, reasoning included.
        cached_tokens: the part of the input that was read from a cache.
        cache_write_tokens: the part of the input that was written to a cache.
        reasoning_tokens: the part of the output that was reasoning.
        model: the model's name as the provider gave it; None if it gave none, or if there were several models.

    >>> Usage(1_200, 80, cached_tokens=1_000).output_tokens
    80
    """

    input_tokens: int = 0
    output_tokens: int = 0
    _: KW_ONLY
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    model: str | None = None

    def __post_init__(self) -> None:
        for name in ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens"):
            _whole(name, getattr(self, name))
        for parts, total in (
            (("cached_tokens", "cache_write_tokens"), "input_tokens"),
            (("reasoning_tokens",), "output_tokens"),
        ):
            part, whole = sum(getattr(self, name) for name in parts), getattr(self, total)
            if part > whole:
                raise UsageError(f"{' + '.join(parts)} are part of {total}, and {part} is more than {whole}")

    @property
    def total_tokens(self) -> int:
        """Input and output together: what a budget of tokens is to be charged.

        >>> Usage(1_200, 80, cached_tokens=1_000).total_tokens
        1280
        """
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        """Count by count. The model stays if both name the same one; what has no tokens has no say in it.

        >>> sum([Usage(10, 5, model="m"), Usage(7, 1, model="m")], Usage())
        Usage(input_tokens=17, output_tokens=6, cached_tokens=0, cache_write_tokens=0, reasoning_tokens=0, model='m')
        """
        models = {usage.model for usage in (self, other) if usage.total_tokens} or {self.model, other.model}
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            model=models.pop() if len(models) == 1 else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a library writes down a usage.

    A count is a field or a sum of fields, written `"a + b.c? + d|e"`. A question mark stands after what counts 0 where
    it is absent or None, as libraries write what does not apply; any other field is required. Of several names for
    the same thing, the first that is there counts.

    Attributes:
        name: whose shape it is.
        marks: a usage with any of these fields has this shape, unless a row above claims it.
        nothing_else: the usage must have all the marks, and no other field.
        totals: input and output, in each way that is known to occur. The first that adds up to `total` is right.
        total: what the library itself says that input and output add up to; 0 if it does not say.
        cached: the part of the input that was read from a cache.
        cache_write: the part of the input that was written to a cache.
        reasoning: the part of the output that was reasoning.
        passes: a field with a list of usages of this shape, whose sum says more than the usage itself.
        unmeasured: how many calls reported nothing, so that the other counts are too low.
        calls: a field with how many calls there were. No call used nothing; where there were some, that is no count.
    """

    name: str
    marks: tuple[str, ...]
    nothing_else: bool = False
    totals: tuple[tuple[str, str], ...]
    total: str = ""
    cached: str = ""
    cache_write: str = ""
    reasoning: str = ""
    passes: str = ""
    unmeasured: str = ""
    calls: str = ""


SHAPES: Final = (
    Shape(
        # Cached tokens are among those of the prompt, and reasoning among the completion: the details are a "breakdown
        # of tokens used in the prompt" (openai 2.54, types/completion_usage.py). litellm brings the counts of Anthropic
        # and Gemini to the same rule (1.106, `calculate_usage` of llms/anthropic/chat/transformation.py and
        # `_calculate_usage` of llms/vertex_ai/gemini/vertex_and_google_ai_studio_gemini.py).
        name="openai chat completions, litellm",
        marks=("completion_tokens",),
        totals=(
            ("prompt_tokens", "completion_tokens"),
            # What Gemini read through its search is in litellm's total, and not in its prompt (`_calculate_usage`).
            ("prompt_tokens + prompt_tokens_details.tool_use_tokens?", "completion_tokens"),
            # xAI counts reasoning beside the completion, and in the total (litellm 1.106, llms/xai/chat/
            # transformation.py, `fold_reasoning_tokens_into_completion`).
            ("prompt_tokens", "completion_tokens + completion_tokens_details.reasoning_tokens?"),
        ),
        total="total_tokens?",
        cached="prompt_tokens_details.cached_tokens?",
        # litellm's name for it was another before it was openai's.
        cache_write="prompt_tokens_details.cache_write_tokens|prompt_tokens_details.cache_creation_tokens?",
        reasoning="completion_tokens_details.reasoning_tokens?",
    ),
    Shape(
        # Nothing but these two (openai 2.54, types/create_embedding_response.py).
        name="openai embeddings",
        marks=("prompt_tokens",),
        totals=(("prompt_tokens", ""),),
        total="total_tokens",
    ),
    Shape(
        # "Total input tokens in a request is the summation of `input_tokens`, `cache_creation_input_tokens`, and
        # `cache_read_input_tokens`" (anthropic 2.12, types/message.py), and `output_tokens` "remains the inclusive,
        # authoritative total" over `output_tokens_details` (types/usage.py).
        name="anthropic messages",
        marks=("cache_read_input_tokens", "cache_creation_input_tokens"),
        totals=(("input_tokens + cache_read_input_tokens? + cache_creation_input_tokens?", "output_tokens"),),
        cached="cache_read_input_tokens?",
        cache_write="cache_creation_input_tokens?",
        reasoning="output_tokens_details.thinking_tokens?",
        # "A `compaction` entry's tokens are not included in the top-level `usage` fields" (types/beta/beta_usage.py),
        # nor is what an advisor used, nor the input of later passes (Anthropic's page on the advisor tool).
        passes="iterations",
    ),
    Shape(
        # Written as for chat completions, under other names (openai 2.54, types/responses/response_usage.py).
        # openai-agents' `Usage` is the same.
        name="openai responses",
        marks=("input_tokens_details",),
        totals=(("input_tokens", "output_tokens"),),
        total="total_tokens?",
        cached="input_tokens_details.cached_tokens?",
        cache_write="input_tokens_details.cache_write_tokens?",
        reasoning="output_tokens_details.reasoning_tokens?",
    ),
    Shape(
        # The prompt "also includes the number of tokens in the cached content"; the total is "the sum of
        # `prompt_token_count`, `candidates_token_count`, `tool_use_prompt_token_count`, and `thoughts_token_count`"
        # (google-genai 3.4, types.py, GenerateContentResponseUsageMetadata). The live API has a response where others
        # have candidates (UsageMetadata).
        name="google-genai",
        marks=("prompt_token_count",),
        totals=(
            (
                "prompt_token_count + tool_use_prompt_token_count?",
                "candidates_token_count|response_token_count? + thoughts_token_count?",
            ),
            # Vertex AI was seen to count the thoughts among the candidates (litellm 1.106, the same file,
            # `is_candidate_token_count_inclusive`, and https://github.com/BerriAI/litellm/pull/10141).
            (
                "prompt_token_count + tool_use_prompt_token_count?",
                "candidates_token_count|response_token_count?",
            ),
        ),
        total="total_token_count?",
        cached="cached_content_token_count?",
        reasoning="thoughts_token_count?",
    ),
    Shape(
        # The row above, as it comes over the wire.
        name="Gemini's JSON",
        marks=("promptTokenCount",),
        totals=(
            (
                "promptTokenCount + toolUsePromptTokenCount?",
                "candidatesTokenCount|responseTokenCount? + thoughtsTokenCount?",
            ),
            ("promptTokenCount + toolUsePromptTokenCount?", "candidatesTokenCount|responseTokenCount?"),
        ),
        total="totalTokenCount?",
        cached="cachedContentTokenCount?",
        reasoning="thoughtsTokenCount?",
    ),
    Shape(
        # "Inclusive parent/child buckets, not disjoint ones" for every provider; with `unmeasured_requests`, "token
        # totals and any known cost are lower bounds" (pydantic-ai 2.68, usage.py, UsageBase).
        name="pydantic-ai",
        marks=("cache_read_tokens",),
        totals=(("input_tokens", "output_tokens"),),
        total="total_tokens?",
        cached="cache_read_tokens?",
        cache_write="cache_write_tokens?",
        reasoning="output_reasoning_tokens?",
        unmeasured="unmeasured_requests?",
        calls="requests",
    ),
    Shape(
        # `input_tokens` is the "sum of all input token types" (langchain-core 1.7, messages/ai.py, UsageMetadata).
        # langchain-anthropic 1.7 splits cache writes by their lifetime, and then sets `cache_creation` to 0;
        # langchain-openai 1.7 puts the service tier before the names (`_create_usage_metadata` of both). In
        # openai's realtime API, which has the same fields, what was cached is `cached_tokens`.
        name="langchain-core",
        marks=("input_token_details", "output_token_details"),
        totals=(("input_tokens", "output_tokens"),),
        total="total_tokens?",
        cached=(
            "input_token_details.cache_read? + input_token_details.priority_cache_read?"
            " + input_token_details.flex_cache_read? + input_token_details.cached_tokens?"
        ),
        cache_write=(
            "input_token_details.cache_creation? + input_token_details.priority_cache_creation?"
            " + input_token_details.flex_cache_creation? + input_token_details.ephemeral_5m_input_tokens?"
            " + input_token_details.ephemeral_1h_input_tokens?"
        ),
        reasoning=(
            "output_token_details.reasoning? + output_token_details.priority_reasoning?"
            " + output_token_details.flex_reasoning?"
        ),
    ),
    Shape(
        # Those details need not be there. Other fields that are might say what is not in these.
        name="langchain-core without details",
        marks=("input_tokens", "output_tokens", "total_tokens"),
        nothing_else=True,
        totals=(("input_tokens", "output_tokens"),),
        total="total_tokens",
    ),
)
"""Every shape that is understood; the first that fits is taken."""

_CARRIERS: Final = ("usage", "usage_metadata", "usageMetadata")
"""Where a response has its usage. pydantic-ai had a method `usage()` before its version 2."""

_MODELS: Final = (
    "model",
    "model_version",
    "modelVersion",
    "model_name",
    "response_metadata.model_name",
    "response_metadata.model",
)
"""Where a response has the model's name: openai, anthropic and litellm; Gemini; pydantic-ai; langchain-core."""

_ABSENT: Final = object()


def usage_of(response: object, /) -> Usage:
    """The usage of a model's response, or of the usage object in it; JSON of the same shape will do for either.

    Understood are openai (chat completions, responses, embeddings), anthropic, google-genai, pydantic-ai (responses,
    results of runs), langchain-core and litellm. A stream tells its usage at its end, and openai's only if it was
    asked to.

    Raises UsageError if there is no usage, if its shape is not one of these, or if its counts contradict each other.

    >>> answer = {"model": "m", "usage": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42}}
    >>> usage_of(answer).total_tokens
    42
    """
    if shape := _shape_of(response):
        return _read(response, shape, None)
    for name in _CARRIERS:
        usage = _field(response, name)
        if callable(usage) and not _shape_of(usage):
            usage = usage()
        if shape := _shape_of(usage):
            return _read(usage, shape, _model(response))
        if usage is None:
            raise UsageError(
                f"the {name} of this {type(response).__name__} is None: the provider reported none. Of a stream, read "
                'its last event; openai reports it with stream_options={"include_usage": True}'
            )
        if usage is not _ABSENT:
            raise UsageError(
                f"the {name} of this {type(response).__name__} is no usage that is known: {_seen(usage)}; {_UNDERSTOOD}"
            )
    raise UsageError(f"no usage that is known, nor a response with one: {_seen(response)}; {_UNDERSTOOD}")


def _read(usage: object, shape: Shape, model: str | None) -> Usage:
    try:
        read = _interpret(usage, shape, model)
        if not read.total_tokens and _field(usage, shape.calls) != 0:
            raise UsageError("every count is 0, so the provider reported none")
    except UsageError as error:
        raise UsageError(f"{type(usage).__name__}, read as that of {shape.name}: {error}") from None
    return read


def _interpret(usage: object, shape: Shape, model: str | None) -> Usage:
    if unmeasured := _count(usage, shape.unmeasured):
        raise UsageError(f"{shape.unmeasured.rstrip('?')} is {unmeasured}, so the other counts are too low")
    total = _count(usage, shape.total)
    ways = [(_count(usage, entered), _count(usage, left)) for entered, left in shape.totals]
    fitting = [way for way in ways if total in (0, sum(way))]
    if not fitting:
        entered, left = shape.totals[0]
        raise UsageError(f"{shape.total.rstrip('?')} is {total}, and {entered} + {left} add up to {sum(ways[0])}")
    whole = Usage(
        *fitting[0],
        cached_tokens=_count(usage, shape.cached),
        cache_write_tokens=_count(usage, shape.cache_write),
        reasoning_tokens=_count(usage, shape.reasoning),
        model=model,
    )
    passes = _field(usage, shape.passes)
    if isinstance(passes, Sequence) and passes:
        summed = reduce(Usage.__add__, (_interpret(one, shape, _model(one) or model) for one in passes))
        if summed.total_tokens >= whole.total_tokens:
            # Only the whole says what was reasoning.
            return replace(summed, reasoning_tokens=max(whole.reasoning_tokens, summed.reasoning_tokens))
    return whole


def _count(usage: object, terms: str) -> int:
    total = 0
    for term in terms.split(" + ") if terms else ():
        names = term.removesuffix("?").split("|")
        there = [(name, value) for name in names if (value := _field(usage, name)) not in (None, _ABSENT)]
        if there:
            total += _whole(*there[0])
        elif not term.endswith("?"):
            raise UsageError(f"{' or '.join(names)} is missing")
    return total


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UsageError(f"{name} must be a whole number of tokens, and is {value!r}")
    return value


def _shape_of(usage: object) -> Shape | None:
    for shape in SHAPES:
        if shape.nothing_else:
            if set(_fields(usage)) == set(shape.marks):
                return shape
        elif any(_field(usage, mark) is not _ABSENT for mark in shape.marks):
            return shape
    return None


def _model(response: object) -> str | None:
    names = (_field(response, path) for path in _MODELS)
    return next((name for name in names if isinstance(name, str) and name), None)


def _field(holder: object, path: str) -> object:
    """What stands in a field, or in a field of a field; `_ABSENT` if nothing does."""
    for name in path.split("."):
        holder = holder.get(name, _ABSENT) if isinstance(holder, Mapping) else getattr(holder, name, _ABSENT)
    return holder


def _fields(holder: object) -> list[str]:
    names = holder if isinstance(holder, Mapping) else getattr(holder, "__dict__", getattr(holder, "__slots__", ()))
    return sorted(name for name in map(str, names) if not name.startswith("_"))


def _seen(value: object) -> str:
    return f"{type(value).__name__} (fields: {', '.join(_fields(value)) or 'none'})"


_UNDERSTOOD: Final = "known are those of " + "; ".join(f"{shape.name} ({', '.join(shape.marks)})" for shape in SHAPES)
