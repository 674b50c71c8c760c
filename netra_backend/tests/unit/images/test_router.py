"""The route of the image proxy."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from netra_backend.app.images.fetcher import ImageFetcher
from netra_backend.app.images.router import router
from netra_backend.app.images.settings import ImageSettings
from netra_backend.tests.unit.images.conftest import PNG, ImageHost, answer
from netra_backend.tests.unit.threads.conftest import SECRET, token_for
from netra_shared.auth.tokens import TokenVerifier
from netra_shared.http.problem import install_problem_handlers


@pytest.fixture
async def client(image_host: ImageHost) -> AsyncIterator[httpx.AsyncClient]:
    permitted = frozenset({f"127.0.0.1:{image_host.port}"})
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    app.state.token_verifier = TokenVerifier(
        issuer="netra-auth", audience="netra", shared_secret=SECRET
    )
    app.state.images = ImageFetcher(ImageSettings(private_hosts=permitted))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as found:
        yield found
    await app.state.images.close()


def signed_in() -> dict[str, str]:
    return {"Authorization": f"Bearer {token_for(uuid4())}"}


async def test_an_image_cannot_become_a_page(
    client: httpx.AsyncClient, image_host: ImageHost
) -> None:
    image_host.answers["/a.png"] = answer(kind="image/gif")
    body = {"url": image_host.url("/a.png")}
    found = await client.post("/api/images", json=body, headers=signed_in())
    assert (found.status_code, found.content) == (200, PNG)
    assert found.headers["content-type"] == "image/png"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert found.headers["cross-origin-resource-policy"] == "same-origin"
    assert found.headers["cache-control"] == "private, no-store"


async def test_it_is_bound_to_a_session(client: httpx.AsyncClient, image_host: ImageHost) -> None:
    found = await client.post("/api/images", json={"url": image_host.url("/a.png")})
    assert found.status_code == 401
    assert image_host.requests == []


async def test_a_refusal_is_a_problem_document(client: httpx.AsyncClient) -> None:
    body = {"url": "http://169.254.169.254/computeMetadata/v1/"}
    found = await client.post("/api/images", json=body, headers=signed_in())
    assert (found.status_code, found.json()["code"]) == (400, "image_address_refused")
