"""An automatic rollback: off by default, at most once for each release."""

import asyncio
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from netra_ops.alerts.board import Alert

ROLLBACK_SECONDS = 900.0


@dataclass(slots=True)
class AutomaticRollback:
    """Runs a command when a critical alert fires.

    Args:
        command: as typed in a shell; no shell interprets it.
        acted_on: revisions for which it ran.
    """

    command: str
    acted_on: list[str] = field(default_factory=list)

    def is_due(self, changes: Sequence[Alert], revision: str) -> bool:
        """Whether a critical alert, backed by data, fired for a release not acted on yet."""
        critical = [
            one
            for one in changes
            if one.is_firing and one.rule.severity == "critical" and not one.is_no_data
        ]
        return bool(critical) and revision not in self.acted_on

    async def act(self, revision: str) -> int:
        """Run the command; return its exit status, 124 when it took too long."""
        self.acted_on.append(revision)
        sys.stderr.write(f"rolling back revision {revision or 'unknown'}: {self.command}\n")
        process = await asyncio.create_subprocess_exec(*shlex.split(self.command))
        try:
            async with asyncio.timeout(ROLLBACK_SECONDS):
                return await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            return 124  # as timeout(1) has it
