"""Browser sessions, with the refresh token in a cookie that scripts cannot read."""

from fastapi import APIRouter, Response

from auth_service.app.accounts.schemas import LoginBody, RegisterBody
from auth_service.app.browser.exchange import CurrentBrowser
from auth_service.app.browser.schemas import BrowserSessionBody
from auth_service.app.errors import (
    CredentialsRefused,
    EmailRefused,
    EmailTaken,
    HashingSaturated,
    PasswordRefused,
    RefreshTokenRefused,
    RefreshTokenReused,
    SigningKeyUnavailable,
    TooManyAttempts,
)
from auth_service.app.http.client import CurrentClient, CurrentServices
from auth_service.app.http.documentation import with_body, without_input
from netra_shared.errors import DatabaseUnavailable, OriginForbidden
from netra_shared.http.problem import problem_response

router = APIRouter(prefix="/api/auth/browser", tags=["browser sessions"])

SIGN_IN_ERRORS = (
    OriginForbidden, EmailRefused, TooManyAttempts,
    HashingSaturated, DatabaseUnavailable, SigningKeyUnavailable,
)  # fmt: skip


@router.post(
    "/register", status_code=201, responses=with_body(*SIGN_IN_ERRORS, PasswordRefused, EmailTaken)
)
async def register(
    body: RegisterBody, browser: CurrentBrowser, services: CurrentServices, client: CurrentClient
) -> BrowserSessionBody:
    """Create an account and sign the browser in."""
    result = await services.accounts.register(
        email=body.email, password=body.password, display_name=body.display_name, client=client
    )
    await browser.end_former()
    return browser.established(result.user, result.tokens)


@router.post("/login", responses=with_body(*SIGN_IN_ERRORS, CredentialsRefused))
async def login(
    body: LoginBody, browser: CurrentBrowser, services: CurrentServices, client: CurrentClient
) -> BrowserSessionBody:
    """Sign the browser in; its previous session ends."""
    result = await services.accounts.login(email=body.email, password=body.password, client=client)
    await browser.end_former()
    return browser.established(result.user, result.tokens)


@router.post(
    "/refresh",
    response_model=BrowserSessionBody,
    responses=without_input(
        OriginForbidden,
        RefreshTokenRefused,
        RefreshTokenReused,
        TooManyAttempts,
        DatabaseUnavailable,
        SigningKeyUnavailable,
    ),
)
async def refresh(
    browser: CurrentBrowser, services: CurrentServices, client: CurrentClient
) -> BrowserSessionBody | Response:
    """Exchange the cookie's refresh token for new tokens; a refusal deletes the cookie."""
    await services.limiter.acquire(services.limits.refresh_per_address, client.limit_key)
    try:
        if browser.refresh_token is None:
            raise RefreshTokenRefused("This browser has no session; sign in.")  # noqa: TRY301
        refreshed = await services.sessions.refresh(browser.refresh_token)
    except RefreshTokenRefused as error:
        refusal = problem_response(error)
        browser.forget(refusal)
        return refusal
    return browser.established(refreshed.user, refreshed.tokens)


@router.post(
    "/logout",
    status_code=204,
    responses=without_input(OriginForbidden, TooManyAttempts, DatabaseUnavailable),
)
async def logout(browser: CurrentBrowser, services: CurrentServices, client: CurrentClient) -> None:
    """End the cookie's session and delete the cookie; succeeds without a session."""
    await services.limiter.acquire(services.limits.refresh_per_address, client.limit_key)
    await browser.end_former()
    browser.forget(browser.response)
