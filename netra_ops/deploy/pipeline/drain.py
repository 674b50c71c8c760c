"""Move open sockets from the former release to the new one, at a pace that the fleet can take."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx

from netra_ops.deploy.errors import DeployFailed
from netra_ops.deploy.ledger.rollout import Rollout
from netra_ops.deploy.pipeline.context import Context
from netra_ops.deploy.pipeline.people import account
from netra_ops.deploy.plan.settings import RELEASE_VARIABLE, container_of
from netra_ops.deploy.progress import Step
from netra_ops.deploy.target import LEDGER_ROLE, Target

PATH = "/api/operations/release"
HTTP_SECONDS = 10.0
POLL_SECONDS = 1.0
# The slowest pace that makes sense, for a full instance: 900 sockets at 10 per second, and a
# policy `finish` that waits for runs (RELEASES__FINISH_SECONDS).
DRAIN_SECONDS = 420.0


@dataclass(frozen=True)
class Left:
    """What is still on instances of other releases."""

    instances: int
    sockets: int
    runs: int

    def describe(self) -> str:
        """Return one line."""
        return f"{self.sockets} sockets and {self.runs} runs left on {self.instances} instances"


def drain(context: Context, rollout: Rollout, step: Step) -> dict[str, Any]:
    """Declare the release and wait until no socket is left on another one.

    Without an operator's account the sockets stay where they are until their own end: clients
    lose nothing, but the former release lives on with them.

    Raises:
        DeployFailed: the platform refuses the declaration, or sockets are left at the deadline.
    """
    if not any(one.role == LEDGER_ROLE for one in rollout.services):
        step.note("no socket is concerned: the backend is not part of this release")
        return {}
    asyncio.run(leave(context, rollout.release, step))
    return {}


def release_variable(target: Target, service: str, revision: str) -> str:
    """Return what instances of a backend's revision have as NETRA_RELEASE; empty without one.

    Not the id of the release on record: its backend may be unchanged since an earlier one.
    """
    found = target.cloud.revision(service, revision)
    if found is None:
        return ""
    variables = container_of(found, LEDGER_ROLE).get("env", ())
    return next((str(v.get("value", "")) for v in variables if v["name"] == RELEASE_VARIABLE), "")


async def leave(
    context: Context,
    release: str,
    step: Step,
    *,
    mode: str = "",
    within: float = DRAIN_SECONDS,
    operator: str | None = None,
) -> None:
    """Let the sockets of every other release leave.

    Args:
        context: with the policy.
        release: that sockets belong to from now on.
        step: gets the progress.
        mode: instead of the policy.
        within: seconds until the last one must have left.
        operator: an operator's access token; empty without such an account, None to sign in here.

    Raises:
        DeployFailed: the platform refuses the declaration, or sockets are left at the deadline.
    """
    if operator is None:
        _, operator = await account(context.target)
    if not operator:
        step.note(
            "sockets stay on the former release until their end: moving them needs an account "
            "with the role operator (NETRA_EMAIL, NETRA_PASSWORD)"
        )
        return
    headers = {"Authorization": f"Bearer {operator}"}
    url, give_up = context.target.public_url, time.monotonic() + within
    mode = mode or context.choices.drain
    async with httpx.AsyncClient(base_url=url, timeout=HTTP_SECONDS, headers=headers) as http:
        wanted = {
            "release": release,
            "mode": mode,
            "per_second": context.choices.drain_per_second,
        }
        left = _left(await _asked(http, "PUT", wanted), release)
        step.note(f"{mode}: {left.describe()}")
        while left.sockets and time.monotonic() < give_up:
            await asyncio.sleep(POLL_SECONDS)
            now_left = _left(await _asked(http, "GET"), release)
            if now_left != left:
                step.note(now_left.describe())
            left = now_left
    if left.sockets:
        raise DeployFailed(
            f"{left.describe()} after {within:g} s",
            remedy="look at these instances: netra logs backend",
        )


async def _asked(
    http: httpx.AsyncClient, method: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    try:
        answer = await http.request(method, PATH, json=body)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise DeployFailed(
            f"the platform did not take the release: {error}",
            remedy="is the account an operator's? netra users grant EMAIL operator",
        ) from error
    found: dict[str, Any] = answer.json()
    return found


def _left(view: dict[str, Any], release: str) -> Left:
    others = [one for one in view["instances"] if one["release"] != release]
    return Left(
        len(others), sum(one["sockets"] for one in others), sum(one["runs"] for one in others)
    )
