"""The data plane: accepts requests, finds a revision and an instance, and copies bytes.

A WebSocket counts as one request for as long as it is open (doc: run/docs/triggering/websockets).
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from netra_cloud.run.clock import Clock
from netra_cloud.run.front import http_head, pages
from netra_cloud.run.front.http_head import BadMessage, Head
from netra_cloud.run.front.routing import (
    RevisionRules,
    ServiceRoute,
    choose,
    choose_sticky,
)
from netra_cloud.run.runtime.instance import Instance
from netra_cloud.run.runtime.pool import NoInstance, RevisionPool

HEAD_SECONDS = 60.0  # for a request's head on a new connection
KEEP_ALIVE_SECONDS = 610.0  # doc: load-balancing/docs/https, client keep-alive
CONNECT_SECONDS = 5.0  # to an instance on loopback
CLOSE_SECONDS = 1.0
AFFINITY_COOKIE = "GAESA"
AFFINITY_SECONDS = 30 * 24 * 3600  # doc: configuring/session-affinity
_RESERVED_PATHS = frozenset({"/healthz"})
_HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection", "te", "upgrade")


class Fleet(Protocol):
    """What the front asks the controller for."""

    def pool(self, service: str, location: str, revision: str) -> RevisionPool | None:
        """Return a revision's instances."""

    def rules(self, service: str, location: str, revision: str) -> RevisionRules:
        """Return what a revision's template says about requests."""

    def record(self, route: ServiceRoute, revision: str, entry: dict[str, Any]) -> None:
        """Write an entry of the request log."""


# Returns the route and the tag (or empty) of a request with this Host; None when there is none.
Door = Callable[[str], tuple[ServiceRoute, str] | None]


@dataclass
class _Exchange:
    """One request on its way."""

    head: Head
    route: ServiceRoute
    revision: str
    rules: RevisionRules
    cookie: str
    status: int = 0
    started: bool = False


