"""A short load of the platform from within a row."""

import asyncio

from netra_ops.load.accounting import Figures
from netra_ops.load.coordinator import run_workers, start_time
from netra_ops.load.plan import WorkerPlan
from netra_ops.measure.accounts import SOCKETS_PER_ACCOUNT, signed_in
from netra_ops.validate.target import Target

USERS = 10


async def load_platform(
    target: Target,
    scenario: str,
    *,
    seconds: float,
    users: int = USERS,
) -> Figures:
    """Load the platform with users of the real protocol; return what one worker measured.

    Args:
        target: the platform.
        scenario: of ``netra load``.
        seconds: of load.
        users: concurrently.

    Raises:
        OperatorError: no account, or the worker ended without a result.
    """
    async with signed_in(
        target.address, target.descriptor, sockets=users, purpose="validate"
    ) as accounts:
        plan = WorkerPlan(
            address=target.address,
            scenario=scenario,
            users=tuple(range(users)),
            total_users=users,
            duration=seconds,
            ramp=0.0,
            interval=None,
            accounts=tuple(account.pair for account in accounts),
            sockets_per_account=SOCKETS_PER_ACCOUNT,
            started_at=start_time(),
        )
        return await run_workers([plan], lambda _progress: None, asyncio.Event())
