"""The drill on a local Cloud Run; rows/test_operations.py has one that moves nothing."""

from netra_ops.validate.evidence import Verdict
from netra_ops.validate.rollback_drill import roll_back_a_release
from netra_ops.validate.rows.operations import judge_rollback


def test_a_bad_release_is_rolled_back_and_the_next_one_serves() -> None:
    assert judge_rollback(roll_back_a_release()).verdict is Verdict.PASSED
