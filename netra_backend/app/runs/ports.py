"""What runs require of other packages: an executor, a publisher, and the thread's messages."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy.ext.asyncio import AsyncConnection

from netra_backend.app.runs.control import RunControl
from netra_backend.app.runs.journal import RunJournal
from netra_backend.app.runs.recorder import RunRecorder
from netra_backend.app.runs.run_spec import RunOutcome, RunSpec


class RunExecutor(Protocol):
    """Answers one message."""

    @property
    def model_name(self) -> str:
        """Return the model name that is stored with each run."""
        ...

    async def warm_up(self) -> None:
        """Do the work that would delay the first run."""
        ...

    async def execute(
        self, spec: RunSpec, control: RunControl, recorder: RunRecorder, journal: RunJournal
    ) -> RunOutcome:
        """Execute the run to its end and pass every event to ``recorder`` when it happens.

        Steps that ``journal`` contains are not repeated. Failures are outcomes; the only
        exception is ``CancelledError``.
        """
        ...


class ThreadMessages(Protocol):
    """The messages of a thread, written in a transaction of the caller."""

    async def lock(self, connection: AsyncConnection, *, thread_id: UUID, owner_id: UUID) -> None:
        """Lock the thread until the transaction ends.

        Raises:
            NotFound: the owner has no such thread, or it is deleted.
        """
        ...

    async def append(
        self,
        connection: AsyncConnection,
        *,
        thread_id: UUID,
        run_id: UUID,
        bodies: Sequence[dict[str, Any]],
        after: UUID | UnsetType | None = UNSET,
    ) -> None:
        """Append AG-UI messages in order; each has a UUID ``id`` and a ``role``.

        ``after`` is the parent of the first one; without it, the end of the active branch.
        """
        ...

    async def activate(
        self, connection: AsyncConnection, *, thread_id: UUID, message_id: UUID
    ) -> None:
        """Make ``message_id`` the last message of the active branch."""
        ...

    async def set_automatic_title(
        self, connection: AsyncConnection, *, thread_id: UUID, content: str
    ) -> None:
        """Derive the title of a thread without one from its first message."""
        ...
