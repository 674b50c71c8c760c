"""Parses compact JWTs (RFC 7515, RFC 7519) in one canonical form and verifies their signature.

REST routes and sockets share this parser, so a token is valid for both or for neither. It is
stricter than the RFCs where they leave room: the issuer produces one form, and each further form
is attack surface (RFC 8725). Refused are padding and other base64url variants, encodings other
than UTF-8, header parameters except ``alg``, ``typ`` and ``kid``, and times that are not
integers.
"""

import base64
import hashlib
import hmac
import re
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_SIGNATURE_BYTES = {"EdDSA": 64, "HS256": 32}  # RFC 8032 section 5.1.6, RFC 7518 section 3.2
_END_OF_YEAR_9999 = 253_402_300_799  # what datetime can represent

Timestamp = Annotated[int, msgspec.Meta(ge=0, le=_END_OF_YEAR_9999)]


class TokenMalformed(ValueError):
    """The text is not a canonical compact JWT; the message contains nothing of it."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """JOSE header (RFC 7515 section 4.1); ``crit``, ``zip`` and key references are refused."""

    alg: Literal["EdDSA", "HS256"]
    typ: str = ""
    kid: str = ""


class Payload(msgspec.Struct, frozen=True):
    """Claims of an access token (RFC 9068 section 2.2); unknown claims are ignored.

    ``sub``, ``sid`` and ``roles`` are checked after the signature. Times are unix seconds.
    """

    iss: str
    aud: str
    sub: Any
    sid: Any
    jti: str
    roles: Any
    iat: Timestamp
    exp: Timestamp
    nbf: Timestamp = 0


class CompactJwt(NamedTuple):
    """A parsed token. Trust no field before ``signature_matches`` returned true."""

    header: Header
    payload: Payload
    signed: bytes
    signature: bytes

    def signature_matches(self, key: Any) -> bool:
        """Return whether ``key`` made the signature: an Ed25519 public key or a shared secret."""
        if self.header.alg == "HS256":
            if not isinstance(key, str):
                return False
            expected = hmac.digest(key.encode(), self.signed, hashlib.sha256)
            return hmac.compare_digest(expected, self.signature)
        if not isinstance(key, Ed25519PublicKey):
            return False
        try:
            key.verify(self.signature, self.signed)
        except InvalidSignature:
            return False
        return True


_header = msgspec.json.Decoder(Header)
_payload = msgspec.json.Decoder(Payload)


def parse_compact(token: str) -> CompactJwt:
    """Return the parts of ``token``, not verified.

    Raises:
        TokenMalformed: it is not a compact JWT in canonical form.
    """
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise TokenMalformed("not three base64url segments without padding")
    decoded = [_decoded(segment) for segment in parts.groups()]
    try:
        header = _header.decode(decoded[0])
    except ValueError as error:  # includes msgspec's errors
        raise TokenMalformed(f"header: {_without_values(error)}") from error
    try:
        payload = _payload.decode(decoded[1])
    except ValueError as error:
        raise TokenMalformed(f"claims: {_without_values(error)}") from error
    if len(decoded[2]) != _SIGNATURE_BYTES[header.alg]:
        raise TokenMalformed(f"the signature must have {_SIGNATURE_BYTES[header.alg]} bytes")
    return CompactJwt(header, payload, token[: parts.end(2)].encode(), decoded[2])


def _decoded(segment: str) -> bytes:
    """Decode base64url and refuse a segment that encodes the same bytes differently."""
    try:
        content = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError as error:
        raise TokenMalformed("a segment is not base64url") from error
    if base64.urlsafe_b64encode(content).rstrip(b"=") != segment.encode():
        raise TokenMalformed("a segment is not canonical base64url")
    return content


def _without_values(error: ValueError) -> str:
    """Return the reason of a decoding error; a validation error names the field, not its value."""
    if isinstance(error, msgspec.ValidationError) and "Invalid enum value" not in str(error):
        return str(error)
    return "unsupported or malformed JSON"
