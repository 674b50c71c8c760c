"""Each row of the section fails on a system that is broken on purpose."""

import json
from pathlib import Path

import pytest

from netra_ops.tests.unit.validate.broken import (
    Break,
    answering,
    row_of,
    target,
    write,
)
from netra_ops.validate.backend_counters import late_imports_of_backend
from netra_ops.validate.evidence import Finding, Judged, NotPossible, Verdict
from netra_ops.validate.row import Row
from netra_ops.validate.rows.imports import ENDING_COUNT, HANDLERS, ROWS, judge_late, judge_startup
from netra_ops.validate.rows.processes import Counts, Ended, judge_tests
from netra_ops.validate.target import LocalStack

LATE = '# TYPE late_imports_total counter\nlate_imports_total{module="json"} 3.0\n'


def row(name: str) -> Row:
    return row_of(ROWS, f"imports.{name}")


async def an_import_in_a_function(folder: Path) -> Finding:
    write(
        folder, "netra_backend/app.py", "def close() -> None:\n    import time\n    time.time()\n"
    )
    return await row("static").check(target(root=folder))


async def preloading_after_the_socket(_folder: Path) -> Finding:
    steps = [{"name": "sockets"}, {"name": "preload"}]
    report = {"steps": steps, "preload": {"modules": 900}, "lateImports": 0}
    async with answering(json.dumps({"startup": report})) as port:
        local = LocalStack(_folder, port)
        return await row("preloader").check(target(local=local))


async def an_undefined_name(folder: Path) -> Finding:
    """The defect of the incident: the handler uses a name that no import binds."""
    write(folder, f"{HANDLERS}/close.py", "def close() -> float:\n    return time.time()\n")
    return await row("handlers").check(target(root=folder))


async def late_imports(_folder: Path) -> Finding:
    async with answering(LATE, kind="text/plain") as port:
        return judge_late(40, await late_imports_of_backend(port))


async def a_failing_end(_folder: Path) -> Finding:
    counts = Counts(ENDING_COUNT, failed=1, skipped=0)
    return judge_tests(Ended(1, "1 failed"), counts, at_least=ENDING_COUNT)


BREAKS: dict[str, Break] = {
    "imports.static": an_import_in_a_function,
    "imports.preloader": preloading_after_the_socket,
    "imports.handlers": an_undefined_name,
    "imports.under-load": late_imports,
    "imports.ending": a_failing_end,
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_broken_system_fails_the_row(name: str, tmp_path: Path) -> None:
    finding = await BREAKS[name](tmp_path)
    assert isinstance(finding, Judged)
    assert finding.verdict is Verdict.FAILED


def test_a_start_without_preloading_or_with_late_imports_fails() -> None:
    steps = [{"name": "preload"}, {"name": "sockets"}]
    good: dict[str, object] = {"steps": steps, "preload": {"modules": 900}, "lateImports": 0}
    assert judge_startup(good).verdict is Verdict.PASSED
    assert judge_startup({**good, "lateImports": 1}).verdict is Verdict.FAILED
    assert judge_startup({**good, "preload": None}).verdict is Verdict.FAILED
    assert judge_startup({}).verdict is Verdict.FAILED


def test_a_load_that_reached_nothing_says_nothing_about_imports() -> None:
    assert judge_late(0, 0.0).verdict is Verdict.FAILED
    assert judge_late(10, None).verdict is Verdict.FAILED


async def test_elsewhere_late_imports_are_alerted_on_instead() -> None:
    assert isinstance(await row("under-load").check(target()), NotPossible)
