"""The provider process: go-plugin's handshake, then gRPC on a Unix socket until asked to stop.

Protocol: https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
"""

import base64
import datetime as dt
import json
import os
import signal
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from netra_cloud.terraform.findings import Options
from netra_cloud.terraform.stand_in.messages import message
from netra_cloud.terraform.stand_in.provider import StandIn
from netra_cloud.terraform.stand_in.service import handlers
from netra_cloud.terraform.values import Value
from netra_cloud.terraform.variable_files import given_values

MAGIC_COOKIE = "TF_PLUGIN_MAGIC_COOKIE"
CLOUD_FILE_VARIABLE = "NETRA_CLOUD_FILE"
VARIABLES_VARIABLE = "NETRA_STAND_IN_VARIABLES"  # {"files": […], "settings": ["NAME=VALUE"]}
_CORE_PROTOCOL, _PROVIDER_PROTOCOL = 1, 6
_MAX_MESSAGE = 64 * 1024 * 1024  # the schema of all types has some 10 MB
_WORKERS = 4
_STOP_SECONDS = 1.0
_PARENT_SECONDS = 1.0  # how often the provider looks whether terraform still lives


def main() -> int:
    """Serve until terraform asks to stop; 1 when not started by terraform."""
    if MAGIC_COOKIE not in os.environ:
        sys.stderr.write("This program is a plugin; terraform starts it (netra terraform …).\n")
        return 1
    provider = sys.argv[1] if len(sys.argv) > 1 else "google"
    parent = os.getppid()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # terraform gets it too and decides
    cloud_file = Path(os.environ.get(CLOUD_FILE_VARIABLE, "cloud.json")).resolve()
    stand_in = StandIn(Path.cwd(), cloud_file, Options(), provider, _variables)
    with tempfile.TemporaryDirectory(prefix="stand-in-") as directory:
        socket = Path(directory) / "plugin.sock"
        key, certificate = _identity()
        server = grpc.server(
            ThreadPoolExecutor(_WORKERS),
            options=[
                ("grpc.max_receive_message_length", _MAX_MESSAGE),
                ("grpc.max_send_message_length", _MAX_MESSAGE),
            ],
        )
        server.add_generic_rpc_handlers((handlers(stand_in), _controller(stopped)))
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        # Terraform's client certificate is on the curve P-521, which gRPC's TLS does not ask for;
        # the socket lies in a directory of mode 700.
        server.add_secure_port(f"unix:{socket}", grpc.ssl_server_credentials([(key, pem)]))
        server.start()
        der = certificate.public_bytes(serialization.Encoding.DER)
        encoded = base64.b64encode(der).decode().rstrip("=")
        sys.stdout.write(f"{_CORE_PROTOCOL}|{_PROVIDER_PROTOCOL}|unix|{socket}|grpc|{encoded}\n")
        sys.stdout.flush()
        while os.getppid() == parent and not stopped.wait(_PARENT_SECONDS):
            pass  # a terraform that was killed says nothing; its provider must not outlive it
        server.stop(_STOP_SECONDS).wait(_STOP_SECONDS)
    return 0


def _variables() -> dict[str, Value]:
    """Return the values that terraform has for the root module, as far as they are known here."""
    given = json.loads(os.environ.get(VARIABLES_VARIABLE, "{}"))
    files = [Path(name) for name in given.get("files", ())]
    return given_values(
        Path.cwd(), [file for file in files if file.exists()], given.get("settings", ()), os.environ
    )


def _controller(stopped: threading.Event) -> grpc.GenericRpcHandler:
    """Return go-plugin's own service: a polite request to end."""
    empty = message("Empty")

    def shutdown(_request: object, _context: object) -> object:
        stopped.set()
        return empty()

    return grpc.method_handlers_generic_handler(
        "plugin.GRPCController",
        {
            "Shutdown": grpc.unary_unary_rpc_method_handler(
                shutdown,
                request_deserializer=empty.FromString,
                response_serializer=empty.SerializeToString,
            )
        },
    )


def _identity() -> tuple[bytes, x509.Certificate]:
    """Return a private key (PEM) and a certificate for this process alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem, certificate


if __name__ == "__main__":
    sys.exit(main())
