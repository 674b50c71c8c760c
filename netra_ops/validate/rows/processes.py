"""Rows that run a command of this checkout: tests, linters, Terraform."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from netra_ops.validate.evidence import Evidence, Judged, judged

OUTPUT_LINES = 8
# schemathesis costs 2 s of CPU as a plugin; a cache would be written into the checkout.
QUIET_PLUGINS = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
END_SECONDS = 45.0  # pytest stops whole platforms after SIGINT; killed earlier it would leave them
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended; ``output`` is both streams, without colours."""

    status: int
    output: str

    @property
    def tail(self) -> str:
        """The end of the output in one line."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return " | ".join(lines[-OUTPUT_LINES:])[-600:] or "no output"


async def run_command(argv: Sequence[str], root: Path) -> Ended:
    """Run a command to its end; when this is cancelled the command and its children end too.

    Args:
        argv: program and arguments.
        root: where it runs.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=root,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        await _end(process)
        raise
    return Ended(process.returncode or 0, _COLOURS.sub("", output.decode(errors="replace")))


async def _end(process: asyncio.subprocess.Process) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.communicate()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()


def ended_well(what: str, ended: Ended) -> Evidence:
    """Return the assertion that a command ended with status 0."""
    seen = f"exit status {ended.status}: {ended.tail}"
    return Evidence(what, seen, ended.status == 0)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a JUnit report says."""

    tests: int
    failed: int
    skipped: int

    def __str__(self) -> str:
        return f"{self.tests} tests, {self.failed} failed, {self.skipped} skipped"


def read_counts(junit: Path) -> Counts:
    """Return the counts of a JUnit file; zeros when there is none.

    Source of the format: https://docs.pytest.org/en/stable/how-to/output.html#junitxml
    """
    if not junit.exists():
        return Counts(0, 0, 0)
    suites = list(ET.parse(junit).getroot().iter("testsuite"))  # noqa: S314  our own pytest wrote it

    def total(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    return Counts(total("tests"), total("failures", "errors"), total("skipped"))


async def run_tests(paths: Sequence[str], root: Path, *, at_least: int) -> Judged:
    """Run test files and judge their counts: enough ran, none failed, none was skipped.

    Args:
        paths: of test files, relative to ``root``.
        root: the checkout.
        at_least: tests that must have run; a file that lost its tests is a failure.
    """
    with tempfile.TemporaryDirectory(prefix="netra-validate-") as folder:
        junit = Path(folder) / "junit.xml"
        argv = [sys.executable, "-m", "pytest", *paths, "-q", *QUIET_PLUGINS]
        ended = await run_command([*argv, f"--junitxml={junit}"], root)
        counts = read_counts(junit)
    return judge_tests(ended, counts, at_least=at_least)


def judge_tests(ended: Ended, counts: Counts, *, at_least: int) -> Judged:
    """Judge a run of tests."""
    return judged(
        [
            Evidence(f"at least {at_least} tests run", str(counts), counts.tests >= at_least),
            Evidence(
                "none fails and none is skipped", str(counts), not (counts.failed or counts.skipped)
            ),
            ended_well("pytest ends with status 0", ended),
        ]
    )
