from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_ops.deploy.errors import DeployLocked, LockLost
from netra_ops.deploy.ledger.ledger import (
    KEPT_RELEASES,
    Ledger,
    acquire,
    record,
    release,
    renew,
    require,
)
from netra_ops.deploy.ledger.lock import STALE_AFTER
from netra_ops.tests.unit.deploy.ledger import makers
from netra_ops.tests.unit.deploy.ledger.makers import NOW, lock


def test_a_held_lock_refuses_the_next_deploy_and_names_its_holder() -> None:
    held = acquire(Ledger(), lock("ana"))

    with pytest.raises(DeployLocked, match="ana for 0 min 0 s: fix") as refused:
        acquire(held, lock("bo"))

    assert refused.value.fields == {"holder": "ana"}


def test_a_reason_breaks_a_lock_and_its_holder_finds_out() -> None:
    broken = acquire(acquire(Ledger(), lock("ana")), lock("bo"), break_reason="ana is off-line")

    assert broken.lock is not None
    assert broken.lock.who == "bo"
    with pytest.raises(LockLost, match="bo holds it"):
        renew(broken, "ana", NOW)


def test_a_stale_lock_breaks_by_itself_and_a_renewed_one_does_not() -> None:
    later = NOW + STALE_AFTER + timedelta(seconds=1)
    held = acquire(Ledger(), lock("ana"))

    assert acquire(held, lock("bo", later)).lock == lock("bo", later)
    with pytest.raises(DeployLocked):
        acquire(renew(held, "ana", later), lock("bo", later))


def test_only_the_holder_releases_its_lock() -> None:
    held = acquire(Ledger(), lock("ana"))

    assert release(held, "bo") == held
    assert release(held, "ana").lock is None
    assert require(held, "ana") == lock("ana")
    with pytest.raises(LockLost, match="no one"):
        require(Ledger(), "ana")


@given(st.integers(1, KEPT_RELEASES + 10))
def test_the_record_keeps_the_newest_releases(count: int) -> None:
    ledger = Ledger()
    for number in range(count):
        ledger = record(ledger, makers.release(f"r{number}"))

    assert len(ledger.releases) == min(count, KEPT_RELEASES)
    assert ledger.releases[-1].id == f"r{count - 1}"
    assert Ledger.model_validate_json(ledger.model_dump_json()) == ledger


def test_recording_twice_replaces() -> None:
    ledger = record(record(Ledger(), makers.release("r1")), makers.release("r1"))

    assert len(ledger.releases) == 1
