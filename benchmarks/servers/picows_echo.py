"""picows as it is: C code from the socket to one Python callback."""

import asyncio
import sys

import jwt
import msgspec
import picows
import uvloop

from benchmarks.servers.fan_out import broadcast
from benchmarks.servers.tokens import verify_offer

everyone: set[picows.WSTransport] = set()
tasks: set[asyncio.Task[None]] = set()


def send_to_all(text: str) -> None:
    """Write to each."""
    data = text.encode()
    for transport in everyone:
        transport.send(picows.WSMsgType.TEXT, data)


class Echo(picows.WSListener):
    """One connection."""

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Join."""
        everyone.add(transport)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        """Leave."""
        everyone.discard(transport)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Echo, or broadcast."""
        if frame.msg_type == picows.WSMsgType.CLOSE:
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()
            return
        data = frame.get_payload_as_bytes()
        if len(data) < 120:
            task = asyncio.create_task(broadcast(msgspec.json.decode(data), send_to_all))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        else:
            transport.send(picows.WSMsgType.TEXT, data)


def accept(
    request: picows.WSUpgradeRequest,
) -> picows.WSUpgradeResponseWithListener | None:
    """Verify; ``None`` refuses."""
    try:
        verify_offer(request.headers.get("Sec-WebSocket-Protocol", ""))
    except jwt.InvalidTokenError:
        return None
    response = picows.WSUpgradeResponse.create_101_response(
        extra_headers={"Sec-WebSocket-Protocol": "jwt-auth"}
    )
    return picows.WSUpgradeResponseWithListener(response, Echo())


async def main() -> None:
    """Serve until killed."""
    server = await picows.ws_create_server(accept, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
