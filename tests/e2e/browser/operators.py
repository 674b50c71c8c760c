"""How someone becomes an operator of the platform under test."""

import asyncio
import sys

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
