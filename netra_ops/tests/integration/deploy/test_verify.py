"""The checks of a candidate against real services behind the candidate door."""

from collections.abc import AsyncIterator

import pytest

from netra_ops.deploy.verify.door import Door, Route
from netra_ops.deploy.verify.result import CheckResult, Judgement
from netra_ops.deploy.verify.run import confirm, verify
from netra_ops.deploy.verify.subject import Subject
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK
from test_framework.fixtures.services import MakeToken, StartBackend
from test_framework.real_services import require_docker_services

REVISION = "netra-backend-r1"
ORIGIN = "https://pages.test"


@pytest.fixture
async def candidate(start_backend: StartBackend) -> HttpServer:
    return await start_backend(K_REVISION=REVISION, ALLOWED_ORIGINS=ORIGIN)


@pytest.fixture
async def door(candidate: HttpServer) -> AsyncIterator[Door]:
    async with Door([Route("/", f"http://{LOOPBACK}:{candidate.port}")]) as door:
        yield door


def subject(door: Door, make_token: MakeToken, revision: str = REVISION) -> Subject:
    return Subject(
        door.url, ORIGIN, make_token(), {"backend": revision}, operator_token=make_token("operator")
    )


@require_docker_services()
async def test_a_sound_revision_passes_every_check(door: Door, make_token: MakeToken) -> None:
    seen: list[CheckResult] = []

    results = await verify(subject(door, make_token), seen.append)

    assert {result.name: result.judgement for result in results} == {
        "startup": Judgement.PASSED,
        "readiness": Judgement.PASSED,
        "identity": Judgement.PASSED,
        "handshake": Judgement.PASSED,
        "golden path": Judgement.PASSED,
        "late imports": Judgement.PASSED,
    }, [result.describe() for result in results]
    assert seen == results


@require_docker_services()
async def test_another_revision_than_expected_ends_the_verification(
    door: Door, make_token: MakeToken
) -> None:
    results = await verify(subject(door, make_token, "netra-backend-r2"), lambda _: None)

    assert results[-1].describe() == f"identity: expected netra-backend-r2, seen {REVISION}"
    assert (await confirm(subject(door, make_token, "netra-backend-r2"))).failed


@require_docker_services()
async def test_a_revision_that_does_not_answer_fails_at_the_first_check(
    candidate: HttpServer, door: Door, make_token: MakeToken
) -> None:
    await candidate.stop()

    results = await verify(subject(door, make_token), lambda _: None)

    assert [result.describe() for result in results] == ["startup: expected 200, seen 502"]


@require_docker_services()
async def test_without_an_operator_late_imports_are_not_judged(
    door: Door, make_token: MakeToken
) -> None:
    person = Subject(door.url, ORIGIN, make_token(), {"backend": REVISION})

    results = await verify(person, lambda _: None)

    assert results[-1].judgement is Judgement.NOT_POSSIBLE
