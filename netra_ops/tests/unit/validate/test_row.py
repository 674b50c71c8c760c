"""A row as a value."""

from netra_ops.tests.unit.validate.broken import target
from netra_ops.tests.unit.validate.test_engine import passes
from netra_ops.validate.evidence import Evidence, Verdict
from netra_ops.validate.row import Row, RowResult

HOLDS = Evidence("a", "good", holds=True)
BROKEN = Evidence("b", "bad", holds=False)


def test_a_row_is_repeated_by_its_command_or_alone() -> None:
    place = target("http://localhost:8080")
    own = Row("edge.x", "x", passes, command="curl {url}/health # {environment}")
    assert own.repeat(place) == "curl http://localhost:8080/health # local"
    assert Row("edge.x", "x", passes).repeat(place) == (
        "netra validate --row edge.x --environment local"
    )
    assert own.section == "edge"


def test_the_summary_is_what_decided() -> None:
    def summary(verdict: Verdict, *evidence: Evidence, reason: str = "") -> str:
        return RowResult("a.b", "t", verdict, 1.0, "c", evidence, reason).summary()

    assert summary(Verdict.PASSED, HOLDS) == "good"
    assert summary(Verdict.FAILED, HOLDS, BROKEN) == "b: bad"
    assert summary(Verdict.NOT_POSSIBLE, reason="no terraform") == "no terraform"
