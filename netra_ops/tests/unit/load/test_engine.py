"""The engine against a real server of the wire."""

import asyncio
import json
import time
from contextlib import closing
from socket import socket

from netra_client.models import TokenPair
from netra_client.tests.unit.wire_server import WireServer, running_server
from netra_ops.load.accounting import Figures
from netra_ops.load.ceiling import measure_ceiling
from netra_ops.load.coordinator import run_workers
from netra_ops.load.engine import Engine
from netra_ops.load.plan import WorkerPlan
from netra_ops.load.report import html, lines
from netra_ops.load.result import Result
from netra_ops.load.server_figures import ServerFigures, local_backend
from netra_ops.load.verdict import Thresholds, judge

PAIR = TokenPair("a.b.c", 900, "refresh")
OWN = "netra_ops.tests.unit.load.test_catalogue:Own"


def plan(address: str, scenario: str = "idle", **changes: object) -> WorkerPlan:
    values: dict[str, object] = {
        "address": address, "scenario": scenario, "users": (0, 1, 2), "total_users": 3,
        "duration": 0.5, "ramp": 0.1, "interval": 0.1, "accounts": (PAIR,),
        "sockets_per_account": 15, "started_at": time.time(),
    }  # fmt: skip
    return WorkerPlan(**{**values, **changes})  # type: ignore[arg-type]  # values of each field


async def test_every_intended_operation_is_sent_and_succeeds() -> None:
    async with running_server() as wire:
        figures = await Engine(plan(wire.url)).run()
    assert (figures.users, figures.opened) == (3, 3)
    assert figures.intended == figures.sent == figures.ok > 0
    assert figures.imbalances() == []
    assert figures.step("ping").count == figures.ok
    assert figures.connect.count == 3


async def test_a_team_s_own_scenario_runs() -> None:
    async with running_server() as wire:
        figures = await Engine(plan(wire.url, OWN)).run()
    assert figures.step("twice").count == figures.ok > 0


async def test_sockets_that_do_not_open_drop_their_operations() -> None:
    with closing(socket()) as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        figures = await Engine(plan(address)).run()
    assert (figures.opened, figures.failed) == (0, 3)
    assert figures.dropped == figures.intended > 0
    assert figures.imbalances() == []


async def test_refused_sockets_are_counted_apart() -> None:
    async with running_server() as wire:
        wire.refusals.extend([(403, {}, b"")] * 3)
        figures = await Engine(plan(wire.url)).run()
    assert (figures.refused, figures.failed) == (3, 0)


async def test_a_stop_drops_what_was_not_sent() -> None:
    async with running_server() as wire:
        engine = Engine(plan(wire.url, duration=600.0))
        run = asyncio.create_task(engine.run())
        await wire.until(lambda: wire.methods().count("ping") >= 3)
        engine.stop()
        figures = await run
    assert figures.dropped > 0
    assert figures.imbalances() == []


async def test_worker_processes_add_up() -> None:
    seen: list[dict[str, int]] = []
    async with running_server() as wire:
        starts = time.time() + 1.0
        plans = [
            plan(wire.url, users=users, duration=2.0, started_at=starts) for users in ((0, 2), (1,))
        ]
        figures = await run_workers(plans, seen.append, asyncio.Event())
        assert isinstance(wire, WireServer)
    assert figures.users == 3
    assert figures.imbalances() == []
    assert figures.ok == figures.intended
    assert figures.ceiling > 0
    assert seen


async def test_the_ceiling_is_a_rate() -> None:
    assert await measure_ceiling(0.1) > 10


def test_the_report_has_the_accounting_and_the_verdict() -> None:
    figures = Figures(users=1, opened=1, intended=3, sent=2, dropped=1, ok=1)
    figures.errors["connection_lost"] = 1
    figures.step("ping").record(0.01)
    verdict = judge(figures, Thresholds(95), late_imports=None)
    text = "\n".join(lines(figures, verdict))
    assert "3 intended = 2 sent + 1 dropped; 1 ok, 1 failed: connection_lost 1" in text
    assert "FAILED: 33.33 %" in text
    page = html(Result("idle", "http://localhost", 1, figures), verdict, ServerFigures())
    assert "FAILED: 33.33 %" in page
    assert "operations dropped" in page
    assert json.dumps(figures.to_json())


def test_a_platform_elsewhere_has_no_local_backend() -> None:
    assert local_backend("https://netra.invalid") is None
