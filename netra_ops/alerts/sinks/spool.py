"""What a sink has still to send: bounded, kept over restarts, sent again with growing pauses."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpx

from netra_client.retry import backoff_delay

MAX_ENTRIES = 1000
FIRST_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 60.0
SEND_SECONDS = 10.0
HTTP_ERRORS = 300  # a redirect would send alerts, and perhaps a credential, elsewhere

Send = Callable[[Any], Awaitable[None]]


class Spool:
    """A queue in front of one receiver; order is kept.

    Args:
        send: delivers one entry; raises ``httpx.HTTPError`` when it cannot.
        entries: left over from before.
    """

    def __init__(self, send: Send, entries: Iterable[Any] = ()) -> None:
        self._send = send
        self._entries: deque[Any] = deque(entries, MAX_ENTRIES)
        self._failures = 0
        self._next_at = 0.0
        self.dropped = 0
        """Entries that were lost because the spool was full; never silently."""

    @property
    def entries(self) -> list[Any]:
        """What is still to be sent, oldest first."""
        return list(self._entries)

    def put(self, entry: Any) -> None:
        """Add an entry; the oldest is lost, and counted, when the spool is full."""
        if len(self._entries) == MAX_ENTRIES:
            self.dropped += 1
        self._entries.append(entry)

    async def flush(self, now: float) -> str:
        """Send what is due; return the failure, or an empty text.

        Args:
            now: monotonic seconds.
        """
        if now < self._next_at:
            return "waiting to send again" if self._entries else ""
        while self._entries:
            try:
                await self._send(self._entries[0])
            except httpx.HTTPError as error:
                self._failures += 1
                self._next_at = now + backoff_delay(
                    self._failures, 1.0, first=FIRST_PAUSE_SECONDS, cap=MAX_PAUSE_SECONDS
                )
                return str(error) or type(error).__name__
            self._entries.popleft()
            self._failures, self._next_at = 0, 0.0
        return ""


def post_to(url: str) -> Send:
    """Return a function that posts an entry as JSON."""

    async def send(entry: Any) -> None:
        async with httpx.AsyncClient(timeout=SEND_SECONDS) as http:
            response = await http.post(url, json=entry)
        if response.status_code >= HTTP_ERRORS:
            raise httpx.HTTPStatusError(
                f"HTTP {response.status_code}: {response.text[:200]}",
                request=response.request,
                response=response,
            )

    return send
