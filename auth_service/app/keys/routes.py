"""The published key set (RFC 7517)."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from auth_service.app.errors import SigningKeyUnavailable
from auth_service.app.http.client import CurrentServices
from auth_service.app.http.documentation import without_input

router = APIRouter(tags=["keys"])

PATHS = ("/api/auth/.well-known/jwks.json", "/.well-known/jwks.json")


class KeySetBody(BaseModel):
    """The public keys: the signing key, the next one, and those of unexpired tokens."""

    keys: list[dict[str, str]]


@router.get(PATHS[0], responses=without_input(SigningKeyUnavailable), operation_id="jwks")
@router.get(PATHS[1], include_in_schema=False)
async def jwks(response: Response, services: CurrentServices) -> KeySetBody:
    """Return the keys that verify access tokens.

    Clients may cache the set for ``max-age``: a key is published longer than that before it signs.
    """
    if services.keeper is None:
        return KeySetBody(keys=[])  # a shared secret signs, in tests only
    body = KeySetBody.model_validate(services.keeper.jwks())
    response.headers["Cache-Control"] = f"public, max-age={services.settings.jwks_max_age_seconds}"
    return body
