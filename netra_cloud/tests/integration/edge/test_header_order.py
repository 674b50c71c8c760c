"""A real Envoy applies header actions in the order that compute.proto documents.

Sources of every expectation: ``header_action`` of WeightedBackendService, HttpRouteRule,
PathMatcher and UrlMap in google/cloud/compute/v1/compute.proto; "Custom headers in URL maps" of
https://cloud.google.com/load-balancing/docs/https/custom-headers-global; HttpHeaderMatch.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from netra_cloud.edge.run_target import Target
from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.reader import load
from netra_cloud.tests.integration.edge.harness import (
    DEADLINE,
    RunningEdge,
    echo_service,
    received,
    running_edge,
)
from netra_cloud.tests.unit.edge.stack import run_target

HOST = "app.example.com"


def _action(level: str) -> str:
    return f"""
header_action {{
  request_headers_to_add {{
    header_name  = "X-Level"
    header_value = "{level}"
    replace      = true
  }}
  request_headers_to_add {{
    header_name  = "X-Chain"
    header_value = "{level}"
    replace      = false
  }}
  response_headers_to_add {{
    header_name  = "X-Answer"
    header_value = "{level}"
    replace      = true
  }}
}}
"""


TERRAFORM = f"""
resource "google_cloud_run_v2_service" "app" {{
  name     = "app"
  location = "europe-west1"
  template {{
    containers {{ image = "example.invalid/app:1" }}
  }}
}}
resource "google_compute_region_network_endpoint_group" "app" {{
  name   = "app"
  region = "europe-west1"
  cloud_run {{ service = google_cloud_run_v2_service.app.name }}
}}
resource "google_compute_backend_service" "app" {{
  name                    = "app"
  load_balancing_scheme   = "EXTERNAL_MANAGED"
  custom_request_headers  = ["X-Level: backend", "X-Own: {{origin_request_header}} {{{{}}}}"]
  custom_response_headers = ["X-Answer: backend"]
  backend {{ group = google_compute_region_network_endpoint_group.app.id }}
}}
resource "google_compute_url_map" "app" {{
  name            = "app"
  default_service = google_compute_backend_service.app.id
  {_action("map")}
  host_rule {{
    hosts        = ["{HOST}"]
    path_matcher = "routes"
  }}
  path_matcher {{
    name            = "routes"
    default_service = google_compute_backend_service.app.id
    {_action("matcher")}
    route_rules {{
      priority = 1
      match_rules {{ prefix_match = "/weighted" }}
      {_action("route")}
      route_action {{
        weighted_backend_services {{
          backend_service = google_compute_backend_service.app.id
          weight          = 100
          {_action("weighted")}
        }}
      }}
    }}
    route_rules {{
      priority = 2
      service  = google_compute_backend_service.app.id
      match_rules {{
        prefix_match = "/inverted"
        header_matches {{
          header_name  = "x-tenant"
          exact_match  = "blue"
          invert_match = true
        }}
      }}
      header_action {{
        request_headers_to_add {{
          header_name  = "X-Inverted"
          header_value = "yes"
          replace      = true
        }}
      }}
    }}
  }}
}}
resource "google_compute_target_https_proxy" "app" {{
  name    = "app"
  url_map = google_compute_url_map.app.id
}}
resource "google_compute_global_forwarding_rule" "app" {{
  name       = "app"
  target     = google_compute_target_https_proxy.app.id
  port_range = "443"
}}
"""


@pytest.fixture
async def app_edge(tmp_path: Path, edge_directory: Path) -> AsyncIterator[RunningEdge]:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    objects = compute_objects(load(tmp_path), "project")
    async with echo_service("app") as port:
        targets: dict[str, Target] = {"app": run_target("app", ("app-1", 100, port))}
        async with running_edge(edge_directory, targets, objects) as running:
            yield running


async def _get(edge: RunningEdge, path: str, **headers: str) -> tuple[httpx.Response, Any]:
    async with httpx.AsyncClient(base_url=edge.url, timeout=DEADLINE) as client:
        answer = await client.get(path, headers={"host": HOST, **headers})
    return answer, received(answer.text)[1]


async def test_weighted_then_route_then_matcher_then_map(app_edge: RunningEdge) -> None:
    answer, headers = await _get(app_edge, "/weighted", **{"x-level": "forged"})
    assert headers["x-level"] == ["map"]
    assert headers["x-chain"] == ["weighted,route,matcher,map"]
    assert answer.headers["x-answer"] == "map"


async def test_a_header_that_the_map_does_not_set_comes_from_the_backend_service(
    app_edge: RunningEdge,
) -> None:
    _, headers = await _get(app_edge, "/other", origin="https://one.example")
    assert headers["x-own"] == ["https://one.example {}"]
    assert headers["x-chain"] == ["matcher,map"]
    _, without = await _get(app_edge, "/other")
    assert without["x-own"][0].strip() == "{}"


@pytest.mark.parametrize(("tenant", "expected"), [("blue", False), ("red", True), (None, True)])
async def test_an_inverted_match_is_the_negation(
    app_edge: RunningEdge, tenant: str | None, *, expected: bool
) -> None:
    sent = {} if tenant is None else {"x-tenant": tenant}
    _, headers = await _get(app_edge, "/inverted", **sent)
    assert ("x-inverted" in headers) == expected
