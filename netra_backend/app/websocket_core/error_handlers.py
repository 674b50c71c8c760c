"""What becomes of an exception that nobody expected: an id, a log record, a count."""

import asyncio
from typing import Final
from uuid import uuid4

from prometheus_client import Counter
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected
from uvicorn.protocols.utils import ClientDisconnected

from netra_shared.errors import NetraError
from netra_shared.logging import get_logger

ERRORS: Final = Counter(
    "netra_websocket_errors_total", "Unexpected exceptions on socket connections.", ["type"]
)
_EXPECTED: Final = (
    WebSocketDisconnect,
    WebSocketDisconnected,
    ClientDisconnected,
    asyncio.CancelledError,
)

_log = get_logger(__name__)


def handle_websocket_error(error: BaseException) -> str | None:
    """Log ``error`` under a fresh id and return the id; never raises.

    Returns:
        The error id for the close reason or the error answer; ``None`` for what is no defect:
        a client that went away, a cancelled task, an error of the tree below status 500.
    """
    if isinstance(error, _EXPECTED):
        return None
    if isinstance(error, NetraError) and error.status < 500:  # noqa: PLR2004  RFC 9110: 5xx
        return None
    error_id = uuid4().hex
    try:
        ERRORS.labels(type(error).__name__).inc()
        _log.error("websocket error", error_id=error_id, exc_info=error)
    except Exception:  # noqa: BLE001, S110  an exception whose text raises must not take the id
        pass
    return error_id
