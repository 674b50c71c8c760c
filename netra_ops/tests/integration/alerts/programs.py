"""Debian's Prometheus and Alertmanager for tests, as processes."""

import os
from pathlib import Path

import pytest

from netra_ops.errors import SomethingAbsent
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from test_framework.debian import ensure_program


def program(name: str, package: str) -> Path:
    """Return the program, or skip where it cannot be had."""
    try:
        return ensure_program(name, package)
    except SomethingAbsent:
        pytest.skip(
            "needs Debian's prometheus and prometheus-alertmanager, from PATH or apt-get download"
        )


# Debian's Alertmanager reads its templates from here, and no option changes that.
TEMPLATES = Path("/usr/share/prometheus/alertmanager")


def relocated(unpacked: Path) -> Path:
    """Return a copy of an unpacked program that reads its templates from its working directory.

    The compiled path is replaced by a relative one of the same length.
    """
    copy = unpacked.with_name(f"{unpacked.name}.relocated")
    if not copy.exists():
        compiled = str(TEMPLATES).encode()
        binary = unpacked.read_bytes()
        assert compiled in binary
        written = copy.with_suffix(f".{os.getpid()}")
        written.write_bytes(binary.replace(compiled, compiled.lstrip(b"/") + b"/"))
        written.chmod(0o755)
        written.rename(copy)
    return copy


def alertmanager(folder: Path, port: int = 0) -> HttpServer:
    """Return an Alertmanager that keeps alerts and notifies no one; not started."""
    port = port or free_port()
    found = program("prometheus-alertmanager", "prometheus-alertmanager")
    if not (TEMPLATES / "default.tmpl").exists():
        found = relocated(found)
    configuration = folder / "alertmanager.yml"
    configuration.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    return HttpServer(
        "alertmanager",
        [
            found,
            f"--config.file={configuration}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address={LOOPBACK}:{port}",
            "--cluster.listen-address=",
        ],
        port=port,
        ready_path="/-/ready",
        log_path=folder / "alertmanager.log",
        working_directory=found.parents[2],  # above usr/bin
    )


def prometheus(folder: Path, scrape: str) -> HttpServer:
    """Return a Prometheus that scrapes by the YAML list ``scrape`` every second; not started."""
    port = free_port()
    configuration = folder / "prometheus.yml"
    configuration.write_text(
        f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nscrape_configs: {scrape}\n"
    )
    return HttpServer(
        "prometheus",
        [
            program("prometheus", "prometheus"),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address={LOOPBACK}:{port}",
        ],
        port=port,
        ready_path="/-/ready",
        log_path=folder / "prometheus.log",
    )
