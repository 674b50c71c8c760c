"""Walks one socket handshake step by step and judges each step against ``docs/protocol.md``."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from netra_client.codes import CLOSE_CODES, PROTOCOL_VERSION
from netra_client.connection import Connection
from netra_client.errors import (
    ConnectionLost,
    DeadlinePassed,
    HandshakeRefused,
    NetraClientError,
    ProtocolViolation,
    SocketClosed,
)
from netra_client.handshake import SUBPROTOCOL, Offer
from netra_client.timeouts import ClientTimeouts, deadline
from netra_client.transport import open_socket
from netra_client.wire import Initialized, decode_as

MAX_FRAME_BYTES = 1024 * 1024
USER_AGENT = "netra-protocol-probe/1"

# The table of section 1 of docs/protocol.md: what a refused handshake may say.
DOCUMENTED_REFUSALS = {
    400: {"bad_handshake", "conflicting_credentials"},
    401: {
        "credential_missing",
        "token_invalid",
        "token_expired",
        "ticket_invalid",
        "session_revoked",
    },
    403: {"origin_forbidden"},
    429: {"too_many_connections"},
    503: {"draining", "unavailable", "jwks_unavailable"},
}
# What a browser reads instead: the code of the error is the reason of the close.
DOCUMENTED_CLOSES = {4400: 400, 4401: 401, 4403: 403, 4429: 429, 4503: 503}
# These say that the platform is in trouble, not that it refused this credential.
NOT_ABOUT_THE_CREDENTIAL = {429, 503}


class Verdict(StrEnum):
    """How the handshake ended."""

    ACCEPTED = "accepted"
    REFUSED_AS_DOCUMENTED = "refused_as_documented"
    UNAVAILABLE = "unavailable"
    NOT_AS_DOCUMENTED = "not_as_documented"
    NETWORK_FAILURE = "network_failure"


@dataclass(frozen=True)
class Step:
    """One step: what was done, whether it went as documented, and what was seen."""

    name: str
    passed: bool
    detail: str
    milliseconds: float


@dataclass
class Report:
    """The steps of one handshake, in order, and the code of each close that was received."""

    steps: list[Step] = field(default_factory=list)
    verdict: Verdict = Verdict.NETWORK_FAILURE
    close_codes: list[int] = field(default_factory=list)

    def end(self, verdict: Verdict) -> "Report":
        """Note how it ended."""
        self.verdict = verdict
        return self


class _Failed(Exception):
    """A step failed; the report has it."""

    def __init__(self, error: NetraClientError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True)
class ProtocolProbe:
    """Makes one handshake.

    Args:
        url: of the socket, ``ws://`` or ``wss://``.
        offer: what is offered; its values are shown nowhere.
        origin: sent as ``Origin``: the client is then treated as a browser.
        timeouts: ``connect``, ``initialize``, ``reply`` and ``close``.
        protocol_version: what ``initialize`` asks for.
    """

    url: str
    offer: Offer
    origin: str | None = None
    timeouts: ClientTimeouts = field(default_factory=ClientTimeouts)
    protocol_version: int = PROTOCOL_VERSION

    async def run(self) -> Report:
        """Walk the handshake to its end; never raises for what the server or the network does."""
        report = Report()
        try:
            await self._reach(report)
            return await self._upgrade(report)
        except _Failed as failed:
            lost = isinstance(failed.error, (ConnectionLost, DeadlinePassed))
            return report.end(Verdict.NETWORK_FAILURE if lost else Verdict.NOT_AS_DOCUMENTED)

    async def _reach(self, report: Report) -> None:
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "wss" else 80)

        async def connect() -> str:
            try:
                async with deadline("connect", self.timeouts.connect):
                    _, writer = await asyncio.open_connection(parts.hostname, port)
            except OSError as error:
                raise ConnectionLost(f"network: {error.strerror or error}") from error
            writer.transport.abort()
            return f"{parts.hostname}:{port} accepts connections"

        await _step(report, "reach", connect)

    async def _upgrade(self, report: Report) -> Report:
        started = time.monotonic()
        try:
            socket = await open_socket(
                self.url,
                self.offer,
                timeouts=self.timeouts,
                max_frame_bytes=MAX_FRAME_BYTES,
                user_agent=USER_AGENT,
                origin=self.origin,
            )
        except HandshakeRefused as error:
            return self._judge_refusal(report, error, _milliseconds(started))
        except NetraClientError as error:
            report.steps.append(Step("upgrade", False, error.message, _milliseconds(started)))
            raise _Failed(error) from error
        detail = f"HTTP 101, selected subprotocol {socket.subprotocol}"
        report.steps.append(Step("upgrade", True, detail, _milliseconds(started)))
        connection = Connection(socket, self.timeouts, _ignore)
        reader = asyncio.create_task(connection.read_until_closed())
        try:
            return await self._converse(report, connection, reader)
        finally:
            await connection.close()
            ended = await reader
            if isinstance(ended, SocketClosed):
                report.close_codes.append(ended.close_code)

    async def _converse(
        self, report: Report, connection: Connection, reader: "asyncio.Task[NetraClientError]"
    ) -> Report:
        started = time.monotonic()
        try:
            await _step(report, "initialize", lambda: self._initialize(connection))
        except _Failed as failed:
            if not isinstance(failed.error, SocketClosed):
                raise
            report.steps.pop()
            return self._judge_close(report, failed.error, _milliseconds(started))

        async def ping() -> str:
            await connection.call("ping", {})
            return "answered"

        async def close() -> str:
            await connection.close()
            ended = await reader
            if not isinstance(ended, SocketClosed) or ended.close_code != 1000:  # noqa: PLR2004
                raise ProtocolViolation(f"expected close 1000, got: {ended.message}")
            return "1000 normal"

        await _step(report, "ping", ping)
        await _step(report, "close", close)
        return report.end(Verdict.ACCEPTED)

    async def _initialize(self, connection: Connection) -> str:
        params = {
            "protocolVersion": self.protocol_version,
            "client": {"name": "netra-protocol-probe", "version": "1"},
        }
        raw = await connection.call(
            "initialize", params, within=self.timeouts.initialize, name="initialize"
        )
        answer: Initialized = decode_as(raw, Initialized)
        if answer.protocol_version != self.protocol_version:
            raise ProtocolViolation(f"the server speaks version {answer.protocol_version}")
        return f"protocol {answer.protocol_version}, instance {answer.instance_id}"

    def _judge_refusal(self, report: Report, error: HandshakeRefused, taken: float) -> Report:
        expected = DOCUMENTED_REFUSALS.get(error.status, set())
        browser = self.origin is not None and SUBPROTOCOL in self.offer.subprotocols
        passed = error.code in expected and not browser
        detail = f"HTTP {error.status} {error.code}, retry {error.retry.value}"
        if browser:
            detail += "; a browser cannot read this: an upgrade and a close 44xx are documented"
        elif not passed:
            detail += "; not in the table of docs/protocol.md"
        report.steps.append(Step("refusal", passed, detail, taken))
        return report.end(_verdict_of(passed, error.status))

    def _judge_close(self, report: Report, error: SocketClosed, taken: float) -> Report:
        status = DOCUMENTED_CLOSES.get(error.close_code, 0)
        row = CLOSE_CODES.get(error.close_code)
        passed = error.reason in DOCUMENTED_REFUSALS.get(status, set()) and self.origin is not None
        meaning = f"{row.name}, retry {row.retry.value}" if row else "not in the table"
        detail = f"closed {error.close_code} {error.reason!r} ({meaning})"
        report.steps.append(Step("refusal", passed, detail, taken))
        return report.end(_verdict_of(passed, status))


async def _step(report: Report, name: str, work: Callable[[], Awaitable[str]]) -> None:
    started = time.monotonic()
    try:
        detail = await work()
    except NetraClientError as error:
        report.steps.append(Step(name, False, error.message, _milliseconds(started)))
        raise _Failed(error) from error
    report.steps.append(Step(name, True, detail, _milliseconds(started)))


def _verdict_of(passed: bool, status: int) -> Verdict:  # noqa: FBT001  one judgement of two facts
    if not passed:
        return Verdict.NOT_AS_DOCUMENTED
    if status in NOT_ABOUT_THE_CREDENTIAL:
        return Verdict.UNAVAILABLE
    return Verdict.REFUSED_AS_DOCUMENTED


def _milliseconds(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)


def _ignore(_method: str, _params: msgspec.Raw) -> None:
    """The probe subscribes to nothing."""