class Front:
    """Serves connections of one door: the run.app addresses, or one network endpoint group."""

    def __init__(self, fleet: Fleet, door: Door, clock: Clock, *, direct: bool) -> None:
        self._fleet = fleet
        self._door = door
        self._clock = clock
        self._direct = direct
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, port: int) -> int:
        """Serve on a loopback port; 0 lets the kernel choose. Return the port.

        Raises:
            OSError: the port is taken.
        """
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", port, limit=http_head.MAX_HEAD, backlog=2048
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- start_server runs this in one
        self._connections.add(task)
        try:
            wait = HEAD_SECONDS
            while await self._one_request(reader, writer, wait):
                wait = KEEP_ALIVE_SECONDS
        except (OSError, TimeoutError, BadMessage):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await writer.wait_closed()

    async def _one_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wait: float
    ) -> bool:
        """Serve a request; return whether the connection can carry another."""
        async with asyncio.timeout(wait):
            try:
                head = await http_head.read_head(reader, request=True)
            except BadMessage:
                await _answer(writer, pages.BAD_REQUEST, close=True)
                return False
        if head is None:
            return False
        exchange = self._route(head)
        if isinstance(exchange, pages.Page):
            return await _refuse(head, writer, exchange)
        pool = self._fleet.pool(exchange.route.service, exchange.route.location, exchange.revision)
        if pool is None:
            return await _refuse(head, writer, pages.UNAVAILABLE)
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            instance = await pool.acquire(_instance_of(exchange.cookie))
        except NoInstance:
            self._record(exchange, 429, loop.time() - started, "")
            return await _refuse(head, writer, pages.RATE_EXCEEDED)
        try:
            return await self._exchange(exchange, instance, reader, writer)
        finally:
            pool.release(instance)
            self._record(exchange, exchange.status, loop.time() - started, instance.id)

    def _route(self, head: Head) -> _Exchange | pages.Page:
        found = self._door(head.get("host"))
        if found is None:
            return pages.NO_SERVICE
        route, tag = found
        if self._direct and not route.direct:
            return pages.NO_SERVICE
        path = head.target.partition("?")[0]
        if self._direct and path in _RESERVED_PATHS:
            return pages.reserved(path)
        cookie = _cookie(head, AFFINITY_COOKIE)
        if tag:
            revision = route.tags.get(tag, "")
        elif not route.splits:
            revision = ""
        elif cookie:
            # Affinity decides among the revisions that have traffic; others have no share.
            revision = choose_sticky(route.splits, cookie.partition(".")[0])
        else:
            revision = choose(route.splits, random.random())  # noqa: S311 -- a traffic split
        if not revision:
            return pages.NO_SERVICE if tag else pages.UNAVAILABLE
        rules = self._fleet.rules(route.service, route.location, revision)
        if rules.h2c and head.upgrade:
            return pages.H2C_UPGRADE
        if rules.affinity and not cookie and not tag:
            cookie = secrets.token_urlsafe(12)
            revision = choose_sticky(route.splits, cookie)
            rules = self._fleet.rules(route.service, route.location, revision)
        return _Exchange(head, route, revision, rules, cookie if rules.affinity else "")

    async def _exchange(
        self,
        exchange: _Exchange,
        instance: Instance,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                up_reader, up_writer = await asyncio.open_connection(
                    "127.0.0.1", instance.port, limit=http_head.MAX_HEAD
                )
        except (OSError, TimeoutError):
            exchange.status = 503
            return await _refuse(exchange.head, writer, pages.UNAVAILABLE)
        try:
            async with asyncio.timeout(self._clock.real(exchange.rules.timeout_seconds)):
                return await self._relay(
                    exchange, instance, (reader, writer), (up_reader, up_writer)
                )
        except TimeoutError:
            if exchange.started:
                raise  # cut without a close frame: a client sees 1006
            exchange.status = 504
            await _answer(writer, pages.TIMEOUT, close=True)
            return False
        except (BadMessage, ConnectionError):
            if exchange.started:
                raise
            # "the HTTP response was malformed or connection to the instance had an error"
            # (doc: troubleshooting)
            exchange.status = 503
            await _answer(writer, pages.UNAVAILABLE, close=True)
            return False
        finally:
            up_writer.transport.abort()

    async def _relay(
        self,
        exchange: _Exchange,
        instance: Instance,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> bool:
        reader, writer = client
        up_reader, up_writer = upstream
        head = exchange.head
        up_writer.write(http_head.request_bytes(head, self._request_headers(exchange, writer)))
        upload = asyncio.create_task(_upload(head, reader, up_writer))
        try:
            answer = await http_head.read_head(up_reader, request=False)
            while answer is not None and 100 <= answer.status < 200 and answer.status != 101:  # noqa: PLR2004 -- interim (RFC 9110)
                writer.write(http_head.response_bytes(answer.status, answer.reason, answer.headers))
                answer = await http_head.read_head(up_reader, request=False)
            if answer is None:
                raise BadMessage("the instance closed without an answer")
            exchange.status = answer.status
            exchange.started = True
            if answer.status == 101:  # noqa: PLR2004 -- Switching Protocols
                await upload
                await _tunnel(answer, client, upstream)
                return False
            return await self._download(
                exchange, instance, answer, up_reader, writer, upload=upload
            )
        finally:
            upload.cancel()
            with suppress(asyncio.CancelledError, OSError, BadMessage):
                await upload

    def _request_headers(
        self, exchange: _Exchange, writer: asyncio.StreamWriter
    ) -> list[tuple[str, str]]:
        head = exchange.head
        headers = head.without(*_HOP_BY_HOP)
        if self._direct:
            peer = writer.get_extra_info("peername")
            address = str(peer[0]) if peer else "127.0.0.1"
            known = head.get("x-forwarded-for")
            headers = [pair for pair in headers if pair[0] != "x-forwarded-for"]
            headers.append(("x-forwarded-for", f"{known},{address}" if known else address))
            if not head.get("x-forwarded-proto"):
                headers.append(("x-forwarded-proto", "http"))
            if not head.get("x-cloud-trace-context"):
                trace = f"{secrets.token_hex(16)}/{secrets.randbits(63)}"
                headers.append(("x-cloud-trace-context", trace))
        if head.upgrade:
            headers += [("connection", "Upgrade"), ("upgrade", head.get("upgrade"))]
        else:
            headers.append(("connection", "close"))
        return headers

    async def _download(
        self,
        exchange: _Exchange,
        instance: Instance,
        answer: Head,
        source: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        upload: asyncio.Task[None],
    ) -> bool:
        bodiless = exchange.head.method == "HEAD" or answer.status in {204, 304}
        framed = bodiless or answer.chunked or answer.length is not None
        keep = framed and "close" not in exchange.head.get("connection").lower()
        headers = answer.without(*_HOP_BY_HOP)
        if not keep:
            headers.append(("connection", "close"))
        if exchange.cookie:
            client = exchange.cookie.partition(".")[0]
            value = f"{client}.{instance.id}"
            if value != exchange.cookie:
                cookie = f"{AFFINITY_COOKIE}={value}; Max-Age={AFFINITY_SECONDS}; Path=/; HttpOnly"
                headers.append(("set-cookie", cookie))
        writer.write(http_head.response_bytes(answer.status, answer.reason, headers))
        if not bodiless:
            if answer.chunked:
                await http_head.copy_chunked(source, writer)
            elif answer.length is not None:
                await http_head.copy_length(source, writer, answer.length)
            else:
                await http_head.copy_to_end(source, writer)
        await writer.drain()
        return keep and upload.done() and upload.exception() is None

    def _record(self, exchange: _Exchange, status: int, seconds: float, instance: str) -> None:
        head = exchange.head
        labels = {"instanceId": instance} if instance else {}
        severity = "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO"  # noqa: PLR2004 -- classes of status
        self._fleet.record(
            exchange.route,
            exchange.revision,
            {
                "severity": severity,
                "labels": labels,
                "httpRequest": {
                    "requestMethod": head.method,
                    # Without the query, which may carry a credential.
                    "requestUrl": f"http://{head.get('host')}{head.target.partition('?')[0]}",
                    "status": status,
                    "latency": f"{seconds:.6f}s",
                    "userAgent": head.get("user-agent"),
                    "protocol": "HTTP/1.1",
                },
            },
        )


async def _upload(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if head.chunked:
        await http_head.copy_chunked(reader, writer)
    elif head.length:
        await http_head.copy_length(reader, writer, head.length)
    await writer.drain()


async def _tunnel(
    answer: Head,
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Copy both ways until either side closes."""
    reader, writer = client
    up_reader, up_writer = upstream
    writer.write(http_head.response_bytes(answer.status, answer.reason, answer.headers))
    both = [
        asyncio.create_task(http_head.copy_to_end(up_reader, writer)),
        asyncio.create_task(http_head.copy_to_end(reader, up_writer)),
    ]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _refuse(head: Head, writer: asyncio.StreamWriter, page: pages.Page) -> bool:
    """Answer a request that reaches no instance; its body, if any, ends the connection."""
    close = head.chunked or bool(head.length) or head.upgrade
    await _answer(writer, page, close=close, head_only=head.method == "HEAD")
    return not close


async def _answer(
    writer: asyncio.StreamWriter, page: pages.Page, *, close: bool, head_only: bool = False
) -> None:
    body = page.body.encode()
    headers = [
        ("content-type", page.content_type),
        ("content-length", str(len(body))),
        ("server", "Google Frontend"),
    ]
    if close:
        headers.append(("connection", "close"))
    writer.write(http_head.response_bytes(page.status, page.reason, headers))
    if not head_only:
        writer.write(body)
    await writer.drain()


def _cookie(head: Head, name: str) -> str:
    for key, value in head.headers:
        if key == "cookie":
            for pair in value.split(";"):
                found, _, content = pair.strip().partition("=")
                if found == name:
                    return content
    return ""


def _instance_of(cookie: str) -> str:
    return cookie.partition(".")[2]
