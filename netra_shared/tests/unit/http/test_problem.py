"""Every HTTP error is a problem document with a stable code and a retry class."""

from typing import ClassVar

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, field_validator

from netra_shared.errors import NotFound, RateLimited, RetryClass, Unauthenticated
from netra_shared.http.problem import PROBLEM_TYPE, install_problem_handlers, problem_responses


class ThingNotFound(NotFound):
    code: ClassVar[str] = "thing_not_found"


class Body(BaseModel):
    count: int

    @field_validator("count")
    @classmethod
    def _is_small(cls, value: int) -> int:
        if value > 9:
            raise ValueError("must be a digit")
        return value


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/missing", responses=problem_responses(ThingNotFound))
    async def missing() -> None:
        raise ThingNotFound("There is no thing 7.", thing=7)

    @app.get("/limited")
    async def limited() -> None:
        raise RateLimited("Slow down.", retry_after=2.1)

    @app.get("/private")
    async def private() -> None:
        raise Unauthenticated

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("the secret detail")

    things = APIRouter(prefix="/body")

    @things.post("")
    async def body(_body: Body) -> None: ...

    @things.delete("")
    async def delete() -> None: ...

    app.include_router(things)
    return app


async def get(app: FastAPI, path: str, method: str = "GET", **options: object) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, **options)  # type: ignore[arg-type]


async def test_an_error_of_the_tree_keeps_its_code_and_fields(app: FastAPI) -> None:
    response = await get(app, "/missing")
    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM_TYPE
    document = response.json()
    assert document["code"] == "thing_not_found"
    assert document["retry"] == RetryClass.NEVER
    assert document["thing"] == 7


async def test_a_rate_limit_says_when_to_come_back(app: FastAPI) -> None:
    response = await get(app, "/limited")
    assert response.headers["retry-after"] == "3"
    assert response.json()["retry_after"] == 2.1


async def test_a_challenge_accompanies_401(app: FastAPI) -> None:
    assert (await get(app, "/private")).headers["www-authenticate"].startswith("Bearer")


async def test_an_unexpected_error_shows_an_id_and_no_details(app: FastAPI) -> None:
    response = await get(app, "/broken")
    assert response.status_code == 500
    assert len(response.json()["error_id"]) == 32
    assert "secret" not in response.text


async def test_a_refused_body_names_the_field(app: FastAPI) -> None:
    response = await get(app, "/body", "POST", json={"count": "many"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "count"
    assert "many" not in response.text


@pytest.mark.parametrize(
    ("content", "kind", "field", "problem"),
    [
        (b'"\xff"', "application/json", "", "not JSON in UTF-8"),
        ("{bad", "application/json", "", "not JSON: Expecting property name"),
        ('{"count":1}', "text/plain", "", "must be a JSON object, sent as application/json"),
        ("[]", "application/json", "", "must be a JSON object, sent as application/json"),
        ('{"count":10}', "application/json", "count", "must be a digit"),
    ],
)
async def test_a_refused_body_is_explained(
    app: FastAPI, content: str | bytes, kind: str, field: str, problem: str
) -> None:
    response = await get(app, "/body", "POST", content=content, headers={"content-type": kind})
    (refused,) = response.json()["errors"]
    assert refused["field"] == field
    assert refused["problem"].startswith(problem)


async def test_405_names_every_method_of_the_path(app: FastAPI) -> None:
    assert (await get(app, "/body", "PUT")).headers["allow"] == "POST, DELETE"


async def test_a_slash_too_many_is_not_found_rather_than_sent_elsewhere(app: FastAPI) -> None:
    response = await get(app, "/private/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "method", "code"),
    [("/nowhere", "GET", "not_found"), ("/missing", "POST", "method_not_allowed")],
)
async def test_routing_errors_are_problems_too(
    app: FastAPI, path: str, method: str, code: str
) -> None:
    assert (await get(app, path, method)).json()["code"] == code


def test_the_description_lists_each_code_under_its_status() -> None:
    responses = problem_responses(ThingNotFound, RateLimited)
    assert "`thing_not_found`" in responses[404]["description"]
    assert set(responses) == {404, 422, 429, 500}
