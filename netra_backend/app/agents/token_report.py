"""Explains the claims of an access token. The report never contains the token.

The signature is not verified here: that requires the issuer's keys, and the gateway verifies
every token that it accepts. The report says so.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import JsonValue

EXPECTED_ALGORITHM = "EdDSA"
_PARTS = 3  # RFC 7515 section 7.1


def report_on(token: str, *, issuer: str, audience: str, now: float) -> dict[str, JsonValue]:
    """Decode ``token`` and judge its claims.

    Args:
        token: a compact JWT, or the base64url of one.
        issuer: the ``iss`` that the gateway accepts.
        audience: the ``aud`` that the gateway accepts.
        now: unix seconds.

    Returns:
        ``readable``, ``verdict``, ``problems`` (a list of sentences) and ``claims`` (only the
        ones that identify no secret).
    """
    try:
        header, claims = _decode(token)
    except (ValueError, msgspec.MsgspecError, binascii.Error):
        return {
            "readable": False,
            "verdict": "This is not a JWT: it does not decode into a header and claims.",
            "problems": ["The gateway answers it with 401 token_invalid, or close code 4401."],
            "signature_checked": False,
        }
    problems = [*_header_problems(header), *_claim_problems(claims, issuer, audience, now)]
    verdict = (
        "The claims are in order; if it is refused, suspect its signature or a revoked session."
        if not problems
        else "The gateway would refuse this token."
    )
    return {
        "readable": True,
        "verdict": verdict,
        "problems": list[JsonValue](problems),
        "claims": _shown(header, claims),
        "signature_checked": False,
    }


def _decode(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if token.startswith("ZXlK"):
        token = _base64url(token).decode("ascii")
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise ValueError("not a compact JWS")
    header, claims = (msgspec.json.decode(_base64url(part), type=dict) for part in parts[:2])
    return header, claims


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _header_problems(header: Mapping[str, Any]) -> list[str]:
    problems = []
    if header.get("alg") != EXPECTED_ALGORITHM:
        problems.append(
            "It is not signed with EdDSA. HS256 is accepted only where ENVIRONMENT=test."
        )
    elif not isinstance(header.get("kid"), str):
        problems.append("Its header names no key (kid).")
    return problems


def _claim_problems(claims: Mapping[str, Any], issuer: str, audience: str, now: float) -> list[str]:
    problems = []
    if claims.get("iss") != issuer:
        problems.append("It comes from another issuer (iss).")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        problems.append("It is meant for another audience (aud).")
    missing = [name for name in ("sub", "exp", "iat", "jti", "sid", "roles") if name not in claims]
    if missing:
        problems.append(f"Required claims are missing: {', '.join(missing)}.")
    problems += [
        f"The claim {name} is not a UUID."
        for name in ("sub", "sid")
        if name in claims and not _is_uuid(claims[name])
    ]
    expires = _number(claims.get("exp"))
    if expires is not None and expires <= now:
        problems.append(
            f"It expired {_duration(now - expires)} ago; refresh it (close code 4401 or 4419)."
        )
    issued = _number(claims.get("iat"))
    if issued is not None and issued > now + 5:
        problems.append("It was issued in the future: compare the clocks of the two hosts.")
    return problems


def _shown(header: Mapping[str, Any], claims: Mapping[str, Any]) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = {"alg": _text(header.get("alg")), "typ": _text(header.get("typ"))}
    shown |= {name: _text(claims.get(name)) for name in ("iss", "aud", "sub")}
    roles = claims.get("roles")
    shown["roles"] = [_text(role) for role in roles] if isinstance(roles, list) else None
    for name in ("iat", "exp"):
        number = _number(claims.get(name))
        shown[name] = None if number is None else _moment(number)
    return shown


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:100]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 2**40 else None


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
