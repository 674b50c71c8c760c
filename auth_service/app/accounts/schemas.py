"""Bodies of the account routes."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from auth_service.app.accounts.models import Role, UserRow
from auth_service.app.accounts.service import SignedIn
from auth_service.app.sessions.schemas import TokensBody

# Bounds of the input; the rules with their own errors are tighter (254, 128).
EmailText = Annotated[str, StringConstraints(min_length=1, max_length=320)]
PasswordText = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not contain control characters")
    return text


DisplayName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(_printable),
]


class LoginBody(BaseModel):
    """Credentials of a sign-in."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: EmailText
    password: PasswordText


class RegisterBody(LoginBody):
    """Data of a sign-up."""

    display_name: DisplayName | None = None


class UserBody(BaseModel):
    """An account as shown to its owner."""

    id: UUID
    email: str
    display_name: str | None
    roles: list[Role] = Field(description="`user` for every account; `operator` runs the platform.")

    @classmethod
    def of(cls, user: UserRow) -> Self:
        """Return the body for ``user``."""
        return cls(
            id=user.id,
            email=user.email,
            display_name=user.display_name,
            roles=[Role(name) for name in user.roles],
        )


class SignedInBody(TokensBody):
    """An account and the tokens of its new session."""

    user: UserBody

    @classmethod
    def signed_in(cls, result: SignedIn) -> Self:
        """Return the body for ``result``."""
        tokens = TokensBody.of(result.tokens)
        return cls(user=UserBody.of(result.user), **tokens.model_dump())
