"""Each row of the section fails on a system that is broken on purpose."""

from pathlib import Path

import pytest

from netra_client.tests.unit.wire_server import Fault, running_server
from netra_ops.tests.unit.validate.broken import FAILING_TEST, Break, row_of, target, write
from netra_ops.validate.evidence import Finding, Judged, NotPossible, Verdict
from netra_ops.validate.row import Row
from netra_ops.validate.rows.processes import Counts, Ended, judge_tests
from netra_ops.validate.rows.registry import FLOW_TESTS, ROWS, SCOPE_TEST, worst_window
from netra_ops.validate.target import RunRecord


def row(name: str) -> Row:
    return row_of(ROWS, f"registry.{name}")


async def failing_scope_test(folder: Path) -> Finding:
    write(folder, SCOPE_TEST, FAILING_TEST)
    return await row("scope-test").check(target(root=folder))


async def one_flow_test_is_left(_folder: Path) -> Finding:
    """It passes, but the file lost the rest of its tests."""
    return judge_tests(Ended(0, "1 passed"), Counts(1, 0, 0), at_least=FLOW_TESTS)


async def unavailable(_folder: Path) -> Finding:
    async with running_server() as wire:
        wire.refusals.extend([(503, {}, b"unavailable")] * 20)
        return await row("connections").check(target(wire.url))


async def a_lost_event(_folder: Path) -> Finding:
    async with running_server() as wire:
        wire.faults.append(Fault(lose=frozenset({2})))
        return await row("whole-life").check(target(wire.url))


async def ten_bad_seconds(_folder: Path) -> Finding:
    probes = dict.fromkeys(range(60), (9, 0)) | {30: (1, 4), 31: (0, 5)}
    probes |= dict.fromkeys(range(32, 40), (0, 1))
    return await row("no-failure-spike").check(target(record=RunRecord(probes=probes)))


BREAKS: dict[str, Break] = {
    "registry.scope-test": failing_scope_test,
    "registry.connections": unavailable,
    "registry.whole-life": a_lost_event,
    "registry.flow-test": one_flow_test_is_left,
    "registry.no-failure-spike": ten_bad_seconds,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


def test_a_spike_is_found_where_the_rate_of_the_whole_run_is_good() -> None:
    probes = dict.fromkeys(range(100), (20, 0)) | dict.fromkeys(range(40, 50), (0, 4))
    assert worst_window(probes) == (100.0, 40)


def test_one_failure_is_no_spike() -> None:
    assert worst_window({5: (0, 1)}) == (0.0, 5)


async def test_without_connections_nothing_can_be_judged() -> None:
    assert isinstance(await row("no-failure-spike").check(target()), NotPossible)
