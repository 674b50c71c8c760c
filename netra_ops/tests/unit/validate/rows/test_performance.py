"""Each row of the section fails on a load that went wrong."""

from collections import Counter
from pathlib import Path

import pytest

from netra_ops.load.accounting import Figures
from netra_ops.tests.unit.validate.broken import Break
from netra_ops.validate.evidence import Finding, Judged, Verdict
from netra_ops.validate.rows.performance import ROWS, judge_load


def figures(ok: int = 100, *, intended: int = 100, opened: int = 10, refused: int = 0) -> Figures:
    errors = Counter({"run_failed": 100 - ok}) if ok < 100 else Counter[str]()
    return Figures(
        users=10,
        opened=opened,
        refused=refused,
        intended=intended,
        sent=100,
        ok=ok,
        errors=errors,
    )


async def too_many_failures(_folder: Path) -> Finding:
    return judge_load(figures(ok=90), 0.0)


async def lost_operations(_folder: Path) -> Finding:
    return judge_load(figures(intended=120), 0.0)


async def users_without_a_socket(_folder: Path) -> Finding:
    return judge_load(figures(opened=8, refused=2), 0.0)


async def a_late_import(_folder: Path) -> Finding:
    return judge_load(figures(), 1.0)


BREAKS: dict[str, Break] = {
    "performance.chat": too_many_failures,
    "performance.fan-out": lost_operations,
    "performance.reconnect-storm": users_without_a_socket,
    "performance.slow-reader": a_late_import,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


def test_a_good_load_passes() -> None:
    assert judge_load(figures(), 0.0).verdict is Verdict.PASSED
    assert {row.id for row in ROWS} == set(BREAKS)
