"""The last log lines of a revision, from Cloud Logging or from a local Cloud Run's own.

Source: https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import google.auth
import httpx
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from netra_ops.deploy.cloud.services import CloudRun

GOOGLE = "https://logging.googleapis.com"
LIST_SECONDS = 10.0
SHOWN_LINES = 12
_SCOPES = ("https://www.googleapis.com/auth/logging.read",)


@dataclass(frozen=True)
class LogTail:
    """The last lines that a revision wrote, or why they cannot be read."""

    lines: tuple[str, ...]
    problem: str = ""


def last_lines(cloud: CloudRun, service: str, revision: str, count: int = SHOWN_LINES) -> LogTail:
    """Return the last ``count`` lines of a revision, oldest first."""
    wanted = {
        "resourceNames": [f"projects/{cloud.project}"],
        "filter": 'resource.type="cloud_run_revision" '
        f'resource.labels.service_name="{service}" '
        f'resource.labels.revision_name="{revision}"',
        "orderBy": "timestamp desc",
        "pageSize": count,
    }
    try:
        answer = _ask(cloud.connection.endpoint, wanted)
    except (httpx.HTTPError, GoogleAuthError, OSError, ValueError) as error:
        return LogTail((), f"the log cannot be read: {type(error).__name__}: {error}")
    entries = answer.get("entries", ())
    return LogTail(tuple(line_of(entry) for entry in entries)[::-1])


def line_of(entry: Mapping[str, Any]) -> str:
    """Return an entry as one line: its text, or the message of its JSON."""
    payload = entry.get("jsonPayload", {})
    text = str(entry.get("textPayload") or payload.get("message") or payload)
    return text.strip().splitlines()[-1].strip() if text.strip() else ""


def _ask(endpoint: str, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    if endpoint:
        answer = httpx.post(f"{endpoint}/v2/entries:list", json=wanted, timeout=LIST_SECONDS)
        answer.raise_for_status()
        return dict(answer.json())
    credentials, _ = google.auth.default(scopes=_SCOPES)
    with AuthorizedSession(credentials) as session:  # type: ignore[no-untyped-call]
        listed = session.post(f"{GOOGLE}/v2/entries:list", json=wanted, timeout=LIST_SECONDS)
        listed.raise_for_status()
        return dict(listed.json())
