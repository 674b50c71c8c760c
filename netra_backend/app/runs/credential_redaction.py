"""Removal of access tokens from messages, before anything is stored.

A token in a message would be kept in the database, in the live stream and by the model's
provider. A placeholder replaces it; only the tools of the run receive the token, in memory.
"""

import re
from dataclasses import dataclass

PLACEHOLDER = "[access token removed]"
MAX_TOKENS = 3

# RFC 7515 section 3.1: a compact JWS of which the header is a JSON object. The base64url of `{"`
# is `eyJ`.
_COMPACT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?")
# Base64url of a whole compact JWT, as a WebSocket subprotocol carries it: `ZXlK` is "eyJ".
_WRAPPED = re.compile(r"ZXlK[A-Za-z0-9_-]{40,}")


@dataclass(frozen=True, slots=True)
class RedactedMessage:
    """A message without its credentials, and the credentials (at most ``MAX_TOKENS``)."""

    text: str
    tokens: tuple[str, ...]

    def __repr__(self) -> str:
        """Leave the tokens out of logs and tracebacks."""
        return f"RedactedMessage(text={self.text!r}, tokens={len(self.tokens)})"


def redact_credentials(content: str) -> RedactedMessage:
    """Separate the text of a message from the access tokens in it."""
    tokens: list[str] = []

    def take(match: re.Match[str]) -> str:
        tokens.append(match[0])
        return PLACEHOLDER

    text = _WRAPPED.sub(take, _COMPACT.sub(take, content))
    return RedactedMessage(text, tuple(tokens[:MAX_TOKENS]))
