from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.plan.settings import (
    Change,
    container_of,
    differences,
    drift,
    flatten,
)


def service(**changes: Any) -> dict[str, Any]:
    container = {
        "name": "backend",
        "image": "image@sha256:1",
        "env": [{"name": "LOG_FORMAT", "value": "json"}, *changes.pop("env", [])],
    }
    template = {"scaling": {"minInstanceCount": 1}, "containers": [container], **changes}
    return {"name": "projects/p/locations/l/services/s", "etag": "1", "template": template}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "timeout"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON, JSON)
def test_two_services_differ_exactly_where_their_settings_differ(one: Any, other: Any) -> None:
    before, after = {"template": {"x": one}}, {"template": {"x": other}}

    found = differences(before, after)

    assert differences(before, before) == ()
    assert (found == ()) is (flatten(before) == flatten(after))
    assert differences(after, before) == tuple(Change(c.path, c.after, c.before) for c in found)


def test_images_the_release_variable_and_server_fields_are_not_settings() -> None:
    flat = flatten(service(env=[{"name": "NETRA_RELEASE", "value": "r1"}], revision="s-1"))

    assert flat == {
        "template.containers.backend.env.LOG_FORMAT.name": "LOG_FORMAT",
        "template.containers.backend.env.LOG_FORMAT.value": "json",
        "template.containers.backend.name": "backend",
        "template.scaling.minInstanceCount": "1",
    }


def test_drift_names_a_minimum_that_was_raised_live() -> None:
    live = service(scaling={"minInstanceCount": 3})

    assert [c.describe() for c in drift(live, service())] == [
        "template.scaling.minInstanceCount: 3 -> 1"
    ]


def test_a_variable_set_by_hand_is_drift_and_a_default_of_the_api_is_not() -> None:
    live = service(env=[{"name": "DEBUG", "value": "1"}], maxInstanceRequestConcurrency=80)

    assert {c.path.rpartition(".")[0] for c in drift(live, service())} == {
        "template.containers.backend.env.DEBUG"
    }


def test_a_value_that_is_known_at_apply_time_only_is_not_compared() -> None:
    live = service(env=[{"name": "REDIS_URL", "value": "rediss://10.0.0.3"}])
    declared = service(env=[{"name": "REDIS_URL"}])

    assert drift(live, declared) == ()


def test_a_number_in_place_of_a_declared_latest_is_no_drift() -> None:
    def with_version(version: str) -> dict[str, object]:
        reference = {"secretKeyRef": {"secret": "model-key", "version": version}}
        return service(env=[{"name": "KEY", "valueSource": reference}])

    assert drift(with_version("3"), with_version("latest")) == ()
    assert drift(with_version("3"), with_version("2")) != ()


def test_the_container_of_a_role_is_found_by_name_else_the_first() -> None:
    template = {"containers": [{"name": "proxy"}, {"name": "backend"}]}

    assert container_of(template, "backend")["name"] == "backend"
    assert container_of(template, "auth")["name"] == "proxy"
    with pytest.raises(ValueError, match="no container"):
        container_of({}, "auth")
