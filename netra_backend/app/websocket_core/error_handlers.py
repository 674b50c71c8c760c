"""What becomes of an exception that nobody expected: an id, a log record, a count.

An error may turn up in any phase of the process: while it serves, drains and ends, with its
output closed or its memory spent. The record is written by the structured logger while that
works, and otherwise by ``netra_shared.runtime.crash_log``.
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
    """Carries what ``handle_websocket_error`` needs.

    When it runs in a finaliser, the globals of this module may be ``None`` already.
    """

    def __init__(self) -> None:
        self.expected = (
            WebSocketDisconnect,
            WebSocketDisconnected,
            ClientDisconnected,
            asyncio.CancelledError,
            GeneratorExit,
        )
        self.of_the_tree = NetraError
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
        """Do what ``handle_websocket_error`` says."""
        if isinstance(error, self.expected):
            return None
        if isinstance(error, self.of_the_tree) and error.status < self.server_error:
            return None
        if isinstance(error, MemoryError):
            self.words.free_memory()
        error_id = self.try_to(lambda: self.random(self.id_bytes).hex()) or "unknown"
        try:
            self.count(type(error).__name__).inc()
            self.log.error(self.message, error_id=error_id, exc_info=error)
        except Exception:  # noqa: BLE001  the logger ends before the process does
            self.say(error, error_id)
        self.words.keep_memory()
        return error_id

    def say(self, error: BaseException, error_id: str) -> None:
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
        except Exception:  # noqa: BLE001  the record is worth more than one of its fields
            return ""


_reporter = _Reporter()


def handle_websocket_error(
    error: BaseException, *, _report: Callable[[BaseException], str | None] = _reporter.report
) -> str | None:
    """Log ``error`` under a fresh id and return the id.

    Safe in every phase: it never raises, imports nothing, and leaves ``error`` as it is, so that
    the caller can raise it again. One record is written, with the trace id where there is one.

    Returns:
        The error id for the close reason or the error answer; ``None`` for what is no defect:
        a client that went away, a cancelled task, an error of the tree below status 500.
    """
    return _report(error)
