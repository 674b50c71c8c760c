"""Google's unmodified client against the emulator."""

import pytest
from google.api_core import exceptions
from google.cloud import run_v2

from netra_cloud.tests.integration.run.harness import PARENT, Cloud, done, target


def test_a_service_is_created_updated_and_deleted(cloud: Cloud) -> None:
    created = cloud.create("life")
    assert created.reconciling is False
    assert created.terminal_condition.state == run_v2.Condition.State.CONDITION_SUCCEEDED
    first = created.latest_ready_revision
    assert first == created.latest_created_revision

    update = cloud.service(env={"COLOUR": "green"})
    update.name, update.etag = created.name, created.etag
    updated = done(cloud.services.update_service(service=update))
    assert updated.latest_ready_revision != first
    assert updated.observed_generation == updated.generation == 2
    names = [one.name for one in cloud.revisions.list_revisions(parent=created.name)]
    assert names == [updated.latest_ready_revision, first]
    assert cloud.get("life").json()["environment"]["COLOUR"] == "green"

    done(cloud.services.delete_service(name=created.name))
    with pytest.raises(exceptions.NotFound):
        cloud.services.get_service(name=created.name)
    assert cloud.get("life").status_code == 404


def test_a_staged_revision_is_ready_without_being_the_latest_ready_one(cloud: Cloud) -> None:
    first = cloud.create("staged", cloud.service(revision="staged-one"))
    staged = cloud.stage("staged", "staged-two", "candidate")
    assert staged.latest_created_revision.endswith("/staged-two")
    assert staged.latest_ready_revision == first.latest_ready_revision
    revision = cloud.revisions.get_revision(name=staged.latest_created_revision)
    ready = next(one for one in revision.conditions if one.type_ == "Ready")
    assert ready.state == run_v2.Condition.State.CONDITION_SUCCEEDED

    assert set(cloud.served_by("staged", 5)) == {"staged-one"}
    assert cloud.served_by("candidate---staged") == ["staged-two"]
    shifted = cloud.split("staged", target("staged-two", 100))
    assert shifted.latest_ready_revision.endswith("/staged-two")
    assert set(cloud.served_by("staged", 5)) == {"staged-two"}
    names = [one.name for one in cloud.revisions.list_revisions(parent=first.name)]
    assert len(names) == 2, "a traffic change makes no revision"


def test_lists_are_paged(cloud: Cloud) -> None:
    for name in ("page-one", "page-two", "page-three"):
        cloud.create(name)
    request = run_v2.ListServicesRequest(parent=PARENT, page_size=2)
    pages = [len(page.services) for page in cloud.services.list_services(request).pages]
    assert sum(pages) >= 3
    assert pages[0] == 2


def test_validate_only_changes_nothing(cloud: Cloud) -> None:
    request = run_v2.CreateServiceRequest(
        parent=PARENT, service_id="ghost", service=cloud.service(), validate_only=True
    )
    cloud.services.create_service(request)
    with pytest.raises(exceptions.NotFound):
        cloud.services.get_service(name=f"{PARENT}/services/ghost")


def test_allow_missing_creates(cloud: Cloud) -> None:
    service = cloud.service()
    service.name = f"{PARENT}/services/upserted"
    request = run_v2.UpdateServiceRequest(service=service, allow_missing=True)
    made = done(cloud.services.update_service(request))
    assert made.generation == 1


def test_an_iam_policy_is_kept(cloud: Cloud) -> None:
    service = cloud.create("policy")
    policy = {"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}
    cloud.services.set_iam_policy({"resource": service.name, "policy": policy})
    found = cloud.services.get_iam_policy({"resource": service.name})
    assert found.bindings[0].members == ["allUsers"]
