"""Reads an environment's descriptor: a TOML file, then environment variables over it."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from netra_ops.errors import SomethingAbsent
from netra_shared.errors import ConfigurationError

DESCRIPTORS = Path(__file__).parent
SERVICE_ROLES = frozenset({"backend", "auth", "frontend"})
PLACEHOLDER_SUFFIX = ".example"


class EnvironmentName(StrEnum):
    """The values of every ``--environment`` option."""

    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True)
class EnvironmentDescriptor:
    """How one environment is reached.

    Args:
        name: which.
        base_url: scheme, host and port of the edge; no path.
        auth_url: where /api/auth is served.
        frontend_url: where the pages are served.
        project: the Google Cloud project, or the emulator's.
        region: the Cloud Run region.
        services: Cloud Run service names by role: backend, auth, frontend.
    """

    name: EnvironmentName
    base_url: str
    auth_url: str
    frontend_url: str
    project: str
    region: str
    services: Mapping[str, str]

    @property
    def is_local(self) -> bool:
        """True for the embedded stack and the emulator."""
        return self.name is EnvironmentName.LOCAL

    @property
    def websocket_url(self) -> str:
        """The socket's URL, ``wss://HOST/ws`` or ``ws://HOST/ws``."""
        return f"ws{self.base_url.removeprefix('http')}/ws"

    def require_address(self) -> None:
        """Refuse to continue with a placeholder.

        Raises:
            SomethingAbsent: the address of this environment is not set.
        """
        if (urlsplit(self.base_url).hostname or "").endswith(PLACEHOLDER_SUFFIX):
            raise SomethingAbsent(
                f"the address of {self.name} is not set",
                remedy=f"set NETRA_{self.name.upper()}_BASE_URL, or base_url in "
                f"netra_ops/environments/{self.name}.toml",
            )


TEXT_FIELDS = tuple(
    field.name for field in fields(EnvironmentDescriptor) if field.name not in {"name", "services"}
)


def load_environment(
    name: str,
    *,
    directory: Path = DESCRIPTORS,
    variables: Mapping[str, str] = os.environ,
) -> EnvironmentDescriptor:
    """Return the descriptor called ``name``.

    Args:
        name: ``local``, ``staging`` or ``production``.
        directory: where the TOML files are.
        variables: ``NETRA_<NAME>_<FIELD>`` wins over the file, for every text field.

    Raises:
        ConfigurationError: unknown name, or everything wrong with the file in one list.
    """
    try:
        which = EnvironmentName(name)
    except ValueError:
        known = ", ".join(EnvironmentName)
        raise ConfigurationError([f"environment {name!r} is none of: {known}"]) from None
    with (directory / f"{which}.toml").open("rb") as file:
        data = tomllib.load(file)
    said_by: dict[str, str] = {}
    for field in TEXT_FIELDS:
        variable = f"NETRA_{which.upper()}_{field.upper()}"
        if override := variables.get(variable):
            data[field] = override
            said_by[field] = variable
    problems = [
        f"{said_by[field]} {words}" if field in said_by else f"{which}.toml: {field} {words}"
        for field, words in _problems(data)
    ]
    if problems:
        raise ConfigurationError(problems)
    texts = {field: str(data[field]).rstrip("/") for field in TEXT_FIELDS}
    return EnvironmentDescriptor(name=which, services=dict(data["services"]), **texts)


def _problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each field that is wrong, with the words that follow its name."""
    found = [
        (field, "must be a non-empty string")
        for field in TEXT_FIELDS
        if not isinstance(data.get(field), str) or not data[field]
    ]
    for field in ("base_url", "auth_url", "frontend_url"):
        value = data.get(field)
        if isinstance(value, str) and not is_origin(value):
            found.append((field, f"must be http(s)://host[:port] without a path, not {value!r}"))
    services = data.get("services")
    if not isinstance(services, dict) or set(services) != SERVICE_ROLES:
        found.append(("[services]", f"must name exactly {', '.join(sorted(SERVICE_ROLES))}"))
    unknown = set(data) - set(TEXT_FIELDS) - {"services"}
    return found + [(key, "is no known key") for key in sorted(unknown)]


def is_origin(url: str) -> bool:
    """Return whether ``url`` is ``http(s)://host[:port]`` and nothing more."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"}
