"""Opens the WebSocket: the only place that knows the ``websockets`` library's handshake."""

import logging

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Origin, Subprotocol

from netra_client.errors import ConnectionLost, ProtocolViolation
from netra_client.handshake import SUBPROTOCOL, Offer, handshake_refused
from netra_client.timeouts import ClientTimeouts, deadline

_socket_log = logging.getLogger("netra_client.socket")
# At DEBUG the library writes the headers of the upgrade, and with them the token.
_socket_log.setLevel(logging.INFO)


class _ConnectOnce(connect):
    """One attempt at one address.

    The library would follow a redirect and offer the token to wherever that points.
    """

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def open_socket(
    url: str,
    offer: Offer,
    *,
    timeouts: ClientTimeouts,
    max_frame_bytes: int,
    user_agent: str,
    origin: str | None = None,
) -> ClientConnection:
    """Return an open socket on which the server selected ``jwt-auth``.

    Args:
        url: ``ws://`` or ``wss://``, without credentials.
        offer: subprotocols and headers that carry the credential.
        timeouts: ``connect`` bounds the upgrade, ``close`` the closing handshake.
        max_frame_bytes: largest message accepted from the server.
        user_agent: value of that header.
        origin: sent as ``Origin``, to be treated like a browser's page of that origin.

    Raises:
        HandshakeRefused: the server answered with an HTTP status.
        ConnectionLost: it cannot be reached.
        ProtocolViolation: it accepted without selecting the subprotocol, or spoke no WebSocket.
        DeadlinePassed: ``connect``.
    """
    attempt = _ConnectOnce(
        url,
        subprotocols=[Subprotocol(entry) for entry in offer.subprotocols],
        additional_headers=dict(offer.headers),
        origin=None if origin is None else Origin(origin),
        user_agent_header=user_agent,
        compression=None,  # events are small; deflate costs 64 KiB for each socket of the server
        open_timeout=None,  # bounded by the deadline below, which has a name
        ping_interval=None,  # the library would close with 1011; see Heartbeat
        close_timeout=timeouts.close,
        max_size=max_frame_bytes,
        logger=_socket_log,
    )
    try:
        async with deadline("connect", timeouts.connect):
            socket = await attempt
    except InvalidStatus as error:
        response = error.response
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        raise handshake_refused(
            response.status_code, headers, bytes(response.body or b"")
        ) from None  # its context holds the request, and that the token
    except InvalidHandshake as error:
        raise ProtocolViolation(f"The server's upgrade is wrong: {type(error).__name__}") from None
    except (OSError, WebSocketException, EOFError) as error:
        raise ConnectionLost(f"Cannot reach {url}: {str(error) or type(error).__name__}") from error
    if socket.subprotocol != SUBPROTOCOL:
        await socket.close()
        raise ProtocolViolation(f"The server selected {socket.subprotocol!r}, not {SUBPROTOCOL!r}")
    return socket
