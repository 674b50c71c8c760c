from netra_ops.frontend.check import judge
from netra_ops.frontend.steps import explain


def test_severe_advisories_fail_the_check_and_are_named() -> None:
    status, verdict = judge(
        {"vulnerabilities": {"a": {"severity": "high"}, "b": {"severity": "low"}}}
    )
    assert status == 1
    assert "a (high)" in verdict
    assert "b (" not in verdict


def test_lesser_advisories_do_not() -> None:
    assert judge({"vulnerabilities": {"b": {"severity": "moderate"}}})[0] == 0
    assert judge({"vulnerabilities": {}})[0] == 0


def test_a_registry_that_does_not_audit_is_reported_and_is_no_failure() -> None:
    status, verdict = judge({"message": "405 Method Not Allowed"})
    assert (status, verdict) == (
        0, "not possible here, the registry does not audit: 405 Method Not Allowed",
    )  # fmt: skip


def test_a_missing_network_is_named_as_such() -> None:
    failure = explain("npm ci", "ended with status 1", "npm error code EAI_AGAIN\n")
    assert failure.detail == "npm ci cannot reach the package registry"
    assert "network" in failure.remedy


def test_another_failure_names_its_first_error() -> None:
    words = "compiling\nType error: Cannot find name 'x'.\n  at page.tsx\n"
    failure = explain("npm run build", "ended with status 1", words)
    assert failure.detail.endswith("ended with status 1: Type error: Cannot find name 'x'.")
    assert failure.remedy == "read: netra logs frontend-build"
