"""The whole rendering against a golden file, and the parts that matter one by one.

After a wanted change: ``NETRA_UPDATE_GOLDEN=1 pytest …``, then review the diff.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from netra_cloud.edge.header_chain import chained
from netra_cloud.edge.header_format import envoy_header_fields, envoy_value
from netra_cloud.edge.listener import LocalListener
from netra_cloud.edge.render import EdgeInput, Rendering, admin_socket, render
from netra_cloud.edge.run_target import RunTarget
from netra_cloud.edge.url_map import Header, HeaderAction
from netra_cloud.errors import NotEmulated, UnknownObject
from netra_cloud.tests.unit.edge.stack import AUTH, BACKEND, run_target, stack_objects, targets

GOLDEN = Path(__file__).with_name("golden")


def _rendering(backend: RunTarget | None = None) -> Rendering:
    chosen = backend or run_target(
        BACKEND, ("b-2", 90, 9002), ("b-1", 10, 9001), session_affinity=True
    )
    return render(
        EdgeInput(
            objects=stack_objects(),
            targets=targets(chosen, run_target(AUTH, ("a-1", 100, 9101), timeout_seconds=60)),
            listeners={443: LocalListener(8080), 80: LocalListener(8081)},
            directory=Path("/run/edge"),
            aliases={"chat.example": ("localhost",)},
        )
    )


@pytest.mark.parametrize("part", ["bootstrap", "routes", "clusters"])
def test_rendering_is_the_golden_one(part: str) -> None:
    file = GOLDEN / f"{part}.json"
    text = json.dumps(getattr(_rendering(), part), indent=1, sort_keys=True) + "\n"
    if os.environ.get("NETRA_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        pytest.fail(f"{file.name} was written again; review the diff")
    assert text == file.read_text()


def _routes_of(rendering: Rendering, prefix: str) -> list[dict[str, Any]]:
    host = rendering.routes["routes-netra-https-staging.json"]["virtual_hosts"][0]
    return [
        r for r in host["routes"] if prefix in {r["match"].get("path"), r["match"].get("prefix")}
    ]


def test_a_socket_lives_as_long_as_cloud_run_allows_and_no_longer_than_an_hour() -> None:
    for promised, cut in ((3600, "3600s"), (86_400, "3600s"), (600, "600s")):
        rendering = _rendering(run_target(BACKEND, ("b", 100, 1), timeout_seconds=promised))
        route = _routes_of(rendering, "/ws")[0]["route"]
        assert route["max_stream_duration"] == {"max_stream_duration": cut}
        assert route["idle_timeout"] == "0s"


def test_pinned_clients_come_before_the_split() -> None:
    first, second, split = _routes_of(_rendering(), "/ws")
    assert first["route"]["cluster"] == f"{BACKEND}/b-2"
    assert second["route"]["cluster"] == f"{BACKEND}/b-1"
    weights = {c["name"]: c["weight"] for c in split["route"]["weighted_clusters"]["clusters"]}
    assert weights == {f"{BACKEND}/b-2": 90, f"{BACKEND}/b-1": 10}


def test_a_service_without_instances_answers_503() -> None:
    route = _routes_of(_rendering(RunTarget(BACKEND, ())), "/ws")[0]
    assert route["direct_response"]["status"] == 503


def test_what_is_not_emulated_is_said() -> None:
    assert [line.split(":")[0] for line in _rendering().not_emulated] == [
        "rule netra-api-staging-1000"
    ]


def test_a_long_directory_gets_a_short_admin_socket_of_its_own() -> None:
    assert admin_socket(Path("/run/edge")) == Path("/run/edge/admin.sock")
    first, second = (admin_socket(Path("/x" * 60) / name) for name in ("a", "b"))
    assert first != second
    assert len(bytes(first)) < 107


def test_a_missing_target_is_refused() -> None:
    with pytest.raises(UnknownObject, match="nothing runs as Cloud Run service"):
        render(EdgeInput(stack_objects(), {}, {443: LocalListener(1)}, Path("/x")))


def test_traffic_that_does_not_sum_up_is_refused() -> None:
    with pytest.raises(ValueError, match="sums up to 90"):
        run_target(BACKEND, ("b", 90, 1))


def test_replaced_headers_are_removed_first_and_empty_values_kept() -> None:
    action = HeaderAction(add_request=(Header("X-Region", "{client_region}", replace=True),))
    fields = envoy_header_fields(chained(HeaderAction(), [action]), tls=False)
    assert fields["request_headers_to_remove"] == ["x-region"]
    (added,) = fields["request_headers_to_add"]
    assert added["header"]["value"] == ""
    assert added["keep_empty_value"] is True


@pytest.mark.parametrize(
    ("value", "tls", "expected"),
    [
        ("{client_encrypted}", True, "true"),
        ("{client_encrypted}", False, "false"),
        ("{tls_version}", True, "%DOWNSTREAM_TLS_VERSION%"),
        ("{tls_version}", False, ""),
        ("{origin_request_header}", False, "%REQ(ORIGIN)%"),
        ('{{"a": 1}} {client_protocol}', False, '{"a": 1} %PROTOCOL%'),
        ("100% {client_port}", False, "100%% %DOWNSTREAM_REMOTE_PORT%"),
    ],
)
def test_header_variables(value: str, expected: str, *, tls: bool) -> None:
    assert envoy_value(value, tls=tls) == expected


def test_unknown_header_variables_are_refused() -> None:
    with pytest.raises(NotEmulated):
        envoy_value("{http_authorization}", tls=False)
