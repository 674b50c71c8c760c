import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from netra_ops.tests.integration.stack.running import RunningStack
from netra_ops.tests.waiting import wait_until

pytestmark = pytest.mark.integration

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"  # made up
PROTOCOLS = ["jwt-auth", f"jwt.{TOKEN}"]


@pytest.fixture(scope="module")
def stack(open_root: Path) -> Iterator[RunningStack]:
    """One stack for the module: these tests only ask questions."""
    with RunningStack(open_root / "data") as stack:
        stack.wait_for("ready")
        yield stack


def test_paths_reach_their_services(stack: RunningStack) -> None:
    ports = {name: str(part.port) for name, part in stack.state.parts.items()}
    for path, service in {
        "/api/auth/me": "auth",
        "/.well-known/jwks.json": "auth",
        "/api/threads": "backend",
        "/health/ready?verbose=1": "backend",
    }.items():
        assert stack.get(path).json()["service"] == ports[service], path


def test_the_front_page_helps_and_the_rest_is_lost(stack: RunningStack) -> None:
    page = stack.get("/")
    assert page.status_code == 200
    assert "netra chat" in page.text
    for path in ("/metrics", "/docs", "/wsx", "/api%2fauth"):
        assert stack.get(path).status_code in {400, 404}, path
    assert stack.get("/metrics").json()["code"] == "not_found"


def test_an_unknown_host_is_not_served(stack: RunningStack) -> None:
    answer = stack.get("/api/threads", headers={"host": "rebound.example"})
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://localhost/api/threads"


def test_a_client_cannot_claim_what_the_edge_says(stack: RunningStack) -> None:
    forged = {
        "x-netra-client-ip": "forged",
        "x-netra-user-id": "forged",
        "x-original-authorization": "forged",
        "x-original-websocket-protocol": "forged",
        "x-envoy-upstream-rq-timeout-ms": "1",
        "x-envoy-internal": "true",
    }
    answer = stack.get("/api/threads", headers={**forged, "authorization": f"Bearer {TOKEN}"})
    arrived = answer.json()["headers"]
    assert arrived["authorization"] == f"Bearer {TOKEN}"
    assert "forged" not in arrived.values()
    assert not [name for name in arrived if name.startswith("x-envoy")]
    assert arrived["x-netra-client-ip"] == "127.0.0.1"
    assert arrived["x-forwarded-proto"] == "http"
    assert not [name for name in answer.headers if name.startswith("x-envoy")]


def test_sockets_open_where_they_are_served_and_nowhere_else(stack: RunningStack) -> None:
    base = f"ws://127.0.0.1:{stack.port}"
    for path in ("/ws", "/websocket"):
        with connect(base + path, subprotocols=PROTOCOLS) as socket:  # type: ignore[arg-type]
            assert socket.subprotocol == "jwt-auth"
            socket.send("hello")
            assert socket.recv(timeout=60) == "hello"
    for path in ("/", "/metrics"):
        with pytest.raises(InvalidStatus) as refusal:
            connect(base + path, subprotocols=PROTOCOLS)  # type: ignore[arg-type]
        assert refusal.value.response.status_code == 403


def test_the_access_log_has_each_request_and_no_credential(stack: RunningStack) -> None:
    with connect(f"ws://127.0.0.1:{stack.port}/ws", subprotocols=PROTOCOLS):  # type: ignore[arg-type]
        pass
    request_id = "a-name-of-my-own"
    named = {"authorization": f"Bearer {TOKEN}", "x-request-id": request_id}
    stack.get(f"/api/logged?token={TOKEN}", headers=named)
    log = stack.paths.log("edge")

    def logged() -> list[dict[str, object]]:
        whole = log.read_text().rpartition("\n")[0]  # the last line may be half there
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    wait_until(lambda: any(entry["request_id"] == request_id for entry in logged()))
    (request,) = [entry for entry in logged() if entry["request_id"] == request_id]
    assert (request["path"], request["status"], request["upstream"]) == (
        "/api/logged",
        200,
        "netra-backend-staging/netra-backend-staging-local",
    )
    assert request["authorization"] == "present"
    wait_until(lambda: any(entry["path"] == "/ws" for entry in logged()))
    sockets = [entry for entry in logged() if entry["path"] == "/ws"]
    assert sockets[-1]["subprotocol"] == "jwt-auth,<redacted>"
    assert TOKEN not in log.read_text()
    for other in stack.paths.logs.iterdir():
        assert TOKEN not in other.read_text()
