"""Commands of rows: their output, their counts, their end."""

import asyncio
import sys
from pathlib import Path

import psutil

from netra_ops.tests.unit.validate.broken import write
from netra_ops.validate.evidence import Verdict
from netra_ops.validate.rows.processes import Counts, Ended, judge_tests, read_counts, run_command
from test_framework.waiting import eventually

JUNIT = """<testsuites><testsuite tests="5" failures="1" errors="1" skipped="2"/></testsuites>"""


async def test_the_output_has_both_streams_without_colours(tmp_path: Path) -> None:
    program = "import sys; print('\\033[31mred\\033[0m'); sys.stderr.write('err'); sys.exit(3)"
    ended = await run_command([sys.executable, "-c", program], tmp_path)
    assert ended.status == 3
    assert {"red", "err"} <= set(ended.tail.replace(" | ", " ").split())


async def test_a_cancelled_command_ends_with_its_children(tmp_path: Path) -> None:
    program = "import subprocess; subprocess.run(['sleep', '600'])"
    work = asyncio.create_task(run_command([sys.executable, "-c", program], tmp_path))

    def sleepers() -> list[psutil.Process]:
        family = psutil.Process().children(recursive=True)
        return [one for one in family if one.name() == "sleep"]

    async def runs() -> bool:
        return bool(sleepers())

    await eventually(runs, within=30)
    found = sleepers()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert work.cancelled()
    gone, alive = psutil.wait_procs(found, timeout=30)
    assert (len(gone), alive) == (1, [])


def test_counts_are_those_of_the_junit_file(tmp_path: Path) -> None:
    path = write(tmp_path, "junit.xml", JUNIT)
    assert read_counts(path) == Counts(tests=5, failed=2, skipped=2)
    assert read_counts(tmp_path / "absent.xml") == Counts(0, 0, 0)


def test_tests_that_did_not_run_failed_or_were_skipped_do_not_pass() -> None:
    good = Ended(0, "3 passed")
    assert judge_tests(good, Counts(3, 0, 0), at_least=3).verdict is Verdict.PASSED
    assert judge_tests(good, Counts(2, 0, 0), at_least=3).verdict is Verdict.FAILED
    assert judge_tests(good, Counts(3, 0, 1), at_least=3).verdict is Verdict.FAILED
    assert judge_tests(Ended(1, ""), Counts(3, 0, 0), at_least=3).verdict is Verdict.FAILED
