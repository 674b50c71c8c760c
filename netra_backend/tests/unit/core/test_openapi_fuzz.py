"""Every operation of a running backend answers as its OpenAPI document says."""

import httpx

from netra_ops.services.http_server import HttpServer
from test_framework.fixtures.services import MakeToken
from test_framework.openapi_fuzz import exercise_every_operation


def test_every_operation_answers_as_documented(backend: HttpServer, make_token: MakeToken) -> None:
    address = f"http://127.0.0.1:{backend.port}"
    url = f"{address}/api/openapi.json"
    headers = {"Authorization": f"Bearer {make_token('operator')}"}
    thread = httpx.post(f"{address}/api/threads", json={"title": "known"}, headers=headers).json()
    known = {"thread_id": thread["id"]}
    exercised = exercise_every_operation(url, headers=lambda: headers, known=known)
    assert exercised.operations > 10
    assert {200, 404} <= exercised.statuses
    refused = exercise_every_operation(url, headers=dict, examples=1)
    assert 401 in refused.statuses


def test_every_operation_with_a_body_documents_its_bounds(backend: HttpServer) -> None:
    document = httpx.get(f"http://127.0.0.1:{backend.port}/api/openapi.json").json()
    missing = [
        (path, method)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation and not {"408", "413", "422"} <= operation["responses"].keys()
    ]
    assert missing == []
