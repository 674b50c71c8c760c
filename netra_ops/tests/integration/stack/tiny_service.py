"""A small real service for the stack's tests: answers everything with what it was asked.

``python -m tiny_service``; reads HOST and PORT. GET /die ends it with status 7.
"""

import asyncio
import json
import os
from typing import Any

import uvicorn


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serve one ASGI connection."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "jwt-auth"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    if scope["path"] == "/api/die":
        os._exit(7)
    if scope["path"] == "/api/slow":
        await asyncio.sleep(60)
    asked = {
        "status": "pass",
        "path": scope["path"],
        "service": os.environ["PORT"],
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
    }
    body = json.dumps(asked).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        app, host=os.environ["HOST"], port=int(os.environ["PORT"]), timeout_graceful_shutdown=1,
        log_level="warning",
    )  # fmt: skip
