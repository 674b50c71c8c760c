"""The services' own readiness document, as ``netra status`` reads it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from netra_ops.stack.readiness_report import read_report
from netra_shared.health.check import CheckResult
from netra_shared.health.health_json import Identity, detailed
from netra_shared.health.policy import store_policies
from netra_shared.health.snapshot import Circumstances, compose
from netra_shared.health.state import CheckState
from netra_shared.settings import Environment

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SILENT = CheckResult(
    passed=False,
    elapsed_seconds=6.5,
    attempts=2,
    output="no answer within 3 s",
    finished_at=100.0,
    time=NOON,
)


async def works() -> None:
    """Answer immediately."""


def report(state: CheckState) -> bytes:
    policy = store_policies(Environment.STAGING)["redis"]
    around = Circumstances(
        now=101.0, started_at=0.0, admitted=True, draining="", stale_after={"redis": 9.0}
    )
    snapshot = compose([policy.check("redis", works)], {"redis": state}, around)
    return json.dumps(detailed(snapshot, Identity("netra-backend", "", "i1"))).encode()


def test_a_failing_check_is_shown_with_its_budget_and_reason() -> None:
    state = CheckState(passing=False, last=SILENT, changed_at=60.0, changed_time=NOON)
    (check,) = read_report(report(state), NOON + timedelta(seconds=40))
    assert (check.name, check.status, check.critical) == ("redis", "warn", False)
    budget = (check.attempts_allowed, check.timeout_seconds, check.pause_seconds)
    assert (budget, check.worst_case_seconds) == ((2, 3.0, 0.5), 6.5)
    assert (check.last_run_ms, check.last_run_attempts) == (6500.0, 2)
    assert check.unchanged_seconds == 40.0
    assert check.output == "no answer within 3 s"


def test_a_check_without_a_result_yet() -> None:
    (check,) = read_report(report(CheckState()))
    assert (check.last_run_ms, check.unchanged_seconds) == (None, None)
    assert check.output == "stale, no result for 101.0 s"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"status":"pass"}', b'{"checks":{"a":[{}]}}']
)
def test_any_other_answer_shows_no_checks(body: bytes) -> None:
    assert read_report(body) == ()
