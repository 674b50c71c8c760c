"""A refused handshake as HTTP: status, headers, problem document."""

import json

from netra_shared.errors import NetraError
from netra_shared.http.problem import PROBLEM_TYPE, problem_document, problem_headers
from netra_shared.telemetry import current_trace_id


def refusal_parts(error: NetraError) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return the HTTP answer to an upgrade request that is refused."""
    headers = {**problem_headers(error), "Content-Type": PROBLEM_TYPE}
    if trace_id := current_trace_id():
        headers["X-Trace-Id"] = trace_id
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return error.status, encoded, json.dumps(problem_document(error)).encode()
