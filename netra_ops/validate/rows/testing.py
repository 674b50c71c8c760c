"""Section 5: services start, decorators, suites with their counts, CI, no bypass."""

import asyncio
import re
import sys
import tempfile
import tokenize
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import yaml

from netra_ops.validate.evidence import Evidence, Finding, Judged, judged
from netra_ops.validate.row import FULL_ONLY, Phase, Row
from netra_ops.validate.rows.processes import (
    Counts,
    Ended,
    ended_well,
    read_counts,
    run_command,
    run_tests,
)
from netra_ops.validate.target import Target
from test_framework.decorator_restore import RestoreRefused, python_files, restore_file
from test_framework.integrity.registry import RULES
from test_framework.integrity.scan import files_to_scan, scan

SHOWN = 3
TEST_FOLDERS = ("tests", "netra_backend/tests")
WORKFLOW = ".github/workflows/test.yml"
CI_COMMANDS = (
    "./netra check",
    "./netra test --real-services --category integration",
    "./netra test --real-services --category",
)
CI_CATEGORIES = frozenset({"unit", "mission_critical", "e2e"})
_PINNED = re.compile(r"@[0-9a-f]{40}$")
MANAGER = "test_framework.unified_docker_manager"
SERVICES = 3
RUNNER = "tests/unified_test_runner.py"
# The platform's own; those of the packages need longer than the ten minutes of the full suite.
INTEGRATION = "tests/integration"
INTEGRATION_TESTS = 18
WORKERS = "2"  # another row runs beside it
# For two busy cores; idle ones need about a third.
MISSION_CRITICAL_SECONDS = 420.0
INTEGRATION_SECONDS = 300.0


async def services_start(target: Target) -> Finding:
    """Start the test services, ask each a real query, and stop what was started here."""
    manager = [sys.executable, "-m", MANAGER]
    before = await run_command([*manager, "status"], target.root)
    ran_before = before.status == 0
    started = before if ran_before else await run_command([*manager, "start"], target.root)
    found = await run_command([*manager, "status"], target.root)
    evidence = [ended_well("the services start", started), judge_status(found)]
    if not ran_before:
        stopped = await run_command([*manager, "stop"], target.root)
        evidence.append(ended_well("what was started is stopped", stopped))
    return judged(evidence)


def judge_status(found: Ended) -> Evidence:
    """Judge the output of the manager's ``status``."""
    answering = [line for line in found.output.splitlines() if line.startswith("✓")]
    return Evidence(
        f"{SERVICES} services answer a real query",
        "; ".join(answering) or found.tail,
        found.status == 0 and len(answering) == SERVICES,
    )


async def decorators(target: Target) -> Finding:
    """Look for commented-out ``@require_docker_services()``."""
    return await asyncio.to_thread(judge_decorators, target.root)


def judge_decorators(root: Path) -> Judged:
    """Judge the test files below ``root``; nothing is written."""
    files = 0
    commented: list[str] = []
    for path in python_files([root / name for name in TEST_FOLDERS if (root / name).is_dir()]):
        name = path.relative_to(root)
        try:
            outcome = restore_file(path, write=False)
        except (OSError, SyntaxError, UnicodeDecodeError, tokenize.TokenError) as error:
            commented.append(f"{name}: unreadable: {error}")
            continue
        except RestoreRefused as error:
            commented.append(f"{name}: {error}")
            continue
        files += 1
        commented += [f"{name}:{item.first_line}" for item in outcome.decorators]
    seen = "; ".join(commented[:SHOWN]) or f"none in {files} files"
    return judged(
        [
            Evidence("test files were read", f"{files} files", files > 0),
            Evidence("no decorator of real services is commented out", seen, not commented),
        ]
    )


