"""Section 6: no import after start-up, and errors handled while the process ends."""

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx

from netra_ops.check.static_imports import SERVICES, check_source
from netra_ops.services.loopback import LOOPBACK
from netra_ops.validate.backend_counters import late_imports_of_backend
from netra_ops.validate.evidence import Evidence, Finding, Judged, NotPossible, judged
from netra_ops.validate.row import FULL_ONLY, Phase, Row, Suite
from netra_ops.validate.rows.load import load_platform
from netra_ops.validate.rows.processes import run_command, run_tests
from netra_ops.validate.target import Target

SHOWN = 3
HTTP_SECONDS = 10.0
HANDLERS = "netra_backend/app/websocket_core"
# Undefined name, undefined export, redefinition of an unused name, import below the top.
HANDLER_RULES = "F821,F822,F811,PLC0415"
ENDING_TESTS = ("netra_backend/tests/unit/websocket_core/test_error_phases.py",)
ENDING_COUNT = 12  # tests in that file today
SOCKETS = "sockets"  # the start-up step after which connections are accepted


async def static_imports(target: Target) -> Finding:
    """Read every module of the services: imports are static and at the top."""
    return await asyncio.to_thread(judge_imports, target.root)


def judge_imports(root: Path) -> Judged:
    """Judge the services below ``root``."""
    files = [path for name in SERVICES for path in _sources(root / name)]
    found = [
        finding
        for path in files
        for finding in check_source(path.relative_to(root).as_posix(), path.read_text("utf-8"))
    ]
    seen = "; ".join(str(one) for one in found[:SHOWN]) or f"0 findings in {len(files)} modules"
    return judged(
        [
            Evidence("the services' modules were read", f"{len(files)} modules", bool(files)),
            Evidence("every import is static and at the top of its module", seen, not found),
        ]
    )


def _sources(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*.py") if "tests" not in path.parts)


async def preloader(target: Target) -> Finding:
    """Ask the running instance what it imported before its first socket."""
    base = target.address
    headers = {"Authorization": f"Bearer {await target.tokens.token()}"}
    if target.local is not None:
        base = f"http://{LOOPBACK}:{target.local.backend_port}"
    async with httpx.AsyncClient(base_url=base, timeout=HTTP_SECONDS) as http:
        answer = await http.get("/health/startup?verbose=1", headers=headers)
        document = answer.json()
    report = document.get("startup", document)
    if "preload" not in report and target.local is None:
        return NotPossible(
            "the start-up report is shown to operators: netra users grant EMAIL operator"
        )
    return judge_startup(report)


def judge_startup(report: dict[str, object]) -> Judged:
    """Judge a start-up report: preloading ran, and before the first socket."""
    preload = report.get("preload")
    modules = preload.get("modules", 0) if isinstance(preload, dict) else 0
    steps = report.get("steps")
    names = [str(step["name"]) for step in steps] if isinstance(steps, list) else []
    order = {"preload", SOCKETS} <= {*names} and names.index("preload") < names.index(SOCKETS)
    return judged(
        [
            Evidence("preloading imported the application", f"{modules} modules", bool(modules)),
            Evidence("it ran before the socket opened", ", ".join(names) or "no steps", order),
            Evidence(
                "nothing was imported since",
                f"{report.get('lateImports', 'no count')} late imports",
                report.get("lateImports") == 0,
            ),
        ]
    )


async def handlers(target: Target) -> Finding:
    """Check that every name in the socket handlers is bound statically."""
    return await judge_handlers(target.root / HANDLERS, target.root)


async def judge_handlers(folder: Path, root: Path) -> Judged:
    """Judge the modules below ``folder``."""
    files = await asyncio.to_thread(lambda: list(folder.rglob("*.py")))
    argv = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format"]
    ended = await run_command([*argv, "concise", "--select", HANDLER_RULES, str(folder)], root)
    return judged(
        [
            Evidence("the handlers were read", f"{len(files)} modules", bool(files)),
            Evidence("every name in them is defined statically", ended.tail, ended.status == 0),
        ]
    )


async def under_load(target: Target) -> Finding:
    """Load the platform; the backend's count of late imports must be 0 before and after."""
    if target.local is None:
        return NotPossible(
            "late imports are counted by the backend; alert on late_imports_total instead"
        )
    figures = await load_platform(target, "mixed", seconds=target.load_seconds)
    return judge_late(figures.ok, await late_imports_of_backend(target.local.backend_port))


def judge_late(operations: int, late: float | None) -> Judged:
    """Judge the count of late imports after a load of so many operations."""
    return judged(
        [
            Evidence("the load reached the platform", f"{operations} operations", operations > 0),
            Evidence("the backend counts late imports", str(late), late is not None),
            Evidence("no module is imported late", f"{late or 0:g} late imports", late == 0),
        ]
    )


async def ending(target: Target) -> Finding:
    """Run the tests of errors in every phase of a process's end."""
    return await run_tests(ENDING_TESTS, target.root, at_least=ENDING_COUNT)


ROWS = (
    Row(
        "imports.static",
        "No dynamic imports in the services",
        static_imports,
        phase=Phase.ANYTIME,
        command="python -m netra_ops.check.static_imports",
    ),
    Row(
        "imports.preloader",
        "The preloader is in the start-up path",
        preloader,
        command="curl -s '{url}/health/startup?verbose=1'",
    ),
    Row("imports.handlers", "Handlers use static references", handlers, phase=Phase.ANYTIME),
    Row(
        "imports.under-load",
        "No late import under load",
        under_load,
        suites=frozenset({Suite.QUICK, Suite.FULL, Suite.PERFORMANCE}),
        phase=Phase.LOADED,
        seconds=150.0,
        command="python scripts/websocket_load_test.py --concurrent 10 --duration 60s"
        " --environment {environment}",
    ),
    Row(
        "imports.ending",
        "Errors are handled while the process ends",
        ending,
        suites=FULL_ONLY,
        phase=Phase.HEAVY,
        seconds=150.0,
        command=f"python -m pytest {ENDING_TESTS[0]} -xvs",
    ),
)
