"""The edge of ``netra up`` is the staging stack's, on this machine's ports."""

import json
import subprocess
from pathlib import Path

import pytest

from netra_cloud.edge.xds import STRICT_ARGUMENTS, XdsDirectory
from netra_ops.edge.local import LocalEdge, render_local
from netra_ops.stack.edge_server import find_envoy

pytestmark = pytest.mark.unit


def _edge(directory: Path) -> LocalEdge:
    return LocalEdge(8080, ("127.0.0.1", "::1"), 8001, 8000, directory)


def test_equal_edges_are_rendered_equally() -> None:
    assert render_local(_edge(Path("/x"))) == render_local(_edge(Path("/x")))


def test_services_are_behind_their_ports_with_terraforms_timeouts() -> None:
    rendering = render_local(_edge(Path("/x")))
    ports = {
        cluster["name"].partition("/")[0]: cluster["load_assignment"]["endpoints"][0][
            "lb_endpoints"
        ][0]["endpoint"]["address"]["socket_address"]["port_value"]
        for cluster in rendering.clusters
    }
    assert ports == {"netra-backend-staging": 8000, "netra-auth-staging": 8001}
    routes = rendering.routes["routes-netra-https-staging.json"]["virtual_hosts"][0]["routes"]
    sockets = [r["route"] for r in routes if r["match"].get("path") == "/ws"]
    assert {r["max_stream_duration"]["max_stream_duration"] for r in sockets} == {"3600s"}


def test_every_loopback_name_is_the_domain() -> None:
    (hosts, default) = render_local(_edge(Path("/x"))).routes["routes-netra-https-staging.json"][
        "virtual_hosts"
    ]
    assert hosts["domains"] == ["localhost", "127.0.0.1", "[::1]"]
    assert default["routes"][0]["redirect"]["host_redirect"] == "localhost"


def test_envoy_itself_accepts_the_bootstrap(tmp_path: Path) -> None:
    directory = tmp_path / "edge"
    bootstrap = XdsDirectory(directory).write_initial(render_local(_edge(directory)))
    finished = subprocess.run(
        [
            find_envoy(),
            "--mode",
            "validate",
            "--disable-hot-restart",
            *STRICT_ARGUMENTS,
            "-c",
            bootstrap,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr


def test_credentials_are_neither_logged_nor_part_of_the_configuration() -> None:
    text = json.dumps(render_local(_edge(Path("/x"))).bootstrap).upper()
    for name in ("AUTHORIZATION", "SEC-WEBSOCKET-PROTOCOL", "COOKIE"):
        assert f"%REQ({name}" not in text
