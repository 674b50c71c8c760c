"""Debian's Prometheus and Alertmanager for tests, as processes."""

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


def alertmanager(folder: Path, port: int = 0) -> HttpServer:
    """Return an Alertmanager that keeps alerts and notifies no one; not started."""
    port = port or free_port()
    configuration = folder / "alertmanager.yml"
    configuration.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    return HttpServer(
        "alertmanager",
        [
            program("prometheus-alertmanager", "prometheus-alertmanager"),
            f"--config.file={configuration}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address={LOOPBACK}:{port}",
            "--cluster.listen-address=",
        ],
        port=port,
        ready_path="/-/ready",
        log_path=folder / "alertmanager.log",
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
