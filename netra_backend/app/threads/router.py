"""REST routes of threads: ``/api/threads``. The service comes from ``app.state.thread_service``."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import StreamingResponse

from netra_backend.app.threads import schemas
from netra_backend.app.threads.errors import (
    CursorInvalid,
    LastBranch,
    SearchBusy,
    SearchTooSlow,
    ThreadDeleted,
    ThreadNotFound,
)
from netra_backend.app.threads.export import MEDIA_TYPES, Format, file_name
from netra_backend.app.threads.service import ThreadService
from netra_shared.auth.bearer import CurrentClaims
from netra_shared.errors import DatabaseUnavailable, MessageNotFound, RunBusy, Unauthenticated
from netra_shared.http.body_limit import RequestTooLarge, RequestTooSlow
from netra_shared.http.problem import problem_responses

DEFAULT_LIMIT = 50
MAX_LIMIT = 200  # a page of 200 threads is about 50 kB
MAX_CURSOR = 200
MAX_SEARCH = 200


def thread_service(request: Request) -> ThreadService:
    """Return the service that the application was composed with."""
    service: ThreadService = request.app.state.thread_service
    return service


Threads = Annotated[ThreadService, Depends(thread_service)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items of one page.")]
Cursor = Annotated[
    str | None, Query(max_length=MAX_CURSOR, description="`nextCursor` of the page before.")
]

router = APIRouter(
    prefix="/api/threads",
    tags=["threads"],
    responses=problem_responses(Unauthenticated, DatabaseUnavailable),
)


@router.get("", responses=problem_responses(CursorInvalid, SearchBusy, SearchTooSlow))
async def list_threads(
    claims: CurrentClaims,
    threads: Threads,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    q: Annotated[
        str | None, Query(max_length=MAX_SEARCH, description="Words in titles and messages.")
    ] = None,
    deleted: Annotated[bool, Query(description="List the bin instead.")] = False,
) -> schemas.PageOut[schemas.ThreadOut]:
    """List the caller's threads, last used first."""
    search = (q or "").replace("\x00", "").strip()
    page = await threads.list_threads(
        user_id=claims.sub, limit=limit, cursor=cursor, search=search or None, deleted=deleted
    )
    return schemas.thread_page(page)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(ThreadDeleted, ThreadNotFound, RequestTooLarge, RequestTooSlow)
    | {200: {"description": "It existed already", "model": schemas.ThreadOut}},
)
async def create_thread(
    body: schemas.ThreadCreate, claims: CurrentClaims, threads: Threads, response: Response
) -> schemas.ThreadOut:
    """Create a thread: 201, or 200 with the existing one when ``id`` was used before."""
    thread, created = await threads.create(
        user_id=claims.sub, thread_id=body.id or uuid4(), title=body.title
    )
    if not created:
        response.status_code = status.HTTP_200_OK
    return schemas.ThreadOut.of(thread)


@router.get("/{thread_id}", responses=problem_responses(ThreadNotFound))
async def get_thread(thread_id: UUID, claims: CurrentClaims, threads: Threads) -> schemas.ThreadOut:
    """Read one thread."""
    return schemas.ThreadOut.of(await threads.get(user_id=claims.sub, thread_id=thread_id))


@router.patch(
    "/{thread_id}", responses=problem_responses(ThreadNotFound, RequestTooLarge, RequestTooSlow)
)
async def rename_thread(
    thread_id: UUID, body: schemas.ThreadUpdate, claims: CurrentClaims, threads: Threads
) -> schemas.ThreadOut:
    """Rename a thread."""
    thread = await threads.rename(user_id=claims.sub, thread_id=thread_id, title=body.title)
    return schemas.ThreadOut.of(thread)


@router.delete(
    "/{thread_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(ThreadNotFound),
)
async def delete_thread(thread_id: UUID, claims: CurrentClaims, threads: Threads) -> None:
    """Move a thread to the bin; its active run is asked to end."""
    await threads.delete(user_id=claims.sub, thread_id=thread_id)


@router.post("/{thread_id}/restore", responses=problem_responses(ThreadNotFound))
async def restore_thread(
    thread_id: UUID, claims: CurrentClaims, threads: Threads
) -> schemas.ThreadOut:
    """Take a thread out of the bin."""
    return schemas.ThreadOut.of(await threads.restore(user_id=claims.sub, thread_id=thread_id))


@router.get("/{thread_id}/messages", responses=problem_responses(ThreadNotFound, CursorInvalid))
async def list_messages(
    thread_id: UUID,
    claims: CurrentClaims,
    threads: Threads,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    order: Annotated[
        Literal["asc", "desc"], Query(description="`asc`: oldest first; `desc`: newest first.")
    ] = "asc",
) -> schemas.PageOut[schemas.MessageOut]:
    """List the messages of the active branch: AG-UI messages with ``runId`` and ``siblings``."""
    page = await threads.list_messages(
        user_id=claims.sub, thread_id=thread_id, limit=limit, cursor=cursor, order=order
    )
    return schemas.message_page(page)


@router.put(
    "/{thread_id}/branch",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(
        ThreadNotFound, MessageNotFound, RunBusy, RequestTooLarge, RequestTooSlow
    ),
)
async def activate_branch(
    thread_id: UUID, body: schemas.BranchUpdate, claims: CurrentClaims, threads: Threads
) -> None:
    """Make the newest branch through a message the active one."""
    await threads.branches.activate(
        user_id=claims.sub, thread_id=thread_id, message_id=body.message_id
    )


@router.delete(
    "/{thread_id}/messages/{message_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(ThreadNotFound, MessageNotFound, RunBusy, LastBranch),
)
async def delete_branch(
    thread_id: UUID, message_id: UUID, claims: CurrentClaims, threads: Threads
) -> None:
    """Delete a message that has siblings, and all messages that follow it."""
    await threads.branches.delete(user_id=claims.sub, thread_id=thread_id, message_id=message_id)


@router.get("/{thread_id}/runs", responses=problem_responses(ThreadNotFound, CursorInvalid))
async def list_runs(
    thread_id: UUID,
    claims: CurrentClaims,
    threads: Threads,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> schemas.PageOut[schemas.RunOut]:
    """List the runs of a thread, newest first."""
    page = await threads.list_runs(
        user_id=claims.sub, thread_id=thread_id, limit=limit, cursor=cursor
    )
    return schemas.run_page(page)


@router.get(
    "/{thread_id}/export",
    response_class=StreamingResponse,
    responses=problem_responses(ThreadNotFound)
    | {
        200: {
            "description": "The thread",
            "content": {
                MEDIA_TYPES["json"]: {"schema": {"type": "object"}},
                MEDIA_TYPES["markdown"]: {"schema": {"type": "string"}},
            },
        }
    },
)
async def export_thread(
    thread_id: UUID,
    claims: CurrentClaims,
    threads: Threads,
    form: Annotated[
        Format,
        Query(alias="format", description="`json`: every branch; `markdown`: the active one."),
    ] = "json",
) -> StreamingResponse:
    """Download a thread with its branches and with the record of its approvals."""
    export = await threads.export(user_id=claims.sub, thread_id=thread_id)
    return StreamingResponse(
        export.chunks(form),
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{file_name(thread_id, form)}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
