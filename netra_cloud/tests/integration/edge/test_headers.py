"""What a real Envoy forwards, adds, removes and logs."""

import re

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from netra_cloud.edge.decision import decide
from netra_cloud.edge.url_map import Forward
from netra_cloud.edge.url_map_parser import parse_url_map
from netra_cloud.tests.integration.edge.harness import DEADLINE, HOST, RunningEdge, received
from netra_cloud.tests.unit.edge.stack import stack_objects

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


async def _get(edge: RunningEdge, path: str = "/api/x", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE) as client:
        return await client.get(path, headers={"host": HOST, **headers})


async def test_credentials_arrive_unchanged_in_a_handshake(edge: RunningEdge) -> None:
    async with connect(
        edge.socket_url,
        subprotocols=["jwt-auth", f"jwt.{TOKEN}"],  # type: ignore[list-item] # a Subprotocol is a str
        origin="https://chat.example",  # type: ignore[arg-type] # an Origin is a str
        additional_headers={"Authorization": f"Bearer {TOKEN}"},
    ) as socket:
        assert socket.subprotocol == "jwt-auth"
        document, headers = received(await socket.recv())
    assert document["service"] == "b-1"
    assert headers["sec-websocket-protocol"] == [f"jwt-auth, jwt.{TOKEN}"]
    assert headers["authorization"] == [f"Bearer {TOKEN}"]
    assert headers["origin"] == ["https://chat.example"]
    assert headers["x-netra-client-ip"] == ["127.0.0.1"]
    (entry,) = await edge.log_entries(1)
    assert entry["subprotocol"] == "jwt-auth,<redacted>"
    log = edge.log.read_text()
    assert TOKEN not in log
    assert "c2lnbmF0dXJl" not in log


async def test_several_protocol_fields_arrive_as_one_list(edge: RunningEdge) -> None:
    answer = await _get(edge, "/api/x")
    assert answer.status_code == httpx.codes.OK
    async with httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE) as client:
        pairs = [
            ("host", HOST),
            ("sec-websocket-protocol", "jwt-auth"),
            ("sec-websocket-protocol", f"jwt.{TOKEN}"),
        ]
        facts = (await client.get("/api/x", headers=pairs)).text
    joined = ", ".join(received(facts)[1]["sec-websocket-protocol"])
    assert re.sub(r",\s*", ", ", joined) == f"jwt-auth, jwt.{TOKEN}"


@pytest.mark.parametrize("path", ["/api/x", "/api/auth/login", "/health"])
async def test_a_client_forges_nothing(edge: RunningEdge, path: str) -> None:
    forged = {
        "X-Netra-Client-IP": "1.2.3.4",
        "x-netra-client-region": "ZZ",
        "X-NETRA-CLIENT-ENCRYPTED": "true",
        "x-netra-tls-version": "TLSv1.3",
        "X-Netra-User-Id": "root",
        "x-netra-roles": "operator",
        "X-Original-Authorization": "Bearer forged",
        "x-real-ip": "1.2.3.4",
        "X-Envoy-Original-Path": "/admin",
        "x-envoy-upstream-rq-timeout-ms": "1",
    }
    _, headers = received((await _get(edge, path, **forged)).text)
    assert headers["x-netra-client-ip"] == ["127.0.0.1"]
    assert headers["x-netra-client-region"] == [""]
    assert headers["x-netra-client-encrypted"] == ["false"]
    assert headers["x-netra-tls-version"] == [""]
    gone = {"x-netra-user-id", "x-netra-roles", "x-original-authorization", "x-real-ip"}
    assert gone & headers.keys() == set()
    assert [name for name in headers if name.startswith("x-envoy-")] == []


async def test_names_arrive_in_lower_case(edge: RunningEdge) -> None:
    document, _ = received((await _get(edge, **{"X-Request-ID": "a", "ORIGIN": "b"})).text)
    names = [name for name, _ in document["headers"]]
    assert {"x-request-id", "origin", "x-netra-client-ip"} <= set(names)
    assert names == [name.lower() for name in names]


