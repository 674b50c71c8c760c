"""``/api/operations/release``: declare the release that sockets belong to, and see who is left."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from netra_backend.app.operations.board import InstanceBoard
from netra_backend.app.releases.epoch import Mode
from netra_backend.app.releases.store import EpochStore
from netra_shared.auth.bearer import OperatorClaims
from netra_shared.errors import Forbidden, Unauthenticated, Unavailable
from netra_shared.http.body_limit import RequestTooLarge, RequestTooSlow
from netra_shared.http.problem import problem_responses
from netra_shared.stores.valkey_absence import valkey_needed

MAX_RELEASE = 63  # it is part of a revision's name

_responses = problem_responses(Unauthenticated, Forbidden, Unavailable)
_body_responses = problem_responses(RequestTooLarge, RequestTooSlow)
router = APIRouter(prefix="/api/operations", tags=["operations"], responses=_responses)


class EpochIn(BaseModel):
    """A new decision."""

    release: str = Field(max_length=MAX_RELEASE, description="Sockets belong to it from now on.")
    mode: Mode = Field(default=Mode.PACE, description="How sockets of other releases leave.")
    per_second: float = Field(
        default=40.0, gt=0, le=1000, description="How many leave an instance per second."
    )


class InstanceOut(BaseModel):
    """One living instance of the backend."""

    instance: str
    revision: str
    release: str
    sockets: int
    runs: int


class ReleaseOut(BaseModel):
    """The present decision, and what each instance still holds."""

    release: str | None
    at: float | None
    mode: Mode | None
    instances: list[InstanceOut]


@router.put("/release", responses=_body_responses)
async def declare_release(_claims: OperatorClaims, request: Request, wanted: EpochIn) -> ReleaseOut:
    """Declare a release; gateways of another one let their sockets leave."""
    store: EpochStore = request.app.state.release_epoch
    with valkey_needed():
        await store.declare(wanted.release, wanted.mode, wanted.per_second)
    return await _present(request)


@router.get("/release")
async def show_release(_claims: OperatorClaims, request: Request) -> ReleaseOut:
    """Return the present release and the sockets and runs of every instance."""
    return await _present(request)


async def _present(request: Request) -> ReleaseOut:
    store: EpochStore = request.app.state.release_epoch
    board: InstanceBoard = request.app.state.instance_board
    with valkey_needed():
        epoch, views = await store.read(), await board.read()
    return ReleaseOut(
        release=epoch.release if epoch else None,
        at=epoch.at if epoch else None,
        mode=epoch.mode if epoch else None,
        instances=[_instance(view) for view in views],
    )


def _instance(view: object) -> InstanceOut:
    known = view if isinstance(view, dict) else {}
    return InstanceOut(
        instance=str(known.get("instanceId", "")),
        revision=str(known.get("revision") or ""),
        release=str(known.get("release") or ""),
        sockets=int(known.get("connections", {}).get("open", 0)),
        runs=int(known.get("runs", {}).get("active", 0)),
    )
