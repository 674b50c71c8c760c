"""The attempts of ``scripts/check_header_contract.py``, one after another."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from netra_client.errors import NetraClientError
from netra_client.handshake import SUBPROTOCOL
from netra_ops.edge.contract import rows
from netra_ops.edge.contract.arrival import Arrival, Sent, is_same
from netra_ops.edge.contract.doors import Door, HandshakeDoor, HttpDoor
from netra_ops.edge.contract.rows import FORGED, Row
from netra_shared.http.edge_headers import CONTRACT

_STRANGER = "127.0.0.2"  # loopback too, and not the edge's address
_CLAIM = "192.0.2.77"  # RFC 5737: an address for documentation
_LARGE = 4 * 1024  # a token with many claims
_LOG_SECONDS, _POLL_SECONDS = 5.0, 0.05  # Envoy writes five times a second
_OVERSIZE = 70 * 1024  # above Google's and Envoy's 60 KiB for all headers
_ENDED_AT_THE_EDGE = (
    ("Proxy-Authorization", "Basic eDp5"),
    ("Proxy-Connection", "keep-alive"),
    ("TE", "trailers"),
    ("Keep-Alive", "timeout=5"),
)


@dataclass(frozen=True)
class Target:
    """Where and as whom the check asks.

    Attributes:
        base_url: of the edge.
        origin: an allowed one.
        token: an access token.
        logs: the log files of a local stack; None elsewhere.
        backend_port: of the local backend, behind the edge; None elsewhere.
    """

    base_url: str
    origin: str
    token: str
    logs: Path | None = None
    backend_port: int | None = None


async def check(target: Target) -> AsyncIterator[Row]:
    """Yield each judgement as soon as it is made.

    Raises:
        NetraClientError: the edge is not reached, or no Netra backend answers behind it.
    """
    secret = uuid4().hex  # looked for in the logs at the end
    doors: list[Door] = [HttpDoor(target.base_url), HandshakeDoor(target.base_url)]
    for door in doors:
        async for row in _through(door, target, secret):
            yield row
    for row in await subprotocols(target):
        yield row
    yield await _around_the_edge(target)
    yield await _logs(target, secret)


async def _through(door: Door, target: Target, secret: str) -> AsyncIterator[Row]:
    own = door.credential(target.token)
    sent = [*own, *_plain(target, secret)]
    outcome = await door.send(sent)
    for row in rows.forwarded("forwarded", door.name, sent, outcome):
        yield row
    secure = target.base_url.startswith("https")
    for row in rows.added(door.name, outcome, secure=secure):
        yield row
    odd = [(_odd_case(name), value) for name, value in sent]
    for row in rows.forwarded("odd case", door.name, odd, await door.send(odd)):
        yield row
    forged = _forged()
    for row in rows.forgery(door.name, forged, await door.send([*own, *forged])):
        yield row
    names = [name.lower() for name, _ in _ENDED_AT_THE_EDGE]
    ended = await door.send([*own, *_ENDED_AT_THE_EDGE])
    for row in rows.gone("hop by hop", door.name, names, ended):
        yield row
    yield rows.chain(door.name, _CLAIM, await door.send([*own, ("X-Forwarded-For", _CLAIM)]))
    for row in await _duplicates(door, target):
        yield row
    for row in await _sizes(door, own):
        yield row


def _plain(target: Target, secret: str) -> Sent:
    trace = uuid4().hex
    return [
        ("Origin", target.origin),
        ("Cookie", f"contract={secret}"),
        ("User-Agent", "netra-header-contract/1"),
        ("traceparent", f"00-{trace}-00f067aa0ba902b7-01"),
        ("tracestate", "netra=1"),
        ("X-Cloud-Trace-Context", f"{trace}/1"),
        ("X-Request-Id", str(uuid4())),
    ]


def _odd_case(name: str) -> str:
    """Return ``name`` as ``aUtHoRiZaTiOn``."""
    return "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(name))


def _forged() -> Sent:
    """Return every name that a client may not use, in three spellings."""
    return [
        (spelling, f"{FORGED}-{number}")
        for number, name in enumerate((*CONTRACT.added, *CONTRACT.removed))
        for spelling in (name, name.title(), name.upper())
    ]


async def _duplicates(door: Door, target: Target) -> list[Row]:
    own = door.credential(target.token)
    twice = [("X-Request-Id", "first"), ("X-Request-Id", "second")]
    outcome = await door.send([*own, *twice])
    arrived = str(outcome)
    passed = False
    if isinstance(outcome, Arrival):
        values = outcome.values("x-request-id")
        arrived = rows.listed(values)
        passed = ",".join(str(v) for v in values).replace(" ", "") == "first,second"
    found = [Row("duplicates", door.name, "x-request-id", passed, "first, second", arrived)]
    origins = [("Origin", target.origin), ("Origin", "https://other.example")]
    other = [("Authorization", "Bearer a.b.c"), ("Authorization", f"Bearer {target.token}")]
    for name, headers in (("origin", [*own, *origins]), ("authorization", other)):
        outcome = await door.send(headers)
        found.append(rows.refused("duplicates", door.name, name, "two that differ", outcome))
    return found


async def _sizes(door: Door, own: Sent) -> list[Row]:
    large = [("Cookie", f"large={'x' * _LARGE}")]
    found = rows.forwarded("size", door.name, large, await door.send([*own, *large]))
    too_much = await door.send([*own, ("Cookie", f"large={'x' * _OVERSIZE}")])
    name = f"{_OVERSIZE // 1024} KiB"
    found.append(rows.refused("size", door.name, name, "cookie", too_much))
    after = await door.send(own)
    served = isinstance(after, Arrival)
    found.append(Row("size", door.name, "the next one", served, "", "served" if served else "lost"))
    return found


async def subprotocols(target: Target) -> list[Row]:
    """The offer as one list, and as several fields (RFC 6455 section 11.3.4)."""
    door = HandshakeDoor(target.base_url)
    token = f"jwt.{target.token}"
    fields = [("Sec-WebSocket-Protocol", SUBPROTOCOL), ("sec-websocket-protocol", token)]
    outcome = await door.send(fields)
    arrived, passed = str(outcome), False
    if isinstance(outcome, Arrival):
        values = outcome.values("sec-websocket-protocol")
        arrived = f"{rows.listed(values)}; selected {outcome.selected}"
        joined = (f"{SUBPROTOCOL}, {token}", f"{SUBPROTOCOL},{token}")
        is_whole = (len(values) == 1 and is_same(values[0], *joined)) or (
            [is_same(v, wanted) for v, wanted in zip(values, (SUBPROTOCOL, token), strict=False)]
            == [True, True]
        )
        passed = is_whole and outcome.selected == SUBPROTOCOL
    several = Row(
        "subprotocol", door.name, "several fields", passed, f"{SUBPROTOCOL} | jwt.…", arrived
    )
    last = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    bad = await door.send([("Sec-WebSocket-Protocol", f"{SUBPROTOCOL}, {last}")])
    wrong = rows.refused("subprotocol", door.name, "wrong signature", "jwt.…", bad)
    return [several, wrong]


async def _around_the_edge(target: Target) -> Row:
    """Ask the local backend directly, from an address that is not the edge's."""
    group, door, name = "around the edge", "request", "forged statements"
    if target.backend_port is None:
        why = "the service has no address of its own (ingress, default_uri_disabled)"
        return Row(group, door, name, None, "", f"not possible here: {why}")
    direct = HttpDoor(f"http://127.0.0.1:{target.backend_port}", door, _STRANGER)
    try:
        outcome = await direct.send([*direct.credential(target.token), *_forged()])
    except NetraClientError as error:
        return Row(group, door, name, None, "", f"not possible here: {error.message}")
    passed = isinstance(outcome, Arrival) and not outcome.from_edge
    survived: Sequence[str] = []
    if isinstance(outcome, Arrival):
        survived = [n for n in CONTRACT.added if outcome.values(n)]
        passed = passed and not survived
    arrived = f"believed: {', '.join(survived) or 'nothing'}"
    return Row(group, door, name, passed, f"from {_STRANGER}", arrived)


