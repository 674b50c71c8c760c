"""Builds the parts of an identity service and stops them in order."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from auth_service.app.accounts.service import AccountService, Passwords
from auth_service.app.clock import Clock
from auth_service.app.config import AuthSettings
from auth_service.app.database import Database
from auth_service.app.keys.keeper import KeyKeeper
from auth_service.app.keys.rotation import KeyRotation
from auth_service.app.keys.sealing import Sealer
from auth_service.app.passwords.breached import BreachedPasswords
from auth_service.app.passwords.hashing import HashParameters, PasswordHashing
from auth_service.app.passwords.policy import PasswordPolicy
from auth_service.app.periodic import Periodic
from auth_service.app.rate_limits.familiar import FamiliarAddresses
from auth_service.app.rate_limits.limiter import RateLimiter
from auth_service.app.rate_limits.limits import Limits
from auth_service.app.rate_limits.sign_in_guard import SignInGuard
from auth_service.app.schema_version import refuse_outdated_schema
from auth_service.app.sessions.announcements import RevocationAnnouncer
from auth_service.app.sessions.janitor import SessionJanitor
from auth_service.app.sessions.service import SessionService, SessionTimes
from auth_service.app.sessions.tickets import TicketOffice
from auth_service.app.tokens.issuer import AccessTokenIssuer, RingSigner, SharedSecretSigner
from netra_shared.auth.tokens import TokenVerifier
from netra_shared.errors import DatabaseUnavailable
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.stores.database import create_engine
from netra_shared.stores.valkey import create_valkey

APPLICATION = "netra-auth"
RETRY_SECONDS = 1.0  # between attempts to read the key ring until the first success

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that routes use. ``keeper`` is ``None`` when a shared secret signs (tests)."""

    settings: AuthSettings
    engine: AsyncEngine
    valkey: Redis
    database: Database
    hashing: PasswordHashing
    keeper: KeyKeeper | None
    verifier: TokenVerifier
    sessions: SessionService
    accounts: AccountService
    tickets: TicketOffice
    limiter: RateLimiter
    limits: Limits
    background: tuple[Periodic, ...]

    async def start(self) -> None:
        """Read the key ring and start the background tasks.

        The service also starts while PostgreSQL is unavailable: readiness reports it, and the
        key ring is read when PostgreSQL is back.

        Raises:
            ConfigurationError: the schema is older than the code, or the ring cannot be decrypted.
        """
        with swallowed(_log, "start_without_database", DatabaseUnavailable):
            await refuse_outdated_schema(self.database)
            if self.keeper is not None:
                await self.keeper.refresh()
        for task in self.background:
            task.start()

    async def stop(self) -> None:
        """Stop the background tasks, then the hashing threads, then close the connections."""
        await asyncio.gather(*(task.stop() for task in self.background))
        await asyncio.to_thread(self.hashing.close)
        await self.valkey.aclose()
        await self.engine.dispose()


def build_services(settings: AuthSettings, clock: Clock) -> Services:
    """Return the parts for ``settings``; no connection is opened yet."""
    engine = create_engine(settings, application_name=APPLICATION)
    valkey = create_valkey(settings, name=APPLICATION)
    database = Database(engine)
    keeper = _keeper(settings, database, clock)
    announcer = RevocationAnnouncer(
        database,
        valkey,
        access_token_life=timedelta(seconds=settings.access_token_seconds),
        batch=settings.janitor_batch,
        clock=clock,
    )
    issuer = _issuer(settings, keeper)
    sessions = SessionService(
        database,
        issuer,
        announcer,
        times=SessionTimes(
            session=timedelta(seconds=settings.session_seconds),
            refresh_token=timedelta(seconds=settings.refresh_token_seconds),
            leeway=timedelta(seconds=settings.refresh_leeway_seconds),
        ),
        clock=clock,
    )
    hashing = PasswordHashing(
        HashParameters(
            memory_kib=settings.argon2_memory_kib,
            passes=settings.argon2_passes,
            lanes=settings.argon2_lanes,
        ),
        threads=settings.hashing_threads,
        queue=settings.hashing_queue,
        deadline_seconds=settings.hashing_seconds,
    )
    limiter = RateLimiter(valkey, fallback_seconds=settings.rate_limit_fallback_seconds)
    limits = Limits.of(settings)
    accounts = AccountService(
        database,
        sessions,
        Passwords(
            PasswordPolicy(
                settings.password_min_length,
                settings.password_max_length,
                BreachedPasswords(settings.breached_passwords_file),
            ),
            hashing,
        ),
        limiter=limiter,
        limits=limits,
        guard=SignInGuard(
            limiter, limits, FamiliarAddresses(valkey, is_unavailable=limiter.is_fallen_back)
        ),
        deliverable_emails=settings.environment.is_gcp,
    )
    janitor = SessionJanitor(
        database,
        announcer,
        kept=timedelta(seconds=settings.ended_sessions_kept_seconds),
        batch=settings.janitor_batch,
        clock=clock,
    )
    return Services(
        settings=settings,
        engine=engine,
        valkey=valkey,
        database=database,
        hashing=hashing,
        keeper=keeper,
        verifier=_verifier(settings, keeper),
        sessions=sessions,
        accounts=accounts,
        tickets=TicketOffice(valkey, issuer, life_seconds=settings.ticket_seconds),
        limiter=limiter,
        limits=limits,
        background=_background(settings, keeper, janitor, announcer),
    )


def _keeper(settings: AuthSettings, database: Database, clock: Clock) -> KeyKeeper | None:
    if settings.jwt_secret_key is not None:
        return None
    sealer = Sealer(settings.encryption_keys)
    rotation = KeyRotation(database, sealer, settings.rotation, clock)
    return KeyKeeper(rotation, sealer, settings.rotation, clock)


def _issuer(settings: AuthSettings, keeper: KeyKeeper | None) -> AccessTokenIssuer:
    if keeper is not None:
        signer: RingSigner | SharedSecretSigner = RingSigner(keeper)
    else:
        signer = SharedSecretSigner(_shared_secret(settings))
    return AccessTokenIssuer(
        signer,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        lifetime=timedelta(seconds=settings.access_token_seconds),
    )


def _verifier(settings: AuthSettings, keeper: KeyKeeper | None) -> TokenVerifier:
    return TokenVerifier(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        keys=keeper,
        shared_secret=None if keeper is not None else _shared_secret(settings),
    )


def _shared_secret(settings: AuthSettings) -> str:
    if settings.jwt_secret_key is None:
        raise TypeError("jwt_secret_key is required without a key ring")
    return settings.jwt_secret_key.get_secret_value()


def _background(
    settings: AuthSettings,
    keeper: KeyKeeper | None,
    janitor: SessionJanitor,
    announcer: RevocationAnnouncer,
) -> tuple[Periodic, ...]:
    sweeping = Periodic("session_sweep", janitor.sweep, seconds=lambda: settings.janitor_seconds)
    outbox = Periodic(
        "revocation_outbox", announcer.reconcile, seconds=lambda: settings.revocation_outbox_seconds
    )
    if keeper is None:
        return (sweeping, outbox)
    ring = keeper

    def pause() -> float:
        return settings.signing_key_refresh_seconds if ring.is_loaded else RETRY_SECONDS

    return (sweeping, outbox, Periodic("signing_key_refresh", ring.refresh, seconds=pause))
