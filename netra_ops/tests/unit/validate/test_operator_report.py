"""What operators read of a validation."""

from netra_ops.tests.unit.validate.test_report import ABSENT, FAILED, PASSED, report
from netra_ops.validate.operator_report import for_operators


def test_operators_see_counts_and_what_did_not_pass() -> None:
    found = for_operators(report(PASSED, FAILED, ABSENT))
    assert found.counts == {"passed": 1, "failed": 1, "not possible here": 1}
    assert [row.id for row in found.rows] == ["tests.ci", "edge.plan"]
    assert found.rows[1].summary == "no terraform"
    assert not found.passed
