"""The OpenTelemetry adapter, against the real SDK."""

from __future__ import annotations

import sys
from pathlib import Path

from command import python, run
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from budget_types import Budget
from budget_types.otel import observer


def test_events_and_counters() -> None:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    meter = MeterProvider([reader]).get_meter("test")
    budget = Budget(1_000, usd=1, name="team", on_event=observer(meter))
    with tracers.get_tracer("test").start_as_current_span("run"):
        part = budget.split(400, name="researcher-1")
        part.spend(100)
        budget.merge(part)
        budget.reserve(50, usd="0.25").commit(30, usd="0.20")
    (span,) = spans.get_finished_spans()
    assert [(event.name, dict(event.attributes or {})["budget.path"]) for event in span.events] == [
        ("budget.split", "team"),
        ("budget.spent", "team/researcher-1"),
        ("budget.merged", "team"),
        ("budget.reserved", "team"),
        ("budget.committed", "team"),
    ]
    assert dict(span.events[-1].attributes or {}) == {
        "budget.path": "team",
        "budget.names_version": "1",
        "budget.amount.tokens": 30,
        "budget.amount.usd": "0.2",
        "budget.remaining.tokens": 870,
        "budget.remaining.usd": "0.8",
    }
    data = reader.get_metrics_data()
    assert isinstance(data, MetricsData)
    counted = {
        metric.name: [
            (dict(point.attributes or {}), getattr(point, "value", None)) for point in metric.data.data_points
        ]
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
    }
    assert counted == {
        "budget.used.tokens": [({"budget.root": "team"}, 130)],
        "budget.used.usd": [({"budget.root": "team"}, 0.2)],
    }


def test_missing_api_is_said(tmp_path: Path) -> None:
    program = "import sys; sys.modules['opentelemetry'] = None; import budget_types.otel"
    done = run(python("-c", program), cwd=tmp_path)
    assert 'ImportError: budget_types.otel needs opentelemetry-api: pip install "budget-types[otel]"' in done.err


def test_nothing_else_is_imported(tmp_path: Path) -> None:
    """What programs import needs typing-extensions only, and neither mypy nor the checker."""
    program = "import sys; before = set(sys.modules); import budget_types; print(*sorted(set(sys.modules) - before))"
    done = run(python("-c", program), cwd=tmp_path)
    roots = {name.partition(".")[0] for name in done.out.split()}
    assert not roots & {"mypy", "mypy_plugin", "opentelemetry", "libcst", "pydantic"}, roots
    assert roots <= {"budget_types", "typing_extensions"} | sys.stdlib_module_names
