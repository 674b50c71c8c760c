"""Bounds the size of request bodies and the time until they have arrived."""

import asyncio
import json
from typing import Any

from netra_shared.errors import InvalidRequest, NetraError, RetryClass
from netra_shared.http.problem import PROBLEM_TYPE, problem_document, problem_headers


class RequestTooLarge(InvalidRequest):
    """The request body exceeds the service's limit."""

    code = "request_too_large"
    status = 413
    title = "Request too large"


class RequestTooSlow(InvalidRequest):
    """The request body did not arrive within its deadline."""

    code = "request_too_slow"
    status = 408
    retry = RetryClass.BACKOFF
    title = "Request body too slow"


class BodyLimit:
    """ASGI middleware that reads the body first, so that no route waits for a slow sender.

    It runs before authentication, because frameworks read a body before they check a token.

    Args:
        app: the application.
        max_bytes: limit of a body; the longest valid one has a few hundred bytes.
        seconds: for the whole body to arrive.
    """

    def __init__(self, app: Any, *, max_bytes: int, seconds: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or not _announces_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(receive)
        except TimeoutError:
            slow = RequestTooSlow(f"The body did not arrive within {self._seconds:g} s.")
            await _refuse(send, slow)
        except RequestTooLarge as error:
            await _refuse(send, error)
        else:
            if body is not None:
                await self._app(scope, _replay(body, receive), send)

    async def _read(self, receive: Any) -> bytes | None:
        """Return the body, or ``None`` when the client disconnected."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                raise RequestTooLarge(f"The body is longer than {self._max_bytes} bytes.")
            if not message.get("more_body", False):
                return bytes(body)


def _announces_body(scope: Any) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _replay(body: bytes, receive: Any) -> Any:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Any:
        return pending.pop() if pending else await receive()

    return replay


async def _refuse(send: Any, error: NetraError) -> None:
    # The rest of the body is not read, so the connection cannot be reused.
    headers = problem_headers(error) | {"Content-Type": PROBLEM_TYPE, "Connection": "close"}
    await send(
        {
            "type": "http.response.start",
            "status": error.status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": json.dumps(problem_document(error)).encode()})
