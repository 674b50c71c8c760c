"""Configuration: parsed once, typed, frozen, and refused as a whole when any value is invalid."""

from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from netra_shared.errors import ConfigurationError
from netra_shared.health.refresh import Refresh


class Environment(StrEnum):
    """The environment of a process. ``staging`` and ``production`` are on Google Cloud."""

    LOCAL = "local"
    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def is_gcp(self) -> bool:
        """Whether Cloud Run's rules apply: 10 s after SIGTERM, probes, budgets."""
        return self in {Environment.STAGING, Environment.PRODUCTION}


MIN_SHARED_SECRET_BYTES = 32  # RFC 7518 section 3.2: at least as long as the hash of HS256

Seconds = Annotated[float, Field(gt=0, le=3600)]


class ServiceSettings(BaseSettings):
    """Settings of both services; the environment variables are the field names in capitals."""

    # `READINESS__HOLD_SECONDS=3` sets one member of the group `readiness`.
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, env_nested_delimiter="__"
    )

    environment: Environment = Field(description="Which rules and budgets apply.")
    database_url: SecretStr = Field(
        description="PostgreSQL, `postgresql://user:password@host:port/database`."
    )
    redis_url: SecretStr = Field(
        description="Valkey or Redis, `redis://:password@host:port/0` (`rediss://` for TLS)."
    )
    redis_cluster: bool = Field(
        default=False,
        description="Whether `REDIS_URL` is a node of a Valkey cluster (Memorystore's default).",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="TCP port to listen on.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level that is written."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="`auto`: colours on a terminal, JSON lines elsewhere."
    )
    jwt_issuer: str = Field(default="netra-auth", description="`iss` of every access token.")
    jwt_audience: str = Field(default="netra", description="`aud` of every access token.")
    jwt_secret_key: SecretStr | None = Field(
        default=None,
        description="HS256 secret of at least 32 bytes; refused outside `ENVIRONMENT=test`.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Exact origins of allowed browser pages, separated by commas, e.g. "
        "`https://app.example.com`.",
    )
    k_service: str | None = Field(default=None, description="Set by Cloud Run: the service.")
    k_revision: str | None = Field(default=None, description="Set by Cloud Run: the revision.")
    otel_exporter_otlp_traces_endpoint: str | None = Field(
        default=None,
        description="OpenTelemetry collector that gets the spans, "
        "`http://localhost:4318/v1/traces`; none: spans are not exported.",
    )
    instance_id: str = Field(
        default_factory=lambda: uuid4().hex[:12], description="Id of this process in logs."
    )

    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated networks of the edge. Only their headers about a client "
        "(`X-Forwarded-For`, `X-Netra-Client-*`) are accepted.",
    )

    postgres_connect_seconds: Seconds = Field(
        default=3.0, description="Deadline for opening one PostgreSQL connection."
    )
    postgres_statement_seconds: Seconds = Field(
        default=10.0, description="Deadline for one SQL statement (server-side and client-side)."
    )
    postgres_pool_size: int = Field(
        default=10,
        ge=1,
        le=200,
        description="Maximum number of PostgreSQL connections of one process. An "
        "instance of the backend has two: its gateway and its agents.",
    )
    postgres_pool_wait_seconds: Seconds = Field(
        default=2.0, description="Deadline for getting a connection out of the pool."
    )
    redis_connect_seconds: Seconds = Field(
        default=1.0, description="Deadline for opening one Valkey connection."
    )
    redis_command_seconds: Seconds = Field(
        default=2.0, description="Deadline for the answer to one Valkey command."
    )
    shutdown_seconds: Seconds = Field(
        default=8.0,
        le=9.0,
        description="Bound of the whole shutdown; Cloud Run kills after 10 s.",
    )
    readiness: Refresh = Field(
        default_factory=Refresh,
        description="Intervals of the readiness checks and their hysteresis.",
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url_is_postgresql(cls, value: SecretStr) -> SecretStr:
        # Not SQLAlchemy's make_url: its import triples the time of a command that needs no engine.
        try:
            url = urlsplit(value.get_secret_value())
        except ValueError as error:
            raise ValueError("is not a URL; expected postgresql://user:password@host/db") from error
        backend = url.scheme.partition("+")[0]
        if not backend or not value.get_secret_value().startswith(f"{url.scheme}://"):
            raise ValueError("is not a URL; expected postgresql://user:password@host/db")
        if backend not in {"postgresql", "postgres"}:
            raise ValueError(f"names {backend!r}; only postgresql:// is supported")
        if not url.path.strip("/"):
            raise ValueError("names no database; append /NAME")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_url_has_a_known_scheme(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition("://")[0]
        if scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _origins_are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            scheme, separator, rest = origin.partition("://")
            if scheme not in {"http", "https"} or not separator or not rest or "/" in rest:
                raise ValueError(
                    f"contains {origin!r}; an origin is scheme://host[:port] without a path"
                )
            if "*" in rest:
                raise ValueError(f"contains {origin!r}; origins are compared exactly, no wildcards")
        return value

    @model_validator(mode="after")
    def _shared_secret_only_in_tests(self) -> Self:
        if self.jwt_secret_key is None:
            return self
        if self.environment is not Environment.TEST:
            raise ValueError("jwt_secret_key is only accepted with ENVIRONMENT=test; unset it")
        if len(self.jwt_secret_key.get_secret_value().encode()) < MIN_SHARED_SECRET_BYTES:
            raise ValueError(
                f"jwt_secret_key must be at least {MIN_SHARED_SECRET_BYTES} bytes long"
            )
        return self


SettingsType = TypeVar("SettingsType", bound=ServiceSettings)


def load_settings(
    settings_class: type[SettingsType], overrides: Mapping[str, Any] | None = None
) -> SettingsType:
    """Read ``settings_class`` from the environment.

    Args:
        settings_class: the service's own subclass of ``ServiceSettings``.
        overrides: field values that replace the environment, for tests and tools.

    Raises:
        ConfigurationError: lists every problem with its variable.
    """
    try:
        return settings_class(**dict(overrides or {}))
    except ValidationError as error:
        raise ConfigurationError([_describe(problem) for problem in error.errors()]) from None


def _describe(problem: Any) -> str:
    # A member of a group is `GROUP__MEMBER`, as `env_nested_delimiter` says.
    variable = "__".join(part for part in problem["loc"] if isinstance(part, str)).upper()
    if problem["type"] == "missing":
        return f"{variable} is not set"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{variable} {message}" if variable else message
