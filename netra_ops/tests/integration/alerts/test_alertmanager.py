"""A real Alertmanager hears of every alert and of its end, also when it was unavailable."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from netra_ops.alerts.board import Alert
from netra_ops.alerts.dispatch import Dispatcher
from netra_ops.alerts.rules import Rule
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from netra_ops.tests.integration.alerts.programs import alertmanager

pytestmark = pytest.mark.integration

RULE = Rule("redis:burn-6", "redis", "critical", 0, "Valkey answers", "docs/runbook/x.md")
STOP_SECONDS = 10.0


async def active(server: HttpServer) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(timeout=20) as http:
        answer = await http.get(f"http://{LOOPBACK}:{server.port}/api/v2/alerts")
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_an_alert_is_raised_kept_and_resolved(tmp_path: Path) -> None:
    server = alertmanager(tmp_path)
    await server.start()
    try:
        url = f"http://{LOOPBACK}:{server.port}"
        dispatcher = Dispatcher("local", 30.0, alertmanager=url, to_console=False)
        dispatcher.restore({})
        now = time.time()
        alert = Alert(RULE, now - 60, "20 % errors")
        assert await dispatcher.dispatch([alert], [alert], now=now, monotonic=0.0) == []
        (found,) = await active(server)
        assert found["labels"]["alertname"] == "Netra_redis_burn_6"
        assert found["status"]["state"] == "active"
        # Sent twice, it is still one alert.
        assert await dispatcher.dispatch([], [alert], now=now + 1, monotonic=31.0) == []
        assert len(await active(server)) == 1
        ended = Alert(RULE, now - 60, "0 % errors", resolved_at=now)
        assert await dispatcher.dispatch([ended], [], now=now, monotonic=32.0) == []
        assert await active(server) == []
    finally:
        await server.stop(STOP_SECONDS)


async def test_what_happened_while_it_was_unavailable_arrives_later(tmp_path: Path) -> None:
    port = free_port()
    dispatcher = Dispatcher(
        "local", 30.0, alertmanager=f"http://{LOOPBACK}:{port}", to_console=False
    )
    dispatcher.restore({})
    now = time.time()
    alert = Alert(RULE, now, "20 % errors")
    (problem,) = await dispatcher.dispatch([alert], [alert], now=now, monotonic=0.0)
    assert problem.startswith("alertmanager is unavailable")
    restarted = Dispatcher(
        "local", 30.0, alertmanager=f"http://{LOOPBACK}:{port}", to_console=False
    )
    restarted.restore(dispatcher.to_json())
    server = alertmanager(tmp_path, port)
    await server.start()
    try:
        assert await restarted.dispatch([], [], now=now, monotonic=0.0) == []
        assert len(await active(server)) == 1
    finally:
        await server.stop(STOP_SECONDS)
