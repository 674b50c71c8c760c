"""Real servers with one fault each."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Origin, Subprotocol

Handler = Callable[[ServerConnection], Awaitable[None]]


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@contextlib.asynccontextmanager
async def websocket_server(
    handler: Handler = echo,
    *,
    subprotocols: Sequence[str] = (),
    tls: ssl.SSLContext | None = None,
    origins: Sequence[Origin | None] | None = None,
) -> AsyncIterator[int]:
    """Serve WebSockets; yield the port."""
    async with serve(
        handler,
        "127.0.0.1",
        0,
        subprotocols=[Subprotocol(entry) for entry in subprotocols] or None,
        origins=origins,
        ssl=tls,
        ping_interval=None,
    ) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@contextlib.asynccontextmanager
async def http_server(
    status: str, headers: dict[str, str], body: bytes, *, clock_offset: float = 0.0
) -> AsyncIterator[int]:
    """Answer every request alike and close; yield the port."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=clock_offset), usegmt=True)
    lines = [f"HTTP/1.1 {status}", f"Date: {date}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    answer = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> Path:
    """Write a self-signed certificate with its key; a negative ``days`` makes it expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    is_address = host.replace(".", "").isdigit()
    alternative = x509.IPAddress(ip_address(host)) if is_address else x509.DNSName(host)
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}-{days}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


def server_tls(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
