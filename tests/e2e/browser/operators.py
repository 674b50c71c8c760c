"""How someone becomes an operator of the platform under test."""

import asyncio
import sys

from redis.asyncio import Redis

from netra_backend.app.operations.monitoring import MonitoringReports, Report
from netra_ops.stack.attach import redis_url_of
from netra_ops.stack.paths import project_root
from test_framework.platform.stack import Stack

GRANT_SECONDS = 240.0


async def grant_operator(stack: Stack, email: str) -> None:
    """Give the role as the platform's owner does: with ``netra users grant``."""
    command = ["users", "grant", email, "operator", "--data-dir", str(stack.paths.data_dir)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "netra_ops.cli", *command, cwd=project_root()
    )
    async with asyncio.timeout(GRANT_SECONDS):
        assert await process.wait() == 0


async def report(stack: Stack, document: Report) -> None:
    """Report as a tool on the stack's machine does."""
    client: Redis = Redis.from_url(redis_url_of(stack.state()))
    async with client:
        await MonitoringReports(client, ttl_seconds=600).write(document)
