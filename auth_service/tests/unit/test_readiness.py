"""The identity service's readiness: the same checks, budgets and routes as the gateway's."""

import asyncio
import time

import pytest
from sqlalchemy import text

from auth_service.app.config import AuthSettings
from auth_service.app.readiness import auth_policies
from auth_service.tests.unit.support import Service, make_settings, running
from netra_shared.health.budget import READINESS_BUDGET_SECONDS
from netra_shared.health.check import FailureScope
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.snapshot import HealthStatus, Snapshot
from netra_shared.settings import Environment

NAMES = ["database", "migrations", "redis", "signing_key"]
NOTICED_SECONDS = 40.0  # the worst case is 16 s, and a busy machine
GOOGLE_CLOUD = [Environment.STAGING, Environment.PRODUCTION]


async def until(service: Service, status: HealthStatus) -> Snapshot:
    monitor: ReadinessMonitor = service.app.state.readiness
    deadline = time.monotonic() + NOTICED_SECONDS
    while (taken := monitor.snapshot()).status is not status:
        assert time.monotonic() < deadline, taken.reasons
        await asyncio.sleep(0.02)
    return taken


@pytest.mark.parametrize("environment", GOOGLE_CLOUD)
def test_the_budgets_are_the_gateways(environment: Environment) -> None:
    policies = auth_policies(environment)
    assert list(policies) == NAMES
    redis = policies["redis"].budget
    assert (redis.timeout_seconds, redis.attempts, redis.pause_seconds) == (3.0, 2, 0.5)
    worst = [
        p.budget.attempts * p.budget.timeout_seconds
        + (p.budget.attempts - 1) * p.budget.pause_seconds
        for p in policies.values()
    ]
    assert max(worst) < READINESS_BUDGET_SECONDS


@pytest.mark.parametrize("environment", list(Environment))
def test_what_may_make_an_instance_unready(environment: Environment) -> None:
    policies = auth_policies(environment)
    critical = {name for name, policy in policies.items() if policy.is_critical}
    assert critical == {"database", "signing_key"} | (
        {"migrations"} if environment.is_gcp else set()
    )
    own = {name for name, p in policies.items() if p.scope is FailureScope.INSTANCE}
    assert own == {"signing_key"}


@pytest.mark.parametrize("path", ["/health", "/health/startup", "/health/ready"])
async def test_the_routes_answer_head_and_are_never_cached(service: Service, path: str) -> None:
    await until(service, HealthStatus.PASS)
    got, head = await service.http.get(path), await service.http.head(path)
    assert got.json()["status"] == "pass"
    assert (head.status_code, head.content) == (got.status_code, b"")
    for answer in (got, head):
        assert answer.headers["content-type"] == "application/health+json"
        assert "no-store" in answer.headers["cache-control"]
        assert "retry-after" not in answer.headers


async def test_the_details_name_every_check_with_its_budget(service: Service) -> None:
    await until(service, HealthStatus.PASS)
    report = (await service.http.get("/health/ready?verbose=1")).json()
    assert list(report["checks"]) == [f"{name}:responseTime" for name in NAMES]
    entry = report["checks"]["redis:responseTime"][0]
    assert entry["budget"]["worstCaseSeconds"] == 16.0  # 3 x 5 s + 2 x 0.5 s in tests
    assert report["checks"]["migrations:responseTime"][0]["note"].startswith("at head ")


async def test_a_database_that_takes_no_writes_degrades_an_admitted_instance(
    service: Service,
) -> None:
    await until(service, HealthStatus.PASS)
    async with service.parts.engine.connect() as connection:
        database = (await connection.execute(text("SELECT current_database()"))).scalar_one()
        await connection.execute(
            text(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
        )
        await connection.commit()
    await service.parts.engine.dispose()  # the setting is for new sessions
    taken = await until(service, HealthStatus.WARN)
    assert [reason.partition(":")[0] for reason in taken.reasons] == ["database"]
    assert (await service.http.get("/health/ready")).status_code == 200


async def test_without_a_database_it_starts_and_is_not_admitted(settings: AuthSettings) -> None:
    absent = "postgresql://absent:nothing@127.0.0.1:1/nothing"
    without = make_settings(absent, settings.redis_url.get_secret_value())
    async with running(without) as service:
        await asyncio.sleep(0)
        for path in ("/health/startup", "/health/ready"):
            answer = await service.http.get(path)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
        assert (await service.http.get("/health")).status_code == 200
