"""Whole deploys of a small platform on the local Cloud Run."""

import json

import pytest

from netra_backend.app.operations.release_report import StepState
from netra_ops.deploy.ledger.ledger import Ledger
from netra_ops.deploy.ledger.lock import Lock
from netra_ops.deploy.ledger.release import Outcome
from netra_ops.deploy.pipeline.context import now
from netra_ops.tests.integration.deploy.small_cloud import SECRET, SmallCloud

LATEST = {None: 100}


def test_a_deploy_serves_the_new_build_and_is_on_record(cloud: SmallCloud) -> None:
    image = cloud.image("v2")
    before = cloud.target.cloud.require(cloud.service).body

    planned = cloud.deploy(image, "--dry-run", "--json")
    assert planned.returncode == 0, planned.stderr
    service = json.loads(planned.stdout)["services"][0]
    assert service["image_next"] == image
    pin = {"variable": "NETRA_MODEL_API_KEY", "secret": SECRET, "number": 1, "before": "latest"}
    assert service["pins"] == [pin]
    assert cloud.target.cloud.require(cloud.service).body == before

    done = cloud.deploy(image, "--reason", "a new build")
    assert done.returncode == 0, done.stderr
    assert cloud.build_at() == "v2"
    assert cloud.traffic == LATEST
    adopted, verified = cloud.ledger.releases
    assert (adopted.outcome, verified.outcome) == (Outcome.ADOPTED, Outcome.VERIFIED)
    assert verified.reason == "a new build"
    assert cloud.ledger.lock is None

    again = cloud.deploy(image)
    assert again.returncode == 0, again.stderr
    assert "nothing to deploy" in again.stdout
    assert cloud.ledger.releases == (adopted, verified)

    status = json.loads(cloud.run("release", "status", "--json").stdout)
    backend = next(one for one in status["services"] if one["role"] == "backend")
    serving = next(one for one in backend["revisions"] if one["percent"])
    assert (serving["percent"], serving["verified"], backend["pinned"]) == (100, True, False)
    history = json.loads(cloud.run("release", "history", "--json").stdout)
    assert [one["id"] for one in history] == [verified.id, adopted.id]
    changed = json.loads(cloud.run("release", "diff", verified.id, "--json").stdout)
    image_change, secret = changed["changes"]["backend"]
    assert (image_change["path"], image_change["after"]) == ("image", image)
    assert (secret["before"], secret["after"]) == ("latest", "1")

    cloud.local("PUT", f"secrets/{SECRET}", {"value": "second"})
    rotated = cloud.deploy(image, "--dry-run")
    assert f"~ secret {SECRET} in NETRA_MODEL_API_KEY: 1 -> version 2" in rotated.stdout
    cloud.local("POST", f"secrets/{SECRET}/versions/2:disable")
    unreadable = cloud.deploy(image)
    assert unreadable.returncode == 1
    assert f"version 2 of '{SECRET}' is the newest and DISABLED" in unreadable.stderr


def test_the_operations_page_follows_a_deploy_and_keeps_its_end(cloud: SmallCloud) -> None:
    done = cloud.deploy(cloud.image("v2"), "--reason", "a new build")
    assert done.returncode == 0, done.stderr

    rollouts = [one.rollout for one in cloud.reports if one.rollout]
    working = [one for one in rollouts if one.ended_at is None]
    assert any(step.name == "shift 50" for one in working for step in one.steps)
    last = cloud.reports[-1]
    assert last.rollout is not None
    assert last.rollout.ended_at is not None
    assert (last.rollout.command, last.rollout.reason, last.rollout.problem) == (
        "netra deploy", "a new build", "",
    )  # fmt: skip
    assert {step.state for step in last.rollout.steps} == {StepState.DONE}
    (serving,) = [one for one in last.services[0].revisions if one.percent]
    assert (serving.percent, serving.verified) == (100, True)
    assert [one.outcome for one in last.releases] == ["verified", "adopted"]

    refused = cloud.deploy(cloud.image("bad", "exit"))
    assert refused.returncode == 1
    last = cloud.reports[-1]
    assert last.rollout is not None
    assert "is not ready" in last.rollout.problem
    assert StepState.FAILED in {step.state for step in last.rollout.steps}

    earlier = last.releases[-1]
    adopted = next(one for one in cloud.ledger.releases if one.id == earlier.id)
    back = cloud.run(
        "rollback", "--revision", adopted.services[0].revision, "--force", "the new build is slow"
    )
    assert back.returncode == 0, back.stderr
    last = cloud.reports[-1]
    assert last.rollout is not None
    assert (last.rollout.command, last.rollout.problem) == ("netra rollback", "")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("exit", "the small service cannot start"),
        ("open", "handshake: expected both token forms accepted, a bad one refused"),
        ("canary", "error class never seen before: rpc_broken"),
    ],
)
def test_a_bad_build_is_refused_with_its_reason(
    shared_cloud: SmallCloud, fault: str, reason: str
) -> None:
    first = shared_cloud.next_image

    refused = shared_cloud.deploy(shared_cloud.image(f"bad-{fault}", fault))

    assert refused.returncode == 1
    assert reason in refused.stderr
    assert shared_cloud.build_at() == "v1"
    assert shared_cloud.traffic == LATEST
    assert shared_cloud.next_image == first
    assert shared_cloud.ledger.lock is None
    over = shared_cloud.ledger.rollout
    assert over is not None
    assert over.is_over
    assert Outcome.VERIFIED not in {one.outcome for one in shared_cloud.ledger.releases}


def test_a_lock_that_is_held_refuses_and_names_its_holder(shared_cloud: SmallCloud) -> None:
    lock = Lock(token="t", who="ana@laptop", why="fixes reconnects", since=now(), renewed=now())
    shared_cloud.target.ledger.update(lambda one: one.model_copy(update={"lock": lock}))
    image = shared_cloud.image("locked-out")
    revisions = shared_cloud.revisions

    refused = shared_cloud.deploy(image)

    assert refused.returncode == 1
    assert "ana@laptop" in refused.stderr
    assert "fixes reconnects" in refused.stderr
    assert "--break-lock REASON" in refused.stderr
    assert shared_cloud.revisions == revisions
    shared_cloud.target.ledger.update(lambda _: Ledger())