async def _logs(target: Target, secret: str) -> Row:
    """Look for what was sent in every local log, once the edge has written its last line."""
    group, name = "never logged", "token and cookie"
    if target.logs is None:
        query = "gcloud logging read 'httpRequest.requestUrl:\"/headers\"'"
        return Row(group, "logs", name, None, "", f"not possible here; look with: {query}")
    door = HttpDoor(target.base_url)
    last = str(uuid4())
    await door.send([*door.credential(target.token), ("X-Request-Id", last)])
    if not await _appears(target.logs / "edge.log", last):
        return Row(group, "logs", name, False, "", "the edge does not log its requests")
    files = [file for file in sorted(target.logs.iterdir()) if file.is_file()]
    needles = (secret, target.token.rpartition(".")[2])
    guilty = [f.name for f in files if any(n in f.read_text(errors="replace") for n in needles)]
    size = sum(file.stat().st_size for file in files)
    arrived = f"in {', '.join(guilty)}" if guilty else f"in none of {len(files)} files ({size} B)"
    return Row(group, "logs", name, not guilty, "token, cookie", arrived)


async def _appears(file: Path, text: str) -> bool:
    give_up = time.monotonic() + _LOG_SECONDS
    while time.monotonic() < give_up:
        if await asyncio.to_thread(_holds, file, text):
            return True
        await asyncio.sleep(_POLL_SECONDS)
    return False


def _holds(file: Path, text: str) -> bool:
    return file.exists() and text in file.read_text(errors="replace")
