"""The versions of a secret, from Secret Manager or from a local Cloud Run's own.

Only numbers and states are read, never a value. Source:
https://docs.cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/list
"""

from collections.abc import Mapping
from typing import Any

import google.auth
import httpx
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from netra_ops.deploy.cloud.services import CloudRun
from netra_ops.deploy.errors import CloudRefused
from netra_ops.deploy.plan.secrets import SecretVersion

GOOGLE = "https://secretmanager.googleapis.com"
LIST_SECONDS = 10.0
# Newest first, and only the newest one is needed: one page is enough.
PAGE = 25
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def secret_versions(cloud: CloudRun, secret: str) -> list[SecretVersion]:
    """Return the newest versions of a secret, newest first; none when it does not exist.

    Args:
        cloud: whose project has the secret.
        secret: its id, or ``projects/P/secrets/S`` for one of another project.

    Raises:
        CloudRefused: the list cannot be read.
    """
    name = secret if "/" in secret else f"projects/{cloud.project}/secrets/{secret}"
    path = f"/v1/{name}/versions?pageSize={PAGE}"
    try:
        status, answer = _get(cloud.connection.endpoint, path)
    except (httpx.HTTPError, GoogleAuthError, OSError, ValueError) as error:
        raise CloudRefused(
            f"the versions of {name} cannot be read: {type(error).__name__}: {error}",
            remedy="try again",
        ) from error
    if status == httpx.codes.NOT_FOUND:
        return []
    if status != httpx.codes.OK:
        message = answer.get("error", {}).get("message", f"status {status}")
        raise CloudRefused(
            f"the versions of {name} cannot be read: {message}",
            remedy="ask for the role roles/secretmanager.viewer: docs/deploying.md, Permissions",
        )
    return [_version(entry) for entry in answer.get("versions", ())]


def _version(entry: Mapping[str, Any]) -> SecretVersion:
    return SecretVersion(int(str(entry["name"]).rpartition("/")[2]), str(entry["state"]))


def _get(endpoint: str, path: str) -> tuple[int, Mapping[str, Any]]:
    if endpoint:
        answer = httpx.get(f"{endpoint}{path}", timeout=LIST_SECONDS)
        return answer.status_code, dict(answer.json())
    credentials, _ = google.auth.default(scopes=_SCOPES)
    with AuthorizedSession(credentials) as session:  # type: ignore[no-untyped-call]
        listed = session.get(f"{GOOGLE}{path}", timeout=LIST_SECONDS)
        return listed.status_code, dict(listed.json())
