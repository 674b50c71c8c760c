"""Reports an unexpected exception: an error id, a log record and a counter.

Errors occur in each phase of the process: while it serves, drains and exits, with its output
closed or without memory. The structured logger writes the record while it works; otherwise
``netra_shared.runtime.crash_log`` writes it.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Final

from prometheus_client import Counter
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected
from uvicorn.protocols.utils import ClientDisconnected

from netra_shared.errors import NetraError
from netra_shared.logging import get_logger
from netra_shared.runtime.crash_log import crash_log, frames_of
from netra_shared.telemetry import current_trace_id

ERRORS: Final = Counter(
    "netra_websocket_errors_total", "Unexpected exceptions on socket connections.", ["type"]
)
ERRORS.labels("")  # the counter exists with 0 before the first error
MESSAGE: Final = "websocket error"
_SERVER_ERROR: Final = 500  # RFC 9110 section 15.6
_ID_BYTES: Final = 16


class _Reporter:
    """Holds the objects that ``handle_websocket_error`` uses.

    In a finaliser at interpreter exit the globals of this module can already be ``None``.
    """

    def __init__(self) -> None:
        self.expected = (
            WebSocketDisconnect,
            WebSocketDisconnected,
            ClientDisconnected,
            asyncio.CancelledError,
            GeneratorExit,
        )
        self.netra_error_type = NetraError
        self.server_error = _SERVER_ERROR
        self.id_bytes = _ID_BYTES
        self.message = MESSAGE
        self.logger_name = __name__
        self.log = get_logger(__name__)
        self.count = ERRORS.labels
        self.random = os.urandom
        self.trace_id = current_trace_id
        self.frames = frames_of
        self.words = crash_log

    def report(self, error: BaseException) -> str | None:
        """Implement ``handle_websocket_error``."""
        if isinstance(error, self.expected):
            return None
        if isinstance(error, self.netra_error_type) and error.status < self.server_error:
            return None
        if isinstance(error, MemoryError):
            self.words.free_memory()
        error_id = self.try_to(lambda: self.random(self.id_bytes).hex()) or "unknown"
        try:
            self.count(type(error).__name__).inc()
            self.log.error(self.message, error_id=error_id, exc_info=error)
        except Exception:  # noqa: BLE001  the logger can fail before the process ends
            self.write_directly(error, error_id)
        self.words.keep_memory()
        return error_id

    def write_directly(self, error: BaseException, error_id: str) -> None:
        """Write the record without the logger."""
        self.words.free_memory()
        fields = {
            "error_id": error_id,
            "error_type": type(error).__name__,
            "error": self.try_to(lambda: str(error)),
            "trace_id": self.try_to(self.trace_id),
            "exception": self.try_to(lambda: self.frames(error.__traceback__)),
        }
        self.words.write(self.logger_name, self.message, fields)

    @staticmethod
    def try_to(act: Callable[[], str | None]) -> str:
        """Return what ``act`` returns, ``""`` when it raises."""
        try:
            return act() or ""
        except Exception:  # noqa: BLE001  a record without a field is better than none
            return ""


_reporter = _Reporter()


def handle_websocket_error(
    error: BaseException, *, _report: Callable[[BaseException], str | None] = _reporter.report
) -> str | None:
    """Log ``error`` under a new error id and return the id.

    Safe in every phase: it never raises, imports nothing and does not modify ``error``. It
    writes one record, with the trace id if there is one.

    Returns:
        The error id for the close reason or the error answer; ``None`` when it is not a defect:
        a client that disconnected, a cancelled task, an error of the tree below status 500.
    """
    return _report(error)
