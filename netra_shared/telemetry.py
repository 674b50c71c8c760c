"""One OpenTelemetry trace id from the edge to the agent step.

The id of a request is the first of: the W3C ``traceparent`` (https://www.w3.org/TR/trace-context/),
Google's ``X-Cloud-Trace-Context: TRACE/SPAN;o=1``, the edge's ``X-Request-Id`` when it is a UUID
(its 32 hex digits are a valid trace id), a new id. Spans are exported only when the process
has an exporter (``netra_shared/otlp.py``); ids are always assigned.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_CLOUD_TRACE = re.compile(r"^([0-9a-fA-F]{32})(?:/(\d+))?")
_TRACE_HEADERS = frozenset({b"traceparent", b"x-cloud-trace-context", b"x-request-id"})
_IDS = RandomIdGenerator()
_tracer = trace.get_tracer("netra")  # uses the provider that is installed later


def configure_telemetry(service: str, exported_by: SpanProcessor | None = None) -> None:
    """Install the tracer provider of the process; OpenTelemetry ignores a second call.

    Args:
        service: name of the service.
        exported_by: gets every span that ends; ``netra_shared.otlp`` has one. None exports none.
    """
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider(resource=Resource({"service.name": service}))
        if exported_by is not None:
            provider.add_span_processor(exported_by)
        trace.set_tracer_provider(provider)


def current_trace_id() -> str:
    """Return the active trace id as 32 hex digits, or ``""`` outside a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.trace_id else ""


def current_span_id() -> str:
    """Return the active span id as 16 hex digits, or ``""`` outside a trace."""
    context = trace.get_current_span().get_span_context()
    return f"{context.span_id:016x}" if context.span_id else ""


@contextmanager
def span(name: str, **attributes: str | float | bool) -> Iterator[trace.Span]:
    """Run the block inside a child span called ``name``."""
    with _tracer.start_as_current_span(name, attributes=attributes) as current:
        yield current


@contextmanager
def step_span(name: str, **attributes: str | float | bool) -> Iterator[None]:
    """Record the block as a child span without making that the current one.

    For a block inside a generator, whose end may run in another context than its start.
    """
    current = _tracer.start_span(name, attributes=attributes)
    try:
        yield
    except BaseException as error:
        current.set_status(StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        current.end()


def traceparent() -> str:
    """Return the active span as a W3C ``traceparent``, or ``""`` outside a trace."""
    context = trace.get_current_span().get_span_context()
    if not context.trace_id:
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@contextmanager
def continued_trace(parent: str) -> Iterator[None]:
    """Run the block in the trace of ``parent``, a ``traceparent``, if there is one."""
    if not parent:
        yield
        return
    span = NonRecordingSpan(remote_context({"traceparent": parent}))
    token = otel_context.attach(trace.set_span_in_context(span))
    try:
        yield
    finally:
        otel_context.detach(token)


def remote_context(headers: dict[str, str]) -> SpanContext:
    """Derive the parent span context from request headers (names in lower case)."""
    if match := _TRACEPARENT.match(headers.get("traceparent", "")):
        return _parent(int(match[1], 16), int(match[2], 16))
    if match := _CLOUD_TRACE.match(headers.get("x-cloud-trace-context", "")):
        return _parent(int(match[1], 16), int(match[2] or 0) & (2**64 - 1))
    request_id = headers.get("x-request-id", "").replace("-", "")
    if re.fullmatch(r"[0-9a-fA-F]{32}", request_id):
        return _parent(int(request_id, 16), 0)
    return _parent(0, 0)


def _parent(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(
        trace_id=trace_id or _IDS.generate_trace_id(),
        span_id=span_id or _IDS.generate_span_id(),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


class TraceMiddleware:
    """ASGI middleware that runs each HTTP request or WebSocket inside a server span.

    HTTP responses have the trace id in ``x-trace-id``, so that a report of a user leads to its log
    records.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        parent = remote_context(headers)
        token = otel_context.attach(trace.set_span_in_context(NonRecordingSpan(parent)))
        trace_id = f"{parent.trace_id:032x}".encode()

        async def send_with_trace(message: Any) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                message["headers"] = [*message.get("headers", []), (b"x-trace-id", trace_id)]
            await send(message)

        try:
            name = f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"
            with _tracer.start_as_current_span(name, kind=SpanKind.SERVER):
                await self._app(scope, receive, send_with_trace)
        finally:
            otel_context.detach(token)


class TraceContext:
    """ASGI middleware that sets the caller's trace id without a span.

    For sockets: a span of an hour is not useful, and each command has its own span.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in _TRACE_HEADERS
        }
        span = NonRecordingSpan(remote_context(headers))
        token = otel_context.attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, send)
        finally:
            otel_context.detach(token)
