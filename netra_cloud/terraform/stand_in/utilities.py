"""What the utility providers compute: random, time, tls, local and null.

Values are of the right form and otherwise invented. Nothing is written, waited for or run: a
``local_file`` exists in the state alone, and ``time_sleep`` does not sleep.
"""

import base64
import datetime as dt
import secrets
import string
import uuid
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from netra_cloud.terraform.stand_in.data_sources import digests
from netra_cloud.terraform.stand_in.state_values import State, UnknownValue

_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nstand-in\n-----END CERTIFICATE-----\n"
_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"  # random_string's own default
_WORDS = ("brave", "calm", "eager", "fair", "glad", "kind", "lively", "proud")
_CURVES: dict[str, ec.EllipticCurve] = {
    "P224": ec.SECP224R1(),
    "P256": ec.SECP256R1(),
    "P384": ec.SECP384R1(),
    "P521": ec.SECP521R1(),
}
_RSA_BITS, _PET_WORDS = 2048, 2
_MIN_RSA_BITS = 1024


def utility_values(resource_type: str, planned: State) -> State:
    """Return what the provider of ``resource_type`` would compute; empty for other types."""
    compute = _COMPUTED.get(resource_type)
    return {} if compute is None else compute(planned)


def _known(planned: State, name: str, default: Any) -> Any:
    value = planned.get(name)
    return default if value is None or isinstance(value, UnknownValue) else value


def _random_id(planned: State) -> State:
    content = secrets.token_bytes(int(planned["byte_length"]))
    prefix = _known(planned, "prefix", "")
    url = base64.urlsafe_b64encode(content).decode().rstrip("=")
    return {
        "id": url,
        "b64_url": prefix + url,
        "b64_std": prefix + base64.b64encode(content).decode(),
        "hex": prefix + content.hex(),
        "dec": prefix + str(int.from_bytes(content)),
    }


def _random_bytes(planned: State) -> State:
    content = secrets.token_bytes(int(planned["length"]))
    return {"hex": content.hex(), "base64": base64.b64encode(content).decode()}


def _random_text(planned: State) -> State:
    """Return a text of the wanted kinds of characters, at least the wanted number of each."""
    kinds = {
        "lower": string.ascii_lowercase,
        "upper": string.ascii_uppercase,
        "numeric": string.digits,
        "special": _known(planned, "override_special", "") or _SPECIAL,
    }
    chosen = {kind: text for kind, text in kinds.items() if _known(planned, kind, default=True)}
    characters = [
        secrets.choice(text)
        for kind, text in chosen.items()
        for _ in range(int(_known(planned, f"min_{kind}", 0)))
    ]
    every = "".join(chosen.values())
    missing = int(planned["length"]) - len(characters)
    characters += [secrets.choice(every) for _ in range(max(0, missing))]
    secrets.SystemRandom().shuffle(characters)
    counts = {f"min_{kind}": 0 for kind in kinds}
    return {"result": "".join(characters), **dict.fromkeys((*kinds, "number"), True), **counts}


def _random_pet(planned: State) -> State:
    length = int(_known(planned, "length", _PET_WORDS))
    words = [secrets.choice(_WORDS) for _ in range(length)]
    separator = _known(planned, "separator", "-")
    prefix = _known(planned, "prefix", None)
    text = separator.join([*([prefix] if prefix else []), *words])
    return {"id": text, "length": length, "separator": separator}


def _random_integer(planned: State) -> State:
    low, high = int(planned["min"]), int(planned["max"])
    result = low + secrets.randbelow(max(1, high - low + 1))
    return {"result": result, "id": str(result)}


def _random_shuffle(planned: State) -> State:
    items = list(planned["input"])
    secrets.SystemRandom().shuffle(items)
    return {"result": items[: int(_known(planned, "result_count", len(items)))], "id": "-"}


def _random_uuid(_: State) -> State:
    text = str(uuid.uuid4())
    return {"id": text, "result": text}


def _time(_: State) -> State:
    now = dt.datetime.now(dt.UTC)
    text = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {name: getattr(now, name) for name in ("year", "month", "day")}
    parts |= {name: getattr(now, name) for name in ("hour", "minute", "second")}
    stamps = dict.fromkeys(("id", "rfc3339", "base_rfc3339", "rotation_rfc3339"), text)
    return {**stamps, **parts, "unix": int(now.timestamp())}


def _private_key(planned: State) -> State:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    curve, bits = _known(planned, "ecdsa_curve", "P224"), _known(planned, "rsa_bits", _RSA_BITS)
    if planned["algorithm"] == "RSA":
        key = rsa.generate_private_key(65537, max(_MIN_RSA_BITS, int(bits)))
    elif planned["algorithm"] == "ECDSA":
        key = ec.generate_private_key(_CURVES.get(curve, ec.SECP256R1()))
    else:
        key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    computed = {"private_key_pem": pem, "private_key_pem_pkcs8": pem, "private_key_openssh": ""}
    return {
        **computed,
        "id": digests(public)["id"],
        "public_key_pem": public.decode(),
        "ecdsa_curve": curve,
        "rsa_bits": bits,
    }


def _certificate(planned: State) -> State:
    end = dt.datetime.now(dt.UTC) + dt.timedelta(hours=float(planned["validity_period_hours"]))
    return {
        "id": "1",
        "cert_pem": _CERTIFICATE,
        "validity_start_time": _time(planned)["rfc3339"],
        "validity_end_time": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _local_file(planned: State) -> State:
    encoded = _known(planned, "content_base64", None)
    content = base64.b64decode(encoded) if encoded else str(_known(planned, "content", "")).encode()
    return {**digests(content), "file_permission": "0777", "directory_permission": "0777"}


def _null(_: State) -> State:
    return {"id": str(secrets.randbits(63))}


_COMPUTED: dict[str, Callable[[State], State]] = {
    "local_file": _local_file,
    "local_sensitive_file": _local_file,
    "null_resource": _null,
    "random_bytes": _random_bytes,
    "random_id": _random_id,
    "random_integer": _random_integer,
    "random_password": lambda planned: {**_random_text(planned), "id": "none"},
    "random_pet": _random_pet,
    "random_shuffle": _random_shuffle,
    "random_string": lambda planned: (text := _random_text(planned)) | {"id": text["result"]},
    "random_uuid": _random_uuid,
    "random_uuid4": _random_uuid,
    "random_uuid7": _random_uuid,
    "time_offset": _time,
    "time_rotating": _time,
    "time_sleep": _time,
    "time_static": _time,
    "tls_locally_signed_cert": _certificate,
    "tls_private_key": _private_key,
    "tls_self_signed_cert": _certificate,
}
