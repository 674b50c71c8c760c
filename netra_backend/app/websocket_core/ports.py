"""The ports of the WebSocket gateway; `worker`, `threads` and `operations` implement them.

Implementations raise errors of the error tree. Errors whose ``code`` is listed in
``rpc_errors.py`` (``thread_not_found``, ``run_busy``, ``run_not_found``, ``command_mismatch``,
``message_too_large``) reach the client under their own number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from netra_backend.app.runs.run_spec import ResumeRun, StartedRun, StartRun
from netra_shared.auth.tokens import Claims


class RunCommands(Protocol):
    """Starts and cancels runs. A run belongs to the thread, not to the connection."""

    async def start(self, command: StartRun) -> StartedRun:
        """Commit the user's message and start a run; the same command id starts nothing twice.

        Raises:
            NotFound: ``thread_not_found``, also for another user's thread.
            Conflict: ``run_busy`` under ``reject``; ``command_mismatch`` when the command id was
                used for something else.
        """

    async def resume(self, command: ResumeRun) -> StartedRun:
        """Answer the interrupts of the thread's paused run; another run continues it.

        Raises:
            NotFound: ``thread_not_found``, or ``nothing_to_answer``.
            InvalidRequest: ``answer_refused``.
            Conflict: as ``start``.
        """

    async def cancel(self, *, user: Claims, run_id: UUID) -> str:
        """Cancel the run on any instance and return its status.

        Raises:
            NotFound: ``run_not_found``, also for another user's run.
        """


class ThreadAccess(Protocol):
    """Access to threads and their active runs."""

    async def may_access(self, *, user_id: UUID, thread_id: UUID) -> bool:
        """Return whether the thread exists and belongs to the user."""

    async def active_run(self, thread_id: UUID) -> UUID | None:
        """Return the run that is queued or running in the thread."""


class OperationsFeed(Protocol):
    """The operators' view of all instances."""

    async def watch(
        self, push: Callable[[Mapping[str, JsonValue]], None]
    ) -> Mapping[str, JsonValue]:
        """Call ``push`` with the fleet every period until ``unwatch``; return the current one.

        Raises:
            Unavailable: the instance has its maximum number of watchers.
        """

    def unwatch(self, push: Callable[[Mapping[str, JsonValue]], None]) -> None:
        """Stop calling ``push``; idempotent."""


@dataclass(frozen=True, slots=True)
class GatewayPorts:
    """The other components that the commands use."""

    runs: RunCommands
    access: ThreadAccess
    operations: OperationsFeed
