"""One short connection: open, initialize, ping, close; each step timed apart."""

import asyncio
import time
from dataclasses import dataclass, field

import msgspec

from netra_client.codes import PROTOCOL_VERSION
from netra_client.connection import Connection
from netra_client.errors import NetraClientError, SocketClosed
from netra_client.handshake import Credential, offer_token
from netra_client.timeouts import ClientTimeouts
from netra_client.token_source import TokenSource
from netra_client.transport import open_socket
from netra_client.wire import Initialized, decode_as
from netra_ops.measure.outcome import Outcome, outcome_of

MAX_FRAME_BYTES = 1024 * 1024
USER_AGENT = "netra-monitor/1"
CLIENT = {"name": "netra-monitor", "version": "1"}
NORMAL = 1000


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one probe saw; seconds, None for a step that was not reached.

    Args:
        at: Unix seconds of the start.
        outcome: how it ended.
        code: the error's code; empty on success.
        handshake: from the first packet to HTTP 101.
        initialize: from the open socket to the answer of ``initialize``.
        round_trip: of one ``ping`` on the open socket.
        close_code: with which the connection ended; None when it was never open.
        instance: that answered.
        revision: of that instance.
    """

    at: float
    outcome: Outcome
    code: str = ""
    handshake: float | None = None
    initialize: float | None = None
    round_trip: float | None = None
    close_code: int | None = None
    instance: str = ""
    revision: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether every step succeeded."""
        return self.outcome is Outcome.OK


@dataclass(frozen=True, slots=True)
class Probe:
    """Makes probes of one endpoint.

    Args:
        url: of the socket.
        tokens: access tokens; owned by the caller.
        credential: how the token is presented.
        origin: sent as ``Origin``.
        timeouts: bounds every step.
    """

    url: str
    tokens: TokenSource
    credential: Credential = Credential.SUBPROTOCOL
    origin: str | None = None
    timeouts: ClientTimeouts = field(default_factory=ClientTimeouts)

    async def once(self) -> ProbeResult:
        """Probe; never raises for what the server or the network does."""
        steps: dict[str, float] = {}
        answer: Initialized | None = None
        error: NetraClientError | None = None
        close_code: int | None = None
        at = time.time()
        try:
            token = await self.tokens.token()
            started = time.monotonic()
            socket = await open_socket(
                self.url,
                offer_token(self.credential, token),
                timeouts=self.timeouts,
                max_frame_bytes=MAX_FRAME_BYTES,
                user_agent=USER_AGENT,
                origin=self.origin,
            )
            steps["handshake"] = time.monotonic() - started
            connection = Connection(socket, self.timeouts, _ignore)
            reader = asyncio.create_task(connection.read_until_closed())
            try:
                answer = await self._converse(connection, steps)
            finally:
                await connection.close()
                ended = await reader
            close_code = ended.close_code if isinstance(ended, SocketClosed) else None
            error = None if close_code == NORMAL else ended
        except NetraClientError as raised:
            error = raised
            close_code = raised.close_code if isinstance(raised, SocketClosed) else close_code
        return ProbeResult(
            at=at,
            outcome=outcome_of(error),
            code="" if error is None else error.code,
            close_code=close_code,
            instance="" if answer is None else answer.instance_id,
            revision="" if answer is None else answer.revision or "",
            **steps,
        )

    async def _converse(self, connection: Connection, steps: dict[str, float]) -> Initialized:
        started = time.monotonic()
        raw = await connection.call(
            "initialize",
            {"protocolVersion": PROTOCOL_VERSION, "client": CLIENT},
            within=self.timeouts.initialize,
            name="initialize",
        )
        steps["initialize"] = time.monotonic() - started
        answer: Initialized = decode_as(raw, Initialized)
        started = time.monotonic()
        await connection.call("ping", {}, within=self.timeouts.pong, name="pong")
        steps["round_trip"] = time.monotonic() - started
        return answer


def _ignore(_method: str, _params: msgspec.Raw) -> None:
    """A probe subscribes to nothing."""
