"""Large answers are compressed for clients that accept it, small ones are not."""

import gzip
import json

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from netra_backend.app.core.compression import install_compression

PAGE: dict[str, object] = {
    "items": [{"id": str(n), "role": "user", "content": f"message {n}"} for n in range(200)]
}


def application() -> FastAPI:
    app = FastAPI()
    install_compression(app)

    @app.get("/page")
    def page() -> dict[str, object]:
        return PAGE

    @app.get("/small")
    def small() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/events")
    def events() -> StreamingResponse:
        return StreamingResponse(iter(["data: x\n\n" * 500]), media_type="text/event-stream")

    return app


async def fetch(path: str, encoding: str) -> tuple[httpx.Headers, bytes]:
    transport = httpx.ASGITransport(app=application())
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
        client.stream("GET", path, headers={"Accept-Encoding": encoding}) as answer,
    ):
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


async def test_a_page_is_compressed() -> None:
    headers, body = await fetch("/page", "gzip")
    assert headers["content-encoding"] == "gzip"
    assert "accept-encoding" in headers["vary"].lower()
    assert json.loads(gzip.decompress(body)) == PAGE
    assert len(body) < len(json.dumps(PAGE)) / 4


@pytest.mark.parametrize("encoding", ["identity", "br"])
async def test_a_client_without_gzip_gets_it_plain(encoding: str) -> None:
    headers, body = await fetch("/page", encoding)
    assert "content-encoding" not in headers
    assert json.loads(body) == PAGE


@pytest.mark.parametrize("path", ["/small", "/events"])
async def test_small_answers_and_event_streams_stay_plain(path: str) -> None:
    headers, _ = await fetch(path, "gzip")
    assert "content-encoding" not in headers
