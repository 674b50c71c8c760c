"""One attempt to open a socket, and how it ended, as a value."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    NegotiationError,
    WebSocketException,
)
from websockets.typing import Origin, Subprotocol

from netra_client.diagnosis.network import Target
from netra_client.errors import DeadlinePassed
from netra_client.timeouts import ClientTimeouts, deadline

_log = logging.getLogger("netra_client.diagnosis")
# At DEBUG the library writes the headers of the upgrade, and with them the token.
_log.setLevel(logging.INFO)

MAX_MESSAGE_BYTES = 1024 * 1024
USER_AGENT = "netra-doctor/1"


class _ConnectOnce(connect):
    """One attempt at one address: a redirect would send the token to another origin."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one upgrade ended: exactly one of ``socket``, ``status`` and ``failure`` says it.

    Args:
        socket: open, with a pong received; the caller closes it.
        status: of an HTTP answer in place of the upgrade.
        headers: of that answer, names in lower case.
        body: of that answer.
        close: code and reason of a close right after the upgrade.
        failure: what else went wrong.
        wrong_subprotocol: the server selected one that was not offered.
    """

    socket: ClientConnection | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    close: tuple[int, str] | None = None
    failure: str = ""
    wrong_subprotocol: bool = False

    @property
    def selected(self) -> str | None:
        """The selected subprotocol."""
        return self.socket.subprotocol if self.socket is not None else None


async def attempt_upgrade(
    target: Target,
    subprotocols: Sequence[str],
    headers: Mapping[str, str],
    origin: str | None,
    timeouts: ClientTimeouts,
) -> Attempt:
    """Open a socket and wait for a pong or a close; never raises for what the server does."""
    attempt = _ConnectOnce(
        target.url,
        subprotocols=[Subprotocol(entry) for entry in subprotocols] or None,
        additional_headers=dict(headers),
        origin=None if origin is None else Origin(origin),
        user_agent_header=USER_AGENT,
        compression=None,
        open_timeout=None,  # bounded by the deadline below, which has a name
        ping_interval=None,
        close_timeout=timeouts.close,
        max_size=MAX_MESSAGE_BYTES,
        logger=_log,
        ssl=target.tls,
    )
    try:
        async with deadline("connect", timeouts.connect):
            socket = await attempt
    except InvalidStatus as error:
        response = error.response
        found = {name.lower(): value for name, value in response.headers.raw_items()}
        return Attempt(status=response.status_code, headers=found, body=bytes(response.body or b""))
    except NegotiationError:
        return Attempt(failure="the server selected what was not offered", wrong_subprotocol=True)
    except InvalidHandshake as error:
        return Attempt(failure=f"the answer is no valid upgrade: {type(error).__name__}")
    except DeadlinePassed as error:
        return Attempt(failure=error.message)
    except (OSError, WebSocketException, EOFError) as error:
        return Attempt(failure=str(error) or type(error).__name__)
    return await _first_answer(socket, timeouts)


async def _first_answer(socket: ClientConnection, timeouts: ClientTimeouts) -> Attempt:
    """A browser's refusal arrives as a close after the upgrade; a pong shows that there is none."""
    try:
        async with deadline("pong", timeouts.pong):
            await (await socket.ping())
    except ConnectionClosed as error:
        if error.rcvd is not None:
            return Attempt(close=(error.rcvd.code, error.rcvd.reason))
        return Attempt(failure="the transport ended right after the upgrade, without a close frame")
    except DeadlinePassed as error:
        socket.transport.abort()
        return Attempt(failure=f"it opened, but did not answer a ping: {error.message}")
    return Attempt(socket=socket)
