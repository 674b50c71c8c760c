"""The rows of the journal; only the attempt that owns the run writes them."""

from uuid import UUID

from sqlalchemy import case, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.tables import run_steps, runs
from netra_backend.app.db.transaction import transaction


class JournalStore:
    """Statements over ``netra.run_steps``; implements ``StepWriter``.

    Args:
        engine: the database.
        owner: as in ``RunStore``.
    """

    def __init__(self, engine: AsyncEngine, *, owner: str) -> None:
        self._engine = engine
        self._owner = owner

    async def load(self, run_id: UUID) -> dict[str, str | None]:
        """Return the steps by key; None for one that was started and has no result."""
        statement = select(run_steps.c.key, run_steps.c.value).where(run_steps.c.run_id == run_id)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return {row.key: row.value for row in rows}

    async def write(self, run_id: UUID, attempt: int, key: str, value: str | None) -> bool:
        """Store a step; see ``StepWriter``.

        The statement locks the run's row: a process that claims the run reads the journal
        either after this write, or before it, and then this writes nothing.
        """
        owned = (
            select(
                runs.c.id,
                literal(key),
                literal(value, run_steps.c.value.type),
                case((literal(value is not None), func.now())),
            )
            .where(
                runs.c.id == run_id,
                runs.c.instance_id == self._owner,
                runs.c.attempt == attempt,
                runs.c.released_at.is_(None),
            )
            .with_for_update(read=True)
        )
        columns = ["run_id", "key", "value", "done_at"]
        added = insert(run_steps).from_select(columns, owned)
        statement = added.on_conflict_do_update(
            index_elements=[run_steps.c.run_id, run_steps.c.key],
            set_={"value": added.excluded.value, "done_at": added.excluded.done_at},
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(statement)).rowcount == 1
