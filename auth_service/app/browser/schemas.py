"""Bodies of the browser routes, which contain no refresh token."""

from typing import Literal, Self

from pydantic import BaseModel, Field

from auth_service.app.accounts.models import UserRow
from auth_service.app.accounts.schemas import UserBody
from auth_service.app.sessions.service import IssuedTokens


class BrowserSessionBody(BaseModel):
    """An access token for the page's memory, and its account."""

    access_token: str = Field(description="Compact JWT; keep it in memory only.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  RFC 6749 section 7.1
    expires_in: int = Field(description="Remaining lifetime of the access token in seconds.")
    user: UserBody

    @classmethod
    def of(cls, user: UserRow, tokens: IssuedTokens) -> Self:
        """Return the body for a started or refreshed session."""
        return cls(
            access_token=tokens.access_token,
            expires_in=tokens.expires_in,
            user=UserBody.of(user),
        )
