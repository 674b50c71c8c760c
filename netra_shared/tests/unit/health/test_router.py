"""The health routes: shape, status, headers, and who sees the details."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import httpx
import jwt
import pytest
from fastapi import FastAPI

from netra_shared.auth.tokens import TokenVerifier
from netra_shared.health.check import FailureScope, ServiceReadinessCheck
from netra_shared.health.health_json import Identity
from netra_shared.health.monitor import ReadinessMonitor
from netra_shared.health.router import health_router
from netra_shared.tests.unit.health.test_monitor import Dependency

SECRET = "a shared secret of at least 32 bytes"
LOOPBACK, OUTSIDE = ("127.0.0.1", 50000), ("203.0.113.9", 50000)
PATHS = ["/health", "/health/startup", "/health/ready"]


class Service:
    """An application with the health routes, two dependencies, and a client at any address."""

    def __init__(self) -> None:
        self.redis = Dependency()
        self.runtime = Dependency()
        self.monitor = ReadinessMonitor(
            [
                ServiceReadinessCheck("redis", self.redis, 3.0, 2, 0.5, False, "events"),
                ServiceReadinessCheck(
                    "agents", self.runtime, 1.0, 1, 0.0, True, "runs", FailureScope.INSTANCE
                ),
            ]
        )
        self.app = FastAPI()
        self.app.include_router(health_router(Identity("netra-backend", "netra-backend-7", "i1")))
        self.app.state.readiness = self.monitor
        self.app.state.token_verifier = TokenVerifier(
            issuer="netra-auth", audience="netra", shared_secret=SECRET
        )

    async def ask(
        self, path: str, *, method: str = "GET", peer: tuple[str, int] = OUTSIDE, **headers: str
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=peer)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=sent)

    async def until(self, status: str) -> None:
        deadline = time.monotonic() + 10
        while self.monitor.snapshot().status.value != status:
            assert time.monotonic() < deadline, self.monitor.snapshot().reasons
            await asyncio.sleep(0.02)


def token(*roles: str, secret: str = SECRET, life: int = 60) -> str:
    now = int(time.time())
    claims = {"iss": "netra-auth", "aud": "netra", "sub": str(uuid4()), "sid": str(uuid4()),
              "jti": "1", "iat": now - 100, "exp": now + life, "roles": list(roles)}  # fmt: skip
    return f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    async with made.monitor:
        yield made


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_answer_is_health_json_and_never_cached(
    service: Service, path: str, method: str
) -> None:
    answer = await service.ask(path, method=method)
    assert answer.headers["content-type"] == "application/health+json"
    assert "no-store" in answer.headers["cache-control"]
    assert (answer.status_code == 503) == ("retry-after" in answer.headers)
    if method == "HEAD":
        assert answer.content == b""
        assert int(answer.headers["content-length"]) > 0
        return
    document = answer.json()
    assert document["status"] in {"pass", "warn", "fail"}
    assert document["serviceId"] == "netra-backend"
    assert document["releaseId"] == "netra-backend-7"


async def test_liveness_asks_nothing(service: Service) -> None:
    service.redis.mode = service.runtime.mode = "refused"
    service.monitor.drain()
    assert (await service.ask("/health")).json()["status"] == "pass"
    assert (await service.ask("/health/ready")).status_code == 503


async def test_the_three_states(service: Service) -> None:
    assert (await service.ask("/health/startup")).status_code == 503
    await service.until("pass")
    assert (await service.ask("/health/startup")).status_code == 200
    assert (await service.ask("/health/ready")).json()["status"] == "pass"

    service.redis.mode = "refused"
    await service.until("warn")
    degraded = await service.ask("/health/ready")
    assert (degraded.status_code, degraded.json()["status"]) == (200, "warn")

    service.runtime.mode = "refused"
    await service.until("fail")
    failed = await service.ask("/health/ready")
    assert (failed.status_code, failed.json()["status"]) == (503, "fail")
    assert int(failed.headers["retry-after"]) >= 1
    assert (await service.ask("/health/startup")).status_code == 200, "startup never goes back"


async def test_the_terse_answer_has_no_details(service: Service) -> None:
    service.redis.mode = "refused"
    await service.until("warn")
    answer = await service.ask("/health/ready")
    assert set(answer.json()) == {"status", "version", "serviceId", "instanceId", "releaseId"}


async def test_the_details_show_budget_attempts_and_changes(service: Service) -> None:
    await service.until("pass")
    service.redis.mode = "refused"
    await service.until("warn")
    report = (await service.ask("/health/ready?verbose=1", peer=LOOPBACK)).json()
    assert report["output"] == "redis: the dependency answered false"
    assert report["budget"] == {"readinessSeconds": 8.0, "worstCaseSeconds": 6.5}
    redis = report["checks"]["redis:responseTime"][0]
    assert redis["budget"] == {
        "timeoutSeconds": 3.0,
        "retryCount": 2,
        "retryDelaySeconds": 0.5,
        "worstCaseSeconds": 6.5,
    }
    assert (redis["status"], redis["attempts"], redis["critical"]) == ("warn", 2, False)
    assert redis["observedUnit"] == "ms"
    assert redis["observedValue"] >= 500
    assert redis["lastChange"] <= redis["time"]
    assert redis["output"] == "the dependency answered false"
    assert "output" not in report["checks"]["agents:responseTime"][0]


@pytest.mark.parametrize("header", ["x_forwarded_for", "x_forwarded_host", "forwarded", "via"])
async def test_a_proxied_request_is_not_from_inside(service: Service, header: str) -> None:
    answer = await service.ask("/health/ready?verbose=1", peer=LOOPBACK, **{header: "127.0.0.1"})
    assert "checks" not in answer.json()
    assert answer.json()["notes"] == ["Details need the bearer token of an operator."]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1"])
async def test_every_loopback_address_is_inside(service: Service, peer: str) -> None:
    answer = await service.ask("/health/ready?verbose=1", peer=(peer, 1))
    assert "checks" in answer.json()


@pytest.mark.parametrize("peer", ["169.254.1.1", "10.0.0.1", "8.8.8.8", "localhost", ""])
async def test_every_other_peer_is_outside(service: Service, peer: str) -> None:
    answer = await service.ask("/health/ready?verbose=1", peer=(peer, 1))
    assert "checks" not in answer.json()


async def test_an_operator_sees_the_details_from_anywhere(service: Service) -> None:
    answer = await service.ask("/health/ready?verbose=1", authorization=token("user", "operator"))
    assert "redis:responseTime" in answer.json()["checks"]


@pytest.mark.parametrize(
    ("authorization", "note"),  # called in the test: a token made at collection expires before
    [
        (lambda: token("user"), "Details need the role `operator`."),
        (lambda: token("operator", secret="another secret of 32 bytes or more"), "Details refused"),
        (lambda: token("operator", life=-50), "Details refused: "),
        (lambda: "Bearer", "Details need the bearer token of an operator."),
        (lambda: "Basic b3BlcmF0b3I6", "Details need the bearer token of an operator."),
    ],
    ids=["no operator", "foreign key", "expired", "empty", "other scheme"],
)
async def test_others_get_the_state_and_a_note(
    service: Service, authorization: Callable[[], str], note: str
) -> None:
    await service.until("pass")
    answer = await service.ask("/health/ready?verbose=1", authorization=authorization())
    assert answer.status_code == 200
    assert answer.json()["status"] == "pass"
    assert answer.json()["notes"][0].startswith(note)
    assert "checks" not in answer.json()


async def test_a_startup_report_is_part_of_the_details(service: Service) -> None:
    service.app.state.startup_report = lambda: {"steps": [{"name": "database", "elapsedMs": 1}]}
    inside = (await service.ask("/health/startup?verbose=1", peer=LOOPBACK)).json()
    assert inside["startup"]["steps"][0]["name"] == "database"
    assert "startup" not in (await service.ask("/health/startup?verbose=1")).json()


async def test_draining_is_seen_by_the_next_probe(service: Service) -> None:
    await service.until("pass")
    service.monitor.drain()
    answer = await service.ask("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "fail")


async def test_the_routes_are_described_once_each(service: Service) -> None:
    paths = service.app.openapi()["paths"]
    assert {path: list(paths[path]) for path in PATHS} == {path: ["get"] for path in PATHS}
    assert set(paths["/health/ready"]["get"]["responses"]) == {"200", "503"}
    content = paths["/health/ready"]["get"]["responses"]["503"]["content"]
    assert "application/health+json" in content
