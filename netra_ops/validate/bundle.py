"""What a served frontend bundle says of itself: values and pure functions, no network."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from netra_client.handshake import SUBPROTOCOL

MARK = re.compile(r"netra-ws-protocol/(\d+)")
_SCRIPT = re.compile(r"<script[^>]*\ssrc=\"([^\"]+)\"", re.IGNORECASE)
# Chunks that are loaded later are named inside the others, relative to /_next/.
_CHUNK = re.compile(r"static/chunks/[\w./~-]+?\.js")
_NEXT = "/_next/"


@dataclass(frozen=True)
class BuildIdentity:
    """The content of ``/version.json``."""

    digest: str
    protocol_version: int
    protocol_mark: str


@dataclass(frozen=True)
class MarkedChunk:
    """Where the handshake was found."""

    url: str
    version: int


def scripts_of(page: str, page_url: str) -> list[str]:
    """Return the scripts that the page loads, in order, as absolute URLs of its own origin."""
    urls = (urljoin(page_url, source) for source in _SCRIPT.findall(page))
    return list(dict.fromkeys(url for url in urls if url.startswith(urljoin(page_url, "/"))))


def chunks_named_in(text: str, page_url: str) -> set[str]:
    """Return the further chunks that a page or a chunk names."""
    return {urljoin(page_url, _NEXT + name) for name in _CHUNK.findall(text)}


def find_handshake(chunks: Mapping[str, str]) -> list[MarkedChunk]:
    """Return the chunks that hold both literals of the handshake: the subprotocol and the mark.

    Literals survive minification, names do not: ``encodedToken`` is in no bundle.
    """
    return [
        MarkedChunk(url, int(found[1]))
        for url, text in chunks.items()
        if SUBPROTOCOL in text and (found := MARK.search(text)) is not None
    ]


def parse_identity(text: str) -> BuildIdentity:
    """Return the identity in ``/version.json``.

    Raises:
        ValueError: says what is wrong with it.
    """
    try:
        document = json.loads(text)
        identity = BuildIdentity(
            str(document["digest"]), int(document["protocolVersion"]), str(document["protocolMark"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"/version.json is not what a build writes: {error!r}") from None
    if not re.fullmatch(r"[0-9a-f]{64}", identity.digest):
        raise ValueError("/version.json names no SHA-256 digest")
    return identity
