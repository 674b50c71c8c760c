"""The view of this instance for the tools of the operations guide."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from pydantic import JsonValue

import netra_backend.app.runs.errors  # noqa: F401  defines the codes of runs, to explain them
from netra_backend.app.agents.error_catalogue import explain_error_code
from netra_backend.app.agents.ports import RunbookHit
from netra_backend.app.agents.runbook.search import RunbookSearch
from netra_backend.app.websocket_core import close_codes, rpc_errors

# Codes that Netra does not send but that appear in logs (RFC 6455 section 7.4.1).
_FOREIGN_CLOSE_CODES: dict[int, str] = {
    1001: "The peer is going away: the user left the page, or a server stops.",
    1005: "The close frame carried no code.",
    1006: "No close frame came: the TCP connection broke or a proxy cut it.",
    1011: "A server met an unexpected condition; Netra never sends it, uvicorn's own "
    "protocol class does when a peer misses pings.",
    1015: "The TLS handshake failed.",
}


class PlatformOperations:
    """Implements the agents' ``OperationsView``.

    Args:
        readiness: returns the detailed readiness document.
        connections: returns counts of this instance's connections.
        runbook: searches the runbook.
        stop_runs: cancels the runs that are older than ``older_than_seconds``.
    """

    def __init__(
        self,
        *,
        readiness: Callable[[], Mapping[str, JsonValue]],
        connections: Callable[[], Mapping[str, JsonValue]],
        runbook: RunbookSearch,
        stop_runs: Callable[..., Awaitable[int]],
    ) -> None:
        self._readiness = readiness
        self._connections = connections
        self._runbook = runbook
        self._stop_runs = stop_runs

    async def readiness(self) -> Mapping[str, JsonValue]:
        """Return the readiness document as ``/health/ready?verbose=1`` shows it."""
        return self._readiness()

    async def connections(self) -> Mapping[str, JsonValue]:
        """Return counts of connections by state and of recent closes by code."""
        return self._connections()

    async def stop_runs(self, *, older_than_seconds: float) -> int:
        """Cancel every run older than that; return their number."""
        return await self._stop_runs(older_than_seconds=older_than_seconds)

    async def explain_code(self, code: str) -> Mapping[str, JsonValue] | None:
        """Explain a close code, a JSON-RPC error number or an error code."""
        return _explain_number(code) or explain_error_code(code)

    async def search_runbook(self, query: str) -> Sequence[RunbookHit]:
        """Return the sections of the runbook that match best."""
        return await self._runbook.search(query)


def _explain_number(code: str) -> Mapping[str, JsonValue] | None:
    if (
        re.fullmatch(r"-?[0-9]{1,9}", code) is None
    ):  # `int` accepts more: spaces, underscores, other scripts' digits
        return None
    number = int(code)
    entry = close_codes.BY_NUMBER.get(number) or rpc_errors.BY_NUMBER.get(number)
    if entry is not None:
        return {
            "code": number,
            "name": entry.name,
            "meaning": entry.meaning,
            "retry": entry.retry.value,
        }
    if meaning := _FOREIGN_CLOSE_CODES.get(number):
        return {"code": number, "name": "standard close code", "meaning": meaning}
    return None
