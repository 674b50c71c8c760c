"""What the gateway does for the runs of an agent process that it has seen end."""

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.tables import runs
from netra_backend.app.db.transaction import transaction


async def expire_leases(engine: AsyncEngine, owner: str) -> int:
    """Let the leases of an owner that is dead for certain run out now; return how many.

    Whoever sweeps next, on any instance, goes on with the runs at once. It counts as a loss: a
    run that kills its process again and again is given up.

    Args:
        engine: the database.
        owner: a process of which the exit status has been read, so that it can never speak again.

    Raises:
        DatabaseUnavailable: nothing changed; the leases run out by themselves.
    """
    async with transaction(engine) as connection:
        expired = await connection.execute(
            update(runs)
            .where(
                runs.c.instance_id == owner,
                runs.c.released_at.is_(None),
                runs.c.lease_expires_at > func.now(),
            )
            .values(lease_expires_at=func.now())
        )
    return expired.rowcount
