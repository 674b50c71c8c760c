"""The rate limits of this service, by name."""

from dataclasses import dataclass
from typing import Self

from auth_service.app.config import AuthSettings
from auth_service.app.rate_limits.limiter import Limit


@dataclass(frozen=True, slots=True)
class Limits:
    """Each limit with its configured rate."""

    login_per_address: Limit
    login_per_account: Limit
    login_per_stranger: Limit
    register_per_address: Limit
    refresh_per_address: Limit
    ticket_per_account: Limit

    @classmethod
    def of(cls, settings: AuthSettings) -> Self:
        """Return the configured limits."""
        return cls(
            login_per_address=Limit.of("login_per_address", settings.rate_login_per_address),
            login_per_account=Limit.of("login_per_account", settings.rate_login_per_account),
            login_per_stranger=Limit.of("login_per_stranger", settings.rate_login_per_stranger),
            register_per_address=Limit.of(
                "register_per_address", settings.rate_register_per_address
            ),
            refresh_per_address=Limit.of("refresh_per_address", settings.rate_refresh_per_address),
            ticket_per_account=Limit.of("ticket_per_account", settings.rate_ticket_per_account),
        )
