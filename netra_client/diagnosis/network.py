"""The network below the socket: name, transport, certificate, HTTP and the server's clock."""

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from netra_client.diagnosis.claims import judge_clock
from netra_client.diagnosis.findings import Answer, Finding
from netra_client.timeouts import ClientTimeouts, deadline


@dataclass(frozen=True, slots=True)
class Target:
    """Where the socket is, taken apart."""

    url: str
    host: str
    port: int
    encrypted: bool
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, tls: ssl.SSLContext | None = None) -> "Target":
        """Return the parts of a ws(s):// URL; ``tls`` replaces the system's trust."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "wss"
        if encrypted and tls is None:
            tls = ssl.create_default_context()
        port = parts.port or (443 if encrypted else 80)
        return cls(url, parts.hostname or "", port, encrypted, tls if encrypted else None)

    @property
    def http_url(self) -> str:
        """The same place over HTTP."""
        return f"http{self.url.removeprefix('ws')}"


async def resolves(target: Target, timeouts: ClientTimeouts) -> Finding:
    """Ask the system's resolver for the host."""
    question = f"Does {target.host} resolve?"
    loop = asyncio.get_running_loop()
    try:
        async with deadline("connect", timeouts.connect):
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        remedy = "check the spelling, the DNS record and this machine's resolver"
        return Finding("dns", question, Answer.NO, f"{error.strerror}", remedy)
    addresses = sorted({str(entry[4][0]) for entry in found})
    return Finding("dns", question, Answer.YES, ", ".join(addresses))


async def connects(target: Target, timeouts: ClientTimeouts) -> Finding:
    """Open a TCP connection and drop it."""
    question = f"Does port {target.port} accept connections?"
    started = time.monotonic()
    try:
        async with deadline("connect", timeouts.connect):
            _, writer = await asyncio.open_connection(target.host, target.port)
    except OSError as error:
        remedy = "check that the server runs, the port, and firewalls in between"
        return Finding("tcp", question, Answer.NO, error.strerror or str(error), remedy)
    peer = writer.get_extra_info("peername")
    writer.transport.abort()
    taken = (time.monotonic() - started) * 1000
    return Finding("tcp", question, Answer.YES, f"{peer[0]} accepted after {taken:.0f} ms")


async def certified(target: Target, timeouts: ClientTimeouts) -> Finding:
    """Verify the server's certificate against the trusted authorities."""
    question = "Is the TLS certificate valid for this host?"
    try:
        async with deadline("connect", timeouts.connect):
            _, writer = await asyncio.open_connection(
                target.host, target.port, ssl=target.tls, server_hostname=target.host
            )
    except ssl.SSLCertVerificationError as error:
        remedy = "install a certificate for this host name, or trust its authority here"
        return Finding("tls", question, Answer.NO, error.verify_message, remedy)
    except ssl.SSLError as error:
        remedy = "check that this port speaks TLS"
        return Finding("tls", question, Answer.NO, error.reason or str(error), remedy)
    except OSError as error:
        evidence = f"the connection ended in the TLS handshake: {error}"
        return Finding("tls", question, Answer.NO, evidence, "check that this port speaks TLS")
    session = writer.get_extra_info("ssl_object")
    certificate = session.getpeercert() or {}
    writer.transport.abort()
    evidence = f"{session.version()}, valid until {certificate.get('notAfter', 'unknown')}"
    return Finding("tls", question, Answer.YES, evidence)


async def answers_http(target: Target, timeouts: ClientTimeouts) -> tuple[Finding, float | None]:
    """Send a plain GET; return the finding and the clock's skew in seconds, if known."""
    question = "Does it answer HTTP?"
    try:
        async with (
            deadline("http", timeouts.http),
            httpx.AsyncClient(
                timeout=timeouts.http, verify=target.tls or True, follow_redirects=False
            ) as http,
        ):
            sent = time.time()
            response = await http.get(target.http_url)
            received = time.time()
    except httpx.HTTPError as error:
        evidence = str(error) or type(error).__name__
        remedy = "check that an HTTP server listens on this port"
        return Finding("http", question, Answer.NO, evidence, remedy), None
    server = response.headers.get("server", "not named")
    evidence = f"GET returned HTTP {response.status_code}, server: {server}"
    finding = Finding("http", question, Answer.YES, evidence)
    return finding, _skew(response.headers.get("date"), (sent + received) / 2)


def clock_agrees(skew: float | None) -> Finding:
    """Judge the difference of the clocks."""
    judged = judge_clock(skew)
    question = "Does this machine's clock agree with the server's?"
    return Finding("clock", question, judged.answer, judged.evidence, judged.remedy)


def _skew(date: str | None, now: float) -> float | None:
    if date is None:
        return None
    try:
        return now - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
