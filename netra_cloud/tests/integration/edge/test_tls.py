"""HTTPS as the load balancer's second forwarding rule makes it, and the first that leads there."""

import datetime as dt
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect

from netra_cloud.edge.listener import TlsFiles
from netra_cloud.tests.integration.edge.conftest import Behind
from netra_cloud.tests.integration.edge.harness import DEADLINE, HOST, received, running_edge


@pytest.fixture
def tls(tmp_path: Path) -> TlsFiles:
    """A certificate for the stack's domain, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(tmp_path / "edge.pem", tmp_path / "edge.key")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.private_key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


async def test_https_serves_sockets_and_http_only_leads_there(
    edge_directory: Path, behind: type[Behind], tls: TlsFiles
) -> None:
    trust = ssl.create_default_context(cafile=str(tls.certificate))
    async with running_edge(edge_directory, behind.targets(), tls=tls) as edge:
        socket_url = f"wss://{HOST}/ws"
        async with connect(socket_url, ssl=trust, host="127.0.0.1", port=edge.port) as socket:
            _, headers = received(await socket.recv())
        assert headers["x-forwarded-proto"] == ["https"]
        assert headers["x-netra-client-encrypted"] == ["true"]
        assert headers["x-netra-tls-version"] == ["TLSv1.3"]
        async with httpx.AsyncClient(timeout=DEADLINE) as client:
            plain = f"http://127.0.0.1:{edge.plain_port}/api/x?a=1"
            answer = await client.get(plain, headers={"host": HOST})
        assert answer.status_code == httpx.codes.MOVED_PERMANENTLY
        assert answer.headers["location"] == f"https://{HOST}/api/x?a=1"
