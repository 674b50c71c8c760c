from netra_ops.deploy.verify.result import CheckResult, Judgement, judged


def test_a_failure_says_what_was_expected_and_what_was_seen() -> None:
    result = judged("readiness", False, expected="200", seen="503 fail")

    assert result.failed
    assert result.describe() == "readiness: expected 200, seen 503 fail"


def test_a_pass_says_what_was_seen() -> None:
    assert judged("readiness", True, expected="200", seen="200").describe() == "readiness: 200"


def test_what_is_not_possible_is_neither() -> None:
    result = CheckResult("late imports", Judgement.NOT_POSSIBLE, "0", "no operator")

    assert not result.failed
    assert result.describe() == "late imports: not possible here: no operator"
