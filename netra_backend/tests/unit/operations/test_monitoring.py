"""Reports of tools in a real Valkey."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from netra_backend.app.operations.monitoring import (
    MAX_ALERTS,
    AlertEntry,
    AlertsReport,
    BurnEntry,
    MonitoringReports,
    ValidationReport,
)
from netra_backend.app.operations.release_report import (
    ReleaseEntry,
    ReleasesReport,
    RevisionEntry,
    RolloutEntry,
    ServiceEntry,
    StepEntry,
    StepState,
)
from netra_backend.tests.unit.websocket_core.harness.instance import valkey_client

AT = datetime(2026, 1, 1, tzinfo=UTC)
ALERT = AlertEntry(rule="r", severity="critical", summary="s", evidence="e", started_at=AT)
ALERTS = AlertsReport(
    environment="local",
    at=AT,
    every_seconds=15,
    alerts=[ALERT],
    burn=[BurnEntry(signal="redis", objective=95, rates={"1h": 2.5})],
)
VALIDATION = ValidationReport(
    environment="local", suite="quick", at=AT, seconds=31.5, passed=True, complete=True,
    counts={"passed": 28}, rows=[],
)  # fmt: skip
RELEASES = ReleasesReport(
    environment="local",
    at=AT,
    every_seconds=5,
    services=[
        ServiceEntry(
            role="backend", service="netra-backend", pinned=False,
            revisions=[
                RevisionEntry(
                    revision="netra-backend-r2", percent=50, tags=["candidate"],
                    digest="abcdef012345", created_at=AT, ready=True, verified=False, release="r2",
                ),
                RevisionEntry(
                    revision="netra-backend-r1", percent=50, tags=["stable"],
                    digest="123456abcdef", created_at=AT, ready=True, verified=True, release="r1",
                ),
            ],
        )
    ],
    rollout=RolloutEntry(
        command="netra deploy", by="ana@laptop", reason="a new build", started_at=AT,
        ended_at=None, problem="",
        steps=[
            StepEntry(
                name="shift 50", state=StepState.RUNNING, seconds=0,
                text="inconclusive: 20 events of 50",
            )
        ],
    ),
    releases=[
        ReleaseEntry(id="r1", outcome="verified", by="ana", at=AT, reason="first", note="")
    ],
)  # fmt: skip


async def test_the_latest_report_of_each_kind_is_read(valkey_url: str) -> None:
    async with valkey_client(valkey_url) as client:
        reports = MonitoringReports(client, ttl_seconds=60)
        assert await reports.read() == {
            "alerts": None,
            "validation": None,
            "releases": None,
        }
        await reports.write(VALIDATION)
        await reports.write(ALERTS)
        await reports.write(RELEASES)
        found = await reports.read()
        assert found["alerts"] == {
            "environment": "local",
            "at": "2026-01-01T00:00:00Z",
            "everySeconds": 15.0,
            "alerts": [
                {
                    "rule": "r", "severity": "critical", "summary": "s", "evidence": "e",
                    "runbook": "", "startedAt": "2026-01-01T00:00:00Z", "resolvedAt": None,
                }
            ],
            "burn": [{"signal": "redis", "objective": 95.0, "rates": {"1h": 2.5}}],
        }  # fmt: skip
        assert ReleasesReport.model_validate(found["releases"]) == RELEASES
        assert isinstance(found["validation"], dict)
        assert found["validation"]["counts"] == {"passed": 28}


async def test_a_report_expires(valkey_url: str) -> None:
    async with valkey_client(valkey_url) as client:
        await MonitoringReports(client, ttl_seconds=60).write(ALERTS)
        keys = [key async for key in client.scan_iter("netra:{operations}:report:*")]
        assert 0 < await client.ttl(keys[0]) <= 60


def test_a_report_is_bounded() -> None:
    with pytest.raises(ValidationError, match="at most"):
        AlertsReport(
            environment="local", at=AT, every_seconds=15, alerts=[ALERT] * (MAX_ALERTS + 1), burn=[]
        )
