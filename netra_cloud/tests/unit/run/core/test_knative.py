"""What v1 writes, v2 means; and a client reads what it wrote."""

from hypothesis import given
from hypothesis import strategies as st

from netra_cloud.run.core import knative
from netra_cloud.run.core.template import with_defaults

names = st.from_regex(r"[A-Z][A-Z_]{0,6}", fullmatch=True)
templates = st.fixed_dictionaries(
    {
        "containers": st.lists(
            st.fixed_dictionaries(
                {"image": st.just("local/app:v1")},
                optional={
                    "env": st.lists(
                        st.one_of(
                            st.fixed_dictionaries({"name": names, "value": st.text(max_size=5)}),
                            st.builds(
                                lambda name: {
                                    "name": name,
                                    "valueSource": {
                                        "secretKeyRef": {"secret": "key", "version": "3"}
                                    },
                                },
                                names,
                            ),
                        ),
                        min_size=1,
                        max_size=2,
                    ),
                    "command": st.just(["/bin/app"]),
                    "readinessProbe": st.just({"httpGet": {"path": "/ready"}}),
                },
            ),
            min_size=1,
            max_size=1,
        )
    },
    optional={
        "revision": st.just("web-one"),
        "timeout": st.sampled_from(["60s", "3600s"]),
        "sessionAffinity": st.just(True),
        "scaling": st.just({"minInstanceCount": 1, "maxInstanceCount": 3}),
        "maxInstanceRequestConcurrency": st.integers(1, 1000),
        "labels": st.just({"a": "b"}),
        "annotations": st.just({"run.googleapis.com/client-name": "gcloud"}),
        "executionEnvironment": st.just("EXECUTION_ENVIRONMENT_GEN2"),
    },
)


@given(templates)
def test_a_template_survives_the_way_to_v1_and_back(template: dict[str, object]) -> None:
    full = with_defaults(template)
    assert with_defaults(knative.template_from(knative.template_to(full))) == full


def test_traffic_ingress_and_version_of_a_service() -> None:
    body = {
        "metadata": {
            "name": "web",
            "resourceVersion": "7",
            "annotations": {"run.googleapis.com/ingress": "internal-and-cloud-load-balancing"},
        },
        "spec": {
            "template": {"spec": {"containers": [{"image": "i"}]}},
            "traffic": [
                {"latestRevision": True, "percent": 90},
                {"revisionName": "web-1", "percent": 10, "tag": "old"},
            ],
        },
    }
    found = knative.service_from(body)
    assert found["etag"] == '"7"'
    assert found["ingress"] == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    assert found["traffic"] == [
        {"percent": 90, "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"},
        {
            "percent": 10,
            "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
            "revision": "web-1",
            "tag": "old",
        },
    ]


def test_reasons_are_written_as_knative_writes_them() -> None:
    condition = {
        "type": "Ready",
        "state": "CONDITION_FAILED",
        "revisionReason": "HEALTH_CHECK_CONTAINER_ERROR",
        "message": "m",
        "lastTransitionTime": "t",
    }
    found = knative.condition_to(condition)
    assert (found["status"], found["reason"]) == ("False", "HealthCheckContainerError")
