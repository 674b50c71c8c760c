"""A receiver of OTLP over HTTP that keeps the spans it gets, by trace id.

It parses with OpenTelemetry's own messages (``opentelemetry-proto``), so that what it accepts is
what a collector accepts. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from netra_ops.services.loopback import LOOPBACK

PATH = "/v1/traces"
READ_SECONDS = 30.0
PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class ReceivedSpan:
    """One span; ids in hex, ``parent_id`` empty for none."""

    service: str
    name: str
    span_id: str
    parent_id: str
    seconds: float
    attributes: dict[str, str]


@dataclass
class OtlpReceiver:
    """Where a service sends its spans, and what arrived.

    Args:
        url: of the endpoint.
        traces: spans by trace id.
        refusals: requests that were no OTLP.
    """

    url: str = ""
    traces: dict[str, list[ReceivedSpan]] = field(default_factory=lambda: defaultdict(list))
    refusals: int = 0

    def names(self, trace_id: str) -> list[str]:
        """Return the names of a trace's spans."""
        return [span.name for span in self.traces.get(trace_id, [])]

    def take(self, body: bytes) -> None:
        """Keep the spans of one request.

        Raises:
            DecodeError: it is no request of OTLP.
        """
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {one.key: one.value.string_value for one in group.resource.attributes}
            for scope in group.scope_spans:
                for span in scope.spans:
                    received = ReceivedSpan(
                        named.get("service.name", ""),
                        span.name,
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                        {one.key: one.value.string_value for one in span.attributes},
                    )
                    self.traces[span.trace_id.hex()].append(received)


@asynccontextmanager
async def otlp_receiver() -> AsyncIterator[OtlpReceiver]:
    """Receive on a free loopback port."""
    receiver = OtlpReceiver()
    answer = ExportTraceServiceResponse().SerializeToString()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError, TimeoutError):
            async with asyncio.timeout(READ_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.partition("content-length:")[2].partition("\r\n")[0])
                body = await reader.readexactly(length)
            is_valid = head.startswith(f"post {PATH} ") and f"content-type: {PROTOBUF}" in head
            if is_valid:
                receiver.take(body)
            else:
                receiver.refusals += 1
            status = "200 OK" if is_valid else "400 Bad Request"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {PROTOBUF}\r\nConnection: close\r\n"
                f"Content-Length: {len(answer)}\r\n\r\n".encode()
                + answer
            )
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, LOOPBACK, 0) as server:
        receiver.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}{PATH}"
        yield receiver
