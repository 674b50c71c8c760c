"""The environment variables of the services, as a function of what was started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

# Set by the operator's shell for other purposes, and wrong or misleading for the local stack:
# a shared secret is refused outside tests, and K_* would make a service believe it is on Cloud Run.
NOT_INHERITED = frozenset(
    {"JWT_SECRET_KEY", "K_SERVICE", "K_REVISION", "K_CONFIGURATION", "INSTANCE_ID", "PYTHONPATH"}
)
# How providers of models name credentials: OPENAI_API_KEY, AWS_SECRET_ACCESS_KEY, …
_CREDENTIALS = ("_API_KEY", "_ACCESS_KEY", "_ACCESS_KEY_ID", "_SESSION_TOKEN")
_LOCAL_EDGE = "127.0.0.1/32,::1/128"
SHUTDOWN_SECONDS = 5  # Cloud Run's 8 would not fit the 10 s in which everything here must end

# Everybody comes from 127.0.0.1, through the edge, so a limit per address is one for all: load
# tests and the browser together. What the operator's own environment says wins.
_LOCAL_AUTH = {
    "RATE_LOGIN_PER_ADDRESS": "3000 per 1 minute",
    "RATE_LOGIN_PER_ACCOUNT": "300 per 5 minute",  # a load test signs in as one person
    "RATE_REGISTER_PER_ADDRESS": "3000 per 1 minute",
    "RATE_REFRESH_PER_ADDRESS": "6000 per 1 minute",
}


@dataclass(frozen=True)
class StackAddresses:
    """Where everything listens, and the secrets that open it."""

    database_url: str
    redis_url: str
    auth_port: int
    backend_port: int
    edge_port: int
    encryption_key: str

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins a browser may come from: the edge, and the frontend's development server."""
        ports = (self.edge_port, 3000)
        return tuple(
            f"http://{host}:{port}" for port in ports for host in ("localhost", "127.0.0.1")
        )


def shared_environment(
    addresses: StackAddresses, inherited: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return what both services and the migrations need, over the operator's own variables."""
    kept = {name: value for name, value in inherited.items() if name not in NOT_INHERITED}
    return (
        {"TRUSTED_PROXIES": _LOCAL_EDGE}
        | kept
        | {
            "ENVIRONMENT": "local",
            "DATABASE_URL": addresses.database_url,
            "REDIS_URL": addresses.redis_url,
            "HOST": "127.0.0.1",
            "LOG_FORMAT": "json",
            "SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
            "AUTH_JWKS_URL": f"http://127.0.0.1:{addresses.auth_port}/.well-known/jwks.json",
            "AUTH_KEY_ENCRYPTION_KEY": addresses.encryption_key,
            "ALLOWED_ORIGINS": ",".join(addresses.origins),
            "PYTHONUNBUFFERED": "1",
        }
    )


def auth_environment(shared: Mapping[str, str], addresses: StackAddresses) -> dict[str, str]:
    """Return the identity service's environment; it never sees the credentials of a model."""
    without = {name: value for name, value in shared.items() if not is_of_a_model(name)}
    return {**_LOCAL_AUTH, **without, "PORT": str(addresses.auth_port)}


def is_of_a_model(name: str) -> bool:
    """Return whether a variable is about a model, or holds a provider's credential for one."""
    return name.startswith("NETRA_MODEL") or name.endswith(_CREDENTIALS)


def backend_environment(shared: Mapping[str, str], addresses: StackAddresses) -> dict[str, str]:
    """Return the gateway's environment; it never sees the key that encrypts signing keys."""
    without = {name: value for name, value in shared.items() if name != "AUTH_KEY_ENCRYPTION_KEY"}
    return {**without, "PORT": str(addresses.backend_port)}
