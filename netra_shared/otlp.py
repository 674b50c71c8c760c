"""Spans to an OpenTelemetry collector: OTLP over HTTP, in protobuf.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp. The encoding is OpenTelemetry's own
(``opentelemetry-exporter-otlp-proto-common``); the transport is httpx, which the services have
already: the exporter package would add ``requests`` to every start.
"""

from collections.abc import Sequence

import httpx
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from netra_shared.logging import get_logger
from netra_shared.settings import ServiceSettings

# At a stop the queue is sent within Cloud Run's 10 s, also to a collector that does not answer.
EXPORT_SECONDS = 1.0
QUEUE_SPANS = 1024
BATCH_SPANS = 512
DELAY_MILLISECONDS = 1000.0
_HEADERS = {"Content-Type": "application/x-protobuf"}

_log = get_logger(__name__)


class OtlpExporter(SpanExporter):
    """Posts batches of spans; what a collector does not take is dropped and logged once.

    Args:
        endpoint: whole URL, such as ``http://localhost:4318/v1/traces``.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._http = httpx.Client(timeout=EXPORT_SECONDS)
        self._is_failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send one batch; called by the processor's thread."""
        try:
            body = encode_spans(spans).SerializeToString()
            answer = self._http.post(self._endpoint, content=body, headers=_HEADERS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            self._note(str(error) or type(error).__name__)
            return SpanExportResult.FAILURE
        self._note("")
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the connections."""
        self._http.close()

    def _note(self, problem: str) -> None:
        """Log the first failure and the end of failures, not each batch."""
        if bool(problem) != self._is_failing:
            self._is_failing = bool(problem)
            if problem:
                _log.warning("spans not exported", reason=problem)
            else:
                _log.info("spans exported again")


def span_processor(settings: ServiceSettings) -> BatchSpanProcessor | None:
    """Return a processor that sends spans in the background from a bounded queue, if configured.

    Call it after preloading: the client for TLS reads its certificates here and not later.
    """
    endpoint = settings.otel_exporter_otlp_traces_endpoint
    if endpoint is None:
        return None
    return BatchSpanProcessor(
        OtlpExporter(endpoint),
        max_queue_size=QUEUE_SPANS,
        schedule_delay_millis=DELAY_MILLISECONDS,
        max_export_batch_size=BATCH_SPANS,
    )
