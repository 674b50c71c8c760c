"""Sign-up and sign-in."""

from dataclasses import dataclass
from functools import partial

from prometheus_client import Counter

from auth_service.app.accounts.email_address import EmailAddress, parse_email
from auth_service.app.accounts.models import UserRow
from auth_service.app.accounts.repository import UserRepository
from auth_service.app.database import Database
from auth_service.app.errors import CredentialsRefused, EmailTaken
from auth_service.app.passwords.hashing import HashClient, PasswordHashing
from auth_service.app.passwords.policy import PasswordPolicy, accept_password, normalise
from auth_service.app.rate_limits.limiter import RateLimiter
from auth_service.app.rate_limits.limits import Limits
from auth_service.app.rate_limits.sign_in_guard import Attempt, SignInGuard
from auth_service.app.sessions.service import IssuedTokens, SessionService

SIGN_INS = Counter("auth_sign_ins_total", "Sign-in attempts that were judged.", ["outcome"])
SIGN_UPS = Counter("auth_sign_ups_total", "Accounts created.")
for _outcome in ("accepted", "refused"):
    SIGN_INS.labels(_outcome)  # exists with 0: `increase` does not see a series' first sample


@dataclass(frozen=True, slots=True)
class Client:
    """Origin of a request: the key that its address is limited by, and its user agent."""

    limit_key: str
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account and the tokens of its new session."""

    user: UserRow
    tokens: IssuedTokens


@dataclass(frozen=True, slots=True)
class Passwords:
    """Policy for new passwords, and hashing."""

    policy: PasswordPolicy
    hashing: PasswordHashing

    async def hashed(self, password: str, *, email: str, client: HashClient) -> str:
        """Return the hash of an acceptable password.

        Raises:
            PasswordRefused: it violates the policy.
            HashingSaturated: the queue is full, or the deadline expired.
        """
        accept = partial(accept_password, password, email=email, policy=self.policy)
        accepted = await self.hashing.compute("policy", accept, client)
        return await self.hashing.hash(accepted, client)


class AccountService:
    """Creates accounts and starts sessions.

    Args:
        database: contains the accounts.
        sessions: starts sessions.
        passwords: accepts, hashes and verifies passwords.
        limiter: limits sign-ups.
        limits: the configured rates.
        guard: limits sign-in attempts.
        deliverable_emails: refuse domains that cannot exist on the internet.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        passwords: Passwords,
        *,
        limiter: RateLimiter,
        limits: Limits,
        guard: SignInGuard,
        deliverable_emails: bool,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._limiter = limiter
        self._limits = limits
        self._guard = guard
        self._deliverable_emails = deliverable_emails

    async def register(
        self, *, email: str, password: str, display_name: str | None, client: Client
    ) -> SignedIn:
        """Create an account and sign it in.

        The answer shows whether an address has an account, which cannot be avoided without sending
        mail. The rate limit makes testing many addresses slow, and each answer costs one hash.

        Raises:
            TooManyAttempts, EmailRefused, PasswordRefused, EmailTaken, HashingSaturated,
            DatabaseUnavailable.
        """
        await self._limiter.acquire(self._limits.register_per_address, client.limit_key)
        address = parse_email(email, deliverable=self._deliverable_emails)
        password_hash = await self._passwords.hashed(
            password, email=address.key, client=HashClient(client.limit_key)
        )
        async with self._database.transaction() as transaction:
            users = UserRepository(transaction)
            user = await users.add(address, password_hash, display_name)
            if user is None:
                raise EmailTaken("An account with this address exists; sign in.", field="email")
            tokens = await self._sessions.start_session(transaction, user, client.user_agent)
        SIGN_UPS.inc()
        return SignedIn(user, tokens)

    async def login(self, *, email: str, password: str, client: Client) -> SignedIn:
        """Start a session.

        An unknown address and a wrong password take the same path: the same limits, one
        database read, one Argon2id computation, the same answer.

        Raises:
            TooManyAttempts, EmailRefused, CredentialsRefused, HashingSaturated,
            DatabaseUnavailable.
        """
        address = parse_email(email, deliverable=self._deliverable_emails)
        attempt = await self._guard.admit(address.key, client.limit_key)
        user = await self._check(address, normalise(password), attempt)
        await self._guard.succeeded(attempt)
        async with self._database.transaction() as transaction:
            tokens = await self._sessions.start_session(transaction, user, client.user_agent)
        return SignedIn(user, tokens)

    async def _check(self, address: EmailAddress, password: str, attempt: Attempt) -> UserRow:
        """Return the account if ``password`` is correct; store a newer hash if one is due."""
        hashing = self._passwords.hashing
        client = HashClient(attempt.address, familiar=attempt.familiar)
        async with self._database.transaction() as transaction:
            user = await UserRepository(transaction).by_email(address)
        stored = user.password_hash if user else None
        verification = await hashing.verify(stored, password, client)
        SIGN_INS.labels("accepted" if verification.matched else "refused").inc()
        if user is None or not verification.matched:
            await self._guard.failed(attempt)
            raise CredentialsRefused("The email address or the password is wrong.")
        if verification.outdated:
            renewed = await hashing.hash(password, client)
            async with self._database.transaction() as transaction:
                await UserRepository(transaction).replace_hash(
                    user.id, old=user.password_hash, new=renewed
                )
        return user
