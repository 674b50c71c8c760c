"""Which modules the backend loads only when it serves: observed, not guessed.

A backend without its list runs on throwaway stores, talks to an operator, drains with an open
socket, and ends; its log names every late import.
"""

import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import jwt

from netra_client import FixedToken, NetraClient
from netra_ops.errors import ServerStartFailed
from netra_ops.services.child_process import ChildProcess
from netra_ops.services.http_server import HttpServer
from netra_ops.services.log_file import open_for_append, tail
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.services.postgres import EmbeddedPostgres
from netra_ops.services.valkey import EmbeddedValkey
from netra_shared.runtime.late_imports import MESSAGE

STOP_SECONDS = 10.0
MIGRATE_SECONDS = 60.0
ANSWER_SECONDS = 60.0
TOKEN_SECONDS = 600
QUESTIONS = ("Is the platform ready?", "What does 4413 mean?", "Who is connected?", "valkey outage")
# What chooses another model is the operator's to set: its SDK may load lazily, too.
INHERITED = ("PATH", "HOME", "NETRA_MODEL", "NETRA_MODEL_BASE_URL", "NETRA_MODEL_API_KEY")

Progress = Callable[[str], None]


async def observe(progress: Progress) -> dict[str, str]:
    """Run the backend through its life; return late modules with the module that wanted them.

    Args:
        progress: called with each phase before it starts.

    Raises:
        ServerStartFailed: a server did not start.
        NetraClientError: the conversation failed.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="netra-observe-")))
        await asyncio.to_thread(folder.chmod, 0o711)  # root's PostgreSQL runs as user `nobody`
        progress("starting throwaway stores")
        postgres = EmbeddedPostgres(folder / "postgres", throwaway=True)
        valkey = EmbeddedValkey(folder / "valkey")
        for server in (postgres, valkey):
            await server.start()
            stack.push_async_callback(server.stop)
        secret = secrets.token_urlsafe(32)
        port = free_port()
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "ENVIRONMENT": "test", "DATABASE_URL": postgres.url, "REDIS_URL": valkey.url,
            "JWT_SECRET_KEY": secret, "HOST": LOOPBACK, "PORT": str(port), "LOG_FORMAT": "json",
        }  # fmt: skip
        await _migrate(environment, folder / "migrate.log")
        backend = HttpServer(
            "backend", [sys.executable, "-m", "netra_ops.imports.bare_backend"], port=port,
            ready_path="/health/ready", log_path=folder / "backend.log", environment=environment,
            working_directory=Path.cwd(),
        )  # fmt: skip
        progress("starting the backend without its list")
        await backend.start()
        stack.push_async_callback(backend.stop)
        progress("talking to it")
        async with NetraClient(f"http://{LOOPBACK}:{port}", FixedToken(_token(secret))) as client:
            async with asyncio.timeout(ANSWER_SECONDS):
                thread = await client.threads.create()
                for question in QUESTIONS:
                    async for _event in client.run(thread.id, question):
                        pass
            progress("draining it")
            backend.child.send(signal.SIGTERM)
            await backend.child.wait(STOP_SECONDS)
        return late_modules(backend.log_path.read_text())


def late_modules(log: str) -> dict[str, str]:
    """Return importers by module name, from the records of ``runtime.late_imports``."""
    found: dict[str, str] = {}
    for line in log.splitlines():
        if line.startswith("{") and MESSAGE in line:
            record = json.loads(line)
            if record.get("message", record.get("event")) == MESSAGE:
                found.setdefault(record["module"], record["importer"])
    return found


async def _migrate(environment: dict[str, str], log: Path) -> None:
    with open_for_append(log) as output:
        child = ChildProcess.start(
            [sys.executable, "-m", "netra_backend.app.migrate"], name="migrate", output=output,
            environment=environment, working_directory=Path.cwd(),
        )  # fmt: skip
    if await child.wait(MIGRATE_SECONDS) != 0:
        raise ServerStartFailed("the migrations failed", log_tail=tail(log, 15))


def _token(secret: str) -> str:
    now = int(time.time())
    claims = {
        "iss": "netra-auth", "aud": "netra", "sub": str(uuid.uuid4()), "sid": str(uuid.uuid4()),
        "jti": uuid.uuid4().hex, "iat": now, "exp": now + TOKEN_SECONDS,
        "roles": ["user", "operator"],
    }  # fmt: skip
    return jwt.encode(claims, secret, algorithm="HS256")
