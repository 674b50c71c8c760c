"""A judgement needs an assertion."""

import pytest

from netra_ops.validate.evidence import Evidence, Judged, NothingAsserted, Verdict, judged

HOLDS = Evidence("a", "b", holds=True)
BROKEN = Evidence("a", "c", holds=False)


def test_without_an_assertion_there_is_no_judgement() -> None:
    with pytest.raises(TypeError):
        Judged()  # type: ignore[call-arg]
    with pytest.raises(NothingAsserted):
        judged([])


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ([HOLDS], Verdict.PASSED),
        ([HOLDS, BROKEN], Verdict.FAILED),
        ([BROKEN], Verdict.FAILED),
    ],
)
def test_every_assertion_must_hold(evidence: list[Evidence], verdict: Verdict) -> None:
    assert judged(evidence).verdict is verdict