async def test_hop_by_hop_headers_end_at_the_edge(edge: RunningEdge) -> None:
    sent = {"Proxy-Authorization": "Basic eDp5", "TE": "trailers", "Keep-Alive": "timeout=5"}
    named = {"Connection": "keep-alive, X-Hop", "X-Hop": "1"}
    _, headers = received((await _get(edge, **sent, **named)).text)
    ended = {"proxy-authorization", "te", "keep-alive", "upgrade", "connection", "x-hop"}
    assert ended & headers.keys() == set()


async def test_the_edge_says_who_the_client_is_and_who_it_is_itself(edge: RunningEdge) -> None:
    answer = await _get(edge, **{"X-Forwarded-For": "9.9.9.9"})
    _, headers = received(answer.text)
    assert re.sub(r"\s", "", ",".join(headers["x-forwarded-for"])) == "9.9.9.9,127.0.0.1,127.0.0.1"
    assert headers["x-forwarded-proto"] == ["http"]
    assert headers["via"] == ["1.1 google"]
    assert answer.headers["via"] == "1.1 google"
    assert "x-request-id" not in headers


async def test_trace_context_is_made_kept_and_derived(edge: RunningEdge) -> None:
    form = re.compile(r"^[0-9a-f]{32}/\d+$")
    first = received((await _get(edge)).text)[1]["x-cloud-trace-context"][0]
    second = received((await _get(edge)).text)[1]["x-cloud-trace-context"][0]
    assert form.match(first)
    assert first.partition("/")[0] != second.partition("/")[0]
    kept = await _get(edge, **{"X-Cloud-Trace-Context": "105445aa7843bc8bf206b12000100000/1"})
    assert received(kept.text)[1]["x-cloud-trace-context"] == ["105445aa7843bc8bf206b12000100000/1"]
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    _, derived = received((await _get(edge, traceparent=parent)).text)
    assert derived["traceparent"] == [parent]
    assert derived["x-cloud-trace-context"][0].startswith("4bf92f3577b34da6a3ce929d0e0e4736/")


async def test_an_unknown_host_reaches_no_service(edge: RunningEdge) -> None:
    answer = await _get(edge, host="evil.example")
    assert answer.status_code == httpx.codes.FOUND
    assert answer.headers["location"] == "https://chat.example/api/x"


@pytest.mark.parametrize(
    "path", ["/", "/ws", "/ws/a", "/wsx", "/api", "/apis", "/api/auth/x", "/health"]
)
async def test_envoy_decides_as_the_url_map_does(edge: RunningEdge, path: str) -> None:
    body = next(m for m in stack_objects().all("urlMaps") if m.get("tests"))
    action = decide(parse_url_map(body), HOST, path)
    assert isinstance(action, Forward)
    text = (await _get(edge, path)).text
    service = action.backends[0].service.rpartition("/")[2].split("-")[1]
    expected = {"frontend": "frontend", "auth": '"a-1"', "api": '"b-1"', "sockets": '"b-1"'}
    assert expected[service] in text


async def test_only_websocket_upgrades_pass(edge: RunningEdge) -> None:
    answer = await _get(edge, "/api/x", connection="upgrade", upgrade="h2c-something")
    assert answer.status_code == httpx.codes.FORBIDDEN
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{edge.port}/page")
    assert refused.value.response.status_code == httpx.codes.FORBIDDEN


async def test_the_access_log_is_json_without_query_and_credentials(edge: RunningEdge) -> None:
    await _get(edge, "/api/x?token=geheim", authorization="Bearer geheim", cookie="a=geheim")
    (entry,) = await edge.log_entries(1)
    assert "geheim" not in edge.log.read_text()
    assert entry["path"] == "/api/x"
    assert entry["authorization"] == "present"
    assert re.fullmatch(r"[0-9a-f]{32}", entry["trace"])
