"""Configuration of the identity service."""

from datetime import timedelta
from typing import Annotated, Self

from limits import parse
from pydantic import Field, FilePath, SecretStr, field_validator, model_validator

from auth_service.app.keys.ring import RotationPolicy
from auth_service.app.keys.sealing import parse_encryption_key
from netra_shared.auth.tokens import CLOCK_SKEW_SECONDS
from netra_shared.settings import Environment, Seconds, ServiceSettings

MINUTE, HOUR, DAY = 60, 3600, 86400
# Clients refresh a token a minute before it expires; a shorter one is refreshed at every use.
MIN_TOKEN_SECONDS = 2 * MINUTE

RateText = Annotated[str, Field(pattern=r"^\d+ per \d+ (second|minute|hour|day)$")]


class AuthSettings(ServiceSettings):
    """Settings from environment variables; times are in seconds."""

    port: int = Field(default=8001, ge=1, le=65535, description="TCP port to listen on.")

    auth_key_encryption_key: SecretStr | None = Field(
        default=None,
        description="Base64 of 32 random bytes; encrypts the private signing keys at rest. "
        "Required unless tokens are signed with `JWT_SECRET_KEY`.",
    )
    auth_key_encryption_key_previous: SecretStr | None = Field(
        default=None,
        description="The previous value of `AUTH_KEY_ENCRYPTION_KEY`, until "
        "`rotate_keys --reseal` has run.",
    )
    access_token_seconds: int = Field(
        default=15 * MINUTE,
        ge=1,
        le=HOUR,
        description="Life of an access token; below 120 only with `ENVIRONMENT=test`.",
    )
    refresh_token_seconds: int = Field(
        default=14 * DAY,
        ge=5 * MINUTE,
        le=90 * DAY,
        description="Lifetime of a refresh token: how long a session may be unused.",
    )
    session_seconds: int = Field(
        default=30 * DAY,
        ge=5 * MINUTE,
        le=365 * DAY,
        description="Absolute lifetime of a session.",
    )
    refresh_leeway_seconds: int = Field(
        default=10,
        ge=0,
        le=60,
        description="How long a used refresh token returns its successor again, while that is "
        "unused: for a lost answer or two concurrent refreshes.",
    )
    revocation_outbox_seconds: Seconds = Field(
        default=1.0,
        description="How often pending revocations are announced, and announced again when "
        "Valkey has lost its data.",
    )
    ticket_seconds: int = Field(
        default=60, ge=5, le=300, description="Life of a single-use socket ticket."
    )
    jwks_max_age_seconds: int = Field(
        default=5 * MINUTE, ge=1, le=HOUR, description="`max-age` of the published key set."
    )
    signing_key_seconds: int = Field(
        default=30 * DAY,
        ge=HOUR,
        le=365 * DAY,
        description="How long one key signs before the next.",
    )
    signing_key_lead_seconds: int = Field(
        default=HOUR, ge=1, le=DAY, description="How long a key is published before it signs."
    )
    signing_key_refresh_seconds: int = Field(
        default=60, ge=1, le=HOUR, description="How often an instance reads the key ring."
    )

    password_min_length: int = Field(
        default=15,
        ge=8,
        le=64,
        description="Minimum length of a password; 15 is NIST's minimum for a single factor.",
    )
    password_max_length: int = Field(
        default=128, ge=64, le=1024, description="Maximum length of a password."
    )
    breached_passwords_file: FilePath | None = Field(
        default=None,
        description="Sorted file of SHA-1 hashes of breached passwords, as the Pwned Passwords "
        "downloader writes it; new passwords in it are refused.",
    )
    argon2_memory_kib: int = Field(
        default=19456, ge=8192, le=1048576, description="Argon2id memory of one hash, in KiB."
    )
    argon2_passes: int = Field(default=2, ge=1, le=20, description="Argon2id passes over it.")
    argon2_lanes: int = Field(default=1, ge=1, le=16, description="Argon2id lanes.")
    hashing_threads: int = Field(
        default=2, ge=1, le=32, description="Passwords hashed concurrently; each takes one core."
    )
    hashing_queue: int = Field(
        default=256,
        ge=0,
        le=1024,
        description="Passwords that may wait for a thread, shared fairly between client addresses.",
    )
    hashing_seconds: Seconds = Field(
        default=5.0, description="Deadline for waiting and hashing together."
    )

    rate_login_per_address: RateText = Field(
        default="30 per 1 minute",
        description="Failed sign-in attempts from one client address. An address that has signed "
        "in to the account before is exempt.",
    )
    rate_login_per_account: RateText = Field(
        default="20 per 5 minute",
        description="Sign-in attempts on one account from one client address; a success forgives "
        "them. As many failures from all unfamiliar addresses together reduce the limit of each "
        "to `RATE_LOGIN_PER_STRANGER`.",
    )
    rate_login_per_stranger: RateText = Field(
        default="3 per 5 minute",
        description="Sign-in attempts on one account from one unfamiliar address while many "
        "unfamiliar addresses fail on it.",
    )
    rate_register_per_address: RateText = Field(
        default="20 per 1 minute", description="Sign-up attempts from one client address."
    )
    rate_refresh_per_address: RateText = Field(
        default="120 per 1 minute", description="Refreshes and sign-outs from one client address."
    )
    rate_ticket_per_account: RateText = Field(
        default="60 per 1 minute", description="Socket tickets for one account."
    )
    rate_limit_fallback_seconds: Seconds = Field(
        default=5.0, description="How long limits are kept in the process before Valkey is retried."
    )

    request_body_bytes: int = Field(
        default=16384, ge=1024, le=1048576, description="Maximum size of a request body."
    )
    request_body_seconds: Seconds = Field(
        default=5.0, description="Deadline for receiving a whole request body."
    )
    janitor_seconds: Seconds = Field(
        default=30.0, description="How often ended sessions are swept and announced."
    )
    janitor_batch: int = Field(
        default=500, ge=1, le=10000, description="Maximum number of rows of one sweep."
    )
    ended_sessions_kept_seconds: int = Field(
        default=7 * DAY, ge=0, le=365 * DAY, description="How long an ended session is kept."
    )

    @field_validator("auth_key_encryption_key", "auth_key_encryption_key_previous")
    @classmethod
    def _is_an_encryption_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_encryption_key(value.get_secret_value())
        return value

    @field_validator(
        "rate_login_per_address",
        "rate_login_per_account",
        "rate_login_per_stranger",
        "rate_register_per_address",
        "rate_refresh_per_address",
        "rate_ticket_per_account",
    )
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        rate = parse(value)
        if not rate.amount or not rate.get_expiry():
            raise ValueError("must allow at least one attempt in a positive time")
        return value

    @model_validator(mode="after")
    def _something_signs(self) -> Self:
        if self.auth_key_encryption_key is None and self.jwt_secret_key is None:
            remedy = "set it to: openssl rand -base64 32"
            if self.environment is Environment.TEST:
                remedy += " (or set JWT_SECRET_KEY for HS256 in tests)"
            raise ValueError(f"AUTH_KEY_ENCRYPTION_KEY is not set; {remedy}")
        return self

    @model_validator(mode="after")
    def _tokens_outlive_a_refresh(self) -> Self:
        if (
            self.access_token_seconds < MIN_TOKEN_SECONDS
            and self.environment is not Environment.TEST
        ):
            raise ValueError(
                f"ACCESS_TOKEN_SECONDS must be at least {MIN_TOKEN_SECONDS} outside "
                "ENVIRONMENT=test"
            )
        return self

    @model_validator(mode="after")
    def _lead_covers_every_cache(self) -> Self:
        needed = self.signing_key_refresh_seconds + self.jwks_max_age_seconds + CLOCK_SKEW_SECONDS
        if self.signing_key_lead_seconds < needed:
            raise ValueError(
                f"SIGNING_KEY_LEAD_SECONDS must be at least {needed}: every instance must publish "
                "a key (SIGNING_KEY_REFRESH_SECONDS) and every cache must have read it "
                "(JWKS_MAX_AGE_SECONDS) before it signs"
            )
        if self.signing_key_lead_seconds > self.signing_key_seconds:
            raise ValueError("SIGNING_KEY_LEAD_SECONDS must not exceed SIGNING_KEY_SECONDS")
        return self

    @property
    def rotation(self) -> RotationPolicy:
        """The times of the key ring."""
        linger = (
            self.access_token_seconds
            + self.signing_key_refresh_seconds
            + self.jwks_max_age_seconds
            + 2 * CLOCK_SKEW_SECONDS
        )
        return RotationPolicy(
            period=timedelta(seconds=self.signing_key_seconds),
            lead=timedelta(seconds=self.signing_key_lead_seconds),
            linger=timedelta(seconds=linger),
        )

    @property
    def encryption_keys(self) -> list[bytes]:
        """The current encryption key, then the previous one."""
        values = (self.auth_key_encryption_key, self.auth_key_encryption_key_previous)
        return [parse_encryption_key(value.get_secret_value()) for value in values if value]
