"""A service for tests: HTTP answers with facts about itself, and WebSockets that echo.

Environment: DIE exits at the start; MUTE never listens; WRONG_PORT listens elsewhere; SLOW_START
waits seconds before it listens; STUBBORN ignores SIGTERM; CHILD starts a process of its own.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

READY = {"live": True, "ready": True}


async def answer(connection: ServerConnection, request: Request) -> Response | None:
    path = request.path.partition("?")[0]
    if "upgrade" in request.headers:
        return None
    if path == "/live":
        return connection.respond(200 if READY["live"] else 500, "")
    if path == "/ready":
        return connection.respond(200 if READY["ready"] else 500, "")
    if path in {"/unlive", "/unready"}:
        READY[path.removeprefix("/un")] = False
    if path == "/slow":
        await asyncio.sleep(float(request.path.partition("?")[2]))
    if path == "/crash":
        os._exit(7)
    facts = {
        "revision": os.environ["K_REVISION"],
        "pid": os.getpid(),
        "path": request.path,
        "environment": dict(os.environ),
        "headers": [[name, value] for name, value in request.headers.raw_items()],
    }
    response = connection.respond(200, json.dumps(facts))
    response.headers["Connection"] = "close"
    return response


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        shown = os.environ["K_REVISION"] if message == "who" else message
        await connection.send(shown)


async def main() -> None:
    sys.stdout.write(json.dumps({"severity": "WARNING", "message": "the app starts"}) + "\n")
    sys.stdout.flush()
    sys.stderr.write("a plain line\n")
    if "DIE" in os.environ:
        sys.exit(int(os.environ["DIE"]))
    if "CHILD" in os.environ:
        await asyncio.create_subprocess_exec("/bin/sleep", "600")
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    if "STUBBORN" in os.environ:
        loop.add_signal_handler(signal.SIGTERM, lambda: None)
    if "MUTE" in os.environ:
        await end.wait()
        return
    await asyncio.sleep(float(os.environ.get("SLOW_START", "0")))
    port = 0 if "WRONG_PORT" in os.environ else int(os.environ["PORT"])
    async with serve(echo, "127.0.0.1", port, process_request=answer, ping_interval=None):
        await end.wait()
    sys.stdout.write("the app ends\n")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