async def no_bypass(target: Target) -> Finding:
    """Apply the integrity rules to every test file.

    In a process of its own: parsing 500 files in a thread would delay what other rows measure.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, judge_integrity, target.root)


def judge_integrity(root: Path) -> Judged:
    """Judge the test files below ``root``."""
    files = sum(1 for _ in files_to_scan(root))
    findings = scan(root)
    shown = "; ".join(f"{one.path}:{one.line}: {one.rule}" for one in findings[:SHOWN])
    return judged(
        [
            Evidence("test files were read", f"{files} files, {len(RULES)} rules", files > 0),
            Evidence("no integrity rule finds a bypass", shown or "0 findings", not findings),
        ]
    )


async def ci(target: Target) -> Finding:
    """Compare the workflow with the commands of a laptop."""
    text = await asyncio.to_thread((target.root / WORKFLOW).read_text)
    return judge_workflow(text)


def judge_workflow(text: str) -> Judged:
    """Judge a workflow: its commands, categories, service containers and pinned actions."""
    jobs = yaml.safe_load(text)["jobs"]
    steps = [step for job in jobs.values() for step in job.get("steps", ())]
    commands = "\n".join(str(step.get("run", "")) for step in steps)
    actions = [str(step["uses"]) for step in steps if "uses" in step]
    loose = [action for action in actions if not _PINNED.search(action)]
    categories = {
        str(category)
        for job in jobs.values()
        for category in job.get("strategy", {}).get("matrix", {}).get("category", ())
    }
    services = sorted({name for job in jobs.values() for name in job.get("services", {})})
    missing = [command for command in CI_COMMANDS if command not in commands]
    return judged(
        [
            Evidence("CI runs the same commands", f"missing: {missing or 'none'}", not missing),
            Evidence(
                f"CI runs {', '.join(sorted(CI_CATEGORIES))}",
                ", ".join(sorted(categories)) or "none",
                categories >= CI_CATEGORIES,
            ),
            Evidence(
                "CI uses real services",
                ", ".join(services) or "none",
                {"postgres", "valkey"} <= {*services},
            ),
            Evidence(
                "every action is pinned to a commit",
                f"{len(actions)} actions; not pinned: {loose or 'none'}",
                bool(actions) and not loose,
            ),
        ]
    )


async def integration(target: Target) -> Finding:
    """Run the platform's integration tests on real services."""
    return await run_tests(
        [INTEGRATION, "--real-services", "-n", WORKERS], target.root, at_least=INTEGRATION_TESTS
    )


async def mission_critical(target: Target) -> Finding:
    """Run the mission-critical tests on real services; the runner knows how many there must be."""
    with tempfile.TemporaryDirectory(prefix="netra-validate-") as folder:
        argv = [sys.executable, RUNNER, "--real-services", "--category", "mission_critical"]
        argv += ["--workers", WORKERS, "--report", folder]
        ended = await run_command(argv, target.root)
        counts = read_counts(Path(folder) / "junit.xml")
    return judge_category(ended, counts)


def judge_category(ended: Ended, counts: Counts) -> Judged:
    """Judge one category: tests ran, and the runner, which knows the floors, accepts them."""
    return judged(
        [
            Evidence("mission-critical tests run", str(counts), counts.tests > 0),
            ended_well("the runner finds no reason against them", ended),
        ]
    )


ROWS = (
    Row(
        "tests.services-start",
        "The test services start and answer",
        services_start,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=180.0,
        command=f"python -m {MANAGER} start && python -m {MANAGER} status",
    ),
    Row(
        "tests.decorators",
        "No decorator of real services is commented out",
        decorators,
        phase=Phase.ANYTIME,
        command="python scripts/restore_test_decorators.py --check",
    ),
    Row(
        "tests.mission-critical",
        "The mission-critical tests pass on real services",
        mission_critical,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=MISSION_CRITICAL_SECONDS,
        command=f"python {RUNNER} --real-services --category mission_critical",
    ),
    Row(
        "tests.integration",
        "The integration tests pass on real services",
        integration,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=INTEGRATION_SECONDS,
        command=f"python -m pytest {INTEGRATION} -xvs --real-services",
    ),
    Row(
        "tests.ci", "CI runs the same commands", ci, phase=Phase.ANYTIME, command=f"cat {WORKFLOW}"
    ),
    Row(
        "tests.no-bypass",
        "No test bypasses real services",
        no_bypass,
        phase=Phase.ANYTIME,
        seconds=60.0,
        command="python -m test_framework.integrity",
    ),
)
