"""Limits on sign-in attempts, by account and by client address.

Guessing is limited without giving strangers a way to lock an account. Attempts are counted for
each pair of account and address. When unfamiliar addresses together exceed the same number of
failures on one account, each further unfamiliar address gets only a few attempts; the owner at a
new address needs one. Failures are also counted by address, so correct passwords of many people
behind one address pass.
"""

from dataclasses import dataclass

from auth_service.app.rate_limits.familiar import FamiliarAddresses
from auth_service.app.rate_limits.limiter import RateLimiter
from auth_service.app.rate_limits.limits import Limits


@dataclass(frozen=True, slots=True)
class Attempt:
    """One admitted sign-in attempt.

    Args:
        account: the email address in the form that is compared.
        address: the client address in the form that limits count by.
        familiar: whether ``address`` has signed in to ``account`` before.
    """

    account: str
    address: str
    familiar: bool

    @property
    def pair(self) -> str:
        """The subject of the limit for account and address together."""
        return f"{self.account} {self.address}"


class SignInGuard:
    """Admits sign-in attempts and records their outcome.

    Args:
        limiter: counts the attempts.
        limits: the configured rates.
        familiar: addresses that have signed in before.
    """

    def __init__(self, limiter: RateLimiter, limits: Limits, familiar: FamiliarAddresses) -> None:
        self._limiter = limiter
        self._limits = limits
        self._familiar = familiar

    async def admit(self, account: str, address: str) -> Attempt:
        """Count an attempt before its password is checked, so that parallel guesses are counted.

        Raises:
            TooManyAttempts: for this account from this address, or for this address.
        """
        attempt = Attempt(account, address, await self._familiar.knows(account, address))
        if not attempt.familiar:
            await self._limiter.require(self._limits.login_per_address, address)
            if not await self._limiter.has_room(self._limits.login_per_account, account):
                await self._limiter.acquire(self._limits.login_per_stranger, attempt.pair)
        await self._limiter.acquire(self._limits.login_per_account, attempt.pair)
        return attempt

    async def failed(self, attempt: Attempt) -> None:
        """Count a wrong password against the address and, if unfamiliar, against the account."""
        await self._limiter.count(self._limits.login_per_address, attempt.address)
        if not attempt.familiar:
            await self._limiter.count(self._limits.login_per_account, attempt.account)

    async def succeeded(self, attempt: Attempt) -> None:
        """Forget the attempts of the pair, and make the address familiar."""
        await self._limiter.forgive(self._limits.login_per_account, attempt.pair)
        await self._limiter.forgive(self._limits.login_per_stranger, attempt.pair)
        await self._familiar.remember(attempt.account, attempt.address)
