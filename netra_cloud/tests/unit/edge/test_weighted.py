"""Routes over several backend services."""

from typing import Any

import pytest

from netra_cloud.edge.routes import Backend, route_configuration
from netra_cloud.edge.run_target import Endpoint, FixedAnswer, Page, Revision, RunTarget, Target
from netra_cloud.edge.url_map import Header, HeaderAction
from netra_cloud.edge.url_map_parser import parse_url_map
from netra_cloud.errors import NotEmulated
from netra_cloud.tests.unit.edge.stack import run_target

BODY = {
    "name": "m",
    "defaultRouteAction": {
        "weightedBackendServices": [
            {
                "backendService": "new",
                "weight": 1,
                "headerAction": {
                    "requestHeadersToAdd": [
                        {"headerName": "X-Both", "headerValue": "map", "replace": True}
                    ]
                },
            },
            {"backendService": "old", "weight": 9},
        ]
    },
}


def _route(**targets: Target) -> dict[str, Any]:
    own = HeaderAction(add_request=(Header("X-Both", "service", replace=True),))
    backends = {name: Backend(target, own) for name, target in targets.items()}
    configuration = route_configuration(
        parse_url_map(BODY), backends.__getitem__, tls=False, aliases={}
    )
    route: dict[str, Any] = configuration["virtual_hosts"][0]["routes"][0]["route"]
    return route


def test_both_shares_count_and_the_map_wins_over_the_service() -> None:
    new = run_target("new", ("n-1", 40, 1), ("n-2", 60, 2), timeout_seconds=60)
    route = _route(new=new, old=run_target("old", ("o-1", 100, 3), timeout_seconds=60))
    clusters = route["weighted_clusters"]["clusters"]
    weights = {cluster["name"]: cluster["weight"] for cluster in clusters}
    assert weights == {"new/n-1": 40, "new/n-2": 60, "old/o-1": 900}
    values = [cluster["request_headers_to_add"][0]["header"]["value"] for cluster in clusters]
    assert values == ["map", "map", "service"]
    assert route["max_stream_duration"] == {"max_stream_duration": "60s"}


def test_a_revision_without_instances_gets_nothing() -> None:
    revisions = (Revision("n-1", 50, (Endpoint("127.0.0.1", 1),)), Revision("n-2", 50, ()))
    route = _route(new=RunTarget("new", revisions, 3600), old=run_target("old", ("o", 100, 2)))
    names = [cluster["name"] for cluster in route["weighted_clusters"]["clusters"]]
    assert names == ["new/n-1", "old/o"]


@pytest.mark.parametrize(
    "new",
    [
        run_target("new", ("n", 100, 1), timeout_seconds=60),
        FixedAnswer("new", (Page(None, 200, "", "text/plain"),)),
    ],
)
def test_what_envoy_cannot_do_is_refused(new: Target) -> None:
    with pytest.raises(NotEmulated):
        _route(new=new, old=run_target("old", ("o", 100, 2)))
