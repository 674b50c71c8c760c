"""What Google refuses, with its code, status and text."""

import re
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import run_v2
from google.protobuf.field_mask_pb2 import FieldMask

from netra_cloud.tests.integration.run.harness import PARENT, Cloud, done, target


def test_a_taken_name(cloud: Cloud) -> None:
    cloud.create("taken")
    with pytest.raises(exceptions.Conflict, match="Resource 'taken' already exists"):
        cloud.create("taken")


def test_an_old_etag(cloud: Cloud) -> None:
    created = cloud.create("etag")
    update = cloud.service(env={"A": "1"})
    update.name, update.etag = created.name, created.etag
    done(cloud.services.update_service(service=update))
    with pytest.raises(
        exceptions.Conflict,
        match="Conflict for resource 'etag': version '1' was specified but current version is '2'",
    ):
        cloud.services.update_service(service=update)


def test_an_unknown_field_of_the_mask(cloud: Cloud) -> None:
    created = cloud.create("mask")
    with pytest.raises(exceptions.BadRequest, match="tempalte"):
        cloud.services.update_service(service=created, update_mask=FieldMask(paths=["tempalte"]))


def test_a_revision_name_with_another_template(cloud: Cloud) -> None:
    created = cloud.create("named", cloud.service(revision="named-one"))
    update = cloud.service(env={"A": "1"}, revision="named-one")
    update.name = created.name
    with pytest.raises(
        exceptions.Conflict,
        match="Revision named 'named-one' with different configuration already exists",
    ):
        cloud.services.update_service(service=update)


@pytest.mark.parametrize(
    ("traffic", "text"),
    [
        ([("refused-one", 90, "")], "Traffic targets sum to 90, want 100"),
        ([("refused-one", 100, "ab")], "at least 3 characters"),
        ([("refused-one", 100, "a" * 40)], "cannot exceed 46 characters"),
        ([("refused-one", 50, "tag"), ("refused-one", 50, "tag")], "Multiple definitions for tag"),
    ],
)
def test_traffic_that_can_never_be(
    cloud: Cloud, traffic: list[tuple[str, int, str]], text: str
) -> None:
    with pytest.raises(exceptions.BadRequest, match=text):
        cloud.services.create_service(
            parent=PARENT,
            service_id="refused",
            service=run_v2.Service(
                template=cloud.service().template,
                traffic=[target(*one) for one in traffic],
            ),
        )


def test_traffic_to_a_missing_revision_fails_the_operation_and_keeps_serving(
    cloud: Cloud,
) -> None:
    cloud.create("missing", cloud.service(revision="missing-one"))
    text = "Revision 'missing-gone' does not exist or is deleted. Update all traffic to route"
    with pytest.raises(exceptions.InternalServerError, match=re.escape(text)):
        cloud.split("missing", target("missing-gone", 100))
    service = cloud.services.get_service(name=f"{PARENT}/services/missing")
    assert service.terminal_condition.state == run_v2.Condition.State.CONDITION_FAILED
    assert service.traffic[0].revision == "missing-gone"
    assert service.traffic_statuses[0].percent == 100
    assert cloud.served_by("missing") == ["missing-one"]
    cloud.split("missing", target("missing-one", 100))
    assert cloud.services.get_service(name=service.name).terminal_condition.state == (
        run_v2.Condition.State.CONDITION_SUCCEEDED
    )


@pytest.mark.parametrize("env", [{"MUTE": "1"}, {"DIE": "3"}, {"WRONG_PORT": "1"}])
def test_a_container_that_does_not_start(cloud: Cloud, env: dict[str, str]) -> None:
    name = f"broken-{next(iter(env)).lower().replace('_', '-')}"
    cloud.create(name, cloud.service(revision=f"{name}-good"))
    probe = run_v2.Probe(
        timeout_seconds=20,
        period_seconds=20,
        failure_threshold=1,
        tcp_socket=run_v2.TCPSocketAction(port=8080),
    )
    broken = cloud.service(env=env, revision=f"{name}-bad", startup_probe=probe)
    broken.name = f"{PARENT}/services/{name}"
    with pytest.raises(exceptions.GoogleAPICallError) as caught:
        done(cloud.services.update_service(service=broken))
    assert caught.value.grpc_status_code is not None
    assert caught.value.grpc_status_code.name == "FAILED_PRECONDITION"
    assert (
        f"Revision '{name}-bad' is not ready and cannot serve traffic. The user-provided container "
        "failed to start and listen on the port defined provided by the PORT=8080 environment "
        "variable within the allocated timeout."
    ) in str(caught.value)
    service = cloud.services.get_service(name=broken.name)
    assert service.latest_ready_revision.endswith("-good")
    assert service.latest_created_revision.endswith("-bad")
    assert service.observed_generation == 1
    assert cloud.served_by(name) == [f"{name}-good"]
    revision = cloud.revisions.get_revision(name=service.latest_created_revision)
    assert revision.conditions[0].revision_reason == (
        run_v2.Condition.RevisionReason.HEALTH_CHECK_CONTAINER_ERROR
    )
    with pytest.raises(exceptions.GoogleAPICallError, match="is not ready and cannot serve"):
        cloud.split(name, target(f"{name}-bad", 100))


def test_deleting_what_serves_or_is_the_latest(cloud: Cloud) -> None:
    created = cloud.create("keep", cloud.service(revision="keep-one"))
    cloud.stage("keep", "keep-two", "candidate")
    with pytest.raises(exceptions.BadRequest, match="actively serving traffic"):
        cloud.revisions.delete_revision(name=f"{created.name}/revisions/keep-one")
    cloud.split("keep", target("keep-one", 100))
    with pytest.raises(exceptions.BadRequest, match="latest revision"):
        cloud.revisions.delete_revision(name=f"{created.name}/revisions/keep-two")
    cloud.split("keep", target("keep-two", 100))
    done(cloud.revisions.delete_revision(name=f"{created.name}/revisions/keep-one"))
    names = [one.name for one in cloud.revisions.list_revisions(parent=created.name)]
    assert names == [f"{created.name}/revisions/keep-two"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ({"max_instance_request_concurrency": 1001}, "expected 0 <= 1001 <= 1000"),
        ({"timeout": {"seconds": 3601}}, "expected 0s <= 3601s <= 3600s"),
    ],
)
def test_limits_of_a_template(cloud: Cloud, template: dict[str, Any], text: str) -> None:
    with pytest.raises(exceptions.BadRequest, match=text):
        cloud.create("limits", cloud.service(**template))


def test_an_image_that_does_not_exist(cloud: Cloud) -> None:
    service = cloud.service()
    service.template.containers[0].image = "local/ghost:v9"
    with pytest.raises(exceptions.NotFound, match="Image 'local/ghost:v9' not found"):
        cloud.create("imageless", service)


def test_what_is_not_emulated_says_so(cloud: Cloud) -> None:
    jobs = run_v2.JobsClient(**cloud._arguments())
    with pytest.raises(exceptions.MethodNotImplemented, match="not emulated"):
        list(jobs.list_jobs(parent=PARENT))
