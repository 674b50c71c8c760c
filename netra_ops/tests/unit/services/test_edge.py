import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netra_ops.services.edge import (
    FORGEABLE_HEADERS,
    MAX_SOCKET_SECONDS,
    EdgeDescription,
    Upstream,
    envoy_configuration,
    routes,
)
from netra_ops.services.edge_access_log import ACCESS_LOG
from netra_ops.stack.edge_server import find_envoy

pytestmark = pytest.mark.unit

EDGE = EdgeDescription(8080, Upstream("auth", 8001), Upstream("backend", 8000))


def chosen(path: str) -> dict[str, Any]:
    """Return the first route that matches, by Envoy's documented rules of matching."""
    for route in routes(EDGE):
        match = route["match"]
        if match.get("path") == path or path.startswith(match.get("prefix", "\0")):
            return route
        separated = match.get("path_separated_prefix")
        if separated and (path == separated or path.startswith(f"{separated}/")):
            return route
    raise AssertionError(f"no route for {path}")


@pytest.mark.parametrize(
    ("path", "cluster"),
    [
        ("/.well-known/jwks.json", "auth"),
        ("/api/auth/login", "auth"),
        ("/api/auth/.well-known/jwks.json", "auth"),
        ("/api/threads", "backend"),
        ("/api/authority", "backend"),
        ("/health", "backend"),
        ("/health/ready", "backend"),
        ("/ws", "backend"),
        ("/websocket", "backend"),
    ],
)
def test_path_reaches_its_service(path: str, cluster: str) -> None:
    assert chosen(path)["route"]["cluster"] == cluster


@pytest.mark.parametrize(
    "path", ["/metrics", "/docs", "/ws/extra", "/healthy", "/apix", "/.well-known/other"]
)
def test_everything_else_is_lost(path: str) -> None:
    answer = chosen(path)["direct_response"]
    assert answer["status"] == 404
    assert json.loads(answer["body"]["inline_string"])["code"] == "not_found"


def test_only_the_socket_routes_upgrade_and_live_an_hour() -> None:
    upgrading = {
        route["match"]["path"]
        for route in routes(EDGE)
        if route.get("route", {}).get("upgrade_configs") == [
            {"upgrade_type": "websocket", "enabled": True}
        ]
    }  # fmt: skip
    assert upgrading == {"/ws", "/websocket"}
    bound = chosen("/ws")["route"]["max_stream_duration"]["max_stream_duration"]
    assert bound == f"{MAX_SOCKET_SECONDS}s" == "3600s"


def test_the_access_log_has_no_credential_and_no_query() -> None:
    formats = ACCESS_LOG["typed_config"]["log_format"]["json_format"]
    assert formats["path"] == "%PATH(NQ)%"
    for value in formats.values():
        assert "%REQ(AUTHORIZATION" not in value.upper()
        assert "%REQ(SEC-WEBSOCKET-PROTOCOL" not in value.upper()
        assert "%REQ(COOKIE" not in value.upper()


def test_forged_headers_are_removed_on_every_route() -> None:
    manager = envoy_configuration(EDGE)["static_resources"]["listeners"][0]["filter_chains"][0]
    config = manager["filters"][0]["typed_config"]
    assert config["route_config"]["request_headers_to_remove"] == list(FORGEABLE_HEADERS)
    mutations = config["early_header_mutation_extensions"][0]["typed_config"]["mutations"]
    assert {"remove": "x-request-id"} in mutations
    assert {"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}} in mutations


def test_equal_descriptions_give_equal_configurations() -> None:
    again = EdgeDescription(8080, Upstream("auth", 8001), Upstream("backend", 8000))
    assert envoy_configuration(EDGE) == envoy_configuration(again)


def test_envoy_itself_accepts_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "edge.json"
    path.write_text(json.dumps(envoy_configuration(EDGE)))
    finished = subprocess.run(
        [find_envoy(), "--mode", "validate", "--disable-hot-restart", "-c", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert finished.returncode == 0, finished.stderr
