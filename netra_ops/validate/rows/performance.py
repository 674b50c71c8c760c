"""The performance suite: load, a reconnect storm, slow readers; each judged by thresholds."""

from collections.abc import Awaitable, Callable

from netra_ops.load.accounting import Figures
from netra_ops.load.verdict import Thresholds, judge
from netra_ops.measure.latencies import milliseconds
from netra_ops.validate.backend_counters import late_imports_of_backend
from netra_ops.validate.evidence import Evidence, Finding, Judged, judged
from netra_ops.validate.row import Phase, Row, Suite
from netra_ops.validate.rows.load import load_platform
from netra_ops.validate.target import Target

SECONDS = 20.0
ROW_SECONDS = 150.0
THRESHOLDS = Thresholds(success_rate=95.0)
PERFORMANCE_ONLY = frozenset({Suite.PERFORMANCE})


def scenario_row(scenario: str, title: str) -> Row:
    """Return a row that loads the platform with ten users of ``scenario``."""

    async def check(target: Target) -> Finding:
        figures = await load_platform(target, scenario, seconds=SECONDS)
        late: float | None = None
        if target.local is not None:
            late = await late_imports_of_backend(target.local.backend_port)
        return judge_load(figures, late)

    named: Callable[[Target], Awaitable[Finding]] = check
    return Row(
        f"performance.{scenario}",
        title,
        named,
        suites=PERFORMANCE_ONLY,
        phase=Phase.LOADED,
        seconds=ROW_SECONDS,
        command=f"python scripts/websocket_load_test.py --scenario {scenario} --concurrent 10"
        " --duration 60s --environment {environment}",
    )


def judge_load(figures: Figures, late_imports: float | None) -> Judged:
    """Judge a load: the accounting balances, enough succeeded, nothing was imported late."""
    verdict = judge(figures, THRESHOLDS, late_imports=late_imports)
    steps = [
        f"{name} p50 {_milliseconds(one.percentile(50))} p99 {_milliseconds(one.percentile(99))} ms"
        for name, one in sorted(figures.steps.items())
    ]
    return judged(
        [
            Evidence(
                f"{THRESHOLDS.success_rate:g} % succeed, the accounting balances, 0 late imports",
                "; ".join(verdict.reasons)
                or f"{figures.ok} of {figures.intended} operations; {', '.join(steps)}",
                verdict.passed,
            ),
            Evidence(
                "every user got a socket",
                f"{figures.opened} of {figures.users}",
                figures.opened == figures.users > 0,
            ),
        ]
    )


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else str(milliseconds(seconds))


ROWS = (
    scenario_row("chat", "Ten users chat; latencies from the intended start"),
    scenario_row("fan-out", "One thread reaches many readers"),
    scenario_row("reconnect-storm", "All users reconnect in the same moment"),
    scenario_row("slow-reader", "A slow reader costs no one else"),
)
