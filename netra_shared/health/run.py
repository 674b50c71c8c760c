"""Runs a check within its bounds, even if the validator ignores its cancellation."""

import asyncio
from datetime import UTC, datetime

from netra_shared.health.check import CheckResult, ServiceReadinessCheck
from netra_shared.logging import get_logger
from netra_shared.redaction import redact_text

# A cancelled attempt normally ends within one iteration of the event loop. One that does not is
# abandoned. With this many abandoned attempts the check fails without asking, so that they do not
# accumulate.
MAX_ABANDONED = 4
MAX_OUTPUT_CHARACTERS = 300  # the message of a driver can contain a whole SQL statement

_log = get_logger(__name__)


class CheckRunner:
    """Runs one check repeatedly and owns its abandoned attempts.

    Args:
        check: what to run.
    """

    def __init__(self, check: ServiceReadinessCheck) -> None:
        self.check = check
        self._abandoned: set[asyncio.Task[bool | str | None]] = set()

    @property
    def abandoned(self) -> int:
        """The number of abandoned attempts that are still running."""
        return len(self._abandoned)

    async def run(self) -> CheckResult:
        """Ask up to ``retry_count`` times; never longer than ``check.worst_case_seconds``."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        passed, output = await self._attempt()
        attempts = 1
        while not passed and attempts < self.check.retry_count:
            await asyncio.sleep(self.check.retry_delay)
            passed, output = await self._attempt()
            attempts += 1
        now = loop.time()
        return CheckResult(
            passed=passed,
            elapsed_seconds=now - started,
            attempts=attempts,
            output=_presentable(output),
            finished_at=now,
            time=datetime.now(UTC),
        )

    async def _attempt(self) -> tuple[bool, str]:
        if len(self._abandoned) >= MAX_ABANDONED:
            return False, f"{MAX_ABANDONED} earlier attempts ignore their cancellation"
        task = asyncio.create_task(self._ask(), name=f"readiness:{self.check.name}")
        try:
            # Not asyncio.timeout: it waits until the cancelled task has ended, and a task that
            # ignores cancellation would block the check forever. wait() returns at its deadline.
            await asyncio.wait({task}, timeout=self.check.timeout_seconds)
        finally:
            if not task.done():
                self._abandon(task)
            elif not task.cancelled():
                task.exception()  # retrieved, also if this run was cancelled at that moment
        return self._outcome(task)

    async def _ask(self) -> bool | str | None:
        return await self.check.validator()

    def _abandon(self, task: asyncio.Task[bool | str | None]) -> None:
        self._abandoned.add(task)
        task.add_done_callback(self._forget)
        task.cancel()

    def _forget(self, task: asyncio.Task[bool | str | None]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.debug("abandoned attempt ended", check=self.check.name, error=repr(error))

    def _outcome(self, task: asyncio.Task[bool | str | None]) -> tuple[bool, str]:
        if not task.done():
            return False, f"no answer within {self.check.timeout_seconds:g} s"
        if task.cancelled():
            return False, "the attempt was cancelled by the dependency's client"
        if (error := task.exception()) is not None:
            return False, f"{type(error).__name__}: {error}"
        answer = task.result()
        if answer is False:
            return False, "the dependency answered false"
        return True, answer if isinstance(answer, str) else ""

    async def close(self, timeout_seconds: float) -> None:
        """Cancel the abandoned attempts and wait up to ``timeout_seconds`` for their end."""
        if not self._abandoned:
            return
        for task in self._abandoned:
            task.cancel()
        _, running = await asyncio.wait(self._abandoned, timeout=timeout_seconds)
        for task in running:
            _log.warning("attempt survives its cancellation", check=self.check.name, task=str(task))


def _presentable(output: str) -> str:
    text = " ".join(redact_text(output).split())
    return text if len(text) <= MAX_OUTPUT_CHARACTERS else text[: MAX_OUTPUT_CHARACTERS - 1] + "…"
