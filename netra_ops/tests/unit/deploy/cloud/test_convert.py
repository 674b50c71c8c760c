import pytest
from google.cloud import run_v2
from google.protobuf.json_format import ParseError
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.cloud.convert import (
    service_from,
    short,
    split_of,
    state_of,
    to_json,
    traffic_json,
)
from netra_ops.deploy.traffic import Target

TARGETS = st.builds(
    Target,
    st.none() | st.sampled_from(["s-1", "s-2"]),
    st.integers(0, 100),
    st.sampled_from(["", "candidate", "stable"]),
)


@given(st.lists(TARGETS, max_size=4).map(tuple))
def test_a_split_survives_the_api_message(split: tuple[Target, ...]) -> None:
    service = service_from({"name": "s", "traffic": traffic_json(split)})

    assert split_of(to_json(service).get("traffic", ())) == split


def test_durations_and_names_have_the_json_form_of_the_rest_reference() -> None:
    body = {
        "name": "projects/p/locations/l/services/s",
        "etag": "7",
        "annotations": {"a": "b"},
        "template": {"timeout": "3600s", "maxInstanceRequestConcurrency": 500},
        "latestCreatedRevision": "projects/p/locations/l/services/s/revisions/s-2",
    }

    state = state_of(service_from(body))

    assert state.body == body
    assert (state.name, state.etag, state.annotations) == (body["name"], "7", {"a": "b"})
    assert (state.latest_created, state.latest_ready) == ("s-2", "")


def test_a_field_that_the_api_does_not_have_is_refused() -> None:
    with pytest.raises(ParseError, match="healthz"):
        service_from({"healthz": "/"})


def test_short_names() -> None:
    assert short(run_v2.ServicesClient.service_path("p", "l", "s")) == "s"
    assert short("s") == "s"
