"""A deploy that is killed or interrupted ends where it started, or continues."""

import signal

import pytest

from netra_ops.deploy.ledger.release import Outcome
from netra_ops.deploy.ledger.rollout import Phase
from netra_ops.tests.integration.deploy.small_cloud import DEADLINE, SmallCloud
from test_framework.waiting import eventually

LATEST = {None: 100}
INTERRUPTED = 130
DEAD = ("--break-lock", "the machine is dead")


@pytest.mark.parametrize("step", ["stage", "shift 50", "confirm", "drain", "bake", "record"])
async def test_a_killed_deploy_is_undone_by_its_guardian(
    shared_cloud: SmallCloud, step: str
) -> None:
    first = shared_cloud.next_image

    with shared_cloud.deploying(shared_cloud.image(f"killed-{step.replace(' ', '-')}")) as deployer:
        deployer.wait_for(step)
        deployer.kill()
    # The guardian releases the lock last.
    await eventually(lambda: shared_cloud.ledger.lock is None, within=DEADLINE, what="lock free")

    rollout = shared_cloud.ledger.rollout
    assert rollout is not None
    assert (rollout.phase, rollout.note) == (Phase.ABORTED, "the deploy was killed")
    assert shared_cloud.build_at() == "v1"
    assert shared_cloud.traffic == LATEST
    assert shared_cloud.next_image == first
    assert Outcome.VERIFIED not in {one.outcome for one in shared_cloud.ledger.releases}


def test_an_interrupted_deploy_is_undone_and_can_be_resumed(cloud: SmallCloud) -> None:
    image = cloud.image("v2")
    with cloud.deploying(image) as deployer:
        deployer.wait_for("shift 100")
        assert deployer.end(signal.SIGINT) == INTERRUPTED
    assert cloud.build_at() == "v1"
    assert cloud.traffic == LATEST

    resumed = cloud.deploy(image, "--resume")

    assert resumed.returncode == 0, resumed.stderr
    assert cloud.build_at() == "v2"
    assert cloud.traffic == LATEST
    assert cloud.ledger.releases[-1].outcome is Outcome.VERIFIED
    nothing = cloud.deploy(image, "--resume")
    assert nothing.returncode == 1
    assert "no deploy was interrupted" in nothing.stderr


def test_machines_may_die_at_every_step_and_the_last_one_ends_the_deploy(cloud: SmallCloud) -> None:
    image = cloud.image("v2")
    given: tuple[str, ...] = ()
    for step in ("stage", "verify", "shift 100", "drain", "record"):
        with cloud.deploying(image, *given) as deployer:
            deployer.wait_for(step)
            deployer.kill(with_guardian=True)
        given = ("--resume", *DEAD)

    refused = cloud.deploy(image, *DEAD)
    assert refused.returncode == 1
    assert "netra rollback" in refused.stderr
    resumed = cloud.deploy(image, *given)

    assert resumed.returncode == 0, resumed.stderr
    assert cloud.build_at() == "v2"
    assert cloud.traffic == LATEST
    assert [one.outcome for one in cloud.ledger.releases] == [Outcome.ADOPTED, Outcome.VERIFIED]


def test_after_the_machine_died_a_rollback_ends_the_deploy(shared_cloud: SmallCloud) -> None:
    first = shared_cloud.next_image
    with shared_cloud.deploying(shared_cloud.image("dead")) as deployer:
        deployer.wait_for("bake")
        deployer.kill(with_guardian=True)

    ended = shared_cloud.run("rollback", *DEAD)

    assert ended.returncode == 0, ended.stderr
    assert shared_cloud.build_at() == "v1"
    assert shared_cloud.traffic == LATEST
    assert shared_cloud.next_image == first
