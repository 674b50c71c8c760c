"""Terraform's functions for encodings, digests, files and addresses.

Source: https://developer.hashicorp.com/terraform/language/functions
"""

import base64
import csv
import hashlib
import ipaddress
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from posixpath import dirname, normpath
from typing import Any
from urllib.parse import quote_plus

try:
    from yaml import YAMLError, safe_load
except ModuleNotFoundError:
    HAS_YAML = False  # the lint as a script of a clone has the standard library alone
else:
    HAS_YAML = True

from netra_cloud.terraform.conversion import Failed, NotKnown, to_number, to_string

# Go's encoder writes these as escapes, so that JSON can stand in HTML.
_ESCAPED = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


_BARE_BOOLEAN = re.compile(r"\b[yYnN]\b")


def json_text(value: Any) -> str:
    """Return JSON as Terraform writes it: sorted keys, no spaces, some characters escaped."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return text


def _yamldecode(text: Any) -> Any:
    """Return a YAML value.

    Raises:
        NotKnown: a bare ``y`` or ``n``, which is a boolean for Terraform and text for this reader;
            or there is no PyYAML.
    """
    source = to_string(text)
    if not HAS_YAML:
        raise NotKnown("PyYAML is not installed")
    if _BARE_BOOLEAN.search(source):
        raise NotKnown("y and n are booleans for Terraform")
    try:
        return safe_load(source)
    except YAMLError as error:
        raise Failed(f"not YAML: {error}") from error


def _digest(algorithm: str) -> Callable[[Any], str]:
    return lambda text: hashlib.new(algorithm, to_string(text).encode()).hexdigest()


def _base64_digest(algorithm: str) -> Callable[[Any], str]:
    return lambda text: _base64(hashlib.new(algorithm, to_string(text).encode()).digest())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _base64decode(text: Any) -> str:
    return base64.b64decode(to_string(text), validate=True).decode()


def _csvdecode(text: Any) -> list[Any]:
    return [dict(row) for row in csv.DictReader(to_string(text).splitlines())]


def _subnet(prefix: Any, new_bits: Any, number: Any) -> str:
    network = ipaddress.ip_network(to_string(prefix), strict=False)
    bits, wanted = int(to_number(new_bits)), int(to_number(number))
    length = network.prefixlen + bits
    if not 0 <= wanted < 2**bits or length > network.max_prefixlen:
        raise Failed(f"{prefix} has no subnet {number}")
    start = int(network.network_address) + (wanted << (network.max_prefixlen - length))
    return f"{ipaddress.ip_address(start)}/{length}"


def _host(prefix: Any, number: Any) -> str:
    network = ipaddress.ip_network(to_string(prefix), strict=False)
    return str(network[int(to_number(number))])


def _subnets(prefix: Any, *new_bits: Any) -> list[str]:
    """Return consecutive subnets, each at the next address that is a multiple of its size."""
    network = ipaddress.ip_network(to_string(prefix), strict=False)
    position, found = int(network.network_address), []
    for bits in new_bits:
        length = network.prefixlen + int(to_number(bits))
        if length > network.max_prefixlen:
            raise Failed(f"{prefix} has no subnets of {length} bits")
        size = 1 << (network.max_prefixlen - length)
        start = -(-position // size) * size
        position = start + size
        if position > int(network.broadcast_address) + 1:
            raise Failed(f"{prefix} is too small")
        found.append(f"{ipaddress.ip_address(start)}/{length}")
    return found


def _uuidv5(namespace: Any, name: Any) -> str:
    known = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID,
             "x500": uuid.NAMESPACE_X500}  # fmt: skip
    space = to_string(namespace)
    return str(uuid.uuid5(known.get(space) or uuid.UUID(space), to_string(name)))


def _netmask(prefix: Any) -> str:
    return str(ipaddress.IPv4Network(to_string(prefix), strict=False).netmask)


ENCODING: dict[str, Callable[..., Any]] = {
    "base64decode": _base64decode,
    "base64encode": lambda text: _base64(to_string(text).encode()),
    "base64sha256": _base64_digest("sha256"),
    "base64sha512": _base64_digest("sha512"),
    "cidrhost": _host,
    "cidrnetmask": _netmask,
    "cidrsubnet": _subnet,
    "cidrsubnets": _subnets,
    "csvdecode": _csvdecode,
    "jsondecode": lambda text: json.loads(to_string(text)),
    "jsonencode": json_text,
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
    "yamldecode": _yamldecode,
    "uuidv5": _uuidv5,
    "urlencode": lambda text: quote_plus(to_string(text)),
}


def _basename(path: Any) -> str:
    return PurePosixPath(to_string(path)).name


FILES: dict[str, Callable[..., Any]] = {
    "abspath": lambda base, path: str((base / path).resolve()),
    "basename": lambda _, path: _basename(path),
    "dirname": lambda _, path: normpath(dirname(to_string(path))),
    "file": lambda base, path: (base / path).read_text(encoding="utf-8"),
    "filebase64": lambda base, path: _base64((base / path).read_bytes()),
    "filebase64sha256": lambda base, path: _base64(_read(base, path, "sha256").digest()),
    "fileexists": lambda base, path: (base / path).is_file(),
    "filemd5": lambda base, path: _read(base, path, "md5").hexdigest(),
    "fileset": lambda base, path, pattern: _fileset(base / path, pattern),
    "filesha256": lambda base, path: _read(base, path, "sha256").hexdigest(),
    "pathexpand": lambda _, path: str(Path(path).expanduser()),
}


def _read(base: Path, path: str, algorithm: str) -> Any:
    return hashlib.new(algorithm, (base / path).read_bytes())


def _fileset(directory: Path, pattern: str) -> list[str]:
    return sorted(
        str(found.relative_to(directory)) for found in directory.glob(pattern) if found.is_file()
    )
