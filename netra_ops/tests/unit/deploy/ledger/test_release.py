from netra_ops.deploy.ledger.release import (
    Outcome,
    last_verified,
    marked,
    release_of_revision,
)
from netra_ops.tests.unit.deploy.ledger.makers import release


def test_the_last_verified_release_is_not_simply_the_one_before() -> None:
    releases = (
        release("r1"),
        release("r2"),
        release("r3", Outcome.ABORTED),
        release("r4", Outcome.ROLLED_BACK),
    )

    found = last_verified(releases)

    assert found is not None
    assert found.id == "r2"
    assert last_verified(releases, excluding="r2") == release("r1")
    assert last_verified(releases[2:]) is None


def test_a_release_is_found_by_its_revision() -> None:
    releases = (release("r1"), release("r2"))

    assert release_of_revision(releases, "netra-backend-r1") == releases[0]
    assert release_of_revision(releases, "netra-backend-r9") is None


def test_marking_changes_one_release_alone() -> None:
    before = (release("r1"), release("r2"))

    after = marked(before, "r2", Outcome.ROLLED_BACK, "500 s")

    assert after[0] == before[0]
    assert (after[1].outcome, after[1].note) == (Outcome.ROLLED_BACK, "500 s")


def test_a_service_is_found_by_its_role() -> None:
    assert release("r1").service("backend") is not None
    assert release("r1").service("auth") is None
