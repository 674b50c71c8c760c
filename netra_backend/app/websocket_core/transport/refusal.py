"""A refused handshake as HTTP: status, headers, problem document."""

import json
from collections.abc import Sequence

from netra_shared.errors import NetraError
from netra_shared.problem import PROBLEM_TYPE, problem_document, problem_headers


def refusal_parts(error: NetraError) -> tuple[int, Sequence[tuple[bytes, bytes]], bytes]:
    """Return what answers an upgrade request instead of an upgrade."""
    headers = {**problem_headers(error), "Content-Type": PROBLEM_TYPE}
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return error.status, encoded, json.dumps(problem_document(error)).encode()
