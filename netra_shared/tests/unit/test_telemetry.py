"""The trace id of a request comes from its headers and reaches the response and the logs."""

from typing import Any

import httpx
import pytest

from netra_shared.telemetry import (
    TraceMiddleware,
    configure_telemetry,
    current_trace_id,
    remote_context,
    span,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
UUID_TRACE = "12345678-9abc-4def-8123-456789abcdef"


async def echo_trace(_scope: Any, _receive: Any, send: Any) -> None:
    with span("inner step"):
        body = current_trace_id().encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
        ({"x-cloud-trace-context": f"{TRACE}/42;o=1"}, TRACE),
        ({"x-request-id": UUID_TRACE}, UUID_TRACE.replace("-", "")),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "x-request-id": UUID_TRACE}, TRACE),
    ],
)
async def test_the_id_reaches_the_inner_step_and_the_response(
    headers: dict[str, str], expected: str
) -> None:
    configure_telemetry("test")
    transport = httpx.ASGITransport(app=TraceMiddleware(echo_trace))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/", headers=headers)
    assert response.text == expected
    assert response.headers["x-trace-id"] == expected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-00"},
        {"traceparent": "garbage"},
        {"x-cloud-trace-context": "short/1"},
        {"x-request-id": "not-a-uuid"},
    ],
)
def test_without_a_usable_header_a_fresh_id_is_made(headers: dict[str, str]) -> None:
    first, second = remote_context(headers), remote_context(headers)
    assert first.is_valid
    assert first.trace_id != second.trace_id
