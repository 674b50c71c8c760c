"""Spans as a collector gets them; the encoding is read with OpenTelemetry's own messages."""

import asyncio

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from netra_shared.otlp import OtlpExporter
from test_framework.otlp_receiver import otlp_receiver


def two_spans() -> tuple[ReadableSpan, ...]:
    """A parent and its child."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "netra-test"}))
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("outer", attributes={"tool": "clock"}):
        tracer.start_span("inner").end()
    return memory.get_finished_spans()


async def test_a_collector_gets_service_names_and_parents() -> None:
    spans = two_spans()
    async with otlp_receiver() as receiver:
        exporter = OtlpExporter(receiver.url)
        result = await asyncio.to_thread(exporter.export, spans)
        exporter.shutdown()
    assert result is SpanExportResult.SUCCESS
    [trace] = receiver.traces.values()
    inner, outer = trace
    assert (inner.name, outer.name) == ("inner", "outer")
    assert inner.parent_id == outer.span_id
    assert outer.service == "netra-test"
    assert outer.attributes == {"tool": "clock"}


async def test_spans_that_a_collector_refuses_or_misses_are_a_failure_and_no_error() -> None:
    spans = two_spans()
    async with otlp_receiver() as receiver:
        wrong = OtlpExporter(receiver.url.replace("traces", "logs"))
        assert await asyncio.to_thread(wrong.export, spans) is SpanExportResult.FAILURE
        wrong.shutdown()
    absent = OtlpExporter(receiver.url)
    assert await asyncio.to_thread(absent.export, spans) is SpanExportResult.FAILURE
    absent.shutdown()
    assert receiver.refusals == 1
