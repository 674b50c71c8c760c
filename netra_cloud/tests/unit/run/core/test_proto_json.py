"""Strict reading of messages."""

from typing import Any

import pytest
from google.cloud import run_v2
from google.protobuf import json_format

from netra_cloud.run.core import proto_json
from netra_cloud.run.core.errors import InvalidArgument
from netra_cloud.run.core.schema_extract import extract


def read(body: Any) -> dict[str, Any]:
    return proto_json.read(proto_json.SERVICE, body, "service")


def test_the_schema_is_that_of_the_installed_client() -> None:
    assert extract() == {"messages": proto_json._MESSAGES, "enums": proto_json._ENUMS}


def test_both_spellings_numbers_of_enums_and_long_integers() -> None:
    found = read({"observed_generation": 3, "ingress": 1, "template": {"session_affinity": True}})
    assert found == {
        "observedGeneration": "3",
        "ingress": "INGRESS_TRAFFIC_ALL",
        "template": {"sessionAffinity": True},
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"template": {"tempo": 1}},
            "Unknown name \"tempo\" at 'service.template': Cannot find field.",
        ),
        (
            {"traffic": [100]},
            "(type.googleapis.com/google.cloud.run.v2.TrafficTarget), 100",
        ),
        ({"ingress": "EVERYONE"}, "Invalid value at 'service.ingress'"),
        ({"traffic": [{"percent": "many"}]}, "Invalid value at 'service.traffic.percent'"),
        ({"labels": 1}, "Invalid value at 'service.labels'"),
    ],
)
def test_what_google_refuses(body: Any, text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read(body)
    assert text in caught.value.message
    assert caught.value.body()["error"]["status"] == "INVALID_ARGUMENT"


def test_what_is_read_is_what_the_client_wrote() -> None:
    container = run_v2.Container(image="i", env=[run_v2.EnvVar(name="A", value="b")])
    probe = run_v2.Probe(http_get=run_v2.HTTPGetAction(path="/x"), period_seconds=3)
    container.startup_probe = probe
    service = run_v2.Service(
        template=run_v2.RevisionTemplate(containers=[container], timeout={"seconds": 60}),
        traffic=[run_v2.TrafficTarget(type_=2, revision="r", percent=100)],
    )
    written = json_format.MessageToDict(run_v2.Service.pb(service), use_integers_for_enums=True)
    again = run_v2.Service.pb(run_v2.Service())
    json_format.ParseDict(read(written), again)
    assert again == run_v2.Service.pb(service)
