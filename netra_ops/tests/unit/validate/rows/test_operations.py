"""Each row of the section fails on a system that is broken on purpose."""

import asyncio
from pathlib import Path

import pytest

from netra_ops.tests.unit.validate.broken import Break, row_of, target, write
from netra_ops.validate.evidence import Finding, Judged, Verdict
from netra_ops.validate.rollback_drill import roll_back_a_release
from netra_ops.validate.rows.operations import DEVIATIONS, ROWS, RUNBOOK, judge_rollback


async def a_rollback_that_moves_nothing(_folder: Path) -> Finding:
    def nothing(_cloud: object, _revision: str) -> None:
        """Report success and change no traffic, as a pinned deploy does."""

    found = await asyncio.to_thread(roll_back_a_release, nothing, serve_seconds=0.5)
    assert found.served_after == found.bad
    return judge_rollback(found)


async def an_unreachable_platform(_folder: Path) -> Finding:
    return await row_of(ROWS, "operations.health-watch").check(target())


async def an_alert_that_cannot_be_resolved(_folder: Path) -> Finding:
    """Sockets keep failing, so the alert must not be resolved."""
    return await row_of(ROWS, "operations.alert-drill").check(target())


async def a_deviation_without_a_rule(folder: Path) -> Finding:
    write(folder, DEVIATIONS, "| a | b | c | `no-such-rule` |\n")
    write(folder, RUNBOOK, "[Absent](absent.md)\n")
    return await row_of(ROWS, "operations.deviations").check(target(root=folder))


BREAKS: dict[str, Break] = {
    "operations.rollback-drill": a_rollback_that_moves_nothing,
    "operations.health-watch": an_unreachable_platform,
    "operations.alert-drill": an_alert_that_cannot_be_resolved,
    "operations.deviations": a_deviation_without_a_rule,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


async def test_the_documents_of_this_checkout_pass() -> None:
    finding = await row_of(ROWS, "operations.deviations").check(target())
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.PASSED
