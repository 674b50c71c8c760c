"""Removes credentials from log records.

Two rules. The value of a field with a credential's name is replaced. In any other field the part
that looks like a credential is replaced: compact JWT, refresh token, `jwt.` or `ticket.`
subprotocol entry, password in a URL, bearer token.
"""

import re
from collections.abc import Mapping
from typing import Any

from netra_shared.http.edge_headers import CONTRACT

REDACTED = "<redacted>"

CREDENTIAL_FIELDS = frozenset(
    {
        *(name.replace("-", "_") for name in CONTRACT.never_logged),
        "password",
        "new_password",
        "token",
        "access_token",
        "refresh_token",
        "id_token",
        "ticket",
        "secret",
        "api_key",
        "private_key",
        "jwt_secret_key",
    }
)

PATTERNS = (
    # A JWT: three base64url parts, the first of which is the encoding of `{"`.
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]{2,}(?:\.[\w-]*)?"), REDACTED),
    # A refresh token of the identity service (auth_service/app/sessions/refresh_tokens.py).
    (re.compile(r"\bnrt_[\w-]{8,}"), f"nrt_{REDACTED}"),
    (re.compile(r"\b(jwt|ticket)\.[\w.~+/=-]{8,}"), rf"\1.{REDACTED}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {REDACTED}"),
    # The scheme's length is bounded; otherwise the cost is quadratic in the length of a word.
    (re.compile(r"(?i)([a-z][a-z0-9+.-]{0,31}://[^\s:/@]*):[^\s@/]+@"), rf"\1:{REDACTED}@"),
    (re.compile(r"(?i)([?&](?:access_token|token|ticket|jwt)=)[^&\s]+"), rf"\1{REDACTED}"),
)


def redact_text(text: str) -> str:
    """Return ``text`` with every part that looks like a credential replaced."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any, *, field: str = "") -> Any:
    """Return ``value`` with credentials replaced, through mappings, lists and tuples."""
    if field.lower().replace("-", "_") in CREDENTIAL_FIELDS and value is not None:
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return redact_text(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {key: redact(item, field=str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value
