"""The latest errors of this process by their id, for operators who were given one.

A step of the logging pipeline: every record with an ``error_id`` is stored, redacted
as it was logged, without its stack. The log has the rest.
"""

from collections import deque
from collections.abc import MutableMapping
from typing import Any

from pydantic import JsonValue

MAX_ERRORS = 50
_MESSAGE_CHARACTERS = 300


class RecentErrors:
    """A bounded memory of logged errors.

    Args:
        keep: how many; older ones are forgotten.
    """

    def __init__(self, keep: int = MAX_ERRORS) -> None:
        self._errors: deque[JsonValue] = deque(maxlen=keep)

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Implement a structlog processor: remember what has an ``error_id``, change nothing."""
        if error_id := event.get("error_id"):
            self._errors.appendleft(
                {
                    "errorId": str(error_id),
                    "at": str(event.get("time", "")),
                    "message": str(event.get("event", ""))[:_MESSAGE_CHARACTERS],
                    "type": _type_of(event),
                    "traceId": event.get("trace_id"),
                }
            )
        return event

    def latest(self) -> list[JsonValue]:
        """Return what is remembered, newest first."""
        return list(self._errors)


def _type_of(event: MutableMapping[str, Any]) -> str:
    """Return the error's type: as logged, else the last line of the stack that was logged."""
    if known := event.get("error_type") or event.get("code"):
        return str(known)
    last = str(event.get("exception", "")).strip().rpartition("\n")[2]
    return last.partition(":")[0].rpartition(".")[2]


recent_errors = RecentErrors()  # of this process, like its logging
