"""Routes of sessions: refresh, sign-out, listing, socket tickets."""

from uuid import UUID

from fastapi import APIRouter, Response

from auth_service.app.errors import (
    RefreshTokenRefused,
    RefreshTokenReused,
    SessionEnded,
    SessionNotFound,
    SigningKeyUnavailable,
    TicketStoreUnavailable,
    TooManyAttempts,
)
from auth_service.app.http.client import CurrentClient, CurrentServices
from auth_service.app.http.documentation import BEARER_ERRORS, with_body, without_input
from auth_service.app.sessions.schemas import (
    RefreshTokenBody,
    SessionsBody,
    TicketBody,
    TokensBody,
)
from netra_shared.auth.bearer import CurrentClaims
from netra_shared.errors import DatabaseUnavailable
from netra_shared.http.problem import problem_responses

NO_STORE = {"Cache-Control": "no-store"}  # RFC 6749 section 5.1, for every answer with a token

router = APIRouter(prefix="/api/auth", tags=["sessions"])


@router.post(
    "/refresh",
    responses=with_body(
        RefreshTokenRefused,
        RefreshTokenReused,
        TooManyAttempts,
        DatabaseUnavailable,
        SigningKeyUnavailable,
    ),
)
async def refresh(
    body: RefreshTokenBody, response: Response, services: CurrentServices, client: CurrentClient
) -> TokensBody:
    """Spend a refresh token for a new pair.

    Each refresh token works once. Presenting a spent one ends the session, so a client refreshes
    one at a time and stores the new token before it uses the new access token.
    """
    await services.limiter.acquire(services.limits.refresh_per_address, client.limit_key)
    refreshed = await services.sessions.refresh(body.refresh_token)
    response.headers.update(NO_STORE)
    return TokensBody.of(refreshed.tokens)


@router.post("/logout", status_code=204, responses=with_body(TooManyAttempts, DatabaseUnavailable))
async def logout(body: RefreshTokenBody, services: CurrentServices, client: CurrentClient) -> None:
    """End the session of a refresh token; a token that is not known is no error."""
    await services.limiter.acquire(services.limits.refresh_per_address, client.limit_key)
    await services.sessions.sign_out(body.refresh_token)


@router.post(
    "/ws-ticket",
    status_code=201,
    responses=without_input(
        *BEARER_ERRORS, SessionEnded, TooManyAttempts, DatabaseUnavailable, TicketStoreUnavailable
    ),
)
async def ws_ticket(
    response: Response, services: CurrentServices, claims: CurrentClaims
) -> TicketBody:
    """Return a single-use ticket that opens one socket as the caller."""
    await services.limiter.acquire(services.limits.ticket_per_account, str(claims.sub))
    await services.sessions.require_live(claims)
    ticket = await services.tickets.issue(claims)
    response.headers.update(NO_STORE)
    return TicketBody(ticket=ticket, expires_in=services.tickets.life_seconds)


@router.get("/sessions", responses=without_input(*BEARER_ERRORS, SessionEnded, DatabaseUnavailable))
async def list_sessions(services: CurrentServices, claims: CurrentClaims) -> SessionsBody:
    """Return where the caller is signed in."""
    await services.sessions.require_live(claims)
    rows = await services.sessions.list_live(claims.sub)
    return SessionsBody.of(rows, claims.sid)


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    responses=problem_responses(*BEARER_ERRORS, SessionEnded, SessionNotFound, DatabaseUnavailable),
)
async def end_session(session_id: UUID, services: CurrentServices, claims: CurrentClaims) -> None:
    """Sign one of the caller's sessions out."""
    await services.sessions.require_live(claims)
    await services.sessions.end(claims.sub, session_id)
