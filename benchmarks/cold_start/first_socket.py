"""From the start of a process to the first WebSocket that it accepts."""

import os
import secrets
import signal
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from netra_ops.services.loopback import free_port

GIVE_UP_SECONDS = 60.0
STOP_SECONDS = 15.0
RETRY_SECONDS = 0.002  # the resolution of the wall time
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server to start.

    Attributes:
        name: for the table.
        argv: its command line.
        environment: its whole environment but ``PORT``, which is added.
        headers: further lines of the upgrade request, without line ends.
        first_event: has a conversation with the server on the given port and returns when the
            first event of an agent has come; None for a server without agents.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    headers: tuple[str, ...] = ()
    first_event: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class FirstSocket:
    """One cold start.

    Attributes:
        wall_seconds: from ``fork`` to the answer 101.
        cpu_seconds: what the process had used by then, user and system, children not included.
        rss_mib: its resident memory by then.
        tree_cpu_seconds: what it and all its descendants had used by then.
        tree_rss_mib: their resident memory once an agent has answered, or by then without one.
        event_seconds: from ``fork`` to the first event of an agent; None without agents.
    """

    wall_seconds: float
    cpu_seconds: float
    rss_mib: float
    tree_cpu_seconds: float
    tree_rss_mib: float
    event_seconds: float | None


def first_socket(candidate: Candidate, folder: Path) -> FirstSocket:
    """Start ``candidate``, connect until it accepts a WebSocket, stop it.

    Raises:
        RuntimeError: it ended, or refused the upgrade; the message has the end of its output.
    """
    port = free_port()
    environment = {**candidate.environment, "PORT": str(port)}
    log = folder / f"{candidate.name}.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            candidate.argv, env=environment, stdout=output, stderr=output, cwd=Path.cwd()
        )
        try:
            _connect_until_accepted(process, port, candidate.headers, log)
            wall = time.perf_counter() - started
            measured = psutil.Process(process.pid)
            cpu = _cpu(measured)
            resident = measured.memory_info().rss
            tree_cpu = cpu + sum(map(_cpu, measured.children(recursive=True)))
            event: float | None = None
            if candidate.first_event is not None:
                candidate.first_event(port)
                event = time.perf_counter() - started
            family = [measured, *measured.children(recursive=True)]
            tree_resident = sum(one.memory_info().rss for one in family)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    return FirstSocket(wall, cpu, resident / _MIB, tree_cpu, tree_resident / _MIB, event)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _connect_until_accepted(
    process: "subprocess.Popen[bytes]", port: int, headers: Sequence[str], log: Path
) -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            status_line = _upgrade(port, headers)
        except ConnectionError:
            status_line = ""
        if status_line.startswith("HTTP/1.1 101"):
            return
        if status_line or process.poll() is not None or time.monotonic() > give_up:
            words = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"no socket ({status_line or 'no answer'}):\n{words}")
        time.sleep(RETRY_SECONDS)


def _upgrade(port: int, headers: Sequence[str]) -> str:
    """Send one upgrade request (RFC 6455 section 4.1) and return the status line."""
    lines = [
        "GET /ws HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(secrets.token_bytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_SECONDS) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = connection.recv(4096)
    return answer.split(b"\r\n", 1)[0].decode("latin-1")


def base_environment() -> dict[str, str]:
    """Return what a process needs to run at all."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
