from datetime import timedelta

from netra_ops.deploy.ledger.lock import STALE_AFTER
from netra_ops.tests.unit.deploy.ledger.makers import NOW, lock


def test_a_lock_is_stale_after_a_time_without_a_sign_of_life() -> None:
    held = lock("ana")

    assert not held.is_stale(NOW + STALE_AFTER)
    assert held.is_stale(NOW + STALE_AFTER + timedelta(seconds=1))


def test_its_description_names_who_since_when_and_why() -> None:
    assert lock("ana").describe(NOW + timedelta(seconds=90)) == "ana for 1 min 30 s: fix"
