import httpx
import pytest
from fastapi import FastAPI, Response

from netra_shared.errors import Conflict
from netra_shared.http.answer_headers import AnswerHeaders
from netra_shared.http.problem import install_problem_handlers


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    install_problem_handlers(made)
    made.add_middleware(AnswerHeaders)

    @made.get("/plain")
    async def plain() -> str:
        return "x"

    @made.get("/cached")
    async def cached(response: Response) -> str:
        response.headers["Cache-Control"] = "public, max-age=300"
        return "x"

    @made.get("/conflict")
    async def conflict() -> str:
        raise Conflict("taken")

    @made.get("/defect")
    async def defect() -> str:
        raise RuntimeError("defect")

    return made


@pytest.mark.parametrize(
    ("path", "status", "caching"),
    [
        ("/plain", 200, "no-store"),
        ("/cached", 200, "public, max-age=300"),
        ("/conflict", 409, "no-store"),
        ("/absent", 404, "no-store"),
        ("/defect", 500, "no-store"),
    ],
)
async def test_every_answer_has_the_headers(
    app: FastAPI, path: str, status: int, caching: str
) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers.get_list("cache-control") == [caching]
