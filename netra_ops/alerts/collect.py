"""Takes the measurements of one round: health, a probe, now and then the golden path."""

import asyncio
import time
from dataclasses import dataclass, field

import httpx

from netra_client import NetraClient, Outcome, StreamReset
from netra_client.endpoint import socket_url
from netra_client.errors import NetraClientError
from netra_client.timeouts import ClientTimeouts, deadline
from netra_client.token_source import TokenSource
from netra_ops.alerts.board import Board
from netra_ops.alerts.readiness import store_checks
from netra_ops.measure.outcome import Outcome as ProbeOutcome
from netra_ops.measure.probe import Probe, ProbeResult

HEALTH_SECONDS = 15.0  # above the 8 s that alert, so that the latency is a number and no timeout
MESSAGE = "What does close code 1012 mean?"  # the built-in operations guide answers it at no cost
CREDENTIAL_CODES = frozenset(
    {
        "credential_missing", "token_invalid", "token_expired", "ticket_invalid", "session_revoked",
        "unauthenticated", "signed_out",
    }
)  # fmt: skip
QUICK = ClientTimeouts(connect=10.0, initialize=10.0, pong=10.0)


@dataclass(slots=True)
class Collector:
    """Measures one platform into a board.

    Args:
        address: of the platform.
        details_url: where readiness is asked; the backend itself on this machine, whose answer
            has details without an operator's token.
        tokens: of an account; for details elsewhere that of an operator.
        board: where the measurements go.
        revision: of the last probe; which release an alert is about.
    """

    address: str
    details_url: str
    tokens: TokenSource
    board: Board
    revision: str = ""
    notes: list[str] = field(default_factory=list)

    async def round(self, now: float) -> None:
        """Ask health and probe once, at the same time."""
        await asyncio.gather(self._health(now), self._probe(now))

    async def golden_path(self, now: float) -> None:
        """Send a message and read the answer to its end."""
        within = self.board.thresholds.ratios["golden_path_success"].within or 90.0
        received = expected = 0
        succeeded = False
        last: int | None = None
        try:
            async with (
                deadline("golden_path", within),
                NetraClient(self.address, self.tokens) as client,
            ):
                thread = await client.threads.create("health monitor")
                run = client.run(thread.id, MESSAGE)
                async for item in run:
                    if isinstance(item, StreamReset):
                        expected += 1
                        continue
                    received += 1
                    expected += 1 if last is None else max(1, item.position.offset - last)
                    last = item.position.offset
                succeeded = run.outcome is Outcome.SUCCESS
                await client.threads.delete(thread.id)
        except NetraClientError as error:
            self.notes.append(f"golden path: {error.message} ({error.code})")
        self.board.count("golden_path_success", now, good=succeeded, bad=not succeeded)
        if expected:
            lost = max(0, expected - received)
            self.board.count("event_delivery", now, good=received, bad=lost)

    async def _health(self, now: float) -> None:
        started = time.monotonic()
        headers = {}
        try:
            headers["Authorization"] = f"Bearer {await self.tokens.token()}"
        except NetraClientError as error:
            self.notes.append(f"token: {error.message} ({error.code})")
        try:
            async with httpx.AsyncClient(timeout=HEALTH_SECONDS) as http:
                response = await http.get(
                    f"{self.details_url}/health/ready?verbose=1", headers=headers
                )
                document = response.json()
        except (httpx.HTTPError, ValueError) as error:
            self.notes.append(f"health: {str(error) or type(error).__name__}")
            # No answer at all is as bad as the longest wait.
            self.board.measure("health_seconds", now, HEALTH_SECONDS)
            return
        self.board.measure("health_seconds", now, time.monotonic() - started)
        if not isinstance(document, dict):
            return
        checks = store_checks(document)
        for name, ratio, value, unit in (
            ("redis", "redis_availability", "redis_milliseconds", 1000.0),
            ("database", "database_success", "database_seconds", 1.0),
        ):
            if (check := checks.get(name)) is None:
                continue
            self.board.count(ratio, now, good=check.passed, bad=not check.passed)
            if check.seconds is not None:
                self.board.measure(value, now, check.seconds * unit)

    async def _probe(self, now: float) -> None:
        result = await Probe(socket_url(self.address), self.tokens, timeouts=QUICK).once()
        self.revision = result.revision or self.revision
        self.board.count("connection_success", now, good=result.is_ok, bad=not result.is_ok)
        if (accepted := _is_accepted(result)) is not None:
            self.board.count("authentication_success", now, good=accepted, bad=not accepted)


def _is_accepted(result: ProbeResult) -> bool | None:
    """Return whether the credential was accepted; None when the server did not come to judge it."""
    if result.is_ok:
        return True
    if result.outcome is ProbeOutcome.REFUSED and result.code in CREDENTIAL_CODES:
        return False
    return True if result.handshake is not None else None
