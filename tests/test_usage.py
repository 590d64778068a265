"""What a call used is read right from the real objects of every library, and from nothing else.

`EXAMPLES` has a right and a wrong one for every row of `SHAPES`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from functools import reduce
from typing import Any

# litellm would ask the network for its prices when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import pytest
from anthropic.types import Message, MessageDeltaUsage
from anthropic.types.beta import BetaMessage
from google.genai.types import GenerateContentResponse, UsageMetadata
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from litellm import ModelResponse
from litellm.llms.anthropic.chat.transformation import AnthropicConfig
from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import VertexGeminiConfig
from litellm.types.utils import Usage as LitellmUsage
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.realtime import RealtimeResponseUsage
from openai.types.responses import Response
from pydantic import TypeAdapter
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse as AgentResponse
from pydantic_ai.models.test import TestModel as FakeModel
from pydantic_ai.usage import RequestUsage, RunUsage

from budget_types import BudgetError
from budget_types.usage import SHAPES, Usage, UsageError, usage_of

Json = dict[str, Any]


def chat(**usage: Any) -> Any:
    return ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [], "usage": usage}
    )


def message(kind: Any = Message, **usage: Any) -> Any:
    return kind.model_validate(
        {
            "id": "1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [],
            "usage": usage,
            "stop_reason": "end_turn",
            "stop_sequence": None,
        }
    )


def response(**usage: Any) -> Any:
    return Response.model_validate(
        {
            "id": "1",
            "object": "response",
            "created_at": 0,
            "model": "m",
            "output": [],
            "usage": usage,
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
        }
    )


def gemini(**usage: Any) -> Any:
    return GenerateContentResponse.model_validate({"model_version": "m", "usage_metadata": usage})


def embedding(**usage: int) -> Any:
    return CreateEmbeddingResponse.model_validate({"object": "list", "model": "m", "data": [], "usage": usage})


def langchain(**usage: Any) -> Any:
    return AIMessage("", usage_metadata=usage, response_metadata={"model_name": "m"})


GEMINI = {
    "prompt_token_count": 90,
    "cached_content_token_count": 60,
    "tool_use_prompt_token_count": 10,
    "candidates_token_count": 20,
    "thoughts_token_count": 5,
    "total_token_count": 125,
}


@dataclass(frozen=True)
class Example:
    right: object
    means: Usage
    wrong: object
    because: str


EXAMPLES = {
    "openai chat completions, litellm": Example(
        chat(
            prompt_tokens=100,
            completion_tokens=25,
            total_tokens=125,
            prompt_tokens_details={"cached_tokens": 60, "cache_write_tokens": 10, "audio_tokens": 1},
            completion_tokens_details={"reasoning_tokens": 5},
        ),
        Usage(100, 25, cached_tokens=60, cache_write_tokens=10, reasoning_tokens=5, model="m"),
        chat(
            prompt_tokens=100,
            completion_tokens=25,
            total_tokens=125,
            prompt_tokens_details={"cached_tokens": 101},
        ),
        "101 is more than 100",
    ),
    "openai embeddings": Example(
        embedding(prompt_tokens=100, total_tokens=100),
        Usage(100, model="m"),
        embedding(prompt_tokens=100, total_tokens=101),
        "total_tokens is 101, and prompt_tokens",
    ),
    "anthropic messages": Example(
        message(
            input_tokens=30,
            cache_read_input_tokens=60,
            cache_creation_input_tokens=10,
            output_tokens=25,
            output_tokens_details={"thinking_tokens": 5},
        ),
        Usage(100, 25, cached_tokens=60, cache_write_tokens=10, reasoning_tokens=5, model="m"),
        MessageDeltaUsage(output_tokens=25),
        "input_tokens is missing",
    ),
    "openai responses": Example(
        response(
            input_tokens=100,
            output_tokens=25,
            total_tokens=125,
            input_tokens_details={"cached_tokens": 60, "cache_write_tokens": 10},
            output_tokens_details={"reasoning_tokens": 5},
        ),
        Usage(100, 25, cached_tokens=60, cache_write_tokens=10, reasoning_tokens=5, model="m"),
        response(
            input_tokens=100,
            output_tokens=25,
            total_tokens=125,
            input_tokens_details={"cached_tokens": 60, "cache_write_tokens": 10},
            output_tokens_details={"reasoning_tokens": 26},
        ),
        "26 is more than 25",
    ),
    "google-genai": Example(
        gemini(**GEMINI),
        Usage(100, 25, cached_tokens=60, reasoning_tokens=5, model="m"),
        gemini(**GEMINI | {"total_token_count": 126}),
        "total_token_count is 126",
    ),
    "Gemini's JSON": Example(
        gemini(**GEMINI).model_dump(by_alias=True),
        Usage(100, 25, cached_tokens=60, reasoning_tokens=5, model="m"),
        {"usageMetadata": {"promptTokenCount": "90"}},
        "promptTokenCount must be a whole number of tokens, and is '90'",
    ),
    "pydantic-ai": Example(
        AgentResponse(
            parts=[],
            model_name="m",
            usage=RequestUsage(
                input_tokens=100,
                cache_read_tokens=60,
                cache_write_tokens=10,
                output_tokens=25,
                output_reasoning_tokens=5,
            ),
        ),
        Usage(100, 25, cached_tokens=60, cache_write_tokens=10, reasoning_tokens=5, model="m"),
        RunUsage(requests=2, input_tokens=100, output_tokens=25, unmeasured_requests=1),
        "unmeasured_requests is 1",
    ),
    "langchain-core": Example(
        langchain(
            input_tokens=100,
            output_tokens=25,
            total_tokens=125,
            input_token_details={"cache_read": 60, "cache_creation": 10},
            output_token_details={"reasoning": 5},
        ),
        Usage(100, 25, cached_tokens=60, cache_write_tokens=10, reasoning_tokens=5, model="m"),
        langchain(input_tokens=100, output_tokens=25, total_tokens=125, input_token_details={"cache_read": -1}),
        "input_token_details.cache_read must be a whole number of tokens, and is -1",
    ),
    "langchain-core without details": Example(
        langchain(input_tokens=100, output_tokens=25, total_tokens=125),
        Usage(100, 25, model="m"),
        {"input_tokens": None, "output_tokens": 25, "total_tokens": 25},
        "input_tokens is missing",
    ),
}

each_example = pytest.mark.parametrize("name", EXAMPLES)


def test_every_shape_has_its_examples() -> None:
    assert list(EXAMPLES) == [shape.name for shape in SHAPES]


@each_example
def test_right(name: str) -> None:
    example = EXAMPLES[name]
    assert usage_of(example.right) == example.means


@each_example
def test_the_usage_itself_says_the_same_but_for_the_model(name: str) -> None:
    example = EXAMPLES[name]
    (usage,) = (
        value
        for carrier in ("usage", "usage_metadata", "usageMetadata")
        if (value := _get(example.right, carrier)) is not None
    )
    assert usage_of(usage) == replace(example.means, model=None)


@each_example
def test_json_says_the_same(name: str) -> None:
    example = EXAMPLES[name]
    right: Any = example.right
    dumped = right if isinstance(right, dict) else TypeAdapter(type(right)).dump_python(right, mode="json")
    assert usage_of(dumped) == example.means


@each_example
def test_wrong(name: str) -> None:
    example = EXAMPLES[name]
    with pytest.raises(UsageError) as caught:
        usage_of(example.wrong)
    assert example.because in str(caught.value)
    assert f"read as that of {name}: " in str(caught.value)


def _get(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)


def test_a_run_of_an_agent() -> None:
    result = Agent(FakeModel()).run_sync("How much?")
    assert usage_of(result).total_tokens == result.usage.total_tokens > 0
    assert usage_of(result.response).model == "test"


def test_a_run_of_an_agent_before_version_2() -> None:
    class Result:
        def usage(self) -> RunUsage:
            return RunUsage(requests=1, input_tokens=10, output_tokens=2)

    assert usage_of(Result()) == Usage(10, 2)


def test_a_run_that_called_no_model_used_nothing() -> None:
    assert usage_of(RunUsage()) == Usage()


def test_xai_counts_reasoning_beside_the_completion() -> None:
    reasoned = {"reasoning_tokens": 90}
    usage = chat(prompt_tokens=30, completion_tokens=9, total_tokens=129, completion_tokens_details=reasoned)
    assert usage_of(usage) == Usage(30, 99, reasoning_tokens=90, model="m")


def test_the_live_api_of_gemini() -> None:
    usage = UsageMetadata(prompt_token_count=90, response_token_count=20, thoughts_token_count=5, total_token_count=115)
    assert usage_of(usage) == Usage(90, 25, reasoning_tokens=5)


def test_gemini_with_thoughts_among_the_candidates() -> None:
    usage = gemini(prompt_token_count=90, candidates_token_count=25, thoughts_token_count=5, total_token_count=115)
    assert usage_of(usage) == Usage(90, 25, reasoning_tokens=5, model="m")


def test_gemini_that_said_nothing() -> None:
    assert usage_of(gemini(prompt_token_count=90, total_token_count=90)) == Usage(90, model="m")


def test_the_realtime_api_of_openai() -> None:
    usage = RealtimeResponseUsage.model_validate(
        {"input_tokens": 100, "output_tokens": 25, "total_tokens": 125, "input_token_details": {"cached_tokens": 60}}
    )
    assert usage_of(usage) == Usage(100, 25, cached_tokens=60)


def test_langchain_splits_cache_writes_by_lifetime() -> None:
    details = {"cache_creation": 0, "ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 3}
    usage = langchain(input_tokens=100, output_tokens=5, total_tokens=105, input_token_details=details)
    assert usage_of(usage).cache_write_tokens == 10


def test_langchain_puts_the_service_tier_before_the_name() -> None:
    usage = {
        "input_tokens": 100,
        "output_tokens": 25,
        "total_tokens": 125,
        "input_token_details": {"priority_cache_read": 60, "priority": 40},
        "output_token_details": {"priority_reasoning": 5, "priority": 20},
    }
    assert usage_of(usage) == Usage(100, 25, cached_tokens=60, reasoning_tokens=5)


def test_older_litellm_names_cache_writes_otherwise() -> None:
    details = {"cached_tokens": 60, "cache_creation_tokens": 10}
    usage = {"prompt_tokens": 100, "completion_tokens": 25, "prompt_tokens_details": details}
    assert usage_of(usage) == Usage(100, 25, cached_tokens=60, cache_write_tokens=10)


def one_pass(kind: str, given: int, made: int, **more: Any) -> Json:
    return {
        "type": kind,
        "input_tokens": given,
        "output_tokens": made,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
        **more,
    }


def test_anthropic_leaves_compaction_out_of_the_usage() -> None:
    passes = [one_pass("compaction", 180_000, 3_500), one_pass("message", 23_000, 1_000, model="m")]
    compacted = message(BetaMessage, input_tokens=23_000, output_tokens=1_000, iterations=passes)
    assert usage_of(compacted) == Usage(203_000, 4_500, model="m")


def test_anthropic_leaves_its_advisor_and_later_passes_out_of_the_usage() -> None:
    passes = [
        one_pass("message", 412, 89, model="m"),
        one_pass("advisor_message", 823, 1_612, model="another"),
        one_pass("message", 1_348, 442, model="m", cache_read_input_tokens=412),
    ]
    usage: Json = {**one_pass("message", 412, 531), "iterations": passes}
    advised = message(BetaMessage, **usage, output_tokens_details={"thinking_tokens": 80})
    # Two models, so no name: one price does not fit both.
    assert usage_of(advised) == Usage(2_995, 2_143, cached_tokens=412, reasoning_tokens=80)
    through_litellm = AnthropicConfig().calculate_usage(usage_object=usage, reasoning_content=None)
    assert usage_of(through_litellm) == replace(usage_of(advised), reasoning_tokens=0)


counts = st.integers(0, 10**7)


@given(counts, counts, counts, counts, st.data())
def test_one_call_to_anthropic_through_three_libraries(
    plain: int, cached: int, written: int, made: int, data: st.DataObject
) -> None:
    usage = {
        "input_tokens": plain + 1,
        "output_tokens": made,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": written,
        "output_tokens_details": {"thinking_tokens": data.draw(st.integers(0, made))},
    }
    told = usage_of(message(**usage))
    assert told.input_tokens == plain + 1 + cached + written
    through_litellm = AnthropicConfig().calculate_usage(usage_object=usage, reasoning_content=None)
    assert usage_of(ModelResponse(model="m", usage=through_litellm)) == told
    through_pydantic = RequestUsage.extract(
        {"model": "claude-sonnet-4-5", "usage": usage},
        provider="anthropic",
        provider_url="https://api.anthropic.com",
        provider_fallback="anthropic",
    )
    told_by_pydantic = usage_of(AgentResponse(parts=[], model_name="m", usage=through_pydantic))
    # genai-prices, which pydantic-ai reads it with, passes on no reasoning before its 0.2.
    assert told_by_pydantic in (told, replace(told, reasoning_tokens=0))


@given(st.integers(1, 10**7), counts, counts, counts, st.booleans(), st.booleans(), st.data())
def test_one_call_to_gemini_through_two_libraries(
    prompt: int, tools: int, made: int, thought: int, inclusive: bool, grounded: bool, data: st.DataObject
) -> None:
    candidates = made + thought if inclusive else made
    usage = {
        "promptTokenCount": prompt,
        "toolUsePromptTokenCount": tools,
        "candidatesTokenCount": candidates,
        "thoughtsTokenCount": thought,
        "totalTokenCount": prompt + tools + made + thought,
        "cachedContentTokenCount": data.draw(st.integers(0, prompt)),
    }
    searched = [{"groundingMetadata": {"webSearchQueries": ["?"]}}] if grounded else []
    answer = {"modelVersion": "m", "usageMetadata": usage, "candidates": searched}
    told = usage_of(answer)
    assert (told.input_tokens, told.output_tokens) == (prompt + tools, made + thought)
    through_litellm = VertexGeminiConfig.calculate_usage(answer)
    assert usage_of(ModelResponse(model="m", usage=through_litellm)) == told


NO_USAGE = [
    pytest.param({"usage": None}, "the usage of this dict is None", id="a stream that was not asked"),
    pytest.param(
        ChatCompletionChunk(id="1", object="chat.completion.chunk", created=0, model="m", choices=[]),
        "the usage of this ChatCompletionChunk is None: the provider reported none. Of a stream, read its last event; "
        'openai reports it with stream_options={"include_usage": True}',
        id="openai",
    ),
    pytest.param(AIMessage(""), "the usage_metadata of this AIMessage is None", id="langchain-core"),
    pytest.param(GenerateContentResponse(), "the usage_metadata of this GenerateContentResponse is None", id="google"),
    pytest.param(ModelResponse(), "ModelResponse (fields: choices, created, id, model, object,", id="litellm"),
    pytest.param(LitellmUsage(), "every count is 0, so the provider reported none", id="litellm's default"),
    pytest.param(RequestUsage(), "every count is 0, so the provider reported none", id="pydantic-ai's default"),
    pytest.param(RunUsage(requests=1), "every count is 0, so the provider reported none", id="a run of it"),
]

NOT_UNDERSTOOD = [
    pytest.param(None, "NoneType (fields: none)", id="None"),
    pytest.param("answer", "str (fields: none)", id="text"),
    pytest.param(Usage(1), "Usage (fields: cache_write_tokens, cached_tokens,", id="what was read already"),
    pytest.param(
        {"input_tokens": 5, "output_tokens": 2}, "dict (fields: input_tokens, output_tokens)", id="too little"
    ),
    pytest.param(
        {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7, "hits": 4}, "dict (fields: hits,", id="more"
    ),
    pytest.param({"inputTokens": 1, "outputTokens": 2}, "dict (fields: inputTokens, outputTokens)", id="AWS"),
    pytest.param(
        {"usage": {"spam": 1}}, "the usage of this dict is no usage that is known: dict (fields: spam)", id="in"
    ),
]

CONTRADICTORY = [
    pytest.param({"prompt_tokens": 1, "completion_tokens": True}, "completion_tokens must be a whole", id="bool"),
    pytest.param({"prompt_tokens": 1, "completion_tokens": 2.0}, "and is 2.0", id="float"),
    pytest.param({"completion_tokens": 2}, "prompt_tokens is missing", id="missing"),
    pytest.param({"prompt_tokens": 1, "completion_tokens": None}, "completion_tokens is missing", id="null"),
    pytest.param(
        {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 9},
        "total_tokens is 9, and prompt_tokens + completion_tokens add up to 3",
        id="total",
    ),
]


@pytest.mark.parametrize(("seen", "because"), [*NO_USAGE, *NOT_UNDERSTOOD, *CONTRADICTORY])
def test_refused(seen: object, because: str) -> None:
    with pytest.raises(UsageError) as caught:
        usage_of(seen)
    assert isinstance(caught.value, BudgetError)
    assert because in str(caught.value)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_what_is_not_understood_is_told_what_would_be(shape: Any) -> None:
    with pytest.raises(UsageError, match="known are those of ") as caught:
        usage_of(object())
    assert f"{shape.name} ({', '.join(shape.marks)})" in str(caught.value)


def fields(terms: str) -> list[str]:
    return [name for term in terms.split(" + ") if term for name in term.removesuffix("?").split("|")]


NAMES = sorted(
    {
        name
        for shape in SHAPES
        for terms in [
            *(terms for way in shape.totals for terms in way),
            *(shape.total, shape.cached, shape.cache_write, shape.reasoning, shape.passes, shape.unmeasured),
        ]
        for path in fields(terms)
        for name in path.split(".")
    }
)

anything = st.recursive(
    st.none() | st.integers(-2, 9) | st.sampled_from([1.5, True, "3"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


@given(anything)
def test_whatever_it_is_it_is_read_or_refused(seen: object) -> None:
    try:
        read = usage_of({"usage": seen})
    except UsageError:
        return
    assert read.total_tokens > 0


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    cached, written, plain, reasoned, said = (draw(st.integers(0, 5)) for _ in range(5))
    return Usage(
        plain + cached + written,
        reasoned + said,
        cached_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=reasoned,
        model=draw(st.sampled_from([None, "a", "b"])),
    )


@given(usages(), usages(), usages())
def test_usages_add_up_in_any_order(one: Usage, two: Usage, three: Usage) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert (one + two).total_tokens == one.total_tokens + two.total_tokens
    if one.total_tokens:
        assert one + Usage() == one


@given(st.lists(usages()))
def test_a_sum_names_a_model_only_if_all_that_counts_is_of_it(parts: list[Usage]) -> None:
    whole = reduce(Usage.__add__, parts, Usage())
    if whole.model is not None:
        assert {part.model for part in parts if part.total_tokens} == {whole.model}


@pytest.mark.parametrize(
    "counts",
    [
        {"input_tokens": -1},
        {"input_tokens": 1.0},
        {"output_tokens": True},
        {"input_tokens": 5, "cached_tokens": 3, "cache_write_tokens": 3},
        {"output_tokens": 5, "reasoning_tokens": 6},
    ],
)
def test_no_usage_is_made_that_contradicts_itself(counts: Any) -> None:
    with pytest.raises(UsageError):
        Usage(**counts)


def test_a_usage_is_a_value() -> None:
    usage = Usage(2, 1, cached_tokens=1, model="m")
    assert Usage(**asdict(usage)) == usage
    assert {usage: 1}[replace(usage)] == 1


def test_nothing_is_imported() -> None:
    libraries = {
        "openai",
        "anthropic",
        "google",
        "pydantic_ai",
        "langchain_core",
        "litellm",
        "genai_prices",
        "pydantic",
    }
    program = "import sys, budget_types.usage, budget_types.prices; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "budget_types.usage" in loaded
    assert not libraries & {name.partition(".")[0] for name in loaded}
