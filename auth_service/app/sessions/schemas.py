"""Bodies of the session routes. Names are OAuth's (RFC 6749 section 5.1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from auth_service.app.sessions.models import SessionRow
from auth_service.app.sessions.service import IssuedTokens

# Ours have 47; anything longer is refused before it is hashed.
RefreshTokenText = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class RefreshTokenBody(BaseModel):
    """A refresh token to spend or to end."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: RefreshTokenText


class TokensBody(BaseModel):
    """An access token and the refresh token that replaces the one that was spent."""

    access_token: str = Field(description="Compact JWT, for `Authorization: Bearer`.")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  RFC 6749 section 7.1
    expires_in: int = Field(description="Seconds that the access token has to live.")
    refresh_token: str = Field(description="Good for exactly one refresh.")
    refresh_expires_in: int = Field(description="Seconds that the refresh token has to live.")

    @classmethod
    def of(cls, tokens: IssuedTokens) -> Self:
        """Return the body for ``tokens``."""
        return cls(
            access_token=tokens.access_token,
            expires_in=tokens.expires_in,
            refresh_token=tokens.refresh_token,
            refresh_expires_in=tokens.refresh_expires_in,
        )


class TicketBody(BaseModel):
    """A single-use ticket for opening one socket."""

    ticket: str = Field(description="Offer it as the subprotocol `ticket.<ticket>`.")
    expires_in: int = Field(description="Seconds that the ticket has to live.")


class SessionBody(BaseModel):
    """One place where the account is signed in."""

    id: UUID
    created_at: datetime
    last_used_at: datetime = Field(description="Sign-in or last refresh.")
    expires_at: datetime = Field(description="Absolute end, however often it is refreshed.")
    user_agent: str | None
    current: bool = Field(description="True for the session that asks.")


class SessionsBody(BaseModel):
    """The account's live sessions, last used first."""

    sessions: list[SessionBody]

    @classmethod
    def of(cls, rows: Sequence[SessionRow], current: UUID) -> Self:
        """Return the body for ``rows`` as seen from the session ``current``."""
        return cls(
            sessions=[
                SessionBody(
                    id=row.id,
                    created_at=row.created_at,
                    last_used_at=row.last_used_at,
                    expires_at=row.expires_at,
                    user_agent=row.user_agent,
                    current=row.id == current,
                )
                for row in rows
            ]
        )
