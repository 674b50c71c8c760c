"""Sign-up and sign-in."""

from dataclasses import dataclass

from prometheus_client import Counter

from auth_service.app.accounts.email_address import EmailAddress, parse_email
from auth_service.app.accounts.models import UserRow
from auth_service.app.accounts.repository import UserRepository
from auth_service.app.database import Database
from auth_service.app.errors import CredentialsRefused, EmailTaken
from auth_service.app.passwords.hashing import PasswordHashing
from auth_service.app.passwords.policy import PasswordPolicy, accept_password, normalise
from auth_service.app.rate_limits.familiar import FamiliarAddresses
from auth_service.app.rate_limits.limiter import RateLimiter
from auth_service.app.rate_limits.limits import Limits
from auth_service.app.sessions.service import IssuedTokens, SessionService

SIGN_INS = Counter("auth_sign_ins_total", "Sign-in attempts that were judged.", ["outcome"])
SIGN_UPS = Counter("auth_sign_ups_total", "Accounts created.")


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from: the key its address is limited by, and its user agent."""

    limit_key: str
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account and the tokens of its new session."""

    user: UserRow
    tokens: IssuedTokens


class AccountService:
    """Creates accounts and begins sessions.

    Args:
        database: holds accounts.
        sessions: begins sessions.
        hashing: of passwords.
        policy: of new passwords.
        limiter: counts attempts against ``limits``.
        limits: per address and per account.
        familiar: addresses whose failures are counted apart.
        deliverable_emails: refuse domains that cannot exist on the internet.
    """

    def __init__(
        self,
        database: Database,
        *,
        sessions: SessionService,
        hashing: PasswordHashing,
        policy: PasswordPolicy,
        limiter: RateLimiter,
        limits: Limits,
        familiar: FamiliarAddresses,
        deliverable_emails: bool,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._hashing = hashing
        self._policy = policy
        self._limiter = limiter
        self._limits = limits
        self._familiar = familiar
        self._deliverable_emails = deliverable_emails

    async def register(
        self, *, email: str, password: str, display_name: str | None, client: Client
    ) -> SignedIn:
        """Create an account and sign it in.

        That an address is taken cannot be hidden here without sending mail; the rate limit makes
        asking many addresses slow, and the answer costs one hash either way.

        Raises:
            TooManyAttempts, EmailRefused, PasswordRefused, EmailTaken, HashingSaturated,
            DatabaseUnavailable.
        """
        await self._limiter.acquire(self._limits.register_per_address, client.limit_key)
        address = parse_email(email, deliverable=self._deliverable_emails)
        accepted = accept_password(password, email=address.key, policy=self._policy)
        password_hash = await self._hashing.hash(accepted)
        async with self._database.transaction() as transaction:
            users = UserRepository(transaction)
            user = await users.add(address, password_hash, display_name)
            if user is None:
                raise EmailTaken("An account with this address exists; sign in.", field="email")
            tokens = await self._sessions.begin(transaction, user, client.user_agent)
        SIGN_UPS.inc()
        return SignedIn(user, tokens)

    async def login(self, *, email: str, password: str, client: Client) -> SignedIn:
        """Begin a session.

        An unknown address and a wrong password take the same path: the same limits, one
        database read, one Argon2id computation, the same answer.

        Raises:
            TooManyAttempts, EmailRefused, CredentialsRefused, HashingSaturated,
            DatabaseUnavailable.
        """
        await self._limiter.acquire(self._limits.login_per_address, client.limit_key)
        address = parse_email(email, deliverable=self._deliverable_emails)
        # Counted before the password is checked, so that parallel guesses cannot overtake it.
        subject = await self._familiar.subject(address.key, client.limit_key)
        await self._limiter.acquire(self._limits.login_per_account, subject)
        user = await self._check(address, normalise(password))
        await self._limiter.forgive(self._limits.login_per_account, subject)
        await self._familiar.remember(address.key, client.limit_key)
        async with self._database.transaction() as transaction:
            tokens = await self._sessions.begin(transaction, user, client.user_agent)
        return SignedIn(user, tokens)

    async def _check(self, address: EmailAddress, password: str) -> UserRow:
        async with self._database.transaction() as transaction:
            user = await UserRepository(transaction).by_email(address)
        stored = user.password_hash if user else None
        verification = await self._hashing.verify(stored, password)
        SIGN_INS.labels("accepted" if verification.matched else "refused").inc()
        if user is None or not verification.matched:
            raise CredentialsRefused("The email address or the password is wrong.")
        if verification.outdated:
            renewed = await self._hashing.hash(password)
            async with self._database.transaction() as transaction:
                await UserRepository(transaction).replace_hash(
                    user.id, old=user.password_hash, new=renewed
                )
        return user
