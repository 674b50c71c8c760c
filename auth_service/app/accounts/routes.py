"""Routes of accounts: sign-up, sign-in, own account."""

from fastapi import APIRouter, Response

from auth_service.app.accounts.schemas import LoginBody, RegisterBody, SignedInBody, UserBody
from auth_service.app.errors import (
    CredentialsRefused,
    EmailRefused,
    EmailTaken,
    HashingSaturated,
    PasswordRefused,
    SessionEnded,
    SigningKeyUnavailable,
    TooManyAttempts,
)
from auth_service.app.http.client import CurrentClient, CurrentServices
from auth_service.app.http.documentation import BEARER_ERRORS, with_body, without_input
from auth_service.app.sessions.routes import NO_STORE
from netra_shared.auth.bearer import CurrentClaims
from netra_shared.errors import DatabaseUnavailable

router = APIRouter(prefix="/api/auth", tags=["accounts"])

UNAVAILABLE = (HashingSaturated, DatabaseUnavailable, SigningKeyUnavailable)


@router.post(
    "/register",
    status_code=201,
    responses=with_body(EmailRefused, PasswordRefused, EmailTaken, TooManyAttempts, *UNAVAILABLE),
)
async def register(
    body: RegisterBody, response: Response, services: CurrentServices, client: CurrentClient
) -> SignedInBody:
    """Create an account and sign it in."""
    result = await services.accounts.register(
        email=body.email, password=body.password, display_name=body.display_name, client=client
    )
    response.headers.update(NO_STORE)
    return SignedInBody.signed_in(result)


@router.post(
    "/login",
    responses=with_body(EmailRefused, CredentialsRefused, TooManyAttempts, *UNAVAILABLE),
)
async def login(
    body: LoginBody, response: Response, services: CurrentServices, client: CurrentClient
) -> SignedInBody:
    """Sign in. An unknown address and a wrong password get the same answer."""
    result = await services.accounts.login(email=body.email, password=body.password, client=client)
    response.headers.update(NO_STORE)
    return SignedInBody.signed_in(result)


@router.get("/me", responses=without_input(*BEARER_ERRORS, SessionEnded, DatabaseUnavailable))
async def me(response: Response, services: CurrentServices, claims: CurrentClaims) -> UserBody:
    """Return the caller's account with its current roles."""
    user = await services.sessions.require_live(claims)
    response.headers.update(NO_STORE)
    return UserBody.of(user)
