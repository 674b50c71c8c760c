"""The environment of an instance: exactly what is declared, and what the container contract adds.

Source: docs.cloud.google.com/run/docs/container-contract (environment variables of services).
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]


def instance_environment(
    container: Json,
    *,
    image_env: Mapping[str, str],
    system: Mapping[str, str],
    secret: Callable[[str, str], str],
) -> dict[str, str]:
    """Return the environment of a new instance.

    Args:
        container: the template's container.
        image_env: environment of the build.
        system: PORT, K_SERVICE, HOME and the like; wins over everything.
        secret: secret and version (``latest`` or a number) -> value; asked at each start.

    Raises:
        SecretUnreadable: a secret has no such readable version.
    """
    declared = {entry["name"]: _value(entry, secret) for entry in container.get("env", [])}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        **image_env,
        **declared,
        **system,
    }


def _value(entry: Json, secret: Callable[[str, str], str]) -> str:
    reference = entry.get("valueSource", {}).get("secretKeyRef")
    if reference is None:
        return str(entry.get("value", ""))
    return secret(reference["secret"], reference.get("version", "latest"))
