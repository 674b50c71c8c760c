"""Expires the leases of an agent process whose end the gateway has observed."""

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncEngine

from netra_backend.app.db.tables import runs
from netra_backend.app.db.transaction import transaction


async def expire_leases(engine: AsyncEngine, owner: str) -> int:
    """Expire the leases of an owner that has ended; return how many.

    The next sweep of any instance recovers the runs. It counts as a loss: a run that repeatedly
    kills its process is ended.

    Args:
        engine: the database.
        owner: a process whose exit status has been read, so that it can no longer publish.

    Raises:
        DatabaseUnavailable: nothing changed; the leases expire later.
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
