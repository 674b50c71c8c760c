"""Each row of the section fails on a system that is broken on purpose."""

import asyncio
from pathlib import Path

import pytest

from netra_backend.app.health.policies import backend_policies
from netra_client.tests.unit.wire_server import running_server
from netra_ops.tests.unit.validate.broken import Break, answering, row_of, target, write
from netra_ops.validate.evidence import Finding, Judged, NotPossible, Verdict
from netra_ops.validate.rows.readiness import ROWS, judge_redis_budget
from netra_ops.validate.target import LocalStack, RunRecord
from netra_shared.settings import Environment


async def incident_budget(_folder: Path) -> Finding:
    """The incident: Redis may take as long as on a developer's machine, 3 x 10 s."""
    return judge_redis_budget(backend_policies(Environment.DEVELOPMENT))


async def unready(_folder: Path) -> Finding:
    async with answering('{"status":"fail"}', status="503 Service Unavailable") as port:
        return await row_of(ROWS, "readiness.health-time").check(target(f"http://127.0.0.1:{port}"))


async def timeouts_in_a_log(folder: Path) -> Finding:
    log = write(folder, "backend.log", "TimeoutError: of an earlier run\n")
    record = RunRecord(log_sizes={log: log.stat().st_size})
    with log.open("a") as file:
        file.write('{"severity": "ERROR", "message": "redis: timed out after 30 s"}\n')
    place = target(local=LocalStack(folder, 1), record=record)
    return await row_of(ROWS, "readiness.logs").check(place)


async def sockets_that_need_the_store(folder: Path) -> Finding:
    store = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        async with running_server() as wire:
            wire.refusals.extend([(503, {}, b"no store")] * 10)
            place = target(wire.url, local=LocalStack(folder, 1, store_pid=store.pid))
            return await row_of(ROWS, "readiness.without-store").check(place)
    finally:
        store.kill()
        await store.wait()


BREAKS: dict[str, Break] = {
    "readiness.redis-budget": incident_budget,
    "readiness.health-time": unready,
    "readiness.logs": timeouts_in_a_log,
    "readiness.without-store": sockets_that_need_the_store,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


async def test_what_was_logged_before_the_run_is_not_of_the_run(tmp_path: Path) -> None:
    log = write(tmp_path, "backend.log", "TimeoutError: of an earlier run\n")
    record = RunRecord(log_sizes={log: log.stat().st_size})
    place = target(local=LocalStack(tmp_path, 1), record=record)
    finding = await row_of(ROWS, "readiness.logs").check(place)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.PASSED


async def test_logs_in_the_cloud_are_not_possible_here() -> None:
    finding = await row_of(ROWS, "readiness.logs").check(target())
    assert isinstance(finding, NotPossible)
    assert "gcloud logging read" in finding.reason
