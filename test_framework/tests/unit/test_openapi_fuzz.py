"""An answer that the document lacks, and one without the security headers, are found."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from schemathesis.core.failures import FailureGroup
from starlette.middleware.base import RequestResponseEndpoint

from netra_ops.services.loopback import LOOPBACK, free_port
from test_framework.openapi_fuzz import exercise_every_operation
from test_framework.waiting import eventually

SECURE = {"x-content-type-options": "nosniff", "cache-control": "no-store"}


@asynccontextmanager
async def served(status: int, headers: dict[str, str]) -> AsyncIterator[str]:
    app = FastAPI()

    @app.get("/things/{number}")
    async def thing(number: int) -> Response:
        return Response(str(number), status, media_type="application/json")

    @app.middleware("http")
    async def add_headers(request: Request, following: RequestResponseEndpoint) -> Response:
        response = await following(request)
        response.headers.update(headers)
        return response

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        await eventually(lambda: server.started)
        yield f"http://{LOOPBACK}:{port}/openapi.json"
    finally:
        server.should_exit = True
        thread.join()


async def test_a_documented_answer_with_its_headers_passes() -> None:
    async with served(200, SECURE) as url:
        exercised = exercise_every_operation(url, headers=dict, known={"number": "7"}, examples=2)
    assert exercised.operations == 1
    assert 200 in exercised.statuses


async def test_an_undocumented_status_is_found() -> None:
    async with served(418, SECURE) as url:
        with pytest.raises(FailureGroup):
            exercise_every_operation(url, headers=dict, examples=1)


async def test_an_answer_without_the_security_headers_is_found() -> None:
    async with served(200, {}) as url:
        with pytest.raises(AssertionError, match=r"200 .* to curl"):
            exercise_every_operation(url, headers=dict, examples=1)
